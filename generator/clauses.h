/* A model as clauses: the encoding that space.c solves. */
#ifndef COMBTEST_GENERATOR_CLAUSES_H
#define COMBTEST_GENERATOR_CLAUSES_H
#include <generator/inner.h>
#include <loaded/picosat.h>

/* Literals are picosat's: a variable's number, negative for its negation. */
struct ct__clauses {
    PicoSAT *solver;
    const struct ct__model *model;
    int *first;    /* of each factor: its first variable; 0 for a factor that is not encoded */
    int variables; /* so far */
    int *scratch;  /* room for as many as factors, and as values of one factor */
    int positive;  /* a literal: no negative values; 0 where the model has none */
};
/* The literal of factor taking value; the factor is encoded. A factor of two values has one variable. */
int ct__clauses_value(const struct ct__clauses *clauses, uint32_t factor, uint32_t value);
/* Variables for a factor, of which one value holds. */
void ct__clauses_add_factor(struct ct__clauses *clauses, uint32_t factor);
/* At most one of the factors, which are encoded, takes a negative value, and none if positive holds. */
void ct__clauses_add_negatives(struct ct__clauses *clauses, const uint32_t *factors, size_t factor_count);
/* The formula holds if the literal guard does; guard 0: it holds. (Tseitin, after Plaisted and Greenbaum: each
 * definition in the direction that is needed.) */
void ct__clauses_add_formula(struct ct__clauses *clauses, const struct ct__formula *formula, int guard);
#endif
