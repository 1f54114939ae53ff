/* States that are large, deep, of other alphabets, or no JSON at all: carried whole or the walk fails by name. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <stdlib.h>
#include <string.h>

enum { LARGE = 1 << 20, DEPTH = 2000, TOO_DEEP = 3000 };

static const struct ct_option hundred[100];
static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };

/* ---- large ---- */

/* A megabyte that only its walk could have written. */
static json_t *large_text(uint64_t id)
{
    char *text = malloc(LARGE);
    if (!text) return NULL;
    for (size_t i = 0; i < LARGE; i++) text[i] = (char)('a' + (id * 7 + i / 1000) % 26);
    json_t *json = json_stringn(text, LARGE);
    free(text);
    return json;
}

/* The walks of both branches that take the same option have the same. */
static enum ct_status make_large(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    json_t *text = large_text(ct_walk_id(walk) % 100);
    CT_REQUIRE(walk, json_object_set_new(ct_walk_state(walk), "text", text) == 0);
    return CT_PASS;
}

static enum ct_status expect_large(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    json_t *state = ct_walk_state(walk), *want = large_text(ct_walk_id(walk) % 100);
    CT_CHECK(walk, want && json_equal(json_object_get(state, "text"), want));
    CT_CHECK_INT_EQ(walk, json_integer_value(json_object_get(state, "setting")), (int64_t)ct_walk_id(walk) / 100);
    json_object_set_new(state, "text", json_string("small again"));
    json_decref(want);
    return CT_PASS;
}

static enum ct_status update_setting(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:I}", "setting", (json_int_t)ct_option_int(option));
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static void two_hundred_states_of_a_megabyte_come_over_a_barrier(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("make", make_large, hundred),
                                                CT_SERIAL_ACTION("setting", update_setting, two),
                                                CT_ACTION_ONCE("expect", expect_large) };
    static const struct ct_suite suite = { .name = "large", .actions = actions, .action_count = 3 };
    (void)state;
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->walk_count, 200);
    assert_int_equal(results->counts[CT_PASS], 200);
    assert_int_equal(results->segment_count, 400);
    for (size_t i = 0; i < 200; i++)
        assert_string_equal(json_string_value(json_object_get(state_at(results, i), "text")), "small again");
    ct_results_free(results);
}

static void states_of_a_megabyte_are_gathered_whole(void **state)
{
    static const struct ct_action actions[] = {
        { .name = "make", .run = make_large, .options = hundred, .option_count = 30 }
    };
    static const struct ct_suite suite = { .name = "large", .actions = actions, .action_count = 1 };
    (void)state;
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 30);
    for (size_t i = 0; i < 30; i++) {
        json_t *want = large_text(i);
        assert_true(json_equal(json_object_get(state_at(results, i), "text"), want));
        json_decref(want);
    }
    ct_results_free(results);
}

/* ---- of other alphabets ---- */

static const char *const texts[] = { "",
                                     "\"\\/\b\f\n\r\t\x01\x1f\x7f",
                                     "caf\xc3\xa9 \xce\xa9\xd0\x96",
                                     "\xe2\x82\xac \xef\xbf\xbf \xef\xbb\xbf",
                                     "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",
                                     "\xd7\xa9\xd7\x9c\xe2\x80\xae\xe2\x80\xa8" };

static json_t *odd_state(uint64_t id)
{
    const char *text = texts[id % CT_COUNT(texts)];
    json_t *state = json_pack("{s:s, s:o, s:n, s:[b,I,I], s:f}", "text", text, "nul", json_stringn("a\0b", 3), "null",
                              "list", 1, (json_int_t)INT64_MIN, (json_int_t)INT64_MAX, "real", 0.1 + (double)id);
    json_object_set_new(state, text, json_object());
    return state;
}

static enum ct_status make_odd(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    json_t *odd = odd_state(ct_walk_id(walk) % 100);
    CT_CHECK(walk, odd && json_object_update(ct_walk_state(walk), odd) == 0);
    json_decref(odd);
    return CT_PASS;
}

static enum ct_status expect_odd(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    json_t *odd = odd_state(ct_walk_id(walk) % 100);
    json_object_set_new(odd, "setting", json_integer((json_int_t)ct_walk_id(walk) / 100));
    CT_CHECK(walk, odd && json_equal(ct_walk_state(walk), odd));
    json_decref(odd);
    return CT_PASS;
}

static void every_text_number_and_key_comes_over_a_barrier_as_it_was(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("make", make_odd, hundred),
                                                CT_SERIAL_ACTION("setting", update_setting, two),
                                                CT_ACTION_ONCE("expect", expect_odd) };
    static const struct ct_suite suite = { .name = "odd", .actions = actions, .action_count = 3 };
    (void)state;
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 200);
    for (size_t i = 0; i < 200; i++) {
        json_t *want = odd_state(i % 100);
        json_object_set_new(want, "setting", json_integer((json_int_t)i / 100));
        assert_true(json_equal(state_at(results, i), want));
        json_decref(want);
    }
    ct_results_free(results);
}

/* ---- deep ---- */

static json_t *nested(size_t depth)
{
    json_t *outer = json_integer(7);
    while (outer && depth-- > 0) outer = json_pack("[o]", outer);
    return outer;
}

static size_t depth_of(const json_t *json)
{
    size_t depth = 0;
    while (json_is_array(json)) {
        json = json_array_get(json, 0);
        depth++;
    }
    return depth;
}

static enum ct_status nest(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    CT_REQUIRE(walk, json_object_set_new(ct_walk_state(walk), "deep", nested(DEPTH)) == 0);
    return CT_PASS;
}

static enum ct_status expect_nested(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    CT_CHECK_INT_EQ(walk, (int64_t)depth_of(json_object_get(ct_walk_state(walk), "deep")), DEPTH);
    return CT_PASS;
}

static void a_state_of_two_thousand_levels_comes_over_a_barrier(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("nest", nest, two),
                                                CT_SERIAL_ACTION("setting", update_setting, two),
                                                CT_ACTION_ONCE("expect", expect_nested) };
    static const struct ct_suite suite = { .name = "deep", .actions = actions, .action_count = 3 };
    (void)state;
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 4);
    for (size_t i = 0; i < 4; i++) assert_int_equal(depth_of(json_object_get(state_at(results, i), "deep")), DEPTH);
    ct_results_free(results);
}

/* ---- no JSON ---- */

static json_t *not_utf8(void)
{
    return json_stringn_nocheck("\xff", 1);
}

static json_t *too_deep(void)
{
    return nested(TOO_DEEP);
}

/* What the walks or the serial action of the test in progress put into their state. */
static json_t *(*make_bad)(void);

static enum ct_status spoil_odd_walks(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *state = ct_walk_state(walk);
    json_object_set_new(state, "kept", json_integer(5));
    if (ct_option_int(option) == 1) json_object_set_new(state, "bad", make_bad());
    return CT_PASS;
}

static enum ct_status expect_kept(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    CT_CHECK_INT_EQ(walk, json_integer_value(json_object_get(ct_walk_state(walk), "kept")), 5);
    return CT_PASS;
}

static const struct ct_action spoiling[] = { CT_ACTION("spoil", spoil_odd_walks, two),
                                             CT_SERIAL_ACTION("setting", update_setting, two),
                                             CT_ACTION_ONCE("expect", expect_kept) };
static const struct ct_suite spoiling_suite = { .name = "spoiling", .actions = spoiling, .action_count = 3 };

/* The walks that took option 1, and no other, fail for their state. */
static void expect_spoiled(const struct ct_suite *suite, bool gather, uint64_t walks)
{
    const struct ct_run_options options = { .services = 2, .gather_states = gather, .verbose = -1 };
    struct ct_results *results = run_well(suite, &options);
    assert_int_equal(results->walk_count, walks);
    assert_int_equal(results->counts[CT_FAIL], walks / 2);
    assert_int_equal(results->counts[CT_PASS], walks / 2);
    assert_int_equal(results->failure_count, walks / 2);
    for (size_t i = 0; i < results->failure_count; i++)
        if (!strstr(results->failures[i].message, "JSON")) fail_msg("%s", results->failures[i].message);
    ct_results_free(results);
}

static void expect_spoiled_everywhere(void)
{
    static const struct ct_suite one_stage = { .name = "spoiling", .actions = spoiling, .action_count = 1 };
    expect_spoiled(&spoiling_suite, false, 4);
    expect_spoiled(&spoiling_suite, true, 4);
    expect_spoiled(&one_stage, true, 2);
}

static void a_walk_whose_state_is_not_utf8_fails_and_no_other(void **state)
{
    (void)state;
    make_bad = not_utf8;
    expect_spoiled_everywhere();
}

static void a_walk_whose_state_is_nested_too_deep_fails_and_no_other(void **state)
{
    (void)state;
    make_bad = too_deep;
    expect_spoiled_everywhere();
}

static enum ct_status spoil_branch(struct ct_walk *walk, const struct ct_option *option)
{
    if (ct_option_int(option) == 0) return CT_PASS;
    json_t *changes = json_pack("{s:o}", "bad", make_bad());
    ct_update(walk, changes);
    json_decref(changes);
    return CT_PASS;
}

static void updates_that_are_no_json_block_their_branch_and_no_other(void **state)
{
    static const struct ct_action actions[] = {
        CT_SERIAL_ACTION("s", spoil_branch, two),
        { .name = "a", .run = expect_kept, .options = hundred, .option_count = 10 }
    };
    static const struct ct_suite suite = {
        .name = "branch", .actions = actions, .action_count = 2, .state = "{\"kept\": 5}"
    };
    static json_t *(*const bad[])(void) = { not_utf8, too_deep };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(bad); i++) {
        make_bad = bad[i];
        struct ct_results *results = run_well(&suite, NULL);
        assert_int_equal(results->counts[CT_PASS], 10);
        assert_int_equal(results->counts[CT_BLOCKED], 10);
        assert_int_equal(results->serial_failed_count, 1);
        ct_results_free(results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hundred_states_of_a_megabyte_come_over_a_barrier),
        cmocka_unit_test(states_of_a_megabyte_are_gathered_whole),
        cmocka_unit_test(every_text_number_and_key_comes_over_a_barrier_as_it_was),
        cmocka_unit_test(a_state_of_two_thousand_levels_comes_over_a_barrier),
        cmocka_unit_test(a_walk_whose_state_is_not_utf8_fails_and_no_other),
        cmocka_unit_test(a_walk_whose_state_is_nested_too_deep_fails_and_no_other),
        cmocka_unit_test(updates_that_are_no_json_block_their_branch_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
