#include "service/process.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between two looks whether what was killed has ended. */
#define PAUSE_FIRST_US 50
#define PAUSE_MAX_US   5000

pid_t ct__fork_child(void)
{
    pid_t parent = getpid();
    fflush(NULL);
    pid_t pid = fork();
    if (pid > 0) setpgid(pid, pid); /* on both sides: whichever runs first */
    if (pid != 0) return pid;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0); /* it died before the line above */
    return 0;
}

void ct__block_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    signal(SIGCHLD, SIG_DFL); /* a program that ignores it would have its children reaped by nobody */
}

int ct__kill_child(pid_t pid)
{
    int status = 0;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return status;
}

void ct__let_go(void)
{
    siginfo_t info = { 0 };
    while (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG) == 0 && info.si_pid > 0) {
        if (info.si_code == CLD_TRAPPED) ptrace(PTRACE_DETACH, info.si_pid, NULL, (long)info.si_status);
        info.si_pid = 0;
    }
}

static bool is_kept(pid_t pid, const pid_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (keep[i] == pid) return true;
    return false;
}

size_t ct__list_children(pid_t *children, size_t size)
{
    char path[64], word[32];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *list = fopen(path, "re");
    while (list && count < size && fscanf(list, "%31s", word) == 1) children[count++] = (pid_t)strtol(word, NULL, 10);
    if (list) fclose(list);
    return count;
}

/* One look at the list of children: kills them, and reaps those that have ended; how many there were. No end is waited
 * for, since it can wait itself for others to be reaped: that of the first process of a PID namespace does. */
static size_t kill_listed(const pid_t *keep, size_t count)
{
    pid_t children[256];
    size_t killed = 0, listed = ct__list_children(children, sizeof children / sizeof children[0]);
    for (size_t i = 0; i < listed; i++) {
        if (is_kept(children[i], keep, count)) continue;
        kill(-children[i], SIGKILL);
        kill(children[i], SIGKILL);
        killed++;
    }
    for (size_t i = 0; i < listed; i++)
        if (!is_kept(children[i], keep, count)) waitpid(children[i], NULL, WNOHANG);
    return killed;
}

void ct__kill_children(const pid_t *keep, size_t count)
{
    /* a child that dies hands its own children up: look until there are none */
    for (useconds_t pause_us = PAUSE_FIRST_US; kill_listed(keep, count) > 0; usleep(pause_us))
        if (pause_us < PAUSE_MAX_US) pause_us *= 2;
}

bool ct__write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t written = write(fd, at, size);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

bool ct__read_all(int fd, void *data, size_t size)
{
    char *at = data;
    while (size > 0) {
        ssize_t got = read(fd, at, size);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}
