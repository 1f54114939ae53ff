/* A suite outside the source tree, which knows combtest only as it is installed. */
#include <combtest/combtest.h>

static const struct ct_option lefts[] = { CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_option rights[] = { CT_INT(10), CT_INT(20) };

static enum ct_status set_left(struct ct_walk *walk, const struct ct_option *left)
{
    json_object_set_new(ct_walk_state(walk), "left", json_integer(ct_option_int(left)));
    return CT_PASS;
}

static enum ct_status check_sum(struct ct_walk *walk, const struct ct_option *right)
{
    int64_t left = json_integer_value(json_object_get(ct_walk_state(walk), "left"));
    if (left == 3 && ct_option_int(right) == 20) return ct_fail(walk, "planted: 3 and 20");
    CT_CHECK_INT_EQ(walk, left, ct_option_int(ct_walk_option(walk, "left")));
    return CT_PASS;
}

static const struct ct_action actions[] = {
    CT_ACTION("left", set_left, lefts),
    CT_ACTION("right", check_sum, rights),
};
static const struct ct_suite suite = { .name = "consumer", .actions = actions, .action_count = CT_COUNT(actions) };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
