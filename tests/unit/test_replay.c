/* Replay: a walk runs again as it ran, whatever has become of the tables around it. */
#include "traces.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char told[512];

static void tell(const char *what)
{
    size_t used = strlen(told);
    snprintf(told + used, sizeof told - used, "%s%s", used > 0 ? " " : "", what);
}

static struct ct_outcome replay_by_id(const struct ct_suite *suite, const char *path, uint64_t id)
{
    struct ct_outcome outcome = { 0 };
    struct ct_error error;
    if (ct_replay_walk_by_id(suite, path, id, NULL, &outcome, &error) != CT_OK) fail_msg("%s", error.text);
    return outcome;
}

/* The status of a walk of traced_suite by plain counting: setting, level, mode. */
static enum ct_status status_of(uint64_t id)
{
    if (id / 9 == 1 && id / 3 % 3 == 1) return CT_FAIL;
    return id % 3 == 2 ? CT_CANCEL : CT_PASS;
}

static void every_walk_of_a_trace_ends_as_it_did_and_with_its_state(void **state)
{
    const char *path = traces_path();
    static const int levels[] = { 1, 6, 9 };
    (void)state;
    traces_write(path, &(struct ct__trace_facts){ 0 });
    for (uint64_t id = 0; id < TRACED_WALKS; id++) {
        struct ct_outcome outcome = replay_by_id(&traced_suite, path, id);
        json_t *want = json_pack("{s:i,s:b}", "level", levels[id / 3 % 3], "setting", (int)(id / 9));
        assert_int_equal(outcome.status, status_of(id));
        assert_true(json_equal(outcome.state, want));
        if (outcome.status == CT_FAIL) assert_non_null(strstr(outcome.message, "six"));
        if (outcome.status == CT_PASS) assert_null(outcome.message);
        json_decref(want);
        ct_outcome_clear(&outcome);
        assert_null(outcome.state);
    }
    traces_remove();
}

static void tables_that_grew_or_moved_give_the_same_walks(void **state)
{
    static const struct ct_option levels[] = { CT_INT(0), CT_INT(10, .label = "best"), CT_INT(6), CT_INT(1) };
    static const struct ct_option settings[] = { CT_NULL, CT_BOOL(true), CT_BOOL(false) };
    static const struct ct_option modes[] = { CT_NULL, CT_STRING("a \"b\""), CT_STRING("text"), CT_STRING("more") };
    struct ct_action actions[4];
    const char *path = traces_path();
    const struct ct_suite grown = { .name = "traced", .actions = actions, .action_count = 4 };
    (void)state;
    memcpy(actions, traced_suite.actions, sizeof actions);
    actions[0].options = levels, actions[0].option_count = CT_COUNT(levels);
    actions[1].options = settings, actions[1].option_count = CT_COUNT(settings);
    actions[2].options = modes, actions[2].option_count = CT_COUNT(modes);
    traces_write(path, &(struct ct__trace_facts){ 0 });
    for (uint64_t id = 0; id < TRACED_WALKS; id++) {
        struct ct_outcome outcome = replay_by_id(&grown, path, id);
        assert_int_equal(outcome.status, status_of(id));
        /* a value that is gone is found by its label */
        if (id / 3 % 3 == 2) assert_int_equal(json_integer_value(json_object_get(outcome.state, "level")), 10);
        ct_outcome_clear(&outcome);
    }
    traces_remove();
}

static void assert_lost(const struct ct_action *actions, size_t count, uint64_t id, enum ct_err code, const char *why)
{
    const char *path = traces_path();
    const struct ct_suite suite = { .name = "traced", .actions = actions, .action_count = count };
    struct ct_outcome outcome;
    struct ct_error error = { 0 };
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct_replay_walk_by_id(&suite, path, id, NULL, &outcome, &error), code);
    if (strstr(error.text, why) == NULL) fail_msg("%s", error.text);
    traces_remove();
}

static void what_a_suite_has_lost_is_named(void **state)
{
    static const struct ct_option modes[] = { CT_STRING("text"), CT_NULL };
    struct ct_action actions[5];
    (void)state;
    memcpy(actions, traced_suite.actions, 4 * sizeof actions[0]);
    actions[4] = actions[0];
    actions[4].name = "new";
    assert_lost(actions, 5, 1, CT_ENOTFOUND, "action 'new' was not there");
    assert_lost(actions, 3, 1, CT_ENOTFOUND, "has no action 'end' any more");
    actions[2].options = modes, actions[2].option_count = 2;
    assert_lost(actions, 4, 1, CT_ENOTFOUND, "action 'mode' has no option \"a \\\"b\\\"\"");
    actions[2].name = "modus";
    assert_lost(actions, 4, 1, CT_ENOTFOUND, "has no action 'mode' any more");
    assert_lost(traced_suite.actions, 4, 18, CT_ENOTFOUND, "the trace has no walk 18");
}

static void a_trace_of_another_suite_is_refused(void **state)
{
    const char *path = traces_path();
    struct ct_suite other = traced_suite;
    struct ct_outcome outcome;
    struct ct_error error;
    (void)state;
    other.name = "other";
    traces_write(path, &(struct ct__trace_facts){ 0 });
    assert_int_equal(ct_replay_walk_by_id(&other, path, 0, NULL, &outcome, &error), CT_ETRACE);
    assert_non_null(strstr(error.text, "a trace of suite 'traced', not of 'other'"));
    traces_remove();
}

static enum ct_status say_option(struct ct_walk *walk, const struct ct_option *option)
{
    char text[32];
    (void)walk;
    snprintf(text, sizeof text, "%lld%s", (long long)ct_option_int(option), option->label != NULL ? option->label : "");
    tell(text);
    return CT_PASS;
}

static void options_are_found_by_value_then_label_then_position(void **state)
{
    static const struct ct_option then[] = { CT_INT(1), CT_INT(1), CT_INT(1, .label = "a"), CT_INT(2, .label = "b") };
    static const struct ct_option now[] = { CT_INT(3, .label = "b"), CT_INT(1), CT_INT(1, .label = "a"),
                                            CT_INT(2, .label = "c") };
    struct ct_action actions[] = { CT_ACTION("say", say_option, now) };
    const struct ct_suite suite = { .name = "equals", .actions = actions, .action_count = 1 };
    static const char *const want[] = { "1", "1", "1a", "2c" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(then); i++) {
        const struct ct_option *options[] = { &then[i] };
        struct ct_outcome outcome;
        told[0] = '\0';
        assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
        assert_string_equal(told, want[i]);
        ct_outcome_clear(&outcome);
    }
}

#define HOOK(name)                                                                                                     \
    static enum ct_status name(struct ct_walk *walk)                                                                   \
    {                                                                                                                  \
        (void)walk;                                                                                                    \
        tell(#name);                                                                                                   \
        return CT_PASS;                                                                                                \
    }
#define STOP_HOOK(name)                                                                                                \
    static void name(struct ct_walk *walk)                                                                             \
    {                                                                                                                  \
        (void)walk;                                                                                                    \
        tell(#name);                                                                                                   \
    }
HOOK(service_start)
HOOK(thread_start)
HOOK(walk_start)
STOP_HOOK(run_stop)
STOP_HOOK(service_stop)
STOP_HOOK(thread_stop)
STOP_HOOK(walk_stop)

static enum ct_status run_start(struct ct_walk *walk)
{
    json_t *changes = json_pack("{s:i}", "begun", 1);
    tell("run_start");
    ct_update(walk, changes);
    json_decref(changes);
    return CT_PASS;
}

static enum ct_status refuse(struct ct_walk *walk)
{
    tell("refuse");
    return ct_fail(walk, "no");
}

static enum ct_status work(struct ct_walk *walk, const struct ct_option *option)
{
    char text[64];
    json_t *begun = json_object_get(ct_walk_state(walk), "begun");
    snprintf(text, sizeof text, "work%zu:%lld:%lld", ct_walk_stage(walk), (long long)ct_option_int(option),
             (long long)json_integer_value(begun));
    tell(text);
    json_integer_set(begun, json_integer_value(begun) + 10);
    return CT_PASS;
}

static enum ct_status serve(struct ct_walk *walk, const struct ct_option *option)
{
    tell("serial");
    if (ct_option_int(option) == 1) return ct_fail(walk, "cannot");
    if (ct_option_int(option) == 2) return ct_cancel(walk, "need not");
    return CT_PASS;
}

static bool leave_out(struct ct_walk *walk, size_t index)
{
    return ct_option_int(ct_walk_option(walk, "work")) == 1 && index == 0;
}

static const struct ct_option two[] = { CT_INT(0), CT_INT(1) }, three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_action hooked_actions[] = { CT_ACTION_WITH("work", work, two, .should_cancel = leave_out),
                                                   CT_SERIAL_ACTION("serve", serve, three),
                                                   CT_ACTION("more", work, two) };
static struct ct_suite hooked = { .name = "hooked", .actions = hooked_actions, .action_count = 3 };

static void set_hooks(void)
{
    hooked.run_start = run_start, hooked.run_stop = run_stop;
    hooked.service_start = service_start, hooked.service_stop = service_stop;
    hooked.thread_start = thread_start, hooked.thread_stop = thread_stop;
    hooked.walk_start = walk_start, hooked.walk_stop = walk_stop;
}

/* Replays hooked with the options at these indices, and compares what was told. */
static void assert_hooked(size_t first, size_t serial, enum ct_status status, const char *message, const char *want)
{
    const struct ct_option *options[] = { &two[first], &three[serial], &two[1] };
    struct ct_outcome outcome;
    told[0] = '\0';
    assert_int_equal(ct_replay_walk(&hooked, options, NULL, &outcome, NULL), CT_OK);
    assert_string_equal(told, want);
    assert_int_equal(outcome.status, status);
    if (message == NULL)
        assert_null(outcome.message);
    else if (outcome.message == NULL || strstr(outcome.message, message) == NULL)
        fail_msg("%s", outcome.message);
    ct_outcome_clear(&outcome);
}

static void hooks_run_around_everything_in_the_order_of_a_run(void **state)
{
    (void)state;
    set_hooks();
    assert_hooked(0, 0, CT_PASS, NULL,
                  "run_start service_start thread_start walk_start work0:0:1 walk_stop serial walk_start work1:1:11 "
                  "walk_stop thread_stop service_stop run_stop");
    assert_hooked(1, 0, CT_EXCLUDED, "work", "run_start service_start thread_start thread_stop service_stop run_stop");
}

static void a_serial_action_that_does_not_pass_ends_the_walk(void **state)
{
    (void)state;
    set_hooks();
    assert_hooked(0, 1, CT_BLOCKED, "serial action serve failed: ",
                  "run_start service_start thread_start walk_start work0:0:1 walk_stop serial thread_stop service_stop "
                  "run_stop");
    assert_hooked(0, 2, CT_CANCEL, "serial action serve canceled: ",
                  "run_start service_start thread_start walk_start work0:0:1 walk_stop serial thread_stop service_stop "
                  "run_stop");
}

static void a_hook_that_fails_is_told_and_what_began_is_stopped(void **state)
{
    (void)state;
    set_hooks();
    hooked.walk_start = refuse;
    assert_hooked(0, 0, CT_FAIL, "no",
                  "run_start service_start thread_start refuse walk_stop thread_stop service_stop run_stop");
    hooked.thread_start = refuse;
    assert_hooked(0, 0, CT_LOST, "thread_start failed: ", "run_start service_start refuse service_stop run_stop");
    hooked.service_start = refuse;
    assert_hooked(0, 0, CT_LOST, "service_start failed: ", "run_start refuse run_stop");
    hooked.run_start = refuse;
    assert_hooked(0, 0, CT_NOT_RUN, "run_start failed: ", "refuse run_stop");
}

static int codec_calls;

static void *create_number(const json_t *initial)
{
    long long *number = malloc(sizeof *number);
    if (number != NULL) *number = json_integer_value(initial);
    return number;
}

static json_t *number_to_json(const void *number)
{
    codec_calls++;
    return json_integer(*(const long long *)number);
}

static enum ct_status add(struct ct_walk *walk, const struct ct_option *option)
{
    long long *number = ct_walk_state_pointer(walk);
    *number = *number * 10 + ct_option_int(option);
    return CT_PASS;
}

static enum ct_status pass_serial(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static void a_state_of_its_own_type_goes_through_its_codec_at_a_barrier(void **state)
{
    static const struct ct_state_type type = {
        .create = create_number, .destroy = free, .to_json = number_to_json, .from_json = create_number
    };
    static const struct ct_action actions[] = { CT_ACTION("add", add, three),
                                                CT_SERIAL_ACTION("serve", pass_serial, two),
                                                CT_ACTION("more", add, three) };
    const struct ct_suite suite = {
        .name = "typed", .actions = actions, .action_count = 3, .state = "7", .state_type = &type
    };
    const struct ct_option *options[] = { &three[1], &two[0], &three[2] };
    struct ct_outcome outcome;
    json_t *given = json_integer(5);
    struct ct_replay_options with = { .state = given };
    (void)state;
    codec_calls = 0;
    assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
    assert_int_equal(json_integer_value(outcome.state), 712);
    assert_int_equal(codec_calls, 2);
    ct_outcome_clear(&outcome);
    assert_int_equal(ct_replay_walk(&suite, options, &with, &outcome, NULL), CT_OK);
    assert_int_equal(json_integer_value(outcome.state), 512);
    ct_outcome_clear(&outcome);
    json_decref(given);
}

static uint64_t seen_ids[8];
static size_t seen_count;

static enum ct_status see_id(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    seen_ids[seen_count++] = ct_walk_id(walk);
    return CT_PASS;
}

static void walks_and_branches_have_the_ids_of_the_suite(void **state)
{
    static const struct ct_action actions[] = { CT_SERIAL_ACTION("a", see_id, three), CT_ACTION("b", see_id, three),
                                                CT_SERIAL_ACTION("c", see_id, two), CT_ACTION("d", see_id, two) };
    const struct ct_suite suite = { .name = "ids", .actions = actions, .action_count = 4 };
    const struct ct_option *options[] = { &three[2], &three[1], &two[1], &two[1] };
    struct ct_outcome outcome;
    (void)state;
    seen_count = 0;
    assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
    assert_int_equal(seen_count, 4);
    assert_int_equal(seen_ids[0], 24); /* of 36: a has 12 walks an option, c 6, b 2, d 1 */
    assert_int_equal(seen_ids[1], 33);
    assert_int_equal(seen_ids[2], 30);
    assert_int_equal(seen_ids[3], 33);
    ct_outcome_clear(&outcome);
}

static int count_up(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    (void)error;
    if (index == 1000) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static void a_suite_whose_product_is_too_large_replays_too(void **state)
{
    struct ct_action actions[8];
    const struct ct_option value = CT_INT(999), *options[8];
    const struct ct_suite suite = { .name = "huge", .actions = actions, .action_count = 8 };
    struct ct_outcome outcome;
    char names[8][2];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        actions[i] = (struct ct_action){ .name = names[i], .run = say_option, .source = count_up };
        options[i] = &value;
    }
    told[0] = '\0';
    assert_int_equal(ct_replay_walk(&suite, options, NULL, &outcome, NULL), CT_OK);
    assert_string_equal(told, "999 999 999 999 999 999 999 999");
    ct_outcome_clear(&outcome);
}

static enum ct_status crash(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    return CT_PASS;
}

static void a_crash_is_the_crash_of_the_process(void **state)
{
    static const struct ct_action actions[] = { CT_ACTION_ONCE("crash", crash) };
    const struct ct_suite suite = { .name = "crash", .actions = actions, .action_count = 1 };
    const struct ct_option *options[] = { NULL };
    struct ct_outcome outcome;
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)ct_replay_walk(&suite, options, NULL, &outcome, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
}

static void what_is_missing_is_told(void **state)
{
    const struct ct_option *options[] = { NULL, &three[0], &two[0] };
    struct ct_outcome outcome;
    struct ct_error error;
    (void)state;
    assert_int_equal(ct_replay_walk(&hooked, options, NULL, &outcome, &error), CT_EINVAL);
    assert_string_equal(error.text, "suite 'hooked': no option is given for action 'work'");
    assert_int_equal(ct_replay_walk(&hooked, NULL, NULL, &outcome, &error), CT_EINVAL);
    assert_int_equal(ct_replay_walk_by_id(&hooked, "/nonexistent", 0, NULL, &outcome, &error), CT_ENOTFOUND);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_walk_of_a_trace_ends_as_it_did_and_with_its_state),
        cmocka_unit_test(tables_that_grew_or_moved_give_the_same_walks),
        cmocka_unit_test(what_a_suite_has_lost_is_named),
        cmocka_unit_test(a_trace_of_another_suite_is_refused),
        cmocka_unit_test(options_are_found_by_value_then_label_then_position),
        cmocka_unit_test(hooks_run_around_everything_in_the_order_of_a_run),
        cmocka_unit_test(a_serial_action_that_does_not_pass_ends_the_walk),
        cmocka_unit_test(a_hook_that_fails_is_told_and_what_began_is_stopped),
        cmocka_unit_test(a_state_of_its_own_type_goes_through_its_codec_at_a_barrier),
        cmocka_unit_test(walks_and_branches_have_the_ids_of_the_suite),
        cmocka_unit_test(a_suite_whose_product_is_too_large_replays_too),
        cmocka_unit_test(a_crash_is_the_crash_of_the_process),
        cmocka_unit_test(what_is_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
