/* The log and the trace of a run. */
#include "service/coordinator_inner.h"
#include "service/line.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARGUMENTS_MAX 1024

/* A log or trace that can no longer be written ends the run, its results kept, unless it is optional. */
static void record_failed(struct coordinator *c, bool optional, const struct ct_error *error)
{
    if (optional) {
        ct__coord_log(c, CT_LOG_WARNING, "%s: given up, and the run goes on", error->text);
        return;
    }
    if (!*c->note) snprintf(c->note, sizeof c->note, "%.500s", error->text);
    c->stopping = true;
}

/* A trace that is written aside was asked for by nobody. */
static bool is_trace_optional(const struct coordinator *c)
{
    return c->setup->log_optional || c->setup->trace_aside;
}

static void drop_log(struct coordinator *c, const struct ct_error *error)
{
    ct__log_close(c->log, NULL);
    c->log = NULL;
    record_failed(c, c->setup->log_optional, error);
}

static void drop_trace(struct coordinator *c, const struct ct_error *error)
{
    ct__trace_close(c->trace, NULL);
    c->trace = NULL;
    record_failed(c, is_trace_optional(c), error);
}

/* The lowest level that the program is told. */
static enum ct_log_level told_level(const struct coordinator *c)
{
    if (c->setup->verbose > 0) return CT_LOG_DEBUG;
    return c->setup->verbose < 0 ? CT_LOG_ERROR : CT_LOG_INFO;
}

static void tell_line(struct coordinator *c, enum ct_log_level level, const char *text)
{
    struct ct__bytes body = { 0 };
    if (level < told_level(c)) return;
    ct__put_u8(&body, (uint8_t)level);
    ct__put_text(&body, text);
    if (!body.failed) ct__coord_tell(c, CT__TOLD_LOG, body.data, body.size);
    ct__bytes_free(&body);
}

static void write_log(struct coordinator *c, enum ct_log_level level, const char *text, size_t size)
{
    struct ct_error error;
    if (c->log && ct__log_write(c->log, level, text, size, &error) != CT_OK) drop_log(c, &error);
}

void ct__coord_line(struct coordinator *c, enum ct_log_level level, const char *text)
{
    write_log(c, level, text, strlen(text));
    tell_line(c, level, text);
}

/* A line that has no time and level yet, for the log. */
static void write_own(struct coordinator *c, enum ct_log_level level, const char *origin, const char *text)
{
    struct ct__bytes line = { 0 };
    if (!c->log) return;
    ct__line_time(&line);
    ct__put_bytes(&line, ct__level_name(level), strlen(ct__level_name(level)));
    ct__put_bytes(&line, " ", 1);
    ct__put_bytes(&line, origin, strlen(origin));
    ct__put_bytes(&line, ": ", 2);
    ct__put_bytes(&line, text, strlen(text));
    if (!line.failed) write_log(c, level, (const char *)line.data, line.size);
    ct__bytes_free(&line);
}

void ct__coord_log(struct coordinator *c, enum ct_log_level level, const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    write_own(c, level, "coordinator", line);
    tell_line(c, level, line);
}

static void name_service(const struct coordinator *c, const struct host *host, uint32_t service, char *text,
                         size_t size)
{
    const char *name = host && host->name[0] ? host->name : c->setup->host;
    if ((!host || host->machine == MACHINE_LOCAL) && service >= c->setup->services)
        snprintf(text, size, "%s/serial", name);
    else
        snprintf(text, size, "%s/%u", name, service);
}

static void tell_output(struct coordinator *c, const char *origin, const char *text)
{
    char *line = NULL;
    if (asprintf(&line, "%s: %s", origin, text) < 0) return;
    tell_line(c, CT_LOG_INFO, line);
    free(line);
}

void ct__coord_output(struct coordinator *c, const struct host *host, uint32_t service, uint64_t walk, const char *text)
{
    char name[96], origin[160];
    size_t size = strlen(text);
    char *copy = strdup(text);
    if (!copy) return;
    while (size > 0 && copy[size - 1] == '\n') copy[--size] = '\0';
    name_service(c, host, service, name, sizeof name);
    if (walk == CT__NO_WALK)
        snprintf(origin, sizeof origin, "output of %s", name);
    else
        snprintf(origin, sizeof origin, "output of %s walk %" PRIu64, name, walk);
    write_own(c, CT_LOG_INFO, origin, copy);
    if (walk != CT__NO_WALK) ct__tally_output(&c->tally, walk, copy);
    /* a walk's own is shown with its failure; a service's could be any walk's */
    if (walk == CT__NO_WALK || c->setup->verbose > 0) tell_output(c, origin, copy);
    free(copy);
}

static bool is_traced(const struct coordinator *c, enum ct_status status)
{
    if (!c->trace) return false;
    return c->setup->traced == CT__TRACE_ALL || status == CT_FAIL || status == CT_CRASHED || status == CT_TIMED_OUT;
}

void ct__coord_trace_walk(struct coordinator *c, const struct host *host, const struct ct__result *result)
{
    struct ct_error error;
    char name[96];
    if (!is_traced(c, result->status) || result->status == CT_EXCLUDED) return;
    name_service(c, host, result->service, name, sizeof name);
    struct ct__walk_line line = { .walk = result->walk,
                                  .stage = c->step.stage,
                                  .action = result->action < c->setup->suite->action_count ? result->action
                                                                                           : CT__NO_ACTION,
                                  .status = result->status,
                                  .message = result->message,
                                  .duration_ns = result->took_ns,
                                  .service = name,
                                  .notes = result->notes };
    if (result->status == CT_PASS) line.action = CT__NO_ACTION;
    enum ct_err code = ct__trace_walk(c->trace, &line, &error);
    if (code == CT_ETOOBIG && line.notes) {
        ct__coord_log(c, CT_LOG_WARNING,
                      "walk %" PRIu64 ": its notes are too long for the trace, and left out: %zu bytes", line.walk,
                      strlen(line.notes));
        line.notes = NULL;
        code = ct__trace_walk(c->trace, &line, &error);
    }
    if (code != CT_OK) drop_trace(c, &error);
}

void ct__coord_trace_serial(struct coordinator *c, const struct ct_step *step, const struct outcome *outcome)
{
    struct ct_error error;
    if (!is_traced(c, outcome->status)) return;
    struct ct__serial_line line = { .action = step->action,
                                    .option = step->option,
                                    .first_id = step->first_id,
                                    .end_id = step->end_id,
                                    .status = outcome->status,
                                    .message = outcome->message,
                                    .duration_ns = outcome->took_ns };
    if (ct__trace_serial(c->trace, &line, &error) != CT_OK) drop_trace(c, &error);
}

/* Splits /proc/self/cmdline in text, in place. */
static size_t split_arguments(char *text, size_t size, const char **arguments)
{
    size_t count = 0;
    for (size_t at = 0; at < size && count < ARGUMENTS_MAX; at += strlen(text + at) + 1) arguments[count++] = text + at;
    return count;
}

static enum ct_err open_trace(struct coordinator *c, struct ct_error *error)
{
    const struct ct__setup *setup = c->setup;
    char program[4096] = "", text[65536];
    const char *arguments[ARGUMENTS_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t got = file >= 0 ? read(file, text, sizeof text - 1) : 0;
    if (file >= 0) close(file);
    text[got > 0 ? got : 0] = '\0';
    struct ct__trace_facts facts = { .program = size > 0 ? program : NULL,
                                     .arguments = arguments,
                                     .argument_count = split_arguments(text, got > 0 ? (size_t)got : 0, arguments),
                                     .seed = setup->seed,
                                     .strength = setup->strength,
                                     .timeout_ms = setup->timeout_ms,
                                     .limit_memory = setup->limit_memory,
                                     .kept = setup->traced == CT__TRACE_ALL ? "all" : "failed",
                                     .state = setup->state,
                                     .aside = setup->trace_aside };
    return ct__trace_open(setup->trace_path, setup->plan, &facts, &c->trace, error);
}

/* Makes the directory that a file is to be in: one level, as the log's. */
static void make_parent(const char *path)
{
    char *parent = strdup(path), *slash = parent ? strrchr(parent, '/') : NULL;
    if (slash && slash > parent) {
        *slash = '\0';
        mkdir(parent, 0777);
    }
    free(parent);
}

enum ct_err ct__coord_open_records(struct coordinator *c, struct ct_error *error)
{
    const struct ct__setup *setup = c->setup;
    enum ct_err code = CT_OK;
    if (setup->log_dir)
        code = ct__log_open(setup->log_dir, &(struct ct__log_options){ .size = setup->log_size }, &c->log, error);
    if (code != CT_OK || !setup->trace_path) return code;
    if (setup->trace_aside) make_parent(setup->trace_path);
    code = open_trace(c, error);
    if (code != CT_OK && setup->trace_aside) { /* nobody asked for this one */
        ct__coord_log(c, CT_LOG_DEBUG, "no trace is kept: %s", error->text);
        return CT_OK;
    }
    return code;
}

void ct__coord_flush_records(struct coordinator *c)
{
    struct ct_error error;
    if (c->log && ct__log_flush(c->log, &error) != CT_OK) drop_log(c, &error);
    if (c->trace && ct__trace_flush(c->trace, &error) != CT_OK) drop_trace(c, &error);
}

void ct__coord_close_records(struct coordinator *c)
{
    ct__coord_flush_records(c);
    struct ct_error error;
    if (c->trace && ct__trace_close(c->trace, &error) != CT_OK) record_failed(c, is_trace_optional(c), &error);
    c->trace = NULL;
    struct ct__log *log = c->log;
    c->log = NULL; /* what is said of its end cannot go into it */
    if (log && ct__log_close(log, &error) != CT_OK) record_failed(c, c->setup->log_optional, &error);
}
