/* Checks: what they record on a walk and how they word it. */
#include "walks.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_action actions[] = { CT_ACTION("only", pass, three) };
static const struct ct_suite suite = { .name = "checks", .actions = actions, .action_count = CT_COUNT(actions) };

static int set_up(void **state)
{
    (void)state;
    return walks_set_up(&suite);
}

static void failed_checks_keep_the_first_and_count_the_others(void **state)
{
    const struct ct_option *option = &three[2];
    (void)state;
    open_walk(0);
    CT_CHECK(walk, true);
    CT_CHECK_INT_EQ(walk, 2, ct_option_int(option));
    assert_int_equal(ct__walk_status(walk), CT_PASS);
#line 12 "file.c"
    CT_CHECK_INT_EQ(walk, ct_option_int(option), 3);
    assert_string_equal(ct__walk_message(walk), "file.c:12: ct_option_int(option) is 2, want 3");
    CT_CHECK(walk, false);
    assert_string_equal(ct__walk_message(walk),
                        "file.c:12: ct_option_int(option) is 2, want 3 (and 1 more failed check)");
    CT_CHECK(walk, 1 > 2);
    ct_fail(walk, "not counted");
    CT_CHECK_STR_EQ(walk, "a", "b");
    assert_string_equal(ct__walk_message(walk),
                        "file.c:12: ct_option_int(option) is 2, want 3 (and 3 more failed checks)");
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    ct__walk_close(walk);
}

static void expect_message(const char *text)
{
    assert_string_equal(ct__walk_message(walk), text);
    ct__walk_close(walk);
    open_walk(0);
}

static void checks_print_what_they_got_and_what_they_want(void **state)
{
    const char *name = "abc", *none = NULL;
    unsigned char got[] = { 1, 2, 3, 4 }, want[] = { 1, 2, 0xfe, 4 };
    (void)state;
    open_walk(0);
    CT_CHECK_STR_EQ(walk, name, "abc");
    CT_CHECK_STR_EQ(walk, none, NULL);
    CT_CHECK_MEM_EQ(walk, got, want, 2);
    CT_CHECK_MEM_EQ(walk, NULL, want, 0);
    assert_int_equal(ct__walk_status(walk), CT_PASS);
#line 1 "f.c"
    CT_CHECK(walk, name == none);
    expect_message("f.c:1: check failed: name == none");
    CT_CHECK_STR_EQ(walk, name, "abd");
    expect_message("f.c:3: name is \"abc\", want \"abd\"");
    CT_CHECK_STR_EQ(walk, none, "abd");
    expect_message("f.c:5: none is NULL, want \"abd\"");
    CT_CHECK_STR_EQ(walk, name, NULL);
    expect_message("f.c:7: name is \"abc\", want NULL");
    CT_CHECK_MEM_EQ(walk, got, want, 4);
    expect_message("f.c:9: got differs at offset 2 of 4: is 0x03, want 0xfe");
    CT_CHECK_MEM_EQ(walk, NULL, want, 4);
    expect_message("f.c:11: NULL is NULL, want memory of size 4");
    ct__walk_close(walk);
}

static void long_strings_are_shown_where_they_differ(void **state)
{
    char got[1000], want[1000];
    (void)state;
    memset(got, 'a', sizeof got);
    got[999] = '\0';
    memcpy(want, got, sizeof got);
    strcpy(got + 990, "end");
    strcpy(want + 990, "END");
    open_walk(0);
#line 1 "f.c"
    CT_CHECK_STR_EQ(walk, got, want);
    assert_string_equal(ct__walk_message(walk), "f.c:1: got differs at offset 990: is \"end\", want \"END\"");
    ct__walk_close(walk);
}

static void a_message_is_cut_at_4_kib_and_still_counts_checks(void **state)
{
    char text[3 * CT__MESSAGE_MAX];
    const char *message;
    size_t size;
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    open_walk(0);
    ct_fail_at(walk, "f.c", 1, "%s", text);
    CT_CHECK(walk, false);
    message = ct__walk_message(walk);
    size = strlen(message);
    assert_in_range(size, CT__MESSAGE_MAX - 100, CT__MESSAGE_MAX - 1);
    assert_memory_equal(message, "f.c:1: xxx", 10);
    assert_string_equal(message + size - strlen("x (and 1 more failed check)"), "x (and 1 more failed check)");
    ct__walk_close(walk);
    open_walk(0);
    ct_fail_at(walk, text, 1, "why");
    assert_in_range(strlen(ct__walk_message(walk)), 1, CT__MESSAGE_MAX - 1);
    ct__walk_close(walk);
}

static enum ct_status requires(struct ct_walk *on, bool held, bool *reached) {
    CT_REQUIRE(on, held); *reached = true; return CT_PASS;
}

static void require_returns_from_run_where_it_does_not_hold(void **state)
{
    bool reached = false;
    (void)state;
    open_walk(0);
    assert_int_equal(requires(walk, false, &reached), CT_FAIL);
    assert_false(reached);
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    assert_int_equal(requires(walk, true, &reached), CT_PASS);
    assert_true(reached);
    ct__walk_close(walk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failed_checks_keep_the_first_and_count_the_others),
        cmocka_unit_test(checks_print_what_they_got_and_what_they_want),
        cmocka_unit_test(long_strings_are_shown_where_they_differ),
        cmocka_unit_test(a_message_is_cut_at_4_kib_and_still_counts_checks),
        cmocka_unit_test(require_returns_from_run_where_it_does_not_hold),
    };
    return cmocka_run_group_tests(tests, set_up, walks_tear_down);
}
