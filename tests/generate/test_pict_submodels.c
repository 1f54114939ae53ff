/* Generating from models with sub-models, orders, results and seeds: the promises of PICT's language, checked by
 * counting and not by the generator's means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ct__rows *generate(struct ct__pict *model, int strength, const struct ct__pict_rows *seeds)
{
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    const struct ct__generate_options options = { .cover = { .strength = strength },
                                                  .seeds = seeds ? seeds->values : NULL,
                                                  .seed_count = seeds ? seeds->count : 0,
                                                  .effort = CT__EFFORT_FAST };
    if (ct__pict_generate(model, &options, &rows, &error) != CT_OK) fail_msg("%s", error.text);
    assert_int_equal(rows->factor_count, model->parameter_count);
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        for (size_t i = 0; i < model->model.constraint_count; i++)
            assert_true(ct__formula_holds(&model->model.constraints[i], &model->model, row));
        if (r > 0) assert_true(memcmp(row - rows->factor_count, row, rows->factor_count * sizeof(*row)) != 0);
    }
    return rows;
}

/* How many different combinations of values the rows have for these parameters: "0,2,3". */
static size_t count_of(const struct ct__rows *rows, const char *parameters)
{
    size_t which[8], width = 0, count = 0;
    for (const char *at = parameters; *at != '\0'; at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
        which[width++] = (size_t)atoi(at);
    for (size_t r = 0; r < rows->count; r++) {
        bool seen = false;
        for (size_t before = 0; before < r && !seen; before++) {
            seen = true;
            for (size_t i = 0; i < width; i++)
                seen = seen && rows->values[r * rows->factor_count + which[i]] ==
                                   rows->values[before * rows->factor_count + which[i]];
        }
        count += !seen;
    }
    return count;
}

static const char machines[] = "PLATFORM: x86, x64, arm\nCPUS: 1, 2, 4\nRAM: 1GB, 4GB, 64GB\nHDD: SCSI, IDE\n"
                               "OS: Win7, Win8, Win10\nBrowser: Edge, Opera, Chrome, Firefox\n"
                               "APP: Word, Excel, Powerpoint\n";

static void submodels_are_units_of_few_configurations(void **state)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s{ PLATFORM, CPUS, RAM, HDD } @ 2\n", machines);
    struct ct__pict *model = pict_model(text);
    struct ct__rows *rows = generate(model, 3, NULL);
    size_t configurations = count_of(rows, "0,1,2,3");
    (void)state;
    assert_in_range(configurations, 9, 12);
    assert_int_equal(count_of(rows, "0,1"), 9);
    assert_int_equal(count_of(rows, "0,3"), 6);
    assert_int_equal(count_of(rows, "4,5,6"), 36);
    assert_int_equal(count_of(rows, "0,1,2,3,4,5"), configurations * 12); /* each with each OS and browser */
    assert_int_equal(count_of(rows, "0,1,2,3,5,6"), configurations * 12);
    assert_int_equal(rows->coverage.covered, rows->coverage.coverable);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void a_submodel_can_be_covered_more_thoroughly(void **state)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s{ PLATFORM, CPUS, RAM } @ 3\n", machines);
    struct ct__pict *model = pict_model(text);
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1,2"), 27);
    assert_int_equal(count_of(rows, "0,1,2,4"), 81);
    assert_int_equal(count_of(rows, "5,6"), 12);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void submodels_that_share_a_parameter_agree_on_it(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2, 3\nD: 1, 2\n{A, B} @ 2\n{B, C} @ 2\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1"), 9);
    assert_int_equal(count_of(rows, "1,2"), 9);
    assert_int_equal(count_of(rows, "0,1,2"), 27); /* each pair of rows that agrees */
    assert_int_equal(count_of(rows, "0,1,3"), 18);
    ct__rows_free(rows);
    ct__pict_free(model);
}

/* Rows of one that agree with none of the other would be lost, and with them values that nothing excludes. */
static void submodels_that_share_parameters_are_covered_each(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: 1, 2\nC: 1, 2\nD: 1, 2, 3\n{C, B, D} @ 1\n{A, B, C} @ 2\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1"), 4);
    assert_int_equal(count_of(rows, "0,2"), 4);
    assert_int_equal(count_of(rows, "1,2"), 4);
    assert_int_equal(count_of(rows, "3"), 3);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void submodels_can_share_a_negative_value(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: 1, 2, ~3\nC: 1, 2\n{A, B}\n{B, C}\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1"), 6);
    assert_int_equal(count_of(rows, "1,2"), 6);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void constraints_reach_across_submodels(void **state)
{
    /* A=1 needs X=1, which needs B=1: what forbids A=1 with B=2 lies outside of {A, B}. */
    struct ct__pict *model = pict_model("A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2\nX: 1, 2\nY: 1, 2\n{A, B, C} @ 2\n"
                                        "IF [A] = 1 THEN [X] = 1;\nIF [X] = 1 THEN [B] = 1;\n[A] <> [B] OR [C] = 1;\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1"), 7);
    assert_int_equal(count_of(rows, "0,2"), 5);
    assert_int_equal(count_of(rows, "3,4"), 4);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void negative_values_never_meet_across_submodels(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2, ~3\nB: 1, ~2\nC: 1, 2, ~3\n{A, B} @ 2\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    for (size_t r = 0; r < rows->count; r++) {
        size_t negative = 0;
        for (size_t i = 0; i < 3; i++) negative += model->parameters[i].values[rows->values[r * 3 + i]].negative;
        assert_true(negative < 2);
    }
    assert_int_equal(count_of(rows, "0,1"), 5);
    assert_int_equal(count_of(rows, "0,2"), 8);
    ct__rows_free(rows);
    ct__pict_free(model);
}

/* A row of the sub-model can need a negative value elsewhere; its values are covered without one all the same. */
static void values_of_a_submodel_are_covered_without_negative_ones_elsewhere(void **state)
{
    (void)state;
    struct ct__pict *model = pict_model("P: 0, 1\nQ: 0, 1\nR: a, b\nS: 0, 1, ~2\n{ P, Q, R } @ 1\n"
                                        "IF [P] = 0 THEN [S] = 2;\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    bool seen[2][2] = { { false } };
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        if (row[3] == 2) continue;
        seen[0][row[1]] = true;
        seen[1][row[2]] = true;
    }
    assert_true(seen[0][0] && seen[0][1] && seen[1][0] && seen[1][1]);
    ct__rows_free(rows);
    ct__pict_free(model);
}

static void orders_of_parameters_are_kept(void **state)
{
    struct ct__pict *model = pict_model("A @ 3: 1, 2\nB @ 3: 1, 2\nC @ 3: 1, 2\nD: 1, 2, 3\nE @ 1: 1, 2, 3, 4\n");
    struct ct__rows *rows = generate(model, 2, NULL);
    (void)state;
    assert_int_equal(count_of(rows, "0,1,2"), 8);
    assert_int_equal(count_of(rows, "0,3"), 6);
    assert_int_equal(count_of(rows, "4"), 4);
    assert_true(rows->count < 12); /* D and E are no pair */
    ct__rows_free(rows);
    ct__pict_free(model);
}

static bool has_row(const struct ct__rows *rows, const uint16_t *seed)
{
    for (size_t r = 0; r < rows->count; r++) {
        bool same = true;
        for (size_t i = 0; i < rows->factor_count; i++)
            same = same && (seed[i] == CT__ANY || seed[i] == rows->values[r * rows->factor_count + i]);
        if (same) return true;
    }
    return false;
}

static void seeds_are_kept_through_submodels(void **state)
{
    static const char seeds[] = "A\tB\tC\tD\n3\t2\t1\t2\n1\t\t2\t1\n2\t2\t2\t2\n";
    struct ct__pict *model = pict_model(
        "A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2, 3\nD: 1, 2\n{A, B, C} @ 1\n[B] <> 2 OR [C] <> 2;\n");
    struct ct__pict_rows *parsed = NULL;
    (void)state;
    assert_int_equal(ct__pict_rows_parse(model, "s", seeds, strlen(seeds), &parsed, NULL), CT_OK);
    struct ct__rows *rows = generate(model, 2, parsed);
    assert_true(has_row(rows, parsed->values));
    assert_true(has_row(rows, parsed->values + 4));
    assert_false(has_row(rows, parsed->values + 8));
    assert_true(rows->dropped_count > 0);
    assert_int_equal(rows->dropped[0].seed, 2);
    ct__rows_free(rows);
    ct__pict_rows_free(parsed);
    ct__pict_free(model);
}

/* What goes with C=2 is one row of {A, B} alone, and of what a seed asks for, C=2 is all that is excluded. */
static void a_seed_loses_only_what_the_constraints_exclude(void **state)
{
    static const char seeds[] = "A\tB\tC\n1\t\t2\n2\t2\t2\n3\t\t2\n";
    struct ct__pict *model = pict_model("A: 1, 2, 3\nB: 1, 2, 3\nC: 1, 2\n{A, B} @ 1\nIF [C] = 2 THEN [B] = 3;\n");
    struct ct__pict_rows *parsed = NULL;
    (void)state;
    assert_int_equal(ct__pict_rows_parse(model, "s", seeds, strlen(seeds), &parsed, NULL), CT_OK);
    struct ct__rows *rows = generate(model, 2, parsed);
    assert_true(has_row(rows, parsed->values));
    assert_true(has_row(rows, (const uint16_t[]){ 1, 1, CT__ANY }));
    assert_true(has_row(rows, parsed->values + 6));
    assert_int_equal(rows->dropped_count, 1);
    assert_int_equal(rows->dropped[0].seed, 1);
    assert_int_equal(rows->dropped[0].factor, 2);
    ct__rows_free(rows);
    ct__pict_rows_free(parsed);
    ct__pict_free(model);
}

static void excluding_everything_is_refused(void **state)
{
    struct ct__pict *model = pict_model(
        "A: 1, 2\nB: 1, 2\nC: 1, 2\n{A, B} @ 2\n[A] = 1;\n[C] <> 1;\n[A] <> [C];\n[B] = 1 AND [C] = 1;\n");
    const struct ct__generate_options options = { .effort = CT__EFFORT_FAST };
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__pict_generate(model, &options, &rows, &error), CT_EINVAL);
    assert_int_equal(error.code, CT_EINVAL);
    assert_null(rows);
    ct__pict_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submodels_are_units_of_few_configurations),
        cmocka_unit_test(a_submodel_can_be_covered_more_thoroughly),
        cmocka_unit_test(submodels_that_share_a_parameter_agree_on_it),
        cmocka_unit_test(submodels_that_share_parameters_are_covered_each),
        cmocka_unit_test(submodels_can_share_a_negative_value),
        cmocka_unit_test(constraints_reach_across_submodels),
        cmocka_unit_test(negative_values_never_meet_across_submodels),
        cmocka_unit_test(values_of_a_submodel_are_covered_without_negative_ones_elsewhere),
        cmocka_unit_test(orders_of_parameters_are_kept),
        cmocka_unit_test(seeds_are_kept_through_submodels),
        cmocka_unit_test(a_seed_loses_only_what_the_constraints_exclude),
        cmocka_unit_test(excluding_everything_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
