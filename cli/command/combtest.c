/* The combtest command: `combtest run SUITE …` is `SUITE run …`. */
#include <cli/cli.h>
#include <cli/exec.h>
#include <combtest/main.h>
#include <errno.h>
#include <replay/replay.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LABEL "combtest"

static int say_wrong(const char *what, const char *why)
{
    fprintf(stderr, LABEL ": error: %s%s\n", what, why);
    return CT__EXIT_USAGE;
}

/* The index of the SUITE among the arguments, or 0. What is wrong with the options the suite says. */
static int find_suite(int argc, char **argv)
{
    struct ct__words words = { .argc = argc, .argv = argv, .at = 2 };
    const struct ct__cli_option *option;
    const char *value;
    for (;;) {
        switch (ct__cli_next(&words, &option, &value, NULL)) {
        case CT__TOKEN_END: return 0;
        case CT__TOKEN_ARGUMENT: return words.at - 1;
        case CT__TOKEN_OPTION:
        case CT__TOKEN_WRONG: break;
        }
    }
}

/* Becomes "SUITE COMMAND …"; returns only where that failed. A name without a slash is taken from here before PATH. */
static int become_suite(int argc, char **argv, int suite_at)
{
    const char *suite = argv[suite_at];
    char *path = ct__cli_find_program(suite);
    char **arguments = path ? calloc((size_t)argc + 1, sizeof(*arguments)) : NULL;
    int count = 0;
    if (!arguments) {
        fprintf(stderr, LABEL ": error: %s: cannot be run: %s\n", suite, strerror(errno));
    } else {
        arguments[count++] = *path == '.' ? path : (char *)suite;
        for (int i = 1; i < argc; i++) {
            if (i != suite_at) arguments[count++] = argv[i];
        }
        execvp(path, arguments);
        fprintf(stderr, LABEL ": error: %s: cannot be run: %s\n", arguments[0], strerror(errno));
    }
    free(arguments);
    free(path);
    return CT__EXIT_USAGE;
}

static bool asks_for(int argc, char **argv, const char *name, const char *letter)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], name) == 0 || (letter && strcmp(argv[i], letter) == 0)) return true;
    }
    return false;
}

/* The TRACE among the arguments of replay, and where "--suite PATH" stands, from 2 on; 0: not there. */
static void find_trace(int argc, char **argv, int *trace_at, int *path_at, int *path_words)
{
    struct ct__words words = { .argc = argc, .argv = argv, .at = 2 };
    const struct ct__cli_option *option;
    const char *value;
    for (;;) {
        int at = words.at;
        switch (ct__cli_next(&words, &option, &value, NULL)) {
        case CT__TOKEN_END: return;
        case CT__TOKEN_ARGUMENT:
            if (*trace_at == 0) *trace_at = words.at - 1;
            break;
        case CT__TOKEN_OPTION:
            if (strcmp(option->name, "--suite") == 0) *path_at = at, *path_words = words.at - at;
            break;
        case CT__TOKEN_WRONG: break;
        }
    }
}

static const char *path_of(char **argv, int at, int count)
{
    return count == 2 ? argv[at + 1] : strchr(argv[at], '=') + 1;
}

/* The words of the `exec` that wrote a trace, NULL-terminated, borrowed from its header; NULL: another command did, or
 * there is no memory. */
static char **exec_words(const struct ct__header *header, int *count)
{
    const json_t *arguments = json_object_get(header->json, "arguments");
    const char *command = json_string_value(json_array_get(arguments, 1));
    size_t size = json_array_size(arguments);
    char **words = command && strcmp(command, "exec") == 0 ? calloc(size, sizeof(*words)) : NULL;
    for (size_t i = 1; words && i < size; i++)
        words[i - 1] = (char *)(uintptr_t)json_string_value(json_array_get(arguments, i));
    *count = (int)size - 1;
    return words;
}

/* By the program that wrote the trace, or that of --suite, with the same words. */
static int replay_trace(int argc, char **argv)
{
    struct ct_error error;
    struct ct__reader *reader = NULL;
    const char *program = NULL;
    int trace_at = 0, path_at = 0, path_words = 0, count = 0, code;
    char **arguments = calloc((size_t)argc + 1, sizeof(*arguments)), **recorded;
    int recorded_count;
    if (!arguments) return say_wrong("out of memory", "");
    find_trace(argc, argv, &trace_at, &path_at, &path_words);
    if (path_at > 0) program = path_of(argv, path_at, path_words);
    if (trace_at == 0) {
        code = say_wrong("replay needs a trace and walks: " LABEL " replay TRACE IDS [options]", "");
    } else if (!program && (ct__reader_open(argv[trace_at], &reader, &error) || ct__reader_rewind(reader, &error))) {
        code = ct__cli_say_error(LABEL, &error);
    } else if (!program && !(program = ct__reader_header(reader)->program)) {
        code = say_wrong(argv[trace_at], ": does not say which program wrote it; name it with --suite PATH");
    } else if (reader && (recorded = exec_words(ct__reader_header(reader), &recorded_count))) {
        code = ct__cli_exec_replay(argc, argv, recorded_count, recorded);
        free(recorded);
    } else {
        for (int i = 0; i < argc; i++) {
            if (i < path_at || i >= path_at + path_words) arguments[count++] = argv[i];
        }
        arguments[0] = (char *)program;
        code = ct__cli_replay_by(LABEL, program, arguments,
                                 path_at > 0 ? "" : "; if the program moved, name it with --suite PATH");
    }
    ct__reader_close(reader);
    free(arguments);
    return code;
}

static int run_command(const struct ct__cli_command *command, int argc, char **argv)
{
    bool about = asks_for(argc, argv, "--help", "-h");
    if (command->bit == CT__REPLAY && !about) return replay_trace(argc, argv);
    if ((command->bit == CT__TRACE || command->bit == CT__HOSTS) && !about) return ct_main_suites(NULL, 0, argc, argv);
    int suite_at = command->arguments ? 0 : find_suite(argc, argv);
    if (suite_at > 0) return become_suite(argc, argv, suite_at);
    if (command->bit == CT__SETTINGS) return ct_main_suites(NULL, 0, argc, argv);
    if (about) {
        ct__cli_pipes_guard();
        ct__cli_print_help(LABEL, true, command);
        int code = ct__cli_finish(LABEL, CT__EXIT_OK);
        ct__cli_pipes_release();
        return code;
    }
    fprintf(stderr, LABEL ": error: %s needs a suite: " LABEL " %s SUITE [options]\n", command->name, command->name);
    return CT__EXIT_USAGE;
}

int main(int argc, char **argv)
{
    struct ct_error error;
    int code = CT__EXIT_OK;
    ct__cli_streams_keep();
    if (strcmp(ct__cli_base_name(argc > 0 ? argv[0] : NULL), "pict") == 0) return ct__cli_generate(argc, argv);
    ct__cli_pipes_guard();
    if (argc > 1 && argv[1][0] != '-') {
        ct__cli_pipes_release();
        const struct ct__cli_tool *tool = ct__cli_tool_find(argv[1]);
        if (tool) return tool->run(argc - 1, argv + 1);
        const struct ct__cli_command *command = ct__cli_command_find(argv[1], true, &error);
        return command ? run_command(command, argc, argv) : ct__cli_say_error(LABEL, &error);
    }
    if (argc > 1 && asks_for(argc, argv, "--version", NULL))
        ct__cli_print_version();
    else if (argc > 1 && asks_for(argc, argv, "--help", "-h"))
        ct__cli_print_help(LABEL, true, NULL);
    else
        code = say_wrong(argc > 1 ? argv[1] : "no command",
                         argc > 1 ? ": a command stands first; --help lists them" : "; combtest --help lists them");
    code = ct__cli_finish(LABEL, code);
    ct__cli_pipes_release();
    return code;
}
