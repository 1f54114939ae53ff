#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "models_check.h"
#include "pict_file.h"
#include "prover.h"
#include <cmocka.h>
#include <ctype.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2000000 };

static struct models_checked checked;
static int strength;
static uint64_t most;
static unsigned number_max;

/* The model that is looked at. */
static const char *path;
static const struct ct__model *model;
static const struct ct__rows *rows;
static struct prover *prover;
static size_t *offset;    /* of each factor: the number of its first value */
static uint64_t *missing; /* of two values' numbers: no row has both */
static uint16_t *partial;
static size_t negatives_max; /* of the rows that are looked at */

/* ---- each row by itself ---- */
static int compare_rows(const void *left, const void *right, void *width)
{
    return memcmp(left, right, *(const size_t *)width * sizeof(uint16_t));
}

static void check_rows(void)
{
    size_t width = rows->factor_count;
    for (size_t r = 0; r < rows->count; r++)
        if (!prover_keeps(prover, rows->values + r * width)) fail_msg("%s: row %zu breaks a constraint", path, r);
    qsort_r(rows->values, rows->count, width * sizeof *rows->values, compare_rows, &width);
    for (size_t r = 1; r < rows->count; r++)
        if (compare_rows(rows->values + (r - 1) * width, rows->values + r * width, &width) == 0)
            fail_msg("%s: a row is there twice", path);
}

/* ---- what they cover ---- */
static size_t pair_at(size_t f, uint32_t v, size_t g, uint32_t w)
{
    return (offset[f] + v) * offset[model->factor_count] + offset[g] + w;
}

/* No row has what partial has. */
static void check_missing(const size_t *factors, const uint32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) partial[factors[i]] = (uint16_t)values[i];
    enum prover_answer answer = prover_allows(prover, partial, negatives_max, TRIES);
    if (answer == PROVER_ALLOWED)
        fail_msg("%s: parameters from %zu to %zu: values from %u to %u are in no row and could be", path, factors[0],
                 factors[count - 1], values[0], values[count - 1]);
    checked.proved += answer == PROVER_EXCLUDED;
    checked.open += answer == PROVER_GAVE_UP;
    for (size_t i = 0; i < count; i++) partial[factors[i]] = CT__ANY;
}

static void check_pairs(size_t f, size_t g)
{
    size_t factors[] = { f, g };
    for (uint32_t v = 0; v < model->factors[f].value_count; v++)
        for (uint32_t w = 0; w < model->factors[g].value_count; w++)
            if (ct__bit_is_set(missing, pair_at(f, v, g, w))) check_missing(factors, (uint32_t[]){ v, w }, 2);
}

/* Whether a row has too many negative values to be looked at. */
static bool is_passed_over(const uint16_t *row)
{
    size_t count = 0;
    for (size_t f = 0; f < model->factor_count; f++)
        count += model->factors[f].negative != NULL && model->factors[f].negative[row[f]] != 0;
    return count > negatives_max;
}

static void find_pairs(void)
{
    size_t values = offset[model->factor_count];
    for (size_t i = 0; i < values * values; i++) ct__bit_set(missing, i);
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        if (is_passed_over(row)) continue;
        for (size_t f = 0; f < model->factor_count; f++)
            for (size_t g = f + 1; g < model->factor_count; g++) {
                size_t at = pair_at(f, row[f], g, row[g]);
                missing[at / 64] &= ~(UINT64_C(1) << at % 64);
            }
    }
}

/* Where two of the values are in no row together, nothing is left to prove of all three. */
static bool has_missing_pair(const size_t *factors, const uint32_t *values)
{
    return ct__bit_is_set(missing, pair_at(factors[0], values[0], factors[1], values[1])) ||
           ct__bit_is_set(missing, pair_at(factors[0], values[0], factors[2], values[2])) ||
           ct__bit_is_set(missing, pair_at(factors[1], values[1], factors[2], values[2]));
}

static void check_triples(size_t f, size_t g, size_t h)
{
    size_t factors[] = { f, g, h };
    size_t g_count = model->factors[g].value_count, h_count = model->factors[h].value_count;
    size_t combinations = model->factors[f].value_count * g_count * h_count;
    uint8_t *seen = test_calloc(combinations, 1);
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        if (is_passed_over(row)) continue;
        seen[(row[f] * g_count + row[g]) * h_count + row[h]] = 1;
    }
    for (size_t i = 0; i < combinations; i++) {
        uint32_t values[] = { (uint32_t)(i / h_count / g_count), (uint32_t)(i / h_count % g_count),
                              (uint32_t)(i % h_count) };
        if (seen[i] == 0 && !has_missing_pair(factors, values)) check_missing(factors, values, 3);
    }
    test_free(seen);
}

static void check_coverage(void)
{
    size_t count = model->factor_count;
    find_pairs();
    for (size_t f = 0; f < count; f++)
        for (size_t g = f + 1; g < count; g++) {
            check_pairs(f, g);
            for (size_t h = g + 1; strength == 3 && h < count; h++) check_triples(f, g, h);
        }
}

/* ---- one model, and all ---- */
static uint64_t count_combinations(void)
{
    uint64_t sums[4] = { 1, 0, 0, 0 };
    for (size_t f = 0; f < model->factor_count; f++)
        for (int i = strength; i > 0; i--) sums[i] += sums[i - 1] * model->factors[f].value_count;
    return sums[strength];
}

static void check_model(bool signs)
{
    const struct ct__generate_options options = { .cover = { .strength = strength }, .effort = CT__EFFORT_FAST };
    size_t count = model->factor_count, values = 0;
    struct ct__rows *made = NULL;
    struct ct_error error = { 0 };
    if (ct__generate(model, &options, &made, &error) != CT_OK) fail_msg("%s: %s", path, error.text);
    rows = made;
    prover = prover_new(model);
    offset = test_calloc(count + 1, sizeof *offset);
    for (size_t f = 0; f < count; f++) offset[f + 1] = values += model->factors[f].value_count;
    missing = test_calloc(ct__bit_words(values * values), sizeof *missing);
    partial = test_malloc(count * sizeof *partial);
    memset(partial, 0xff, count * sizeof *partial);
    check_rows();
    for (negatives_max = signs ? 0 : 1; negatives_max < 2; negatives_max++) check_coverage();
    test_free(partial);
    test_free(missing);
    test_free(offset);
    prover_free(prover);
    ct__rows_free(made);
    checked.models++;
}

static bool is_chosen(const char *name, const char *dot)
{
    const char *digits = dot;
    while (digits > name && isdigit((unsigned char)digits[-1])) digits--;
    return digits[-1] != '_' || strtoul(digits, NULL, 10) <= number_max;
}

static int visit(const char *name, const struct stat *status, int kind, struct FTW *ftw)
{
    const char *dot = strrchr(name, '.');
    (void)status;
    (void)ftw;
    if (kind != FTW_F || dot == NULL || strcmp(dot, ".pict") != 0 || !is_chosen(name, dot)) return 0;
    path = name;
    struct ct__pict *pict = pict_file_read(path);
    model = &pict->model;
    uint64_t combinations = count_combinations();
    if (combinations <= most) check_model(pict->has_negative);
    ct__pict_free(pict);
    return 0;
}

struct models_checked models_check(const char *directory, int wanted_strength, uint64_t wanted_most,
                                   unsigned wanted_number_max)
{
    checked = (struct models_checked){ 0 };
    strength = wanted_strength;
    most = wanted_most;
    number_max = wanted_number_max;
    assert_int_equal(nftw(directory, visit, 8, FTW_PHYS), 0);
    print_message("strength %d: %zu models, %zu combinations proved excluded, %zu not decided\n", strength,
                  checked.models, checked.proved, checked.open);
    return checked;
}
