/* Suites: a table of actions with their options, the state that walks carry, and hooks. */
#ifndef COMBTEST_SUITE_H
#define COMBTEST_SUITE_H
#include <combtest/error.h>
#include <combtest/option.h>
#ifdef __cplusplus
extern "C" {
#endif

struct ct_walk;

/* How a walk ends. run and hooks say one of the first three; the others are found out. */
enum ct_status {
    CT_PASS = 0,
    CT_FAIL,
    CT_CANCEL,   /* this combination makes no sense: no failure */
    CT_EXCLUDED, /* should_cancel or a constraint left it out before it started */
    CT_CRASHED,  /* a signal, or an exit of the process that ran it */
    CT_TIMED_OUT,
    CT_BLOCKED, /* a serial action of its branch failed */
    CT_LOST,    /* the infrastructure could not run it */
    CT_NOT_RUN, /* the run was stopped before its turn */
    CT_STATUS_COUNT
};

/* "passed", "failed", "canceled", "excluded", "crashed", "timed-out", "blocked", "lost", "not-run"; "unknown" for other
 * values. A static string. Any thread. */
const char *ct_status_name(enum ct_status status);

/* An action's work on one walk. option is NULL for an action without options (CT_ACTION_ONCE). It runs on a thread of a
 * service's process, never in the process that called run_tests(). What was said with ct_fail or ct_cancel sticks,
 * whatever is returned: fail over cancel over pass. A value that is none of these three fails the walk. */
typedef enum ct_status ct_run_fn(struct ct_walk *walk, const struct ct_option *option);

/* True leaves the walk out, as CT_EXCLUDED. index is the position of the action in the suite's table. Asked in the
 * executor before the walk's first stage, for each action that has one, the serial ones too, until one says true. */
typedef bool ct_should_cancel_fn(struct ct_walk *walk, size_t index);

/* An option iterator. 1: *option filled (combtest copies what it points to); 0: no more; -1: failed, message in error.
 * index counts from 0. Called in the process that calls run_tests(), once for each option, at most 10^6 times. */
typedef int ct_source_fn(void *user, size_t index, struct ct_option *option, struct ct_error *error);

/* Where a serial action runs. On each host, it settles what is that host's own (a mount, a service, a device): once on
 * each host that runs walks, in an executor of that host, and the barrier waits for all of them. A host that comes
 * later runs those of the current branch, in their order, before its first walk. Where it fails, is canceled, crashes
 * or times out, that host runs no walk of the branch, and others do; where it does on every host, the branch is
 * blocked, or canceled, as by any serial action. ct_update fails it: walks have no host of their own, so that their
 * state cannot depend on one. A host that is lost and comes back is a new one. */
enum ct_scope { CT_SCOPE_RUN = 0, CT_SCOPE_HOST };

/* One action. Exactly one of options, source and once gives it its options. */
struct ct_action {
    const char *name; /* unique in the suite */
    ct_run_fn *run;
    const struct ct_option *options;
    size_t option_count;
    bool serial; /* runs once for all walks that share its branch, while nothing else runs */
    bool once;   /* no options: always runs, run is given NULL */
    ct_should_cancel_fn *should_cancel;
    ct_source_fn *source;
    void *source_user;
    int64_t timeout_ms;  /* of this action alone; 0: none */
    enum ct_scope scope; /* of a serial action */
};
/* In C++ before C++20 these need a compiler that takes C's designators, as gcc and clang do; what CT_ACTION_WITH is
 * given stands in the order of the fields there. */
/* clang-format off */
#define CT_ACTION(n, f, o)           { .name = (n), .run = (f), .options = (o), .option_count = CT_COUNT(o) }
#define CT_SERIAL_ACTION(n, f, o)    { .name = (n), .run = (f), .options = (o), .option_count = CT_COUNT(o), .serial = true }
#define CT_ACTION_ONCE(n, f)         { .name = (n), .run = (f), .once = true }
#define CT_ACTION_WITH(n, f, o, ...) { .name = (n), .run = (f), .options = (o), .option_count = CT_COUNT(o), __VA_ARGS__ }
/* clang-format on */

/* A state of the user's own C type. create is required, and one of destroy and copy usually is. Called in executors
 * only, on any of their threads, several at once; none may block. All take and return ownership as malloc would.
 * What a serial action or run_start gives to ct_update reaches the walks by way of their JSON: it is merged into what
 * to_json gave by top-level keys, and from_json, or create, reads the result. update serves only the state of the walk,
 * or serial action, that calls ct_update: so let its changes be keys that from_json knows, with their new values. */
struct ct_state_type {
    void *(*create)(const json_t *initial);            /* NULL: failed; the walk fails before its actions run */
    void *(*copy)(const void *state);                  /* NULL here: each walk's state is created anew */
    void (*destroy)(void *state);                      /* NULL here: nothing to free */
    json_t *(*to_json)(const void *state);             /* needed where a state travels: several stages, gather_states */
    void *(*from_json)(const json_t *json);            /* goes with to_json */
    int (*update)(void *state, const json_t *changes); /* for ct_update; 0 on success. NULL: through the codec */
};

/* Actions whose combinations are taken at a strength of their own, higher than the run's say, in a covering suite: see
 * ct_run_options.strength. CT_STRENGTH(3, "level", "mode", "size"). */
struct ct_strength {
    int strength;            /* 1 to 12 */
    const char *actions[64]; /* their names, up to the first NULL */
};
#define CT_STRENGTH(t, ...)                                                                                            \
    {                                                                                                                  \
        (t),                                                                                                           \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

/* A suite. What it points to is borrowed and must not change while a run lasts. Zero in a field means not set. */
struct ct_suite {
    const char *name; /* letters, digits, '.', '_', '-'; at most 128 */
    const struct ct_action *actions;
    size_t action_count;
    const char *state; /* JSON text of the initial state; NULL: {} */
    const struct ct_state_type *state_type;
    /* In PICT's language: each of them holds in each walk; the others are CT_EXCLUDED, or, with a strength, not made.
     * An action is a parameter, [name], an option one of its values. Where all options of an action are ints and reals
     * they are compared as numbers, [level] >= 6 (as C's double); else as text in quotes: a string by itself,
     * [mode] = "text", "true", "false" and "null" by these words, a number as JSON writes it, JSON as `list --json`
     * prints it, a pointer by its label. With =, <>, IN and NOT IN a label names its option, too: [level] = "best".
     * Case does not matter, unless two actions, or two options of one, differ by it alone. NULL: none. */
    const char *constraints;
    int64_t timeout_ms; /* for each walk's stage; 0: none */
    void *user;
    /* Hooks. Stop hooks run after failures, too: service_stop where a thread_start failed, run_stop and host_stop
     * whatever failed. */
    /* Once, in the serial executor; its ct_update extends every initial state. */
    enum ct_status (*run_start)(struct ct_walk *run);
    void (*run_stop)(struct ct_walk *run);
    enum ct_status (*service_start)(struct ct_walk *service); /* in each executor as it starts, replacements included */
    void (*service_stop)(struct ct_walk *service);
    enum ct_status (*thread_start)(struct ct_walk *thread);
    void (*thread_stop)(struct ct_walk *thread);
    enum ct_status (*walk_start)(struct ct_walk *walk); /* around each stage of a walk */
    void (*walk_stop)(struct ct_walk *walk);
    const struct ct_strength *strengths; /* of groups of actions, where the run has a strength */
    size_t strength_count;
    /* Rows that a covering suite begins with: a line of action names, then a line for each row, with tabs between. An
     * option is named as in constraints, or by its label; an empty cell is left open. NULL: none. */
    const char *seed_rows;
    /* Once on each host that runs walks, in an executor of that host: after run_start and before any service_start
     * there; after the last service_stop there. host_start again only where its executor died. Where it fails, the host
     * runs no walk. The coordinator's host is one of them, unless others run all walks. */
    enum ct_status (*host_start)(struct ct_walk *host);
    void (*host_stop)(struct ct_walk *host);
};

#ifdef __cplusplus
}
#endif
#endif
