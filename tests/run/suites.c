#define _GNU_SOURCE 1
#include "suites.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

/* ---- what the actions do ---- */

static struct made_suite *made_of(const struct ct_walk *walk)
{
    return ct_walk_suite(walk)->user;
}

__attribute__((format(printf, 2, 3))) static void violate(struct made_log *log, const char *format, ...)
{
    if (atomic_fetch_add(&log->violations, 1) != 0) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(log->violation, sizeof log->violation, format, arguments);
    va_end(arguments);
}

/* The walk sees, of each action, the option of its own id. */
static void check_options(struct ct_walk *walk, size_t count)
{
    struct made_suite *made = made_of(walk);
    size_t id = (size_t)ct_walk_id(walk);
    for (size_t i = 0; i < count; i++) {
        const struct ct_option *option = ct_walk_option(walk, made->names[i]);
        if (made->once[i] ? option != NULL : ct_option_int(option) != (int64_t)made_digit(made, id, i))
            violate(made->log, "walk %zu sees a wrong option of action %zu", id, i);
    }
}

/* The combination that the walk shows by its options, whatever its id. */
static size_t shown_combination(struct ct_walk *walk)
{
    struct made_suite *made = made_of(walk);
    size_t combination = 0;
    for (size_t i = 0; i < made->count; i++) {
        int64_t value = made->once[i] ? 0 : ct_option_int(ct_walk_option(walk, made->names[i]));
        combination = combination * made->options[i] + (size_t)value;
    }
    return combination < made->walks ? combination : 0;
}

/* Depth first, the settings of a branch are those its own serial actions made, and none below. */
static void check_settings(struct ct_walk *walk, size_t stage)
{
    struct made_suite *made = made_of(walk);
    size_t id = (size_t)ct_walk_id(walk), depth = 0;
    for (size_t i = 0; i < made->count; i++) {
        if (!made->serial[i]) continue;
        int want = depth < stage ? (int)made_digit(made, id, i) : -1;
        int got = atomic_load(&made->log->setting[depth]);
        if (got != want)
            violate(made->log, "walk %zu in stage %zu sees setting %zu as %d, not %d", id, stage, depth, got, want);
        depth++;
    }
}

static enum ct_status run_ordinary(struct ct_walk *walk, size_t action, size_t value)
{
    struct made_suite *made = made_of(walk);
    size_t id = (size_t)ct_walk_id(walk), stage = ct_walk_stage(walk);
    if (stage != made_stage_of(made, action)) violate(made->log, "action %zu runs in stage %zu", action, stage);
    if (atomic_load(&made->log->serial_running) != 0) violate(made->log, "walk %zu runs beside a serial action", id);
    check_options(walk, made->count);
    check_settings(walk, stage);
    atomic_fetch_add(&made->log->ran[action][shown_combination(walk)], 1);
    if (made_fails(made, id) && action == made->fail_action) return ct_fail(walk, "walk %zu is to fail", id);
    json_array_append_new(json_object_get(ct_walk_state(walk), "trail"), json_integer((json_int_t)value));
    return CT_PASS;
}

static void log_event(struct made_log *log, size_t depth, size_t branch)
{
    unsigned event = atomic_fetch_add(&log->event_count, 1);
    if (event >= MADE_EVENTS_MAX) return;
    log->events[event].depth = depth;
    log->events[event].branch = branch;
}

/* The branch's number among those of its depth, from the options that the serial action is shown. */
static size_t shown_branch(struct ct_walk *walk, size_t action)
{
    struct made_suite *made = made_of(walk);
    size_t branch = 0;
    for (size_t i = 0; i <= action; i++)
        if (made->serial[i])
            branch = branch * made->options[i] + (size_t)ct_option_int(ct_walk_option(walk, made->names[i]));
    return branch;
}

static enum ct_status run_serial(struct ct_walk *walk, size_t action, size_t value)
{
    struct made_suite *made = made_of(walk);
    struct made_log *log = made->log;
    size_t depth = made_stage_of(made, action);
    if (atomic_fetch_add(&log->serial_running, 1) != 0) violate(log, "two serial actions run at once");
    if (atomic_load(&log->in_flight) != 0) violate(log, "serial action %zu starts while walks run", action);
    if (ct_walk_stage(walk) != depth + 1) violate(log, "serial action %zu is told a wrong stage", action);
    if (made_digit(made, (size_t)ct_walk_id(walk), action) != value) violate(log, "branch and option disagree");
    log_event(log, depth, shown_branch(walk, action));
    atomic_store(&log->setting[depth], (int)value);
    for (size_t below = depth + 1; below < MADE_ACTIONS_MAX; below++) atomic_store(&log->setting[below], -1);
    nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL); /* so that a walk that does not wait is caught */
    if (atomic_load(&log->in_flight) != 0) violate(log, "walks started while serial action %zu ran", action);
    json_t *changes = json_pack("{s:i}", made->names[action], (int)value);
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    atomic_fetch_sub(&log->serial_running, 1);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static enum ct_status run_action(struct ct_walk *walk, const struct ct_option *option, size_t action)
{
    struct made_suite *made = made_of(walk);
    size_t value = made->once[action] ? 0 : (size_t)ct_option_int(option);
    return made->serial[action] ? run_serial(walk, action, value) : run_ordinary(walk, action, value);
}

/* A run function is not told which action it runs for, so each has its own. */
#define RUN(n)                                                                                                         \
    static enum ct_status run_##n(struct ct_walk *walk, const struct ct_option *option)                                \
    {                                                                                                                  \
        return run_action(walk, option, n);                                                                            \
    }
RUN(0)
RUN(1)
RUN(2)
RUN(3)
RUN(4)
RUN(5)
RUN(6)
RUN(7)
RUN(8)
RUN(9)
RUN(10)
RUN(11)
static ct_run_fn *const runs[MADE_ACTIONS_MAX] = { run_0, run_1, run_2, run_3, run_4,  run_5,
                                                   run_6, run_7, run_8, run_9, run_10, run_11 };

static enum ct_status start_walk(struct ct_walk *walk)
{
    struct made_log *log = made_of(walk)->log;
    atomic_fetch_add(&log->in_flight, 1);
    if (atomic_load(&log->serial_running) != 0) violate(log, "a walk starts while a serial action runs");
    atomic_fetch_add(&log->started[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    return CT_PASS;
}

static void stop_walk(struct ct_walk *walk)
{
    atomic_fetch_sub(&made_of(walk)->log->in_flight, 1);
}

/* ---- making a suite ---- */

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool draw_serial(uint64_t *seed, enum made_form form, size_t i, size_t count)
{
    switch (form) {
    case MADE_FIRST: return i == 0;
    case MADE_LAST: return i + 1 == count;
    case MADE_ADJACENT: return i >= count / 3 && i < count / 3 + 2;
    case MADE_ALONE: return true;
    case MADE_ANYWHERE: return draw(seed) % 3 == 0;
    default: return false;
    }
}

/* Draws how many options each action has, within what the log can hold. */
static void draw_sizes(struct made_suite *made, uint64_t *seed)
{
    size_t branches = 1;
    made->walks = 1;
    for (size_t i = 0; i < made->count; i++) {
        size_t options = made->once[i] ? 1 : 1 + draw(seed) % (made->count < 4 ? 12 : 4);
        if (made->walks * options > MADE_WALKS_MAX) options = 1;
        if (made->serial[i] && branches * options > 32) options = 1;
        if (made->serial[i]) branches *= options;
        made->options[i] = options;
        made->walks *= options;
    }
}

static void draw_failures(struct made_suite *made, uint64_t *seed)
{
    size_t ordinary = 0;
    for (size_t i = 0; i < made->count; i++) ordinary += !made->serial[i];
    if (ordinary == 0) return;
    size_t pick = draw(seed) % ordinary;
    for (size_t i = 0; i < made->count; i++)
        if (!made->serial[i] && pick-- == 0) made->fail_action = i;
    made->fail_every = 2 + draw(seed) % 5;
}

static void draw_shape(struct made_suite *made, uint64_t seed, enum made_form form, bool failing)
{
    uint64_t draws = seed * 1000 + (uint64_t)form;
    made->count = 1 + draw(&draws) % (form == MADE_ALONE ? 4 : MADE_ACTIONS_MAX);
    if (form == MADE_ADJACENT && made->count < 2) made->count = 2;
    for (size_t i = 0; i < made->count; i++) {
        made->serial[i] = draw_serial(&draws, form, i, made->count);
        uint64_t kind = draw(&draws) % 6;
        made->once[i] = kind == 0 && !made->serial[i];
        made->source[i] = kind == 1;
    }
    draw_sizes(made, &draws);
    if (failing) draw_failures(made, &draws);
}

static int give_option(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)error;
    if (index >= *(const size_t *)user) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static void fill_action(struct made_suite *made, size_t i)
{
    struct ct_action *action = &made->actions[i];
    snprintf(made->names[i], sizeof made->names[i], "a%zu", i);
    *action = (struct ct_action){ .name = made->names[i], .run = runs[i], .serial = made->serial[i] };
    if (made->once[i]) {
        action->once = true;
    } else if (made->source[i]) {
        action->source = give_option;
        action->source_user = &made->options[i];
    } else {
        for (size_t o = 0; o < made->options[i]; o++) made->values[i][o] = (struct ct_option)CT_INT((int64_t)o);
        action->options = made->values[i];
        action->option_count = made->options[i];
    }
}

static void describe(struct made_suite *made)
{
    size_t at = 0;
    for (size_t i = 0; i < made->count; i++)
        at += (size_t)snprintf(made->text + at, sizeof made->text - at, "%s%s%zu ", made->serial[i] ? "serial " : "",
                               made->source[i] ? "iterator " : "", made->options[i]);
}

struct made_suite *made_new(uint64_t seed, enum made_form form, bool failing)
{
    struct made_suite *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    made->log = mmap(NULL, sizeof *made->log, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (made->log == MAP_FAILED) {
        free(made);
        return NULL;
    }
    for (size_t i = 0; i < MADE_ACTIONS_MAX; i++) atomic_store(&made->log->setting[i], -1);
    draw_shape(made, seed, form, failing);
    for (size_t i = 0; i < made->count; i++) fill_action(made, i);
    describe(made);
    made->suite = (struct ct_suite){ .name = "made",
                                     .actions = made->actions,
                                     .action_count = made->count,
                                     .state = "{\"trail\": []}",
                                     .user = made,
                                     .walk_start = start_walk,
                                     .walk_stop = stop_walk };
    return made;
}

void made_free(struct made_suite *made)
{
    if (!made) return;
    munmap(made->log, sizeof *made->log);
    free(made);
}
