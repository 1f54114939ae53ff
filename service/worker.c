#include "service/worker.h"
#include "actions/actions.h"
#include "service/executor.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

#define LOOK_WALKS 256u /* a lane has so many at most: walks of 16 us and more, of which a look takes 0.1 */

enum ct_err ct__worker_init(struct ct__worker *worker, struct ct_error *error)
{
    pthread_mutex_init(&worker->lock, NULL);
    worker->walk = ct__walk_new(worker->setup->plan, &ct__worker_voice, worker, worker->setup->run_dir);
    if (!worker->walk) return ct__nomem(error);
    ct__output_init(&worker->output, worker->setup->max_output);
    if (worker->setup->isolation == CT_ISOLATION_PROCESS && !ct__output_pipe(worker->pipe))
        return ct__error(error, CT_ESYSTEM, "cannot make a pipe");
    worker->streams = dlsym(RTLD_DEFAULT, "_IO_list_all");
    ct__walk_show_action(worker->walk, &worker->slot->action);
    ct__walk_show_part(worker->walk, &worker->slot->part);
    return CT_OK;
}

void ct__worker_clear(struct ct__worker *worker)
{
    ct__walk_free(worker->walk);
    ct__step_clear(&worker->step);
    json_decref(worker->notes);
    ct__bytes_free(&worker->output.kept);
    ct__bytes_free(&worker->counts);
    ct__bytes_free(&worker->inbox);
    ct__bytes_free(&worker->outgoing);
    pthread_mutex_destroy(&worker->lock);
}

/* Whoever watches sees by the odd number that user code runs, and by its change that it got on. */
static void mark(struct ct__slot *slot)
{
    uint64_t begun = atomic_load_explicit(&slot->begun, memory_order_relaxed);
    atomic_store_explicit(&slot->begun, begun + 1, memory_order_relaxed);
}

/* state is taken. */
static void report(struct ct__worker *worker, enum ct_status status, json_t *state)
{
    char *text = state && ct__json_is_writable(state) ? ct__json_text(state) : NULL;
    size_t action = ct__walk_action(worker->walk);
    if (state && !text)
        status = ct_fail_at(worker->walk, NULL, 0,
                            "its state cannot be written as JSON: nested too deep, or out of memory");
    ct__worker_report(worker, &(struct ct__result){ .walk = ct_walk_id(worker->walk),
                                                    .status = status,
                                                    .action = action < UINT32_MAX ? (uint32_t)action : UINT32_MAX,
                                                    .message = ct__walk_message(worker->walk),
                                                    .state = text });
    free(text);
    json_decref(state);
}

/* Whether what the stage left of the walk's state is needed by anybody. */
CT__HOT static bool state_wanted(const struct ct__worker *worker, enum ct_status status)
{
    const struct ct__setup *setup = worker->setup;
    if (setup->gather) return status != CT_EXCLUDED;
    return status == CT_PASS && worker->step.stage < ct__setup_last_stage(setup) &&
           ct__walk_state_changed(worker->walk);
}

/* own is taken. */
CT__HOT static void run_walk(struct ct__worker *worker, uint64_t id, json_t *own)
{
    struct ct_walk *walk = worker->walk;
    ct__walk_open(walk, CT__WALK, id, worker->step.stage, own);
    enum ct_status status = ct__run_stage(walk, worker->step.stage == ct__setup_first_stage(worker->setup));
    bool wanted = state_wanted(worker, status);
    if (status != CT_PASS || wanted || worker->counts.size > 0 || worker->notes) {
        json_t *state = wanted ? ct__walk_state_json(walk) : NULL;
        if (wanted && !state) status = ct_fail_at(walk, NULL, 0, "its state could not be made JSON");
        report(worker, status, state);
    }
    ct__walk_close(walk);
}

uint64_t ct__worker_took_ns(const struct ct__worker *worker)
{
    uint64_t began_ns = atomic_load_explicit(&worker->slot->began_ns, memory_order_relaxed);
    return began_ns ? (uint64_t)ct__now_ns() - began_ns : 0;
}

static void begin_walk(struct ct__worker *worker)
{
    uint64_t now = worker->setup->traced == CT__TRACE_NONE ? 0 : (uint64_t)ct__now_ns();
    atomic_store_explicit(&worker->slot->began_ns, now, memory_order_relaxed);
    if (!worker->notes) return;
    json_decref(worker->notes);
    worker->notes = NULL;
}

/* A walk that a constraint excludes needs no process: no user code is called for it. */
static bool calls_nothing(const struct ct__worker *worker, uint64_t id)
{
    const struct ct__setup *setup = worker->setup;
    return worker->step.stage == ct__setup_first_stage(setup) && ct__plan_broken_rule(setup->plan, id) != NULL;
}

static void run_here_or_apart(struct ct__worker *worker, uint64_t id, json_t *own)
{
    struct ct__slot *slot = worker->slot;
    begin_walk(worker);
    atomic_store_explicit(&slot->walk, id, memory_order_relaxed);
    mark(slot);
    if (worker->setup->isolation == CT_ISOLATION_PROCESS && !calls_nothing(worker, id))
        ct__worker_fork(worker, id, run_walk, own);
    else
        run_walk(worker, id, own);
    if (worker->looks || atomic_load_explicit(&worker->post->talks, memory_order_relaxed)) ct__worker_look(worker);
    mark(slot);
}

/* A serial action or a run hook: its updates take the place of a state. */
static void run_step(struct ct__worker *worker)
{
    const struct ct__step *step = &worker->step;
    const struct ct_suite *suite = worker->setup->suite;
    struct ct_walk *walk = worker->walk;
    enum ct_status status = CT_PASS;
    begin_walk(worker);
    atomic_store_explicit(&worker->slot->walk, step->first_id, memory_order_relaxed);
    mark(worker->slot);
    ct__walk_open(walk, step->kind == CT__STEP_SERIAL ? CT__SERIAL : CT__HOOK, step->first_id, step->stage, NULL);
    ct__walk_set_action(walk, step->action);
    if (step->kind == CT__STEP_SERIAL)
        status = ct__run_serial(walk, step->action, step->option);
    else if (step->kind == CT__STEP_RUN_START)
        status = ct__run_hook(walk, suite->run_start);
    else
        ct__run_stop_hook(walk, suite->run_stop);
    status = ct__walk_said(walk, status);
    report(worker, status, json_incref((json_t *)ct__walk_updates(walk)));
    ct__walk_close(walk);
    mark(worker->slot);
}

/* The state that a listed walk brings, with the updates since laid over it. */
static json_t *own_state(const struct ct__worker *worker, uint32_t stage, const char *text)
{
    json_t *own = ct__json_read(text);
    if (!own) ct__worker_quit(worker, "out of memory for a walk's state"); /* never from another state than its own */
    json_t *since = stage < worker->step.stage ? worker->step.since[stage] : NULL;
    if (json_is_object(own) && since) {
        json_t *copy = json_deep_copy(since); /* the walk may change what it is given */
        json_object_update(own, copy);
        json_decref(copy);
    }
    return own;
}

/* Takes the inbox's records up to the lane's next walk and runs it; false: told to stop. */
static bool run_listed(struct ct__worker *worker, const struct ct__lane *lane)
{
    for (;;) {
        if (!ct__worker_read(worker)) return false;
        struct ct__cursor cursor = ct__cursor(worker->inbox.data, worker->inbox.size);
        bool is_walk = ct__get_u8(&cursor) == CT__RECORD_WALK;
        if (!is_walk || ct__get_u32(&cursor) != lane->sequence) continue; /* taken back from an earlier lane */
        uint64_t id = ct__get_u64(&cursor);
        uint32_t stage = ct__get_u32(&cursor);
        const char *text = ct__get_text(&cursor);
        run_here_or_apart(worker, id, text ? own_state(worker, stage, text) : NULL);
        return true;
    }
}

/* Reads on to the step that the lane belongs to. */
static bool reach_step(struct ct__worker *worker, const struct ct__lane *lane)
{
    while (worker->step.number != lane->step) {
        if (!ct__worker_read(worker)) return false;
        struct ct__cursor cursor = ct__cursor(worker->inbox.data, worker->inbox.size);
        if (ct__get_u8(&cursor) != CT__RECORD_STEP) continue;
        struct ct__step step;
        if (ct__step_get(&cursor, &step, NULL) != CT_OK) return false;
        ct__step_clear(&worker->step);
        worker->step = step;
        if (ct__walk_set_start(worker->walk, json_incref(step.start)) != CT_OK) return false;
    }
    return true;
}

/* Takes the lane's next walk: its index, or -1 where none is left. */
static int64_t claim(struct ct__lane *lane)
{
    uint64_t span = atomic_load_explicit(&lane->span, memory_order_acquire);
    for (;;) {
        uint32_t next = CT__SPAN_NEXT(span), end = CT__SPAN_END(span);
        if (next >= end) return -1;
        if (atomic_compare_exchange_weak(&lane->span, &span, CT__SPAN(next + 1, end))) return next;
    }
}

static bool run_lane(struct ct__worker *worker, struct ct__lane *lane)
{
    if (!reach_step(worker, lane)) return false;
    lane->began_ns = (uint64_t)ct__now_ns();
    worker->looks = worker->post->marked && CT__SPAN_END(atomic_load(&lane->span)) <= LOOK_WALKS;
    ct__worker_look(worker);
    for (int64_t i; (i = claim(lane)) >= 0;) {
        if (worker->step.kind != CT__STEP_STAGE)
            run_step(worker);
        else if (!lane->listed)
            run_here_or_apart(worker, lane->first + (uint64_t)i, NULL);
        else if (!run_listed(worker, lane))
            return false;
        if (worker->setup->traced == CT__TRACE_ALL && i < CT__LANE_MAX_TRACED)
            worker->slot->took_ns[lane - worker->slot->lanes][i] = ct__worker_took_ns(worker);
        atomic_store_explicit(&lane->done, (uint32_t)i + 1, memory_order_release);
    }
    ct__worker_look(worker);
    lane->ended_ns = (uint64_t)ct__now_ns();
    atomic_store_explicit(&lane->full, 0, memory_order_release);
    ct__bell_ring(&worker->board->link_bell);
    return true;
}

/* Waits for the lane to be filled; false: told to stop first. */
static bool await_lane(struct ct__worker *worker, struct ct__lane *lane)
{
    for (;;) {
        uint32_t seen = ct__bell_count(&worker->slot->bell);
        if (atomic_load_explicit(&lane->full, memory_order_acquire)) return true;
        if (atomic_load(&worker->post->stop)) return false;
        ct__bell_wait(&worker->slot->bell, seen, -1);
    }
}

/* The thread ends by pthread_exit: if user code called it, its walk is to blame, and the process is of no more use. */
static void on_thread_exit(void *user)
{
    struct ct__worker *worker = user;
    if (ct__fork_is_copy()) _exit(0);
    if (atomic_load(&worker->slot->begun) % 2 == 0) return;
    ct__witness_note(&worker->slot->witness, CT__DEATH_THREAD_EXIT, 0);
    _exit(CT__EXECUTOR_COMPLAINT);
}

void ct__worker_run(struct ct__worker *worker)
{
    pthread_cleanup_push(on_thread_exit, worker);
    for (size_t turn = worker->turn;; turn++) {
        struct ct__lane *lane = &worker->slot->lanes[turn % 2];
        if (!await_lane(worker, lane) || !run_lane(worker, lane)) break;
    }
    pthread_cleanup_pop(0);
}

void ct__worker_run_one(struct ct__worker *worker)
{
    struct ct__lane *lane = &worker->slot->lanes[0];
    if (await_lane(worker, lane) && run_lane(worker, lane)) worker->turn = 1;
}
