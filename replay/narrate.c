/* Tells a replay as it goes on. */
#include <replay/replay.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* So that a terminal obeys nothing in it; later lines are indented. */
static void put_clean(FILE *out, const char *text)
{
    while (*text != '\0') {
        size_t shown = ct__text_shown(text);
        if (shown > 0)
            (void)fwrite(text, 1, shown, out);
        else
            (void)fputs(*text == '\n' ? "\n    " : "?", out);
        text += shown > 0 ? shown : 1;
    }
}

/* A JSON value on one line. json is taken; NULL says that there is none. */
static void put_json(FILE *out, json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    put_clean(out, text != NULL ? text : "(none)");
    free(text);
    json_decref(json);
}

#define INDENT "    "

/* Goes on behind the narrator's own words, or begins a line behind what others wrote. */
static void begin(const struct ct__narrator *narrator, const char *behind_own, const char *behind_others)
{
    enum ct__others others = narrator->others != NULL ? narrator->others(narrator->others_user, false)
                                                      : CT__OTHERS_NOTHING;
    if (others == CT__OTHERS_HALF_A_LINE) (void)fputc('\n', narrator->out);
    (void)fputs(others == CT__OTHERS_NOTHING ? behind_own : behind_others, narrator->out);
}

/* A line of its own below the action's; the verdict comes below it, too. */
static void begin_line(struct ct__narrator *narrator)
{
    bool within = narrator->lead != NULL && strcmp(narrator->lead, INDENT) != 0;
    begin(narrator, within ? "\n" INDENT : INDENT, INDENT);
    narrator->lead = INDENT;
}

static void end(const struct ct__narrator *narrator)
{
    (void)fflush(narrator->out);
    if (narrator->others != NULL) (void)narrator->others(narrator->others_user, true);
}

static void put_action(const struct ct__narrator *narrator, const struct ct_walk *walk, size_t action)
{
    const struct ct_action *known = &ct_walk_suite(walk)->actions[action];
    const struct ct_option *option = ct__walk_option_at(walk, action);
    if (known->serial)
        (void)fputs("serial: ", narrator->out);
    else
        (void)fprintf(narrator->out, "stage %zu: ", ct_walk_stage(walk));
    put_clean(narrator->out, known->name);
    if (option == NULL) return;
    (void)fputs(" = ", narrator->out);
    put_json(narrator->out, ct__option_to_json(option));
    if (option->label == NULL || option->type == CT_TYPE_POINTER) return;
    (void)fputs(" (", narrator->out);
    put_clean(narrator->out, option->label);
    (void)fputc(')', narrator->out);
}

static void wait_for_user(struct ct__narrator *narrator, struct ct_walk *walk)
{
    char *line = NULL;
    size_t size = 0;
    (void)fputs("\n    state: ", narrator->out);
    put_json(narrator->out, ct__walk_state_json(walk));
    (void)fputs("\n    Enter runs it, c runs all that follows: ", narrator->out);
    (void)fflush(narrator->out);
    if (getline(&line, &size, narrator->in) < 0 || line[0] == 'c') narrator->in = NULL;
    free(line);
    (void)fputs("    ", narrator->out);
    narrator->lead = "";
}

/* A debugger stops here, and finds the address where to stop next in the signal's value. */
static void trap(const struct ct_walk *walk, size_t action)
{
    union sigval value = { 0 };
    ct_run_fn *run = ct_walk_suite(walk)->actions[action].run;
    memcpy(&value.sival_ptr, &run, sizeof run);
    (void)sigqueue(getpid(), SIGTRAP, value);
}

static void before(void *user, struct ct_walk *walk, size_t action)
{
    struct ct__narrator *narrator = user;
    narrator->lead = ": ";
    if (narrator->actions || narrator->in != NULL) {
        begin(narrator, "", "");
        put_action(narrator, walk, action);
        if (narrator->in != NULL) wait_for_user(narrator, walk);
        end(narrator);
    }
    if (narrator->trap_at != action) return;
    narrator->trap_at = CT__NO_TRAP;
    trap(walk, action);
}

static void after(void *user, struct ct_walk *walk, size_t action)
{
    struct ct__narrator *narrator = user;
    (void)action;
    if (!narrator->actions) return;
    begin(narrator, narrator->lead, INDENT);
    (void)fputs(ct_status_name(ct__walk_status(walk)), narrator->out);
    if (*ct__walk_message(walk) != '\0') {
        (void)fputs(": ", narrator->out);
        put_clean(narrator->out, ct__walk_message(walk));
    }
    (void)fputc('\n', narrator->out);
    narrator->lead = INDENT;
    end(narrator);
}

static void narrate_log(void *user, const struct ct_walk *walk, enum ct_log_level level, const char *file, int line,
                        const char *text)
{
    static const char *const names[] = { "debug", "info", "warning", "error", "status" };
    struct ct__narrator *narrator = user;
    enum ct_log_level least = narrator->verbose > 0    ? CT_LOG_DEBUG
                              : narrator->verbose == 0 ? CT_LOG_INFO
                                                       : CT_LOG_ERROR;
    (void)walk;
    if (level < least || level > CT_LOG_STATUS) return;
    if (narrator->actions)
        begin_line(narrator);
    else
        begin(narrator, "", "");
    (void)fprintf(narrator->out, "%s: ", names[level]);
    if (file != NULL) (void)fprintf(narrator->out, "%s:%d: ", file, line);
    put_clean(narrator->out, text);
    (void)fputc('\n', narrator->out);
    end(narrator);
}

static void narrate_note(void *user, const struct ct_walk *walk, const char *key, const json_t *value)
{
    struct ct__narrator *narrator = user;
    (void)walk;
    if (!narrator->actions) return;
    begin_line(narrator);
    (void)fputs("note ", narrator->out);
    put_clean(narrator->out, key);
    (void)fputs(" = ", narrator->out);
    put_json(narrator->out, json_deep_copy(value));
    (void)fputc('\n', narrator->out);
    end(narrator); /* it may be the last thing that the walk says */
}

const struct ct__voice ct__narrator_voice = { .log = narrate_log, .note = narrate_note };

struct ct__observer ct__narrator_observer(struct ct__narrator *narrator)
{
    return (struct ct__observer){ .before = before, .after = after, .user = narrator };
}
