/* How much of two services' time walks of different lengths get: 100 µs each, 10 ms each, and mixed, one in a thousand
 * 500 ms and the others 100 µs. The share is the ideal time, half of all that the walks take, over the elapsed time of
 * run_tests().
 * The same walks on two bare threads that take their next index from a counter, in the same run, say what the machine
 * gives while it is measured.
 * 100 µs walks work until the thread's CPU clock says so; 10 ms and 500 ms walks sleep, so that another load on the
 * machine does not decide. */
#include "bench.h"
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum length { SHORT_NS = 100000, MIDDLE_NS = 10000000, LONG_NS = 500000000, LONG_EVERY = 1000 };

static void work(int64_t ns)
{
    int64_t end = bench_now_ns(CLOCK_THREAD_CPUTIME_ID) + ns;
    while (bench_now_ns(CLOCK_THREAD_CPUTIME_ID) < end) {
    }
}

static void rest(int64_t ns)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    ns += end.tv_nsec;
    end.tv_sec += ns / 1000000000;
    end.tv_nsec = ns % 1000000000;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {
    }
}

static void short_walk(uint64_t id)
{
    (void)id;
    work(SHORT_NS);
}

static void middle_walk(uint64_t id)
{
    (void)id;
    rest(MIDDLE_NS);
}

static void mixed_walk(uint64_t id)
{
    if (id % LONG_EVERY == LONG_EVERY / 2)
        rest(LONG_NS);
    else
        work(SHORT_NS);
}

static void (*walk_now)(uint64_t id); /* what is measured, set before run_tests() forks */

static enum ct_status run(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    walk_now(ct_walk_id(walk));
    return CT_PASS;
}

static _Atomic uint64_t next_id;
static uint64_t end_id;

static void *take_walks(void *unused)
{
    for (uint64_t id; (id = atomic_fetch_add(&next_id, 1)) < end_id;) walk_now(id);
    return unused;
}

static double bare_threads_s(uint64_t count)
{
    pthread_t threads[2];
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    next_id = 0;
    end_id = count;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, take_walks, NULL) != 0) exit(1);
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    return (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
}

/* Runs so many walks that they take ideal_s on two services. */
static void measure(const char *what, void (*walk)(uint64_t id), double mean_ns, double ideal_s)
{
    size_t count = (size_t)(ideal_s * 2e9 / mean_ns) / LONG_EVERY * LONG_EVERY;
    const struct ct_action actions[] = {
        { .name = "walk", .run = run, .source = bench_count_up, .source_user = &count },
    };
    const struct ct_suite suite = { .name = "balance", .actions = actions, .action_count = 1 };
    char bare[128];
    walk_now = walk;
    double elapsed_s = bench_run_s(&suite), bare_s = bare_threads_s(count);
    bench_print(what, 100 * ((double)count * mean_ns / 2e9) / elapsed_s, "% of ideal");
    snprintf(bare, sizeof bare, "%s, beside bare threads", what);
    bench_print(bare, 100 * bare_s / elapsed_s, "%");
}

int main(int argc, char **argv)
{
    static const double ideals_s[] = { [BENCH_QUICK] = 5, [BENCH_NORMAL] = 20, [BENCH_LONG] = 60 };
    double ideal_s = ideals_s[bench_size(argc, argv)];
    double mixed_ns = ((double)(LONG_EVERY - 1) * SHORT_NS + LONG_NS) / LONG_EVERY;
    measure("walks of 100 µs", short_walk, SHORT_NS, ideal_s);
    measure("walks of 10 ms", middle_walk, MIDDLE_NS, ideal_s);
    measure("walks of 100 µs, one in 1000 of 500 ms", mixed_walk, mixed_ns, ideal_s);
    return 0;
}
