/* The files here that a host is to have. */
#include <bootstrap/items.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILES_MAX 10000
#define BLOCK     65536

enum ct_err ct__item_hash(struct ct__item *item, struct ct_error *error)
{
    unsigned char block[BLOCK];
    struct ct__sha256 sha;
    struct stat about = { 0 };
    ssize_t got = -1;
    int fd = open(item->path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) (void)fstat(fd, &about);
    ct__sha256_start(&sha);
    while (fd >= 0 && (got = read(fd, block, sizeof(block))) != 0) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        ct__sha256_add(&sha, block, (size_t)got);
    }
    int cause = errno;
    if (fd >= 0) close(fd);
    if (got < 0) return ct__error(error, CT_EIO, "%s: cannot be read: %s", item->path, strerror(cause));
    item->size = sha.size;
    item->device = about.st_dev;
    item->inode = about.st_ino;
    item->modified = about.st_mtim;
    ct__sha256_end(&sha, item->hash);
    return CT_OK;
}

bool ct__item_is_same(const struct ct__item *item, int fd)
{
    struct stat about;
    return fstat(fd, &about) == 0 && about.st_dev == item->device && about.st_ino == item->inode &&
           (uint64_t)about.st_size == item->size && about.st_mtim.tv_sec == item->modified.tv_sec &&
           about.st_mtim.tv_nsec == item->modified.tv_nsec;
}

enum ct_err ct__items_add(struct ct__deploy *deploy, const char *path, const char *target, struct ct_error *error)
{
    struct ct__item *grown = realloc(deploy->items, (deploy->count + 1) * sizeof(*grown));
    if (!grown) return ct__nomem(error);
    deploy->items = grown;
    struct ct__item *item = &grown[deploy->count];
    *item = (struct ct__item){ .path = strdup(path), .target = target ? strdup(target) : NULL };
    deploy->count++;
    if (!item->path || (target && !item->target)) return ct__nomem(error);
    return ct__item_hash(item, error);
}

void ct__deploy_clear(struct ct__deploy *deploy)
{
    for (size_t i = 0; i < deploy->count; i++) {
        free(deploy->items[i].path);
        free(deploy->items[i].target);
    }
    free(deploy->items);
    deploy->items = NULL;
    deploy->count = 0;
}

/* ---- the user's files ---- */

/* nftw has no argument for the user. */
static struct {
    struct ct__deploy *deploy;
    struct ct_error *error;
    enum ct_err err;
    size_t skip; /* bytes at the start of each path that its target does not have */
} walk;

static int take_file(const char *path, const struct stat *about, int type, struct FTW *at)
{
    (void)at;
    if (type == FTW_D || type == FTW_DP) return 0;
    if (type != FTW_F || !S_ISREG(about->st_mode))
        walk.err = ct__error(walk.error, CT_ECONFIG, "%s: neither a file nor a directory that can be read", path);
    else if (walk.deploy->count > FILES_MAX)
        walk.err = ct__error(walk.error, CT_ECONFIG,
                             "%s: over %d files; name an archive of them, and unpack it with "
                             "prepare",
                             path, FILES_MAX);
    else
        walk.err = ct__items_add(walk.deploy, path, path + walk.skip, walk.error);
    return walk.err ? 1 : 0;
}

/* Whether the path stays below where it is taken from. */
static bool is_inside(const char *path)
{
    if (*path == '/') return false;
    for (const char *part = path; part; part = strchr(part, '/'), part = part ? part + 1 : NULL) {
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return false;
    }
    return true;
}

enum ct_err ct__items_add_file(struct ct__deploy *deploy, const char *path, struct ct_error *error)
{
    const char *slash = strrchr(path, '/');
    walk.deploy = deploy;
    walk.error = error;
    walk.err = CT_OK;
    walk.skip = is_inside(path) || !slash ? 0 : (size_t)(slash + 1 - path);
    if (nftw(path, take_file, 16, 0) != 0 && !walk.err)
        return ct__error(error, CT_ECONFIG, "%s: the host %s is to have this file, but it cannot be read: %s", path,
                         deploy->host->name, strerror(errno));
    return walk.err;
}

/* ---- libraries ---- */

/* Runs the program so that ld.so lists its libraries, with those that it loads as a service, and does not run it
 * (ld.so(8)). -1 with errno. */
static pid_t list_libraries(const char *program, int *output)
{
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) return -1;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        setenv("LD_PRELOAD", CT__SERVICE_LIBRARIES, 1);
        setenv("LD_TRACE_LOADED_OBJECTS", "1", 1);
        execl(program, program, (char *)NULL);
        _exit(127);
    }
    close(fds[1]);
    if (pid < 0)
        close(fds[0]);
    else
        *output = fds[0];
    return pid;
}

/* "\tlibz.so.1 => /lib/libz.so.1 (0x…)" */
static bool read_library(char *line, struct ct__library *library)
{
    char *rest = NULL, *soname = strtok_r(line, " \t\n", &rest), *arrow = strtok_r(NULL, " \t\n", &rest);
    char *found = strtok_r(NULL, " \t\n", &rest);
    if (!soname || !arrow || !found || strcmp(arrow, "=>") != 0 || *found != '/') return false;
    snprintf(library->name, sizeof(library->name), "%s", soname);
    snprintf(library->path, sizeof(library->path), "%s", found);
    return true;
}

enum ct_err ct__items_libraries(const char *program, struct ct__library **libraries, size_t *count,
                                struct ct_error *error)
{
    char *line = NULL;
    size_t room = 0, found = 0;
    int output = -1;
    struct ct__library *list = NULL;
    enum ct_err err = CT_OK;
    pid_t pid = list_libraries(program, &output);
    FILE *lines = pid > 0 ? fdopen(output, "re") : NULL;
    while (!err && lines && getline(&line, &room, lines) >= 0) {
        struct ct__library *grown = realloc(list, (found + 1) * sizeof(*list));
        if (grown) list = grown;
        if (!grown)
            err = ct__nomem(error);
        else if (read_library(line, &list[found]))
            found++;
    }
    free(line);
    if (lines)
        fclose(lines);
    else if (output >= 0)
        close(output);
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    if (!err && !lines) err = ct__error(error, CT_ESYSTEM, "%s: its libraries cannot be listed", program);
    if (err) {
        free(list);
        return err;
    }
    *libraries = list;
    *count = found;
    return CT_OK;
}

enum ct_err ct__items_add_library(struct ct__deploy *deploy, const char *name, struct ct_error *error)
{
    const char *program = deploy->items[0].path;
    struct ct__library *libraries = NULL;
    size_t count = 0, i = 0;
    enum ct_err err = ct__items_libraries(program, &libraries, &count, error);
    while (!err && i < count && strcmp(libraries[i].name, name) != 0) i++;
    if (!err && i == count)
        err = ct__error(error, CT_ECONFIG,
                        "%s: it lacks the library %s, which %s needs, and it is not found here either",
                        deploy->host->name, name, program);
    /* The name that it is asked for by, which need not be the last part of its path. */
    if (!err) err = ct__items_add(deploy, libraries[i].path, name, error);
    free(libraries);
    return err;
}
