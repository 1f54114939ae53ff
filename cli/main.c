#include <cli/inner.h>
#include <combtest/main.h>
#include <service/service.h>
#include <stdio.h>
#include <string.h>

/* The names of all suites, for a message. */
static void suite_names(const struct ct__cli *cli, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < cli->suite_count && used < size; i++) {
        const char *name = cli->suites[i] && cli->suites[i]->name ? cli->suites[i]->name : "(without a name)";
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", name);
    }
}

static bool has_name(const struct ct_suite *suite, const char *name)
{
    return suite && suite->name && strcmp(suite->name, name) == 0;
}

enum ct_err ct__cli_pick_suite(struct ct__cli *cli, struct ct_error *error)
{
    char names[256] = "none";
    suite_names(cli, names, sizeof(names));
    if (cli->suite_count == 0) return ct__error(error, CT_EINVAL, "the program has no suite");
    if (!cli->suite_name && cli->suite_count > 1)
        return ct__error(error, CT_EINVAL, "the program has several suites; pick one with --suite: %s", names);
    for (size_t i = 0; cli->suite_name && !cli->suite && i < cli->suite_count; i++) {
        if (has_name(cli->suites[i], cli->suite_name)) cli->suite = cli->suites[i];
    }
    if (cli->suite_name && !cli->suite)
        return ct__error(error, CT_EINVAL, "--suite: there is no '%.80s'; the program has %s", cli->suite_name, names);
    if (!cli->suite) cli->suite = cli->suites[0];
    if (!cli->suite) return ct__error(error, CT_EINVAL, "the suite is NULL");
    if (cli->suite->name && cli->suite->name[0] != '\0') cli->label = cli->suite->name;
    return CT_OK;
}

static int run_command(struct ct__cli *cli)
{
    struct ct_error error;
    bool picks = cli->command->bit == CT__RUN || cli->command->bit == CT__LIST ||
                 (cli->command->bit == CT__SERVICE && cli->suite_name);
    if (picks && ct__cli_pick_suite(cli, &error)) return ct__cli_say_error(cli->label, &error);
    if (ct__cli_load_config(cli, &error) || ct__cli_ask(cli, &error)) return ct__cli_say_error(cli->label, &error);
    return cli->command->run(cli);
}

/* Prints what --help and --version ask for. */
static void print_about(const struct ct__cli *cli, int argc, char **argv)
{
    bool command_given = argc > 1 && argv[1][0] != '-';
    if (cli->version)
        ct__cli_print_version();
    else
        ct__cli_print_help(ct__cli_base_name(cli->program), false, command_given ? cli->command : NULL);
}

/* Started on a host of a run, the program serves it: the one of its suites that is meant does not return. */
static int serve(const struct ct_suite *const *suites, size_t count)
{
    struct ct_results *results = NULL;
    for (size_t i = 0; i < count; i++) {
        if (ct_run_tests(suites[i], NULL, &results, NULL) == CT_OK) ct_results_free(results);
    }
    return CT__EXIT_LOST;
}

int ct_main_suites(const struct ct_suite *const *suites, size_t count, int argc, char **argv)
{
    struct ct_error error;
    struct ct__cli cli = { .suites = suites, .suite_count = suites ? count : 0 };
    int code;
    if (ct__remote_active()) return serve(suites, cli.suite_count);
    ct__cli_reached();
    if (!argv || argc < 1) argc = 0;
    cli.program = argc > 0 && argv[0] ? argv[0] : "suite";
    cli.label = ct__cli_base_name(cli.program);
    ct__cli_streams_keep();
    ct__cli_pipes_guard();
    if (ct__cli_parse(&cli, argc, argv, &error)) {
        code = ct__cli_say_error(cli.label, &error);
    } else if (cli.help || cli.version) {
        print_about(&cli, argc, argv);
        code = CT__EXIT_OK;
    } else {
        code = run_command(&cli);
    }
    code = ct__cli_finish(cli.label, code);
    ct__cli_pipes_release();
    ct__cli_clear(&cli);
    return code;
}

int ct_main(const struct ct_suite *suite, int argc, char **argv)
{
    return ct_main_suites(&suite, 1, argc, argv);
}
