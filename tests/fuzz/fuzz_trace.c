/* The trace's reader: any file is read or refused, each line is given or told damaged, and what is read can be used. */
#include "fuzz.h"
#include <replay/replay.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static const struct ct_option levels[] = { CT_INT(1), CT_INT(6), CT_INT(9, .label = "best") };
static const struct ct_option settings[] = { CT_BOOL(false), CT_BOOL(true) };
static const struct ct_action actions[] = { CT_ACTION("level", pass, levels),
                                            CT_SERIAL_ACTION("setting", pass, settings) };
static const struct ct_suite suite = { .name = "s", .actions = actions, .action_count = 2 };

/* Lines are counted without gaps back, and each good one is as long as it says. */
static void read_all(struct ct__reader *reader, const struct ct__filter *filter)
{
    struct ct__line line;
    struct ct_error error;
    enum ct_err err;
    uint64_t last = 1;
    if (ct__reader_rewind(reader, NULL) != CT_OK) abort();
    while ((err = ct__reader_next(reader, filter, &line, &error)) == CT_OK || err == CT_ETRACE) {
        json_t *json = NULL;
        if (err == CT_ETRACE) continue;
        if (line.number <= last || memchr(line.text, '\n', line.size) != NULL || line.status >= CT_STATUS_COUNT)
            abort();
        last = line.number;
        err = ct__line_json(&line, &json, &error);
        if (err != CT_OK && err != CT_ETRACE) abort();
        json_decref(json);
    }
    if (err != CT_ENOTFOUND) abort();
}

static void use(struct ct__reader *reader, const char *path)
{
    static const char *const where[] = { "level=6" };
    struct ct__replay *replay = NULL;
    struct ct_plan *plan = NULL;
    char *ids = NULL;
    uint64_t lost;
    read_all(reader, NULL);
    read_all(reader, &(struct ct__filter){ .statuses = 1u << CT_FAIL, .no_serial = true });
    read_all(reader, &(struct ct__filter){ .where = where, .where_count = 1 });
    for (uint64_t id = 0; id < 3; id++) {
        struct ct_outcome outcome;
        if (ct__replay_find(&suite, reader, id, NULL, &replay, NULL) != CT_OK) continue;
        if (ct__replay_run(replay, NULL, NULL, NULL, &outcome, NULL) != CT_OK || outcome.status != CT_PASS) abort();
        ct_outcome_clear(&outcome);
        ct__replay_free(replay);
    }
    if (ct_plan_new(&suite, &plan, NULL) != CT_OK) abort();
    if (ct__trace_ids(path, 1u << CT_FAIL, plan, &ids, &lost, NULL, NULL) != CT_OK) abort();
    free(ids);
    ct_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct ct__reader *reader = NULL;
    struct ct_error error = { 0 };
    int fd = memfd_create("trace", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum ct_err err = ct__reader_open(path, &reader, &error);
    if (err == CT_OK)
        use(reader, path);
    else if (err != CT_ETRACE || strncmp(error.text, path, strlen(path)) != 0)
        abort();
    ct__reader_close(reader);
    close(fd);
    return 0;
}

#define HEADER                                                                                                         \
    "{\"combtest_trace\":1,\"combtest\":\"0.1.0\",\"suite\":\"s\",\"strength\":0,\"walks\":6,\"tables\":\"0\","        \
    "\"actions\":[{\"name\":\"level\",\"serial\":false,\"options\":3},{\"name\":\"setting\",\"serial\":true,"          \
    "\"options\":2}]}\n"

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const char *const seeds[] = {
        HEADER "{\"walk\":0,\"stage\":0,\"status\":\"passed\",\"serial\":{\"setting\":false},\"options\":{\"level\":1},"
               "\"duration_ns\":5}\n{\"walk\":1,\"stage\":0,\"status\":\"failed\",\"serial\":{\"setting\":false},"
               "\"options\":{\"level\":6},\"duration_ns\":5,\"action\":\"level\",\"message\":\"f.c:1: no\"}\n",
        HEADER "{\"serial_run\":\"setting\",\"branch\":[0,3],\"status\":\"passed\",\"serial\":{\"setting\":true},"
               "\"duration_ns\":1}\n{\"walk\":2,\"stage\":1,\"status\":\"timed-out\",\"serial\":{\"setting\":true},"
               "\"options\":{\"level\":9},\"labels\":{\"level\":\"best\"},\"duration_ns\":1,\"notes\":{\"a\":[1]}}\n",
        HEADER
        "{ \"status\": \"failed\", \"walk\": 0, \"stage\": 0, \"options\": {\"level\": 6, \"setting\": true} }\n",
        HEADER "nonsense\n\n{\"walk\":1,\"stage\":0,\"status\":\"cra",
        "{\"combtest_trace\":2}\n",
    };
    if (number >= CT_COUNT(seeds)) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
