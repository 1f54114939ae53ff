/* What the files of the coordinator share. */
#ifndef COMBTEST_SERVICE_COORDINATOR_INNER_H
#define COMBTEST_SERVICE_COORDINATOR_INNER_H
#include "logging/logging.h"
#include "replay/replay.h"
#include "service/board.h"
#include "service/channel.h"
#include "service/coordinator.h"
#include "service/proof.h"
#include "service/protocol.h"
#include "service/ranges.h"
#include "service/tally.h"
#include "session/session.h"
#include <stdio.h>

/* A connection of a host's link. One host, known by machine and life, has one after another: incarnations, each of
 * which knows that the executors of those before it have ended. */
struct host {
    struct host *next, **at;               /* among all; what points to this one */
    struct host *hungry_next, **hungry_at; /* among those that wait for walks; NULL: it does not */
    int64_t told_ms;                       /* when it was last sent something */
    struct ct__channel *channel;           /* NULL once it is lost */
    int machine;                           /* index in the setup; or enum below */
    uint32_t life;                         /* which start of that machine */
    uint32_t epoch, incarnation;
    char name[64];
    uint32_t threads;              /* of all its services */
    bool outside, knocked, proven; /* it came by the door; it asked to come in; it knows the token */
    bool briefed;                  /* its brief was sent */
    uint8_t errand;                /* then: enum ct__errand */
    const char *token;             /* of the run */
    unsigned char theirs[CT__NONCE_SIZE], ours[CT__NONCE_SIZE];
    bool known;            /* its hello was accepted */
    bool usable;           /* it has a service left */
    bool serial_usable;    /* and the serial executor, if it is to have one */
    uint8_t stopped;       /* bit 0: its services, bit 1: its serial executor */
    uint8_t counted;       /* as what the coordinator's head counts have it: bits of coordinator_count.c */
    bool silent;           /* it was told that nothing comes from it */
    uint64_t wants;        /* walks it has asked for and not got */
    struct ct__ranges out; /* ids it was given and has not answered for; of a lost host: until it is known dead */
    size_t settled;        /* up to which depth it has run what each host runs of the branch */
    size_t barred;         /* 1 + the depth at which that failed: it runs no walk of the branch; 0: it may */
    uint32_t catching;     /* it runs such a step that others have had: its number; 0: none */
    size_t catching_depth;
    int64_t heard_ms;
    const char *closed_why;                /* static text: why this side closed it; NULL: it did not */
    int64_t ended_ms;                      /* when its program was known to have ended by itself; 0: it is not */
    uint64_t suspect;                      /* the walk that it runs alone; CT__NO_WALK: none */
    uint64_t in_flight[CT__IN_FLIGHT_MAX]; /* as it said last */
    uint32_t in_flight_count;
};

enum { MACHINE_LOCAL = -1, MACHINE_UNKNOWN = -2, MACHINE_JOINED = -3 };

enum { DIRECT_DOORS_MAX = 6 };
struct direct_door {
    char address[256], url[320];
};

/* What is known of a host of the setup. */
struct machine {
    bool up, tried;      /* it serves; its first start has come to something, or nothing */
    bool told;           /* the user was told that it fails */
    uint8_t lost;        /* how often it was lost after it had served, before the run began */
    char why[512];       /* it failed last */
    char complaint[512]; /* the program's own word for that, before it ended */
    /* What the fleet says of the end of a start whose wire has not ended here yet: the complaint may still come. */
    char heard[512];
    bool heard_served;
    int64_t heard_ms; /* 0: there is no such thing */
    uint32_t heard_life;
};

/* The walks of the stage in progress that are still to be given out. */
struct pool {
    bool open;
    uint64_t next, end;            /* ids from next on have not been looked at */
    struct ct__ranges returned;    /* given out before, and not run */
    struct ct__ranges suspects;    /* in flight when two services died: to be run alone */
    struct ct__ranges once, twice; /* walks of the stage that were in flight when one service died, and when two did */
    struct ct__ranges *tried;      /* by how often: walks of the stage that did not pass and run again */
};

/* What came of a serial action or a run hook. */
struct outcome {
    bool known;
    uint64_t took_ns;
    enum ct_status status;
    char message[512];
    json_t *updates; /* owned; NULL: none */
};

struct coordinator {
    struct ct__setup *setup;
    struct ct__hub *hub;
    int bell; /* eventfd that nng's threads ring */
    pid_t keeper;
    int lifeline; /* to the keeper; -1: it has ended */
    pid_t fleet_pid;
    int fleet; /* to the fleet; -1: there is none, or it has ended */
    struct machine *machines;
    int64_t beat_ms;  /* when hosts were last told a sign of life */
    int64_t watch_ms; /* when they were last looked at */
    int64_t bare_ms;  /* since when there is no host to run walks */
    struct host *hosts;
    uint32_t epoch;
    uint32_t lives;                              /* of hosts that joined */
    uint32_t step_count;                         /* the number of the last step */
    char door[512];                              /* where they may join; "": nowhere */
    struct direct_door direct[DIRECT_DOORS_MAX]; /* where direct hosts come in, where there is no door */
    size_t direct_count;
    bool finishing;       /* hosts that end have not failed */
    bool closing;         /* a connection that is made is closed */
    bool on_hosts;        /* the step runs once on each host */
    bool ready;           /* the program was told so: from here on there are results */
    bool started;         /* the services were told to start */
    bool awaiting, began; /* it waits for hosts before it begins; it did, and has begun */
    bool went_on;         /* that it began without some was told, or it did not */
    int64_t missing_ms;   /* when to say next which are missing */
    bool paused;          /* and to stand still */

    struct ct__step step;             /* in progress */
    struct ct__host_step *host_steps; /* of the branch, by depth */
    struct ct__bytes step_body;
    json_t *initial;  /* the state that walks start from */
    json_t **updates; /* by depth: what the serial action there gave on this branch; NULL: nothing */
    struct pool pool;
    struct outcome outcome;
    struct ct__store *store; /* NULL: nothing needs remembering */
    bool has_states;         /* some walk has brought a state of its own */
    FILE *gathered;
    uint64_t gathered_to; /* ids below have been written */
    struct ct__tally tally;

    struct ct__log *log;         /* NULL: none */
    struct ct__trace *trace;     /* NULL: none */
    bool asked;                  /* the program asked to stop or to end */
    bool told_ending;            /* that walks in flight are waited for meanwhile */
    bool orphaned;               /* it has died */
    bool stopping, killed, lost; /* asked to stop; to end at once; no service is left */
    int64_t quiet_ms;            /* since when nothing has ended */
    char note[2048];             /* why the run is incomplete */
    char remark[1024];           /* the first serial action that did not pass */
    char serial_why[512];        /* why there is no serial executor any more */
    struct ct__bytes outbox;     /* to the program, not yet written */
    int64_t told_ms, flushed_ms; /* when the program was told, and the files were written */

    struct host *hungry, **hungry_last; /* who has asked for walks and not got any, first come first */
    struct head_count {                 /* of the hosts, kept by ct__coord_recount */
        size_t strangers;               /* from outside, and not proven */
        size_t able, barred;            /* that can run walks; of them those that may not on this branch */
        uint64_t threads;               /* of those that may */
    } heads;
};

/* coordinator.c */
/* Waits up to timeout_ms for something to happen and deals with it. */
void ct__coord_pump(struct coordinator *c, int64_t timeout_ms);
void ct__coord_tell(struct coordinator *c, enum ct__told kind, const void *body, size_t size);
/* Ends the run at once, for want of memory or of room on a disk: what was counted is told, the rest is lost. */
_Noreturn void ct__coord_no_states(struct coordinator *c);
_Noreturn void ct__coord_give_up(struct coordinator *c, const char *why);

/* coordinator_host.c */
void ct__coord_take_event(struct coordinator *c, struct ct__event *event);
/* heard_all: everything that the hosts have sent was taken. */
void ct__coord_watch_hosts(struct coordinator *c, bool heard_all);
void ct__coord_keeper_ended(struct coordinator *c);
void ct__coord_send(struct host *host, enum ct__frame kind, const void *body, size_t size);
void ct__coord_send_all(struct coordinator *c, enum ct__frame kind, const void *body, size_t size);
bool ct__coord_same_token(const struct coordinator *c, const char *token);
/* The coordinator's own host with a link that lives; NULL: it has none now. */
struct host *ct__coord_local_host(struct coordinator *c);
bool ct__coord_out(const struct coordinator *c); /* whether some walk is out at a host, dead or alive */
struct host *ct__coord_serial_host(struct coordinator *c);

/* coordinator_count.c: heads and hunger, lest each event mean a look at each of thousands of hosts */
/* To be called when a host's usable, channel, barred, outside or proven has changed. */
void ct__coord_recount(struct coordinator *c, struct host *host);
/* It is about to be freed. */
void ct__coord_uncount(struct coordinator *c, struct host *host);
/* How many hosts are there to run walks. */
size_t ct__coord_count_usable(const struct coordinator *c);
/* It asks for so many walks. */
void ct__coord_hunger(struct coordinator *c, struct host *host, uint64_t wants);

/* coordinator_fleet.c: hosts that a launcher starts */
bool ct__coord_start_fleet(struct coordinator *c);
void ct__coord_hear_fleet(struct coordinator *c);
/* Nothing is started any more. Then, once their connections are closed: waits for all of it to end. */
void ct__coord_fleet_finish(struct coordinator *c);
void ct__coord_fleet_end(struct coordinator *c);
/* A wire says whose it is: the brief is sent. Returns why it is refused, or NULL. */
const char *ct__coord_take_attach(struct coordinator *c, struct host *host, struct ct__cursor *cursor);
/* The brief of the host whose wire it is. url: where it joins, if it is direct. Returns as above. */
const char *ct__coord_send_brief(struct coordinator *c, struct host *host, const char *url);
void ct__coord_take_complaint(struct coordinator *c, const struct host *host, struct ct__cursor *cursor);
void ct__coord_machine_up(struct coordinator *c, const struct host *host);
/* A connection of the host's has ended: where that was its wire, no complaint can come any more. */
void ct__coord_wire_ended(struct coordinator *c, const struct host *host);
/* Takes the failures of hosts whose wires do not end although their programs have. */
void ct__coord_watch_failures(struct coordinator *c);
/* Whether a run without hosts waits for one to come. */
bool ct__coord_more_may_come(const struct coordinator *c);
bool ct__coord_all_tried(const struct coordinator *c, bool *all_up);
/* Says, where starting takes more than a moment, which hosts the run waits for, and once, that it goes on without. */
void ct__coord_tell_missing(struct coordinator *c);
/* Adds to a text which hosts are not there, and why. */
void ct__coord_name_failures(const struct coordinator *c, char *text, size_t size);

/* coordinator_direct.c: direct hosts, whose programs connect by themselves once their wire has told them how */
/* Sends its brief, if it is known where it finds the run. Returns why it is refused, or NULL. */
const char *ct__coord_brief_direct(struct coordinator *c, struct host *wire, const char *from);
/* A launcher says from where the host of the wire is reached. */
const char *ct__coord_take_from(struct coordinator *c, struct host *wire, struct ct__cursor *cursor);
/* Why one that has proved itself is not taken, or NULL. */
const char *ct__coord_objection_direct(const struct coordinator *c, const struct ct__hello *hello);
/* Whether the same start of a host has a wire, by which it lives, beside this connection. */
bool ct__coord_has_wire(const struct coordinator *c, const struct host *host);
/* Its wire has ended: so must it. */
void ct__coord_cut_direct(struct coordinator *c, const struct host *wire);

/* coordinator_join.c: hosts that come by themselves */
/* Listens at the URL: at its port, or, with tries > 0, at the first one that is free from port on. *bound: which. */
enum ct_err ct__coord_listen(struct coordinator *c, const char *url, int port, int tries, int *bound,
                             struct ct_error *error);
enum ct_err ct__coord_open_door(struct coordinator *c, struct ct_error *error);
void ct__coord_tell_door(struct coordinator *c);
/* Whether too many strangers are at the door for one more. */
bool ct__coord_turn_away(struct coordinator *c, const struct ct__channel *channel);
/* What is said at the door before a hello. Returns why it is refused, or NULL. */
const char *ct__coord_take_outsider(struct coordinator *c, struct host *host, uint8_t kind, struct ct__cursor *cursor);

/* coordinator_stage.c: giving out the walks of a stage */
void ct__coord_run_stage(struct coordinator *c, const struct ct_step *step);
void ct__coord_grant(struct coordinator *c);
void ct__coord_give_back(struct coordinator *c, uint64_t first, uint64_t end);
/* A walk that was in flight at a service that died: it runs again, the second time alone, and a third is its crash. */
void ct__coord_suspect(struct coordinator *c, struct host *lost, uint64_t walk);
void ct__coord_begin_step(struct coordinator *c, enum ct__step_kind kind, uint64_t first_id, size_t stage,
                          size_t action, size_t option);

/* coordinator_serial.c: serial actions and run hooks */
/* Runs a serial action; false: its branch is not to be gone into. */
bool ct__coord_run_serial(struct coordinator *c, const struct ct_step *step);
bool ct__coord_run_start_hook(struct coordinator *c);
void ct__coord_run_stop_hook(struct coordinator *c);

/* coordinator_scope.c: serial actions that run once on each host */
bool ct__coord_scope_init(struct coordinator *c);
/* The serial actions from this depth on are about to take other options. */
void ct__coord_leave_branch(struct coordinator *c, size_t depth);
/* Has the step in progress run on each host, and waits for the outcome: passed where it did on some host. */
void ct__coord_run_on_hosts(struct coordinator *c, size_t depth);
void ct__coord_take_host_outcome(struct coordinator *c, struct host *host, const struct ct__result *result);
/* Has a host run the next of those steps of the branch that it has not had; after the last one it is told the step in
 * progress again. */
void ct__coord_catch_up(struct coordinator *c, struct host *host);
/* What came of one. */
void ct__coord_take_caught_up(struct coordinator *c, struct host *host, struct ct__cursor *cursor);

/* coordinator_result.c: accounting */
/* What ct_count said, as it comes in a result. */
void ct__coord_sum_counts(struct coordinator *c, const void *counts, size_t size);
/* A walk's stage has ended on a host (NULL: on none): it is counted, remembered, or, for retries, given back. */
void ct__coord_account(struct coordinator *c, const struct host *host, const struct ct__result *result);
void ct__coord_take_results(struct coordinator *c, struct host *host, struct ct__cursor *cursor);
/* Ends the walks of [first, end) that have not ended. */
void ct__coord_end_branch(struct coordinator *c, uint64_t first, uint64_t end, enum ct_status status);
/* What remains at the end of the run. */
void ct__coord_end_rest(struct coordinator *c);

/* coordinator_record.c: the log and the trace */
enum ct_err ct__coord_open_records(struct coordinator *c, struct ct_error *error);
void ct__coord_flush_records(struct coordinator *c);
void ct__coord_close_records(struct coordinator *c);
/* A line of user code's, ready as it is. */
void ct__coord_line(struct coordinator *c, enum ct_log_level level, const char *text);
/* A line of combtest's own. */
void ct__coord_log(struct coordinator *c, enum ct_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What user code wrote to stdout and stderr; walk may be CT__NO_WALK. */
void ct__coord_output(struct coordinator *c, const struct host *host, uint32_t service, uint64_t walk,
                      const char *text);
void ct__coord_trace_walk(struct coordinator *c, const struct host *host, const struct ct__result *result);
void ct__coord_trace_serial(struct coordinator *c, const struct ct_step *step, const struct outcome *outcome);

/* coordinator_gather.c: states */
/* The state that walks of the branch start the step after depth serial actions with; a new reference. */
json_t *ct__coord_start_state(struct coordinator *c, size_t depth);
/* The updates of the serial actions from depth `from` to depth `to` - 1, merged; a new reference, NULL: none. */
json_t *ct__coord_updates_between(struct coordinator *c, size_t from, size_t to);
/* Writes the lines of the ids up to end. rest is the status of walks that have not ended, at depth serial actions. */
void ct__coord_gather_to(struct coordinator *c, uint64_t end, enum ct_status rest, size_t depth);
#endif
