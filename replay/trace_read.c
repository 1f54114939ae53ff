/* The reader: blocks of the file, lines of the blocks, and of these only the ones that are wanted are parsed. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <replay/line_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_SIZE ((size_t)1 << 20)

struct ct__reader {
    char *path;
    int fd;
    char *block;
    size_t room;       /* of block, without the byte for a NUL behind its end */
    size_t begin, end; /* what was read and not yet given */
    bool at_end;       /* of the file */
    uint64_t number;   /* of the line given last */
    off_t lines_at;    /* where the lines behind the header begin */
    json_t *header_json;
    struct ct__header header;
};

static enum ct_err cannot_read(const struct ct__reader *reader, struct ct_error *error)
{
    return ct__error(error, CT_EIO, "%s: cannot be read: %s", reader->path, strerrordesc_np(errno));
}

/* Makes room behind what is there: by moving it to the front, and where it fills the block, by a larger one. */
static enum ct_err make_room(struct ct__reader *reader, struct ct_error *error)
{
    char *larger;
    if (reader->begin > 0) {
        memmove(reader->block, reader->block + reader->begin, reader->end - reader->begin);
        reader->end -= reader->begin;
        reader->begin = 0;
    }
    if (reader->end < reader->room) return CT_OK;
    larger = realloc(reader->block, 2 * reader->room + 1);
    if (larger == NULL) return ct__nomem(error);
    reader->block = larger;
    reader->room *= 2;
    return CT_OK;
}

static enum ct_err read_more(struct ct__reader *reader, struct ct_error *error)
{
    ssize_t got;
    enum ct_err err = make_room(reader, error);
    if (err != CT_OK) return err;
    do {
        got = read(reader->fd, reader->block + reader->end, reader->room - reader->end);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return cannot_read(reader, error);
    reader->at_end = got == 0;
    reader->end += (size_t)got;
    return CT_OK;
}

static enum ct_err wrong_line(const struct ct__reader *reader, const char *what, struct ct_error *error)
{
    return ct__error(error, CT_ETRACE, "%s:%" PRIu64 ": %s", reader->path, reader->number, what);
}

/* Skips a line that is too long, whatever is left of it. */
static enum ct_err skip_line(struct ct__reader *reader, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    char *newline = NULL;
    while (err == CT_OK && newline == NULL && !reader->at_end) {
        reader->begin = reader->end = 0;
        err = read_more(reader, error);
        newline = err == CT_OK ? memchr(reader->block, '\n', reader->end) : NULL;
    }
    reader->begin = newline != NULL ? (size_t)(newline - reader->block) + 1 : reader->end;
    return err != CT_OK ? err : wrong_line(reader, "the line is longer than any that combtest writes", error);
}

/* The next line of the file, NUL-terminated. CT_ENOTFOUND: no more. */
static enum ct_err next_line(struct ct__reader *reader, char **text, size_t *size, struct ct_error *error)
{
    size_t seen = 0;
    for (;;) {
        char *begin = reader->block + reader->begin;
        size_t held = reader->end - reader->begin;
        char *newline = memchr(begin + seen, '\n', held - seen);
        if (newline != NULL) {
            *newline = '\0';
            *text = begin;
            *size = (size_t)(newline - begin);
            reader->begin += *size + 1;
            reader->number++;
            return CT_OK;
        }
        if (reader->at_end && held == 0) return CT_ENOTFOUND;
        if (reader->at_end) {
            reader->number++;
            reader->begin = reader->end;
            return wrong_line(reader, "the trace is cut here: its last line is not whole", error);
        }
        if (held >= CT__TRACE_LINE_MAX) {
            reader->number++;
            if (reader->header_json == NULL) return wrong_line(reader, "no trace of combtest", error);
            return skip_line(reader, error);
        }
        seen = held;
        enum ct_err err = read_more(reader, error);
        if (err != CT_OK) return err;
    }
}

static enum ct_err read_header(struct ct__reader *reader, struct ct_error *error)
{
    char *text;
    size_t size;
    json_error_t why;
    enum ct_err err = next_line(reader, &text, &size, error);
    if (err == CT_ENOTFOUND)
        return ct__error(error, CT_ETRACE, "%s: no trace of combtest: the file is empty", reader->path);
    if (err != CT_OK && err != CT_ETRACE) return err;
    if (err == CT_OK) reader->header_json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (err == CT_OK && reader->header_json == NULL && json_error_code(&why) == json_error_out_of_memory)
        return ct__nomem(error);
    if (reader->header_json == NULL)
        return ct__error(error, CT_ETRACE, "%s:1: no trace of combtest: its first line is no JSON object",
                         reader->path);
    reader->lines_at = (off_t)size + 1;
    return ct__header_read(reader->path, reader->header_json, &reader->header, error);
}

enum ct_err ct__reader_open(const char *path, struct ct__reader **reader, struct ct_error *error)
{
    struct ct__reader *made = calloc(1, sizeof *made);
    enum ct_err err = CT_OK;
    if (made == NULL) return ct__nomem(error);
    made->fd = -1;
    made->room = BLOCK_SIZE;
    made->path = strdup(path);
    made->block = malloc(made->room + 1);
    if (made->path == NULL || made->block == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    made->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (made->fd < 0 && errno == ENOENT)
        err = ct__error(error, CT_ENOTFOUND, "%s: there is no such trace", path);
    else if (made->fd < 0)
        err = cannot_read(made, error);
    if (err == CT_OK) err = read_header(made, error);
out:
    if (err == CT_OK)
        *reader = made;
    else
        ct__reader_close(made);
    return err;
}

void ct__reader_close(struct ct__reader *reader)
{
    if (reader == NULL) return;
    if (reader->fd >= 0) (void)close(reader->fd);
    json_decref(reader->header_json);
    free(reader->block);
    free(reader->path);
    free(reader);
}

const struct ct__header *ct__reader_header(const struct ct__reader *reader)
{
    return &reader->header;
}

const char *ct__reader_path(const struct ct__reader *reader)
{
    return reader->path;
}

enum ct_err ct__reader_next(struct ct__reader *reader, const struct ct__filter *filter, struct ct__line *line,
                            struct ct_error *error)
{
    static const struct ct__filter none = { 0 };
    if (filter == NULL) filter = &none;
    for (;;) {
        struct ct__line found = { 0 };
        char *text = NULL;
        enum ct_err err = next_line(reader, &text, &found.size, error);
        if (err != CT_OK) return err;
        found.text = text;
        found.number = reader->number;
        enum ct__wanted wanted = ct__line_look(&found, filter);
        if (wanted == CT__UNWANTED) continue;
        if (wanted == CT__NO_MEMORY) return ct__nomem(error);
        if (wanted == CT__DAMAGED) return wrong_line(reader, "this is no line of a trace", error);
        *line = found;
        return CT_OK;
    }
}

enum ct_err ct__reader_rewind(struct ct__reader *reader, struct ct_error *error)
{
    if (lseek(reader->fd, reader->lines_at, SEEK_SET) < 0 && errno == ESPIPE)
        return ct__error(error, CT_EINVAL,
                         "%s: a pipe is read once only, and a trace has to be read again here: "
                         "write it to a file",
                         reader->path);
    if (lseek(reader->fd, reader->lines_at, SEEK_SET) < 0) return cannot_read(reader, error);
    reader->begin = reader->end = 0;
    reader->at_end = false;
    reader->number = 1;
    return CT_OK;
}

/* False: one of them is damaged, or cannot be put there. */
static bool copy_lines(struct ct__reader *reader, const struct ct__filter *filter, FILE *to)
{
    for (;;) {
        struct ct__line line;
        json_t *json = NULL;
        enum ct_err err = ct__reader_next(reader, filter, &line, NULL);
        if (err == CT_ENOTFOUND) return fflush(to) == 0;
        if (err != CT_OK || ct__line_json(&line, &json, NULL) != CT_OK) return false;
        json_decref(json);
        if (fwrite(line.text, 1, line.size, to) != line.size || fputc('\n', to) == EOF) return false;
    }
}

enum ct_err ct__reader_keep(struct ct__reader *reader, const struct ct__selection *walks, struct ct_error *error)
{
    enum ct_err err = ct__reader_rewind(reader, error);
    FILE *to = err == CT_OK ? tmpfile() : NULL;
    if (to != NULL && copy_lines(reader, &(struct ct__filter){ .walks = walks, .with_serial = true }, to)) {
        int fd = fcntl(fileno(to), F_DUPFD_CLOEXEC, 3);
        if (fd >= 0) {
            (void)close(reader->fd);
            reader->fd = fd;
            reader->lines_at = 0;
        }
    }
    if (to != NULL) (void)fclose(to);
    return err == CT_OK ? ct__reader_rewind(reader, error) : err;
}
