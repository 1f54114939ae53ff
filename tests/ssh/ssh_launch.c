/* ssh_launch HOST PROGRAM [ARGUMENT...]: what a run does with one host, alone: PROGRAM is started there by the ssh
 * launcher, with this process's standard input and output for its own. Settings come from combtest.cfg. Exit codes: 0;
 * 1 where it could not be started, with the reason on standard error; 2 for settings that are wrong. */
#include <bootstrap/bootstrap.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void show_note(const struct ct_launch *launch, const char *text)
{
    fprintf(stderr, "%s: %s\n", launch->host->name, text);
}

static int launch_host(const struct ct__hosts *hosts, char **argv, int wire)
{
    static const char *const environment[] = { "COMBTEST_TEST_LAUNCHED=it's \"so\" $HOME", NULL };
    struct ct_error error;
    char *path = realpath(argv[2], NULL);
    const char *deadline = getenv("SSH_LAUNCH_MS");
    struct ct_launch launch = { .host = ct__hosts_at(hosts, 0),
                                .program = path ? path : argv[2],
                                .arguments = (const char *const *)(argv + 2),
                                .environment = environment,
                                .wire = wire,
                                .deadline_ms = deadline ? atoi(deadline) : 60000,
                                .user = (void *)hosts,
                                .note = show_note };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    enum ct_err err = ct_launcher_ssh.launch(&launch, &error);
    if (err) fprintf(stderr, "%s: %s\n", err == CT_ECONFIG ? "refused" : "error", error.text);
    free(path);
    return err ? 1 : 0;
}

static void write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno != EINTR) exit(1);
        if (put > 0) bytes += put, size -= (size_t)put;
    }
}

/* A thread for each direction would be two; this one has a process for what goes up. */
static void send_input(int wire)
{
    static char block[65536];
    ssize_t got;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while ((got = read(STDIN_FILENO, block, sizeof(block))) > 0) write_all(wire, block, (size_t)got);
    shutdown(wire, SHUT_WR);
}

static int relay(int wire, pid_t launcher)
{
    static char block[65536];
    int status = 0;
    ssize_t got;
    pid_t sender = fork();
    if (sender == 0) {
        send_input(wire);
        _exit(0);
    }
    while ((got = read(wire, block, sizeof(block))) > 0) write_all(STDOUT_FILENO, block, (size_t)got);
    waitpid(launcher, &status, 0);
    kill(sender, SIGKILL);
    waitpid(sender, NULL, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
    struct ct_error error;
    struct ct_config *config = NULL;
    struct ct__hosts *hosts = NULL;
    int wires[2], code = 2;
    if (argc < 3) return 2;
    enum ct_err err = ct__config_find(NULL, &config, &error);
    if (!err) err = ct_config_set(config, "NET.machine_ips", argv[1], &error);
    if (!err) err = ct__hosts_new(config, NULL, &hosts, &error);
    if (err || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wires) != 0) {
        fprintf(stderr, "error: %s\n", err ? error.text : strerror(errno));
        goto out;
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(wires[0]);
        _exit(launch_host(hosts, argv, wires[1]));
    }
    close(wires[1]);
    code = relay(wires[0], pid);
out:
    ct__hosts_free(hosts);
    ct_config_free(config);
    return code;
}
