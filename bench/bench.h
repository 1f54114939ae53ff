/* What the benchmarks share. Each is a program of its own that prints lines "what<TAB>value<TAB>unit", which bench/run
 * makes into a table; --quick makes it short, --long goes to the largest size. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H
#define _GNU_SOURCE 1
#include <combtest/combtest.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum bench_size { BENCH_QUICK, BENCH_NORMAL, BENCH_LONG };

static inline enum bench_size bench_size(int argc, char **argv)
{
    enum bench_size size = BENCH_NORMAL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0)
            size = BENCH_QUICK;
        else if (strcmp(argv[i], "--long") == 0)
            size = BENCH_LONG;
    }
    return size;
}

static inline int64_t bench_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline void bench_print(const char *what, double value, const char *unit)
{
    printf("%s\t%.4g\t%s\n", what, value, unit);
    fflush(stdout);
}

static inline void *bench_shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
    return memory;
}

/* Runs a suite on two services of one thread each, with the other options as given; a run in which not every walk
 * passes ends the program, for its time means nothing. The elapsed time is that of the whole call. */
static inline double bench_run_with_s(const struct ct_suite *suite, const struct ct_run_options *other)
{
    struct ct_run_options options = *other;
    options.services = 2;
    options.threads = 1;
    options.verbose = -1;
    struct ct_results *results = NULL;
    struct ct_error error;
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    if (ct_run_tests(suite, &options, &results, &error) != CT_OK) {
        fprintf(stderr, "%s: %s\n", suite->name, error.text);
        exit(1);
    }
    double elapsed_s = (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    if (results->counts[CT_PASS] != results->walk_count) {
        fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 " walks passed\n", suite->name, results->counts[CT_PASS],
                results->walk_count);
        exit(1);
    }
    ct_results_free(results);
    return elapsed_s;
}

static inline double bench_run_s(const struct ct_suite *suite)
{
    return bench_run_with_s(suite, &(struct ct_run_options){ .services = 2 });
}

/* Ends the program: what it measures would mean nothing. */
static inline _Noreturn void bench_stop(const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(1);
}

/* What write(2) takes for so many bytes into a new file, in blocks of the size that the log's and the trace's writer
 * takes. The file is removed: what it takes to free its blocks is no part of it. */
static inline double bench_write_s(const char *path, off_t size)
{
    static char block[256 << 10];
    memset(block, 'x', sizeof block);
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) bench_stop(strerror(errno));
    while (size > 0) {
        ssize_t put = write(fd, block, size < (off_t)sizeof block ? (size_t)size : sizeof block);
        if (put <= 0) bench_stop(strerror(errno));
        size -= put;
    }
    if (close(fd) != 0) bench_stop(strerror(errno));
    double elapsed_s = (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
    unlink(path);
    return elapsed_s;
}

/* An option iterator over 0 .. *(size_t *)user - 1. */
static inline int bench_count_up(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)error;
    if (index >= *(const size_t *)user) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static inline int bench_compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static inline double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, bench_compare);
    return values[count / 2];
}
#endif
