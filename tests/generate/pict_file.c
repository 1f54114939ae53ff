#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_file.h"
#include <cmocka.h>
#include <stdio.h>

enum { SIZE_MAX_READ = 1 << 20 };

struct ct__pict *pict_file_read(const char *name)
{
    static char text[SIZE_MAX_READ], path[4096];
    const struct ct__pict_options options = { 0 };
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    (void)snprintf(path, sizeof path, name[0] == '/' ? "%s" : TESTS_SOURCE "/generate/models/%s.pict", name);
    FILE *stream = fopen(path, "re");
    if (stream == NULL) fail_msg("%s cannot be opened", path);
    size_t size = fread(text, 1, sizeof text, stream);
    (void)fclose(stream);
    if (ct__pict_parse(path, text, size, &options, &model, &error) != CT_OK) fail_msg("%s", error.text);
    return model;
}
