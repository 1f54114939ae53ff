/* The door of room planning/: from a suite to the walks of a run, those of its full product or rows that cover. */
#ifndef COMBTEST_PLANNING_H
#define COMBTEST_PLANNING_H
#include <combtest/core.h>
#include <stdatomic.h>

/* All borrowed for the call. Zero: not set. */
struct ct__planning {
    const struct ct_suite *suite;
    const json_t *state;     /* instead of the suite's */
    int strength;            /* 0: the full product */
    uint64_t seed;           /* of the rows */
    const char *seed_rows;   /* a file of rows to begin with, besides those of the suite */
    bool runs, gather;       /* the walks are to be run; their states gathered: the state type must be able to */
    int64_t timeout_ms;      /* for an answer of should_cancel; 0: the suite's, else 10 s */
    const atomic_bool *stop; /* once true: rows there are do, and where there are none yet: CT_ESYSTEM */
    /* Told what the user should know and what ends nothing: options that the constraints exclude, values of seed rows
     * that were left out. A line without newline. May be NULL. */
    void (*note)(void *user, const char *line);
    void *note_user;
    /* Told now and then, up to a few hundred times a second, how many rows there are while they are made. May be NULL.
     */
    void (*progress)(void *user, uint64_t row_count);
    void *progress_user;
};
/* Reads the suite, and makes the rows where there is a strength: the same on every machine. should_cancel is asked of
 * rows in processes of their own, as user code may not be called in this one; rows that it excludes are replaced by
 * others for as long as they are found, and where it crashes or hangs the row stays, for a run to show. A plan without
 * walks is one whose constraints exclude every row. CT_EINVAL, CT_ETOOBIG, CT_ENOTFOUND and CT_EIO of the file of seed
 * rows, CT_ESYSTEM, CT_NOMEM. */
enum ct_err ct__plan_make(const struct ct__planning *planning, struct ct_plan **plan, struct ct_error *error);

/* The plan of a table as another process made it: of its rows, which are malloc's and taken, or, where rows is NULL, of
 * the full product under the suite's constraints. Where this fails the table and the rows stay the caller's; else the
 * plan frees them. CT_EINVAL: the rows hold what is no option. */
enum ct_err ct__plan_remake(struct ct__table *table, uint16_t *rows, uint64_t row_count, struct ct_plan **plan,
                            struct ct_error *error);
#endif
