/* Log lines a second, from two services into run.log, against write(2) of the same bytes in the same run. */
#include "bench.h"

#define ROUNDS 3
#define EACH   1000 /* lines of a walk */

static enum ct_status log_lines(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    for (int i = 0; i < EACH; i++) ct_log(walk, CT_LOG_INFO, "line %d of a walk that has much to say", i);
    return CT_PASS;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* Of the whole call, as of a user's. */
static double log_s(ct_run_fn *run, size_t *walks, const char *directory)
{
    const struct ct_action actions[] = {
        { .name = "log", .run = run, .source = bench_count_up, .source_user = walks },
    };
    const struct ct_suite suite = { .name = "log", .actions = actions, .action_count = 1 };
    return bench_run_with_s(
        &suite, &(struct ct_run_options){ .log_dir = directory, .trace = "none", .log_size = (uint64_t)1 << 40 });
}

/* The bytes of the log, which must hold each line that was logged and can hold a few more of the run's own. */
static off_t log_bytes(const char *path, size_t lines)
{
    static char block[65536];
    size_t found = 0;
    off_t size = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) bench_stop(strerror(errno));
    while ((got = read(fd, block, sizeof block)) > 0) {
        size += got;
        for (const char *at = block; (at = memchr(at, '\n', (size_t)(block + got - at))) != NULL; at++) found++;
    }
    close(fd);
    if (found < lines) bench_stop("lines are missing");
    return size;
}

int main(int argc, char **argv)
{
    static const size_t counts[] = { [BENCH_QUICK] = 1000, [BENCH_NORMAL] = 5000, [BENCH_LONG] = 20000 };
    size_t walks = counts[bench_size(argc, argv)];
    double rate[ROUNDS], share[ROUNDS];
    char directory[] = "/tmp/combtest-bench-XXXXXX", path[64];
    if (mkdtemp(directory) == NULL) bench_stop(strerror(errno));
    snprintf(path, sizeof path, "%s/run.log", directory);
    for (size_t i = 0; i < ROUNDS; i++) {
        double elapsed_s = log_s(log_lines, &walks, directory);
        off_t size = log_bytes(path, walks * EACH);
        unlink(path); /* what it takes to free the blocks is no part of writing */
        rate[i] = (double)(walks * EACH) / elapsed_s / 1e6;
        share[i] = 100 * bench_write_s(path, size) / elapsed_s;
    }
    double silent_s = log_s(pass, &walks, directory);
    unlink(path);
    rmdir(directory);
    bench_print("log lines into run.log", bench_median(rate, ROUNDS), "million/s");
    bench_print("share of write(2) of the same bytes", bench_median(share, ROUNDS), "%");
    bench_print("the same walks without a line", silent_s, "s");
    return 0;
}
