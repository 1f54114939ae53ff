/* Rows that local search made fewer, or that algebra gave, of models too large to list all rows of: each combination of
 * a choice of factors is looked for among the rows, one by one. Where there are constraints, what the rows of the first
 * answer have is what there is: that answer is checked against all rows of small models elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <generator/generator.h>
#include <stdlib.h>
#include <string.h>

enum { FACTORS_MAX = 84, VALUES_MAX = 12, STRENGTH_MAX = 5 };

struct counted {
    size_t combinations;
    bool broken; /* some row breaks a constraint */
};

/* How many combinations of the chosen factors the rows have. */
static size_t count_choice(const struct ct__model *model, const struct ct__rows *rows, const size_t *chosen,
                           int strength)
{
    static bool seen[VALUES_MAX * VALUES_MAX * VALUES_MAX * VALUES_MAX * VALUES_MAX];
    size_t combinations = 1, found = 0;
    for (int i = 0; i < strength; i++) combinations *= model->factors[chosen[i]].value_count;
    memset(seen, 0, combinations * sizeof(*seen));
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * rows->factor_count;
        size_t at = 0;
        for (int i = 0; i < strength; i++) at = at * model->factors[chosen[i]].value_count + row[chosen[i]];
        found += !seen[at];
        seen[at] = true;
    }
    return found;
}

/* How many combinations of as many factors, up to five, the rows have. */
static struct counted count(const struct ct__model *model, const struct ct__rows *rows, int strength)
{
    struct counted counted = { 0 };
    size_t chosen[STRENGTH_MAX] = { 0, 1, 2, 3, 4 }, width = rows->factor_count;
    for (int i = 0; i >= 0;) {
        counted.combinations += count_choice(model, rows, chosen, strength);
        for (i = strength - 1; i >= 0 && chosen[i] == width - (size_t)(strength - i); i--) continue;
        if (i >= 0) chosen[i]++;
        for (int after = i + 1; i >= 0 && after < strength; after++) chosen[after] = chosen[after - 1] + 1;
    }
    for (size_t r = 0; r < rows->count; r++)
        for (size_t i = 0; i < model->constraint_count; i++)
            if (!ct__formula_holds(&model->constraints[i], model, rows->values + r * width)) counted.broken = true;
    return counted;
}

static struct ct__rows *generate(const struct ct__model *model, int strength, enum ct__effort effort)
{
    const struct ct__generate_options options = { .cover = { .strength = strength }, .effort = effort };
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    if (ct__generate(model, &options, &rows, &error) != CT_OK) fail_msg("%s", error.text);
    return rows;
}

/* The rows of the default effort: all that the first answer covers, in fewer rows. */
static size_t check_smaller(const struct ct__model *model, int strength)
{
    struct ct__rows *first = generate(model, strength, CT__EFFORT_FAST);
    struct ct__rows *rows = generate(model, strength, CT__EFFORT_DEFAULT);
    struct counted before = count(model, first, strength), after = count(model, rows, strength);
    size_t row_count = rows->count;
    assert_false(before.broken || after.broken);
    assert_int_equal(before.combinations, first->coverage.coverable);
    assert_int_equal(after.combinations, before.combinations);
    assert_true(rows->count < first->count);
    ct__rows_free(first);
    ct__rows_free(rows);
    return row_count;
}

static struct ct__factor factors[FACTORS_MAX];

static struct ct__model model_of(size_t factor_count, const uint32_t *counts)
{
    for (size_t f = 0; f < factor_count; f++) factors[f] = (struct ct__factor){ .value_count = counts[f] };
    return (struct ct__model){ .factors = factors, .factor_count = factor_count };
}

static void pairs_of_many_factors_take_fewer_rows(void **state)
{
    uint32_t counts[61];
    (void)state;
    for (size_t f = 0; f < 61; f++) counts[f] = f < 15 ? 4 : f < 32 ? 3 : 2;
    const struct ct__model model = model_of(61, counts);
    assert_true(check_smaller(&model, 2) <= 30); /* the first answer has 36 */
}

static void all_combinations_of_the_largest_factors_are_rows_enough(void **state)
{
    static const uint32_t counts[] = { 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 10, 10 };
    (void)state;
    const struct ct__model model = model_of(12, counts);
    assert_int_equal(check_smaller(&model, 3), 400);
}

static void constraints_are_kept_while_rows_change(void **state)
{
    static const uint32_t counts[] = { 4, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2 };
    static const uint64_t low = 1, two = 3;
    static struct ct__formula parts[6][3], constraints[6];
    struct ct__model model = model_of(CT_COUNT(counts), counts);
    (void)state;
    for (uint32_t i = 0; i < 6; i++) { /* some value of a third factor goes with no low values of the first two */
        parts[i][0] = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = i, .bits = &two };
        parts[i][1] = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = i + 5, .bits = &low };
        parts[i][2] = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = i + 11, .bits = i % 2 ? &low : &two };
        constraints[i] = (struct ct__formula){ .kind = CT__FORMULA_OR, .parts = parts[i], .part_count = 3 };
    }
    model.constraints = constraints;
    model.constraint_count = 6;
    check_smaller(&model, 2);
}

/* ---- constructions ---- */

struct constructed {
    size_t factor_count;
    uint32_t values;
    int strength;
    size_t rows;
};

static void factors_of_as_many_values_take_what_algebra_gives(void **state)
{
    static const struct constructed cases[] = {
        { 4, 3, 2, 9 },     { 5, 4, 2, 16 },    { 6, 5, 2, 25 },   { 8, 7, 2, 49 },    { 9, 8, 2, 64 },
        { 10, 9, 2, 81 },   { 6, 5, 3, 125 },   { 9, 8, 3, 512 },  { 10, 9, 3, 729 },  { 10, 10, 3, 1215 },
        { 20, 10, 2, 155 }, { 4, 2, 2, 5 },     { 10, 2, 2, 6 },   { 35, 2, 2, 8 },    { 36, 2, 2, 9 },
        { 17, 9, 2, 127 },  { 12, 11, 2, 121 }, { 6, 6, 3, 285 },  { 18, 10, 2, 163 }, { 16, 4, 2, 28 },
        { 40, 4, 2, 40 },   { 10, 4, 3, 112 },  { 10, 5, 3, 225 }, { 12, 7, 3, 637 },  { 8, 5, 4, 1125 },
        { 9, 4, 4, 496 },   { 8, 4, 5, 1792 },  { 4, 2, 3, 8 },    { 11, 2, 3, 12 },   { 20, 2, 3, 18 },
        { 44, 2, 3, 27 },   { 6, 4, 3, 64 },    { 10, 8, 3, 512 }, { 20, 8, 3, 1016 },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(cases); i++) {
        uint32_t counts[FACTORS_MAX];
        for (size_t f = 0; f < cases[i].factor_count; f++) counts[f] = cases[i].values;
        const struct ct__model model = model_of(cases[i].factor_count, counts);
        struct ct__rows *rows = generate(&model, cases[i].strength, CT__EFFORT_FAST);
        assert_int_equal(count(&model, rows, cases[i].strength).combinations, rows->coverage.coverable);
        if (rows->count > cases[i].rows)
            fail_msg("%zu factors of %u: %zu rows", cases[i].factor_count, cases[i].values, rows->count);
        ct__rows_free(rows);
    }
}

/* Of each size that is claimed to be there. */
static void four_of_many_factors_of_two_values_take_a_matrix_twice(void **state)
{
    static const size_t sizes[] = { 12, 20, 24, 32, 44, 48, 60, 68, 72, 80, 84 };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(sizes); i++) {
        uint32_t counts[FACTORS_MAX];
        for (size_t f = 0; f < sizes[i]; f++) counts[f] = 2;
        const struct ct__model model = model_of(sizes[i], counts);
        struct ct__rows *rows = generate(&model, 4, CT__EFFORT_FAST);
        assert_true(rows->count <= 2 * sizes[i]);
        assert_int_equal(count(&model, rows, 4).combinations, rows->coverage.coverable);
        ct__rows_free(rows);
    }
}

static void check_free_cells(const uint32_t *counts, size_t factor_count, int strength, size_t row_count)
{
    const struct ct__model model = model_of(factor_count, counts);
    struct ct__rows *rows = generate(&model, strength, CT__EFFORT_FAST);
    assert_int_equal(count(&model, rows, strength).combinations, rows->coverage.coverable);
    assert_int_equal(rows->count, row_count);
    ct__rows_free(rows);
}

static void factors_of_fewer_values_leave_cells_free(void **state)
{
    static const uint32_t polynomials[] = { 7, 7, 7, 7, 7, 6, 3, 1 }, doubled[] = { 5, 5, 5, 5, 5, 5, 5, 5, 5, 4 };
    (void)state;
    check_free_cells(polynomials, CT_COUNT(polynomials), 2, 49);
    check_free_cells(doubled, CT_COUNT(doubled), 3, 225);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_many_factors_take_fewer_rows),
        cmocka_unit_test(all_combinations_of_the_largest_factors_are_rows_enough),
        cmocka_unit_test(constraints_are_kept_while_rows_change),
        cmocka_unit_test(factors_of_as_many_values_take_what_algebra_gives),
        cmocka_unit_test(four_of_many_factors_of_two_values_take_a_matrix_twice),
        cmocka_unit_test(factors_of_fewer_values_leave_cells_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
