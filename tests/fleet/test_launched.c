/* Hosts that a launcher starts: what comes of a run on them is what comes of it here. */
#define _GNU_SOURCE 1
#include "fleets.h"
#include "processes.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int begin(void **unused)
{
    (void)unused;
    fleet_reset();
    return 0;
}

static int nothing_is_left(void **unused)
{
    (void)unused;
    return processes_left(2000) + processes_litter() > 0;
}

/* As it is where a host's first process was killed: its directory stays. */
static int no_process_is_left(void **unused)
{
    (void)unused;
    return processes_left(2000) > 0;
}

static struct ct_run_options on(const char *hosts)
{
    return (struct ct_run_options){ .hosts = hosts,
                                    .threads = 1,
                                    .launcher = &fleet_launcher,
                                    .gather_states = true,
                                    .log = fleet_take_line,
                                    .start_timeout_ms = 20000 };
}

static void four_hosts_give_what_one_gives(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*2,h2*3,h3*1");
    options.require_all = true;
    fleet_shared->pause_us = 2000;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    fleet_assert_whole(results, false);
    assert_int_equal(strstr(fleet_lines, "connecting directly to the run") != NULL, fleet_direct());
    int sum = 0;
    json_int_t ended = 0;
    for (int host = 0; host < FLEET_HOSTS; host++) {
        char name[] = { 'h', (char)('0' + host), '\0' };
        const json_t *told = json_object_get(results->hosts, name);
        assert_true(json_is_null(json_object_get(told, "why")));
        ended += json_integer_value(json_object_get(told, "walks"));
        assert_int_equal(fleet_shared->starts[host], 1);
        assert_true(fleet_shared->by_host[host] > 0);
        sum += fleet_shared->by_host[host];
    }
    assert_int_equal(sum, FLEET_STAGES * FLEET_WALKS);
    assert_int_equal(ended, FLEET_WALKS);
    assert_int_equal(json_integer_value(json_object_get(results->counters, "added")), FLEET_STAGES * FLEET_WALKS);
    for (size_t i = 0; i < 2; i++) assert_int_equal(fleet_shared->serial_runs[i], 1);
    ct_results_free(results);
}

static void with_local_this_host_runs_walks_too(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("local,h1*1");
    options.services = 1;
    options.require_all = true;
    options.isolation = CT_ISOLATION_PROCESS;
    fleet_shared->pause_us = 2000;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    fleet_assert_whole(results, false);
    assert_in_range(fleet_shared->by_host[1], 1, FLEET_STAGES * FLEET_WALKS - 1);
    ct_results_free(results);
}

static void rows_of_a_covering_suite_go_to_the_hosts(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    options.strength = 2;
    struct ct_results *there = fleet_run(&fleet_suite, &options);
    options.hosts = NULL;
    options.launcher = NULL;
    struct ct_results *here = fleet_run(&fleet_suite, &options);
    assert_in_range(there->walk_count, 20, 60);
    assert_int_equal(there->counts[CT_PASS], there->walk_count);
    assert_true(json_equal(here->states, there->states));
    ct_results_free(here);
    ct_results_free(there);
}

static void what_a_host_prints_is_logged_under_its_name(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h2*1");
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    fleet_assert_whole(results, false);
    assert_non_null(strstr(fleet_lines, "host h2: what a program prints before it serves must do no harm"));
    ct_results_free(results);
}

static void a_host_that_fails_is_named_and_the_others_run(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    fleet_shared->broken = 1 << 1;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    fleet_assert_whole(results, false);
    assert_non_null(strstr(fleet_lines, "host h1: there is no way to it"));
    json_t *hosts = json_pack("{s:{s:i,s:n},s:{s:i,s:s}}", "h0", "walks", FLEET_WALKS, "why", "h1", "walks", 0, "why",
                              "there is no way to it");
    assert_true(json_equal(results->hosts, hosts));
    json_decref(hosts);
    ct_results_free(results);
}

#define LONG "there is no way to it, for the road is closed, and the door is shut, and there is no window in the wall"
static enum ct_err find_no_way(const struct ct_launch *launch, struct ct_error *error)
{
    snprintf(error->text, sizeof error->text, "%s: %s%s%s%s", launch->host->name, LONG, LONG, LONG, LONG);
    return CT_EIO;
}

static void where_every_host_fails_nothing_is_lost_and_nothing_tried_again(void **unused)
{
    (void)unused;
    static const struct ct_launcher launcher = { .name = "none", .launch = find_no_way };
    struct ct_run_options options = on("a,b,c,d,e,f,g,h");
    options.launcher = &launcher;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    assert_int_equal(results->exit_code, 3);
    assert_int_equal(results->counts[CT_NOT_RUN], FLEET_WALKS);
    const char *one = strstr(fleet_lines, "host h: there is no way to it");
    assert_non_null(one);
    assert_null(strstr(fleet_lines, "tried again"));
    assert_non_null(strstr(results->note, "no service could be started: a: there is no way to it"));
    assert_non_null(strstr(results->note, " in the wall; b: there is no way to it"));
    assert_string_equal(strrchr(results->note, ';'), "; and 4 more hosts");
    ct_results_free(results);
}

static void require_all_runs_nothing_where_one_fails(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    options.require_all = true;
    fleet_shared->broken = 1 << 1;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    assert_int_equal(results->exit_code, 3);
    assert_int_equal(results->counts[CT_NOT_RUN], FLEET_WALKS);
    assert_string_equal(results->note, "not every host could be reached: h1: there is no way to it");
    assert_int_equal(fleet_shared->by_host[0], 0);
    ct_results_free(results);
}

static void hosts_that_all_fail_are_all_named(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    options.start_timeout_ms = 300;
    fleet_shared->broken = 1 << 1 | 256 << 0;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    assert_int_equal(results->exit_code, 3);
    assert_string_equal(results->note, "no service could be started: h0: it was not up within 0.3 s; h1: there is no "
                                       "way to it");
    ct_results_free(results);
}

static void a_program_without_the_suite_is_named(void **unused)
{
    (void)unused;
    struct ct_suite other = fleet_suite;
    struct ct_run_options options = on("h0*1");
    other.name = "other";
    struct ct_results *results = fleet_run(&other, &options);
    assert_int_equal(results->exit_code, 3);
    assert_non_null(strstr(results->note, "the program ended before it reached run_tests() of suite 'other'"));
    ct_results_free(results);
}

static void another_build_of_the_suite_is_refused(void **unused)
{
    (void)unused;
    struct ct_suite other = fleet_suite;
    struct ct_run_options options = on("h0*1");
    other.action_count--;
    struct ct_results *results = fleet_run(&other, &options);
    assert_int_equal(results->exit_code, 3);
    if (!strstr(results->note, "suite 'fleet' has other actions or options here")) fail_msg("%s", results->note);
    ct_results_free(results);
}

static void *start_late(void *unused)
{
    while (fleet_shared->by_host[0] == 0 || !strstr(fleet_lines, "host h1: there is no way to it")) usleep(1000);
    fleet_shared->broken = 0;
    return unused;
}

static void a_late_host_is_taken_in(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1,h1*1");
    fleet_shared->broken = 1 << 1;
    fleet_shared->pause_us = 10000;
    assert_int_equal(pthread_create(&thread, NULL, start_late, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, false);
    assert_true(fleet_shared->by_host[1] > 0);
    assert_non_null(strstr(fleet_lines, "host h1: it serves now"));
    ct_results_free(results);
}

/* All that could be waited for is longer than a test may take. */
static void a_host_that_is_still_starting_holds_up_no_end(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    fleet_shared->broken = 256 << 1;
    options.start_timeout_ms = options.stop_timeout_ms = 600000;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    fleet_assert_whole(results, false);
    assert_int_equal(fleet_shared->starts[1], 1);
    ct_results_free(results);
}

static void *kill_program(void *unused)
{
    while (fleet_shared->by_host[1] < 20) usleep(1000);
    kill(fleet_shared->pids[1], SIGKILL);
    return unused;
}

static void a_host_that_is_lost_comes_back_and_no_walk_is_lost(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1,h1*2");
    options.require_all = true;
    fleet_shared->pause_us = 10000;
    assert_int_equal(pthread_create(&thread, NULL, kill_program, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, true);
    assert_int_equal(fleet_shared->starts[1], 2);
    ct_results_free(results);
}

static void await_line(const char *text)
{
    while (!strstr(fleet_lines, text)) usleep(1000);
}

static void *kill_before_the_run_begins(void *unused)
{
    await_line("waiting for h1"); /* and not for h0 */
    kill(fleet_shared->pids[0], SIGKILL);
    await_line("host h0: the program ended there before the run did");
    fleet_shared->broken = 0;
    return unused;
}

static void a_host_that_is_lost_before_the_run_begins_is_waited_for(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1,h1*1");
    options.require_all = true;
    fleet_shared->broken = 256 << 1;
    assert_int_equal(pthread_create(&thread, NULL, kill_before_the_run_begins, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, false);
    assert_int_equal(fleet_shared->starts[0], 2);
    ct_results_free(results);
}

static void *kill_link(void *unused)
{
    pid_t link = fleet_link_of(0);
    if (link > 0) kill(link, SIGKILL);
    return unused;
}

static void a_host_whose_link_dies_goes_on(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*2");
    fleet_shared->pause_us = 5000;
    assert_int_equal(pthread_create(&thread, NULL, kill_link, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, true);
    assert_int_equal(fleet_shared->starts[0], 1);
    ct_results_free(results);
}

static void *kill_all_for_good(void *unused)
{
    while (fleet_shared->by_host[0] < 20) usleep(1000);
    fleet_shared->broken = 1;
    kill(fleet_shared->pids[0], SIGKILL);
    return unused;
}

static void losing_every_host_ends_the_run_as_incomplete(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*2");
    options.start_timeout_ms = 3000;
    fleet_shared->pause_us = 10000;
    assert_int_equal(pthread_create(&thread, NULL, kill_all_for_good, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    assert_int_equal(results->exit_code, 3);
    assert_int_equal(results->counts[CT_LOST], FLEET_WALKS);
    assert_string_equal(results->note, "no service is left to run walks: h0: there is no way to it");
    ct_results_free(results);
}

int main(int argc, char **argv)
{
    static const struct ct_suite before = { .name = "before" };
    static const struct ct_suite *const suites[] = { &before, &fleet_suite };
    fleet_serve(argc, argv, suites, CT_COUNT(suites));
    processes_mark(argv); /* starts this program anew: a host must not */
    fleet_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(four_hosts_give_what_one_gives, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(with_local_this_host_runs_walks_too, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(rows_of_a_covering_suite_go_to_the_hosts, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(what_a_host_prints_is_logged_under_its_name, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_that_fails_is_named_and_the_others_run, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(where_every_host_fails_nothing_is_lost_and_nothing_tried_again, begin,
                                        nothing_is_left),
        cmocka_unit_test_setup_teardown(require_all_runs_nothing_where_one_fails, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(hosts_that_all_fail_are_all_named, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_program_without_the_suite_is_named, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(another_build_of_the_suite_is_refused, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_late_host_is_taken_in, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_whose_link_dies_goes_on, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_that_is_still_starting_holds_up_no_end, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_that_is_lost_comes_back_and_no_walk_is_lost, begin, no_process_is_left),
        cmocka_unit_test_setup_teardown(a_host_that_is_lost_before_the_run_begins_is_waited_for, begin,
                                        no_process_is_left),
        cmocka_unit_test_setup_teardown(losing_every_host_ends_the_run_as_incomplete, begin, no_process_is_left),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    processes_unmark();
    return failed;
}
