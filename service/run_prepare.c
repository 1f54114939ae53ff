/* From a suite and the options to all that a run needs to know. */
#include "bootstrap/bootstrap.h"
#include "planning/planning.h"
#include "service/board.h"
#include "service/process.h"
#include "service/run_inner.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SERVICES_MAX   1024
#define THREADS_MAX    4096
#define RETRIES_MAX    100
#define OUTPUT_DEFAULT 65536

static enum ct_err refuse(struct ct_error *error, const char *what)
{
    return ct__error(error, CT_EINVAL, "%s is not available in this version of combtest", what);
}

/* What the contract names and this version does not do yet is refused, never ignored. */
static enum ct_err check_available(const struct ct_run_options *options, struct ct_error *error)
{
    const struct {
        bool asked;
        const char *what;
    } missing[] = {
        { options->session_path != NULL, "session_path (sessions)" },
        { options->resume, "resume (sessions)" },
    };
    for (size_t i = 0; i < CT_COUNT(missing); i++)
        if (missing[i].asked) return refuse(error, missing[i].what);
    return CT_OK;
}

static enum ct_err set_isolation(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    struct ct__setup *setup = &run->setup;
    const char *word = ct_config_get(config, "RUN.isolation");
    setup->isolation = options->isolation;
    if (setup->isolation == CT_ISOLATION_DEFAULT)
        setup->isolation = word && strcmp(word, "process") == 0 ? CT_ISOLATION_PROCESS : CT_ISOLATION_THREAD;
    if (setup->isolation > CT_ISOLATION_PROCESS)
        return ct__error(error, CT_EINVAL, "isolation: %d is none of enum ct_isolation", (int)setup->isolation);
    setup->limit_memory = options->limit_memory;
    if (setup->limit_memory == 0) setup->limit_memory = (uint64_t)ct__config_number(config, "RUN.limit_memory");
    if (setup->limit_memory > 0 && setup->isolation != CT_ISOLATION_PROCESS)
        return ct__error(error, CT_EINVAL, "limit_memory needs isolation = process: threads share their memory");
    return CT_OK;
}

static enum ct_err set_verdicts(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    int64_t retries = options->retries ? options->retries : ct__config_number(config, "RUN.retries");
    if (retries < 0 || retries > RETRIES_MAX)
        return ct__error(error, CT_EINVAL, "retries: %lld is not from 0 to %d", (long long)retries, RETRIES_MAX);
    run->setup.retries = (uint32_t)retries;
    run->setup.fail_fast = options->fail_fast ? options->fail_fast
                                              : (uint64_t)ct__config_number(config, "RUN.fail_fast");
    run->setup.core = options->core || ct__config_number(config, "RUN.core") != 0;
    return CT_OK;
}

static enum ct_err set_workers(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    int64_t services = run->options->services, threads = run->options->threads;
    if (services == 0) services = ct__config_number(config, "RUN.services");
    if (threads == 0) threads = ct__config_number(config, "WORKER.max_thread_count");
    bool elsewhere = run->options->listen || ct_config_get(config, "RUN.listen") || run->options->hosts ||
                     ct_config_get(config, "NET.machine_ips");
    if (services == -1 || (services == 0 && elsewhere)) services = 0;
    if (services < (elsewhere ? 0 : 1) || services > SERVICES_MAX)
        return ct__error(error, run->options->services ? CT_EINVAL : CT_ECONFIG, "%s: %lld is not from 1 to %d%s",
                         run->options->services ? "services" : "RUN.services", (long long)services, SERVICES_MAX,
                         services == 0 ? "; none are needed here only where others run walks, by listen or hosts" : "");
    if (threads < 1 || threads > THREADS_MAX)
        return ct__error(error, CT_EINVAL, "threads: %lld is not from 1 to %d", (long long)threads, THREADS_MAX);
    bool apart = run->setup.isolation == CT_ISOLATION_PROCESS;
    run->setup.asked_threads = (uint32_t)threads;
    run->setup.services = (uint32_t)(apart ? services * threads : services);
    run->setup.threads = (uint32_t)(apart ? 1 : threads);
    enum ct_err code = ct__run_hosts(run, config, error);
    if (code == CT_OK && !run->local_too) run->setup.services = 0;
    return code;
}

static enum ct_err set_timeout(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    int64_t timeout_ms = run->options->timeout_ms;
    if (timeout_ms < 0) return ct__error(error, CT_EINVAL, "timeout_ms: %lld is negative", (long long)timeout_ms);
    if (timeout_ms == 0) timeout_ms = ct__config_number(config, "RUN.timeout");
    run->setup.timeout_ms = timeout_ms > 0 ? timeout_ms : run->setup.suite->timeout_ms;
    return CT_OK;
}

static uint64_t find_seed(const struct run *run, const struct ct_config *config)
{
    return run->options->seed ? run->options->seed : (uint64_t)ct__config_number(config, "RUN.seed");
}

static enum ct_err set_selection(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    const char *only = options->only ? options->only : ct_config_get(config, "RUN.only");
    uint64_t sample = options->sample ? options->sample : (uint64_t)ct__config_number(config, "RUN.sample");
    uint64_t shard = options->shard, shard_count = options->shard_count;
    if (shard_count == 0 && shard == 0) ct__config_shard(config, &shard, &shard_count);
    return ct__selection_new(ct_plan_walk_count(run->setup.plan), only, sample, run->setup.seed, shard, shard_count,
                             &run->setup.selection, error);
}

/* Copies a text for the run's life; NULL stays NULL. */
static enum ct_err keep_text(const char *text, char **kept, struct ct_error *error)
{
    *kept = text ? strdup(text) : NULL;
    return text && !*kept ? ct__nomem(error) : CT_OK;
}

/* DIR/zlib-20261120T212703Z-4711.trace: one for each run; -4711-2 for the next of this program in the same second. */
static enum ct_err name_trace(struct ct__setup *setup, struct ct_error *error)
{
    char stamp[32], number[16] = "";
    struct tm day;
    time_t now = time(NULL);
    gmtime_r(&now, &day);
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &day);
    for (unsigned next = 2;; next++) {
        if (asprintf(&setup->trace_path, "%s/%s-%s-%ld%s.trace", setup->log_dir, setup->suite->name, stamp,
                     (long)getpid(), number) < 0)
            break;
        if (access(setup->trace_path, F_OK) != 0) return CT_OK;
        free(setup->trace_path);
        snprintf(number, sizeof number, "-%u", next);
    }
    setup->trace_path = NULL;
    return ct__nomem(error);
}

static enum ct_err set_records(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    struct ct__setup *setup = &run->setup;
    const char *log_dir = options->log_dir ? options->log_dir : ct_config_get(config, "RUN.log_dir");
    const char *trace = options->trace ? options->trace : ct_config_get(config, "RUN.trace");
    static const char *const words[] = { "none", "failed", "all" };
    setup->traced = CT__TRACE_ALL;
    while (trace && setup->traced > 0 && strcmp(trace, words[setup->traced]) != 0) setup->traced--;
    if (trace && strcmp(trace, words[setup->traced]) != 0)
        return ct__error(error, CT_EINVAL, "trace: '%s' is none of all, failed, none", trace);
    setup->max_output = options->max_output ? options->max_output
                                            : (uint64_t)ct__config_number(config, "RUN.max_output");
    if (setup->max_output == 0) setup->max_output = OUTPUT_DEFAULT;
    setup->log_size = options->log_size ? options->log_size : (uint64_t)ct__config_number(config, "RUN.log_size");
    setup->log_optional = options->log_optional || ct__config_number(config, "RUN.log_optional") != 0;
    setup->lowest = setup->verbose > 0 ? CT_LOG_DEBUG : setup->verbose < 0 && !log_dir ? CT_LOG_ERROR : CT_LOG_INFO;
    enum ct_err code = keep_text(log_dir, &setup->log_dir, error);
    if (code != CT_OK || setup->traced == CT__TRACE_NONE) return code;
    if (log_dir) return name_trace(setup, error);
    setup->traced = options->trace_path ? CT__TRACE_FAILED : CT__TRACE_NONE;
    setup->trace_aside = true;
    return keep_text(options->trace_path, &setup->trace_path, error);
}

static void note(void *user, const char *line)
{
    const struct run *run = user;
    if (run->options->log && run->setup.verbose >= 0) run->options->log(run->options->log_user, CT_LOG_WARNING, line);
}

/* Five times a second, once a second is over. */
static void tell_rows(void *user, uint64_t row_count)
{
    struct run *run = user;
    int64_t now_ms = ct__now_ms();
    if (now_ms - run->made_ms < 1000 || now_ms - run->told_ms < 200) return;
    run->told_ms = now_ms;
    const struct ct_results so_far = { .elapsed_s = (double)(now_ms - run->made_ms) / 1e3, .rows_made = row_count };
    run->options->progress(run->options->progress_user, &so_far);
}

static enum ct_err make_plan(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    struct ct__setup *setup = &run->setup;
    setup->seed = find_seed(run, config);
    setup->strength = options->strength ? options->strength : (int)ct__config_number(config, "RUN.strength");
    const struct ct__planning planning = {
        .suite = setup->suite,
        .state = options->state,
        .strength = setup->strength,
        .seed = setup->seed,
        .seed_rows = options->seed_rows ? options->seed_rows : ct_config_get(config, "RUN.seed_rows"),
        .runs = true,
        .gather = setup->gather,
        .timeout_ms = options->timeout_ms ? options->timeout_ms : ct__config_number(config, "RUN.timeout"),
        .stop = run->stop,
        .note = note,
        .note_user = run,
        .progress = options->progress ? tell_rows : NULL,
        .progress_user = run,
    };
    run->made_ms = ct__now_ms();
    return ct__plan_make(&planning, &setup->plan, error);
}

/* What is a regular file, or is to become one, is written aside and renamed; a device or a pipe gets a copy at the end.
 */
static enum ct_err set_gather(struct run *run, struct ct_error *error)
{
    struct ct__setup *setup = &run->setup;
    const char *path = run->gather_path;
    struct stat status;
    if (!setup->gather) return CT_OK;
    if (path && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return ct__error(error, CT_EINVAL, "cannot write the states to %s: it is a directory, not a file", path);
    run->gather_aside = path && ct__is_replaced(path);
    int length = run->gather_aside
                     ? snprintf(setup->gather_path, sizeof setup->gather_path, "%s.partial", path)
                     : snprintf(setup->gather_path, sizeof setup->gather_path, "%s/states", setup->run_dir);
    if (length < 0 || (size_t)length >= sizeof setup->gather_path)
        return ct__error(error, CT_EINVAL, "gather_path: %s is too long", path);
    FILE *file = fopen(setup->gather_path, "we"); /* now, before anything has run */
    if (!file)
        return ct__error(error, CT_EINVAL, "cannot write the states to %s: %s", path ? path : setup->gather_path,
                         strerror(errno));
    fclose(file);
    return CT_OK;
}

enum ct_err ct__run_prepare(struct run *run, const struct ct_suite *suite, struct ct_error *error)
{
    const struct ct_config *config = run->options->config;
    enum ct_err code = CT_OK;
    if (!config) code = ct__config_find(run->options->config_path, &run->found, error);
    if (code == CT_ENOTFOUND) {
        if (error) error->code = CT_ECONFIG;
        return CT_ECONFIG;
    }
    if (code != CT_OK) return code;
    if (!config) config = run->found;
    run->setup.suite = suite;
    run->setup.started_ms = ct__now_ms();
    run->setup.state = run->options->state;
    if (gethostname(run->setup.host, sizeof run->setup.host - 1) != 0) strcpy(run->setup.host, "localhost");
    run->setup.verbose = run->options->verbose ? run->options->verbose : (int)ct__config_number(config, "RUN.verbose");
    run->gather_path = run->options->gather_path ? run->options->gather_path
                                                 : ct_config_get(config, "RUN.gather_states");
    run->setup.gather = run->options->gather_states || run->gather_path;
    if ((code = check_available(run->options, error)) != CT_OK) return code;
    if ((code = make_plan(run, config, error)) != CT_OK) return code;
    if ((code = set_isolation(run, config, error)) != CT_OK) return code;
    if ((code = set_verdicts(run, config, error)) != CT_OK) return code;
    if ((code = set_workers(run, config, error)) != CT_OK) return code;
    if ((code = set_timeout(run, config, error)) != CT_OK) return code;
    if ((code = set_selection(run, config, error)) != CT_OK) return code;
    if ((code = set_records(run, config, error)) != CT_OK) return code;
    if ((code = ct__run_listen(run, config, error)) != CT_OK) return code;
    if ((code = ct__make_run_dir(&run->setup, error)) != CT_OK) return code;
    return set_gather(run, error);
}

void ct__run_clear(struct run *run)
{
    if (run->gather_aside && run->setup.gather_path[0]) remove(run->setup.gather_path);
    if (run->setup.run_dir[0]) ct__remove_tree(run->setup.run_dir);
    free(run->setup.log_dir);
    free(run->setup.trace_path);
    ct__selection_free(run->setup.selection);
    ct_plan_free(run->setup.plan);
    ct_config_free(run->found);
    free(run->machines);
    free(run->setup.listen);
    free(run->setup.advertise);
    free(run->setup.token_path);
    free(run->setup.certificate);
    free(run->setup.certificate_key);
    ct__hosts_free(run->hosts);
    ct_results_free(run->results);
}
