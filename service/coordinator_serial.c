/* Serial actions and run hooks: one at a time, while nothing else runs. */
#include "service/coordinator_inner.h"
#include <string.h>

#define PUMP_MS         100
#define RUN_START_TRIES 3 /* where the service it ran on was lost */

/* A link was lost, and the keeper starts another one. */
static bool another_comes(struct coordinator *c)
{
    return !ct__coord_local_host(c) && !c->lost && c->lifeline >= 0;
}

/* Has the step in progress run by the serial executor and waits for its outcome. */
static void run_alone(struct coordinator *c)
{
    while (!c->killed && another_comes(c)) ct__coord_pump(c, PUMP_MS);
    /* for run_stop a serial executor that was dropped is started anew */
    struct host *host = c->step.kind == CT__STEP_RUN_STOP ? ct__coord_local_host(c) : ct__coord_serial_host(c);
    struct ct__bytes body = { 0 };
    c->outcome.known = false;
    c->outcome.took_ns = 0;
    json_decref(c->outcome.updates);
    c->outcome.updates = NULL;
    if (host) {
        uint64_t id = c->step.first_id;
        if (!ct__ranges_add(&host->out, id, id + 1)) ct__coord_give_up(c, "out of memory");
        ct__put_u8(&body, CT__ITEM_RANGE);
        ct__put_u64(&body, id);
        ct__put_u64(&body, id + 1);
        ct__coord_send(host, CT__FRAME_GRANT, body.data, body.size);
        ct__bytes_free(&body);
    }
    while (!c->killed && !c->outcome.known && ct__coord_out(c)) ct__coord_pump(c, PUMP_MS);
    if (c->outcome.known) return;
    c->outcome.status = CT_LOST;
    snprintf(c->outcome.message, sizeof c->outcome.message, "%s",
             *c->serial_why ? c->serial_why : "the serial executor was lost");
    ct__ranges_clear(&c->pool.returned);
}

/* "serial action cache failed: open.c:12: no room; 1 walk blocked": the first one is the note of the results. One that
 * the infrastructure could not run makes the run incomplete. */
static void tell_closed(struct coordinator *c, const struct ct_step *step, enum ct_status status, uint64_t count)
{
    const char *name = c->setup->suite->actions[step->action].name, *message = c->outcome.message;
    char line[1024];
    snprintf(line, sizeof line, "serial action %s %s%s%s; %llu walk%s %s", name, ct_status_name(c->outcome.status),
             *message ? ": " : "", message, (unsigned long long)count, count == 1 ? "" : "s", ct_status_name(status));
    ct__coord_log(c, status == CT_CANCEL ? CT_LOG_INFO : CT_LOG_ERROR, "%s", line);
    if (!*c->remark) snprintf(c->remark, sizeof c->remark, "%s", line);
    if (c->outcome.status == CT_LOST && !*c->note) snprintf(c->note, sizeof c->note, "%.500s", line);
}

/* A branch whose serial action did not pass: its walks end here. */
static void close_branch(struct coordinator *c, const struct ct_step *step)
{
    enum ct_status status = c->outcome.status == CT_CANCEL ? CT_CANCEL : CT_BLOCKED;
    uint64_t before = c->tally.results.counts[status];
    ct__coord_end_branch(c, step->first_id, step->end_id, status);
    ct__coord_gather_to(c, step->end_id, status, step->stage - 1);
    tell_closed(c, step, status, c->tally.results.counts[status] - before);
}

bool ct__coord_run_serial(struct coordinator *c, const struct ct_step *step)
{
    size_t depth = step->stage - 1;
    for (size_t i = depth; i + 1 < ct__plan_stage_count(c->setup->plan); i++) {
        json_decref(c->updates[i]);
        c->updates[i] = NULL;
    }
    ct__coord_leave_branch(c, depth);
    ct__coord_begin_step(c, CT__STEP_SERIAL, step->first_id, step->stage, step->action, step->option);
    if (c->setup->suite->actions[step->action].scope == CT_SCOPE_HOST)
        ct__coord_run_on_hosts(c, depth);
    else
        run_alone(c);
    if (c->killed) return false;
    c->tally.results.serial_count++;
    ct__coord_trace_serial(c, step, &c->outcome);
    c->updates[depth] = c->outcome.updates;
    c->outcome.updates = NULL;
    if (c->outcome.status == CT_PASS) return true;
    json_decref(c->updates[depth]);
    c->updates[depth] = NULL;
    if (c->outcome.status != CT_CANCEL) c->tally.results.serial_failed_count++;
    close_branch(c, step);
    return false;
}

bool ct__coord_run_start_hook(struct coordinator *c)
{
    if (!c->setup->suite->run_start) return true;
    for (int tries = 0; tries == 0 || (c->outcome.status == CT_LOST && tries < RUN_START_TRIES); tries++) {
        ct__coord_begin_step(c, CT__STEP_RUN_START, 0, 0, 0, 0);
        run_alone(c);
        if (c->killed || c->lost) break;
    }
    if (c->killed) return false;
    if (c->outcome.status != CT_PASS) {
        snprintf(c->note, sizeof c->note, "run_start %s%s%.400s: nothing was run", ct_status_name(c->outcome.status),
                 *c->outcome.message ? ": " : "", c->outcome.message);
        return false;
    }
    if (c->outcome.updates && json_object_update(c->initial, c->outcome.updates) != 0)
        ct__coord_give_up(c, "out of memory");
    return true;
}

void ct__coord_run_stop_hook(struct coordinator *c)
{
    if (!c->setup->suite->run_stop || c->killed) return;
    ct__coord_begin_step(c, CT__STEP_RUN_STOP, 0, 0, 0, 0);
    run_alone(c);
    if (c->outcome.status != CT_PASS)
        ct__coord_log(c, CT_LOG_ERROR, "run_stop %s: %s", ct_status_name(c->outcome.status), c->outcome.message);
}
