/* What failures, cancellations and exclusions do to the other walks, and what a state of one's own carries. */
#include "runs.h"
#include <stdlib.h>
#include <string.h>

static const struct ct_option four[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };

static enum ct_status count_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static enum ct_status fail_at_one(struct ct_walk *walk, const struct ct_option *option)
{
    if (ct_option_int(option) == 1) return ct_fail(walk, "the setting %d is refused", 1);
    return CT_PASS;
}

static enum ct_status cancel_at_two(struct ct_walk *walk, const struct ct_option *option)
{
    if (ct_option_int(option) == 2) return ct_cancel(walk, "two makes no sense");
    return CT_PASS;
}

/* Walks are 4 branches of 3; those of branch `gone` never reach the last action. */
static void assert_branch_gone(int gone)
{
    for (int id = 0; id < 12; id++) assert_int_equal(shared[id], id / 3 == gone ? 0 : 1);
}

static void a_failing_serial_action_blocks_its_branch_only(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("s", fail_at_one, four),
                                                CT_ACTION("b", count_walk, three) };
    static const struct ct_suite suite = { .name = "blocked", .actions = actions, .action_count = 2 };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_BLOCKED], 3);
    assert_int_equal(results->counts[CT_PASS], 9);
    assert_int_equal(results->serial_count, 4);
    assert_int_equal(results->serial_failed_count, 1);
    assert_int_equal(results->error_count, 0);
    assert_int_equal(results->exit_code, 1);
    assert_branch_gone(1);
    ct_results_free(results);
}

static void a_blocked_branch_runs_no_serial_action_inside_it(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("s", fail_at_one, four),
                                                CT_SERIAL_ACTION("t", cancel_at_two, three) };
    static const struct ct_suite suite = { .name = "inside", .actions = actions, .action_count = 2 };
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->serial_count, 4 + 3 * 3);
    assert_int_equal(results->counts[CT_BLOCKED], 3);
    assert_int_equal(results->counts[CT_CANCEL], 3);
    assert_int_equal(results->counts[CT_PASS], 6);
    ct_results_free(results);
}

static void a_serial_action_that_cancels_cancels_its_branch_only(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("s", cancel_at_two, four),
                                                CT_ACTION("b", count_walk, three) };
    static const struct ct_suite suite = { .name = "canceled", .actions = actions, .action_count = 2 };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_CANCEL], 3);
    assert_int_equal(results->counts[CT_PASS], 9);
    assert_int_equal(results->serial_failed_count, 0);
    assert_int_equal(results->exit_code, 0);
    assert_branch_gone(2);
    ct_results_free(results);
}

static void a_walk_that_has_failed_is_not_blocked_later(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("a", fail_at_one, three),
                                                CT_SERIAL_ACTION("s", fail_at_one, four) };
    static const struct ct_suite suite = { .name = "ended", .actions = actions, .action_count = 2 };
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_FAIL], 4);
    assert_int_equal(results->counts[CT_BLOCKED], 2);
    assert_int_equal(results->counts[CT_PASS], 6);
    ct_results_free(results);
}

static void a_canceled_walk_is_no_failure(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("a", cancel_at_two, four),
                                                CT_ACTION("b", count_walk, three) };
    static const struct ct_suite suite = { .name = "canceling", .actions = actions, .action_count = 2 };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_CANCEL], 3);
    assert_int_equal(results->counts[CT_PASS], 9);
    assert_int_equal(results->exit_code, 0);
    assert_branch_gone(2);
    ct_results_free(results);
}

static bool leave_out_diagonal(struct ct_walk *walk, size_t index)
{
    const char *own = ct_walk_suite(walk)->actions[index].name;
    return ct_option_int(ct_walk_option(walk, own)) == ct_option_int(ct_walk_option(walk, "a"));
}

static void should_cancel_excludes_a_walk_before_it_starts(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = {
        CT_ACTION("a", count_walk, four), CT_ACTION_WITH("b", count_walk, three, .should_cancel = leave_out_diagonal)
    };
    static const struct ct_suite suite = { .name = "excluding", .actions = actions, .action_count = 2 };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_EXCLUDED], 3);
    assert_int_equal(results->counts[CT_PASS], 9);
    assert_int_equal(results->exit_code, 0);
    for (int id = 0; id < 12; id++) assert_int_equal(shared[id], id / 3 == id % 3 ? 0 : 2);
    ct_results_free(results);
}

/* ---- hooks ---- */

static enum ct_status refuse(struct ct_walk *run)
{
    return ct_fail(run, "the laboratory is closed");
}

static void nothing_runs_where_run_start_fails(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("s", count_walk, four),
                                                CT_ACTION("b", count_walk, three) };
    static const struct ct_suite suite = {
        .name = "closed", .actions = actions, .action_count = 2, .run_start = refuse
    };
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->exit_code, 3);
    assert_int_equal(results->walk_count, 12);
    assert_int_equal(results->counts[CT_PASS], 0);
    assert_int_equal(results->serial_count, 0);
    for (int id = 0; id < 12; id++) assert_int_equal(shared[id], 0);
    ct_results_free(results);
}

static enum ct_status prepare(struct ct_walk *run)
{
    json_t *changes = json_pack("{s:s}", "place", "here");
    enum ct_err updated = ct_update(run, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static void clean_up(struct ct_walk *run)
{
    const char *place = json_string_value(json_object_get(ct_walk_state(run), "place"));
    atomic_fetch_add(&shared[100], place && strcmp(place, "here") == 0 ? 1 : 100);
}

static enum ct_status expect_place(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    CT_CHECK_STR_EQ(walk, json_string_value(json_object_get(ct_walk_state(walk), "place")), "here");
    return CT_PASS;
}

static void what_run_start_updates_is_in_every_state_and_in_run_stop(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("a", expect_place, three),
                                                CT_SERIAL_ACTION("s", expect_place, four),
                                                CT_ACTION("b", expect_place, three) };
    static const struct ct_suite suite = {
        .name = "prepared", .actions = actions, .action_count = 3, .run_start = prepare, .run_stop = clean_up
    };
    shared_reset();
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 36);
    assert_int_equal(shared[100], 1);
    assert_string_equal(json_string_value(json_object_get(state_at(results, 35), "place")), "here");
    ct_results_free(results);
}

/* ---- a state type of one's own ---- */

struct tally {
    int64_t sum, setting;
};

static void *tally_from(const json_t *json)
{
    struct tally *tally = calloc(1, sizeof *tally);
    if (!tally) return NULL;
    tally->sum = json_integer_value(json_object_get(json, "sum"));
    tally->setting = json_integer_value(json_object_get(json, "setting"));
    return tally;
}

static void *tally_copy(const void *state)
{
    struct tally *copy = malloc(sizeof *copy);
    if (copy) *copy = *(const struct tally *)state;
    return copy;
}

static json_t *tally_to(const void *state)
{
    const struct tally *tally = state;
    return json_pack("{s:I, s:I}", "sum", (json_int_t)tally->sum, "setting", (json_int_t)tally->setting);
}

static const struct ct_state_type tally_type = {
    .create = tally_from, .copy = tally_copy, .destroy = free, .to_json = tally_to, .from_json = tally_from
};

static enum ct_status add(struct ct_walk *walk, const struct ct_option *option)
{
    struct tally *tally = ct_walk_state_pointer(walk);
    tally->sum = tally->sum * 10 + ct_option_int(option);
    return CT_PASS;
}

static enum ct_status change_setting(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:I}", "setting", (json_int_t)ct_option_int(option));
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static const struct ct_action tally_actions[] = { CT_ACTION("a", add, three),
                                                  CT_SERIAL_ACTION("s", change_setting, four),
                                                  CT_ACTION("b", add, three) };

static void a_state_type_goes_through_its_codec_from_stage_to_stage(void **unused)
{
    (void)unused;
    static const struct ct_suite suite = {
        .name = "tally", .actions = tally_actions, .action_count = 3, .state = "{\"sum\": 7}", .state_type = &tally_type
    };
    struct ct_results *results = run_gathering(&suite);
    assert_int_equal(results->counts[CT_PASS], 36);
    for (int id = 0; id < 36; id++) {
        const json_t *state = state_at(results, (size_t)id);
        assert_int_equal(json_integer_value(json_object_get(state, "setting")), id / 9);
        assert_int_equal(json_integer_value(json_object_get(state, "sum")), 700 + id / 3 % 3 * 10 + id % 3);
    }
    ct_results_free(results);
}

static void a_state_type_without_codec_is_refused_where_a_state_must_travel(void **unused)
{
    (void)unused;
    static const struct ct_state_type local = { .create = tally_from, .copy = tally_copy, .destroy = free };
    static const struct ct_suite suite = {
        .name = "tally", .actions = tally_actions, .action_count = 3, .state_type = &local
    };
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    assert_int_equal(ct_run_tests(&suite, NULL, &results, &error), CT_EINVAL);
    assert_null(results);
    assert_true(strlen(error.text) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_serial_action_blocks_its_branch_only),
        cmocka_unit_test(a_blocked_branch_runs_no_serial_action_inside_it),
        cmocka_unit_test(a_serial_action_that_cancels_cancels_its_branch_only),
        cmocka_unit_test(a_walk_that_has_failed_is_not_blocked_later),
        cmocka_unit_test(a_canceled_walk_is_no_failure),
        cmocka_unit_test(should_cancel_excludes_a_walk_before_it_starts),
        cmocka_unit_test(nothing_runs_where_run_start_fails),
        cmocka_unit_test(what_run_start_updates_is_in_every_state_and_in_run_stop),
        cmocka_unit_test(a_state_type_goes_through_its_codec_from_stage_to_stage),
        cmocka_unit_test(a_state_type_without_codec_is_refused_where_a_state_must_travel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
