/* Covering arrays that algebra gives, where factors have about as many values each. */
#ifndef COMBTEST_GENERATOR_CONSTRUCT_H
#define COMBTEST_GENERATOR_CONSTRUCT_H
#include <generator/inner.h>

/* ---- field.c: finite fields ---- */
enum { CT__FIELD_MAX = 128 };
struct ct__field {
    uint32_t order; /* elements are 0 to order - 1; 0 and 1 are what they are called */
    uint8_t sum[CT__FIELD_MAX][CT__FIELD_MAX], product[CT__FIELD_MAX][CT__FIELD_MAX];
    uint8_t negative[CT__FIELD_MAX], inverse[CT__FIELD_MAX]; /* inverse[0] is 0 */
};
/* False where order is no prime power below CT__FIELD_MAX. */
bool ct__field_make(struct ct__field *field, uint32_t order);
/* Whether such a field is there. */
bool ct__field_exists(uint32_t order);

/* ---- construct.c ---- */
/* Constructions are about columns of as many values each: those of a factor with fewer values stay free where they are
 * too large. */
struct ct__shape {
    int strength;
    size_t columns;
    uint32_t values;
    size_t max;        /* constructions with so many rows are of no use */
    uint32_t patience; /* where columns are drawn at random: 2^patience for each one, 20 at most */
};
/* Columns from half on repeat those before, each value up by shift, modulo values; larger ones stay as they are. */
struct ct__fold {
    size_t half, columns;
    uint32_t values, shift;
    const struct ct__fold *outer; /* which is about all of these columns, or NULL */
};
/* A set of rows being written: values above what a factor has are CT__ANY. */
struct ct__sheet {
    struct ct__array *array;
    uint16_t *line;              /* one row, column after column */
    const struct ct__fold *fold; /* what follows from the columns that are written, or NULL */
};
bool ct__sheet_add(struct ct__sheet *sheet);

struct ct__construction {
    size_t (*rows)(const struct ct__shape *shape);                         /* 0: it does not apply */
    bool (*write)(const struct ct__shape *shape, struct ct__sheet *sheet); /* false: no memory */
};
struct ct__plan {
    struct ct__shape shape;
    const struct ct__construction *construction; /* NULL: none applies */
    size_t rows;                                 /* SIZE_MAX then; writing them may show that it takes more */
};
/* The construction with the fewest rows. Constraints, groups and strengths over CT__STRENGTH_MAX are not for them. */
struct ct__plan ct__construct_plan(const struct ct__problem *problem, uint32_t patience);
/* Its rows, an array of ct__array_free, with free cells; *array stays as it is where there are none after all.
 * CT_NOMEM. */
enum ct_err ct__construct(const struct ct__problem *problem, const struct ct__plan *plan, struct ct__array **array,
                          struct ct_error *error);
/* How many rows all pairs of columns of two values take, and take at least: Katona, "Two applications (for search
 * theory and truth functions) of Sperner type theorems", 1973; Kleitman, Spencer, "Families of k-independent sets",
 * 1973. */
size_t ct__pairs_least(size_t columns);
/* Those rows, of the values first and first + 1. False: no memory. */
bool ct__pairs_write(size_t columns, uint16_t first, struct ct__sheet *sheet);

/* ---- starter.c ---- */
/* Cover starters: Lobb, Colbourn, Danziger, Stevens, Torres-Jimenez, "Cover starters for covering arrays of strength
 * two", Discrete Mathematics 312 (2012); after Meagher, Stevens, "Group construction of covering arrays", 2005. A
 * vector of as many entries as there are columns is turned through all of them and shifted through a cyclic group; some
 * symbols stay as they are in each shift, and pairs of those are covered apart. 0: it gives nothing here. */
size_t ct__starter_rows(const struct ct__shape *shape);
bool ct__starter_write(const struct ct__shape *shape, struct ct__sheet *sheet);

/* ---- linear.c ---- */
/* Covering perfect hash families of columns drawn at random: Sherwood, Martirosyan, Colbourn, "Covering arrays of
 * higher strength from permutation vectors", Journal of Combinatorial Designs 14 (2006); rows that their blocks share
 * are written once, after Colbourn, Lanus, "Subspace restrictions and affine composition for covering perfect hash
 * families", The Art of Discrete and Applied Mathematics 1 (2018). 0: none is found with fewer than shape->max rows. */
size_t ct__linear_rows(const struct ct__shape *shape);
bool ct__linear_write(const struct ct__shape *shape, struct ct__sheet *sheet);
#endif
