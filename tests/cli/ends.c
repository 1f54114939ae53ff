/* A suite whose walks end in every way that a walk can, in one of two stages or under a serial action; which way hangs
 * on its options alone. */
#include <combtest/combtest.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum act { PASS, FAIL, CHECK, CANCEL, SEGFAULT, ABORT, KILL, EXIT, HANG, ACTS };

static enum ct_status end_by(struct ct_walk *walk, enum act act)
{
    switch (act) {
    case FAIL: return ct_fail(walk, "so it is");
    case CHECK: CT_CHECK_INT_EQ(walk, 1, 2); return CT_PASS;
    case CANCEL: return ct_cancel(walk, "makes no sense");
    case SEGFAULT: raise(SIGSEGV); break;
    case ABORT: abort();
    case KILL: kill(getpid(), SIGKILL); break;
    case EXIT: _exit(7);
    case HANG: pause(); break;
    default: break;
    }
    return CT_PASS;
}

/* splitmix64's mixer: the digits of a walk to one of many fates, most of them to pass. */
static enum act fate(uint64_t digits, uint64_t salt)
{
    uint64_t z = digits * 0x9e3779b97f4a7c15u + salt;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    uint64_t drawn = (z ^ (z >> 31)) % 100;
    if (drawn == 99) return HANG;
    return drawn < 16 ? (enum act)(1 + drawn % (HANG - 1)) : PASS;
}

static enum ct_status begin(struct ct_walk *walk, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), "first", json_integer(ct_option_int(option)));
    return CT_PASS;
}

static enum ct_status middle(struct ct_walk *walk, const struct ct_option *option)
{
    json_int_t first = json_integer_value(json_object_get(ct_walk_state(walk), "first"));
    json_object_set_new(ct_walk_state(walk), "digits", json_integer(10 * first + ct_option_int(option)));
    return end_by(walk, fate((uint64_t)(10 * first + ct_option_int(option)), 1));
}

/* The third setting fails, the fourth cancels its walks. */
static enum ct_status settle(struct ct_walk *walk, const struct ct_option *option)
{
    int64_t setting = ct_option_int(option);
    json_t *changes = json_pack("{s:I}", "setting", (json_int_t)setting);
    ct_update(walk, changes);
    json_decref(changes);
    if (setting == 3) return ct_fail(walk, "cannot be set");
    return setting == 4 ? ct_cancel(walk, "not here") : CT_PASS;
}

static enum ct_status end(struct ct_walk *walk, const struct ct_option *option)
{
    const json_t *state = ct_walk_state(walk);
    uint64_t digits = (uint64_t)json_integer_value(json_object_get(state, "digits"));
    uint64_t setting = (uint64_t)json_integer_value(json_object_get(state, "setting"));
    return end_by(walk, fate(100 * digits + 10 * setting + (uint64_t)ct_option_int(option), 2));
}

static const struct ct_option four[] = { CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4) };
static const struct ct_option six[] = { CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4), CT_INT(5), CT_INT(6) };

static const struct ct_action actions[] = {
    CT_ACTION("begin", begin, six),
    CT_ACTION("middle", middle, four),
    CT_SERIAL_ACTION("settle", settle, four),
    CT_ACTION("end", end, six),
};
static const struct ct_suite suite = { .name = "ends", .actions = actions, .action_count = CT_COUNT(actions) };

/* Takes memory up to a gigabyte. */
static enum ct_status take_memory(struct ct_walk *walk, const struct ct_option *option)
{
    const size_t part = (size_t)16 << 20;
    (void)option;
    for (int i = 0; i < 64; i++) {
        char *taken = malloc(part);
        if (taken == NULL) return ct_fail(walk, "no memory");
        memset(taken, i + 1, part);
        usleep(10000);
    }
    return CT_PASS;
}

static const struct ct_action taking[] = { CT_ACTION_ONCE("take", take_memory) };
static const struct ct_suite large = { .name = "large", .actions = taking, .action_count = CT_COUNT(taking) };

int main(int argc, char **argv)
{
    static const struct ct_suite *const suites[] = { &suite, &large };
    return ct_main_suites(suites, CT_COUNT(suites), argc, argv);
}
