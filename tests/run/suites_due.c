/* What must come out of a made suite's run, by plain counting. */
#include "suites.h"
#include <stdarg.h>
#include <stdio.h>

size_t made_digit(const struct made_suite *made, size_t id, size_t action)
{
    for (int serial = 0; serial <= 1; serial++)
        for (size_t i = made->count; i-- > 0;) {
            if (made->serial[i] != (serial == 1)) continue;
            if (i == action) return id % made->options[i];
            id /= made->options[i];
        }
    return 0;
}

size_t made_combination(const struct made_suite *made, size_t id)
{
    size_t combination = 0;
    for (size_t i = 0; i < made->count; i++) combination = combination * made->options[i] + made_digit(made, id, i);
    return combination;
}

bool made_fails(const struct made_suite *made, size_t id)
{
    return made->fail_every != 0 && id % made->fail_every == 0;
}

size_t made_stage_of(const struct made_suite *made, size_t action)
{
    size_t stage = 0;
    for (size_t i = 0; i < action; i++) stage += made->serial[i];
    return stage;
}

size_t made_serial_total(const struct made_suite *made)
{
    return made_stage_of(made, made->count);
}

static bool has_actions(const struct made_suite *made, size_t stage)
{
    for (size_t i = 0; i < made->count; i++)
        if (!made->serial[i] && made_stage_of(made, i) == stage) return true;
    return false;
}

/* The stages that walk id goes through: all but an empty stage 0, up to the one it fails in. */
static bool goes_through(const struct made_suite *made, size_t id, size_t stage)
{
    if (stage == 0 && made->serial[0]) return false;
    return !made_fails(made, id) || stage <= made_stage_of(made, made->fail_action);
}

uint64_t made_segments(const struct made_suite *made)
{
    uint64_t segments = 0;
    for (size_t id = 0; id < made->walks; id++)
        for (size_t stage = 0; stage <= made_serial_total(made); stage++) segments += goes_through(made, id, stage);
    return segments;
}

uint64_t made_serial_runs(const struct made_suite *made)
{
    uint64_t runs = 0, branches = 1;
    for (size_t i = 0; i < made->count; i++)
        if (made->serial[i]) runs += branches *= made->options[i];
    return runs;
}

/* Whether the action has run on the walk, to its end. */
static bool has_done(const struct made_suite *made, size_t id, size_t action)
{
    return !made_fails(made, id) || action < made->fail_action;
}

json_t *made_state(const struct made_suite *made, size_t id)
{
    json_t *state = json_object(), *trail = json_array();
    for (size_t i = 0; i < made->count; i++) {
        if (!has_done(made, id, i)) break;
        json_t *digit = json_integer((json_int_t)made_digit(made, id, i));
        if (made->serial[i])
            json_object_set_new(state, made->names[i], digit);
        else
            json_array_append_new(trail, digit);
    }
    json_object_set_new(state, "trail", trail);
    return state;
}

/* ---- the log ---- */

static char verdict[320];

__attribute__((format(printf, 1, 2))) static const char *say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(verdict, sizeof verdict, format, arguments);
    va_end(arguments);
    return verdict;
}

/* Each action ran once for each combination of options, but where the walk had failed before. */
static const char *judge_action(const struct made_suite *made, size_t action)
{
    for (size_t id = 0; id < made->walks; id++) {
        unsigned want = has_done(made, id, action) || action == made->fail_action;
        unsigned got = made->log->ran[action][made_combination(made, id)];
        if (got != want) return say("action %zu ran %u times for walk %zu, not %u", action, got, id, want);
    }
    return NULL;
}

/* Each walk started each of its stages once; an empty stage need not be started at all. */
static const char *judge_stage(const struct made_suite *made, size_t stage)
{
    for (size_t id = 0; id < made->walks; id++) {
        unsigned most = goes_through(made, id, stage), least = has_actions(made, stage) ? most : 0;
        unsigned got = made->log->started[stage][id];
        if (got < least || got > most) return say("walk %zu started stage %zu %u times", id, stage, got);
    }
    return NULL;
}

/* Goes through the serial actions depth first from `first` on, comparing with the events from *at on. */
static const char *judge_events(const struct made_suite *made, size_t first, size_t depth, size_t branch, size_t *at)
{
    size_t action = first;
    while (action < made->count && !made->serial[action]) action++;
    if (action == made->count) return NULL;
    for (size_t option = 0; option < made->options[action]; option++) {
        size_t inner = branch * made->options[action] + option;
        if (*at >= made->log->event_count) return say("only %zu serial steps ran", *at);
        if (made->log->events[*at].depth != depth || made->log->events[*at].branch != inner)
            return say("serial step %zu is not branch %zu at depth %zu", *at, inner, depth);
        ++*at;
        const char *wrong = judge_events(made, action + 1, depth + 1, inner, at);
        if (wrong) return wrong;
    }
    return NULL;
}

const char *made_judge(const struct made_suite *made)
{
    const struct made_log *log = made->log;
    if (log->violations != 0) return say("%u violations, the first: %s", (unsigned)log->violations, log->violation);
    if (log->in_flight != 0 || log->serial_running != 0) return say("something is still running");
    size_t events = 0;
    const char *wrong = judge_events(made, 0, 0, 0, &events);
    if (!wrong && events != log->event_count)
        wrong = say("%u serial steps, not %zu", (unsigned)log->event_count, events);
    for (size_t i = 0; i < made->count && !wrong; i++)
        if (!made->serial[i]) wrong = judge_action(made, i);
    for (size_t stage = 0; stage <= made_serial_total(made) && !wrong; stage++) wrong = judge_stage(made, stage);
    return wrong;
}
