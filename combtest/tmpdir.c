/* A directory of one walk alone. */
#include <combtest/core.h>
#include <combtest/walk_inner.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_ROOM 64u
#define TRIES_MAX 1000

static const char *parent(const struct ct_walk *walk)
{
    const char *given = walk->scratch != NULL ? walk->scratch : getenv("TMPDIR");
    /* User code may have changed the working directory. */
    return given != NULL && given[0] == '/' ? given : "/tmp";
}

/* Names are tried until one is free: 0, or an errno. */
static int make_directory(const struct ct_walk *walk, const char *under, char *path, size_t size)
{
    static _Atomic unsigned number;
    for (int i = 0; i < TRIES_MAX; i++) {
        (void)snprintf(path, size, "%s/w%llu-%ld-%u", under, (unsigned long long)ct_walk_id(walk), (long)getpid(),
                       atomic_fetch_add(&number, 1u));
        if (mkdir(path, S_IRWXU) == 0) return chmod(path, S_IRWXU) == 0 ? 0 : errno; /* whatever the umask is */
        if (errno != EEXIST) return errno;
    }
    return EEXIST;
}

const char *ct_walk_tmpdir(struct ct_walk *walk)
{
    const char *under = parent(walk);
    size_t size = strlen(under) + NAME_ROOM;
    char *path;
    int failed;
    if (walk->tmpdir != NULL) return walk->tmpdir;
    path = malloc(size);
    if (path == NULL) {
        ct__walk_fail(walk, "out of memory");
        return NULL;
    }
    failed = make_directory(walk, under, path, size);
    if (failed != 0) {
        ct__walk_fail(walk, "cannot make a temporary directory in %s: %s", under, strerrordesc_np(failed));
        free(path);
        return NULL;
    }
    walk->tmpdir = path;
    walk->holds = true;
    return path;
}

static void remove_entry(int parent_fd, const char *name);

static void empty_directory(DIR *directory)
{
    const struct dirent *entry;
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_entry(dirfd(directory), entry->d_name);
}

/* What cannot be removed stays: the walk has its verdict already. */
static void remove_entry(int parent_fd, const char *name)
{
    DIR *directory;
    int fd;
    if (unlinkat(parent_fd, name, 0) == 0 || (errno != EISDIR && errno != EPERM)) return;
    if (unlinkat(parent_fd, name, AT_REMOVEDIR) == 0) return;
    fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && fchmodat(parent_fd, name, S_IRWXU, 0) == 0)
        fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return;
    (void)fchmod(fd, S_IRWXU);
    directory = fdopendir(fd);
    if (directory == NULL) {
        (void)close(fd);
        return;
    }
    empty_directory(directory);
    (void)closedir(directory);
    (void)unlinkat(parent_fd, name, AT_REMOVEDIR);
}

void ct__remove_tree(const char *path)
{
    remove_entry(AT_FDCWD, path);
}

void ct__tmpdirs_remove_of(const char *under, long process)
{
    DIR *directory = opendir(under);
    const struct dirent *entry;
    char made_by[32]; /* as make_directory names them */
    int length = snprintf(made_by, sizeof made_by, "-%ld-", process);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        const char *name = entry->d_name, *id = name + 1;
        if (name[0] == 'w' && strncmp(id + strspn(id, "0123456789"), made_by, (size_t)length) == 0)
            remove_entry(dirfd(directory), name);
    }
    if (directory != NULL) (void)closedir(directory);
}

void ct__tmpdir_remove(struct ct_walk *walk)
{
    if (walk->tmpdir == NULL) return;
    ct__remove_tree(walk->tmpdir);
    free(walk->tmpdir);
    walk->tmpdir = NULL;
}
