/* One walk again: what executors and coordinator do with it between them, in order, on one thread. */
#include <replay/trace_inner.h>
#include <stdlib.h>
#include <string.h>

struct play {
    const struct ct__replay *replay;
    const struct ct_suite *suite;
    const struct ct__observer *observer;
    struct ct_walk *walk;
    json_t *start; /* what walks begin with: the initial state and the updates so far */
    json_t *own;   /* the walk's state at its last barrier, or NULL: it is still the start */
    struct ct_outcome outcome;
    bool no_memory;
};

/* Ends the play with a status; the message is what the walk object says now, behind `what`. */
static void conclude(struct play *play, enum ct_status status, const char *what)
{
    const char *said = ct__walk_message(play->walk);
    char *message = NULL;
    int size = asprintf(&message, "%s%s%s", what, *what != '\0' && *said != '\0' ? ": " : "", said);
    if (size <= 0) {
        play->no_memory = play->no_memory || size < 0;
        if (size == 0) free(message);
        message = NULL;
    }
    free(play->outcome.message);
    play->outcome.message = message;
    play->outcome.status = status;
}

/* Merges changes into an object by top-level keys; what is none stays as it is. */
static json_t *merged(struct play *play, json_t *state, const json_t *changes)
{
    json_t *made, *copy;
    if (!json_is_object(state) || changes == NULL) return state;
    made = json_deep_copy(state);
    copy = json_deep_copy(changes);
    if (made == NULL || copy == NULL || json_object_update(made, copy) != 0) play->no_memory = true;
    json_decref(copy);
    json_decref(state);
    return made;
}

/* What a serial action or run_start gave to ct_update reaches the walk, whose object is open still. */
static void take_updates(struct play *play)
{
    const json_t *updates = ct__walk_updates(play->walk);
    play->start = merged(play, play->start, updates);
    play->own = merged(play, play->own, updates);
}

static void set_start(struct play *play)
{
    json_t *copy = json_deep_copy(play->start);
    if (copy == NULL || ct__walk_set_start(play->walk, copy) != CT_OK) play->no_memory = true;
}

/* A hook with a verdict; where it does not pass, the walk ends with `otherwise`. */
static bool run_hook(struct play *play, enum ct_status (*hook)(struct ct_walk *walk), const char *name,
                     enum ct_status otherwise)
{
    char what[64];
    if (hook == NULL) return true;
    ct__walk_open(play->walk, CT__HOOK, 0, 0, NULL);
    bool passed = ct__run_hook(play->walk, hook) == CT_PASS;
    (void)snprintf(what, sizeof what, "%s %s", name, ct_status_name(ct__walk_status(play->walk)));
    if (!passed)
        conclude(play, otherwise, what);
    else if (otherwise == CT_NOT_RUN)
        take_updates(play);
    ct__walk_close(play->walk);
    if (play->start != NULL) set_start(play);
    return passed && !play->no_memory;
}

/* By its name. What it says changes no result, and is told. */
static void run_stop_hook(struct play *play, void (*hook)(struct ct_walk *walk), const char *name)
{
    if (hook == NULL) return;
    ct__walk_open(play->walk, CT__HOOK, 0, 0, NULL);
    ct__run_stop_hook(play->walk, hook);
    if (ct__walk_status(play->walk) != CT_PASS)
        ct_log_at(play->walk, CT_LOG_ERROR, NULL, 0, "%s %s: %s", name, ct_status_name(ct__walk_status(play->walk)),
                  ct__walk_message(play->walk));
    ct__walk_close(play->walk);
}

static bool run_serial(struct play *play, size_t depth)
{
    size_t action = ct__plan_serial_action(play->replay->plan, depth);
    char what[300];
    ct__walk_open(play->walk, CT__SERIAL, play->replay->branches[depth], depth + 1, NULL);
    ct__walk_set_action(play->walk, action);
    if (play->observer != NULL) play->observer->before(play->observer->user, play->walk, action);
    enum ct_status status = ct__run_serial(play->walk, action, 0);
    if (play->observer != NULL) play->observer->after(play->observer->user, play->walk, action);
    (void)snprintf(what, sizeof what, "serial action %.200s %s", play->suite->actions[action].name,
                   ct_status_name(status));
    if (status == CT_PASS)
        take_updates(play);
    else
        conclude(play, status == CT_CANCEL ? CT_CANCEL : CT_BLOCKED, what);
    ct__walk_close(play->walk);
    if (play->start != NULL) set_start(play);
    return status == CT_PASS && !play->no_memory;
}

/* Takes the walk's state out, as a barrier and the run's end do. A state that must go on and has no JSON fails the
 * walk. */
static void take_state(struct play *play, bool more)
{
    bool changed = ct__walk_state_changed(play->walk);
    json_t *state = ct__walk_status(play->walk) != CT_EXCLUDED ? ct__walk_state_json(play->walk) : NULL;
    json_decref(play->outcome.state);
    play->outcome.state = json_deep_copy(state);
    if (state != NULL && play->outcome.state == NULL) play->no_memory = true;
    if (state == NULL && more && changed && ct__walk_status(play->walk) == CT_PASS)
        (void)ct_fail_at(play->walk, NULL, 0, "its state could not be made JSON");
    if (changed) {
        json_decref(play->own);
        play->own = json_incref(state);
    }
    json_decref(state);
}

/* The walk takes a state of its own along, for it may be changed in place. */
static bool run_stage(struct play *play, size_t stage, bool first)
{
    bool more = stage + 1 < ct__plan_stage_count(play->replay->plan);
    json_t *own = play->own != NULL ? json_deep_copy(play->own) : NULL;
    if (play->own != NULL && own == NULL) {
        play->no_memory = true;
        return false;
    }
    ct__walk_open(play->walk, CT__WALK, play->replay->id, stage, own);
    if (first && play->replay->broken != NULL)
        ct__walk_exclude_by(play->walk, play->replay->broken);
    else
        (void)ct__run_stage_observed(play->walk, first, play->observer);
    take_state(play, more);
    enum ct_status status = ct__walk_status(play->walk);
    conclude(play, status, "");
    ct__walk_close(play->walk);
    return status == CT_PASS;
}

static void run_walk(struct play *play)
{
    const struct ct_plan *plan = play->replay->plan;
    size_t first = play->suite->actions[0].serial ? 1 : 0;
    for (size_t stage = 0; stage < ct__plan_stage_count(plan); stage++) {
        if (stage > 0 && !run_serial(play, stage - 1)) return;
        if (stage >= first && !run_stage(play, stage, stage == first)) return;
        if (play->no_memory) return;
    }
}

static void run_thread(struct play *play)
{
    if (!run_hook(play, play->suite->service_start, "service_start", CT_LOST)) return;
    if (run_hook(play, play->suite->thread_start, "thread_start", CT_LOST)) {
        run_walk(play);
        run_stop_hook(play, play->suite->thread_stop, "thread_stop");
    }
    run_stop_hook(play, play->suite->service_stop, "service_stop");
}

static void run_on_host(struct play *play)
{
    if (run_hook(play, play->suite->host_start, "host_start", CT_LOST)) run_thread(play);
    run_stop_hook(play, play->suite->host_stop, "host_stop");
}

enum ct_err ct__replay_run(struct ct__replay *replay, const struct ct__observer *observer,
                           const struct ct__voice *voice, void *voice_user, struct ct_outcome *outcome,
                           struct ct_error *error)
{
    struct play play = { .replay = replay, .suite = replay->suite, .observer = observer };
    enum ct_err err = CT_OK;
    if (!ct__fork_mark()) return ct__error(error, CT_ESYSTEM, "no memory for a page");
    play.start = json_deep_copy(replay->whole->state);
    play.walk = ct__walk_new(replay->plan, voice, voice_user, NULL);
    if (play.walk == NULL || play.start == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    if (observer != NULL) {
        ct__walk_show_action(play.walk, observer->action);
        ct__walk_show_part(play.walk, observer->part);
    }
    if (run_hook(&play, replay->suite->run_start, "run_start", CT_NOT_RUN)) run_on_host(&play);
    run_stop_hook(&play, replay->suite->run_stop, "run_stop");
    if (play.no_memory) err = ct__nomem(error);
out:
    if (err == CT_OK)
        *outcome = play.outcome;
    else
        ct_outcome_clear(&play.outcome);
    json_decref(play.start);
    json_decref(play.own);
    ct__walk_free(play.walk);
    return err;
}
