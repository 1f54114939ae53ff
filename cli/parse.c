/* The command line of a suite's program. */
#include <cli/inner.h>
#include <stdlib.h>
#include <string.h>

static enum ct_err add_setting(struct ct__cli *cli, const char *where, const char *key, size_t key_size,
                               const char *value, struct ct_error *error)
{
    char *copy = strndup(key, key_size);
    if (!copy) return ct__nomem(error);
    cli->settings[cli->setting_count++] = (struct ct__cli_setting){ .where = where, .key = copy, .value = value };
    return CT_OK;
}

static enum ct_err add_set(struct ct__cli *cli, const char *text, struct ct_error *error)
{
    const char *equals = strchr(text, '=');
    if (!equals) return ct__error(error, CT_EINVAL, "--set: '%.80s' has no value; write SECTION.key=value", text);
    return add_setting(cli, "--set", text, (size_t)(equals - text), equals + 1, error);
}

static enum ct_err take_option(struct ct__cli *cli, const struct ct__cli_option *option, const char *value,
                               struct ct_error *error)
{
    switch (option->role) {
    case CT__ROLE_KEY: return add_setting(cli, option->name, option->key, strlen(option->key), value, error);
    case CT__ROLE_SET: return add_set(cli, value, error);
    case CT__ROLE_CONFIG: cli->config_path = value; break;
    case CT__ROLE_SUITE: cli->suite_name = value; break;
    case CT__ROLE_COUNT: cli->count = true; break;
    case CT__ROLE_JSON: cli->json = true; break;
    case CT__ROLE_RERUN: cli->rerun = value; break;
    case CT__ROLE_FROM: cli->from = value; break;
    case CT__ROLE_JOIN: cli->join = value; break;
    case CT__ROLE_STATUS: cli->status = value; break;
    case CT__ROLE_WHERE: cli->where[cli->where_count++] = value; break;
    case CT__ROLE_STATE: cli->state = value; break;
    case CT__ROLE_PRINT_STATE: cli->print_state = true; break;
    case CT__ROLE_STEP: cli->step = true; break;
    case CT__ROLE_GDB: cli->gdb = true; break;
    case CT__ROLE_TRAP: cli->trap = true; break;
    case CT__ROLE_ASK_PASSWORD: cli->ask_password = true; break;
    case CT__ROLE_ASK_PASSPHRASE: cli->ask_passphrase = true; break;
    case CT__ROLE_HELP: cli->help = true; break;
    case CT__ROLE_VERSION: cli->version = true; break;
    }
    return CT_OK;
}

static enum ct_err check_command(const struct ct__cli *cli, const struct ct__cli_option *option, struct ct_error *error)
{
    if (option->commands & cli->command->bit) return CT_OK;
    size_t i = 0;
    while (i + 1 < ct__cli_command_count && !(option->commands & ct__cli_commands[i].bit)) i++;
    return ct__error(error, CT_EINVAL, "%s is no option of %s, but of %s", option->name, cli->command->name,
                     ct__cli_commands[i].name);
}

/* How many arguments a command takes: the words of its row. */
static size_t count_arguments(const struct ct__cli_command *command)
{
    size_t count = 0;
    if (!command->arguments) return 0;
    for (const char *at = command->arguments; at; at = strchr(at + 1, ' ')) count++;
    return count;
}

static enum ct_err take_argument(struct ct__cli *cli, const char *value, struct ct_error *error)
{
    size_t count = count_arguments(cli->command);
    if (cli->argument_count < count) {
        cli->arguments[cli->argument_count++] = value;
        return CT_OK;
    }
    if (count > 0)
        return ct__error(error, CT_EINVAL, "%.80s: unexpected; %s takes %s", value, cli->command->name,
                         cli->command->arguments);
    return ct__error(error, CT_EINVAL, "%.80s: unexpected; the command stands first, then options only", value);
}

static enum ct_err parse_options(struct ct__cli *cli, struct ct__words *words, struct ct_error *error)
{
    const struct ct__cli_option *option;
    const char *value;
    for (;;) {
        enum ct_err err = CT_OK;
        switch (ct__cli_next(words, &option, &value, error)) {
        case CT__TOKEN_END: return CT_OK;
        case CT__TOKEN_WRONG: return CT_EINVAL;
        case CT__TOKEN_ARGUMENT: err = take_argument(cli, value, error); break;
        case CT__TOKEN_OPTION:
            err = check_command(cli, option, error);
            if (!err) err = take_option(cli, option, value, error);
            break;
        }
        if (err) return err;
    }
}

enum ct_err ct__cli_parse(struct ct__cli *cli, int argc, char **argv, struct ct_error *error)
{
    struct ct__words words = { .argc = argc, .argv = argv, .at = 1 };
    cli->command = &ct__cli_commands[0];
    if (argc > 1 && argv[1][0] != '-') {
        cli->command = ct__cli_command_find(argv[1], false, error);
        if (!cli->command) return CT_EINVAL;
        words.at = 2;
    }
    cli->settings = calloc((size_t)argc + 1, sizeof(*cli->settings));
    cli->where = calloc((size_t)argc + 1, sizeof(*cli->where));
    if (!cli->settings || !cli->where) return ct__nomem(error);
    return parse_options(cli, &words, error);
}

void ct__cli_clear(struct ct__cli *cli)
{
    for (size_t i = 0; i < cli->setting_count; i++) free(cli->settings[i].key);
    free(cli->settings);
    free(cli->where);
    ct_config_free(cli->config);
}

enum ct_err ct__cli_load_config(struct ct__cli *cli, struct ct_error *error)
{
    enum ct_err err = ct__config_find(cli->config_path, &cli->config, error);
    for (size_t i = 0; !err && i < cli->setting_count; i++) {
        const struct ct__cli_setting *setting = &cli->settings[i];
        char where[96];
        bool any_key = strcmp(setting->where, "--set") == 0;
        snprintf(where, sizeof(where), "%s%s%.60s", setting->where, any_key ? " " : "", any_key ? setting->key : "");
        err = ct__config_set_where(cli->config, setting->key, setting->value, CT__ORIGIN_COMMAND_LINE, where, error);
    }
    return err;
}
