/* A program that is to replay for the combtest command says that it has come to do so: one that ends before it does has
 * no suite, whatever it exits with. */
#include <cli/inner.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define REACH "COMBTEST_REACH" /* the descriptor that it is said to */

static volatile pid_t program;

void ct__cli_reached(void)
{
    const char *number = getenv(REACH);
    int fd = number ? (int)strtol(number, NULL, 10) : -1;
    if (fd <= STDERR_FILENO) return;
    (void)!write(fd, "r", 1);
    close(fd);
    unsetenv(REACH);
}

int ct__cli_die_alike(int number)
{
    sigset_t set;
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    fflush(NULL);
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
    return 128 + number;
}

static void pass_on(int number)
{
    kill(program, number);
}

/* What the terminal sends goes to both; what else ends this process is to end the program. */
static void handle_signals(void)
{
    struct sigaction forward = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    sigaction(SIGTERM, &forward, NULL);
    sigaction(SIGHUP, &forward, NULL);
}

_Noreturn static void become(const char *label, const char *path, char **arguments, const char *advice, int fd)
{
    char number[16];
    struct ct_error error;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(number, sizeof(number), "%d", fd);
    setenv(REACH, number, 1);
    execvp(path, arguments);
    ct__error(&error, CT_EINVAL, "%.300s: cannot be run: %s%s", path, strerror(errno), advice);
    int code = ct__cli_say_error(label, &error); /* a trace may say the name, and the terminal is not to obey it */
    ct__cli_reached();
    _exit(code);
}

int ct__cli_replay_by(const char *label, const char *path, char **arguments, const char *advice)
{
    int ends[2], status = 0;
    char word;
    struct ct_error error;
    fflush(NULL);
    if (pipe(ends) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || fcntl(ends[0], F_SETFD, FD_CLOEXEC) != 0 ||
        (program = fork()) < 0)
        return ct__cli_say_error(
            label, (ct__error(&error, CT_ESYSTEM, "cannot start a process: %s", strerror(errno)), &error));
    if (program == 0) become(label, path, arguments, advice, ends[1]);
    handle_signals();
    close(ends[1]);
    while (waitpid(program, &status, 0) < 0 && errno == EINTR) continue;
    bool reached = read(ends[0], &word, 1) == 1;
    close(ends[0]);
    if (WIFSIGNALED(status)) return ct__cli_die_alike(WTERMSIG(status));
    if (reached) return WEXITSTATUS(status);
    ct__error(&error, CT_EINVAL,
              "%.300s: it ended, with exit code %d, before it came to a suite: no program of combtest", path,
              WEXITSTATUS(status));
    return ct__cli_say_error(label, &error);
}
