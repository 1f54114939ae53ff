/* Bytes in and out: what was put is got, and what was never put harms nobody. */
#include "service/wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

enum { PUTS = 200, TEXT_MAX = 40 };
/* One put of the model. */
struct put {
    unsigned kind;
    uint64_t value;
    bool absent;
    char text[TEXT_MAX + 1];
};

static struct put draw_put(uint64_t *seed)
{
    struct put put = { .kind = (unsigned)(draw(seed) % 4), .value = draw(seed), .absent = draw(seed) % 4 == 0 };
    size_t size = draw(seed) % (TEXT_MAX + 1);
    for (size_t i = 0; i < size; i++) put.text[i] = (char)(1 + draw(seed) % 255);
    return put;
}

static void put_it(struct ct__bytes *bytes, const struct put *put)
{
    switch (put->kind) {
    case 0: ct__put_u8(bytes, (uint8_t)put->value); break;
    case 1: ct__put_u32(bytes, (uint32_t)put->value); break;
    case 2: ct__put_u64(bytes, put->value); break;
    default: ct__put_text(bytes, put->absent ? NULL : put->text);
    }
}

static void get_it(struct ct__cursor *cursor, const struct put *put)
{
    switch (put->kind) {
    case 0: assert_int_equal(ct__get_u8(cursor), (uint8_t)put->value); return;
    case 1: assert_int_equal(ct__get_u32(cursor), (uint32_t)put->value); return;
    case 2: assert_int_equal(ct__get_u64(cursor), put->value); return;
    default: break;
    }
    const char *text = ct__get_text(cursor);
    if (put->absent)
        assert_null(text);
    else
        assert_string_equal(text, put->text);
}

static void what_was_put_is_got_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct put puts[PUTS];
        uint64_t draws = seed;
        struct ct__bytes bytes = { 0 };
        for (size_t i = 0; i < PUTS; i++) {
            puts[i] = draw_put(&draws);
            put_it(&bytes, &puts[i]);
        }
        assert_false(bytes.failed);
        struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
        for (size_t i = 0; i < PUTS; i++) get_it(&cursor, &puts[i]);
        assert_false(cursor.bad);
        assert_ptr_equal(cursor.at, cursor.end);
        ct__bytes_free(&bytes);
    }
}

static void numbers_are_little_endian_on_every_machine(void **state)
{
    static const unsigned char want[] = { 0xfe, 4, 3, 2, 1, 8, 7, 6, 5, 4, 3, 2, 1, 1, 0, 0, 0, 'x', 0 };
    (void)state;
    struct ct__bytes bytes = { 0 };
    ct__put_u8(&bytes, 0xfe);
    ct__put_u32(&bytes, 0x01020304u);
    ct__put_u64(&bytes, 0x0102030405060708u);
    ct__put_text(&bytes, "x");
    assert_int_equal(bytes.size, sizeof want);
    assert_memory_equal(bytes.data, want, sizeof want);
    ct__set_u32(&bytes, 1, 0x0a0b0c0du);
    assert_int_equal(bytes.data[1], 0x0d);
    assert_int_equal(bytes.data[4], 0x0a);
    assert_int_equal(bytes.data[5], 8);
    ct__bytes_free(&bytes);
}

/* A copy on the heap of exactly the size, so that a sanitizer sees each byte too many. */
static unsigned char *exactly(const void *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

static void a_cursor_cut_short_goes_bad_and_stays_so(void **state)
{
    (void)state;
    struct ct__bytes bytes = { 0 };
    ct__put_u32(&bytes, 7);
    ct__put_text(&bytes, "four");
    ct__put_u64(&bytes, 9);
    for (size_t size = 0; size < bytes.size; size++) {
        unsigned char *cut = exactly(bytes.data, size);
        struct ct__cursor cursor = ct__cursor(cut, size);
        ct__get_u32(&cursor);
        ct__get_text(&cursor);
        ct__get_u64(&cursor);
        assert_true(cursor.bad);
        assert_int_equal(ct__get_u8(&cursor), 0);
        assert_null(ct__get_text(&cursor));
        assert_null(ct__get_bytes(&cursor, 0));
        free(cut);
    }
    ct__bytes_free(&bytes);
}

static void a_text_that_is_none_is_refused(void **state)
{
    static const struct {
        unsigned char bytes[8];
        size_t size;
    } wrong[] = {
        { { 1, 0, 0, 0, 'a', 'b' }, 6 },           /* not ended */
        { { 2, 0, 0, 0, 'a', 0, 0 }, 7 },          /* ended too early */
        { { 0xfe, 0xff, 0xff, 0xff, 'a', 0 }, 6 }, /* longer than what there is */
        { { 2, 0, 0, 0, 'a', 'b' }, 6 },           /* its end is missing */
        { { 1, 0, 0 }, 3 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        unsigned char *copy = exactly(wrong[i].bytes, wrong[i].size);
        struct ct__cursor cursor = ct__cursor(copy, wrong[i].size);
        assert_null(ct__get_text(&cursor));
        assert_true(cursor.bad);
        free(copy);
    }
}

static void random_bytes_are_read_within_their_bounds(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 20000; round++) {
        unsigned char bytes[64];
        size_t size = draw(&seed) % sizeof bytes;
        for (size_t i = 0; i < size; i++) bytes[i] = draw(&seed) % 3 ? (unsigned char)(draw(&seed) % 8) : 0xff;
        unsigned char *copy = exactly(bytes, size);
        struct ct__cursor cursor = ct__cursor(copy, size);
        for (int i = 0; i < 20; i++) {
            const char *text = ct__get_text(&cursor);
            if (text) assert_true(strlen(text) < size);
            ct__get_u8(&cursor);
        }
        assert_true(cursor.at >= copy && cursor.at <= copy + size);
        assert_true(cursor.bad);
        free(copy);
    }
}

static void the_first_bytes_can_be_dropped(void **state)
{
    (void)state;
    struct ct__bytes bytes = { 0 };
    ct__bytes_drop(&bytes, 0);
    ct__put_bytes(&bytes, "abcdef", 6);
    ct__bytes_drop(&bytes, 2);
    assert_int_equal(bytes.size, 4);
    assert_memory_equal(bytes.data, "cdef", 4);
    ct__bytes_drop(&bytes, 4);
    assert_int_equal(bytes.size, 0);
    ct__put_bytes(&bytes, "g", 1);
    assert_memory_equal(bytes.data, "g", 1);
    ct__bytes_free(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.size, 0);
}

static void a_buffer_without_memory_stays_failed_and_takes_nothing(void **state)
{
    (void)state;
    struct ct__bytes bytes = { 0 };
    ct__put_u8(&bytes, 1);
    assert_null(ct__bytes_room(&bytes, SIZE_MAX - 8));
    assert_true(bytes.failed);
    ct__put_u64(&bytes, 2);
    ct__put_text(&bytes, "text");
    ct__set_u32(&bytes, 0, 5);
    assert_int_equal(bytes.size, 1);
    assert_int_equal(bytes.data[0], 1);
    ct__bytes_free(&bytes);
    assert_false(bytes.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_got_in_order),
        cmocka_unit_test(numbers_are_little_endian_on_every_machine),
        cmocka_unit_test(a_cursor_cut_short_goes_bad_and_stays_so),
        cmocka_unit_test(a_text_that_is_none_is_refused),
        cmocka_unit_test(random_bytes_are_read_within_their_bounds),
        cmocka_unit_test(the_first_bytes_can_be_dropped),
        cmocka_unit_test(a_buffer_without_memory_stays_failed_and_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
