/* Replay: one walk again, alone, in this process and on this thread. */
#ifndef COMBTEST_REPLAY_H
#define COMBTEST_REPLAY_H
#include <combtest/suite.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Zero in a field means not set; options that are NULL mean none set. */
struct ct_replay_options {
    const json_t *state; /* borrowed; the state to start from, instead of the trace's or the suite's */
    bool step;           /* before each action: show its option and the state on stderr, and wait for a line of stdin */
    int verbose;         /* 1: say on stderr what each action did, and what is logged; -1: nothing but errors logged */
};

/* What came of the walk. */
struct ct_outcome {
    enum ct_status status; /* CT_BLOCKED: a serial action failed; CT_NOT_RUN: run_start did; CT_LOST: service_start or
                              thread_start did */
    char *message;         /* why, with file and line where known; NULL where nothing was said */
    json_t *state;         /* the walk's last state; NULL where there is none or it has no JSON */
};

/* Runs the walk that takes options[i] for action i: one slot for each action of the suite, NULL for an action without
 * options. They are looked up in the suite's tables by value, then by label, so they need not be the tables' own.
 * The walk's serial actions and stages run in order with all hooks around them, on the calling thread; states go
 * through their codec at barriers; should_cancel is asked. No timeout is kept, and what crashes takes this process with
 * it. CT_OK with *outcome the caller's, also for a walk that fails: ct_outcome_clear frees what it holds. CT_EINVAL:
 * the suite is wrong. CT_ENOTFOUND: an option is none of its action's; the text names both. CT_NOMEM. */
enum ct_err ct_replay_walk(const struct ct_suite *suite, const struct ct_option *const *options,
                           const struct ct_replay_options *replay, struct ct_outcome *outcome, struct ct_error *error);

/* The same for walk id of the trace file at path trace. The suite's tables may have grown or been put in another order
 * since: options are found by value, then label, and among equals by position. CT_ENOTFOUND also where there is no such
 * file or the trace has no such walk, CT_ETRACE where it is no trace, of a newer version, or of a suite that has lost
 * (or gained) an action; the text says where. */
enum ct_err ct_replay_walk_by_id(const struct ct_suite *suite, const char *trace, uint64_t id,
                                 const struct ct_replay_options *replay, struct ct_outcome *outcome,
                                 struct ct_error *error);

/* Frees what an outcome holds and zeroes it. NULL is allowed. */
void ct_outcome_clear(struct ct_outcome *outcome);

#ifdef __cplusplus
}
#endif
#endif
