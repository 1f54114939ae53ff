/* What the coordinator, a host's link and the threads of its executors say to each other. Frames travel over channels;
 * records over the rings of the board; both carry the bytes below. docs/protocol.md tells the order in which they are
 * said.
 *
 * A frame begins with a byte, enum ct__frame, and the epoch, the number that the coordinator gave to the connection (0
 * in a hello). A record begins with its size in four bytes, not counting them, then a byte, enum ct__record_kind.
 * Records from threads appear whole or not at all. */
#ifndef COMBTEST_SERVICE_PROTOCOL_H
#define COMBTEST_SERVICE_PROTOCOL_H
#include "combtest/core.h"
#include "service/wire.h"

#define CT__PROTOCOL_MAGIC   0x54534d43u
#define CT__PROTOCOL_VERSION 3u

enum ct__frame {
    /* link to coordinator */
    CT__FRAME_HELLO = 1, /* struct ct__hello */
    CT__FRAME_REQUEST,   /* u64: how many more walks the host can take */
    CT__FRAME_RESULTS,   /* u32 step, then enum ct__item each with its body */
    CT__FRAME_LOG,       /* u8 level, text: lines of user code's, any number */
    CT__FRAME_NOTICE,    /* u8 whether the serial executor, u32 services left, text: one was dropped, why */
    CT__FRAME_NOTE,      /* u8 level, text: a line of the link's own */
    CT__FRAME_COUNTS,    /* as in struct ct__result: what hooks counted */
    CT__FRAME_OUTPUT,    /* u32 service, u64 walk or CT__NO_WALK, text: what user code wrote to stdout and stderr */
    CT__FRAME_STOPPED,   /* u8 which: its executors have ended after their stop hooks */
    CT__FRAME_COMPLAINT, /* text: why the program that was started on a host cannot serve */
    CT__FRAME_ATTACH,    /* of the fleet's, first on a wire: u32 magic, version, text token, u32 machine, u32 life */
    CT__FRAME_KNOCK,     /* who joins: u32 magic, version, text version, u8 enum ct__errand, a nonce, text host */
    CT__FRAME_PROOF,     /* a proof: proof.h */
    CT__FRAME_FROM,      /* of a launcher's, on the wire of a direct host: text, the address it is reached from */
    /* coordinator to link */
    CT__FRAME_WELCOME = 64, /* u32 epoch */
    CT__FRAME_REFUSED,      /* text: why */
    CT__FRAME_START,        /* the services start their executors */
    CT__FRAME_STEP,         /* a step, ct__step_put: what the walks granted next belong to */
    CT__FRAME_GRANT,        /* enum ct__item RANGE or OWN, each with its body */
    CT__FRAME_RECALL,       /* give back what is not in flight; answered by RESULTS with RETURNED items */
    CT__FRAME_STOP,         /* u8 which: 0 the services, 1 the serial executor */
    CT__FRAME_PAUSE,        /* u8: 1 stand still, 0 go on */
    CT__FRAME_CHALLENGE,    /* to who knocks: a nonce, a proof */
    CT__FRAME_BRIEF,        /* to a program that was started on a host, first of all: brief.h */
    /* both: a sign of life; from a link with u32 ms since its keeper showed one, then the walks that run longest: u32
     * how many, u64 each */
    CT__FRAME_BEAT = 128,
};
#define CT__NO_WALK       UINT64_MAX
#define CT__IN_FLIGHT_MAX 8u /* walks in a beat */

enum ct__item {
    CT__ITEM_RANGE = 1, /* u64 first, u64 end: granted; or passed, with nothing to tell of */
    CT__ITEM_OWN,       /* u64 walk, u32 stage, text: granted, with the state that it had after that stage */
    CT__ITEM_RESULT,    /* the body of a CT__RECORD_RESULT */
    CT__ITEM_RETURNED,  /* u64 first, u64 end: not run here, nor will be */
    CT__ITEM_TIMED,     /* u32 service, u64 first, u32 count, u64 ns each: passed, with nothing else to tell of */
    CT__ITEM_SUSPECT,   /* u64 walk, u32 stage, text or none: granted, to be run alone */
};

enum ct__record_kind {
    /* to a thread */
    CT__RECORD_STEP = 1, /* a step, before the first lane of it */
    CT__RECORD_WALK, /* u32 sequence of the lane, u64 walk, u32 stage, text or none: the next walk of a listed lane */
    /* from a thread */
    CT__RECORD_RESULT, /* struct ct__result */
    CT__RECORD_COUNTS, /* as CT__FRAME_COUNTS */
    CT__RECORD_OUTPUT, /* as CT__FRAME_OUTPUT, without the service */
    CT__RECORD_LOG,    /* as CT__FRAME_LOG */
    CT__RECORD_PART,   /* a part of a record that is too large to be written at once */
    CT__RECORD_END,    /* its last part */
    CT__RECORD_DROP,   /* forget the parts so far: who wrote them is dead */
};

/* A frame's head; the body follows. */
void ct__frame_begin(struct ct__bytes *frame, enum ct__frame kind, uint32_t epoch);

struct ct__hello {
    uint32_t magic, version, incarnation, services, threads;
    uint32_t life;    /* of the host, as its brief said it; 0: the coordinator's own */
    uint32_t machine; /* of a direct host: as its brief said it; else 0 */
    const char *token, *suite, *host;
    uint32_t suspect_count;           /* walks that were in flight when the link before this one died */
    const uint64_t *suspects;         /* to put */
    struct ct__cursor suspect_cursor; /* got: u64 each */
};
void ct__hello_put(struct ct__bytes *bytes, const struct ct__hello *hello);
bool ct__hello_get(struct ct__cursor *cursor, struct ct__hello *hello); /* texts borrowed; false: not a hello */

/* What came of a walk's stage, a serial action or a hook. */
struct ct__result {
    uint64_t walk;
    enum ct_status status;
    const char *message; /* "" or where and why */
    const char *state;   /* JSON text, or NULL: as it began; of a serial action or hook: its updates */
    uint64_t took_ns;    /* 0: not known */
    uint32_t service;    /* the post of the executor */
    uint32_t action;     /* the one that ended it; UINT32_MAX: none */
    const char *notes;   /* JSON text of an object, or NULL */
    uint32_t count_size; /* of counts: what ct_count said, text name and u64 n each */
    const unsigned char *counts;
};
void ct__result_put(struct ct__bytes *bytes, const struct ct__result *result);
bool ct__result_get(struct ct__cursor *cursor, struct ct__result *result); /* texts and counts borrowed */

enum ct__step_kind { CT__STEP_STAGE, CT__STEP_SERIAL, CT__STEP_RUN_START, CT__STEP_RUN_STOP };
/* A step as an executor needs it. */
struct ct__step {
    uint32_t number; /* counts the steps of the run, from 1 */
    enum ct__step_kind kind;
    uint64_t first_id;
    uint32_t stage, action, option;
    json_t *start; /* what walks without a state of their own start from */
    /* For each earlier stage j: the updates of the serial actions since, merged, to lay over a state held since stage
     * j; NULL: none. stage entries. */
    json_t **since;
};
enum ct_err ct__step_put(struct ct__bytes *bytes, const struct ct__step *step);
uint32_t ct__step_number(const void *body, size_t size); /* 0: none */
/* Fills *step with references of its own; on failure nothing is left to clear. */
enum ct_err ct__step_get(struct ct__cursor *cursor, struct ct__step *step, struct ct_error *error);
void ct__step_clear(struct ct__step *step);

/* JSON text of any value, on one line; NULL: no memory. The caller frees it with free(). And back: NULL if it is none.
 */
char *ct__json_text(const json_t *json);
json_t *ct__json_read(const char *text);
#endif
