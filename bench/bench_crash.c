/* What a crash costs: as many walks with and without one in a hundred that writes to NULL, threads for walls, two
 * services; the difference over the number of crashes. */
#include "bench.h"

enum { EVERY = 100 };
static size_t outer = 1000, inner;
static bool crashing;
static char *volatile nowhere;

static enum ct_status nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static enum ct_status maybe_crash(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    if (crashing && ct_walk_id(walk) % EVERY == EVERY / 2) *nowhere = 1;
    return CT_PASS;
}

static double run_s(const struct ct_suite *suite, uint64_t crashes)
{
    const struct ct_run_options options = {
        .services = 2, .threads = 1, .isolation = CT_ISOLATION_THREAD, .verbose = -1
    };
    struct ct_results *results = NULL;
    struct ct_error error;
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    if (ct_run_tests(suite, &options, &results, &error) != CT_OK) {
        fprintf(stderr, "crash: %s\n", error.text);
        exit(1);
    }
    double elapsed_s = (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    if (results->counts[CT_CRASHED] != crashes || results->counts[CT_PASS] != results->walk_count - crashes) {
        fprintf(stderr, "crash: %" PRIu64 " walks crashed, %" PRIu64 " passed\n", results->counts[CT_CRASHED],
                results->counts[CT_PASS]);
        exit(1);
    }
    ct_results_free(results);
    return elapsed_s;
}

int main(int argc, char **argv)
{
    static const size_t inners[] = { [BENCH_QUICK] = 100, [BENCH_NORMAL] = 1000, [BENCH_LONG] = 3000 };
    inner = inners[bench_size(argc, argv)];
    static const struct ct_action actions[] = {
        { .name = "outer", .run = nothing, .source = bench_count_up, .source_user = &outer },
        { .name = "inner", .run = maybe_crash, .source = bench_count_up, .source_user = &inner },
    };
    static const struct ct_suite suite = { .name = "crash", .actions = actions, .action_count = 2 };
    uint64_t crashes = (uint64_t)outer * inner / EVERY;
    double clean_s = run_s(&suite, 0);
    crashing = true;
    double crashing_s = run_s(&suite, crashes);
    bench_print("crashes", (double)crashes, "");
    bench_print("the same walks without crashes", clean_s, "s");
    bench_print("with crashes", crashing_s, "s");
    bench_print("each crash", (crashing_s - clean_s) * 1e3 / (double)crashes, "ms");
    return 0;
}
