/* A model's text: parameters, then sub-models, then constraints. */
#include <ctype.h>
#include <generator/pict_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

/* ---- messages ---- */

struct ct__pict_place ct__pict_place(struct ct__pict_reader *reader, const char *at)
{
    if (!reader->mark || at < reader->mark) {
        reader->mark = reader->text;
        reader->mark_place = (struct ct__pict_place){ .line = 1, .column = 1 };
    }
    struct ct__pict_place further = ct__pict_find_place(reader->mark, at);
    reader->mark = at;
    reader->mark_place.column = further.line > 1 ? further.column : reader->mark_place.column + further.column - 1;
    reader->mark_place.line += further.line - 1;
    return reader->mark_place;
}

static void fail(struct ct__pict_reader *reader, enum ct_err code, const char *at, const char *format,
                 va_list arguments)
{
    char what[400];
    if (reader->err) return;
    vsnprintf(what, sizeof(what), format, arguments);
    struct ct__pict_place place = ct__pict_place(reader, at);
    reader->err = ct__error(reader->error, code, "%.100s:%u:%u: %s", reader->model->file, place.line, place.column,
                            what);
}

bool ct__pict_fail(struct ct__pict_reader *reader, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(reader, CT_EINVAL, at, format, arguments);
    va_end(arguments);
    return false;
}

bool ct__pict_too_big(struct ct__pict_reader *reader, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(reader, CT_ETOOBIG, at, format, arguments);
    va_end(arguments);
    return false;
}

bool ct__pict_no_memory(struct ct__pict_reader *reader)
{
    if (!reader->err) reader->err = ct__nomem(reader->error);
    return false;
}

bool ct__pict_warn_at(struct ct__pict_reader *reader, const char *at, const char *format, ...)
{
    char what[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    struct ct__pict *model = reader->model;
    struct ct__pict_place place = ct__pict_place(reader, at);
    char warning[512];
    snprintf(warning, sizeof(warning), "%.100s:%u:%u: %s", model->file, place.line, place.column, what);
    if (ct__pict_warn(reader->pool, &model->warnings, &model->warning_count, warning)) return true;
    return ct__pict_no_memory(reader);
}

/* ---- lines ---- */

/* Whether a word begins the line and is a word of its own there. */
static bool begins_with_word(struct ct__pict_span line, const char *word)
{
    size_t size = strlen(word);
    if (line.size < size || strncasecmp(line.at, word, size) != 0) return false;
    unsigned char next = line.size > size ? (unsigned char)line.at[size] : ' ';
    if (ct__pict_wide_space(line.at + size, line.size - size) > 0) return true;
    return next < 0x80 && !isalnum(next) && next != '_' && next != ':';
}

/* Whether the line cannot be a parameter's: it has a bracket before any colon, or no separator at all. */
static bool is_no_parameter(const struct ct__pict_reader *reader, struct ct__pict_span line)
{
    const char *bracket = ct__pict_search(line, "["), *colon = ct__pict_search(line, ":");
    if (bracket && memchr(bracket, ']', (size_t)(line.at + line.size - bracket))) return !colon || bracket < colon;
    return !colon && !ct__pict_search(line, reader->values);
}

static bool is_function(struct ct__pict_span line)
{
    static const char *const names[] = { "ISNEGATIVE", "ISPOSITIVE" };
    for (size_t i = 0; i < CT_COUNT(names); i++) {
        size_t size = strlen(names[i]);
        if (line.size <= size || strncasecmp(line.at, names[i], size) != 0) continue;
        struct ct__pict_span rest = ct__pict_trim((struct ct__pict_span){ line.at + size, line.size - size });
        if (ct__pict_begins(rest, "(")) return true;
    }
    return false;
}

/* Constraints have no mark of their own: this is what PICT takes for one, and what cannot be anything else. */
static bool is_constraint(const struct ct__pict_reader *reader, struct ct__pict_span line)
{
    if (line.at[0] == '[') return memchr(line.at, ']', line.size) != NULL;
    if (is_function(line)) return true;
    if (begins_with_word(line, "IF") && line.size > 2 &&
        is_function(ct__pict_trim((struct ct__pict_span){ line.at + 2, line.size - 2 })))
        return true;
    if (line.at[0] != '(' && !begins_with_word(line, "IF") && !begins_with_word(line, "NOT")) return false;
    return is_no_parameter(reader, line);
}

/* The line at reader->at whole, where separators are white space that trimming would take for none. */
static struct ct__pict_span untrimmed(const struct ct__pict_reader *reader, struct ct__pict_span line)
{
    if (*reader->values != ' ' && *reader->values != '\t') return line;
    line = (struct ct__pict_span){ .at = reader->at, .size = strcspn(reader->at, "\n") };
    if (line.size > 0 && line.at[line.size - 1] == '\r') line.size--;
    return line;
}

/* The next line that is neither empty nor a comment, trimmed; false after the last. reader->at is left at its begin. */
static bool next_line(struct ct__pict_reader *reader, struct ct__pict_span *line, const char **after)
{
    while (reader->at < reader->end) {
        size_t size = strcspn(reader->at, "\n");
        *after = reader->at + size + (reader->at[size] == '\n');
        *line = ct__pict_trim((struct ct__pict_span){ .at = reader->at, .size = size });
        if (line->size > 0 && line->at[0] != '#') return true;
        reader->at = *after;
    }
    return false;
}

static bool read_sections(struct ct__pict_reader *reader)
{
    struct ct__pict_span line;
    const char *after;
    bool submodels = false;
    while (next_line(reader, &line, &after)) {
        if (is_constraint(reader, line)) return ct__pict_read_constraints(reader);
        submodels = submodels || (line.at[0] == '{' && memchr(line.at, '}', line.size));
        if (!(submodels ? ct__pict_read_submodel(reader, line)
                        : ct__pict_read_parameter(reader, untrimmed(reader, line))))
            return false;
        reader->at = after;
    }
    return true;
}

/* ---- the model ---- */

static bool fill_factor(struct ct__pict_reader *reader, const struct ct__pict_parameter *parameter,
                        struct ct__factor *factor)
{
    uint8_t *negative = ct__pict_alloc(reader->pool, parameter->value_count, sizeof(*negative));
    uint32_t *weights = ct__pict_alloc(reader->pool, parameter->value_count, sizeof(*weights));
    if (!negative || !weights) return ct__pict_no_memory(reader);
    factor->value_count = (uint32_t)parameter->value_count;
    for (size_t v = 0; v < parameter->value_count; v++) {
        negative[v] = parameter->values[v].negative;
        weights[v] = parameter->values[v].weight;
        if (negative[v]) factor->negative = negative;
        if (weights[v] != 1) factor->weights = weights;
    }
    return true;
}

static bool fill_model(struct ct__pict_reader *reader)
{
    struct ct__pict *model = reader->model;
    if (model->parameter_count == 0)
        return ct__pict_fail(reader, reader->text, "expected a parameter, \"name: value, value\": the model has none");
    struct ct__factor *factors = ct__pict_alloc(reader->pool, model->parameter_count, sizeof(*factors));
    if (!factors) return ct__pict_no_memory(reader);
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (!fill_factor(reader, &model->parameters[i], &factors[i])) return false;
    }
    model->model.factors = factors;
    model->model.factor_count = model->parameter_count;
    return true;
}

static bool start(struct ct__pict_reader *reader, const char *file, const char *text, size_t size)
{
    struct ct__pict *model = reader->model;
    model->has_bom = size >= strlen(BYTE_ORDER_MARK) && memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0;
    size_t skipped = model->has_bom ? strlen(BYTE_ORDER_MARK) : 0;
    char *copy = ct__pict_copy(reader->pool, text + skipped, size - skipped);
    model->file = ct__pict_copy(reader->pool, file, strlen(file));
    if (!copy || !model->file) return ct__pict_no_memory(reader);
    snprintf(model->negative_prefix, sizeof(model->negative_prefix), "%s", reader->negative);
    reader->text = reader->at = copy;
    reader->end = copy + size - skipped;
    return true;
}

enum ct_err ct__pict_parse(const char *file, const char *text, size_t size, const struct ct__pict_options *options,
                           struct ct__pict **model, struct ct_error *error)
{
    enum ct_err err = ct__pict_check_text(file, text, size, error);
    if (err) return err;
    struct ct__pict *made = calloc(1, sizeof(*made));
    if (!made) return ct__nomem(error);
    struct ct__pict_reader reader = {
        .model = made,
        .values = options->value_separator ? options->value_separator : ",",
        .aliases = options->alias_separator ? options->alias_separator : "|",
        .negative = options->negative_prefix ? options->negative_prefix : "~",
        .error = error,
    };
    reader.pool = made->pool = ct__pict_pool_new(options->case_sensitive);
    if (!reader.pool) ct__pict_no_memory(&reader);
    if (!reader.err && start(&reader, file, text, size) && read_sections(&reader) && fill_model(&reader)) {
        *model = made;
        return CT_OK;
    }
    ct__pict_free(made);
    return reader.err;
}

void ct__pict_free(struct ct__pict *model)
{
    if (!model) return;
    ct__pict_pool_free(model->pool);
    free(model);
}

size_t ct__pict_parameter_find(struct ct__pict *model, const char *name, size_t size)
{
    const char *key = ct__pict_key(model->pool, name, size);
    if (!key) return SIZE_MAX;
    size_t i = 0;
    while (i < model->parameter_count && strcmp(model->parameters[i].name.key, key) != 0) i++;
    return i;
}

static bool has_name(const struct ct__pict_value *value, const char *key)
{
    for (size_t i = 0; i < value->name_count; i++) {
        if (strcmp(value->names[i].key, key) == 0) return true;
    }
    return false;
}

size_t ct__pict_value_find(struct ct__pict *model, size_t parameter, const char *name, size_t size)
{
    const struct ct__pict_parameter *of = &model->parameters[parameter];
    struct ct__pict_span span = { .at = name, .size = size };
    bool negative = ct__pict_begins(span, model->negative_prefix);
    if (negative) {
        span.at += strlen(model->negative_prefix);
        span.size -= strlen(model->negative_prefix);
    }
    span = ct__pict_trim(span);
    const char *key = ct__pict_key(model->pool, span.at, span.size);
    if (!key) return SIZE_MAX;
    size_t found = of->value_count;
    for (size_t v = 0; v < of->value_count; v++) {
        if (!has_name(&of->values[v], key)) continue;
        if (of->values[v].negative == negative) return v;
        if (found == of->value_count) found = v;
    }
    return found;
}
