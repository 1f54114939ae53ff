/* What user code prints, and a disk that is full. */
#define _GNU_SOURCE 1
#include "logs.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
enum { WALKS = 200, LIMIT_KB = 32 << 10 };

static const struct ct_option options_200[WALKS], options_3[3];

/* ---- output ---- */

static enum ct_status print_lines(struct ct_walk *walk, const struct ct_option *option)
{
    unsigned long long id = ct_walk_id(walk);
    (void)option;
    printf("printed by %llu\n", id);
    fflush(stdout);
    fprintf(stderr, "complained by %llu", id);
    return id == 2 ? ct_fail(walk, "the third") : CT_PASS;
}

static const struct ct_action printing[] = { CT_ACTION("print", print_lines, options_3) };
static const struct ct_suite printers = { .name = "printers", .actions = printing, .action_count = 1 };

static void assert_what_is_printed_is_told_by_walk(enum ct_isolation isolation)
{
    struct ct_results *results = logs_run(
        &printers, (struct ct_run_options){ .isolation = isolation, .threads = 1, .log_dir = logs_new() });
    for (int id = 0; id < 3; id++) {
        char walk[32], printed[32], complained[32];
        snprintf(walk, sizeof walk, " walk %d: ", id);
        snprintf(printed, sizeof printed, "printed by %d", id);
        snprintf(complained, sizeof complained, "    complained by %d", id);
        assert_int_equal(logs_count(walk, printed), 1);
        assert_int_equal(logs_count(complained, ""), 1);
    }
    assert_int_equal(results->failure_count, 1);
    assert_non_null(results->failures[0].output);
    assert_string_equal(results->failures[0].output, "printed by 2\ncomplained by 2");
    ct_results_free(results);
    logs_remove();
}

static void what_a_walk_prints_is_its_own_with_processes_for_walls(void **state)
{
    (void)state;
    assert_what_is_printed_is_told_by_walk(CT_ISOLATION_PROCESS);
}

static void what_a_walk_prints_is_its_own_where_its_service_has_one_thread(void **state)
{
    (void)state;
    assert_what_is_printed_is_told_by_walk(CT_ISOLATION_THREAD);
}

static void count_labeled(void *user, enum ct_log_level level, const char *line)
{
    (void)level;
    if (strstr(line, "printed by ") && strncmp(line, "output of ", 10) == 0 && !strstr(line, " walk ")) ++*(int *)user;
}

static void what_a_walk_prints_is_its_services_where_that_has_several_threads(void **state)
{
    int labeled = 0;
    (void)state;
    const struct ct_run_options options = {
        .services = 2, .threads = 2, .log_dir = logs_new(), .log = count_labeled, .log_user = &labeled
    };
    struct ct_results *results = run_well(&printers, &options);
    for (int id = 0; id < 3; id++) {
        char printed[32], complained[32];
        snprintf(printed, sizeof printed, "printed by %d", id);
        snprintf(complained, sizeof complained, "complained by %d", id);
        assert_int_equal(logs_count(printed, ""), 1);
        assert_int_equal(logs_count(complained, ""), 1);
    }
    assert_true(logs_count("output of ", "/") > 0);
    assert_int_equal(logs_count("output of ", " walk "), 0);
    assert_true(labeled > 0);
    assert_int_equal(results->failure_count, 1);
    assert_null(results->failures[0].output);
    ct_results_free(results);
    logs_remove();
}

/* Walks of far less than a microsecond: not each of them is looked at. */
static enum ct_status print_rarely(struct ct_walk *walk, const struct ct_option *option)
{
    unsigned long long id = ct_walk_id(walk);
    (void)option;
    if (id % 500 == 77) printf("printed by %llu;\n", id);
    if (id % 5000 == 2577) raise(SIGSEGV);
    return CT_PASS;
}

static enum ct_status do_nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static const struct ct_action rare[] = { CT_ACTION("one", do_nothing, options_200),
                                         CT_ACTION("two", print_rarely, options_200) };
static const struct ct_suite rarely = { .name = "rarely", .actions = rare, .action_count = 2 };

static void look_for_strangers(void *user, const char *line)
{
    const char *walk = strstr(line, " walk "), *printed = strstr(line, "printed by ");
    size_t *own = user;
    if (!walk || !printed || strncmp(walk, " walk ", 6) != 0) return;
    assert_int_equal(strtoul(walk + 6, NULL, 10), strtoul(printed + 11, NULL, 10));
    ++*own;
}

static void no_walk_is_told_what_another_printed(void **state)
{
    size_t own = 0;
    (void)state;
    struct ct_results *results = logs_run(&rarely, (struct ct_run_options){ .threads = 1, .log_dir = logs_new() });
    assert_int_equal(results->counts[CT_CRASHED], 8);
    assert_int_equal(logs_count("printed by ", ";"), 80);
    logs_read("run.log", true, look_for_strangers, &own);
    assert_true(own > 40);
    for (size_t i = 0; i < results->failure_count; i++) {
        char printed[32];
        snprintf(printed, sizeof printed, "printed by %llu;", (unsigned long long)results->failures[i].walk);
        if (results->failures[i].output) assert_string_equal(results->failures[i].output, printed);
    }
    ct_results_free(results);
    logs_remove();
}

static size_t to_print; /* set before the run forks its executors */

/* In blocks, as a program that is redirected does; then waits for the progress to be looked at. */
static enum ct_status print_much(struct ct_walk *walk, const struct ct_option *option)
{
    static char block[1 << 20];
    (void)option;
    memset(block, 'o', sizeof block);
    for (size_t left = to_print; left > 0;) {
        ssize_t put = write(STDOUT_FILENO, block, left < sizeof block ? left : sizeof block);
        if (put < 0) return ct_fail(walk, "write: %d", errno);
        left -= (size_t)put;
    }
    if (to_print > sizeof block) usleep(400000);
    return CT_PASS;
}

static const struct ct_action flood[] = { CT_ACTION_ONCE("flood", print_much) };
static const struct ct_suite flooding = { .name = "flooding", .actions = flood, .action_count = 1 };

/* The bytes of 'o' that the log has, those that it says are left out, and how often it says so. */
struct kept {
    size_t bytes, more, mores;
};

static void count_kept(void *user, const char *line)
{
    struct kept *kept = user;
    const char *text = strstr(line, "oooo"), *more = strstr(line, "... (");
    if (text) kept->bytes += strspn(text, "o");
    if (more && strstr(more, " bytes left out)")) {
        kept->more += strtoul(more + 5, NULL, 10);
        kept->mores++;
    }
}

/* The most memory that the coordinator, this process's only child, was seen to have. */
static void look_at_memory(void *user, const struct ct_results *so_far)
{
    char path[64], line[256];
    long *most = user, child = 0;
    (void)so_far;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)gettid());
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%ld", &child) != 1) child = 0;
    if (file) fclose(file);
    snprintf(path, sizeof path, "/proc/%ld/status", child);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        long kb = strncmp(line, "VmHWM:", 6) == 0 ? strtol(line + 6, NULL, 10) : 0;
        if (kb > *most) *most = kb;
    }
    if (file) fclose(file);
}

static struct kept print_with(enum ct_isolation isolation, size_t bytes, uint64_t limit, long *most_kb)
{
    struct kept kept = { 0 };
    to_print = bytes;
    struct ct_results *results = logs_run(&flooding, (struct ct_run_options){ .isolation = isolation,
                                                                              .timeout_ms = 60000,
                                                                              .max_output = limit,
                                                                              .log_dir = logs_new(),
                                                                              .progress = look_at_memory,
                                                                              .progress_user = most_kb });
    assert_int_equal(results->counts[CT_PASS], 1);
    ct_results_free(results);
    logs_read("run.log", true, count_kept, &kept);
    logs_remove();
    return kept;
}

static void output_up_to_the_limit_is_kept_whole(void **state)
{
    long most_kb = 0;
    (void)state;
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++)
        for (int round = 0; round < 5; round++) {
            struct kept kept = print_with((enum ct_isolation)isolation, 60000, 65536, &most_kb);
            assert_int_equal(kept.bytes, 60000);
            assert_int_equal(kept.mores, 0);
        }
}

static void output_over_the_limit_is_cut_and_counted(void **state)
{
    long most_kb = 0;
    (void)state;
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++) {
        struct kept kept = print_with((enum ct_isolation)isolation, 5000, 1000, &most_kb);
        assert_int_equal(kept.bytes, 1000);
        assert_int_equal(kept.more, 4000);
        assert_int_equal(kept.mores, 1);
    }
}

static enum ct_status talk_and_abort(struct ct_walk *walk, const struct ct_option *option)
{
    static char block[100000];
    (void)walk, (void)option;
    memset(block, 'o', sizeof block);
    dprintf(STDOUT_FILENO, "first words\n");
    if (write(STDOUT_FILENO, block, sizeof block) < 0) return CT_FAIL;
    dprintf(STDERR_FILENO, "\nlast words\n");
    abort();
}

static const struct ct_action speech[] = { CT_ACTION_ONCE("talk", talk_and_abort) };
static const struct ct_suite talkative = { .name = "talkative", .actions = speech, .action_count = 1 };

static void the_last_words_of_a_talkative_walk_are_kept(void **state)
{
    (void)state;
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++) {
        struct ct_results *results = logs_run(
            &talkative,
            (struct ct_run_options){
                .isolation = (enum ct_isolation)isolation, .threads = 1, .max_output = 1000, .log_dir = logs_new() });
        assert_int_equal(results->counts[CT_CRASHED], 1);
        assert_int_equal(logs_count("first words", ""), 1);
        assert_int_equal(logs_count("... (99024 bytes left out)", ""), 1);
        assert_int_equal(logs_count("last words", ""), 1);
        assert_non_null(strstr(results->failures[0].output, "first words\n"));
        assert_non_null(strstr(results->failures[0].output, "\nlast words"));
        ct_results_free(results);
        logs_remove();
    }
}

static void a_hundred_megabytes_neither_hang_nor_grow_the_coordinator(void **state)
{
    const size_t bytes = (size_t)100 << 20;
    (void)state;
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++) {
        long most_kb = 0;
        struct kept kept = print_with((enum ct_isolation)isolation, bytes, 0, &most_kb);
        assert_true(kept.bytes > 0 && kept.bytes <= 65536);
        assert_int_equal(kept.bytes + kept.more, bytes);
        if (isolation == CT_ISOLATION_PROCESS) assert_int_equal(kept.mores, 1);
        assert_true(most_kb > 0);
        if (!SANITIZED) assert_in_range(most_kb, 1, LIMIT_KB);
    }
}

/* ---- notes ---- */

static enum ct_status note_too_much(struct ct_walk *walk, const struct ct_option *option)
{
    const size_t size = (size_t)65 << 20;
    char *text = malloc(size);
    (void)option;
    if (!text) return ct_fail(walk, "no memory");
    memset(text, 'n', size);
    json_t *note = json_stringn_nocheck(text, size);
    ct_note(walk, "much", note);
    json_decref(note);
    free(text);
    return CT_PASS;
}

static const struct ct_action overlong_actions[] = { CT_ACTION_ONCE("note", note_too_much) };
static const struct ct_suite overlong = { .name = "overlong", .actions = overlong_actions, .action_count = 1 };

static void notes_that_no_line_can_hold_are_left_out_and_that_is_said(void **state)
{
    (void)state;
    struct ct_results *results = logs_run(&overlong, (struct ct_run_options){ .log_dir = logs_new() });
    assert_int_equal(results->counts[CT_PASS], 1);
    assert_int_equal(results->exit_code, 0);
    assert_int_equal(logs_count("walk 0: its notes are too long", "left out"), 1);
    assert_int_equal(logs_read(logs_trace(), false, NULL, NULL), 2);
    ct_results_free(results);
    logs_remove();
}

/* ---- a walk that removes what the run writes ---- */

static enum ct_status remove_log(struct ct_walk *walk, const struct ct_option *option)
{
    char path[LOGS_PATH_MAX];
    (void)option;
    logs_path(path, "run.log");
    return unlink(path) == 0 ? CT_PASS : ct_fail(walk, "it was not there");
}

static const struct ct_action removing[] = { CT_ACTION_ONCE("remove", remove_log) };
static const struct ct_suite removers = { .name = "removers", .actions = removing, .action_count = 1 };

static void a_log_that_is_gone_at_the_end_is_no_good_end(void **state)
{
    (void)state;
    for (int optional = 0; optional < 2; optional++) {
        struct ct_results *results = logs_run(
            &removers,
            (struct ct_run_options){ .log_dir = logs_new(), .trace = "none", .log_optional = optional != 0 });
        assert_int_equal(results->counts[CT_PASS], 1);
        assert_int_equal(results->exit_code, optional ? 0 : 3);
        assert_null(results->log_path);
        if (!optional) assert_non_null(strstr(results->note, "run.log: was removed while it was written"));
        ct_results_free(results);
        logs_remove();
    }
}

/* ---- a full disk ---- */

static enum ct_status log_much(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    for (int i = 0; i < 100; i++) ct_log(walk, CT_LOG_INFO, "line %d, %0150d", i, i);
    return CT_PASS;
}

static enum ct_status note_much(struct ct_walk *walk, const struct ct_option *option)
{
    char text[20001];
    (void)option;
    memset(text, 'n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    json_t *note = json_string(text);
    ct_note(walk, "much", note);
    json_decref(note);
    return CT_PASS;
}

static const struct ct_action logging[] = { CT_ACTION("log", log_much, options_200) };
static const struct ct_action noting[] = { CT_ACTION("note", note_much, options_200) };
static const struct ct_suite loggers = { .name = "loggers", .actions = logging, .action_count = 1 };
static const struct ct_suite noters = { .name = "noters", .actions = noting, .action_count = 1 };

/* Ends the process with a line where what is not so. */
#define MUST(what) ((what) ? (void)0 : (print_error("%s:%d: %s\n", __FILE__, __LINE__, #what), _exit(1)))

static int fill_the_disk(const struct ct_suite *suite, const char *trace, const char *file, bool optional)
{
    const char *directory = logs_new();
    bool mounted = logs_mount_small(directory, 512 << 10);
    if (!mounted) {
        logs_remove();
        return LOGS_SKIP;
    }
    struct ct_results *results = logs_run(
        suite, (struct ct_run_options){ .log_dir = directory, .trace = trace, .log_optional = optional });
    MUST(results->walk_count == WALKS);
    MUST(results->counts[CT_PASS] + results->counts[CT_NOT_RUN] == WALKS);
    if (optional) {
        MUST(results->counts[CT_PASS] == WALKS);
        MUST(results->exit_code == 0);
    } else {
        MUST(results->counts[CT_PASS] > 0);
        MUST(results->exit_code == 3);
        MUST(results->note && strstr(results->note, directory) && strstr(results->note, file));
        MUST(strstr(results->note, "No space left on device") != NULL);
    }
    logs_read("run.log", true, NULL, NULL); /* ends with a whole line, or the process ends */
    ct_results_free(results);
    umount2(directory, MNT_DETACH);
    rmdir(directory);
    return 0;
}

static int fill_with_log(void)
{
    return fill_the_disk(&loggers, "none", "run.log", false);
}

static int fill_with_trace(void)
{
    return fill_the_disk(&noters, "all", ".trace", false);
}

static int fill_with_optional_log(void)
{
    return fill_the_disk(&loggers, "none", "run.log", true);
}

static int fill_with_optional_trace(void)
{
    return fill_the_disk(&noters, "all", ".trace", true);
}

static enum ct_status note_much_and_fail(struct ct_walk *walk, const struct ct_option *option)
{
    note_much(walk, option);
    return ct_fail(walk, "noted");
}

static const struct ct_action sour_noting[] = { CT_ACTION("note", note_much_and_fail, options_200) };
static const struct ct_suite sour_noters = { .name = "noters", .actions = sour_noting, .action_count = 1 };

/* The trace that is kept of failed walks though nobody asked for one. */
static int fill_with_last_trace(void)
{
    char path[LOGS_PATH_MAX];
    const char *directory = logs_new();
    if (!logs_mount_small(directory, 512 << 10)) {
        logs_remove();
        return LOGS_SKIP;
    }
    logs_path(path, "last.trace");
    struct ct_results *results = logs_run(&sour_noters, (struct ct_run_options){ .trace_path = path });
    MUST(results->counts[CT_FAIL] == WALKS);
    MUST(results->exit_code == 1);
    MUST(results->trace_path != NULL);
    MUST(logs_read("last.trace", false, NULL, NULL) > 1); /* whole lines */
    ct_results_free(results);
    umount2(directory, MNT_DETACH);
    rmdir(directory);
    return 0;
}

static void a_trace_that_nobody_asked_for_ends_no_run_on_a_full_disk(void **state)
{
    (void)state;
    logs_apart(fill_with_last_trace);
}

static void a_disk_that_a_log_fills_ends_the_run_with_its_results_kept(void **state)
{
    (void)state;
    logs_apart(fill_with_log);
}

static void a_disk_that_a_trace_fills_ends_the_run_with_its_results_kept(void **state)
{
    (void)state;
    logs_apart(fill_with_trace);
}

static void a_run_whose_log_is_optional_goes_on_over_a_full_disk(void **state)
{
    (void)state;
    logs_apart(fill_with_optional_log);
    logs_apart(fill_with_optional_trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_walk_prints_is_its_own_with_processes_for_walls),
        cmocka_unit_test(what_a_walk_prints_is_its_own_where_its_service_has_one_thread),
        cmocka_unit_test(what_a_walk_prints_is_its_services_where_that_has_several_threads),
        cmocka_unit_test(no_walk_is_told_what_another_printed),
        cmocka_unit_test(output_up_to_the_limit_is_kept_whole),
        cmocka_unit_test(output_over_the_limit_is_cut_and_counted),
        cmocka_unit_test(the_last_words_of_a_talkative_walk_are_kept),
        cmocka_unit_test(a_hundred_megabytes_neither_hang_nor_grow_the_coordinator),
        cmocka_unit_test(notes_that_no_line_can_hold_are_left_out_and_that_is_said),
        cmocka_unit_test(a_log_that_is_gone_at_the_end_is_no_good_end),
        cmocka_unit_test(a_disk_that_a_log_fills_ends_the_run_with_its_results_kept),
        cmocka_unit_test(a_disk_that_a_trace_fills_ends_the_run_with_its_results_kept),
        cmocka_unit_test(a_trace_that_nobody_asked_for_ends_no_run_on_a_full_disk),
        cmocka_unit_test(a_run_whose_log_is_optional_goes_on_over_a_full_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
