/* --summary: one JSON object, written aside and renamed. */
#include <cli/inner.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum ct_err cannot_write(const char *path, enum ct_err code, struct ct_error *error)
{
    return ct__error(error, code, "%s: cannot be written: %s", path, strerror(errno));
}

/* The file that is written to before it is renamed to path; the caller's. NULL: no memory. */
static char *aside_path(const char *path)
{
    char *aside = NULL;
    if (!ct__is_replaced(path)) return strdup(path);
    return asprintf(&aside, "%s.%ld.tmp", path, (long)getpid()) < 0 ? NULL : aside;
}

static int open_aside(const char *path, const char *aside)
{
    if (strcmp(path, aside) == 0) return ct__open_in_place(path);
    return open(aside, O_WRONLY | O_CLOEXEC | O_CREAT | O_TRUNC, 0666);
}

enum ct_err ct__summary_check(const char *path, struct ct_error *error)
{
    struct stat status;
    enum ct_err err = CT_OK;
    char *aside = aside_path(path);
    if (!aside) return ct__nomem(error);
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) errno = EISDIR, err = CT_EINVAL;
    if (!err && !ct__is_replaced(path) && access(path, W_OK) != 0) err = CT_EINVAL;
    if (!err && ct__is_replaced(path)) {
        int fd = open_aside(path, aside);
        if (fd < 0) err = CT_EINVAL;
        if (fd >= 0) {
            close(fd);
            unlink(aside);
        }
    }
    if (err) cannot_write(path, err, error);
    free(aside);
    return err;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *number(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *failed_ids(const struct ct_results *results)
{
    json_t *ids = json_array();
    for (size_t i = 0; ids && i < results->failed_id_count; i++) {
        if (json_array_append_new(ids, number(results->failed_ids[i])) == 0) continue;
        json_decref(ids);
        ids = NULL;
    }
    return ids;
}

/* Takes value; false where it is NULL or does not go in. */
static bool set(json_t *summary, const char *name, json_t *value)
{
    return json_object_set_new(summary, name, value) == 0;
}

static bool set_counts(json_t *summary, const struct ct_results *results)
{
    static const char *const names[] = {
        [CT_PASS] = "passed",       [CT_FAIL] = "failed",     [CT_CANCEL] = "canceled",
        [CT_EXCLUDED] = "excluded", [CT_CRASHED] = "crashed", [CT_TIMED_OUT] = "timed_out",
        [CT_BLOCKED] = "blocked",   [CT_LOST] = "lost",       [CT_NOT_RUN] = "not_run"
    };
    bool done = set(summary, "planned", number(results->walk_count));
    for (size_t i = 0; i < CT_STATUS_COUNT; i++) done = set(summary, names[i], number(results->counts[i])) && done;
    return done;
}

static double whole_ms(double s)
{
    return (double)(int64_t)(s * 1000 + 0.5) / 1000;
}

static json_t *summary_json(const struct ct_suite *suite, const struct ct_results *results)
{
    json_t *summary = json_object();
    bool done = summary && set(summary, "suite", text_or_null(suite->name)) && set_counts(summary, results) &&
                set(summary, "flaky", number(results->flaky_count)) &&
                set(summary, "segments", number(results->segment_count)) &&
                set(summary, "serial_runs", number(results->serial_count)) &&
                set(summary, "serial_failed", number(results->serial_failed_count)) &&
                set(summary, "elapsed_s", json_real(whole_ms(results->elapsed_s))) &&
                set(summary, "failed_ids", failed_ids(results)) &&
                set(summary, "counters", results->counters ? json_deep_copy(results->counters) : json_object()) &&
                set(summary, "hosts", results->hosts ? json_deep_copy(results->hosts) : json_object()) &&
                set(summary, "trace", text_or_null(results->trace_path)) &&
                set(summary, "log", text_or_null(results->log_path)) &&
                set(summary, "session", text_or_null(results->session_path)) &&
                set(summary, "note", text_or_null(results->note));
    if (done) return summary;
    json_decref(summary);
    return NULL;
}

static bool write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, text, size);
        if (put < 0 && errno != EINTR) return false;
        if (put < 0) continue;
        text += put;
        size -= (size_t)put;
    }
    return true;
}

static enum ct_err write_file(const char *path, const char *aside, const char *text, struct ct_error *error)
{
    bool renamed = strcmp(path, aside) != 0;
    int fd = open_aside(path, aside);
    if (fd < 0) return cannot_write(path, CT_EIO, error);
    bool done = write_all(fd, text, strlen(text)) && write_all(fd, "\n", 1);
    if (close(fd) != 0) done = false;
    if (done && renamed && rename(aside, path) != 0) done = false;
    if (done) return CT_OK;
    cannot_write(path, CT_EIO, error);
    if (renamed) unlink(aside);
    return CT_EIO;
}

enum ct_err ct__summary_write(const char *path, const struct ct_suite *suite, const struct ct_results *results,
                              struct ct_error *error)
{
    enum ct_err err;
    json_t *summary = summary_json(suite, results);
    char *text = summary ? json_dumps(summary, JSON_INDENT(2) | JSON_REAL_PRECISION(15)) : NULL;
    char *aside = aside_path(path);
    err = text && aside ? write_file(path, aside, text, error) : ct__nomem(error);
    free(aside);
    free(text);
    json_decref(summary);
    return err;
}
