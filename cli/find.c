/* Where a program that was named is. */
#include <cli/cli.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *ct__cli_find_program(const char *name)
{
    char *path = NULL;
    if (strchr(name, '/')) return strdup(name);
    if (asprintf(&path, "./%s", name) < 0) return NULL;
    if (is_program(path)) return path;
    const char *list = getenv("PATH");
    for (const char *at = list ? list : "/bin:/usr/bin";; at++) {
        size_t size = strcspn(at, ":");
        free(path);
        if (asprintf(&path, "%.*s/%s", size > 0 ? (int)size : 1, size > 0 ? at : ".", name) < 0) return NULL;
        if (is_program(path)) return path;
        at += size;
        if (!*at) break;
    }
    free(path);
    errno = access(name, F_OK) == 0 ? EACCES : ENOENT;
    return NULL;
}
