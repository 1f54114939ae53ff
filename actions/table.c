/* A suite as read: checked, its options and state copied. */
#include <actions/actions_inner.h>
#include <stdlib.h>
#include <string.h>

#define STRENGTH_MAX 12

static enum ct_err wrong_action(const struct ct_suite *suite, const struct ct_action *action, const char *why,
                                struct ct_error *error)
{
    return ct__error(error, CT_EINVAL, "suite '%s': action '%s' %s", suite->name, action->name, why);
}

static enum ct_err check_action(const struct ct_suite *suite, const struct ct_action *action, struct ct_error *error)
{
    int ways = (action->options != NULL) + (action->source != NULL) + action->once;
    if (action->run == NULL) return wrong_action(suite, action, "has no run function", error);
    if (ways == 0 && action->option_count == 0)
        return wrong_action(suite, action, "has no options: give it options, a source, or once", error);
    if (ways == 0) return wrong_action(suite, action, "has an option_count, but its options are NULL", error);
    if (ways > 1) return wrong_action(suite, action, "has more than one of options, source and once", error);
    if (action->options != NULL && action->option_count == 0)
        return wrong_action(suite, action, "has no options: its option_count is 0", error);
    if (action->scope != CT_SCOPE_RUN && action->scope != CT_SCOPE_HOST)
        return wrong_action(suite, action, "has a scope that is none", error);
    if (action->scope != CT_SCOPE_RUN && !action->serial)
        return wrong_action(suite, action, "has a scope, but is not serial", error);
    if (action->timeout_ms < 0) return wrong_action(suite, action, "has a negative timeout_ms", error);
    return CT_OK;
}

static int compare_names(const void *left, const void *right)
{
    const struct ct_action *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

static enum ct_err check_unique(const struct ct_suite *suite, struct ct_error *error)
{
    const struct ct_action **sorted = calloc(suite->action_count, sizeof *sorted);
    enum ct_err err = CT_OK;
    if (sorted == NULL) return ct__nomem(error);
    for (size_t i = 0; i < suite->action_count; i++) sorted[i] = &suite->actions[i];
    qsort(sorted, suite->action_count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < suite->action_count && err == CT_OK; i++)
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0)
            err = ct__error(error, CT_EINVAL, "suite '%s': two actions are named '%s'; names must differ", suite->name,
                            sorted[i]->name);
    free(sorted);
    return err;
}

static enum ct_err check_actions(const struct ct_suite *suite, struct ct_error *error)
{
    if (suite->actions == NULL || suite->action_count == 0)
        return ct__error(error, CT_EINVAL, "suite '%s' has no actions", suite->name);
    for (size_t i = 0; i < suite->action_count; i++) {
        const struct ct_action *action = &suite->actions[i];
        enum ct_err err;
        if (action->name == NULL || action->name[0] == '\0')
            return ct__error(error, CT_EINVAL, "suite '%s': action %zu (counted from 0) has no name", suite->name, i);
        if (!ct__utf8_valid(action->name))
            return ct__error(error, CT_EINVAL, "suite '%s': the name of action %zu (counted from 0) is not UTF-8",
                             suite->name, i);
        err = check_action(suite, action, error);
        if (err != CT_OK) return err;
    }
    return check_unique(suite, error);
}

static enum ct_err check_name(const struct ct_suite *suite, struct ct_error *error)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (suite == NULL) return ct__error(error, CT_EINVAL, "the suite is NULL");
    if (suite->name == NULL || suite->name[0] == '\0') return ct__error(error, CT_EINVAL, "the suite has no name");
    if (suite->name[strspn(suite->name, allowed)] != '\0')
        return ct__error(error, CT_EINVAL,
                         "suite '%.100s': a suite's name is made of letters, digits, '.', '_' and '-'", suite->name);
    if (strlen(suite->name) > CT__NAME_MAX)
        return ct__error(error, CT_EINVAL, "suite '%.100s...': a suite's name has at most %d bytes", suite->name,
                         CT__NAME_MAX);
    return CT_OK;
}

/* The index of the action of that name, or the suite's action_count. */
static size_t find_action(const struct ct_suite *suite, const char *name)
{
    size_t i = 0;
    while (i < suite->action_count && strcmp(suite->actions[i].name, name) != 0) i++;
    return i;
}

static enum ct_err check_strength(const struct ct_suite *suite, const struct ct_strength *group, struct ct_error *error)
{
    size_t count = 0;
    if (group->strength < 1 || group->strength > STRENGTH_MAX)
        return ct__error(error, CT_EINVAL, "suite '%s': CT_STRENGTH(%d, ...): a strength is 1 to %d", suite->name,
                         group->strength, STRENGTH_MAX);
    for (; count < CT_COUNT(group->actions) && group->actions[count] != NULL; count++) {
        const char *name = group->actions[count];
        if (find_action(suite, name) == suite->action_count)
            return ct__error(error, CT_EINVAL, "suite '%s': CT_STRENGTH(%d, ...): there is no action '%.80s'",
                             suite->name, group->strength, name);
        for (size_t i = 0; i < count; i++)
            if (strcmp(group->actions[i], name) == 0)
                return ct__error(error, CT_EINVAL, "suite '%s': CT_STRENGTH(%d, ...): action '%.80s' is there twice",
                                 suite->name, group->strength, name);
    }
    if (count > 0) return CT_OK;
    return ct__error(error, CT_EINVAL, "suite '%s': CT_STRENGTH(%d): names no action", suite->name, group->strength);
}

static enum ct_err check_suite(const struct ct_suite *suite, struct ct_error *error)
{
    enum ct_err err = check_name(suite, error);
    if (err != CT_OK) return err;
    if (suite->timeout_ms < 0) return ct__error(error, CT_EINVAL, "suite '%s' has a negative timeout_ms", suite->name);
    if (suite->state_type != NULL && suite->state_type->create == NULL)
        return ct__error(error, CT_EINVAL, "suite '%s': its state_type has no create", suite->name);
    err = check_actions(suite, error);
    for (size_t i = 0; i < suite->strength_count && err == CT_OK; i++)
        err = check_strength(suite, &suite->strengths[i], error);
    return err;
}

static enum ct_err parse_state(const struct ct_suite *suite, json_t **state, struct ct_error *error)
{
    struct ct_error why = { 0 };
    json_t *parsed = NULL;
    enum ct_err err = ct__json_parse(suite->state, &parsed, &why);
    if (err == CT_NOMEM) return ct__nomem(error);
    if (err != CT_OK) return ct__error(error, err, "suite '%s': its state is %s", suite->name, why.text);
    if (!ct__json_is_writable(parsed)) {
        json_decref(parsed);
        return ct__error(error, CT_EINVAL, "suite '%s': its state is nested deeper than %d values", suite->name,
                         CT__JSON_DEPTH);
    }
    *state = parsed;
    return CT_OK;
}

static enum ct_err read_state(const struct ct_suite *suite, const json_t *given, json_t **state, struct ct_error *error)
{
    json_t *made;
    if (given == NULL && suite->state != NULL) return parse_state(suite, state, error);
    if (given != NULL && !ct__json_is_writable(given))
        return ct__error(error, CT_EINVAL,
                         "suite '%s': the initial state cannot be written as JSON: it holds text that is not UTF-8, "
                         "contains itself, or is nested deeper than %d values",
                         suite->name, CT__JSON_DEPTH);
    made = given != NULL ? json_deep_copy(given) : json_object();
    if (made == NULL) return ct__nomem(error);
    *state = made;
    return CT_OK;
}

enum ct_err ct__table_new(const struct ct_suite *suite, const json_t *state, struct ct__table **table,
                          struct ct_error *error)
{
    struct ct__table *made;
    enum ct_err err = check_suite(suite, error);
    if (err != CT_OK) return err;
    made = calloc(1, sizeof *made);
    if (made == NULL) return ct__nomem(error);
    made->suite = suite;
    made->columns = calloc(suite->action_count, sizeof *made->columns);
    if (made->columns != NULL) made->count = suite->action_count;
    err = made->columns != NULL ? read_state(suite, state, &made->state, error) : ct__nomem(error);
    for (size_t i = 0; i < made->count && err == CT_OK; i++)
        err = ct__column_fill(suite, &suite->actions[i], &made->columns[i], error);
    if (err == CT_OK)
        *table = made;
    else
        ct__table_free(made);
    return err;
}

void ct__table_free(struct ct__table *table)
{
    if (table == NULL) return;
    for (size_t i = 0; i < table->count; i++) ct__column_clear(&table->columns[i]);
    free(table->columns);
    json_decref(table->state);
    free(table);
}

/* How many stages a walk runs through: a suite that begins with a serial action has none before it. */
static size_t count_stages(const struct ct_suite *suite)
{
    size_t stages = suite->actions[0].serial ? 0 : 1;
    for (size_t i = 0; i < suite->action_count; i++) stages += suite->actions[i].serial;
    return stages;
}

enum ct_err ct__table_check_travel(const struct ct__table *table, bool gather, struct ct_error *error)
{
    const struct ct_suite *suite = table->suite;
    const struct ct_state_type *type = suite->state_type;
    size_t stages = count_stages(suite);
    if (type == NULL) return CT_OK;
    if (stages > 1 && (type->to_json == NULL || type->from_json == NULL))
        return ct__error(error, CT_EINVAL,
                         "suite '%s': its states travel between %zu stages, so its state_type needs to_json and "
                         "from_json",
                         suite->name, stages);
    if (gather && type->to_json == NULL)
        return ct__error(error, CT_EINVAL, "suite '%s': its state_type needs to_json for its states to be gathered",
                         suite->name);
    return CT_OK;
}
