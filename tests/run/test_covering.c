/* Covering suites that are run: each row once, under the serial options of its branch, whatever should_cancel does. */
#include "runs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ct_option digits[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };

/* shared: [0] the setting, plus 1; [1] walks that ran under another one; [2] runs of the setting;
 * [20 + option] the id that the setting's branch began with, plus 1; [100 + combination] how often each walk ran. */
static enum ct_status change_setting(struct ct_walk *walk, const struct ct_option *option)
{
    atomic_store(&shared[20 + ct_option_int(option)], (int)ct_walk_id(walk) + 1);
    atomic_store(&shared[0], (int)ct_option_int(option) + 1);
    atomic_fetch_add(&shared[2], 1);
    return CT_PASS;
}

static enum ct_status record(struct ct_walk *walk, const struct ct_option *option)
{
    size_t combination = 0;
    static const char *const names[] = { "setting", "a", "b", "c" };
    (void)option;
    for (size_t i = 0; i < CT_COUNT(names); i++)
        combination = combination * CT_COUNT(digits) + (size_t)ct_option_int(ct_walk_option(walk, names[i]));
    atomic_fetch_add(&shared[100 + combination], 1);
    if (atomic_load(&shared[0]) != ct_option_int(ct_walk_option(walk, "setting")) + 1) atomic_fetch_add(&shared[1], 1);
    return CT_PASS;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static struct ct_action actions[] = { CT_ACTION("a", pass, digits), CT_SERIAL_ACTION("setting", change_setting, digits),
                                      CT_ACTION("b", pass, digits), CT_ACTION("c", record, digits) };
static struct ct_suite suite = { .name = "covering", .actions = actions, .action_count = CT_COUNT(actions) };

static struct ct_results *run_pairs(const struct ct_run_options *given)
{
    struct ct_run_options options = given ? *given : (struct ct_run_options){ 0 };
    options.strength = 2;
    shared_reset();
    return run_well(&suite, &options);
}

static size_t digit(size_t combination, unsigned place)
{
    return combination >> 2 * (3 - place) & 3;
}

/* How many pairs of options some walk ran with. */
static size_t count_pairs(void)
{
    bool seen[4][4][4][4] = { 0 };
    size_t count = 0;
    for (size_t c = 0; c < 256; c++)
        for (unsigned i = 0; i < 4 && atomic_load(&shared[100 + c]) > 0; i++)
            for (unsigned j = 0; j < i; j++) {
                bool *pair = &seen[i][j][digit(c, i)][digit(c, j)];
                count += !*pair;
                *pair = true;
            }
    return count;
}

static void each_row_runs_once_and_all_pairs_are_met(void **state)
{
    struct ct_results *results = run_pairs(NULL);
    size_t ran = 0;
    (void)state;
    for (size_t c = 0; c < 256; c++) {
        assert_true(atomic_load(&shared[100 + c]) <= 1);
        ran += (size_t)atomic_load(&shared[100 + c]);
    }
    assert_int_equal(ran, results->walk_count);
    assert_int_equal(results->counts[CT_PASS], results->walk_count);
    assert_true(results->walk_count < 40);
    assert_int_equal(count_pairs(), 6 * 16);
    assert_int_equal(results->serial_count, 4);
    assert_int_equal(atomic_load(&shared[1]), 0);
    assert_int_equal(results->segment_count, 2 * results->walk_count);
    ct_results_free(results);
}

static void constraints_leave_out_a_serial_option_that_no_row_has(void **state)
{
    (void)state;
    suite.constraints = "[setting] <> 2; IF [a] = 1 THEN [b] <> 1;";
    struct ct_results *results = run_pairs(NULL);
    suite.constraints = NULL;
    for (size_t c = 0; c < 256; c++)
        if (digit(c, 0) == 2 || (digit(c, 1) == 1 && digit(c, 2) == 1))
            assert_int_equal(atomic_load(&shared[100 + c]), 0);
    assert_int_equal(results->serial_count, 3);
    assert_int_equal(atomic_load(&shared[2]), 3);
    assert_int_equal(results->counts[CT_EXCLUDED], 0);
    assert_int_equal(count_pairs(), 3 * 3 * 4 + 3 * 16 - 1);
    ct_results_free(results);
}

static void expect_excluded(enum ct_isolation isolation)
{
    suite.constraints = "[setting] <> 2; IF [a] = 1 THEN [b] <> 1;";
    shared_reset();
    struct ct_results *results = run_well(&suite, &(struct ct_run_options){ .isolation = isolation });
    suite.constraints = NULL;
    assert_int_equal(results->walk_count, 256);
    assert_int_equal(results->counts[CT_PASS], 3 * 15 * 4);
    assert_int_equal(results->counts[CT_EXCLUDED], 256 - 3 * 15 * 4);
    assert_int_equal(results->serial_count, 4);
    assert_int_equal(results->segment_count, 2 * 3 * 15 * 4);
    ct_results_free(results);
}

static void constraints_exclude_walks_of_the_product_and_serial_actions_run_as_ever(void **state)
{
    (void)state;
    expect_excluded(CT_ISOLATION_THREAD);
    expect_excluded(CT_ISOLATION_PROCESS);
}

static bool excludes_equals(struct ct_walk *walk, size_t index)
{
    (void)index;
    return ct_option_int(ct_walk_option(walk, "a")) == ct_option_int(ct_walk_option(walk, "b"));
}

static void should_cancel_restricts_the_rows(void **state)
{
    (void)state;
    actions[0].should_cancel = excludes_equals;
    struct ct_results *results = run_pairs(NULL);
    actions[0].should_cancel = NULL;
    for (size_t c = 0; c < 256; c++)
        if (digit(c, 1) == digit(c, 2)) assert_int_equal(atomic_load(&shared[100 + c]), 0);
    assert_int_equal(results->counts[CT_EXCLUDED], 0);
    assert_int_equal(count_pairs(), 6 * 16 - 4);
    ct_results_free(results);
}

/* Whatever it does, it does it elsewhere. shared[10]: how often it was asked in this process. */
static pid_t caller;

static bool misbehaves(struct ct_walk *walk, size_t index)
{
    int64_t a = ct_option_int(ct_walk_option(walk, "a"));
    (void)index;
    if (getpid() == caller) atomic_fetch_add(&shared[10], 1);
    if (a == 0) close(0), close(1), close(2), chdir("/"), fork();
    if (a == 1) _exit(0);
    if (a == 2) abort();
    return false;
}

static void a_should_cancel_that_crashes_exits_or_forks_does_no_harm(void **state)
{
    (void)state;
    caller = getpid();
    actions[0].should_cancel = misbehaves;
    struct ct_results *results = run_pairs(NULL);
    actions[0].should_cancel = NULL;
    assert_int_equal(atomic_load(&shared[10]), 0);
    assert_true(results->counts[CT_PASS] > 0);
    assert_true(results->counts[CT_CRASHED] > 0);
    assert_int_equal(results->counts[CT_PASS] + results->counts[CT_CRASHED], results->walk_count);
    for (size_t c = 0; c < 256; c++)
        if (digit(c, 1) == 1 || digit(c, 1) == 2) assert_int_equal(atomic_load(&shared[100 + c]), 0);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0); /* nothing was left behind */
    ct_results_free(results);
}

static void a_selection_picks_rows(void **state)
{
    (void)state;
    struct ct_results *all = run_pairs(NULL);
    struct ct_results *some = run_pairs(&(struct ct_run_options){ .only = "0,3-5" });
    struct ct_results *sample = run_pairs(&(struct ct_run_options){ .sample = 7 });
    uint64_t sharded = 0;
    assert_int_equal(some->walk_count, 4);
    assert_int_equal(sample->walk_count, 7);
    for (uint64_t shard = 1; shard <= 3; shard++) {
        struct ct_results *part = run_pairs(&(struct ct_run_options){ .shard = shard, .shard_count = 3 });
        sharded += part->walk_count;
        ct_results_free(part);
    }
    assert_int_equal(sharded, all->walk_count);
    ct_results_free(all);
    ct_results_free(some);
    ct_results_free(sample);
}

static void a_row_is_replayed_under_its_id_and_its_branch(void **state)
{
    char directory[] = "/tmp/combtest-covering-XXXXXX", command[64];
    int began[4];
    (void)state;
    assert_non_null(mkdtemp(directory));
    struct ct_results *results = run_pairs(&(struct ct_run_options){ .log_dir = directory });
    for (size_t i = 0; i < 4; i++) began[i] = atomic_exchange(&shared[20 + i], 0);
    assert_true(began[0] == 1 && began[0] < began[1] && began[1] < began[2] && began[2] < began[3]);
    for (uint64_t id = 0; id < results->walk_count; id++) {
        struct ct_outcome outcome = { 0 };
        struct ct_error error = { 0 };
        size_t setting = 3;
        while (id + 1 < (uint64_t)began[setting]) setting--;
        if (ct_replay_walk_by_id(&suite, results->trace_path, id, NULL, &outcome, &error) != CT_OK)
            fail_msg("%s", error.text);
        assert_int_equal(outcome.status, CT_PASS);
        assert_int_equal(atomic_exchange(&shared[20 + setting], 0), began[setting]);
        ct_outcome_clear(&outcome);
    }
    for (size_t c = 0; c < 256; c++) assert_int_equal(atomic_load(&shared[100 + c]) % 2, 0); /* each ran twice */
    ct_results_free(results);
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

static void replay_excludes_what_a_constraint_does(void **state)
{
    const struct ct_option *options[] = { &digits[1], &digits[0], &digits[1], &digits[2] };
    struct ct_outcome outcome = { 0 };
    (void)state;
    shared_reset();
    suite.constraints = "IF [a] = 1 THEN [b] <> 1;";
    assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
    assert_int_equal(outcome.status, CT_EXCLUDED);
    assert_string_equal(outcome.message, "excluded by the constraint IF [a] = 1 THEN [b] <> 1;");
    ct_outcome_clear(&outcome);
    options[2] = &digits[2];
    assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
    assert_int_equal(outcome.status, CT_PASS);
    ct_outcome_clear(&outcome);
    suite.constraints = NULL;
}

static char large_names[70][8];
static struct ct_action large_actions[70];

static void a_product_without_ids_can_be_covered(void **state)
{
    static const struct ct_option two[] = { CT_BOOL(false), CT_BOOL(true) };
    struct ct_suite large = { .name = "large", .actions = large_actions, .action_count = CT_COUNT(large_actions) };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(large_actions); i++) {
        snprintf(large_names[i], sizeof large_names[i], "a%zu", i);
        large_actions[i] = (struct ct_action)CT_ACTION(large_names[i], pass, two);
    }
    struct ct_results *results = run_well(&large, &(struct ct_run_options){ .strength = 2 });
    assert_true(results->walk_count >= 8 && results->walk_count <= 20);
    assert_int_equal(results->counts[CT_PASS], results->walk_count);
    ct_results_free(results);
}

static void what_excludes_every_walk_is_said(void **state)
{
    struct ct_results *results = NULL;
    (void)state;
    suite.constraints = "[a] = 1; [a] = 2;";
    assert_int_equal(ct_run_tests(&suite, &(struct ct_run_options){ .strength = 2, .verbose = -1 }, &results, NULL),
                     CT_OK);
    suite.constraints = NULL;
    assert_int_equal(results->walk_count, 0);
    assert_int_equal(results->exit_code, 4);
    assert_non_null(strstr(results->note, "exclude every walk"));
    ct_results_free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_runs_once_and_all_pairs_are_met),
        cmocka_unit_test(constraints_leave_out_a_serial_option_that_no_row_has),
        cmocka_unit_test(constraints_exclude_walks_of_the_product_and_serial_actions_run_as_ever),
        cmocka_unit_test(should_cancel_restricts_the_rows),
        cmocka_unit_test(a_should_cancel_that_crashes_exits_or_forks_does_no_harm),
        cmocka_unit_test(a_selection_picks_rows),
        cmocka_unit_test(a_row_is_replayed_under_its_id_and_its_branch),
        cmocka_unit_test(replay_excludes_what_a_constraint_does),
        cmocka_unit_test(a_product_without_ids_can_be_covered),
        cmocka_unit_test(what_excludes_every_walk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
