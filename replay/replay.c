/* Which walk: from options, or from a trace. */
#include <generator/generator.h>
#include <inttypes.h>
#include <replay/line_inner.h>
#include <stdlib.h>
#include <string.h>

void ct__replay_free(struct ct__replay *replay)
{
    if (replay == NULL) return;
    ct_plan_free(replay->plan);
    ct__table_free(replay->whole);
    free(replay->table.columns);
    free(replay->branches);
    free(replay->broken);
    free(replay);
}

static enum ct_err begin(const struct ct_suite *suite, const json_t *state, struct ct__replay **replay,
                         struct ct_error *error)
{
    struct ct__replay *made = calloc(1, sizeof *made);
    enum ct_err err;
    if (made == NULL) return ct__nomem(error);
    made->suite = suite;
    made->expected = CT_STATUS_COUNT;
    made->expected_action = CT__NO_ACTION;
    err = ct__table_new(suite, state, &made->whole, error);
    if (err == CT_OK) err = ct__table_check_travel(made->whole, false, error);
    if (err == CT_OK)
        *replay = made;
    else
        ct__replay_free(made);
    return err;
}

/* The id in the suite's tables of today and the branches it lies in. A product that has no ids leaves them zero. */
static enum ct_err find_ids(struct ct__replay *replay, size_t *indices, struct ct_error *error)
{
    const struct ct__table *table = replay->whole;
    struct ct_plan *plan = NULL;
    struct ct_error why;
    size_t serials = 0;
    enum ct_err err;
    replay->branches = calloc(table->count, sizeof *replay->branches);
    if (replay->branches == NULL) return ct__nomem(error);
    err = ct__plan_new(replay->whole, NULL, &plan, &why);
    if (err == CT_ETOOBIG) return CT_OK;
    if (err != CT_OK) return ct__error(error, err, "%s", why.text);
    err = ct_plan_id(plan, indices, &replay->id);
    /* The branch's first id: what lies inside it is at its first option. */
    for (size_t i = 0; i < table->count; i++)
        if (!table->suite->actions[i].serial) indices[i] = 0;
    for (size_t i = table->count; i-- > 0 && err == CT_OK;) {
        if (!table->suite->actions[i].serial) continue;
        err = ct_plan_id(plan, indices, &replay->branches[serials++]);
        indices[i] = 0;
    }
    for (size_t i = 0; i < serials / 2; i++) {
        uint64_t inner = replay->branches[i];
        replay->branches[i] = replay->branches[serials - 1 - i];
        replay->branches[serials - 1 - i] = inner;
    }
    ct_plan_free(plan);
    return err;
}

static size_t index_of(const void *user, size_t action)
{
    return ((const size_t *)user)[action];
}

/* Whether a constraint excludes the walk. */
static enum ct_err judge(struct ct__replay *replay, const size_t *indices, struct ct_error *error)
{
    struct ct__suite_model *model = NULL;
    if (replay->suite->constraints == NULL) return CT_OK;
    enum ct_err err = ct__suite_model_new(replay->whole, &model, error);
    const char *broken = err == CT_OK ? model->rules.broken(&model->rules, index_of, indices) : NULL;
    if (broken != NULL && (replay->broken = strdup(broken)) == NULL) err = ct__nomem(error);
    ct__suite_model_free(model);
    return err;
}

/* Lays out the plan of the one walk. indices is used up. */
static enum ct_err settle(struct ct__replay *replay, size_t *indices, struct ct_error *error)
{
    const struct ct__table *whole = replay->whole;
    replay->table = *whole;
    replay->table.columns = calloc(whole->count, sizeof *whole->columns);
    if (replay->table.columns == NULL) return ct__nomem(error);
    for (size_t i = 0; i < whole->count; i++) {
        struct ct_option *options = whole->columns[i].options;
        replay->table.columns[i].options = options != NULL ? options + indices[i] : NULL;
        replay->table.columns[i].count = 1;
    }
    enum ct_err err = judge(replay, indices, error);
    if (err == CT_OK) err = ct__plan_new(&replay->table, NULL, &replay->plan, error);
    return err == CT_OK ? find_ids(replay, indices, error) : err;
}

enum ct_err ct__replay_new(const struct ct_suite *suite, const struct ct_option *const *options, const json_t *state,
                           struct ct__replay **replay, struct ct_error *error)
{
    struct ct__replay *made = NULL;
    size_t *indices = NULL;
    enum ct_err err = begin(suite, state, &made, error);
    if (err != CT_OK) return err;
    indices = calloc(made->whole->count, sizeof *indices);
    err = indices != NULL ? ct__match_options(made->whole, options, indices, error) : ct__nomem(error);
    if (err == CT_OK) err = settle(made, indices, error);
    free(indices);
    if (err == CT_OK)
        *replay = made;
    else
        ct__replay_free(made);
    return err;
}

/* What a trace says of one walk. */
struct record {
    uint64_t id;
    json_t *line;   /* the last whole one of its own; NULL: none */
    json_t *serial; /* that of the serial action that ended it; NULL: none did */
    enum ct_status status;
    struct ct_error damage; /* of the first damaged line */
};

/* A serial action that did not pass ended those walks of its branch which had not ended, as the summary counts them. */
static void take_serial(struct record *record, const struct ct__line *line, json_t *json)
{
    json_int_t end = json_integer_value(json_array_get(json_object_get(json, "branch"), 1));
    if (record->line == NULL || record->status != CT_PASS || line->status == CT_PASS) return;
    if (record->id < line->walk || end < 0 || record->id >= (uint64_t)end) return;
    record->status = line->status == CT_CANCEL ? CT_CANCEL : CT_BLOCKED;
    record->serial = json_incref(json);
}

static enum ct_err take_line(struct record *record, const struct ct__line *line, struct ct_error *error)
{
    json_t *json = NULL;
    enum ct_err err = ct__line_json(line, &json, error);
    if (err != CT_OK) return err;
    if (line->serial) {
        take_serial(record, line, json);
        json_decref(json);
        return CT_OK;
    }
    json_decref(record->line);
    json_decref(record->serial);
    record->line = json;
    record->serial = NULL;
    record->status = line->status;
    return CT_OK;
}

/* Fills record, whose id is set, from all lines; its lines are the caller's whatever is returned. */
static enum ct_err find_record(struct ct__reader *reader, struct record *record, struct ct_error *error)
{
    char only[24];
    struct ct__selection *walks = NULL;
    struct ct_error why = { 0 };
    (void)snprintf(only, sizeof only, "%" PRIu64, record->id);
    enum ct_err err = ct__selection_new(CT__WALKS_MAX, only, 0, 1, 0, 0, &walks, &why);
    if (err == CT_OK) err = ct__reader_rewind(reader, &why);
    const struct ct__filter filter = { .walks = walks, .with_serial = true };
    while (err == CT_OK || err == CT_ETRACE) {
        struct ct__line line;
        err = ct__reader_next(reader, &filter, &line, &why);
        if (err == CT_OK) err = take_line(record, &line, &why);
        if (err == CT_ETRACE && record->damage.code == CT_OK) record->damage = why;
    }
    ct__selection_free(walks);
    if (err != CT_ENOTFOUND) return ct__error(error, err, "%s", why.text);
    if (record->line != NULL) return CT_OK;
    if (record->damage.code != CT_OK)
        return ct__error(error, CT_ETRACE, "walk %" PRIu64 " is not in the trace, which is damaged: %s", record->id,
                         record->damage.text);
    return ct__error(error, CT_ENOTFOUND, "%s: the trace has no walk %" PRIu64, ct__reader_path(reader), record->id);
}

static void set_expected(struct ct__replay *replay, const struct record *record)
{
    const json_t *name = record->serial != NULL ? json_object_get(record->serial, "serial_run")
                                                : json_object_get(record->line, "action");
    const char *action = json_string_value(name);
    replay->expected = record->status;
    for (size_t i = 0; action != NULL && i < replay->suite->action_count; i++)
        if (strcmp(replay->suite->actions[i].name, action) == 0) replay->expected_action = i;
}

/* Takes the branch of a serial action's line, where the walk lies in it. */
static void take_branch(struct ct__replay *replay, const json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "serial_run"));
    const json_t *branch = json_object_get(line, "branch");
    json_int_t first = json_integer_value(json_array_get(branch, 0)),
               end = json_integer_value(json_array_get(branch, 1));
    size_t depth = 0;
    if (name == NULL || first < 0 || (uint64_t)first > replay->id || end <= 0 || (uint64_t)end <= replay->id) return;
    for (size_t i = 0; i < replay->suite->action_count; i++) {
        if (!replay->suite->actions[i].serial) continue;
        if (strcmp(replay->suite->actions[i].name, name) == 0) replay->branches[depth] = (uint64_t)first;
        depth++;
    }
}

/* In tables of another shape, and among rows, the walk has another id than its options have in the product: it goes
 * under the one it had, and so do its branches as far as the trace has lines of their serial actions. */
static enum ct_err keep_id(struct ct__replay *replay, struct ct__reader *reader, uint64_t id, struct ct_error *error)
{
    if (replay->id == id) return CT_OK;
    replay->id = id;
    for (size_t i = 0; i < replay->whole->count; i++) replay->branches[i] = id;
    enum ct_err err = ct__reader_rewind(reader, error);
    while (err == CT_OK || err == CT_ETRACE) {
        struct ct__line line;
        struct ct_error why;
        json_t *json = NULL;
        err = ct__reader_next(reader, &(struct ct__filter){ 0 }, &line, &why);
        if (err == CT_OK && line.serial && ct__line_json(&line, &json, &why) == CT_OK) take_branch(replay, json);
        json_decref(json);
        if (err == CT_NOMEM || err == CT_EIO) return ct__error(error, err, "%s", why.text);
    }
    return err == CT_ENOTFOUND ? CT_OK : err;
}

static enum ct_err check_suite(const struct ct_suite *suite, const struct ct__reader *reader, struct ct_error *error)
{
    const struct ct__header *header = ct__reader_header(reader);
    if (suite != NULL && suite->name != NULL && strcmp(suite->name, header->suite) == 0) return CT_OK;
    return ct__error(error, CT_ETRACE, "%s: a trace of suite '%.100s', not of '%.100s'", ct__reader_path(reader),
                     header->suite, suite != NULL && suite->name != NULL ? suite->name : "");
}

enum ct_err ct__replay_find(const struct ct_suite *suite, struct ct__reader *reader, uint64_t id, const json_t *state,
                            struct ct__replay **replay, struct ct_error *error)
{
    const struct ct__header *header = ct__reader_header(reader);
    struct ct__replay *made = NULL;
    size_t *indices = NULL;
    struct record record = { .id = id };
    enum ct_err err = check_suite(suite, reader, error);
    if (err == CT_OK) err = find_record(reader, &record, error);
    if (err == CT_OK) err = begin(suite, state != NULL ? state : json_object_get(header->json, "state"), &made, error);
    if (err != CT_OK) goto out;
    indices = calloc(made->whole->count, sizeof *indices);
    err = indices != NULL ? ct__match_line(made->whole, header, record.line, indices, error) : ct__nomem(error);
    if (err == CT_OK) err = settle(made, indices, error);
    if (err != CT_OK) goto out;
    err = keep_id(made, reader, id, error);
    if (err != CT_OK) goto out;
    set_expected(made, &record);
    *replay = made;
out:
    if (err != CT_OK) ct__replay_free(made);
    json_decref(record.line);
    json_decref(record.serial);
    free(indices);
    return err;
}

enum ct_status ct__replay_expected(const struct ct__replay *replay, size_t *action)
{
    *action = replay->expected_action;
    return replay->expected;
}
