/* Options of a recorded walk, found again in the tables of today. */
#include <replay/trace_inner.h>
#include <stdlib.h>
#include <string.h>

#define NOWHERE SIZE_MAX

/* What is known of an option that is looked for. */
struct wanted {
    const json_t *value;
    const char *label; /* NULL: none */
    size_t position;   /* NOWHERE: not known */
};

static bool same_label(const struct ct_option *option, const struct wanted *wanted)
{
    if (option->label == NULL || wanted->label == NULL) return option->label == wanted->label;
    return strcmp(option->label, wanted->label) == 0;
}

/* How well an option fits: its value above its label above its position; 0: not at all. False: no memory. */
static bool rate(const struct ct_option *option, size_t i, const struct wanted *wanted, int *fit)
{
    json_t *value = ct__option_to_json(option);
    if (value == NULL) return false;
    bool same_value = json_equal(value, wanted->value) != 0, label = same_label(option, wanted);
    json_decref(value);
    *fit = 0;
    if (same_value || (label && wanted->label != NULL)) *fit = 4 * same_value + 2 * label + (i == wanted->position);
    return true;
}

/* The best of a column's options, the first among equals; NOWHERE: none fits. */
static enum ct_err find_best(const struct ct__column *column, const struct wanted *wanted, size_t *index,
                             struct ct_error *error)
{
    int best = 0;
    *index = NOWHERE;
    for (size_t i = 0; i < column->count; i++) {
        int fit;
        if (!rate(&column->options[i], i, wanted, &fit)) return ct__nomem(error);
        if (fit <= best) continue;
        best = fit;
        *index = i;
    }
    return CT_OK;
}

static enum ct_err find_option(const struct ct__table *table, size_t action, const struct wanted *wanted, size_t *index,
                               struct ct_error *error)
{
    size_t found;
    enum ct_err err = find_best(&table->columns[action], wanted, &found, error);
    if (err != CT_OK) return err;
    if (found == NOWHERE) {
        char *text = json_dumps(wanted->value, JSON_ENCODE_ANY | JSON_COMPACT);
        ct__error(error, CT_ENOTFOUND, "suite '%s': action '%s' has no option %.200s%s%.80s", table->suite->name,
                  table->suite->actions[action].name, text != NULL ? text : "of that value",
                  wanted->label != NULL ? ", labeled " : "", wanted->label != NULL ? wanted->label : "");
        free(text);
        return CT_ENOTFOUND;
    }
    *index = found;
    return CT_OK;
}

/* The options that the header counts for its i-th action; an action without any is one digit of one value. */
static uint64_t recorded_count(const json_t *actions, size_t i)
{
    json_int_t count = json_integer_value(json_object_get(json_array_get(actions, i), "options"));
    return count > 0 ? (uint64_t)count : 1;
}

static bool recorded_serial(const json_t *actions, size_t i)
{
    return json_is_true(json_object_get(json_array_get(actions, i), "serial"));
}

/* Where the option stood in the tables of the trace, by the arithmetic of ids; rows of a covering suite have none. */
static size_t recorded_position(const struct ct__header *header, uint64_t walk, size_t at)
{
    const json_t *actions = json_object_get(header->json, "actions");
    bool serial = recorded_serial(actions, at);
    if (json_integer_value(json_object_get(header->json, "strength")) != 0) return NOWHERE;
    for (size_t pass = serial ? 2 : 1; pass-- > 0;) {
        /* Those that turn faster: all that are not serial first, then the later ones of its own kind. */
        bool own_kind = pass == 0;
        for (size_t i = json_array_size(actions); i-- > (own_kind ? at + 1 : 0);)
            if (recorded_serial(actions, i) == (own_kind && serial)) walk /= recorded_count(actions, i);
    }
    return (size_t)(walk % recorded_count(actions, at));
}

static size_t recorded_action(const struct ct__header *header, const char *name)
{
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(header->json, "actions"), i, action)
    {
        if (strcmp(json_string_value(json_object_get(action, "name")), name) == 0) return i;
    }
    return NOWHERE;
}

static const json_t *recorded_value(const json_t *line, const char *name)
{
    const json_t *value = json_object_get(json_object_get(line, "options"), name);
    return value != NULL ? value : json_object_get(json_object_get(line, "serial"), name);
}

static enum ct_err match_action(const struct ct__table *table, const struct ct__header *header, const json_t *line,
                                size_t action, size_t *index, struct ct_error *error)
{
    const char *name = table->suite->actions[action].name;
    size_t at = recorded_action(header, name);
    uint64_t walk = (uint64_t)json_integer_value(json_object_get(line, "walk"));
    struct wanted wanted = { .value = recorded_value(line, name), .position = NOWHERE };
    if (table->columns[action].options == NULL || (at == NOWHERE && table->columns[action].count == 1)) {
        *index = 0;
        return CT_OK;
    }
    if (at == NOWHERE)
        return ct__error(error, CT_ENOTFOUND,
                         "suite '%s': action '%s' was not there when the trace was written: the "
                         "walk has no option for it",
                         table->suite->name, name);
    if (wanted.value == NULL)
        return ct__error(error, CT_ETRACE, "walk %llu of the trace has no option for action '%s'",
                         (unsigned long long)walk, name);
    wanted.label = json_string_value(json_object_get(json_object_get(line, "labels"), name));
    wanted.position = recorded_position(header, walk, at);
    return find_option(table, action, &wanted, index, error);
}

static bool has_action(const struct ct__table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->suite->actions[i].name, name) == 0) return true;
    return false;
}

/* An action that the suite has no more: the walk cannot be as it was. */
static enum ct_err check_lost(const struct ct__table *table, const struct ct__header *header, struct ct_error *error)
{
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(header->json, "actions"), i, action)
    {
        const char *name = json_string_value(json_object_get(action, "name"));
        if (!has_action(table, name))
            return ct__error(error, CT_ENOTFOUND, "suite '%s' has no action '%.200s' any more, which the trace has",
                             table->suite->name, name);
    }
    return CT_OK;
}

enum ct_err ct__match_line(const struct ct__table *table, const struct ct__header *header, const json_t *line,
                           size_t *indices, struct ct_error *error)
{
    enum ct_err err = check_lost(table, header, error);
    for (size_t i = 0; i < table->count && err == CT_OK; i++)
        err = match_action(table, header, line, i, &indices[i], error);
    return err;
}

enum ct_err ct__match_options(const struct ct__table *table, const struct ct_option *const *options, size_t *indices,
                              struct ct_error *error)
{
    enum ct_err err = CT_OK;
    for (size_t i = 0; i < table->count && err == CT_OK; i++) {
        const struct ct_action *action = &table->suite->actions[i];
        indices[i] = 0;
        if (table->columns[i].options == NULL) continue;
        if (options[i] == NULL)
            return ct__error(error, CT_EINVAL, "suite '%s': no option is given for action '%s'", table->suite->name,
                             action->name);
        struct wanted wanted = { .label = options[i]->label, .position = NOWHERE };
        if (action->options != NULL && options[i] >= action->options &&
            options[i] < action->options + action->option_count)
            wanted.position = (size_t)(options[i] - action->options);
        json_t *value = ct__option_to_json(options[i]);
        if (value == NULL) return ct__nomem(error);
        wanted.value = value;
        err = find_option(table, i, &wanted, &indices[i], error);
        json_decref(value);
    }
    return err;
}
