/* Rows as they are written: a line of names, then lines of values, with tabs between as PICT seeds them, or as CSV; or
 * JSON as PICT writes it. */
#include <generator/pict_inner.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row_reader {
    struct ct__pict *model;
    struct ct__pict_rows *rows;
    struct ct__pict_span rest;
    bool more, csv;
    const char *file;
    unsigned line;
    size_t *columns; /* the parameter of each column; parameter_count: of none */
    size_t column_count;
    struct ct_error *error;
    enum ct_err err;
};

static bool no_memory(struct row_reader *reader)
{
    if (!reader->err) reader->err = ct__nomem(reader->error);
    return false;
}

static bool warn(struct row_reader *reader, const char *what, struct ct__pict_span span, const char *consequence)
{
    struct ct__pict_rows *rows = reader->rows;
    char text[512];
    snprintf(text, sizeof(text), "%.100s:%s%u: %s '%.*s'%s", reader->file, reader->rows->numbered ? " row " : "",
             reader->line, what, (int)(span.size < 80 ? span.size : 80), span.at, consequence);
    return ct__pict_warn(rows->pool, &rows->warnings, &rows->warning_count, text) || no_memory(reader);
}

/* The next line, without its end. False after the last. */
static bool next_line(struct row_reader *reader, struct ct__pict_span *line)
{
    if (!ct__pict_split(&reader->rest, &reader->more, "\n", line)) return false;
    reader->line++;
    if (line->size > 0 && line->at[line->size - 1] == '\r') line->size--;
    return true;
}

/* The first cell of *rest, which begins with a quote: "" is one, and what follows the closing one is passed over.
 * False: no memory. */
static bool take_quoted(struct row_reader *reader, struct ct__pict_span *rest, bool *more, struct ct__pict_span *cell)
{
    const char *end = rest->at + rest->size, *at = rest->at + 1;
    char *text = ct__pict_alloc(reader->rows->pool, rest->size, 1);
    size_t used = 0;
    if (!text) return no_memory(reader);
    while (at < end) {
        if (*at == '"' && (++at == end || *at != '"')) break;
        text[used++] = *at++;
    }
    struct ct__pict_span passed;
    *rest = (struct ct__pict_span){ .at = at, .size = (size_t)(end - at) };
    ct__pict_split(rest, more, ",", &passed);
    *cell = (struct ct__pict_span){ .at = text, .size = used };
    return true;
}

/* The next cell of a line. False after the last, or after an error. */
static bool next_cell(struct row_reader *reader, struct ct__pict_span *rest, bool *more, struct ct__pict_span *cell)
{
    if (*more && reader->csv && rest->size > 0 && rest->at[0] == '"') return take_quoted(reader, rest, more, cell);
    return ct__pict_split(rest, more, reader->csv ? "," : "\t", cell);
}

/* Whether there are commas between the names: no tab is, and the line is no single name. */
static bool is_csv(struct row_reader *reader, struct ct__pict_span line)
{
    if (memchr(line.at, '\t', line.size) || !memchr(line.at, ',', line.size)) return false;
    line = ct__pict_trim(line);
    return ct__pict_parameter_find(reader->model, line.at, line.size) == reader->model->parameter_count;
}

static bool read_names(struct row_reader *reader)
{
    struct ct__pict_span line, name = { 0 };
    bool more = true;
    size_t known = 0, none = reader->model->parameter_count;
    if (!next_line(reader, &line)) return true;
    reader->csv = is_csv(reader, line);
    while (next_cell(reader, &line, &more, &name)) {
        reader->columns = ct__pict_grow(reader->rows->pool, reader->columns, reader->column_count,
                                        sizeof(*reader->columns));
        name = ct__pict_trim(name);
        size_t found = ct__pict_parameter_find(reader->model, name.at, name.size);
        if (!reader->columns || found == SIZE_MAX) return no_memory(reader);
        reader->columns[reader->column_count++] = found;
        known += found < none;
        if (found == none && !warn(reader, "there is no parameter", name, "; its column is left out")) return false;
    }
    if (known > 0 || reader->err) return !reader->err;
    reader->err = ct__error(reader->error, CT_EINVAL,
                            "%.100s:1:1: expected the names of the model's parameters with tabs or commas between them",
                            reader->file);
    return false;
}

/* Fills in a value of a row; what the model does not know is left open. */
static bool read_value(struct row_reader *reader, size_t parameter, struct ct__pict_span text, uint16_t *row, bool *any)
{
    size_t value = ct__pict_value_find(reader->model, parameter, text.at, text.size);
    if (value == SIZE_MAX) return no_memory(reader);
    if (value < reader->model->parameters[parameter].value_count) {
        row[parameter] = (uint16_t)value;
        *any = true;
        return true;
    }
    bool open = reader->model->parameters[parameter].result && text.size == 1 && text.at[0] == '?';
    return text.size == 0 || open || warn(reader, "there is no value", text, "; it is left out");
}

static bool read_cell(struct row_reader *reader, size_t column, struct ct__pict_span text, uint16_t *row, bool *any)
{
    size_t parameter = column < reader->column_count ? reader->columns[column] : reader->model->parameter_count;
    text = ct__pict_trim(text);
    if (column == reader->column_count && !warn(reader, "there is no column for", text, "; it is left out"))
        return false;
    return parameter == reader->model->parameter_count || read_value(reader, parameter, text, row, any);
}

/* Room for one more row, with nothing in it yet. NULL: no memory. */
static uint16_t *new_row(struct row_reader *reader)
{
    struct ct__pict_rows *rows = reader->rows;
    size_t width = reader->model->parameter_count;
    uint16_t *values = ct__pict_grow(rows->pool, rows->values, rows->count, width * sizeof(*values));
    if (values) rows->values = values;
    unsigned *lines = ct__pict_grow(rows->pool, rows->lines, rows->count, sizeof(*lines));
    if (lines) rows->lines = lines;
    if (!values || !lines) {
        no_memory(reader);
        return NULL;
    }
    lines[rows->count] = reader->line;
    memset(values + rows->count * width, 0xff, width * sizeof(*values));
    return values + rows->count * width;
}

static bool read_row(struct row_reader *reader, struct ct__pict_span line)
{
    size_t column = 0;
    struct ct__pict_span text = { 0 };
    bool more = true, any = false;
    uint16_t *row = new_row(reader);
    if (!row) return false;
    while (next_cell(reader, &line, &more, &text)) {
        if (!read_cell(reader, column++, text, row, &any)) return false;
    }
    reader->rows->count += any;
    return !reader->err;
}

static void read_rows(struct row_reader *reader)
{
    struct ct__pict_span line;
    if (!read_names(reader)) return;
    while (next_line(reader, &line)) {
        bool ends = ct__pict_trim(line).size == 0 && !memchr(line.at, '\t', line.size);
        if (ends || !read_row(reader, line)) return;
    }
}

/* ---- JSON: a list of rows, each a list of {"key": name, "value": value} ---- */

static const char mark[] = "\xef\xbb\xbf";

/* A list in a list: no line of names begins so. */
static bool is_json(struct ct__pict_span text)
{
    text = ct__pict_trim(text);
    if (!ct__pict_begins(text, "[")) return false;
    text = ct__pict_trim((struct ct__pict_span){ .at = text.at + 1, .size = text.size - 1 });
    return ct__pict_begins(text, "[") || ct__pict_begins(text, "]");
}

static bool expected_pair(struct row_reader *reader)
{
    reader->err = ct__error(reader->error, CT_EINVAL,
                            "%.100s: row %u: expected a list of {\"key\": …, \"value\": …}, both of them strings",
                            reader->file, reader->line);
    return false;
}

/* *strange has the keys that no parameter has, each of which is warned of once. */
static bool read_pair(struct row_reader *reader, const json_t *pair, json_t *strange, uint16_t *row, bool *any)
{
    const char *key = json_string_value(json_object_get(pair, "key"));
    const char *value = json_string_value(json_object_get(pair, "value"));
    if (!key || !value) return expected_pair(reader);
    struct ct__pict_span name = { .at = key, .size = strlen(key) }, text = { .at = value, .size = strlen(value) };
    if (ct__pict_begins(name, mark)) name = (struct ct__pict_span){ key + strlen(mark), name.size - strlen(mark) };
    name = ct__pict_trim(name);
    size_t parameter = ct__pict_parameter_find(reader->model, name.at, name.size);
    if (parameter == SIZE_MAX) return no_memory(reader);
    if (parameter < reader->model->parameter_count) return read_value(reader, parameter, ct__pict_trim(text), row, any);
    if (json_object_get(strange, key)) return true;
    if (json_object_set_new(strange, key, json_true()) != 0) return no_memory(reader);
    return warn(reader, "there is no parameter", name, "; it is left out");
}

static bool read_list(struct row_reader *reader, const json_t *list, json_t *strange)
{
    bool any = false;
    uint16_t *row = new_row(reader);
    if (!row) return false;
    if (!json_is_array(list)) return expected_pair(reader);
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!read_pair(reader, json_array_get(list, i), strange, row, &any)) return false;
    reader->rows->count += any;
    return true;
}

static void read_json(struct row_reader *reader)
{
    json_error_t wrong;
    json_t *lists = json_loadb(reader->rest.at, reader->rest.size, 0, &wrong), *strange = json_object();
    reader->rows->numbered = true;
    if (!lists && json_error_code(&wrong) != json_error_out_of_memory)
        reader->err = ct__error(reader->error, CT_EINVAL, "%.100s:%d:%d: expected JSON: %s", reader->file, wrong.line,
                                wrong.column, wrong.text);
    else if (!lists || !strange)
        no_memory(reader);
    for (size_t i = 0; !reader->err && i < json_array_size(lists); i++) {
        reader->line++;
        if (!read_list(reader, json_array_get(lists, i), strange)) break;
    }
    json_decref(lists);
    json_decref(strange);
}

enum ct_err ct__pict_rows_parse(struct ct__pict *model, const char *file, const char *text, size_t size,
                                struct ct__pict_rows **rows, struct ct_error *error)
{
    enum ct_err err = ct__pict_check_text(file, text, size, error);
    struct ct__pict_rows *made = calloc(1, sizeof(*made));
    struct row_reader reader = { .model = model, .rows = made, .file = file, .more = true, .error = error, .err = err };
    if (!err && made) made->pool = ct__pict_pool_new(false);
    if (!err && (!made || !made->pool)) no_memory(&reader);
    reader.rest = (struct ct__pict_span){ .at = text, .size = size };
    if (ct__pict_begins(reader.rest, mark))
        reader.rest = (struct ct__pict_span){ .at = text + strlen(mark), .size = size - strlen(mark) };
    if (!reader.err && is_json(reader.rest))
        read_json(&reader);
    else if (!reader.err)
        read_rows(&reader);
    if (!reader.err) {
        *rows = made;
        return CT_OK;
    }
    ct__pict_rows_free(made);
    return reader.err;
}

void ct__pict_rows_free(struct ct__pict_rows *rows)
{
    if (!rows) return;
    ct__pict_pool_free(rows->pool);
    free(rows);
}
