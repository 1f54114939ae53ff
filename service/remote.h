/* The side of a run that is on another host: the user's program, started once more with COMBTEST_BOOTSTRAP in its
 * environment. What the variable says decides what run_tests() does there; it is taken out of the environment before
 * main begins.
 *
 * "stdio": standard input and output are the wire, a stream of frames to the coordinator. They are put aside before
 * main begins, so that the program can print: its standard output goes to standard error, its input is empty.
 *
 * "join URL TOKENFILE": the program joins the run that listens at the URL. */
#ifndef COMBTEST_SERVICE_REMOTE_H
#define COMBTEST_SERVICE_REMOTE_H
#include "service/service.h"
#include "service/setup.h"

#define CT__BOOTSTRAP "COMBTEST_BOOTSTRAP"

/* run_tests() then: serves the run if it is of this suite, and never returns; else fills *results with nothing done. */
enum ct_err ct__remote_run(const struct ct_suite *suite, struct ct_results **results, struct ct_error *error);

/* relay.c: serves a run whose brief was taken, over two descriptors on which frames come and go, until the input ends
 * or the services do; then nothing of it is left. Returns the exit code for this process. */
int ct__relay(struct ct__setup *setup, int in, int out);
#endif
