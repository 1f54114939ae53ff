#include <cli/cli.h>
#include <combtest/core.h>
#include <string.h>

/* Words that other versions know. */
static const char *const not_built[] = { "--session", "--resume", "--junit" };

/* What other tools call it: ctest, pytest with its plugins, cosmic-ray, PICT, make. */
static const struct {
    const char *name, *meant;
} elsewhere[] = {
    { "-j", "--services" },
    { "--jobs", "--services" },
    { "--parallel", "--services" },
    { "-n", "--services" },
    { "--workers", "--services" },
    { "--numprocesses", "--services" },
    { "--nodes", "--hosts" },
    { "--forked", "--isolation process" },
    { "-x", "--fail-fast" },
    { "--exitfirst", "--fail-fast" },
    { "--maxfail", "--fail-fast=N" },
    { "--stop-on-failure", "--fail-fast" },
    { "--reruns", "--retries" },
    { "--repeat", "--retries" },
    { "-k", "--only" },
    { "-R", "--only" },
    { "--filter", "--only" },
    { "--lf", "--rerun failed --from TRACE" },
    { "--last-failed", "--rerun failed --from TRACE" },
    { "--rerun-failed", "--rerun failed --from TRACE" },
    { "--order", "--strength" },
    { "--random-seed", "--seed" },
    { "-o", "--log-dir, or --summary" },
    { "--output", "--log-dir, or --summary" },
    { "--output-on-failure", "--max-output; what a failed walk printed is shown anyway" },
    { "--collect-only", "the command `list`" },
    { "--dry-run", "the command `list`" },
    { "--list", "the command `list`" },
};

/* "-j8" is "-j". */
static const char *name_here(const char *given)
{
    bool joined = given[1] != '-' && given[2] >= '0' && given[2] <= '9';
    for (size_t i = 0; i < CT_COUNT(elsewhere); i++) {
        if (joined ? strncmp(elsewhere[i].name, given, 2) == 0 : strcmp(elsewhere[i].name, given) == 0)
            return elsewhere[i].meant;
    }
    return NULL;
}

static bool is_not_built(const char *word, size_t size)
{
    for (size_t i = 0; i < CT_COUNT(not_built); i++) {
        if (strlen(not_built[i]) == size && memcmp(not_built[i], word, size) == 0) return true;
    }
    return false;
}

static const struct ct__cli_option *find_option(const char *word, size_t size)
{
    for (size_t i = 0; i < ct__cli_option_count; i++) {
        const struct ct__cli_option *option = &ct__cli_options[i];
        bool by_letter = option->letter != '\0' && size == 2 && word[1] == option->letter;
        if (by_letter || (strlen(option->name) == size && memcmp(option->name, word, size) == 0)) return option;
    }
    return NULL;
}

/* "-qv": letters that are options each, but are not joined. */
static bool is_joined(const char *word, size_t size)
{
    if (size < 3 || word[0] != '-') return false;
    for (size_t i = 1; i < size; i++) {
        if (!find_option((const char[]){ '-', word[i] }, 2)) return false;
    }
    return true;
}

static void say_unknown(const char *word, size_t size, struct ct_error *error)
{
    char given[64];
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    int shown = (int)(size < sizeof(given) ? size : sizeof(given) - 1);
    memcpy(given, word, (size_t)shown);
    given[shown] = '\0';
    if (is_not_built(word, size)) {
        ct__error(error, CT_EINVAL, "%s: not available in this version", given);
        return;
    }
    if (is_joined(word, size)) {
        ct__error(error, CT_EINVAL, "%s: short options are not joined; write -%c -%c", given, given[1], given[2]);
        return;
    }
    for (size_t i = 0; i < ct__cli_option_count; i++) {
        if (ct__is_nearer(given, ct__cli_options[i].name, &best)) meant = ct__cli_options[i].name;
    }
    if (name_here(given)) meant = name_here(given);
    if (meant)
        ct__error(error, CT_EINVAL, "%s: unknown option; did you mean %s?", given, meant);
    else
        ct__error(error, CT_EINVAL, "%s: unknown option; --help lists the options", given);
}

/* "--fail-fast 3": the number is meant for the option, but that would make a word of some value the option's, too. */
static bool is_number_apart(struct ct__words *words, const struct ct__cli_option *option, struct ct_error *error)
{
    const char *next = words->at < words->argc ? words->argv[words->at] : "";
    if (*next == '\0' || next[strspn(next, "0123456789")] != '\0') return false;
    words->at++;
    ct__error(error, CT_EINVAL, "%s %.20s: write %s=%.20s", option->name, next, option->name, next);
    return true;
}

/* Finds the value of an option: behind its '=', or the next word; the latter never where it has a fixed one. */
static bool take_value(struct ct__words *words, const struct ct__cli_option *option, const char *equals,
                       const char **value, struct ct_error *error)
{
    *value = option->fixed;
    if (option->value && option->fixed && !equals && is_number_apart(words, option, error)) return false;
    if ((!option->value || option->fixed) && !equals) return true;
    if (!option->value) {
        ct__error(error, CT_EINVAL, "%s takes no value", option->name);
        return false;
    }
    bool given = equals || words->at < words->argc;
    *value = equals ? equals + 1 : given ? words->argv[words->at++] : "";
    if (**value != '\0') return true;
    ct__error(error, CT_EINVAL, "%s %s: %s%s%s", option->name, given ? "is given an empty value" : "needs a value",
              option->name, option->fixed ? "=" : " ", option->value);
    return false;
}

/* "-t2": a letter and its value in one word. */
static bool take_joined(const char *word, const struct ct__cli_option **option, const char **value)
{
    if (word[1] == '-' || word[2] == '\0' || word[2] == '=') return false;
    const struct ct__cli_option *found = find_option(word, 2);
    if (!found || !found->value) return false;
    *option = found;
    *value = word + 2;
    return true;
}

enum ct__token ct__cli_next(struct ct__words *words, const struct ct__cli_option **option, const char **value,
                            struct ct_error *error)
{
    if (words->at >= words->argc) return CT__TOKEN_END;
    const char *word = words->argv[words->at++];
    if (!words->options_over && strcmp(word, "--") == 0) {
        words->options_over = true;
        return ct__cli_next(words, option, value, error);
    }
    if (words->options_over || word[0] != '-' || word[1] == '\0') {
        *value = word;
        return CT__TOKEN_ARGUMENT;
    }
    if (take_joined(word, option, value)) return CT__TOKEN_OPTION;
    const char *equals = strchr(word, '=');
    size_t size = equals ? (size_t)(equals - word) : strlen(word);
    *option = find_option(word, size);
    if (*option && take_value(words, *option, equals, value, error)) return CT__TOKEN_OPTION;
    if (!*option) say_unknown(word, size, error);
    return CT__TOKEN_WRONG;
}
