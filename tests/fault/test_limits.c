/* What the run needs is not to be had: room on the disk, descriptors, processes. Either it says so, or it is right. */
#define _GNU_SOURCE 1
#include "matrix.h"
#include "processes.h"
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WALKS = 120, TEXT = 8000, LIMIT_S = 40 };
enum { WAS_RIGHT = 10, SAID_SO = 11, WAS_WRONG = 12, NOT_POSSIBLE = 13 }; /* exit codes of a trial's process */

/* ---- a suite with much to remember ---- */

static enum ct_status grow(struct ct_walk *walk, const struct ct_option *option)
{
    char text[TEXT + 1];
    memset(text, 'a' + (int)ct_option_int(option), TEXT);
    text[TEXT] = '\0';
    json_object_set_new(ct_walk_state(walk), "text", json_string(text));
    atomic_fetch_add(&matrix->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    return CT_PASS;
}

static enum ct_status note_setting(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:I}", "s", (json_int_t)ct_option_int(option));
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static enum ct_status check_text(struct ct_walk *walk, const struct ct_option *option)
{
    const char *text = json_string_value(json_object_get(ct_walk_state(walk), "text"));
    (void)option;
    CT_CHECK(walk, text && strlen(text) == TEXT);
    atomic_fetch_add(&matrix->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    return CT_PASS;
}

static const struct ct_option ten[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                        CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };
static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_option four[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_action actions[] = { CT_ACTION("a", grow, ten), CT_SERIAL_ACTION("s", note_setting, three),
                                            CT_ACTION("b", check_text, four) };
static const struct ct_suite suite = { .name = "limits", .actions = actions, .action_count = CT_COUNT(actions) };

/* ---- one trial, in a process of its own ---- */

static bool is_whole(const struct ct_results *results)
{
    for (size_t id = 0; id < WALKS; id++) {
        const json_t *state = json_object_get(json_array_get(results->states, id), "state");
        if (matrix_status(results, id) != CT_PASS) return false;
        if (matrix->runs[0][id] != 1 || matrix->runs[1][id] != 1) return false;
        if (json_integer_value(json_object_get(state, "s")) != (json_int_t)(id / 40)) return false;
        if (json_string_length(json_object_get(state, "text")) != TEXT) return false;
    }
    return results->counts[CT_PASS] == WALKS && results->exit_code == 0 && !results->note;
}

/* Runs the suite and judges: a whole result, an incomplete one that says why, or an error that says why. why is a word
 * that this must have in it. */
static int judge(const struct ct_run_options *options, const char *const why[2])
{
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    uint64_t sum = 0;
    enum ct_err code = ct_run_tests(&suite, options, &results, &error);
    const char *text = code != CT_OK ? error.text : results->note;
    if (code == CT_OK) {
        for (int status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
        if (sum != WALKS ||
            results->counts[CT_FAIL] + results->counts[CT_CRASHED] + results->counts[CT_TIMED_OUT] > 0) {
            fprintf(stderr, "  %llu walks have a status, %llu are failed, %llu crashed\n", (unsigned long long)sum,
                    (unsigned long long)results->counts[CT_FAIL], (unsigned long long)results->counts[CT_CRASHED]);
            return WAS_WRONG;
        }
        if (is_whole(results)) return WAS_RIGHT;
        if (results->exit_code != 3) {
            fprintf(stderr, "  not whole, and the exit code is %d\n", results->exit_code);
            return WAS_WRONG;
        }
    }
    if (text && *text && (!why[0] || strstr(text, why[0]) || strstr(text, why[1]))) return SAID_SO;
    fprintf(stderr, "  what it says is \"%s\"\n", text ? text : "");
    return WAS_WRONG;
}

/* Runs a trial with a limit as set in a process of its own; the test fails where it was wrong. */
static int try(const char *what, unsigned long limit, enum ct_isolation isolation,
               int (*trial)(unsigned long limit, const struct ct_run_options *options))
{
    const struct ct_run_options options = {
        .services = 2, .threads = 1, .isolation = isolation, .gather_states = true, .timeout_ms = 10000, .verbose = -1
    };
    char name[128];
    int status = 0;
    snprintf(name, sizeof name, "%s: %lu, isolation=%s", what, limit,
             isolation == CT_ISOLATION_PROCESS ? "process" : "thread");
    matrix_reset();
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        matrix_limit_s(LIMIT_S, name);
        _exit(trial(limit, &options));
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    int result = WIFEXITED(status) ? WEXITSTATUS(status) : WAS_WRONG;
    print_message("  %s: %s\n", name, result == WAS_RIGHT ? "right" : result == SAID_SO ? "says so" : "?");
    size_t left = processes_left(2000);
    if (left > 0) fail_msg("%s: %zu processes are left", name, left);
    if (result != WAS_RIGHT && result != SAID_SO && result != NOT_POSSIBLE) fail_msg("%s: wrong (%d)", name, result);
    return result;
}

/* Tries rising limits: the first is too low, the last high enough. */
static void try_all(const char *what, const unsigned long *limits, size_t count,
                    int (*trial)(unsigned long limit, const struct ct_run_options *options))
{
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++)
        for (size_t i = 0; i < count; i++) {
            int result = try(what, limits[i], (enum ct_isolation)isolation, trial);
            if (result == NOT_POSSIBLE) {
                print_message("SKIPPED: %s cannot be tried here (%s)\n", what, "it takes root");
                skip();
            }
            if (i == 0) assert_int_equal(result, SAID_SO);
            if (i + 1 == count) assert_int_equal(result, WAS_RIGHT);
        }
}

/* ---- the disk ---- */

/* A small file system of this process and its children alone, which is gone with them. */
static bool mount_small(const char *place, unsigned long size)
{
    char options[64];
    snprintf(options, sizeof options, "size=%lu", size);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("fault", place, "tmpfs", 0, options) == 0;
}

static const char *const disk_words[] = { "full", "space" };

static int fill_run_dir(unsigned long limit, const struct ct_run_options *options)
{
    if (!mount_small(getenv("TMPDIR"), limit)) return NOT_POSSIBLE;
    return judge(options, disk_words);
}

static int fill_gather_path(unsigned long limit, const struct ct_run_options *options)
{
    struct ct_run_options gathering = *options;
    char place[] = "/tmp/fault-disk-XXXXXX", path[64];
    if (!mkdtemp(place)) return NOT_POSSIBLE;
    snprintf(path, sizeof path, "%s/states", place);
    gathering.gather_path = path;
    int result = mount_small(place, limit) ? judge(&gathering, disk_words) : NOT_POSSIBLE;
    struct stat found;
    if (result == SAID_SO && stat(path, &found) == 0) {
        fprintf(stderr, "  half of the states are left in place\n");
        result = WAS_WRONG;
    }
    umount2(place, MNT_DETACH);
    rmdir(place);
    return result;
}

static void a_full_disk_is_said(void **state)
{
    static const unsigned long sizes[] = { 4096, 65536, 262144, 524288, 1048576, 1 << 26 };
    (void)state;
    try_all("a directory of the run of so many bytes", sizes, CT_COUNT(sizes), fill_run_dir);
}

static void a_full_disk_where_states_go_is_said(void **state)
{
    static const unsigned long sizes[] = { 4096, 65536, 524288, 1 << 26 };
    (void)state;
    try_all("a place for states of so many bytes", sizes, CT_COUNT(sizes), fill_gather_path);
}

/* ---- descriptors ---- */

static const char *const any_words[] = { NULL, NULL };

static int limit_descriptors(unsigned long limit, const struct ct_run_options *options)
{
    for (int fd = 3; fd < 256; fd++) close(fd); /* what ctest left open */
    if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){ limit, limit }) != 0) return NOT_POSSIBLE;
    return judge(options, any_words);
}

static void a_lack_of_descriptors_is_said(void **state)
{
    static const unsigned long limits[] = { 3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                            14, 15, 16, 17, 18, 20, 22, 24, 28, 32, 256 };
    (void)state;
    try_all("so many descriptors", limits, CT_COUNT(limits), limit_descriptors);
}

/* ---- processes ---- */

static int limit_processes(unsigned long limit, const struct ct_run_options *options)
{
    uid_t nobody = (uid_t)(60000 + getpid() % 5000); /* nobody else's: processes are counted for each user */
    if (chmod(getenv("TMPDIR"), 0777) != 0 || setgroups(0, NULL) != 0) return NOT_POSSIBLE;
    if (setrlimit(RLIMIT_NPROC, &(struct rlimit){ limit, limit }) != 0) return NOT_POSSIBLE;
    if (setgid(nobody) != 0 || setuid(nobody) != 0) return NOT_POSSIBLE;
    return judge(options, any_words);
}

static void a_lack_of_processes_is_said(void **state)
{
    static const unsigned long limits[] = { 1,  2,  3,  4,  5,  6,  8,  10, 12, 14, 16,
                                            18, 19, 20, 21, 22, 23, 24, 26, 28, 32, 256 };
    (void)state;
    try_all("so many processes", limits, CT_COUNT(limits), limit_processes);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(a_full_disk_where_states_go_is_said),
        cmocka_unit_test(a_lack_of_descriptors_is_said),
        cmocka_unit_test(a_lack_of_processes_is_said),
    };
    return matrix_main_tests(argc, argv, "limits", tests, CT_COUNT(tests));
}
