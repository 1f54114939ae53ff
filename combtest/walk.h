/* What user code can ask of the walk it is given, and say about it.
 * A walk belongs to the thread that was given it: use it there only, and not after run has returned. ct_log, ct_count,
 * ct_fail and the checks may also be called from threads that run started, while run lasts. Hooks are given a walk too:
 * one without options, whose id is 0. */
#ifndef COMBTEST_WALK_H
#define COMBTEST_WALK_H
#include <combtest/suite.h>
#ifdef __cplusplus
extern "C" {
#endif

enum ct_log_level { CT_LOG_DEBUG, CT_LOG_INFO, CT_LOG_WARNING, CT_LOG_ERROR, CT_LOG_STATUS };

uint64_t ct_walk_id(const struct ct_walk *walk); /* in a serial action: the branch's first id */

/* The walk's own state, changed in place; borrowed from the walk. Never NULL for a suite without a state_type; NULL,
 * and the walk fails, where memory ran out or the suite has a state_type. */
json_t *ct_walk_state(struct ct_walk *walk);
/* The state of a suite with a state_type, else NULL. Never NULL there in an action, a should_cancel, walk_start and
 * walk_stop: where the type made no state, the walk fails before any of them is called. Other hooks get NULL then. */
void *ct_walk_state_pointer(struct ct_walk *walk);

/* The option this walk takes for an action: any action of the suite; in a serial action, the serial ones so far. NULL
 * for an unknown name, an action without options, or a hook of no walk. */
const struct ct_option *ct_walk_option(const struct ct_walk *walk, const char *name);
size_t ct_walk_stage(const struct ct_walk *walk); /* 0..; in a serial action: the stage that follows it */

/* An empty directory of this walk alone: made when first asked for, removed with all in it after the stage. Borrowed
 * from the walk. NULL, and the walk fails, where it cannot be made. */
const char *ct_walk_tmpdir(struct ct_walk *walk);
const struct ct_suite *ct_walk_suite(const struct ct_walk *walk);

/* Ends the walk as failed or canceled when run returns; returns CT_FAIL or CT_CANCEL, for `return ct_fail(...)`. The
 * first message of the worse status is kept, up to 4 KiB. */
#define ct_fail(walk, ...)   ct_fail_at((walk), __FILE__, __LINE__, __VA_ARGS__)
#define ct_cancel(walk, ...) ct_cancel_at((walk), __FILE__, __LINE__, __VA_ARGS__)
/* A line in the log. walk may be NULL. Up to 64 KiB; newlines are kept. */
#define ct_log(walk, level, ...) ct_log_at((walk), (level), __FILE__, __LINE__, __VA_ARGS__)
enum ct_status ct_fail_at(struct ct_walk *walk, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
enum ct_status ct_cancel_at(struct ct_walk *walk, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void ct_log_at(struct ct_walk *walk, enum ct_log_level level, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Merges changes (a JSON object, borrowed, copied) into the state by top-level keys. In a serial action: into the state
 * of every walk of the branch that has not ended; in run_start: into every initial state. CT_EINVAL, and the walk or
 * the serial action fails, where changes or the state is no object. */
enum ct_err ct_update(struct ct_walk *walk, const json_t *changes);
/* Summed over the run, in the summary under "counters". The walk fails where name is not UTF-8. */
void ct_count(struct ct_walk *walk, const char *name, int64_t n);
void ct_note(struct ct_walk *walk, const char *key, const json_t *value); /* value borrowed; on the walk's trace line */

/* Checks: a failed CT_CHECK is recorded, the walk fails, and run goes on; CT_REQUIRE returns from run. */
#define CT_CHECK(walk, expr)             ((void)ct_check_at((walk), __FILE__, __LINE__, (expr), #expr))
#define CT_CHECK_INT_EQ(walk, got, want) ((void)ct_check_int_at((walk), __FILE__, __LINE__, (got), (want), #got))
#define CT_CHECK_STR_EQ(walk, got, want) ((void)ct_check_str_at((walk), __FILE__, __LINE__, (got), (want), #got))
#define CT_CHECK_MEM_EQ(walk, got, want, size)                                                                         \
    ((void)ct_check_mem_at((walk), __FILE__, __LINE__, (got), (want), (size), #got))
#define CT_REQUIRE(walk, expr)                                                                                         \
    do {                                                                                                               \
        if (!ct_check_at((walk), __FILE__, __LINE__, (expr), #expr)) return CT_FAIL;                                   \
    } while (0)
/* What the macros call; each returns whether the check held. NULL is allowed for strings, and for memory of size 0. */
bool ct_check_at(struct ct_walk *walk, const char *file, int line, bool held, const char *text);
bool ct_check_int_at(struct ct_walk *walk, const char *file, int line, int64_t got, int64_t want, const char *text);
bool ct_check_str_at(struct ct_walk *walk, const char *file, int line, const char *got, const char *want,
                     const char *text);
bool ct_check_mem_at(struct ct_walk *walk, const char *file, int line, const void *got, const void *want, size_t size,
                     const char *text);

#ifdef __cplusplus
}
#endif
#endif
