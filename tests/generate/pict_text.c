#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <string.h>

struct ct__pict *pict_model_with(const char *text, const struct ct__pict_options *options)
{
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    if (ct__pict_parse("m", text, strlen(text), options, &model, &error) != CT_OK) fail_msg("%s", error.text);
    return model;
}

struct ct__pict *pict_model(const char *text)
{
    const struct ct__pict_options options = { 0 };
    return pict_model_with(text, &options);
}

void pict_refused(const char *text, enum ct_err code, const char *message)
{
    const struct ct__pict_options options = { 0 };
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    assert_int_equal(ct__pict_parse("m", text, strlen(text), &options, &model, &error), code);
    assert_null(model);
    assert_int_equal(error.code, code);
    assert_string_equal(error.text, message);
}

void pict_row(struct ct__pict *model, const char *names, uint16_t *row)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        size_t size = strcspn(names, ",");
        size_t value = ct__pict_value_find(model, i, names, size);
        if (value >= model->parameters[i].value_count) fail_msg("no value %.*s", (int)size, names);
        row[i] = (uint16_t)value;
        names += size + (names[size] == ',');
    }
    assert_int_equal(*names, '\0');
}

bool pict_keeps(struct ct__pict *model, const char *names)
{
    uint16_t row[16];
    assert_true(model->parameter_count <= 16);
    pict_row(model, names, row);
    for (size_t i = 0; i < model->model.constraint_count; i++) {
        if (!ct__formula_holds(&model->model.constraints[i], &model->model, row)) return false;
    }
    return true;
}
