/* Faults outside of ordinary actions: in should_cancel, in serial actions, in hooks. */
#include "matrix.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BRANCHES = 4, IN_BRANCH = 15, WALKS = BRANCHES * IN_BRANCH, VICTIM = 22, BAD_BRANCH = 2 };

/* One fault, and what must come of it. */
struct misdeed {
    const char *name;
    void (*act)(void);
    enum ct_status status; /* of the walk */
    int64_t timeout_ms;
};
static const struct misdeed *misdeed;
static char *volatile nowhere;
static volatile int forever = 1;

static void write_to_null(void)
{
    *nowhere = 1;
}

static void exit_0(void)
{
    exit(0);
}

static void exit_7_at_once(void)
{
    _exit(7);
}

static void send_itself_kill(void)
{
    kill(getpid(), SIGKILL);
    usleep(500000);
}

static void end_its_thread(void)
{
    pthread_exit(NULL);
}

static void spin(void)
{
    while (forever) continue;
}

static void stop_itself(void)
{
    kill(getpid(), SIGSTOP);
    usleep(1000000);
}

static const struct misdeed misdeeds[] = {
    { "writes to NULL", write_to_null, CT_CRASHED, 0 },
    { "calls exit(0)", exit_0, CT_CRASHED, 0 },
    { "calls _exit(7)", exit_7_at_once, CT_CRASHED, 0 },
    { "kills its process", send_itself_kill, CT_CRASHED, 0 },
    { "calls pthread_exit", end_its_thread, CT_CRASHED, 0 },
    { "spins", spin, CT_TIMED_OUT, MATRIX_TIMEOUT_MS },
    { "stops its process", stop_itself, CT_TIMED_OUT, MATRIX_TIMEOUT_MS },
};

static const struct ct_option four[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_option five[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4) };
static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };

static enum ct_status run_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&matrix->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    return CT_PASS;
}

static enum ct_status run_serial(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    atomic_fetch_add(&matrix->spare[ct_option_int(option)], 1);
    return CT_PASS;
}

/* Runs a suite in each way there is. judge is given the results. */
static void run_each_way(const struct ct_suite *suite, int64_t timeout_ms,
                         void (*judge)(const struct ct_results *results))
{
    for (int way = 0; way < 4; way++) {
        struct ct_run_options options = { .services = 2,
                                          .threads = 1 + way % 2,
                                          .isolation = way < 2 ? CT_ISOLATION_THREAD : CT_ISOLATION_PROCESS,
                                          .timeout_ms = timeout_ms,
                                          .gather_states = true,
                                          .verbose = -1 };
        struct ct_results *results = NULL;
        struct ct_error error = { 0 };
        uint64_t sum = 0;
        matrix_reset();
        matrix_limit_s(60, misdeed ? misdeed->name : suite->name);
        print_message("  isolation=%s threads=%d\n", way < 2 ? "thread" : "process", options.threads);
        if (ct_run_tests(suite, &options, &results, &error) != CT_OK) fail_msg("%s", error.text);
        matrix_limit_s(0, "");
        for (int status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
        assert_int_equal(results->walk_count, WALKS);
        assert_int_equal(sum, WALKS);
        judge(results);
        ct_results_free(results);
        matrix_assert_clean(0);
    }
}

static void assert_status(const struct ct_results *results, size_t id, enum ct_status want)
{
    enum ct_status got = matrix_status(results, id);
    if (got != want) fail_msg("walk %zu is %s, must be %s", id, ct_status_name(got), ct_status_name(want));
}

/* ---- should_cancel ---- */

static bool misbehave_once(struct ct_walk *walk, size_t index)
{
    (void)index;
    if (ct_walk_id(walk) == VICTIM) misdeed->act();
    return ct_walk_id(walk) % 11 == 3;
}

static void judge_excluding(const struct ct_results *results)
{
    for (size_t id = 0; id < WALKS; id++)
        assert_status(results, id, id == VICTIM ? misdeed->status : id % 11 == 3 ? CT_EXCLUDED : CT_PASS);
    for (size_t id = 0; id < WALKS; id++) {
        int runs = matrix->runs[0][id];
        assert_int_equal(runs > 0, id != VICTIM && id % 11 != 3);
        assert_true(runs <= 2);
    }
    assert_int_equal(results->counts[misdeed->status], 1);
    assert_int_equal(results->serial_count, BRANCHES);
    assert_int_equal(results->exit_code, 1);
}

static void should_cancel_is_blamed_as_its_walk_is(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("a", run_walk, five), CT_SERIAL_ACTION("s", run_serial, four),
                                                CT_ACTION_WITH("b", run_walk, three, .should_cancel = misbehave_once) };
    static const struct ct_suite suite = { .name = "excluding", .actions = actions, .action_count = 3 };
    misdeed = *state;
    run_each_way(&suite, misdeed->timeout_ms, judge_excluding);
}

/* ---- serial actions ---- */

static enum ct_status misbehave_serially(struct ct_walk *walk, const struct ct_option *option)
{
    run_serial(walk, option);
    if (ct_option_int(option) == BAD_BRANCH) misdeed->act();
    return CT_PASS;
}

static void judge_blocked(const struct ct_results *results)
{
    for (size_t id = 0; id < WALKS; id++)
        assert_status(results, id, id / IN_BRANCH == BAD_BRANCH ? CT_BLOCKED : CT_PASS);
    for (size_t id = 0; id < WALKS; id++) {
        assert_int_equal(matrix->runs[0][id], 1);
        assert_int_equal(matrix->runs[1][id], id / IN_BRANCH != BAD_BRANCH);
    }
    for (int i = 0; i < BRANCHES; i++) assert_int_equal(matrix->spare[i], 1);
    assert_int_equal(results->serial_count, BRANCHES);
    assert_int_equal(results->serial_failed_count, 1);
    assert_int_equal(results->error_count, 0);
    assert_int_equal(results->exit_code, 1);
}

static void a_serial_action_that_ends_badly_blocks_its_branch(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("a", run_walk, five),
                                                CT_SERIAL_ACTION("s", misbehave_serially, four),
                                                CT_ACTION("b", run_walk, three) };
    static const struct ct_suite suite = { .name = "blocking", .actions = actions, .action_count = 3 };
    misdeed = *state;
    run_each_way(&suite, misdeed->timeout_ms, judge_blocked);
}

/* ---- run_start ---- */

static enum ct_status misbehave_at_start(struct ct_walk *run)
{
    (void)run;
    misdeed->act();
    return CT_PASS;
}

static void judge_nothing_run(const struct ct_results *results)
{
    assert_int_equal(results->exit_code, 3);
    assert_non_null(results->note);
    assert_non_null(strstr(results->note, "run_start"));
    assert_int_equal(results->counts[CT_NOT_RUN], WALKS);
    for (size_t id = 0; id < WALKS; id++) assert_int_equal(matrix->runs[0][id] + matrix->runs[1][id], 0);
    for (int i = 0; i < BRANCHES; i++) assert_int_equal(matrix->spare[i], 0);
}

static void nothing_runs_where_run_start_ends_badly(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("a", run_walk, five), CT_SERIAL_ACTION("s", run_serial, four),
                                                CT_ACTION("b", run_walk, three) };
    static const struct ct_suite suite = {
        .name = "starting", .actions = actions, .action_count = 3, .run_start = misbehave_at_start
    };
    misdeed = *state;
    run_each_way(&suite, misdeed->timeout_ms, judge_nothing_run);
}

/* ---- service_start and thread_start: in one executor, the first that comes, or in all ---- */

static const struct ct_action plain_actions[] = { CT_ACTION("a", run_walk, five), CT_ACTION("c", run_walk, four),
                                                  CT_ACTION("b", run_walk, three) };

static bool comes_first(void)
{
    return atomic_fetch_add(&matrix->spare[8], 1) == 0;
}

static enum ct_status fail_in_one(struct ct_walk *walk)
{
    return comes_first() ? ct_fail(walk, "the first one fails") : CT_PASS;
}

static enum ct_status fail_in_all(struct ct_walk *walk)
{
    return ct_fail(walk, "there is no device");
}

static enum ct_status die_in_one(struct ct_walk *walk)
{
    (void)walk;
    if (comes_first()) write_to_null();
    return CT_PASS;
}

static enum ct_status exit_in_one(struct ct_walk *walk)
{
    (void)walk;
    if (comes_first()) exit_7_at_once();
    return CT_PASS;
}

static enum ct_status die_in_all(struct ct_walk *walk)
{
    (void)walk;
    write_to_null();
    return CT_PASS;
}

static enum ct_status exit_in_all(struct ct_walk *walk)
{
    (void)walk;
    exit_0();
    return CT_PASS;
}

static void judge_all_passed(const struct ct_results *results)
{
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(results->exit_code, 0);
    for (size_t id = 0; id < WALKS; id++) assert_int_equal(matrix->runs[0][id], 3);
    assert_true(matrix->spare[8] > 0);
}

static void judge_all_lost(const struct ct_results *results)
{
    assert_int_equal(results->counts[CT_LOST], WALKS);
    assert_int_equal(results->exit_code, 3);
    assert_non_null(results->note);
    for (size_t id = 0; id < WALKS; id++) assert_int_equal(matrix->runs[0][id], 0);
}

struct start {
    enum ct_status (*service_start)(struct ct_walk *walk), (*thread_start)(struct ct_walk *walk);
    bool all;
};

static void walks_run_where_the_start_hooks_pass(void **state)
{
    const struct start *start = *state;
    const struct ct_suite suite = { .name = "serving",
                                    .actions = plain_actions,
                                    .action_count = 3,
                                    .service_start = start->service_start,
                                    .thread_start = start->thread_start };
    misdeed = NULL;
    run_each_way(&suite, 0, start->all ? judge_all_lost : judge_all_passed);
}

static const struct start starts[] = {
    { .service_start = fail_in_one },
    { .service_start = die_in_one },
    { .service_start = exit_in_one },
    { .service_start = fail_in_all, .all = true },
    { .service_start = die_in_all, .all = true },
    { .service_start = exit_in_all, .all = true },
    { .thread_start = fail_in_one },
    { .thread_start = die_in_one },
    { .thread_start = fail_in_all, .all = true },
    { .thread_start = die_in_all, .all = true },
};

/* ---- walk_start, walk_stop, and the hooks at the end ---- */

static enum ct_status misbehave_before(struct ct_walk *walk)
{
    if (ct_walk_id(walk) == VICTIM) misdeed->act();
    return CT_PASS;
}

static void misbehave_after(struct ct_walk *walk)
{
    if (ct_walk_id(walk) == VICTIM) misdeed->act();
}

static void judge_one_bad(const struct ct_results *results)
{
    for (size_t id = 0; id < WALKS; id++) assert_status(results, id, id == VICTIM ? misdeed->status : CT_PASS);
    assert_int_equal(results->error_count, 1);
    assert_int_equal(results->exit_code, 1);
}

static void walk_start_and_walk_stop_are_blamed_as_their_walk_is(void **state)
{
    const struct ct_suite before = {
        .name = "before", .actions = plain_actions, .action_count = 3, .walk_start = misbehave_before
    };
    const struct ct_suite after = {
        .name = "after", .actions = plain_actions, .action_count = 3, .walk_stop = misbehave_after
    };
    misdeed = *state;
    run_each_way(&before, misdeed->timeout_ms, judge_one_bad);
    run_each_way(&after, misdeed->timeout_ms, judge_one_bad);
}

static void die_at_the_end(struct ct_walk *walk)
{
    (void)walk;
    atomic_fetch_add(&matrix->spare[8], 1);
    write_to_null();
}

/* Every walk has its result by then. */
static void judge_passed_all_the_same(const struct ct_results *results)
{
    assert_int_equal(results->counts[CT_PASS], WALKS);
    for (size_t id = 0; id < WALKS; id++) assert_int_equal(matrix->runs[0][id], 3);
    assert_true(matrix->spare[8] > 0);
}

static void stop_hooks_that_crash_change_no_result(void **state)
{
    (void)state;
    const struct ct_suite suites[] = {
        { .name = "run_stop", .actions = plain_actions, .action_count = 3, .run_stop = die_at_the_end },
        { .name = "service_stop", .actions = plain_actions, .action_count = 3, .service_stop = die_at_the_end },
        { .name = "thread_stop", .actions = plain_actions, .action_count = 3, .thread_stop = die_at_the_end },
    };
    misdeed = NULL;
    for (size_t i = 0; i < CT_COUNT(suites); i++) run_each_way(&suites[i], 0, judge_passed_all_the_same);
}

/* ---- */

static size_t add(struct CMUnitTest *tests, size_t count, CMUnitTestFunction test, const char *format, const void *row,
                  const char *what)
{
    char name[128];
    snprintf(name, sizeof name, format, what);
    tests[count] =
        (struct CMUnitTest){ .name = strdup(name), .test_func = test, .initial_state = (void *)(uintptr_t)row };
    return count + 1;
}

int main(int argc, char **argv)
{
    static const char *const start_names[] = {
        "service_start fails in one: it is dropped",  "service_start crashes in one: it is replaced",
        "service_start exits in one: it is replaced", "service_start fails in all: all is lost",
        "service_start crashes in all: all is lost",  "service_start exits in all: all is lost",
        "thread_start fails in one: it is dropped",   "thread_start crashes in one: it is replaced",
        "thread_start fails in all: all is lost",     "thread_start crashes in all: all is lost",
    };
    static struct CMUnitTest tests[64];
    size_t count = 0;
    for (size_t i = 0; i < CT_COUNT(misdeeds); i++) {
        const struct misdeed *row = &misdeeds[i];
        count = add(tests, count, should_cancel_is_blamed_as_its_walk_is, "should_cancel %s: its walk is blamed", row,
                    row->name);
        count = add(tests, count, a_serial_action_that_ends_badly_blocks_its_branch,
                    "a serial action %s: its branch is blocked", row, row->name);
        count = add(tests, count, nothing_runs_where_run_start_ends_badly, "run_start %s: nothing runs", row,
                    row->name);
        count = add(tests, count, walk_start_and_walk_stop_are_blamed_as_their_walk_is,
                    "a walk's hook %s: its walk is blamed", row, row->name);
    }
    for (size_t i = 0; i < CT_COUNT(starts); i++)
        count = add(tests, count, walks_run_where_the_start_hooks_pass, "%s", &starts[i], start_names[i]);
    count = add(tests, count, stop_hooks_that_crash_change_no_result, "%s", NULL,
                "stop hooks that crash change no result");
    return matrix_main_tests(argc, argv, "hooks", tests, count);
}
