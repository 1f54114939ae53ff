#include <combtest/core.h>
#include <combtest/option_inner.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *ct__type_name(enum ct_type type)
{
    static const char *const names[] = { "null", "bool", "int", "real", "string", "JSON", "pointer" };
    return (size_t)type < CT_COUNT(names) ? names[type] : "unknown type";
}

static enum ct_err check_value(const struct ct_option *option, struct ct_error *error)
{
    switch (option->type) {
    case CT_TYPE_NULL:
    case CT_TYPE_BOOL:
    case CT_TYPE_INT: return CT_OK;
    case CT_TYPE_REAL:
        if (isfinite(option->as.d)) return CT_OK;
        return ct__error(error, CT_EINVAL, "a real must be finite, not %f", option->as.d);
    case CT_TYPE_STRING:
    case CT_TYPE_JSON:
        if (option->as.s == NULL)
            return ct__error(error, CT_EINVAL, "its %s is NULL; use CT_NULL", ct__type_name(option->type));
        if (ct__utf8_valid(option->as.s)) return CT_OK;
        return ct__error(error, CT_EINVAL, "its %s is not UTF-8; bytes need a CT_POINTER with a label",
                         ct__type_name(option->type));
    case CT_TYPE_POINTER:
        if (option->label != NULL) return CT_OK;
        return ct__error(error, CT_EINVAL, "a pointer needs a label, by which it is known");
    }
    return ct__error(error, CT_EINVAL, "%d is no option type", (int)option->type);
}

static enum ct_err copy_text(const char *text, const char **copy, struct ct_error *error)
{
    if (text == NULL) return CT_OK;
    *copy = strdup(text);
    return *copy != NULL ? CT_OK : ct__nomem(error);
}

enum ct_err ct__option_copy(const struct ct_option *option, struct ct_option *copy, struct ct_error *error)
{
    struct ct_option made = { .type = option->type };
    json_t *json = NULL;
    enum ct_err err = check_value(option, error);
    if (err != CT_OK) return err;
    if (option->label != NULL && !ct__utf8_valid(option->label))
        return ct__error(error, CT_EINVAL, "its label is not UTF-8");
    made.as = option->as;
    if (option->type == CT_TYPE_STRING || option->type == CT_TYPE_JSON) {
        made.as.s = NULL;
        err = copy_text(option->as.s, &made.as.s, error);
    }
    if (err == CT_OK) err = copy_text(option->label, &made.label, error);
    if (err == CT_OK && option->type == CT_TYPE_JSON) err = ct__json_parse(option->as.s, &json, error);
    made.json = json;
    if (err == CT_OK)
        *copy = made;
    else
        ct__option_clear(&made);
    return err;
}

void ct__option_clear(struct ct_option *copy)
{
    if (copy == NULL) return;
    if (copy->type == CT_TYPE_STRING || copy->type == CT_TYPE_JSON) free((void *)(uintptr_t)copy->as.s);
    free((void *)(uintptr_t)copy->label);
    json_decref((json_t *)(uintptr_t)copy->json);
    *copy = (struct ct_option){ 0 };
}

json_t *ct__option_to_json(const struct ct_option *option)
{
    if (option == NULL) return json_null();
    switch (option->type) {
    case CT_TYPE_NULL: break;
    case CT_TYPE_BOOL: return json_boolean(option->as.b);
    case CT_TYPE_INT: return json_integer(option->as.i);
    case CT_TYPE_REAL: return json_real(option->as.d);
    case CT_TYPE_STRING: return json_string(option->as.s);
    case CT_TYPE_JSON: return json_deep_copy(ct_option_json(option));
    case CT_TYPE_POINTER: return json_string(option->label);
    }
    return json_null();
}
