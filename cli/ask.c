/* Secrets from whoever sits at the terminal, before anything starts. */
#include <cli/inner.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_SIZE 1024
#define INTERRUPT   '\x03'

/* One line of the terminal, without its newline. False for its end, an interrupt, or a line that is too long. */
static bool read_line(int terminal, char *line, size_t size)
{
    size_t used = 0;
    char c;
    for (;;) {
        ssize_t got = read(terminal, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || c == INTERRUPT || used + 1 == size) return false;
        if (c == '\n' || c == '\r') break;
        line[used++] = c;
    }
    line[used] = '\0';
    return used > 0;
}

/* Nothing is echoed, and Ctrl-C is a character, so that the terminal is always put back as it was. */
static bool ask_quietly(int terminal, const char *question, char *line, size_t size)
{
    struct termios before, quiet;
    if (tcgetattr(terminal, &before) != 0) return false;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    dprintf(terminal, "%s: ", question);
    if (tcsetattr(terminal, TCSAFLUSH, &quiet) != 0) return false;
    bool answered = read_line(terminal, line, size);
    tcsetattr(terminal, TCSAFLUSH, &before);
    dprintf(terminal, "\n");
    return answered;
}

static enum ct_err ask(struct ct_config *config, const char *option, const char *question, const char *key,
                       struct ct_error *error)
{
    char line[SECRET_SIZE] = "";
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0)
        return ct__error(error, CT_EINVAL, "%s: there is no terminal to ask at; name a file with %s_file", option, key);
    enum ct_err err = CT_OK;
    if (ask_quietly(terminal, question, line, sizeof(line)))
        err = ct_config_set(config, key, line, error);
    else
        err = ct__error(error, CT_EINVAL, "%s: no answer was given", option);
    explicit_bzero(line, sizeof(line));
    close(terminal);
    return err;
}

enum ct_err ct__cli_ask(const struct ct__cli *cli, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (cli->ask_passphrase)
        err = ask(cli->config, "--ask-passphrase", "passphrase of the ssh keys", "SSH.passphrase", error);
    if (!err && cli->ask_password)
        err = ask(cli->config, "--ask-password", "password on the hosts", "SSH.password", error);
    return err;
}
