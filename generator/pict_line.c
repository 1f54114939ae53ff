/* The lines of a model that define a parameter or a sub-model. */
#include <float.h>
#include <generator/pict_inner.h>
#include <stdlib.h>
#include <string.h>

/* Text that is a number and nothing else. */
static bool whole_number(struct ct__pict_reader *reader, struct ct__pict_span span, double *number)
{
    span = ct__pict_trim(span);
    char *text = ct__pict_copy(reader->pool, span.at, span.size);
    if (!text) return ct__pict_no_memory(reader);
    return span.size > 0 && ct__pict_number(reader->pool, text, number) == span.size;
}

/* As whole_number, of a positive one, cut to an integer up to 10^9. */
static bool positive(struct ct__pict_reader *reader, struct ct__pict_span span, unsigned *number)
{
    double value = 0;
    if (!whole_number(reader, span, &value) || !(value >= 1) || value > DBL_MAX) return false;
    *number = value < 1e9 ? (unsigned)value : 1000000000u;
    return true;
}

static struct ct__pict_span between(const char *begin, const char *end)
{
    return (struct ct__pict_span){ .at = begin, .size = (size_t)(end - begin) };
}

/* ---- values ---- */

/* "text (10)": cuts the weight off. What is no weight stays part of the text. */
static unsigned take_weight(struct ct__pict_reader *reader, struct ct__pict_span *text)
{
    unsigned weight = 1;
    if (text->size == 0 || text->at[text->size - 1] != ')') return 1;
    const char *open = memrchr(text->at, '(', text->size);
    if (!open || !positive(reader, between(open + 1, text->at + text->size - 1), &weight)) return 1;
    *text = ct__pict_trim(between(text->at, open));
    return weight;
}

static bool add_name(struct ct__pict_reader *reader, struct ct__pict_value *value, struct ct__pict_span text)
{
    struct ct__pict_name *names = ct__pict_grow(reader->pool, value->names, value->name_count, sizeof(*names));
    if (!names || !ct__pict_name(reader->pool, text, &names[value->name_count])) return ct__pict_no_memory(reader);
    value->names = names;
    value->name_count++;
    return true;
}

static bool read_value(struct ct__pict_reader *reader, struct ct__pict_span text, struct ct__pict_value *value)
{
    struct ct__pict_span name;
    bool more = true, good = true;
    value->weight = take_weight(reader, &text);
    while (good && ct__pict_split(&text, &more, reader->aliases, &name)) {
        name = ct__pict_trim(name);
        if (value->name_count == 0 && ct__pict_begins(name, reader->negative)) {
            value->negative = true;
            size_t size = strlen(reader->negative);
            name = ct__pict_trim((struct ct__pict_span){ .at = name.at + size, .size = name.size - size });
        }
        good = add_name(reader, value, name);
    }
    return good && !reader->err;
}

static bool add_value(struct ct__pict_reader *reader, struct ct__pict_parameter *parameter, const char *at,
                      const struct ct__pict_value *value)
{
    if (parameter->value_count >= CT__VALUES_MAX)
        return ct__pict_too_big(reader, at, "expected at most %u values of one parameter", CT__VALUES_MAX);
    struct ct__pict_value *values = ct__pict_grow(reader->pool, parameter->values, parameter->value_count,
                                                  sizeof(*values));
    if (!values) return ct__pict_no_memory(reader);
    parameter->values = values;
    values[parameter->value_count++] = *value;
    if (value->negative) reader->model->has_negative = true;
    return true;
}

/* "<name>": the values of a parameter that is there already; NULL for what names none. */
static const struct ct__pict_parameter *find_reused(struct ct__pict_reader *reader, struct ct__pict_span text)
{
    struct ct__pict *model = reader->model;
    if (text.size < 2 || text.at[0] != '<' || text.at[text.size - 1] != '>') return NULL;
    size_t found = ct__pict_parameter_find(model, text.at + 1, text.size - 2);
    return found < model->parameter_count ? &model->parameters[found] : NULL;
}

static bool add_values(struct ct__pict_reader *reader, struct ct__pict_parameter *parameter, struct ct__pict_span text)
{
    text = ct__pict_trim(text);
    const struct ct__pict_parameter *reused = find_reused(reader, text);
    if (!reused) {
        struct ct__pict_value value = { 0 };
        return read_value(reader, text, &value) && add_value(reader, parameter, text.at, &value);
    }
    for (size_t i = 0; i < reused->value_count; i++) {
        if (!add_value(reader, parameter, text.at, &reused->values[i])) return false;
    }
    return true;
}

/* ---- parameters ---- */

/* A parameter's type is decided by the first names of all its values, the negative ones too. */
static void find_type(struct ct__pict_reader *reader, struct ct__pict_parameter *parameter)
{
    parameter->numeric = true;
    for (size_t i = 0; i < parameter->value_count; i++) {
        const char *text = parameter->values[i].names[0].text;
        size_t size = ct__pict_number(reader->pool, text, &parameter->values[i].number);
        if (size == 0 || text[size] != '\0') parameter->numeric = false;
    }
}

static bool check_parameter(struct ct__pict_reader *reader, const struct ct__pict_parameter *parameter, const char *at)
{
    const struct ct__pict *model = reader->model;
    const char *name = parameter->name.text;
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (strcmp(model->parameters[i].name.key, parameter->name.key) == 0)
            return ct__pict_fail(reader, at, "expected another name: parameter '%.80s' is defined on line %u already",
                                 name, model->parameters[i].line);
    }
    for (size_t i = 0; i < parameter->value_count; i++) {
        if (!parameter->values[i].negative) return true;
    }
    return ct__pict_fail(reader, at, "expected a value that is not negative: parameter '%.80s' has none", name);
}

/* "name @ 3": the name and an order of its own. */
static bool read_name(struct ct__pict_reader *reader, struct ct__pict_span text, struct ct__pict_parameter *parameter)
{
    const char *at = memchr(text.at, '@', text.size);
    struct ct__pict_span order = between(at ? at + 1 : text.at, text.at + text.size);
    double number = 0;
    if (at && !memchr(order.at, '@', order.size) && whole_number(reader, order, &number)) {
        if (number >= 1 && number < 1e9) parameter->order = (unsigned)number;
        text = between(text.at, at);
    }
    text = ct__pict_trim(text);
    parameter->result = ct__pict_begins(text, "$");
    return ct__pict_name(reader->pool, text, &parameter->name) || ct__pict_no_memory(reader);
}

bool ct__pict_read_parameter(struct ct__pict_reader *reader, struct ct__pict_span line)
{
    struct ct__pict *model = reader->model;
    struct ct__pict_parameter parameter = { .line = ct__pict_place(reader, line.at).line };
    struct ct__pict_span rest = line, name, text;
    bool more = true, named = ct__pict_search(line, ":") != NULL;
    ct__pict_split(&rest, &more, named ? ":" : reader->values, &name);
    if (!more) return ct__pict_fail(reader, line.at + line.size, "expected ':' and the values of the parameter");
    if (model->parameter_count >= CT__FACTORS_MAX)
        return ct__pict_too_big(reader, line.at, "expected at most %u parameters", CT__FACTORS_MAX);
    if (!read_name(reader, name, &parameter)) return false;
    while (ct__pict_split(&rest, &more, reader->values, &text)) {
        if (!add_values(reader, &parameter, text)) return false;
    }
    find_type(reader, &parameter);
    if (!check_parameter(reader, &parameter, line.at)) return false;
    struct ct__pict_parameter *parameters = ct__pict_grow(reader->pool, model->parameters, model->parameter_count,
                                                          sizeof(*parameters));
    if (!parameters) return ct__pict_no_memory(reader);
    model->parameters = parameters;
    parameters[model->parameter_count++] = parameter;
    return true;
}

/* ---- sub-models ---- */

/* Reads the names between the braces, separated so. *unknown is the first that the model does not have. False: no
 * memory. */
static bool read_members(struct ct__pict_reader *reader, struct ct__pict_span names, const char *separator,
                         bool *member, struct ct__pict_span *unknown)
{
    struct ct__pict_span name;
    bool more = true;
    unknown->at = NULL;
    while (ct__pict_split(&names, &more, separator, &name)) {
        name = ct__pict_trim(name);
        size_t found = ct__pict_parameter_find(reader->model, name.at, name.size);
        if (found == SIZE_MAX) return ct__pict_no_memory(reader);
        bool known = found < reader->model->parameter_count;
        if (!known && !unknown->at) *unknown = name;
        if (known && member[found] &&
            !ct__pict_warn_at(reader, name.at, "'%.*s' is in this sub-model twice", (int)name.size, name.at))
            return false;
        if (known) member[found] = true;
    }
    return true;
}

static bool add_submodel(struct ct__pict_reader *reader, const bool *member, unsigned order)
{
    struct ct__pict *model = reader->model;
    struct ct__pict_submodel submodel = { .order = order };
    struct ct__pict_submodel *submodels = ct__pict_grow(reader->pool, model->submodels, model->submodel_count,
                                                        sizeof(*submodels));
    submodel.parameters = ct__pict_alloc(reader->pool, model->parameter_count, sizeof(*submodel.parameters));
    if (!submodels || !submodel.parameters) return ct__pict_no_memory(reader);
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (member[i]) submodel.parameters[submodel.count++] = i;
    }
    model->submodels = submodels;
    submodels[model->submodel_count++] = submodel;
    return true;
}

static bool read_order(struct ct__pict_reader *reader, struct ct__pict_span rest, unsigned *order)
{
    *order = 0;
    rest = ct__pict_trim(rest);
    if (rest.size == 0) return true;
    if (rest.at[0] != '@') return ct__pict_fail(reader, rest.at, "expected '@' and an order, or the line's end");
    if (positive(reader, between(rest.at + 1, rest.at + rest.size), order)) return true;
    return ct__pict_fail(reader, rest.at + 1, "expected the sub-model's order, a whole number from 1");
}

bool ct__pict_read_submodel(struct ct__pict_reader *reader, struct ct__pict_span line)
{
    unsigned order;
    struct ct__pict_span unknown;
    const char *close = memchr(line.at, '}', line.size);
    bool *member = ct__pict_alloc(reader->pool, reader->model->parameter_count, sizeof(*member));
    if (!member) return ct__pict_no_memory(reader);
    if (line.at[0] != '{')
        return ct__pict_fail(reader, line.at, "expected a sub-model, \"{ A, B } @ 2\", or a constraint");
    if (!close) return ct__pict_fail(reader, line.at + line.size, "expected '}' after the sub-model's parameters");
    struct ct__pict_span names = ct__pict_trim(between(line.at + 1, close));
    if (names.size == 0) return ct__pict_fail(reader, close, "expected the names of the sub-model's parameters");
    if (!read_order(reader, between(close + 1, line.at + line.size), &order)) return false;
    if (!read_members(reader, names, ",", member, &unknown)) return false;
    if (unknown.at && strcmp(reader->values, ",") != 0) {
        memset(member, 0, reader->model->parameter_count * sizeof(*member));
        if (!read_members(reader, names, reader->values, member, &unknown)) return false;
    }
    if (unknown.at)
        return ct__pict_warn_at(reader, unknown.at, "there is no parameter '%.*s'; the sub-model is left out",
                                (int)(unknown.size < 80 ? unknown.size : 80), unknown.at);
    size_t count = 0;
    for (size_t i = 0; i < reader->model->parameter_count; i++) count += member[i];
    if (order > count)
        return ct__pict_fail(reader, (const char *)memchr(close, '@', (size_t)(line.at + line.size - close)) + 1,
                             "expected an order of at most %zu, which is how many parameters the sub-model has", count);
    return add_submodel(reader, member, order);
}
