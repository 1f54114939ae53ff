/* bench_pair ROUNDS COMMAND... -- COMMAND...: runs two commands in turn, their output thrown away, and prints the
 * median of each one's processor time in ms and that of the pairs' ratios, first over second, between tabs. Ends after
 * the round that began more than ten seconds in; a command that takes over 100 s of processor time is killed, and
 * counts as that. For short commands, whose processor time is known to a microsecond where their time by the clock is
 * noise. */
#include "bench.h"
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { ROUNDS_MAX = 1000, ENOUGH_S = 10, LIMIT_S = 100 };

/* By posix_spawnp(): a child of fork() would pay for its copy of this program's memory before it is the command. */
static double processor_ms(char **command)
{
    posix_spawn_file_actions_t files;
    struct rusage used;
    pid_t pid = -1;
    int status = 0;
    posix_spawn_file_actions_init(&files);
    for (int fd = 0; fd < 3; fd++) posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    int error = posix_spawnp(&pid, command[0], &files, NULL, command, environ);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0 || wait4(pid, &status, 0, &used) < 0 ||
        (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))) {
        fprintf(stderr, "bench_pair: %s failed\n", command[0]);
        exit(1);
    }
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv)
{
    static double first_ms[ROUNDS_MAX], second_ms[ROUNDS_MAX], ratios[ROUNDS_MAX];
    int64_t begun_ns = bench_now_ns(CLOCK_MONOTONIC);
    int rounds = argc > 1 ? atoi(argv[1]) : 0, between = 2, done = 0;
    while (between < argc && strcmp(argv[between], "--") != 0) between++;
    if (rounds < 1 || rounds > ROUNDS_MAX || between == 2 || between + 1 >= argc) {
        fputs("usage: bench_pair ROUNDS COMMAND... -- COMMAND...\n", stderr);
        return 2;
    }
    argv[between] = NULL;
    setrlimit(RLIMIT_CPU, &(struct rlimit){ LIMIT_S, LIMIT_S }); /* which the commands inherit */
    while (done < rounds && bench_now_ns(CLOCK_MONOTONIC) - begun_ns < (int64_t)ENOUGH_S * 1000000000) {
        first_ms[done] = processor_ms(argv + 2);
        second_ms[done] = processor_ms(argv + between + 1);
        ratios[done] = first_ms[done] / second_ms[done];
        done++;
    }
    size_t count = (size_t)done;
    printf("%.2f\t%.2f\t%.1f\n", bench_median(first_ms, count), bench_median(second_ms, count),
           bench_median(ratios, count));
    return 0;
}
