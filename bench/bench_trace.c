/* Walks with a trace of all of them, from end to end, and its writer alone, each against write(2) of the same bytes in
 * the same run; and how fast a walk is found in a long trace. */
#include "bench.h"
#include <actions/actions.h>
#include <glob.h>
#include <replay/replay.h>
#include <sys/resource.h>

#define SIDE        215u /* its third power is about 10 million */
#define RUN_SIDE    144u /* and of this about 3 million */
#define ROUNDS      5
#define ROUND_LINES 1000000

static const struct ct__trace_facts facts = { .program = "/usr/bin/true" };

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static double write_trace_s(const char *path, const struct ct_plan *plan, uint64_t count)
{
    struct ct__trace *trace = NULL;
    struct ct_error error;
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    if (ct__trace_open(path, plan, &facts, &trace, &error) != CT_OK) bench_stop(error.text);
    for (uint64_t i = 0; i < count; i++) {
        struct ct__walk_line line = { .walk = i, .action = CT__NO_ACTION, .duration_ns = 1234, .service = "here/0" };
        if (ct__trace_walk(trace, &line, &error) != CT_OK) bench_stop(error.text);
    }
    if (ct__trace_close(trace, &error) != CT_OK) bench_stop(error.text);
    return (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
}

static double find_s(const char *path, uint64_t walk)
{
    char only[24];
    struct ct__selection *walks = NULL;
    struct ct__reader *reader = NULL;
    struct ct__line line;
    struct ct_error error;
    uint64_t found = 0;
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    snprintf(only, sizeof only, "%" PRIu64, walk);
    if (ct__selection_new(CT__WALKS_MAX, only, 0, 1, 0, 0, &walks, &error) != CT_OK) bench_stop(error.text);
    if (ct__reader_open(path, &reader, &error) != CT_OK) bench_stop(error.text);
    while (ct__reader_next(reader, &(struct ct__filter){ .walks = walks }, &line, &error) == CT_OK) found++;
    ct__reader_close(reader);
    ct__selection_free(walks);
    if (found != 1) bench_stop("the walk was not found once");
    return (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
}

/* The most memory that this process has had so far. */
static double most_mb(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static off_t file_size(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    if (size < 0 || close(fd) != 0) bench_stop(strerror(errno));
    return size;
}

/* In turns, each into a new file, so that what else the machine does meets both; the medians. */
static void compare(const char *path, const struct ct_plan *plan)
{
    double lines_s[ROUNDS], share[ROUNDS];
    for (size_t i = 0; i < ROUNDS; i++) {
        lines_s[i] = write_trace_s(path, plan, ROUND_LINES);
        off_t size = file_size(path);
        unlink(path); /* what it takes to free the blocks is no part of writing */
        share[i] = 100 * bench_write_s(path, size) / lines_s[i];
    }
    bench_print("lines of a trace, written", ROUND_LINES / bench_median(lines_s, ROUNDS) / 1e6, "million/s");
    bench_print("share of write(2) of the same bytes", bench_median(share, ROUNDS), "%");
}

/* The bytes of the run's trace, which is removed. */
static off_t take_trace(const char *directory)
{
    char pattern[96];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/*.trace", directory);
    if (glob(pattern, 0, NULL, &found) != 0 || found.gl_pathc != 1) bench_stop("there is not one trace");
    off_t size = file_size(found.gl_pathv[0]);
    unlink(found.gl_pathv[0]);
    globfree(&found);
    return size;
}

/* Whole runs, of as many walks with and without a trace. */
static void run_traced(const struct ct_suite *suite, const char *directory, double walks)
{
    const struct ct_run_options traced = { .log_dir = directory, .trace = "all" };
    double rate[ROUNDS], share[ROUNDS], of_plain[ROUNDS];
    char path[64];
    snprintf(path, sizeof path, "%s/bytes", directory);
    for (size_t i = 0; i < ROUNDS; i++) {
        double traced_s = bench_run_with_s(suite, &traced);
        off_t size = take_trace(directory);
        rate[i] = walks / traced_s / 1e6;
        share[i] = 100 * bench_write_s(path, size) / traced_s;
        of_plain[i] = 100 * bench_run_s(suite) / traced_s;
    }
    bench_print("traced walks, end to end", bench_median(rate, ROUNDS), "million/s");
    bench_print("share of write(2) of the same bytes", bench_median(share, ROUNDS), "%");
    bench_print("share of the same walks without a trace", bench_median(of_plain, ROUNDS), "%");
}

/* run.log, and those that were put aside. */
static void remove_logs(const char *directory)
{
    char pattern[96];
    glob_t found;
    snprintf(pattern, sizeof pattern, "%s/run.log*", directory);
    if (glob(pattern, 0, NULL, &found) != 0) return;
    for (size_t i = 0; i < found.gl_pathc; i++) unlink(found.gl_pathv[i]);
    globfree(&found);
}

int main(int argc, char **argv)
{
    static const uint64_t counts[] = { [BENCH_QUICK] = 1000000, [BENCH_NORMAL] = 9938375, [BENCH_LONG] = 9938375 };
    uint64_t count = counts[bench_size(argc, argv)];
    static size_t side = SIDE, run_side = RUN_SIDE;
    static const struct ct_action actions[] = {
        { .name = "level", .run = pass, .source = bench_count_up, .source_user = &side },
        { .name = "mode", .run = pass, .source = bench_count_up, .source_user = &side },
        { .name = "size", .run = pass, .source = bench_count_up, .source_user = &side },
    };
    static const struct ct_suite suite = { .name = "trace", .actions = actions, .action_count = 3 };
    static const struct ct_action run_actions[] = {
        { .name = "level", .run = pass, .source = bench_count_up, .source_user = &run_side },
        { .name = "mode", .run = pass, .source = bench_count_up, .source_user = &run_side },
        { .name = "size", .run = pass, .source = bench_count_up, .source_user = &run_side },
    };
    static const struct ct_suite run_suite = { .name = "trace", .actions = run_actions, .action_count = 3 };
    struct ct_plan *plan = NULL;
    struct ct_error error;
    char directory[] = "/tmp/combtest-bench-XXXXXX", path[64];
    if (mkdtemp(directory) == NULL) bench_stop(strerror(errno));
    snprintf(path, sizeof path, "%s/trace", directory);
    if (ct_plan_new(&suite, &plan, &error) != CT_OK) bench_stop(error.text);
    run_traced(&run_suite, directory, (double)RUN_SIDE * RUN_SIDE * RUN_SIDE);
    compare(path, plan);
    (void)write_trace_s(path, plan, count);
    double before_mb = most_mb();
    bench_print("a walk found among 10 million lines", find_s(path, count - 1) * 1e7 / (double)count, "s");
    bench_print("memory that it took", most_mb() - before_mb, "MB");
    ct_plan_free(plan);
    unlink(path);
    remove_logs(directory);
    rmdir(directory);
    return 0;
}
