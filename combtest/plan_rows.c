/* Plans of rows: what arithmetic is to a full product, looking up is to them. */
#include <combtest/plan_inner.h>
#include <stdlib.h>

/* How row id compares with a row that begins with these digits. */
static int compare(const struct ct_plan *plan, uint64_t id, const size_t *digits, size_t count)
{
    const uint16_t *row = plan->rows + id * plan->table->count;
    for (size_t i = 0; i < count; i++)
        if (row[i] != digits[i]) return row[i] < digits[i] ? -1 : 1;
    return 0;
}

/* The first row that is not below the digits; behind: the first that is above them. */
static uint64_t bound(const struct ct_plan *plan, const size_t *digits, size_t count, bool behind)
{
    uint64_t low = 0, high = plan->walk_count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int order = compare(plan, middle, digits, count);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void ct__plan_rows_branch(const struct ct_plan *plan, const size_t *digits, size_t count, uint64_t *first,
                          uint64_t *end)
{
    *first = bound(plan, digits, count, false);
    *end = bound(plan, digits, count, true);
}

enum ct_err ct__plan_rows_id(const struct ct_plan *plan, const size_t *option_indices, uint64_t *id)
{
    size_t count = plan->table->count;
    size_t *digits = calloc(count, sizeof *digits);
    if (digits == NULL) return CT_NOMEM;
    for (size_t i = 0; i < count; i++) digits[plan->places[i]] = option_indices[i];
    uint64_t found = bound(plan, digits, count, false);
    bool there = found < plan->walk_count && compare(plan, found, digits, count) == 0;
    free(digits);
    if (!there) return CT_ENOTFOUND;
    *id = found;
    return CT_OK;
}
