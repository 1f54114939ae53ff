/* How user code ended its process: what its thread saw of it, and all of it in words. */
#ifndef COMBTEST_ACTIONS_DEATH_H
#define COMBTEST_ACTIONS_DEATH_H
#include <combtest/suite.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ct__death_kind {
    CT__DEATH_UNWITNESSED = 0,
    CT__DEATH_SIGNAL,
    CT__DEATH_EXIT,
    CT__DEATH_THREAD_EXIT,
    CT__DEATH_HOOK
};
#define CT__FRAMES_MAX 16
/* What a thread saw of the death of its own process, written before it dies: in memory that it shares. */
struct ct__witness {
    _Atomic uint32_t kind;
    int32_t number;   /* of the signal, or the exit code */
    uint64_t address; /* of a fault; not of a signal that was sent */
    bool sent;
    uint32_t frame_count;
    uint64_t frames[CT__FRAMES_MAX];
};

/* Has every death of this process that a thread can see written down: signals that a fault raises, abort, exit; only
 * where ct__fork_mark was called. ct__witness_thread gives the calling thread what it writes to, NULL for nothing, and
 * a stack for handlers, which ct__witness_leave takes back before the thread ends. */
void ct__witness_install(void);
bool ct__witness_thread(struct ct__witness *witness);
void ct__witness_leave(void);
/* Writes that the calling thread ends the process for a reason of ours. */
void ct__witness_note(struct ct__witness *witness, enum ct__death_kind kind, int number);

enum ct__kill_cause { CT__KILL_NONE = 0, CT__KILL_TIMEOUT, CT__KILL_MEMORY, CT__KILL_STOPPED, CT__KILL_LINK };
/* What is known of a process's end. */
struct ct__death {
    const struct ct_suite *suite;
    uint32_t action, part; /* where it was, as ct__place_text has it */
    const struct ct__witness *witness;
    int wait_status;
    enum ct__kill_cause cause; /* why it was killed, if it was */
    uint32_t limit_ms;         /* with CT__KILL_TIMEOUT: the limit that was passed */
    uint64_t limit_memory;     /* with CT__KILL_MEMORY: the same, in bytes */
};
#define CT__DEATH_TEXT 2048
/* "in action open: SIGSEGV at address 0x0; at suite(do_open+0x12) ...": where, what, and the frames if there are any.
 */
void ct__describe_death(const struct ct__death *death, char *text, size_t size);
/* "killed by SIGKILL", "exited with code 7" */
void ct__describe_end(int wait_status, char *text, size_t size);
#endif
