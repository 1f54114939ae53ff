/* Files that the user names for what a run writes. */
#include <combtest/core.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STREAMS_MAX 10 /* the descriptors that a shell can name in a redirection */

bool ct__is_replaced(const char *path)
{
    struct stat status;
    return lstat(path, &status) != 0 || S_ISREG(status.st_mode);
}

/* Whether what descriptor fd writes to is what status tells of. */
static bool writes_to(int fd, const struct stat *status)
{
    struct stat own;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || fstat(fd, &own) != 0) return false;
    return own.st_dev == status->st_dev && own.st_ino == status->st_ino;
}

int ct__open_in_place(const char *path)
{
    struct stat status;
    bool exists = stat(path, &status) == 0;
    for (int fd = STDOUT_FILENO; exists && fd < STREAMS_MAX; fd++)
        if (writes_to(fd, &status)) return fcntl(fd, F_DUPFD_CLOEXEC, STREAMS_MAX);
    return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
}
