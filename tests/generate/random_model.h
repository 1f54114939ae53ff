/* Small models drawn at random: factors with negative values and weights, constraints of every kind of formula, groups
 * and partial seed rows. The same number draws the same model. */
#ifndef COMBTEST_TESTS_RANDOM_MODEL_H
#define COMBTEST_TESTS_RANDOM_MODEL_H
#include <generator/generator.h>

enum { RANDOM_FACTORS_MAX = 7, RANDOM_CONSTRAINTS_MAX = 5, RANDOM_GROUPS_MAX = 2, RANDOM_SEEDS_MAX = 4 };

struct random_model {
    struct ct__model model;
    struct ct__cover cover;
    uint16_t seeds[RANDOM_SEEDS_MAX * RANDOM_FACTORS_MAX];
    size_t seed_count;
    /* what these borrow */
    struct ct__factor factors[RANDOM_FACTORS_MAX];
    uint8_t negative[RANDOM_FACTORS_MAX][5];
    uint32_t weights[RANDOM_FACTORS_MAX][5];
    struct ct__formula formulas[1024];
    size_t formula_count;
    uint64_t bits[1024];
    size_t bit_count;
    struct ct__group groups[RANDOM_GROUPS_MAX];
    uint32_t members[RANDOM_GROUPS_MAX][RANDOM_FACTORS_MAX];
    uint64_t state;
};

/* The product of the value counts is at most limit. */
void random_model_draw(struct random_model *drawn, uint64_t number, size_t limit);
/* Instead of its constraints, a dozen for each factor, each of which forbids values of three factors or fewer; and
 * there are no negative values. */
void random_model_crowd(struct random_model *drawn);
/* Draws negative values anew, of factors with two values and more, and adds up to three constraints that ask for a
 * negative value, of any factor or of one, or for none, wherever a formula holds. */
void random_model_sign(struct random_model *drawn);
/* Any partial row; of the values of three factors in four, say. */
void random_model_partial(struct random_model *drawn, uint16_t *partial);
/* Below end, from the model's own stream. */
uint32_t random_model_below(struct random_model *drawn, uint32_t end);
#endif
