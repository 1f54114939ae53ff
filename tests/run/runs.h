/* What the tests of this directory share: running a suite, and counters that services' processes can write. */
#ifndef TESTS_RUN_RUNS_H
#define TESTS_RUN_RUNS_H
#include <combtest/combtest.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

/* Counters in memory that this process shares with those forked from it; zeroed by shared_reset, which makes them when
 * first called. */
enum { SHARED_COUNT = 4096 };
extern _Atomic int *shared;
void shared_reset(void);

/* Runs a suite on two services of two threads each (or as options say), quietly; fails the test unless it could be run
 * and the statuses add up to the plan. The results are the caller's. */
struct ct_results *run_well(const struct ct_suite *suite, const struct ct_run_options *options);

/* The same with the states gathered. */
struct ct_results *run_gathering(const struct ct_suite *suite);

/* The state of the i-th entry, borrowed. */
const json_t *state_at(const struct ct_results *results, size_t i);

/* Fails the test unless each integer of [0, count) is given once: by index(results->states' i-th state). */
void assert_each_once(const struct ct_results *results, size_t count, size_t (*index)(const json_t *state));
#endif
