/* Frames and records: what was put is got, and bytes that are none are refused without harm. */
#include "service/protocol.h"
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

static unsigned char *exactly(const void *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    if (size > 0) memcpy(copy, data, size);
    return copy;
}

/* Calls decode on each beginning of the bytes but the whole, and on the bytes with a few of them changed; each time in
 * memory of exactly that size. decode says whether it took them. Returns how many beginnings it took. */
static size_t decode_wrong(const struct ct__bytes *bytes, bool (*decode)(const unsigned char *data, size_t size))
{
    uint64_t seed = 11;
    size_t taken = 0;
    for (size_t size = 0; size < bytes->size; size++) {
        unsigned char *cut = exactly(bytes->data, size);
        taken += decode(cut, size);
        free(cut);
    }
    for (int round = 0; round < 5000; round++) {
        unsigned char *changed = exactly(bytes->data, bytes->size);
        for (uint64_t i = draw(&seed) % 4 + 1; i > 0; i--)
            changed[draw(&seed) % bytes->size] = draw(&seed) % 3 ? (unsigned char)draw(&seed) : 0xff;
        decode(changed, bytes->size);
        free(changed);
    }
    return taken;
}

/* ---- hello ---- */

static const uint64_t suspects[] = { 3, UINT64_C(1) << 62 };
static const struct ct__hello hello_sent = { .magic = CT__PROTOCOL_MAGIC,
                                             .version = CT__PROTOCOL_VERSION,
                                             .incarnation = 4,
                                             .services = 2,
                                             .threads = 8,
                                             .token = "0123456789abcdef",
                                             .suite = "a suite",
                                             .host = "",
                                             .suspect_count = 2,
                                             .suspects = suspects };

static bool decode_hello(const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    struct ct__hello hello;
    bool taken = ct__hello_get(&cursor, &hello);
    if (taken) assert_true(hello.token && hello.suite && hello.host && hello.magic == CT__PROTOCOL_MAGIC);
    return taken;
}

static void a_hello_arrives_as_it_was_sent(void **state)
{
    struct ct__bytes bytes = { 0 };
    struct ct__hello got;
    (void)state;
    ct__hello_put(&bytes, &hello_sent);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
    assert_true(ct__hello_get(&cursor, &got));
    assert_int_equal(got.version, CT__PROTOCOL_VERSION);
    assert_int_equal(got.incarnation, 4);
    assert_int_equal(got.services, 2);
    assert_int_equal(got.threads, 8);
    assert_string_equal(got.token, hello_sent.token);
    assert_string_equal(got.suite, "a suite");
    assert_string_equal(got.host, "");
    assert_int_equal(got.suspect_count, 2);
    for (size_t i = 0; i < 2; i++) assert_int_equal(ct__get_u64(&got.suspect_cursor), suspects[i]);
    assert_false(got.suspect_cursor.bad);
    ct__bytes_free(&bytes);
}

static void what_is_no_hello_is_refused(void **state)
{
    struct ct__bytes bytes = { 0 };
    (void)state;
    struct ct__hello wrong = hello_sent;
    ct__hello_put(&bytes, &hello_sent);
    /* without their suspects, which are read by their count later */
    assert_true(decode_wrong(&bytes, decode_hello) <= sizeof suspects);
    bytes.size = 0;
    wrong.magic++;
    ct__hello_put(&bytes, &wrong);
    assert_false(decode_hello(bytes.data, bytes.size));
    bytes.size = 0;
    wrong = hello_sent;
    wrong.token = NULL;
    ct__hello_put(&bytes, &wrong);
    assert_false(decode_hello(bytes.data, bytes.size));
    ct__bytes_free(&bytes);
}

static void suspects_that_are_missing_are_noticed(void **state)
{
    struct ct__bytes bytes = { 0 };
    struct ct__hello got;
    (void)state;
    ct__hello_put(&bytes, &hello_sent);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size - 8);
    assert_true(ct__hello_get(&cursor, &got));
    for (size_t i = 0; i < got.suspect_count; i++) ct__get_u64(&got.suspect_cursor);
    assert_true(got.suspect_cursor.bad);
    ct__bytes_free(&bytes);
}

/* ---- results ---- */

static void put_result(struct ct__bytes *bytes, enum ct_status status, const char *state)
{
    static const unsigned char counts[] = { 1, 0, 0, 0, 'n', 0, 5, 0, 0, 0, 0, 0, 0, 0 };
    ct__result_put(bytes, &(struct ct__result){ .walk = UINT64_C(0x7ffffffffffffffe),
                                                .status = status,
                                                .message = "file.c:3: why",
                                                .state = state,
                                                .count_size = sizeof counts,
                                                .counts = counts });
}

static bool decode_result(const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    struct ct__result result;
    if (!ct__result_get(&cursor, &result)) return false;
    assert_true(result.status < CT_STATUS_COUNT);
    assert_non_null(result.message);
    assert_true(result.counts >= data && result.counts + result.count_size <= data + size);
    return true;
}

static void a_result_arrives_as_it_was_sent_whatever_its_status(void **state)
{
    (void)state;
    for (int status = 0; status < CT_STATUS_COUNT; status++) {
        struct ct__bytes bytes = { 0 };
        struct ct__result got;
        put_result(&bytes, (enum ct_status)status, status % 2 ? "{\"a\":1}" : NULL);
        struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
        assert_true(ct__result_get(&cursor, &got));
        assert_ptr_equal(cursor.at, cursor.end);
        assert_int_equal(got.walk, UINT64_C(0x7ffffffffffffffe));
        assert_int_equal(got.status, status);
        assert_string_equal(got.message, "file.c:3: why");
        if (status % 2)
            assert_string_equal(got.state, "{\"a\":1}");
        else
            assert_null(got.state);
        assert_int_equal(got.count_size, 14);
        ct__bytes_free(&bytes);
    }
}

static void what_is_no_result_is_refused(void **state)
{
    struct ct__bytes bytes = { 0 };
    (void)state;
    put_result(&bytes, CT_FAIL, "[1,2]");
    assert_int_equal(decode_wrong(&bytes, decode_result), 0);
    bytes.data[8] = CT_STATUS_COUNT; /* the status */
    assert_false(decode_result(bytes.data, bytes.size));
    ct__bytes_free(&bytes);
}

/* ---- steps ---- */

static void put_step(struct ct__bytes *bytes)
{
    json_t *since[3] = { json_pack("{s:i}", "a", 1), NULL, json_pack("{s:[s,n]}", "b", "\xc3\xa9") };
    struct ct__step step = { .number = 77,
                             .kind = CT__STEP_STAGE,
                             .first_id = UINT64_C(1) << 60,
                             .stage = 3,
                             .action = 5,
                             .option = 999999,
                             .start = json_pack("{s:f}", "x", 0.5),
                             .since = since };
    assert_int_equal(ct__step_put(bytes, &step), CT_OK);
    json_decref(step.start);
    json_decref(since[0]);
    json_decref(since[2]);
}

static bool decode_step(const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    struct ct__step step;
    struct ct_error error = { 0 };
    if (ct__step_get(&cursor, &step, &error) != CT_OK) {
        assert_true(strlen(error.text) > 0);
        return false;
    }
    assert_non_null(step.start);
    assert_true(step.kind <= CT__STEP_RUN_STOP);
    ct__step_clear(&step);
    return true;
}

static void a_step_arrives_as_it_was_sent(void **state)
{
    struct ct__bytes bytes = { 0 };
    struct ct__step got;
    (void)state;
    put_step(&bytes);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
    assert_int_equal(ct__step_number(bytes.data, bytes.size), 77);
    assert_int_equal(ct__step_get(&cursor, &got, NULL), CT_OK);
    assert_ptr_equal(cursor.at, cursor.end);
    assert_int_equal(got.number, 77);
    assert_int_equal(got.kind, CT__STEP_STAGE);
    assert_int_equal(got.first_id, UINT64_C(1) << 60);
    assert_int_equal(got.stage, 3);
    assert_int_equal(got.action, 5);
    assert_int_equal(got.option, 999999);
    assert_true(json_real_value(json_object_get(got.start, "x")) == 0.5);
    assert_int_equal(json_integer_value(json_object_get(got.since[0], "a")), 1);
    assert_null(got.since[1]);
    assert_string_equal(json_string_value(json_array_get(json_object_get(got.since[2], "b"), 0)), "\xc3\xa9");
    ct__step_clear(&got);
    ct__bytes_free(&bytes);
}

static void what_is_no_step_is_refused(void **state)
{
    struct ct__bytes bytes = { 0 };
    (void)state;
    put_step(&bytes);
    assert_int_equal(decode_wrong(&bytes, decode_step), 0);
    bytes.data[4] = CT__STEP_RUN_STOP + 1;
    assert_false(decode_step(bytes.data, bytes.size));
    bytes.data[4] = CT__STEP_STAGE;
    memset(bytes.data + 13, 0xff, 4); /* the stage: no memory is to be asked for it */
    assert_false(decode_step(bytes.data, bytes.size));
    assert_int_equal(ct__step_number(bytes.data, 3), 0);
    ct__bytes_free(&bytes);
}

/* ---- JSON ---- */

static void json_text_of_every_kind_comes_back_equal(void **state)
{
    static const char *const texts[] = { "null",
                                         "true",
                                         "-9223372036854775808",
                                         "0.1",
                                         "\"\\u0000\\ud83d\\ude00\"",
                                         "[]",
                                         "{}",
                                         "{\"\":[[[{\"\xc3\xa9\":null}]]]}" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(texts); i++) {
        json_t *json = ct__json_read(texts[i]), *again;
        assert_non_null(json);
        char *text = ct__json_text(json);
        assert_non_null(text);
        assert_null(strchr(text, '\n'));
        again = ct__json_read(text);
        assert_true(json_equal(json, again));
        json_decref(json);
        json_decref(again);
        free(text);
    }
    assert_null(ct__json_read(NULL));
    assert_null(ct__json_read("{"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_arrives_as_it_was_sent),
        cmocka_unit_test(what_is_no_hello_is_refused),
        cmocka_unit_test(suspects_that_are_missing_are_noticed),
        cmocka_unit_test(a_result_arrives_as_it_was_sent_whatever_its_status),
        cmocka_unit_test(what_is_no_result_is_refused),
        cmocka_unit_test(a_step_arrives_as_it_was_sent),
        cmocka_unit_test(what_is_no_step_is_refused),
        cmocka_unit_test(json_text_of_every_kind_comes_back_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
