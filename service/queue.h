/* Queues of walks to run, on the side of a link. */
#ifndef COMBTEST_SERVICE_QUEUE_H
#define COMBTEST_SERVICE_QUEUE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Walks first to end - 1, which start as the step says; or one walk with a state of its own. */
struct ct__parcel {
    struct ct__parcel *next;
    uint64_t first, end;
    uint32_t stage; /* with text: after which stage it held */
    char *text;     /* the own state, JSON; NULL: none */
    bool suspect;   /* it was in flight when an executor died unseen: it runs alone */
};
struct ct__queue {
    struct ct__parcel *first, *last;
    uint64_t count; /* walks */
};

/* A process without memory for its queue cannot keep its word: these abort, and the run gives its walks to others. */
struct ct__parcel *ct__parcel_new(uint64_t first, uint64_t end, uint32_t stage, const char *text);
void ct__parcel_free(struct ct__parcel *item);
void ct__queue_push(struct ct__queue *queue, struct ct__parcel *item);       /* taken */
void ct__queue_push_front(struct ct__queue *queue, struct ct__parcel *item); /* taken */
/* An item of at most count walks from the front, cut off where the first one is longer; NULL: the queue is empty. */
struct ct__parcel *ct__queue_take(struct ct__queue *queue, uint64_t count);
void ct__queue_clear(struct ct__queue *queue);
#endif
