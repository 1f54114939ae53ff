#include <bootstrap/secret.h>
#include <combtest/core.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ct_err check_mode(int fd, const char *path, const char *where, struct ct_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return ct__error(error, CT_ECONFIG, "%s: %s: cannot be read: %s", where, path, strerror(errno));
    if (S_ISREG(about.st_mode) && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ct__error(error, CT_ECONFIG, "%s: %s: others may read this file; make it your own with chmod 600", where,
                         path);
    return CT_OK;
}

/* Up to size bytes of the file; -1: an error. */
static ssize_t read_start(int fd, char *text, size_t size)
{
    size_t used = 0;
    while (used < size) {
        ssize_t got = read(fd, text + used, size - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

enum ct_err ct__secret_read(const char *path, const char *where, char *secret, struct ct_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ct__error(error, CT_ECONFIG, "%s: %s: cannot be read: %s", where, path, strerror(errno));
    char text[CT__SECRET_SIZE];
    enum ct_err err = check_mode(fd, path, where, error);
    ssize_t size = err ? 0 : read_start(fd, text, sizeof(text) - 1);
    if (size < 0) {
        err = ct__error(error, CT_ECONFIG, "%s: %s: cannot be read: %s", where, path, strerror(errno));
        size = 0;
    }
    text[size] = '\0';
    size_t line = strcspn(text, "\r\n");
    if (!err && line == 0) err = ct__error(error, CT_ECONFIG, "%s: %s: its first line is empty", where, path);
    if (!err && line == sizeof(text) - 1)
        err = ct__error(error, CT_ECONFIG, "%s: %s: its first line is too long for a secret", where, path);
    text[line] = '\0';
    if (!err) memcpy(secret, text, line + 1);
    explicit_bzero(text, sizeof(text));
    close(fd);
    return err;
}

const char *ct__home(void)
{
    const char *home = getenv("HOME");
    if (home && *home != '\0') return home;
    const struct passwd *user = getpwuid(geteuid());
    return user && user->pw_dir ? user->pw_dir : "";
}

const char *ct__user(void)
{
    const struct passwd *user = getpwuid(geteuid());
    return user ? user->pw_name : NULL;
}
