/* The coordinator's side of the fleet: which hosts have come, and which fail, and why. */
#include "combtest/launcher.h"
#include "service/brief.h"
#include "service/coordinator_inner.h"
#include "service/fleet.h"
#include "service/process.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAITING_MS 10000 /* how often to say whom the run waits for */
#define NAMES_SIZE 448
#define MORE_SIZE  64   /* for how many hosts are not named */
#define LOST_MAX   3    /* how often a host that served is waited for again, before the run begins */
#define CLOSE_MS   50   /* how often to look at the deadline for hosts to end */
#define WIRE_MS    2000 /* for the wire of a program that has ended to end: what it left may hold it open */

/* ---- the process ---- */

bool ct__coord_start_fleet(struct coordinator *c)
{
    int pair[2];
    if (c->setup->machine_count == 0) return true;
    c->machines = calloc(c->setup->machine_count, sizeof *c->machines);
    if (!c->machines || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return false;
    c->fleet_pid = ct__fork_child();
    if (c->fleet_pid == 0) {
        close(pair[0]);
        close(c->setup->control);
        if (c->lifeline >= 0) close(c->lifeline);
        close(c->bell);
        ct__fleet_main(c->setup, pair[1]);
    }
    close(pair[1]);
    c->fleet = pair[0];
    return c->fleet_pid > 0;
}

static void tell_fleet(const struct coordinator *c, enum ct__fleet_word word, uint32_t machine, uint32_t life)
{
    struct ct__bytes packet = { 0 };
    if (c->fleet < 0) return;
    ct__put_u8(&packet, (uint8_t)word);
    ct__put_u32(&packet, machine);
    ct__put_u32(&packet, life);
    if (!packet.failed) send(c->fleet, packet.data, packet.size, MSG_NOSIGNAL | MSG_DONTWAIT);
    ct__bytes_free(&packet);
}

static void lose_fleet(struct coordinator *c)
{
    if (!c->finishing)
        ct__coord_log(c, CT_LOG_ERROR, "the process that starts hosts has ended: none is started any more");
    close(c->fleet);
    c->fleet = -1;
    ct__kill_child(c->fleet_pid);
    c->fleet_pid = 0;
}

/* Which hosts are not there. */
static void note_missing(struct coordinator *c)
{
    for (size_t i = 0; i < c->setup->machine_count; i++) {
        const struct machine *machine = &c->machines[i];
        const char *why = *machine->why ? machine->why : machine->tried ? "it was lost" : "it was not up in time";
        ct__tally_host(&c->tally, c->setup->machines[i].name, 0, machine->up ? NULL : why);
    }
}

void ct__coord_fleet_finish(struct coordinator *c)
{
    if (!c->finishing) note_missing(c);
    c->finishing = true;
    tell_fleet(c, CT__FLEET_FINISH, 0, 0);
}

void ct__coord_fleet_end(struct coordinator *c)
{
    int64_t deadline = ct__now_ms() + (c->killed ? 0 : c->setup->stop_ms);
    while (c->fleet >= 0 && ct__now_ms() < deadline) ct__coord_pump(c, CLOSE_MS);
    if (c->fleet >= 0) lose_fleet(c);
}

/* ---- what it says ---- */

static const char *machine_name(const struct coordinator *c, uint32_t machine)
{
    return c->setup->machines[machine].name;
}

/* The program there has ended, by itself or by what ran in it: so have its executors. */
static void note_end(struct coordinator *c, uint32_t machine, uint32_t life)
{
    for (struct host *host = c->hosts; host; host = host->next)
        if (host->machine == (int)machine && host->life == life) {
            if (host->ended_ms == 0) host->ended_ms = ct__now_ms();
        }
}

/* Launchers may begin with the host's name, as their errors do elsewhere. */
static const char *without_name(const char *why, const char *name)
{
    size_t size = strlen(name);
    return strncmp(why, name, size) == 0 && strncmp(why + size, ": ", 2) == 0 ? why + size + 2 : why;
}

/* served: it was up. A run that has not begun waits for such a host to come back. */
static void take_failure(struct coordinator *c, uint32_t index, bool served, const char *why)
{
    struct machine *machine = &c->machines[index];
    why = machine->complaint[0] ? machine->complaint : without_name(why, machine_name(c, index));
    bool first = !machine->told || strcmp(machine->why, why) != 0;
    snprintf(machine->why, sizeof machine->why, "%s", why);
    ct__text_shorten(machine->why, sizeof machine->why);
    machine->complaint[0] = '\0';
    machine->told = true;
    machine->up = false;
    machine->tried = !served || !c->awaiting || machine->lost++ >= LOST_MAX;
    if (!c->finishing)
        ct__coord_log(c, first ? CT_LOG_WARNING : CT_LOG_DEBUG, "host %s: %s%s", machine_name(c, index), machine->why,
                      c->began || c->door[0] || !machine->tried ? "; it is tried again"
                                                                : ""); /* else the run may end with it */
}

/* What the program said by its wire, and the fleet's word that it has ended, come in any order. */
static void hear_failure(struct coordinator *c, uint32_t index, uint32_t life, bool served, const char *why)
{
    struct machine *machine = &c->machines[index];
    const struct host asked = { .machine = (int)index, .life = life };
    if (!ct__coord_has_wire(c, &asked)) {
        take_failure(c, index, served, why);
        return;
    }
    snprintf(machine->heard, sizeof machine->heard, "%s", why);
    machine->heard_ms = ct__now_ms();
    machine->heard_life = life;
    machine->heard_served = served;
}

static void take_heard(struct coordinator *c, uint32_t index)
{
    c->machines[index].heard_ms = 0;
    take_failure(c, index, c->machines[index].heard_served, c->machines[index].heard);
}

void ct__coord_wire_ended(struct coordinator *c, const struct host *host)
{
    const struct machine *machine = &c->machines[host->machine];
    if (machine->heard_ms == 0 || machine->heard_life != host->life || ct__coord_has_wire(c, host)) return;
    take_heard(c, (uint32_t)host->machine);
}

void ct__coord_watch_failures(struct coordinator *c)
{
    int64_t now = ct__now_ms();
    for (size_t i = 0; i < c->setup->machine_count; i++)
        if (c->machines[i].heard_ms > 0 && now - c->machines[i].heard_ms > WIRE_MS) take_heard(c, (uint32_t)i);
}

static void take_packet(struct coordinator *c, struct ct__cursor *cursor)
{
    uint8_t word = ct__get_u8(cursor);
    uint32_t machine = ct__get_u32(cursor), life = ct__get_u32(cursor);
    const char *text = ct__get_text(cursor);
    if (!text || machine >= c->setup->machine_count) return;
    switch (word) {
    case CT__FLEET_LINE: ct__coord_log(c, CT_LOG_INFO, "host %s: %s", machine_name(c, machine), text); return;
    case CT__FLEET_FAILED: hear_failure(c, machine, life, false, text); return;
    case CT__FLEET_ENDED:
        note_end(c, machine, life);
        hear_failure(c, machine, life, true, "the program ended there before the run did");
        return;
    case CT__FLEET_CUT: hear_failure(c, machine, life, true, text); return;
    default: return;
    }
}

void ct__coord_hear_fleet(struct coordinator *c)
{
    unsigned char packet[CT__FLEET_TEXT + 64];
    while (c->fleet >= 0) {
        ssize_t got = recv(c->fleet, packet, sizeof packet, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got <= 0) {
            lose_fleet(c);
            return;
        }
        struct ct__cursor cursor = ct__cursor(packet, (size_t)got);
        take_packet(c, &cursor);
    }
}

/* ---- hosts that come ---- */

const char *ct__coord_take_attach(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    uint32_t magic = ct__get_u32(cursor), version = ct__get_u32(cursor);
    const char *token = ct__get_text(cursor);
    uint32_t index = ct__get_u32(cursor), life = ct__get_u32(cursor);
    if (cursor->bad || magic != CT__PROTOCOL_MAGIC || version != CT__PROTOCOL_VERSION || !token) return "no hello";
    if (!ct__coord_same_token(c, token) || index >= c->setup->machine_count) return "the token is wrong";
    host->machine = (int)index;
    host->life = life;
    snprintf(host->name, sizeof host->name, "%s", machine_name(c, index));
    return c->setup->machines[index].direct ? ct__coord_brief_direct(c, host, NULL)
                                            : ct__coord_send_brief(c, host, NULL);
}

const char *ct__coord_send_brief(struct coordinator *c, struct host *host, const char *url)
{
    struct ct__bytes brief = { 0 };
    struct ct_error error;
    const struct ct_host *machine = &c->setup->machines[host->machine];
    const struct ct__addressee to = { .name = machine->name,
                                      .life = host->life,
                                      .machine = url ? (uint32_t)host->machine + 1 : 0,
                                      .url = url,
                                      .services = (uint32_t)machine->services,
                                      .threads = (uint32_t)machine->threads };
    enum ct_err code = ct__brief_put(&brief, c->setup, &to, &error);
    host->briefed = code == CT_OK;
    if (code == CT_OK)
        ct__coord_send(host, CT__FRAME_BRIEF, brief.data, brief.size);
    else
        ct__coord_log(c, CT_LOG_ERROR, "%s", error.text);
    ct__bytes_free(&brief);
    return code == CT_OK ? NULL : "there is nothing to serve";
}

void ct__coord_take_complaint(struct coordinator *c, const struct host *host, struct ct__cursor *cursor)
{
    const char *text = ct__get_text(cursor);
    if (!text || host->machine < 0) return;
    struct machine *machine = &c->machines[host->machine];
    snprintf(machine->complaint, sizeof machine->complaint, "%s", text);
}

void ct__coord_machine_up(struct coordinator *c, const struct host *host)
{
    if (host->machine < 0) return;
    struct machine *machine = &c->machines[host->machine];
    if (machine->told) ct__coord_log(c, CT_LOG_WARNING, "host %s: it serves now", host->name);
    machine->up = machine->tried = true;
    machine->told = false;
    if (machine->heard_life != host->life) machine->heard_ms = 0; /* of a start before this one */
    tell_fleet(c, CT__FLEET_UP, (uint32_t)host->machine, host->life);
}

/* The names of the hosts that are not up, as many as there is room for; false: all are. */
static bool list_missing(const struct coordinator *c, char *text, size_t size)
{
    size_t used = 0, left = 0;
    for (size_t i = 0; i < c->setup->machine_count; i++) {
        const char *name = machine_name(c, (uint32_t)i);
        if (c->machines[i].up) continue;
        if (left > 0 || used + strlen(name) + 3 > size)
            left++;
        else
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "", name);
    }
    if (left > 0) snprintf(text + used, NAMES_SIZE - used, " and %zu more", left);
    return used > 0;
}

void ct__coord_tell_missing(struct coordinator *c)
{
    char names[NAMES_SIZE];
    int64_t now = ct__now_ms();
    if (c->setup->machine_count == 0 || c->finishing || c->went_on || now < c->missing_ms) return;
    if (!list_missing(c, names, sizeof names - 32)) {
        c->went_on = c->began;
    } else if (c->awaiting) {
        ct__coord_log(c, CT_LOG_INFO, "waiting for %s", names);
        c->missing_ms = now + WAITING_MS;
    } else if (c->began) {
        ct__coord_log(c, CT_LOG_INFO, "the run goes on without %s, until they come", names);
        c->went_on = true;
    }
}

bool ct__coord_more_may_come(const struct coordinator *c)
{
    if (c->finishing || ct__now_ms() - c->bare_ms > c->setup->start_ms) return false;
    if (c->door[0]) return true;
    if (c->fleet < 0) return false;
    for (size_t i = 0; i < c->setup->machine_count; i++)
        if (!c->machines[i].up) return true;
    return false;
}

bool ct__coord_all_tried(const struct coordinator *c, bool *all_up)
{
    bool tried = true;
    *all_up = true;
    for (size_t i = 0; i < c->setup->machine_count; i++) {
        tried = tried && c->machines[i].tried;
        *all_up = *all_up && c->machines[i].up;
    }
    return tried;
}

void ct__coord_name_failures(const struct coordinator *c, char *text, size_t size)
{
    size_t used = strlen(text), left = 0;
    const char *between = ": ";
    for (size_t i = 0; i < c->setup->machine_count; i++) {
        const struct machine *machine = &c->machines[i];
        char entry[sizeof machine->why + 128];
        if (machine->up) continue;
        int length = snprintf(entry, sizeof entry, "%s%.100s: %s", between, machine_name(c, (uint32_t)i),
                              *machine->why ? machine->why : "it was not up in time");
        if (left > 0 || used + (size_t)length + MORE_SIZE > size) {
            left++;
            continue;
        }
        memcpy(text + used, entry, (size_t)length + 1);
        used += (size_t)length;
        between = "; ";
    }
    if (left > 0 && used + MORE_SIZE <= size) snprintf(text + used, size - used, "%sand %zu more hosts", between, left);
}
