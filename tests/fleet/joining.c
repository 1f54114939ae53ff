#define _GNU_SOURCE 1
#include "joining.h"
#include "processes.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct ct_config *joining_config;
char joining_lines[65536], joining_url[256], joining_token_path[256];
static _Atomic bool open_now; /* it listens */

static void take_line(void *user, enum ct_log_level level, const char *line)
{
    (void)user, (void)level;
    size_t used = strlen(joining_lines);
    snprintf(joining_lines + used, sizeof joining_lines - used, "%s\n", line);
    const char *join = strstr(line, " --join ");
    if (join && sscanf(join, " --join %255s", joining_url) == 1) open_now = true;
}

int joining_begin(void **unused)
{
    (void)unused;
    fleet_reset();
    joining_lines[0] = '\0';
    open_now = false;
    snprintf(joining_token_path, sizeof joining_token_path, "%s/token", getenv("TMPDIR"));
    return 0;
}

int joining_nothing_is_left(void **unused)
{
    (void)unused;
    remove(joining_token_path);
    return processes_left(2000) + processes_litter() > 0;
}

int joining_no_process_is_left(void **unused)
{
    (void)unused;
    remove(joining_token_path);
    return processes_left(2000) > 0;
}

void joining_await_door(void)
{
    while (!open_now) usleep(1000);
}

pid_t joining_start(int number, const char *url, const char *token)
{
    char bootstrap[600], host[8];
    snprintf(bootstrap, sizeof bootstrap, "join %s %s", url, token);
    snprintf(host, sizeof host, "h%d", number);
    pid_t pid = fork();
    if (pid > 0) return pid;
    setenv("COMBTEST_BOOTSTRAP", bootstrap, 1);
    execl("/proc/self/exe", "host", "serve", host, (char *)NULL);
    _exit(127);
}

int joining_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void joining_await_walks(int number, int count)
{
    while (fleet_shared->by_host[number] < count) usleep(1000);
}

struct ct_results *joining_run(const char *listen, void *(*act)(void *user), void *user)
{
    pthread_t thread;
    const struct ct_run_options options = { .services = -1,
                                            .threads = 1,
                                            .gather_states = true,
                                            .log = take_line,
                                            .listen = listen,
                                            .token_file = joining_token_path,
                                            .config = joining_config,
                                            .start_timeout_ms = 20000 };
    assert_int_equal(pthread_create(&thread, NULL, act, user), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    return results;
}

int joining_main(char **argv, int argc, int (*run)(void))
{
    static const struct ct_suite before = { .name = "before" };
    static const struct ct_suite *const suites[] = { &before, &fleet_suite };
    fleet_serve(argc, argv, suites, CT_COUNT(suites));
    processes_mark(argv); /* starts this program anew: a host must not */
    fleet_open();
    int failed = run();
    processes_unmark();
    return failed;
}
