/* From arrays to the rows that are given out: sorted, each once. */
#include <generator/rows.h>

static int compare_rows(const void *left, const void *right, void *width)
{
    const uint16_t *a = left, *b = right;
    for (size_t i = 0; i < *(const size_t *)width; i++)
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    return 0;
}

void ct__rows_sort(struct ct__rows *rows)
{
    size_t width = rows->factor_count, kept = 0;
    if (rows->count == 0) return;
    qsort_r(rows->values, rows->count, width * sizeof *rows->values, compare_rows, &width);
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * width;
        if (kept != 0 && compare_rows(row, rows->values + (kept - 1) * width, &width) == 0) continue;
        memmove(rows->values + kept++ * width, row, width * sizeof *row);
    }
    rows->count = kept;
}

/* Appends rows that lie stride values apart. */
static enum ct_err append(struct ct__rows *rows, const uint16_t *cells, size_t count, size_t stride,
                          struct ct_error *error)
{
    size_t width = rows->factor_count;
    uint16_t *grown = realloc(rows->values, (rows->count + count + 1) * width * sizeof *grown);
    if (grown == NULL) return ct__nomem(error);
    rows->values = grown;
    for (size_t r = 0; r < count; r++)
        memcpy(grown + (rows->count + r) * width, cells + r * stride, width * sizeof *grown);
    rows->count += count;
    ct__rows_sort(rows);
    return CT_OK;
}

enum ct_err ct__rows_take(struct ct__rows *rows, const struct ct__array *array, struct ct_error *error)
{
    return append(rows, array->cells, array->count, array->width, error);
}

enum ct_err ct__rows_join(struct ct__rows *rows, const struct ct__rows *others, struct ct_error *error)
{
    rows->coverage.combinations += others->coverage.combinations;
    rows->coverage.coverable += others->coverage.coverable;
    return append(rows, others->values, others->count, rows->factor_count, error);
}

void ct__rows_free(struct ct__rows *rows)
{
    if (rows == NULL) return;
    free(rows->values);
    free(rows->dropped);
    free(rows);
}
