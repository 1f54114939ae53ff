/* The central log: no line is lost, torn, or out of its order, whatever becomes of the process that wrote it. */
#define _GNU_SOURCE 1
#include "logs.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LINES = 1000 };
#else
enum { LINES = 12500 }; /* of each speaker: a million in all */
#endif
enum { WALKS = 40, SPEAKERS = 2, ATTEMPTS = 8, CRASHES = 17, NO_CRASH = WALKS };
#define END "the end of the line, which is long enough to be torn in two by a writer that does not take care."

/* What the executors say that they have logged, by walk, attempt and speaker. Zeroed before each run. */
struct said {
    _Atomic int attempts[WALKS];
    _Atomic int lines[WALKS][ATTEMPTS][SPEAKERS];
    _Atomic size_t each, crashes; /* lines of each speaker; the walk that crashes halfway */
};
static struct said *said;

static void said_reset(size_t each, size_t crashes)
{
    if (!said) {
        void *memory = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        assert_true(memory != MAP_FAILED);
        said = memory;
    }
    memset(said, 0, sizeof *said);
    said->each = each;
    said->crashes = crashes;
}

struct speaker {
    struct ct_walk *walk;
    size_t id, number;
    int attempt;
};

static void *speak(void *user)
{
    const struct speaker *speaker = user;
    size_t each = said->each;
    for (size_t i = 0; i < each; i++) {
        ct_log(speaker->walk, CT_LOG_INFO, "n=%zu.%d.%zu.%zu " END, speaker->id, speaker->attempt, speaker->number, i);
        atomic_fetch_add(&said->lines[speaker->id][speaker->attempt][speaker->number], 1);
        if (speaker->id == said->crashes && speaker->number == 0 && i == each / 2) raise(SIGSEGV);
    }
    return NULL;
}

static enum ct_status speak_both(struct ct_walk *walk, const struct ct_option *option)
{
    struct speaker own = { .walk = walk, .id = ct_walk_id(walk) }, other;
    pthread_t thread;
    (void)option;
    own.attempt = atomic_fetch_add(&said->attempts[own.id], 1);
    if (own.attempt >= ATTEMPTS) return ct_fail(walk, "ran %d times", own.attempt);
    other = own;
    other.number = 1;
    if (pthread_create(&thread, NULL, speak, &other) != 0) return ct_fail(walk, "no thread");
    speak(&own);
    pthread_join(thread, NULL);
    return CT_PASS;
}

static const struct ct_option forty[WALKS];
static const struct ct_action speaking[] = { { "speak", speak_both, forty, .option_count = WALKS } };
static const struct ct_suite speakers = { .name = "speakers", .actions = speaking, .action_count = 1 };

/* ---- what is in the log ---- */

struct found {
    size_t next[WALKS][ATTEMPTS][SPEAKERS];
    size_t count;
};

static void find_line(void *user, const char *line)
{
    struct found *found = user;
    const char *text = strstr(line, " n=");
    size_t id, attempt, number, i;
    char end[128], walk[32];
    if (!text) return;
    if (sscanf(text, " n=%zu.%zu.%zu.%zu %127[^\n]", &id, &attempt, &number, &i, end) != 5 || strcmp(end, END) != 0)
        fail_msg("torn: \"%.200s\"", line);
    snprintf(walk, sizeof walk, " walk %zu in speak: ", id);
    if (!strstr(line, walk)) fail_msg("not said to be of its walk: \"%.200s\"", line);
    assert_true(id < WALKS && attempt < ATTEMPTS && number < SPEAKERS);
    if (found->next[id][attempt][number] != i)
        fail_msg("out of order: %zu where %zu is due: \"%.200s\"", i, found->next[id][attempt][number], line);
    found->next[id][attempt][number]++;
    found->count++;
}

/* Every line whose ct_log returned is there; one more may be, of a speaker that died before it could count it. */
static void assert_none_missing(const struct found *found)
{
    for (size_t id = 0; id < WALKS; id++)
        for (size_t attempt = 0; attempt < ATTEMPTS; attempt++)
            for (size_t number = 0; number < SPEAKERS; number++) {
                size_t due = (size_t)said->lines[id][attempt][number], got = found->next[id][attempt][number];
                if (got < due || got > due + 1)
                    fail_msg("walk %zu, attempt %zu, speaker %zu: %zu lines are there, %zu were logged", id, attempt,
                             number, got, due);
            }
}

static void speak_and_look(enum ct_isolation isolation, size_t each, size_t crashes, uint64_t log_size)
{
    struct found *found = calloc(1, sizeof *found);
    const struct ct_run_options options = { .services = 2,
                                            .threads = 4,
                                            .isolation = isolation,
                                            .verbose = -1,
                                            .trace = "none",
                                            .log_dir = logs_new(),
                                            .log_size = log_size };
    assert_non_null(found);
    said_reset(each, crashes);
    struct ct_results *results = run_well(&speakers, &options);
    size_t crashed = crashes < WALKS ? 1 : 0;
    assert_int_equal(results->counts[CT_CRASHED], crashed);
    assert_int_equal(results->counts[CT_PASS], WALKS - crashed);
    for (int number = 9; number > 0; number--) {
        char name[32];
        snprintf(name, sizeof name, "run.log.%d", number);
        logs_read(name, true, find_line, found);
    }
    logs_read("run.log", true, find_line, found);
    assert_none_missing(found);
    assert_true(found->count >= (WALKS - crashed) * SPEAKERS * each);
    ct_results_free(results);
    free(found);
}

static void none_of_a_million_lines_is_lost_or_torn_though_a_walk_crashes(void **state)
{
    (void)state;
    speak_and_look(CT_ISOLATION_THREAD, LINES, CRASHES, (uint64_t)1 << 30);
    assert_int_equal(said->lines[CRASHES][0][0], said->each / 2 + 1);
    logs_remove();
}

static void none_is_lost_or_torn_with_processes_for_walls(void **state)
{
    (void)state;
    speak_and_look(CT_ISOLATION_PROCESS, LINES / 5, CRASHES, (uint64_t)1 << 30);
    assert_int_equal(said->lines[CRASHES][0][0], said->each / 2 + 1);
    logs_remove();
}

static void stop_run(void *user, enum ct_log_level level, const char *line)
{
    (void)user;
    (void)level;
    if (strstr(line, " n=")) ct_stop();
}

/* What was logged when the run was told to stop, and what the walks in flight logged until their end. */
static void a_stop_loses_no_line(void **state)
{
    struct found *found = calloc(1, sizeof *found);
    const struct ct_run_options options = {
        .services = 2, .threads = 4, .trace = "none", .log_dir = logs_new(), .log = stop_run
    };
    (void)state;
    assert_non_null(found);
    said_reset(LINES / 10, NO_CRASH);
    struct ct_results *results = run_well(&speakers, &options);
    assert_true(results->counts[CT_PASS] > 0);
    assert_int_equal(results->counts[CT_PASS] + results->counts[CT_NOT_RUN], WALKS);
    logs_read("run.log", true, find_line, found);
    assert_none_missing(found);
    assert_int_equal(found->count, results->counts[CT_PASS] * SPEAKERS * said->each);
    ct_results_free(results);
    free(found);
    logs_remove();
}

/* 16,000 lines of about 190 bytes make 3 MB. */
static void a_log_put_aside_by_size_keeps_every_line_in_its_order(void **state)
{
    const uint64_t size = 512 << 10;
    char path[LOGS_PATH_MAX];
    struct stat file;
    (void)state;
    speak_and_look(CT_ISOLATION_THREAD, 200, NO_CRASH, size);
    logs_path(path, "run.log.4");
    assert_int_equal(stat(path, &file), 0);
    assert_true(file.st_size >= (off_t)size);
    assert_true(file.st_size < (off_t)size + 1024);
    logs_remove();
}

/* ---- lines of no walk ---- */

enum { LONE_LINES = 500 };

static void *speak_alone(void *user)
{
    for (int i = 0; i < LONE_LINES; i++) ct_log(NULL, CT_LOG_INFO, "lone=%zu.%d;", *(size_t *)user, i);
    return NULL;
}

static enum ct_status speak_of_no_walk(struct ct_walk *walk, const struct ct_option *option)
{
    size_t own = ct_walk_id(walk) * 2, other = own + 1;
    pthread_t thread;
    (void)option;
    if (pthread_create(&thread, NULL, speak_alone, &other) != 0) return ct_fail(walk, "no thread");
    speak_alone(&own);
    pthread_join(thread, NULL);
    return CT_PASS;
}

static const struct ct_action alone[] = { { "speak", speak_of_no_walk, forty, .option_count = WALKS } };
static const struct ct_suite lone = { .name = "lone", .actions = alone, .action_count = 1 };

static void find_lone(void *user, const char *line)
{
    size_t *next = user, id, i;
    const char *text = strstr(line, " lone=");
    if (!text) return;
    if (sscanf(text, " lone=%zu.%zu", &id, &i) != 2 || strchr(text, ';') == NULL || strchr(text, ';')[1] != '\0')
        fail_msg("torn: \"%.200s\"", line);
    assert_true(id < (size_t)WALKS * 2);
    assert_null(strstr(line, " walk "));
    assert_int_equal(next[id], i);
    next[id]++;
}

static void lines_of_no_walk_arrive(enum ct_isolation isolation)
{
    size_t next[WALKS * 2] = { 0 };
    const struct ct_run_options options = {
        .services = 2, .threads = 4, .isolation = isolation, .verbose = -1, .trace = "none", .log_dir = logs_new()
    };
    struct ct_results *results = run_well(&lone, &options);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    logs_read("run.log", true, find_lone, next);
    for (size_t i = 0; i < CT_COUNT(next); i++) assert_int_equal(next[i], LONE_LINES);
    ct_results_free(results);
    logs_remove();
}

static void lines_of_no_walk_arrive_from_any_thread(void **state)
{
    (void)state;
    lines_of_no_walk_arrive(CT_ISOLATION_THREAD);
}

static void lines_of_no_walk_arrive_from_the_processes_of_walks(void **state)
{
    (void)state;
    lines_of_no_walk_arrive(CT_ISOLATION_PROCESS);
}

/* ---- levels ---- */

static enum ct_status speak_at_each_level(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    ct_log(walk, CT_LOG_DEBUG, "said 0\nand its second line");
    for (int level = CT_LOG_INFO; level <= CT_LOG_STATUS; level++)
        ct_log(walk, (enum ct_log_level)level, "said %d\nand its second line", level);
    return CT_PASS;
}

static const struct ct_action leveled[] = { CT_ACTION_ONCE("levels", speak_at_each_level) };
static const struct ct_suite levels = { .name = "levels", .actions = leveled, .action_count = 1 };

static void take_line(void *user, enum ct_log_level level, const char *line)
{
    unsigned *seen = user;
    const char *text = strstr(line, "said ");
    if (text && text[5] == (char)('0' + (int)level)) *seen |= 1u << level;
}

static void each_verbosity_has_its_levels(void **state)
{
    static const char *const names[] = { "Z debug ", "Z info ", "Z warning ", "Z error ", "Z status " };
    static const struct {
        int verbose;
        unsigned called, written;
    } rows[] = { { -1, 0x18, 0x1e }, { 0, 0x1e, 0x1e }, { 1, 0x1f, 0x1f } };
    (void)state;
    for (size_t row = 0; row < CT_COUNT(rows); row++) {
        unsigned called = 0, written = 0;
        const struct ct_run_options options = { .services = 1,
                                                .threads = 1,
                                                .verbose = rows[row].verbose,
                                                .log_dir = logs_new(),
                                                .log = take_line,
                                                .log_user = &called };
        ct_results_free(run_well(&levels, &options));
        for (unsigned level = 0; level <= CT_LOG_STATUS; level++)
            if (logs_count(names[level], "said ") == 1) written |= 1u << level;
        assert_int_equal(called, rows[row].called);
        assert_int_equal(written, rows[row].written);
        assert_int_equal(logs_count("    and its second line", ""), rows[row].verbose > 0 ? 5 : 4);
        logs_remove();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_of_a_million_lines_is_lost_or_torn_though_a_walk_crashes),
        cmocka_unit_test(none_is_lost_or_torn_with_processes_for_walls),
        cmocka_unit_test(a_stop_loses_no_line),
        cmocka_unit_test(a_log_put_aside_by_size_keeps_every_line_in_its_order),
        cmocka_unit_test(lines_of_no_walk_arrive_from_any_thread),
        cmocka_unit_test(lines_of_no_walk_arrive_from_the_processes_of_walks),
        cmocka_unit_test(each_verbosity_has_its_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
