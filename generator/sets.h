/* Rows as sets: for each value the rows that have it, one bit a row. A combination is covered where the sets of its
 * values have a row in common. No table of all combinations is needed, which for hundreds of factors no cache holds. */
#ifndef COMBTEST_GENERATOR_SETS_H
#define COMBTEST_GENERATOR_SETS_H
#include <generator/search.h>

enum { CT__SETS_ROWS_MAX = 512, CT__SETS_STRENGTH_MAX = 3, CT__SETS_MISSING_MAX = 65535 };

typedef uint64_t ct__lanes __attribute__((vector_size(32), may_alias));

/* A combination that is to be covered and is not: the numbers of its values among all values, as problem->offset counts
 * them. The third is the second again at strength 2. */
struct ct__lost {
    uint16_t values[CT__SETS_STRENGTH_MAX];
};

struct ct__sets {
    const struct ct__problem *problem;
    size_t width; /* of a row: factor_count + 1 */
    size_t strength;
    size_t row_count, capacity, words; /* words of a set, enough for capacity rows */
    uint16_t *cells;
    uint64_t *bits;     /* of each value: its set */
    uint16_t *factor;   /* of each value: whose it is */
    uint32_t *order;    /* the factors in the order in which they come to count */
    uint32_t *position; /* of each factor in it */
    size_t first;       /* so many of them decide how many rows it takes */
    size_t prefix;      /* so many of them count */
    uint8_t *absent;    /* of each factor: 1 while the row that changes has no value there */
    struct ct__lost *missing;
    size_t missing_count;
    uint64_t work;
    /* what was counted last: the sets of others that had rows in common with the value, and which of them stand alone
     */
    ct__lanes *planes; /* of each word of a set: all others' */
    size_t plane;      /* lanes of each */
    uint16_t *at;      /* the others: their factors */
    uint32_t *hits;    /* of each: with how many before it */
    size_t others;
    uint32_t (*count_pairs)(struct ct__sets *sets, const uint64_t *base, const uint16_t *row, size_t factor,
                            size_t count, uint32_t most);
};
/* No rows yet. CT_NOMEM. */
enum ct_err ct__sets_new(const struct ct__problem *problem, size_t capacity, struct ct__sets **sets,
                         struct ct_error *error);
void ct__sets_free(struct ct__sets *sets);
void ct__sets_clear(struct ct__sets *sets); /* no rows, nothing missing */
static inline uint16_t *ct__sets_row(const struct ct__sets *sets, size_t row)
{
    return sets->cells + row * sets->width;
}
static inline uint64_t *ct__sets_of(const struct ct__sets *sets, size_t value)
{
    return sets->bits + value * sets->words;
}
static inline bool ct__sets_has(const struct ct__sets *sets, size_t value, size_t row)
{
    return ct__bit_is_set(ct__sets_of(sets, value), row);
}
/* Appends a complete row, of which there are fewer than capacity. What it covers is missing no longer. */
void ct__sets_append(struct ct__sets *sets, const uint16_t *row);
/* Takes a row out; the last one takes its place. What it alone covered is missing. */
void ct__sets_take_out(struct ct__sets *sets, size_t row);
/* How many combinations of the factors that count the row alone covers. */
uint64_t ct__sets_alone(struct ct__sets *sets, size_t row);
/* How many of them have its value of a factor; once there are more than most, counting ends. */
uint32_t ct__sets_alone_with(struct ct__sets *sets, size_t row, size_t factor, uint32_t most);
/* How many missing combinations the row would cover with another value, by its number, than its own of that factor. */
uint32_t ct__sets_gain(struct ct__sets *sets, size_t row, size_t value);
/* The row takes another value of a factor: only after ct__sets_alone_with was asked about it and counted to the end. */
void ct__sets_put(struct ct__sets *sets, size_t row, size_t factor, uint16_t value);
/* The row takes other values of any factors: those of a row that is allowed. */
void ct__sets_put_all(struct ct__sets *sets, size_t row, const uint16_t *values);
/* One factor more counts: what another set of rows covers with it, and these do not, is missing. False where too much
 * is. */
bool ct__sets_meet(struct ct__sets *sets, const struct ct__sets *covering);
#endif
