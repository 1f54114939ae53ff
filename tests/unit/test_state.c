/* The state of walks: copied when asked for, carried, updated; JSON and types of a suite's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <actions/actions.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static const struct ct_action actions[] = { CT_ACTION_ONCE("first", pass), CT_ACTION_ONCE("second", pass) };
static struct ct_suite suite;
static struct ct_plan *plan;
static struct ct_walk *walk;

static int begin(const char *text, const struct ct_state_type *type)
{
    suite = (struct ct_suite){ .name = "s", .actions = actions, .action_count = 2, .state = text, .state_type = type };
    if (ct_plan_new(&suite, &plan, NULL) != CT_OK) return -1;
    walk = ct__walk_new(plan, NULL, NULL, NULL);
    return walk != NULL ? 0 : -1;
}

static void open_with(enum ct__walk_kind kind, const char *own)
{
    ct__walk_open(walk, kind, 0, 0, own != NULL ? json_loads(own, JSON_DECODE_ANY, NULL) : NULL);
}

static int end(void **state)
{
    (void)state;
    ct__walk_free(walk);
    ct_plan_free(plan);
    walk = NULL;
    plan = NULL;
    return 0;
}

static void expect_json(const json_t *json, const char *text)
{
    json_t *wanted = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(wanted);
    assert_true(json_equal(json, wanted));
    json_decref(wanted);
}

static void expect_state(const char *text, bool changed)
{
    json_t *json = ct__walk_state_json(walk);
    assert_non_null(json);
    expect_json(json, text);
    json_decref(json);
    assert_int_equal(ct__walk_state_changed(walk), changed);
}

static void set_key(json_t *object, const char *key, int value)
{
    assert_int_equal(json_object_set_new(object, key, json_integer(value)), 0);
}

static void update(const char *changes, enum ct_err expected)
{
    json_t *json = json_loads(changes, JSON_DECODE_ANY, NULL);
    assert_int_equal(ct_update(walk, json), expected);
    json_decref(json);
}

static void each_walk_changes_a_copy_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(begin("{\"a\": {\"deep\": 1}}", NULL), 0);
    for (int i = 0; i < 3; i++) {
        open_with(CT__WALK, NULL);
        expect_state("{\"a\": {\"deep\": 1}}", false);
        set_key(json_object_get(ct_walk_state(walk), "a"), "deep", 5);
        assert_ptr_equal(ct_walk_state(walk), ct_walk_state(walk));
        expect_state("{\"a\": {\"deep\": 5}}", true);
        ct__walk_close(walk);
    }
}

static void a_state_that_was_looked_at_is_not_changed(void **state)
{
    (void)state;
    assert_int_equal(begin("[1, 2]", NULL), 0);
    open_with(CT__WALK, NULL);
    assert_int_equal(json_array_size(ct_walk_state(walk)), 2);
    expect_state("[1, 2]", false);
    ct__walk_close(walk);
    open_with(CT__WALK, "[3]");
    expect_state("[3]", false);
    assert_int_equal(json_array_append_new(ct_walk_state(walk), json_integer(4)), 0);
    expect_state("[3, 4]", true);
    assert_int_equal(json_array_remove(ct_walk_state(walk), 1), 0);
    expect_state("[3]", false);
    assert_null(ct_walk_state_pointer(walk));
    assert_int_equal(ct__walk_status(walk), CT_PASS);
    ct__walk_close(walk);
}

static void a_new_start_holds_for_the_walks_that_follow(void **state)
{
    (void)state;
    assert_int_equal(begin(NULL, NULL), 0);
    open_with(CT__WALK, NULL);
    expect_state("{}", false);
    ct__walk_close(walk);
    assert_int_equal(ct__walk_set_start(walk, json_string("new")), CT_OK);
    assert_int_equal(ct__walk_set_start(walk, NULL), CT_EINVAL);
    open_with(CT__WALK, NULL);
    expect_state("\"new\"", false);
    ct__walk_close(walk);
}

static void an_update_of_a_walk_is_merged_into_its_state_by_top_level_keys(void **state)
{
    (void)state;
    assert_int_equal(begin("{\"a\": {\"x\": 1}, \"b\": 2}", NULL), 0);
    open_with(CT__WALK, NULL);
    update("{\"a\": {\"y\": 1}, \"c\": 3}", CT_OK);
    expect_state("{\"a\": {\"y\": 1}, \"b\": 2, \"c\": 3}", true);
    assert_null(ct__walk_updates(walk));
    assert_int_equal(ct_update(walk, ct_walk_state(walk)), CT_OK);
    expect_state("{\"a\": {\"y\": 1}, \"b\": 2, \"c\": 3}", true);
    ct__walk_close(walk);
    open_with(CT__WALK, NULL);
    expect_state("{\"a\": {\"x\": 1}, \"b\": 2}", false);
    ct__walk_close(walk);
}

static void updates_of_serial_actions_and_hooks_are_collected_and_other_changes_are_not(void **state)
{
    static const enum ct__walk_kind kinds[] = { CT__SERIAL, CT__HOOK };
    (void)state;
    assert_int_equal(begin("{\"a\": 1}", NULL), 0);
    for (size_t i = 0; i < CT_COUNT(kinds); i++) {
        open_with(kinds[i], NULL);
        assert_null(ct__walk_updates(walk));
        set_key(ct_walk_state(walk), "dropped", 1);
        update("{\"a\": 2, \"b\": [1]}", CT_OK);
        assert_int_equal(json_array_append_new(json_object_get(ct_walk_state(walk), "b"), json_integer(2)), 0);
        update("{\"a\": 3}", CT_OK);
        expect_json(ct__walk_updates(walk), "{\"a\": 3, \"b\": [1]}");
        expect_state("{\"a\": 3, \"b\": [1, 2], \"dropped\": 1}", true);
        ct__walk_close(walk);
        assert_null(ct__walk_updates(walk));
    }
}

static void an_update_that_is_no_object_or_of_none_fails_the_walk(void **state)
{
    (void)state;
    assert_int_equal(begin("[1]", NULL), 0);
    open_with(CT__SERIAL, NULL);
    update("{\"a\": 1}", CT_EINVAL);
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "ct_update: the state must be a JSON object and is an array");
    assert_null(ct__walk_updates(walk));
    ct__walk_close(walk);
    open_with(CT__WALK, "{}");
    update("\"text\"", CT_EINVAL);
    assert_string_equal(ct__walk_message(walk), "ct_update: what it is given must be a JSON object and is a string");
    assert_int_equal(ct_update(walk, NULL), CT_EINVAL);
    ct__walk_close(walk);
}

/* A state type: a number in an object under "n". */
struct number {
    int64_t n;
};
static int live, created, copied;

static struct number *number_new(int64_t n)
{
    struct number *number = malloc(sizeof *number);
    if (number == NULL) return NULL;
    number->n = n;
    live++;
    return number;
}

static void *number_create(const json_t *initial)
{
    const json_t *n = json_object_get(initial, "n");
    created++;
    return json_is_integer(n) ? number_new(json_integer_value(n)) : NULL;
}

static void *number_copy(const void *state)
{
    copied++;
    return number_new(((const struct number *)state)->n);
}

static void number_destroy(void *state)
{
    live--;
    free(state);
}

static json_t *number_to_json(const void *state)
{
    return json_pack("{s:I}", "n", (json_int_t)((const struct number *)state)->n);
}

static int number_update(void *state, const json_t *changes)
{
    const json_t *n = json_object_get(changes, "n");
    if (!json_is_integer(n)) return -1;
    ((struct number *)state)->n = json_integer_value(n);
    return 0;
}

static const struct ct_state_type whole = { .create = number_create,
                                            .copy = number_copy,
                                            .destroy = number_destroy,
                                            .to_json = number_to_json,
                                            .from_json = number_create,
                                            .update = number_update };
static const struct ct_state_type by_codec = {
    .create = number_create, .destroy = number_destroy, .to_json = number_to_json, .from_json = number_create
};
static const struct ct_state_type bare = { .create = number_create, .destroy = number_destroy };

static void begin_type(const struct ct_state_type *type)
{
    live = created = copied = 0;
    assert_int_equal(begin("{\"n\": 7}", type), 0);
}

static struct number *number_of_walk(void)
{
    return ct_walk_state_pointer(walk);
}

static void a_types_prototype_is_made_once_and_copied(void **state)
{
    begin_type(&whole);
    for (int i = 0; i < 5; i++) {
        open_with(CT__WALK, NULL);
        assert_false(ct__walk_state_changed(walk));
        assert_int_equal(number_of_walk()->n, 7);
        assert_ptr_equal(number_of_walk(), number_of_walk());
        number_of_walk()->n = 8;
        expect_state("{\"n\": 8}", true);
        ct__walk_close(walk);
    }
    assert_int_equal(created, 1);
    assert_int_equal(copied, 5);
    (void)end(state);
    assert_int_equal(live, 0);
    begin_type(&by_codec);
    for (int i = 0; i < 5; i++) {
        open_with(CT__WALK, NULL);
        assert_int_equal(number_of_walk()->n, 7);
        ct__walk_close(walk);
    }
    assert_int_equal(created, 5);
    assert_int_equal(live, 0);
}

static void a_type_is_not_made_for_walks_that_do_not_ask(void **state)
{
    (void)state;
    begin_type(&whole);
    open_with(CT__WALK, NULL);
    ct__walk_close(walk);
    open_with(CT__WALK, "{\"n\": 1}");
    expect_state("{\"n\": 1}", false);
    ct__walk_close(walk);
    assert_int_equal(created, 0);
    open_with(CT__WALK, NULL);
    expect_state("{\"n\": 7}", false);
    ct__walk_close(walk);
}

static void a_type_comes_back_through_its_codec_and_a_new_start_is_used(void **state)
{
    begin_type(&whole);
    open_with(CT__WALK, "{\"n\": 99}");
    assert_int_equal(number_of_walk()->n, 99);
    ct__walk_close(walk);
    open_with(CT__WALK, NULL);
    assert_int_equal(number_of_walk()->n, 7);
    ct__walk_close(walk);
    assert_int_equal(ct__walk_set_start(walk, json_pack("{s:i}", "n", 12)), CT_OK);
    open_with(CT__WALK, NULL);
    assert_int_equal(number_of_walk()->n, 12);
    ct__walk_close(walk);
    (void)end(state);
    assert_int_equal(live, 0);
}

static void a_type_is_updated_by_its_function_or_its_codec_or_not_at_all(void **state)
{
    static const struct ct_state_type *const able[] = { &whole, &by_codec };
    for (size_t i = 0; i < CT_COUNT(able); i++) {
        begin_type(able[i]);
        open_with(CT__SERIAL, NULL);
        update("{\"n\": 5}", CT_OK);
        assert_int_equal(number_of_walk()->n, 5);
        expect_json(ct__walk_updates(walk), "{\"n\": 5}");
        update("{\"n\": null}", CT_EINVAL);
        assert_int_equal(ct__walk_status(walk), CT_FAIL);
        expect_json(ct__walk_updates(walk), "{\"n\": 5}");
        ct__walk_close(walk);
        (void)end(state);
        assert_int_equal(live, 0);
    }
    begin_type(&bare);
    open_with(CT__WALK, NULL);
    update("{\"n\": 5}", CT_EINVAL);
    assert_string_equal(ct__walk_message(walk),
                        "ct_update: the suite's state_type has neither update nor to_json and from_json");
    ct__walk_close(walk);
}

static void a_type_that_makes_no_state_fails_the_walk(void **state)
{
    (void)state;
    begin_type(&whole);
    open_with(CT__WALK, "{\"m\": 1}");
    assert_null(number_of_walk());
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "the suite's state_type made no state: its from_json failed");
    assert_null(ct__walk_state_json(walk));
    ct__walk_close(walk);
    assert_int_equal(ct__walk_set_start(walk, json_object()), CT_OK);
    open_with(CT__WALK, NULL);
    assert_null(number_of_walk());
    assert_string_equal(ct__walk_message(walk), "the suite's state_type made no state: its create or copy failed");
    ct__walk_close(walk);
}

static void json_asked_of_a_suite_with_a_type_fails_the_walk(void **state)
{
    (void)state;
    begin_type(&whole);
    open_with(CT__WALK, NULL);
    assert_null(ct_walk_state(walk));
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "ct_walk_state: the suite has a state_type; use ct_walk_state_pointer");
    ct__walk_close(walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define STATE_TEST(name) cmocka_unit_test_teardown(name, end)
        STATE_TEST(each_walk_changes_a_copy_of_its_own),
        STATE_TEST(a_state_that_was_looked_at_is_not_changed),
        STATE_TEST(a_new_start_holds_for_the_walks_that_follow),
        STATE_TEST(an_update_of_a_walk_is_merged_into_its_state_by_top_level_keys),
        STATE_TEST(updates_of_serial_actions_and_hooks_are_collected_and_other_changes_are_not),
        STATE_TEST(an_update_that_is_no_object_or_of_none_fails_the_walk),
        STATE_TEST(a_types_prototype_is_made_once_and_copied),
        STATE_TEST(a_type_is_not_made_for_walks_that_do_not_ask),
        STATE_TEST(a_type_comes_back_through_its_codec_and_a_new_start_is_used),
        STATE_TEST(a_type_is_updated_by_its_function_or_its_codec_or_not_at_all),
        STATE_TEST(a_type_that_makes_no_state_fails_the_walk),
        STATE_TEST(json_asked_of_a_suite_with_a_type_fails_the_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
