/* Executors: the processes in which user code runs. */
#ifndef COMBTEST_SERVICE_EXECUTOR_H
#define COMBTEST_SERVICE_EXECUTOR_H
#include "service/board.h"
#include "service/death.h"
#include "service/setup.h"

#define CT__EXECUTOR_COMPLAINT 71 /* exit code: a start hook failed, the post's complaint says why */

/* The life of an executor at a post of the board, called in a process just forked by the keeper. Runs the start hooks,
 * a thread for each slot, and when the post is told to stop the stop hooks. What it writes goes to output. Never
 * returns; skips the program's atexit handlers. */
_Noreturn void ct__executor_main(const struct ct__setup *setup, struct ct__board *board, uint32_t post, int output);

/* Has every death of this process that a thread can see written into its slot: signals that a fault raises, abort,
 * exit. slot is the calling thread's own, NULL for none. ct__witness_thread gives a thread its slot and a stack for
 * handlers, which ct__witness_leave takes back before the thread ends. */
void ct__witness_install(void);
bool ct__witness_thread(struct ct__slot *slot);
void ct__witness_leave(void);
/* Writes that the calling thread ends the process for a reason of ours. */
void ct__witness_note(struct ct__slot *slot, enum ct__death_kind kind, int number);
#endif
