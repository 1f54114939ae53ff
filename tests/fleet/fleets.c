#define _GNU_SOURCE 1
#include "fleets.h"
#include "processes.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct fleet_shared *fleet_shared;

/* ---- shared memory ---- */

void fleet_open(void)
{
    const char *path = getenv("FLEET_SHARED");
    char made[] = "/tmp/fleet-shared-XXXXXX";
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : mkostemp(made, O_CLOEXEC);
    if (file < 0 || ftruncate(file, sizeof *fleet_shared) != 0) exit(99);
    fleet_shared = mmap(NULL, sizeof *fleet_shared, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (fleet_shared == MAP_FAILED) exit(99);
    if (path) return;
    /* its only name is the descriptor's, which this process keeps open */
    char name[64];
    snprintf(name, sizeof name, "/proc/%ld/fd/%d", (long)getpid(), file);
    setenv("FLEET_SHARED", name, 1);
    unlink(made);
}

char fleet_lines[65536];

void fleet_reset(void)
{
    memset(fleet_shared, 0, sizeof *fleet_shared);
    fleet_lines[0] = '\0';
}

void fleet_take_line(void *user, enum ct_log_level level, const char *line)
{
    (void)user, (void)level;
    size_t used = strlen(fleet_lines);
    snprintf(fleet_lines + used, sizeof fleet_lines - used, "%s\n", line);
}

/* ---- the launcher ---- */

static int host_number(const char *name)
{
    return name[0] == 'h' && name[1] >= '0' && name[1] < '0' + FLEET_HOSTS && !name[2] ? name[1] - '0' : -1;
}

static void become(const struct ct_launch *launch)
{
    const char *const arguments[] = { "host", "serve", launch->host->name, NULL };
    dup2(launch->wire, STDIN_FILENO);
    dup2(launch->wire, STDOUT_FILENO);
    for (size_t i = 0; launch->environment[i]; i++) putenv((char *)(uintptr_t)launch->environment[i]);
    execv(launch->program, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static enum ct_err start(const struct ct_launch *launch, struct ct_error *error)
{
    int number = host_number(launch->host->name), status;
    int broken = number < 0 ? 1 : fleet_shared->broken >> number;
    if (broken & 1) {
        snprintf(error->text, sizeof error->text, "there is no way to it");
        return error->code = CT_ESYSTEM;
    }
    atomic_fetch_add(&fleet_shared->starts[number], 1);
    while (fleet_shared->broken >> number & 256) usleep(1000);
    launch->from(launch, "127.0.0.1"); /* heeded where COMBTEST_SSH_DIRECT says that they are direct */
    pid_t program = fork();
    if (program == 0) become(launch);
    fleet_shared->pids[number] = program;
    waitpid(program, &status, 0);
    return CT_OK;
}

bool fleet_direct(void)
{
    const char *value = getenv("COMBTEST_SSH_DIRECT");
    return value && strcmp(value, "yes") == 0;
}

const struct ct_launcher fleet_launcher = { .name = "processes", .launch = start };

void fleet_serve(int argc, char **argv, const struct ct_suite *const *suites, size_t count)
{
    struct ct_results *results;
    struct ct_error error;
    if (argc < 3 || strcmp(argv[1], "serve") != 0) return;
    fleet_open();
    setenv("FLEET_HOST", argv[2], 1);
    printf("what a program prints before it serves must do no harm\n");
    fflush(stdout);
    for (size_t i = 0; i < count; i++) {
        if (ct_run_tests(suites[i], NULL, &results, &error) != CT_OK) {
            fprintf(stderr, "%s\n", error.text);
            exit(6);
        }
        if (results->walk_count != 0 || results->exit_code != 0) abort();
        ct_results_free(results);
    }
    exit(5);
}

pid_t fleet_link_of(int number)
{
    pid_t children[16];
    while (fleet_shared->by_host[number] < 20) usleep(1000);
    size_t keepers = processes_children(fleet_shared->pids[number], children, 16);
    size_t links = keepers > 0 ? processes_children(children[0], children, 16) : 0;
    return links > 0 ? children[0] : 0;
}

/* ---- the suite ---- */

static void count_run(struct ct_walk *walk)
{
    const char *host = getenv("FLEET_HOST");
    int number = host ? host_number(host) : -1;
    atomic_fetch_add(&fleet_shared->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    if (number >= 0) atomic_fetch_add(&fleet_shared->by_host[number], 1);
    if (fleet_shared->pause_us > 0) usleep((useconds_t)fleet_shared->pause_us);
    while (fleet_shared->hold) usleep(1000);
}

/* Adds the option to the sum in the walk's state. */
static enum ct_status add(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *state = ct_walk_state(walk);
    json_int_t sum = json_integer_value(json_object_get(state, "sum"));
    json_object_set_new(state, "sum", json_integer(sum * 10 + ct_option_int(option)));
    count_run(walk);
    ct_count(walk, "added", 1);
    return CT_PASS;
}

static enum ct_status settle_one(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *update = json_pack("{s:I}", "one", (json_int_t)ct_option_int(option));
    atomic_fetch_add(&fleet_shared->serial_runs[ct_option_int(option)], 1);
    ct_update(walk, update);
    json_decref(update);
    return CT_PASS;
}

static enum ct_status settle_two(struct ct_walk *walk, const struct ct_option *option)
{
    json_t *update = json_pack("{s:I}", "two", (json_int_t)ct_option_int(option));
    ct_update(walk, update);
    json_decref(update);
    return CT_PASS;
}

/* An iterator whose options differ from process to process: those of the caller must be the ones that are used. */
static int give(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    static const char *labels[] = { "first", NULL, "third", NULL, NULL };
    (void)user, (void)error;
    if (index == 5) return 0;
    *option = (struct ct_option)CT_INT(getenv("FLEET_HOST") ? 9 : (int64_t)index, .label = labels[index]);
    return 1;
}

static const struct ct_option first[] = { CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4) };
static const struct ct_option ones[] = { CT_INT(0), CT_INT(1) };
static const struct ct_option twos[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_option last[] = { CT_INT(7), CT_INT(8) };
static const struct ct_action actions[] = { CT_ACTION("first", add, first),
                                            CT_SERIAL_ACTION("one", settle_one, ones),
                                            { .name = "middle", .run = add, .source = give },
                                            CT_SERIAL_ACTION("two", settle_two, twos),
                                            CT_ACTION("last", add, last) };
const struct ct_suite fleet_suite = { .name = "fleet", .actions = actions, .action_count = CT_COUNT(actions) };

/* ---- runs ---- */

struct ct_results *fleet_run(const struct ct_suite *suite, const struct ct_run_options *options)
{
    struct ct_results *results = NULL;
    struct ct_error error;
    uint64_t sum = 0;
    if (ct_run_tests(suite, options, &results, &error) != CT_OK) fail_msg("%s", error.text);
    for (size_t status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
    assert_int_equal(sum, results->walk_count);
    return results;
}

void fleet_assert_whole(const struct ct_results *results, bool repeats)
{
    if (results->note) fail_msg("%s", results->note);
    assert_int_equal(results->counts[CT_PASS], FLEET_WALKS);
    assert_int_equal(results->exit_code, 0);
    assert_int_equal(results->serial_count, 2 + 2 * 3);
    assert_int_equal(results->segment_count, FLEET_STAGES * FLEET_WALKS);
    for (size_t id = 0; id < FLEET_WALKS; id++) {
        /* the serial actions turn slowest */
        size_t one = id / 120, two = id / 40 % 3, a = id / 10 % 4, m = id / 2 % 5, l = id % 2;
        json_t *state = json_pack("{s:I, s:I, s:I}", "sum", (json_int_t)(a + 1) * 100 + (json_int_t)(m * 10 + 7 + l),
                                  "one", (json_int_t)one, "two", (json_int_t)two);
        const json_t *got = json_object_get(json_array_get(results->states, id), "state");
        if (!json_equal(got, state)) fail_msg("walk %zu has the state %s", id, json_dumps(got, JSON_ENCODE_ANY));
        json_decref(state);
        for (size_t stage = 0; stage < FLEET_STAGES; stage++) {
            int runs = fleet_shared->runs[stage][id];
            if (runs < 1 || (runs > 1 && !repeats)) fail_msg("walk %zu ran stage %zu %d times", id, stage, runs);
        }
    }
}
