/* The log, the trace and replay with each allocation made to fail in turn: nothing crashes, nothing leaks, it is said,
 * and no line is passed over in silence. */
#include "traces.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <failing.h>
#include <logging/logging.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path; /* of a trace */

/* CT_OK or CT_NOMEM with its text. */
static bool is_ok(enum ct_err err, const struct ct_error *error)
{
    if (err == CT_OK) return true;
    if (err != CT_NOMEM) fail_msg("%s", error->text);
    assert_int_equal(error->code, CT_NOMEM);
    assert_string_equal(error->text, "out of memory");
    return false;
}

static char directory[] = "/tmp/combtest-alloc-XXXXXX";

/* Lines wider than what is set aside for them, and files put aside by their size. */
static bool write_log(void)
{
    static char wide[600000];
    struct ct__log *log = NULL;
    struct ct_error error;
    memset(wide, 'w', sizeof wide);
    enum ct_err err = ct__log_open(directory, &(struct ct__log_options){ .size = 1000, .count = 2 }, &log, &error);
    if (err != CT_OK) assert_null(log);
    for (int i = 0; i < 3 && err == CT_OK; i++) err = ct__log_write(log, CT_LOG_INFO, wide, sizeof wide, &error);
    if (err == CT_OK)
        err = ct__log_close(log, &error);
    else
        (void)ct__log_close(log, NULL);
    return is_ok(err, &error);
}

static void a_log_is_written_or_the_failure_is_said(void **state)
{
    static const char *const names[] = { "run.log", "run.log.1", "run.log.2" };
    char name[64];
    (void)state;
    assert_non_null(mkdtemp(directory));
    failing_each(write_log);
    for (size_t i = 0; i < CT_COUNT(names); i++) {
        snprintf(name, sizeof name, "%s/%s", directory, names[i]);
        assert_int_equal(unlink(name), 0);
    }
    assert_int_equal(rmdir(directory), 0);
}

static struct ct_plan *plan;

static bool write_trace(bool aside)
{
    static const char *const arguments[] = { "program", "--no\xffutf8" };
    json_t *state = json_pack("{s:[i]}", "given", 1);
    const struct ct__trace_facts facts = {
        .program = "/bin/x", .arguments = arguments, .argument_count = 2, .state = state, .aside = aside
    };
    const struct ct__walk_line line = { .walk = 1, .status = CT_FAIL, .message = "why", .notes = "{\"a\":1}" };
    const struct ct__serial_line serial = { .action = TRACED_SETTING, .end_id = 9 };
    struct ct__trace *trace = NULL;
    struct ct_error error = { 0 };
    if (state == NULL) return false;
    enum ct_err err = ct__trace_open(path, plan, &facts, &trace, &error);
    if (err == CT_OK) err = ct__trace_walk(trace, &line, &error);
    if (err == CT_OK) err = ct__trace_serial(trace, &serial, &error);
    enum ct_err closed = ct__trace_close(trace, err == CT_OK ? &error : NULL);
    json_decref(state);
    return is_ok(err == CT_OK ? closed : err, &error);
}

static bool write_trace_in_place(void)
{
    return write_trace(false);
}

static bool write_trace_aside(void)
{
    char partial[128];
    bool worked = write_trace(true);
    snprintf(partial, sizeof partial, "%s.partial", path);
    if (!worked) unlink(partial);
    return worked;
}

static void a_trace_is_written_or_the_failure_is_said(void **state)
{
    (void)state;
    path = traces_path();
    assert_int_equal(ct_plan_new(&traced_suite, &plan, NULL), CT_OK);
    failing_each_forgiven(write_trace_in_place); /* its directory is left out */
    failing_each_forgiven(write_trace_aside);
    ct_plan_free(plan);
    traces_remove();
}

/* Texts short enough for jansson, and with spaces, so that each line is parsed to see what it is. */
#define LINE(walk, mode)                                                                                               \
    "{ \"walk\": " walk ", \"stage\": 0, \"status\": \"failed\", \"options\": {\"level\": [6, {}], \"mode\": " mode    \
    "}}\n"

static struct ct__reader *reader; /* opened while nothing fails */

static bool read_lines(void)
{
    static const char *const where[] = { "level=[6,{}]", "mode=a \"b\"" };
    const struct ct__filter filter = { .where = where, .where_count = 2 };
    struct ct__line line;
    struct ct_error error;
    size_t found = 0;
    enum ct_err err = ct__reader_rewind(reader, &error);
    while (err == CT_OK && (err = ct__reader_next(reader, &filter, &line, &error)) == CT_OK) {
        json_t *json = NULL;
        err = ct__line_json(&line, &json, &error);
        if (err == CT_OK) assert_int_equal(json_integer_value(json_object_get(json, "walk")), line.walk);
        json_decref(json);
        found++;
    }
    if (err == CT_ENOTFOUND) assert_int_equal(found, 2);
    return is_ok(err == CT_ENOTFOUND ? CT_OK : err, &error);
}

static void each_line_is_read_or_the_failure_is_said(void **state)
{
    (void)state;
    path = traces_path();
    traces_write_text(path, "{\"combtest_trace\":1,\"suite\":\"s\",\"walks\":3,\"actions\":[{\"name\":\"level\","
                            "\"serial\":false,\"options\":1}]}\n" LINE("0", "\"a \\\"b\\\"\"") LINE("1", "\"text\"")
                                LINE("2", "\"a \\\"b\\\"\""));
    assert_int_equal(ct__reader_open(path, &reader, NULL), CT_OK);
    failing_each_forgiven(read_lines); /* a line is read again */
    ct__reader_close(reader);
    traces_remove();
}

static bool open_reader(void)
{
    struct ct__reader *opened = NULL;
    struct ct_error error;
    bool good = is_ok(ct__reader_open(path, &opened, &error), &error);
    ct__reader_close(opened);
    return good;
}

static void a_trace_is_opened_or_the_failure_is_said(void **state)
{
    (void)state;
    path = traces_path();
    traces_write(path, &(struct ct__trace_facts){ 0 });
    failing_spare_jansson(true);
    failing_each(open_reader);
    failing_spare_jansson(false);
    traces_remove();
}

static const char *wanted_ids;

static bool find_ids(void)
{
    struct ct_error error, damage;
    uint64_t lost;
    char *ids = NULL;
    if (!is_ok(ct__trace_ids(path, 1u << CT_FAIL, plan, &ids, &lost, &damage, &error), &error)) return false;
    assert_int_equal(damage.code, CT_OK);
    assert_int_equal(lost, 0);
    assert_string_equal(ids, wanted_ids);
    free(ids);
    return true;
}

static void the_walks_of_a_status_are_found_or_the_failure_is_said(void **state)
{
    static const struct ct_option levels[] = { CT_INT(1), CT_INT(6), CT_INT(9, .label = "best"), CT_INT(10) };
    struct ct_action actions[TRACED_END + 1];
    const struct ct_suite grown = { .name = "traced", .actions = actions, .action_count = CT_COUNT(actions) };
    (void)state;
    path = traces_path();
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct_plan_new(&traced_suite, &plan, NULL), CT_OK);
    failing_spare_jansson(true);
    wanted_ids = "12-14";
    failing_each(find_ids);
    ct_plan_free(plan);
    memcpy(actions, traced_suite.actions, sizeof actions);
    actions[TRACED_LEVEL].options = levels;
    actions[TRACED_LEVEL].option_count = CT_COUNT(levels);
    assert_int_equal(ct_plan_new(&grown, &plan, NULL), CT_OK);
    wanted_ids = "15-17";
    failing_each(find_ids);
    failing_spare_jansson(false);
    ct_plan_free(plan);
    traces_remove();
}

/* Of each stage the walk can fail where its own code finds no memory: that is its result. */
static bool replay_walk(void)
{
    struct ct_outcome outcome = { 0 };
    struct ct_error error;
    json_t *given = json_pack("{s:i}", "given", 1);
    const struct ct_replay_options options = { .state = given };
    enum ct_err err = given != NULL ? ct_replay_walk_by_id(&traced_suite, path, 4, &options, &outcome, &error)
                                    : ct__nomem(&error);
    bool passed = is_ok(err, &error) && outcome.status == CT_PASS;
    if (err == CT_OK && !passed) assert_non_null(strstr(outcome.message, "out of memory"));
    if (passed) {
        assert_int_equal(json_integer_value(json_object_get(outcome.state, "given")), 1);
        assert_int_equal(json_integer_value(json_object_get(outcome.state, "level")), 6);
        assert_true(json_is_false(json_object_get(outcome.state, "setting")));
    }
    ct_outcome_clear(&outcome);
    json_decref(given);
    return passed;
}

/* The same from options: there is no JSON to read. */
static bool replay_options(void)
{
    static const struct ct_option level = CT_INT(6), setting = CT_BOOL(false), mode = CT_STRING("text");
    static const struct ct_option *const options[] = { &level, &setting, &mode, NULL };
    struct ct_outcome outcome = { 0 };
    struct ct_error error;
    bool passed = is_ok(ct_replay_walk(&traced_suite, options, NULL, &outcome, &error), &error) &&
                  outcome.status == CT_PASS && json_object_size(outcome.state) == 2;
    ct_outcome_clear(&outcome);
    return passed;
}

static void a_walk_is_replayed_or_the_failure_is_said(void **state)
{
    (void)state;
    path = traces_path();
    traces_write(path, &(struct ct__trace_facts){ 0 });
    failing_spare_jansson(true);
    failing_each(replay_walk);
    failing_spare_jansson(false);
    failing_each(replay_options);
    traces_remove();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_is_written_or_the_failure_is_said),
        cmocka_unit_test(a_trace_is_written_or_the_failure_is_said),
        cmocka_unit_test(a_trace_is_opened_or_the_failure_is_said),
        cmocka_unit_test(each_line_is_read_or_the_failure_is_said),
        cmocka_unit_test(the_walks_of_a_status_are_found_or_the_failure_is_said),
        cmocka_unit_test(a_walk_is_replayed_or_the_failure_is_said),
    };
    failing_include_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
