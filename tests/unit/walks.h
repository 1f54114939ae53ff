/* What the tests of walks share: one walk object, of a plan of the suite that they bring. */
#ifndef TESTS_UNIT_WALKS_H
#define TESTS_UNIT_WALKS_H
#include <actions/actions.h>

extern struct ct_plan *plan;
extern struct ct_walk *walk;

/* For cmocka: makes both from suite; the other frees them. 0, or -1. */
int walks_set_up(const struct ct_suite *suite);
int walks_tear_down(void **state);

enum ct_status pass(struct ct_walk *passed, const struct ct_option *option);
void open_walk(uint64_t id); /* for its first stage */
#endif
