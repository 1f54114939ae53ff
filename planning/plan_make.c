/* From a suite to its plan. */
#include <actions/actions.h>
#include <errno.h>
#include <planning/rows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ct__making_note(const struct ct__making *making, const char *format, ...)
{
    char line[2048];
    va_list arguments;
    if (!making->planning->note) return;
    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    line[ct__utf8_cut(line, sizeof(line) - 1)] = '\0';
    making->planning->note(making->planning->note_user, line);
}

static void note_line(void *user, const char *line)
{
    ct__making_note(user, "%s", line);
}

/* The plan's table and the rows that it takes are handed over. */
static enum ct_err plan_rows(struct ct__making *making, bool possible, struct ct_plan **plan, struct ct_error *error)
{
    struct ct__rows *rows = NULL, none = { 0 };
    enum ct_err err = possible ? ct__making_rows(making, &rows, error) : CT_OK;
    struct ct__rows *made = rows ? rows : &none;
    if (!err && !made->values && !(made->values = calloc(1, sizeof(*made->values)))) err = ct__nomem(error);
    if (!err) err = ct__plan_new_rows(making->table, ct__table_free, made->values, made->count, plan, error);
    if (!err) made->values = NULL; /* taken */
    free(none.values);
    ct__rows_free(rows);
    return err;
}

/* Where there is more to it than the product. */
static enum ct_err plan_model(struct ct__making *making, struct ct_plan **plan, struct ct_error *error)
{
    bool possible = true;
    enum ct_err err = ct__suite_model_new(making->table, &making->model, error);
    if (!err) err = ct__suite_examine(making->model, note_line, making, &possible, error);
    if (!err && making->planning->strength > 0) err = plan_rows(making, possible, plan, error);
    if (!err && making->planning->strength == 0) {
        err = ct__plan_new(making->table, ct__table_free, plan, error);
        if (!err) ct__plan_take_rules(*plan, &making->model->rules);
        if (!err) making->model = NULL;
    }
    ct__suite_model_free(making->model);
    return err;
}

enum ct_err ct__plan_make(const struct ct__planning *planning, struct ct_plan **plan, struct ct_error *error)
{
    struct ct__making making = { .planning = planning };
    if (planning->strength < 0 || planning->strength > CT__STRENGTH_MAX)
        return ct__error(error, CT_EINVAL, "strength %d: expected 1 to %d, or 0 for the full product",
                         planning->strength, CT__STRENGTH_MAX);
    enum ct_err err = ct__table_new(planning->suite, planning->state, &making.table, error);
    if (!err && planning->runs) err = ct__table_check_travel(making.table, planning->gather, error);
    if (!err && planning->strength == 0 && !planning->suite->constraints)
        err = ct__plan_new(making.table, ct__table_free, plan, error);
    else if (!err)
        err = plan_model(&making, plan, error);
    if (err) ct__table_free(making.table);
    return err;
}

static enum ct_err check_rows(const struct ct__table *table, const uint16_t *rows, uint64_t row_count,
                              struct ct_error *error)
{
    size_t width = table->count, at = 0;
    for (int serial = 1; serial >= 0; serial--) {
        for (size_t i = 0; i < width; i++) {
            if (table->suite->actions[i].serial != (serial == 1)) continue;
            for (uint64_t r = 0; r < row_count; r++)
                if (rows[r * width + at] >= table->columns[i].count)
                    return ct__error(error, CT_EINVAL, "row %llu has an option that action '%s' has not",
                                     (unsigned long long)r, table->suite->actions[i].name);
            at++;
        }
    }
    return CT_OK;
}

enum ct_err ct__plan_remake(struct ct__table *table, uint16_t *rows, uint64_t row_count, struct ct_plan **plan,
                            struct ct_error *error)
{
    struct ct__suite_model *model = NULL;
    enum ct_err err = CT_OK;
    if (rows) {
        err = check_rows(table, rows, row_count, error);
        return err ? err : ct__plan_new_rows(table, ct__table_free, rows, row_count, plan, error);
    }
    if (table->suite->constraints) err = ct__suite_model_new(table, &model, error);
    if (!err) err = ct__plan_new(table, ct__table_free, plan, error);
    if (!err && model)
        ct__plan_take_rules(*plan, &model->rules);
    else
        ct__suite_model_free(model);
    return err;
}

enum ct_err ct_plan_new_with(const struct ct_suite *suite, const struct ct_plan_options *options, struct ct_plan **plan,
                             struct ct_error *error)
{
    static const struct ct_plan_options defaults;
    if (!options) options = &defaults;
    const struct ct__planning planning = { .suite = suite,
                                           .strength = options->strength,
                                           .seed = options->seed ? options->seed : 1,
                                           .seed_rows = options->seed_rows,
                                           .timeout_ms = options->timeout_ms,
                                           .note = options->note,
                                           .note_user = options->note_user,
                                           .progress = options->progress,
                                           .progress_user = options->progress_user };
    return ct__plan_make(&planning, plan, error);
}

enum ct_err ct_plan_new(const struct ct_suite *suite, struct ct_plan **plan, struct ct_error *error)
{
    return ct_plan_new_with(suite, NULL, plan, error);
}
