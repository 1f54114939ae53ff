/* The rows that a suite is to have: seed rows, and what is generated from them. */
#include <errno.h>
#include <planning/asking.h>
#include <planning/rows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- seed rows ---- */

struct seeds {
    struct ct__pict_rows *rows[2]; /* of the suite, of the file */
    const char *names[2];
    uint16_t *values; /* of both */
};

static enum ct_err read_text(const char *path, char **text, size_t *size, struct ct_error *error)
{
    char bytes[4096];
    size_t got;
    FILE *from = fopen(path, "re"), *to;
    if (!from) return ct__error(error, CT_ENOTFOUND, "seed rows: %.300s: %s", path, strerror(errno));
    to = open_memstream(text, size);
    while (to && (got = fread(bytes, 1, sizeof(bytes), from)) > 0) fwrite(bytes, 1, got, to);
    bool good = to && !ferror(from);
    int cause = errno;
    fclose(from);
    if (to && fclose(to) != 0) good = false;
    if (good) return CT_OK;
    if (to) free(*text);
    *text = NULL;
    return ct__error(error, CT_EIO, "seed rows: %.300s: %s", path, strerror(cause));
}

static enum ct_err read_rows(const struct ct__making *making, const char *name, const char *text, size_t size,
                             struct ct__pict_rows **rows, struct ct_error *error)
{
    enum ct_err err = ct__pict_rows_parse(making->model->pict, name, text, size, rows, error);
    for (size_t i = 0; !err && i < (*rows)->warning_count; i++) ct__making_note(making, "%s", (*rows)->warnings[i]);
    return err;
}

static enum ct_err join(struct ct__making *making, struct seeds *seeds, struct ct_error *error)
{
    size_t width = making->table->count, count = 0;
    for (size_t i = 0; i < 2; i++) count += seeds->rows[i] ? seeds->rows[i]->count : 0;
    seeds->values = calloc(count * width + 1, sizeof(*seeds->values));
    if (!seeds->values) return ct__nomem(error);
    count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (!seeds->rows[i]) continue;
        memcpy(seeds->values + count * width, seeds->rows[i]->values,
               seeds->rows[i]->count * width * sizeof(*seeds->values));
        count += seeds->rows[i]->count;
    }
    making->options.seeds = seeds->values;
    making->options.seed_count = count;
    return CT_OK;
}

static enum ct_err read_seeds(struct ct__making *making, struct seeds *seeds, struct ct_error *error)
{
    const char *text = making->planning->suite->seed_rows;
    char *file = NULL;
    size_t size = 0;
    enum ct_err err = CT_OK;
    seeds->names[0] = "seed_rows";
    seeds->names[1] = making->planning->seed_rows;
    if (text) err = read_rows(making, seeds->names[0], text, strlen(text), &seeds->rows[0], error);
    if (!err && seeds->names[1]) err = read_text(seeds->names[1], &file, &size, error);
    if (!err && file) err = read_rows(making, seeds->names[1], file, size, &seeds->rows[1], error);
    free(file);
    return err ? err : join(making, seeds, error);
}

static void note_dropped(const struct ct__making *making, const struct seeds *seeds, const struct ct__rows *rows)
{
    size_t first_count = seeds->rows[0] ? seeds->rows[0]->count : 0;
    for (size_t i = 0; i < rows->dropped_count; i++) {
        size_t seed = rows->dropped[i].seed, which = seed >= first_count, factor = rows->dropped[i].factor;
        const struct ct__pict_parameter *parameter = &making->model->pict->parameters[factor];
        const struct ct__pict_rows *from = seeds->rows[which];
        if (!from) continue; /* what is dropped came from one of them */
        size_t value = seeds->values[seed * rows->factor_count + factor];
        ct__making_note(making, "%s:%s%u: the constraints exclude %s=%s in this row; the value is left out",
                        seeds->names[which], from->numbered ? " row " : "",
                        from->lines[seed - (which ? first_count : 0)], parameter->name.text,
                        parameter->values[value].names[0].text);
    }
}

static void free_seeds(struct seeds *seeds)
{
    ct__pict_rows_free(seeds->rows[0]);
    ct__pict_rows_free(seeds->rows[1]);
    free(seeds->values);
}

static void tell(void *user, const struct ct__generate_progress *so_far)
{
    const struct ct__planning *planning = user;
    planning->progress(planning->progress_user, so_far->row_count);
}

enum ct_err ct__making_rows(struct ct__making *making, struct ct__rows **rows, struct ct_error *error)
{
    const struct ct__planning *planning = making->planning;
    struct ct__planning told = *planning;
    struct seeds seeds = { 0 };
    struct ct__rows *made = NULL;
    enum ct_err err;
    making->options =
        (struct ct__generate_options){ .random = planning->seed, .stop = planning->stop, .abandon = true };
    if (planning->progress) {
        making->options.progress = tell;
        making->options.progress_user = &told;
    }
    err = ct__suite_cover(making->model, planning->suite, planning->strength, &making->options.cover, error);
    if (!err) err = read_seeds(making, &seeds, error);
    if (!err && ct__asks(planning->suite))
        err = ct__agree(making, &made, error);
    else if (!err)
        err = ct__generate(&making->model->pict->model, &making->options, &made, error);
    if (err == CT_ENOTFOUND && planning->stop && atomic_load(planning->stop))
        err = ct__error(error, CT_ESYSTEM, "stopped before the rows were made; nothing was run");
    if (!err) {
        note_dropped(making, &seeds, made);
        *rows = made;
    }
    free_seeds(&seeds);
    return err;
}
