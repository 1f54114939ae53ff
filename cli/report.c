/* What a run came to, on stdout. */
#include <cli/inner.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAILURES_SHOWN 10
#define HOSTS_SHOWN    20
#define OUTPUT_LINES   10 /* shown of what a walk wrote */

static bool is_colored(void)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return (!no_color || *no_color == '\0') && !(terminal && strcmp(terminal, "dumb") == 0) &&
           isatty(STDOUT_FILENO) == 1;
}

static const char *color_of(enum ct_status status)
{
    if (!is_colored()) return "";
    switch (status) {
    case CT_PASS: return "\033[32m";
    case CT_FAIL:
    case CT_CRASHED:
    case CT_TIMED_OUT:
    case CT_BLOCKED:
    case CT_LOST: return "\033[31m";
    default: return "";
    }
}

static void print_status(enum ct_status status, uint64_t count)
{
    const char *color = color_of(status);
    printf("  %s%-11s %" PRIu64 "%s\n", color, ct_status_name(status), count, *color ? "\033[0m" : "");
}

static void print_counters(const struct ct_results *results)
{
    const char *name;
    json_t *sum;
    json_object_foreach(results->counters, name, sum)
    {
        fputs("  ", stdout);
        ct__cli_print_clean(stdout, name, 0);
        printf(" = %" JSON_INTEGER_FORMAT "\n", json_integer_value(sum));
    }
}

/* "tiny: 18 walks in 0.012 s (1500/s)"; the rate is that of the walks that ran, if any. */
static void print_total(const struct ct__cli *cli, const struct ct_results *results)
{
    const uint64_t *counts = results->counts;
    uint64_t ran = results->walk_count - counts[CT_NOT_RUN] - counts[CT_LOST] - counts[CT_BLOCKED];
    printf("%s: %" PRIu64 " walk%s in %.3f s", cli->suite->name, results->walk_count,
           results->walk_count == 1 ? "" : "s", results->elapsed_s);
    if (ran > 0 && results->elapsed_s > 0) {
        char rate[32];
        ct__format_count((double)ran / results->elapsed_s, rate, sizeof(rate));
        printf(" (%s/s)", rate);
    }
    putchar('\n');
}

/* What was said of a host in full when it failed. */
static void print_briefly(const char *why)
{
    char text[100];
    if (!why) return;
    if (snprintf(text, sizeof(text), "%s", why) >= (int)sizeof(text)) ct__text_shorten(text, sizeof(text));
    ct__cli_print_clean(stdout, text, 4);
}

/* How many walks ended where, and which hosts were not there at the end: those that fail first. */
static void print_hosts(const json_t *hosts)
{
    const char *name;
    json_t *host;
    size_t shown = 0;
    if (json_object_size(hosts) > 0) puts("hosts:");
    for (int there = 0; there < 2; there++) {
        json_object_foreach((json_t *)hosts, name, host)
        {
            const char *why = json_string_value(json_object_get(host, "why"));
            if ((why == NULL) != there || shown++ >= HOSTS_SHOWN) continue;
            fputs("  ", stdout);
            ct__cli_print_clean(stdout, name, 0);
            printf(" = %" JSON_INTEGER_FORMAT "%s", json_integer_value(json_object_get(host, "walks")),
                   why ? ", failed: " : "");
            print_briefly(why);
            putchar('\n');
        }
    }
    if (shown > HOSTS_SHOWN) printf("  and %zu more\n", shown - HOSTS_SHOWN);
}

static void print_table(const struct ct__cli *cli, const struct ct_results *results)
{
    print_total(cli, results);
    for (int i = 0; i < CT_STATUS_COUNT; i++) {
        if (results->counts[i] > 0) print_status((enum ct_status)i, results->counts[i]);
    }
    if (results->flaky_count > 0)
        printf("  %-11s %" PRIu64 " (passed when run again)\n", "flaky", results->flaky_count);
    if (results->serial_count > 0) printf("  %-11s %" PRIu64 "\n", "serial runs", results->serial_count);
    if (results->serial_failed_count > 0) printf("  %-11s %" PRIu64 " failed\n", "", results->serial_failed_count);
    print_hosts(results->hosts);
    if (json_object_size(results->counters) > 0) {
        puts("counters:");
        print_counters(results);
    }
}

/* In single quotes where the shell would read more than a word. */
static void print_word(const char *word)
{
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:@%,=";
    if (*word != '\0' && strspn(word, plain) == strlen(word)) {
        fputs(word, stdout);
        return;
    }
    putchar('\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", stdout);
        else
            putchar(*word);
    }
    putchar('\'');
}

/* The settings of the command line that a walk's verdict can hang on. */
static void print_settings(const struct ct__cli *cli)
{
    static const char *const keys[] = { "RUN.isolation", "RUN.timeout", "RUN.limit_memory" };
    for (size_t i = 0; i < cli->setting_count; i++) {
        const struct ct__cli_setting *setting = &cli->settings[i];
        bool matters = false;
        for (size_t j = 0; j < CT_COUNT(keys); j++) matters = matters || strcmp(setting->key, keys[j]) == 0;
        if (!matters) continue;
        bool any_key = strcmp(setting->where, "--set") == 0;
        printf(" %s %s%s", setting->where, any_key ? setting->key : "", any_key ? "=" : "");
        print_word(setting->value);
    }
}

static void print_replay(const struct ct__cli *cli, const char *trace, uint64_t walk)
{
    fputs("\n    again: ", stdout);
    print_word(cli->program);
    fputs(" replay ", stdout);
    print_word(trace);
    printf(" %" PRIu64 "\n", walk);
}

static void print_again(const struct ct__cli *cli, uint64_t walk)
{
    fputs("\n    again: ", stdout);
    print_word(cli->program);
    fputs(" run", stdout);
    if (cli->suite_count > 1) {
        fputs(" --suite ", stdout);
        print_word(cli->suite->name);
    }
    if (cli->config_path) {
        fputs(" --config ", stdout);
        print_word(cli->config_path);
    }
    print_settings(cli);
    /* Of what this command line gave nothing is repeated; what the file or the environment gives must be undone. */
    if (ct_config_get(cli->config, "RUN.shard") && ct__cli_where(cli, "RUN.shard")[0] != '-')
        fputs(" --shard 1/1", stdout);
    if (ct__config_number(cli->config, "RUN.sample") > 0 && ct__cli_where(cli, "RUN.sample")[0] != '-')
        fputs(" --sample 0", stdout);
    printf(" --only %" PRIu64 "\n", walk);
}

/* The end of what the walk wrote, which is mostly what tells most. */
static void print_output(const char *output)
{
    const char *from = output + strlen(output);
    for (int lines = 0; from > output && lines < OUTPUT_LINES; lines++) do
            from--;
        while (from > output && from[-1] != '\n');
    fputs(from > output ? "\n    output, its last lines:\n      " : "\n    output:\n      ", stdout);
    ct__cli_print_clean(stdout, from, 6);
}

static void print_failure(const struct ct__cli *cli, const char *trace, const struct ct_failure *failure)
{
    const char *color = color_of(failure->status);
    char *options = failure->options ? ct__cli_labeled_text(failure->options, failure->labels) : NULL;
    printf("\nwalk %" PRIu64 " %s%s%s", failure->walk, color, ct_status_name(failure->status), *color ? "\033[0m" : "");
    if (failure->message && failure->message[0] != '\0') {
        fputs(": ", stdout);
        ct__cli_print_clean(stdout, failure->message, 4);
    }
    if (options && *options != '\0') {
        fputs("\n    ", stdout);
        ct__cli_print_clean(stdout, options, 4);
    }
    if (failure->output && failure->output[0] != '\0') print_output(failure->output);
    if (trace)
        print_replay(cli, trace, failure->walk);
    else
        print_again(cli, failure->walk);
    free(options);
}

static void print_cause(const struct ct__cli *cli, const char *trace, const struct ct_cause *cause)
{
    print_failure(cli, trace, &cause->first);
    if (cause->count == 1) return;
    printf("    and %" PRIu64 " more like it:", cause->count - 1);
    for (size_t i = 0; i < cause->other_count; i++) printf("%s %" PRIu64, i > 0 ? "," : "", cause->others[i]);
    puts(cause->count - 1 > cause->other_count ? ", ..." : "");
}

/* Each failure, or where these are many each kind of them. */
static void print_failures(const struct ct__cli *cli, const struct ct_results *results, bool all)
{
    uint64_t shown = 0;
    bool each = all || results->error_count <= FAILURES_SHOWN;
    for (size_t i = 0; each && i < results->failure_count; i++, shown++)
        print_failure(cli, results->trace_path, &results->failures[i]);
    for (size_t i = 0; !each && i < results->cause_count && i < FAILURES_SHOWN; i++) {
        print_cause(cli, results->trace_path, &results->causes[i]);
        shown += results->causes[i].count;
    }
    if (results->error_count > shown)
        printf("\nand %" PRIu64 " more%s\n", results->error_count - shown, each ? "" : "; -v shows the first 100");
    else if (!each)
        puts("\n-v shows each of them, up to 100");
}

/* Whether a walk may have been blamed for what another one of its process did: threads share their service's process,
 * and its damage can outlive a walk. */
static bool is_blame_doubtful(const struct ct__cli *cli, const struct ct_results *results)
{
    const char *isolation = ct_config_get(cli->config, "RUN.isolation");
    bool shared = results->counts[CT_CRASHED] > 1 || ct__config_number(cli->config, "WORKER.max_thread_count") > 1;
    return shared && results->counts[CT_CRASHED] > 0 && isolation && strcmp(isolation, "thread") == 0;
}

void ct__report(const struct ct__cli *cli, const struct ct_results *results, bool all)
{
    print_table(cli, results);
    print_failures(cli, results, all);
    if (is_blame_doubtful(cli, results))
        puts("\nhint: a crash can be the damage of another walk in its process; `--isolation process` tells for "
             "certain");
    if (!results->note) return;
    fputs("\nnote: ", stdout);
    ct__cli_print_clean(stdout, results->note, 4);
    putchar('\n');
}
