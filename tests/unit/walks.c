#include "walks.h"

struct ct_plan *plan;
struct ct_walk *walk;

int walks_set_up(const struct ct_suite *suite)
{
    if (ct_plan_new(suite, &plan, NULL) != CT_OK) return -1;
    walk = ct__walk_new(plan, NULL, NULL, NULL);
    return walk != NULL ? 0 : -1;
}

int walks_tear_down(void **state)
{
    (void)state;
    ct__walk_free(walk);
    ct_plan_free(plan);
    return 0;
}

enum ct_status pass(struct ct_walk *passed, const struct ct_option *option)
{
    (void)passed;
    (void)option;
    return CT_PASS;
}

void open_walk(uint64_t id)
{
    ct__walk_open(walk, CT__WALK, id, 0, NULL);
}
