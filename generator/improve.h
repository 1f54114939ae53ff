/* Answers to a phase of a problem, and how they get smaller. */
#ifndef COMBTEST_GENERATOR_IMPROVE_H
#define COMBTEST_GENERATOR_IMPROVE_H
#include <generator/search.h>

struct ct__work {
    size_t answers;   /* to try at most */
    uint64_t restart; /* of all answers of a phase, in steps */
    uint64_t search;  /* of each of the streams of local search, but not */
    uint64_t small;   /* more than the square of the number of combinations, times so much */
};
/* What an effort is worth at a strength. */
struct ct__work ct__work_of(enum ct__effort effort, int strength);

/* No set of rows can be smaller: each combination of the factors with the most values takes a row, and pairs of factors
 * take what pairs of factors with two values do. 0: not known. */
size_t ct__rows_least(const struct ct__problem *problem);

/* Makes an array whose cells all have values smaller, by local search from several random states at once, which take
 * turns where there is one processor: what comes of it does not depend on how many there are. locked: as ct__search. */
enum ct_err ct__improve(struct ct__array *array, const uint8_t *locked, const struct ct__work *work, uint64_t random,
                        const struct ct__watch *watch, bool *stopped, struct ct_error *error);
#endif
