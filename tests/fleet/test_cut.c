/* Services that join over a network which is cut, and heals. */
#define _GNU_SOURCE 1
#include "joining.h"
#include "proxy.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Starts a service that reaches the run through the proxy. */
static pid_t start_behind_proxy(int number)
{
    char url[64];
    snprintf(url, sizeof url, "tls+tcp://127.0.0.1:%d", proxy_start(atoi(strrchr(joining_url, ':') + 1)));
    return joining_start(number, url, joining_token_path);
}

static void *cut_three_times(void *user)
{
    joining_await_door();
    pid_t one = start_behind_proxy(0);
    for (int i = 1; i <= 3; i++) {
        joining_await_walks(0, fleet_shared->by_host[0] + 40);
        proxy_set(PROXY_CUT);
        usleep(50000);
        proxy_set(PROXY_OPEN);
    }
    *(int *)user = joining_wait(one);
    return NULL;
}

static void a_connection_that_is_cut_is_made_again(void **unused)
{
    (void)unused;
    int code = -1;
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", cut_three_times, &code);
    fleet_assert_whole(results, true);
    assert_int_equal(code, 0);
    assert_true(proxy_count() >= 1 + 4); /* the greeter's, and the links' */
    ct_results_free(results);
}

static void *slow_down(void *user)
{
    joining_await_door();
    pid_t one = start_behind_proxy(0), other = joining_start(1, joining_url, joining_token_path);
    proxy_set(PROXY_SLOW);
    joining_await_walks(0, 1);
    fleet_shared->hold = 0;
    *(int *)user = joining_wait(one) | joining_wait(other);
    return NULL;
}

static void a_slow_network_delays_and_harms_nothing(void **unused)
{
    (void)unused;
    int code = -1;
    fleet_shared->pause_us = 5000;
    fleet_shared->hold = 1; /* until the slow one has come */
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", slow_down, &code);
    fleet_assert_whole(results, false);
    assert_int_equal(code, 0);
    assert_true(fleet_shared->by_host[0] > 0);
    ct_results_free(results);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_connection_that_is_cut_is_made_again, joining_begin, joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(a_slow_network_delays_and_harms_nothing, joining_begin,
                                        joining_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    return joining_main(argv, argc, run);
}
