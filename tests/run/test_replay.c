/* Replay against the runner: each walk run again alone ends with the status and the state that the run gave it. */
#include "runs.h"
#include "suites.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SEEDS = 4 };

static void replay_all(const struct made_suite *made, const struct ct_results *results)
{
    const struct ct_option **options = calloc(made->count, sizeof *options);
    struct ct_plan *plan = NULL;
    struct ct_error error;
    assert_non_null(options);
    assert_int_equal(ct_plan_new(&made->suite, &plan, NULL), CT_OK);
    for (uint64_t id = 0; id < ct_plan_walk_count(plan); id++) {
        const json_t *ran = json_array_get(results->states, id);
        struct ct_outcome outcome;
        assert_int_equal(ct_plan_options(plan, id, options), CT_OK);
        if (ct_replay_walk(&made->suite, options, NULL, &outcome, &error) != CT_OK) fail_msg("%s", error.text);
        assert_string_equal(ct_status_name(outcome.status), json_string_value(json_object_get(ran, "status")));
        if (!json_equal(outcome.state, json_object_get(ran, "state")))
            fail_msg("actions %s, walk %llu: the states differ", made->text, (unsigned long long)id);
        ct_outcome_clear(&outcome);
    }
    ct_plan_free(plan);
    free(options);
}

static void each_walk_of_random_suites_replays_as_it_ran(void **state)
{
    (void)state;
    for (int form = 0; form < MADE_FORM_COUNT; form++) {
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct made_suite *made = made_new(100 + seed, (enum made_form)form, seed % 2 == 1);
            assert_non_null(made);
            struct ct_results *results = run_gathering(&made->suite);
            replay_all(made, results);
            ct_results_free(results);
            made_free(made);
        }
    }
}

static enum ct_status begin(struct ct_walk *walk, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), "begun", json_integer(ct_option_int(option)));
    return ct_option_int(option) == 3 ? ct_cancel(walk, "three") : CT_PASS;
}

static enum ct_status settle(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:b}", "hard", ct_option_bool(option));
    ct_update(walk, changes);
    json_decref(changes);
    return CT_PASS;
}

static enum ct_status end(struct ct_walk *walk, const struct ct_option *option)
{
    const json_t *state = ct_walk_state(walk);
    json_int_t begun = json_integer_value(json_object_get(state, "begun"));
    if (!json_is_true(json_object_get(state, "hard"))) return CT_PASS;
    if (begun == 1 && ct_option_int(option) == 1) return ct_fail(walk, "one");
    if (begun == 2 && ct_option_int(option) == 2) abort();
    return CT_PASS;
}

static bool leave_out(struct ct_walk *walk, size_t index)
{
    return ct_option_int(ct_walk_option(walk, "begin")) == 0 && index == 0;
}

static const struct ct_option numbers[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_option booleans[] = { CT_BOOL(false), CT_BOOL(true) };
static const struct ct_action mixed_actions[] = { CT_ACTION_WITH("begin", begin, numbers, .should_cancel = leave_out),
                                                  CT_SERIAL_ACTION("settle", settle, booleans),
                                                  CT_ACTION("end", end, numbers) };
static const struct ct_suite mixed = { .name = "mixed", .actions = mixed_actions, .action_count = 3 };

/* What walk id comes to, by plain counting: settle, begin, end. */
static enum ct_status mixed_status(uint64_t id)
{
    uint64_t hard = id / 16, begun = id / 4 % 4, last = id % 4;
    if (begun == 3) return CT_CANCEL;
    if (hard == 1 && begun == 1 && last == 1) return CT_FAIL;
    return hard == 1 && begun == 2 && last == 2 ? CT_CRASHED : CT_PASS;
}

/* Replays a walk in a child: its status, CT_CRASHED where the child died of a signal, -1 where there is no such walk.
 */
static int replay_in_child(const char *trace, uint64_t id)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ct_outcome outcome = { 0 };
        signal(SIGABRT, SIG_DFL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        if (ct_replay_walk_by_id(&mixed, trace, id, NULL, &outcome, NULL) != CT_OK) _exit(100);
        _exit((int)outcome.status);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGABRT ? CT_CRASHED : -2;
    return WEXITSTATUS(status) == 100 ? -1 : WEXITSTATUS(status);
}

static void each_walk_of_a_runs_trace_replays_as_it_ran(void **state)
{
    char directory[] = "/tmp/combtest-test-replay-XXXXXX", command[96];
    (void)state;
    assert_non_null(mkdtemp(directory));
    struct ct_results *results = run_well(
        &mixed, &(struct ct_run_options){ .services = 2, .verbose = -1, .log_dir = directory });
    assert_non_null(results->trace_path);
    for (uint64_t id = 0; id < 32; id++) {
        int want = id / 4 % 4 == 0 ? -1 : (int)mixed_status(id); /* what was excluded did not run */
        int got = replay_in_child(results->trace_path, id);
        if (got != want) fail_msg("walk %llu: %d, want %d", (unsigned long long)id, got, want);
    }
    ct_results_free(results);
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_walk_of_random_suites_replays_as_it_ran),
        cmocka_unit_test(each_walk_of_a_runs_trace_replays_as_it_ran),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
