/* The trace's writer: every line is what it was told, as JSON, and whole. */
#include "traces.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const arguments[] = { "suite", "run", "--only=\xff" };
static const struct ct__trace_facts facts = {
    .program = "/usr/bin/suite", .arguments = arguments, .argument_count = 3, .seed = 7, .timeout_ms = 1500
};

/* The lines of a trace as a JSON array; each must be JSON of its own. */
static json_t *read_lines(const char *path)
{
    char *text = traces_read_text(path);
    json_t *lines = json_array();
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        json_t *json = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
        if (json == NULL) fail_msg("no JSON: %.*s", (int)(end - line), line);
        json_array_append_new(lines, json);
    }
    free(text);
    return lines;
}

static void assert_json(const json_t *json, const char *name, const char *want)
{
    char *got = json_dumps(json_object_get(json, name), JSON_ENCODE_ANY | JSON_COMPACT);
    assert_string_equal(got != NULL ? got : "(missing)", want);
    free(got);
}

static void the_header_says_where_the_trace_is_from(void **state)
{
    const char *path = traces_path();
    traces_write(path, &facts);
    json_t *lines = read_lines(path);
    const json_t *header = json_array_get(lines, 0);
    (void)state;
    assert_json(header, "combtest_trace", "1");
    assert_json(header, "combtest", "\"" CT__VERSION "\"");
    assert_json(header, "suite", "\"traced\"");
    assert_json(header, "program", "\"/usr/bin/suite\"");
    assert_json(header, "arguments", "[\"suite\",\"run\",\"--only=\xef\xbf\xbd\"]");
    assert_json(header, "seed", "7");
    assert_json(header, "timeout_ms", "1500");
    assert_json(header, "walks", "18");
    assert_int_equal(json_string_length(json_object_get(header, "tables")), 16);
    assert_json(json_array_get(json_object_get(header, "actions"), 1), "name", "\"setting\"");
    assert_json(json_array_get(json_object_get(header, "actions"), 1), "serial", "true");
    assert_json(json_array_get(json_object_get(header, "actions"), 2), "options", "3");
    assert_json(json_array_get(json_object_get(header, "actions"), 3), "options", "0");
    assert_null(json_object_get(header, "state"));
    json_decref(lines);
    traces_remove();
}

static void each_line_says_what_ran_and_what_came_of_it(void **state)
{
    const char *path = traces_path();
    traces_write(path, &facts);
    json_t *lines = read_lines(path);
    (void)state;
    assert_int_equal(json_array_size(lines), 1 + 2 * TRACED_WALKS + 2);
    const json_t *third = json_array_get(lines, 1 + 3);
    assert_json(third, "walk", "3");
    assert_json(third, "stage", "0");
    assert_json(third, "status", "\"passed\"");
    assert_json(third, "serial", "{\"setting\":false}");
    assert_json(third, "options", "{\"level\":6,\"mode\":\"text\"}");
    assert_json(third, "duration_ns", "1003");
    assert_json(third, "service", "\"here/0\"");
    assert_json(third, "notes", "{\"seen\":[1,2]}");
    assert_null(json_object_get(third, "labels"));
    assert_null(json_object_get(third, "message"));
    assert_json(json_array_get(lines, 1 + 7), "labels", "{\"level\":\"best\"}");
    assert_json(json_array_get(lines, 1 + 7), "options", "{\"level\":9,\"mode\":\"a \\\"b\\\"\"}");
    const json_t *serial = json_array_get(lines, 1 + TRACED_WALKS);
    assert_json(serial, "serial_run", "\"setting\"");
    assert_json(serial, "branch", "[0,9]");
    assert_json(serial, "serial", "{\"setting\":false}");
    assert_json(serial, "status", "\"passed\"");
    assert_json(serial, "duration_ns", "5");
    const json_t *failed = json_array_get(lines, 1 + TRACED_WALKS + 1 + 9 + 1 + 3);
    assert_json(failed, "walk", "12");
    assert_json(failed, "stage", "1");
    assert_json(failed, "status", "\"failed\"");
    assert_json(failed, "action", "\"mode\"");
    assert_json(failed, "message", "\"traces.c:1: six\"");
    json_decref(lines);
    traces_remove();
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* Opens a trace of a suite with two options, of which one has a label. */
static struct ct__trace *open_small(const char *path, const struct ct__trace_facts *given, struct ct_plan **plan)
{
    static const struct ct_option values[] = { CT_JSON("{\"a\": [1, 2]}", .label = "tab\there"), CT_REAL(0.5) };
    static const struct ct_action actions[] = { CT_ACTION("the \"name\"", pass, values) };
    static const struct ct_suite suite = { .name = "small", .actions = actions, .action_count = 1 };
    struct ct__trace *trace = NULL;
    assert_int_equal(ct_plan_new(&suite, plan, NULL), CT_OK);
    assert_int_equal(ct__trace_open(path, *plan, given, &trace, NULL), CT_OK);
    return trace;
}

static void texts_that_are_no_json_strings_are_made_some(void **state)
{
    const char *path = traces_path();
    struct ct_plan *plan;
    struct ct__trace *trace = open_small(path, &(struct ct__trace_facts){ 0 }, &plan);
    struct ct__walk_line line = { .message = "a\"\\\n\x01\x7f\xff\xc3\xa4\xc3", .service = "\xc3\xa4" };
    (void)state;
    assert_int_equal(ct__trace_walk(trace, &line, NULL), CT_OK);
    line = (struct ct__walk_line){ .walk = 1, .action = CT__NO_ACTION, .duration_ns = UINT64_MAX };
    assert_int_equal(ct__trace_walk(trace, &line, NULL), CT_OK);
    assert_int_equal(ct__trace_close(trace, NULL), CT_OK);
    json_t *lines = read_lines(path);
    const json_t *first = json_array_get(lines, 1);
    assert_string_equal(json_string_value(json_object_get(first, "message")),
                        "a\"\\\n\x01\x7f\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd");
    assert_string_equal(json_string_value(json_object_get(first, "service")), "\xc3\xa4");
    assert_json(first, "action", "\"the \\\"name\\\"\"");
    assert_json(first, "options", "{\"the \\\"name\\\"\":{\"a\":[1,2]}}");
    assert_json(first, "labels", "{\"the \\\"name\\\"\":\"tab\\there\"}");
    assert_json(json_array_get(lines, 2), "options", "{\"the \\\"name\\\"\":0.5}");
    assert_null(json_object_get(json_array_get(lines, 2), "labels"));
    assert_json(json_array_get(lines, 2), "duration_ns", "9223372036854775807");
    json_decref(lines);
    ct_plan_free(plan);
    traces_remove();
}

static void a_long_message_fits_and_one_over_the_limit_is_left_out(void **state)
{
    const char *path = traces_path();
    struct ct_plan *plan;
    struct ct_error error;
    struct ct__trace *trace = open_small(path, &(struct ct__trace_facts){ 0 }, &plan);
    char *message = malloc(CT__TRACE_LINE_MAX);
    (void)state;
    memset(message, '\n', CT__TRACE_LINE_MAX);
    message[CT__TRACE_LINE_MAX / 6] = '\0';
    assert_int_equal(ct__trace_walk(trace, &(struct ct__walk_line){ .message = message }, &error), CT_ETOOBIG);
    message[1 << 20] = '\0';
    assert_int_equal(ct__trace_walk(trace, &(struct ct__walk_line){ .message = message }, &error), CT_OK);
    assert_int_equal(ct__trace_close(trace, NULL), CT_OK);
    json_t *lines = read_lines(path);
    assert_int_equal(json_array_size(lines), 2);
    assert_int_equal(json_string_length(json_object_get(json_array_get(lines, 1), "message")), 1 << 20);
    json_decref(lines);
    free(message);
    ct_plan_free(plan);
    traces_remove();
}

static void a_full_disk_leaves_whole_lines(void **state)
{
    const char *path = traces_path();
    struct ct_plan *plan;
    struct ct_error error = { 0 };
    struct rlimit before, small;
    struct ct__trace *trace = open_small(path, &(struct ct__trace_facts){ 0 }, &plan);
    enum ct_err err = CT_OK;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){ .rlim_cur = 300001, .rlim_max = before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 10000 && err == CT_OK; i++)
        err = ct__trace_walk(trace, &(struct ct__walk_line){ .walk = 1 }, &error);
    assert_int_equal(err, CT_EIO);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    struct ct__walk_line last = { .walk = 0, .message = "after" };
    assert_int_equal(ct__trace_walk(trace, &last, NULL), CT_OK);
    assert_int_equal(ct__trace_close(trace, NULL), CT_OK);
    json_t *lines = read_lines(path);
    assert_true(json_array_size(lines) > 1000);
    assert_json(json_array_get(lines, json_array_size(lines) - 1), "message", "\"after\"");
    json_decref(lines);
    ct_plan_free(plan);
    traces_remove();
}

static void what_is_written_aside_takes_its_name_when_closed(void **state)
{
    const char *path = traces_path();
    struct ct_plan *plan;
    struct ct__trace *trace;
    (void)state;
    traces_write_text(path, "old");
    trace = open_small(path, &(struct ct__trace_facts){ .aside = true }, &plan);
    char *old = traces_read_text(path);
    assert_string_equal(old, "old");
    free(old);
    assert_int_equal(ct__trace_close(trace, NULL), CT_OK);
    json_t *lines = read_lines(path);
    assert_int_equal(json_array_size(lines), 1);
    json_decref(lines);
    ct_plan_free(plan);
    traces_remove(); /* finds nothing else there */
}

static void two_written_aside_at_once_are_both_whole(void **state)
{
    const char *path = traces_path();
    struct ct_plan *plans[2];
    struct ct__trace *traces[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        traces[i] = open_small(path, &(struct ct__trace_facts){ .aside = true, .seed = 7 + i }, &plans[i]);
        assert_int_equal(ct__trace_walk(traces[i], &(struct ct__walk_line){ .walk = 1 }, NULL), CT_OK);
    }
    for (size_t i = 0; i < 2; i++) {
        const char seed[2] = { (char)('8' - (int)i), '\0' };
        assert_int_equal(ct__trace_close(traces[1 - i], NULL), CT_OK);
        json_t *lines = read_lines(path);
        assert_int_equal(json_array_size(lines), 2);
        assert_json(json_array_get(lines, 0), "seed", seed);
        json_decref(lines);
        ct_plan_free(plans[1 - i]);
    }
    traces_remove(); /* finds nothing else there */
}

static void a_file_that_cannot_be_made_is_named(void **state)
{
    struct ct_plan *plan = NULL;
    struct ct__trace *trace = NULL;
    struct ct_error error;
    (void)state;
    assert_int_equal(ct_plan_new(&traced_suite, &plan, NULL), CT_OK);
    assert_int_equal(ct__trace_open("/nonexistent/trace", plan, &facts, &trace, &error), CT_EIO);
    assert_string_equal(error.text, "/nonexistent/trace: cannot be opened for writing: No such file or directory");
    assert_null(trace);
    ct_plan_free(plan);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_says_where_the_trace_is_from),
        cmocka_unit_test(each_line_says_what_ran_and_what_came_of_it),
        cmocka_unit_test(texts_that_are_no_json_strings_are_made_some),
        cmocka_unit_test(a_long_message_fits_and_one_over_the_limit_is_left_out),
        cmocka_unit_test(a_full_disk_leaves_whole_lines),
        cmocka_unit_test(what_is_written_aside_takes_its_name_when_closed),
        cmocka_unit_test(two_written_aside_at_once_are_both_whole),
        cmocka_unit_test(a_file_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
