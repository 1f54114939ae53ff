/* What watching the walks costs: the processor time that the run's own processes (coordinator, keeper, nurses, link)
 * take while executors run empty walks, as a share of all processor time. Heartbeats, limits, batches and results are
 * all in it. Once without a time limit, once with one, which has the keeper look every few milliseconds; the rates of
 * the two stand beside it. What blame alone costs is measured in a loop over the same walks: with and without the words
 * that an executor writes for each, so that others see what is in flight. */
#include "actions/actions.h"
#include "bench.h"
#include "service/board.h"
#include <stdatomic.h>
#include <sys/resource.h>

static size_t outer = 1000, inner;

static _Atomic long *executors_us; /* processor time of executors, added as they end */

static enum ct_status nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static void add_own(struct ct_walk *service)
{
    (void)service;
    atomic_fetch_add(executors_us, (long)(bench_now_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000));
}

/* The processor time of all that this process has started and that was waited for. */
static double children_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure(const struct ct_suite *suite, int64_t timeout_ms, const char *which)
{
    char what[64];
    double before_s = children_s();
    atomic_store(executors_us, 0);
    double elapsed_s = bench_run_with_s(suite, &(struct ct_run_options){ .timeout_ms = timeout_ms });
    double all_s = children_s() - before_s, executors_s = (double)*executors_us / 1e6;
    snprintf(what, sizeof what, "empty walks, %s time limit", which);
    bench_print(what, (double)outer * (double)inner / elapsed_s / 1e6, "million/s");
    snprintf(what, sizeof what, "share of the run's own processes, %s limit", which);
    bench_print(what, 100 * (all_s - executors_s) / all_s, "% of CPU");
}

/* The walks first to end - 1 as an executor runs them; slot NULL: nobody is to see it. */
static double loop_s(struct ct_walk *walk, uint64_t first, uint64_t end, struct ct__slot *slot)
{
    int64_t start = bench_now_ns(CLOCK_THREAD_CPUTIME_ID);
    for (uint64_t id = first; id < end; id++) {
        if (slot) {
            atomic_store_explicit(&slot->walk, id, memory_order_relaxed);
            atomic_store_explicit(&slot->begun, atomic_load_explicit(&slot->begun, memory_order_relaxed) + 1,
                                  memory_order_relaxed);
        }
        ct__walk_open(walk, CT__WALK, id, 0, NULL);
        ct__run_stage(walk, true);
        ct__walk_close(walk);
        if (slot)
            atomic_store_explicit(&slot->begun, atomic_load_explicit(&slot->begun, memory_order_relaxed) + 1,
                                  memory_order_relaxed);
    }
    return (double)(bench_now_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 1e9;
}

/* In turns, so that a machine that slows down does so for both. */
static void measure_blame(const struct ct_suite *suite)
{
    static const struct ct__voice silent;
    struct ct_plan *plan;
    struct ct__board *board = ct__board_new(1, 1);
    if (ct_plan_new(suite, &plan, NULL) != CT_OK || !board) exit(1);
    struct ct_walk *walk = ct__walk_new(plan, &silent, NULL, NULL);
    double bare_s = 0, seen_s = 0;
    uint64_t part = ct_plan_walk_count(plan) / 100;
    ct__walk_show_action(walk, &board->slots[0].action);
    for (uint64_t i = 0; i < 100; i++) {
        bare_s += loop_s(walk, i * part, (i + 1) * part, NULL);
        seen_s += loop_s(walk, i * part, (i + 1) * part, &board->slots[0]);
    }
    bench_print("what an executor writes for blame", 100 * (seen_s - bare_s) / bare_s, "% of the walks' time");
    ct__walk_free(walk);
    ct_plan_free(plan);
    ct__board_free(board);
}

int main(int argc, char **argv)
{
    static const size_t inners[] = { [BENCH_QUICK] = 20000, [BENCH_NORMAL] = 100000, [BENCH_LONG] = 1000000 };
    inner = inners[bench_size(argc, argv)];
    executors_us = bench_shared(sizeof *executors_us);
    static const struct ct_action actions[] = {
        { .name = "outer", .run = nothing, .source = bench_count_up, .source_user = &outer },
        { .name = "inner", .run = nothing, .source = bench_count_up, .source_user = &inner },
    };
    static const struct ct_suite suite = {
        .name = "heartbeat", .actions = actions, .action_count = 2, .service_stop = add_own
    };
    measure(&suite, 0, "no");
    measure(&suite, 1000, "with a");
    measure_blame(&suite);
    return 0;
}
