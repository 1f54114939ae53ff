#include <cli/cli.h>
#include <combtest/core.h>
#include <string.h>

#define HELP_COLUMN 27

static bool takes_suite(const struct ct__cli_command *command)
{
    return command->bit != CT__SETTINGS && !command->arguments;
}

static void print_usage(const char *program, bool combtest, const struct ct__cli_command *command)
{
    for (size_t i = 0; i < ct__cli_command_count; i++) {
        const struct ct__cli_command *row = &ct__cli_commands[i];
        if (command && row != command) continue;
        const char *word = row->bit == CT__RUN && !combtest ? "[run]" : row->name;
        printf("%s %s %s%s%s%s [options]\n", i == 0 || command ? "usage:" : "      ", program, word,
               combtest && takes_suite(row) ? " SUITE" : "", row->arguments ? " " : "",
               row->arguments ? row->arguments : "");
    }
}

static void print_tools_usage(const char *program)
{
    for (size_t i = 0; i < ct__cli_tool_count; i++)
        printf("       %s %s %s [options]\n", program, ct__cli_tools[i].name, ct__cli_tools[i].arguments);
}

static void print_commands(bool combtest)
{
    puts("\ncommands:");
    for (size_t i = 0; i < ct__cli_command_count; i++)
        printf("  %-*s%s\n", HELP_COLUMN - 2, ct__cli_commands[i].name, ct__cli_commands[i].help);
    for (size_t i = 0; combtest && i < ct__cli_tool_count; i++)
        printf("  %-*s%s\n", HELP_COLUMN - 2, ct__cli_tools[i].name, ct__cli_tools[i].help);
}

static void print_option(const struct ct__cli_option *option)
{
    char left[64];
    const char *value = option->value ? option->value : "";
    if (option->value && option->fixed)
        snprintf(left, sizeof(left), "%s[=%s]", option->name, value);
    else if (option->letter)
        snprintf(left, sizeof(left), "-%c, %s%s%s", option->letter, option->name, *value ? " " : "", value);
    else
        snprintf(left, sizeof(left), "%s%s%s", option->name, *value ? " " : "", value);
    if (strlen(left) > HELP_COLUMN - 4)
        printf("  %s\n%*s%s\n", left, HELP_COLUMN, "", option->help);
    else
        printf("  %-*s%s\n", HELP_COLUMN - 2, left, option->help);
}

/* The command's own --suite of `combtest replay` is a program. */
static const struct ct__cli_option *option_of(size_t i, bool combtest, const struct ct__cli_command *command)
{
    static const struct ct__cli_option program = { .name = "--suite",
                                                   .value = "PATH",
                                                   .help = "the program, where it is not where the trace says" };
    const struct ct__cli_option *option = &ct__cli_options[i];
    bool replays = combtest && command && command->bit == CT__REPLAY;
    return replays && strcmp(option->name, program.name) == 0 ? &program : option;
}

static void print_options(bool combtest, const struct ct__cli_command *command)
{
    const char *title = NULL;
    for (size_t i = 0; i < ct__cli_option_count; i++) {
        for (size_t j = 0; j < ct__cli_heading_count; j++) {
            if (strcmp(ct__cli_headings[j].first, ct__cli_options[i].name) == 0) title = ct__cli_headings[j].title;
        }
        if (command && !(ct__cli_options[i].commands & command->bit)) continue;
        if (title) printf("\n%s:\n", title);
        title = NULL;
        print_option(option_of(i, combtest, command));
    }
}

void ct__cli_print_help(const char *program, bool combtest, const struct ct__cli_command *command)
{
    print_usage(program, combtest, command);
    if (combtest && !command) print_tools_usage(program);
    if (command)
        printf("\n%s\n", command->help);
    else
        print_commands(combtest);
    print_options(combtest, command);
    if (combtest && (!command || takes_suite(command)))
        puts("\nSUITE is a program that calls ct_main(); `SUITE run` and `combtest run SUITE` are the same.");
}

void ct__cli_print_version(void)
{
    puts("combtest " CT__VERSION);
}
