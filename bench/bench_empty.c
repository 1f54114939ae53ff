/* Walks that do nothing, from end to end, against the limit: two bare threads that call the same function with the same
 * options, each taking its next index from one atomic counter. */
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>

enum { TABLE = 1024 };
static size_t outer = 1000, inner;

static enum ct_status nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static ct_run_fn *volatile called = nothing; /* volatile: the compiler must not see through the call */
static _Atomic uint64_t next_index;
static struct ct_option *table;

static void *call_until_done(void *passed)
{
    uint64_t count = (uint64_t)outer * inner, here = 0;
    for (uint64_t i; (i = atomic_fetch_add_explicit(&next_index, 1, memory_order_relaxed)) < count;) {
        if (called(NULL, &table[i / 4 % TABLE]) != CT_PASS) continue;
        here += called(NULL, &table[i % TABLE]) == CT_PASS;
    }
    *(uint64_t *)passed = here;
    return NULL;
}

static double bare_threads_s(void)
{
    pthread_t threads[2];
    uint64_t passed[2] = { 0 };
    table = calloc(TABLE, sizeof *table);
    if (!table) exit(1);
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    for (size_t i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, call_until_done, &passed[i]) != 0) exit(1);
    for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    double elapsed_s = (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    free(table);
    if (passed[0] + passed[1] != (uint64_t)outer * inner) exit(1);
    return elapsed_s;
}

int main(int argc, char **argv)
{
    static const size_t inners[] = { [BENCH_QUICK] = 20000, [BENCH_NORMAL] = 100000, [BENCH_LONG] = 1000000 };
    inner = inners[bench_size(argc, argv)];
    static const struct ct_action actions[] = {
        { .name = "outer", .run = nothing, .source = bench_count_up, .source_user = &outer },
        { .name = "inner", .run = nothing, .source = bench_count_up, .source_user = &inner },
    };
    static const struct ct_suite suite = { .name = "empty", .actions = actions, .action_count = 2 };
    double walks = (double)outer * (double)inner;
    double combtest = walks / bench_run_s(&suite), limit = walks / bare_threads_s();
    bench_print("empty walks", combtest / 1e6, "million/s");
    bench_print("limit: two bare threads", limit / 1e6, "million/s");
    bench_print("empty walks, share of the limit", 100 * combtest / limit, "%");
    return 0;
}
