/* Core and actions: each allocation made to fail in turn. Nothing crashes, nothing leaks, and it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <actions/actions.h>
#include <cmocka.h>
#include <failing.h>
#include <stdlib.h>
#include <string.h>

/* CT_OK or CT_NOMEM with its text. */
static bool is_ok(enum ct_err err, const struct ct_error *error)
{
    if (err == CT_OK) return true;
    assert_int_equal(err, CT_NOMEM);
    assert_int_equal(error->code, CT_NOMEM);
    assert_string_equal(error->text, "out of memory");
    return false;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static int forty(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)error;
    *option = (struct ct_option)CT_STRING("word", .label = "label");
    return index < 40;
}

static const struct ct_option values[] = { CT_NULL, CT_INT(1, .label = "one"), CT_STRING("text", .label = "a text"),
                                           CT_JSON("{\"a\": [1, 2.5, true, {\"b\": null}]}", .label = "json"),
                                           CT_POINTER("here", "there") };
static const struct ct_action actions[] = {
    CT_ACTION("values", pass, values),
    CT_SERIAL_ACTION("serial", pass, values),
    { .name = "source", .run = pass, .source = forty },
    CT_ACTION_ONCE("once", pass),
};
static struct ct_suite suite = { .name = "alloc",
                                 .actions = actions,
                                 .action_count = CT_COUNT(actions),
                                 .state = "{\"n\": 1, \"list\": [1, \"two\"], \"map\": {\"k\": 0.5}}" };

static bool copy_options(void)
{
    bool all = true;
    for (size_t i = 0; i < CT_COUNT(values); i++) {
        struct ct_option copy;
        struct ct_error error;
        if (!is_ok(ct__option_copy(&values[i], &copy, &error), &error)) {
            all = false;
            continue;
        }
        assert_int_equal(copy.type, values[i].type);
        ct__option_clear(&copy);
    }
    return all;
}

static void options_are_copied_whole_or_not_at_all(void **state)
{
    (void)state;
    failing_each(copy_options);
}

static struct ct_option copies[CT_COUNT(values)];

static bool options_to_json(void)
{
    bool all = true;
    for (size_t i = 0; i < CT_COUNT(values); i++) {
        json_t *json = ct__option_to_json(&copies[i]);
        if (json == NULL) all = false;
        json_decref(json);
    }
    return all;
}

static void options_become_json_or_null(void **state)
{
    (void)state;
    for (size_t i = 0; i < CT_COUNT(values); i++)
        assert_int_equal(ct__option_copy(&values[i], &copies[i], NULL), CT_OK);
    failing_each(options_to_json);
    for (size_t i = 0; i < CT_COUNT(values); i++) ct__option_clear(&copies[i]);
}

static bool read_table(void)
{
    struct ct__table *table = NULL;
    struct ct_error error;
    json_t *state = json_pack("{s:[i,i]}", "given", 1, 2);
    bool ok = state != NULL && is_ok(ct__table_new(&suite, state, &table, &error), &error);
    json_decref(state);
    ct__table_free(table);
    return ok;
}

static void tables_are_read_whole_or_not_at_all(void **state)
{
    (void)state;
    failing_each(read_table);
}

static bool make_plan(void)
{
    struct ct_plan *plan = NULL;
    struct ct_error error;
    bool ok = is_ok(ct_plan_new(&suite, &plan, &error), &error);
    if (ok) assert_int_equal(ct_plan_walk_count(plan), 5 * 5 * 40);
    if (ok) assert_true(json_object_size(ct__plan_table(plan)->state) == 3);
    assert_int_equal(ok, plan != NULL);
    ct_plan_free(plan);
    return ok;
}

static void plans_are_made_whole_or_not_at_all(void **state)
{
    (void)state;
    failing_each(make_plan);
}

static bool select_ids(void)
{
    struct ct__selection *selection = NULL;
    struct ct_error error;
    bool ok = is_ok(ct__selection_new(1000, "1-400,500,600-999", 300, 1, 2, 3, &selection, &error), &error);
    if (ok) assert_int_equal(ct__selection_count(selection), 100);
    assert_int_equal(ok, selection != NULL);
    ct__selection_free(selection);
    return ok;
}

static bool select_all(void)
{
    struct ct__selection *selection = NULL;
    struct ct_error error;
    bool ok = is_ok(ct__selection_new(1000, NULL, 900, 1, 0, 0, &selection, &error), &error);
    ct__selection_free(selection);
    return ok;
}

static void selections_are_made_whole_or_not_at_all(void **state)
{
    (void)state;
    failing_each(select_ids);
    failing_each(select_all);
}

static struct ct_plan *plan; /* made while nothing fails */

/* Whether the walk went well; else it has failed and says why. */
static bool went_well(const struct ct_walk *walk, const char *why)
{
    if (ct__walk_status(walk) == CT_PASS) return true;
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), why);
    return false;
}

static bool use_state(struct ct_walk *walk)
{
    json_t *state, *json;
    bool well;
    ct__walk_open(walk, CT__WALK, 3, 0, NULL);
    state = ct_walk_state(walk);
    if (state != NULL) assert_int_equal(json_object_size(state), 3);
    json = ct__walk_state_json(walk);
    assert_non_null(json);
    json_decref(json);
    (void)ct__walk_state_changed(walk);
    well = went_well(walk, "out of memory");
    assert_int_equal(well, state != NULL);
    ct__walk_close(walk);
    return well;
}

static bool use_updates(struct ct_walk *walk, enum ct__walk_kind kind, const char *why)
{
    json_t *changes = json_pack("{s:i,s:{s:i}}", "n", 2, "new", "deep", 3);
    enum ct_err err;
    bool well;
    if (changes == NULL) return false;
    ct__walk_open(walk, kind, 3, kind == CT__SERIAL ? 1 : 0, NULL);
    err = ct_update(walk, changes);
    json_decref(changes);
    well = went_well(walk, why);
    assert_int_equal(well, err == CT_OK);
    if (strcmp(why, "out of memory") == 0 && !well) assert_int_equal(err, CT_NOMEM);
    if (well && kind == CT__SERIAL) assert_int_equal(json_object_size(ct__walk_updates(walk)), 2);
    ct__walk_close(walk);
    return well;
}

static bool speak(struct ct_walk *walk)
{
    static char text[10000];
    bool well;
    memset(text, 'x', sizeof text - 1);
    ct__walk_open(walk, CT__WALK, 4, 0, NULL);
    ct_log(walk, CT_LOG_INFO, "%s", text);
    assert_int_equal(ct__walk_status(walk), CT_PASS);
    well = ct_walk_tmpdir(walk) != NULL;
    assert_int_equal(well, went_well(walk, "out of memory"));
    ct_fail(walk, "%s", text);
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    ct__walk_close(walk);
    return well;
}

static bool walk_json(void)
{
    struct ct_walk *walk = ct__walk_new(plan, NULL, NULL, NULL);
    bool well;
    if (walk == NULL) return false;
    well = use_state(walk);
    well = use_updates(walk, CT__WALK, "out of memory") && well;
    well = use_updates(walk, CT__SERIAL, "out of memory") && well;
    well = speak(walk) && well;
    ct__walk_free(walk);
    return well;
}

static void walks_fail_by_name_where_memory_ends(void **state)
{
    (void)state;
    assert_int_equal(ct_plan_new(&suite, &plan, NULL), CT_OK);
    failing_each_forgiven(walk_json); /* what it says is cut where there is no memory for it */
    ct_plan_free(plan);
}

static void *number_create(const json_t *json)
{
    int64_t *number = malloc(sizeof *number);
    if (number != NULL) *number = json_integer_value(json_object_get(json, "n"));
    return number;
}

static void *number_copy(const void *state)
{
    int64_t *number = malloc(sizeof *number);
    if (number != NULL) *number = *(const int64_t *)state;
    return number;
}

static json_t *number_to_json(const void *state)
{
    json_t *json = json_object();
    if (json != NULL && json_object_set_new(json, "n", json_integer(*(const int64_t *)state)) == 0) return json;
    json_decref(json);
    return NULL;
}

static const struct ct_state_type number_type = {
    .create = number_create, .copy = number_copy, .destroy = free, .to_json = number_to_json, .from_json = number_create
};

static bool walk_type(void)
{
    struct ct_walk *walk = ct__walk_new(plan, NULL, NULL, NULL);
    json_t *json;
    bool well = false;
    if (walk == NULL) return false;
    for (uint64_t id = 0; id < 2; id++) {
        const int64_t *number;
        ct__walk_open(walk, CT__WALK, id, 0, NULL);
        number = ct_walk_state_pointer(walk);
        if (number != NULL) assert_int_equal(*number, 1);
        well = went_well(walk, "the suite's state_type made no state: its create or copy failed");
        assert_int_equal(well, number != NULL);
        json = ct__walk_state_json(walk);
        well = json != NULL && well;
        json_decref(json);
        ct__walk_close(walk);
        if (!well) break;
    }
    ct__walk_free(walk);
    return well;
}

static void walks_with_a_state_type_fail_by_name_where_memory_ends(void **state)
{
    struct ct_suite typed = suite;
    (void)state;
    typed.state_type = &number_type;
    assert_int_equal(ct_plan_new(&typed, &plan, NULL), CT_OK);
    failing_each(walk_type);
    ct_plan_free(plan);
}

static bool update_type(void)
{
    json_t *changes = json_pack("{s:i}", "n", 2);
    struct ct_walk *walk = changes != NULL ? ct__walk_new(plan, NULL, NULL, NULL) : NULL;
    bool well = false;
    if (walk != NULL) {
        ct__walk_open(walk, CT__SERIAL, 0, 1, NULL);
        well = ct_update(walk, changes) == CT_OK;
        assert_int_equal(ct__walk_status(walk), well ? CT_PASS : CT_FAIL);
        if (well) assert_int_equal(*(const int64_t *)ct_walk_state_pointer(walk), 2);
        ct__walk_close(walk);
    }
    ct__walk_free(walk);
    json_decref(changes);
    return well;
}

static void updates_through_a_codec_fail_the_walk_where_memory_ends(void **state)
{
    struct ct_suite typed = suite;
    (void)state;
    typed.state_type = &number_type;
    assert_int_equal(ct_plan_new(&typed, &plan, NULL), CT_OK);
    failing_each(update_type);
    ct_plan_free(plan);
}

static void a_raw_json_option_reads_as_null_until_there_is_memory(void **state)
{
    static const struct ct_option raw = CT_JSON("[\"only here\"]");
    const json_t *json = NULL;
    (void)state;
    for (long nth = 1; json == NULL; nth++) {
        assert_true(nth < 1000);
        failing_begin(nth);
        json = ct_option_json(&raw);
        (void)failing_end();
    }
    assert_int_equal(json_array_size(json), 1);
    assert_ptr_equal(ct_option_json(&raw), json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_copied_whole_or_not_at_all),
        cmocka_unit_test(options_become_json_or_null),
        cmocka_unit_test(tables_are_read_whole_or_not_at_all),
        cmocka_unit_test(plans_are_made_whole_or_not_at_all),
        cmocka_unit_test(selections_are_made_whole_or_not_at_all),
        cmocka_unit_test(walks_fail_by_name_where_memory_ends),
        cmocka_unit_test(walks_with_a_state_type_fail_by_name_where_memory_ends),
        cmocka_unit_test(updates_through_a_codec_fail_the_walk_where_memory_ends),
        cmocka_unit_test(a_raw_json_option_reads_as_null_until_there_is_memory),
    };
    failing_include_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
