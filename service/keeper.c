#include "service/keeper.h"
#include "service/executor.h"
#include "service/keeper_inner.h"
#include "service/link.h"
#include "service/nurse.h"
#include "service/process.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINK_DEATHS_MAX 5u   /* then something is wrong that another link would not mend */
#define IDLE_MS         200  /* how often to look around with nothing to wait for */
#define WATCH_MS        5    /* how often to look at what walks take, where it is limited */
#define LEASE_MARGIN_MS 2000 /* the link ends first, by itself */

_Noreturn static void end(struct ct__keeper *keeper, int code)
{
    (void)keeper;
    ct__kill_children(NULL, 0);
    _exit(code);
}

static void start_link(struct ct__keeper *keeper)
{
    keeper->link_incarnation++;
    atomic_store(&keeper->board->heard_ms, ct__now_ms());
    atomic_store(&keeper->board->link_bell.waiting, 0); /* the one before may have died at it */
    atomic_store(&keeper->board->paused, 0);
    pid_t pid = ct__fork_child();
    if (pid == 0) {
        close(keeper->setup->keeper_lifeline);
        close(keeper->setup->control);
        close(keeper->signals);
        ct__link_main(keeper->setup, keeper->board, keeper->link_incarnation, keeper->link_bell);
    }
    if (pid < 0) end(keeper, 1);
    keeper->link = pid;
}

static void start_executor(struct ct__keeper *keeper, uint32_t number)
{
    struct ct__post *post = &keeper->board->posts[number];
    ct__board_reset_slots(keeper->board, number);
    ct__keeper_watch_new(keeper, number);
    post->cause = CT__KILL_NONE;
    atomic_store(&post->pid, 0);
    uint32_t before = atomic_exchange(&post->incarnation, atomic_load(&post->wanted)); /* the executor asks for it */
    pid_t pid = ct__fork_child();
    if (pid == 0) {
        close(keeper->setup->keeper_lifeline);
        close(keeper->setup->control);
        close(keeper->signals);
        close(keeper->link_bell);
        ct__nurse_main(keeper->setup, keeper->board, number);
    }
    if (pid < 0) {
        atomic_store(&post->incarnation, before);
        return; /* tried again at the next look around */
    }
    keeper->nurses[number] = pid;
    atomic_store(&post->state, CT__POST_UP);
    ct__bell_ring(&keeper->board->link_bell);
}

void ct__keeper_kill(struct ct__keeper *keeper, uint32_t number, enum ct__kill_cause cause)
{
    struct ct__post *post = &keeper->board->posts[number];
    pid_t executor = ct__keeper_pid(&post->pid);
    if (post->cause == CT__KILL_NONE) post->cause = (uint32_t)cause;
    if (executor == 0) {
        kill(keeper->nurses[number], SIGKILL); /* it had no time yet to fork */
        return;
    }
    kill(-executor, SIGKILL);
    kill(executor, SIGKILL);
}

/* A nurse has ended, and with it all of its executor's: what is left is to take note. */
static void note_death(struct ct__keeper *keeper, uint32_t number)
{
    struct ct__post *post = &keeper->board->posts[number];
    pid_t executor = ct__keeper_pid(&post->pid);
    int status = SIGKILL; /* as if killed, where there is no executor to ask */
    keeper->nurses[number] = 0;
    if (executor > 0) status = ct__kill_child(executor);
    post->wait_status = status;
    atomic_store(&post->state, CT__POST_DOWN);
    ct__bell_ring(&keeper->board->link_bell);
}

/* A dead link's executors end too: nobody knows any more what they were given. */
static void replace_link(struct ct__keeper *keeper, int wait_status)
{
    struct ct__board *board = keeper->board;
    int code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : CT__LINK_LOST;
    uint32_t deaths = keeper->link_incarnation;
    /* one that reaches its run over a network may lose it often, as long as it finds it again */
    if (keeper->setup->join) deaths -= atomic_load(&board->welcomed);
    if (code == CT__LINK_DONE || code == CT__LINK_REFUSED || deaths >= LINK_DEATHS_MAX) end(keeper, code);
    for (uint32_t i = 0; i < board->post_count; i++) {
        struct ct__post *post = &board->posts[i];
        if (keeper->nurses[i] > 0) ct__keeper_kill(keeper, i, CT__KILL_LINK);
        keeper->nurses[i] = 0;
        atomic_store(&post->state, CT__POST_EMPTY);
        atomic_store(&post->kill, 0);
        atomic_store(&post->stop, 0);
        atomic_store(&post->wanted, atomic_load(&post->incarnation));
    }
    ct__kill_children(NULL, 0);
    start_link(keeper);
}

/* Ends what came here from a nurse that was killed before it had cleared up. */
static void kill_strays(const struct ct__keeper *keeper)
{
    size_t count = keeper->board->post_count;
    pid_t *keep = calloc(2 * count + 1, sizeof *keep);
    if (!keep) return; /* they end with the run */
    for (size_t i = 0; i < count; i++) {
        keep[2 * i] = keeper->nurses[i];
        keep[2 * i + 1] = ct__keeper_pid(&keeper->board->posts[i].pid); /* if it is here, to be reaped in its turn */
    }
    keep[2 * count] = keeper->link;
    ct__kill_children(keep, 2 * count + 1);
    free(keep);
}

static void take_nurse(struct ct__keeper *keeper, pid_t pid, int wait_status)
{
    for (uint32_t i = 0; i < keeper->board->post_count; i++)
        if (keeper->nurses[i] == pid) note_death(keeper, i);
    if (WIFSIGNALED(wait_status)) kill_strays(keeper);
}

/* The post whose executor pid is; post_count: none. */
static uint32_t post_of_executor(const struct ct__keeper *keeper, pid_t pid)
{
    uint32_t i = 0;
    while (i < keeper->board->post_count &&
           (keeper->nurses[i] == 0 || ct__keeper_pid(&keeper->board->posts[i].pid) != pid))
        i++;
    return i;
}

static void reap(struct ct__keeper *keeper)
{
    siginfo_t info = { 0 };
    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0) {
        pid_t pid = info.si_pid;
        int status = 0;
        info.si_pid = 0;
        uint32_t orphaned = post_of_executor(keeper, pid);
        if (orphaned < keeper->board->post_count) {
            ct__kill_child(keeper->nurses[orphaned]); /* dead already: that is how the executor came here */
            note_death(keeper, orphaned);
            kill_strays(keeper);
            continue;
        }
        waitpid(pid, &status, 0);
        if (pid == keeper->link)
            replace_link(keeper, status);
        else
            take_nurse(keeper, pid, status);
    }
}

/* Does what the link asks for. */
static void serve_posts(struct ct__keeper *keeper)
{
    for (uint32_t i = 0; i < keeper->board->post_count; i++) {
        struct ct__post *post = &keeper->board->posts[i];
        uint32_t incarnation = atomic_load(&post->incarnation);
        bool up = keeper->nurses[i] > 0;
        if (up && atomic_load(&post->kill) == incarnation) ct__keeper_kill(keeper, i, CT__KILL_LINK);
        if (!up && atomic_load(&post->state) != CT__POST_DOWN && atomic_load(&post->wanted) > incarnation)
            start_executor(keeper, i);
    }
}

static void drain(int fd)
{
    char bytes[256];
    while (read(fd, bytes, sizeof bytes) > 0) continue;
}

/* The process that started this one says to leave, or is gone. */
static void hear_lifeline(struct ct__keeper *keeper)
{
    char word;
    if (read(keeper->setup->keeper_lifeline, &word, 1) != 1) end(keeper, 1);
    atomic_store(&keeper->board->leaving, 1);
    ct__bell_ring(&keeper->board->link_bell);
}

static void serve(struct ct__keeper *keeper)
{
    struct pollfd fds[] = { { .fd = keeper->signals, .events = POLLIN },
                            { .fd = keeper->link_bell, .events = POLLIN },
                            { .fd = keeper->setup->keeper_lifeline, .events = POLLIN } };
    for (;;) {
        poll(fds, 3, keeper->watches ? WATCH_MS : IDLE_MS);
        int64_t now = ct__now_ms();
        atomic_store(&keeper->board->keeper_ms, now);
        if (fds[2].revents) hear_lifeline(keeper);
        if (fds[0].revents) drain(keeper->signals);
        if (fds[1].revents) drain(keeper->link_bell);
        reap(keeper);
        serve_posts(keeper);
        ct__keeper_watch(keeper, now);
        if (now - atomic_load(&keeper->board->heard_ms) > CT__LEASE_MS + LEASE_MARGIN_MS) kill(keeper->link, SIGKILL);
    }
}

_Noreturn void ct__keeper_main(const struct ct__setup *setup)
{
    struct ct__keeper keeper = { .setup = setup };
    sigset_t child;
    char go;
    ct__block_signals();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    keeper.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    keeper.link_bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    keeper.board = ct__board_new(setup->services, setup->threads);
    if (keeper.signals < 0 || keeper.link_bell < 0 || !keeper.board) _exit(1);
    keeper.nurses = calloc(keeper.board->post_count, sizeof *keeper.nurses);
    if (!keeper.nurses || !ct__keeper_watch_init(&keeper)) _exit(1);
    if (!ct__read_all(setup->keeper_lifeline, &go, 1)) _exit(1);
    atomic_store(&keeper.board->keeper_ms, ct__now_ms());
    start_link(&keeper);
    serve(&keeper);
    _exit(0);
}
