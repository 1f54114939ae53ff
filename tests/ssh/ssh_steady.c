/* ssh_steady: 3 settings x 500 walks in two stages, of 10 ms each, whose state tells which stages it went through. */
#include <combtest/combtest.h>
#include <stdlib.h>
#include <unistd.h>

#define WALKS   500
#define WORK_US 10000

static int number(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user, (void)error;
    if (index >= WALKS) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static enum ct_status work(struct ct_walk *walk, const struct ct_option *option)
{
    usleep(WORK_US);
    json_object_set_new(ct_walk_state(walk), "number", json_integer(ct_option_int(option)));
    return ct_option_int(option) % 100 == 7 ? ct_fail(walk, "as it should") : CT_PASS;
}

static enum ct_status change(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *update = json_pack("{s:i}", "setting", (int)ct_option_int(option));
    ct_update(walk, update);
    json_decref(update);
    return CT_PASS;
}

static enum ct_status look(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    usleep(WORK_US);
    CT_CHECK(walk, json_object_get(ct_walk_state(walk), "number") != NULL);
    CT_CHECK(walk, json_object_get(ct_walk_state(walk), "setting") != NULL);
    return CT_PASS;
}

static const struct ct_option settings[] = { CT_INT(1), CT_INT(2), CT_INT(3) };
static const struct ct_action actions[] = { { .name = "number", .run = work, .source = number },
                                            CT_SERIAL_ACTION("setting", change, settings),
                                            CT_ACTION_ONCE("look", look) };
static const struct ct_suite suite = { .name = "steady", .actions = actions, .action_count = CT_COUNT(actions) };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
