/* What is called for one walk in one stage, in which order, and what its status is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <actions/actions.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static struct ct_suite suite;
static char calls[256]; /* what was called, one letter each, options as digits */
static char failing;    /* the letter that says... */
static enum ct_status verdict;

static _Atomic uint32_t action_shown, part_shown;
static char places[1024]; /* where each call is, as it is shown to whoever watches */

static void note_place(void)
{
    size_t size = strlen(places);
    ct__place_text(&suite, action_shown, part_shown, places + size, sizeof places - size - 1);
    strcat(places, ";");
}

static enum ct_status called(struct ct_walk *walk, char letter)
{
    note_place();
    size_t size = strlen(calls);
    calls[size] = letter;
    calls[size + 1] = '\0';
    if (letter != failing) return CT_PASS;
    if (verdict == CT_FAIL) return ct_fail_at(walk, "r.c", 1, "%c failed", letter);
    return verdict;
}

static enum ct_status run_a(struct ct_walk *walk, const struct ct_option *option)
{
    assert_int_equal(ct__walk_action(walk), 0);
    assert_int_equal(ct_option_int(option), 1);
    return called(walk, 'a');
}

static enum ct_status run_b(struct ct_walk *walk, const struct ct_option *option)
{
    assert_int_equal(ct__walk_action(walk), 1);
    assert_null(option);
    return called(walk, 'b');
}

static enum ct_status run_s(struct ct_walk *walk, const struct ct_option *option)
{
    assert_int_equal(ct__walk_action(walk), 2);
    assert_ptr_equal(option, ct_walk_option(walk, "s"));
    return called(walk, 's');
}

static enum ct_status run_c(struct ct_walk *walk, const struct ct_option *option)
{
    assert_int_equal(ct__walk_action(walk), 3);
    assert_int_equal(ct_option_int(option), 1);
    return called(walk, 'c');
}

static bool cancel_first(struct ct_walk *walk, size_t index)
{
    assert_int_equal(index, 0);
    assert_int_equal(ct__walk_action(walk), 0);
    (void)called(walk, 'A');
    return failing == 'A' && verdict == CT_EXCLUDED;
}

static bool cancel_serial(struct ct_walk *walk, size_t index)
{
    assert_int_equal(index, 2);
    (void)called(walk, 'S');
    return failing == 'S';
}

static enum ct_status hook_start(struct ct_walk *walk)
{
    assert_int_equal(ct__walk_action(walk), CT__NO_ACTION);
    return called(walk, '<');
}

static void hook_stop(struct ct_walk *walk)
{
    assert_int_equal(ct__walk_action(walk), CT__NO_ACTION);
    (void)called(walk, '>');
}

static const struct ct_option two[] = { CT_INT(1), CT_INT(2) };
static const struct ct_action actions[] = {
    CT_ACTION_WITH("a", run_a, two, .should_cancel = cancel_first),
    CT_ACTION_ONCE("b", run_b),
    CT_ACTION_WITH("s", run_s, two, .serial = true, .should_cancel = cancel_serial),
    CT_ACTION("c", run_c, two),
};
static struct ct_suite suite = { .name = "run", .actions = actions, .action_count = CT_COUNT(actions) };
static struct ct_plan *plan;
static struct ct_walk *walk;

static int set_up(void **state)
{
    (void)state;
    suite.walk_start = hook_start;
    suite.walk_stop = hook_stop;
    failing = '\0';
    verdict = CT_PASS;
    calls[0] = places[0] = '\0';
    suite.state_type = NULL;
    suite.service_start = NULL;
    if (ct_plan_new(&suite, &plan, NULL) != CT_OK) return -1;
    walk = ct__walk_new(plan, NULL, NULL, NULL);
    if (walk == NULL) return -1;
    ct__walk_show_action(walk, &action_shown);
    ct__walk_show_part(walk, &part_shown);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ct__walk_free(walk);
    ct_plan_free(plan);
    return 0;
}

/* Runs a stage in which one call says what, and checks what was called and said. */
static void expect_run(char letter, enum ct_status what, size_t stage, bool first, const char *wanted,
                       enum ct_status status, const char *message)
{
    failing = letter;
    verdict = what;
    calls[0] = '\0';
    ct__walk_open(walk, CT__WALK, 0, stage, NULL);
    assert_int_equal(ct__run_stage(walk, first), status);
    assert_int_equal(ct__walk_status(walk), status);
    assert_string_equal(calls, wanted);
    assert_string_equal(ct__walk_message(walk), message);
    ct__walk_close(walk);
}

static void a_stage_runs_its_own_actions_between_the_hooks(void **state)
{
    (void)state;
    expect_run('\0', CT_PASS, 0, true, "AS<ab>", CT_PASS, "");
    expect_run('\0', CT_PASS, 0, false, "<ab>", CT_PASS, "");
    expect_run('\0', CT_PASS, 1, false, "<c>", CT_PASS, "");
}

static void hooks_may_be_missing(void **state)
{
    (void)state;
    suite.walk_start = NULL;
    suite.walk_stop = NULL;
    expect_run('\0', CT_PASS, 0, true, "ASab", CT_PASS, "");
}

static void an_action_that_ends_the_walk_is_its_last(void **state)
{
    (void)state;
    expect_run('a', CT_FAIL, 0, true, "AS<a>", CT_FAIL, "r.c:1: a failed");
    expect_run('a', CT_CANCEL, 0, true, "AS<a>", CT_CANCEL, "");
    expect_run('b', CT_FAIL, 0, false, "<ab>", CT_FAIL, "r.c:1: b failed");
    expect_run('a', (enum ct_status)7, 0, false, "<a>", CT_FAIL, "returned 7, which is no status a run may return");
    expect_run('a', CT_EXCLUDED, 0, false, "<a>", CT_FAIL, "returned 3, which is no status a run may return");
}

static void should_cancel_excludes_before_anything_runs(void **state)
{
    (void)state;
    expect_run('A', CT_EXCLUDED, 0, true, "A", CT_EXCLUDED, "excluded by should_cancel of action 'a'");
    expect_run('S', CT_EXCLUDED, 0, true, "AS", CT_EXCLUDED, "excluded by should_cancel of action 's'");
    expect_run('S', CT_EXCLUDED, 0, false, "<ab>", CT_PASS, "");
}

static void a_should_cancel_that_fails_the_walk_ends_it(void **state)
{
    (void)state;
    expect_run('A', CT_FAIL, 0, true, "A", CT_FAIL, "r.c:1: A failed");
    expect_run('S', CT_FAIL, 0, true, "AS", CT_FAIL, "r.c:1: S failed");
}

static void a_walk_start_that_does_not_pass_skips_the_actions_only(void **state)
{
    (void)state;
    expect_run('<', CT_FAIL, 0, true, "AS<>", CT_FAIL, "r.c:1: < failed");
    expect_run('<', CT_CANCEL, 1, false, "<>", CT_CANCEL, "");
}

static void what_walk_stop_says_counts(void **state)
{
    (void)state;
    expect_run('>', CT_FAIL, 0, true, "AS<ab>", CT_FAIL, "r.c:1: > failed");
}

static void what_was_said_sticks_whatever_run_returns(void **state)
{
    (void)state;
    ct__walk_open(walk, CT__WALK, 0, 0, NULL);
    ct_fail_at(walk, "r.c", 9, "early");
    assert_int_equal(ct__run_stage(walk, false), CT_FAIL);
    assert_string_equal(calls, "<>");
    ct__walk_close(walk);
}

static void a_serial_action_runs_alone_with_its_option(void **state)
{
    (void)state;
    for (size_t option = 0; option < 2; option++) {
        ct__walk_open(walk, CT__SERIAL, 4 * option, 1, NULL);
        assert_int_equal(ct__run_serial(walk, 2, option), CT_PASS);
        assert_int_equal(ct_option_int(ct_walk_option(walk, "s")), option + 1);
        ct__walk_close(walk);
    }
    assert_string_equal(calls, "ss");
    failing = 's';
    verdict = CT_CANCEL;
    ct__walk_open(walk, CT__SERIAL, 0, 1, NULL);
    assert_int_equal(ct__run_serial(walk, 2, 0), CT_CANCEL);
    ct__walk_close(walk);
}

static void a_hook_has_a_verdict_and_a_missing_one_passes(void **state)
{
    (void)state;
    ct__walk_open(walk, CT__HOOK, 0, 0, NULL);
    assert_int_equal(ct__run_hook(walk, NULL), CT_PASS);
    ct__run_stop_hook(walk, NULL);
    failing = '<';
    verdict = CT_FAIL;
    assert_int_equal(ct__run_hook(walk, hook_start), CT_FAIL);
    ct__run_stop_hook(walk, hook_stop);
    assert_string_equal(calls, "<>");
    assert_string_equal(ct__walk_message(walk), "r.c:1: < failed");
    ct__walk_close(walk);
}

static void where_user_code_runs_is_shown(void **state)
{
    (void)state;
    ct__walk_open(walk, CT__WALK, 0, 0, NULL);
    (void)ct__run_stage(walk, true);
    ct__walk_close(walk);
    assert_string_equal(places, "in should_cancel of action a;in should_cancel of action s;in walk_start;in action a;"
                                "in action b;in walk_stop;");
    places[0] = '\0';
    ct__walk_open(walk, CT__SERIAL, 0, 1, NULL);
    (void)ct__run_serial(walk, 2, 0);
    ct__walk_close(walk);
    assert_string_equal(places, "in action s;");
}

static enum ct_status other_start(struct ct_walk *hook)
{
    return called(hook, '-');
}

static void a_hook_that_stands_in_two_places_is_shown_as_a_hook(void **state)
{
    (void)state;
    suite.service_start = other_start;
    ct__walk_open(walk, CT__HOOK, 0, 0, NULL);
    (void)ct__run_hook(walk, other_start);
    suite.thread_start = other_start;
    (void)ct__run_hook(walk, other_start);
    suite.thread_start = NULL;
    ct__run_stop_hook(walk, hook_stop);
    ct__walk_close(walk);
    assert_string_equal(places, "in service_start;in a hook;in walk_stop;");
}

static char made; /* where the state type's function was called, as it is shown: 's' in the state_type */

static void *create_nothing(const json_t *initial)
{
    (void)initial;
    made = part_shown == CT__PART_STATE ? 's' : '?';
    return NULL;
}

static void a_state_that_cannot_be_made_fails_the_walk_before_user_code_runs(void **state)
{
    static const struct ct_state_type nothing = { .create = create_nothing };
    (void)state;
    suite.state_type = &nothing;
    expect_run('\0', CT_PASS, 0, true, "", CT_FAIL, "the suite's state_type made no state: its create or copy failed");
    assert_int_equal(made, 's');
    expect_run('\0', CT_PASS, 1, false, "", CT_FAIL, "the suite's state_type made no state: its create or copy failed");
    ct__walk_open(walk, CT__SERIAL, 0, 1, NULL);
    assert_int_equal(ct__run_serial(walk, 2, 0), CT_FAIL);
    assert_string_equal(calls, "");
    ct__walk_close(walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        RUN_TEST(a_stage_runs_its_own_actions_between_the_hooks),
        RUN_TEST(hooks_may_be_missing),
        RUN_TEST(an_action_that_ends_the_walk_is_its_last),
        RUN_TEST(should_cancel_excludes_before_anything_runs),
        RUN_TEST(a_should_cancel_that_fails_the_walk_ends_it),
        RUN_TEST(a_walk_start_that_does_not_pass_skips_the_actions_only),
        RUN_TEST(what_walk_stop_says_counts),
        RUN_TEST(what_was_said_sticks_whatever_run_returns),
        RUN_TEST(a_serial_action_runs_alone_with_its_option),
        RUN_TEST(a_hook_has_a_verdict_and_a_missing_one_passes),
        RUN_TEST(where_user_code_runs_is_shown),
        RUN_TEST(a_hook_that_stands_in_two_places_is_shown_as_a_hook),
        RUN_TEST(a_state_that_cannot_be_made_fails_the_walk_before_user_code_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
