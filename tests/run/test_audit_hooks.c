/* Hooks: how often each is called, in which order, and that the stop hooks are called after failures too. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum kind {
    RUN_START,
    SERVICE_START,
    THREAD_START,
    WALK_START,
    RUN,
    SERIAL,
    WALK_STOP,
    THREAD_STOP,
    SERVICE_STOP,
    RUN_STOP,
    HOST_STOP,
    KINDS
};
enum { EVENTS_MAX = 4096, SERVICES = 2, THREADS = 3 };

/* What was called, by whom, in one order over all processes. */
struct event {
    enum kind kind;
    pid_t process, thread;
    uint64_t walk;
    size_t stage;
};
static struct {
    _Atomic size_t count;
    struct event events[EVENTS_MAX];
} * said;

static void say(const struct ct_walk *walk, enum kind kind)
{
    size_t at = atomic_fetch_add(&said->count, 1);
    if (at >= EVENTS_MAX) return;
    said->events[at] = (struct event){ kind, getpid(), gettid(), ct_walk_id(walk), ct_walk_stage(walk) };
}

#define START_HOOK(name, kind)                                                                                         \
    static enum ct_status name(struct ct_walk *walk)                                                                   \
    {                                                                                                                  \
        say(walk, kind);                                                                                               \
        return CT_PASS;                                                                                                \
    }
#define STOP_HOOK(name, kind)                                                                                          \
    static void name(struct ct_walk *walk)                                                                             \
    {                                                                                                                  \
        say(walk, kind);                                                                                               \
    }
START_HOOK(start_run, RUN_START)
START_HOOK(start_service, SERVICE_START)
START_HOOK(start_thread, THREAD_START)
START_HOOK(start_walk, WALK_START)
STOP_HOOK(stop_walk, WALK_STOP)
STOP_HOOK(stop_thread, THREAD_STOP)
STOP_HOOK(stop_service, SERVICE_STOP)
STOP_HOOK(stop_run, RUN_STOP)
STOP_HOOK(stop_host, HOST_STOP)

static enum ct_status refuse_odd_walks(struct ct_walk *walk)
{
    say(walk, WALK_START);
    return ct_walk_id(walk) % 2 ? ct_fail(walk, "odd") : CT_PASS;
}

static enum ct_status run(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    say(walk, RUN);
    return CT_PASS;
}

static enum ct_status run_or_fail(struct ct_walk *walk, const struct ct_option *option)
{
    say(walk, RUN);
    return ct_option_int(option) == 1 ? ct_fail(walk, "one") : CT_PASS;
}

static enum ct_status run_serial(struct ct_walk *walk, const struct ct_option *option)
{
    say(walk, SERIAL);
    return ct_option_int(option) == 2 ? ct_fail(walk, "two") : CT_PASS;
}

static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_action actions[] = { CT_ACTION("a", run, three), CT_SERIAL_ACTION("s", run_serial, three),
                                            CT_ACTION("b", run_or_fail, three), CT_ACTION("c", run, three) };
#define HOOKED(n, acts, start)                                                                                         \
    {                                                                                                                  \
        .name = (n), .actions = (acts), .action_count = CT_COUNT(acts), .run_start = start_run, .run_stop = stop_run,  \
        .service_start = start_service, .service_stop = stop_service, .thread_start = start_thread,                    \
        .thread_stop = stop_thread, .walk_start = (start), .walk_stop = stop_walk                                      \
    }
static const struct ct_suite suite = HOOKED("hooked", actions, start_walk);
static const struct ct_suite refusing = HOOKED("refusing", actions, refuse_odd_walks);

static struct ct_results *run_hooked(const struct ct_suite *hooked, enum ct_isolation isolation)
{
    const struct ct_run_options options = {
        .services = SERVICES, .threads = THREADS, .isolation = isolation, .verbose = -1
    };
    atomic_store(&said->count, 0);
    struct ct_results *results = run_well(hooked, &options);
    assert_in_range(said->count, 1, EVENTS_MAX);
    return results;
}

static size_t count_of(enum kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < said->count; i++) count += said->events[i].kind == kind;
    return count;
}

static size_t count_in_process(enum kind kind, pid_t process)
{
    size_t count = 0;
    for (size_t i = 0; i < said->count; i++)
        count += said->events[i].kind == kind && said->events[i].process == process;
    return count;
}

/* The only event of a kind, or the test fails. */
static size_t only(enum kind kind)
{
    assert_int_equal(count_of(kind), 1);
    size_t i = 0;
    while (said->events[i].kind != kind) i++;
    return i;
}

/* ---- order ---- */

/* Start hooks come in the order run, service, thread, walk, and stop hooks the other way round: as what each process
 * and each thread said last allows. */
static void assert_nested(void)
{
    for (size_t i = 0; i < said->count; i++) {
        const struct event *event = &said->events[i];
        const struct event *by_process = NULL, *by_thread = NULL;
        for (size_t j = 0; j < i; j++) {
            const struct event *before = &said->events[j];
            if (before->process != event->process || before->kind == RUN_START) continue;
            by_process = before;
            if (before->thread == event->thread) by_thread = before;
        }
        int process_said = by_process ? (int)by_process->kind : -1, thread_said = by_thread ? (int)by_thread->kind : -1;
        switch (event->kind) {
        case SERVICE_START: assert_int_equal(process_said, -1); break;
        case THREAD_START: assert_true(thread_said == -1 || thread_said == SERVICE_START); break;
        case WALK_START: assert_true(thread_said == THREAD_START || thread_said == WALK_STOP); break;
        case RUN: assert_true(thread_said == WALK_START || thread_said == RUN); break;
        case WALK_STOP: assert_true(thread_said == RUN || thread_said == WALK_START); break;
        case THREAD_STOP:
            assert_true(thread_said == WALK_STOP || thread_said == THREAD_START || thread_said == SERIAL ||
                        thread_said == RUN_STOP);
            break;
        case SERVICE_STOP: assert_int_equal(process_said, THREAD_STOP); break;
        default: break;
        }
        if (event->kind == THREAD_START) assert_int_equal(count_in_process(SERVICE_START, event->process), 1);
    }
}

/* A walk's stop hook follows its start hook on the same thread, for the same walk and stage. */
static void assert_walks_paired(void)
{
    for (size_t i = 0; i < said->count; i++) {
        if (said->events[i].kind != WALK_START) continue;
        size_t j = i + 1;
        while (j < said->count && (said->events[j].thread != said->events[i].thread || said->events[j].kind == RUN))
            j++;
        assert_true(j < said->count);
        assert_int_equal(said->events[j].kind, WALK_STOP);
        assert_int_equal(said->events[j].walk, said->events[i].walk);
        assert_int_equal(said->events[j].stage, said->events[i].stage);
    }
    assert_int_equal(count_of(WALK_STOP), count_of(WALK_START));
}

/* The serial executor is an executor too, with one thread. */
static void assert_counts_of_executors(size_t executors, size_t threads)
{
    assert_int_equal(only(RUN_START), 0);
    assert_int_equal(count_of(SERVICE_START), executors);
    assert_int_equal(count_of(SERVICE_STOP), executors);
    assert_int_equal(count_of(THREAD_START), threads);
    assert_int_equal(count_of(THREAD_STOP), threads);
    for (size_t i = only(RUN_STOP); i < said->count; i++) {
        assert_true(said->events[i].kind >= THREAD_STOP);
        assert_int_equal(said->events[i].process, said->events[only(RUN_STOP)].process);
    }
}

static void hooks_are_called_in_order_as_often_as_there_is_something_to_start(void **state)
{
    (void)state;
    struct ct_results *results = run_hooked(&suite, CT_ISOLATION_THREAD);
    assert_int_equal(results->walk_count, 81);
    assert_int_equal(results->counts[CT_FAIL], 2 * 9);
    assert_int_equal(results->counts[CT_BLOCKED], 27);
    assert_counts_of_executors(SERVICES + 1, SERVICES * THREADS + 1);
    assert_nested();
    assert_walks_paired();
    assert_int_equal(count_of(SERIAL), 3);
    assert_int_equal(count_of(WALK_START), 81 + 54);
    assert_int_equal(count_of(WALK_START), results->segment_count);
    assert_int_equal(count_of(RUN), 81 + 54 + 54 - 18);
    ct_results_free(results);
}

static void walks_with_a_process_of_their_own_have_the_same_hooks(void **state)
{
    (void)state;
    struct ct_results *results = run_hooked(&suite, CT_ISOLATION_PROCESS);
    assert_int_equal(results->counts[CT_FAIL], 18);
    assert_counts_of_executors(SERVICES * THREADS + 1, SERVICES * THREADS + 1);
    assert_walks_paired();
    assert_int_equal(count_of(WALK_START), 81 + 54);
    ct_results_free(results);
}

static void a_walk_whose_start_hook_fails_is_stopped_and_runs_nothing(void **state)
{
    (void)state;
    struct ct_results *results = run_hooked(&refusing, CT_ISOLATION_THREAD);
    assert_int_equal(results->counts[CT_FAIL] + results->counts[CT_BLOCKED] + results->counts[CT_PASS], 81);
    for (size_t i = 0; i < said->count; i++)
        if (said->events[i].kind == RUN) assert_int_equal(said->events[i].walk % 2, 0);
    assert_counts_of_executors(SERVICES + 1, SERVICES * THREADS + 1);
    assert_nested();
    assert_walks_paired();
    ct_results_free(results);
}

static void a_run_that_is_stopped_calls_its_stop_hooks(void **state)
{
    (void)state;
    const struct ct_run_options options = { .services = SERVICES, .threads = THREADS, .fail_fast = 1, .verbose = -1 };
    atomic_store(&said->count, 0);
    struct ct_results *results = run_well(&suite, &options);
    assert_true(results->counts[CT_FAIL] >= 1);
    assert_counts_of_executors(SERVICES + 1, SERVICES * THREADS + 1);
    assert_nested();
    assert_walks_paired();
    ct_results_free(results);
}

static void without_serial_actions_and_run_hooks_there_is_no_serial_executor(void **state)
{
    static const struct ct_action plain[] = { CT_ACTION("a", run, three) };
    struct ct_suite bare = HOOKED("bare", plain, start_walk);
    (void)state;
    bare.run_start = NULL;
    bare.run_stop = NULL;
    struct ct_results *results = run_hooked(&bare, CT_ISOLATION_THREAD);
    assert_int_equal(count_of(SERVICE_START), SERVICES);
    assert_int_equal(count_of(SERVICE_STOP), SERVICES);
    assert_int_equal(count_of(THREAD_STOP), SERVICES * THREADS);
    assert_nested();
    assert_walks_paired();
    ct_results_free(results);
}

/* ---- start hooks that fail ---- */

static const struct ct_action plain_actions[] = { CT_ACTION("a", run, three) };

static enum ct_status refuse_services(struct ct_walk *walk)
{
    say(walk, SERVICE_START);
    return ct_fail(walk, "no service");
}

/* The executor that runs the run hooks and serial actions. */
static enum ct_status refuse_the_serial_one(struct ct_walk *walk)
{
    say(walk, SERVICE_START);
    return count_in_process(RUN_START, getpid()) > 0 ? ct_fail(walk, "not here") : CT_PASS;
}

static enum ct_status refuse_all_but_the_first(struct ct_walk *walk)
{
    if (count_in_process(THREAD_START, getpid()) > 0) return ct_fail(walk, "one is enough");
    say(walk, THREAD_START);
    return CT_PASS;
}

/* Starting hooks that are not `suite`'s; the host's stop hook is there, too. */
static struct ct_results *run_starting(enum ct_status (*service_start)(struct ct_walk *walk),
                                       enum ct_status (*thread_start)(struct ct_walk *walk))
{
    struct ct_suite starting = HOOKED("starting", plain_actions, start_walk);
    starting.service_start = service_start;
    starting.thread_start = thread_start;
    starting.host_stop = stop_host;
    struct ct_results *results = run_hooked(&starting, CT_ISOLATION_THREAD);
    assert_int_equal(count_of(RUN_START), 1);
    assert_true(only(RUN_STOP) < only(HOST_STOP));
    for (size_t i = only(RUN_STOP); i < said->count; i++) assert_true(said->events[i].kind >= THREAD_STOP);
    return results;
}

static void the_run_and_the_host_are_stopped_where_no_service_starts(void **state)
{
    (void)state;
    struct ct_results *results = run_starting(refuse_services, start_thread);
    assert_int_equal(results->counts[CT_LOST], 3);
    assert_int_equal(results->exit_code, 3);
    assert_int_equal(count_of(SERVICE_STOP), 0);
    ct_results_free(results);
}

static void the_run_is_stopped_after_the_services_where_the_serial_executor_does_not_start(void **state)
{
    (void)state;
    struct ct_results *results = run_starting(refuse_the_serial_one, start_thread);
    assert_int_equal(results->counts[CT_PASS], 3);
    assert_int_equal(results->exit_code, 0);
    assert_int_equal(count_of(SERVICE_STOP), SERVICES);
    assert_int_equal(said->events[said->count - 1].kind, HOST_STOP);
    assert_int_equal(said->events[said->count - 2].kind, RUN_STOP);
    ct_results_free(results);
}

static void a_service_is_stopped_where_a_thread_of_it_does_not_start(void **state)
{
    (void)state;
    struct ct_results *results = run_starting(start_service, refuse_all_but_the_first);
    assert_int_equal(results->counts[CT_LOST], 3);
    assert_int_equal(count_of(THREAD_STOP), count_of(THREAD_START));
    assert_int_equal(count_of(SERVICE_STOP), SERVICES + 1);
    ct_results_free(results);
}

/* ---- stop hooks that fail ---- */

#define FAILING_STOP(name)                                                                                             \
    static void fail_##name(struct ct_walk *walk)                                                                      \
    {                                                                                                                  \
        ct_fail(walk, "cannot");                                                                                       \
    }
FAILING_STOP(thread_stop)
FAILING_STOP(service_stop)
FAILING_STOP(host_stop)
FAILING_STOP(run_stop)

static const char *const stop_names[] = { "thread_stop", "service_stop", "host_stop", "run_stop" };

static void count_stops(void *user, enum ct_log_level level, const char *line)
{
    size_t *counts = user;
    for (size_t i = 0; i < CT_COUNT(stop_names); i++) {
        const char *at = strstr(line, stop_names[i]);
        counts[i] += level == CT_LOG_ERROR && at && strstr(at, " failed: ") && strstr(at, ": cannot");
    }
}

static void what_a_stop_hook_says_is_logged_and_changes_no_result(void **state)
{
    const struct ct_suite failing = { .name = "failing",
                                      .actions = plain_actions,
                                      .action_count = 1,
                                      .thread_stop = fail_thread_stop,
                                      .service_stop = fail_service_stop,
                                      .host_stop = fail_host_stop,
                                      .run_stop = fail_run_stop };
    size_t counts[CT_COUNT(stop_names)] = { 0 };
    const struct ct_run_options options = {
        .services = SERVICES, .threads = THREADS, .log = count_stops, .log_user = counts
    };
    (void)state;
    struct ct_results *results = run_well(&failing, &options);
    assert_int_equal(results->counts[CT_PASS], 3);
    assert_int_equal(results->exit_code, 0);
    assert_int_equal(counts[0], SERVICES * THREADS + 1);
    assert_int_equal(counts[1], SERVICES + 1);
    assert_int_equal(counts[2], 1);
    assert_int_equal(counts[3], 1);
    ct_results_free(results);
}

static int set_up(void **state)
{
    (void)state;
    void *memory = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    said = memory;
    return memory != MAP_FAILED ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hooks_are_called_in_order_as_often_as_there_is_something_to_start),
        cmocka_unit_test(walks_with_a_process_of_their_own_have_the_same_hooks),
        cmocka_unit_test(a_walk_whose_start_hook_fails_is_stopped_and_runs_nothing),
        cmocka_unit_test(a_run_that_is_stopped_calls_its_stop_hooks),
        cmocka_unit_test(the_run_and_the_host_are_stopped_where_no_service_starts),
        cmocka_unit_test(the_run_is_stopped_after_the_services_where_the_serial_executor_does_not_start),
        cmocka_unit_test(a_service_is_stopped_where_a_thread_of_it_does_not_start),
        cmocka_unit_test(what_a_stop_hook_says_is_logged_and_changes_no_result),
        cmocka_unit_test(without_serial_actions_and_run_hooks_there_is_no_serial_executor),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
