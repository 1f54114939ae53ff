/* The board: memory that a host's keeper, link and executors share, made by the keeper before it forks the others. The
 * link deals walks to the threads of the executors over it and reads what came of them; the keeper says who lives. No
 * lock is in it: each word has one writer, but for a lane's span, which its thread and the link change by
 * compare-and-swap. So any of the processes can die at any instruction and the others still read a state that makes
 * sense. */
#ifndef COMBTEST_SERVICE_BOARD_H
#define COMBTEST_SERVICE_BOARD_H
#include <actions/actions.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT__RING_SIZE       65536u /* a power of two */
#define CT__LANE_MAX        (1u << 20)
#define CT__LANE_MAX_TRACED (1u << 14) /* where the time that each walk takes is kept */

/* A bell is rung for whoever may wait at it: it costs a system call only if somebody does. */
struct ct__bell {
    _Atomic uint32_t count, waiting; /* how often it was rung; how many wait */
};
void ct__bell_ring(struct ct__bell *bell);
/* Waits until the bell was rung since `seen` (taken before the last look at what it tells of), or timeout_ms. */
uint32_t ct__bell_count(const struct ct__bell *bell);
void ct__bell_wait(struct ct__bell *bell, uint32_t seen, int64_t timeout_ms);

/* A pipe of bytes, one writer, one reader. */
struct ct__ring {
    _Atomic uint64_t head; /* bytes ever written */
    char apart[56];
    _Atomic uint64_t tail; /* bytes ever read */
    char apart2[56];
    unsigned char data[CT__RING_SIZE];
};
size_t ct__ring_write(struct ct__ring *ring, const void *data, size_t size); /* what fits; returns how much */
size_t ct__ring_room(const struct ct__ring *ring);                           /* how much would fit */
size_t ct__ring_read(struct ct__ring *ring, void *data, size_t size);        /* what is there; returns how much */

/* Work for one thread: the walks first + i, or the i-th that the thread's inbox lists, for i below the span's end. The
 * link fills a lane that is not full; the thread takes walk after walk from its front, and clears full when none is
 * left. The link can take walks back from its end. */
struct ct__lane {
    _Atomic uint64_t span; /* next | end << 32 */
    _Atomic uint32_t
        done; /* every walk before this index has ended, its result in the outbox unless it is a plain pass */
    _Atomic uint32_t full;
    uint64_t first;
    uint64_t began_ns, ended_ns; /* by the thread, valid once full is cleared */
    uint32_t step, sequence;
    bool listed;
};
#define CT__SPAN(next, end) ((uint64_t)(next) | (uint64_t)(end) << 32)
#define CT__SPAN_NEXT(span) ((uint32_t)(span))
#define CT__SPAN_END(span)  ((uint32_t)((span) >> 32))

/* What one thread of an executor shares. The lines of the cache are kept apart on purpose. */
struct ct__slot {              /* NOLINT(clang-analyzer-optin.performance.Padding) */
    struct ct__bell bell;      /* the thread waits at it */
    _Atomic uint64_t walk;     /* the walk in flight */
    _Atomic uint64_t began_ns; /* when it began; 0 where nobody asks */
    _Atomic uint64_t begun;    /* how many walks, serial actions and hooks it began: odd while one runs */
    _Atomic uint32_t action;   /* the action in flight */
    _Atomic uint32_t part;     /* and which of the user's functions: enum ct__part */
    struct ct__witness witness;
    _Atomic int32_t pid;         /* isolation=process: the walk's own process, 0 between walks */
    _Atomic uint64_t finished;   /* and the value of begun whose walk its process brought to an end */
    _Atomic uint64_t condemned;  /* keeper: the value of begun whose walk it killed there, and why */
    uint32_t sentence, limit_ms; /* enum ct__kill_cause; the time limit that it passed */
    _Alignas(64) struct ct__lane lanes[2];
    _Alignas(64) struct ct__ring inbox;
    _Alignas(64) struct ct__ring outbox;
    uint64_t took_ns[2][CT__LANE_MAX_TRACED]; /* by lane and index: what the walks that are done took, when traced */
};

/* Where in what an executor writes a walk ends. */
struct ct__mark {
    uint64_t end, walk; /* bytes written until then; CT__NO_WALK: what comes before is of no walk, or of several */
};

enum ct__post_state { CT__POST_EMPTY = 0, CT__POST_UP, CT__POST_DOWN };
/* Where one executor stands. */
struct ct__post {
    _Atomic uint32_t wanted;      /* link: the incarnation it wants to live; raised by one for each replacement */
    _Atomic uint32_t kill;        /* link: the incarnation it wants dead */
    _Atomic uint32_t stop;        /* link, or the executor itself: it ends after its stop hooks */
    _Atomic uint32_t incarnation; /* keeper */
    _Atomic uint32_t state;       /* keeper: enum ct__post_state */
    _Atomic int32_t pid;          /* keeper */
    int32_t wait_status;          /* keeper, valid when state is DOWN */
    uint32_t cause;               /* keeper: enum ct__kill_cause, why it was killed */
    uint32_t culprit;             /* keeper: with CT__KILL_TIMEOUT, the slot (counted in this post) */
    uint32_t culprit_ms;          /* and the limit that it passed */
    _Atomic uint32_t ready;       /* executor: its hooks have run and its threads take walks */
    /* Whose it is what user code writes, where one thread runs walks: it marks what each of them wrote. */
    uint32_t marked;         /* nurse: marks are wanted */
    _Atomic uint32_t talks;  /* nurse: something has been written at this post */
    _Atomic uint64_t heard;  /* nurse: twice the bytes that were read, and one more while it reads */
    _Atomic uint64_t looked; /* executor: the slot's begun when it last looked, between two walks */
    struct ct__ring marks;   /* executor: struct ct__mark */
    struct ct__ring outlet;  /* nurse: records of what user code wrote to stdout and stderr */
    char complaint[512];     /* executor: why a start hook failed, valid when it ended with witness CT__DEATH_HOOK */
};

struct ct__board {
    uint32_t post_count,
        threads; /* posts before the last are services of `threads` slots; the last runs serial actions, one slot */
    size_t size;
    struct ct__bell link_bell;
    _Atomic int64_t heard_ms;      /* link: when it last heard from the coordinator (monotonic) */
    _Atomic int64_t keeper_ms;     /* keeper: when it last looked around */
    _Atomic uint32_t host_started; /* executor: host_start has passed */
    _Atomic uint32_t closing;      /* link: the services have ended; a serial executor that starts now stops the host */
    _Atomic uint32_t leaving;      /* keeper: the services are to end, and give back what they have not begun */
    _Atomic uint32_t welcomed;     /* link: the last incarnation that was welcomed */
    _Atomic uint32_t paused;       /* link: executors are to stand still, and timers with them */
    struct ct__post *posts;
    struct ct__slot *slots;
};
/* NULL: no memory. Zeroed, so that every post is empty. */
struct ct__board *ct__board_new(uint32_t services, uint32_t threads);
void ct__board_free(struct ct__board *board);
uint32_t ct__board_slot_count(const struct ct__board *board);
/* The slots of a post: its first one, and how many. */
struct ct__slot *ct__board_slots(const struct ct__board *board, uint32_t post, uint32_t *count);
/* Makes a post's slots as new, for a replacement; nobody else may use them. */
void ct__board_reset_slots(struct ct__board *board, uint32_t post);

int64_t ct__now_ns(void); /* CLOCK_MONOTONIC */
int64_t ct__now_ms(void);
#endif
