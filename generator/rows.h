/* What is given out: struct ct__rows being filled. */
#ifndef COMBTEST_GENERATOR_ROWS_H
#define COMBTEST_GENERATOR_ROWS_H
#include <generator/inner.h>

/* Adds the rows of an array whose cells all have values. They are sorted, and repeats are left out. */
enum ct_err ct__rows_take(struct ct__rows *rows, const struct ct__array *array, struct ct_error *error);
/* Adds others, likewise, and what there was to cover. */
enum ct_err ct__rows_join(struct ct__rows *rows, const struct ct__rows *others, struct ct_error *error);
#endif
