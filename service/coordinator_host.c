/* Hosts: who comes, proves that it belongs here, and gets lost. */
#include "combtest/launcher.h"
#include "service/coordinator_inner.h"
#include "service/process.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCH_MS   20 /* between two looks at all hosts */
#define HELLO_MS   5000
#define BEAT_MS    1000
#define SILENT_MS  3000  /* of a host that should show a sign of life each second: it is told */
#define MARGIN_MS  3000  /* beyond the lease, after which a silent host's executors have ended */
#define ENDED_MS   1000  /* after a host's program has ended, by when what it had started is dead, too */
#define BLAMED_MAX 1024u /* walks out at a host that died of itself, for any of them to be to blame */

void ct__coord_send(struct host *host, enum ct__frame kind, const void *body, size_t size)
{
    struct ct__bytes frame = { 0 };
    if (!host->channel) return;
    ct__frame_begin(&frame, kind, host->epoch);
    ct__put_bytes(&frame, body, size);
    host->told_ms = ct__now_ms();
    ct__channel_send(host->channel, &frame);
}

void ct__coord_send_all(struct coordinator *c, enum ct__frame kind, const void *body, size_t size)
{
    for (struct host *host = c->hosts; host; host = host->next)
        if (host->known) ct__coord_send(host, kind, body, size);
}

bool ct__coord_out(const struct coordinator *c)
{
    for (const struct host *host = c->hosts; host; host = host->next)
        if (host->out.size > 0 || host->catching > 0) return true;
    return false;
}

struct host *ct__coord_local_host(struct coordinator *c)
{
    for (struct host *host = c->hosts; host; host = host->next)
        if (host->known && host->channel && host->machine == MACHINE_LOCAL) return host;
    return NULL;
}

struct host *ct__coord_serial_host(struct coordinator *c)
{
    struct host *host = ct__coord_local_host(c);
    return host && host->serial_usable ? host : NULL;
}

static struct host *add_host(struct coordinator *c, struct ct__channel *channel)
{
    struct host *host = calloc(1, sizeof *host);
    if (!host) ct__coord_give_up(c, "out of memory");
    host->channel = channel;
    host->machine = MACHINE_UNKNOWN;
    host->suspect = CT__NO_WALK;
    host->outside = ct__channel_is_outside(channel);
    host->heard_ms = ct__now_ms();
    host->next = c->hosts;
    host->at = &c->hosts;
    if (host->next) host->next->at = &host->next;
    c->hosts = host;
    ct__coord_recount(c, host);
    ct__channel_set_user(channel, host);
    return host;
}

/* Another link of the same host speaks over the connection of the one before. */
static struct host *succeed(struct coordinator *c, struct host *before)
{
    struct host *host = add_host(c, before->channel);
    host->machine = before->machine;
    host->life = before->life;
    memcpy(host->name, before->name, sizeof host->name);
    host->settled = before->settled; /* what was done there is done */
    host->barred = before->barred;
    before->channel = NULL;
    before->catching = 0;
    before->usable = false;
    ct__coord_recount(c, before);
    return host;
}

static void give_back_all(struct coordinator *c, struct host *host)
{
    struct ct__range range;
    while (ct__ranges_take(&host->out, UINT64_MAX, &range)) ct__coord_give_back(c, range.first, range.end);
    host->catching = 0;
}

/* A host that is known to run nothing any more: what it had goes to others. */
static void bury_host(struct coordinator *c, struct host *host)
{
    give_back_all(c, host);
    *host->at = host->next;
    if (host->next) host->next->at = host->at;
    ct__coord_uncount(c, host);
    ct__ranges_clear(&host->out);
    free(host);
}

/* Whether someone may yet come to run walks, or be found to have ended: the keeper starts another link. */
static bool some_may_come(const struct coordinator *c)
{
    bool local = false;
    for (const struct host *host = c->hosts; host; host = host->next) {
        if (host->known && !host->channel) return true;
        local = local || host->machine == MACHINE_LOCAL;
    }
    return (!local && c->lifeline >= 0 && c->setup->services > 0) || ct__coord_more_may_come(c);
}

/* why: what is known of it, or NULL. */
static void check_lost(struct coordinator *c, const char *why)
{
    bool ending = c->finishing && (c->setup->machine_count > 0 || c->door[0]);
    if (ct__coord_count_usable(c) > 0) {
        c->bare_ms = ct__now_ms();
        return;
    }
    bool awaited = !c->started && c->setup->machine_count > 0 && c->lifeline >= 0; /* who waits for hosts decides */
    if (c->lost || ending || awaited || some_may_come(c)) return;
    c->lost = true;
    if (*c->note) return;
    snprintf(c->note, sizeof c->note, "no service is left to run walks%s%.400s", why ? ": " : "", why ? why : "");
    ct__coord_name_failures(c, c->note, sizeof c->note);
}

static bool is_older(const struct host *host, const struct host *than)
{
    return host->known && host->machine == than->machine && host->life == than->life &&
           host->incarnation < than->incarnation;
}

/* The new link of a host tells what was in flight when the one before it died. */
static void take_suspects(struct coordinator *c, const struct host *from, const struct ct__hello *hello)
{
    struct ct__cursor cursor = hello->suspect_cursor;
    if (hello->incarnation < 2) return; /* they count from one */
    for (uint32_t i = 0; i < hello->suspect_count; i++) {
        uint64_t walk = ct__get_u64(&cursor);
        if (cursor.bad) return;
        for (struct host *host = c->hosts; host; host = host->next)
            if (is_older(host, from)) ct__coord_suspect(c, host, walk);
    }
}

/* The keeper ended the executors of the links before it started this one. */
static void bury_older(struct coordinator *c, const struct host *than)
{
    for (struct host *host = than->incarnation > 1 ? c->hosts : NULL, *next; host; host = next) {
        next = host->next;
        if (!is_older(host, than)) continue;
        if (!host->channel) {
            bury_host(c, host);
            continue;
        }
        give_back_all(c, host); /* its end has not been noticed here yet; of an encrypted connection it may never be */
        host->usable = false;
        ct__coord_recount(c, host);
        host->closed_why = "another link of that host has come";
        ct__channel_close(host->channel);
    }
}

/* A direct host's next link has a connection of its own: what was done on the host is done. */
static void inherit(const struct coordinator *c, struct host *host)
{
    for (const struct host *older = c->hosts; older; older = older->next) {
        if (!is_older(older, host)) continue;
        if (older->settled > host->settled) host->settled = older->settled;
        if (older->barred > host->barred) host->barred = older->barred;
    }
}

/* Something that it ran may have ended all of the host's processes: if that goes on, it must be found. */
static void blame_lost(struct coordinator *c, struct host *host)
{
    if (host->out.count > BLAMED_MAX) {
        for (uint32_t i = 0; i < host->in_flight_count; i++) ct__coord_suspect(c, host, host->in_flight[i]);
        return;
    }
    struct ct__range out[BLAMED_MAX];
    size_t size = host->out.size; /* each has a walk at least */
    memcpy(out, host->out.at, size * sizeof *out);
    for (size_t i = 0; i < size; i++)
        for (uint64_t walk = out[i].first; walk < out[i].end; walk++) ct__coord_suspect(c, host, walk);
}

static void refuse(struct host *host, const char *why)
{
    struct ct__bytes body = { 0 };
    ct__put_text(&body, why);
    ct__coord_send(host, CT__FRAME_REFUSED, body.data, body.size);
    ct__bytes_free(&body);
    ct__channel_close(host->channel);
}

/* Compares all of it, whatever differs first: how long it takes tells nothing. */
bool ct__coord_same_token(const struct coordinator *c, const char *token)
{
    const char *one = token, *other = c->setup->token;
    unsigned difference = strlen(one) != strlen(other);
    for (size_t i = 0; !difference && one[i]; i++) difference |= (unsigned)(one[i] ^ other[i]);
    return difference == 0;
}

static const char *objection(const struct coordinator *c, const struct host *host, const struct ct__hello *hello)
{
    bool own = hello->life == 0 && host->machine == MACHINE_UNKNOWN && !host->outside;
    if (hello->version != CT__PROTOCOL_VERSION) return "another version of combtest";
    if (!host->proven && !ct__coord_same_token(c, hello->token)) return "the token is wrong";
    if (strcmp(hello->suite, c->setup->suite->name) != 0) return "another suite";
    if (!own && c->finishing) return "the run is over";
    if (host->proven && hello->machine > 0) return ct__coord_objection_direct(c, hello);
    if (host->proven) return hello->life > 0 && hello->life <= c->lives ? NULL : "it is of no host of this run";
    if (!own && (host->machine < 0 || hello->life != host->life)) return "it is of no host of this run";
    return NULL;
}

static void know_host(struct coordinator *c, struct host *host, const struct ct__hello *hello)
{
    bool own = host->machine == MACHINE_UNKNOWN && !host->outside;
    if (own) host->machine = MACHINE_LOCAL;
    if (own) snprintf(host->name, sizeof host->name, "%s", c->setup->host);
    if (host->proven && hello->machine > 0) {
        host->machine = (int)hello->machine - 1;
        host->life = hello->life;
        snprintf(host->name, sizeof host->name, "%s", c->setup->machines[host->machine].name);
    } else if (host->proven) {
        host->machine = MACHINE_JOINED;
        host->life = hello->life;
        snprintf(host->name, sizeof host->name, "%.60s", hello->host);
        ct__coord_log(c, CT_LOG_INFO, "%s joined with %u services", host->name, hello->services);
    }
    host->known = true;
    host->usable = hello->services > 0;
    host->serial_usable = own;
    host->threads = hello->services * hello->threads;
    host->incarnation = hello->incarnation;
    host->epoch = ++c->epoch;
}

static void welcome(struct coordinator *c, struct host *host)
{
    struct ct__bytes body = { 0 };
    ct__coord_recount(c, host);
    ct__channel_set_limit(host->channel, CT__FRAME_MAX);
    ct__put_u32(&body, host->epoch);
    ct__coord_send(host, CT__FRAME_WELCOME, body.data, body.size);
    ct__bytes_free(&body);
    if (c->started) ct__coord_send(host, CT__FRAME_START, NULL, 0);
    if (c->paused) ct__coord_send(host, CT__FRAME_PAUSE, "\1", 1);
    if (c->pool.open) ct__coord_send(host, CT__FRAME_STEP, c->step_body.data, c->step_body.size);
    if (c->pool.open) ct__coord_catch_up(c, host);
    ct__coord_machine_up(c, host);
}

static void take_hello(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    struct ct__hello hello;
    const char *why = ct__hello_get(cursor, &hello) ? objection(c, host, &hello) : "no hello";
    if (why) {
        if (!c->finishing) ct__coord_log(c, CT_LOG_WARNING, "a connection was refused: %s", why);
        refuse(host, why);
        return;
    }
    know_host(c, host, &hello);
    take_suspects(c, host, &hello);
    if (hello.machine > 0) inherit(c, host);
    bury_older(c, host);
    welcome(c, host);
    check_lost(c, NULL);
}

/* What is said before a hello was accepted. */
static void take_stranger(struct coordinator *c, struct host *host, uint8_t kind, struct ct__cursor *cursor)
{
    const char *why = NULL;
    bool attached = host->machine >= 0;
    if (kind == CT__FRAME_HELLO && (!host->outside || host->proven))
        take_hello(c, host, cursor);
    else if (host->outside)
        why = ct__coord_take_outsider(c, host, kind, cursor);
    else if (kind == CT__FRAME_ATTACH && !attached)
        why = ct__coord_take_attach(c, host, cursor);
    else if (kind == CT__FRAME_FROM && attached)
        why = ct__coord_take_from(c, host, cursor);
    else if (kind == CT__FRAME_COMPLAINT && attached)
        ct__coord_take_complaint(c, host, cursor);
    else
        why = "no hello";
    if (!why) return;
    if (host->outside && !c->finishing) ct__coord_log(c, CT_LOG_WARNING, "a connection was refused: %s", why);
    refuse(host, why);
}

static void take_stopped(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    host->stopped |= (uint8_t)(1u << (ct__get_u8(cursor) & 1));
    if (host->machine != MACHINE_JOINED || host->stopped != 3 || c->finishing) return;
    ct__coord_log(c, CT_LOG_INFO, "%s has left", host->name);
    host->usable = false;
    ct__coord_recount(c, host);
    ct__channel_close(host->channel);
}

static void take_notice(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    bool serial = ct__get_u8(cursor);
    uint32_t left = ct__get_u32(cursor);
    const char *text = ct__get_text(cursor);
    if (serial) {
        host->serial_usable = false;
        if (text && host->machine == MACHINE_LOCAL) snprintf(c->serial_why, sizeof c->serial_why, "%s", text);
    }
    if (left > 0 || serial) return;
    host->usable = false;
    ct__coord_recount(c, host);
    check_lost(c, cursor->bad ? NULL : text);
}

static void take_lines(struct coordinator *c, struct ct__cursor *cursor)
{
    while (cursor->at < cursor->end) {
        uint8_t level = ct__get_u8(cursor);
        const char *text = ct__get_text(cursor);
        if (!text || cursor->bad || level > CT_LOG_STATUS) return;
        ct__coord_line(c, (enum ct_log_level)level, text);
    }
}

static void take_note(struct coordinator *c, struct ct__cursor *cursor)
{
    uint8_t level = ct__get_u8(cursor);
    const char *text = ct__get_text(cursor);
    if (text && !cursor->bad && level <= CT_LOG_STATUS) ct__coord_log(c, (enum ct_log_level)level, "%s", text);
}

static void take_output(struct coordinator *c, const struct host *host, struct ct__cursor *cursor)
{
    uint32_t service = ct__get_u32(cursor);
    uint64_t walk = ct__get_u64(cursor);
    const char *text = ct__get_text(cursor);
    if (text && !cursor->bad) ct__coord_output(c, host, service, walk, text);
}

static void take_beat(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    uint32_t silent_ms = ct__get_u32(cursor), count = ct__get_u32(cursor);
    host->in_flight_count = 0;
    for (uint32_t i = 0; i < count && i < CT__IN_FLIGHT_MAX; i++) {
        host->in_flight[i] = ct__get_u64(cursor);
        if (!cursor->bad) host->in_flight_count = i + 1;
    }
    if (silent_ms <= CT__LEASE_MS || cursor->bad) return;
    if (host->machine == MACHINE_LOCAL && c->lifeline < 0) return;
    ct__coord_log(c, CT_LOG_ERROR, "the keeper of %s was silent for %u s: ended", host->name, silent_ms / 1000);
    if (host->machine != MACHINE_LOCAL)
        ct__channel_close(host->channel); /* the program there ends it, and all else of it */
    else
        kill(c->keeper, SIGKILL); /* which ends its link and executors; its connection tells the rest */
}

static void take_frame(struct coordinator *c, struct host *host, const struct ct__bytes *frame)
{
    struct ct__cursor cursor = ct__cursor(frame->data, frame->size);
    uint8_t kind = ct__get_u8(&cursor);
    uint32_t epoch = ct__get_u32(&cursor);
    if (!host->known) {
        take_stranger(c, host, kind, &cursor);
        return;
    }
    host->heard_ms = ct__now_ms();
    if (host->silent) ct__coord_send(host, CT__FRAME_BEAT, NULL, 0); /* at once: its lease may be about to end */
    if (kind == CT__FRAME_HELLO && host->machine >= 0) {
        take_hello(c, succeed(c, host), &cursor);
        return;
    }
    if (epoch != host->epoch) return;
    switch (kind) {
    case CT__FRAME_REQUEST: ct__coord_hunger(c, host, ct__get_u64(&cursor)); break;
    case CT__FRAME_RESULTS: ct__coord_take_results(c, host, &cursor); break;
    case CT__FRAME_LOG: take_lines(c, &cursor); break;
    case CT__FRAME_NOTICE: take_notice(c, host, &cursor); break;
    case CT__FRAME_NOTE: take_note(c, &cursor); break;
    case CT__FRAME_OUTPUT: take_output(c, host, &cursor); break;
    case CT__FRAME_COUNTS: ct__coord_sum_counts(c, cursor.at, (size_t)(cursor.end - cursor.at)); break;
    case CT__FRAME_BEAT: take_beat(c, host, &cursor); break;
    case CT__FRAME_STOPPED: take_stopped(c, host, &cursor); break;
    default: break;
    }
}

/* Whether the same start of a host has another connection. */
static bool has_other(const struct coordinator *c, const struct host *host)
{
    for (const struct host *other = c->hosts; other; other = other->next)
        if (other != host && other->known && other->channel && other->machine == host->machine) return true;
    return false;
}

static void lose(struct coordinator *c, struct host *host, const char *why)
{
    bool own = host->machine == MACHINE_LOCAL, wire = host->machine >= 0 && !host->known;
    if (host->closed_why) why = host->closed_why;
    if (host->known && host->stopped != 3 && !c->finishing)
        ct__coord_log(c, CT_LOG_WARNING, "the connection to %s was lost: %s", host->name, why ? why : "it was silent");
    ct__channel_free(host->channel);
    host->channel = NULL;
    host->heard_ms = host->told_ms; /* its lease may have begun with what it was told last, and no later */
    host->usable = false;
    ct__coord_recount(c, host);
    ct__coord_hunger(c, host, 0);
    host->catching = 0;
    if (host->machine >= 0 && (wire || !has_other(c, host))) c->machines[host->machine].up = false;
    if (wire) ct__coord_cut_direct(c, host);
    if (host->machine >= 0) ct__coord_wire_ended(c, host);
    bool followed = host->known && ct__coord_has_wire(c, host); /* by another link, which goes on from there */
    if (!host->known || (own && c->lifeline < 0) || (host->out.size == 0 && !followed)) bury_host(c, host);
    check_lost(c, NULL);
}

void ct__coord_take_event(struct coordinator *c, struct ct__event *event)
{
    if (event->kind == CT__EVENT_OPENED) {
        add_host(c, event->channel);
        if (c->closing || ct__coord_turn_away(c, event->channel)) ct__channel_close(event->channel);
    }
    if (event->kind == CT__EVENT_FRAME && event->user)
        take_frame(c, event->user, &event->frame);
    else if (event->kind == CT__EVENT_CLOSED && event->user)
        lose(c, event->user, event->why);
    ct__bytes_free(&event->frame);
}

/* Names a host as soon as it is silent: it may be for good. */
static void tell_silence(struct coordinator *c, struct host *host, int64_t silent)
{
    if (host->machine == MACHINE_LOCAL || !host->known || !host->channel || c->finishing) return;
    if (silent > SILENT_MS && !host->silent) {
        host->silent = true;
        ct__coord_log(c, CT_LOG_WARNING,
                      "host %s: nothing has come from it for %d s; after %d s its walks go to others", host->name,
                      SILENT_MS / 1000, (SILENT_MS + CT__LEASE_MS + MARGIN_MS) / 1000);
    } else if (silent < SILENT_MS && host->silent) {
        host->silent = false;
        ct__coord_log(c, CT_LOG_WARNING, "host %s: it is heard again", host->name);
    }
}

/* Closes the connection of a host that says nothing, and buries one that is known to be dead. */
static void watch_host(struct coordinator *c, struct host *host, int64_t now)
{
    int64_t silent = now - host->heard_ms;
    bool attached = host->machine >= 0 && !host->known; /* the fleet sees to its deadline */
    tell_silence(c, host, silent);
    if (host->channel && !attached && silent > (host->known || host->proven ? CT__LEASE_MS : HELLO_MS)) {
        host->heard_ms = now;
        host->closed_why = "nothing has come from it for 10 s";
        ct__channel_close(host->channel);
    } else if (!host->channel && host->ended_ms > 0 && now - host->ended_ms > ENDED_MS) {
        blame_lost(c, host);
        bury_host(c, host);
    } else if (!host->channel && silent > CT__LEASE_MS + MARGIN_MS) {
        bury_host(c, host);
    }
}

void ct__coord_watch_hosts(struct coordinator *c, bool heard_all)
{
    int64_t now = ct__now_ms();
    bool due = now - c->beat_ms >= BEAT_MS;
    if (c->started) check_lost(c, NULL);
    if (now - c->watch_ms < WATCH_MS) return;
    c->watch_ms = now;
    if (due) c->beat_ms = now;
    for (struct host *host = c->hosts, *next; host; host = next) {
        next = host->next;
        if (!heard_all) host->heard_ms = now; /* it may have spoken */
        ct__coord_recount(c, host);
        /* what is silent is told nothing: its lease is to run out */
        if (due && host->known && !host->silent && now - host->told_ms >= BEAT_MS / 2)
            ct__coord_send(host, CT__FRAME_BEAT, NULL, 0);
        watch_host(c, host, now);
    }
    ct__coord_watch_failures(c);
    if (c->started) check_lost(c, NULL);
}

void ct__coord_keeper_ended(struct coordinator *c)
{
    if (c->lifeline < 0) return;
    close(c->lifeline);
    c->lifeline = -1;
    ct__kill_child(c->keeper);
    ct__kill_children(&c->fleet_pid, 1); /* its executors, and what user code left, have come to this process */
    for (struct host *host = c->hosts, *next; host; host = next) {
        next = host->next;
        if (!host->channel && host->machine == MACHINE_LOCAL) bury_host(c, host);
    }
    check_lost(c, NULL);
}
