/* `run`: the suite's walks, their progress, their report. */
#include <cli/exec.h>
#include <cli/inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_TRACE ".combtest/last.trace"

static enum ct_isolation isolation_of(const struct ct_config *config)
{
    const char *value = ct_config_get(config, "RUN.isolation");
    return value && strcmp(value, "process") == 0 ? CT_ISOLATION_PROCESS : CT_ISOLATION_THREAD;
}

static struct ct_run_options run_options(const struct ct_config *config, struct ct__progress *progress)
{
    struct ct_run_options options = {
        .services = (int)ct__config_number(config, "RUN.services"),
        .threads = (int)ct__config_number(config, "WORKER.max_thread_count"),
        .isolation = isolation_of(config),
        .timeout_ms = ct__config_number(config, "RUN.timeout"),
        .limit_memory = (uint64_t)ct__config_number(config, "RUN.limit_memory"),
        .retries = (int)ct__config_number(config, "RUN.retries"),
        .fail_fast = (uint64_t)ct__config_number(config, "RUN.fail_fast"),
        .core = ct__config_number(config, "RUN.core") > 0,
        .seed = (uint64_t)ct__config_number(config, "RUN.seed"),
        .strength = (int)ct__config_number(config, "RUN.strength"),
        .sample = (uint64_t)ct__config_number(config, "RUN.sample"),
        .verbose = (int)ct__config_number(config, "RUN.verbose"),
        .only = ct_config_get(config, "RUN.only"),
        .seed_rows = ct_config_get(config, "RUN.seed_rows"),
        .gather_path = ct_config_get(config, "RUN.gather_states"),
        .trace_path = LAST_TRACE,
        .config = config,
        .progress = ct__progress_show,
        .progress_user = progress,
        .log = ct__progress_log,
        .log_user = progress,
    };
    ct__config_shard(config, &options.shard, &options.shard_count);
    return options;
}

/* Runs with our handlers in place, and pipes as the caller has them: user code inherits that. */
static enum ct_err run_suite(const struct ct__cli *cli, const char *rerun, struct ct_results **results,
                             struct ct_error *error)
{
    struct ct__progress progress;
    ct__progress_start(&progress, cli->suite->name, ct__config_number(cli->config, "RUN.verbose") < 0);
    struct ct_run_options options = run_options(cli->config, &progress);
    if (rerun) options.only = rerun;
    ct__cli_pipes_release();
    ct__signals_install();
    enum ct_err err = ct_run_tests(cli->suite, &options, results, error);
    ct__progress_stop(&progress);
    ct__signals_restore();
    ct__cli_pipes_guard();
    return err;
}

/* What left no walk: "--only 1 and --shard 1/2 (combtest.cfg:2) select no walk". */
static void note_nothing_selected(const struct ct__cli *cli)
{
    static const struct {
        const char *option, *key;
    } choices[] = { { "--only", "RUN.only" }, { "--sample", "RUN.sample" }, { "--shard", "RUN.shard" } };
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < CT_COUNT(choices) && used < sizeof(text); i++) {
        const char *value = ct_config_get(cli->config, choices[i].key), *where = ct__cli_where(cli, choices[i].key);
        bool elsewhere = where[0] != '-';
        if (!value) continue;
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %.40s%s%.60s%s", used > 0 ? " and " : "",
                                 choices[i].option, value, elsewhere ? " (" : "", elsewhere ? where : "",
                                 elsewhere ? ")" : "");
    }
    if (used > 0) ct__cli_note(cli->label, "%s: no walk is selected", text);
}

static void note_none_to_rerun(const struct ct__cli *cli)
{
    static const enum ct_status without_line[] = { CT_BLOCKED, CT_EXCLUDED, CT_NOT_RUN };
    bool has_lines = true;
    for (size_t i = 0; i < CT_COUNT(without_line); i++)
        has_lines = has_lines && strcmp(cli->rerun, ct_status_name(without_line[i])) != 0;
    ct__cli_note(cli->label, "no walk of %s ended as %s%s", cli->from, cli->rerun,
                 has_lines ? "" : ": a trace has no line of a walk that did not run");
}

static int after_run(const struct ct__cli *cli, const struct ct_results *results, const char *summary)
{
    struct ct_error error;
    int code = results->exit_code, signal_code = ct__signals_exit_code();
    ct__report(cli, results, ct__config_number(cli->config, "RUN.verbose") > 0);
    if (results->walk_count == 0) note_nothing_selected(cli);
    if (summary) fflush(stdout); /* it may be standard output by another name */
    if (summary && ct__summary_write(summary, cli->suite, results, &error)) {
        int wrong = ct__cli_say_error(cli->label, &error);
        if (code == CT__EXIT_OK || code == CT__EXIT_FAILED || code == CT__EXIT_NOTHING) code = wrong;
    }
    return signal_code != 0 && code != CT__EXIT_BUG ? signal_code : code;
}

int ct__cli_run(struct ct__cli *cli)
{
    struct ct_error error;
    struct ct_results *results = NULL;
    char *rerun = NULL;
    const char *summary = ct_config_get(cli->config, "RUN.summary");
    if (ct_config_get(cli->config, "RUN.listen") && ct__cli_is_exec(cli->suite)) {
        ct__error(&error, CT_EINVAL, "%s: exec cannot listen: no service could join it; name hosts, --hosts a,b",
                  ct__cli_where(cli, "RUN.listen"));
        return ct__cli_say_error(cli->label, &error);
    }
    if (summary && ct__summary_check(summary, &error)) return ct__cli_say_error(cli->label, &error);
    if (ct__config_number(cli->config, "RUN.verbose") >= 0) ct__cli_note_unused_briefly(cli);
    enum ct_err err = ct__cli_rerun(cli, &rerun, &error);
    if (err) return ct__cli_say_error(cli->label, &error);
    if (rerun && *rerun == '\0') {
        free(rerun);
        note_none_to_rerun(cli);
        return CT__EXIT_NOTHING;
    }
    fflush(stdout);
    err = run_suite(cli, rerun, &results, &error);
    free(rerun);
    if (err) {
        int signal_code = ct__signals_exit_code(), code = ct__cli_say_error(cli->label, &error);
        return signal_code != 0 && code != CT__EXIT_BUG ? signal_code : code;
    }
    int code = after_run(cli, results, summary);
    ct_results_free(results);
    return code;
}
