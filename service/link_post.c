/* Executors that come, stop and die, and whom to blame. */
#include "service/link_inner.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMING_MS  10000
#define SLOW_MS    60000 /* start hooks that take so long are named */
#define BARREN_MAX 5u    /* executors in a row that die without a result, before the service is dropped */

void ct__link_wake_keeper(const struct link *link)
{
    uint64_t one = 1;
    if (write(link->keeper_bell, &one, sizeof one) < 0) return; /* it is full: the keeper has been woken already */
}

void ct__link_start_post(struct link *link, uint32_t post)
{
    struct stand *stand = &link->stands[post];
    stand->state = STAND_COMING;
    stand->fresh = true;
    stand->alone = false;
    stand->told_slow = false;
    stand->asked_ms = ct__now_ms();
    atomic_store(&stand->post->wanted, atomic_load(&stand->post->incarnation) + 1);
    ct__link_wake_keeper(link);
}

/* Whether the executor ended by itself, or by what ran in it, rather than by our doing. */
static bool is_own_death(const struct ct__post *post)
{
    return (post->cause == CT__KILL_NONE && !post->complaint[0]) || post->cause == CT__KILL_STOPPED;
}

/* The verdict on a walk whose executor died while it was in flight: CT_CRASHED, CT_TIMED_OUT, or CT_PASS for none. */
static enum ct_status judge(const struct link *link, const struct stand *stand, const struct seat *seat, uint32_t index,
                            bool suspect)
{
    const struct ct__post *post = stand->post;
    bool serial = seat->post + 1 == link->board->post_count;
    if (post->cause == CT__KILL_TIMEOUT && post->culprit == index) return CT_TIMED_OUT;
    if (atomic_load(&seat->slot->witness.kind) != CT__DEATH_UNWITNESSED) return CT_CRASHED;
    return (suspect || serial) && is_own_death(post) ? CT_CRASHED : CT_PASS;
}

/* Whether some thread of the dead executor is known to have ended it. */
static bool has_culprit(const struct link *link, const struct stand *stand, uint32_t post)
{
    if (!is_own_death(stand->post)) return true;
    for (uint32_t i = 0; i < link->seat_count; i++)
        if (link->seats[i].post == post && atomic_load(&link->seats[i].slot->witness.kind) != CT__DEATH_UNWITNESSED)
            return true;
    return false;
}

static void resolve_seat(struct link *link, struct stand *stand, struct seat *seat, uint32_t index, bool culprit_known)
{
    struct ct__death death = { .suite = link->setup->suite,
                               .action = atomic_load(&seat->slot->action),
                               .part = atomic_load(&seat->slot->part),
                               .witness = &seat->slot->witness,
                               .wait_status = stand->post->wait_status,
                               .limit_ms = stand->post->culprit_ms,
                               .limit_memory = link->setup->limit_memory };
    char text[CT__DEATH_TEXT];
    uint64_t began_ns = atomic_load(&seat->slot->began_ns);
    struct ct__parcel *walk = ct__link_clear_seat(link, seat);
    if (!walk) return;
    enum ct_status verdict = judge(link, stand, seat, index, walk->suspect);
    if (verdict != CT_PASS) {
        bool ours = verdict == CT_TIMED_OUT || stand->post->cause == CT__KILL_STOPPED;
        if (ours) death.cause = (enum ct__kill_cause)stand->post->cause;
        ct__describe_death(&death, text, sizeof text);
        ct__link_report_result(link, &(struct ct__result){ .walk = walk->first,
                                                           .status = verdict,
                                                           .service = seat->post,
                                                           .action = death.action,
                                                           .took_ns = began_ns ? (uint64_t)ct__now_ns() - began_ns : 0,
                                                           .message = text });
        ct__parcel_free(walk);
        stand->barren = 0;
    } else if (culprit_known) {
        walk->suspect = false;
        ct__queue_push_front(&link->queue, walk);
    } else {
        walk->suspect = true;
        ct__queue_push(&link->suspects, walk);
    }
}

static void drop_post(struct link *link, uint32_t number, const char *why)
{
    struct stand *stand = &link->stands[number];
    struct ct__bytes body = { 0 };
    char line[640];
    bool serial = number + 1 == link->board->post_count;
    stand->state = STAND_DROPPED;
    if (serial)
        snprintf(line, sizeof line, "the serial executor is dropped: %s", why);
    else
        snprintf(line, sizeof line, "service %u is dropped: %s", number, why);
    ct__link_log(link, CT_LOG_ERROR, "%s", line);
    ct__put_u8(&body, serial);
    ct__put_u32(&body, ct__link_posts_left(link));
    ct__put_text(&body, line);
    ct__link_flush(link);
    ct__link_send(link, CT__FRAME_NOTICE, body.data, body.size);
    ct__bytes_free(&body);
    /* nothing comes of the step in progress here; walks can go on without the serial executor */
    if (serial ? link->step_kind != CT__STEP_STAGE : ct__link_posts_left(link) == 0) ct__link_return_all(link);
}

/* A serial executor that could not start still owes run_stop and host_stop: once all services have ended, a new one
 * does that, and calls no start hook. why: what has not been told yet, or NULL. False: it owes nothing. */
static bool start_closer(struct link *link, const char *why)
{
    const struct ct_suite *suite = link->setup->suite;
    uint32_t serial = link->board->post_count - 1;
    bool owes = (suite->run_stop && !link->setup->remote) || (suite->host_stop && ct__setup_runs_walks(link->setup));
    bool lived = atomic_load(&link->stands[serial].post->incarnation) > 0; /* else the system refuses processes */
    if (!(link->stopped & 1) || !owes || !lived || atomic_exchange(&link->board->closing, 1)) return false;
    if (why) ct__link_log(link, CT_LOG_ERROR, "the serial executor is dropped: %s", why);
    link->stands[serial].barren = 0;
    ct__link_start_post(link, serial);
    return true;
}

static void bury(struct link *link, uint32_t number)
{
    struct stand *stand = &link->stands[number];
    struct ct__post *post = stand->post;
    bool culprit_known = has_culprit(link, stand, number);
    bool leaving = stand->state == STAND_LEAVING;
    char end[64], why[640];
    uint32_t index = 0;
    stand->barren++;
    for (uint32_t i = 0; i < link->seat_count; i++)
        if (link->seats[i].post == number) resolve_seat(link, stand, &link->seats[i], index++, culprit_known);
    ct__link_drain_outlet(link, number);
    stand->outlet.size = 0;
    stand->state = STAND_OFF;
    atomic_store(&post->state, CT__POST_EMPTY);
    if (number + 1 == link->board->post_count && post->complaint[0] && start_closer(link, post->complaint)) return;
    if (leaving) {
        stand->state = STAND_LEFT;
        return;
    }
    ct__describe_end(post->wait_status, end, sizeof end);
    if (post->complaint[0])
        drop_post(link, number, post->complaint);
    else if (stand->barren >= BARREN_MAX && post->cause != CT__KILL_LINK) {
        snprintf(why, sizeof why, "its executor died %u times in a row without a result; the last was %s",
                 stand->barren, end);
        drop_post(link, number, why);
    } else
        ct__link_start_post(link, number);
}

/* The system refuses processes, and goes on refusing. */
static bool never_came(const struct stand *stand, uint32_t state)
{
    return stand->state == STAND_COMING && state == CT__POST_EMPTY && ct__now_ms() - stand->asked_ms > COMING_MS;
}

/* There is no time limit for start hooks, and nothing else tells who waits for one. */
static void tell_slow_start(struct link *link, uint32_t number)
{
    struct stand *stand = &link->stands[number];
    bool serial = number + 1 == link->board->post_count;
    if (stand->told_slow || atomic_load(&stand->post->ready) || ct__now_ms() - stand->asked_ms < SLOW_MS) return;
    if (serial && atomic_load(&link->board->closing)) return; /* it calls no start hook */
    stand->told_slow = true;
    if (serial)
        ct__link_log(link, CT_LOG_WARNING, "the serial executor is still in its start hooks after %d s",
                     SLOW_MS / 1000);
    else
        ct__link_log(link, CT_LOG_WARNING, "service %u is still in its start hooks after %d s", number, SLOW_MS / 1000);
}

void ct__link_watch_posts(struct link *link)
{
    for (uint32_t i = 0; i < link->board->post_count; i++) {
        struct stand *stand = &link->stands[i];
        uint32_t state = atomic_load(&stand->post->state);
        bool current = atomic_load(&stand->post->incarnation) == atomic_load(&stand->post->wanted);
        if (state == CT__POST_DOWN)
            bury(link, i);
        else if (never_came(stand, state))
            drop_post(link, i, "no process could be started for it");
        else if (state == CT__POST_UP && current && stand->state == STAND_COMING &&
                 atomic_load(&stand->post->kill) != atomic_load(&stand->post->incarnation))
            stand->state = STAND_UP;
        if (stand->state == STAND_UP) tell_slow_start(link, i);
    }
}

void ct__link_start_services(struct link *link)
{
    uint32_t last = link->board->post_count - 1;
    const struct stand *host = &link->stands[last];
    bool needed = link->setup->suite->host_start && last > 0;
    if (needed && host->state == STAND_DROPPED) {
        char why[sizeof host->post->complaint];
        memcpy(why, host->post->complaint, sizeof why);
        for (uint32_t i = 0; i < last; i++) drop_post(link, i, *why ? why : "host_start did not pass");
        link->starting = false;
    } else if (!needed || atomic_load(&link->board->host_started) || (link->stopping & 1)) {
        for (uint32_t i = 0; i < last && !(link->stopping & 1); i++) ct__link_start_post(link, i);
        link->starting = false;
    }
}

static void stop_post(struct link *link, uint32_t number)
{
    struct stand *stand = &link->stands[number];
    if (stand->state == STAND_OFF) stand->state = STAND_LEFT;
    if (stand->state != STAND_UP) return; /* one that is coming is stopped when it is up */
    stand->state = STAND_LEAVING;
    atomic_store(&stand->post->stop, 1);
    for (uint32_t i = 0; i < link->seat_count; i++)
        if (link->seats[i].post == number) ct__bell_ring(&link->seats[i].slot->bell);
}

static bool stop_range(struct link *link, uint32_t first, uint32_t end)
{
    bool all = true;
    for (uint32_t i = first; i < end; i++) {
        stop_post(link, i);
        all = all && (link->stands[i].state == STAND_LEFT || link->stands[i].state == STAND_DROPPED);
    }
    return all;
}

void ct__link_stop_posts(struct link *link)
{
    uint32_t serial = link->board->post_count - 1;
    for (uint8_t which = 0; which < 2; which++) {
        uint8_t bit = (uint8_t)(1u << which);
        if (!(link->stopping & bit) || (link->stopped & bit)) continue;
        if (which == 1 && (link->stopping & 1) && !(link->stopped & 1)) continue; /* host_stop comes last */
        if (!stop_range(link, which ? serial : 0, which ? serial + 1 : serial)) continue;
        link->stopped |= bit;
        if (which == 0 && link->stands[serial].state == STAND_DROPPED) start_closer(link, NULL);
        ct__link_flush(link);
        ct__link_send(link, CT__FRAME_STOPPED, &which, 1);
    }
}

uint32_t ct__link_posts_left(const struct link *link)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i + 1 < link->board->post_count; i++)
        if (link->stands[i].state != STAND_DROPPED) left++;
    return left;
}
