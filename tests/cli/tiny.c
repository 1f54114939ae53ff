/* Small suites for the transcripts: all pass or cancel, some fail, some are slow, one is odd, one is wrong. */
#include <combtest/combtest.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static enum ct_status set_level(struct ct_walk *walk, const struct ct_option *level)
{
    json_object_set_new(ct_walk_state(walk), "level", json_integer(ct_option_int(level)));
    ct_count(walk, "levels", 1);
    return CT_PASS;
}

static enum ct_status use_mode(struct ct_walk *walk, const struct ct_option *mode)
{
    if (ct_option_type(mode) == CT_TYPE_NULL) return ct_cancel(walk, "there is no mode");
    if (ct_option_string(mode)[0] == 'b') return ct_fail(walk, "the mode is\n\033[31mbinary");
    return CT_PASS;
}

static enum ct_status change_setting(struct ct_walk *walk, const struct ct_option *setting)
{
    (void)walk;
    (void)setting;
    return CT_PASS;
}

static enum ct_status talk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    ct_log(walk, CT_LOG_DEBUG, "a detail");
    ct_log(walk, CT_LOG_WARNING, "a warning\nof two \033[31mlines");
    return CT_PASS;
}

/* Leaves the file "started", so that a transcript need not guess when walks run. */
static enum ct_status wait_long(struct ct_walk *walk, const struct ct_option *option)
{
    FILE *started = fopen("started", "w");
    if (started == NULL || fclose(started) != 0) return ct_fail(walk, "cannot write the file started");
    usleep(option == NULL ? 1000000000 : 20000);
    return CT_PASS;
}

static enum ct_status fail_slowly(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    usleep(20000);
    return ct_fail(walk, "sour");
}

/* Whole lines, half a line of each stream, nothing; and a failure, of which the trace is to tell. */
static enum ct_status print_some(struct ct_walk *walk, const struct ct_option *option)
{
    int64_t how = ct_option_int(option);
    if (how == 0) printf("one\ntwo\n");
    if (how == 1) printf("half of it");
    if (how == 2) fputs("the other half", stderr);
    return how == 4 ? ct_fail(walk, "printed") : CT_PASS;
}

/* Fails until it has left the file "tried". */
static enum ct_status fail_first(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    FILE *tried = fopen("tried", "wx");
    if (tried == NULL) return CT_PASS;
    fclose(tried);
    return ct_fail(walk, "the first time");
}

static enum ct_status crash_on_six(struct ct_walk *walk, const struct ct_option *option)
{
    json_int_t level = json_integer_value(json_object_get(ct_walk_state(walk), "level"));
    json_t *noted = json_integer(level);
    (void)option;
    ct_note(walk, "level", noted);
    json_decref(noted);
    if (level == 6) raise(SIGSEGV);
    return CT_PASS;
}

static const struct ct_option levels[] = { CT_INT(1), CT_INT(6), CT_INT(9, .label = "best") };
static const struct ct_option modes[] = { CT_STRING("text"), CT_STRING("a b"), CT_NULL };
static const struct ct_option bad_modes[] = { CT_STRING("text"), CT_STRING("binary") };
static const struct ct_option settings[] = { CT_BOOL(false), CT_BOOL(true) };
static const struct ct_option jsons[] = { CT_JSON("{\"a\": [1, 2]}"), CT_REAL(0.5), CT_REAL(0.1, .label = "a tenth"),
                                          CT_JSON("[1e300, -0.25]") };
static const struct ct_option digits[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                           CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };

static const struct ct_action tiny_actions[] = { CT_ACTION("level", set_level, levels),
                                                 CT_ACTION("mode", use_mode, modes),
                                                 CT_SERIAL_ACTION("setting", change_setting, settings),
                                                 CT_ACTION_ONCE("end", change_setting) };
static const struct ct_action failing_actions[] = { CT_ACTION("level", set_level, levels),
                                                    CT_ACTION("mode", use_mode, bad_modes) };
static const struct ct_action slow_actions[] = { CT_ACTION("a", wait_long, digits), CT_ACTION("b", wait_long, digits),
                                                 CT_ACTION("c", wait_long, digits) };
static const struct ct_action many_actions[] = { CT_ACTION("a", change_setting, digits),
                                                 CT_ACTION("mode", use_mode, bad_modes),
                                                 CT_ACTION("b", change_setting, digits) };
static const struct ct_action stuck_actions[] = { CT_ACTION_ONCE("wait", wait_long) };
static const struct ct_action talking_actions[] = { CT_ACTION_ONCE("talk", talk) };
static const struct ct_option hows[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_option fourth[] = { CT_INT(4) };
static const struct ct_action printing_actions[] = { CT_ACTION("print", print_some, hows),
                                                     CT_ACTION("again", print_some, hows),
                                                     CT_ACTION("fail", print_some, fourth) };
static const struct ct_action sour_actions[] = { CT_ACTION("a", change_setting, digits),
                                                 CT_ACTION("b", change_setting, digits),
                                                 CT_ACTION("c", fail_slowly, digits) };
static const struct ct_action flaky_actions[] = { CT_ACTION_ONCE("try", fail_first) };
static const struct ct_action crashing_actions[] = { CT_ACTION("level", set_level, levels),
                                                     CT_ACTION("crash", crash_on_six, settings) };
static const struct ct_action odd_actions[] = { CT_ACTION("json", change_setting, jsons) };
static const struct ct_action twice_actions[] = { CT_ACTION("a", change_setting, settings),
                                                  CT_ACTION("a", change_setting, settings) };

static const struct ct_suite tiny = { .name = "tiny", .actions = tiny_actions, .action_count = CT_COUNT(tiny_actions) };
static const struct ct_suite failing = { .name = "failing",
                                         .actions = failing_actions,
                                         .action_count = CT_COUNT(failing_actions) };
static const struct ct_suite slow = { .name = "slow", .actions = slow_actions, .action_count = CT_COUNT(slow_actions) };
static const struct ct_suite many = { .name = "many", .actions = many_actions, .action_count = CT_COUNT(many_actions) };
static const struct ct_suite stuck = { .name = "stuck",
                                       .actions = stuck_actions,
                                       .action_count = CT_COUNT(stuck_actions) };
static const struct ct_suite talking = { .name = "talking",
                                         .actions = talking_actions,
                                         .action_count = CT_COUNT(talking_actions) };
static const struct ct_suite printing = { .name = "printing",
                                          .actions = printing_actions,
                                          .action_count = CT_COUNT(printing_actions) };
static const struct ct_suite sour = { .name = "sour", .actions = sour_actions, .action_count = CT_COUNT(sour_actions) };
static const struct ct_suite flaky = { .name = "flaky",
                                       .actions = flaky_actions,
                                       .action_count = CT_COUNT(flaky_actions) };
static const struct ct_suite crashing = { .name = "crashing",
                                          .actions = crashing_actions,
                                          .action_count = CT_COUNT(crashing_actions) };
static const struct ct_suite odd = { .name = "odd", .actions = odd_actions, .action_count = CT_COUNT(odd_actions) };
static const struct ct_suite twice = { .name = "twice",
                                       .actions = twice_actions,
                                       .action_count = CT_COUNT(twice_actions) };
static const struct ct_suite *const suites[] = { &tiny, &failing, &slow,     &many, &stuck, &talking,
                                                 &sour, &flaky,   &crashing, &odd,  &twice, &printing };

int main(int argc, char **argv)
{
    return ct_main_suites(suites, CT_COUNT(suites), argc, argv);
}
