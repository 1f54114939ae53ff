/* The door of room actions/: reading a suite, and running what its actions do on one walk. */
#ifndef COMBTEST_ACTIONS_H
#define COMBTEST_ACTIONS_H
#include <actions/death.h>
#include <combtest/core.h>

/* Reads, checks and copies a suite; option iterators run here. state replaces the suite's (borrowed; NULL: it does
 * not). */
enum ct_err ct__table_new(const struct ct_suite *suite, const json_t *state, struct ct__table **table,
                          struct ct_error *error);
void ct__table_free(struct ct__table *table);

/* CT_EINVAL where the state type lacks the codec that several stages, or gathering, need. */
enum ct_err ct__table_check_travel(const struct ct__table *table, bool gather, struct ct_error *error);

/* Whether a should_cancel excludes the walk, which was opened as CT__WALK: user code, asked on this thread. */
bool ct__run_should_cancel(struct ct_walk *walk);
/* Runs the stage that walk was opened for: should_cancel where `first`, walk_start, the stage's actions until one ends
 * the walk, walk_stop (whenever walk_start was called and returned). Returns the walk's status. */
enum ct_status ct__run_stage(struct ct_walk *walk, bool first);
/* Told around each action that runs, on the walk's thread. */
struct ct__observer {
    void (*before)(void *user, struct ct_walk *walk, size_t action);
    void (*after)(void *user, struct ct_walk *walk, size_t action); /* what was said counts already */
    void *user;
    _Atomic uint32_t *action, *part; /* replay: where it is, hooks too, is shown there; NULL: nowhere */
};
enum ct_status ct__run_stage_observed(struct ct_walk *walk, bool first, const struct ct__observer *observer);
/* Runs one serial action with the option at option_index. */
enum ct_status ct__run_serial(struct ct_walk *walk, size_t action, size_t option_index);
/* Runs one hook that has a verdict (NULL passes), or one that has none. */
enum ct_status ct__run_hook(struct ct_walk *walk, enum ct_status (*hook)(struct ct_walk *walk));
void ct__run_stop_hook(struct ct_walk *walk, void (*hook)(struct ct_walk *walk));
/* Whether a return address lies in the functions that call user code: where a backtrace of user code ends. */
bool ct__is_runner_frame(const void *address);
#endif
