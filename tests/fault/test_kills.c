/* Processes of the run itself are killed or stopped at random moments: one for each seed. [--seeds N] [--jobs J]: seeds
 * 0 to N - 1, in J programs at once, for most of the time is spent in waiting. */
#include "kills_suite.h"
#include "matrix.h"
#include "processes.h"
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SEEDS_MAX = 10000, LIMIT_S = 90, TIMEOUT_MS = 3000, INJECT_MS = 700 };

/* ---- the injection ---- */

enum target { EXECUTOR, NURSE, SERIAL, LINK, KEEPER, COORDINATOR, TARGET_COUNT };
static const char *const target_names[] = { "an executor", "a nurse",    "the serial executor",
                                            "the link",    "the keeper", "the coordinator" };

struct injection {
    enum target target;
    int number; /* the signal */
    uint64_t random;
    pid_t pid;         /* whom it hit; 0: nobody was there */
    _Atomic bool over; /* the run is */
};

static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u; /* splitmix64, public domain, Sebastiano Vigna */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static pid_t pick_service(const struct cast *cast, const pid_t *pids, uint64_t random)
{
    for (size_t i = 0; i < cast->count; i++) {
        size_t at = (i + (size_t)(random % 1000)) % cast->count;
        if (cast->executors[at] != (pid_t)kills_seen->serial_pid) return pids[at];
    }
    return 0;
}

static pid_t pick(const struct injection *injection)
{
    struct cast cast = processes_cast(getpid());
    switch (injection->target) {
    case EXECUTOR: return pick_service(&cast, cast.executors, injection->random);
    case NURSE: return pick_service(&cast, cast.nurses, injection->random);
    case LINK: return cast.link;
    case KEEPER: return cast.keeper;
    case COORDINATOR: return cast.coordinator;
    default: break;
    }
    for (size_t i = 0; i < cast.count; i++)
        if (cast.executors[i] == (pid_t)kills_seen->serial_pid) return cast.executors[i];
    return 0;
}

static void *inject(void *user)
{
    struct injection *injection = user;
    usleep((useconds_t)(draw(&injection->random) % (INJECT_MS * 1000)));
    while (!injection->over && injection->pid == 0) {
        pid_t pid = pick(injection);
        if (pid > 0 && kill(pid, injection->number) == 0)
            injection->pid = pid;
        else
            usleep(1000);
    }
    return NULL;
}

/* ---- what must hold ---- */

struct trial {
    const struct injection *injection;
    const struct ct_results *results;
    uint64_t seed, counts[CT_STATUS_COUNT + 1];
    int threads;
    size_t wrong;
};

static void say(struct trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct trial *trial, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (trial->wrong++ < 12) fprintf(stderr, "  [seed %" PRIu64 "] %s\n", trial->seed, text);
}

/* All services are lost with the keeper; the coordinator's death is the run's end. Nothing else may lose a walk. */
static bool may_lose(const struct trial *trial)
{
    return trial->injection->target == KEEPER || trial->injection->target == COORDINATOR;
}

/* What runs in a serial action dies with the serial executor, and that with the link: its branch is blocked then. */
static bool may_block(const struct trial *trial)
{
    enum target target = trial->injection->target;
    return target == SERIAL || target == LINK || may_lose(trial);
}

/* run_start is lost with the serial executor as a serial action is: nothing runs then. */
static bool start_was_lost(const struct trial *trial)
{
    const struct ct_results *results = trial->results;
    return may_block(trial) && results->note && strstr(results->note, "run_start") && kills_seen->runs[0][0] == 0 &&
           results->counts[CT_NOT_RUN] == KILLS_WALKS;
}

/* A serial action that nobody could run leaves the run incomplete, with its branch blocked. */
static bool serial_was_lost(const struct trial *trial)
{
    const struct ct_results *results = trial->results;
    return may_block(trial) && results->note && strncmp(results->note, "serial action", 13) == 0 &&
           strstr(results->note, " lost: ") && results->counts[CT_BLOCKED] > 0;
}

/* A stopped executor's walk cannot be told from one that stops itself. */
static bool may_time_out(const struct trial *trial)
{
    return trial->injection->target == EXECUTOR && trial->injection->number == SIGSTOP;
}

static bool is_allowed(const struct trial *trial, enum ct_status status)
{
    switch (status) {
    case CT_PASS: return true;
    case CT_BLOCKED: return may_block(trial);
    case CT_TIMED_OUT: return may_time_out(trial);
    case CT_LOST: return may_lose(trial);
    case CT_NOT_RUN: return start_was_lost(trial);
    default: return false;
    }
}

static void check_passed(struct trial *trial, size_t id, const json_t *state)
{
    json_t *wanted = kills_state(id);
    if (!json_equal(state, wanted)) {
        char *text = json_dumps(state, JSON_ENCODE_ANY | JSON_COMPACT);
        say(trial, "walk %zu passed with the state %s", id, text ? text : "none");
        free(text);
    }
    json_decref(wanted);
    for (size_t stage = 0; stage < KILLS_STAGES; stage++)
        if (kills_seen->runs[stage][id] < 1 || kills_seen->runs[stage][id] > 2)
            say(trial, "walk %zu passed after %d runs of stage %zu", id, kills_seen->runs[stage][id], stage);
}

/* A serial action blocks all of its branch, and here nothing else can have ended these walks before. */
static void check_blocked(struct trial *trial)
{
    uint64_t blocked = trial->counts[CT_BLOCKED];
    if (blocked == 0 || may_lose(trial)) return;
    if ((blocked != KILLS_BRANCH_S && blocked != KILLS_BRANCH_T) || trial->results->serial_failed_count != 1)
        say(trial, "%" PRIu64 " walks are blocked by %" PRIu64 " serial actions", blocked,
            trial->results->serial_failed_count);
    for (size_t id = 0; id < KILLS_WALKS; id++) {
        bool one = matrix_status(trial->results, id) == CT_BLOCKED;
        bool first = matrix_status(trial->results, id / blocked * blocked) == CT_BLOCKED;
        if (one != first) say(trial, "walk %zu is blocked otherwise than its branch", id);
    }
}

/* A walk runs twice only if its service was lost, and then only what was in flight or not yet reported. */
static void check_repeats(struct trial *trial)
{
    int repeats = 0, most = KILLS_WALKS;
    enum target target = trial->injection->target;
    for (size_t stage = 0; stage < KILLS_STAGES; stage++)
        for (size_t id = 0; id < KILLS_WALKS; id++)
            if (kills_seen->runs[stage][id] > 1) repeats += kills_seen->runs[stage][id] - 1;
    if (target == SERIAL || target == COORDINATOR || trial->injection->pid == 0) most = 0;
    if (target == EXECUTOR || target == NURSE) most = trial->threads;
    if (repeats > most) say(trial, "%d walks ran again, %d may", repeats, most);
    for (size_t i = 0; i < CT_COUNT(kills_seen->serial_runs); i++)
        if (kills_seen->serial_runs[i] > 1) say(trial, "serial action %zu ran %d times", i, kills_seen->serial_runs[i]);
}

static void check_walks(struct trial *trial)
{
    for (size_t id = 0; id < KILLS_WALKS; id++) {
        const json_t *entry = json_array_get(trial->results->states, id);
        enum ct_status status = matrix_status(trial->results, id);
        trial->counts[status]++;
        if (!is_allowed(trial, status)) say(trial, "walk %zu is %s", id, ct_status_name(status));
        if ((size_t)json_integer_value(json_object_get(entry, "walk")) != id)
            say(trial, "entry %zu is of another walk", id);
        if (status == CT_PASS) check_passed(trial, id, json_object_get(entry, "state"));
    }
    for (int status = 0; status < CT_STATUS_COUNT; status++)
        if (trial->counts[status] != trial->results->counts[status])
            say(trial, "%" PRIu64 " walks are counted as %s, there are %" PRIu64, trial->results->counts[status],
                ct_status_name((enum ct_status)status), trial->counts[status]);
    if (trial->counts[CT_TIMED_OUT] > 1) say(trial, "%" PRIu64 " walks timed out", trial->counts[CT_TIMED_OUT]);
    check_blocked(trial);
}

/* 3 where walks are lost or never began, where a serial action is lost, and where all services are lost with nothing
 * left to run; else what came of the walks decides. Whatever is not whole says why. */
static bool is_right_exit(const struct trial *trial)
{
    const struct ct_results *results = trial->results;
    bool lost = results->counts[CT_LOST] + results->counts[CT_NOT_RUN] > 0;
    bool bad = results->error_count > 0 || results->counts[CT_BLOCKED] > 0 || results->serial_failed_count > 0;
    if (lost || results->exit_code == 3)
        return results->exit_code == 3 && results->note &&
               (may_lose(trial) || start_was_lost(trial) || serial_was_lost(trial));
    return results->exit_code == bad;
}

/* The coordinator takes what it knew of each walk with it: its numbers are left, as last told. */
static void check_numbers(struct trial *trial)
{
    uint64_t finished = 0;
    for (size_t id = 0; id < KILLS_WALKS; id++) finished += kills_seen->runs[KILLS_STAGES - 1][id] > 0;
    if (trial->results->counts[CT_PASS] > finished)
        say(trial, "%" PRIu64 " walks passed of %" PRIu64 " that ran to their end", trial->results->counts[CT_PASS],
            finished);
}

static void check(struct trial *trial)
{
    const struct ct_results *results = trial->results;
    uint64_t sum = 0;
    for (int status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
    if (sum != KILLS_WALKS || results->walk_count != KILLS_WALKS)
        say(trial, "%" PRIu64 " walks of %" PRIu64 " have a status", sum, results->walk_count);
    if (json_array_size(results->states) == KILLS_WALKS)
        check_walks(trial);
    else if (trial->injection->target != COORDINATOR)
        say(trial, "%zu walks are gathered; %s", json_array_size(results->states),
            results->note ? results->note : "no note");
    check_numbers(trial);
    check_repeats(trial);
    if (!is_right_exit(trial))
        say(trial, "exit code %d: %s", results->exit_code, results->note ? results->note : "without a note");
    if (results->failure_count != results->error_count || results->flaky_count != 0)
        say(trial, "%zu failures, %" PRIu64 " errors, %" PRIu64 " flaky", results->failure_count, results->error_count,
            results->flaky_count);
}

/* Twelve seeds in a row hit everything in both ways. */
static void plan_seed(uint64_t seed, struct injection *injection, struct ct_run_options *options)
{
    uint64_t round = seed / (2 * TARGET_COUNT);
    injection->target = (enum target)(seed % TARGET_COUNT);
    injection->number = seed / TARGET_COUNT % 2 ? SIGSTOP : SIGKILL;
    injection->random = seed;
    *options = (struct ct_run_options){ .services = 2,
                                        .threads = 1 + (int)((seed + round) % 2),
                                        .isolation = (seed / 2 + round) % 2 ? CT_ISOLATION_PROCESS
                                                                            : CT_ISOLATION_THREAD,
                                        .timeout_ms = TIMEOUT_MS,
                                        .gather_states = true,
                                        .verbose = -1 };
}

static size_t tried, hit;

static void most_moments_hit_a_process(void **state)
{
    (void)state;
    print_message("  %zu of %zu hit\n", hit, tried);
    assert_true(2 * hit >= tried);
}

static void the_run_survives_it(void **state)
{
    struct injection injection = { 0 };
    struct ct_run_options options;
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    uint64_t seed = *(const uint64_t *)*state;
    pthread_t thread;
    char what[128];
    plan_seed(seed, &injection, &options);
    snprintf(what, sizeof what, "seed %" PRIu64 ": %s %s", seed, target_names[injection.target],
             injection.number == SIGKILL ? "killed" : "stopped");
    assert_true(kills_reset());
    assert_int_equal(pthread_create(&thread, NULL, inject, &injection), 0);
    time_t began = time(NULL);
    matrix_limit_s(LIMIT_S, what);
    enum ct_err code = ct_run_tests(&kills_suite, &options, &results, &error);
    matrix_limit_s(0, "");
    injection.over = true;
    pthread_join(thread, NULL);
    tried++;
    hit += injection.pid != 0;
    struct trial trial = { .injection = &injection, .results = results, .seed = seed, .threads = options.threads };
    print_message("  %s, isolation=%s threads=%d: %s, %ld s\n", what,
                  options.isolation == CT_ISOLATION_PROCESS ? "process" : "thread", options.threads,
                  injection.pid == 0 ? "missed"
                  : code == CT_OK    ? "hit"
                                     : error.text,
                  (long)(time(NULL) - began));
    /* before the run has begun there is nothing to keep */
    if (code == CT_OK)
        check(&trial);
    else if (code != CT_ESYSTEM || !may_lose(&trial) || !*error.text || kills_seen->runs[0][0] > 0)
        say(&trial, "%d, %s", (int)code, error.text);
    ct_results_free(results);
    matrix_assert_clean(3000);
    if (trial.wrong > 0) fail_msg("%s: %zu differences", what, trial.wrong);
}

/* ---- the program ---- */

static int run_seeds(char **argv, uint64_t first, uint64_t end, uint64_t step)
{
    static struct CMUnitTest tests[SEEDS_MAX + 1];
    static uint64_t seeds[SEEDS_MAX];
    static char names[SEEDS_MAX][64];
    size_t count = 0;
    for (uint64_t seed = first; seed < end && count < SEEDS_MAX; seed += step, count++) {
        struct injection injection;
        struct ct_run_options options;
        plan_seed(seed, &injection, &options);
        seeds[count] = seed;
        snprintf(names[count], sizeof names[count], "a run survives seed %" PRIu64 ": %s %s", seed,
                 target_names[injection.target], injection.number == SIGKILL ? "killed" : "stopped");
        tests[count] = (struct CMUnitTest){ .name = names[count],
                                            .test_func = the_run_survives_it,
                                            .initial_state = &seeds[count] };
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(most_moments_hit_a_process);
    return matrix_main_tests(1, argv, "kills", tests, count);
}

/* Every jobs-th seed in a program of its own. */
static int run_jobs(uint64_t seeds, uint64_t jobs)
{
    int failed = 0, status;
    char words[3][24];
    for (uint64_t job = 0; job < jobs; job++) {
        snprintf(words[0], sizeof words[0], "%" PRIu64, job);
        snprintf(words[1], sizeof words[1], "%" PRIu64, seeds);
        snprintf(words[2], sizeof words[2], "%" PRIu64, jobs);
        pid_t pid = fork();
        if (pid == 0) {
            execl("/proc/self/exe", "test_kills", "--part", words[0], words[1], words[2], (char *)NULL);
            _exit(127);
        }
        failed += pid < 0;
    }
    while (wait(&status) > 0) failed += status != 0;
    return failed > 0;
}

int main(int argc, char **argv)
{
    uint64_t seeds = 25, jobs = 4;
    if (argc == 5 && strcmp(argv[1], "--part") == 0)
        return run_seeds(argv, strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seeds") == 0) seeds = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--jobs") == 0) jobs = strtoull(argv[i + 1], NULL, 10);
    }
    return run_jobs(seeds, jobs);
}
