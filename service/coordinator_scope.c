/* Serial actions that run once on each host. */
#include "service/coordinator_inner.h"
#include <stdlib.h>
#include <string.h>

#define PUMP_MS 100

/* Kept for hosts that come later: what a branch has had run on each host, by depth. */
struct ct__host_step {
    uint64_t id;
    uint32_t action;
    struct ct__bytes body; /* as in CT__FRAME_STEP; empty: nothing */
};

bool ct__coord_scope_init(struct coordinator *c)
{
    c->host_steps = calloc(ct__plan_stage_count(c->setup->plan), sizeof *c->host_steps);
    return c->host_steps;
}

void ct__coord_leave_branch(struct coordinator *c, size_t depth)
{
    for (size_t i = depth; i + 1 < ct__plan_stage_count(c->setup->plan); i++) c->host_steps[i].body.size = 0;
    for (struct host *host = c->hosts; host; host = host->next) {
        if (host->settled > depth) host->settled = depth;
        if (host->barred > depth) host->barred = 0;
        ct__coord_recount(c, host);
    }
}

static void grant(struct host *host, uint64_t id)
{
    struct ct__bytes body = { 0 };
    ct__put_u8(&body, CT__ITEM_RANGE);
    ct__put_u64(&body, id);
    ct__put_u64(&body, id + 1);
    ct__coord_send(host, CT__FRAME_GRANT, body.data, body.size);
    ct__bytes_free(&body);
}

/* What came of it on a host: one of which it is not good for the branch's walks is left out of them. */
static void settle(struct coordinator *c, struct host *host, size_t depth, const struct ct__result *result)
{
    const char *name = c->setup->suite->actions[c->host_steps[depth].action].name, *message = result->message;
    enum ct_status status = result->status;
    if (status == CT_PASS && result->state) {
        status = CT_FAIL;
        message = "ct_update in a serial action of a host: the state of walks cannot depend on one";
    }
    ct__coord_sum_counts(c, result->counts, result->count_size);
    if (c->on_hosts && result->took_ns > c->outcome.took_ns) c->outcome.took_ns = result->took_ns;
    if (status == CT_PASS) {
        host->settled = depth + 1;
        return;
    }
    host->barred = depth + 1;
    ct__coord_recount(c, host);
    ct__coord_log(c, CT_LOG_WARNING, "serial action %s %s on %s%s%s; it runs no walk of the branch", name,
                  ct_status_name(status), host->name, *message ? ": " : "", message);
    if (!c->on_hosts || (c->outcome.known && (c->outcome.status != CT_CANCEL || status == CT_CANCEL))) return;
    c->outcome.known = true;
    c->outcome.status = status;
    snprintf(c->outcome.message, sizeof c->outcome.message, "on %s: %s", host->name, message);
}

void ct__coord_take_host_outcome(struct coordinator *c, struct host *host, const struct ct__result *result)
{
    settle(c, host, c->step.stage - 1, result);
}

/* The outcome of the step, once no host is at it any more. */
static void conclude(struct coordinator *c, size_t depth)
{
    size_t settled = 0;
    for (const struct host *host = c->hosts; host; host = host->next)
        settled += host->usable && host->channel && host->settled > depth;
    if (settled > 0) {
        c->outcome.known = true;
        c->outcome.status = CT_PASS;
        c->outcome.message[0] = '\0';
    } else if (!c->outcome.known) {
        c->outcome.status = CT_LOST;
        snprintf(c->outcome.message, sizeof c->outcome.message, "no host was there to run it");
    }
}

/* The first step of the branch that a host has not had; depths: none. */
static size_t next_due(const struct coordinator *c, const struct host *host)
{
    size_t depths = ct__plan_stage_count(c->setup->plan) - 1, depth = host->settled;
    while (depth < depths && c->host_steps[depth].body.size == 0) depth++;
    return depth;
}

void ct__coord_run_on_hosts(struct coordinator *c, size_t depth)
{
    struct ct__host_step *kept = &c->host_steps[depth];
    kept->id = c->step.first_id;
    kept->action = c->step.action;
    ct__put_bytes(&kept->body, c->step_body.data, c->step_body.size);
    if (kept->body.failed) ct__coord_give_up(c, "out of memory");
    c->outcome.known = false;
    c->outcome.took_ns = 0;
    json_decref(c->outcome.updates);
    c->outcome.updates = NULL;
    c->on_hosts = true;
    for (struct host *host = c->hosts; host; host = host->next) {
        if (!host->usable || !host->channel || host->barred || next_due(c, host) != depth) continue;
        if (!ct__ranges_add(&host->out, kept->id, kept->id + 1)) ct__coord_give_up(c, "out of memory");
        grant(host, kept->id);
    }
    while (!c->killed && ct__coord_out(c)) ct__coord_pump(c, PUMP_MS);
    c->on_hosts = false;
    ct__ranges_clear(&c->pool.returned);
    conclude(c, depth);
}

void ct__coord_catch_up(struct coordinator *c, struct host *host)
{
    size_t depth = next_due(c, host);
    bool due = !host->barred && host->usable && depth + 1 < ct__plan_stage_count(c->setup->plan);
    bool caught_up = host->catching > 0 && !due;
    struct ct__bytes body = { 0 };
    host->catching = 0;
    if (caught_up) ct__coord_send(host, CT__FRAME_STEP, c->step_body.data, c->step_body.size);
    if (!due) return;
    host->catching = ++c->step_count;
    host->catching_depth = depth;
    ct__put_bytes(&body, c->host_steps[depth].body.data, c->host_steps[depth].body.size);
    if (body.failed) ct__coord_give_up(c, "out of memory");
    ct__set_u32(&body, 0, host->catching);
    ct__coord_send(host, CT__FRAME_STEP, body.data, body.size);
    ct__bytes_free(&body);
    grant(host, c->host_steps[depth].id);
}

void ct__coord_take_caught_up(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    struct ct__result result;
    uint8_t kind = ct__get_u8(cursor);
    if (kind == CT__ITEM_RESULT && ct__result_get(cursor, &result))
        settle(c, host, host->catching_depth, &result);
    else
        settle(c, host, host->catching_depth,
               &(struct ct__result){ .status = CT_LOST, .message = "its executor was lost" });
    ct__coord_catch_up(c, host);
}
