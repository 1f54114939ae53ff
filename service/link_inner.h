/* What the files of the link share. */
#ifndef COMBTEST_SERVICE_LINK_INNER_H
#define COMBTEST_SERVICE_LINK_INNER_H
#include "service/board.h"
#include "service/channel.h"
#include "service/protocol.h"
#include "service/queue.h"
#include "service/setup.h"

/* The link's side of a lane that it filled. */
struct deal {
    bool out;                  /* filled, and not yet resolved */
    uint64_t first;            /* of a lane that is not listed */
    uint32_t count;            /* walks; shrinks when walks are taken back */
    struct ct__parcel **items; /* of a listed lane: one walk each; else NULL */
    struct ct__parcel *plain;  /* of another: what it was cut from; says whether the walk is a suspect */
    uint32_t reported;         /* the results of all walks before this index have gone out */
    uint32_t done;  /* how many walks had ended when the link looked last; their results count from then on */
    uint32_t *told; /* indices from there on whose results came by a record, ascending */
    uint32_t told_count, told_capacity;
    uint32_t service;        /* whose */
    const uint64_t *took_ns; /* by index, in the slot */
};

/* The link's side of a slot. */
struct seat {
    struct ct__slot *slot;
    uint32_t post;
    struct deal deals[2];
    uint32_t turn;             /* how many lanes were filled: the next goes to lane turn % 2 */
    uint32_t step;             /* that the thread was told last */
    uint32_t batch;            /* how many walks its next lane gets */
    uint64_t walk_ns;          /* what a walk of its last lane took; 0: not known */
    struct ct__bytes incoming; /* from the outbox: records not yet whole */
    struct ct__bytes held;     /* from it: results of walks that had not quite ended */
    struct ct__bytes parts;    /* from it: a large record that has not come whole */
    struct ct__bytes outgoing; /* to the inbox: what did not fit */
    bool clearing;             /* its thread is dead: what it has said of its walks counts */
    uint64_t begun;            /* the slot's when it was last looked at, and when it was first seen so */
    int64_t begun_ms;
};

enum stand_state { STAND_OFF, STAND_COMING, STAND_UP, STAND_LEAVING, STAND_LEFT, STAND_DROPPED };
/* The link's side of a post. */
struct stand {
    struct ct__bytes outlet; /* from the post's: records not yet whole */
    struct ct__post *post;
    enum stand_state state;
    bool fresh;       /* no lane was filled since the executor started */
    bool alone;       /* it runs a suspect, and nothing else meanwhile */
    int64_t asked_ms; /* when its executor was asked for */
    bool told_slow;   /* that it takes long to start */
    uint32_t barren;  /* executors in a row that died without a result */
};

struct link {
    const struct ct__setup *setup;
    struct ct__board *board;
    int keeper_bell;
    struct ct__hub *hub;
    struct ct__channel *channel;
    uint32_t epoch;
    bool welcome, ended;
    bool starting; /* the services are to start, once the host has */
    bool refused;  /* the coordinator wants no link of this host */
    uint32_t incarnation;
    bool requested;   /* a request waits for its grant */
    int64_t asked_ms; /* since when, in this step; 0: not in it */
    int64_t trip_ms;  /* how long requests take to be granted, lately */
    bool recalled;    /* nothing more is dealt until the next step */
    struct stand *stands;
    struct seat *seats; /* in the order of the board's slots */
    uint32_t seat_count;
    struct ct__queue queue, suspects; /* of the current step */
    uint32_t step;                    /* its number */
    enum ct__step_kind step_kind;
    struct ct__bytes step_body;
    struct ct__bytes results, lines; /* the frames being made; empty: none */
    int64_t flushed_ms, beat_ms;
    uint32_t sequence; /* of lanes */
    uint8_t stopping;  /* bit 0: the services, bit 1: the serial executor */
    uint8_t stopped;   /* the same, told the coordinator */
};

/* link_deal.c: dealing walks to threads */
/* Fills lanes that are free with what is queued. */
void ct__link_deal(struct link *link);
/* Queues again what a deal loses from index `from` on. */
void ct__link_requeue_tail(struct link *link, struct deal *deal, uint32_t from);
/* Gives the coordinator all that is not in flight. */
void ct__link_return_all(struct link *link);
bool ct__link_seat_busy(const struct seat *seat);
bool ct__link_post_busy(const struct link *link, uint32_t post);

/* link_drain.c: what came of them */
/* Reads everything that the seat's thread has written, and reports it. Returns whether there was anything. */
bool ct__link_drain(struct link *link, struct seat *seat);
/* Reads what user code of a post wrote to stdout and stderr. */
void ct__link_drain_outlet(struct link *link, uint32_t number);
/* Takes back what a dead executor's seat had not begun, into the queue, and returns the walk in flight, or NULL; the
 * caller's. */
struct ct__parcel *ct__link_clear_seat(struct link *link, struct seat *seat);

/* link_report.c: the frame of results */
void ct__link_report_range(struct link *link, enum ct__item kind, uint64_t first, uint64_t end);
void ct__link_report_result(struct link *link, const struct ct__result *result);
struct ct__bytes *ct__link_report_raw(struct link *link, enum ct__item kind); /* its body is put next */
void ct__link_flush(struct link *link);
void ct__link_send(struct link *link, enum ct__frame kind, const void *body, size_t size);
/* A log line; text is as ct__put_text puts it. */
void ct__link_line(struct link *link, enum ct_log_level level, const void *text, size_t size);
void ct__link_log(struct link *link, enum ct_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* link_post.c: executors that come, stop and die */
void ct__link_wake_keeper(const struct link *link);
void ct__link_start_post(struct link *link, uint32_t post);
void ct__link_watch_posts(struct link *link);
/* Starts the services that were asked for when host_start has passed; drops them where it cannot. */
void ct__link_start_services(struct link *link);
void ct__link_stop_posts(struct link *link);
uint32_t ct__link_posts_left(const struct link *link); /* services that are not dropped */
#endif
