/* What a run says of hosts that are awaited, and of those that fall silent, at the time. */
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

static int no_process_is_left(void **unused)
{
    (void)unused;
    return processes_left(5000) > 0;
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

static void await_line(const char *text)
{
    while (!strstr(fleet_lines, text)) usleep(1000);
}

static void *stop_link(void *unused)
{
    pid_t link = fleet_link_of(0);
    fleet_shared->hold = 1;
    if (link > 0) kill(link, SIGSTOP);
    await_line("host h0: nothing has come from it for 3 s");
    if (link > 0) kill(link, SIGCONT);
    await_line("host h0: it is heard again");
    fleet_shared->hold = 0;
    return unused;
}

static void a_host_that_is_silent_is_named_at_once(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1,h1*1");
    fleet_shared->pause_us = 2000;
    assert_int_equal(pthread_create(&thread, NULL, stop_link, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, true);
    ct_results_free(results);
}

static void *end_hold(void *unused)
{
    await_line("the run goes on without h1, until they come");
    fleet_shared->hold = 0;
    return unused;
}

static void a_run_says_that_it_goes_on_without_a_host(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1,h1*1");
    options.stop_timeout_ms = 1000; /* for h1, which never ends by itself */
    fleet_shared->broken = 256 << 1;
    fleet_shared->hold = 1;
    assert_int_equal(pthread_create(&thread, NULL, end_hold, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    fleet_assert_whole(results, false);
    ct_results_free(results);
}

static void a_run_says_which_hosts_it_waits_for(void **unused)
{
    (void)unused;
    struct ct_run_options options = on("h0*1,h1*1");
    options.require_all = true;
    options.start_timeout_ms = 2000;
    options.stop_timeout_ms = 1000;
    fleet_shared->broken = 256 << 1;
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    assert_int_equal(results->exit_code, 3);
    const char *line = strstr(fleet_lines, "waiting for ");
    assert_non_null(line);
    assert_non_null(strstr(line, "h1"));
    ct_results_free(results);
}

static void *stop_coordinator(void *unused)
{
    pid_t coordinator = 0;
    while (fleet_shared->by_host[0] < 20) usleep(1000);
    if (processes_children(getpid(), &coordinator, 1) == 1) kill(coordinator, SIGSTOP);
    return unused;
}

static void a_coordinator_that_was_stopped_is_not_said_to_be_killed(void **unused)
{
    (void)unused;
    pthread_t thread;
    struct ct_run_options options = on("h0*1");
    fleet_shared->pause_us = 100000;
    assert_int_equal(pthread_create(&thread, NULL, stop_coordinator, NULL), 0);
    struct ct_results *results = fleet_run(&fleet_suite, &options);
    pthread_join(thread, NULL);
    assert_int_equal(results->exit_code, 3);
    assert_string_equal(results->note,
                        "the coordinator said nothing for 15 s, as if it were stopped, and was ended: what came of the "
                        "walks it had last counted is kept");
    ct_results_free(results);
}

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &fleet_suite };
    fleet_serve(argc, argv, suites, CT_COUNT(suites));
    processes_mark(argv); /* starts this program anew: a host must not */
    fleet_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_host_that_is_silent_is_named_at_once, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_run_says_that_it_goes_on_without_a_host, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_run_says_which_hosts_it_waits_for, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_coordinator_that_was_stopped_is_not_said_to_be_killed, begin,
                                        no_process_is_left),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    processes_unmark();
    return failed;
}
