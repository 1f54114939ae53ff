/* What is done once on each host: host_start, host_stop, serial actions of scope host. */
#define _GNU_SOURCE 1
#include "fleets.h"
#include "processes.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WALKS = 2 * 3 * 30 };

static int here(void)
{
    const char *host = getenv("FLEET_HOST");
    return host ? atoi(host + 1) : 3; /* the coordinator's */
}

static enum ct_status start_host(struct ct_walk *walk)
{
    atomic_fetch_add(&fleet_shared->host_starts[here()], 1);
    return fleet_shared->broken >> 16 & 1 << here() ? ct_fail(walk, "no such mount") : CT_PASS;
}

static void stop_host(struct ct_walk *walk)
{
    (void)walk;
    atomic_fetch_add(&fleet_shared->host_stops[here()], 1);
}

/* What a host is set to, by each action: its option's value and the number of times. */
static enum ct_status mount_one(struct ct_walk *walk, const struct ct_option *option)
{
    int64_t value = ct_option_int(option);
    if (fleet_shared->broken >> 24 & 1 << here()) return ct_fail(walk, "it does not mount");
    fleet_shared->settled[here()][0] = (int)value;
    atomic_fetch_add(&fleet_shared->settled[here()][1], 1);
    return CT_PASS;
}

static enum ct_status tune_run(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *update = json_pack("{s:I}", "tuned", (json_int_t)ct_option_int(option));
    ct_update(walk, update);
    json_decref(update);
    return CT_PASS;
}

static enum ct_status load_one(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    fleet_shared->settled[here()][2] = (int)ct_option_int(option);
    atomic_fetch_add(&fleet_shared->settled[here()][3], 1);
    return CT_PASS;
}

static enum ct_status walk_on(struct ct_walk *walk, const struct ct_option *option)
{
    const struct ct_option *mount = ct_walk_option(walk, "mount"), *load = ct_walk_option(walk, "load");
    bool settled = fleet_shared->settled[here()][0] == ct_option_int(mount) &&
                   fleet_shared->settled[here()][2] == ct_option_int(load) && fleet_shared->host_starts[here()] == 1;
    (void)option;
    if (!settled) atomic_fetch_add(&fleet_shared->unsettled, 1);
    atomic_fetch_add(&fleet_shared->by_host[here()], 1);
    usleep((useconds_t)fleet_shared->pause_us);
    return CT_PASS;
}

static int thirty(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user, (void)error;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return index < 30;
}

static const struct ct_option mounts[] = { CT_INT(1), CT_INT(2) };
static const struct ct_option loads[] = { CT_INT(5), CT_INT(6), CT_INT(7) };
static const struct ct_option tunes[] = { CT_INT(4) };
static const struct ct_action actions[] = {
    CT_ACTION_WITH("mount", mount_one, mounts, .serial = true, .scope = CT_SCOPE_HOST),
    CT_SERIAL_ACTION("tune", tune_run, tunes),
    CT_ACTION_WITH("load", load_one, loads, .serial = true, .scope = CT_SCOPE_HOST),
    { .name = "walk", .run = walk_on, .source = thirty },
};
static const struct ct_suite suite = { .name = "scope",
                                       .actions = actions,
                                       .action_count = CT_COUNT(actions),
                                       .host_start = start_host,
                                       .host_stop = stop_host };

static int begin(void **unused)
{
    (void)unused;
    fleet_reset();
    fleet_shared->pause_us = 2000;
    return 0;
}

static int nothing_is_left(void **unused)
{
    (void)unused;
    return processes_left(2000) + processes_litter() > 0;
}

static struct ct_results *run_on(const char *hosts, bool all)
{
    const struct ct_run_options options = { .hosts = hosts,
                                            .services = 1,
                                            .threads = 1,
                                            .launcher = hosts ? &fleet_launcher : NULL,
                                            .require_all = all,
                                            .gather_states = true,
                                            .log = fleet_take_line };
    return fleet_run(&suite, &options);
}

static void assert_settled(int host, int mounted, int loaded)
{
    assert_int_equal(fleet_shared->host_starts[host], 1);
    assert_int_equal(fleet_shared->host_stops[host], 1);
    assert_int_equal(fleet_shared->settled[host][1], mounted);
    assert_int_equal(fleet_shared->settled[host][3], loaded);
}

static void each_host_does_its_own_once_before_its_walks(void **unused)
{
    (void)unused;
    struct ct_results *results = run_on("local,h0*1,h1*2", true);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(results->exit_code, 0);
    assert_int_equal(results->serial_count, 2 + 2 + 6);
    assert_int_equal(fleet_shared->unsettled, 0);
    for (int host = 0; host < 4; host++)
        if (host != 2) assert_settled(host, 2, 6);
    const json_t *state = json_object_get(json_array_get(results->states, 77), "state");
    assert_int_equal(json_integer_value(json_object_get(state, "tuned")), 4);
    ct_results_free(results);
}

static void here_alone_it_is_the_same(void **unused)
{
    (void)unused;
    struct ct_results *results = run_on(NULL, false);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(fleet_shared->unsettled, 0);
    assert_settled(3, 2, 6);
    ct_results_free(results);
}

static void where_others_run_all_walks_this_host_has_no_part(void **unused)
{
    (void)unused;
    struct ct_results *results = run_on("h0*1", true);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_settled(0, 2, 6);
    assert_int_equal(fleet_shared->host_starts[3] + fleet_shared->host_stops[3] + fleet_shared->settled[3][1], 0);
    ct_results_free(results);
}

static void a_host_where_host_start_fails_runs_no_walk(void **unused)
{
    (void)unused;
    fleet_shared->broken = 1 << 16 << 0;
    struct ct_results *results = run_on("h0*1,h1*1", true);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(fleet_shared->by_host[0], 0);
    assert_non_null(strstr(fleet_lines, "no such mount"));
    ct_results_free(results);
}

static void a_host_where_the_action_fails_runs_no_walk_of_the_branch(void **unused)
{
    (void)unused;
    fleet_shared->broken = 1 << 24 << 1;
    struct ct_results *results = run_on("h0*1,h1*1", true);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(fleet_shared->by_host[1], 0);
    assert_non_null(strstr(fleet_lines, "serial action mount failed on h1"));
    ct_results_free(results);
}

static void where_it_fails_on_every_host_the_branch_is_blocked(void **unused)
{
    (void)unused;
    fleet_shared->broken = 1 << 24 << 0 | 1 << 24 << 1;
    struct ct_results *results = run_on("h0*1,h1*1", true);
    assert_int_equal(results->counts[CT_BLOCKED], WALKS);
    assert_int_equal(results->exit_code, 1);
    assert_int_equal(results->serial_failed_count, 2);
    assert_non_null(strstr(results->note, "serial action mount failed: on h"));
    ct_results_free(results);
}

static void *let_in(void *unused)
{
    while (fleet_shared->by_host[0] < 20) usleep(1000);
    fleet_shared->broken = 0;
    return unused;
}

static void a_late_host_catches_up_before_its_first_walk(void **unused)
{
    (void)unused;
    pthread_t thread;
    fleet_shared->broken = 1 << 1;
    fleet_shared->pause_us = 20000;
    assert_int_equal(pthread_create(&thread, NULL, let_in, NULL), 0);
    struct ct_results *results = run_on("h0*1,h1*1", false);
    pthread_join(thread, NULL);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(fleet_shared->unsettled, 0);
    assert_true(fleet_shared->by_host[1] > 0);
    assert_in_range(fleet_shared->settled[1][1], 1, 2);
    ct_results_free(results);
}

static void *kill_link(void *unused)
{
    pid_t children[16];
    while (fleet_shared->by_host[0] < 5) usleep(1000);
    size_t keepers = processes_children(fleet_shared->pids[0], children, 16);
    size_t links = keepers > 0 ? processes_children(children[0], children, 16) : 0;
    if (links > 0) kill(children[0], SIGKILL); /* the keeper's first child */
    return unused;
}

static void what_was_done_on_a_host_is_done_for_its_next_link(void **unused)
{
    (void)unused;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, kill_link, NULL), 0);
    struct ct_results *results = run_on("h0*1", false);
    pthread_join(thread, NULL);
    assert_int_equal(results->counts[CT_PASS], WALKS);
    assert_int_equal(fleet_shared->settled[0][1], 2);
    ct_results_free(results);
}

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &suite };
    fleet_serve(argc, argv, suites, CT_COUNT(suites));
    processes_mark(argv); /* starts this program anew: a host must not */
    fleet_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_host_does_its_own_once_before_its_walks, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(here_alone_it_is_the_same, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(where_others_run_all_walks_this_host_has_no_part, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_where_host_start_fails_runs_no_walk, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_host_where_the_action_fails_runs_no_walk_of_the_branch, begin,
                                        nothing_is_left),
        cmocka_unit_test_setup_teardown(where_it_fails_on_every_host_the_branch_is_blocked, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(a_late_host_catches_up_before_its_first_walk, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(what_was_done_on_a_host_is_done_for_its_next_link, begin, nothing_is_left),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    processes_unmark();
    return failed;
}
