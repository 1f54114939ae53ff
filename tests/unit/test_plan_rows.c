/* Plans of rows, over random subsets of random products, against looking through the rows one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <actions/actions.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum { ACTIONS_MAX = 6, OPTIONS_MAX = 4, ROWS_MAX = 4096, SHAPES = 200 };

static struct ct_action actions[ACTIONS_MAX];
static struct ct_option options[OPTIONS_MAX];
static struct ct_suite suite = { .name = "rows", .actions = actions };
static uint16_t rows[ROWS_MAX][ACTIONS_MAX]; /* in the order of actions */
static size_t order[ACTIONS_MAX], row_count, serial_count;
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

static void draw_actions(void)
{
    static const char *const names[] = { "a", "b", "c", "d", "e", "f" };
    suite.action_count = 1 + pick(ACTIONS_MAX);
    for (size_t i = 0; i < OPTIONS_MAX; i++) options[i] = (struct ct_option)CT_INT((int64_t)i);
    for (size_t i = 0; i < suite.action_count; i++)
        actions[i] = (struct ct_action){ .name = names[i],
                                         .run = pass,
                                         .options = options,
                                         .option_count = 1 + pick(OPTIONS_MAX),
                                         .serial = pick(3) == 0 };
    serial_count = 0;
    for (int serial = 1, at = 0; serial >= 0; serial--)
        for (size_t i = 0; i < suite.action_count; i++) {
            if (actions[i].serial != (serial == 1)) continue;
            order[at++] = i;
            serial_count += actions[i].serial;
        }
}

/* Every walk of the product in the order of ids; some of them, perhaps none, become rows. */
static void draw_rows(void)
{
    size_t indices[ACTIONS_MAX] = { 0 }, k;
    uint32_t share = 1 + pick(8);
    row_count = 0;
    do {
        for (size_t i = 0; i < suite.action_count; i++) rows[row_count][i] = (uint16_t)indices[i];
        row_count += pick(share) == 0;
        for (k = suite.action_count; k > 0; k--) {
            size_t i = order[k - 1];
            if (++indices[i] < actions[i].option_count) break;
            indices[i] = 0;
        }
    } while (k > 0);
}

static struct ct_plan *draw(uint64_t number)
{
    struct ct__table *table = NULL;
    struct ct_plan *plan = NULL;
    uint16_t *taken;
    seed = number;
    draw_actions();
    draw_rows();
    taken = calloc(row_count * suite.action_count + 1, sizeof *taken);
    assert_non_null(taken);
    for (size_t r = 0; r < row_count; r++)
        for (size_t k = 0; k < suite.action_count; k++) taken[r * suite.action_count + k] = rows[r][order[k]];
    assert_int_equal(ct__table_new(&suite, NULL, &table, NULL), CT_OK);
    assert_int_equal(ct__plan_new_rows(table, ct__table_free, taken, row_count, &plan, NULL), CT_OK);
    return plan;
}

static void check_walk(const struct ct_plan *plan, struct ct_walk *walk, uint64_t id)
{
    const struct ct_option *taken[ACTIONS_MAX];
    size_t indices[ACTIONS_MAX];
    uint64_t back = UINT64_MAX;
    assert_int_equal(ct_plan_options(plan, id, taken), CT_OK);
    ct__walk_open(walk, CT__WALK, id, 0, NULL);
    for (size_t i = 0; i < suite.action_count; i++) {
        indices[i] = rows[id][i];
        assert_int_equal(ct__plan_digit(plan, id, i), indices[i]);
        assert_int_equal(ct_option_int(taken[i]), indices[i]);
        assert_int_equal(ct_option_int(ct__walk_option_at(walk, i)), indices[i]);
    }
    ct__walk_close(walk);
    assert_int_equal(ct_plan_id(plan, indices, &back), CT_OK);
    assert_int_equal(back, id);
}

static void ids_are_rows_and_back(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = draw(number);
        struct ct_walk *walk = ct__walk_new(plan, NULL, NULL, NULL);
        assert_non_null(walk);
        assert_int_equal(ct_plan_walk_count(plan), row_count);
        for (uint64_t id = 0; id < row_count; id++) check_walk(plan, walk, id);
        for (uint64_t id = row_count; id-- > 0;) check_walk(plan, walk, id);
        assert_int_equal(ct_plan_options(plan, row_count, NULL), CT_ENOTFOUND);
        ct__walk_free(walk);
        ct_plan_free(plan);
    }
}

static void a_walk_that_is_no_row_is_not_found(void **state)
{
    unsigned tried = 0;
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = draw(number);
        for (size_t r = 0; r < row_count; r++) {
            size_t indices[ACTIONS_MAX];
            uint64_t id = 4711;
            size_t other = 0;
            for (size_t i = 0; i < suite.action_count; i++) indices[i] = rows[r][i];
            indices[0] = (indices[0] + 1) % OPTIONS_MAX;
            for (size_t s = 0; s < row_count; s++) {
                bool same = true;
                for (size_t i = 0; i < suite.action_count; i++) same = same && rows[s][i] == indices[i];
                other += same;
            }
            if (other > 0) continue;
            tried++;
            assert_int_equal(ct_plan_id(plan, indices, &id), CT_ENOTFOUND);
            assert_int_equal(id, 4711);
        }
        ct_plan_free(plan);
    }
    assert_true(tried > SHAPES);
}

/* The rows that have the chosen options for the first depth serial actions. */
static size_t branch_of(const size_t *chosen, size_t depth, uint64_t *first)
{
    size_t count = 0;
    for (size_t r = 0; r < row_count; r++) {
        bool inside = true;
        for (size_t k = 0; k < depth; k++) inside = inside && rows[r][order[k]] == chosen[k];
        if (inside && count++ == 0) *first = r;
    }
    return count;
}

static void expect_below(struct ct_plan *plan, size_t *chosen, size_t depth)
{
    struct ct_step step;
    uint64_t first = 0;
    size_t count = branch_of(chosen, depth, &first);
    if (depth > 0 || !actions[0].serial) {
        assert_true(ct_plan_next(plan, &step));
        assert_false(step.serial);
        assert_int_equal(step.stage, depth);
        assert_int_equal(step.first_id, first);
        assert_int_equal(step.end_id, first + count);
    }
    for (size_t option = 0; depth < serial_count && option < actions[order[depth]].option_count; option++) {
        chosen[depth] = option;
        count = branch_of(chosen, depth + 1, &first);
        if (count == 0) continue;
        assert_true(ct_plan_next(plan, &step));
        assert_true(step.serial);
        assert_int_equal(step.action, order[depth]);
        assert_int_equal(step.option, option);
        assert_int_equal(step.first_id, first);
        assert_int_equal(step.end_id, first + count);
        expect_below(plan, chosen, depth + 1);
    }
}

static void steps_go_into_the_branches_that_have_rows_and_no_others(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= SHAPES; number++) {
        struct ct_plan *plan = draw(number);
        size_t chosen[ACTIONS_MAX];
        struct ct_step step;
        for (int pass_number = 0; pass_number < 2; pass_number++) {
            if (row_count > 0) expect_below(plan, chosen, 0);
            assert_false(ct_plan_next(plan, &step));
        }
        ct_plan_free(plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_rows_and_back),
        cmocka_unit_test(a_walk_that_is_no_row_is_not_found),
        cmocka_unit_test(steps_go_into_the_branches_that_have_rows_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
