/* Inner header of room combtest/: what a plan holds, for plan.c, plan_step.c and the walks that count its wheels up. */
#ifndef COMBTEST_PLAN_INNER_H
#define COMBTEST_PLAN_INNER_H
#include <combtest/core.h>

/* One action that has options, as a digit of the id. */
struct ct__wheel {
    size_t action;
    const struct ct_option *first, *end;
};

/* Where ct_plan_next stands: depth serial options are chosen; what is due next is the stage that follows them, then
 * the serial action below, then the next option. */
struct ct__cursor {
    size_t depth;
    bool stage_due, go_down;
    size_t *digits; /* one for each serial action */
};

struct ct_plan {
    struct ct__table *table;
    void (*release)(struct ct__table *table);
    uint64_t walk_count;
    uint64_t *strides; /* by action: the ids between one option and the next */
    size_t serial_count;
    size_t *serials; /* the indices of the serial actions */
    size_t wheel_count;
    struct ct__wheel *wheels; /* the fastest first; of a full product alone */
    uint16_t *rows;           /* of a covering suite: walk_count rows, a digit for each action; NULL: full product */
    size_t *places;           /* by action: where its digit is in a row. The serial actions stand first */
    struct ct__rules *rules;  /* NULL: none */
    struct ct__cursor cursor;
};

static inline size_t ct__plan_row_digit(const struct ct_plan *plan, uint64_t id, size_t action)
{
    return plan->rows[id * plan->table->count + plan->places[action]];
}

/* ---- rows (plan_rows.c) ---- */
/* The ids of the rows that begin with these count digits. */
void ct__plan_rows_branch(const struct ct_plan *plan, const size_t *digits, size_t count, uint64_t *first,
                          uint64_t *end);
/* The row that has option_indices[i] for action i. CT_ENOTFOUND, CT_NOMEM. */
enum ct_err ct__plan_rows_id(const struct ct_plan *plan, const size_t *option_indices, uint64_t *id);
#endif
