/* Walks a second over four hosts that a launcher starts, which are processes of this machine, against the same services
 * without hosts: what the way over the wire costs. Then over a wire on which each byte takes 50 ms. */
#include "bench.h"
#include <combtest/launcher.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define FAR_NS    50000000
#define LINE_SIZE 4096 /* pieces under way */

static size_t outer = 1000, inner;
static int64_t pause_us;
static bool far;

static enum ct_status take_time(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    if (pause_us > 0) usleep((useconds_t)pause_us);
    return CT_PASS;
}

struct piece {
    int64_t due_ns;
    ssize_t size;
    char bytes[4096];
};

/* Passes on what comes from one descriptor to the other, later. */
_Noreturn static void delay(int from, int to)
{
    struct piece *line = calloc(LINE_SIZE, sizeof *line);
    size_t first = 0, end = 0;
    bool open = true;
    while (line && (open || first < end)) {
        struct piece *next = &line[first % LINE_SIZE];
        int64_t wait_ns = first < end ? next->due_ns - bench_now_ns(CLOCK_MONOTONIC) : 1000000000;
        struct pollfd in = { .fd = open && end - first < LINE_SIZE ? from : -1, .events = POLLIN };
        if (wait_ns <= 0) {
            if (write(to, next->bytes, (size_t)next->size) != next->size) break;
            first++;
        } else if (poll(&in, 1, (int)(wait_ns / 1000000) + 1) > 0) {
            struct piece *last = &line[end % LINE_SIZE];
            last->due_ns = bench_now_ns(CLOCK_MONOTONIC) + FAR_NS;
            last->size = read(from, last->bytes, sizeof last->bytes);
            if (last->size > 0)
                end++;
            else
                open = false;
        }
    }
    shutdown(to, SHUT_WR);
    _exit(0);
}

/* Puts a wire between that is long. */
static int lengthen(int wire)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -1;
    for (int up = 0; up < 2; up++)
        if (fork() == 0) {
            close(pair[0]);
            delay(up ? pair[1] : wire, up ? wire : pair[1]);
        }
    close(pair[1]);
    return pair[0];
}

static enum ct_err launch(const struct ct_launch *asked, struct ct_error *error)
{
    int status, wire = far ? lengthen(asked->wire) : asked->wire;
    pid_t program = fork();
    if (program == 0) {
        dup2(wire, STDIN_FILENO);
        dup2(wire, STDOUT_FILENO);
        for (size_t i = 0; asked->environment[i]; i++) putenv((char *)(uintptr_t)asked->environment[i]);
        execv(asked->program, (char *const *)(uintptr_t)asked->arguments);
        _exit(127);
    }
    if (far) close(wire);
    if (program < 0) return error->code = CT_ESYSTEM;
    while (waitpid(program, &status, 0) < 0 && errno == EINTR) continue;
    return CT_OK;
}

static const struct ct_launcher launcher = { .name = "fork", .launch = launch };

/* Walks a second, start and end of the run left out: of two runs, the longer less the shorter. */
static double rate(const struct ct_suite *suite, const char *hosts, size_t walks)
{
    double elapsed_s[2];
    for (size_t i = 0; i < 2; i++) {
        struct ct_results *results;
        struct ct_error error;
        inner = walks * (1 + 3 * i) / outer;
        const struct ct_run_options options = { .services = 4,
                                                .threads = 1,
                                                .hosts = hosts,
                                                .launcher = hosts ? &launcher : NULL,
                                                .require_all = true,
                                                .verbose = -1 };
        if (ct_run_tests(suite, &options, &results, &error) != CT_OK || results->exit_code != 0) {
            fprintf(stderr, "the run failed\n");
            exit(1);
        }
        elapsed_s[i] = results->elapsed_s;
        ct_results_free(results);
    }
    return (double)walks * 3 / (elapsed_s[1] - elapsed_s[0]);
}

static void compare(const struct ct_suite *suite, const char *what, size_t walks)
{
    char line[96];
    far = false;
    double here = rate(suite, NULL, walks), there = rate(suite, "a*1,b*1,c*1,d*1", walks);
    snprintf(line, sizeof line, "%s, four hosts", what);
    bench_print(line, there / 1e3, "thousand/s");
    snprintf(line, sizeof line, "%s, four hosts, share of four services here", what);
    bench_print(line, 100 * there / here, "%");
    far = true;
    snprintf(line, sizeof line, "%s, four hosts 50 ms away, same share", what);
    bench_print(line, 100 * rate(suite, "a*1,b*1,c*1,d*1", walks) / here, "%");
}

int main(int argc, char **argv)
{
    static const size_t millions[] = { [BENCH_QUICK] = 1, [BENCH_NORMAL] = 10, [BENCH_LONG] = 50 };
    enum bench_size size = bench_size(argc, argv);
    static const struct ct_action actions[] = {
        { .name = "outer", .run = take_time, .source = bench_count_up, .source_user = &outer },
        { .name = "inner", .run = take_time, .source = bench_count_up, .source_user = &inner },
    };
    static const struct ct_suite suite = { .name = "fleet", .actions = actions, .action_count = 2 };
    const char *pause = getenv("BENCH_FLEET_PAUSE_US"); /* for the hosts, which are this program again */
    if (pause) pause_us = atoll(pause);
    compare(&suite, "empty walks", millions[size] * 1000000);
    setenv("BENCH_FLEET_PAUSE_US", "500", 1);
    pause_us = 500; /* in each of two actions */
    compare(&suite, "1 ms walks", millions[size] * 2000);
    return 0;
}
