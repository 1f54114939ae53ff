/* The words of `combtest generate`: ours, and PICT's switches, /o:3 or -o:3. */
#include <cli/generate.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECONDS_MAX 1e6

struct option {
    const char *name, *value; /* value NULL: it takes none */
    enum ct_err (*take)(struct ct__gen_args *args, const char *value, struct ct_error *error);
    const char *help;
    char letter;
};

static bool read_whole(const char *text, uint64_t most, uint64_t *number)
{
    if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) return false;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0 || value > most) return false;
    *number = value;
    return true;
}

/* ---- what options do ---- */

static enum ct_err take_strength(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    uint64_t number;
    if (!read_whole(value, CT__STRENGTH_MAX, &number) || number < 1)
        return ct__error(error, CT_EINVAL, "--strength: '%.40s' is no strength; write a whole number from 1 to %d",
                         value, CT__STRENGTH_MAX);
    args->strength = (int)number;
    return CT_OK;
}

static enum ct_err take_seed_rows(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)error;
    args->seed_rows = value;
    return CT_OK;
}

static enum ct_err take_random(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    if (read_whole(value, UINT64_MAX, &args->random)) return CT_OK;
    return ct__error(error, CT_EINVAL, "--random: '%.40s' is no seed; write a whole number", value);
}

static enum ct_err take_format(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    for (size_t i = 0; i < ct__gen_format_count; i++) {
        if (strcmp(ct__gen_formats[i].name, value) != 0) continue;
        args->format = &ct__gen_formats[i];
        return CT_OK;
    }
    return ct__error(error, CT_EINVAL, "--format: there is no '%.40s'; write pict, csv, json or markdown", value);
}

static enum ct_err take_stats(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->stats = CT__GEN_STATS;
    return CT_OK;
}

static bool read_seconds(const char *text, double *seconds)
{
    char *end;
    double value = strtod(text, &end);
    if (strspn(text, "0123456789.") != strlen(text) || end == text || *end != '\0') return false;
    if (!(value > 0) || value > SECONDS_MAX) return false;
    *seconds = value;
    return true;
}

static enum ct_err take_effort(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    static const char *const names[] = {
        [CT__EFFORT_DEFAULT] = "default", [CT__EFFORT_FAST] = "fast", [CT__EFFORT_BEST] = "best"
    };
    for (size_t i = 0; i < CT_COUNT(names); i++) {
        if (strcmp(names[i], value) != 0) continue;
        args->effort = (enum ct__effort)i;
        args->seconds = 0;
        return CT_OK;
    }
    if (read_seconds(value, &args->seconds)) {
        args->effort = CT__EFFORT_BEST;
        return CT_OK;
    }
    return ct__error(error, CT_EINVAL,
                     "--effort: '%.40s' is no effort; write fast, default, best or a number of seconds", value);
}

static enum ct_err take_measure(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)error;
    args->measure = value;
    return CT_OK;
}

static enum ct_err take_explain(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->explain = true;
    return CT_OK;
}

static enum ct_err take_output(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)error;
    args->output = value;
    return CT_OK;
}

static enum ct_err take_verbose(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->verbose = true;
    return CT_OK;
}

static enum ct_err take_quiet(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->quiet = true;
    return CT_OK;
}

static enum ct_err take_help(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->help = true;
    return CT_OK;
}

static enum ct_err take_version(struct ct__gen_args *args, const char *value, struct ct_error *error)
{
    (void)value;
    (void)error;
    args->version = true;
    return CT_OK;
}

static const struct option options[] = {
    { "--strength", "N", take_strength, "cover the combinations of every N parameters; default: 2", 't' },
    { "--seed-rows", "FILE", take_seed_rows, "begin with these rows, as text, CSV or JSON; they may be partial", 0 },
    { "--random", "S", take_random, "the seed: another one gives other rows; default: 0", 0 },
    { "--format", "FORMAT", take_format, "pict (default), csv, json or markdown", 0 },
    { "--output", "FILE", take_output, "write the rows to FILE", 'o' },
    { "--stats", NULL, take_stats, "print how much there is instead of the rows", 0 },
    { "--effort", "EFFORT", take_effort, "how long to look for fewer rows: fast, default, best or a number of seconds",
      0 },
    { "--measure", "ROWS", take_measure, "generate nothing; print what the rows of a file cover", 0 },
    { "--explain", NULL, take_explain, "generate nothing; print what is excluded, and why", 0 },
    { "--verbose", NULL, take_verbose, "say more; all that is missing with --measure", 'v' },
    { "--quiet", NULL, take_quiet, "no progress", 'q' },
    { "--help", NULL, take_help, "this text", 'h' },
    { "--version", NULL, take_version, "print the version", 0 },
};

/* ---- PICT's switches ---- */

static enum ct_err bad_switch(const char *word, const char *right, struct ct_error *error)
{
    return ct__error(error, CT_EINVAL, "%.40s: expected %s", word, right);
}

/* The character that /d:, /a: and /n: give, into text. */
static bool take_character(const char *value, char text[8])
{
    if (strcmp(value, "space") == 0) value = " ";
    if (strcmp(value, "tab") == 0) value = "\t";
    size_t size = 1;
    while (((unsigned char)value[size] & 0xc0) == 0x80 && size < 4) size++;
    if (value[0] == '\0' || value[size] != '\0') return false;
    memcpy(text, value, size + 1);
    return true;
}

static enum ct_err take_separator(struct ct__gen_args *args, const char *word, const char *value,
                                  struct ct_error *error)
{
    char letter = word[1] | 0x20, *text = args->separators[letter == 'd' ? 0 : letter == 'a' ? 1 : 2];
    if (!take_character(value, text)) return bad_switch(word, "one character, space or tab behind the colon", error);
    if (letter == 'd') args->language.value_separator = text;
    if (letter == 'a') args->language.alias_separator = text;
    if (letter == 'n') args->language.negative_prefix = text;
    return CT_OK;
}

static enum ct_err take_order(struct ct__gen_args *args, const char *word, const char *value, struct ct_error *error)
{
    uint64_t number;
    args->order = true;
    args->most = strcmp(value, "max") == 0;
    if (args->most) return CT_OK;
    if (!read_whole(value, CT__STRENGTH_MAX, &number) || number < 1)
        return bad_switch(word, "an order from 1 to 12, or max, behind the colon", error);
    args->strength = (int)number;
    return CT_OK;
}

static enum ct_err take_seed(struct ct__gen_args *args, const char *word, const char *value, struct ct_error *error)
{
    args->random_drawn = true;
    args->random = (uint64_t)time(NULL) & 0xffff;
    if (word[2] == '\0' || read_whole(value, UINT64_MAX, &args->random)) return CT_OK;
    return bad_switch(word, "a whole number behind the colon", error);
}

static enum ct_err take_text_format(struct ct__gen_args *args, const char *word, const char *value,
                                    struct ct_error *error)
{
    if (strcmp(value, "text") == 0) return take_format(args, "pict", error);
    if (strcmp(value, "json") == 0) return take_format(args, value, error);
    return bad_switch(word, "text or json behind the colon", error);
}

/* A switch without a value. */
static void take_flag(struct ct__gen_args *args, char letter)
{
    if (letter == 'c') args->language.case_sensitive = true;
    if (letter == 's' && args->stats == CT__GEN_ROWS) args->stats = CT__GEN_PICT_STATS;
    if (letter == 'v') args->verbose = true;
}

/* Whether a word is one of PICT's switches. -o, -v and the like without a colon that we have as well are ours. */
static bool is_switch(const char *word)
{
    if ((word[0] != '/' && word[0] != '-') || word[1] == '\0') return false;
    if (word[1] == '?' && word[2] == '\0') return true;
    bool known = strchr("odanerfcsvpx", word[1] | 0x20) != NULL;
    if (word[2] == '\0') return known && (word[0] == '/' || strchr("rcspx", word[1] | 0x20));
    return known && word[2] == ':';
}

static enum ct_err take_switch(struct ct__gen_args *args, const char *word, struct ct_error *error)
{
    char letter = word[1] | 0x20;
    bool given = word[1] != '?' && word[2] == ':';
    const char *value = given ? word + 3 : "";
    if (word[1] == '?') return take_help(args, NULL, error);
    if (args->seen & 1u << (letter - 'a'))
        return ct__error(error, CT_EINVAL, "%.40s: this switch is there twice", word);
    args->seen |= 1u << (letter - 'a');
    if (strchr("csvp", letter) && given) return bad_switch(word, "no value", error);
    if (strchr("odanef", letter) && *value == '\0') return bad_switch(word, "a value behind a colon", error);
    switch (letter) {
    case 'o': return take_order(args, word, value, error);
    case 'd':
    case 'a':
    case 'n': return take_separator(args, word, value, error);
    case 'e': return take_seed_rows(args, value, error);
    case 'r': return take_seed(args, word, value, error);
    case 'f': return take_text_format(args, word, value, error);
    case 'p':
    case 'x':
        ct__cli_note("combtest", "%s: nothing is left out here; all combinations are covered", word);
        return CT_OK;
    default: take_flag(args, letter); return CT_OK;
    }
}

/* ---- words ---- */

static const struct option *find_option(const char *word, size_t size)
{
    for (size_t i = 0; i < CT_COUNT(options); i++) {
        bool by_letter = options[i].letter != '\0' && size == 2 && word[1] == options[i].letter;
        if (by_letter || (strlen(options[i].name) == size && memcmp(options[i].name, word, size) == 0))
            return &options[i];
    }
    return NULL;
}

static enum ct_err unknown(const char *word, struct ct_error *error)
{
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < CT_COUNT(options); i++) {
        if (ct__is_nearer(word, options[i].name, &best)) meant = options[i].name;
    }
    if (meant) return ct__error(error, CT_EINVAL, "%.60s: unknown option; did you mean %s?", word, meant);
    return ct__error(error, CT_EINVAL, "%.60s: unknown option; combtest generate --help lists the options", word);
}

/* Takes the option at argv[*at], and the word behind it where that is its value. */
static enum ct_err take_option(struct ct__gen_args *args, int argc, char **argv, int *at, struct ct_error *error)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    if (word[1] == 't' && word[2] != '\0' && word[2] != '=') return take_strength(args, word + 2, error); /* -t3 */
    const struct option *option = find_option(word, equals ? (size_t)(equals - word) : strlen(word));
    if (!option) return unknown(word, error);
    if (!option->value && equals) return ct__error(error, CT_EINVAL, "%s takes no value", option->name);
    if (!option->value) return option->take(args, NULL, error);
    const char *value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : "";
    if (*value != '\0') return option->take(args, value, error);
    return ct__error(error, CT_EINVAL, "%s needs a value: %s %s", option->name, option->name, option->value);
}

static enum ct_err unexpected(const char *word, const struct ct__gen_args *args, struct ct_error *error)
{
    if (word[0] == '/' && !strchr(word + 1, '/'))
        return ct__error(error, CT_EINVAL, "%.60s: unknown switch; combtest generate --help lists the switches", word);
    return ct__error(error, CT_EINVAL, "%.80s: unexpected; the model is %.80s", word, args->model);
}

static bool is_stdin(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

/* What would be left out without a word. */
static enum ct_err check_together(const struct ct__gen_args *args, struct ct_error *error)
{
    const char *one = args->measure ? "--measure" : "--explain", *other = NULL;
    int streams = is_stdin(args->model) + is_stdin(args->seed_rows) + is_stdin(args->measure);
    if (streams > 1) return ct__error(error, CT_EINVAL, "-: standard input can be read once");
    if (!args->measure && !args->explain) return CT_OK;
    if (args->format != &ct__gen_formats[0]) other = "--format";
    if (args->stats != CT__GEN_ROWS) other = "--stats";
    if (args->seed_rows) other = "--seed-rows";
    if (args->output) other = "--output";
    if (args->measure && args->explain) other = "--explain";
    return other ? ct__error(error, CT_EINVAL, "%s: it does not go with %s", other, one) : CT_OK;
}

enum ct_err ct__gen_parse(struct ct__gen_args *args, int argc, char **argv, struct ct_error *error)
{
    bool words_only = false;
    *args = (struct ct__gen_args){ .format = &ct__gen_formats[0] };
    for (int i = 1; i < argc; i++) {
        enum ct_err err = CT_OK;
        const char *word = argv[i];
        if (!words_only && strcmp(word, "--") == 0)
            words_only = true;
        else if (!words_only && is_switch(word))
            err = take_switch(args, word, error);
        else if (!words_only && word[0] == '-' && word[1] != '\0')
            err = take_option(args, argc, argv, &i, error);
        else if (args->model)
            err = unexpected(word, args, error);
        else
            args->model = word;
        if (err) return err;
    }
    if (args->help || args->version) return CT_OK;
    if (!args->model) return ct__error(error, CT_EINVAL, "generate needs a model: combtest generate MODEL [options]");
    return check_together(args, error);
}

void ct__gen_help(void)
{
    puts("usage: combtest generate MODEL [options]\n\n"
         "Prints rows that cover every combination of values of every N parameters of a PICT model.\n\noptions:");
    for (size_t i = 0; i < CT_COUNT(options); i++) {
        char left[48], letter[8] = "";
        if (options[i].letter != '\0') snprintf(letter, sizeof(letter), "-%c, ", options[i].letter);
        snprintf(left, sizeof(left), "%s%s%s%s", letter, options[i].name, options[i].value ? " " : "",
                 options[i].value ? options[i].value : "");
        printf("  %-25s%s\n", left, options[i].help);
    }
    puts("\nPICT's switches, with / or -, do what they do there:\n"
         "  /o:N|max /d:C /a:C /n:C /e:FILE /r[:S] /f:text|json /c /s /v");
}
