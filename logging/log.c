#include <errno.h>
#include <fcntl.h>
#include <logging/logging.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_SIZE  ((uint64_t)64 << 20)
#define DEFAULT_COUNT 9u
#define COUNT_MAX     999u
#define NUMBER_ROOM   5u /* ".999" */
#define INDENT        "    "

struct ct__log {
    char *path;
    uint64_t size;
    unsigned count;
    struct ct__sink *sink; /* NULL: a new file could not be opened */
    int directory;         /* locked while its files get their names; -1: may not be read, and is not locked */
};

/* PATH, or PATH.number; the caller gives room for it. */
static void file_name(const struct ct__log *log, unsigned number, char *name, size_t size)
{
    if (number == 0)
        (void)snprintf(name, size, "%s", log->path);
    else
        (void)snprintf(name, size, "%s.%u", log->path, number);
}

/* Moves each file one number up; the one above the last is replaced. Nothing is moved where the place is free: a second
 * try, after the new file could not be opened, must not push out another old one. */
static enum ct_err put_aside(const struct ct__log *log, struct ct_error *error)
{
    if (access(log->path, F_OK) != 0) return CT_OK;
    size_t size = strlen(log->path) + NUMBER_ROOM;
    char *from = malloc(size), *to = malloc(size);
    enum ct_err err = from != NULL && to != NULL ? CT_OK : ct__nomem(error);
    for (unsigned i = log->count; i-- > 0 && err == CT_OK;) {
        file_name(log, i, from, size);
        file_name(log, i + 1, to, size);
        if (rename(from, to) != 0 && errno != ENOENT)
            err = ct__error(error, CT_EIO, "%s: cannot be renamed to %s: %s", from, to, strerrordesc_np(errno));
    }
    free(from);
    free(to);
    return err;
}

/* Runs at once may log into one directory: each has the name run.log from another, and writes on where that has moved.
 */
static enum ct_err open_next(struct ct__log *log, struct ct_error *error)
{
    if (log->directory >= 0) (void)flock(log->directory, LOCK_EX);
    enum ct_err err = put_aside(log, error);
    if (err == CT_OK) err = ct__sink_open(log->path, &log->sink, error);
    if (log->directory >= 0) (void)flock(log->directory, LOCK_UN);
    return err;
}

enum ct_err ct__log_open(const char *directory, const struct ct__log_options *options, struct ct__log **log,
                         struct ct_error *error)
{
    struct ct__log *made = calloc(1, sizeof *made);
    enum ct_err err = CT_OK;
    if (made == NULL) return ct__nomem(error);
    made->size = options != NULL && options->size > 0 ? options->size : DEFAULT_SIZE;
    made->count = options != NULL && options->count > 0 ? options->count : DEFAULT_COUNT;
    if (made->count > COUNT_MAX) made->count = COUNT_MAX;
    if (asprintf(&made->path, "%s/run.log", directory) < 0) {
        made->path = NULL;
        err = ct__nomem(error);
    } else if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
        err = ct__error(error, CT_EIO, "%s: cannot be made: %s", directory, strerrordesc_np(errno));
    }
    made->directory = err == CT_OK ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (err == CT_OK) err = open_next(made, error);
    if (err == CT_OK)
        *log = made;
    else
        (void)ct__log_close(made, NULL);
    return err;
}

static enum ct_err rotate(struct ct__log *log, struct ct_error *error)
{
    enum ct_err err = ct__sink_close(log->sink, error);
    log->sink = NULL;
    return err == CT_OK ? open_next(log, error) : err;
}

static bool is_plain(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (line[i] < ' ' || line[i] > '~') return false;
    return true;
}

static size_t count_newlines(const char *line, size_t size)
{
    size_t count = 0;
    const char *end = line + size;
    while (line < end && (line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        line++;
        count++;
    }
    return count;
}

/* The size of a character that is to stand in the file; 0: a byte that is none. */
static size_t kept_size(const char *line, size_t size)
{
    char character[5] = "";
    memcpy(character, line, size < 4 ? size : 4);
    return ct__text_shown(character);
}

/* Copies the line with what is inside it indented, and '?' for what no text has. Returns the end. */
static char *put_clean(char *to, const char *line, size_t size)
{
    for (size_t i = 0, kept; i<size; i += kept> 0 ? kept : 1) {
        kept = kept_size(line + i, size - i);
        if (kept > 0)
            to = mempcpy(to, line + i, kept);
        else
            *to++ = line[i] == '\n' ? '\n' : '?';
        if (line[i] == '\n') to = mempcpy(to, INDENT, sizeof INDENT - 1);
    }
    return to;
}

static enum ct_err add_line(struct ct__sink *sink, const char *line, size_t size, struct ct_error *error)
{
    bool plain = is_plain(line, size);
    size_t newlines = plain ? 0 : count_newlines(line, size), whole = size + newlines * (sizeof INDENT - 1) + 1;
    char *room;
    enum ct_err err = ct__sink_room(sink, whole, &room, error);
    if (err != CT_OK) return err;
    if (plain)
        room = mempcpy(room, line, size);
    else
        room = put_clean(room, line, size);
    *room = '\n';
    ct__sink_add(sink, whole);
    return CT_OK;
}

enum ct_err ct__log_write(struct ct__log *log, enum ct_log_level level, const char *line, size_t size,
                          struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (log->sink == NULL)
        err = open_next(log, error);
    else if (ct__sink_size(log->sink) >= log->size)
        err = rotate(log, error);
    if (err == CT_OK) err = add_line(log->sink, line, size, error);
    if (err == CT_OK && level >= CT_LOG_ERROR) err = ct__sink_flush(log->sink, error);
    return err;
}

enum ct_err ct__log_flush(struct ct__log *log, struct ct_error *error)
{
    return log->sink != NULL ? ct__sink_flush(log->sink, error) : CT_OK;
}

enum ct_err ct__log_close(struct ct__log *log, struct ct_error *error)
{
    enum ct_err err;
    if (log == NULL) return CT_OK;
    err = ct__sink_close(log->sink, error);
    if (log->directory >= 0) (void)close(log->directory);
    free(log->path);
    free(log);
    return err;
}

const char *ct__log_path(const struct ct__log *log)
{
    return log->path;
}
