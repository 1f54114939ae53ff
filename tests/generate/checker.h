/* What a small model allows and what rows of it cover, worked out without the generator: each row of the full product
 * is one bit, a formula is the set of the rows in which it holds, and all questions are intersections of such sets. */
#ifndef COMBTEST_TESTS_CHECKER_H
#define COMBTEST_TESTS_CHECKER_H
#include <generator/generator.h>

enum { CHECKER_PRODUCT_MAX = 2048, CHECKER_FACTORS_MAX = 12 };

struct checker_set {
    uint64_t words[CHECKER_PRODUCT_MAX / 64];
};
struct checker {
    const struct ct__model *model;
    size_t product;                     /* rows of the full product */
    size_t stride[CHECKER_FACTORS_MAX]; /* of each factor in a row's number */
    struct checker_set signs[2];        /* rows with no negative value, with one */
    struct checker_set allowed;         /* those that keep all constraints and have at most one negative value */
    size_t *
        postponed; /* NULL, or where checker_count adds combinations without negative values that need a row with one */
};

/* The model is borrowed, and has at most CHECKER_FACTORS_MAX factors and CHECKER_PRODUCT_MAX rows. */
void checker_begin(struct checker *checker, const struct ct__model *model);
/* Whether no row at all is allowed. */
bool checker_is_empty(const struct checker *checker);
/* Whether an allowed row agrees with a partial one. */
bool checker_allows(const struct checker *checker, const uint16_t *partial);
/* The same where these constraints alone hold, besides the rule about negative values. */
bool checker_allows_under(const struct checker *checker, const uint16_t *partial, const size_t *constraints,
                          size_t count);
/* NULL if the complete rows are allowed, ascending, and each there once; else what is wrong, and *at is the row. */
const char *checker_find_fault(const struct checker *checker, const uint16_t *rows, size_t count, size_t *at);
/* How many combinations there are to be covered, how many allowed rows have, and how many of those the complete rows
 * cover: one without negative values in a row without any, where an allowed one has it, else in any row. The strength
 * of all must not be 0. */
struct ct__coverage checker_count(const struct checker *checker, const struct ct__cover *cover, const uint16_t *rows,
                                  size_t count);
#endif
