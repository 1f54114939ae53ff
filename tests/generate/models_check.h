/* Rows of real models: each keeps all constraints, none is there twice, and each combination of values that no row has
 * is excluded, as another algorithm proves. */
#ifndef COMBTEST_TESTS_MODELS_CHECK_H
#define COMBTEST_TESTS_MODELS_CHECK_H
#include <stddef.h>
#include <stdint.h>

struct models_checked {
    size_t models, proved, open; /* models; combinations proved excluded, and those that could not be decided */
};
/* Checks the first answers, at strength 2 or 3, for all models below a directory that have at most so many
 * combinations. Of models whose names end in a number those over number_max are left out. */
struct models_checked models_check(const char *directory, int strength, uint64_t most, unsigned number_max);
#endif
