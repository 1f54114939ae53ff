/* The ssh launcher: connection, deployment, the program, its wire. */
#include <bootstrap/clock.h>
#include <bootstrap/deploy.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(const struct ct_launch *launch, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(const struct ct_launch *launch, const char *format, ...)
{
    char text[512];
    va_list arguments;
    if (!launch->note) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    launch->note(launch, text);
}

static int64_t earlier(int64_t limit_ms, int64_t deadline_ms)
{
    int64_t limit = ct__now_ms() + limit_ms;
    return limit < deadline_ms ? limit : deadline_ms;
}

static enum ct_err start_program(const struct ct_launch *launch, struct ct__deploy *deploy, int64_t stop_ms,
                                 struct ct_error *error)
{
    const char *line = "";
    char *script = ct__deploy_script(deploy, launch->arguments, launch->environment, stop_ms);
    if (!script) return ct__nomem(error);
    enum ct_err err = ct__shell_run(deploy->shell, script, error);
    if (!err) err = ct__shell_read(deploy->shell, &line, error);
    free(script);
    if (err || strcmp(line, "start") == 0) return err;
    char said[256];
    ct__shell_said(deploy->shell, said, sizeof(said));
    return ct__error(error, CT_EIO, "%s: %s%s", launch->host->name, strncmp(line, "failed ", 7) == 0 ? line + 7 : line,
                     said);
}

/* What is to be deployed, hashed by a thread while the connection is made. */
struct hashing {
    const struct ct_launch *launch;
    const struct ct__ssh_settings *settings;
    pthread_t thread;
    bool apart; /* the thread has it */
    struct ct__deploy deploy;
    enum ct_err err;
    struct ct_error error;
};

static void *hash_files(void *user)
{
    struct hashing *hashing = user;
    const struct ct_launch *launch = hashing->launch;
    hashing->err = ct__deploy_start(&hashing->deploy, NULL, launch->host, launch->program,
                                    hashing->settings->cache_days, &hashing->error);
    return NULL;
}

static void hashing_start(struct hashing *hashing)
{
    hashing->apart = pthread_create(&hashing->thread, NULL, hash_files, hashing) == 0;
    if (!hashing->apart) hash_files(hashing);
}

static void hashing_await(struct hashing *hashing)
{
    if (hashing->apart) pthread_join(hashing->thread, NULL);
    hashing->apart = false;
}

static enum ct_err deploy_all(struct hashing *hashing, struct ct__shell *shell, struct ct_error *error)
{
    struct ct__deploy *deploy = &hashing->deploy;
    hashing_await(hashing);
    deploy->shell = shell;
    enum ct_err err = hashing->err;
    if (err && error) *error = hashing->error;
    if (!err) err = ct__deploy_probe(deploy, error);
    if (!err) err = ct__deploy_upload(deploy, error);
    if (!err && deploy->sent > 0) note(hashing->launch, "uploaded %" PRIu64 " bytes", deploy->sent);
    if (!err) err = start_program(hashing->launch, deploy, hashing->settings->stop_ms, error);
    return err;
}

/* Where a host that is direct can find the run. */
static void tell_from(const struct ct_launch *launch, const struct ct__ssh *ssh)
{
    char address[256];
    if (!launch->host->direct || !launch->from) return;
    ct__ssh_local_address(ssh, address, sizeof(address));
    if (*address != '\0') launch->from(launch, address);
}

static enum ct_err launch_ssh(const struct ct_launch *launch, struct ct_error *error)
{
    const struct ct__hosts *hosts = launch->user;
    const struct ct__ssh_settings *settings = hosts ? ct__hosts_ssh(hosts, launch->host) : NULL;
    struct ct__ssh *ssh = NULL;
    struct ct__shell *shell = NULL;
    int exit_code = -1;
    if (!settings)
        return ct__error(error, CT_EINVAL, "%s: the ssh launcher was not told how to reach this host",
                         launch->host->name);
    struct hashing hashing = { .launch = launch, .settings = settings };
    hashing_start(&hashing);
    int64_t deadline_ms = launch->deadline_ms > 0 ? ct__now_ms() + launch->deadline_ms : INT64_MAX;
    enum ct_err err = ct__ssh_open(settings, earlier(settings->connect_ms, deadline_ms), NULL, &ssh, error);
    if (!err) tell_from(launch, ssh);
    if (!err) ct__ssh_set_deadline(ssh, earlier(settings->start_ms, deadline_ms));
    if (!err) err = ct__shell_open(ssh, &shell, error);
    if (!err) err = deploy_all(&hashing, shell, error);
    hashing_await(&hashing);
    ct__deploy_clear(&hashing.deploy);
    if (!err) err = ct__shell_pump(shell, launch->wire, settings->stop_ms, &exit_code, error);
    if (!err && exit_code > 0) note(launch, "the program ended with exit code %d", exit_code);
    ct__shell_free(shell);
    ct__ssh_close(ssh);
    return err;
}

const struct ct_launcher ct_launcher_ssh = { .name = "ssh", .launch = launch_ssh };
