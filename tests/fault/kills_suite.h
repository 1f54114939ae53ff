/* A suite of three stages that takes about a second, and what its processes write down. */
#ifndef TESTS_FAULT_KILLS_SUITE_H
#define TESTS_FAULT_KILLS_SUITE_H
#include <combtest/combtest.h>
#include <stdatomic.h>

/* How many options actions a, s, b, t, c have; s and t are serial. */
enum {
    KILLS_A = 5,
    KILLS_S = 3,
    KILLS_B = 4,
    KILLS_T = 2,
    KILLS_C = 3,
    KILLS_WALKS = KILLS_A * KILLS_S * KILLS_B * KILLS_T * KILLS_C,
    KILLS_STAGES = 3,
    KILLS_BRANCH_S = KILLS_WALKS / KILLS_S, /* walks in a branch of s */
    KILLS_BRANCH_T = KILLS_BRANCH_S / KILLS_T,
    KILLS_SERIALS = KILLS_S + KILLS_S * KILLS_T
};

/* In memory that all processes share. */
struct kills_seen {
    _Atomic int runs[KILLS_STAGES][KILLS_WALKS];
    _Atomic int serial_runs[KILLS_SERIALS];
    _Atomic long serial_pid;
};
extern struct kills_seen *kills_seen;
extern const struct ct_suite kills_suite;

/* Zeroes what was written down; makes it when first called. False: no memory. */
bool kills_reset(void);
json_t *kills_state(uint64_t id); /* what the walk passes with; new */
#endif
