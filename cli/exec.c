/* combtest exec: a program under test without a line of C. Its parameters become actions, the command the last one. */
#include <cli/exec.h>
#include <combtest/core.h>
#include <combtest/main.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define LABEL "combtest"

struct exec {
    struct ct_suite suite;
    struct ct_action *actions;
    size_t parameter_count;
    char **command; /* NULL-terminated */
    char **rest;    /* the words for run or list */
    int rest_count;
    bool list, help;
};

/* ---- a walk ---- */

/* The text that a value was given as; for malloc's free; NULL: no memory. */
static char *value_text(const struct ct_option *option)
{
    json_t *json = ct__option_to_json(option);
    char *text = json_is_string(json) ? strdup(json_string_value(json)) : json ? ct__json_shortest(json) : NULL;
    json_decref(json);
    return text;
}

/* The parameter whose {NAME} begins at text, or parameter_count. */
static size_t find_place(const struct exec *exec, const char *text, size_t *size)
{
    for (size_t i = 0; i < exec->parameter_count; i++) {
        *size = strlen(exec->actions[i].name) + 2;
        if (text[0] == '{' && strncmp(text + 1, exec->actions[i].name, *size - 2) == 0 && text[*size - 1] == '}')
            return i;
    }
    return exec->parameter_count;
}

static bool put_word(const struct exec *exec, const struct ct_walk *walk, const char *word, FILE *to)
{
    while (*word != '\0') {
        size_t size, i = find_place(exec, word, &size);
        if (i == exec->parameter_count) {
            fputc(*word++, to);
            continue;
        }
        char *text = value_text(ct_walk_option(walk, exec->actions[i].name));
        if (!text) return false;
        fputs(text, to);
        free(text);
        word += size;
    }
    return true;
}

static char *make_word(const struct exec *exec, const struct ct_walk *walk, const char *word)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to) return NULL;
    bool done = put_word(exec, walk, word, to);
    if (fclose(to) == 0 && done) return text;
    free(text);
    return NULL;
}

static void free_words(char **words)
{
    for (size_t i = 0; words && words[i]; i++) free(words[i]);
    free(words);
}

static char **make_words(const struct exec *exec, const struct ct_walk *walk)
{
    size_t count = 0;
    while (exec->command[count]) count++;
    char **words = calloc(count + 1, sizeof(*words));
    for (size_t i = 0; words && i < count; i++) {
        words[i] = make_word(exec, walk, exec->command[i]);
        if (words[i]) continue;
        free_words(words);
        return NULL;
    }
    return words;
}

/* 0, or an errno. */
static int spawn(char **words, pid_t *child)
{
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    int code = words[0] ? posix_spawnattr_init(&attributes) : ENOENT;
    if (code != 0) return code;
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    code = posix_spawnp(child, words[0], NULL, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    return code;
}

static enum ct_status run(struct ct_walk *walk, const struct ct_option *option)
{
    const struct exec *exec = ct_walk_suite(walk)->user;
    pid_t child;
    int status;
    (void)option;
    char **words = make_words(exec, walk);
    if (!words) return ct_fail_at(walk, NULL, 0, "out of memory");
    int cause = spawn(words, &child);
    if (cause != 0) ct_fail_at(walk, NULL, 0, "%s: cannot be run: %s", words[0], strerror(cause));
    free_words(words);
    if (cause != 0) return CT_FAIL;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return ct_fail_at(walk, NULL, 0, "cannot wait for it: %s", strerror(errno));
    }
    if (WIFSIGNALED(status)) return ct_fail_at(walk, NULL, 0, "ended by SIG%s", sigabbrev_np(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0) return ct_fail_at(walk, NULL, 0, "exited with %d", WEXITSTATUS(status));
    return CT_PASS;
}

/* A parameter's values differ in the walk's options alone: there is nothing to do for one. */
static enum ct_status choose(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* ---- parameters ---- */

/* A number where it is written as it would be printed, so that constraints can compare it and the command gets the same
 * text; else a string, which is taken. */
static struct ct_option make_value(char *text)
{
    json_error_t why;
    json_t *json = json_loads(text, JSON_DECODE_ANY, &why);
    struct ct_option option = CT_STRING(text);
    char *again = json_is_number(json) ? ct__json_shortest(json) : NULL;
    bool same = again && strcmp(again, text) == 0;
    if (same && json_is_integer(json)) option = (struct ct_option)CT_INT(json_integer_value(json));
    if (same && json_is_real(json)) option = (struct ct_option)CT_REAL(json_real_value(json));
    if (same) free(text);
    free(again);
    json_decref(json);
    return option;
}

/* The next value, up to a comma that no backslash stands before. */
static char *take_value(const char **at)
{
    char *text = malloc(strlen(*at) + 1);
    size_t used = 0;
    if (!text) return NULL;
    for (; **at != '\0' && **at != ','; (*at)++) {
        if ((*at)[0] == '\\' && (*at)[1] == ',') (*at)++;
        text[used++] = **at;
    }
    text[used] = '\0';
    return text;
}

static enum ct_err add_parameter(struct exec *exec, const char *word, struct ct_error *error)
{
    struct ct_action *action = &exec->actions[exec->parameter_count];
    const char *equals = strchr(word, '='), *at = equals;
    size_t count = 0;
    if (!equals || equals == word) return ct__error(error, CT_EINVAL, "exec: -p '%.80s': write NAME=VALUE,VALUE", word);
    struct ct_option *options = calloc(strlen(equals) + 1, sizeof(*options));
    *action = (struct ct_action){ .name = strndup(word, (size_t)(equals - word)), .run = choose, .options = options };
    exec->parameter_count++;
    if (!action->name || !options) return ct__nomem(error);
    do {
        at++; /* past the equals sign, or a comma */
        char *text = take_value(&at);
        if (!text) return ct__nomem(error);
        options[count++] = make_value(text);
        action->option_count = count;
    } while (*at == ',');
    return CT_OK;
}

static void clear(struct exec *exec)
{
    for (size_t i = 0; i < exec->parameter_count; i++) {
        const struct ct_action *action = &exec->actions[i];
        for (size_t v = 0; v < action->option_count; v++)
            if (action->options[v].type == CT_TYPE_STRING) free((char *)(uintptr_t)action->options[v].as.s);
        free((struct ct_option *)(uintptr_t)action->options);
        free((char *)(uintptr_t)action->name);
    }
    free(exec->actions);
    free(exec->rest);
}

/* ---- words ---- */

/* The value of -p or --constraints at argv[*at], whose name may be followed by it; NULL: it is another word. */
static const char *value_of(const char *name, int argc, char **argv, int *at)
{
    const char *word = argv[*at];
    size_t size = strlen(name);
    if (strncmp(word, name, size) != 0) return NULL;
    if (word[size] == '\0') {
        const char *next = *at + 1 < argc ? argv[*at + 1] : NULL;
        if (next) ++*at;
        return next ? next : "";
    }
    if (word[size] == '=' && name[1] == '-') return word + size + 1;
    return name[1] != '-' ? word + size : NULL;
}

static enum ct_err take_word(struct exec *exec, int argc, char **argv, int *at, struct ct_error *error)
{
    const char *value = value_of("-p", argc, argv, at);
    if (!value) value = value_of("--parameter", argc, argv, at);
    if (value) return add_parameter(exec, value, error);
    value = value_of("--constraints", argc, argv, at);
    if (value) {
        exec->suite.constraints = value;
    } else if (strcmp(argv[*at], "--list") == 0) {
        exec->list = true;
    } else if (strcmp(argv[*at], "--help") == 0 || strcmp(argv[*at], "-h") == 0) {
        exec->help = true;
    } else {
        exec->rest[exec->rest_count++] = argv[*at];
    }
    return CT_OK;
}

/* Whether some word of the command has the parameter's place. */
static bool is_used(const struct exec *exec, size_t parameter)
{
    for (char **word = exec->command; *word; word++) {
        size_t size;
        for (const char *at = *word; *at != '\0'; at++)
            if (find_place(exec, at, &size) == parameter) return true;
    }
    return false;
}

static enum ct_err check(const struct exec *exec, struct ct_error *error)
{
    if (!exec->command || !exec->command[0])
        return ct__error(error, CT_EINVAL, "exec needs a command: combtest exec -p NAME=VALUE,VALUE -- CMD {NAME}");
    if (exec->parameter_count == 0)
        return ct__error(error, CT_EINVAL, "exec needs a parameter: combtest exec -p NAME=VALUE,VALUE -- CMD {NAME}");
    for (size_t i = 0; i < exec->parameter_count; i++) {
        for (size_t j = 0; j < i; j++)
            if (strcmp(exec->actions[i].name, exec->actions[j].name) == 0)
                return ct__error(error, CT_EINVAL, "exec: parameter %.80s is given twice", exec->actions[i].name);
        if (is_used(exec, i)) continue;
        return ct__error(error, CT_EINVAL, "exec: no word of the command has {%.80s}", exec->actions[i].name);
    }
    return CT_OK;
}

/* Reads the words behind `exec`, which are borrowed. */
static enum ct_err parse(struct exec *exec, int argc, char **argv, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    exec->actions = calloc((size_t)argc + 1, sizeof(*exec->actions));
    exec->rest = calloc((size_t)argc + 1, sizeof(*exec->rest));
    if (!exec->actions || !exec->rest) return ct__nomem(error);
    for (int i = 1; i < argc && !err && !exec->command; i++) {
        if (strcmp(argv[i], "--") == 0)
            exec->command = argv + i + 1;
        else
            err = take_word(exec, argc, argv, &i, error);
    }
    if (err || exec->help) return err;
    err = check(exec, error);
    if (err) return err;
    exec->actions[exec->parameter_count] = (struct ct_action)CT_ACTION_ONCE("command", run);
    exec->suite.name = "exec";
    exec->suite.actions = exec->actions;
    exec->suite.action_count = exec->parameter_count + 1;
    exec->suite.user = exec;
    return CT_OK;
}

/* ---- from beginning to end ---- */

bool ct__cli_is_exec(const struct ct_suite *suite)
{
    return suite->action_count > 0 && suite->actions && suite->actions[suite->action_count - 1].run == run;
}

static void print_help(void)
{
    puts("usage: combtest exec -p NAME=VALUE,VALUE... [-p ...] [options] -- CMD [ARGUMENT...]\n\n"
         "Runs a program with each combination of its parameters' values, or with --strength N with the few that have "
         "all\n"
         "of every N; {NAME} in CMD and its arguments stands for the value. What exits with 0 has passed.\n\noptions:\n"
         "  -p, --parameter NAME=VALUES   a parameter; a comma within a value is written \\,\n"
         "  --constraints TEXT            in PICT's language: IF [NAME] = \"a\" THEN [OTHER] <= 2;\n"
         "  --list                        list what would run\n"
         "  and those of combtest run but --listen; each walk runs in a process of its own unless --isolation says "
         "otherwise");
}

/* Runs or lists, as if the words were those of a suite's program. */
static int run_suite(const struct exec *exec)
{
    char **words = calloc((size_t)exec->rest_count + 5, sizeof(*words));
    int count = 0;
    if (!words) return ct__cli_say_error(LABEL, &(struct ct_error){ .code = CT_NOMEM, .text = "out of memory" });
    words[count++] = program_invocation_name;
    words[count++] = exec->list ? "list" : "run";
    words[count++] = "--set";
    words[count++] = "RUN.isolation=process";
    for (int i = 0; i < exec->rest_count; i++) words[count++] = exec->rest[i];
    int code = ct_main(&exec->suite, count, words);
    free(words);
    return code;
}

int ct__cli_exec(int argc, char **argv)
{
    struct exec exec = { 0 };
    struct ct_error error;
    int code = CT__EXIT_OK;
    if (parse(&exec, argc, argv, &error))
        code = ct__cli_say_error(LABEL, &error);
    else if (exec.help)
        print_help();
    else
        code = run_suite(&exec);
    clear(&exec);
    return code;
}

int ct__cli_exec_replay(int argc, char **argv, int recorded_count, char **recorded)
{
    struct exec exec = { 0 };
    struct ct_error error;
    int code = parse(&exec, recorded_count, recorded, &error) ? ct__cli_say_error(LABEL, &error)
                                                              : ct_main(&exec.suite, argc, argv);
    clear(&exec);
    return code;
}
