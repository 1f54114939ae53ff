/* Runs that end early, and walks that get another chance. */
#include "matrix.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TENS = 20, WALKS = TENS * 10 };

static const struct ct_option ten[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                        CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };
static const struct ct_option twenty[TENS] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };

static int count_run(const struct ct_walk *walk)
{
    return atomic_fetch_add(&matrix->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
}

static struct ct_results *run_in(const struct ct_suite *suite, struct ct_run_options options, int way)
{
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    uint64_t sum = 0;
    options.services = 2;
    options.threads = 1 + way % 2;
    options.isolation = way < 2 ? CT_ISOLATION_THREAD : CT_ISOLATION_PROCESS;
    options.gather_states = true;
    options.verbose = -1;
    matrix_limit_s(30, suite->name);
    if (ct_run_tests(suite, &options, &results, &error) != CT_OK) fail_msg("%s", error.text);
    matrix_limit_s(0, "");
    for (int status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
    assert_int_equal(sum, results->walk_count);
    assert_int_equal(json_array_size(results->states), results->walk_count);
    matrix_assert_clean(0);
    return results;
}

/* Each walk that has not run must say so, and each that has must say what came of it. */
static void assert_true_to_what_ran(const struct ct_results *results, enum ct_status ran, size_t last_stage)
{
    for (size_t id = 0; id < results->walk_count; id++) {
        enum ct_status status = matrix_status(results, id);
        int runs = matrix->runs[last_stage][id];
        if (status == CT_NOT_RUN ? runs != 0 : status != ran || runs != 1)
            fail_msg("walk %zu is %s and ran %d times", id, ct_status_name(status), runs);
    }
}

/* ---- fail_fast ---- */

static enum ct_status always_fail(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    count_run(walk);
    usleep(5000);
    return ct_fail(walk, "it never works");
}

static const struct ct_action failing_actions[] = { CT_ACTION("a", always_fail, twenty),
                                                    CT_ACTION("b", always_fail, ten) };
static const struct ct_suite failing = { .name = "failing", .actions = failing_actions, .action_count = 2 };

static void fail_fast_stops_after_so_many(void **state)
{
    static const uint64_t limits[] = { 1, 5 };
    (void)state;
    for (int way = 0; way < 4; way++)
        for (size_t i = 0; i < CT_COUNT(limits); i++) {
            matrix_reset();
            struct ct_results *results = run_in(&failing, (struct ct_run_options){ .fail_fast = limits[i] }, way);
            assert_int_equal(results->exit_code, 1);
            assert_int_equal(results->counts[CT_FAIL] + results->counts[CT_NOT_RUN], WALKS);
            assert_true(results->counts[CT_FAIL] >= limits[i]);
            assert_true(results->counts[CT_FAIL] < WALKS / 2);
            assert_true_to_what_ran(results, CT_FAIL, 0);
            ct_results_free(results);
        }
}

/* ---- retries ---- */

enum { FAILS_ONCE = 3, CRASHES_ONCE = 17, HANGS_ONCE = 33, ALWAYS_FAILS = 52, ALWAYS_CRASHES = 71, RETRIES = 2 };
static char *volatile nowhere;

static enum ct_status go_wrong(struct ct_walk *walk, const struct ct_option *option)
{
    bool first = count_run(walk) == 0;
    int64_t before = json_integer_value(json_object_get(ct_walk_state(walk), "sum"));
    json_object_set_new(ct_walk_state(walk), "sum", json_integer(before + ct_option_int(option) + 1));
    switch (ct_walk_id(walk)) {
    case FAILS_ONCE: return first ? ct_fail(walk, "not the first time") : CT_PASS;
    case ALWAYS_FAILS: return ct_fail(walk, "never");
    case HANGS_ONCE:
        while (first) pause();
        return CT_PASS;
    case CRASHES_ONCE:
        if (first) *nowhere = 1;
        return CT_PASS;
    case ALWAYS_CRASHES: *nowhere = 1; return CT_PASS;
    default: return CT_PASS;
    }
}

static enum ct_status add_one(struct ct_walk *walk, const struct ct_option *option)
{
    int64_t before = json_integer_value(json_object_get(ct_walk_state(walk), "sum"));
    json_object_set_new(ct_walk_state(walk), "sum", json_integer(before + ct_option_int(option) * 100 + 1000));
    return CT_PASS;
}

static enum ct_status do_nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static const struct ct_action wrong_actions[] = { CT_ACTION("a", add_one, ten), CT_SERIAL_ACTION("s", do_nothing, two),
                                                  CT_ACTION("b", go_wrong, ten) };
static const struct ct_suite wrong = { .name = "wrong", .actions = wrong_actions, .action_count = 3 };

static void check_retried(const struct ct_results *results, uint64_t id, enum ct_status want, int runs)
{
    enum ct_status got = matrix_status(results, id);
    if (got != want || matrix->runs[1][id] != runs)
        fail_msg("walk %d is %s after %d runs", (int)id, ct_status_name(got), matrix->runs[1][id]);
}

/* From the state of its last barrier each time: as if it had run once. */
static void check_sum(const struct ct_results *results, uint64_t id)
{
    const json_t *state = json_object_get(json_array_get(results->states, id), "state");
    assert_int_equal(json_integer_value(json_object_get(state, "sum")), 1000 + id / 10 % 10 * 100 + id % 10 + 1);
}

static void a_walk_that_passes_when_run_again_is_flaky(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way += 2) {
        matrix_reset();
        struct ct_run_options options = { .retries = RETRIES, .timeout_ms = MATRIX_TIMEOUT_MS };
        struct ct_results *results = run_in(&wrong, options, way);
        check_retried(results, FAILS_ONCE, CT_PASS, 2);
        check_retried(results, CRASHES_ONCE, CT_PASS, 2);
        check_retried(results, HANGS_ONCE, CT_PASS, 2);
        check_retried(results, ALWAYS_FAILS, CT_FAIL, 1 + RETRIES);
        check_retried(results, ALWAYS_CRASHES, CT_CRASHED, 1 + RETRIES);
        check_sum(results, FAILS_ONCE);
        check_sum(results, CRASHES_ONCE);
        check_sum(results, HANGS_ONCE);
        assert_int_equal(results->flaky_count, 3);
        assert_int_equal(results->error_count, 2);
        assert_int_equal(results->failure_count, 2);
        assert_int_equal(results->counts[CT_PASS], WALKS - 2);
        assert_int_equal(results->segment_count, 2 * WALKS);
        assert_int_equal(results->exit_code, 1);
        ct_results_free(results);
    }
}

static void without_retries_no_verdict_is_tried_again(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way += 2) {
        matrix_reset();
        struct ct_results *results = run_in(&wrong, (struct ct_run_options){ .timeout_ms = MATRIX_TIMEOUT_MS }, way);
        check_retried(results, FAILS_ONCE, CT_FAIL, 1);
        check_retried(results, CRASHES_ONCE, CT_CRASHED, 1);
        check_retried(results, HANGS_ONCE, CT_TIMED_OUT, 1);
        assert_int_equal(results->flaky_count, 0);
        assert_int_equal(results->error_count, 5);
        ct_results_free(results);
    }
}

/* ---- ct_stop ---- */

static enum ct_status take_time(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    count_run(walk);
    atomic_fetch_add(&matrix->spare[0], 1);
    usleep(20000);
    return CT_PASS;
}

static const struct ct_action slow_actions[] = { CT_ACTION("a", take_time, ten), CT_SERIAL_ACTION("s", do_nothing, two),
                                                 CT_ACTION("b", take_time, ten) };
static const struct ct_suite slow = { .name = "slow", .actions = slow_actions, .action_count = 3 };

/* Stops the run once so many actions have run; 200 run in stage 0. */
static void *stop_later(void *after)
{
    for (int i = 0; i < 20000 && matrix->spare[0] < *(const int *)after; i++) usleep(1000);
    ct_stop();
    return NULL;
}

static void stop_at_once(void *user, const struct ct_results *so_far)
{
    (void)user, (void)so_far;
    if (matrix->spare[0] > 20) ct_stop();
}

static void assert_stopped(struct ct_results *results)
{
    assert_int_equal(results->exit_code, 130);
    assert_true(results->counts[CT_NOT_RUN] > 0);
    assert_int_equal(results->counts[CT_NOT_RUN] + results->counts[CT_PASS], WALKS);
    assert_true_to_what_ran(results, CT_PASS, 1);
    for (size_t stage = 0; stage < 2; stage++)
        for (size_t id = 0; id < WALKS; id++) assert_true(matrix->runs[stage][id] <= 1);
    ct_results_free(results);
}

static void ct_stop_from_a_thread_keeps_what_has_run(void **state)
{
    static const int afters[] = { 20, 260 };
    (void)state;
    for (int way = 0; way < 4; way++)
        for (size_t i = 0; i < CT_COUNT(afters); i++) {
            pthread_t thread;
            matrix_reset();
            assert_int_equal(pthread_create(&thread, NULL, stop_later, (void *)(uintptr_t)&afters[i]), 0);
            struct ct_results *results = run_in(&slow, (struct ct_run_options){ 0 }, way);
            pthread_join(thread, NULL);
            assert_int_equal(results->counts[CT_PASS] > 0, i == 1);
            assert_stopped(results);
        }
}

static void ct_stop_from_the_progress_callback_keeps_what_has_run(void **state)
{
    (void)state;
    for (int way = 0; way < 4; way++) {
        matrix_reset();
        assert_stopped(run_in(&slow, (struct ct_run_options){ .progress = stop_at_once }, way));
    }
}

static void ct_stop_between_runs_does_nothing(void **state)
{
    static const struct ct_action quick[] = { CT_ACTION("a", do_nothing, ten) };
    static const struct ct_suite suite = { .name = "quick", .actions = quick, .action_count = 1 };
    (void)state;
    ct_stop();
    struct ct_results *results = run_in(&suite, (struct ct_run_options){ 0 }, 0);
    assert_int_equal(results->counts[CT_PASS], 10);
    assert_int_equal(results->exit_code, 0);
    ct_results_free(results);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_fast_stops_after_so_many),
        cmocka_unit_test(a_walk_that_passes_when_run_again_is_flaky),
        cmocka_unit_test(without_retries_no_verdict_is_tried_again),
        cmocka_unit_test(ct_stop_from_a_thread_keeps_what_has_run),
        cmocka_unit_test(ct_stop_from_the_progress_callback_keeps_what_has_run),
        cmocka_unit_test(ct_stop_between_runs_does_nothing),
    };
    return matrix_main_tests(argc, argv, "stop", tests, CT_COUNT(tests));
}
