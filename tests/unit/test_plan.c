/* Plans, over random suites of many shapes, against brute force: counting through the product, and a recursive walk
 * down the serial actions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <stdio.h>
#include <string.h>

#define ACTIONS_MAX 12u
#define COUNT_MAX   6u
#define WALKS_MAX   4000u
#define SHAPES      400u

/* A suite with all that it points to. Option k of action i is the int 100 * i + k. */
struct shape {
    struct ct_suite suite;
    struct ct_action actions[ACTIONS_MAX];
    struct ct_option options[ACTIONS_MAX][COUNT_MAX];
    size_t counts[ACTIONS_MAX];
    char names[ACTIONS_MAX][24];
    uint64_t walks;
};

static uint64_t seed;

static uint32_t pick(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static int next_option(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    const struct shape *shape = ((void **)user)[0];
    size_t action = (size_t)(uintptr_t)((void **)user)[1];
    (void)error;
    if (index >= shape->counts[action]) return 0;
    *option = shape->options[action][index];
    return 1;
}

static void *source_users[ACTIONS_MAX][2];

static void make_action(struct shape *shape, size_t i, bool serial)
{
    struct ct_action *action = &shape->actions[i];
    size_t count = 1 + pick(COUNT_MAX);
    while (count * shape->walks > WALKS_MAX) count--;
    (void)snprintf(shape->names[i], sizeof shape->names[i], "a%zu", i);
    for (size_t k = 0; k < count; k++) shape->options[i][k] = (struct ct_option)CT_INT((int64_t)(100 * i + k));
    shape->counts[i] = count;
    *action = (struct ct_action){ .name = shape->names[i], .run = pass, .serial = serial };
    if (pick(6) == 0) {
        action->once = true;
        shape->counts[i] = 1;
    } else if (pick(4) == 0) {
        source_users[i][0] = shape;
        source_users[i][1] = (void *)(uintptr_t)i;
        action->source = next_option;
        action->source_user = source_users[i];
    } else {
        action->options = shape->options[i];
        action->option_count = count;
    }
    shape->walks *= shape->counts[i];
}

/* Serial actions: none, first, last, all, two side by side, anywhere. */
static bool is_serial(uint32_t pattern, size_t i, size_t count)
{
    switch (pattern) {
    case 0: return false;
    case 1: return i == 0;
    case 2: return i == count - 1;
    case 3: return true;
    case 4: return i == count / 2 || i + 1 == count / 2;
    default: return pick(3) == 0;
    }
}

static struct ct_plan *make_shape(struct shape *shape, uint64_t number)
{
    struct ct_plan *plan = NULL;
    struct ct_error error = { 0 };
    size_t count;
    uint32_t pattern;
    seed = number;
    (void)pick(2);
    count = 1 + pick(ACTIONS_MAX);
    pattern = pick(8);
    memset(shape, 0, sizeof *shape);
    shape->walks = 1;
    for (size_t i = 0; i < count; i++) make_action(shape, i, is_serial(pattern, i, count));
    shape->suite = (struct ct_suite){ .name = "shape", .actions = shape->actions, .action_count = count };
    if (ct_plan_new(&shape->suite, &plan, &error) != CT_OK) fail_msg("%s", error.text);
    return plan;
}

/* The actions from the most to the least significant. */
static void order_of(const struct shape *shape, size_t *order)
{
    size_t filled = 0;
    for (int serial = 1; serial >= 0; serial--)
        for (size_t i = 0; i < shape->suite.action_count; i++)
            if (shape->actions[i].serial == (serial == 1)) order[filled++] = i;
}

static bool count_up(const struct shape *shape, const size_t *order, size_t *indices)
{
    for (size_t k = shape->suite.action_count; k-- > 0;) {
        if (++indices[order[k]] < shape->counts[order[k]]) return true;
        indices[order[k]] = 0;
    }
    return false;
}

static void check_walk(const struct shape *shape, const struct ct_plan *plan, uint64_t id, const size_t *indices)
{
    const struct ct_option *options[ACTIONS_MAX];
    uint64_t back = UINT64_MAX;
    assert_int_equal(ct_plan_options(plan, id, options), CT_OK);
    assert_int_equal(ct_plan_id(plan, indices, &back), CT_OK);
    assert_int_equal(back, id);
    for (size_t i = 0; i < shape->suite.action_count; i++) {
        assert_int_equal(ct__plan_digit(plan, id, i), indices[i]);
        if (shape->actions[i].once)
            assert_null(options[i]);
        else
            assert_int_equal(ct_option_int(options[i]), 100 * i + indices[i]);
    }
}

static void ids_are_the_product_in_order_and_back(void **state)
{
    static struct shape shape;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = make_shape(&shape, number);
        size_t order[ACTIONS_MAX], indices[ACTIONS_MAX] = { 0 };
        uint64_t id = 0;
        order_of(&shape, order);
        do check_walk(&shape, plan, id++, indices);
        while (count_up(&shape, order, indices));
        assert_int_equal(id, ct_plan_walk_count(plan));
        assert_int_equal(id, shape.walks);
        ct_plan_free(plan);
    }
}

struct expected {
    const struct shape *shape;
    struct ct_plan *plan;
    size_t serials[ACTIONS_MAX], serial_count;
    size_t chosen[ACTIONS_MAX];
    uint64_t skip_at; /* the serial step whose branch is skipped, counted from 0; UINT64_MAX: none */
    uint64_t serial_steps;
};

/* The ids whose walks take the serial options chosen so far: found by asking each id, and asserted to lie together. */
static void branch_of(const struct expected *expected, size_t depth, uint64_t *first, uint64_t *end)
{
    uint64_t count = 0;
    *first = *end = 0;
    for (uint64_t id = 0; id < expected->shape->walks; id++) {
        bool inside = true;
        for (size_t k = 0; k < depth && inside; k++)
            inside = ct__plan_digit(expected->plan, id, expected->serials[k]) == expected->chosen[k];
        if (!inside) continue;
        if (count++ == 0) *first = id;
        *end = id + 1;
    }
    assert_int_equal(count, *end - *first);
}

static void expect_step(const struct expected *expected, bool serial, size_t depth)
{
    struct ct_step step = { 0 };
    uint64_t first, end;
    branch_of(expected, depth, &first, &end);
    assert_true(ct_plan_next(expected->plan, &step));
    assert_int_equal(step.serial, serial);
    assert_int_equal(step.stage, depth);
    assert_int_equal(step.first_id, first);
    assert_int_equal(step.end_id, end);
    assert_int_equal(step.action, serial ? expected->serials[depth - 1] : 0);
    assert_int_equal(step.option, serial ? expected->chosen[depth - 1] : 0);
}

static void expect_below(struct expected *expected, size_t depth)
{
    size_t action = depth < expected->serial_count ? expected->serials[depth] : 0;
    if (depth > 0 || expected->serial_count == 0 || expected->serials[0] != 0) expect_step(expected, false, depth);
    if (depth == expected->serial_count) return;
    for (size_t option = 0; option < expected->shape->counts[action]; option++) {
        expected->chosen[depth] = option;
        expect_step(expected, true, depth + 1);
        if (expected->serial_steps++ == expected->skip_at)
            ct__plan_skip_branch(expected->plan);
        else
            expect_below(expected, depth + 1);
    }
}

static void expect_all(const struct shape *shape, struct ct_plan *plan, uint64_t skip_at)
{
    struct expected expected = { .shape = shape, .plan = plan, .skip_at = skip_at };
    struct ct_step step;
    for (size_t i = 0; i < shape->suite.action_count; i++)
        if (shape->actions[i].serial) expected.serials[expected.serial_count++] = i;
    assert_int_equal(ct__plan_stage_count(plan), expected.serial_count + 1);
    expect_below(&expected, 0);
    assert_false(ct_plan_next(plan, &step));
}

/* Brute force asks every id for every step: shapes of many steps are left out. */
static bool is_affordable(const struct shape *shape)
{
    uint64_t steps = 1;
    for (size_t i = 0; i < shape->suite.action_count; i++)
        if (shape->actions[i].serial) steps *= shape->counts[i];
    return steps * shape->walks < 200000;
}

static void steps_are_depth_first_and_begin_anew(void **state)
{
    static struct shape shape;
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = make_shape(&shape, number);
        struct ct_step step;
        if (is_affordable(&shape)) {
            tried++;
            expect_all(&shape, plan, UINT64_MAX);
            expect_all(&shape, plan, UINT64_MAX);
            (void)ct_plan_next(plan, &step);
            ct__plan_rewind(plan);
            expect_all(&shape, plan, UINT64_MAX);
        }
        ct_plan_free(plan);
    }
    assert_true(tried > SHAPES / 2);
}

static void a_skipped_branch_is_left_out_and_no_other(void **state)
{
    static struct shape shape;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES / 4; number++) {
        struct ct_plan *plan = make_shape(&shape, number);
        for (uint64_t skip_at = 0; skip_at < 5 && is_affordable(&shape); skip_at++) expect_all(&shape, plan, skip_at);
        ct_plan_free(plan);
    }
}

static void each_stage_covers_every_walk_exactly_once(void **state)
{
    static struct shape shape;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = make_shape(&shape, number);
        uint64_t reached[ACTIONS_MAX + 1] = { 0 };
        struct ct_step step;
        while (ct_plan_next(plan, &step)) {
            if (step.serial) continue;
            assert_int_equal(step.first_id, reached[step.stage]);
            reached[step.stage] = step.end_id;
        }
        for (size_t stage = 0; stage < ct__plan_stage_count(plan); stage++)
            assert_int_equal(reached[stage], stage == 0 && shape.actions[0].serial ? 0 : shape.walks);
        ct_plan_free(plan);
    }
}

static void stages_hold_the_actions_between_serial_ones(void **state)
{
    static struct shape shape;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = make_shape(&shape, number);
        size_t next = 0;
        for (size_t stage = 0; stage < ct__plan_stage_count(plan); stage++) {
            size_t first, end;
            if (stage > 0) {
                assert_int_equal(ct__plan_serial_action(plan, stage - 1), next);
                next++;
            }
            ct__plan_stage_actions(plan, stage, &first, &end);
            assert_int_equal(first, next);
            for (; next < end; next++) assert_false(shape.actions[next].serial);
        }
        assert_int_equal(next, shape.suite.action_count);
        ct_plan_free(plan);
    }
}

static void what_is_no_walk_is_not_found(void **state)
{
    static struct shape shape;
    struct ct_plan *plan = make_shape(&shape, 7);
    const struct ct_option *options[ACTIONS_MAX];
    size_t indices[ACTIONS_MAX] = { 0 };
    uint64_t id = 4711;
    (void)state;
    assert_int_equal(ct_plan_options(plan, shape.walks, options), CT_ENOTFOUND);
    indices[0] = shape.counts[0];
    assert_int_equal(ct_plan_id(plan, indices, &id), CT_ENOTFOUND);
    assert_int_equal(id, 4711);
    ct_plan_free(plan);
    ct_plan_free(NULL);
}

static enum ct_err plan_of(size_t actions, size_t options, uint64_t *walks, struct ct_error *error)
{
    static struct ct_option table[1000];
    static struct ct_action list[64];
    static char names[64][24];
    struct ct_suite suite = { .name = "big", .actions = list, .action_count = actions };
    struct ct_plan *plan = NULL;
    enum ct_err err;
    for (size_t i = 0; i < actions; i++) {
        (void)snprintf(names[i], sizeof names[i], "b%zu", i);
        list[i] = (struct ct_action){ .name = names[i], .run = pass, .options = table, .option_count = options };
    }
    err = ct_plan_new(&suite, &plan, error);
    if (err == CT_OK) *walks = ct_plan_walk_count(plan);
    ct_plan_free(plan);
    return err;
}

static void a_product_up_to_2_63_minus_1_is_accepted(void **state)
{
    uint64_t walks = 0;
    (void)state;
    assert_int_equal(plan_of(62, 2, &walks, NULL), CT_OK);
    assert_int_equal(walks, UINT64_C(1) << 62);
    assert_int_equal(plan_of(7, 511, &walks, NULL), CT_OK); /* 511^7 is just below */
    assert_int_equal(walks, UINT64_C(9098007718612700671));
}

static void a_product_over_2_63_minus_1_is_refused_with_its_number(void **state)
{
    struct ct_error error = { 0 };
    uint64_t walks = 0;
    (void)state;
    assert_int_equal(plan_of(63, 2, &walks, &error), CT_ETOOBIG);
    assert_string_equal(error.text, "suite 'big' has 9223372036854775808 walks, over the limit of 9223372036854775807; "
                                    "--strength makes a covering suite of few walks");
    assert_int_equal(plan_of(9, 1000, &walks, &error), CT_ETOOBIG);
    assert_non_null(strstr(error.text, " 1000000000000000000000000000 walks"));
    assert_int_equal(plan_of(10, 999, &walks, &error), CT_ETOOBIG); /* 30 digits */
    assert_non_null(strstr(error.text, " 990044880209748209880044990001 walks"));
    assert_int_equal(plan_of(10, 1000, &walks, &error), CT_ETOOBIG);
    assert_non_null(strstr(error.text, " 1.0e+30 walks"));
    assert_int_equal(plan_of(64, 996, &walks, &error), CT_ETOOBIG);
    assert_non_null(strstr(error.text, " 7.7e+191 walks"));
    assert_int_equal(walks, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_the_product_in_order_and_back),
        cmocka_unit_test(steps_are_depth_first_and_begin_anew),
        cmocka_unit_test(a_skipped_branch_is_left_out_and_no_other),
        cmocka_unit_test(each_stage_covers_every_walk_exactly_once),
        cmocka_unit_test(stages_hold_the_actions_between_serial_ones),
        cmocka_unit_test(what_is_no_walk_is_not_found),
        cmocka_unit_test(a_product_up_to_2_63_minus_1_is_accepted),
        cmocka_unit_test(a_product_over_2_63_minus_1_is_refused_with_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
