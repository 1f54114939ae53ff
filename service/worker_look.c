/* isolation=thread: whose it is what comes out of the executor's one pipe. The thread looks after a walk how much has
 * been written, and marks the place; the nurse, which reads it, cuts there. Nobody waits for anybody. */
#include "service/worker.h"
#include <sched.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <sys/ioctl.h>

#define LOOK_TRIES 100 /* the nurse may read meanwhile, and may stand still at it */

/* How much was written until now: what the nurse has read, and what is still in the pipe. */
static bool find_end(const struct ct__worker *worker, uint64_t *end)
{
    for (int tries = 0; tries < LOOK_TRIES; tries++) {
        int there = 0;
        uint64_t heard = atomic_load(&worker->post->heard);
        if (heard % 2 == 0 && ioctl(worker->written, FIONREAD, &there) != 0) return false;
        if (heard % 2 == 0 && atomic_load(&worker->post->heard) == heard) {
            *end = heard / 2 + (uint64_t)there;
            return true;
        }
        sched_yield();
    }
    return false;
}

/* Half a line would come with another walk's. A thread that a walk left may hold the lock for good. */
static void flush_stdout(void)
{
    if (__fpending(stdout) == 0 || ftrylockfile(stdout) != 0) return;
    fflush(stdout);
    funlockfile(stdout);
}

void ct__worker_look(struct ct__worker *worker)
{
    struct ct__post *post = worker->post;
    uint64_t begun = atomic_load_explicit(&worker->slot->begun, memory_order_relaxed);
    struct ct__mark mark = { .walk = CT__NO_WALK };
    if (!post->marked) return;
    flush_stdout();
    if (!find_end(worker, &mark.end)) return;
    if (mark.end != worker->marked_end) {
        if (begun % 2 == 1 && begun - 1 == atomic_load(&post->looked)) mark.walk = atomic_load(&worker->slot->walk);
        if (ct__ring_room(&post->marks) < sizeof mark) return; /* the next mark is then one of several walks */
        ct__ring_write(&post->marks, &mark, sizeof mark);
        worker->marked_end = mark.end;
    }
    atomic_store_explicit(&post->looked, begun + begun % 2, memory_order_relaxed);
}
