#include "processes.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK "COMBTEST_FAULT_MARK"

static char directory[64];

static void die(const char *what)
{
    perror(what);
    exit(99);
}

void processes_mark(char **argv)
{
    char value[32];
    if (*directory) return;
    snprintf(value, sizeof value, "%ld", (long)getpid());
    const char *mark = getenv(MARK);
    /* exec keeps the pid: a mark with another one is that of a program that started this one */
    if (!mark || strcmp(mark, value) != 0) {
        setenv(MARK, value, 1);
        execv("/proc/self/exe", argv);
        die("exec");
    }
    /* in memory, where there is such a place: a disk that keeps a walk waiting would be taken for a walk that hangs */
    strcpy(directory, "/dev/shm/fault-XXXXXX");
    if (!mkdtemp(directory) && !mkdtemp(strcpy(directory, "/tmp/fault-XXXXXX"))) die(directory);
    setenv("TMPDIR", directory, 1);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status, (void)kind, (void)ftw;
    remove(path);
    return 0;
}

void processes_remove(const char *path)
{
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

void processes_unmark(void)
{
    processes_remove(directory);
}

/* Reads a file of /proc/PID, up to size - 1 bytes, and ends it with a NUL. Returns how many. */
static size_t read_proc(pid_t pid, const char *file, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, file);
    FILE *stream = fopen(path, "re");
    size_t got = stream ? fread(text, 1, size - 1, stream) : 0;
    if (stream) fclose(stream);
    text[got] = '\0';
    return got;
}

/* What follows the name in /proc/PID/stat: "S 1 ..."; the name may have blanks and parentheses in it. */
static const char *read_stat(pid_t pid, char *text, size_t size)
{
    read_proc(pid, "stat", text, size);
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' ? end + 2 : "";
}

char processes_state(pid_t pid)
{
    char text[1024];
    return *read_stat(pid, text, sizeof text);
}

long processes_ticks(pid_t pid)
{
    char text[1024];
    long user = 0, system = 0;
    sscanf(read_stat(pid, text, sizeof text), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &system);
    return user + system;
}

static bool is_alive(pid_t pid)
{
    char state = processes_state(pid);
    return state != 0 && state != 'Z' && state != 'X';
}

static bool has_mark(pid_t pid)
{
    static char text[1 << 16];
    char wanted[64];
    snprintf(wanted, sizeof wanted, MARK "=%s", getenv(MARK));
    size_t size = read_proc(pid, "environ", text, sizeof text);
    for (size_t at = 0; at < size; at += strlen(text + at) + 1)
        if (strcmp(text + at, wanted) == 0) return true;
    return false;
}

/* Up to size processes with the mark; returns how many. */
static size_t find_marked(pid_t *found, size_t size)
{
    size_t count = 0;
    DIR *proc = opendir("/proc");
    if (!proc) die("/proc");
    for (struct dirent *entry; count < size && (entry = readdir(proc));) {
        pid_t pid = (pid_t)atol(entry->d_name);
        if (isdigit((unsigned char)*entry->d_name) && pid != getpid() && has_mark(pid) && is_alive(pid))
            found[count++] = pid;
    }
    closedir(proc);
    return count;
}

size_t processes_left(int grace_ms)
{
    pid_t found[64];
    char comm[64], text[1024];
    size_t count;
    while ((count = find_marked(found, 64)) > 0 && grace_ms > 0) {
        usleep(10000);
        grace_ms -= 10;
    }
    for (size_t i = 0; i < count; i++) {
        read_proc(found[i], "comm", comm, sizeof comm);
        fprintf(stderr, "left running: %ld, state %.30s, %s", (long)found[i], read_stat(found[i], text, sizeof text),
                comm);
        kill(found[i], SIGKILL);
    }
    return count;
}

bool processes_has_children(void)
{
    siginfo_t info;
    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

size_t processes_litter(void)
{
    size_t count = 0;
    DIR *stream = opendir(directory);
    if (!stream) die(directory);
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            fprintf(stderr, "left in TMPDIR: %s\n", entry->d_name);
            count++;
        }
    closedir(stream);
    return count;
}

/* Calls take for each thread of a process. */
static void each_thread(pid_t pid, void (*take)(pid_t pid, pid_t thread, void *user), void *user)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *tasks = opendir(path);
    if (!tasks) return;
    for (struct dirent *entry; (entry = readdir(tasks));)
        if (isdigit((unsigned char)*entry->d_name)) take(pid, (pid_t)atol(entry->d_name), user);
    closedir(tasks);
}

struct children {
    pid_t *list;
    size_t size, count;
};

static void take_children(pid_t pid, pid_t thread, void *user)
{
    struct children *children = user;
    char path[64], text[4096], *at = text;
    snprintf(path, sizeof path, "task/%ld/children", (long)thread);
    read_proc(pid, path, text, sizeof text);
    for (long child; children->count < children->size && (child = strtol(at, &at, 10)) > 0;)
        children->list[children->count++] = (pid_t)child;
}

size_t processes_children(pid_t parent, pid_t *list, size_t size)
{
    struct children children = { list, size, 0 };
    each_thread(parent, take_children, &children);
    return children.count;
}

static void look_for_nng(pid_t pid, pid_t thread, void *user)
{
    char path[64], comm[64];
    snprintf(path, sizeof path, "task/%ld/comm", (long)thread);
    read_proc(pid, path, comm, sizeof comm);
    if (strncmp(comm, "nng:", 4) == 0) *(bool *)user = true;
}

static bool has_nng(pid_t pid)
{
    bool found = false;
    each_thread(pid, look_for_nng, &found);
    return found;
}

/* The first child of a process that lives. */
static pid_t living_child(pid_t parent)
{
    pid_t children[16];
    size_t count = processes_children(parent, children, 16);
    for (size_t i = 0; i < count; i++)
        if (is_alive(children[i])) return children[i];
    return 0;
}

struct cast processes_cast(pid_t program)
{
    struct cast cast = { .coordinator = living_child(program) };
    pid_t children[32];
    if (cast.coordinator) cast.keeper = living_child(cast.coordinator);
    size_t count = cast.keeper ? processes_children(cast.keeper, children, 32) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_alive(children[i])) continue;
        pid_t executor = living_child(children[i]);
        if (has_nng(children[i])) {
            cast.link = children[i];
        } else if (executor && cast.count < CAST_MAX) {
            cast.nurses[cast.count] = children[i];
            cast.executors[cast.count++] = executor;
        }
    }
    return cast;
}
