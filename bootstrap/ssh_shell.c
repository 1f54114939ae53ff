/* A shell on the other side of a connection. It reads scripts, each a line with its size in bytes and then the script,
 * and evaluates them; a script may go on to read what comes behind it. So one channel and one process do all: asking,
 * uploading, starting. Nothing is supposed of the shell that logs in but that it knows single quotes. */
#include <bootstrap/clock.h>
#include <bootstrap/ssh_inner.h>
#include <bootstrap/ssh_shell.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#define COMMAND "exec sh -c 'while read -r n; do eval \"$(head -c \"$n\")\"; done'"
#define WINDOW  ((uint32_t)16 << 20)
#define PACKET  ((uint32_t)65536)
#define AGAIN   LIBSSH2_ERROR_EAGAIN

static enum ct_err open_channel(struct ct__ssh *ssh, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    while (!err && !(ssh->channel = libssh2_channel_open_ex(ssh->session, "session", 7, WINDOW, PACKET, NULL, 0))) {
        if (libssh2_session_last_errno(ssh->session) != AGAIN)
            return ct__ssh_failed(ssh, CT_EIO, "opening a channel", error);
        err = ct__ssh_wait(ssh, "opening a channel", error);
    }
    return err;
}

static enum ct_err run_command(struct ct__ssh *ssh, struct ct_error *error)
{
    int code;
    while ((code = libssh2_channel_process_startup(ssh->channel, "exec", 4, COMMAND, sizeof(COMMAND) - 1)) == AGAIN) {
        enum ct_err err = ct__ssh_wait(ssh, "starting a shell", error);
        if (err) return err;
    }
    return code == 0 ? CT_OK : ct__ssh_failed(ssh, CT_ECONFIG, "starting a shell", error);
}

enum ct_err ct__shell_open(struct ct__ssh *ssh, struct ct__shell **shell, struct ct_error *error)
{
    unsigned char random[8] = { 0 };
    struct ct__shell *opened = calloc(1, sizeof(*opened));
    if (!opened) return ct__nomem(error);
    opened->ssh = ssh;
    if (getrandom(random, sizeof(random), 0) < 0) random[0] = (unsigned char)getpid();
    char *to = opened->mark + snprintf(opened->mark, sizeof(opened->mark), "combtest-");
    for (size_t i = 0; i < sizeof(random); i++) to += snprintf(to, 3, "%02x", random[i]);
    enum ct_err err = open_channel(ssh, error);
    if (!err) err = run_command(ssh, error);
    if (err)
        free(opened);
    else
        *shell = opened;
    return err;
}

void ct__shell_free(struct ct__shell *shell)
{
    free(shell);
}

/* ---- reading ---- */

/* Keeps the end of what the shell wrote to standard error, for messages; all of it goes on to ours. */
static void take_error(struct ct__shell *shell, const char *text, size_t size)
{
    ssize_t written = write(STDERR_FILENO, text, size);
    size_t limit = sizeof(shell->said) - 1, keep = size < limit ? size : limit;
    (void)written;
    if (shell->said_size + keep > limit) {
        size_t drop = shell->said_size + keep - limit;
        memmove(shell->said, shell->said + drop, shell->said_size - drop);
        shell->said_size -= drop;
    }
    memcpy(shell->said + shell->said_size, text + size - keep, keep);
    shell->said_size += keep;
    shell->said[shell->said_size] = '\0';
}

/* Reads what there is of both streams. False where nothing came: then *ended says whether anything still can. */
static bool read_some(struct ct__shell *shell, bool *ended, ssize_t *wrong)
{
    LIBSSH2_CHANNEL *channel = shell->ssh->channel;
    char text[4096];
    size_t room = sizeof(shell->input) - shell->input_end;
    ssize_t got = room > 0 ? libssh2_channel_read(channel, shell->input + shell->input_end, room) : AGAIN;
    if (got > 0) shell->input_end += (size_t)got;
    if (got == AGAIN && shell->ssh->held) return false;
    ssize_t more = libssh2_channel_read_stderr(channel, text, sizeof(text));
    if (more > 0) take_error(shell, text, (size_t)more);
    *wrong = got < 0 && got != AGAIN ? got : 0;
    *ended = *wrong || (libssh2_channel_eof(channel) && got <= 0 && more <= 0);
    return got > 0 || more > 0;
}

/* What the shell said last, in one line without what a terminal would obey; "" for nothing. */
static void last_words(struct ct__shell *shell, char *text, size_t size)
{
    char *end = shell->said + shell->said_size;
    while (end > shell->said && (unsigned char)end[-1] <= ' ') *--end = '\0';
    const char *line = strrchr(shell->said, '\n');
    line = line ? line + 1 : shell->said;
    if (*line == '\0') line = shell->noise;
    snprintf(text, size, "%s%.200s", *line != '\0' ? ": " : "", line);
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) *c = '?';
    }
}

static enum ct_err ended_early(struct ct__shell *shell, struct ct_error *error)
{
    char words[256];
    struct ct__ssh *ssh = shell->ssh;
    if (!libssh2_channel_eof(ssh->channel)) return ct__ssh_failed(ssh, CT_EIO, "the shell", error);
    last_words(shell, words, sizeof(words));
    return ct__error(error, CT_ECONFIG, "%s: the login shell of %s ended before it did what was asked%s",
                     ssh->settings->name, ssh->settings->user, words);
}

/* Cuts the next line from the input into shell->line; false where there is none yet. */
static bool cut_line(struct ct__shell *shell)
{
    char *newline = memchr(shell->input, '\n', shell->input_end);
    size_t size = newline ? (size_t)(newline - shell->input) : shell->input_end;
    if (!newline && size < sizeof(shell->input)) return false;
    size_t keep = size < sizeof(shell->line) - 1 ? size : sizeof(shell->line) - 1;
    memcpy(shell->line, shell->input, keep);
    shell->line[keep] = '\0';
    size_t used = newline ? size + 1 : size;
    shell->input_end -= used;
    memmove(shell->input, shell->input + used, shell->input_end);
    return true;
}

enum ct_err ct__shell_read(struct ct__shell *shell, const char **line, struct ct_error *error)
{
    size_t mark = strlen(shell->mark);
    for (;;) {
        while (cut_line(shell)) {
            if (strncmp(shell->line, shell->mark, mark) == 0 && shell->line[mark] == ' ') {
                *line = shell->line + mark + 1;
                return CT_OK;
            }
            snprintf(shell->noise, sizeof(shell->noise), "%.200s", shell->line);
        }
        bool ended = false;
        ssize_t wrong = 0;
        if (read_some(shell, &ended, &wrong)) continue;
        if (ended) return ended_early(shell, error);
        enum ct_err err = ct__ssh_wait(shell->ssh, "the shell", error);
        if (err) return err;
    }
}

/* ---- writing ---- */

/* Takes in what the shell says while it is written to; otherwise its end, behind that, would never be seen. */
static enum ct_err hear_out(struct ct__shell *shell, bool *ended, struct ct_error *error)
{
    ssize_t wrong = 0;
    enum ct_err err = CT_OK;
    while (!err && (read_some(shell, ended, &wrong) || shell->ssh->held)) {
        if (shell->ssh->held) err = ct__ssh_wait(shell->ssh, "sending", error);
    }
    return err;
}

enum ct_err ct__shell_write(struct ct__shell *shell, const void *bytes, size_t size, struct ct_error *error)
{
    const char *from = bytes;
    struct ct__ssh *ssh = shell->ssh;
    bool ended = false;
    while (size > 0 && !ended) {
        enum ct_err err = CT_OK;
        ssize_t sent = libssh2_channel_write(ssh->channel, from, size);
        if (sent > 0) {
            from += sent;
            size -= (size_t)sent;
            continue;
        }
        if (sent < 0 && sent != AGAIN) return ct__ssh_failed(ssh, CT_EIO, "sending", error);
        if (!ssh->held) err = hear_out(shell, &ended, error);
        if (!err && !ended) err = ct__ssh_wait(ssh, "sending", error);
        if (err) return err;
    }
    return CT_OK;
}

enum ct_err ct__shell_run(struct ct__shell *shell, const char *script, struct ct_error *error)
{
    char size[32];
    snprintf(size, sizeof(size), "%zu\n", strlen(script));
    enum ct_err err = ct__shell_write(shell, size, strlen(size), error);
    return err ? err : ct__shell_write(shell, script, strlen(script), error);
}

void ct__shell_said(struct ct__shell *shell, char *text, size_t size)
{
    bool ended = false;
    ssize_t wrong;
    while (read_some(shell, &ended, &wrong)) continue;
    last_words(shell, text, size);
}
