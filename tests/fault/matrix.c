#include "matrix.h"
#include "processes.h"
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ids: 100 * s + 10 * a + b; action a runs in the stage before s, b in the one after it */
enum { VICTIM_EARLY = 37, VICTIM_LATE = 142, VICTIM_LATER = 18, FAILS = 63, CANCELS = 129, PER_BRANCH = 100 };

struct matrix_shared *matrix;
static const struct fault *fault; /* injected now */
static char limited[256];

static bool is_victim(size_t stage, uint64_t id)
{
    return stage == 0 ? id == VICTIM_EARLY : id == VICTIM_LATE || id == VICTIM_LATER;
}

void matrix_reset(void)
{
    if (!matrix) {
        void *memory = mmap(NULL, sizeof *matrix, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_true(memory != MAP_FAILED);
        matrix = memory;
    }
    memset((void *)matrix, 0, sizeof *matrix);
}

void matrix_note_child(long pid)
{
    matrix->children[atomic_fetch_add(&matrix->child_count, 1) % 8] = pid;
}

/* ---- the suite ---- */

static enum ct_status use_tmpdir(struct ct_walk *walk)
{
    char path[4096];
    const char *directory = ct_walk_tmpdir(walk);
    CT_REQUIRE(walk, directory != NULL);
    snprintf(path, sizeof path, "%s/entry", directory);
    CT_CHECK(walk, mkdir(path, 0700) == 0); /* needs no descriptor: faults may have used them up */
    return CT_PASS;
}

static enum ct_status act(struct ct_walk *walk, const struct ct_option *option, const char *key)
{
    uint64_t id = ct_walk_id(walk);
    size_t stage = ct_walk_stage(walk);
    atomic_fetch_add(&matrix->runs[stage][id], 1);
    json_object_set_new(ct_walk_state(walk), key, json_integer(ct_option_int(option)));
    if (is_victim(stage, id)) return fault->act(walk);
    if (stage == 0 && id == CANCELS) return ct_cancel(walk, "it makes no sense");
    if (stage == 1 && id == FAILS) return ct_fail(walk, "it does not work");
    return id % 40 == 7 ? use_tmpdir(walk) : CT_PASS;
}

static enum ct_status run_a(struct ct_walk *walk, const struct ct_option *option)
{
    return act(walk, option, "a");
}

static enum ct_status run_b(struct ct_walk *walk, const struct ct_option *option)
{
    return act(walk, option, "b");
}

static enum ct_status run_s(struct ct_walk *walk, const struct ct_option *option)
{
    atomic_fetch_add(&matrix->serial_runs[ct_option_int(option)], 1);
    for (int i = 0; i < matrix->child_count && i < 8; i++) {
        char state = processes_state((pid_t)matrix->children[i]);
        if (state != 0 && state != 'Z' && state != 'X') atomic_fetch_add(&matrix->alive_at_barrier, 1);
    }
    json_t *changes = json_pack("{s:I, s:f}", "s", (json_int_t)ct_option_int(option), "half", 0.5);
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static enum ct_status on_walk_start(struct ct_walk *walk)
{
    if (fault->walk_start) fault->walk_start(walk);
    return CT_PASS;
}

static void on_walk_stop(struct ct_walk *walk)
{
    if (fault->walk_stop) fault->walk_stop(walk);
}

static const struct ct_option ten[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                        CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };
static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };
static const struct ct_action actions[] = { CT_ACTION("a", run_a, ten), CT_SERIAL_ACTION("s", run_s, two),
                                            CT_ACTION("b", run_b, ten) };
static const struct ct_suite suite = { .name = "matrix",
                                       .actions = actions,
                                       .action_count = CT_COUNT(actions),
                                       .walk_start = on_walk_start,
                                       .walk_stop = on_walk_stop };

/* ---- what must come out ---- */

/* One run of the fault: how it is run, and how much in its result is not as it must be. */
struct trial {
    bool process;
    int threads;
    enum ct_status bad; /* what must come of the victims */
    enum ct_status got[MATRIX_WALKS];
    size_t strangers; /* crashed walks that are no victims */
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
    if (trial->wrong++ < 12)
        fprintf(stderr, "  [isolation=%s threads=%d] %s\n", trial->process ? "process" : "thread", trial->threads,
                text);
}

static bool spreads(const struct trial *trial)
{
    return fault->spreads && !trial->process;
}

/* What the walk comes to in a stage where it runs. */
static enum ct_status stage_status(const struct trial *trial, size_t stage, uint64_t id)
{
    if (is_victim(stage, id)) return trial->bad;
    if (stage == 0 && id == CANCELS) return CT_CANCEL;
    return stage == 1 && id == FAILS ? CT_FAIL : CT_PASS;
}

static enum ct_status wanted_status(const struct trial *trial, uint64_t id)
{
    enum ct_status status = stage_status(trial, 0, id);
    return status == CT_PASS ? stage_status(trial, 1, id) : status;
}

static json_t *wanted_state(const struct trial *trial, uint64_t id)
{
    enum ct_status status = wanted_status(trial, id);
    if (status == CT_CRASHED || status == CT_TIMED_OUT) return json_null();
    json_t *state = json_pack("{s:I}", "a", (json_int_t)(id / 10 % 10));
    if (stage_status(trial, 0, id) == CT_PASS)
        json_object_update_new(state, json_pack("{s:I, s:f, s:I}", "s", (json_int_t)(id / PER_BRANCH), "half", 0.5, "b",
                                                (json_int_t)(id % 10)));
    return state;
}

enum ct_status matrix_status(const struct ct_results *results, size_t i)
{
    const char *name = json_string_value(json_object_get(json_array_get(results->states, i), "status"));
    int status = 0;
    while (name && status < CT_STATUS_COUNT && strcmp(name, ct_status_name((enum ct_status)status)) != 0) status++;
    return name ? (enum ct_status)status : CT_STATUS_COUNT;
}

static void check_walk(struct trial *trial, const struct ct_results *results, size_t id)
{
    enum ct_status got = matrix_status(results, id), want = wanted_status(trial, id);
    const json_t *state = json_object_get(json_array_get(results->states, id), "state");
    trial->got[id] = got;
    if (got == CT_CRASHED && want != CT_CRASHED && spreads(trial)) {
        trial->strangers++;
        return;
    }
    if (got != want) say(trial, "walk %zu is %s, must be %s", id, ct_status_name(got), ct_status_name(want));
    json_t *wanted = wanted_state(trial, id);
    if (got == want && !json_equal(state, wanted)) {
        char *one = json_dumps(state, JSON_ENCODE_ANY | JSON_COMPACT),
             *other = json_dumps(wanted, JSON_ENCODE_ANY | JSON_COMPACT);
        say(trial, "walk %zu has the state %s, must have %s", id, one ? one : "none", other);
        free(one);
        free(other);
    }
    json_decref(wanted);
}

/* How often a walk may have run in a stage that it came to. */
static void check_runs(struct trial *trial, size_t stage, size_t id)
{
    bool entered = stage == 0 || stage_status(trial, 0, id) == CT_PASS;
    bool dies = trial->bad == CT_CRASHED || trial->bad == CT_TIMED_OUT, alone = trial->process || trial->threads == 1;
    int runs = matrix->runs[stage][id], least = entered, most = entered;
    if (!entered || (!dies && !spreads(trial))) goto compare;
    if (is_victim(stage, id) && (trial->process ? fault->again : fault->unseen)) least = most = 2;
    /* a walk that shared its executor with the ones that died: a third death would be its own */
    if (!alone) most = 3;
    /* stage 0 of a walk of whom the damage was another's, in stage 1 too */
    if (spreads(trial) && trial->got[id] == CT_CRASHED) least = 0;
compare:
    if (runs < least || runs > most)
        say(trial, "walk %zu ran %d times in stage %zu, must run %d to %d times", id, runs, stage, least, most);
}

/* Walks that ran again beside those that died: at most the other threads' for each death. */
static void check_repeats(struct trial *trial)
{
    int repeats = 0, deaths = 3;
    for (size_t stage = 0; stage < MATRIX_STAGES; stage++)
        for (size_t id = 0; id < MATRIX_WALKS; id++)
            if (!is_victim(stage, id) && matrix->runs[stage][id] > 1) repeats += matrix->runs[stage][id] - 1;
    if (repeats > deaths * (trial->threads - 1)) say(trial, "%d walks ran again that did nothing", repeats);
}

static void check_failure(struct trial *trial, const struct ct_failure *failure)
{
    const char *action = failure->walk == VICTIM_EARLY ? "a" : "b";
    char named[32];
    snprintf(named, sizeof named, "%s%s", fault->walk_stop ? "walk_stop" : "action ", fault->walk_stop ? "" : action);
    if (failure->walk == FAILS || spreads(trial)) return;
    if (!failure->message || (fault->says && !strstr(failure->message, fault->says)) ||
        !strstr(failure->message, named))
        say(trial, "walk %" PRIu64 " failed with \"%s\": must say \"%s\" and \"%s\"", failure->walk,
            failure->message ? failure->message : "", fault->says ? fault->says : "", named);
    json_t *options = json_pack("{s:I, s:I, s:I}", "a", (json_int_t)(failure->walk / 10 % 10), "s",
                                (json_int_t)(failure->walk / PER_BRANCH), "b", (json_int_t)(failure->walk % 10));
    if (!json_equal(failure->options, options)) say(trial, "walk %" PRIu64 " failed with other options", failure->walk);
    json_decref(options);
}

static bool is_error(enum ct_status status)
{
    return status == CT_FAIL || status == CT_CRASHED || status == CT_TIMED_OUT;
}

/* The numbers must be those of the walks as they came out. */
static void check_counts(struct trial *trial, const struct ct_results *results)
{
    uint64_t counts[CT_STATUS_COUNT + 1] = { 0 }, errors = 0;
    for (size_t id = 0; id < MATRIX_WALKS; id++) {
        counts[trial->got[id]]++;
        if (!is_error(trial->got[id])) continue;
        if (errors >= results->failed_id_count || results->failed_ids[errors] != id)
            say(trial, "walk %zu is not in its place among the failed ids", id);
        errors++;
    }
    for (int status = 0; status < CT_STATUS_COUNT; status++)
        if (results->counts[status] != counts[status])
            say(trial, "%" PRIu64 " walks are counted as %s, there are %" PRIu64, results->counts[status],
                ct_status_name((enum ct_status)status), counts[status]);
    if (results->walk_count != MATRIX_WALKS || results->error_count != errors || results->failure_count != errors ||
        results->failed_id_count != errors)
        say(trial, "%" PRIu64 " walks, %" PRIu64 " errors, %zu failures, %zu failed ids", results->walk_count,
            results->error_count, results->failure_count, results->failed_id_count);
}

static void check_run(struct trial *trial, const struct ct_results *results)
{
    if (results->serial_count != 2 || results->serial_failed_count != 0 || matrix->serial_runs[0] != 1 ||
        matrix->serial_runs[1] != 1)
        say(trial, "serial actions ran %d and %d times, %" PRIu64 " counted, %" PRIu64 " failed",
            matrix->serial_runs[0], matrix->serial_runs[1], results->serial_count, results->serial_failed_count);
    uint64_t entered = 2 * MATRIX_WALKS - 1 - (trial->bad != CT_PASS);
    if (results->segment_count != entered && !spreads(trial))
        say(trial, "%" PRIu64 " segments, must be %" PRIu64, results->segment_count, entered);
    if (results->flaky_count != 0) say(trial, "%" PRIu64 " walks are flaky", results->flaky_count);
    if (spreads(trial) && (trial->strangers < 1 || trial->strangers > 3))
        say(trial, "%zu walks crashed of the damage that three did", trial->strangers);
    if (fault->outlived && trial->process && matrix->alive_at_barrier > 0)
        say(trial, "%d processes outlived their walk", matrix->alive_at_barrier);
}

static void check_end(struct trial *trial, const struct ct_results *results)
{
    if (results->exit_code != 1 || results->note)
        say(trial, "exit code %d: %s", results->exit_code, results->note ? results->note : "without a note");
}

static void check(struct trial *trial, const struct ct_results *results)
{
    if (json_array_size(results->states) != MATRIX_WALKS)
        say(trial, "%zu walks are gathered", json_array_size(results->states));
    check_end(trial, results);
    for (size_t id = 0; id < MATRIX_WALKS; id++) check_walk(trial, results, id);
    for (size_t id = 0; id < MATRIX_WALKS; id++)
        for (size_t stage = 0; stage < MATRIX_STAGES; stage++) check_runs(trial, stage, id);
    check_repeats(trial);
    for (size_t i = 0; i < results->failure_count; i++) check_failure(trial, &results->failures[i]);
    check_counts(trial, results);
    check_run(trial, results);
}

/* ---- running it ---- */

static void too_long(int number)
{
    (void)number;
    static const char line[] = "took too long: ";
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0 || write(STDERR_FILENO, limited, strlen(limited)) < 0 ||
        write(STDERR_FILENO, "\n", 1) < 0)
        _exit(98);
    _exit(97);
}

void matrix_limit_s(unsigned seconds, const char *what)
{
    snprintf(limited, sizeof limited, "%s", what);
    signal(SIGALRM, too_long);
    alarm(seconds);
}

void matrix_assert_clean(int grace_ms)
{
    size_t left = processes_left(grace_ms), litter = processes_litter();
    if (left > 0 || litter > 0) fail_msg("%zu processes are left, and %zu entries in TMPDIR", left, litter);
    assert_false(processes_has_children());
}

/* Returns stderr as it was; without fd, throws away what is written to it. */
static int silence(int fd)
{
    int kept = -1, null = -1;
    if (fd < 0) {
        kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
        null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDERR_FILENO);
        close(null);
    } else {
        dup2(fd, STDERR_FILENO);
        close(fd);
    }
    return kept;
}

static size_t try(bool process, int threads)
{
    struct trial trial = { .process = process, .threads = threads, .bad = process ? fault->process : fault->thread };
    struct ct_run_options options = { .services = 2,
                                      .threads = threads,
                                      .isolation = process ? CT_ISOLATION_PROCESS : CT_ISOLATION_THREAD,
                                      .timeout_ms = fault->timeout_ms,
                                      .limit_memory = process ? fault->limit_memory : 0,
                                      .gather_states = true,
                                      .verbose = -1 };
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    matrix_reset();
    matrix_limit_s(60, fault->name);
    int kept = fault->quiet ? silence(-1) : -1;
    enum ct_err code = ct_run_tests(&suite, &options, &results, &error);
    if (kept >= 0) silence(kept);
    matrix_limit_s(0, "");
    if (code != CT_OK)
        say(&trial, "%s", error.text);
    else
        check(&trial, results);
    ct_results_free(results);
    size_t left = processes_left(0), litter = processes_litter();
    if (left > 0 || litter > 0) say(&trial, "%zu processes are left, and %zu entries in TMPDIR", left, litter);
    return trial.wrong;
}

void matrix_inject(void **state)
{
    size_t wrong = 0;
    fault = *state;
    for (int threads = 1; threads <= 2; threads++) {
        if (fault->thread != MATRIX_NOT_RUN) wrong += try(false, threads);
        if (fault->process != MATRIX_NOT_RUN) wrong += try(true, threads);
    }
    if (wrong > 0) fail_msg("%s: %zu differences", fault->name, wrong);
    assert_false(processes_has_children());
}

int matrix_main_tests(int argc, char **argv, const char *group, const struct CMUnitTest *tests, size_t count)
{
    processes_mark(argv);
    if (argc > 1) cmocka_set_test_filter(argv[1]);
    int failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    size_t left = processes_left(0);
    processes_unmark();
    return failed > 0 || left > 0;
}

int matrix_main(int argc, char **argv, const char *group, const struct fault *faults, size_t count)
{
    struct CMUnitTest *tests = calloc(count, sizeof *tests);
    if (!tests) return 1;
    for (size_t i = 0; i < count; i++)
        tests[i] = (struct CMUnitTest){ .name = faults[i].name,
                                        .test_func = matrix_inject,
                                        .initial_state = (void *)&faults[i] };
    int result = matrix_main_tests(argc, argv, group, tests, count);
    free(tests);
    return result;
}
