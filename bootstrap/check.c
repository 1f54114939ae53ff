/* `hosts check`: what each host says when it is asked, and how far one gets. */
#include <bootstrap/clock.h>
#include <bootstrap/deploy.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PINGS    3
#define MARGIN_S 10 /* that a process may take longer than its deadlines, as for a name that is not found */

static bool has_all(const struct ct__deploy *deploy)
{
    for (size_t i = 0; i < deploy->count; i++) {
        if (!deploy->items[i].there) return false;
    }
    return deploy->count > 0;
}

static void take_probe(const struct ct__deploy *deploy, struct ct__host_report *report)
{
    const struct ct__probe *probe = &deploy->probe;
    memcpy(report->machine, probe->machine, sizeof(report->machine));
    report->cores = probe->cores;
    report->glibc_major = probe->glibc_major;
    report->glibc_minor = probe->glibc_minor;
    report->cached = has_all(deploy);
    memcpy(report->missing, deploy->missing, sizeof(report->missing));
}

static enum ct_err ask_shell(struct ct__shell *shell, const struct ct_host *host, const char *program,
                             struct ct__host_report *report, struct ct_error *error)
{
    struct ct__deploy deploy;
    enum ct_err err = ct__deploy_start(&deploy, shell, host, program, 0, error);
    if (!err) {
        err = ct__deploy_probe(&deploy, error);
        if (!err) err = ct__deploy_look(&deploy, error);
        take_probe(&deploy, report);
    }
    for (int i = 0; !err && i < PINGS; i++) {
        double took_ms = 0;
        err = ct__deploy_ping(&deploy, &took_ms, error);
        if (i == 0 || took_ms < report->round_trip_ms) report->round_trip_ms = took_ms;
    }
    ct__deploy_clear(&deploy);
    return err;
}

static void check_host(const struct ct__hosts *hosts, size_t i, const char *program, struct ct__host_report *report)
{
    const struct ct_host *host = ct__hosts_at(hosts, i);
    const struct ct__ssh_settings *settings = ct__hosts_ssh(hosts, host);
    struct ct__ssh *ssh = NULL;
    struct ct__shell *shell = NULL;
    struct ct_error error = { .code = CT_OK };
    enum ct__reached reached;
    enum ct_err err = ct__ssh_open(settings, ct__now_ms() + settings->connect_ms, &reached, &ssh, &error);
    report->reachable = reached >= CT__REACHED_SERVER;
    report->key = reached >= CT__REACHED_LOGIN;
    report->login = reached >= CT__REACHED_ALL;
    if (!err) ct__ssh_set_deadline(ssh, ct__now_ms() + settings->connect_ms);
    if (!err) err = ct__shell_open(ssh, &shell, &error);
    if (!err) err = ask_shell(shell, host, program, report, &error);
    memcpy(report->error, error.text, sizeof(report->error));
    report->err = err;
    ct__shell_free(shell);
    ct__ssh_close(ssh);
}

/* A process that checks one host; what the host writes to standard error is no result. -1 with errno. */
static pid_t start_check(const struct ct__hosts *hosts, size_t i, const char *program, struct ct__host_report *report)
{
    pid_t pid = fork();
    if (pid != 0) return pid;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null >= 0) dup2(null, STDERR_FILENO);
    alarm((unsigned)(ct__hosts_ssh(hosts, ct__hosts_at(hosts, i))->connect_ms / 500 + MARGIN_S));
    check_host(hosts, i, program, report);
    _exit(0);
}

static void wait_for(pid_t pid)
{
    while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
}

enum ct_err ct__hosts_check(const struct ct__hosts *hosts, const char *program, struct ct__host_report *reports,
                            struct ct_error *error)
{
    size_t count = ct__hosts_count(hosts), size = (count + 1) * sizeof(*reports);
    enum ct_err err = CT_OK;
    pid_t *pids = calloc(count + 1, sizeof(*pids));
    struct ct__host_report *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!pids || shared == MAP_FAILED) {
        free(pids);
        if (shared != MAP_FAILED) munmap(shared, size);
        return ct__nomem(error);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = ct__hosts_at(hosts, i)->name;
        struct ct_error unfinished;
        shared[i].err = ct__error(&unfinished, CT_EIO, "%s: there was no answer in time", name);
        memcpy(shared[i].error, unfinished.text, sizeof(shared[i].error));
        pids[i] = start_check(hosts, i, program, &shared[i]);
        if (pids[i] < 0) err = ct__error(error, CT_ESYSTEM, "cannot start a process: %s", strerror(errno));
    }
    for (size_t i = 0; i < count; i++) wait_for(pids[i]);
    if (!err) memcpy(reports, shared, count * sizeof(*reports));
    munmap(shared, size);
    free(pids);
    return err;
}
