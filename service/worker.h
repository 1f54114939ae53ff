/* Workers: the threads of an executor, each with its slot of the board. */
#ifndef COMBTEST_SERVICE_WORKER_H
#define COMBTEST_SERVICE_WORKER_H
#include "service/board.h"
#include "service/output.h"
#include "service/protocol.h"
#include "service/setup.h"
#include <pthread.h>
#include <stdio.h>

struct ct__worker {
    const struct ct__setup *setup;
    struct ct__board *board;
    struct ct__post *post;
    struct ct__slot *slot;
    struct ct_walk *walk;
    struct ct__step step;    /* that the lanes belong to */
    pthread_mutex_t lock;    /* guards the outbox's writing end and counts: threads that run starts may log and count */
    struct ct__bytes counts; /* of the walk in flight, as they go out with its result */
    json_t *notes;           /* of the walk in flight, if it made any */
    struct ct__output output;  /* isolation=process: what the walk in flight wrote to stdout and stderr */
    int pipe[2];               /* through which it comes */
    int written;               /* the pipe that this executor's stdout and stderr are */
    uint64_t marked_end;       /* how much had been written at its last mark */
    bool looks;                /* after each walk whether it wrote: walks take so long that it costs nothing */
    struct ct__bytes inbox;    /* the record read last, without its size */
    struct ct__bytes outgoing; /* a record being made; the worker's thread only */
    pid_t kept[64];            /* isolation=process: what start hooks left running, which does not end with a walk */
    size_t kept_count;
    FILE *const *streams; /* isolation=process: where glibc's list of open streams begins; NULL: it does not say */
    void *executor;       /* whose thread it is */
    size_t turn;          /* which lane comes first: even or odd */
    pthread_t thread;
};

/* voice_user of a worker's walks is the worker. */
extern const struct ct__voice ct__worker_voice;

enum ct_err ct__worker_init(struct ct__worker *worker, struct ct_error *error);
void ct__worker_clear(struct ct__worker *worker);
/* Takes walks, serial actions and run hooks from the slot's lanes until the post is told to stop. */
void ct__worker_run(struct ct__worker *worker);
/* Takes only what comes before the executor's own start hooks: run_start. */
void ct__worker_run_one(struct ct__worker *worker);

/* What the walk in flight took until now; 0 where nobody asks. */
uint64_t ct__worker_took_ns(const struct ct__worker *worker);
/* Writes a record to the outbox, waiting for room: whole or not at all, wherever this process dies. body is without the
 * record's size. Any thread of the executor, and of a walk's own process. */
void ct__worker_write(struct ct__worker *worker, const struct ct__bytes *body);
/* Sends off what came of a walk. */
void ct__worker_report(struct ct__worker *worker, const struct ct__result *result);
/* Marks what was written since the last look, after a walk, or between walks; worker_look.c. */
void ct__worker_look(struct ct__worker *worker);
/* Ends the process, and says why over the post: it cannot go on in order. */
_Noreturn void ct__worker_quit(const struct ct__worker *worker, const char *why);
/* The same, where the walk in flight has no part in it: it runs elsewhere. */
_Noreturn void ct__worker_resign(const struct ct__worker *worker, const char *why);
/* Sends off what a hook counted, which no result takes along. */
void ct__worker_send_counts(struct ct__worker *worker);
/* Runs the walk in a process of its own, to its end, with all that it left behind; worker_fork.c. run is called in it.
 */
void ct__worker_fork(struct ct__worker *worker, uint64_t id,
                     void (*run)(struct ct__worker *worker, uint64_t id, json_t *own), json_t *own);
/* Reads the next record of the inbox into worker->inbox, waiting for it; false: the post is told to stop. */
bool ct__worker_read(struct ct__worker *worker);
#endif
