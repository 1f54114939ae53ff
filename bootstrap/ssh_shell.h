/* A shell on a host, that scripts are sent to. One thread. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_SSH_SHELL_H
#define COMBTEST_BOOTSTRAP_SSH_SHELL_H
#include <bootstrap/ssh.h>

struct ct__shell {
    struct ct__ssh *ssh;
    char mark[32]; /* begins each line that is meant for us; chosen at random */
    char input[16384];
    size_t input_end; /* how much of it has come and was not taken */
    char line[4096];
    char noise[208]; /* the last line on standard output that was not for us */
    char said[1024]; /* the end of what came on standard error */
    size_t said_size;
};

/* Starts a shell over the connection, at most one for each; *shell is the caller's. */
enum ct_err ct__shell_open(struct ct__ssh *ssh, struct ct__shell **shell, struct ct_error *error);
void ct__shell_free(struct ct__shell *shell);

/* Has the shell evaluate a script, which may read from standard input what ct__shell_write sends behind it. Both return
 * CT_OK where the shell has ended: ct__shell_read says so then. */
enum ct_err ct__shell_run(struct ct__shell *shell, const char *script, struct ct_error *error);
enum ct_err ct__shell_write(struct ct__shell *shell, const void *bytes, size_t size, struct ct_error *error);

/* Waits for the next line that begins with the mark and a blank, and gives what follows: borrowed until the next call.
 */
enum ct_err ct__shell_read(struct ct__shell *shell, const char **line, struct ct_error *error);
/* ": " and the last line that the shell wrote to standard error, or "", cut at size. */
void ct__shell_said(struct ct__shell *shell, char *text, size_t size);

/* Joins the wire, a socket, and the shell's standard streams until the shell has ended, or, once the wire has, at most
 * stop_ms longer. *exit_code: of a shell that ended while the wire had not; else -1. CT_EIO where the connection ended
 * before. */
enum ct_err ct__shell_pump(struct ct__shell *shell, int wire, int64_t stop_ms, int *exit_code, struct ct_error *error);
#endif
