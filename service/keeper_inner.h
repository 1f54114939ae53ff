/* What the files of the keeper share. */
#ifndef COMBTEST_SERVICE_KEEPER_INNER_H
#define COMBTEST_SERVICE_KEEPER_INNER_H
#include "service/board.h"
#include "service/setup.h"

struct ct__sight;
struct ct__stand;
struct ct__keeper {
    const struct ct__setup *setup;
    struct ct__board *board;
    pid_t *nurses; /* by post; 0: none */
    pid_t link;
    uint32_t link_incarnation;
    int signals, link_bell;
    /* keeper_watch.c */
    struct ct__sight *sights; /* by slot */
    bool watches;             /* walks have limits */
    bool paused;
    int64_t paused_ms;        /* since when */
    struct ct__stand *stands; /* by post */
    int64_t stopped_look_ms;  /* when that was last looked at */
};

/* keeper.c */
/* Has an executor killed; that it is dead is noted when its nurse has cleared up. */
void ct__keeper_kill(struct ct__keeper *keeper, uint32_t number, enum ct__kill_cause cause);

/* keeper_watch.c */
bool ct__keeper_watch_init(struct ct__keeper *keeper);
/* An executor is about to start at the post. */
void ct__keeper_watch_new(struct ct__keeper *keeper, uint32_t number);
/* Looks at the time and memory that walks take, and at whether they are to stand still. */
void ct__keeper_watch(struct ct__keeper *keeper, int64_t now);

/* A pid on the board, 0 where there is none. User code can have written there by mistake: whatever it is, it must not
 * mean every process of the machine to kill(). */
static inline pid_t ct__keeper_pid(const _Atomic int32_t *at)
{
    pid_t pid = atomic_load(at);
    return pid > 1 ? pid : 0;
}
#endif
