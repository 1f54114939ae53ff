/* A trace's first line: what makes it self-contained. */
#include <inttypes.h>
#include <replay/trace_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TAG            "combtest_trace"
#define TIMEOUT_MAX_MS INT64_C(31536000000) /* a year, as on the command line */

/* FNV-1a, 64 bits (Fowler, Noll, Vo). The end of a text counts, so that "ab","c" is not "a","bc". */
static uint64_t hash(uint64_t sum, const char *text)
{
    do {
        sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    } while (*text++ != '\0');
    return sum;
}

static bool hash_option(uint64_t *sum, const struct ct_option *option)
{
    json_t *json = ct__option_to_json(option);
    char *text = json != NULL ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(json);
    if (text == NULL) return false;
    *sum = hash(hash(*sum, text), option->label != NULL ? option->label : "");
    free(text);
    return true;
}

static uint64_t hash_rows(uint64_t sum, const struct ct_plan *plan)
{
    const uint16_t *rows = ct__plan_rows(plan);
    uint64_t count = ct_plan_walk_count(plan) * ct__plan_table(plan)->count;
    for (uint64_t i = 0; rows != NULL && i < count; i++)
        for (unsigned shift = 0; shift < 16; shift += 8)
            sum = (sum ^ (rows[i] >> shift & 0xff)) * UINT64_C(0x100000001b3);
    return sum;
}

bool ct__plan_digest(const struct ct_plan *plan, char digest[17])
{
    const struct ct__table *table = ct__plan_table(plan);
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < table->count; i++) {
        const struct ct_action *action = &table->suite->actions[i];
        const struct ct__column *column = &table->columns[i];
        sum = hash(hash(sum, action->name), action->serial ? "serial" : "");
        for (size_t j = 0; column->options != NULL && j < column->count; j++)
            if (!hash_option(&sum, &column->options[j])) return false;
    }
    (void)snprintf(digest, 17, "%016" PRIx64, hash_rows(sum, plan));
    return true;
}

/* Takes value; false where it is NULL or does not go in. */
static bool set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static json_t *actions_json(const struct ct__table *table)
{
    json_t *list = json_array();
    bool done = list != NULL;
    for (size_t i = 0; done && i < table->count; i++) {
        const struct ct_action *action = &table->suite->actions[i];
        size_t options = table->columns[i].options != NULL ? table->columns[i].count : 0;
        json_t *one = json_object();
        done = one != NULL && set(one, "name", json_string(action->name)) &&
               set(one, "serial", json_boolean(action->serial)) &&
               set(one, "options", json_integer((json_int_t)options)) && json_array_append(list, one) == 0;
        json_decref(one);
    }
    if (done) return list;
    json_decref(list);
    return NULL;
}

static json_t *arguments_json(const struct ct__trace_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < facts->argument_count; i++) {
        if (json_array_append_new(list, ct__valid_json(facts->arguments[i])) == 0) continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static bool set_place(json_t *header)
{
    char host[256] = "", started[32] = "", *directory = getcwd(NULL, 0);
    time_t now = time(NULL);
    struct tm day;
    if (gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
    if (gmtime_r(&now, &day) != NULL) (void)strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &day);
    bool done = set(header, "directory", directory != NULL ? ct__valid_json(directory) : json_null()) &&
                set(header, "host", ct__valid_json(host)) && set(header, "started", json_string(started));
    free(directory);
    return done;
}

static bool set_facts(json_t *header, const struct ct__trace_facts *facts)
{
    return set(header, "program", facts->program != NULL ? ct__valid_json(facts->program) : json_null()) &&
           set(header, "arguments", arguments_json(facts)) && set_place(header) &&
           set(header, "kept", json_string(facts->kept != NULL ? facts->kept : "all")) &&
           set(header, "seed", json_integer((json_int_t)facts->seed)) &&
           set(header, "strength", json_integer(facts->strength)) &&
           set(header, "timeout_ms", json_integer(facts->timeout_ms)) &&
           set(header, "limit_memory", json_integer((json_int_t)facts->limit_memory)) &&
           (facts->state == NULL || set(header, "state", json_deep_copy(facts->state)));
}

json_t *ct__header_make(const struct ct_plan *plan, const struct ct__trace_facts *facts)
{
    const struct ct__table *table = ct__plan_table(plan);
    json_t *header = json_object();
    char digest[17];
    bool done = header != NULL && ct__plan_digest(plan, digest) && set(header, TAG, json_integer(CT__TRACE_VERSION)) &&
                set(header, "combtest", json_string(CT__VERSION)) &&
                set(header, "suite", json_string(table->suite->name)) && set_facts(header, facts) &&
                set(header, "walks", json_integer((json_int_t)ct_plan_walk_count(plan))) &&
                set(header, "tables", json_string(digest)) && set(header, "actions", actions_json(table));
    if (done) return header;
    json_decref(header);
    return NULL;
}

static enum ct_err damaged(const char *path, const char *what, struct ct_error *error)
{
    return ct__error(error, CT_ETRACE, "%s:1: the header of the trace is damaged: %s", path, what);
}

static enum ct_err check_actions(const char *path, const json_t *actions, struct ct_error *error)
{
    size_t i;
    json_t *action;
    if (json_array_size(actions) == 0) return damaged(path, "it has no \"actions\"", error);
    json_array_foreach((json_t *)(uintptr_t)actions, i, action)
    {
        const json_t *options = json_object_get(action, "options");
        if (!json_is_string(json_object_get(action, "name")) || !json_is_boolean(json_object_get(action, "serial")) ||
            !json_is_integer(options) || json_integer_value(options) < 0)
            return damaged(path, "an action lacks its name, serial or options", error);
    }
    return CT_OK;
}

enum ct_err ct__header_read(const char *path, const json_t *json, struct ct__header *header, struct ct_error *error)
{
    const json_t *version = json_object_get(json, TAG), *walks = json_object_get(json, "walks");
    json_int_t timeout_ms = json_integer_value(json_object_get(json, "timeout_ms"));
    json_int_t limit = json_integer_value(json_object_get(json, "limit_memory"));
    if (!json_is_integer(version))
        return ct__error(error, CT_ETRACE, "%s:1: no trace of combtest: its first line has no \"" TAG "\"", path);
    if (json_integer_value(version) > CT__TRACE_VERSION)
        return ct__error(
            error, CT_ETRACE, "%s:1: a trace of version %lld, written by combtest %.40s; this one reads %u", path,
            (long long)json_integer_value(version),
            json_is_string(json_object_get(json, "combtest")) ? json_string_value(json_object_get(json, "combtest"))
                                                              : "(unknown)",
            CT__TRACE_VERSION);
    if (json_integer_value(version) < 1) return damaged(path, "its version is below 1", error);
    if (!json_is_string(json_object_get(json, "suite"))) return damaged(path, "it has no \"suite\"", error);
    if (!json_is_integer(walks) || json_integer_value(walks) < 1) return damaged(path, "it has no \"walks\"", error);
    enum ct_err err = check_actions(path, json_object_get(json, "actions"), error);
    if (err != CT_OK) return err;
    *header = (struct ct__header){ .suite = json_string_value(json_object_get(json, "suite")),
                                   .program = json_string_value(json_object_get(json, "program")),
                                   .walk_count = (uint64_t)json_integer_value(walks),
                                   .timeout_ms = timeout_ms < TIMEOUT_MAX_MS ? timeout_ms : TIMEOUT_MAX_MS,
                                   .limit_memory = limit > 0 ? (uint64_t)limit : 0,
                                   .json = json };
    return CT_OK;
}
