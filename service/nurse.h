/* Nurses: each stands between the keeper and one executor. It takes in what user code leaves behind there, so that it
 * is known whose it was, and ends it with the executor; and it reads what user code writes to stdout and stderr. */
#ifndef COMBTEST_SERVICE_NURSE_H
#define COMBTEST_SERVICE_NURSE_H
#include "service/board.h"
#include "service/setup.h"

/* The life of a nurse, in a process just forked by the keeper. Ends when its executor does, which it leaves for the
 * keeper to reap, so that its pid stays its own until then. Never returns. */
_Noreturn void ct__nurse_main(const struct ct__setup *setup, struct ct__board *board, uint32_t number);
#endif
