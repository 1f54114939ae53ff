#include "service/nurse.h"
#include "service/executor.h"
#include "service/output.h"
#include "service/process.h"
#include "service/protocol.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK      16384u     /* of output in a record: the outlet takes it at once */
#define PART       (1u << 20) /* of output read at once */
#define ROOM_MS    5          /* how soon to look again whether the outlet has room */
#define HELD_MS    50         /* and whether the walk has ended whose last words are held back */
#define PIPE_PARTS 16         /* more than a pipe holds */
#define FINISH_MS  2000       /* how long to wait for room at the end */

struct nurse {
    const struct ct__setup *setup;
    struct ct__board *board;
    struct ct__post *post;
    struct ct__slot *slots;
    uint32_t slot_count;
    pid_t executor;
    int output_pipe, signals;
    uint64_t begun, turns; /* how many walks had begun, and how many had begun or ended, when it last turned to one */
    struct ct__output output; /* since then */
    size_t taken;             /* bytes of its head that text has got */
    struct ct__bytes text;    /* to be told, in the order in which it was written */
};

/* Tells what there is to tell. False: there is no room now for all of it. */
static bool tell(struct nurse *nurse)
{
    struct ct__bytes *text = &nurse->text, record = { 0 };
    bool room = true;
    if (text->failed) ct__bytes_free(text);
    while (text->size > 0 && room) {
        size_t part = text->size < CHUNK ? text->size : CHUNK;
        record.size = 0;
        ct__put_u32(&record, 0);
        ct__output_put(&record, CT__NO_WALK, text->data, part);
        ct__set_u32(&record, 0, (uint32_t)record.size - 4);
        room = record.failed || ct__ring_room(&nurse->post->outlet) >= record.size;
        if (!room) break;
        if (!record.failed) ct__ring_write(&nurse->post->outlet, record.data, record.size);
        ct__bytes_drop(text, part);
        ct__bell_ring(&nurse->board->link_bell);
    }
    ct__bytes_free(&record);
    return room;
}

/* The first of what a walk writes is told as it comes. */
static void take_head(struct nurse *nurse)
{
    size_t there = nurse->output.kept.size < nurse->output.head ? nurse->output.kept.size : nurse->output.head;
    ct__put_bytes(&nurse->text, nurse->output.kept.data + nurse->taken, there - nurse->taken);
    nurse->taken = there;
}

/* The last of it when the walk is over. */
static void take_rest(struct nurse *nurse)
{
    ct__output_text(&nurse->output, nurse->taken, &nurse->text);
    ct__output_clear(&nurse->output);
    nurse->taken = 0;
}

/* The limit is for each walk: a new one has all of it; what the pipe holds when a walk has ended is still the walk's.
 */
static void turn_to_walk(struct nurse *nurse, bool drained)
{
    uint64_t begun = 0, turns = 0;
    for (uint32_t i = 0; i < nurse->slot_count; i++) {
        uint64_t slot_turns = atomic_load(&nurse->slots[i].begun);
        turns += slot_turns;
        begun += (slot_turns + 1) / 2;
    }
    if (begun == nurse->begun && !(drained && turns != nurse->turns)) return;
    take_rest(nurse);
    nurse->begun = begun;
    nurse->turns = turns;
}

/* Reads a part of what is there; true: that was all. */
static bool listen_once(struct nurse *nurse)
{
    turn_to_walk(nurse, false);
    bool all = ct__output_read(nurse->output_pipe, PART, &nurse->output);
    take_head(nurse);
    return all;
}

/* Whether the executor is dead; reaps the others, which are user code's. */
static bool executor_ended(const struct nurse *nurse)
{
    siginfo_t info = { 0 };
    while (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid > 0) {
        bool ended = info.si_code != CLD_TRAPPED && info.si_code != CLD_STOPPED;
        if (ended && info.si_pid == nurse->executor) return true;
        if (ended)
            waitpid(info.si_pid, NULL, WNOHANG);
        else
            ct__let_go();
        info.si_pid = 0;
    }
    return false;
}

static void serve(struct nurse *nurse)
{
    struct signalfd_siginfo info;
    struct pollfd fds[] = { { .fd = nurse->signals, .events = POLLIN }, { .fd = -1, .events = POLLIN } };
    for (;;) {
        bool told = tell(nurse), held = nurse->output.total > nurse->taken;
        if (executor_ended(nurse)) return;
        fds[1].fd = told ? nurse->output_pipe : -1; /* user code that writes more than is read waits */
        poll(fds, 2, !told ? ROOM_MS : held ? HELD_MS : -1);
        if (fds[0].revents && read(nurse->signals, &info, sizeof info) < 0) continue;
        if (fds[1].revents && told)
            listen_once(nurse);
        else if (held)
            turn_to_walk(nurse, true);
    }
}

/* What the executor wrote last, for which the link makes room. */
static void finish(struct nurse *nurse)
{
    int64_t deadline = ct__now_ms() + FINISH_MS;
    for (int i = 0; i < PIPE_PARTS && !listen_once(nurse); i++) continue;
    take_rest(nurse);
    while (!tell(nurse) && ct__now_ms() < deadline) poll(NULL, 0, ROOM_MS);
}

static bool open_signals(struct nurse *nurse)
{
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    nurse->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return nurse->signals >= 0;
}

_Noreturn void ct__nurse_main(const struct ct__setup *setup, struct ct__board *board, uint32_t number)
{
    struct nurse nurse = { .setup = setup, .board = board, .post = &board->posts[number] };
    int ends[2];
    nurse.slots = ct__board_slots(board, number, &nurse.slot_count);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!ct__output_pipe(ends) || !open_signals(&nurse)) _exit(1);
    nurse.executor = ct__fork_child();
    if (nurse.executor == 0) {
        close(ends[0]);
        close(nurse.signals);
        ct__executor_main(setup, board, number, ends[1]);
    }
    if (nurse.executor < 0) _exit(1);
    close(ends[1]);
    nurse.output_pipe = ends[0];
    ct__output_init(&nurse.output, setup->max_output);
    atomic_store(&nurse.post->pid, nurse.executor);
    serve(&nurse);
    kill(-nurse.executor, SIGKILL);
    ct__kill_children(&nurse.executor, 1);
    ct__tmpdirs_remove_of(setup->run_dir, nurse.executor);
    finish(&nurse);
    _exit(0);
}
