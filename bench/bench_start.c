/* From the call of run_tests() to the first walk, read off the monotonic clock in memory that the services share, and
 * the example hello as a whole, from fork to its end. Medians of 20. */
#include "bench.h"
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20 };
static _Atomic int64_t *first_walk_ns;

static enum ct_status note_time(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    int64_t none = 0;
    atomic_compare_exchange_strong(first_walk_ns, &none, bench_now_ns(CLOCK_MONOTONIC));
    return CT_PASS;
}

static double first_walk_ms(void)
{
    static const struct ct_option options[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
    static const struct ct_action actions[] = { CT_ACTION("note", note_time, options) };
    static const struct ct_suite suite = { .name = "start", .actions = actions, .action_count = 1 };
    double all_ms[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        atomic_store(first_walk_ns, 0);
        int64_t start = bench_now_ns(CLOCK_MONOTONIC);
        bench_run_s(&suite);
        all_ms[i] = (double)(atomic_load(first_walk_ns) - start) / 1e6;
    }
    return bench_median(all_ms, ROUNDS);
}

/* In the child: hello, beside this program. */
static _Noreturn void become_hello(void)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 8);
    if (size > 0) {
        path[size] = '\0';
        strcpy(strrchr(path, '/'), "/hello");
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, STDOUT_FILENO);
        execl(path, "hello", "-q", (char *)NULL);
    }
    perror("hello");
    _exit(127);
}

static double hello_ms(void)
{
    double all_ms[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        int status;
        int64_t start = bench_now_ns(CLOCK_MONOTONIC);
        pid_t child = fork();
        if (child == 0) become_hello();
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) exit(1);
        all_ms[i] = (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e6;
    }
    return bench_median(all_ms, ROUNDS);
}

int main(void)
{
    first_walk_ns = bench_shared(sizeof *first_walk_ns);
    bench_print("run_tests() to the first walk", first_walk_ms(), "ms");
    bench_print("hello as a whole", hello_ms(), "ms");
    return 0;
}
