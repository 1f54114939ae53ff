/* Covering suites, and constraints, on hosts: what a walk is there is what it is here. */
#define _GNU_SOURCE 1
#include "fleets.h"
#include "processes.h"
#include <string.h>

static struct ct_suite constrained;

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

static struct ct_results *run_with(const struct ct_suite *suite, int strength, bool on_hosts)
{
    const struct ct_run_options options = { .hosts = on_hosts ? "h0*1,h1*2" : NULL,
                                            .services = on_hosts ? 0 : 2,
                                            .threads = 1,
                                            .strength = strength,
                                            .launcher = on_hosts ? &fleet_launcher : NULL,
                                            .gather_states = true,
                                            .require_all = on_hosts,
                                            .start_timeout_ms = 20000,
                                            .verbose = -1 };
    return fleet_run(suite, &options);
}

/* The same walks with the same states, which tell the options that each has run with. */
static void expect_the_same(const struct ct_suite *suite, int strength)
{
    struct ct_results *here = run_with(suite, strength, false), *there = run_with(suite, strength, true);
    assert_int_equal(here->counts[CT_PASS] + here->counts[CT_EXCLUDED], here->walk_count);
    assert_int_equal(there->walk_count, here->walk_count);
    for (int status = 0; status < CT_STATUS_COUNT; status++)
        assert_int_equal(there->counts[status], here->counts[status]);
    assert_int_equal(there->serial_count, here->serial_count);
    assert_true(json_equal(there->states, here->states));
    assert_true(fleet_shared->by_host[0] + fleet_shared->by_host[1] > 0);
    ct_results_free(here);
    ct_results_free(there);
}

static void rows_run_on_hosts_as_here(void **unused)
{
    (void)unused;
    expect_the_same(&fleet_suite, 2);
}

static void constraints_hold_on_hosts_as_here(void **unused)
{
    (void)unused;
    expect_the_same(&constrained, 0);
    expect_the_same(&constrained, 3);
}

int main(int argc, char **argv)
{
    const struct ct_suite *const suites[] = { &fleet_suite, &constrained };
    constrained = fleet_suite;
    constrained.name = "constrained";
    constrained.constraints = "IF [first] <= 2 THEN [two] <> 1; [middle] <> \"third\" OR [last] = 7;";
    fleet_serve(argc, argv, suites, CT_COUNT(suites));
    processes_mark(argv); /* starts this program anew: a host must not */
    fleet_open();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_run_on_hosts_as_here, begin, nothing_is_left),
        cmocka_unit_test_setup_teardown(constraints_hold_on_hosts_as_here, begin, nothing_is_left),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    processes_unmark();
    return failed;
}
