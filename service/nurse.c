#include "service/nurse.h"
#include "service/executor.h"
#include "service/output.h"
#include "service/process.h"
#include "service/protocol.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK     16384u      /* of output in a record, and read at once: the outlet takes it at once */
#define PART      (1u << 20)  /* of output read between two looks at all else */
#define ROOM_MS   5           /* how soon to look again whether the outlet has room */
#define HELD_MS   50          /* and whether the walk has ended whose words are held back */
#define PIPE_SIZE (16u << 20) /* more than a pipe holds */
#define FINISH_MS 2000        /* how long to wait for room at the end */

struct nurse {
    const struct ct__setup *setup;
    struct ct__board *board;
    struct ct__post *post;
    struct ct__slot *slots;
    uint32_t slot_count;
    pid_t executor;
    int output_pipe, signals;
    uint64_t begun, turns; /* how many walks had begun, and how many had begun or ended, when it last turned to one */
    struct ct__output output; /* since then, or since the last mark */
    size_t taken;             /* bytes of its head that are in the queue */
    struct ct__mark mark;     /* the next one */
    bool has_mark;
    struct ct__bytes queue; /* records to be told, in the order in which it was written */
};

/* Tells what there is to tell. False: there is no room now for all of it. */
static bool tell(struct nurse *nurse)
{
    struct ct__bytes *queue = &nurse->queue;
    size_t told = 0;
    if (queue->failed) ct__bytes_free(queue);
    while (told < queue->size) {
        struct ct__cursor cursor = ct__cursor(queue->data + told, queue->size - told);
        size_t size = 4 + (size_t)ct__get_u32(&cursor);
        if (ct__ring_room(&nurse->post->outlet) < size) break;
        ct__ring_write(&nurse->post->outlet, queue->data + told, size);
        told += size;
    }
    if (told > 0) ct__bell_ring(&nurse->board->link_bell);
    ct__bytes_drop(queue, told);
    return queue->size == 0;
}

/* Up to the end of a line, if one ends within what a record takes. */
static size_t record_part(const unsigned char *text, size_t size)
{
    if (size <= CHUNK) return size;
    const unsigned char *end = memrchr(text, '\n', CHUNK);
    return end ? (size_t)(end - text) + 1 : CHUNK;
}

static void put(struct nurse *nurse, uint64_t walk, const unsigned char *text, size_t size)
{
    struct ct__bytes *queue = &nurse->queue;
    while (size > 0) {
        size_t part = record_part(text, size), begin = queue->size;
        ct__put_u32(queue, 0);
        ct__output_put(queue, walk, text, part);
        ct__set_u32(queue, begin, (uint32_t)(queue->size - begin - 4));
        text += part;
        size -= part;
    }
}

/* The first of what a walk writes is told as it comes, where nobody says whose it is. */
static void take_head(struct nurse *nurse)
{
    size_t there = nurse->output.kept.size < nurse->output.head ? nurse->output.kept.size : nurse->output.head;
    put(nurse, CT__NO_WALK, nurse->output.kept.data + nurse->taken, there - nurse->taken);
    nurse->taken = there;
}

/* The last of it when the walk is over. */
static void take_rest(struct nurse *nurse, uint64_t walk)
{
    struct ct__bytes text = { 0 };
    ct__output_text(&nurse->output, nurse->taken, &text);
    if (!text.failed) put(nurse, walk, text.data, text.size);
    ct__bytes_free(&text);
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
    take_rest(nurse, CT__NO_WALK);
    nurse->begun = begun;
    nurse->turns = turns;
}

/* Keeps what was read, up to where bytes end in all that was written, and cuts it at the marks. A mark is made before
 * its walk ends: there is none to come for what was read before, but of the walk in flight. */
static void cut(struct nurse *nurse, const char *bytes, size_t size, uint64_t end)
{
    for (;;) {
        struct ct__mark *mark = &nurse->mark;
        if (!nurse->has_mark) nurse->has_mark = ct__ring_read(&nurse->post->marks, mark, sizeof *mark) == sizeof *mark;
        if (!nurse->has_mark || mark->end > end) break;
        size_t part = end - mark->end < size ? size - (size_t)(end - mark->end) : 0;
        ct__output_add(&nurse->output, bytes, part);
        take_rest(nurse, mark->walk);
        bytes += part;
        size -= part;
        nurse->has_mark = false;
    }
    ct__output_add(&nurse->output, bytes, size);
}

/* What is held between two walks is of none that could still mark it. */
static void cut_if_idle(struct nurse *nurse)
{
    bool idle = atomic_load(&nurse->slots[0].begun) % 2 == 0;
    cut(nurse, "", 0, atomic_load(&nurse->post->heard) / 2);
    if (idle) take_rest(nurse, CT__NO_WALK);
}

/* Reads a chunk; false: there is none. */
static bool hear(struct nurse *nurse)
{
    char bytes[CHUNK];
    uint64_t heard = atomic_load(&nurse->post->heard);
    atomic_store(&nurse->post->heard, heard + 1);
    ssize_t got = read(nurse->output_pipe, bytes, sizeof bytes);
    if (got > 0) heard += 2 * (uint64_t)got;
    atomic_store(&nurse->post->heard, heard);
    if (got <= 0) return false;
    if (nurse->post->marked) atomic_store(&nurse->post->talks, 1);
    cut(nurse, bytes, (size_t)got, heard / 2);
    return true;
}

/* Reads what is there, about `most` bytes of it. */
static void listen_once(struct nurse *nurse, uint64_t most)
{
    uint64_t end = atomic_load(&nurse->post->heard) + 2 * most;
    if (!nurse->post->marked) turn_to_walk(nurse, false);
    while (hear(nurse) && atomic_load(&nurse->post->heard) < end) continue;
    if (nurse->post->marked)
        cut_if_idle(nurse);
    else
        take_head(nurse);
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
            listen_once(nurse, PART);
        else if (held && nurse->post->marked)
            cut_if_idle(nurse);
        else if (held)
            turn_to_walk(nurse, true);
    }
}

/* Of which walk the last words are: of the one in flight, if they all came after the look before it. */
static uint64_t last_walk(const struct nurse *nurse)
{
    uint64_t begun = atomic_load(&nurse->slots[0].begun);
    bool known = nurse->post->marked && begun % 2 == 1 && begun - 1 == atomic_load(&nurse->post->looked);
    return known ? atomic_load(&nurse->slots[0].walk) : CT__NO_WALK;
}

/* What the executor wrote last, for which the link makes room. */
static void finish(struct nurse *nurse)
{
    int64_t deadline = ct__now_ms() + FINISH_MS;
    listen_once(nurse, PIPE_SIZE);
    take_rest(nurse, last_walk(nurse));
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
    nurse.post->marked = nurse.slot_count == 1 && number + 1 != board->post_count &&
                         setup->isolation == CT_ISOLATION_THREAD; /* a serial action's is not a walk's */
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
