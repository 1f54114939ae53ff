/* Reading what the threads of executors have to say, and clearing up after those that died. */
#include "service/link_inner.h"
#include <stdlib.h>
#include <string.h>

#define LANE_NS 4000000u /* how long a lane should last */
#define GROWTH  4u       /* from one lane to the next */

static uint64_t deal_walk(const struct deal *deal, uint32_t index)
{
    return deal->items ? deal->items[index]->first : deal->first + index;
}

static void report_timed(struct link *link, const struct deal *deal, uint32_t from, uint32_t to)
{
    struct ct__bytes *frame = ct__link_report_raw(link, CT__ITEM_TIMED);
    ct__put_u32(frame, deal->service);
    ct__put_u64(frame, deal_walk(deal, from));
    ct__put_u32(frame, to - from);
    for (uint32_t i = from; i < to; i++) ct__put_u64(frame, deal->took_ns[i]);
}

static void report_passed(struct link *link, const struct deal *deal, uint32_t from, uint32_t to)
{
    while (from < to) {
        uint32_t run = from + 1;
        if (!deal->items) run = to;
        while (run < to && deal_walk(deal, run) == deal_walk(deal, run - 1) + 1) run++;
        if (link->setup->traced == CT__TRACE_ALL)
            report_timed(link, deal, from, run);
        else
            ct__link_report_range(link, CT__ITEM_RANGE, deal_walk(deal, from), deal_walk(deal, run - 1) + 1);
        from = run;
    }
}

/* Reports what has ended up to done and brought no record: plain passes. */
static void report_done(struct link *link, struct deal *deal, uint32_t done)
{
    uint32_t told = 0;
    if (done > deal->count) done = deal->count;
    while (told < deal->told_count && deal->told[told] < done) {
        report_passed(link, deal, deal->reported, deal->told[told]);
        deal->reported = deal->told[told++] + 1;
    }
    report_passed(link, deal, deal->reported, done);
    if (done > deal->reported) deal->reported = done;
    deal->told_count -= told;
    if (told > 0 && deal->told_count > 0) memmove(deal->told, deal->told + told, deal->told_count * sizeof *deal->told);
}

/* Which walk of the deal it is; count: none. */
static uint32_t find_walk(const struct deal *deal, uint64_t walk)
{
    if (!deal->out) return deal->count;
    if (!deal->items)
        return walk >= deal->first && walk - deal->first < deal->count ? (uint32_t)(walk - deal->first) : deal->count;
    for (uint32_t i = deal->reported; i < deal->count; i++)
        if (deal->items[i]->first == walk) return i;
    return deal->count;
}

static bool note_told(struct deal *deal, uint64_t walk)
{
    uint32_t index = find_walk(deal, walk);
    if (index == deal->count || (deal->told_count > 0 && deal->told[deal->told_count - 1] >= index)) return false;
    if (deal->told_count == deal->told_capacity) {
        uint32_t capacity = deal->told_capacity ? deal->told_capacity * 2 : 64;
        uint32_t *told = realloc(deal->told, capacity * sizeof *told);
        if (!told) abort();
        deal->told = told;
        deal->told_capacity = capacity;
    }
    deal->told[deal->told_count++] = index;
    return true;
}

static void take_record(struct link *link, struct seat *seat, const unsigned char *data, size_t size);

static void keep_back(struct seat *seat, const unsigned char *data, size_t size)
{
    ct__put_u32(&seat->held, (uint32_t)size);
    ct__put_bytes(&seat->held, data, size);
    if (seat->held.failed) abort();
}

static bool is_in_flight(const struct seat *seat, uint64_t walk)
{
    for (uint32_t turn = 0; turn < 2; turn++) {
        const struct deal *deal = &seat->deals[(seat->turn + turn) % 2];
        uint32_t index = find_walk(deal, walk);
        if (deal->out && index < deal->count) return index >= deal->done;
    }
    return false;
}

/* A result counts when its walk has ended with all that belongs to it, its process and its directory: until then it is
 * held back, lest a barrier be passed too early. */
static bool hold(struct seat *seat, uint64_t walk, const unsigned char *data, size_t size)
{
    if (!is_in_flight(seat, walk)) return false;
    keep_back(seat, data, size);
    return true;
}

/* What was held back, again. */
static void take_held(struct link *link, struct seat *seat)
{
    struct ct__bytes held = seat->held;
    seat->held = (struct ct__bytes){ 0 };
    for (size_t at = 0; at + 4 <= held.size;) {
        struct ct__cursor cursor = ct__cursor(held.data + at, held.size - at);
        uint32_t size = ct__get_u32(&cursor);
        take_record(link, seat, held.data + at + 4, size);
        at += 4 + (size_t)size;
    }
    ct__bytes_free(&held);
}

static void take_output(struct link *link, uint32_t post, const unsigned char *data, size_t size)
{
    struct ct__bytes body = { 0 };
    ct__put_u32(&body, post);
    ct__put_bytes(&body, data, size);
    ct__link_flush(link); /* the result it belongs to goes first */
    ct__link_send(link, CT__FRAME_OUTPUT, body.data, body.size);
    ct__bytes_free(&body);
}

/* A record that came in parts; parts of parts there are none. */
static void take_whole(struct link *link, struct seat *seat)
{
    struct ct__bytes whole = seat->parts;
    seat->parts = (struct ct__bytes){ 0 };
    bool is_part = whole.size == 0 || whole.data[0] == CT__RECORD_PART || whole.data[0] == CT__RECORD_END;
    if (!is_part) take_record(link, seat, whole.data, whole.size);
    ct__bytes_free(&whole);
}

static void take_record(struct link *link, struct seat *seat, const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    struct ct__result result;
    switch (ct__get_u8(&cursor)) {
    case CT__RECORD_RESULT:
        if (!ct__result_get(&cursor, &result) || hold(seat, result.walk, data, size)) return;
        /* the lane filled earlier first: the one that the next turn will fill again */
        if (!note_told(&seat->deals[seat->turn % 2], result.walk) &&
            !note_told(&seat->deals[(seat->turn + 1) % 2], result.walk))
            return;
        ct__put_bytes(ct__link_report_raw(link, CT__ITEM_RESULT), data + 1, size - 1);
        return;
    case CT__RECORD_COUNTS: ct__link_send(link, CT__FRAME_COUNTS, data + 1, size - 1); return;
    case CT__RECORD_DROP: seat->parts.size = 0; return;
    case CT__RECORD_PART: ct__put_bytes(&seat->parts, data + 1, size - 1); return;
    case CT__RECORD_END:
        ct__put_bytes(&seat->parts, data + 1, size - 1);
        if (seat->parts.failed) abort();
        take_whole(link, seat);
        return;
    case CT__RECORD_OUTPUT:
        if (seat->held.size > 0)
            keep_back(seat, data, size); /* it comes after the result that it belongs to */
        else
            take_output(link, seat->post, data + 1, size - 1);
        return;
    case CT__RECORD_LOG:
        if (size > 2) ct__link_line(link, (enum ct_log_level)data[1], data + 2, size - 2);
        return;
    default: return;
    }
}

/* Whether a record from the outlet has its turn: what a walk wrote comes after its result, and a verdict on it. */
static bool is_due(const struct seat *seat, const unsigned char *data, size_t size)
{
    struct ct__cursor cursor = ct__cursor(data, size);
    return ct__get_u8(&cursor) != CT__RECORD_OUTPUT || !is_in_flight(seat, ct__get_u64(&cursor));
}

/* Takes the whole records of what has come from a seat, or from the outlet of its post, which has output alone. */
static void take_records(struct link *link, struct seat *seat, struct ct__bytes *in, bool outlet)
{
    size_t at = 0;
    while (in->size - at >= 4) {
        struct ct__cursor cursor = ct__cursor(in->data + at, in->size - at);
        uint32_t size = ct__get_u32(&cursor);
        if (in->size - at - 4 < size || (outlet && !is_due(seat, in->data + at + 4, size))) break;
        if (!outlet || (size > 0 && in->data[at + 4] == CT__RECORD_OUTPUT))
            take_record(link, seat, in->data + at + 4, size);
        at += 4 + (size_t)size;
    }
    ct__bytes_drop(in, at);
}

static bool read_outbox(struct seat *seat)
{
    struct ct__ring *ring = &seat->slot->outbox;
    uint64_t there = atomic_load(&ring->head) - atomic_load(&ring->tail);
    if (there == 0 || there > CT__RING_SIZE) return false;
    unsigned char *room = ct__bytes_room(&seat->incoming, (size_t)there);
    if (!room) abort();
    seat->incoming.size += ct__ring_read(ring, room, (size_t)there);
    ct__bell_ring(&seat->slot->bell);
    return true;
}

static void adapt(struct seat *seat, const struct ct__lane *lane, uint32_t walks, bool traced)
{
    uint64_t ns = lane->ended_ns > lane->began_ns ? lane->ended_ns - lane->began_ns : 1;
    if (walks == 0) return;
    seat->walk_ns = ns / walks + 1;
    uint64_t fit = (uint64_t)LANE_NS * walks / ns;
    uint64_t most = (uint64_t)seat->batch * GROWTH;
    if (fit > most) fit = most;
    uint32_t limit = traced ? CT__LANE_MAX_TRACED : CT__LANE_MAX;
    seat->batch = fit < 1 ? 1 : fit > limit ? limit : (uint32_t)fit;
}

static void close_deal(struct deal *deal)
{
    for (uint32_t i = 0; deal->items && i < deal->count; i++) ct__parcel_free(deal->items[i]);
    free(deal->items);
    ct__parcel_free(deal->plain);
    deal->items = NULL;
    deal->plain = NULL;
    deal->out = false;
}

bool ct__link_drain(struct link *link, struct seat *seat)
{
    bool full[2], any;
    uint32_t done[2];
    if (!ct__link_seat_busy(seat) && atomic_load(&seat->slot->outbox.head) == atomic_load(&seat->slot->outbox.tail))
        return false;
    for (uint32_t i = 0; i < 2; i++) {
        /* in this order: the records of what is done are in the outbox by now */
        full[i] = atomic_load_explicit(&seat->slot->lanes[i].full, memory_order_acquire);
        done[i] = atomic_load_explicit(&seat->slot->lanes[i].done, memory_order_acquire);
    }
    for (uint32_t i = 0; i < 2; i++) seat->deals[i].done = seat->clearing ? UINT32_MAX : done[i];
    if (seat->held.size > 0) take_held(link, seat);
    any = read_outbox(seat);
    take_records(link, seat, &seat->incoming, false);
    for (uint32_t turn = 0; turn < 2; turn++) {
        uint32_t i = (seat->turn + turn) % 2;
        struct deal *deal = &seat->deals[i];
        if (!deal->out) continue;
        any = any || done[i] > deal->reported;
        report_done(link, deal, done[i]);
        if (full[i]) continue;
        adapt(seat, &seat->slot->lanes[i], deal->count, link->setup->traced == CT__TRACE_ALL);
        close_deal(deal);
        link->stands[seat->post].alone = false;
        any = true;
    }
    return any;
}

void ct__link_drain_outlet(struct link *link, uint32_t number)
{
    struct ct__post *post = &link->board->posts[number];
    struct stand *stand = &link->stands[number];
    struct seat *seat = link->seats;
    uint64_t there = atomic_load(&post->outlet.head) - atomic_load(&post->outlet.tail);
    if ((there == 0 && stand->outlet.size == 0) || there > CT__RING_SIZE) return;
    unsigned char *room = ct__bytes_room(&stand->outlet, (size_t)there);
    if (!room) abort();
    stand->outlet.size += ct__ring_read(&post->outlet, room, (size_t)there);
    while (seat->post != number) seat++;
    ct__link_drain(link, seat); /* the results of what is told are there by now */
    take_records(link, seat, &stand->outlet, true);
}

/* The walk of a dead thread's lane that had begun and brought no result. */
static struct ct__parcel *walk_in_flight(struct deal *deal, uint32_t next)
{
    if (deal->reported >= next || next > deal->count) return NULL;
    for (uint32_t i = 0; i < deal->told_count; i++)
        if (deal->told[i] == deal->reported) return NULL;
    const struct ct__parcel *from = deal->items ? deal->items[deal->reported] : deal->plain;
    uint64_t walk = deal_walk(deal, deal->reported);
    struct ct__parcel *item = ct__parcel_new(walk, walk + 1, from->stage, from->text);
    item->suspect = from->suspect;
    return item;
}

struct ct__parcel *ct__link_clear_seat(struct link *link, struct seat *seat)
{
    struct ct__parcel *in_flight = NULL;
    seat->clearing = true;
    while (ct__link_drain(link, seat)) continue;
    seat->clearing = false;
    for (uint32_t turn = 0; turn < 2; turn++) {
        uint32_t i = (seat->turn + turn) % 2;
        struct deal *deal = &seat->deals[i];
        if (!deal->out) continue;
        uint32_t next = CT__SPAN_NEXT(atomic_load(&seat->slot->lanes[i].span));
        struct ct__parcel *item = walk_in_flight(deal, next);
        if (item) in_flight = item;
        ct__link_requeue_tail(link, deal, next < deal->count ? next : deal->count);
        close_deal(deal);
    }
    seat->turn = seat->step = 0;
    seat->incoming.size = seat->outgoing.size = seat->parts.size = seat->held.size = 0;
    return in_flight;
}
