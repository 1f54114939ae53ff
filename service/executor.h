/* Executors: the processes in which user code runs. */
#ifndef COMBTEST_SERVICE_EXECUTOR_H
#define COMBTEST_SERVICE_EXECUTOR_H
#include "service/board.h"
#include "service/setup.h"

#define CT__EXECUTOR_COMPLAINT 71 /* exit code: a start hook failed, the post's complaint says why */

/* The life of an executor at a post of the board, called in a process just forked by the keeper. Runs the start hooks,
 * a thread for each slot, and when the post is told to stop the stop hooks. What it writes goes to output. Never
 * returns; skips the program's atexit handlers. */
_Noreturn void ct__executor_main(const struct ct__setup *setup, struct ct__board *board, uint32_t post, int output);
#endif
