/* Generating, and making a covering suite's plan, with each allocation made to fail in turn: nothing crashes, nothing
 * leaks, and it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "random_model.h"
#include <cmocka.h>
#include <combtest/plan.h>
#include <failing.h>
#include <stdlib.h>

/* ---- rows of models ---- */

static struct random_model drawn;

static bool generate(void)
{
    const struct ct__generate_options options = {
        .cover = drawn.cover, .seeds = drawn.seeds, .seed_count = drawn.seed_count, .effort = CT__EFFORT_FAST
    };
    struct ct__rows *rows = NULL;
    struct ct_error error = { 0 };
    enum ct_err err = ct__generate(&drawn.model, &options, &rows, &error);
    if (err && (err != CT_NOMEM || error.code != CT_NOMEM || rows)) abort();
    if (!err && rows->count == 0) abort();
    ct__rows_free(rows);
    return !err;
}

static bool is_possible(void)
{
    const struct ct__generate_options options = { .cover = drawn.cover, .effort = CT__EFFORT_FAST };
    struct ct__rows *rows = NULL;
    bool possible = ct__generate(&drawn.model, &options, &rows, NULL) == CT_OK;
    ct__rows_free(rows);
    return possible;
}

static void rows_are_generated_whole_or_not_at_all(void **state)
{
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 1; tried < 12; number++) {
        random_model_draw(&drawn, number, 60);
        if (number % 2 == 0) random_model_sign(&drawn);
        if (drawn.model.constraint_count == 0 || !is_possible()) continue;
        failing_each(generate);
        tried++;
    }
}

static bool measure(void)
{
    struct ct__measure made = { 0 };
    struct ct_error error = { 0 };
    enum ct_err err = ct__measure(&drawn.model, &drawn.cover, drawn.seeds, drawn.seed_count, 100, &made, &error);
    if (err && (err != CT_NOMEM || error.code != CT_NOMEM || made.missing || made.bad)) abort();
    ct__measure_clear(&made);
    return !err;
}

static void rows_are_measured_whole_or_not_at_all(void **state)
{
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 1; tried < 12; number++) {
        random_model_draw(&drawn, number, 60);
        if (number % 2 == 0) random_model_sign(&drawn);
        if (drawn.model.constraint_count == 0 || drawn.seed_count == 0 || !is_possible()) continue;
        failing_each(measure);
        tried++;
    }
}

/* ---- plans of suites ---- */

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static const struct ct_option numbers[] = { CT_INT(1), CT_INT(2, .label = "two"), CT_REAL(0.5) };
static const struct ct_option words[] = { CT_STRING("one"), CT_NULL, CT_JSON("[1, {\"a\": 2}]") };
static const struct ct_action actions[] = { CT_ACTION("numbers", pass, numbers), CT_ACTION("words", pass, words),
                                            CT_SERIAL_ACTION("serial", pass, words),
                                            CT_ACTION("NUMBERS", pass, words) };
static const struct ct_suite constrained = { .name = "constrained",
                                             .actions = actions,
                                             .action_count = CT_COUNT(actions),
                                             .constraints = "IF [numbers] = \"two\" THEN [words] <> \"one\";"
                                                            "[serial] IN { \"null\", \"one\" }; "
                                                            "[NUMBERS] <> \"one\"; [numbers] <> 1;" };
/* Its first answer is the least there can be: it is not gone on from. */
static const struct ct_strength groups[] = { CT_STRENGTH(1, "numbers") };
static const struct ct_suite covered = { .name = "covered",
                                         .actions = actions,
                                         .action_count = 2,
                                         .strengths = groups,
                                         .seed_rows = "numbers\twords\tother\n2\tone\tthree\n" };
static const struct ct_suite *suite;
static int strength;

static bool plan(void)
{
    const struct ct_plan_options options = { .strength = strength };
    struct ct_plan *made = NULL;
    struct ct_error error = { 0 };
    enum ct_err err = ct_plan_new_with(suite, &options, &made, &error);
    if (err && (err != CT_NOMEM || error.code != CT_NOMEM || made)) abort();
    if (!err && ct_plan_walk_count(made) < 9) abort();
    ct_plan_free(made);
    return !err;
}

static void a_plan_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    failing_include_jansson();
    failing_spare_jansson(true);
    suite = &constrained;
    failing_each(plan);
    suite = &covered;
    strength = 2;
    failing_each(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_generated_whole_or_not_at_all),
        cmocka_unit_test(rows_are_measured_whole_or_not_at_all),
        cmocka_unit_test(a_plan_is_made_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
