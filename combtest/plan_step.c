/* The depth-first order of serial steps and stages. */
#include <combtest/core.h>
#include <combtest/plan_inner.h>

void ct__plan_rewind(struct ct_plan *plan)
{
    /* A first action that is serial has no walk to run before it. */
    bool leading_serial = plan->serial_count > 0 && plan->serials[0] == 0;
    plan->cursor.depth = 0;
    plan->cursor.stage_due = !leading_serial;
    plan->cursor.go_down = true;
}

void ct__plan_skip_branch(struct ct_plan *plan)
{
    plan->cursor.stage_due = false;
    plan->cursor.go_down = false;
}

/* The ids that share the serial options chosen so far. */
static void fill_branch(const struct ct_plan *plan, struct ct_step *step)
{
    const struct ct__cursor *at = &plan->cursor;
    step->stage = at->depth;
    if (plan->rows != NULL) {
        ct__plan_rows_branch(plan, at->digits, at->depth, &step->first_id, &step->end_id);
        return;
    }
    uint64_t size = at->depth > 0 ? plan->strides[plan->serials[at->depth - 1]] : plan->walk_count;
    step->first_id = 0;
    for (size_t i = 0; i < at->depth; i++) step->first_id += at->digits[i] * plan->strides[plan->serials[i]];
    step->end_id = step->first_id + size;
}

/* Chooses the next serial option: the first of the action below, else the next of the deepest that has one. */
static bool choose_serial(struct ct_plan *plan)
{
    struct ct__cursor *at = &plan->cursor;
    if (at->go_down && at->depth < plan->serial_count) {
        at->digits[at->depth++] = 0;
        return true;
    }
    for (; at->depth > 0; at->depth--) {
        size_t action = plan->serials[at->depth - 1];
        if (++at->digits[at->depth - 1] < plan->table->columns[action].count) return true;
    }
    return false;
}

/* The same; options that no row has are passed over. */
static bool choose_branch(struct ct_plan *plan, struct ct_step *step)
{
    while (choose_serial(plan)) {
        fill_branch(plan, step);
        if (step->first_id < step->end_id) return true;
        plan->cursor.go_down = false;
    }
    return false;
}

bool ct_plan_next(struct ct_plan *plan, struct ct_step *step)
{
    struct ct__cursor *at = &plan->cursor;
    struct ct_step made = { 0 };
    if (at->stage_due && plan->walk_count > 0) {
        at->stage_due = false;
        fill_branch(plan, &made);
    } else if (choose_branch(plan, &made)) {
        made.serial = true;
        made.action = plan->serials[at->depth - 1];
        made.option = at->digits[at->depth - 1];
        at->stage_due = true;
        at->go_down = true;
    } else {
        ct__plan_rewind(plan);
        return false;
    }
    *step = made;
    return true;
}
