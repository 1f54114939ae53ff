/* What the walks of ssh_walks write down, in a file that all their processes map; SSH_WALKS_SEEN names it. */
#ifndef TESTS_SSH_WALKS_H
#define TESTS_SSH_WALKS_H
#include <stdatomic.h>

/* How many options actions a, s, b, t, c have; s and t are serial, and turn slowest. */
enum {
    WALKS_A = 4,
    WALKS_S = 3,
    WALKS_B = 4,
    WALKS_T = 2,
    WALKS_C = 3,
    WALKS = WALKS_A * WALKS_S * WALKS_B * WALKS_T * WALKS_C,
    WALKS_STAGES = 3,
    WALKS_SERIALS = WALKS_S + WALKS_S * WALKS_T,
    WALKS_KILLER = 100 /* the walk that SSH_WALKS_KILLER has kill its host's "first" process, or "all", in stage 1 */
};

struct seen {
    _Atomic int runs[WALKS_STAGES][WALKS];
    _Atomic int serial_runs[WALKS_SERIALS];
};
#endif
