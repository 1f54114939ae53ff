/* Suites with constraints as text and a strength, against the independent checker: random models are written as suites,
 * and the walks of their plans must be what the checker demands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "checker.h"
#include "random_model.h"
#include <cmocka.h>
#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MODELS = 150, ASKED = 40, PRODUCT_MAX = 300, VALUES = 5 };

static struct random_model drawn;
static struct checker checker;

/* ---- a model as a suite ---- */

static struct {
    struct ct_suite suite;
    struct ct_action actions[RANDOM_FACTORS_MAX];
    struct ct_option options[RANDOM_FACTORS_MAX][VALUES];
    struct ct_strength groups[RANDOM_GROUPS_MAX];
    char names[RANDOM_FACTORS_MAX][16], labels[RANDOM_FACTORS_MAX][VALUES][16];
    char *constraints, *seed_rows;
} made;

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* How an action's options are written: as ints, reals, strings, bools and nulls, JSON, or ints known by a label. */
enum style { INTS, REALS, STRINGS, MIXED, JSONS, LABELS, STYLES };

static enum style style_of(size_t action, uint64_t number)
{
    return (enum style)((action + number) % STYLES);
}

static struct ct_option make_option(size_t action, unsigned value, enum style style)
{
    static const char *const words[] = { "zero", "one two", "\xc3\xa9t\xc3\xa9", "x]\"y\\", "4" };
    static const char *const jsons[] = { "[0]", "{\"a\": 1}", "\"text\"", "[1.5, null]", "7" };
    static const struct ct_option mixed[] = { CT_NULL, CT_BOOL(true), CT_BOOL(false), CT_INT(-3), CT_STRING("3") };
    char *label = made.labels[action][value];
    (void)snprintf(label, sizeof made.labels[action][value], "L%zu-%u", action, value);
    switch (style) {
    case INTS: return (struct ct_option)CT_INT((int64_t)value - 2);
    case REALS: return (struct ct_option)CT_REAL(0.1 * value);
    case STRINGS: return (struct ct_option)CT_STRING(words[value]);
    case MIXED: return mixed[value];
    case JSONS: return (struct ct_option)CT_JSON(jsons[value]);
    default: return (struct ct_option)CT_INT(7, .label = label); /* by its label alone they differ */
    }
}

static const char *literal(size_t action, unsigned value, enum style style, char *text, size_t size)
{
    static const char *const ints[] = { "-2", "-1", "0", "1", "2" };
    static const char *const reals[] = { "0", "0.1", "0.2", "0.3", "0.4" };
    static const char *const words[] = { "\"zero\"", "\"ONE two\"", "\"\xc3\x89t\xc3\xa9\"", "\"x\\]\\\"y\\\\\"",
                                         "\"4\"" };
    static const char *const mixed[] = { "\"null\"", "\"true\"", "\"false\"", "\"-3\"", "\"3\"" };
    static const char *const jsons[] = { "\"[0\\]\"", "\"{\\\"a\\\":1}\"", "\"text\"", "\"[1.5,null\\]\"", "\"7\"" };
    const char *const *const lists[] = { ints, reals, words, mixed, jsons };
    if (style != LABELS) return lists[style][value];
    (void)snprintf(text, size, "\"%s\"", made.labels[action][value]);
    return text;
}

/* 0.1 * 3 is not 0.3: the reals are those that their text reads as. */
static void settle_reals(struct ct_option *option, unsigned value)
{
    static const double reals[] = { 0, 0.1, 0.2, 0.3, 0.4 };
    if (option->type == CT_TYPE_REAL) option->as.d = reals[value];
}

static void make_actions(uint64_t number)
{
    for (size_t f = 0; f < drawn.model.factor_count; f++) {
        uint32_t count = drawn.factors[f].value_count;
        drawn.factors[f].negative = NULL;
        drawn.factors[f].weights = NULL;
        (void)snprintf(made.names[f], sizeof made.names[f], "action %zu", f);
        for (unsigned v = 0; v < count; v++) {
            made.options[f][v] = make_option(f, v, style_of(f, number));
            settle_reals(&made.options[f][v], v);
        }
        made.actions[f] = (struct ct_action){ .name = made.names[f],
                                              .run = pass,
                                              .options = made.options[f],
                                              .option_count = count,
                                              .serial = (number >> f & 3) == 3 };
    }
}

/* ---- formulas as text ---- */

static void write_value(FILE *to, uint64_t number, size_t action, unsigned value)
{
    char text[32];
    fprintf(to, "[%s] = %s", made.names[action], literal(action, value, style_of(action, number), text, sizeof text));
}

/* What always holds, or never. */
static void write_truth(FILE *to, uint64_t number, bool truth)
{
    fputs("(", to);
    write_value(to, number, 0, 0);
    fputs(truth ? " OR NOT " : " AND NOT ", to);
    write_value(to, number, 0, 0);
    fputs(")", to);
}

static void write_set(FILE *to, uint64_t number, const struct ct__formula *formula)
{
    char text[32];
    const char *before = "";
    bool any = false;
    for (unsigned v = 0; v < drawn.factors[formula->factor].value_count; v++) any |= ct__bit_is_set(formula->bits, v);
    if (!any) {
        write_truth(to, number, false);
        return;
    }
    fprintf(to, "[%s] IN {", made.names[formula->factor]);
    for (unsigned v = 0; v < drawn.factors[formula->factor].value_count; v++) {
        if (!ct__bit_is_set(formula->bits, v)) continue;
        fprintf(to, "%s%s", before, literal(formula->factor, v, style_of(formula->factor, number), text, sizeof text));
        before = ", ";
    }
    fputs("}", to);
}

static void write_pairs(FILE *to, uint64_t number, const struct ct__formula *formula)
{
    uint32_t count = drawn.factors[formula->other].value_count;
    const char *before = "(";
    for (unsigned v = 0; v < drawn.factors[formula->factor].value_count; v++) {
        for (unsigned w = 0; w < count; w++) {
            if (!ct__bit_is_set(formula->bits, (size_t)v * count + w)) continue;
            fputs(before, to);
            write_value(to, number, formula->factor, v);
            fputs(" AND ", to);
            write_value(to, number, formula->other, w);
            before = " OR\n ";
        }
    }
    if (*before == '(')
        write_truth(to, number, false);
    else
        fputs(")", to);
}

static void write_formula(FILE *to, uint64_t number, const struct ct__formula *formula)
{
    const char *before = "(";
    switch (formula->kind) {
    case CT__FORMULA_IN: write_set(to, number, formula); return;
    case CT__FORMULA_RELATED: write_pairs(to, number, formula); return;
    case CT__FORMULA_NOT:
        fputs("NOT (", to);
        write_formula(to, number, &formula->parts[0]);
        fputs(")", to);
        return;
    default: break;
    }
    if (formula->part_count == 0) {
        write_truth(to, number, formula->kind == CT__FORMULA_AND);
        return;
    }
    for (size_t i = 0; i < formula->part_count; i++) {
        fputs(before, to);
        write_formula(to, number, &formula->parts[i]);
        before = formula->kind == CT__FORMULA_AND ? " AND " : " OR ";
    }
    fputs(")", to);
}

/* An implication says what its negation's disjunction says. */
static void write_constraint(FILE *to, uint64_t number, const struct ct__formula *formula)
{
    bool implies = formula->kind == CT__FORMULA_OR && formula->part_count == 2;
    if (implies) {
        fputs("IF NOT (", to);
        write_formula(to, number, &formula->parts[0]);
        fputs(") THEN ", to);
        write_formula(to, number, &formula->parts[1]);
    } else {
        write_formula(to, number, formula);
    }
    fputs(";\n", to);
}

static char *write_constraints(uint64_t number, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    for (size_t i = 0; i < count; i++) write_constraint(to, number, &drawn.model.constraints[i]);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void make_groups(void)
{
    made.suite.strengths = made.groups;
    for (size_t g = 0; g < drawn.cover.group_count; g++) {
        const struct ct__group *group = &drawn.groups[g];
        struct ct_strength *to = &made.groups[made.suite.strength_count];
        if (group->factor_count == 0) continue;
        *to = (struct ct_strength){ .strength = group->strength };
        for (size_t f = 0; f < group->factor_count; f++) to->actions[f] = made.names[group->factors[f]];
        made.suite.strength_count++;
    }
}

/* The suite of a model, its last constraint left out where asked says so. */
static void make_suite(uint64_t number, bool asked)
{
    free(made.constraints);
    memset(&made, 0, sizeof made);
    make_actions(number);
    made.suite = (struct ct_suite){ .name = "drawn", .actions = made.actions };
    made.suite.action_count = drawn.model.factor_count;
    make_groups();
    made.constraints = write_constraints(number, drawn.model.constraint_count - (asked ? 1 : 0));
    made.suite.constraints = made.constraints;
}

/* ---- what its plan is ---- */

static struct ct_plan *make_plan(uint64_t number, int strength)
{
    const struct ct_plan_options options = { .strength = strength, .seed = number };
    struct ct_plan *plan = NULL;
    struct ct_error error = { 0 };
    if (ct_plan_new_with(&made.suite, &options, &plan, &error) != CT_OK)
        fail_msg("model %llu: %s\n%s", (unsigned long long)number, error.text, made.constraints);
    return plan;
}

static int compare_rows(const void *left, const void *right)
{
    const uint16_t *a = left, *b = right;
    for (size_t f = 0; f < drawn.model.factor_count; f++)
        if (a[f] != b[f]) return a[f] < b[f] ? -1 : 1;
    return 0;
}

/* Where a row stands in the order of ids: serial actions first. */
static uint64_t rank_of(const uint16_t *row)
{
    uint64_t rank = 0;
    for (int serial = 1; serial >= 0; serial--)
        for (size_t f = 0; f < drawn.model.factor_count; f++)
            if (made.actions[f].serial == (serial == 1)) rank = rank * drawn.factors[f].value_count + row[f];
    return rank;
}

static uint16_t *rows_of(uint64_t number, const struct ct_plan *plan)
{
    size_t width = drawn.model.factor_count;
    uint64_t count = ct_plan_walk_count(plan), before = 0;
    uint16_t *rows = calloc(count * width + 1, sizeof *rows);
    assert_non_null(rows);
    for (uint64_t id = 0; id < count; id++) {
        for (size_t f = 0; f < width; f++) rows[id * width + f] = (uint16_t)ct__plan_digit(plan, id, f);
        uint64_t rank = rank_of(rows + id * width);
        if (id > 0 && rank <= before)
            fail_msg("model %llu: row %llu is out of order", (unsigned long long)number, (unsigned long long)id);
        before = rank;
    }
    qsort(rows, count, width * sizeof *rows, compare_rows);
    return rows;
}

static void check_plan(uint64_t number, const struct ct_plan *plan)
{
    uint16_t *rows = rows_of(number, plan);
    size_t count = ct_plan_walk_count(plan), at = 0;
    const char *fault = checker_find_fault(&checker, rows, count, &at);
    if (fault != NULL) fail_msg("model %llu: row %zu %s\n%s", (unsigned long long)number, at, fault, made.constraints);
    struct ct__coverage coverage = checker_count(&checker, &drawn.cover, rows, count);
    if (coverage.covered != coverage.coverable)
        fail_msg("model %llu: %llu of %llu combinations are covered\n%s", (unsigned long long)number,
                 (unsigned long long)coverage.covered, (unsigned long long)coverage.coverable, made.constraints);
    free(rows);
}

/* The rows of groups of no factor demand nothing. */
static void begin(uint64_t number, bool asked)
{
    size_t kept = 0;
    make_suite(number, asked);
    for (size_t g = 0; g < drawn.cover.group_count; g++)
        if (drawn.groups[g].factor_count > 0) drawn.groups[kept++] = drawn.groups[g];
    drawn.cover.group_count = kept;
    checker_begin(&checker, &drawn.model);
}

static void walks_cover_exactly_what_the_constraints_allow(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        random_model_draw(&drawn, number, PRODUCT_MAX);
        begin(number, false);
        struct ct_plan *plan = make_plan(number, drawn.cover.strength);
        if (checker_is_empty(&checker))
            assert_int_equal(ct_plan_walk_count(plan), 0);
        else
            check_plan(number, plan);
        ct_plan_free(plan);
    }
}

static void constraints_exclude_the_walks_of_a_product_that_break_them(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= MODELS; number++) {
        random_model_draw(&drawn, number, PRODUCT_MAX);
        begin(number, false);
        struct ct_plan *plan = make_plan(number, 0);
        assert_int_equal(ct_plan_walk_count(plan), checker.product);
        for (uint64_t id = 0; id < checker.product; id++) {
            uint16_t row[RANDOM_FACTORS_MAX];
            for (size_t f = 0; f < drawn.model.factor_count; f++) row[f] = (uint16_t)ct__plan_digit(plan, id, f);
            if ((ct__plan_broken_rule(plan, id) == NULL) != checker_allows(&checker, row))
                fail_msg("model %llu: walk %llu\n%s", (unsigned long long)number, (unsigned long long)id,
                         made.constraints);
        }
        ct_plan_free(plan);
    }
}

/* ---- should_cancel ---- */

static size_t index_of(size_t action, const struct ct_option *option)
{
    size_t v = 0;
    while (v < drawn.factors[action].value_count) {
        const struct ct_option *candidate = &made.options[action][v];
        const char *label = ct_option_label(option);
        bool same = candidate->type == option->type;
        if (same && label != NULL) same = strcmp(label, candidate->label) == 0;
        if (same && option->type == CT_TYPE_INT) same = option->as.i == candidate->as.i;
        if (same && option->type == CT_TYPE_REAL) same = option->as.d == candidate->as.d;
        if (same && option->type == CT_TYPE_BOOL) same = option->as.b == candidate->as.b;
        if (same && (option->type == CT_TYPE_STRING || option->type == CT_TYPE_JSON))
            same = strcmp(option->as.s, candidate->as.s) == 0;
        if (same) return v;
        v++;
    }
    return 0;
}

/* Excludes what breaks the model's last constraint. */
static bool breaks_the_last(struct ct_walk *walk, size_t index)
{
    uint16_t row[RANDOM_FACTORS_MAX];
    (void)index;
    for (size_t f = 0; f < drawn.model.factor_count; f++)
        row[f] = (uint16_t)index_of(f, ct_walk_option(walk, made.names[f]));
    return !ct__formula_holds(&drawn.model.constraints[drawn.model.constraint_count - 1], &drawn.model, row);
}

static void walks_cover_what_should_cancel_and_the_constraints_leave(void **state)
{
    (void)state;
    unsigned tried = 0;
    for (uint64_t number = 1; tried < ASKED; number++) {
        random_model_draw(&drawn, number, PRODUCT_MAX);
        if (drawn.model.constraint_count == 0) continue;
        tried++;
        begin(number, true);
        made.actions[number % drawn.model.factor_count].should_cancel = breaks_the_last;
        struct ct_plan *plan = make_plan(number, drawn.cover.strength),
                       *again = make_plan(number, drawn.cover.strength);
        if (checker_is_empty(&checker))
            assert_int_equal(ct_plan_walk_count(plan), 0);
        else
            check_plan(number, plan);
        assert_int_equal(ct_plan_walk_count(plan), ct_plan_walk_count(again));
        assert_memory_equal(ct__plan_rows(plan), ct__plan_rows(again),
                            ct_plan_walk_count(plan) * drawn.model.factor_count * sizeof(uint16_t));
        ct_plan_free(plan);
        ct_plan_free(again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_cover_exactly_what_the_constraints_allow),
        cmocka_unit_test(constraints_exclude_the_walks_of_a_product_that_break_them),
        cmocka_unit_test(walks_cover_what_should_cancel_and_the_constraints_leave),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(made.constraints);
    return failed;
}
