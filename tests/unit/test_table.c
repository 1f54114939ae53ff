/* Reading suites: what is wrong is said once, clearly, and what is right is copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <actions/actions.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct ct_option numbers[] = { CT_INT(1), CT_INT(2), CT_INT(2) };

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static enum ct_err read_suite(const struct ct_suite *suite, struct ct_error *error)
{
    struct ct__table *table = NULL;
    enum ct_err err = ct__table_new(suite, NULL, &table, error);
    assert_int_equal(err == CT_OK, table != NULL);
    ct__table_free(table);
    return err;
}

static void expect_refusal(const struct ct_suite *suite, enum ct_err err, const char *text)
{
    struct ct_error error = { 0 };
    assert_int_equal(read_suite(suite, &error), err);
    assert_int_equal(error.code, err);
    assert_string_equal(error.text, text);
    assert_int_equal(read_suite(suite, NULL), err);
}

static void expect_action_refused(const struct ct_action *action, enum ct_err err, const char *text)
{
    struct ct_suite suite = { .name = "s", .actions = action, .action_count = 1 };
    expect_refusal(&suite, err, text);
}

static void a_suite_that_is_wrong_is_refused(void **state)
{
    static const struct ct_action good[] = { CT_ACTION("a", pass, numbers) };
    static const struct ct_state_type empty_type = { 0 };
    static const struct ct_strength too_strong[] = { CT_STRENGTH(13, "a") }, of_none[] = { CT_STRENGTH(2, "a", "b") },
                                    of_one_twice[] = { CT_STRENGTH(2, "a", "a") }, empty[] = { { .strength = 2 } };
    (void)state;
    expect_refusal(NULL, CT_EINVAL, "the suite is NULL");
#define REFUSED(why, ...) expect_refusal(&(struct ct_suite){ __VA_ARGS__ }, CT_EINVAL, why)
    REFUSED("the suite has no name", .actions = good, .action_count = 1);
    REFUSED("the suite has no name", .name = "", .actions = good, .action_count = 1);
    REFUSED("suite 'a b': a suite's name is made of letters, digits, '.', '_' and '-'", .name = "a b", .actions = good,
            .action_count = 1);
    char name[CT__NAME_MAX + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct ct_suite suite = { .name = name, .actions = good, .action_count = 1 };
    assert_int_equal(read_suite(&suite, NULL), CT_EINVAL);
    name[CT__NAME_MAX] = '\0';
    assert_int_equal(read_suite(&suite, NULL), CT_OK);
    REFUSED("suite 's' has no actions", .name = "s");
    REFUSED("suite 's' has no actions", .name = "s", .actions = good);
    REFUSED("suite 's' has a negative timeout_ms", .name = "s", .actions = good, .action_count = 1, .timeout_ms = -1);
    REFUSED("suite 's': CT_STRENGTH(13, ...): a strength is 1 to 12", .name = "s", .actions = good, .action_count = 1,
            .strengths = too_strong, .strength_count = 1);
    REFUSED("suite 's': CT_STRENGTH(2, ...): there is no action 'b'", .name = "s", .actions = good, .action_count = 1,
            .strengths = of_none, .strength_count = 1);
    REFUSED("suite 's': CT_STRENGTH(2, ...): action 'a' is there twice", .name = "s", .actions = good,
            .action_count = 1, .strengths = of_one_twice, .strength_count = 1);
    REFUSED("suite 's': CT_STRENGTH(2): names no action", .name = "s", .actions = good, .action_count = 1,
            .strengths = empty, .strength_count = 1);
    REFUSED("suite 's': its state_type has no create", .name = "s", .actions = good, .action_count = 1,
            .state_type = &empty_type);
    REFUSED("suite 's': its state is not JSON: line 2, column 2: string or '}' expected near 'a'", .name = "s",
            .actions = good, .action_count = 1, .state = "{\n a}");
#undef REFUSED
}

static int three(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)error;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return index < 3;
}

static void an_action_that_is_wrong_is_refused(void **state)
{
    (void)state;
#define REFUSED(why, ...) expect_action_refused(&(struct ct_action){ __VA_ARGS__ }, CT_EINVAL, why)
    REFUSED("suite 's': action 0 (counted from 0) has no name", .run = pass, .once = true);
    REFUSED("suite 's': action 0 (counted from 0) has no name", .name = "", .run = pass, .once = true);
    REFUSED("suite 's': the name of action 0 (counted from 0) is not UTF-8", .name = "\xff", .run = pass, .once = true);
    REFUSED("suite 's': action 'a' has no run function", .name = "a", .once = true);
    REFUSED("suite 's': action 'a' has no options: give it options, a source, or once", .name = "a", .run = pass);
    REFUSED("suite 's': action 'a' has an option_count, but its options are NULL", .name = "a", .run = pass,
            .option_count = 2);
    REFUSED("suite 's': action 'a' has no options: its option_count is 0", .name = "a", .run = pass,
            .options = numbers);
    REFUSED("suite 's': action 'a' has more than one of options, source and once", .name = "a", .run = pass,
            .options = numbers, .option_count = 3, .once = true);
    REFUSED("suite 's': action 'a' has more than one of options, source and once", .name = "a", .run = pass,
            .options = numbers, .option_count = 3, .source = three);
    REFUSED("suite 's': action 'a' has a negative timeout_ms", .name = "a", .run = pass, .once = true,
            .timeout_ms = -5);
#undef REFUSED
}

static void two_actions_of_one_name_are_refused(void **state)
{
    static const struct ct_action twice[] = { CT_ACTION("x", pass, numbers), CT_ACTION_ONCE("b", pass),
                                              CT_SERIAL_ACTION("x", pass, numbers) };
    struct ct_suite suite = { .name = "s", .actions = twice, .action_count = 3 };
    (void)state;
    expect_refusal(&suite, CT_EINVAL, "suite 's': two actions are named 'x'; names must differ");
}

static void an_option_that_is_wrong_is_named_by_action_and_index(void **state)
{
    static const struct ct_option wrong[] = { CT_INT(1), CT_STRING("ok"), CT_JSON("{]") };
    (void)state;
    expect_action_refused(&(struct ct_action)CT_ACTION("a", pass, wrong), CT_EINVAL,
                          "suite 's': action 'a': option 2: not JSON: line 1, column 2: string or '}' expected near "
                          "']'");
}

static int fails_at_two(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    if (index < 2) return three(user, index, option, error);
    (void)ct__error(error, CT_EIO, "the disk is gone");
    return -1;
}

static int fails_silently(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)index;
    (void)option;
    (void)error;
    return -1;
}

static int says_seven(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    return index < 3 ? three(user, index, option, error) : 7;
}

static int gives_nothing(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)index;
    (void)option;
    (void)error;
    return 0;
}

static int gives_until(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)error;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return index < *(const size_t *)user;
}

static int gives_infinity(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)error;
    *option = (struct ct_option)CT_REAL(index < 4 ? 1.0 : __builtin_inf());
    return index < 5;
}

static void a_source_that_fails_is_told_with_its_words_action_and_index(void **state)
{
    static const struct {
        ct_source_fn *source;
        const char *why;
    } cases[] = {
        { fails_at_two, "suite 's': action 'a': its source failed at index 2: the disk is gone" },
        { fails_silently, "suite 's': action 'a': its source failed at index 0: it gave no reason" },
        { says_seven, "suite 's': action 'a': its source returned 7 at index 3; it may return 1, 0 or -1" },
        { gives_nothing, "suite 's': action 'a' has no options; CT_ACTION_ONCE makes one without" },
        { gives_infinity, "suite 's': action 'a': option 4: a real must be finite, not inf" },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(cases); i++)
        expect_action_refused(&(struct ct_action){ .name = "a", .run = pass, .source = cases[i].source }, CT_EINVAL,
                              cases[i].why);
}

static void a_source_has_at_most_a_million_options(void **state)
{
    size_t count = CT__OPTIONS_MAX;
    struct ct_action action = { .name = "a", .run = pass, .source = gives_until, .source_user = &count };
    struct ct_suite suite = { .name = "s", .actions = &action, .action_count = 1 };
    (void)state;
    assert_int_equal(read_suite(&suite, NULL), CT_OK);
    count++;
    expect_refusal(&suite, CT_ETOOBIG, "suite 's': action 'a': its source has more than 1000000 options");
}

static int reuses_its_buffer(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    char *buffer = user;
    (void)error;
    buffer[0] = (char)('a' + index);
    *option = (struct ct_option)CT_STRING(buffer, .label = buffer);
    return index < 20;
}

static void what_a_source_points_to_is_copied(void **state)
{
    char buffer[] = "?";
    struct ct_action action = { .name = "a", .run = pass, .source = reuses_its_buffer, .source_user = buffer };
    struct ct_suite suite = { .name = "s", .actions = &action, .action_count = 1 };
    struct ct__table *table = NULL;
    (void)state;
    assert_int_equal(ct__table_new(&suite, NULL, &table, NULL), CT_OK);
    assert_int_equal(table->columns[0].count, 20);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(ct_option_string(&table->columns[0].options[i])[0], 'a' + i);
        assert_int_equal(ct_option_label(&table->columns[0].options[i])[0], 'a' + i);
    }
    ct__table_free(table);
    ct__table_free(NULL);
}

static void a_table_holds_the_suites_options_and_state(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("a", pass, numbers),
                                                { .name = "b", .run = pass, .serial = true, .once = true } };
    struct ct_suite suite = { .name = "s.T_1-x", .actions = actions, .action_count = 2, .state = "[1, 2]" };
    struct ct__table *table = NULL;
    json_t *other = json_string("other");
    (void)state;
    assert_int_equal(ct__table_new(&suite, NULL, &table, NULL), CT_OK);
    assert_ptr_equal(table->suite, &suite);
    assert_int_equal(table->count, 2);
    assert_int_equal(table->columns[0].count, 3);
    assert_int_equal(ct_option_int(&table->columns[0].options[2]), 2);
    assert_null(table->columns[1].options);
    assert_int_equal(table->columns[1].count, 1);
    assert_int_equal(json_array_size(table->state), 2);
    ct__table_free(table);
    assert_int_equal(ct__table_new(&suite, other, &table, NULL), CT_OK);
    assert_string_equal(json_string_value(table->state), "other");
    ct__table_free(table);
    suite.state = NULL;
    assert_int_equal(ct__table_new(&suite, NULL, &table, NULL), CT_OK);
    assert_true(json_is_object(table->state) && json_object_size(table->state) == 0);
    ct__table_free(table);
    json_decref(other);
}

/* levels lists inside each other. */
static json_t *nested(int levels)
{
    json_t *json = json_array();
    for (int i = 1; i < levels; i++) json = json_pack("[o]", json);
    return json;
}

/* state is taken. */
static void expect_state(json_t *state, enum ct_err expected)
{
    static const struct ct_action actions[] = { CT_ACTION("a", pass, numbers) };
    struct ct_suite suite = { .name = "s", .actions = actions, .action_count = 1 };
    struct ct__table *table = NULL;
    struct ct_error error = { 0 };
    assert_int_equal(ct__table_new(&suite, state, &table, &error), expected);
    if (expected == CT_OK)
        assert_true(json_equal(table->state, state));
    else
        assert_non_null(strstr(error.text, "suite 's': the initial state cannot be written as JSON: it holds"));
    ct__table_free(table);
    json_decref(state);
}

static void a_state_that_cannot_be_written_as_json_is_refused(void **state)
{
    json_t *ring = json_object(), *inside = json_object(), *key = json_object();
    (void)state;
    expect_state(json_pack("{s:[s,i,f,b,n]}", "a", "\xC3\xA4", 1, 0.5, 1), CT_OK);
    expect_state(json_null(), CT_OK);
    expect_state(nested(CT__JSON_DEPTH), CT_OK);
    expect_state(nested(CT__JSON_DEPTH + 1), CT_EINVAL);
    expect_state(json_pack("[o]", json_stringn_nocheck("\xff", 1)), CT_EINVAL);
    expect_state(json_stringn("a\0b", 3), CT_OK);
    json_object_set_new_nocheck(key, "\xff", json_true());
    expect_state(key, CT_EINVAL);
    json_object_set(ring, "inside", inside);
    json_object_set_new(inside, "ring", ring);
    expect_state(json_incref(ring), CT_EINVAL);
    json_object_clear(inside);
    json_decref(inside);
}

static void a_state_of_the_suite_that_is_too_deep_is_refused(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION("a", pass, numbers) };
    json_t *json = nested(CT__JSON_DEPTH + 1);
    char *text = json_dumps(json, 0);
    struct ct_suite suite = { .name = "s", .actions = actions, .action_count = 1, .state = text };
    struct ct__table *table = NULL;
    struct ct_error error = { 0 };
    (void)state;
    assert_int_equal(ct__table_new(&suite, NULL, &table, &error), CT_EINVAL);
    assert_string_equal(error.text, "suite 's': its state is nested deeper than 2047 values");
    free(text);
    json_decref(json);
}

static void *create(const json_t *initial)
{
    return (void *)(uintptr_t)initial;
}

static json_t *to_json(const void *object)
{
    return json_deep_copy(object);
}

static enum ct_err travel(const struct ct_action *actions, size_t count, const struct ct_state_type *type, bool gather)
{
    struct ct_suite suite = { .name = "s", .actions = actions, .action_count = count, .state_type = type };
    struct ct__table *table = NULL;
    enum ct_err err;
    assert_int_equal(ct__table_new(&suite, NULL, &table, NULL), CT_OK);
    err = ct__table_check_travel(table, gather, NULL);
    ct__table_free(table);
    return err;
}

static void a_state_without_codec_may_not_travel(void **state)
{
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("first", pass, numbers), CT_ACTION_ONCE("a", pass),
                                                CT_SERIAL_ACTION("last", pass, numbers) };
    static const struct ct_state_type bare = { .create = create }, half = { .create = create, .to_json = to_json },
                                      whole = { .create = create, .to_json = to_json, .from_json = create };
    (void)state;
    assert_int_equal(travel(actions, 3, NULL, true), CT_OK);
    assert_int_equal(travel(actions, 2, &bare, false), CT_OK); /* nothing runs before a leading serial action */
    assert_int_equal(travel(actions + 1, 1, &bare, false), CT_OK);
    assert_int_equal(travel(actions + 1, 1, &bare, true), CT_EINVAL);
    assert_int_equal(travel(actions + 1, 1, &half, true), CT_OK);
    assert_int_equal(travel(actions + 1, 2, &bare, false), CT_EINVAL);
    assert_int_equal(travel(actions + 1, 2, &half, false), CT_EINVAL);
    assert_int_equal(travel(actions, 3, &half, false), CT_EINVAL);
    assert_int_equal(travel(actions, 3, &whole, true), CT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suite_that_is_wrong_is_refused),
        cmocka_unit_test(an_action_that_is_wrong_is_refused),
        cmocka_unit_test(two_actions_of_one_name_are_refused),
        cmocka_unit_test(an_option_that_is_wrong_is_named_by_action_and_index),
        cmocka_unit_test(a_source_that_fails_is_told_with_its_words_action_and_index),
        cmocka_unit_test(a_source_has_at_most_a_million_options),
        cmocka_unit_test(what_a_source_points_to_is_copied),
        cmocka_unit_test(a_table_holds_the_suites_options_and_state),
        cmocka_unit_test(a_state_without_codec_may_not_travel),
        cmocka_unit_test(a_state_that_cannot_be_written_as_json_is_refused),
        cmocka_unit_test(a_state_of_the_suite_that_is_too_deep_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
