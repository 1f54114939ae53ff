#include <cli/cli.h>
#include <combtest/core.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *ct__cli_base_name(const char *path)
{
    if (!path || *path == '\0') return "combtest";
    const char *slash = strrchr(path, '/');
    return slash && slash[1] != '\0' ? slash + 1 : path;
}

void ct__cli_streams_keep(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO) close(fd);
}

/* The caller's signal mask, and whether a SIGPIPE of its own was pending already. */
static sigset_t mask_before;
static bool pipe_pending_before;

/* Whether a write met a pipe without reader since the guard began. */
static bool is_pipe_closed(void)
{
    sigset_t pending;
    return !pipe_pending_before && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

int ct__cli_finish(const char *label, int code)
{
    errno = 0;
    bool wrong = ferror(stdout) != 0;
    if (fflush(stdout) != 0) wrong = true;
    if (!wrong) return code;
    int cause = errno;
    clearerr(stdout);
    if (is_pipe_closed()) return code;
    fprintf(stderr, "%s: error: standard output: %s\n", label, cause != 0 ? strerror(cause) : "write error");
    bool graver = code == CT__EXIT_BUG || code == CT__EXIT_USAGE || code > 128;
    return graver ? code : CT__EXIT_LOST;
}

void ct__cli_pipes_guard(void)
{
    sigset_t pending, pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pipe_pending_before = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipes, &mask_before);
}

void ct__cli_pipes_release(void)
{
    static const struct timespec at_once = { 0, 0 };
    sigset_t pipes;
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    while (!pipe_pending_before && sigtimedwait(&pipes, NULL, &at_once) > 0) {
    }
    pthread_sigmask(SIG_SETMASK, &mask_before, NULL);
}
