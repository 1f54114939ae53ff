/* Sets of ids as ranges, against a plain array of flags. */
#include "service/ranges.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { SPACE = 96 };

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Sorted, apart by at least one id, none empty, counted right, and the same ids as the flags. base shifts them. */
static void assert_same(const struct ct__ranges *ranges, const bool *flags, uint64_t base)
{
    uint64_t count = 0, first_free = 0;
    for (size_t i = 0; i < ranges->size; i++) {
        assert_true(ranges->at[i].first < ranges->at[i].end);
        if (i > 0) assert_true(ranges->at[i].first > first_free);
        first_free = ranges->at[i].end;
        count += ranges->at[i].end - ranges->at[i].first;
    }
    assert_int_equal(count, ranges->count);
    for (uint64_t i = 0; i < SPACE; i++) {
        assert_int_equal(ct__ranges_contain(ranges, base + i), flags[i]);
        count -= flags[i];
    }
    assert_int_equal(count, 0);
}

static uint64_t count_in(const bool *flags, uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    for (uint64_t i = first; i < end; i++) count += flags[i];
    return count;
}

static void mark(bool *flags, uint64_t first, uint64_t end, bool value)
{
    for (uint64_t i = first; i < end; i++) flags[i] = value;
}

static void take(struct ct__ranges *ranges, bool *flags, uint64_t base, uint64_t count)
{
    struct ct__range taken = { 0, 0 };
    uint64_t lowest = 0, end;
    while (lowest < SPACE && !flags[lowest]) lowest++;
    bool some = ct__ranges_take(ranges, count, &taken);
    assert_int_equal(some, lowest < SPACE && count > 0);
    if (!some) return;
    for (end = lowest; end < SPACE && flags[end] && end - lowest < count;) end++;
    assert_int_equal(taken.first, base + lowest);
    assert_int_equal(taken.end, base + end);
    mark(flags, lowest, end, false);
}

static void operate(struct ct__ranges *ranges, bool *flags, uint64_t base, uint64_t *seed)
{
    uint64_t first = draw(seed) % SPACE, end = first + draw(seed) % (draw(seed) % 4 ? 6 : SPACE - first + 1);
    if (end > SPACE) end = SPACE;
    switch (draw(seed) % 4) {
    case 0: take(ranges, flags, base, draw(seed) % 8); break;
    case 1:
        assert_int_equal(ct__ranges_remove(ranges, base + first, base + end), count_in(flags, first, end));
        mark(flags, first, end, false);
        break;
    default: assert_true(ct__ranges_add(ranges, base + first, base + end)); mark(flags, first, end, true);
    }
    assert_same(ranges, flags, base);
}

static void agree_from(uint64_t base)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct ct__ranges ranges = { 0 };
        bool flags[SPACE] = { false };
        uint64_t draws = seed;
        for (int i = 0; i < 300; i++) operate(&ranges, flags, base, &draws);
        ct__ranges_clear(&ranges);
        memset(flags, 0, sizeof flags);
        assert_same(&ranges, flags, base);
    }
}

static void random_operations_agree_with_an_array_of_flags(void **state)
{
    (void)state;
    agree_from(0);
}

static void the_largest_ids_are_kept_apart_too(void **state)
{
    (void)state;
    agree_from((uint64_t)INT64_MAX - SPACE);
}

static void an_empty_set_gives_nothing(void **state)
{
    (void)state;
    struct ct__ranges ranges = { 0 };
    struct ct__range taken = { 5, 6 };
    assert_false(ct__ranges_take(&ranges, 1, &taken));
    assert_int_equal(taken.first, 5);
    assert_int_equal(ct__ranges_remove(&ranges, 0, UINT64_MAX), 0);
    assert_false(ct__ranges_contain(&ranges, 0));
    assert_true(ct__ranges_add(&ranges, 9, 9));
    assert_true(ct__ranges_add(&ranges, 9, 3));
    assert_int_equal(ranges.size, 0);
    ct__ranges_clear(&ranges);
}

static void a_range_of_the_whole_space_costs_one_entry(void **state)
{
    (void)state;
    struct ct__ranges ranges = { 0 };
    struct ct__range taken;
    assert_true(ct__ranges_add(&ranges, 0, (uint64_t)INT64_MAX));
    assert_int_equal(ranges.size, 1);
    assert_true(ct__ranges_take(&ranges, (uint64_t)INT64_MAX - 1, &taken));
    assert_int_equal(ranges.count, 1);
    assert_true(ct__ranges_contain(&ranges, (uint64_t)INT64_MAX - 1));
    assert_true(ct__ranges_take(&ranges, UINT64_MAX, &taken));
    assert_int_equal(taken.first, (uint64_t)INT64_MAX - 1);
    assert_int_equal(ranges.size, 0);
    ct__ranges_clear(&ranges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_agree_with_an_array_of_flags),
        cmocka_unit_test(the_largest_ids_are_kept_apart_too),
        cmocka_unit_test(an_empty_set_gives_nothing),
        cmocka_unit_test(a_range_of_the_whole_space_costs_one_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
