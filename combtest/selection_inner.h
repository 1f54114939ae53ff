/* Inner header of room combtest/: how a selection is kept, and the two ways it is made besides taking all. */
#ifndef COMBTEST_SELECTION_INNER_H
#define COMBTEST_SELECTION_INNER_H
#include <combtest/core.h>

struct ct__run {
    uint64_t first, end;
    uint64_t before; /* how many selected ids are smaller */
};

/* Runs are sorted, not empty, and do not touch. */
struct ct__selection {
    uint64_t count;
    size_t run_count;
    struct ct__run *runs;
};

/* Makes a selection of runs in any order, overlapping or not; runs is malloc's, and taken also on failure. */
enum ct_err ct__selection_from_runs(struct ct__run *runs, size_t run_count, struct ct__selection **selection,
                                    struct ct_error *error);
/* "3,7-9", blanks allowed around numbers. */
enum ct_err ct__select_text(const char *text, uint64_t walk_count, struct ct__selection **selection,
                            struct ct_error *error);
/* sample of the numbers below count, 0 < sample < count. CT_ETOOBIG where it would need over a gigabyte. */
enum ct_err ct__sample_ranks(uint64_t count, uint64_t sample, uint64_t seed, struct ct__selection **ranks,
                             struct ct_error *error);
#endif
