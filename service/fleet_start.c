#include "combtest/core.h"
#include "combtest/launcher.h"
#include "service/board.h"
#include "service/fleet_inner.h"
#include "service/process.h"
#include "service/protocol.h"
#include "service/remote.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LISTEN_MS 10000 /* for the coordinator to listen */
#define LOOK_MS   2

/* ---- the wire ---- */

/* A stream socket connected to the coordinator; -1 with errno. */
static int connect_wire(const struct ct__setup *setup)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int64_t deadline = ct__now_ms() + LISTEN_MS;
    int wire = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", setup->run_dir);
    while (wire >= 0 && connect(wire, (struct sockaddr *)&address, sizeof address) != 0) {
        int cause = errno;
        bool early = cause == ENOENT || cause == ECONNREFUSED || cause == EAGAIN || cause == EINTR;
        if (early && ct__now_ms() < deadline) {
            poll(NULL, 0, LOOK_MS);
            continue;
        }
        close(wire);
        errno = cause;
        return -1;
    }
    return wire;
}

/* Says whose wire it is; the coordinator answers with the brief, for the program to find. */
static bool attach(int wire, const struct ct__setup *setup, uint32_t machine, uint32_t life)
{
    struct ct__bytes frame = { 0 };
    ct__put_u32(&frame, 0);
    ct__frame_begin(&frame, CT__FRAME_ATTACH, 0);
    ct__put_u32(&frame, CT__PROTOCOL_MAGIC);
    ct__put_u32(&frame, CT__PROTOCOL_VERSION);
    ct__put_text(&frame, setup->token);
    ct__put_u32(&frame, machine);
    ct__put_u32(&frame, life);
    ct__set_u32(&frame, 0, (uint32_t)frame.size - 4);
    bool sent = !frame.failed && ct__write_all(wire, frame.data, frame.size);
    ct__bytes_free(&frame);
    return sent;
}

/* ---- in the launcher's process ---- */

static void note(const struct ct_launch *launch, const char *text)
{
    (void)launch;
    dprintf(STDERR_FILENO, "%s\n", text);
}

static void tell_from(const struct ct_launch *launch, const char *address)
{
    struct ct__bytes frame = { 0 };
    char cut[256];
    snprintf(cut, sizeof cut, "%s", address);
    ct__put_u32(&frame, 0);
    ct__frame_begin(&frame, CT__FRAME_FROM, 0);
    ct__put_text(&frame, cut);
    ct__set_u32(&frame, 0, (uint32_t)frame.size - 4);
    if (!frame.failed && launch->host->direct) ct__write_all(launch->wire, frame.data, frame.size);
    ct__bytes_free(&frame);
}

/* What the fleet's processes changed is as any program finds it. */
static void settle(int output)
{
    sigset_t none;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The words that the program was called with, split in place; NULL: no memory. */
static const char **read_arguments(char **text)
{
    size_t capacity = 0, size = 0, count = 0;
    FILE *file = fopen("/proc/self/cmdline", "re");
    ssize_t got = file ? getdelim(text, &capacity, EOF, file) : -1;
    if (file) fclose(file);
    if (got > 0) size = (size_t)got;
    const char **arguments = calloc(size + 2, sizeof *arguments);
    for (size_t at = 0; arguments && at < size; at += strlen(*text + at) + 1) arguments[count++] = *text + at;
    return arguments;
}

_Noreturn static void launch(const struct ct__setup *setup, const struct ct__start *start, uint32_t machine, int wire,
                             int why)
{
    static const char *const environment[] = { CT__BOOTSTRAP "=stdio", NULL };
    struct ct_error error = { 0 };
    char program[4096] = "", *text = NULL;
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    const char **arguments = read_arguments(&text);
    struct ct_launch asked = { .host = &setup->machines[machine],
                               .program = program,
                               .arguments = arguments,
                               .environment = environment,
                               .wire = wire,
                               .deadline_ms = start->deadline_ms - ct__now_ms(),
                               .user = setup->launcher->user,
                               .note = note,
                               .from = tell_from };
    enum ct_err code = size > 0 && arguments ? setup->launcher->launch(&asked, &error) : ct__nomem(&error);
    fflush(NULL);
    if (code != CT_OK && !error.text[0]) snprintf(error.text, sizeof error.text, "%s", ct_err_text(code));
    if (code != CT_OK) ct__write_all(why, error.text, strlen(error.text));
    _exit(code == CT_OK ? 0 : 1);
}

/* ---- in the fleet ---- */

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0) close(fds[i]);
}

enum ct_err ct__start_begin(const struct ct__setup *setup, struct ct__start *start, uint32_t machine,
                            struct ct_error *error)
{
    int fds[] = { -1, -1, -1, -1, -1 }; /* output: read, write; why: read, write; the wire */
    if (pipe2(fds, O_CLOEXEC) != 0 || pipe2(fds + 2, O_CLOEXEC) != 0 || (fds[4] = connect_wire(setup)) < 0) {
        close_all(fds, 5);
        return ct__error(error, CT_ESYSTEM, "cannot make a connection for it: %s", strerror(errno));
    }
    if (!attach(fds[4], setup, machine, start->life)) {
        close_all(fds, 5);
        return ct__error(error, CT_ESYSTEM, "the coordinator took no connection for it");
    }
    pid_t pid = ct__fork_child();
    if (pid == 0) {
        close(start->coordinator);
        close(fds[0]);
        close(fds[2]);
        settle(fds[1]);
        launch(setup, start, machine, fds[4], fds[3]);
    }
    int cause = errno;
    close(fds[1]);
    close(fds[3]);
    close(fds[4]);
    if (pid < 0) {
        close_all(fds, 1);
        close(fds[2]);
        return ct__error(error, CT_ESYSTEM, "cannot start a process: %s", strerror(cause));
    }
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    fcntl(fds[2], F_SETFL, O_NONBLOCK);
    start->pid = pid;
    start->output = fds[0];
    start->why = fds[2];
    return CT_OK;
}

/* Cuts the first line from what has come; all of it where it is too long for one, or `whole` says that it is all. */
static bool cut_line(struct ct__bytes *text, bool whole, char *line, size_t size)
{
    const unsigned char *end = text->size > 0 ? memchr(text->data, '\n', text->size) : NULL;
    size_t length = end ? (size_t)(end - text->data) : text->size;
    if (!end && !(whole && length > 0) && length < size - 1) return false;
    size_t shown = length < size - 1 ? length : size - 1;
    for (size_t i = 0; i < shown; i++) line[i] = text->data[i] ? (char)text->data[i] : '?';
    line[shown] = '\0';
    ct__bytes_drop(text, end && shown == length ? length + 1 : shown);
    return true;
}

bool ct__start_line(struct ct__start *start, char *line, size_t size)
{
    for (;;) {
        if (cut_line(&start->text, false, line, size)) return true;
        unsigned char *room = ct__bytes_room(&start->text, 4096);
        ssize_t got = room && start->output >= 0 ? read(start->output, room, 4096) : -1;
        if (got < 0 && room && errno == EINTR) continue;
        if (got > 0) {
            start->text.size += (size_t)got;
            continue;
        }
        if (got == 0) { /* it was closed: what is left is the last line */
            close(start->output);
            start->output = -1;
        }
        return start->output < 0 && cut_line(&start->text, true, line, size);
    }
}

bool ct__start_end(struct ct__start *start, char *why, size_t size)
{
    ssize_t got = read(start->why, why, size - 1);
    why[got > 0 ? got : 0] = '\0';
    kill(-start->pid, SIGKILL); /* what it left */
    int status = ct__kill_child(start->pid);
    bool launched = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!launched && got <= 0 && WIFSIGNALED(status))
        snprintf(why, size, "its launcher was killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
    else if (!launched && got <= 0)
        snprintf(why, size, "its launcher exited with code %d", WEXITSTATUS(status));
    if (start->output >= 0) close(start->output);
    close(start->why);
    start->output = start->why = -1;
    start->pid = 0;
    ct__bytes_free(&start->text);
    return launched;
}
