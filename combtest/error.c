#include <combtest/core.h>
#include <stdarg.h>
#include <stdio.h>

const char *ct_err_text(enum ct_err code)
{
#define ERROR_CASE(name, value, text)                                                                                  \
    case name: return text;
    switch (code) {
        CT_ERROR_MAP(ERROR_CASE)
    }
#undef ERROR_CASE
    return "unknown error";
}

enum ct_err ct__error(struct ct_error *error, enum ct_err code, const char *format, ...)
{
    va_list arguments;
    if (error == NULL) return code;
    error->code = code;
    va_start(arguments, format);
    if (vsnprintf(error->text, sizeof error->text, format, arguments) >= (int)sizeof error->text)
        ct__text_shorten(error->text, sizeof error->text);
    va_end(arguments);
    return code;
}

enum ct_err ct__nomem(struct ct_error *error)
{
    return ct__error(error, CT_NOMEM, "out of memory");
}
