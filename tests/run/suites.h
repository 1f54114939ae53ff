/* Random suites whose actions keep a log in shared memory, and what must be found in that log, worked out by plain
 * counting and without combtest's own plan. */
#ifndef TESTS_RUN_SUITES_H
#define TESTS_RUN_SUITES_H
#include <combtest/combtest.h>
#include <stdatomic.h>

enum { MADE_ACTIONS_MAX = 12, MADE_WALKS_MAX = 2000, MADE_EVENTS_MAX = 1024 };

/* Where the serial actions of a shape are; MADE_ANYWHERE leaves it to chance. */
enum made_form { MADE_NONE, MADE_FIRST, MADE_LAST, MADE_ADJACENT, MADE_ALONE, MADE_ANYWHERE, MADE_FORM_COUNT };

/* What ran, written by the services' processes. */
struct made_log {
    _Atomic int in_flight;        /* walks between walk_start and walk_stop */
    _Atomic int serial_running;   /* serial actions */
    _Atomic unsigned event_count; /* of serial actions, in the order they ran */
    _Atomic unsigned violations;
    char violation[256];                   /* the first one */
    _Atomic int setting[MADE_ACTIONS_MAX]; /* option each serial action ran with last in this branch; -1: none */
    struct {
        size_t depth, branch;
    } events[MADE_EVENTS_MAX];
    /* how often, by combination of options, each action ran; and by id, each stage started */
    _Atomic unsigned char ran[MADE_ACTIONS_MAX][MADE_WALKS_MAX];
    _Atomic unsigned char started[MADE_ACTIONS_MAX + 1][MADE_WALKS_MAX];
};

struct made_suite {
    size_t count;
    bool serial[MADE_ACTIONS_MAX], once[MADE_ACTIONS_MAX], source[MADE_ACTIONS_MAX];
    size_t options[MADE_ACTIONS_MAX]; /* 1 where once */
    size_t walks;                     /* their product */
    size_t fail_every, fail_action;   /* walks with id % fail_every == 0 fail at that action; 0: none */
    char text[160];                   /* the shape, for messages */
    struct made_log *log;
    struct ct_suite suite;
    struct ct_action actions[MADE_ACTIONS_MAX];
    char names[MADE_ACTIONS_MAX][24];
    struct ct_option values[MADE_ACTIONS_MAX][16];
};

/* Makes the suite of a seed and form; failing: some walks fail. NULL: out of memory. made_free takes it back. */
struct made_suite *made_new(uint64_t seed, enum made_form form, bool failing);
void made_free(struct made_suite *made);

/* The index of the option that walk id takes for an action: serial actions turn slowest, the last of the others
 * fastest. */
size_t made_digit(const struct made_suite *made, size_t id, size_t action);
size_t made_combination(const struct made_suite *made, size_t id); /* all actions in the suite's order as digits */
bool made_fails(const struct made_suite *made, size_t id);
size_t made_stage_of(const struct made_suite *made, size_t action); /* how many serial actions are before it */
size_t made_serial_total(const struct made_suite *made);            /* how many serial actions there are */

/* What must come out of a whole run. */
uint64_t made_segments(const struct made_suite *made);
uint64_t made_serial_runs(const struct made_suite *made);
json_t *made_state(const struct made_suite *made, size_t id); /* new */
/* NULL if the log is as it must be; else what is wrong, valid until the next call. */
const char *made_judge(const struct made_suite *made);
#endif
