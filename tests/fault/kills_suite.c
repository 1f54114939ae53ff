#include "kills_suite.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct kills_seen *kills_seen;

bool kills_reset(void)
{
    if (!kills_seen) {
        void *memory = mmap(NULL, sizeof *kills_seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) return false;
        kills_seen = memory;
    }
    memset((void *)kills_seen, 0, sizeof *kills_seen);
    return true;
}

static void set(struct ct_walk *walk, const char *key, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), key, json_integer(ct_option_int(option)));
    atomic_fetch_add(&kills_seen->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    usleep(1000 + (useconds_t)(ct_walk_id(walk) * 7919 % 1000));
}

static enum ct_status run_a(struct ct_walk *walk, const struct ct_option *option)
{
    set(walk, "a", option);
    return CT_PASS;
}

static enum ct_status run_b(struct ct_walk *walk, const struct ct_option *option)
{
    set(walk, "b", option);
    return CT_PASS;
}

static enum ct_status run_c(struct ct_walk *walk, const struct ct_option *option)
{
    set(walk, "c", option);
    return CT_PASS;
}

static enum ct_status update(struct ct_walk *walk, const char *key, const struct ct_option *option, size_t index)
{
    json_t *changes = json_pack("{s:I}", key, (json_int_t)ct_option_int(option));
    kills_seen->serial_pid = getpid();
    atomic_fetch_add(&kills_seen->serial_runs[index], 1);
    usleep(20000);
    enum ct_err updated = ct_update(walk, changes);
    json_decref(changes);
    return updated == CT_OK ? CT_PASS : CT_FAIL;
}

static enum ct_status run_s(struct ct_walk *walk, const struct ct_option *option)
{
    return update(walk, "s", option, (size_t)ct_option_int(option));
}

static enum ct_status run_t(struct ct_walk *walk, const struct ct_option *option)
{
    return update(walk, "t", option, KILLS_S + ct_walk_id(walk) / KILLS_BRANCH_T);
}

static enum ct_status on_run_start(struct ct_walk *run)
{
    (void)run;
    kills_seen->serial_pid = getpid();
    return CT_PASS;
}

static const struct ct_option ints[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4) };
#define FIRST(n, f, serially, many)                                                                                    \
    {                                                                                                                  \
        .name = (n), .run = (f), .options = ints, .option_count = (many), .serial = (serially)                         \
    }
static const struct ct_action actions[] = { FIRST("a", run_a, false, KILLS_A), FIRST("s", run_s, true, KILLS_S),
                                            FIRST("b", run_b, false, KILLS_B), FIRST("t", run_t, true, KILLS_T),
                                            FIRST("c", run_c, false, KILLS_C) };
const struct ct_suite kills_suite = {
    .name = "kills", .actions = actions, .action_count = CT_COUNT(actions), .run_start = on_run_start
};

json_t *kills_state(uint64_t id)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "s", (json_int_t)(id / KILLS_BRANCH_S), "t",
                     (json_int_t)(id / KILLS_BRANCH_T % KILLS_T), "a", (json_int_t)(id / (KILLS_B * KILLS_C) % KILLS_A),
                     "b", (json_int_t)(id / KILLS_C % KILLS_B), "c", (json_int_t)(id % KILLS_C));
}
