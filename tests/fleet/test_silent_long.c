/* Hosts that fall silent: whose connection passes nothing on any more, or whose processes stand still. Nobody is told,
 * so leases must run out: the coordinator tells a host nothing more once that was silent for 3 s, and gives its walks
 * away when the lease, 10 s, and a margin of 3 s are over. */
#define _GNU_SOURCE 1
#include "joining.h"
#include "processes.h"
#include "proxy.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pid_t start_behind_proxy(int number)
{
    char url[64];
    snprintf(url, sizeof url, "tcp://127.0.0.1:%d", proxy_start(atoi(strrchr(joining_url, ':') + 1)));
    return joining_start(number, url, joining_token_path);
}

static void *fall_deaf_and_heal(void *user)
{
    joining_await_door();
    pid_t one = start_behind_proxy(0);
    joining_await_walks(0, 20);
    proxy_set(PROXY_DEAF);
    sleep(12);
    proxy_set(PROXY_OPEN);
    *(int *)user = joining_wait(one);
    return NULL;
}

static void a_deaf_connection_is_given_up_and_made_again(void **unused)
{
    (void)unused;
    int code = -1;
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", fall_deaf_and_heal, &code);
    fleet_assert_whole(results, true);
    assert_int_equal(code, 0);
    ct_results_free(results);
}

/* Its barrier is passed when the walks of the stage before have run, here or elsewhere. */
static bool next_stage_has_begun(void)
{
    for (size_t i = 0; i < FLEET_WALKS; i++)
        if (fleet_shared->runs[1][i] > 0) return true;
    return false;
}

struct deafness {
    int codes[2];
    time_t given_away_s; /* how long until what the deaf one had been given has run elsewhere */
};

static void *fall_deaf_for_good(void *user)
{
    struct deafness *deafness = user;
    joining_await_door();
    pid_t one = start_behind_proxy(0);
    joining_await_walks(0, 20);
    pid_t other = joining_start(1, joining_url, joining_token_path);
    proxy_set(PROXY_DEAF);
    time_t began = time(NULL);
    while (!next_stage_has_begun()) usleep(10000);
    deafness->given_away_s = time(NULL) - began;
    deafness->codes[0] = joining_wait(one);
    deafness->codes[1] = joining_wait(other);
    return NULL;
}

static void a_service_that_finds_the_run_no_more_ends(void **unused)
{
    (void)unused;
    struct deafness deafness = { .codes = { -1, -1 } };
    fleet_shared->pause_us = 20000;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", fall_deaf_for_good, &deafness);
    fleet_assert_whole(results, true);
    assert_int_equal(deafness.codes[0], 3);
    assert_int_equal(deafness.codes[1], 0);
    assert_in_range(deafness.given_away_s, 12, 20);
    ct_results_free(results);
}

/* A signal for a process and all that descends from it. */
static void signal_tree(pid_t pid, int number)
{
    pid_t children[64];
    kill(pid, number);
    size_t count = processes_children(pid, children, 64);
    for (size_t i = 0; i < count; i++) signal_tree(children[i], number);
}

static void *freeze(void *user)
{
    joining_await_door();
    pid_t one = joining_start(0, joining_url, joining_token_path);
    joining_await_walks(0, 20);
    signal_tree(one, SIGSTOP);
    pid_t other = joining_start(1, joining_url, joining_token_path);
    ((int *)user)[1] = joining_wait(other); /* when the run is over */
    signal_tree(one, SIGCONT);
    ((int *)user)[0] = joining_wait(one);
    return NULL;
}

static void a_frozen_host_holds_nobody_up_for_good(void **unused)
{
    (void)unused;
    int codes[2] = { -1, -1 };
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", freeze, codes);
    fleet_assert_whole(results, true);
    assert_int_equal(codes[1], 0);
    assert_int_equal(codes[0], 3);
    ct_results_free(results);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_deaf_connection_is_given_up_and_made_again, joining_begin,
                                        joining_no_process_is_left),
        cmocka_unit_test_setup_teardown(a_service_that_finds_the_run_no_more_ends, joining_begin,
                                        joining_no_process_is_left),
        cmocka_unit_test_setup_teardown(a_frozen_host_holds_nobody_up_for_good, joining_begin,
                                        joining_no_process_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    return joining_main(argv, argc, run);
}
