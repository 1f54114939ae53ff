/* The files that combtest generate reads. */
#include <cli/generate.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum ct_err read_stream(FILE *stream, const char *path, char **text, size_t *size, struct ct_error *error)
{
    size_t room = 65536, used = 0, got;
    char *bytes = malloc(room + 1);
    while (bytes && (got = fread(bytes + used, 1, room - used, stream)) > 0) {
        used += got;
        if (used < room) continue;
        char *grown = realloc(bytes, room * 2 + 1);
        if (!grown) free(bytes);
        bytes = grown;
        room *= 2;
    }
    if (!bytes) return ct__nomem(error);
    if (ferror(stream)) {
        free(bytes);
        return ct__error(error, errno == EISDIR ? CT_EINVAL : CT_EIO, "%.200s: cannot be read: %s", path,
                         strerror(errno));
    }
    bytes[used] = '\0';
    *text = bytes;
    *size = used;
    return CT_OK;
}

enum ct_err ct__gen_read(const char *path, char **text, size_t *size, struct ct_error *error)
{
    if (strcmp(path, "-") == 0) return read_stream(stdin, "standard input", text, size, error);
    FILE *stream = fopen(path, "re");
    if (!stream) return ct__error(error, CT_ENOTFOUND, "%.200s: cannot be opened: %s", path, strerror(errno));
    enum ct_err err = read_stream(stream, path, text, size, error);
    fclose(stream);
    return err;
}
