/* The report of a run: what it says of results made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cli/inner.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ct_suite suite = { .name = "suite" };
static struct ct__cli cli;
static char said[4096];

static int set_up(void **state)
{
    (void)state;
    cli = (struct ct__cli){ .program = "./suite", .suite = &suite, .suite_count = 1 };
    return ct_config_load(NULL, &cli.config, NULL) == CT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ct_config_free(cli.config);
    return 0;
}

/* What ct__report prints. */
static const char *report(const struct ct_results *results)
{
    char path[] = "/tmp/combtest-report-XXXXXX";
    int file = mkstemp(path), before = dup(STDOUT_FILENO);
    assert_true(file >= 0 && before >= 0 && unlink(path) == 0);
    fflush(stdout);
    assert_true(dup2(file, STDOUT_FILENO) >= 0);
    ct__report(&cli, results, false);
    fflush(stdout);
    assert_true(dup2(before, STDOUT_FILENO) >= 0);
    ssize_t size = pread(file, said, sizeof(said) - 1, 0);
    said[size < 0 ? 0 : size] = '\0';
    close(before);
    close(file);
    return said;
}

static void the_rate_is_that_of_the_walks_that_ran(void **state)
{
    (void)state;
    struct ct_results results = { .walk_count = 4000000000, .elapsed_s = 1 };
    results.counts[CT_PASS] = 2500000000;
    results.counts[CT_NOT_RUN] = 1500000000;
    assert_non_null(strstr(report(&results), "suite: 4000000000 walks in 1.000 s (2.5G/s)\n"));
    results.counts[CT_PASS] = 0;
    results.counts[CT_NOT_RUN] = 2000000000;
    results.counts[CT_LOST] = 1000000000;
    results.counts[CT_BLOCKED] = 1000000000;
    assert_non_null(strstr(report(&results), "suite: 4000000000 walks in 1.000 s\n"));
}

static void hosts_stand_with_what_ended_there_and_those_that_fail_first(void **state)
{
    (void)state;
    struct ct_results results = { .walk_count = 7, .hosts = json_object() };
    assert_null(strstr(report(&results), "hosts:"));
    json_decref(results.hosts);
    results.hosts = json_pack("{s:{s:i,s:n},s:{s:i,s:s}}", "a", "walks", 7, "why", "b", "walks", 0, "why", "no way");
    assert_non_null(strstr(report(&results), "\nhosts:\n  b = 0, failed: no way\n  a = 7\n"));
    json_t *why = json_sprintf("%0*d is far too long to be said again", 90, 1);
    json_object_set_new(json_object_get(results.hosts, "b"), "why", why);
    assert_non_null(strstr(report(&results), "0000001 is \u2026\n  a = 7\n"));
    json_object_set_new(json_object_get(results.hosts, "b"), "why", json_string("no way"));
    for (int i = 0; i < 30; i++) {
        char name[8];
        snprintf(name, sizeof name, "h%d", i);
        json_object_set_new(results.hosts, name, json_pack("{s:i,s:n}", "walks", 1, "why"));
    }
    assert_non_null(strstr(report(&results), "  b = 0, failed: no way\n  a = 7\n  h0 = 1\n"));
    assert_non_null(strstr(said, "  h17 = 1\n  and 12 more\n"));
    json_decref(results.hosts);
}

/* The report of one failed walk, 5. */
static const char *report_failure(json_t *labels)
{
    json_t *options = json_pack("{s:i,s:f}", "level", 9, "share", 0.1);
    struct ct_failure failure = { .walk = 5, .status = CT_FAIL, .options = options, .labels = labels };
    struct ct_results results = { .walk_count = 1, .failures = &failure, .failure_count = 1, .error_count = 1 };
    results.counts[CT_FAIL] = 1;
    (void)report(&results);
    json_decref(options);
    json_decref(labels);
    return said;
}

static void options_show_their_labels_and_short_reals(void **state)
{
    (void)state;
    assert_non_null(strstr(report_failure(json_pack("{s:s}", "level", "best")), "\n    level=9 (best) share=0.1\n"));
    assert_non_null(strstr(report_failure(NULL), "\n    level=9 share=0.1\n"));
}

static void the_command_that_runs_a_walk_again_selects_it(void **state)
{
    (void)state;
    assert_non_null(strstr(report_failure(NULL), "again: ./suite run --only 5\n"));
    ct__config_set_where(cli.config, "RUN.shard", "1/2", CT__ORIGIN_FILE, "combtest.cfg:2", NULL);
    ct__config_set_where(cli.config, "RUN.sample", "3", CT__ORIGIN_ENVIRONMENT, "COMBTEST_RUN_SAMPLE", NULL);
    assert_non_null(strstr(report_failure(NULL), "again: ./suite run --shard 1/1 --sample 0 --only 5\n"));
    ct__config_set_where(cli.config, "RUN.shard", "1/2", CT__ORIGIN_COMMAND_LINE, "--shard", NULL);
    ct__config_set_where(cli.config, "RUN.sample", "0", CT__ORIGIN_COMMAND_LINE, "--sample", NULL);
    assert_non_null(strstr(report_failure(NULL), "again: ./suite run --only 5\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_rate_is_that_of_the_walks_that_ran),
        TEST(hosts_stand_with_what_ended_there_and_those_that_fail_first),
        TEST(options_show_their_labels_and_short_reals),
        TEST(the_command_that_runs_a_walk_again_selects_it),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
