/* Expected results: what a row does not decide is left open. */
#include <cli/generate.h>
#include <stdlib.h>

static bool is_allowed(const struct ct__model *model, const uint16_t *row)
{
    for (size_t i = 0; i < model->constraint_count; i++) {
        if (!ct__formula_holds(&model->constraints[i], model, row)) return false;
    }
    return true;
}

/* Whether the rest of the row decides the value of an expected result. The row may change at it meanwhile. */
static bool is_decided(const struct ct__pict *model, uint16_t *row, size_t parameter)
{
    uint16_t before = row[parameter];
    size_t allowed = 0, values = model->parameters[parameter].value_count;
    for (size_t v = 0; v < values && allowed < 2; v++) {
        row[parameter] = (uint16_t)v;
        allowed += is_allowed(&model->model, row);
    }
    row[parameter] = before;
    return allowed == 1;
}

static bool has_results(const struct ct__pict *model)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        if (model->parameters[i].result) return true;
    }
    return false;
}

enum ct_err ct__gen_open_results(const struct ct__pict *model, struct ct__rows *rows, struct ct_error *error)
{
    size_t width = model->parameter_count;
    if (!has_results(model)) return CT_OK;
    bool *open = calloc(width, sizeof(*open));
    if (!open) return ct__nomem(error);
    for (size_t r = 0; r < rows->count; r++) {
        uint16_t *row = rows->values + r * width;
        for (size_t i = 0; i < width; i++) open[i] = model->parameters[i].result && !is_decided(model, row, i);
        for (size_t i = 0; i < width; i++) row[i] = open[i] ? CT__ANY : row[i];
    }
    free(open);
    ct__rows_sort(rows);
    return CT_OK;
}
