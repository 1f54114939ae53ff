/* Measuring, and by it generating, against brute force over random small models: every row of the product is looked at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FACTORS_MAX = 5, PRODUCT_MAX = 1024, ROWS_MAX = 12 };

static uint64_t seed;

static unsigned draw(unsigned end)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(seed >> 33) % end;
}

static size_t add(char *text, size_t used, const char *part, unsigned a, unsigned b, unsigned c, unsigned d)
{
    return used + (size_t)snprintf(text + used, 4096 - used, part, a, b, c, d);
}

/* A model of 2 to 5 parameters with 2 to 4 values, some of them negative, and up to 5 constraints; and up
 * to 3 about signs where there are negative values. */
static struct ct__pict *random_model(void)
{
    static const char *const constraints[] = { "IF [P%u] = %u THEN [P%u] <> %u;\n", "[P%u] <> %u OR [P%u] > %u;\n",
                                               "NOT ([P%u] = %u AND [P%u] IN {%u, 0});\n" };
    static const char *const signs[] = { "IF [P%u] = %u THEN IsNegative();\n", "IF [P%u] <> %u THEN IsNegative(P%u);\n",
                                         "IF [P%u] = %u THEN IsPositive();\n",
                                         "IF [P%u] = %u THEN IsNegative(P%u);\n" };
    char text[4096];
    size_t used = 0;
    unsigned count = 2 + draw(FACTORS_MAX - 1), negatives = draw(3) == 0;
    for (unsigned p = 0; p < count; p++) {
        unsigned values = 2 + draw(3);
        used = add(text, used, "P%u: 0", p, 0, 0, 0);
        for (unsigned v = 1; v < values; v++)
            used = add(text, used, negatives && draw(3) == 0 ? ", ~%u" : ", %u", v, 0, 0, 0);
        used = add(text, used, "\n", 0, 0, 0, 0);
    }
    for (unsigned i = draw(6); i > 0; i--) {
        unsigned a = draw(count), b = draw(count);
        used = add(text, used, constraints[draw(3)], a, draw(4), b, draw(4));
    }
    for (unsigned i = draw(4); negatives && i > 0; i--)
        used = add(text, used, signs[draw(4)], draw(count), draw(4), draw(count), 0);
    if (draw(3) == 0) add(text, used, "[P%u] <> [P%u];\n", 0, 1, 0, 0);
    return pict_model(text);
}

/* ---- brute force ---- */

struct brute {
    const struct ct__pict *model;
    size_t width, count;
    uint16_t allowed[PRODUCT_MAX][FACTORS_MAX]; /* each row that is allowed */
};

static unsigned negatives_of(const struct brute *brute, const uint16_t *row)
{
    unsigned count = 0;
    for (size_t i = 0; i < brute->width; i++) {
        if (row[i] != CT__ANY) count += brute->model->parameters[i].values[row[i]].negative;
    }
    return count;
}

static bool agrees(const struct brute *brute, const uint16_t *partial, const uint16_t *row)
{
    for (size_t i = 0; i < brute->width; i++) {
        if (partial[i] != CT__ANY && partial[i] != row[i]) return false;
    }
    return true;
}

static bool is_kept(const struct ct__model *model, const uint16_t *row)
{
    for (size_t i = 0; i < model->constraint_count; i++) {
        if (!ct__formula_holds(&model->constraints[i], model, row)) return false;
    }
    return true;
}

static void enumerate(struct brute *brute, const struct ct__pict *model)
{
    size_t product = 1;
    *brute = (struct brute){ .model = model, .width = model->parameter_count };
    for (size_t i = 0; i < brute->width; i++) product *= model->parameters[i].value_count;
    for (size_t n = 0; n < product; n++) {
        uint16_t row[FACTORS_MAX];
        size_t rest = n;
        for (size_t i = 0; i < brute->width; i++) {
            row[i] = (uint16_t)(rest % model->parameters[i].value_count);
            rest /= model->parameters[i].value_count;
        }
        if (negatives_of(brute, row) > 1 || !is_kept(&model->model, row)) continue;
        memcpy(brute->allowed[brute->count++], row, sizeof(row));
    }
}

/* Whether an allowed row with so many negative values agrees with the partial one. */
static bool is_possible(const struct brute *brute, const uint16_t *partial, unsigned negatives)
{
    for (size_t r = 0; r < brute->count; r++) {
        if (agrees(brute, partial, brute->allowed[r]) && negatives_of(brute, brute->allowed[r]) == negatives)
            return true;
    }
    return false;
}

static bool is_coverable(const struct brute *brute, const uint16_t *partial)
{
    return is_possible(brute, partial, 0) || is_possible(brute, partial, 1);
}

static bool is_bad(const struct brute *brute, const uint16_t *row)
{
    for (size_t r = 0; r < brute->count; r++) {
        if (agrees(brute, row, brute->allowed[r])) return false;
    }
    return true;
}

/* In rows without negative values, where there can be such. */
static bool is_covered(const struct brute *brute, const uint16_t *partial, const uint16_t *rows, size_t count)
{
    bool positive = is_possible(brute, partial, 0);
    for (size_t r = 0; r < count; r++) {
        const uint16_t *row = rows + r * brute->width;
        if (!is_bad(brute, row) && agrees(brute, partial, row) && (!positive || is_possible(brute, row, 0)))
            return true;
    }
    return false;
}

/* Counts the combinations of the factors in chosen, a bit for each. */
static void count_combinations(const struct brute *brute, unsigned chosen, const uint16_t *rows, size_t count,
                               struct ct__coverage *coverage)
{
    uint16_t partial[FACTORS_MAX];
    for (size_t i = 0; i < brute->width; i++) partial[i] = chosen >> i & 1 ? 0 : CT__ANY;
    for (;;) {
        if (negatives_of(brute, partial) < 2) {
            bool coverable = is_coverable(brute, partial);
            coverage->combinations++;
            coverage->coverable += coverable;
            coverage->covered += coverable && is_covered(brute, partial, rows, count);
        }
        size_t i = 0;
        for (; i < brute->width; i++) {
            if (partial[i] == CT__ANY) continue;
            if (++partial[i] < brute->model->parameters[i].value_count) break;
            partial[i] = 0;
        }
        if (i == brute->width) return;
    }
}

static struct ct__coverage brute_coverage(const struct brute *brute, int strength, const uint16_t *rows, size_t count)
{
    struct ct__coverage coverage = { 0 };
    int most = strength < (int)brute->width ? strength : (int)brute->width;
    for (unsigned chosen = 0; chosen < 1u << brute->width; chosen++) {
        if (__builtin_popcount(chosen) == most) count_combinations(brute, chosen, rows, count, &coverage);
    }
    return coverage;
}

/* ---- the tests ---- */

static void check_measure(const struct brute *brute, int strength, const uint16_t *rows, size_t count)
{
    struct ct__cover cover = { .strength = strength };
    struct ct__measure measure;
    struct ct_error error;
    size_t bad = 0;
    if (ct__measure(&brute->model->model, &cover, rows, count, SIZE_MAX, &measure, &error) != CT_OK)
        fail_msg("%s", error.text);
    struct ct__coverage expected = brute_coverage(brute, strength, rows, count);
    assert_int_equal(measure.coverage.combinations, expected.combinations);
    assert_int_equal(measure.coverage.coverable, expected.coverable);
    assert_int_equal(measure.coverage.covered, expected.covered);
    assert_int_equal(measure.missing_count, expected.coverable - expected.covered);
    for (size_t m = 0; m < measure.missing_count; m++) {
        const uint16_t *missing = measure.missing + m * brute->width;
        assert_true(is_coverable(brute, missing) && !is_covered(brute, missing, rows, count));
    }
    for (size_t r = 0; r < count; r++) {
        if (!is_bad(brute, rows + r * brute->width)) continue;
        assert_true(bad < measure.bad_count);
        assert_int_equal(measure.bad[bad].row, r);
        bad++;
    }
    assert_int_equal(bad, measure.bad_count);
    ct__measure_clear(&measure);
}

static void what_any_rows_cover_is_what_brute_force_counts(void **state)
{
    static struct brute brute;
    (void)state;
    for (seed = 1; seed < 400; seed++) {
        uint64_t kept = seed;
        struct ct__pict *model = random_model();
        uint16_t rows[ROWS_MAX * FACTORS_MAX];
        size_t count = draw(ROWS_MAX + 1);
        enumerate(&brute, model);
        for (size_t i = 0; i < count * brute.width; i++) {
            unsigned value = draw((unsigned)model->parameters[i % brute.width].value_count + 1);
            bool any = value == model->parameters[i % brute.width].value_count;
            rows[i] = any ? CT__ANY : (uint16_t)value;
        }
        for (int strength = 1; brute.count > 0 && strength <= 3; strength++)
            check_measure(&brute, strength, rows, count);
        ct__pict_free(model);
        seed = kept;
    }
}

static void what_is_generated_covers_all_that_brute_force_finds_coverable(void **state)
{
    static struct brute brute;
    (void)state;
    for (seed = 1000; seed < 1300; seed++) {
        uint64_t kept = seed;
        struct ct__pict *model = random_model();
        enumerate(&brute, model);
        for (int strength = 1; strength <= 3; strength++) {
            const struct ct__generate_options options = { .cover = { .strength = strength },
                                                          .effort = CT__EFFORT_FAST };
            struct ct__rows *rows = NULL;
            enum ct_err err = ct__pict_generate(model, &options, &rows, NULL);
            assert_int_equal(err, brute.count > 0 ? CT_OK : CT_EINVAL);
            if (err) continue;
            struct ct__coverage expected = brute_coverage(&brute, strength, rows->values, rows->count);
            assert_int_equal(expected.covered, expected.coverable);
            assert_int_equal(rows->coverage.coverable, expected.coverable);
            assert_int_equal(rows->coverage.combinations, expected.combinations);
            for (size_t r = 0; r < rows->count; r++) assert_false(is_bad(&brute, rows->values + r * brute.width));
            ct__rows_free(rows);
        }
        ct__pict_free(model);
        seed = kept;
    }
}

static void rows_with_values_that_are_none_are_refused(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: 1, 2\n");
    const uint16_t rows[] = { 0, 0, 1, 2 };
    const struct ct__cover cover = { .strength = 2 };
    struct ct__measure measure;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__measure(&model->model, &cover, rows, 2, 0, &measure, &error), CT_EINVAL);
    assert_string_equal(error.text, "row 1: factor 1 has no value 2");
    ct__pict_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_any_rows_cover_is_what_brute_force_counts),
        cmocka_unit_test(what_is_generated_covers_all_that_brute_force_finds_coverable),
        cmocka_unit_test(rows_with_values_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
