/* Rows to begin with, of a model with sub-models. Inner to room generator/. */
#ifndef COMBTEST_GENERATOR_PICT_SEEDS_H
#define COMBTEST_GENERATOR_PICT_SEEDS_H
#include <generator/pict.h>

struct ct__pict_seeds {
    const uint16_t *given; /* count rows of width values each; borrowed */
    size_t count, width;
    uint16_t *values; /* what is kept of them */
    struct ct__dropped *dropped;
    size_t dropped_count;
    uint16_t *witness; /* a row to work in */
};

/* Keeps what the constraints allow of given, value after value, and drops the rest. CT_EINVAL: a parameter has no such
 * value; CT_NOMEM. ct__pict_seeds_clear in any case. */
enum ct_err ct__pict_seeds_keep(struct ct__pict_seeds *seeds, const struct ct__pict *model, struct ct__space *space,
                                struct ct_error *error);
/* Whether for each of the seeds there is a row that agrees with it. */
bool ct__pict_seeds_are_in(const struct ct__pict_seeds *seeds, const struct ct__rows *rows);
/* Makes whole rows of the seeds that the constraints allow, without negative values where that can be. */
void ct__pict_seeds_complete(struct ct__pict_seeds *seeds, struct ct__space *space);
void ct__pict_seeds_clear(struct ct__pict_seeds *seeds);
#endif
