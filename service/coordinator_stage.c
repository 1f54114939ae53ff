/* Stages: giving out their walks, in order, to whoever asks. */
#include "service/coordinator_inner.h"
#include <stdlib.h>
#include <string.h>

#define GRANT_BYTES 1048576u /* of one frame, states included */
#define GRANT_ITEMS 8192u
#define PUMP_MS     100

void ct__coord_begin_step(struct coordinator *c, enum ct__step_kind kind, uint64_t first_id, size_t stage,
                          size_t action, size_t option)
{
    uint32_t number = ++c->step_count;
    size_t depth = kind == CT__STEP_SERIAL ? stage - 1 : stage;
    ct__step_clear(&c->step);
    c->step = (struct ct__step){ .number = number,
                                 .kind = kind,
                                 .first_id = first_id,
                                 .stage = (uint32_t)stage,
                                 .action = (uint32_t)action,
                                 .option = (uint32_t)option };
    c->step.start = ct__coord_start_state(c, depth);
    c->step.since = calloc(stage + 1, sizeof(json_t *));
    if (!c->step.since) ct__coord_give_up(c, "out of memory");
    for (size_t i = 0; kind == CT__STEP_STAGE && i < stage; i++)
        c->step.since[i] = ct__coord_updates_between(c, i, stage);
    c->step_body.size = 0;
    if (ct__step_put(&c->step_body, &c->step) != CT_OK) ct__coord_give_up(c, "out of memory");
    ct__coord_send_all(c, CT__FRAME_STEP, c->step_body.data, c->step_body.size);
}

void ct__coord_give_back(struct coordinator *c, uint64_t first, uint64_t end)
{
    if (!ct__ranges_add(&c->pool.returned, first, end)) ct__coord_give_up(c, "out of memory");
}

static void keep_in(struct coordinator *c, struct ct__ranges *ranges, uint64_t walk)
{
    if (!ct__ranges_add(ranges, walk, walk + 1)) ct__coord_give_up(c, "out of memory");
}

void ct__coord_suspect(struct coordinator *c, struct host *lost, uint64_t walk)
{
    struct pool *pool = &c->pool;
    if (c->step.kind != CT__STEP_STAGE || !ct__ranges_contain(&lost->out, walk)) return;
    if (!ct__ranges_contain(&pool->once, walk)) {
        keep_in(c, &pool->once, walk);
        return; /* it is given out again with all the others that the host had */
    }
    ct__ranges_remove(&lost->out, walk, walk + 1);
    if (!ct__ranges_contain(&pool->twice, walk) || lost->suspect != walk) {
        if (!ct__ranges_contain(&pool->twice, walk)) keep_in(c, &pool->twice, walk);
        keep_in(c, &pool->suspects, walk);
        return;
    }
    ct__coord_account(c, lost,
                      &(struct ct__result){ .walk = walk,
                                            .status = CT_CRASHED,
                                            .message = "it was in flight each time when three services died, the "
                                                       "last time alone" });
}

/* Cuts [*first, *end) to what comes before the next walk that has ended, which it begins after if that is the first. */
static bool cut_ended(struct coordinator *c, uint64_t *first, uint64_t *end)
{
    struct ct__record record;
    struct ct_error error;
    if (!c->store || c->step.stage == ct__setup_first_stage(c->setup)) return true;
    while (*first < *end) {
        enum ct_err found = ct__store_find_ended(c->store, *first, *end, &record, &error);
        if (found == CT_ENOTFOUND) return true;
        if (found != CT_OK) ct__coord_give_up(c, error.text);
        if (record.walk > *first) {
            *end = record.walk;
            return true;
        }
        ++*first;
    }
    return false;
}

/* Takes the next walks out of the pool, at most count in a row; false: none is left. */
static bool take_walks(struct coordinator *c, uint64_t count, struct ct__range *walks)
{
    struct pool *pool = &c->pool;
    if (!pool->open) return false;
    if (ct__ranges_take(&pool->returned, count, walks)) return true;
    while (pool->next < pool->end) {
        uint64_t first, end;
        if (!ct__selection_next(c->setup->selection, pool->next, pool->end, &first, &end)) break;
        if (end - first > count) end = first + count;
        uint64_t looked_to = end;
        if (cut_ended(c, &first, &end)) {
            pool->next = end;
            *walks = (struct ct__range){ first, end };
            return true;
        }
        pool->next = looked_to;
    }
    pool->next = pool->end;
    return false;
}

static void put_range(struct ct__bytes *grant, uint64_t first, uint64_t end)
{
    if (first >= end) return;
    ct__put_u8(grant, CT__ITEM_RANGE);
    ct__put_u64(grant, first);
    ct__put_u64(grant, end);
}

/* Writes walks with the states that they bring; returns where it stopped for the frame's size. */
static uint64_t put_walks(struct coordinator *c, struct ct__bytes *grant, struct ct__range walks)
{
    struct ct__record record;
    struct ct_error error;
    uint64_t at = walks.first;
    while (c->has_states && at < walks.end && grant->size < GRANT_BYTES) {
        enum ct_err found = ct__store_find(c->store, at, walks.end, &record, &error);
        if (found == CT_ENOTFOUND) break;
        if (found != CT_OK) ct__coord_give_up(c, error.text);
        put_range(grant, at, record.walk);
        ct__put_u8(grant, CT__ITEM_OWN);
        ct__put_u64(grant, record.walk);
        ct__put_u32(grant, (uint32_t)record.stage);
        ct__put_text(grant, record.state);
        at = record.walk + 1;
    }
    if (grant->size >= GRANT_BYTES) return at;
    put_range(grant, at, walks.end);
    return walks.end;
}

/* With several hosts nobody is given more than a share, by its threads, of what is left, lest the others end up idle.
 */
static uint64_t share(const struct coordinator *c, const struct host *to)
{
    uint64_t hosts = c->heads.able - c->heads.barred, threads = c->heads.threads;
    uint64_t left = c->pool.returned.count + (c->pool.end - c->pool.next);
    if (hosts < 2 || threads == 0) return to->wants;
    uint64_t most = left / (2 * threads) * to->threads + left % (2 * threads) * to->threads / (2 * threads) + 1;
    return to->wants < most ? to->wants : most;
}

static void put_suspect(struct coordinator *c, struct ct__bytes *grant, uint64_t walk)
{
    struct ct__record record;
    struct ct_error error;
    enum ct_err found = c->has_states ? ct__store_find(c->store, walk, walk + 1, &record, &error) : CT_ENOTFOUND;
    if (found != CT_OK && found != CT_ENOTFOUND) ct__coord_give_up(c, error.text);
    ct__put_u8(grant, CT__ITEM_SUSPECT);
    ct__put_u64(grant, walk);
    ct__put_u32(grant, found == CT_OK ? (uint32_t)record.stage : 0);
    ct__put_text(grant, found == CT_OK ? record.state : NULL);
}

static void grant_to(struct coordinator *c, struct host *host)
{
    uint64_t left = share(c, host), granted = 0;
    struct ct__bytes grant = { 0 };
    struct ct__range walks;
    ct__frame_begin(&grant, CT__FRAME_GRANT, host->epoch);
    if (host->suspect == CT__NO_WALK && ct__ranges_take(&c->pool.suspects, 1, &walks)) {
        host->suspect = walks.first; /* one at a time: if the host dies of it, it is this one's doing */
        put_suspect(c, &grant, walks.first);
        keep_in(c, &host->out, walks.first);
        granted++;
    }
    for (size_t items = 0; left > 0 && items < GRANT_ITEMS && grant.size < GRANT_BYTES && take_walks(c, left, &walks);
         items++) {
        uint64_t to = put_walks(c, &grant, walks);
        if (to < walks.end) ct__coord_give_back(c, to, walks.end);
        if (!ct__ranges_add(&host->out, walks.first, to)) ct__coord_give_up(c, "out of memory");
        granted += to - walks.first;
        left -= to - walks.first;
    }
    if (granted > 0) {
        ct__coord_hunger(c, host, 0);
        host->told_ms = ct__now_ms();
        ct__channel_send(host->channel, &grant);
    }
    ct__bytes_free(&grant);
}

static bool pool_empty(const struct coordinator *c)
{
    const struct pool *pool = &c->pool;
    return !pool->open || (pool->returned.size == 0 && pool->suspects.size == 0 && pool->next >= pool->end);
}

void ct__coord_grant(struct coordinator *c)
{
    for (struct host *host = c->hungry, *next; host && !pool_empty(c); host = next) {
        next = host->hungry_next;
        if (host->usable && host->channel && !host->barred && !host->catching) grant_to(c, host);
    }
}

static void open_pool(struct coordinator *c, const struct ct_step *step)
{
    c->pool.open = true;
    c->pool.next = step->first_id;
    c->pool.end = step->end_id;
}

static void close_pool(struct coordinator *c)
{
    struct pool *pool = &c->pool;
    pool->open = false;
    ct__ranges_clear(&pool->returned);
    ct__ranges_clear(&pool->suspects);
    ct__ranges_clear(&pool->once);
    ct__ranges_clear(&pool->twice);
    for (uint32_t i = 0; i < c->setup->retries; i++) ct__ranges_clear(&pool->tried[i]);
}

void ct__coord_run_stage(struct coordinator *c, const struct ct_step *step)
{
    ct__coord_begin_step(c, CT__STEP_STAGE, step->first_id, step->stage, 0, 0);
    open_pool(c, step);
    for (struct host *host = c->hosts; host; host = host->next)
        if (host->known && host->channel && !host->catching) ct__coord_catch_up(c, host);
    c->quiet_ms = ct__now_ms();
    ct__coord_grant(c);
    while (!c->lost && !c->killed && (!pool_empty(c) || ct__coord_out(c))) {
        if (c->stopping && c->pool.open) {
            c->pool.open = false;
            ct__coord_send_all(c, CT__FRAME_RECALL, NULL, 0);
        }
        ct__coord_pump(c, PUMP_MS);
        ct__coord_grant(c);
    }
    close_pool(c);
    bool whole = !c->stopping && !c->lost && !c->killed;
    if (whole && step->stage == ct__setup_last_stage(c->setup))
        ct__coord_gather_to(c, step->end_id, CT_PASS, step->stage);
}
