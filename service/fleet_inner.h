/* What the files of the fleet share: one start of the program on one host. */
#ifndef COMBTEST_SERVICE_FLEET_INNER_H
#define COMBTEST_SERVICE_FLEET_INNER_H
#include "service/fleet.h"
#include "service/wire.h"

struct ct__start {
    int coordinator; /* what the launcher's process has no use for */
    uint32_t life;   /* how many times it was begun */
    pid_t pid;       /* of the launcher's process; 0: none */
    int output, why; /* pipes from it: its standard output and error; and what it returned */
    bool up;         /* it has said hello */
    bool late;       /* it was killed, for it had not by its deadline */
    int64_t up_ms, deadline_ms, next_ms, backoff_ms;
    struct ct__bytes text; /* from output: no whole line yet */
    char last[512];        /* the last line */
};

/* Connects a wire to the coordinator and begins a process that launches the program with it. Blocks for a moment, at
 * the beginning of a run, until the coordinator listens. */
enum ct_err ct__start_begin(const struct ct__setup *setup, struct ct__start *start, uint32_t machine,
                            struct ct_error *error);
/* The next line that was written; false: there is none yet. */
bool ct__start_line(struct ct__start *start, char *line, size_t size);
/* Reaps a process that has ended. True: it had launched the program, which has ended; false: why says why not. */
bool ct__start_end(struct ct__start *start, char *why, size_t size);
#endif
