/* Runs that listen, and services that join them. */
#ifndef TESTS_FLEET_JOINING_H
#define TESTS_FLEET_JOINING_H
#include "fleets.h"

extern struct ct_config *joining_config; /* of the runs; NULL: what is found */
extern char joining_lines[65536];        /* the log of the last run */
extern char joining_url[256];            /* where it listens */
extern char joining_token_path[256];     /* the token's file */

/* For a test's setup, and its teardown: fails where a process is left, or a file. */
int joining_begin(void **unused);
int joining_nothing_is_left(void **unused);
int joining_no_process_is_left(void **unused); /* the directory of a process that was killed stays */

void joining_await_door(void);
/* Starts a service as host h<number>. */
pid_t joining_start(int number, const char *url, const char *token_path);
/* What a process exited with, below 0: the signal that ended it. */
int joining_wait(pid_t pid);
/* Until a host has run so many walks. */
void joining_await_walks(int number, int count);
/* Runs the suite for services that join, with act in a thread beside it. */
struct ct_results *joining_run(const char *listen, void *(*act)(void *user), void *user);
/* The program of a test: argv as in main. */
int joining_main(char **argv, int argc, int (*run)(void));
#endif
