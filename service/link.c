#include "service/link.h"
#include "service/join.h"
#include "service/link_inner.h"
#include "service/process.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIAL_MS         5000
#define REJOIN_PAUSE_MS 100
#define REJOIN_MS       10000 /* for a run that a service joined, to be found again */
#define BEAT_MS         1000
#define TICK_MS         100
#define FLUSH_MS        20 /* each costs a fifth of a millisecond, in several threads */
#define FLUSH_BYTES     65536u
#define BACKLOG_MAX     (8u << 20) /* bytes on the way to the coordinator */
#define LANES_AHEAD     8          /* of each seat, that are asked for */
#define TRIP_MAX_MS     500        /* of a request and its grant, beyond which no more is asked for ahead */
#define SUSPECTS_MAX    64u        /* a hello is for a stranger's ears: at most 1 KB */

static void wake(void *user)
{
    struct link *link = user;
    ct__bell_ring(&link->board->link_bell);
}

/* The walks that were in flight when the link before this one died: the board still shows them. */
static uint32_t list_suspects(const struct link *link, uint64_t *suspects, uint32_t size)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i + 1 < link->seat_count && count < size; i++) {
        const struct ct__slot *slot = link->seats[i].slot;
        if (atomic_load(&slot->begun) % 2 == 1) suspects[count++] = atomic_load(&slot->walk);
    }
    return count;
}

static void send_hello(struct link *link)
{
    struct ct__bytes body = { 0 };
    uint64_t suspects[SUSPECTS_MAX];
    ct__hello_put(&body, &(struct ct__hello){ .magic = CT__PROTOCOL_MAGIC,
                                              .version = CT__PROTOCOL_VERSION,
                                              .incarnation = link->incarnation,
                                              .services = link->setup->services,
                                              .threads = link->setup->threads,
                                              .life = link->setup->life,
                                              .machine = link->setup->machine,
                                              .token = link->setup->join ? "" : link->setup->token,
                                              .suite = link->setup->suite->name,
                                              .host = link->setup->host,
                                              .suspect_count = list_suspects(link, suspects, SUSPECTS_MAX),
                                              .suspects = suspects });
    ct__link_send(link, CT__FRAME_HELLO, body.data, body.size);
    ct__bytes_free(&body);
}

static void make_seats(struct link *link)
{
    struct ct__board *board = link->board;
    uint32_t at = 0, count;
    link->seat_count = ct__board_slot_count(board);
    link->stands = calloc(board->post_count, sizeof *link->stands);
    link->seats = calloc(link->seat_count, sizeof *link->seats);
    if (!link->stands || !link->seats) abort();
    for (uint32_t i = 0; i < board->post_count; i++) {
        struct ct__slot *slots = ct__board_slots(board, i, &count);
        link->stands[i].post = &board->posts[i];
        for (uint32_t j = 0; j < count; j++)
            link->seats[at++] = (struct seat){ .slot = &slots[j], .post = i, .batch = 1 };
    }
}

static void begin_step(struct link *link, const unsigned char *body, size_t size)
{
    struct ct__cursor cursor = ct__cursor(body, size);
    ct__link_flush(link);
    link->step = ct__get_u32(&cursor);
    link->step_kind = (enum ct__step_kind)ct__get_u8(&cursor);
    link->step_body.size = 0;
    ct__put_bytes(&link->step_body, body, size);
    if (link->step_body.failed) abort();
    ct__queue_clear(&link->queue);
    ct__queue_clear(&link->suspects);
    link->recalled = false;
    link->asked_ms = 0; /* what is granted now may have waited for the step */
}

/* How long grants take is taken in when it gets longer, and forgotten by and by. */
static void note_trip(struct link *link)
{
    int64_t trip_ms = ct__now_ms() - link->asked_ms;
    if (link->asked_ms == 0) return;
    if (trip_ms > TRIP_MAX_MS) trip_ms = TRIP_MAX_MS;
    int64_t mean_ms = (link->trip_ms * 3 + trip_ms) / 4;
    link->trip_ms = trip_ms > mean_ms ? trip_ms : mean_ms;
}

static void take_grant(struct link *link, struct ct__cursor *cursor)
{
    note_trip(link);
    link->requested = false;
    while (cursor->at < cursor->end && !cursor->bad) {
        uint8_t kind = ct__get_u8(cursor);
        uint64_t first = ct__get_u64(cursor), end = first + 1;
        uint32_t stage = 0;
        const char *text = NULL;
        if (kind == CT__ITEM_RANGE) {
            end = ct__get_u64(cursor);
        } else {
            stage = ct__get_u32(cursor);
            text = ct__get_text(cursor);
        }
        if (cursor->bad || end <= first) break;
        struct ct__parcel *parcel = ct__parcel_new(first, end, stage, text);
        parcel->suspect = kind == CT__ITEM_SUSPECT;
        ct__queue_push(parcel->suspect ? &link->suspects : &link->queue, parcel);
    }
    if (link->recalled) ct__link_return_all(link);
}

static void take_frame(struct link *link, const struct ct__bytes *frame)
{
    struct ct__cursor cursor = ct__cursor(frame->data, frame->size);
    uint8_t kind = ct__get_u8(&cursor);
    uint32_t epoch = ct__get_u32(&cursor);
    uint32_t last = link->board->post_count - 1;
    atomic_store(&link->board->heard_ms, ct__now_ms());
    if (cursor.bad || (link->welcome && epoch != link->epoch)) return;
    if (!link->welcome && kind != CT__FRAME_WELCOME && kind != CT__FRAME_REFUSED) return; /* to the link before this */
    switch (kind) {
    case CT__FRAME_WELCOME:
        link->welcome = true;
        atomic_store(&link->board->welcomed, link->incarnation);
        link->epoch = ct__get_u32(&cursor);
        ct__channel_set_limit(link->channel, CT__FRAME_MAX);
        /* elsewhere it has no part in run_start, which comes first */
        if (ct__setup_needs_serial(link->setup) && !link->setup->remote) ct__link_start_post(link, last);
        return;
    case CT__FRAME_START:
        if (ct__setup_needs_serial(link->setup) && link->setup->remote) ct__link_start_post(link, last);
        link->starting = true;
        return;
    case CT__FRAME_STEP: begin_step(link, cursor.at, (size_t)(cursor.end - cursor.at)); return;
    case CT__FRAME_GRANT: take_grant(link, &cursor); return;
    case CT__FRAME_RECALL: ct__link_return_all(link); return;
    case CT__FRAME_STOP: link->stopping |= (uint8_t)(1u << (ct__get_u8(&cursor) & 1)); return;
    case CT__FRAME_PAUSE:
        atomic_store(&link->board->paused, ct__get_u8(&cursor));
        ct__link_wake_keeper(link);
        return;
    case CT__FRAME_REFUSED: link->ended = link->refused = true; return;
    default: return;
    }
}

static void take_events(struct link *link)
{
    struct ct__event event;
    while (ct__hub_next(link->hub, &event)) {
        if (event.kind == CT__EVENT_FRAME) take_frame(link, &event.frame);
        if (event.kind == CT__EVENT_CLOSED) link->ended = true;
        ct__bytes_free(&event.frame);
    }
}

/* How many walks to have for a seat: what is left when half of them are gone must last until a grant comes from far
 * away, or from a coordinator that is busy with thousands of others. */
static uint64_t ahead(const struct link *link, const struct seat *seat)
{
    uint64_t near = (uint64_t)seat->batch * LANES_AHEAD;
    uint64_t far = seat->walk_ns > 0 ? (uint64_t)link->trip_ms * 3000000 / seat->walk_ns : 0;
    return far > near ? far : near;
}

/* Asks for more before the seats run dry. */
static void request(struct link *link)
{
    uint64_t appetite = 0;
    if (link->requested || link->recalled || link->step_kind != CT__STEP_STAGE || link->step == 0 || link->stopping)
        return;
    for (uint32_t i = 0; i + 1 < link->seat_count; i++)
        if (link->stands[link->seats[i].post].state == STAND_UP) appetite += ahead(link, &link->seats[i]);
    if (link->queue.count * 2 >= appetite) return;
    struct ct__bytes body = { 0 };
    ct__put_u64(&body, appetite - link->queue.count);
    ct__link_send(link, CT__FRAME_REQUEST, body.data, body.size);
    ct__bytes_free(&body);
    link->requested = true;
    link->asked_ms = ct__now_ms();
}

static bool has_work(const struct link *link)
{
    bool busy = link->queue.first || link->suspects.first;
    for (uint32_t i = 0; !busy && i < link->seat_count; i++) busy = ct__link_seat_busy(&link->seats[i]);
    return busy;
}

/* Sees how long each seat's walk has been running. */
static void look_at_seats(struct link *link, int64_t now)
{
    for (uint32_t i = 0; i < link->seat_count; i++) {
        struct seat *seat = &link->seats[i];
        uint64_t begun = atomic_load(&seat->slot->begun);
        if (begun != seat->begun) seat->begun_ms = now;
        seat->begun = begun;
    }
}

/* The walk that began next after the one at `before`, or first: NULL, none. */
static const struct seat *next_in_flight(const struct link *link, const struct seat *before)
{
    const struct seat *found = NULL;
    for (uint32_t i = 0; i + 1 < link->seat_count; i++) {
        const struct seat *seat = &link->seats[i];
        bool later = !before || seat->begun_ms > before->begun_ms ||
                     (seat->begun_ms == before->begun_ms && seat > before);
        if (seat->begun % 2 == 1 && later && (!found || seat->begun_ms < found->begun_ms)) found = seat;
    }
    return found;
}

static void send_beat(struct link *link, int64_t now)
{
    struct ct__bytes body = { 0 };
    const struct seat *seat = NULL;
    uint32_t count = 0;
    int64_t silent = now - atomic_load(&link->board->keeper_ms);
    ct__put_u32(&body, silent > 0 ? (uint32_t)silent : 0);
    ct__put_u32(&body, 0);
    while (count < CT__IN_FLIGHT_MAX && (seat = next_in_flight(link, seat))) {
        ct__put_u64(&body, atomic_load(&seat->slot->walk));
        count++;
    }
    ct__set_u32(&body, 4, count);
    ct__link_send(link, CT__FRAME_BEAT, body.data, body.size);
    ct__bytes_free(&body);
}

static void speak(struct link *link)
{
    int64_t now = ct__now_ms();
    bool due = link->results.size > FLUSH_BYTES || now - link->flushed_ms >= FLUSH_MS || !has_work(link);
    if (due && (link->results.size > 0 || link->lines.size > 0)) ct__link_flush(link);
    if (now - link->beat_ms < BEAT_MS) return;
    link->beat_ms = now;
    look_at_seats(link, now);
    send_beat(link, now);
}

/* The coordinator was not heard of for the lease: nobody else may run its walks before these have ended. */
static bool lease_over(const struct link *link)
{
    return ct__now_ms() - atomic_load(&link->board->heard_ms) > CT__LEASE_MS;
}

/* The services end, as the coordinator would have them at the end of a run. */
static void leave(struct link *link)
{
    link->stopping = 3;
    ct__link_return_all(link);
}

static int serve(struct link *link)
{
    while (!link->ended && !lease_over(link)) {
        uint32_t seen = ct__bell_count(&link->board->link_bell);
        take_events(link);
        /* a coordinator that cannot keep up slows who has so much to tell */
        bool heard = ct__channel_backlog(link->channel) < BACKLOG_MAX;
        for (uint32_t i = 0; heard && i < link->seat_count; i++) ct__link_drain(link, &link->seats[i]);
        for (uint32_t i = 0; heard && i < link->board->post_count; i++) ct__link_drain_outlet(link, i);
        ct__link_watch_posts(link);
        if (link->starting) ct__link_start_services(link);
        if (atomic_load(&link->board->leaving) && link->stopping != 3) leave(link);
        ct__link_stop_posts(link);
        ct__link_deal(link);
        request(link);
        speak(link);
        if (link->ended) break;
        ct__bell_wait(&link->board->link_bell, seen,
                      link->results.size > 0 || link->lines.size > 0 || !heard ? FLUSH_MS : TICK_MS);
    }
    if (link->stopped == 3) return CT__LINK_DONE;
    return link->refused ? CT__LINK_REFUSED : CT__LINK_LOST;
}

static void silence(void)
{
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) return;
    dup2(null, STDERR_FILENO);
    close(null);
}

/* Finds the run that this host joined, for as long as it may be the network that is in the way. */
static enum ct_err rejoin(struct link *link)
{
    const struct ct__setup *setup = link->setup;
    int64_t deadline = ct__now_ms() + REJOIN_MS;
    for (;;) {
        int64_t left = deadline - ct__now_ms();
        enum ct_err code = ct__join_connect(link->hub, &link->board->link_bell, setup->join, CT__ERRAND_SERVE,
                                            setup->host, left > 1 ? left : 1, &link->channel, NULL);
        if (code != CT_ESYSTEM || left <= REJOIN_PAUSE_MS) return code;
        ct__hub_close(link->hub); /* with what came of the attempt */
        link->hub = NULL;
        usleep(REJOIN_PAUSE_MS * 1000);
        code = ct__hub_open(wake, link, &link->hub, NULL);
        if (code != CT_OK) return code;
    }
}

/* False: *code is what to exit with. */
static bool connect_link(struct link *link, int *code)
{
    *code = CT__LINK_LOST;
    if (ct__hub_open(wake, link, &link->hub, NULL) != CT_OK) return false;
    if (!link->setup->join)
        return ct__hub_dial(link->hub, link->setup->url, NULL, DIAL_MS, true, &link->channel, NULL) == CT_OK;
    if (rejoin(link) == CT_OK) return true;
    *code = CT__LINK_REFUSED;
    return false;
}

_Noreturn void ct__link_main(const struct ct__setup *setup, struct ct__board *board, uint32_t incarnation,
                             int keeper_bell)
{
    struct link link = { .setup = setup, .board = board, .keeper_bell = keeper_bell, .incarnation = incarnation };
    int code;
    ct__block_signals();
    silence(); /* nng panics on stderr where the system refuses its threads; the exit tells as much */
    make_seats(&link);
    if (connect_link(&link, &code)) {
        send_hello(&link);
        code = serve(&link);
    }
    _exit(code);
}
