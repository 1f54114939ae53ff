/* Rows as PICT writes and seeds them: a line of names, then lines of values, with tabs between. */
#include <generator/pict_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row_reader {
    struct ct__pict *model;
    struct ct__pict_rows *rows;
    struct ct__pict_span rest;
    bool more;
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
    snprintf(text, sizeof(text), "%.100s:%u: %s '%.*s'%s", reader->file, reader->line, what,
             (int)(span.size < 80 ? span.size : 80), span.at, consequence);
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

static bool read_names(struct row_reader *reader)
{
    struct ct__pict_span line, name;
    bool more = true;
    size_t known = 0, none = reader->model->parameter_count;
    if (!next_line(reader, &line)) return true;
    while (ct__pict_split(&line, &more, "\t", &name)) {
        reader->columns = ct__pict_grow(reader->rows->pool, reader->columns, reader->column_count,
                                        sizeof(*reader->columns));
        name = ct__pict_trim(name);
        size_t found = ct__pict_parameter_find(reader->model, name.at, name.size);
        if (!reader->columns || found == SIZE_MAX) return no_memory(reader);
        reader->columns[reader->column_count++] = found;
        known += found < none;
        if (found == none && !warn(reader, "there is no parameter", name, "; its column is left out")) return false;
    }
    if (known > 0) return true;
    reader->err = ct__error(reader->error, CT_EINVAL,
                            "%.100s:1:1: expected the names of the model's parameters with tabs between them",
                            reader->file);
    return false;
}

/* Fills in one cell of a row; what the model does not know is left open. */
static bool read_cell(struct row_reader *reader, size_t column, struct ct__pict_span text, uint16_t *row, bool *any)
{
    size_t parameter = column < reader->column_count ? reader->columns[column] : reader->model->parameter_count;
    text = ct__pict_trim(text);
    if (column == reader->column_count && !warn(reader, "there is no column for", text, "; it is left out"))
        return false;
    if (parameter == reader->model->parameter_count) return true;
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

static bool read_row(struct row_reader *reader, struct ct__pict_span line)
{
    struct ct__pict_rows *rows = reader->rows;
    size_t width = reader->model->parameter_count, column = 0;
    struct ct__pict_span text;
    bool more = true, any = false;
    uint16_t *values = ct__pict_grow(rows->pool, rows->values, rows->count, width * sizeof(*values));
    if (!values) return no_memory(reader);
    rows->values = values;
    unsigned *lines = ct__pict_grow(rows->pool, rows->lines, rows->count, sizeof(*lines));
    if (!lines) return no_memory(reader);
    rows->lines = lines;
    uint16_t *row = values + rows->count * width;
    for (size_t i = 0; i < width; i++) row[i] = CT__ANY;
    while (ct__pict_split(&line, &more, "\t", &text)) {
        if (!read_cell(reader, column++, text, row, &any)) return false;
    }
    lines[rows->count] = reader->line;
    rows->count += any;
    return true;
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

enum ct_err ct__pict_rows_parse(struct ct__pict *model, const char *file, const char *text, size_t size,
                                struct ct__pict_rows **rows, struct ct_error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    enum ct_err err = ct__pict_check_text(file, text, size, error);
    struct ct__pict_rows *made = calloc(1, sizeof(*made));
    struct row_reader reader = { .model = model, .rows = made, .file = file, .more = true, .error = error, .err = err };
    if (!err && made) made->pool = ct__pict_pool_new(false);
    if (!err && (!made || !made->pool)) no_memory(&reader);
    reader.rest = (struct ct__pict_span){ .at = text, .size = size };
    if (ct__pict_begins(reader.rest, mark))
        reader.rest = (struct ct__pict_span){ .at = text + strlen(mark), .size = size - strlen(mark) };
    if (!reader.err) read_rows(&reader);
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
