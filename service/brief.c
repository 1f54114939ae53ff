#include "service/brief.h"
#include "actions/actions.h"
#include "planning/planning.h"
#include "service/protocol.h"
#include <stdlib.h>
#include <string.h>

#define SERVICES_MAX  1024u
#define THREADS_MAX   4096u
#define DIRECT_MS     10000        /* for a direct host to reach the run, at most */
#define ROWS_SIZE_MAX (200u << 20) /* less than a frame, which holds the rest, too */

/* ---- options ---- */

static void put_option(struct ct__bytes *bytes, const struct ct_option *option)
{
    uint64_t number = 0;
    ct__put_u8(bytes, (uint8_t)option->type);
    switch (option->type) {
    case CT_TYPE_BOOL: number = option->as.b; break;
    case CT_TYPE_INT: number = (uint64_t)option->as.i; break;
    case CT_TYPE_REAL: memcpy(&number, &option->as.d, sizeof number); break;
    case CT_TYPE_STRING:
    case CT_TYPE_JSON: ct__put_text(bytes, option->as.s); break;
    case CT_TYPE_NULL:
    case CT_TYPE_POINTER: break;
    }
    ct__put_u64(bytes, number);
    ct__put_text(bytes, option->label);
}

static void get_option(struct ct__cursor *cursor, struct ct_option *option)
{
    uint8_t type = ct__get_u8(cursor);
    const char *text = NULL;
    *option = (struct ct_option){ .type = (enum ct_type)(type % (CT_TYPE_POINTER + 1)) };
    if (option->type == CT_TYPE_STRING || option->type == CT_TYPE_JSON) text = ct__get_text(cursor);
    uint64_t number = ct__get_u64(cursor);
    if (text)
        option->as.s = text;
    else if (option->type == CT_TYPE_BOOL)
        option->as.b = number != 0;
    else if (option->type == CT_TYPE_INT)
        option->as.i = (int64_t)number;
    else if (option->type == CT_TYPE_REAL)
        memcpy(&option->as.d, &number, sizeof number);
    option->label = ct__get_text(cursor);
}

/* ---- the digest ---- */

static uint64_t digest_bytes(uint64_t digest, const struct ct__bytes *bytes)
{
    for (size_t i = 0; i < bytes->size; i++) digest = (digest ^ bytes->data[i]) * 0x100000001b3u;
    return digest;
}

uint64_t ct__brief_digest(const struct ct__table *table)
{
    uint64_t digest = 0xcbf29ce484222325u;
    struct ct__bytes bytes = { 0 };
    for (size_t i = 0; i < table->count; i++) {
        const struct ct_action *action = &table->suite->actions[i];
        const struct ct__column *column = &table->columns[i];
        bytes.size = 0;
        ct__put_text(&bytes, action->name);
        ct__put_u8(&bytes, (uint8_t)(action->serial | action->scope << 1));
        ct__put_u64(&bytes, column->count);
        digest = digest_bytes(digest, &bytes);
        for (size_t j = 0; column->options && j < column->count; j++) {
            bytes.size = 0;
            put_option(&bytes, &column->options[j]);
            digest = digest_bytes(digest, &bytes);
        }
    }
    bytes.size = 0;
    ct__put_text(&bytes, table->suite->constraints);
    digest = digest_bytes(digest, &bytes);
    if (bytes.failed) digest = 0; /* equal on no two sides, but where both are out of memory */
    ct__bytes_free(&bytes);
    return digest;
}

/* ---- options that an iterator made ---- */

static enum ct_err put_made(struct ct__bytes *bytes, const struct ct__table *table, struct ct_error *error)
{
    uint32_t count = 0;
    size_t at = bytes->size;
    ct__put_u32(bytes, 0);
    for (size_t i = 0; i < table->count; i++) {
        const struct ct__column *column = &table->columns[i];
        const struct ct_action *action = &table->suite->actions[i];
        if (!action->source) continue;
        count++;
        ct__put_u32(bytes, (uint32_t)i);
        ct__put_u32(bytes, (uint32_t)column->count);
        for (size_t j = 0; j < column->count; j++) {
            if (column->options[j].type == CT_TYPE_POINTER)
                return ct__error(error, CT_EINVAL,
                                 "action '%s': its source made a pointer, which cannot go to another host; a table of "
                                 "options can hold it, since every host has the table",
                                 action->name);
            put_option(bytes, &column->options[j]);
        }
    }
    ct__set_u32(bytes, at, count);
    return CT_OK;
}

/* The options of one action, as its source gives them here. */
struct made {
    const struct ct_option *options;
    size_t count;
};

static int give_made(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    const struct made *made = user;
    (void)error;
    if (index >= made->count) return 0;
    *option = made->options[index];
    return 1;
}

static enum ct_err get_made_action(struct ct__cursor *cursor, const struct ct_suite *suite, struct ct_action *actions,
                                   struct ct_error *error)
{
    uint32_t index = ct__get_u32(cursor), count = ct__get_u32(cursor);
    if (cursor->bad || index >= suite->action_count || !actions[index].source || count > CT__OPTIONS_MAX)
        return ct__error(error, CT_EINVAL, "the suite's option iterators differ here");
    struct ct_option *options = calloc((size_t)count + 1, sizeof *options);
    struct made *made = calloc(1, sizeof *made);
    if (!options || !made) {
        free(options);
        free(made);
        return ct__nomem(error);
    }
    for (uint32_t i = 0; i < count && !cursor->bad; i++) get_option(cursor, &options[i]);
    *made = (struct made){ options, count };
    actions[index].source = give_made;
    actions[index].source_user = made;
    return cursor->bad ? ct__error(error, CT_EIO, "a brief that makes no sense came from the coordinator") : CT_OK;
}

/* A copy of the suite whose iterators give what they gave to the coordinator; for the life of the process. */
static enum ct_err get_made(struct ct__cursor *cursor, const struct ct_suite *suite, const struct ct_suite **made,
                            struct ct_error *error)
{
    uint32_t count = ct__get_u32(cursor);
    struct ct_suite *copy = malloc(sizeof *copy);
    struct ct_action *actions = calloc(suite->action_count + 1, sizeof *actions);
    enum ct_err code = copy && actions ? CT_OK : ct__nomem(error);
    if (code == CT_OK && suite->action_count > 0)
        memcpy(actions, suite->actions, suite->action_count * sizeof *actions);
    for (uint32_t i = 0; code == CT_OK && i < count; i++) code = get_made_action(cursor, suite, actions, error);
    if (code != CT_OK) {
        free(copy);
        free(actions);
        return code;
    }
    *copy = *suite;
    copy->actions = actions;
    *made = copy;
    return CT_OK;
}

/* ---- the rows of a covering suite ---- */

/* What the plan's walks are, where they are not the whole product. */
static enum ct_err put_rows(struct ct__bytes *bytes, const struct ct_plan *plan, struct ct_error *error)
{
    const uint16_t *rows = ct__plan_rows(plan);
    uint64_t count = ct_plan_walk_count(plan) * ct__plan_table(plan)->count;
    ct__put_u8(bytes, rows != NULL);
    if (!rows) return CT_OK;
    if (count * 2 > ROWS_SIZE_MAX)
        return ct__error(error, CT_ETOOBIG,
                         "%llu rows are too many for other hosts: they are sent whole, in at most %u MB",
                         (unsigned long long)ct_plan_walk_count(plan), ROWS_SIZE_MAX >> 20);
    ct__put_u64(bytes, ct_plan_walk_count(plan));
    for (uint64_t i = 0; i < count; i++) {
        ct__put_u8(bytes, (uint8_t)(rows[i] & 0xff));
        ct__put_u8(bytes, (uint8_t)(rows[i] >> 8));
    }
    return CT_OK;
}

/* *rows is the caller's, and NULL where the plan is of the product. */
static enum ct_err get_rows(struct ct__cursor *cursor, size_t width, uint16_t **rows, uint64_t *row_count,
                            struct ct_error *error)
{
    if (ct__get_u8(cursor) == 0 && !cursor->bad) return CT_OK;
    uint64_t count = ct__get_u64(cursor);
    if (cursor->bad || count > (uint64_t)(cursor->end - cursor->at) / (2 * width))
        return ct__error(error, CT_EIO, "a brief that makes no sense came from the coordinator");
    const unsigned char *from = ct__get_bytes(cursor, (size_t)count * 2 * width);
    *rows = calloc((size_t)count * width + 1, sizeof **rows);
    if (!*rows) return ct__nomem(error);
    for (size_t i = 0; i < count * width; i++) (*rows)[i] = (uint16_t)(from[2 * i] | from[2 * i + 1] << 8);
    *row_count = count;
    return CT_OK;
}

/* ---- the brief ---- */

/* How a host that is direct joins the run. */
static void put_direct(struct ct__bytes *bytes, const struct ct__setup *setup, const struct ct__addressee *to)
{
    int64_t most_ms = setup->start_ms / 2 < DIRECT_MS ? setup->start_ms / 2 : DIRECT_MS;
    ct__put_u32(bytes, to->machine);
    ct__put_text(bytes, to->url);
    ct__put_text(bytes, to->url ? setup->certificate : NULL);
    ct__put_u32(bytes, (uint32_t)most_ms);
}

enum ct_err ct__brief_put(struct ct__bytes *bytes, const struct ct__setup *setup, const struct ct__addressee *to,
                          struct ct_error *error)
{
    const struct ct__table *table = ct__plan_table(setup->plan);
    char *state = setup->state ? ct__json_text(setup->state) : NULL;
    if (setup->state && !state) return ct__nomem(error);
    ct__put_u32(bytes, CT__PROTOCOL_MAGIC);
    ct__put_u32(bytes, CT__PROTOCOL_VERSION);
    ct__put_text(bytes, CT__VERSION);
    ct__put_text(bytes, setup->suite->name);
    ct__put_u64(bytes, ct__brief_digest(table));
    ct__put_text(bytes, setup->token);
    ct__put_text(bytes, to->name);
    ct__put_u32(bytes, to->life);
    put_direct(bytes, setup, to);
    ct__put_u32(bytes, to->services);
    ct__put_u32(bytes, to->threads ? to->threads : setup->asked_threads);
    ct__put_u64(bytes, (uint64_t)setup->timeout_ms);
    ct__put_u8(bytes, (uint8_t)setup->isolation);
    ct__put_u64(bytes, setup->seed);
    ct__put_u64(bytes, setup->limit_memory);
    ct__put_u8(bytes, setup->gather);
    ct__put_u8(bytes, setup->core);
    ct__put_u8(bytes, (uint8_t)setup->lowest);
    ct__put_u8(bytes, (uint8_t)setup->traced);
    ct__put_u64(bytes, setup->max_output);
    ct__put_text(bytes, state);
    free(state);
    enum ct_err code = put_made(bytes, table, error);
    if (code == CT_OK) code = put_rows(bytes, setup->plan, error);
    if (code == CT_OK && bytes->failed) code = ct__nomem(error);
    return code;
}

/* Reads up to the suite's name: false, it is no brief. */
static bool get_head(struct ct__cursor *cursor, uint32_t *protocol, const char **version, const char **suite)
{
    uint32_t magic = ct__get_u32(cursor);
    *protocol = ct__get_u32(cursor);
    *version = ct__get_text(cursor);
    *suite = ct__get_text(cursor);
    return !cursor->bad && magic == CT__PROTOCOL_MAGIC && *version && *suite;
}

const char *ct__brief_suite(const void *body, size_t size)
{
    struct ct__cursor cursor = ct__cursor(body, size);
    const char *version, *suite;
    uint32_t protocol;
    return get_head(&cursor, &protocol, &version, &suite) ? suite : NULL;
}

static bool get_token(struct ct__cursor *cursor, char *token)
{
    const char *text = ct__get_text(cursor);
    if (!text || strlen(text) >= CT__TOKEN_SIZE) return false;
    memcpy(token, text, strlen(text) + 1);
    return true;
}

static void set_workers(struct ct__setup *setup, uint32_t services, uint32_t threads)
{
    if (services == 0) services = (uint32_t)ct__host_cores();
    if (services > SERVICES_MAX) services = SERVICES_MAX;
    if (threads < 1) threads = 1;
    if (threads > THREADS_MAX) threads = THREADS_MAX;
    bool apart = setup->isolation == CT_ISOLATION_PROCESS;
    setup->services = apart ? services * threads : services;
    setup->threads = apart ? 1 : threads;
}

/* All that stands between the digest and the options that iterators made. */
static bool get_facts(struct ct__cursor *cursor, struct ct__setup *setup)
{
    bool good = get_token(cursor, setup->token);
    const char *name = ct__get_text(cursor);
    if (name) snprintf(setup->host, sizeof setup->host, "%s", name);
    setup->life = ct__get_u32(cursor);
    setup->machine = ct__get_u32(cursor);
    setup->direct_url = ct__get_text(cursor);
    setup->direct_certificate = ct__get_text(cursor);
    setup->direct_ms = ct__get_u32(cursor);
    uint32_t services = ct__get_u32(cursor), threads = ct__get_u32(cursor);
    if (setup->services > 0) services = setup->services; /* as was asked for here */
    if (setup->threads > 0) threads = setup->threads;
    setup->timeout_ms = (int64_t)ct__get_u64(cursor);
    setup->isolation = ct__get_u8(cursor) == CT_ISOLATION_PROCESS ? CT_ISOLATION_PROCESS : CT_ISOLATION_THREAD;
    setup->seed = ct__get_u64(cursor);
    setup->limit_memory = ct__get_u64(cursor);
    setup->gather = ct__get_u8(cursor);
    setup->core = ct__get_u8(cursor);
    setup->lowest = (enum ct_log_level)(ct__get_u8(cursor) % (CT_LOG_STATUS + 1));
    setup->traced = (enum ct__traced)(ct__get_u8(cursor) % (CT__TRACE_ALL + 1));
    setup->max_output = ct__get_u64(cursor);
    const char *state = ct__get_text(cursor);
    setup->state = state ? ct__json_read(state) : NULL;
    set_workers(setup, services, threads);
    return good && !cursor->bad && (!state || setup->state);
}

static enum ct_err make_plan(struct ct__setup *setup, uint64_t digest, struct ct__cursor *cursor,
                             struct ct_error *error)
{
    struct ct__table *table = NULL;
    uint16_t *rows = NULL;
    uint64_t row_count = 0;
    enum ct_err code = ct__table_new(setup->suite, setup->state, &table, error);
    if (code != CT_OK) return code;
    if (ct__brief_digest(table) != digest)
        code = ct__error(error, CT_EINVAL,
                         "suite '%s' has other actions or options here: is the program another build?",
                         setup->suite->name);
    if (code == CT_OK) code = get_rows(cursor, table->count, &rows, &row_count, error);
    if (code == CT_OK) code = ct__plan_remake(table, rows, row_count, &setup->plan, error);
    if (code != CT_OK) ct__table_free(table);
    if (code != CT_OK) free(rows);
    return code;
}

enum ct_err ct__brief_take(const void *body, size_t size, const struct ct_suite *suite, struct ct__setup *setup,
                           struct ct_error *error)
{
    struct ct__cursor cursor = ct__cursor(body, size);
    struct ct__setup made = *setup;
    const char *version, *name;
    uint32_t protocol;
    if (!get_head(&cursor, &protocol, &version, &name))
        return ct__error(error, CT_EIO, "a brief that makes no sense came from the coordinator");
    if (protocol != CT__PROTOCOL_VERSION || strcmp(version, CT__VERSION) != 0)
        return ct__error(error, CT_EINVAL, "another version of combtest: %s here, %.40s there", CT__VERSION, version);
    uint64_t digest = ct__get_u64(&cursor);
    if (!get_facts(&cursor, &made))
        return ct__error(error, CT_EIO, "a brief that makes no sense came from the coordinator");
    made.remote = true;
    enum ct_err code = get_made(&cursor, suite, &made.suite, error);
    if (code == CT_OK) code = make_plan(&made, digest, &cursor, error);
    if (code == CT_OK) *setup = made;
    return code;
}
