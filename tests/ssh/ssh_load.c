/* ssh_load: suites for bench/ssh, picked by --suite: empty, 400,000 walks that do nothing, and busy, 8,000 of 1 ms. */
#include <combtest/combtest.h>
#include <unistd.h>

static const size_t empty_count = 400000, busy_count = 8000;

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

static const struct ct_action empty_actions[] = {
    { .name = "number", .run = do_nothing, .source = number, .source_user = (void *)&empty_count }
};
static const struct ct_action busy_actions[] = {
    { .name = "number", .run = wait_1_ms, .source = number, .source_user = (void *)&busy_count }
};
static const struct ct_suite empty = { .name = "empty", .actions = empty_actions, .action_count = 1 };
static const struct ct_suite busy = { .name = "busy", .actions = busy_actions, .action_count = 1 };

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &empty, &busy };
    return ct_main_suites(suites, CT_COUNT(suites), argc, argv);
}
