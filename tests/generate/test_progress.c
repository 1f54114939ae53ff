/* While the rows of a covering suite are made, it is told how many there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <combtest/plan.h>

enum { ACTIONS = 12 };

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static uint64_t calls, last;

static void told(void *user, uint64_t row_count)
{
    assert_ptr_equal(user, &calls);
    assert_true(calls == 0 || row_count > 0);
    calls++;
    last = row_count;
}

static void the_number_of_rows_is_told_while_they_are_made(void **state)
{
    static const char *const names[ACTIONS] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
    static const struct ct_option numbers[] = { CT_INT(1), CT_INT(2), CT_INT(3) };
    struct ct_action actions[ACTIONS];
    const struct ct_suite suite = { .name = "many", .actions = actions, .action_count = ACTIONS };
    const struct ct_plan_options options = { .strength = 2, .progress = told, .progress_user = &calls };
    struct ct_plan *plan = NULL;
    (void)state;
    for (size_t i = 0; i < ACTIONS; i++) actions[i] = (struct ct_action)CT_ACTION(names[i], pass, numbers);
    assert_int_equal(ct_plan_new_with(&suite, &options, &plan, NULL), CT_OK);
    assert_true(calls > 100); /* of the parameters of the first answers, and of the search */
    assert_true(last >= ct_plan_walk_count(plan));
    ct_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_number_of_rows_is_told_while_they_are_made) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
