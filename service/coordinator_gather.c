/* States: what a branch starts with, and the file of gathered states. */
#include "service/coordinator_inner.h"
#include <inttypes.h>
#include <stdlib.h>

json_t *ct__coord_updates_between(struct coordinator *c, size_t from, size_t to)
{
    json_t *merged = NULL;
    for (size_t depth = from; depth < to; depth++) {
        if (!c->updates[depth]) continue;
        if (!merged) merged = json_object();
        if (!merged || json_object_update(merged, c->updates[depth]) != 0) ct__coord_give_up(c, "out of memory");
    }
    return merged;
}

json_t *ct__coord_start_state(struct coordinator *c, size_t depth)
{
    json_t *updates = ct__coord_updates_between(c, 0, depth);
    json_t *state = updates ? json_copy(c->initial) : json_incref(c->initial);
    if (!state) ct__coord_give_up(c, "out of memory");
    if (updates && json_is_object(state) && json_object_update(state, updates) != 0)
        ct__coord_give_up(c, "out of memory");
    json_decref(updates);
    return state;
}

static bool has_state(enum ct_status status)
{
    return status == CT_PASS || status == CT_FAIL || status == CT_CANCEL || status == CT_BLOCKED;
}

static void write_line(struct coordinator *c, uint64_t walk, enum ct_status status, const char *state)
{
    const char *text = state && has_state(status) ? state : "null";
    if (fprintf(c->gathered, "{\"walk\":%" PRIu64 ",\"status\":\"%s\",\"state\":%s}\n", walk, ct_status_name(status),
                text) < 0)
        ct__coord_no_states(c);
}

/* A walk that has not ended: its own state, held since record->stage, with the updates since. */
static void write_open_walk(struct coordinator *c, const struct ct__record *record, enum ct_status status, size_t depth)
{
    json_t *state = ct__json_read(record->state);
    json_t *since = ct__coord_updates_between(c, record->stage, depth);
    if (since && json_is_object(state)) json_object_update(state, since);
    char *text = ct__json_text(state);
    if (!text) ct__coord_give_up(c, "out of memory");
    write_line(c, record->walk, status, text);
    free(text);
    json_decref(since);
    json_decref(state);
}

static void write_run(struct coordinator *c, uint64_t first, uint64_t end, enum ct_status rest, size_t depth)
{
    json_t *start = ct__coord_start_state(c, depth);
    char *text = ct__json_text(start);
    if (!text) ct__coord_give_up(c, "out of memory");
    for (uint64_t walk = first; walk < end;) {
        struct ct__record record;
        struct ct_error error;
        enum ct_err found = ct__store_find(c->store, walk, end, &record, &error);
        if (found != CT_OK && found != CT_ENOTFOUND) ct__coord_give_up(c, error.text);
        uint64_t next = found == CT_OK ? record.walk : end;
        for (; walk < next; walk++) write_line(c, walk, rest, text);
        if (found != CT_OK) break;
        if (record.status >= 0)
            write_line(c, walk, (enum ct_status)record.status, record.state);
        else if (record.state && has_state(rest))
            write_open_walk(c, &record, rest, depth);
        else
            write_line(c, walk, rest, text);
        walk++;
    }
    free(text);
    json_decref(start);
}

void ct__coord_gather_to(struct coordinator *c, uint64_t end, enum ct_status rest, size_t depth)
{
    uint64_t first, run_end, from = c->gathered_to;
    struct ct_error error;
    if (end <= c->gathered_to) return;
    for (; c->gathered && ct__selection_next(c->setup->selection, c->gathered_to, end, &first, &run_end);
         c->gathered_to = run_end)
        write_run(c, first, run_end, rest, depth);
    c->gathered_to = end;
    if (c->store && ct__store_drop(c->store, from, end, &error) != CT_OK) ct__coord_give_up(c, error.text);
}
