#include "service/fleet.h"
#include "service/board.h"
#include "service/fleet_inner.h"
#include "service/process.h"
#include "service/protocol.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define BACKOFF_MS     1000 /* before a host is tried again the first time; doubled with each, up to the next */
#define BACKOFF_MAX_MS 60000
#define GRACE_MS       1000  /* for a host that is not up when the run is over to see that by itself */
#define STEADY_MS      10000 /* a host that was up for so long starts from the beginning */

struct fleet {
    const struct ct__setup *setup;
    int coordinator, signals;
    struct ct__start *starts; /* by machine */
    bool finishing;
};

static void tell(const struct fleet *fleet, enum ct__fleet_word word, const struct ct__start *start, const char *text)
{
    struct ct__bytes packet = { 0 };
    char cut[CT__FLEET_TEXT];
    snprintf(cut, sizeof cut, "%s", text);
    ct__put_u8(&packet, (uint8_t)word);
    ct__put_u32(&packet, (uint32_t)(start - fleet->starts));
    ct__put_u32(&packet, start->life);
    ct__put_text(&packet, cut);
    if (!packet.failed) send(fleet->coordinator, packet.data, packet.size, MSG_NOSIGNAL);
    ct__bytes_free(&packet);
}

static void schedule(struct ct__start *start, int64_t now)
{
    bool steady = start->up && now - start->up_ms >= STEADY_MS;
    start->backoff_ms = start->backoff_ms == 0 || steady ? BACKOFF_MS : start->backoff_ms * 2;
    if (start->backoff_ms > BACKOFF_MAX_MS) start->backoff_ms = BACKOFF_MAX_MS;
    start->next_ms = now + start->backoff_ms;
    start->up = false;
}

static void begin(struct fleet *fleet, struct ct__start *start, int64_t now)
{
    struct ct_error error;
    start->life++;
    start->up = start->late = false;
    start->last[0] = '\0';
    start->deadline_ms = now + fleet->setup->start_ms;
    if (ct__start_begin(fleet->setup, start, (uint32_t)(start - fleet->starts), &error) == CT_OK) return;
    tell(fleet, CT__FLEET_FAILED, start, error.text);
    schedule(start, now);
}

/* Passes on what was written to the pipe, line by line. */
static void hear_lines(const struct fleet *fleet, struct ct__start *start)
{
    char line[CT__FLEET_TEXT];
    while (ct__start_line(start, line, sizeof line)) {
        snprintf(start->last, sizeof start->last, "%.500s", line);
        tell(fleet, CT__FLEET_LINE, start, line);
    }
}

/* Why a program that ended before its hello is of no use. */
static void explain_early_end(const struct fleet *fleet, const struct ct__start *start, char *why, size_t size)
{
    snprintf(why, size, "the program ended before it reached run_tests() of suite '%s'%s%.300s",
             fleet->setup->suite->name, start->last[0] ? "; it said: " : "", start->last);
}

static void end_start(struct fleet *fleet, struct ct__start *start)
{
    char why[CT__FLEET_TEXT];
    hear_lines(fleet, start);
    bool launched = ct__start_end(start, why, sizeof why);
    if (start->late)
        snprintf(why, sizeof why, "it was not up within %g s%s%.300s", (double)fleet->setup->start_ms / 1000,
                 start->last[0] ? "; last it said: " : "", start->last);
    else if (launched && !start->up)
        explain_early_end(fleet, start, why, sizeof why);
    if (!fleet->finishing)
        tell(fleet, !start->up ? CT__FLEET_FAILED : launched ? CT__FLEET_ENDED : CT__FLEET_CUT, start, why);
    schedule(start, ct__now_ms());
}

static void reap(struct fleet *fleet)
{
    struct signalfd_siginfo info;
    siginfo_t ended = { 0 };
    while (read(fleet->signals, &info, sizeof info) > 0) continue;
    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid > 0) {
        struct ct__start *start = NULL;
        for (size_t i = 0; i < fleet->setup->machine_count; i++)
            if (fleet->starts[i].pid == ended.si_pid) start = &fleet->starts[i];
        if (start)
            end_start(fleet, start);
        else
            waitpid(ended.si_pid, NULL, 0);
        ended.si_pid = 0;
    }
}

/* The run is over: nobody waits for what is still being started. */
static void finish(struct fleet *fleet)
{
    int64_t deadline = ct__now_ms() + GRACE_MS;
    fleet->finishing = true;
    for (size_t i = 0; i < fleet->setup->machine_count; i++)
        if (fleet->starts[i].deadline_ms > deadline) fleet->starts[i].deadline_ms = deadline;
}

static void hear_coordinator(struct fleet *fleet)
{
    unsigned char packet[64];
    ssize_t got = recv(fleet->coordinator, packet, sizeof packet, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        ct__kill_children(NULL, 0);
        _exit(1);
    }
    struct ct__cursor cursor = ct__cursor(packet, (size_t)got);
    uint8_t word = ct__get_u8(&cursor);
    uint32_t machine = ct__get_u32(&cursor), life = ct__get_u32(&cursor);
    if (word == CT__FLEET_FINISH && !fleet->finishing) finish(fleet);
    if (word != CT__FLEET_UP || machine >= fleet->setup->machine_count) return;
    struct ct__start *start = &fleet->starts[machine];
    if (start->life != life) return;
    start->up = true;
    start->up_ms = ct__now_ms();
}

/* Begins and ends what is due. Returns how long nothing else is, -1: for ever. */
static int64_t keep_time(struct fleet *fleet)
{
    int64_t now = ct__now_ms(), wait_ms = -1;
    for (size_t i = 0; i < fleet->setup->machine_count; i++) {
        struct ct__start *start = &fleet->starts[i];
        if (start->pid == 0 && !fleet->finishing && now >= start->next_ms) begin(fleet, start, now);
        bool waits = start->pid == 0 ? !fleet->finishing : !start->up && !start->late;
        int64_t due = start->pid == 0 ? start->next_ms : start->deadline_ms;
        if (waits && start->pid > 0 && now >= due) {
            start->late = true;
            kill(-start->pid, SIGKILL);
            kill(start->pid, SIGKILL);
        } else if (waits && (wait_ms < 0 || due - now < wait_ms)) {
            wait_ms = due > now ? due - now : 0;
        }
    }
    return wait_ms;
}

static bool all_ended(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->setup->machine_count; i++)
        if (fleet->starts[i].pid != 0) return false;
    return true;
}

static void serve(struct fleet *fleet)
{
    size_t count = fleet->setup->machine_count;
    struct pollfd *fds = calloc(count + 2, sizeof *fds);
    if (!fds) return;
    while (!fleet->finishing || !all_ended(fleet)) {
        int64_t wait_ms = keep_time(fleet);
        fds[0] = (struct pollfd){ .fd = fleet->coordinator, .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = fleet->signals, .events = POLLIN };
        for (size_t i = 0; i < count; i++)
            fds[i + 2] = (struct pollfd){ .fd = fleet->starts[i].pid ? fleet->starts[i].output : -1, .events = POLLIN };
        if (poll(fds, count + 2, (int)wait_ms) < 0 && errno != EINTR) break;
        for (size_t i = 0; i < count; i++)
            if (fds[i + 2].revents) hear_lines(fleet, &fleet->starts[i]);
        if (fds[1].revents) reap(fleet);
        if (fds[0].revents) hear_coordinator(fleet);
    }
    free(fds);
}

_Noreturn void ct__fleet_main(const struct ct__setup *setup, int coordinator)
{
    struct fleet fleet = { .setup = setup, .coordinator = coordinator };
    sigset_t child;
    ct__block_signals();
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    fleet.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    fleet.starts = calloc(setup->machine_count, sizeof *fleet.starts);
    if (fleet.signals < 0 || !fleet.starts) _exit(1);
    for (size_t i = 0; i < setup->machine_count; i++)
        fleet.starts[i] = (struct ct__start){ .coordinator = coordinator, .output = -1, .why = -1 };
    serve(&fleet);
    ct__kill_children(NULL, 0);
    _exit(0);
}
