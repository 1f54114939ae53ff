/* From a suite's table to a model in PICT's terms. */
#include <generator/pict_inner.h>
#include <generator/suite.h>
#include <stdlib.h>
#include <string.h>

struct building {
    const struct ct__table *table;
    struct ct__suite_model *made;
    struct ct__pict_pool *pool;
    struct ct_error *error;
};

/* ---- values ---- */

static char *value_text(const struct ct_option *option)
{
    json_t *json = ct__option_to_json(option);
    char *text = json_is_string(json) ? strdup(json_string_value(json)) : json ? ct__json_shortest(json) : NULL;
    json_decref(json);
    return text;
}

static bool add_value(struct building *building, const struct ct_option *option, struct ct__pict_value *value)
{
    const char *label = ct_option_label(option);
    char *text = value_text(option);
    bool made = false;
    value->names = ct__pict_alloc(building->pool, 2, sizeof(*value->names));
    value->weight = 1;
    value->name_count = 1;
    if (option->type == CT_TYPE_INT) value->number = (double)option->as.i;
    if (option->type == CT_TYPE_REAL) value->number = option->as.d;
    if (text && value->names)
        made = ct__pict_name(building->pool, (struct ct__pict_span){ text, strlen(text) }, &value->names[0]);
    if (made && label && option->type != CT_TYPE_POINTER)
        made = ct__pict_name(building->pool, (struct ct__pict_span){ label, strlen(label) },
                             &value->names[value->name_count++]);
    free(text);
    return made;
}

static bool is_number(const struct ct_option *option)
{
    return option->type == CT_TYPE_INT || option->type == CT_TYPE_REAL;
}

/* An action without options has one value, null. */
static bool add_parameter(struct building *building, size_t action, struct ct__pict_parameter *parameter)
{
    static const struct ct_option none = CT_NULL;
    const struct ct__column *column = &building->table->columns[action];
    const char *name = building->table->suite->actions[action].name;
    if (!ct__pict_name(building->pool, (struct ct__pict_span){ name, strlen(name) }, &parameter->name)) return false;
    parameter->values = ct__pict_alloc(building->pool, column->count, sizeof(*parameter->values));
    if (!parameter->values) return false;
    parameter->value_count = column->count;
    parameter->numeric = column->options != NULL;
    parameter->labeled = true;
    for (size_t v = 0; v < column->count; v++) {
        const struct ct_option *option = column->options ? &column->options[v] : &none;
        if (!add_value(building, option, &parameter->values[v])) return false;
        parameter->numeric = parameter->numeric && is_number(option);
    }
    return true;
}

/* ---- case ---- */

static int compare_names(const void *left, const void *right)
{
    const struct ct__pict_name *const *a = left, *const *b = right;
    int order = strcmp((*a)->key, (*b)->key);
    return order != 0 ? order : strcmp((*a)->text, (*b)->text);
}

/* Whether two names are the same but for case. *names is sorted. */
static bool differ_by_case(const struct ct__pict_name **names, size_t count)
{
    if (count > 1) qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count; i++) {
        bool same = strcmp(names[i]->key, names[i - 1]->key) == 0;
        if (same && strcmp(names[i]->text, names[i - 1]->text) != 0) return true;
    }
    return false;
}

/* *found: two actions, or names of options of one action, are the same but for case. False: no memory. */
static bool look_for_case(const struct building *building, bool *found)
{
    const struct ct__pict *pict = building->made->pict;
    size_t most = pict->parameter_count;
    for (size_t i = 0; i < pict->parameter_count; i++)
        if (2 * pict->parameters[i].value_count > most) most = 2 * pict->parameters[i].value_count;
    const struct ct__pict_name **names = calloc(most + 1, sizeof(const struct ct__pict_name *));
    if (!names) return false;
    for (size_t i = 0; i < pict->parameter_count; i++) names[i] = &pict->parameters[i].name;
    *found = differ_by_case(names, pict->parameter_count);
    for (size_t i = 0; !*found && i < pict->parameter_count; i++) {
        size_t count = 0;
        for (size_t v = 0; v < pict->parameters[i].value_count; v++) {
            const struct ct__pict_value *value = &pict->parameters[i].values[v];
            for (size_t n = 0; n < value->name_count; n++) names[count++] = &value->names[n];
        }
        *found = differ_by_case(names, count);
    }
    free(names);
    return true;
}

/* ---- the model ---- */

static bool add_parameters(struct building *building)
{
    struct ct__pict *pict = building->made->pict;
    const struct ct__table *table = building->table;
    struct ct__factor *factors = ct__pict_alloc(building->pool, table->count, sizeof(*factors));
    pict->parameters = ct__pict_alloc(building->pool, table->count, sizeof(*pict->parameters));
    building->made->actions = ct__pict_alloc(building->pool, table->count, sizeof(*building->made->actions));
    if (!factors || !pict->parameters || !building->made->actions) return false;
    for (int serial = 1; serial >= 0; serial--) {
        for (size_t i = 0; i < table->count; i++) {
            size_t at = pict->parameter_count;
            if (table->suite->actions[i].serial != (serial == 1)) continue;
            if (!add_parameter(building, i, &pict->parameters[at])) return false;
            building->made->actions[at] = i;
            factors[at].value_count = (uint32_t)pict->parameters[at].value_count;
            pict->parameter_count++;
        }
    }
    pict->model.factors = factors;
    pict->model.factor_count = pict->parameter_count;
    return true;
}

static enum ct_err read_constraints(struct building *building)
{
    const struct ct_suite *suite = building->table->suite;
    struct ct_error why = { 0 };
    if (!suite->constraints) return CT_OK;
    if (!ct__utf8_valid(suite->constraints))
        return ct__error(building->error, CT_EINVAL, "suite '%s': its constraints are not UTF-8", suite->name);
    struct ct__pict_reader reader = { .model = building->made->pict,
                                      .pool = building->pool,
                                      .text = suite->constraints,
                                      .at = suite->constraints,
                                      .end = suite->constraints + strlen(suite->constraints),
                                      .strict = true,
                                      .error = &why };
    if (ct__pict_read_constraints(&reader)) return CT_OK;
    if (reader.err == CT_NOMEM) return ct__nomem(building->error);
    return ct__error(building->error, reader.err, "suite '%s': %s", suite->name, why.text);
}

static enum ct_err build(struct building *building, bool case_sensitive, bool *differs)
{
    struct ct__pict *pict = calloc(1, sizeof(*pict));
    building->made->pict = pict;
    if (!pict) return ct__nomem(building->error);
    pict->file = "constraints";
    pict->pool = building->pool = ct__pict_pool_new(case_sensitive);
    if (!pict->pool || !add_parameters(building)) return ct__nomem(building->error);
    if (!case_sensitive && !look_for_case(building, differs)) return ct__nomem(building->error);
    return *differs && !case_sensitive ? CT_OK : read_constraints(building);
}

static enum ct_err check_sizes(const struct ct__table *table, struct ct_error *error)
{
    const struct ct_suite *suite = table->suite;
    if (table->count > CT__FACTORS_MAX)
        return ct__error(error, CT_ETOOBIG, "suite '%s' has %zu actions; with constraints or a strength at most %u",
                         suite->name, table->count, CT__FACTORS_MAX);
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].count <= CT__VALUES_MAX) continue;
        return ct__error(error, CT_ETOOBIG,
                         "suite '%s': action '%s' has %zu options; with constraints or a strength at most %u",
                         suite->name, suite->actions[i].name, table->columns[i].count, CT__VALUES_MAX);
    }
    return CT_OK;
}

/* ---- rules ---- */

static size_t taken(const struct ct__suite_model *model, uint32_t factor, ct__digit_fn *digit, const void *user)
{
    return digit(user, model->actions[factor]);
}

static bool holds(const struct ct__suite_model *model, const struct ct__formula *formula, ct__digit_fn *digit,
                  const void *user)
{
    size_t value, other;
    switch (formula->kind) {
    case CT__FORMULA_IN: return ct__bit_is_set(formula->bits, taken(model, formula->factor, digit, user));
    case CT__FORMULA_RELATED:
        value = taken(model, formula->factor, digit, user);
        other = taken(model, formula->other, digit, user);
        return ct__bit_is_set(formula->bits, value * model->pict->model.factors[formula->other].value_count + other);
    case CT__FORMULA_NOT: return !holds(model, &formula->parts[0], digit, user);
    default: break;
    }
    bool all = formula->kind == CT__FORMULA_AND;
    for (size_t i = 0; i < formula->part_count; i++)
        if (holds(model, &formula->parts[i], digit, user) != all) return !all;
    return all;
}

static const char *broken(const struct ct__rules *rules, ct__digit_fn *digit, const void *user)
{
    const struct ct__suite_model *model = (const struct ct__suite_model *)(const void *)rules;
    for (size_t i = 0; i < model->pict->model.constraint_count; i++)
        if (!holds(model, &model->pict->model.constraints[i], digit, user)) return model->pict->constraints[i].text;
    return NULL;
}

static void release(struct ct__rules *rules)
{
    ct__suite_model_free((struct ct__suite_model *)(void *)rules);
}

enum ct_err ct__suite_model_new(const struct ct__table *table, struct ct__suite_model **model, struct ct_error *error)
{
    struct building building = { .table = table, .error = error };
    bool differs = false;
    enum ct_err err = check_sizes(table, error);
    if (err) return err;
    building.made = calloc(1, sizeof(*building.made));
    if (!building.made) return ct__nomem(error);
    building.made->rules = (struct ct__rules){ .broken = broken, .release = release };
    err = build(&building, false, &differs);
    if (!err && differs) {
        ct__pict_free(building.made->pict);
        err = build(&building, true, &differs);
    }
    if (err)
        ct__suite_model_free(building.made);
    else
        *model = building.made;
    return err;
}

void ct__suite_model_free(struct ct__suite_model *model)
{
    if (!model) return;
    ct__pict_free(model->pict);
    free(model);
}
