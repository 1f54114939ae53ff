/* The examples, run as programs on what they really test: they pass, say why where they cancel, and leave nothing
 * behind. The SQLite suite also has to notice when the settings that its walks share are not those of their branch. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char programs[PATH_MAX]; /* where the examples are: bin/ beside the directory of this program */
static char scratch[PATH_MAX];  /* TMPDIR of what runs */

static int find_places(void **unused)
{
    (void)unused;
    char self[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    if (size < 0) return -1;
    self[size] = '\0';
    for (int i = 0; i < 2; i++) *strrchr(self, '/') = '\0';
    snprintf(programs, sizeof programs, "%.3900s/bin", self);
    snprintf(scratch, sizeof scratch, "/tmp/test-examples-XXXXXX");
    return mkdtemp(scratch) && setenv("TMPDIR", scratch, 1) == 0 && chdir(scratch) == 0 ? 0 : -1;
}

static int remove_places(void **unused)
{
    (void)unused;
    return chdir("/") == 0 && rmdir(scratch) == 0 ? 0 : -1;
}

/* Starts an example with up to four arguments; its output goes nowhere, its summary to summary.json. */
static pid_t start_example(const char *name, const char *option, const char *value)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.3900s/%s", programs, name);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) return child;
    int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    execl(path, name, "run", "-q", "--summary", "summary.json", option, value, (char *)NULL);
    _exit(127);
}

static int wait_example(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static json_t *take_summary(void)
{
    json_t *summary = json_load_file("summary.json", 0, NULL);
    assert_non_null(summary);
    assert_int_equal(unlink("summary.json"), 0);
    return summary;
}

static json_int_t number(const json_t *summary, const char *key)
{
    assert_true(json_is_integer(json_object_get(summary, key)));
    return json_integer_value(json_object_get(summary, key));
}

static void assert_nothing_left(void)
{
    DIR *directory = opendir(scratch);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (entry->d_name[0] != '.') fail_msg("%s is left behind in TMPDIR", entry->d_name);
    closedir(directory);
}

static void remove_trace(void)
{
    assert_true(unlink(".combtest/last.trace") == 0 || errno == ENOENT);
    assert_true(rmdir(".combtest") == 0 || errno == ENOENT);
}

static json_t *run_example(const char *name, const char *option, const char *value, int exit_code)
{
    assert_int_equal(wait_example(start_example(name, option, value)), exit_code);
    json_t *summary = take_summary();
    remove_trace();
    assert_nothing_left();
    return summary;
}

static void hello_passes(void **unused)
{
    (void)unused;
    json_t *summary = run_example("hello", NULL, NULL, 0);
    assert_int_equal(number(summary, "planned"), 45);
    assert_int_equal(number(summary, "passed"), 45);
    json_decref(summary);
}

static void zlib_gives_back_what_it_was_given_in_60000_walks(void **unused)
{
    (void)unused;
    json_t *summary = run_example("zlib_suite", "--sample", "60000", 0);
    const json_t *counters = json_object_get(summary, "counters");
    assert_int_equal(number(summary, "planned"), 60000);
    assert_int_equal(number(summary, "passed") + number(summary, "canceled"), 60000);
    assert_true(number(summary, "canceled") > 0);
    assert_true(number(counters, "bytes in") > number(counters, "bytes out"));
    assert_true(number(counters, "bytes out") > 0);
    json_decref(summary);
}

static void sqlite_sees_in_each_stage_the_settings_of_its_branch(void **unused)
{
    (void)unused;
    json_t *summary = run_example("sqlite_suite", "--sample", "1500", 0);
    assert_int_equal(number(summary, "planned"), 1500);
    assert_int_equal(number(summary, "passed") + number(summary, "canceled"), 1500);
    assert_int_equal(number(summary, "segments"), 4500);
    assert_int_equal(number(summary, "serial_runs"), 2 + 2 * 2);
    assert_true(number(json_object_get(summary, "counters"), "erased texts still in the file") > 0);
    json_decref(summary);
}

/* The shared settings of the suite that runs now, once a serial action has rewritten them; false: not yet. */
static bool find_settings(char path[PATH_MAX])
{
    bool found = false;
    DIR *directory = opendir(scratch);
    assert_non_null(directory);
    for (const struct dirent *entry; !found && (entry = readdir(directory)) != NULL;) {
        if (strncmp(entry->d_name, "sqlite-suite-", 13) != 0) continue;
        snprintf(path, PATH_MAX, "%.1900s/%.1900s/settings.json", scratch, entry->d_name);
        json_t *settings = json_load_file(path, 0, NULL);
        found = json_integer_value(json_object_get(settings, "generation")) > 0;
        json_decref(settings);
    }
    closedir(directory);
    return found;
}

/* As a serial action would if it did not wait for the walks. */
static void meddle(void)
{
    char path[PATH_MAX], aside[PATH_MAX];
    while (!find_settings(path)) nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    snprintf(aside, sizeof aside, "%.4000s.meddled", path);
    json_t *settings = json_pack("{s:i, s:b, s:b}", "generation", 99, "secure_delete", 1, "foreign_keys", 1);
    assert_int_equal(json_dump_file(settings, aside, 0), 0);
    assert_int_equal(rename(aside, path), 0);
    json_decref(settings);
}

static void sqlite_fails_where_the_settings_are_changed_under_it(void **unused)
{
    (void)unused;
    pid_t child = start_example("sqlite_suite", "--sample", "1500");
    meddle();
    assert_int_equal(wait_example(child), 1);
    json_t *summary = take_summary();
    remove_trace();
    assert_nothing_left();
    assert_true(number(summary, "failed") > 0);
    assert_int_equal(number(summary, "planned"), 1500);
    json_decref(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_passes),
        cmocka_unit_test(zlib_gives_back_what_it_was_given_in_60000_walks),
        cmocka_unit_test(sqlite_sees_in_each_stage_the_settings_of_its_branch),
        cmocka_unit_test(sqlite_fails_where_the_settings_are_changed_under_it),
    };
    return cmocka_run_group_tests(tests, find_places, remove_places);
}
