/* Dealing walks to the threads of executors, and taking them back. */
#include "service/link_inner.h"
#include <stdlib.h>
#include <string.h>

#define LISTED_MAX  256u    /* walks of a listed lane */
#define LISTED_TEXT 262144u /* and bytes of their states */

static bool lane_open(const struct seat *seat)
{
    return !seat->deals[seat->turn % 2].out;
}

bool ct__link_seat_busy(const struct seat *seat)
{
    return seat->deals[0].out || seat->deals[1].out;
}

bool ct__link_post_busy(const struct link *link, uint32_t post)
{
    for (uint32_t i = 0; i < link->seat_count; i++)
        if (link->seats[i].post == post && ct__link_seat_busy(&link->seats[i])) return true;
    return false;
}

static void pump_inbox(struct seat *seat)
{
    if (seat->outgoing.size == 0) return;
    size_t written = ct__ring_write(&seat->slot->inbox, seat->outgoing.data, seat->outgoing.size);
    if (written == 0) return;
    ct__bytes_drop(&seat->outgoing, written);
    ct__bell_ring(&seat->slot->bell);
}

static void tell_step(struct link *link, struct seat *seat)
{
    if (seat->step == link->step) return;
    ct__put_u32(&seat->outgoing, (uint32_t)link->step_body.size + 1);
    ct__put_u8(&seat->outgoing, CT__RECORD_STEP);
    ct__put_bytes(&seat->outgoing, link->step_body.data, link->step_body.size);
    seat->step = link->step;
}

static void tell_walk(struct seat *seat, uint32_t sequence, const struct ct__parcel *item)
{
    size_t at = seat->outgoing.size;
    ct__put_u32(&seat->outgoing, 0);
    ct__put_u8(&seat->outgoing, CT__RECORD_WALK);
    ct__put_u32(&seat->outgoing, sequence);
    ct__put_u64(&seat->outgoing, item->first);
    ct__put_u32(&seat->outgoing, item->stage);
    ct__put_text(&seat->outgoing, item->text);
    ct__set_u32(&seat->outgoing, at, (uint32_t)(seat->outgoing.size - at - 4));
}

static void fill_lane(struct link *link, struct seat *seat, struct deal *deal)
{
    struct ct__lane *lane = &seat->slot->lanes[seat->turn % 2];
    deal->service = seat->post;
    deal->took_ns = seat->slot->took_ns[seat->turn++ % 2];
    deal->out = true;
    deal->reported = deal->told_count = 0;
    tell_step(link, seat);
    link->sequence++;
    for (uint32_t i = 0; deal->items && i < deal->count; i++) tell_walk(seat, link->sequence, deal->items[i]);
    if (seat->outgoing.failed) abort();
    lane->first = deal->first;
    lane->step = link->step;
    lane->sequence = link->sequence;
    lane->listed = deal->items != NULL;
    atomic_store_explicit(&lane->done, 0, memory_order_relaxed);
    atomic_store_explicit(&lane->span, CT__SPAN(0, deal->count), memory_order_relaxed);
    atomic_store_explicit(&lane->full, 1, memory_order_release);
    pump_inbox(seat);
    ct__bell_ring(&seat->slot->bell);
    link->stands[seat->post].fresh = false;
}

static void deal_item(struct link *link, struct seat *seat, struct ct__parcel *item)
{
    struct deal *deal = &seat->deals[seat->turn % 2];
    deal->first = item->first;
    deal->count = (uint32_t)(item->end - item->first);
    deal->plain = item;
    fill_lane(link, seat, deal);
}

/* A lane of walks that are not in a row, or bring states of their own. */
static void deal_list(struct link *link, struct seat *seat, struct ct__queue *queue, uint32_t count)
{
    struct deal *deal = &seat->deals[seat->turn % 2];
    size_t text = 0;
    if (count > LISTED_MAX) count = LISTED_MAX;
    deal->items = calloc(count, sizeof(struct ct__parcel *));
    if (!deal->items) abort();
    deal->count = 0;
    while (deal->count < count && text < LISTED_TEXT && queue->first) {
        struct ct__parcel *item = ct__queue_take(queue, 1);
        if (item->text) text += strlen(item->text);
        deal->items[deal->count++] = item;
    }
    fill_lane(link, seat, deal);
}

/* How many walks the seat should get: as many as its time allows, but leaving something for the others. */
static uint32_t portion(const struct link *link, const struct seat *seat)
{
    uint64_t fair = link->queue.count / (2 * (uint64_t)link->seat_count) + 1;
    return seat->batch < fair ? seat->batch : (uint32_t)fair;
}

static void deal_queue(struct link *link, struct seat *seat)
{
    uint32_t count = portion(link, seat);
    const struct ct__parcel *head = link->queue.first;
    bool in_row = !head->text && (head->end - head->first >= count || !head->next);
    if (in_row)
        deal_item(link, seat, ct__queue_take(&link->queue, count));
    else
        deal_list(link, seat, &link->queue, count);
}

static uint32_t unstarted(const struct ct__lane *lane)
{
    uint64_t span = atomic_load(&lane->span);
    return CT__SPAN_END(span) > CT__SPAN_NEXT(span) ? CT__SPAN_END(span) - CT__SPAN_NEXT(span) : 0;
}

void ct__link_requeue_tail(struct link *link, struct deal *deal, uint32_t from)
{
    if (!deal->items && from < deal->count)
        ct__queue_push_front(&link->queue, ct__parcel_new(deal->first + from, deal->first + deal->count, 0, NULL));
    for (uint32_t i = deal->count; deal->items && i > from; i--) ct__queue_push_front(&link->queue, deal->items[i - 1]);
    deal->count = from;
}

/* Takes back from a thread the walks it has not begun, or the later half of them: false if it was faster. */
static bool take_back(struct link *link, struct seat *seat, uint32_t lane_index, bool half)
{
    struct ct__lane *lane = &seat->slot->lanes[lane_index];
    uint64_t span = atomic_load(&lane->span);
    uint32_t next = CT__SPAN_NEXT(span), end = CT__SPAN_END(span);
    if (!seat->deals[lane_index].out || next >= end) return false;
    uint32_t left = half ? next + (end - next) / 2 : next;
    if (!atomic_compare_exchange_strong(&lane->span, &span, CT__SPAN(next, left))) return false;
    ct__link_requeue_tail(link, &seat->deals[lane_index], left);
    return true;
}

/* Gives an idle seat work that another thread has not begun. */
static void steal(struct link *link)
{
    struct seat *richest = NULL;
    uint32_t lane_index = 0, most = 0;
    for (uint32_t i = 0; i < link->seat_count; i++)
        for (uint32_t j = 0; j < 2; j++) {
            struct seat *seat = &link->seats[i];
            uint32_t rest = seat->deals[j].out && !link->stands[seat->post].alone ? unstarted(&seat->slot->lanes[j])
                                                                                  : 0;
            if (rest <= most) continue;
            most = rest;
            richest = seat;
            lane_index = j;
        }
    if (richest) take_back(link, richest, lane_index, true);
}

static bool is_service(const struct link *link, uint32_t post)
{
    return post + 1 < link->board->post_count;
}

static bool can_take(const struct link *link, const struct seat *seat)
{
    const struct stand *stand = &link->stands[seat->post];
    return stand->state == STAND_UP && !stand->alone && atomic_load(&stand->post->ready);
}

/* A suspect runs alone in a fresh executor; one that is idle but used is exchanged for it. */
static void deal_suspects(struct link *link)
{
    for (uint32_t i = 0; i < link->seat_count && link->suspects.first; i++) {
        struct seat *seat = &link->seats[i];
        struct stand *stand = &link->stands[seat->post];
        if (!is_service(link, seat->post) || !can_take(link, seat) || ct__link_post_busy(link, seat->post)) continue;
        if (stand->fresh) {
            stand->alone = true;
            deal_list(link, seat, &link->suspects, 1);
        } else {
            atomic_store(&stand->post->kill, atomic_load(&stand->post->incarnation));
            stand->state = STAND_COMING;
        }
    }
}

static void deal_serial(struct link *link)
{
    struct seat *seat = &link->seats[link->seat_count - 1];
    if (link->queue.first && link->stands[seat->post].state == STAND_UP && lane_open(seat))
        deal_item(link, seat, ct__queue_take(&link->queue, 1));
}

/* One round over the seats, so that each gets its first lane before any gets a second. */
static bool deal_round(struct link *link, bool idle_only)
{
    bool dealt = false;
    for (uint32_t i = 0; i + 1 < link->seat_count && link->queue.first; i++) {
        struct seat *seat = &link->seats[i];
        if (!can_take(link, seat) || !lane_open(seat) || (idle_only && ct__link_seat_busy(seat))) continue;
        deal_queue(link, seat);
        dealt = true;
    }
    return dealt;
}

static bool some_idle(const struct link *link)
{
    for (uint32_t i = 0; i + 1 < link->seat_count; i++)
        if (can_take(link, &link->seats[i]) && !ct__link_seat_busy(&link->seats[i])) return true;
    return false;
}

/* Whether all executors that could run the step are dropped. */
static bool nobody_left(const struct link *link)
{
    if (link->step_kind == CT__STEP_STAGE) return ct__link_posts_left(link) == 0;
    return link->stands[link->board->post_count - 1].state == STAND_DROPPED;
}

void ct__link_deal(struct link *link)
{
    for (uint32_t i = 0; i < link->seat_count; i++) pump_inbox(&link->seats[i]);
    if (nobody_left(link)) {
        if (link->queue.first || link->suspects.first) ct__link_return_all(link);
        return;
    }
    if (link->step_kind != CT__STEP_STAGE) {
        deal_serial(link);
        return;
    }
    deal_suspects(link);
    if (link->suspects.first) return; /* what else runs would delay them for as long as there is anything else */
    deal_round(link, true);
    deal_round(link, false);
    if (!link->queue.first && !link->recalled && some_idle(link)) {
        steal(link);
        deal_round(link, true);
    }
}

void ct__link_return_all(struct link *link)
{
    struct ct__parcel *item;
    link->recalled = true;
    if (link->step_kind == CT__STEP_STAGE)
        for (uint32_t i = 0; i < link->seat_count; i++)
            for (uint32_t j = 0; j < 2; j++)
                while (unstarted(&link->seats[i].slot->lanes[j]) > 0 && link->seats[i].deals[j].out)
                    take_back(link, &link->seats[i], j, false);
    while ((item = ct__queue_take(&link->queue, UINT64_MAX)) || (item = ct__queue_take(&link->suspects, UINT64_MAX))) {
        ct__link_report_range(link, CT__ITEM_RETURNED, item->first, item->end);
        ct__parcel_free(item);
    }
    ct__link_flush(link);
}
