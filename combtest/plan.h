/* Plans: from walk ids to options and back, and the order of stages and serial steps. Of a full product nothing is
 * stored: a plan of 2^63 - 1 walks is as small as one of two. A covering suite's plan holds its rows. With it you can
 * run a suite by a runner of your own. */
#ifndef COMBTEST_PLAN_H
#define COMBTEST_PLAN_H
#include <combtest/suite.h>
#ifdef __cplusplus
extern "C" {
#endif

struct ct_plan;

/* Which walks a plan is of. Zero in a field means not set; all pointers are borrowed for the call. */
struct ct_plan_options {
    int strength;          /* as ct_run_options.strength */
    uint64_t seed;         /* of the rows; 0: 1 */
    const char *seed_rows; /* a file of rows to begin with, besides the suite's */
    int64_t timeout_ms;    /* for an answer of should_cancel; 0: 10 s */
    /* Called on the calling thread with a line, without newline, of what is worth knowing and ends nothing: options
     * that the constraints exclude, say. */
    void (*note)(void *user, const char *line);
    void *note_user;
    /* Called on the calling thread now and then, while the rows of a covering suite are made: how many there are. */
    void (*progress)(void *user, uint64_t row_count);
    void *progress_user;
};

/* One step of the depth-first order. A serial step runs action with option (an index into its options) once, for the
 * branch of ids first_id to end_id - 1; a stage step runs stage for exactly those ids, action and option being 0.
 * stage is, for a serial step, the stage that follows it. A stage can be without actions (after a last serial action).
 */
struct ct_step {
    bool serial;
    uint64_t first_id, end_id;
    size_t stage, action, option;
};

/* Reads a suite, calling its option iterators. CT_EINVAL for a suite that is wrong, CT_ETOOBIG for a product over
 * 2^63 - 1. The suite is borrowed for the plan's life; *plan is the caller's. */
enum ct_err ct_plan_new(const struct ct_suite *suite, struct ct_plan **plan, struct ct_error *error);
/* The same with options (NULL: none set). With a strength the walks are rows that cover, numbered from 0 in the order
 * that they have in the full product; none where the constraints exclude every one. should_cancel is then asked, in a
 * process of its own: see ct_run_options.strength. Also CT_ENOTFOUND and CT_EIO, of the file; CT_ESYSTEM. */
enum ct_err ct_plan_new_with(const struct ct_suite *suite, const struct ct_plan_options *options, struct ct_plan **plan,
                             struct ct_error *error);
void ct_plan_free(struct ct_plan *plan);
uint64_t ct_plan_walk_count(const struct ct_plan *plan);

/* The options of a walk, one slot for each action in the suite's order, NULL for an action without options; borrowed
 * from the plan. CT_ENOTFOUND for an id that is none. Any thread. */
enum ct_err ct_plan_options(const struct ct_plan *plan, uint64_t id, const struct ct_option **options);

/* The id of the walk that takes option_indices[i] for action i (0 for an action without options). CT_ENOTFOUND for an
 * index that is none, and for a walk that is no row. CT_NOMEM. Any thread. */
enum ct_err ct_plan_id(const struct ct_plan *plan, const size_t *option_indices, uint64_t *id);

/* The next step of the order; false after the last one, after which it begins anew. One thread at a time. */
bool ct_plan_next(struct ct_plan *plan, struct ct_step *step);

#ifdef __cplusplus
}
#endif
#endif
