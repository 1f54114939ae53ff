/* Whether constraints allow a partial row of a model of any size, worked out without the generator and without its
 * solver: values are tried one after the other, and formulas are judged in three values: false, true, not yet known. */
#ifndef COMBTEST_TESTS_PROVER_H
#define COMBTEST_TESTS_PROVER_H
#include <generator/generator.h>

struct prover;
/* The model is borrowed. Each factor has a value that is not negative. */
struct prover *prover_new(const struct ct__model *model);
void prover_free(struct prover *prover);

enum prover_answer { PROVER_EXCLUDED, PROVER_ALLOWED, PROVER_GAVE_UP };
/* In rows of so many negative values at most. It gives up after so many values tried. */
enum prover_answer prover_allows(struct prover *prover, const uint16_t *partial, size_t negatives_max, uint64_t most);
/* Whether a complete row keeps all constraints and has one negative value at most. */
bool prover_keeps(struct prover *prover, const uint16_t *row);
#endif
