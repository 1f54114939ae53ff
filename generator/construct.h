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
};
/* A set of rows being written: values above what a factor has are CT__ANY. */
struct ct__sheet {
    struct ct__array *array;
    uint16_t *line; /* one row, column after column */
};
bool ct__sheet_add(struct ct__sheet *sheet);

/* The rows that the best construction has, an array of ct__array_free, with free cells. *array stays as it is where
 * none applies or none has under max rows: constraints, groups and strengths over CT__STRENGTH_MAX are not for them.
 * CT_NOMEM. */
enum ct_err ct__construct(const struct ct__problem *problem, size_t max, struct ct__array **array,
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
#endif
