#include "traces.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], path_of_trace[96];

static enum ct_status set_level(struct ct_walk *walk, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), "level", json_integer(ct_option_int(option)));
    return CT_PASS;
}

static enum ct_status change_setting(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *changes = json_pack("{s:b}", "setting", ct_option_bool(option));
    enum ct_err err = ct_update(walk, changes);
    json_decref(changes);
    return err == CT_OK ? CT_PASS : CT_FAIL;
}

static enum ct_status use_mode(struct ct_walk *walk, const struct ct_option *option)
{
    const json_t *state = ct_walk_state(walk);
    bool setting = json_is_true(json_object_get(state, "setting"));
    (void)option;
    if (setting && json_integer_value(json_object_get(state, "level")) == 6) return ct_fail(walk, "six");
    return CT_PASS;
}

static enum ct_status end(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    if (ct_option_type(ct_walk_option(walk, "mode")) == CT_TYPE_NULL) return ct_cancel(walk, "no mode");
    return CT_PASS;
}

static const struct ct_option levels[] = { CT_INT(1), CT_INT(6), CT_INT(9, .label = "best") };
static const struct ct_option settings[] = { CT_BOOL(false), CT_BOOL(true) };
static const struct ct_option modes[] = { CT_STRING("text"), CT_STRING("a \"b\""), CT_NULL };
static const struct ct_action actions[] = { CT_ACTION("level", set_level, levels),
                                            CT_SERIAL_ACTION("setting", change_setting, settings),
                                            CT_ACTION("mode", use_mode, modes), CT_ACTION_ONCE("end", end) };
const struct ct_suite traced_suite = { .name = "traced", .actions = actions, .action_count = CT_COUNT(actions) };

const char *traces_path(void)
{
    snprintf(directory, sizeof directory, "/tmp/combtest-test-trace-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path_of_trace, sizeof path_of_trace, "%s/trace", directory);
    return path_of_trace;
}

void traces_remove(void)
{
    unlink(path_of_trace);
    assert_int_equal(rmdir(directory), 0);
}

void traces_write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

char *traces_read_text(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    ssize_t got = getdelim(&text, &size, '\0', file);
    assert_true(got >= 0);
    fclose(file);
    return text;
}

static void put_stage(struct ct__trace *trace, const struct ct_plan *plan, uint64_t id, size_t stage)
{
    bool failed = stage == 1 && ct__plan_digit(plan, id, TRACED_SETTING) == 1 &&
                  ct__plan_digit(plan, id, TRACED_LEVEL) == 1;
    bool canceled = stage == 1 && !failed && ct__plan_digit(plan, id, TRACED_MODE) == 2;
    struct ct__walk_line line = { .walk = id,
                                  .stage = stage,
                                  .action = failed     ? TRACED_MODE
                                            : canceled ? TRACED_END
                                                       : CT__NO_ACTION,
                                  .status = failed     ? CT_FAIL
                                            : canceled ? CT_CANCEL
                                                       : CT_PASS,
                                  .message = failed     ? "traces.c:1: six"
                                             : canceled ? "traces.c:2: no mode"
                                                        : NULL,
                                  .duration_ns = 1000 + id,
                                  .service = "here/0",
                                  .notes = id == 3 ? "{\"seen\":[1,2]}" : NULL };
    assert_int_equal(ct__trace_walk(trace, &line, NULL), CT_OK);
}

static void put_step(struct ct__trace *trace, const struct ct_plan *plan, const struct ct_step *step)
{
    struct ct__serial_line line = { .action = step->action,
                                    .option = step->option,
                                    .first_id = step->first_id,
                                    .end_id = step->end_id,
                                    .duration_ns = 5 };
    if (step->serial) assert_int_equal(ct__trace_serial(trace, &line, NULL), CT_OK);
    for (uint64_t id = step->first_id; !step->serial && id < step->end_id; id++)
        put_stage(trace, plan, id, step->stage);
}

void traces_write(const char *path, const struct ct__trace_facts *facts)
{
    struct ct_plan *plan = NULL;
    struct ct__trace *trace = NULL;
    struct ct_step step;
    assert_int_equal(ct_plan_new(&traced_suite, &plan, NULL), CT_OK);
    assert_int_equal(ct__trace_open(path, plan, facts, &trace, NULL), CT_OK);
    while (ct_plan_next(plan, &step)) put_step(trace, plan, &step);
    assert_int_equal(ct__trace_close(trace, NULL), CT_OK);
    ct_plan_free(plan);
}
