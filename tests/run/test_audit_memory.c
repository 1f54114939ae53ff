/* The coordinator's memory does not grow with the number of walks, whatever comes of them. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
enum { LIMIT_KB = 32 << 10 };

static const struct ct_option thousand[1000];

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static enum ct_status fail_it(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    return ct_fail(walk, "walk %llu fails, with a message of some length", (unsigned long long)ct_walk_id(walk));
}

/* The number of kB after a word in /proc/PID/status; 0: it is not there. */
static long kb_of(pid_t process, const char *word)
{
    char path[64], line[256];
    long kb = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, word, strlen(word)) == 0) kb = strtol(line + strlen(word), NULL, 10);
    if (file) fclose(file);
    return kb;
}

/* The coordinator is the only child of the program that called run_tests(). */
static pid_t coordinator(void)
{
    char path[64];
    long child = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)gettid());
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%ld", &child) != 1) child = 0;
    if (file) fclose(file);
    return (pid_t)child;
}

struct seen {
    long own_kb, whole_kb;
    size_t looks;
};

static void look(void *user, const struct ct_results *so_far)
{
    struct seen *seen = user;
    pid_t process = coordinator();
    long own_kb = process ? kb_of(process, "RssAnon:") : 0, whole_kb = process ? kb_of(process, "VmHWM:") : 0;
    (void)so_far;
    if (own_kb == 0) return;
    if (own_kb > seen->own_kb) seen->own_kb = own_kb;
    if (whole_kb > seen->whole_kb) seen->whole_kb = whole_kb;
    seen->looks++;
}

/* Runs thousands * 1000 walks; looks at least once. */
static struct seen run_thousands(ct_run_fn *run, size_t thousands)
{
    const size_t outer = thousands > 1000 ? 1000 : thousands;
    const struct ct_action actions[] = {
        { .name = "a", .run = pass, .options = thousand, .option_count = outer },
        { .name = "b", .run = pass, .options = thousand, .option_count = thousands / outer },
        CT_ACTION("c", run, thousand),
    };
    const struct ct_suite suite = { .name = "memory", .actions = actions, .action_count = 3 };
    struct seen seen = { 0 };
    const struct ct_run_options options = { .services = 2, .verbose = -1, .progress = look, .progress_user = &seen };
    struct ct_results *results = run_well(&suite, &options);
    assert_int_equal(results->walk_count, thousands * 1000);
    assert_int_equal(results->counts[run == pass ? CT_PASS : CT_FAIL], thousands * 1000);
    ct_results_free(results);
    if (!SANITIZED) assert_true(seen.looks > 0);
    return seen;
}

/* slack_kb: what results on their way can take, however many there are. */
static void assert_flat(ct_run_fn *run, size_t few, size_t many, long slack_kb)
{
    struct seen small = run_thousands(run, few), large = run_thousands(run, many);
    printf("own memory %ld and %ld kB, whole %ld and %ld kB\n", small.own_kb, large.own_kb, small.whole_kb,
           large.whole_kb);
    if (SANITIZED) return;
    assert_true(large.own_kb <= small.own_kb + slack_kb);
    assert_true(large.whole_kb < LIMIT_KB);
}

static void memory_is_flat_over_walks_that_pass(void **state)
{
    (void)state;
    assert_flat(pass, 1000, SANITIZED ? 2000 : 30000, 1 << 10);
}

static void memory_is_flat_over_walks_that_fail(void **state)
{
    (void)state;
    assert_flat(fail_it, SANITIZED ? 100 : 300, SANITIZED ? 200 : 5000, 8 << 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_flat_over_walks_that_pass),
        cmocka_unit_test(memory_is_flat_over_walks_that_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
