/* Generated rows, and what the solver says of a model, against an independent checker over random small models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "checker.h"
#include "random_model.h"
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { MODELS = 1000, PRODUCT_MAX = 400 };

static struct random_model drawn;
static struct checker checker;

/* Draws the models that some row is allowed in, one after the other: false after the last. */
static bool draw_next(uint64_t *number, uint64_t last)
{
    while (++*number <= last) {
        random_model_draw(&drawn, *number, PRODUCT_MAX);
        checker_begin(&checker, &drawn.model);
        if (!checker_is_empty(&checker)) return true;
    }
    return false;
}

static struct ct__rows *generate(uint64_t number, const struct ct__generate_options *options)
{
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    if (ct__generate(&drawn.model, options, &rows, &error) != CT_OK)
        fail_msg("model %llu: %s", (unsigned long long)number, error.text);
    return rows;
}

static void check_count(uint64_t number, const char *what, uint64_t is, uint64_t expected)
{
    if (is != expected)
        fail_msg("model %llu: %s is %llu, expected %llu", (unsigned long long)number, what, (unsigned long long)is,
                 (unsigned long long)expected);
}

static void check_rows(uint64_t number, const struct ct__rows *rows)
{
    struct ct__coverage coverage;
    size_t at = 0;
    const char *fault = checker_find_fault(&checker, rows->values, rows->count, &at);
    if (fault != NULL) fail_msg("model %llu: row %zu %s", (unsigned long long)number, at, fault);
    assert_true(rows->count > 0);
    assert_int_equal(rows->factor_count, drawn.model.factor_count);
    coverage = checker_count(&checker, &drawn.cover, rows->values, rows->count);
    check_count(number, "covered", coverage.covered, coverage.coverable);
    check_count(number, "coverable as told", rows->coverage.coverable, coverage.coverable);
    check_count(number, "covered as told", rows->coverage.covered, coverage.coverable);
    check_count(number, "combinations as told", rows->coverage.combinations, coverage.combinations);
}

static void rows_cover_exactly_what_is_coverable_and_keep_the_constraints(void **state)
{
    (void)state;
    for (uint64_t number = 0; draw_next(&number, MODELS);) {
        const struct ct__generate_options options = { .cover = drawn.cover,
                                                      .random = number,
                                                      .effort = CT__EFFORT_FAST };
        struct ct__rows *rows = generate(number, &options);
        check_rows(number, rows);
        assert_int_equal(rows->dropped_count, 0);
        ct__rows_free(rows);
    }
}

/* ---- seeds ---- */

/* What is to be kept of a seed: value after value, as long as an allowed row agrees. Checks what was said to be
 * dropped, from *at on. */
static void keep(const uint16_t *seed, size_t index, const struct ct__rows *rows, size_t *at, uint16_t *kept)
{
    size_t width = drawn.model.factor_count;
    for (size_t f = 0; f < width; f++) kept[f] = CT__ANY;
    for (size_t f = 0; f < width; f++) {
        kept[f] = seed[f];
        if (checker_allows(&checker, kept)) continue;
        kept[f] = CT__ANY;
        assert_true(*at < rows->dropped_count);
        assert_int_equal(rows->dropped[*at].seed, index);
        assert_int_equal(rows->dropped[*at].factor, f);
        ++*at;
    }
}

static bool some_row_agrees(const struct ct__rows *rows, const uint16_t *kept)
{
    for (size_t r = 0; r < rows->count; r++) {
        size_t f = 0;
        while (f < rows->factor_count && (kept[f] == CT__ANY || kept[f] == rows->values[r * rows->factor_count + f]))
            f++;
        if (f == rows->factor_count) return true;
    }
    return false;
}

static void check_seeds(uint64_t number, const struct ct__rows *rows)
{
    size_t at = 0, width = drawn.model.factor_count;
    for (size_t s = 0; s < drawn.seed_count; s++) {
        uint16_t kept[RANDOM_FACTORS_MAX];
        keep(drawn.seeds + s * width, s, rows, &at, kept);
        if (!some_row_agrees(rows, kept))
            fail_msg("model %llu: no row begins with seed %zu", (unsigned long long)number, s);
    }
    assert_int_equal(at, rows->dropped_count);
}

static void rows_begin_with_what_the_constraints_allow_of_the_seeds(void **state)
{
    size_t seeds = 0, dropped = 0;
    (void)state;
    for (uint64_t number = 0; draw_next(&number, MODELS);) {
        const struct ct__generate_options options = {
            .cover = drawn.cover, .seeds = drawn.seeds, .seed_count = drawn.seed_count, .effort = CT__EFFORT_FAST
        };
        struct ct__rows *rows = generate(number, &options);
        check_rows(number, rows);
        check_seeds(number, rows);
        seeds += drawn.seed_count;
        dropped += rows->dropped_count;
        ct__rows_free(rows);
    }
    assert_true(seeds > 100 && dropped > 20);
}

/* ---- constraints that ask for a negative value ---- */

/* What is left of the rows when some are taken out is measured as the checker counts it. */
static void check_measure(uint64_t number, const struct ct__rows *rows)
{
    size_t width = rows->factor_count, count = 0;
    uint16_t *some = malloc((rows->count + 1) * width * sizeof *some);
    struct ct__measure measure;
    struct ct__coverage coverage;
    assert_non_null(some);
    for (size_t r = 0; r < rows->count; r++)
        if (random_model_below(&drawn, 3) != 0)
            memcpy(some + count++ * width, rows->values + r * width, width * sizeof *some);
    assert_int_equal(ct__measure(&drawn.model, &drawn.cover, some, count, SIZE_MAX, &measure, NULL), CT_OK);
    coverage = checker_count(&checker, &drawn.cover, some, count);
    check_count(number, "combinations as measured", measure.coverage.combinations, coverage.combinations);
    check_count(number, "coverable as measured", measure.coverage.coverable, coverage.coverable);
    check_count(number, "covered as measured", measure.coverage.covered, coverage.covered);
    check_count(number, "missing", measure.missing_count, coverage.coverable - coverage.covered);
    ct__measure_clear(&measure);
    free(some);
}

static void check_signed(uint64_t number, enum ct__effort effort)
{
    const struct ct__generate_options options = {
        .cover = drawn.cover, .seeds = drawn.seeds, .seed_count = drawn.seed_count, .random = number, .effort = effort
    };
    struct ct__rows *rows = generate(number, &options);
    check_rows(number, rows);
    check_seeds(number, rows);
    check_measure(number, rows);
    ct__rows_free(rows);
}

static void what_only_rows_with_a_negative_value_allow_is_covered_by_them(void **state)
{
    size_t postponed = 0, models = 0;
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        size_t own = 0;
        random_model_draw(&drawn, number, PRODUCT_MAX);
        random_model_sign(&drawn);
        checker_begin(&checker, &drawn.model);
        if (checker_is_empty(&checker)) continue;
        checker.postponed = &own;
        (void)checker_count(&checker, &drawn.cover, NULL, 0);
        checker.postponed = NULL;
        check_signed(number, number % 12 == 0 ? CT__EFFORT_DEFAULT : CT__EFFORT_FAST);
        postponed += own;
        models += own > 0;
    }
    assert_true(models > MODELS / 8 && postponed > 10 * models);
}

/* ---- effort ---- */

static void more_effort_gives_complete_sets_of_no_more_rows(void **state)
{
    size_t fewer = 0;
    (void)state;
    for (uint64_t number = 0; draw_next(&number, MODELS / 12);) {
        struct ct__generate_options options = {
            .cover = drawn.cover, .seeds = drawn.seeds, .seed_count = drawn.seed_count, .effort = CT__EFFORT_FAST
        };
        struct ct__rows *first = generate(number, &options), *rows;
        options.effort = CT__EFFORT_DEFAULT;
        rows = generate(number, &options);
        check_rows(number, rows);
        check_seeds(number, rows);
        fewer += rows->count < first->count;
        assert_true(rows->count <= first->count);
        ct__rows_free(first);
        ct__rows_free(rows);
    }
    assert_true(fewer > 0);
}

static void stop_after_first_rows(void *stop, const struct ct__generate_progress *progress)
{
    if (progress->factors_done == progress->factor_count) atomic_store((atomic_bool *)stop, true);
}

static void what_is_stopped_is_a_complete_set(void **state)
{
    static const struct ct__factor factors[] = { { .value_count = 3 }, { .value_count = 3 }, { .value_count = 3 },
                                                 { .value_count = 3 }, { .value_count = 3 }, { .value_count = 3 } };
    const struct ct__model model = { .factors = factors, .factor_count = 6 };
    atomic_bool stop = false;
    struct ct__generate_options options = {
        .effort = CT__EFFORT_BEST, .stop = &stop, .progress = stop_after_first_rows, .progress_user = &stop
    };
    struct ct__rows *rows;
    size_t at;
    (void)state;
    assert_int_equal(ct__generate(&model, &options, &rows, NULL), CT_OK);
    assert_true(rows->stopped);
    checker_begin(&checker, &model);
    assert_null(checker_find_fault(&checker, rows->values, rows->count, &at));
    assert_int_equal(checker_count(&checker, &(struct ct__cover){ .strength = 2 }, rows->values, rows->count).covered,
                     15 * 9);
    assert_int_equal(rows->coverage.coverable, 15 * 9);
    ct__rows_free(rows);
}

static void an_effort_that_is_none_is_refused(void **state)
{
    const struct ct__factor factor = { .value_count = 2 };
    const struct ct__model model = { .factors = &factor, .factor_count = 1 };
    const struct ct__generate_options options = { .effort = (enum ct__effort)3 };
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__generate(&model, &options, &rows, &error), CT_EINVAL);
    assert_string_equal(error.text, "there is no effort 3");
    assert_null(rows);
}

/* ---- the rest ---- */

static void a_constraint_that_names_no_factor_and_always_holds_excludes_nothing(void **state)
{
    static const struct ct__factor factors[] = { { .value_count = 2 }, { .value_count = 2 } };
    const struct ct__formula constraint = { .kind = CT__FORMULA_AND };
    const struct ct__model model = {
        .factors = factors, .factor_count = 2, .constraints = &constraint, .constraint_count = 1
    };
    const struct ct__generate_options options = { .random = 1 };
    struct ct__rows *rows;
    (void)state;
    assert_int_equal(ct__generate(&model, &options, &rows, NULL), CT_OK);
    assert_int_equal(rows->count, 4);
    assert_int_equal(rows->coverage.coverable, 4);
    ct__rows_free(rows);
}

static void the_same_question_has_the_same_answer(void **state)
{
    (void)state;
    for (uint64_t number = 0; draw_next(&number, MODELS / 12);) {
        const struct ct__generate_options options = {
            .cover = drawn.cover, .random = number, .seeds = drawn.seeds, .seed_count = drawn.seed_count
        };
        struct ct__rows *first = generate(number, &options), *second = generate(number, &options);
        assert_int_equal(first->count, second->count);
        assert_memory_equal(first->values, second->values, first->count * first->factor_count * sizeof *first->values);
        ct__rows_free(first);
        ct__rows_free(second);
    }
}

static void a_model_that_allows_no_row_is_refused(void **state)
{
    size_t empty = 0;
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        const struct ct__generate_options options = { .random = number };
        struct ct__rows *rows = NULL;
        random_model_draw(&drawn, number, PRODUCT_MAX);
        checker_begin(&checker, &drawn.model);
        if (!checker_is_empty(&checker)) continue;
        assert_int_equal(ct__generate(&drawn.model, &options, &rows, NULL), CT_EINVAL);
        assert_null(rows);
        empty++;
    }
    assert_true(empty > 10);
}

static void check_space(uint64_t number)
{
    struct ct__space *space;
    checker_begin(&checker, &drawn.model);
    assert_int_equal(ct__space_new(&drawn.model, &space, NULL), CT_OK);
    for (int i = 0; i < 20; i++) {
        uint16_t partial[RANDOM_FACTORS_MAX], witness[RANDOM_FACTORS_MAX];
        bool allowed;
        random_model_partial(&drawn, partial);
        allowed = ct__space_allows(space, partial, witness);
        check_count(number, "allowed", allowed, checker_allows(&checker, partial));
        if (!allowed) continue;
        assert_true(checker_allows(&checker, witness));
        for (size_t f = 0; f < drawn.model.factor_count; f++)
            assert_true(witness[f] < drawn.factors[f].value_count &&
                        (partial[f] == CT__ANY || partial[f] == witness[f]));
    }
    ct__space_free(space);
}

static void the_solver_allows_what_some_row_agrees_with(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        random_model_draw(&drawn, number, PRODUCT_MAX);
        check_space(number);
    }
}

/* Then it is not the solver that is asked. */
static void where_constraints_are_many_the_same_is_allowed(void **state)
{
    size_t possible = 0;
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        random_model_draw(&drawn, number, PRODUCT_MAX);
        random_model_crowd(&drawn);
        check_space(number);
        if (checker_is_empty(&checker)) continue;
        const struct ct__generate_options options = { .cover = drawn.cover, .effort = CT__EFFORT_FAST };
        struct ct__rows *rows = generate(number, &options);
        check_rows(number, rows);
        ct__rows_free(rows);
        possible++;
    }
    assert_true(possible > MODELS / 10);
}

/* The constraints exclude the row together, and would not without any one of them. */
static void check_reasons(const uint16_t *partial, const size_t *indices, size_t count)
{
    size_t fewer[RANDOM_CONSTRAINTS_MAX];
    assert_false(checker_allows_under(&checker, partial, indices, count));
    for (size_t without = 0; without < count; without++) {
        size_t left = 0;
        assert_true(without == 0 || indices[without - 1] < indices[without]);
        for (size_t i = 0; i < count; i++)
            if (i != without) fewer[left++] = indices[i];
        assert_true(checker_allows_under(&checker, partial, fewer, left));
    }
}

static void the_reasons_for_an_exclusion_are_enough_and_each_is_needed(void **state)
{
    size_t explained = 0;
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        struct ct__space *space;
        random_model_draw(&drawn, number, PRODUCT_MAX);
        checker_begin(&checker, &drawn.model);
        assert_int_equal(ct__space_new(&drawn.model, &space, NULL), CT_OK);
        for (int i = 0; i < 5; i++) {
            uint16_t partial[RANDOM_FACTORS_MAX];
            size_t *indices = NULL, count = 0;
            enum ct_err err;
            random_model_partial(&drawn, partial);
            err = ct__space_explain(space, partial, &indices, &count, NULL);
            assert_int_equal(err, checker_allows(&checker, partial) ? CT_ENOTFOUND : CT_OK);
            if (err == CT_OK) check_reasons(partial, indices, count);
            explained += err == CT_OK;
            free(indices);
        }
        ct__space_free(space);
    }
    assert_true(explained > 100);
}

static void stop_before_anything_is_done(void *stop, const struct ct__generate_progress *progress)
{
    (void)progress;
    atomic_store((atomic_bool *)stop, true);
}

static void a_first_answer_is_given_up_where_that_is_asked(void **state)
{
    struct ct__factor factors[40];
    atomic_bool stop = false;
    const struct ct__model model = { .factors = factors, .factor_count = CT_COUNT(factors) };
    struct ct__generate_options options = {
        .stop = &stop, .progress = stop_before_anything_is_done, .progress_user = &stop, .abandon = true
    };
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(factors); i++) factors[i] = (struct ct__factor){ .value_count = 10 };
    assert_int_equal(ct__generate(&model, &options, &rows, &error), CT_ENOTFOUND);
    assert_null(rows);
    options.abandon = false;
    assert_int_equal(ct__generate(&model, &options, &rows, &error), CT_OK);
    assert_true(rows->stopped && rows->count >= 100);
    ct__rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_cover_exactly_what_is_coverable_and_keep_the_constraints),
        cmocka_unit_test(rows_begin_with_what_the_constraints_allow_of_the_seeds),
        cmocka_unit_test(what_only_rows_with_a_negative_value_allow_is_covered_by_them),
        cmocka_unit_test(more_effort_gives_complete_sets_of_no_more_rows),
        cmocka_unit_test(what_is_stopped_is_a_complete_set),
        cmocka_unit_test(a_first_answer_is_given_up_where_that_is_asked),
        cmocka_unit_test(an_effort_that_is_none_is_refused),
        cmocka_unit_test(a_constraint_that_names_no_factor_and_always_holds_excludes_nothing),
        cmocka_unit_test(the_same_question_has_the_same_answer),
        cmocka_unit_test(a_model_that_allows_no_row_is_refused),
        cmocka_unit_test(the_solver_allows_what_some_row_agrees_with),
        cmocka_unit_test(where_constraints_are_many_the_same_is_allowed),
        cmocka_unit_test(the_reasons_for_an_exclusion_are_enough_and_each_is_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
