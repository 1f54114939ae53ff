/* The plan that the settings ask for. */
#include <cli/inner.h>

static void note(void *user, const char *line)
{
    const struct ct__cli *cli = user;
    if (ct__config_number(cli->config, "RUN.verbose") >= 0) ct__cli_note(cli->label, "%s", line);
}

enum ct_err ct__cli_plan(struct ct__cli *cli, bool quiet, struct ct_plan **plan, struct ct_error *error)
{
    const struct ct_plan_options options = {
        .strength = (int)ct__config_number(cli->config, "RUN.strength"),
        .seed = (uint64_t)ct__config_number(cli->config, "RUN.seed"),
        .seed_rows = ct_config_get(cli->config, "RUN.seed_rows"),
        .timeout_ms = ct__config_number(cli->config, "RUN.timeout"),
        .note = quiet ? NULL : note,
        .note_user = cli,
    };
    return ct_plan_new_with(cli->suite, &options, plan, error);
}
