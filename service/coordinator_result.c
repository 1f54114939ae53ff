/* Accounting: each walk ends once, whoever says it how often. */
#include "service/coordinator_inner.h"
#include <stdlib.h>
#include <string.h>

static bool last_stage(const struct coordinator *c)
{
    return c->step.stage == ct__setup_last_stage(c->setup);
}

static void remember(struct coordinator *c, const struct ct__result *result, bool ended)
{
    struct ct__record record = { .walk = result->walk,
                                 .status = ended ? (int)result->status : -1,
                                 .stage = c->step.stage,
                                 .state = result->state,
                                 .state_size = result->state ? strlen(result->state) : 0 };
    struct ct_error error;
    if (!c->store || (ended && last_stage(c) && !c->gathered)) return;
    if (!ended && !result->state) return;
    if (ct__store_put(c->store, &record, &error) != CT_OK) ct__coord_give_up(c, error.text);
    if (!ended) c->has_states = true;
}

static bool answered(struct coordinator *c, struct host *host, uint64_t first, uint64_t end, uint64_t *count)
{
    *count = ct__ranges_remove(&host->out, first, end);
    if (*count == UINT64_MAX) ct__coord_give_up(c, "out of memory");
    if (first <= host->suspect && host->suspect < end) host->suspect = CT__NO_WALK;
    return *count > 0;
}

/* How many walks of a range that passed had failed before: at least one of it had, or it is rare to be asked. */
static uint64_t count_tried(const struct coordinator *c, uint64_t first, uint64_t end)
{
    uint64_t count = 0;
    if (c->pool.tried[0].size == 0) return 0;
    for (uint64_t walk = first; walk < end; walk++) count += ct__ranges_contain(&c->pool.tried[0], walk);
    return count;
}

static void account_passed(struct coordinator *c, const struct host *host, uint64_t first, uint64_t end, uint64_t count)
{
    c->quiet_ms = ct__now_ms();
    c->tally.results.segment_count += count;
    if (c->setup->retries > 0) c->tally.results.flaky_count += count_tried(c, first, end);
    if (!last_stage(c)) return;
    c->tally.results.counts[CT_PASS] += count;
    ct__tally_host(&c->tally, host->name, count, NULL);
}

static void take_range(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    uint64_t first = ct__get_u64(cursor), end = ct__get_u64(cursor), count;
    if (cursor->bad || c->step.kind != CT__STEP_STAGE || !answered(c, host, first, end, &count)) return;
    account_passed(c, host, first, end, count);
}

static void take_timed(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    struct ct__result result = {
        .status = CT_PASS, .message = "", .action = UINT32_MAX, .service = ct__get_u32(cursor)
    };
    uint64_t first = ct__get_u64(cursor), count;
    uint32_t size = ct__get_u32(cursor);
    struct ct__cursor took = ct__cursor(ct__get_bytes(cursor, (size_t)size * 8), (size_t)size * 8);
    if (cursor->bad || c->step.kind != CT__STEP_STAGE || !answered(c, host, first, first + size, &count)) return;
    account_passed(c, host, first, first + size, count);
    for (uint32_t i = 0; count == size && i < size; i++) {
        result.walk = first + i;
        result.took_ns = ct__get_u64(&took);
        ct__coord_trace_walk(c, host, &result);
    }
}

void ct__coord_sum_counts(struct coordinator *c, const void *counts, size_t size)
{
    struct ct__cursor cursor = ct__cursor(counts, size);
    while (cursor.at < cursor.end && !cursor.bad) {
        const char *name = ct__get_text(&cursor);
        int64_t n = (int64_t)ct__get_u64(&cursor);
        if (name && !cursor.bad) ct__tally_count(&c->tally, name, n);
    }
}

static void take_outcome(struct coordinator *c, const struct ct__result *result)
{
    c->outcome.known = true;
    c->outcome.status = result->status;
    snprintf(c->outcome.message, sizeof c->outcome.message, "%s", result->message);
    c->outcome.took_ns = result->took_ns;
    c->outcome.updates = ct__json_read(result->state);
    if (result->state && !c->outcome.updates) ct__coord_give_up(c, "out of memory for the updates of a serial action");
    ct__coord_sum_counts(c, result->counts, result->count_size);
}

/* How often the walk has been tried before, in this stage. */
static uint32_t tries(const struct coordinator *c, uint64_t walk)
{
    uint32_t count = 0;
    while (count < c->setup->retries && ct__ranges_contain(&c->pool.tried[count], walk)) count++;
    return count;
}

/* Whether the walk has another try. */
static bool try_again(struct coordinator *c, const struct ct__result *result, uint32_t tried)
{
    bool failed = result->status == CT_FAIL || result->status == CT_CRASHED || result->status == CT_TIMED_OUT;
    if (!failed || tried >= c->setup->retries || c->stopping) return false;
    if (!ct__ranges_add(&c->pool.tried[tried], result->walk, result->walk + 1)) ct__coord_give_up(c, "out of memory");
    ct__coord_give_back(c, result->walk, result->walk + 1);
    ct__coord_log(c, CT_LOG_WARNING, "walk %llu %s, and runs again: %s", (unsigned long long)result->walk,
                  ct_status_name(result->status), result->message);
    return true;
}

void ct__coord_account(struct coordinator *c, const struct host *host, const struct ct__result *result)
{
    struct ct_results *results = &c->tally.results;
    bool ended = result->status != CT_PASS || last_stage(c);
    uint32_t tried = c->setup->retries > 0 ? tries(c, result->walk) : 0;
    c->quiet_ms = ct__now_ms();
    if (try_again(c, result, tried)) return;
    if (tried > 0 && result->status == CT_PASS) results->flaky_count++;
    if (result->status != CT_EXCLUDED) results->segment_count++;
    ct__coord_sum_counts(c, result->counts, result->count_size);
    remember(c, result, ended);
    if (ended) ct__tally_end(&c->tally, result->walk, result->status, result->message);
    if (ended) ct__tally_host(&c->tally, host->name, 1, NULL);
    ct__coord_trace_walk(c, host, result);
    if (c->setup->fail_fast > 0 && results->error_count >= c->setup->fail_fast) c->stopping = true;
}

static void take_result(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    struct ct__result result;
    uint64_t count;
    if (!ct__result_get(cursor, &result) || !answered(c, host, result.walk, result.walk + 1, &count)) return;
    if (c->step.kind != CT__STEP_STAGE) {
        if (c->on_hosts)
            ct__coord_take_host_outcome(c, host, &result);
        else
            take_outcome(c, &result);
        return;
    }
    ct__coord_account(c, host, &result);
}

static void take_returned(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    uint64_t first = ct__get_u64(cursor), end = ct__get_u64(cursor), count;
    if (cursor->bad || end < first || !answered(c, host, first, end, &count)) return;
    if (count == end - first) ct__coord_give_back(c, first, end);
}

void ct__coord_take_results(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    uint32_t number = ct__get_u32(cursor);
    if (host->catching > 0 && number == host->catching) {
        ct__coord_take_caught_up(c, host, cursor);
        return;
    }
    if (number != c->step.number) return; /* of a step that is over: everything of it was answered */
    while (cursor->at < cursor->end && !cursor->bad) {
        switch (ct__get_u8(cursor)) {
        case CT__ITEM_RANGE: take_range(c, host, cursor); break;
        case CT__ITEM_TIMED: take_timed(c, host, cursor); break;
        case CT__ITEM_RESULT: take_result(c, host, cursor); break;
        case CT__ITEM_RETURNED: take_returned(c, host, cursor); break;
        default: cursor->bad = true;
        }
    }
    if (cursor->bad) ct__channel_close(host->channel); /* it speaks nonsense: its walks go to others */
}

void ct__coord_end_branch(struct coordinator *c, uint64_t first, uint64_t end, enum ct_status status)
{
    uint64_t ended = 0;
    struct ct_error error;
    if (c->store && ct__store_count_ended(c->store, first, end, &ended, &error) != CT_OK)
        ct__coord_give_up(c, error.text);
    c->tally.results.counts[status] += ct__selection_count_in(c->setup->selection, first, end) - ended;
}

void ct__coord_end_rest(struct coordinator *c)
{
    struct ct_results *results = &c->tally.results;
    enum ct_status rest = c->lost && c->began ? CT_LOST : CT_NOT_RUN; /* of a run that never began nothing is lost */
    results->counts[rest] += results->walk_count - ct__tally_ended(&c->tally);
    ct__coord_gather_to(c, ct_plan_walk_count(c->setup->plan), rest, 0);
}
