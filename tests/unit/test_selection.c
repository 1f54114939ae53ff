/* Selections against a plain array of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <string.h>

#define SPACE 300u

static struct ct__selection *make(uint64_t walks, const char *only, uint64_t sample, uint64_t seed, uint64_t shard,
                                  uint64_t shards)
{
    struct ct__selection *selection = NULL;
    struct ct_error error = { 0 };
    if (ct__selection_new(walks, only, sample, seed, shard, shards, &selection, &error) != CT_OK)
        fail_msg("%s", error.text);
    return selection;
}

/* Reads a selection over [0, walks) into flags by ct__selection_next, and checks that runs are as long as can be. */
static uint64_t flags_of(const struct ct__selection *selection, uint64_t walks, bool *flags)
{
    uint64_t first, end, from = 0, last_end = UINT64_MAX, count = 0;
    memset(flags, 0, walks);
    while (ct__selection_next(selection, from, walks, &first, &end)) {
        assert_true(first >= from && first < end && end <= walks && first != last_end);
        for (uint64_t id = first; id < end; id++) flags[id] = true;
        count += end - first;
        from = last_end = end;
    }
    assert_int_equal(count, ct__selection_count(selection));
    return count;
}

static void check_counts(const struct ct__selection *selection, const bool *flags)
{
    for (uint64_t first = 0; first <= SPACE; first += 7) {
        uint64_t count = 0;
        for (uint64_t end = first; end <= SPACE; end++) {
            uint64_t run_first = 0, run_end = 0;
            bool found = ct__selection_next(selection, first, end, &run_first, &run_end);
            assert_int_equal(ct__selection_count_in(selection, first, end), count);
            assert_int_equal(found, count > 0);
            if (found) assert_true(flags[run_first] && run_first >= first && run_end <= end);
            if (end < SPACE) count += flags[end];
        }
    }
}

static void the_whole_space_is_one_run(void **state)
{
    struct ct__selection *all = make(CT__WALKS_MAX, NULL, 0, 1, 0, 0);
    uint64_t first = 0, end = 0;
    (void)state;
    assert_int_equal(ct__selection_count(all), CT__WALKS_MAX);
    assert_true(ct__selection_next(all, 5, CT__WALKS_MAX, &first, &end));
    assert_int_equal(first, 5);
    assert_int_equal(end, CT__WALKS_MAX);
    assert_false(ct__selection_next(all, 5, 5, &first, &end));
    ct__selection_free(all);
    ct__selection_free(NULL);
}

static void only_takes_numbers_and_ranges_in_any_order(void **state)
{
    struct ct__selection *selection = make(SPACE, " 7 - 9, 3,8-12 ,299,3,13", 0, 1, 0, 0);
    bool flags[SPACE];
    (void)state;
    assert_int_equal(flags_of(selection, SPACE, flags), 9);
    for (uint64_t id = 0; id < SPACE; id++) assert_int_equal(flags[id], id == 3 || (id >= 7 && id <= 13) || id == 299);
    check_counts(selection, flags);
    ct__selection_free(selection);
}

static void text_that_is_no_list_of_ids_is_refused(void **state)
{
    static const char *const texts[] = { "",
                                         ",",
                                         "3,",
                                         "x",
                                         "3-",
                                         "-3",
                                         "3 4",
                                         "3;4",
                                         "9-7",
                                         "300",
                                         "1-300",
                                         "99999999999999999999999",
                                         "1.5",
                                         "0x10",
                                         "+3",
                                         "3,,4",
                                         "18446744073709551616",
                                         "1-18446744073709551617" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(texts); i++) {
        struct ct__selection *selection = NULL;
        struct ct_error error = { 0 };
        assert_int_equal(ct__selection_new(SPACE, texts[i], 0, 1, 0, 0, &selection, &error), CT_EINVAL);
        assert_null(selection);
        assert_true(error.text[0] != '\0');
    }
}

static void an_id_that_is_none_is_answered_with_the_largest(void **state)
{
    struct ct__selection *selection = NULL;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__selection_new(SPACE, "1,300", 0, 1, 0, 0, &selection, &error), CT_EINVAL);
    assert_string_equal(error.text, "there is no walk 300; the largest id is 299");
}

static void a_sample_has_its_size_lies_in_only_and_repeats_by_seed(void **state)
{
    (void)state;
    for (uint64_t sample = 1; sample <= 170; sample += 13) {
        struct ct__selection *selection = make(SPACE, "10-99,150-219,250", sample, sample, 0, 0);
        struct ct__selection *again = make(SPACE, "10-99,150-219,250", sample, sample, 0, 0);
        bool flags[SPACE], same[SPACE];
        uint64_t expected = sample < 161 ? sample : 161;
        assert_int_equal(flags_of(selection, SPACE, flags), expected);
        (void)flags_of(again, SPACE, same);
        assert_memory_equal(flags, same, sizeof flags);
        for (uint64_t id = 0; id < SPACE; id++)
            assert_true(!flags[id] || (id >= 10 && id <= 99) || (id >= 150 && id <= 219) || id == 250);
        check_counts(selection, flags);
        ct__selection_free(selection);
        ct__selection_free(again);
    }
}

static void a_sample_is_the_same_on_every_machine(void **state)
{
    struct ct__selection *selection = make(UINT64_C(1000000000000), NULL, 3, 1, 0, 0);
    uint64_t first[3], end[3], from = 0;
    (void)state;
    for (size_t i = 0; i < 3; i++, from = end[i - 1])
        assert_true(ct__selection_next(selection, from, UINT64_C(1000000000000), &first[i], &end[i]));
    /* splitmix64 of seed 1, modulo 10^12, by an independent calculation */
    assert_int_equal(first[0], UINT64_C(211066428519));
    assert_int_equal(first[1], UINT64_C(290282890590));
    assert_int_equal(first[2], UINT64_C(379200822465));
    ct__selection_free(selection);
}

static void samples_take_every_id_about_equally_often(void **state)
{
    unsigned seen[10] = { 0 };
    (void)state;
    for (uint64_t seed = 1; seed <= 2000; seed++) {
        struct ct__selection *selection = make(10, NULL, seed % 2 == 0 ? 3 : 7, seed, 0, 0);
        bool flags[10];
        (void)flags_of(selection, 10, flags);
        for (size_t id = 0; id < 10; id++) seen[id] += flags[id];
        ct__selection_free(selection);
    }
    for (size_t id = 0; id < 10; id++) assert_in_range(seen[id], 900, 1100);
}

static void a_sample_of_the_largest_space_works_and_a_huge_one_is_refused(void **state)
{
    struct ct__selection *selection = make(CT__WALKS_MAX, NULL, 1000, 3, 0, 0), *none = NULL;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__selection_count(selection), 1000);
    ct__selection_free(selection);
    selection = make(CT__WALKS_MAX, NULL, CT__WALKS_MAX - 5, 3, 0, 0);
    assert_int_equal(ct__selection_count(selection), CT__WALKS_MAX - 5);
    ct__selection_free(selection);
    assert_int_equal(ct__selection_new(CT__WALKS_MAX, NULL, CT__WALKS_MAX / 2, 3, 0, 0, &none, &error), CT_ETOOBIG);
    assert_null(none);
}

static void shards_are_contiguous_disjoint_equal_and_all(void **state)
{
    (void)state;
    for (uint64_t shards = 1; shards <= 40; shards += 3) {
        unsigned seen[SPACE] = { 0 };
        uint64_t highest = 0;
        for (uint64_t shard = 1; shard <= shards; shard++) {
            struct ct__selection *selection = make(SPACE, "0-20,40-49,100-107", 20, 9, shard, shards);
            bool flags[SPACE];
            uint64_t count = flags_of(selection, SPACE, flags);
            assert_in_range(count, 20 / shards, 20 / shards + 1);
            for (uint64_t id = 0; id < SPACE; id++) {
                seen[id] += flags[id];
                assert_true(!flags[id] || id >= highest);
                if (flags[id]) highest = id;
            }
            check_counts(selection, flags);
            ct__selection_free(selection);
        }
        for (uint64_t id = 0; id < SPACE; id++) assert_in_range(seen[id], 0, 1);
    }
}

static void shards_out_of_range_are_refused(void **state)
{
    static const uint64_t wrong[][2] = { { 0, 3 }, { 4, 3 }, { 1, 0 } };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(wrong); i++) {
        struct ct__selection *selection = NULL;
        assert_int_equal(ct__selection_new(SPACE, NULL, 0, 1, wrong[i][0], wrong[i][1], &selection, NULL), CT_EINVAL);
    }
}

static void shards_of_the_largest_space_do_not_overflow(void **state)
{
    struct ct__selection *selection = make(CT__WALKS_MAX, NULL, 0, 1, 1000, 1000);
    uint64_t first = 0, end = 0;
    (void)state;
    assert_true(ct__selection_next(selection, 0, CT__WALKS_MAX, &first, &end));
    assert_int_equal(end, CT__WALKS_MAX);
    assert_in_range(ct__selection_count(selection), CT__WALKS_MAX / 1000, CT__WALKS_MAX / 1000 + 1);
    ct__selection_free(selection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_space_is_one_run),
        cmocka_unit_test(only_takes_numbers_and_ranges_in_any_order),
        cmocka_unit_test(text_that_is_no_list_of_ids_is_refused),
        cmocka_unit_test(an_id_that_is_none_is_answered_with_the_largest),
        cmocka_unit_test(a_sample_has_its_size_lies_in_only_and_repeats_by_seed),
        cmocka_unit_test(a_sample_is_the_same_on_every_machine),
        cmocka_unit_test(samples_take_every_id_about_equally_often),
        cmocka_unit_test(a_sample_of_the_largest_space_works_and_a_huge_one_is_refused),
        cmocka_unit_test(shards_are_contiguous_disjoint_equal_and_all),
        cmocka_unit_test(shards_out_of_range_are_refused),
        cmocka_unit_test(shards_of_the_largest_space_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
