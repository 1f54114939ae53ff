/* Rows of real models, those beside this file and those of the directory that COMBTEST_TEST_MODELS names: each keeps
 * all constraints, none is there twice, and each pair of values that no row has is excluded, as another algorithm
 * proves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "prover.h"
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIES = 2000000 };

static size_t models_checked, pairs_proved, pairs_open;
static const char *path;

static struct ct__pict *read_model(void)
{
    static char text[1 << 20];
    const struct ct__pict_options options = { 0 };
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    FILE *stream = fopen(path, "re");
    if (stream == NULL) fail_msg("%s cannot be opened", path);
    size_t size = fread(text, 1, sizeof text, stream);
    (void)fclose(stream);
    if (ct__pict_parse(path, text, size, &options, &model, &error) != CT_OK) fail_msg("%s", error.text);
    return model;
}

static int compare_rows(const void *left, const void *right, void *width)
{
    return memcmp(left, right, *(const size_t *)width * sizeof(uint16_t));
}

static void check_each(struct prover *prover, struct ct__rows *rows)
{
    size_t width = rows->factor_count;
    for (size_t r = 0; r < rows->count; r++)
        if (!prover_keeps(prover, rows->values + r * width)) fail_msg("%s: row %zu breaks a constraint", path, r);
    qsort_r(rows->values, rows->count, width * sizeof *rows->values, compare_rows, &width);
    for (size_t r = 1; r < rows->count; r++)
        if (compare_rows(rows->values + (r - 1) * width, rows->values + r * width, &width) == 0)
            fail_msg("%s: a row is there twice", path);
}

static void check_pair(struct prover *prover, uint16_t *partial, size_t f, uint32_t v, size_t g, uint32_t w)
{
    partial[f] = (uint16_t)v;
    partial[g] = (uint16_t)w;
    enum prover_answer answer = prover_allows(prover, partial, TRIES);
    if (answer == PROVER_ALLOWED)
        fail_msg("%s: parameters %zu and %zu: values %u and %u are in no row and could be", path, f, g, v, w);
    pairs_proved += answer == PROVER_EXCLUDED;
    pairs_open += answer == PROVER_GAVE_UP;
    partial[f] = partial[g] = CT__ANY;
}

static void check_pairs(struct prover *prover, const struct ct__model *model, const struct ct__rows *rows, size_t f,
                        size_t g)
{
    uint32_t counts = model->factors[f].value_count, others = model->factors[g].value_count;
    uint64_t *seen = calloc(ct__bit_words((size_t)counts * others), sizeof *seen);
    uint16_t *partial = malloc(model->factor_count * sizeof *partial);
    assert_true(seen != NULL && partial != NULL);
    memset(partial, 0xff, model->factor_count * sizeof *partial);
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        ct__bit_set(seen, (size_t)row[f] * others + row[g]);
    }
    for (uint32_t v = 0; v < counts; v++)
        for (uint32_t w = 0; w < others; w++)
            if (!ct__bit_is_set(seen, (size_t)v * others + w)) check_pair(prover, partial, f, v, g, w);
    free(partial);
    free(seen);
}

static void check_model(struct ct__pict *model)
{
    const struct ct__generate_options options = { .cover = { .strength = 2 }, .effort = CT__EFFORT_FAST };
    struct prover *prover = prover_new(&model->model);
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    if (ct__generate(&model->model, &options, &rows, &error) != CT_OK) fail_msg("%s: %s", path, error.text);
    check_each(prover, rows);
    for (size_t f = 0; f < model->parameter_count; f++)
        for (size_t g = f + 1; g < model->parameter_count; g++) check_pairs(prover, &model->model, rows, f, g);
    ct__rows_free(rows);
    prover_free(prover);
    models_checked++;
}

static int visit(const char *name, const struct stat *status, int kind, struct FTW *ftw)
{
    const char *dot = strrchr(name, '.');
    (void)status;
    (void)ftw;
    if (kind != FTW_F || dot == NULL || strcmp(dot, ".pict") != 0) return 0;
    path = name;
    struct ct__pict *model = read_model();
    if (!model->has_negative) check_model(model);
    ct__pict_free(model);
    return 0;
}

static void check_directory(const char *directory, size_t least)
{
    models_checked = pairs_proved = pairs_open = 0;
    assert_int_equal(nftw(directory, visit, 8, FTW_PHYS), 0);
    assert_true(models_checked >= least);
    print_message("%zu models, %zu pairs proved excluded, %zu not decided\n", models_checked, pairs_proved, pairs_open);
}

static void the_models_of_the_tests_are_covered_exactly(void **state)
{
    (void)state;
    check_directory(TESTS_SOURCE "/generate/models", 60);
    assert_true(pairs_proved > 1000);
    assert_int_equal(pairs_open, 0);
}

static void the_models_of_another_directory_are_covered(void **state)
{
    const char *directory = getenv("COMBTEST_TEST_MODELS");
    (void)state;
    if (directory == NULL) skip();
    check_directory(directory, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_models_of_the_tests_are_covered_exactly),
        cmocka_unit_test(the_models_of_another_directory_are_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
