#include <cli/cli.h>
#include <combtest/core.h>
#include <stdarg.h>

static int exit_code(enum ct_err code)
{
    static const int codes[] = {
        [CT_OK] = CT__EXIT_OK,         [CT_EINVAL] = CT__EXIT_USAGE,  [CT_NOMEM] = CT__EXIT_LOST,
        [CT_ETOOBIG] = CT__EXIT_USAGE, [CT_ECONFIG] = CT__EXIT_USAGE, [CT_EIO] = CT__EXIT_LOST,
        [CT_ESYSTEM] = CT__EXIT_LOST,  [CT_ETRACE] = CT__EXIT_USAGE,  [CT_ENOTFOUND] = CT__EXIT_USAGE,
        [CT_EBUG] = CT__EXIT_BUG,
    };
    return code < CT_COUNT(codes) ? codes[code] : CT__EXIT_BUG;
}

int ct__cli_say_error(const char *label, const struct ct_error *error)
{
    fprintf(stderr, "%s: error: ", label);
    ct__cli_print_clean(stderr, error->text, 4);
    fputc('\n', stderr);
    return exit_code(error->code);
}

void ct__cli_note(const char *label, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "%s: note: ", label);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

void ct__cli_warn(const char *label, const char *text)
{
    fprintf(stderr, "%s: warning: ", label);
    ct__cli_print_clean(stderr, text, 4);
    fputc('\n', stderr);
}

void ct__cli_print_clean(FILE *stream, const char *text, int indent)
{
    while (*text != '\0') {
        size_t size = 0;
        for (size_t shown; (shown = ct__text_shown(text + size)) > 0;) size += shown;
        fwrite(text, 1, size, stream);
        text += size;
        if (*text == '\0') return;
        if (*text++ == '\n')
            fprintf(stream, "\n%*s", indent, "");
        else
            fputc('?', stream);
    }
}
