/* Signals to a program that runs a suite by ct_main: what it says, what it exits with, what it leaves. The program is
 * this one again, with FAULT_PROGRAM in its environment. */
#include "matrix.h"
#include "processes.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_MAX = 8192 };

/* ---- the program ---- */

static const struct ct_option ten[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                        CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };

/* Makes the file "started", so that nobody need guess when walks run. */
static enum ct_status start(struct ct_walk *walk)
{
    FILE *file = fopen("started", "w");
    CT_REQUIRE(walk, file != NULL && fclose(file) == 0);
    return CT_PASS;
}

static enum ct_status take_time(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    enum ct_status status = start(walk);
    usleep(10000);
    return status;
}

static enum ct_status hang(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    if (ct_walk_id(walk) < 2) return CT_PASS;
    for (enum ct_status status = start(walk);; pause())
        if (status != CT_PASS) return status;
}

static enum ct_status nap(struct ct_walk *walk, const struct ct_option *option)
{
    struct timespec left = { .tv_sec = 1 };
    enum ct_status status = start(walk);
    (void)option;
    while (nanosleep(&left, &left) != 0 && errno == EINTR) continue;
    return status;
}

static const struct ct_action slow_actions[] = { CT_ACTION("a", take_time, ten), CT_ACTION("b", take_time, ten),
                                                 CT_SERIAL_ACTION("s", take_time, ten),
                                                 CT_ACTION("c", take_time, ten) };
static const struct ct_action stuck_actions[] = { CT_ACTION("a", hang, ten) };
static const struct ct_action nap_actions[] = { CT_ACTION("a", nap, ten) };
static const struct ct_suite slow = { .name = "slow", .actions = slow_actions, .action_count = 4 };
static const struct ct_suite stuck = { .name = "stuck", .actions = stuck_actions, .action_count = 1 };
static const struct ct_suite napping = { .name = "nap", .actions = nap_actions, .action_count = 1, .timeout_ms = 2000 };

static int be_the_program(const char *name, int argc, char **argv)
{
    const struct ct_suite *const suites[] = { &slow, &stuck, &napping };
    for (size_t i = 0; i < CT_COUNT(suites); i++)
        if (strcmp(suites[i]->name, name) == 0) return ct_main(suites[i], argc, argv);
    return 99;
}

/* ---- running it ---- */

struct program {
    pid_t pid;
    char place[64];
    int status;
    char text[TEXT_MAX]; /* what it said on stdout */
};

static void path_in(const struct program *program, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s", program->place, name);
}

static void be_started(const struct program *program, const char *suite, const char *isolation)
{
    char path[128];
    path_in(program, "said", path, sizeof path);
    int said = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (said < 0 || chdir(program->place) != 0) _exit(98);
    dup2(said, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    setpgid(0, 0);
    setenv("FAULT_PROGRAM", suite, 1);
    execl("/proc/self/exe", suite, "--services", "2", "--threads", "1", "--isolation", isolation, "--summary",
          "summary", (char *)NULL);
    _exit(97);
}

/* Starts the program and waits until it runs walks. */
static struct program start_program(const char *suite, const char *isolation)
{
    struct program program = { .place = "/tmp/fault-program-XXXXXX" };
    char path[128];
    assert_non_null(mkdtemp(program.place));
    fflush(NULL);
    program.pid = fork();
    if (program.pid == 0) be_started(&program, suite, isolation);
    assert_true(program.pid > 0);
    path_in(&program, "started", path, sizeof path);
    for (int i = 0; i < 2000 && access(path, F_OK) != 0; i++) usleep(5000);
    assert_int_equal(access(path, F_OK), 0);
    usleep(100000);
    return program;
}

/* Waits up to seconds for the program to end. */
static void end_program(struct program *program, int seconds)
{
    char path[128];
    pid_t ended = 0;
    for (int i = 0; i < seconds * 100 && ended == 0; i++) {
        usleep(10000);
        ended = waitpid(program->pid, &program->status, WNOHANG);
    }
    if (ended == 0) kill(program->pid, SIGKILL);
    if (ended == 0) waitpid(program->pid, &program->status, 0);
    path_in(program, "said", path, sizeof path);
    FILE *said = fopen(path, "re");
    if (said) program->text[fread(program->text, 1, TEXT_MAX - 1, said)] = '\0';
    if (said) fclose(said);
    if (ended == 0) fail_msg("it was still running after %d s", seconds);
    print_message("  ended with %s %d\n", WIFEXITED(program->status) ? "code" : "signal",
                  WIFEXITED(program->status) ? WEXITSTATUS(program->status) : WTERMSIG(program->status));
}

/* A number of the summary; -1 where there is none. */
static json_int_t summary_number(const struct program *program, const char *key)
{
    char path[128];
    path_in(program, "summary", path, sizeof path);
    json_t *summary = json_load_file(path, 0, NULL);
    const json_t *value = json_object_get(summary, key);
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    json_decref(summary);
    return number;
}

static const char *const isolations[] = { "thread", "process" };

/* ---- what must hold ---- */

static void a_first_signal_ends_the_run_with_its_results(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    (void)state;
    for (size_t i = 0; i < 2 * CT_COUNT(signals); i++) {
        struct program program = start_program("slow", isolations[i % 2]);
        kill(program.pid, signals[i / 2]);
        end_program(&program, 10);
        assert_true(WIFEXITED(program.status));
        assert_int_equal(WEXITSTATUS(program.status), 128 + signals[i / 2]);
        assert_int_equal(summary_number(&program, "planned"), 10000);
        assert_true(summary_number(&program, "not_run") > 0);
        assert_int_equal(summary_number(&program, "not_run") + summary_number(&program, "passed"), 10000);
        assert_non_null(strstr(program.text, "not-run"));
        matrix_assert_clean(0);
        processes_remove(program.place);
    }
}

static void a_second_signal_ends_it_at_once(void **state)
{
    static const int pairs[][2] = { { SIGINT, SIGINT }, { SIGTERM, SIGINT }, { SIGHUP, SIGTERM } };
    (void)state;
    for (size_t i = 0; i < 2 * CT_COUNT(pairs); i++) {
        struct program program = start_program("stuck", isolations[i % 2]);
        kill(program.pid, pairs[i / 2][0]);
        usleep(500000);
        assert_int_equal(waitpid(program.pid, NULL, WNOHANG), 0); /* walks in flight are waited for */
        kill(program.pid, pairs[i / 2][1]);
        end_program(&program, 5);
        assert_true(WIFEXITED(program.status));
        assert_int_equal(WEXITSTATUS(program.status), 128 + pairs[i / 2][0]);
        assert_int_equal(summary_number(&program, "passed"), 2);
        matrix_assert_clean(0);
        processes_remove(program.place);
    }
}

/* How many processes of the program's run are not stopped. */
static size_t count_moving(const struct program *program)
{
    struct cast cast = processes_cast(program->pid);
    size_t moving = processes_state(program->pid) != 'T';
    for (size_t i = 0; i < cast.count; i++) moving += processes_state(cast.executors[i]) != 'T';
    return moving + (cast.count == 0);
}

static void suspended_walks_do_not_run_and_their_time_does_not_either(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct program program = start_program("nap", isolations[i]);
        kill(program.pid, SIGTSTP);
        for (int wait = 0; wait < 200 && count_moving(&program) > 0; wait++) usleep(10000);
        assert_int_equal(count_moving(&program), 0);
        usleep(3000000); /* longer than a walk may take */
        assert_int_equal(count_moving(&program), 0);
        kill(program.pid, SIGCONT);
        end_program(&program, 30);
        assert_true(WIFEXITED(program.status));
        assert_int_equal(WEXITSTATUS(program.status), 0);
        assert_int_equal(summary_number(&program, "passed"), 10);
        matrix_assert_clean(0);
        processes_remove(program.place);
    }
}

/* Longer than the lease: nobody takes the silence for a death. */
static void a_run_that_was_suspended_for_long_goes_on(void **state)
{
    (void)state;
    struct program program = start_program("nap", "thread");
    kill(program.pid, SIGTSTP);
    usleep(16000000);
    kill(program.pid, SIGCONT);
    end_program(&program, 30);
    assert_true(WIFEXITED(program.status));
    assert_int_equal(WEXITSTATUS(program.status), 0);
    assert_int_equal(summary_number(&program, "passed"), 10);
    matrix_assert_clean(0);
    processes_remove(program.place);
}

static void nothing_outlives_a_program_that_was_killed(void **state)
{
    static const char *const suites[] = { "slow", "stuck" };
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct program program = start_program(suites[i / 2], isolations[i % 2]);
        char path[128];
        struct stat found;
        kill(program.pid, SIGKILL);
        end_program(&program, 5);
        assert_true(WIFSIGNALED(program.status));
        matrix_assert_clean(3000);
        path_in(&program, "summary", path, sizeof path);
        assert_int_not_equal(stat(path, &found), 0);
        processes_remove(program.place);
    }
}

static void a_suspended_program_can_be_killed(void **state)
{
    (void)state;
    struct program program = start_program("slow", "thread");
    kill(program.pid, SIGTSTP);
    usleep(500000);
    kill(program.pid, SIGKILL);
    end_program(&program, 5);
    assert_int_equal(processes_left(3000), 0);
    processes_remove(program.place);
}

int main(int argc, char **argv)
{
    const char *program = getenv("FAULT_PROGRAM");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_signal_ends_the_run_with_its_results),
        cmocka_unit_test(a_second_signal_ends_it_at_once),
        cmocka_unit_test(suspended_walks_do_not_run_and_their_time_does_not_either),
        cmocka_unit_test(a_run_that_was_suspended_for_long_goes_on),
        cmocka_unit_test(nothing_outlives_a_program_that_was_killed),
        cmocka_unit_test(a_suspended_program_can_be_killed),
    };
    if (program) return be_the_program(program, argc, argv);
    return matrix_main_tests(argc, argv, "program", tests, CT_COUNT(tests));
}
