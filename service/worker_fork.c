/* isolation=process: each walk in a process of its own, which the executor forks, waits for and clears up after. */
#include "service/executor.h"
#include "service/output.h"
#include "service/process.h"
#include "service/syscall.h"
#include "service/worker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/wait.h>
#include <unistd.h>

#define FORK_PAUSE_US 10000
#define FORK_TRIES    1000
#define PART                                                                                                           \
    ((size_t)1 << 20) /* bytes of output read between two looks whether the walk has ended; a pipe holds less */
#define TRACED_MS 200 /* how often to look whether it waits for this process to trace it */
#define LOOK_MS   10  /* how often to look for that where the system gives no descriptor to wait with */
#define DATA_MARGIN                                                                                                    \
    (64u << 20) /* the keeper looks every few milliseconds: what a walk can take beyond the limit until then */

/* A hard stop above the limit, so that no walk can take the machine's memory between two looks of the keeper. */
static void limit_data(uint64_t limit)
{
    struct rlimit data;
    if (limit == 0 || getrlimit(RLIMIT_DATA, &data) != 0) return;
    rlim_t most = limit + limit / 4 + DATA_MARGIN;
    if (data.rlim_max != RLIM_INFINITY && most > data.rlim_max) most = data.rlim_max;
    setrlimit(RLIMIT_DATA, &(struct rlimit){ most, data.rlim_max });
}

CT__HOT static void be_the_walk(struct ct__worker *worker, pid_t executor)
{
    setpgid(0, 0);
    ct__syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    if (getppid() != executor) _exit(0);
    atomic_store(&worker->slot->pid, getpid()); /* no copy, from here on; and its time runs */
    limit_data(worker->setup->limit_memory);
}

/* Writes what user code left in its streams. fflush(NULL) alone costs a short walk one part in twenty, for the pages
 * that it touches: where nothing waits to be written, a look at glibc's list of streams tells so. */
CT__HOT static void flush_streams(FILE *const *list)
{
    bool idle = list != NULL && __libc_single_threaded; /* else the list may change meanwhile */
    for (const FILE *stream = idle ? *list : NULL; stream != NULL && idle; stream = stream->_chain)
        idle = stream->_mode <= 0 && stream->_IO_write_ptr == stream->_IO_write_base;
    if (!idle) fflush(NULL);
}

/* Whatever the walk started has come to this process, its subreaper: it ends with the walk. */
static void end_strays(struct ct__worker *worker, pid_t walk)
{
    if (ct__syscall(SYS_waitid, P_ALL, 0, 0, WEXITED | WNOHANG | WNOWAIT, 0) != 0)
        return; /* there is no child at all */
    kill(-walk, SIGKILL);
    ct__kill_children(worker->kept, worker->kept_count);
    ct__output_read(worker->pipe[0], 16 * PART, &worker->output);
}

/* Reads what the walk writes until it has ended, and reaps it. */
static int attend(struct ct__worker *worker, pid_t walk)
{
    int status = 0, ended = (int)syscall(SYS_pidfd_open, walk, 0);
    struct pollfd fds[] = { { .fd = ended, .events = POLLIN }, { .fd = worker->pipe[0], .events = POLLIN } };
    pid_t reaped = 0;
    while (reaped == 0 || (reaped < 0 && errno == EINTR)) {
        fds[0].revents = fds[1].revents = 0;
        if (poll(fds, 2, ended < 0 ? LOOK_MS : TRACED_MS) == 0) ct__let_go();
        if (fds[0].revents || ended < 0) reaped = waitpid(walk, &status, WNOHANG);
        if (reaped > 0 && WIFSTOPPED(status)) reaped = 0; /* at a signal, of which its tracer is told */
        /* after the look: then this is the last that it wrote */
        if (fds[1].revents || ended < 0) ct__output_read(worker->pipe[0], PART, &worker->output);
    }
    if (ended >= 0) close(ended);
    return status;
}

/* After its result, which it belongs to. */
static void tell_output(struct ct__worker *worker, uint64_t id)
{
    struct ct__bytes text = { 0 }, body = { 0 };
    if (worker->output.total == 0) return;
    ct__output_text(&worker->output, 0, &text);
    ct__output_put(&body, id, text.data, text.size);
    if (!text.failed) ct__worker_write(worker, &body);
    ct__bytes_free(&text);
    ct__bytes_free(&body);
    ct__output_clear(&worker->output);
}

static void judge(struct ct__worker *worker, uint64_t id, uint64_t begun, int wait_status)
{
    struct ct__slot *slot = worker->slot;
    struct ct__bytes drop = { 0 };
    struct ct__death death = { .suite = worker->setup->suite,
                               .action = atomic_load(&slot->action),
                               .part = atomic_load(&slot->part),
                               .witness = &slot->witness,
                               .wait_status = wait_status,
                               .limit_memory = worker->setup->limit_memory };
    char text[CT__DEATH_TEXT];
    if (atomic_load(&slot->condemned) == begun) {
        death.cause = (enum ct__kill_cause)slot->sentence;
        death.limit_ms = slot->limit_ms;
    }
    ct__describe_death(&death, text, sizeof text);
    ct__put_u8(&drop, CT__RECORD_DROP);
    ct__worker_write(worker, &drop);
    ct__bytes_free(&drop);
    worker->counts.size = 0;
    ct__worker_report(worker,
                      &(struct ct__result){ .walk = id,
                                            .status = death.cause == CT__KILL_TIMEOUT ? CT_TIMED_OUT : CT_CRASHED,
                                            .action = death.action,
                                            .message = text });
}

CT__HOT void ct__worker_fork(struct ct__worker *worker, uint64_t id,
                             void (*run)(struct ct__worker *worker, uint64_t id, json_t *own), json_t *own)
{
    struct ct__slot *slot = worker->slot;
    uint64_t begun = atomic_load(&slot->begun);
    pid_t executor = getpid(), pid;
    atomic_store(&slot->witness.kind, CT__DEATH_UNWITNESSED);
    for (int tries = 0; (pid = fork()) < 0; tries++) { /* no process to be had: that is no fault of the walk's */
        if (tries >= FORK_TRIES) ct__worker_resign(worker, "no process could be started for a walk");
        usleep(FORK_PAUSE_US);
    }
    if (pid == 0) {
        be_the_walk(worker, executor);
        run(worker, id, own);
        flush_streams(worker->streams);
        atomic_store(&slot->finished, begun);
        _exit(0);
    }
    int status = attend(worker, pid);
    atomic_store(&slot->pid, 0);
    end_strays(worker, pid);
    json_decref(own);
    if (atomic_load(&slot->finished) != begun) {
        ct__tmpdirs_remove_of(worker->setup->run_dir, pid);
        judge(worker, id, begun, status);
    }
    tell_output(worker, id);
}
