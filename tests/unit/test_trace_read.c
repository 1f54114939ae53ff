/* The trace's reader: it finds what is asked for, and what is wrong with a trace costs one line and no more. */
#include "traces.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER                                                                                                         \
    "{\"combtest_trace\":1,\"combtest\":\"0.1.0\",\"suite\":\"traced\",\"walks\":18,\"actions\":[{\"name\":"           \
    "\"level\",\"serial\":false,\"options\":3}]}\n"
#define LINE(id, status) "{\"walk\":" id ",\"stage\":0,\"status\":\"" status "\",\"options\":{\"level\":1}}\n"

static struct ct__reader *open_well(const char *path)
{
    struct ct__reader *reader = NULL;
    struct ct_error error;
    if (ct__reader_open(path, &reader, &error) != CT_OK) fail_msg("%s", error.text);
    return reader;
}

/* How many lines a filter lets through, of a whole trace. */
static size_t count(const char *path, const struct ct__filter *filter)
{
    struct ct__reader *reader = open_well(path);
    struct ct__line line;
    size_t found = 0;
    enum ct_err err;
    while ((err = ct__reader_next(reader, filter, &line, NULL)) == CT_OK) found++;
    assert_int_equal(err, CT_ENOTFOUND);
    ct__reader_close(reader);
    return found;
}

static void every_line_is_found_by_what_it_says(void **state)
{
    const char *path = traces_path();
    static const char *const six[] = { "level=6" }, *const best[] = { "level=best" };
    static const char *const both[] = { "setting=true", "mode=a \"b\"" }, *const json[] = { "mode=\"a \\\"b\\\"\"" };
    static const char *const null[] = { "mode=null" }, *const none[] = { "level=5" }, *const wrong[] = { "level" };
    struct ct__selection *walks = NULL;
    (void)state;
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct__selection_new(TRACED_WALKS, "2,7-9", 0, 1, 0, 0, &walks, NULL), CT_OK);
    assert_int_equal(count(path, NULL), 2 * TRACED_WALKS + 2);
    assert_int_equal(count(path, &(struct ct__filter){ .no_serial = true }), 2 * TRACED_WALKS);
    assert_int_equal(count(path, &(struct ct__filter){ .walks = walks }), 2 * 4);
    assert_int_equal(count(path, &(struct ct__filter){ .statuses = 1u << CT_FAIL }), 3);
    assert_int_equal(count(path, &(struct ct__filter){ .statuses = 1u << CT_FAIL | 1u << CT_CANCEL }), 3 + 5);
    assert_int_equal(count(path, &(struct ct__filter){ .where = six, .where_count = 1 }), 12);
    assert_int_equal(count(path, &(struct ct__filter){ .where = best, .where_count = 1 }), 12);
    assert_int_equal(count(path, &(struct ct__filter){ .where = both, .where_count = 2 }), 6);
    assert_int_equal(count(path, &(struct ct__filter){ .where = json, .where_count = 1 }), 12);
    assert_int_equal(count(path, &(struct ct__filter){ .where = null, .where_count = 1 }), 12);
    assert_int_equal(count(path, &(struct ct__filter){ .where = none, .where_count = 1 }), 0);
    assert_int_equal(count(path, &(struct ct__filter){ .where = wrong, .where_count = 1 }), 0);
    ct__selection_free(walks);
    traces_remove();
}

static void lines_that_are_kept_need_the_file_no_more(void **state)
{
    const char *path = traces_path();
    struct ct__selection *walks = NULL;
    struct ct__line line;
    (void)state;
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct__selection_new(TRACED_WALKS, "2,7-9", 0, 1, 0, 0, &walks, NULL), CT_OK);
    struct ct__reader *reader = open_well(path);
    assert_int_equal(ct__reader_keep(reader, walks, NULL), CT_OK);
    traces_write_text(path, "");
    for (int twice = 0; twice < 2; twice++) {
        size_t found = 0;
        while (ct__reader_next(reader, NULL, &line, NULL) == CT_OK) found++;
        assert_int_equal(found, 2 * 4 + 2);
        assert_int_equal(ct__reader_rewind(reader, NULL), CT_OK);
    }
    ct__reader_close(reader);
    traces_write_text(path, HEADER LINE("2", "passed") LINE("7", "failed,") LINE("8", "passed"));
    reader = open_well(path);
    assert_int_equal(ct__reader_keep(reader, walks, NULL), CT_OK);
    assert_int_equal(ct__reader_next(reader, NULL, &line, NULL), CT_OK);
    struct ct_error error;
    assert_int_equal(ct__reader_next(reader, NULL, &line, &error), CT_ETRACE);
    assert_non_null(strstr(error.text, "trace:3: "));
    ct__reader_close(reader);
    ct__selection_free(walks);
    traces_remove();
}

static void a_line_knows_where_it_stands_and_what_it_is(void **state)
{
    const char *path = traces_path();
    struct ct__line line;
    (void)state;
    traces_write(path, &(struct ct__trace_facts){ .program = "/bin/x", .timeout_ms = 5 });
    struct ct__reader *reader = open_well(path);
    assert_string_equal(ct__reader_header(reader)->suite, "traced");
    assert_string_equal(ct__reader_header(reader)->program, "/bin/x");
    assert_int_equal(ct__reader_header(reader)->walk_count, TRACED_WALKS);
    assert_int_equal(ct__reader_header(reader)->timeout_ms, 5);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(ct__reader_next(reader, NULL, &line, NULL), CT_OK);
        assert_int_equal(line.number, 2);
        assert_int_equal(line.walk, 0);
        assert_false(line.serial);
        assert_int_equal(strlen(line.text), line.size);
        assert_int_equal(ct__reader_next(reader, &(struct ct__filter){ .statuses = 1u << CT_FAIL }, &line, NULL),
                         CT_OK);
        assert_int_equal(line.walk, 12);
        assert_int_equal(line.stage, 1);
        assert_int_equal(line.status, CT_FAIL);
        assert_int_equal(line.number, 1 + TRACED_WALKS + 1 + 9 + 1 + 4);
        assert_int_equal(ct__reader_rewind(reader, NULL), CT_OK);
    }
    ct__reader_close(reader);
    traces_remove();
}

static void assert_refused(const char *text, enum ct_err code, const char *why)
{
    const char *path = traces_path();
    struct ct__reader *reader = NULL;
    struct ct_error error = { 0 };
    traces_write_text(path, text);
    assert_int_equal(ct__reader_open(path, &reader, &error), code);
    assert_null(reader);
    if (strstr(error.text, why) == NULL || strstr(error.text, path) == NULL) fail_msg("%s", error.text);
    traces_remove();
}

static void what_is_no_trace_of_this_version_is_refused_with_the_reason(void **state)
{
    (void)state;
    assert_refused("", CT_ETRACE, "the file is empty");
    assert_refused("walk 1\n", CT_ETRACE, ":1: no trace of combtest: its first line is no JSON");
    assert_refused("{}\n", CT_ETRACE, ":1: no trace of combtest: its first line has no \"combtest_trace\"");
    assert_refused("[1]\n", CT_ETRACE, ":1: no trace of combtest");
    assert_refused("{\"combtest_trace\":1", CT_ETRACE, ":1: no trace of combtest");
    assert_refused("{\"combtest_trace\":2,\"combtest\":\"9.0\"}\n", CT_ETRACE, "of version 2, written by combtest 9.0");
    assert_refused("{\"combtest_trace\":0}\n", CT_ETRACE, "damaged");
    assert_refused("{\"combtest_trace\":1}\n", CT_ETRACE, "it has no \"suite\"");
    assert_refused("{\"combtest_trace\":1,\"suite\":\"s\"}\n", CT_ETRACE, "it has no \"walks\"");
    assert_refused("{\"combtest_trace\":1,\"suite\":\"s\",\"walks\":1,\"actions\":[{}]}\n", CT_ETRACE,
                   "an action lacks");
    struct ct_error error;
    struct ct__reader *reader = NULL;
    assert_int_equal(ct__reader_open("/nonexistent", &reader, &error), CT_ENOTFOUND);
    assert_string_equal(error.text, "/nonexistent: there is no such trace");
    assert_int_equal(ct__reader_open("/", &reader, &error), CT_EIO);
}

/* Reads all of a text: how many lines are good, how many not, and the first complaint. */
static void read_damaged(const char *text, size_t *good, size_t *bad, struct ct_error *first)
{
    const char *path = traces_path();
    struct ct__line line;
    struct ct_error error;
    enum ct_err err;
    traces_write_text(path, text);
    struct ct__reader *reader = open_well(path);
    *good = *bad = 0;
    while ((err = ct__reader_next(reader, NULL, &line, &error)) == CT_OK || err == CT_ETRACE) {
        if (err == CT_ETRACE && (*bad)++ == 0) *first = error;
        *good += err == CT_OK;
    }
    assert_int_equal(err, CT_ENOTFOUND);
    ct__reader_close(reader);
    traces_remove();
}

static void a_cut_trace_serves_up_to_its_last_whole_line(void **state)
{
    size_t good, bad;
    struct ct_error error;
    (void)state;
    read_damaged(HEADER LINE("0", "passed") LINE("1", "failed") "{\"walk\":2,\"sta", &good, &bad, &error);
    assert_int_equal(good, 2);
    assert_int_equal(bad, 1);
    assert_non_null(strstr(error.text, ":4: the trace is cut here"));
}

static void an_edited_line_costs_itself_alone(void **state)
{
    size_t good, bad;
    struct ct_error error;
    (void)state;
    read_damaged(HEADER LINE("0", "passed") "nonsense\n" LINE("1", "fine")
                     LINE("99999999999999999999",
                          "passed") "{\"walk\": 3, \"stage\": 0, \"status\": \"failed\"}\n" LINE("4", "passed"),
                 &good, &bad, &error);
    assert_int_equal(good, 3); /* the one with spaces is as good as any */
    assert_int_equal(bad, 3);
    assert_non_null(strstr(error.text, ":3: this is no line of a trace"));
}

static void a_line_over_the_limit_is_skipped_and_the_next_one_read(void **state)
{
    size_t good, bad, head = strlen(HEADER), tail = strlen(LINE("4", "passed")), size = CT__TRACE_LINE_MAX * 2 + 100;
    struct ct_error error;
    char *text = malloc(head + size + 1 + tail + 1);
    (void)state;
    assert_non_null(text);
    memcpy(text, HEADER, head);
    memset(text + head, 'x', size);
    text[head + size] = '\n';
    memcpy(text + head + size + 1, LINE("4", "passed"), tail + 1);
    read_damaged(text, &good, &bad, &error);
    assert_int_equal(bad, 1);
    assert_int_equal(good, 1);
    free(text);
}

static void assert_ids(const char *text, const char *status, const char *want)
{
    const char *path = traces_path();
    unsigned statuses = 0;
    char *ids = NULL;
    traces_write_text(path, text);
    assert_int_equal(ct__status_bits(status, true, &statuses, NULL), CT_OK);
    assert_int_equal(ct__trace_ids(path, statuses, NULL, &ids, NULL, NULL, NULL), CT_OK);
    assert_string_equal(ids, want);
    free(ids);
    traces_remove();
}

static void the_ids_of_a_status_are_those_of_walks_that_ended_so(void **state)
{
    (void)state;
    assert_ids(HEADER LINE("3", "failed") LINE("1", "crashed") LINE("2", "timed-out") LINE("7", "failed"), "failed",
               "1-3,7");
    assert_ids(HEADER LINE("3", "failed") LINE("1", "crashed"), "crashed", "1");
    assert_ids(HEADER LINE("3", "failed") LINE("3", "passed") LINE("4", "passed") LINE("4", "failed"), "failed", "4");
    assert_ids(HEADER LINE("3", "passed"), "failed", "");
}

static void ids_of_other_tables_are_found_by_their_options(void **state)
{
    static const struct ct_option levels[] = { CT_INT(0), CT_INT(9), CT_INT(6), CT_INT(1) };
    static const struct ct_option settings[] = { CT_BOOL(true), CT_BOOL(false) };
    static const struct ct_option modes[] = { CT_NULL, CT_STRING("text") }; /* one is lost */
    struct ct_action actions[] = { traced_suite.actions[0], traced_suite.actions[1], traced_suite.actions[2] };
    const struct ct_suite grown = { .name = "traced", .actions = actions, .action_count = 3 };
    const char *path = traces_path();
    struct ct_plan *plan = NULL;
    struct ct_error damage, error = { 0 };
    uint64_t lost;
    char *ids = NULL;
    (void)state;
    actions[0].options = levels, actions[0].option_count = 4;
    actions[1].options = settings;
    actions[2].options = modes, actions[2].option_count = 2;
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct_plan_new(&traced_suite, &plan, NULL), CT_OK);
    assert_int_equal(ct__trace_ids(path, 1u << CT_FAIL, plan, &ids, &lost, &damage, &error), CT_OK);
    assert_string_equal(ids, "12-14");
    assert_int_equal(lost, 0);
    free(ids);
    ct_plan_free(plan);
    assert_int_equal(ct_plan_new(&grown, &plan, NULL), CT_OK);
    /* the action without options is lost, so no walk can be as it was */
    assert_int_equal(ct__trace_ids(path, 1u << CT_FAIL, plan, &ids, &lost, &damage, &error), CT_OK);
    assert_string_equal(ids, "");
    assert_int_equal(lost, 3);
    free(ids);
    ct_plan_free(plan);
    struct ct_action all[] = { actions[0], actions[1], actions[2], traced_suite.actions[3] };
    const struct ct_suite moved = { .name = "traced", .actions = all, .action_count = 4 };
    assert_int_equal(ct_plan_new(&moved, &plan, NULL), CT_OK);
    assert_int_equal(ct__trace_ids(path, 1u << CT_FAIL, plan, &ids, &lost, &damage, &error), CT_OK);
    assert_string_equal(ids, "4-5"); /* setting true is the first half; level 6 the third of four; modes null, text */
    assert_int_equal(lost, 1);
    assert_int_equal(damage.code, CT_OK);
    free(ids);
    ct_plan_free(plan);
    traces_remove();
}

static void an_unknown_status_is_told_with_those_that_are_known(void **state)
{
    struct ct_error error;
    unsigned statuses;
    (void)state;
    assert_int_equal(ct__status_bits("broken", false, &statuses, &error), CT_ENOTFOUND);
    assert_string_equal(error.text, "'broken' is no status; there are passed, failed, canceled, excluded, crashed, "
                                    "timed-out, blocked, lost, not-run");
    assert_int_equal(ct__status_bits("failed", false, &statuses, &error), CT_OK);
    assert_int_equal(statuses, 1u << CT_FAIL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_found_by_what_it_says),
        cmocka_unit_test(a_line_knows_where_it_stands_and_what_it_is),
        cmocka_unit_test(what_is_no_trace_of_this_version_is_refused_with_the_reason),
        cmocka_unit_test(a_cut_trace_serves_up_to_its_last_whole_line),
        cmocka_unit_test(lines_that_are_kept_need_the_file_no_more),
        cmocka_unit_test(an_edited_line_costs_itself_alone),
        cmocka_unit_test(a_line_over_the_limit_is_skipped_and_the_next_one_read),
        cmocka_unit_test(the_ids_of_a_status_are_those_of_walks_that_ended_so),
        cmocka_unit_test(ids_of_other_tables_are_found_by_their_options),
        cmocka_unit_test(an_unknown_status_is_told_with_those_that_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
