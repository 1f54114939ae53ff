/* Limits of walks, and standing still. */
#include "service/keeper_inner.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STOPPED_LOOK_MS 1000

/* What the keeper saw of a slot when it last looked. */
struct ct__sight {
    uint64_t begun;
    uint32_t action;
    int64_t begun_ms, action_ms; /* when it first saw it so */
};

/* When an executor, or the walk's process that it attends to, was last seen not to be stopped; begun: at which walk. */
struct ct__stand {
    int64_t going_ms;
    uint64_t begun;
};

bool ct__keeper_watch_init(struct ct__keeper *keeper)
{
    const struct ct_suite *suite = keeper->setup->suite;
    keeper->watches = keeper->setup->timeout_ms > 0 || keeper->setup->limit_memory > 0;
    for (size_t i = 0; i < suite->action_count; i++)
        keeper->watches = keeper->watches || suite->actions[i].timeout_ms > 0;
    keeper->sights = calloc(ct__board_slot_count(keeper->board), sizeof *keeper->sights);
    keeper->stands = calloc(keeper->board->post_count, sizeof *keeper->stands);
    return keeper->sights && keeper->stands;
}

void ct__keeper_watch_new(struct ct__keeper *keeper, uint32_t number)
{
    keeper->stands[number] = (struct ct__stand){ .going_ms = ct__now_ms() };
}

/* Whether the slot's walk has begun, but waits for a process of its own: its time does not run yet. */
static bool waits_for_process(const struct ct__keeper *keeper, uint32_t post, const struct ct__slot *slot)
{
    bool serial = post + 1 == keeper->board->post_count;
    return keeper->setup->isolation == CT_ISOLATION_PROCESS && !serial && ct__keeper_pid(&slot->pid) == 0;
}

/* The limit that the slot's walk has passed, in ms; 0: none. */
static int64_t time_passed(const struct ct__keeper *keeper, uint32_t post, const struct ct__slot *slot,
                           struct ct__sight *sight, int64_t now)
{
    const struct ct_suite *suite = keeper->setup->suite;
    uint64_t begun = atomic_load(&slot->begun);
    uint32_t action = atomic_load(&slot->action);
    if (begun != sight->begun || waits_for_process(keeper, post, slot)) sight->begun_ms = now;
    if (sight->begun_ms == now || action != sight->action) sight->action_ms = now;
    sight->begun = begun;
    sight->action = action;
    if (begun % 2 == 0) return 0; /* between walks */
    int64_t whole = keeper->setup->timeout_ms;
    int64_t part = action < suite->action_count ? suite->actions[action].timeout_ms : 0;
    if (whole > 0 && now - sight->begun_ms >= whole) return whole;
    return part > 0 && now - sight->action_ms >= part ? part : 0;
}

static bool memory_passed(const struct ct__keeper *keeper, const struct ct__slot *slot)
{
    pid_t pid = ct__keeper_pid(&slot->pid);
    if (keeper->setup->limit_memory == 0 || pid == 0) return false;
    return ct__resident_bytes(pid) > keeper->setup->limit_memory;
}

/* With isolation=process the walk's own process is killed, and its executor, which waits for it, says why. Where it is
 * at another walk by now, the pid is nobody's. */
static void kill_walk(struct ct__slot *slot, uint64_t begun, enum ct__kill_cause cause, int64_t limit_ms)
{
    pid_t pid = ct__keeper_pid(&slot->pid);
    if (pid == 0 || atomic_load(&slot->begun) != begun) return;
    slot->sentence = (uint32_t)cause;
    slot->limit_ms = limit_ms > UINT32_MAX ? UINT32_MAX : (uint32_t)limit_ms;
    atomic_store(&slot->condemned, begun);
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
}

/* Whether a process was stopped by a signal, as by SIGSTOP; not while a debugger holds it. */
static bool is_stopped(pid_t pid)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file) return false;
    size_t got = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    const char *state = got > 0 ? strrchr(text, ')') : NULL; /* a name can have one, too */
    return state && strncmp(state, ") T", 3) == 0;
}

/* A stopped executor stops all its walks: which of them did it is not to be seen, unless there is one alone. */
static bool hides_culprit(const struct ct__keeper *keeper, uint32_t number)
{
    uint32_t count, busy = 0;
    struct ct__slot *slots = ct__board_slots(keeper->board, number, &count);
    for (uint32_t i = 0; i < count; i++) busy += atomic_load(&slots[i].begun) % 2 == 1;
    return busy > 1 && is_stopped(ct__keeper_pid(&keeper->board->posts[number].pid));
}

static void watch_slot(struct ct__keeper *keeper, uint32_t number, uint32_t index, struct ct__slot *slot, int64_t now)
{
    struct ct__post *post = &keeper->board->posts[number];
    struct ct__sight *sight = &keeper->sights[slot - keeper->board->slots];
    int64_t limit = time_passed(keeper, number, slot, sight, now);
    bool apart = ct__keeper_pid(&slot->pid) != 0;
    if (limit > 0 && apart) {
        kill_walk(slot, sight->begun, CT__KILL_TIMEOUT, limit);
    } else if (limit > 0 && post->cause == CT__KILL_NONE) {
        post->culprit = index;
        post->culprit_ms = limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit;
        ct__keeper_kill(keeper, number, hides_culprit(keeper, number) ? CT__KILL_STOPPED : CT__KILL_TIMEOUT);
    } else if (apart && memory_passed(keeper, slot)) {
        kill_walk(slot, sight->begun, CT__KILL_MEMORY, 0);
    }
}

/* Stops or continues the executors, and the walks that have processes of their own. */
static void signal_all(struct ct__keeper *keeper, int number)
{
    for (uint32_t i = 0; i < keeper->board->post_count; i++) {
        pid_t pid = ct__keeper_pid(&keeper->board->posts[i].pid);
        if (keeper->nurses[i] > 0 && pid > 0) kill(-pid, number);
    }
    for (uint32_t i = 0; i < ct__board_slot_count(keeper->board); i++) {
        pid_t pid = ct__keeper_pid(&keeper->board->slots[i].pid);
        if (pid > 0) kill(-pid, number);
    }
}

/* Returns whether all stand still. */
static bool pause_or_go_on(struct ct__keeper *keeper, int64_t now)
{
    bool paused = atomic_load(&keeper->board->paused);
    if (paused == keeper->paused) return paused;
    if (paused) {
        keeper->paused_ms = now;
    } else {
        for (uint32_t i = 0; i < ct__board_slot_count(keeper->board); i++) {
            keeper->sights[i].begun_ms += now - keeper->paused_ms;
            keeper->sights[i].action_ms += now - keeper->paused_ms;
        }
        keeper->stopped_look_ms = now; /* they need a moment to be seen going on */
    }
    keeper->paused = paused;
    signal_all(keeper, paused ? SIGSTOP : SIGCONT);
    return paused;
}

/* One that somebody stopped, and did not let go on for the lease, is as good as dead. */
static void watch_stopped(struct ct__keeper *keeper, int64_t now)
{
    if (now - keeper->stopped_look_ms < STOPPED_LOOK_MS) return;
    keeper->stopped_look_ms = now;
    for (uint32_t i = 0; i < keeper->board->post_count; i++) {
        uint32_t count;
        struct ct__slot *slots = ct__board_slots(keeper->board, i, &count);
        pid_t executor = ct__keeper_pid(&keeper->board->posts[i].pid), walk = ct__keeper_pid(&slots[0].pid);
        bool stopped = keeper->nurses[i] > 0 && executor > 0 && is_stopped(executor);
        bool walk_stopped = walk > 0 && is_stopped(walk);
        struct ct__stand before = keeper->stands[i];
        uint64_t begun = atomic_load(&slots[0].begun);
        if ((!stopped && !walk_stopped) || begun != before.begun)
            keeper->stands[i] = (struct ct__stand){ .going_ms = now, .begun = begun };
        else if (now - before.going_ms >= CT__LEASE_MS && stopped)
            ct__keeper_kill(keeper, i, CT__KILL_STOPPED);
        else if (now - before.going_ms >= CT__LEASE_MS)
            kill_walk(&slots[0], begun, CT__KILL_STOPPED, 0);
    }
}

void ct__keeper_watch(struct ct__keeper *keeper, int64_t now)
{
    if (pause_or_go_on(keeper, now)) return;
    watch_stopped(keeper, now);
    if (!keeper->watches) return;
    for (uint32_t i = 0; i < keeper->board->post_count; i++) {
        uint32_t count;
        struct ct__slot *slots = ct__board_slots(keeper->board, i, &count);
        for (uint32_t j = 0; keeper->nurses[i] > 0 && j < count; j++) watch_slot(keeper, i, j, &slots[j], now);
    }
}
