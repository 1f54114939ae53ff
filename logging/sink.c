#include <errno.h>
#include <fcntl.h>
#include <logging/logging.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_SIZE ((size_t)256 << 10)

struct ct__sink {
    char *path;
    int fd;
    char *buffer;
    size_t used, room;
    uint64_t written; /* bytes of whole lines in the file */
};

static enum ct_err cannot(const char *what, const char *path, int cause, struct ct_error *error)
{
    return ct__error(error, CT_EIO, "%s: cannot be %s: %s", path, what, strerrordesc_np(cause));
}

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}

/* Empties the file once it is known to be ours. EWOULDBLOCK: it is another's, or was when we opened it, and has another
 * name by now. */
static int open_locked(const char *path)
{
    struct stat opened, named;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) return -1;
    bool own = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &opened) == 0 && stat(path, &named) == 0 &&
               opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
    if (own && (ftruncate(fd, 0) == 0 || !S_ISREG(opened.st_mode))) return fd;
    (void)close(fd);
    errno = EWOULDBLOCK;
    return -1;
}

/* Takes fd; where that is negative errno says why. */
static enum ct_err make_sink(const char *path, int fd, struct ct__sink **sink, struct ct_error *error)
{
    int cause = errno;
    struct ct__sink *made = calloc(1, sizeof *made);
    enum ct_err err = CT_OK;
    if (made == NULL) {
        if (fd >= 0) (void)close(fd);
        return ct__nomem(error);
    }
    made->fd = fd;
    made->room = BUFFER_SIZE;
    made->path = strdup(path);
    made->buffer = malloc(made->room);
    if (made->path == NULL || made->buffer == NULL)
        err = ct__nomem(error);
    else if (fd < 0)
        err = cannot("opened for writing", path, cause, error);
    if (err == CT_OK)
        *sink = made;
    else
        (void)ct__sink_close(made, NULL);
    return err;
}

enum ct_err ct__sink_open(const char *path, struct ct__sink **sink, struct ct_error *error)
{
    return make_sink(path, open_file(path), sink, error);
}

enum ct_err ct__sink_open_alone(const char *path, struct ct__sink **sink, struct ct_error *error)
{
    char *other = NULL;
    int fd = open_locked(path);
    if (fd >= 0 || errno != EWOULDBLOCK) return make_sink(path, fd, sink, error);
    if (asprintf(&other, "%s.%ld", path, (long)getpid()) < 0) return ct__nomem(error);
    enum ct_err err = make_sink(other, open_file(other), sink, error);
    free(other);
    return err;
}

/* Writes what is gathered: how much of it went in, and why no more (0: all did). */
static size_t write_out(const struct ct__sink *sink, int *cause)
{
    size_t done = 0;
    *cause = 0;
    while (done < sink->used) {
        ssize_t put = write(sink->fd, sink->buffer + done, sink->used - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            *cause = put < 0 ? errno : ENOSPC;
            break;
        }
        done += (size_t)put;
    }
    return done;
}

/* Leaves the whole lines of what went in; what is no regular file cannot be cut, and needs it less. */
static void cut_back(struct ct__sink *sink, size_t done)
{
    while (done > 0 && sink->buffer[done - 1] != '\n') done--;
    sink->written += done;
    if (ftruncate(sink->fd, (off_t)sink->written) == 0) (void)lseek(sink->fd, (off_t)sink->written, SEEK_SET);
}

enum ct_err ct__sink_flush(struct ct__sink *sink, struct ct_error *error)
{
    int cause;
    size_t done = write_out(sink, &cause);
    if (cause == 0)
        sink->written += done;
    else
        cut_back(sink, done);
    sink->used = 0;
    return cause == 0 ? CT_OK : cannot("written", sink->path, cause, error);
}

enum ct_err ct__sink_room(struct ct__sink *sink, size_t size, char **room, struct ct_error *error)
{
    if (size > sink->room - sink->used) {
        enum ct_err err = ct__sink_flush(sink, error);
        if (err != CT_OK) return err;
    }
    if (size > sink->room) {
        char *larger = malloc(size);
        if (larger == NULL) return ct__nomem(error);
        free(sink->buffer);
        sink->buffer = larger;
        sink->room = size;
    }
    *room = sink->buffer + sink->used;
    return CT_OK;
}

void ct__sink_add(struct ct__sink *sink, size_t size)
{
    sink->used += size;
}

uint64_t ct__sink_size(const struct ct__sink *sink)
{
    return sink->written + sink->used;
}

const char *ct__sink_path(const struct ct__sink *sink)
{
    return sink->path;
}

/* Whether the file has no name any more: nobody will read it. */
static bool is_removed(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

enum ct_err ct__sink_close(struct ct__sink *sink, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (sink == NULL) return CT_OK;
    if (sink->fd >= 0) {
        err = ct__sink_flush(sink, error);
        if (err == CT_OK && is_removed(sink->fd))
            err = ct__error(error, CT_EIO, "%s: was removed while it was written", sink->path);
        if (close(sink->fd) != 0 && err == CT_OK) err = cannot("written", sink->path, errno, error);
    }
    free(sink->buffer);
    free(sink->path);
    free(sink);
    return err;
}
