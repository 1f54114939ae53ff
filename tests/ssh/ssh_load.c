/* ssh_load: suites for bench/ssh, picked by --suite: empty-few and empty-many, 2 and 42 million walks that do nothing;
 * busy-few and busy-many, 1,000 and 9,000 walks of 1 ms. Of two runs the longer less the shorter leaves out the start.
 */
#include <combtest/combtest.h>
#include <unistd.h>

static const size_t thousand = 1000, empty_few = 2000, empty_many = 42000, busy_few = 1000, busy_many = 9000;

static int number(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)error;
    if (index >= *(const size_t *)user) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static enum ct_status do_nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static enum ct_status wait_1_ms(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    usleep(1000);
    return CT_PASS;
}

#define COUNT(number_of) .source = number, .source_user = (void *)&(number_of)

static const struct ct_action empty_few_actions[] = { { .name = "outer", .run = do_nothing, COUNT(empty_few) },
                                                      { .name = "inner", .run = do_nothing, COUNT(thousand) } };
static const struct ct_action empty_many_actions[] = { { .name = "outer", .run = do_nothing, COUNT(empty_many) },
                                                       { .name = "inner", .run = do_nothing, COUNT(thousand) } };
static const struct ct_action busy_few_actions[] = { { .name = "number", .run = wait_1_ms, COUNT(busy_few) } };
static const struct ct_action busy_many_actions[] = { { .name = "number", .run = wait_1_ms, COUNT(busy_many) } };
static const struct ct_suite few_empty = { .name = "empty-few", .actions = empty_few_actions, .action_count = 2 };
static const struct ct_suite many_empty = { .name = "empty-many", .actions = empty_many_actions, .action_count = 2 };
static const struct ct_suite few_busy = { .name = "busy-few", .actions = busy_few_actions, .action_count = 1 };
static const struct ct_suite many_busy = { .name = "busy-many", .actions = busy_many_actions, .action_count = 1 };

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &few_empty, &many_empty, &few_busy, &many_busy };
    return ct_main_suites(suites, CT_COUNT(suites), argc, argv);
}
