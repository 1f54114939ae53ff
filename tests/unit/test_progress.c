/* The progress line where there is no terminal: what it says, and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cli/inner.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char said[4096];
static int stderr_before, file;

static int catch_stderr(void **state)
{
    (void)state;
    char path[] = "/tmp/combtest-progress-XXXXXX";
    file = mkstemp(path);
    stderr_before = dup(STDERR_FILENO);
    return file < 0 || stderr_before < 0 || unlink(path) != 0 || dup2(file, STDERR_FILENO) < 0 ? -1 : 0;
}

static int release_stderr(void **state)
{
    (void)state;
    int back = dup2(stderr_before, STDERR_FILENO);
    close(stderr_before);
    return close(file) != 0 || back < 0 ? -1 : 0;
}

/* All that has been said since the test began. */
static const char *all_said(void)
{
    ssize_t size = pread(file, said, sizeof(said) - 1, 0);
    said[size < 0 ? 0 : size] = '\0';
    return said;
}

static struct ct_results at(double elapsed_s, uint64_t passed, uint64_t failed)
{
    struct ct_results results = { .walk_count = 1000000, .elapsed_s = elapsed_s, .error_count = failed };
    results.counts[CT_PASS] = passed;
    results.counts[CT_FAIL] = failed;
    results.counts[CT_NOT_RUN] = results.walk_count - passed - failed;
    return results;
}

static void a_plain_line_comes_every_ten_seconds(void **state)
{
    (void)state;
    struct ct__progress progress;
    ct__progress_start(&progress, "suite", false);
    const struct ct_results moments[] = { at(0.1, 5, 0), at(9.9, 7, 0), at(10, 200000, 50000), at(19.9, 300000, 50000),
                                          at(3671, 999000, 1000) };
    for (size_t i = 0; i < CT_COUNT(moments); i++) ct__progress_show(&progress, &moments[i]);
    ct__progress_stop(&progress);
    assert_string_equal(all_said(), "suite: 250000/1000000 (25 %), 25.0k/s, 50000 failed, 0:10, eta 0:30\n"
                                    "suite: 1000000/1000000 (100 %), 272/s, 1000 failed, 1:01:11\n");
}

static void nothing_is_said_when_quiet(void **state)
{
    (void)state;
    struct ct__progress progress;
    struct ct_results late = at(100, 5, 0);
    ct__progress_start(&progress, "suite", true);
    ct__progress_show(&progress, &late);
    ct__progress_stop(&progress);
    assert_string_equal(all_said(), "");
}

static void a_note_stands_at_the_end(void **state)
{
    (void)state;
    struct ct__progress progress;
    struct ct_results late = at(20, 0, 0);
    late.note = (char[]){ "walk 3 in flight" };
    ct__progress_start(&progress, "suite", false);
    ct__progress_show(&progress, &late);
    assert_string_equal(all_said(), "suite: 0/1000000 (0 %), 0/s, 0:20, walk 3 in flight\n");
}

static void a_run_without_results_names_the_walks_in_flight(void **state)
{
    (void)state;
    struct ct__progress progress;
    ct__progress_start(&progress, "suite", false);
    struct ct_results moments[] = { at(5, 1000, 0), at(68.4, 1000, 0), at(79, 1000, 0), at(90, 1001, 0) };
    moments[1].in_flight_count = 2;
    moments[1].in_flight[0] = 17;
    moments[1].in_flight[1] = 230;
    moments[2].in_flight_count = 1;
    for (size_t i = 0; i < CT_COUNT(moments); i++) ct__progress_show(&progress, &moments[i]);
    assert_string_equal(all_said(), "suite: 1000/1000000 (0 %), no result for 63 s; in flight: walks 17, 230\n"
                                    "suite: 1000/1000000 (0 %), no result for 74 s; in flight: walk 0\n"
                                    "suite: 1001/1000000 (0 %), 11/s, 1:30, eta 24:57:00\n");
}

static void a_stage_that_ends_is_a_result(void **state)
{
    (void)state;
    struct ct__progress progress;
    ct__progress_start(&progress, "suite", false);
    struct ct_results begun = at(5, 0, 0), staged = at(8, 0, 0), stuck = at(70, 0, 0);
    staged.segment_count = stuck.segment_count = 4;
    stuck.in_flight_count = 8;
    for (size_t i = 0; i < stuck.in_flight_count; i++) stuck.in_flight[i] = UINT64_MAX - i;
    ct__progress_show(&progress, &begun);
    ct__progress_show(&progress, &staged);
    ct__progress_show(&progress, &stuck);
    assert_non_null(strstr(all_said(), "no result for 62 s; in flight: walks 18446744073709551615, "));
    assert_non_null(strstr(all_said(), " 18446744073709551608\n"));
}

static void a_log_line_obeys_no_control_character(void **state)
{
    (void)state;
    struct ct__progress progress;
    ct__progress_start(&progress, "suite", false);
    ct__progress_log(&progress, CT_LOG_WARNING, "one\ntwo \033[31m\r\x7f \xC3\xA4\t.");
    assert_string_equal(all_said(), "one\n    two ?[31m?? \xC3\xA4\t.\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, catch_stderr, release_stderr)
    const struct CMUnitTest tests[] = {
        TEST(a_plain_line_comes_every_ten_seconds),
        TEST(nothing_is_said_when_quiet),
        TEST(a_note_stands_at_the_end),
        TEST(a_run_without_results_names_the_walks_in_flight),
        TEST(a_stage_that_ends_is_a_result),
        TEST(a_log_line_obeys_no_control_character),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
