/* Rows as text. */
#include <cli/generate.h>
#include <stdlib.h>
#include <string.h>

struct cell {
    const char *name;
    bool negative;
};

struct ct__gen_writer {
    FILE *stream;
    const struct ct__pict *model;
    struct cell *cells; /* the row at hand */
    size_t count;
    size_t **turns; /* by parameter and value: how often it was written */
};

void ct__gen_print_value(FILE *stream, const struct ct__pict *model, size_t parameter, size_t value)
{
    const struct ct__pict_value *of = &model->parameters[parameter].values[value];
    fprintf(stream, "%s%s", of->negative ? model->negative_prefix : "", of->names[0].text);
}

static const char *prefix(const struct ct__gen_writer *writer, const struct cell *cell)
{
    return cell->negative ? writer->model->negative_prefix : "";
}

/* ---- PICT's text ---- */

static void pict_begin(const struct ct__gen_writer *writer)
{
    if (writer->model->has_bom) fputs("\xef\xbb\xbf", writer->stream);
    for (size_t i = 0; i < writer->count; i++)
        fprintf(writer->stream, "%s%s", i > 0 ? "\t" : "", writer->model->parameters[i].name.text);
    fputc('\n', writer->stream);
}

/* Most names have a character or two, for which a call of fputs is long. */
static void put_short(const char *text, FILE *stream)
{
    for (; *text != '\0'; text++) putc_unlocked(*text, stream);
}

static void pict_row(const struct ct__gen_writer *writer, bool last)
{
    (void)last;
    for (size_t i = 0; i < writer->count; i++) {
        const struct cell *cell = &writer->cells[i];
        if (i > 0) putc_unlocked('\t', writer->stream);
        if (cell->negative) put_short(writer->model->negative_prefix, writer->stream);
        put_short(cell->name, writer->stream);
    }
    putc_unlocked('\n', writer->stream);
}

static void no_end(const struct ct__gen_writer *writer)
{
    (void)writer;
}

/* ---- CSV, as RFC 4180 has it, but with line feeds ---- */

static void csv_text(FILE *stream, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') fputc('"', stream);
        fputc(*c, stream);
    }
}

static void csv_field(FILE *stream, const char *before, const char *text, bool last)
{
    const char *quote = strpbrk(text, ",\"\r\n") || strpbrk(before, ",\"") ? "\"" : "";
    fputs(quote, stream);
    csv_text(stream, before);
    csv_text(stream, text);
    fputs(quote, stream);
    fputc(last ? '\n' : ',', stream);
}

static void csv_begin(const struct ct__gen_writer *writer)
{
    for (size_t i = 0; i < writer->count; i++)
        csv_field(writer->stream, "", writer->model->parameters[i].name.text, i + 1 == writer->count);
}

static void csv_row(const struct ct__gen_writer *writer, bool last)
{
    (void)last;
    for (size_t i = 0; i < writer->count; i++)
        csv_field(writer->stream, prefix(writer, &writer->cells[i]), writer->cells[i].name, i + 1 == writer->count);
}

/* ---- JSON, in the form of PICT's /f:json ---- */

static void json_text(FILE *stream, const char *text)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    bool valid = ct__utf8_valid(text);
    fputc('"', stream);
    for (const char *c = text; *c != '\0'; c++) {
        size_t i = 0;
        while (named[i] != '\0' && named[i] != *c) i += 2;
        if (named[i] != '\0')
            fprintf(stream, "\\%c", named[i + 1]);
        else if ((unsigned char)*c < ' ')
            fprintf(stream, "\\u%04x", *c);
        else if ((unsigned char)*c >= 0x80 && !valid)
            fputs("\\ufffd", stream);
        else
            fputc(*c, stream);
    }
    fputc('"', stream);
}

static void json_begin(const struct ct__gen_writer *writer)
{
    fputs("[\n", writer->stream);
}

static void json_row(const struct ct__gen_writer *writer, bool last)
{
    fputs("  [\n", writer->stream);
    for (size_t i = 0; i < writer->count; i++) {
        fputs("    {\n      \"key\": ", writer->stream);
        json_text(writer->stream, writer->model->parameters[i].name.text);
        fputs(",\n      \"value\": ", writer->stream);
        json_text(writer->stream, writer->cells[i].name);
        fprintf(writer->stream, "\n    }%s\n", i + 1 < writer->count ? "," : "");
    }
    fprintf(writer->stream, "  ]%s\n", last ? "" : ",");
}

static void json_end(const struct ct__gen_writer *writer)
{
    fputs("]\n", writer->stream);
}

/* ---- a Markdown table ---- */

static void markdown_field(FILE *stream, const char *before, const char *text, bool last)
{
    fprintf(stream, "| %s", before);
    for (const char *c = text; *c != '\0'; c++) {
        if (strchr("|\\`*_<", *c)) fputc('\\', stream);
        fputc(*c, stream);
    }
    fputs(last ? " |\n" : " ", stream);
}

static void markdown_begin(const struct ct__gen_writer *writer)
{
    for (size_t i = 0; i < writer->count; i++)
        markdown_field(writer->stream, "", writer->model->parameters[i].name.text, i + 1 == writer->count);
    for (size_t i = 0; i < writer->count; i++) fputs("| --- ", writer->stream);
    fputs("|\n", writer->stream);
}

static void markdown_row(const struct ct__gen_writer *writer, bool last)
{
    (void)last;
    for (size_t i = 0; i < writer->count; i++)
        markdown_field(writer->stream, prefix(writer, &writer->cells[i]), writer->cells[i].name,
                       i + 1 == writer->count);
}

const struct ct__gen_format ct__gen_formats[] = {
    { "pict", pict_begin, pict_row, no_end },
    { "csv", csv_begin, csv_row, no_end },
    { "json", json_begin, json_row, json_end },
    { "markdown", markdown_begin, markdown_row, no_end },
};
const size_t ct__gen_format_count = CT_COUNT(ct__gen_formats);

/* ---- rows ---- */

static bool is_negative(const struct ct__pict *model, const uint16_t *row)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (row[i] != CT__ANY && model->parameters[i].values[row[i]].negative) return true;
    }
    return false;
}

static void fill_cells(const struct ct__gen_writer *writer, const uint16_t *row)
{
    for (size_t i = 0; i < writer->count; i++) {
        if (row[i] == CT__ANY) {
            writer->cells[i] = (struct cell){ .name = "?" };
            continue;
        }
        const struct ct__pict_value *value = &writer->model->parameters[i].values[row[i]];
        size_t turn = value->name_count == 1 ? 0 : writer->turns[i][row[i]]++ % value->name_count;
        writer->cells[i] = (struct cell){ .name = value->names[turn].text, .negative = value->negative };
    }
}

/* Writes the rows that are negative, or those that are not; left counts what is to come. */
static void write_part(const struct ct__gen_writer *writer, const struct ct__gen_format *format,
                       const struct ct__rows *rows, bool negative, size_t *left)
{
    for (size_t i = 0; i < writer->count; i++)
        memset(writer->turns[i], 0, writer->model->parameters[i].value_count * sizeof(size_t));
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * writer->count;
        if (is_negative(writer->model, row) != negative) continue;
        fill_cells(writer, row);
        format->row(writer, --*left == 0);
    }
}

static void clear_writer(struct ct__gen_writer *writer)
{
    for (size_t i = 0; writer->turns && i < writer->count; i++) free(writer->turns[i]);
    free(writer->turns);
    free(writer->cells);
}

static bool start_writer(struct ct__gen_writer *writer)
{
    writer->cells = calloc(writer->count, sizeof(*writer->cells));
    writer->turns = calloc(writer->count, sizeof(*writer->turns));
    if (!writer->cells || !writer->turns) return false;
    for (size_t i = 0; i < writer->count; i++) {
        writer->turns[i] = calloc(writer->model->parameters[i].value_count, sizeof(**writer->turns));
        if (!writer->turns[i]) return false;
    }
    return true;
}

enum ct_err ct__gen_write(FILE *stream, const struct ct__gen_format *format, const struct ct__pict *model,
                          const struct ct__rows *rows, struct ct_error *error)
{
    struct ct__gen_writer writer = { .stream = stream, .model = model, .count = model->parameter_count };
    enum ct_err err = start_writer(&writer) ? CT_OK : ct__nomem(error);
    if (!err) {
        size_t left = rows->count;
        format->begin(&writer);
        write_part(&writer, format, rows, false, &left);
        write_part(&writer, format, rows, true, &left);
        format->end(&writer);
    }
    clear_writer(&writer);
    return err;
}
