/* The cases that py-combtest's own tests run: here they must give the same, and more of it. */
#include "runs.h"
#include <string.h>

static const struct ct_option numbers[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                            CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };
#define FIRST(n) .options = numbers, .option_count = (n)

/* Appends to "inner": what a serial action has left, then the option. */
static enum ct_status append(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *state = ct_walk_state(walk), *inner = json_object_get(state, "inner");
    if (!inner) {
        inner = json_array();
        json_object_set_new(state, "inner", inner);
    }
    json_t *left = json_object_get(state, "serial");
    if (left) {
        json_array_append(inner, left);
        json_object_del(state, "serial");
    }
    json_array_append_new(inner, json_integer(ct_option_int(option)));
    return CT_PASS;
}

static enum ct_status leave(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:I}", "serial", (json_int_t)ct_option_int(option));
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

/* The state's numbers, those of "inner" and then "serial", as digits of the given radices. -1 where they do not fit. */
static size_t digits(const json_t *state, const size_t *radices, size_t count)
{
    const json_t *inner = json_object_get(state, "inner"), *left = json_object_get(state, "serial");
    size_t value = 0, size = json_array_size(inner);
    if (size + (left != NULL) != count) return SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        json_int_t digit = json_integer_value(i < size ? json_array_get(inner, i) : left);
        if (digit < 0 || (size_t)digit >= radices[i]) return SIZE_MAX;
        value = value * radices[i] + (size_t)digit;
    }
    return value;
}

static size_t digits_5_10_3(const json_t *state)
{
    return digits(state, (const size_t[]){ 5, 10, 3 }, 3);
}

static size_t digits_5_10_5_3_2(const json_t *state)
{
    return digits(state, (const size_t[]){ 5, 10, 5, 3, 2 }, 5);
}

static size_t digits_5_5_10_2(const json_t *state)
{
    return digits(state, (const size_t[]){ 5, 5, 10, 2 }, 4);
}

static void one_stage_gives_the_product_of_5_10_and_3(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "i", .run = append, FIRST(5) },
                                                { .name = "j", .run = append, FIRST(10) },
                                                { .name = "k", .run = append, FIRST(3) } };
    static const struct ct_suite suite = { .name = "single", .actions = actions, .action_count = 3 };
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->walk_count, 150);
    assert_int_equal(results->counts[CT_PASS], 150);
    assert_int_equal(results->segment_count, 150);
    assert_each_once(results, 150, digits_5_10_3);
    ct_results_free(results);
}

static void two_serial_actions_give_1500_walks_and_4500_segments(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "i", .run = append, FIRST(5) },
                                                { .name = "j", .run = append, FIRST(10) },
                                                { .name = "k", .run = leave, FIRST(5), .serial = true },
                                                { .name = "l", .run = append, FIRST(3) },
                                                { .name = "m", .run = leave, FIRST(2), .serial = true } };
    static const struct ct_suite suite = { .name = "stages", .actions = actions, .action_count = 5 };
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->walk_count, 1500);
    assert_int_equal(results->counts[CT_PASS], 1500);
    assert_int_equal(results->segment_count, 4500);
    assert_int_equal(results->serial_count, 5 + 5 * 2);
    assert_each_once(results, 1500, digits_5_10_5_3_2);
    ct_results_free(results);
}

static void a_leading_serial_action_has_no_stage_before_it(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "i", .run = leave, FIRST(5), .serial = true },
                                                { .name = "j", .run = append, FIRST(5) },
                                                { .name = "k", .run = append, FIRST(10) },
                                                { .name = "l", .run = leave, FIRST(2), .serial = true } };
    static const struct ct_suite suite = { .name = "leading", .actions = actions, .action_count = 4 };
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->walk_count, 500);
    assert_int_equal(results->counts[CT_PASS], 500);
    assert_int_equal(results->segment_count, 1000);
    assert_int_equal(results->serial_count, 5 + 5 * 2);
    assert_each_once(results, 500, digits_5_5_10_2);
    ct_results_free(results);
}

static enum ct_status expect_empty(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    CT_CHECK(walk, json_is_object(ct_walk_state(walk)));
    CT_CHECK_INT_EQ(walk, (int64_t)json_object_size(ct_walk_state(walk)), 0);
    return CT_PASS;
}

static void a_suite_needs_no_state(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION_ONCE("look", expect_empty) };
    static const struct ct_suite suite = { .name = "stateless", .actions = actions, .action_count = 1 };
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_PASS], 1);
    assert_null(results->states);
    ct_results_free(results);
    results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 1);
    assert_true(json_is_object(state_at(results, 0)));
    ct_results_free(results);
}

static enum ct_status fail_on_one(struct ct_walk *walk, const struct ct_option *option)
{
    if (ct_option_int(option) == 1) return ct_fail(walk, "one is wrong");
    return CT_PASS;
}

static enum ct_status count_run(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static void a_failing_action_fails_its_walk_only(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "a", .run = fail_on_one, FIRST(3) },
                                                { .name = "b", .run = count_run, FIRST(2) } };
    static const struct ct_suite suite = { .name = "failing", .actions = actions, .action_count = 2 };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_FAIL], 2);
    assert_int_equal(results->counts[CT_PASS], 4);
    assert_int_equal(results->error_count, 2);
    assert_int_equal(results->exit_code, 1);
    assert_int_equal(results->failed_id_count, 2);
    assert_int_equal(results->failed_ids[0], 2);
    assert_int_equal(results->failed_ids[1], 3);
    assert_non_null(strstr(results->failures[0].message, "one is wrong"));
    for (int id = 0; id < 6; id++) assert_int_equal(shared[id], id == 2 || id == 3 ? 0 : 1);
    ct_results_free(results);
}

/* ---- a state that is a list ---- */

static enum ct_status push(struct ct_walk *walk, const struct ct_option *option)
{
    json_array_append_new(ct_walk_state(walk), json_integer(ct_option_int(option)));
    return CT_PASS;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static void a_list_as_state_cannot_be_updated_by_a_serial_action(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "a", .run = push, FIRST(3) },
                                                { .name = "s", .run = leave, FIRST(2), .serial = true },
                                                { .name = "b", .run = push, FIRST(4) } };
    static const struct ct_suite suite = { .name = "list", .actions = actions, .action_count = 3, .state = "[]" };
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_BLOCKED], 24);
    assert_int_equal(results->serial_failed_count, 2);
    assert_int_equal(results->exit_code, 1);
    ct_results_free(results);
}

static size_t pair_of_list(const json_t *state)
{
    return (size_t)(json_integer_value(json_array_get(state, 0)) * 4 + json_integer_value(json_array_get(state, 1)));
}

static void a_list_as_state_is_carried_past_a_serial_action(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { { .name = "a", .run = push, FIRST(3) },
                                                { .name = "s", .run = pass, FIRST(2), .serial = true },
                                                { .name = "b", .run = push, FIRST(4) } };
    static const struct ct_suite suite = { .name = "list", .actions = actions, .action_count = 3, .state = "[]" };
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 24);
    assert_int_equal(results->segment_count, 48);
    for (size_t i = 0; i < 24; i++) {
        assert_int_equal(json_array_size(state_at(results, i)), 2);
        assert_int_equal(pair_of_list(state_at(results, i)), i % 12);
    }
    ct_results_free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stage_gives_the_product_of_5_10_and_3),
        cmocka_unit_test(two_serial_actions_give_1500_walks_and_4500_segments),
        cmocka_unit_test(a_leading_serial_action_has_no_stage_before_it),
        cmocka_unit_test(a_suite_needs_no_state),
        cmocka_unit_test(a_failing_action_fails_its_walk_only),
        cmocka_unit_test(a_list_as_state_cannot_be_updated_by_a_serial_action),
        cmocka_unit_test(a_list_as_state_is_carried_past_a_serial_action),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
