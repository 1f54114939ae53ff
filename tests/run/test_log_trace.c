/* The trace of a run: which walks it has, and what is left of it when the program is killed. */
#define _GNU_SOURCE 1
#include "logs.h"
#include <errno.h>
#include <replay/replay.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ct_option options_3[3], options_200[200], options_100000[100000];

static enum ct_status fail_last(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    return ct_walk_id(walk) == 2 ? ct_fail(walk, "the third") : CT_PASS;
}

static const struct ct_action failing[] = { CT_ACTION("fail", fail_last, options_3) };
static const struct ct_suite failers = { .name = "failers", .actions = failing, .action_count = 1 };

static size_t count_trace(const char *name, unsigned statuses, size_t *damaged)
{
    char path[LOGS_PATH_MAX];
    struct ct__reader *reader = NULL;
    struct ct__line line;
    struct ct_error error;
    enum ct_err code;
    size_t count = 0;
    logs_path(path, name);
    if (ct__reader_open(path, &reader, &error) != CT_OK) fail_msg("%s", error.text);
    while ((code = ct__reader_next(reader, &(struct ct__filter){ .statuses = statuses }, &line, &error)) !=
           CT_ENOTFOUND) {
        json_t *json = NULL;
        if (code == CT_ETRACE && damaged && ++*damaged == 1 && strstr(error.text, "cut")) continue;
        if (code != CT_OK || ct__line_json(&line, &json, &error) != CT_OK) fail_msg("%s", error.text);
        json_decref(json);
        count++;
    }
    ct__reader_close(reader);
    return count;
}

static void the_trace_has_what_was_asked_for(void **state)
{
    static const struct {
        const char *trace;
        size_t lines;
    } rows[] = { { "all", 3 }, { "failed", 1 }, { "none", 0 } };
    (void)state;
    for (size_t row = 0; row < CT_COUNT(rows); row++) {
        struct ct_results *results = logs_run(
            &failers, (struct ct_run_options){ .log_dir = logs_new(), .trace = rows[row].trace });
        const char *name = logs_trace();
        assert_int_equal(name != NULL, rows[row].lines > 0);
        assert_int_equal(results->trace_path != NULL, rows[row].lines > 0);
        if (name) {
            assert_int_equal(count_trace(name, 0, NULL), rows[row].lines);
            assert_int_equal(count_trace(name, 1u << CT_FAIL, NULL), 1);
        }
        ct_results_free(results);
        logs_remove();
    }
}

static void runs_of_one_program_in_the_same_second_have_a_trace_each(void **state)
{
    struct ct_results *results[4];
    const char *directory = logs_new();
    (void)state;
    for (size_t i = 0; i < CT_COUNT(results); i++)
        results[i] = logs_run(&failers, (struct ct_run_options){ .log_dir = directory });
    for (size_t i = 0; i < CT_COUNT(results); i++) {
        assert_non_null(results[i]->trace_path);
        assert_int_equal(count_trace(strrchr(results[i]->trace_path, '/') + 1, 0, NULL), 3);
        for (size_t j = 0; j < i; j++) assert_string_not_equal(results[i]->trace_path, results[j]->trace_path);
    }
    for (size_t i = 0; i < CT_COUNT(results); i++) ct_results_free(results[i]);
    logs_remove();
}

static enum ct_status log_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    ct_log(walk, CT_LOG_INFO, "runs");
    return CT_PASS;
}

static const struct ct_action counting[] = { CT_ACTION("count", log_walk, options_100000),
                                             CT_ACTION("again", log_walk, options_200) };
static const struct ct_suite counters = { .name = "counters", .actions = counting, .action_count = 2 };

static off_t trace_size(void)
{
    char path[LOGS_PATH_MAX];
    struct stat file;
    const char *name = logs_trace();
    if (!name) return 0;
    logs_path(path, name);
    return stat(path, &file) == 0 ? file.st_size : 0;
}

/* Kills the program of a run, or its coordinator, which is its only child, once the trace has so many bytes; and waits
 * for every process of the run, which come to this one when their parents die. */
static void kill_and_read(bool coordinator, off_t after)
{
    char path[64];
    long victim = 0;
    size_t damaged = 0;
    const struct ct_run_options options = { .services = 2, .threads = 1, .verbose = -1, .log_dir = logs_new() };
    fflush(NULL);
    pid_t program = fork();
    assert_true(program >= 0);
    if (program == 0) _exit(run_well(&counters, &options)->exit_code);
    while (trace_size() < after) usleep(1000);
    victim = program;
    if (coordinator) {
        snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", (long)program, (long)program);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%ld", &victim), 1);
        fclose(file);
    }
    assert_int_equal(kill((pid_t)victim, SIGKILL), 0);
    while (waitpid(-1, NULL, 0) > 0) continue;
    assert_int_equal(errno, ECHILD);
    assert_non_null(logs_trace());
    assert_true(count_trace(logs_trace(), 0, &damaged) > 0);
    assert_true(damaged <= 1);
    if (!coordinator) assert_true(logs_read("run.log", true, NULL, NULL) > 0);
    logs_remove();
}

static void a_trace_is_read_to_its_last_whole_line_after_a_kill(void **state)
{
    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    for (off_t after = 10000; after < 4000000; after += 1000003) {
        kill_and_read(false, after);
        kill_and_read(true, after);
    }
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* The second walk ends when it finds the first one in the trace. */
static enum ct_status wait_for_line(struct ct_walk *walk, const struct ct_option *option)
{
    char path[LOGS_PATH_MAX], line[512];
    bool found = ct_walk_id(walk) == 0;
    (void)option;
    for (int tries = 0; !found && tries < 30000; tries++) {
        const char *name = logs_trace();
        FILE *file = NULL;
        if (name) {
            logs_path(path, name);
            file = fopen(path, "re");
        }
        while (file && fgets(line, sizeof line, file)) found = found || strncmp(line, "{\"walk\":0,", 10) == 0;
        if (file) fclose(file);
        usleep(1000);
    }
    return found ? CT_PASS : ct_fail(walk, "the line was not written");
}

static const struct ct_action waiting[] = { { "wait", wait_for_line, options_3, .option_count = 2 } };
static const struct ct_suite waiters = { .name = "waiters", .actions = waiting, .action_count = 1 };

static void a_line_is_in_the_file_while_the_run_goes_on(void **state)
{
    (void)state;
    struct ct_results *results = logs_run(&waiters, (struct ct_run_options){ .log_dir = logs_new() });
    assert_int_equal(results->counts[CT_PASS], 2);
    ct_results_free(results);
    logs_remove();
}

/* A walk that failed is not to be looked for in the trace of an earlier run. */
static void a_trace_of_another_run_is_not_given_for_this_one(void **state)
{
    char path[LOGS_PATH_MAX], partial[LOGS_PATH_MAX + 16];
    const struct ct_run_options options = { .services = 1, .verbose = -1, .trace_path = path };
    (void)state;
    logs_new();
    logs_path(path, "last.trace");
    snprintf(partial, sizeof partial, "%s.partial", path);
    struct ct_results *results = run_well(&failers, &options);
    assert_string_equal(results->trace_path, path);
    ct_results_free(results);
    assert_int_equal(mkdir(partial, 0700), 0); /* so it cannot be written */
    results = run_well(&failers, &options);
    assert_null(results->trace_path);
    assert_int_equal(results->exit_code, 1);
    assert_int_equal(results->counts[CT_FAIL], 1);
    ct_results_free(results);
    assert_int_equal(rmdir(partial), 0);
    logs_remove();
}

static enum ct_status take_time(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    usleep(2000);
    return CT_PASS;
}

static void check_duration(void *user, const char *line)
{
    size_t *count = user;
    json_t *json = json_loads(line, 0, NULL);
    if (json_object_get(json, "serial_run")) {
        assert_true(json_integer_value(json_object_get(json, "duration_ns")) >= 2000000);
        *count += 1;
    }
    json_decref(json);
}

static void serial_actions_of_either_scope_have_their_duration(void **state)
{
    const struct ct_action timed[] = {
        { .name = "run", .run = take_time, .once = true, .serial = true },
        { .name = "host", .run = take_time, .once = true, .serial = true, .scope = CT_SCOPE_HOST }
    };
    const struct ct_suite suite = { .name = "timed", .actions = timed, .action_count = 2 };
    size_t count = 0;
    (void)state;
    ct_results_free(logs_run(&suite, (struct ct_run_options){ .log_dir = logs_new() }));
    logs_read(logs_trace(), false, check_duration, &count);
    assert_int_equal(count, 2);
    logs_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trace_has_what_was_asked_for),
        cmocka_unit_test(runs_of_one_program_in_the_same_second_have_a_trace_each),
        cmocka_unit_test(a_trace_of_another_run_is_not_given_for_this_one),
        cmocka_unit_test(serial_actions_of_either_scope_have_their_duration),
        cmocka_unit_test(a_line_is_in_the_file_while_the_run_goes_on),
        cmocka_unit_test(a_trace_is_read_to_its_last_whole_line_after_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
