/* `service`: joins a run that listens, and runs walks for it. */
#include <cli/inner.h>
#include <service/service.h>
#include <stdio.h>
#include <string.h>

static const char *label;

static void say(const char *text)
{
    ct__cli_note(label, "%s", text);
}

static enum ct_err join(const struct ct__cli *cli, struct ct_error *error)
{
    const char *token_file = ct_config_get(cli->config, "RUN.token_file");
    int64_t services = ct__config_number(cli->config, "RUN.services");
    int64_t threads = ct__config_number(cli->config, "WORKER.max_thread_count");
    bool own_threads = strcmp(ct__cli_where(cli, "WORKER.max_thread_count"), "default") != 0;
    if (!cli->join) return ct__error(error, CT_EINVAL, "service needs --join URL, where the run listens");
    if (!token_file) return ct__error(error, CT_EINVAL, "service needs --token-file FILE, that of the run");
    if (services < 1) return ct__error(error, CT_EINVAL, "--services: a service that joins has at least 1");
    return ct__remote_join(cli->join, token_file, (uint32_t)services, own_threads ? (uint32_t)threads : 0, say, error);
}

/* The suite that the run is of does not return. */
static enum ct_err serve(const struct ct__cli *cli, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    for (size_t i = 0; !err && i < cli->suite_count; i++) {
        const struct ct_suite *suite = cli->suites[i];
        struct ct_results *results = NULL;
        if (cli->suite && suite != cli->suite) continue;
        err = ct_run_tests(suite, NULL, &results, error);
        if (!err) ct_results_free(results);
    }
    const char *wanted = ct__remote_wanted();
    if (err) return err;
    return ct__error(error, CT_EINVAL, "the run at %s is of suite '%s', which this program has not", cli->join,
                     wanted ? wanted : "");
}

int ct__cli_service(struct ct__cli *cli)
{
    struct ct_error error;
    label = cli->label;
    enum ct_err err = join(cli, &error);
    ct__cli_pipes_release();
    if (!err) (void)serve(cli, &error);
    ct__cli_pipes_guard();
    return ct__cli_say_error(cli->label, &error);
}
