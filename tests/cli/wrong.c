/* Suites that are wrong, or come to nothing, each in one way, for the transcript refused.t. What runs leaves the file
 * "ran". */
#include <combtest/combtest.h>
#include <stdio.h>

static enum ct_status run(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    FILE *file = fopen("ran", "w");
    if (file != NULL) fclose(file);
    return CT_PASS;
}

static enum ct_status start(struct ct_walk *walk)
{
    return run(walk, NULL);
}

static enum ct_status refuse(struct ct_walk *walk)
{
    return ct_fail(walk, "the laboratory is closed");
}

static enum ct_status fail(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    return ct_fail(walk, "it does not hold");
}

static bool leave_out(struct ct_walk *walk, size_t index)
{
    (void)walk;
    (void)index;
    return true;
}

static int fail_at_two(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    *option = (struct ct_option)CT_INT((int64_t)index);
    if (index < 2) return 1;
    snprintf(error->text, sizeof error->text, "the shelf is empty");
    return -1;
}

static void *make_nothing(const json_t *json)
{
    (void)json;
    return NULL;
}

static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };
static const struct ct_state_type uncoded = { .create = make_nothing };
static struct ct_action huge[63]; /* 2^63 walks */
static const struct ct_action fine[] = { CT_ACTION("a", run, two), CT_SERIAL_ACTION("s", run, two) };
static const struct ct_action norun[] = { CT_ACTION("idle", NULL, two) };
static const struct ct_action bare[] = { { .name = "bare", .run = run } };
static const struct ct_action shelf[] = { { .name = "shelf", .run = run, .source = fail_at_two } };

static const struct ct_action left_out[] = { CT_ACTION_WITH("a", run, two, .should_cancel = leave_out) };
static const struct ct_action blocked[] = { CT_SERIAL_ACTION("s", fail, two), CT_ACTION("a", run, two) };

#define SUITE(n, a, ...)                                                                                               \
    {                                                                                                                  \
        .name = (n), .actions = (a), .action_count = CT_COUNT(a), .run_start = start, __VA_ARGS__                      \
    }
static const struct ct_suite suites[] = {
    SUITE("huge", huge, .user = NULL),
    { .name = "empty", .run_start = start },
    SUITE("norun", norun, .user = NULL),
    SUITE("bare", bare, .user = NULL),
    SUITE("shelf", shelf, .user = NULL),
    SUITE("notjson", fine, .state = "{\"a\": }"),
    SUITE("uncoded", fine, .state_type = &uncoded),
    SUITE("fine", fine, .user = NULL),
    { .name = "excluded", .actions = left_out, .action_count = CT_COUNT(left_out) },
    { .name = "blocked", .actions = blocked, .action_count = CT_COUNT(blocked) },
    { .name = "closed", .actions = fine, .action_count = CT_COUNT(fine), .run_start = refuse },
    { .name = "unserved", .actions = fine, .action_count = CT_COUNT(fine), .service_start = refuse },
};

static void make_huge(void)
{
    static char names[CT_COUNT(huge)][8];
    for (size_t i = 0; i < CT_COUNT(huge); i++) {
        snprintf(names[i], sizeof names[i], "a%zu", i);
        huge[i] = (struct ct_action)CT_ACTION(names[i], run, two);
    }
}

int main(int argc, char **argv)
{
    const struct ct_suite *list[CT_COUNT(suites)];
    for (size_t i = 0; i < CT_COUNT(suites); i++) list[i] = &suites[i];
    make_huge();
    return ct_main_suites(list, CT_COUNT(suites), argc, argv);
}
