/* run_tests(): the side of the program that calls it. It starts the coordinator, listens to it, and waits. */
#include "combtest/core.h"
#include "service/board.h"
#include "service/coordinator.h"
#include "service/process.h"
#include "service/protocol.h"
#include "service/remote.h"
#include "service/run_inner.h"
#include "service/tally.h"
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 50 /* how often to look whether ct_stop was called */
#define SILENCE_MS                                                                                                     \
    15000 /* a coordinator that says nothing for so long is stuck: it says something ten times a second */
#define TOLD_MAX (16u << 20)
#define KEPT     "what came of the walks it had last counted is kept"

static pthread_mutex_t in_progress = PTHREAD_MUTEX_INITIALIZER; /* held during a run */
static _Atomic int stop_asked;                                  /* 1: stop, 2: at once */
static atomic_bool stopping;                                    /* either */
static _Atomic bool suspend_asked, listening;                   /* a run is at the point where it heeds it */

void ct_stop(void)
{
    int none = 0;
    atomic_compare_exchange_strong(&stop_asked, &none, 1);
    atomic_store(&stopping, true);
}

void ct__stop_now(void)
{
    atomic_store(&stop_asked, 2);
    atomic_store(&stopping, true);
}

void ct__suspend(void)
{
    if (atomic_load(&listening))
        atomic_store(&suspend_asked, true);
    else
        raise(SIGSTOP);
}

static enum ct_err start_coordinator(struct run *run, struct ct_error *error)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return ct__error(error, CT_ESYSTEM, "cannot make a socket pair: %s", strerror(errno));
    ct__libraries_before_fork();
    fflush(NULL);
    run->coordinator = fork();
    if (run->coordinator == 0) {
        setpgid(0, 0); /* a Ctrl-C is for the program alone: it tells the others */
        close(pair[0]);
        run->setup.control = pair[1];
        ct__coordinator_main(&run->setup);
    }
    int cause = errno;
    close(pair[1]);
    run->control = pair[0];
    if (run->coordinator < 0) {
        close(pair[0]);
        return ct__error(error, CT_ESYSTEM, "cannot start a process: %s", strerror(cause));
    }
    return CT_OK;
}

static void tell(struct run *run, char word)
{
    send(run->control, &word, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void ask(struct run *run)
{
    static const char words[] = { 0, CT__TELL_STOP, CT__TELL_KILL };
    int asked = atomic_load(&stop_asked);
    if (asked <= run->asked) return;
    run->asked = asked;
    tell(run, words[asked]);
}

/* The executors first, which are in process groups of their own and would work on. */
static void suspend_if_asked(struct run *run)
{
    if (!atomic_exchange(&suspend_asked, false)) return;
    tell(run, CT__TELL_PAUSE);
    raise(SIGSTOP);
    tell(run, CT__TELL_GO_ON);
}

static enum ct_err hear_error(struct ct__cursor *cursor, struct ct_error *error)
{
    uint32_t code = ct__get_u32(cursor);
    const char *text = ct__get_text(cursor);
    return ct__error(error, code == CT_NOMEM ? CT_NOMEM : CT_ESYSTEM, "%s", text ? text : "the coordinator failed");
}

/* One thing that the coordinator tells. */
static enum ct_err hear(struct run *run, const unsigned char *data, size_t size, struct ct_error *error)
{
    const struct ct_run_options *options = run->options;
    struct ct__cursor cursor = ct__cursor(data, size);
    uint8_t kind = ct__get_u8(&cursor);
    if (kind == CT__TOLD_READY) run->ready = true;
    if (kind == CT__TOLD_ERROR) return hear_error(&cursor, error);
    if (kind == CT__TOLD_PROGRESS && ct__results_get(&cursor, &run->so_far) == CT_OK && options->progress)
        options->progress(options->progress_user, &run->so_far);
    if (kind == CT__TOLD_LOG && options->log) {
        enum ct_log_level level = (enum ct_log_level)ct__get_u8(&cursor);
        const char *line = ct__get_text(&cursor);
        if (line) options->log(options->log_user, level, line);
    }
    if (kind == CT__TOLD_RESULTS) {
        enum ct_err code = ct__results_get(&cursor, run->results);
        if (code != CT_OK) return ct__error(error, code, "the results could not be read");
        run->finished = true;
    }
    return CT_OK;
}

/* Cuts what has come into what was told. */
static enum ct_err hear_all(struct run *run, struct ct__bytes *in, struct ct_error *error)
{
    enum ct_err code = CT_OK;
    size_t at = 0;
    while (code == CT_OK && in->size - at >= 4) {
        struct ct__cursor cursor = ct__cursor(in->data + at, 4);
        uint32_t size = ct__get_u32(&cursor);
        if (size > TOLD_MAX) return ct__error(error, CT_EBUG, "the coordinator told %u bytes at once", size);
        if (in->size - at - 4 < size) break;
        code = hear(run, in->data + at + 4, size, error);
        at += 4 + (size_t)size;
    }
    ct__bytes_drop(in, at);
    return code;
}

/* Listens until the processes of the run have ended. */
static enum ct_err listen_to(struct run *run, struct ct_error *error)
{
    struct pollfd control = { .fd = run->control, .events = POLLIN };
    struct ct__bytes in = { 0 };
    enum ct_err code = CT_OK;
    int64_t heard_ms = ct__now_ms();
    atomic_store(&listening, true);
    for (;;) {
        ask(run);
        suspend_if_asked(run);
        if (poll(&control, 1, LOOK_MS) <= 0) {
            run->stuck = ct__now_ms() - heard_ms > SILENCE_MS;
            if (run->stuck) kill(run->coordinator, SIGKILL);
            continue;
        }
        unsigned char *room = ct__bytes_room(&in, 65536);
        ssize_t got = room ? recv(run->control, room, 65536, 0) : -1;
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        heard_ms = ct__now_ms();
        in.size += (size_t)got;
        enum ct_err heard = hear_all(run, &in, code == CT_OK ? error : NULL);
        if (code == CT_OK) code = heard;
    }
    atomic_store(&listening, false);
    if (atomic_exchange(&suspend_asked, false)) raise(SIGSTOP);
    ct__bytes_free(&in);
    close(run->control);
    return code;
}

/* By the names of its threads: combtest itself opens it in none of this program's. */
static bool is_nng_open(void)
{
    glob_t found;
    bool is_open = false;
    if (glob("/proc/self/task/*/comm", GLOB_NOSORT, NULL, &found) != 0) return false;
    for (size_t i = 0; i < found.gl_pathc && !is_open; i++) {
        char name[32] = "";
        FILE *file = fopen(found.gl_pathv[i], "re");
        is_open = file && fgets(name, sizeof name, file) && strncmp(name, "nng:", 4) == 0;
        if (file) fclose(file);
    }
    globfree(&found);
    return is_open;
}

/* It died before it could say why. */
static enum ct_err ended_early(const struct run *run, int wait_status, struct ct_error *error)
{
    char end[64];
    ct__describe_end(wait_status, end, sizeof end);
    if (!WIFSIGNALED(wait_status) || WTERMSIG(wait_status) != SIGABRT)
        return ct__error(error, CT_ESYSTEM, "the coordinator ended before the run began: %s%s", end,
                         run->stuck ? ", having said nothing for 15 s" : "");
    if (is_nng_open())
        return ct__error(error, CT_EINVAL,
                         "this program has nng open, and nng works in no process forked from it: "
                         "call run_tests() before nng is used, or use nng inside the walks");
    return ct__error(error, CT_ESYSTEM,
                     "nng could not start in the coordinator: memory or threads are limited too tightly "
                     "(`ulimit -v`, `ulimit -u`), or this program has used nng before");
}

/* The coordinator died before it had told the results: what it told last is what there is. */
static enum ct_err salvage(struct run *run, int wait_status, struct ct_error *error)
{
    struct ct_results *results = run->results;
    if (!run->ready) return ended_early(run, wait_status, error);
    *results = run->so_far;
    results->walk_count = ct__selection_count(run->setup.selection);
    uint64_t ended = 0;
    for (int status = 0; status < CT_STATUS_COUNT; status++) ended += results->counts[status];
    results->counts[CT_LOST] += results->walk_count - ended;
    results->counters = json_object();
    results->note = strdup(run->stuck
                               ? "the coordinator said nothing for 15 s, as if it were stopped, and was ended: " KEPT
                               : "the coordinator was killed: " KEPT);
    results->exit_code = 3;
    return results->counters && results->note ? CT_OK : ct__nomem(error);
}

static enum ct_err load_states(struct run *run, struct ct_error *error)
{
    char *line = NULL;
    size_t capacity = 0;
    enum ct_err code = CT_OK;
    FILE *file = fopen(run->setup.gather_path, "re");
    json_t *states = json_array();
    while (file && states && code == CT_OK && getline(&line, &capacity, file) > 0)
        if (json_array_append_new(states, ct__json_read(line)) != 0) code = ct__nomem(error);
    if (!file) code = ct__error(error, CT_EIO, "cannot read %s: %s", run->setup.gather_path, strerror(errno));
    if (file) fclose(file);
    free(line);
    if (code == CT_OK)
        run->results->states = states;
    else
        json_decref(states);
    return code;
}

static enum ct_err copy_states(struct run *run, struct ct_error *error)
{
    char bytes[65536];
    size_t got;
    FILE *from = fopen(run->setup.gather_path, "re"), *to = NULL;
    int fd = from ? ct__open_in_place(run->gather_path) : -1;
    if (fd >= 0 && !(to = fdopen(fd, "w"))) close(fd);
    bool good = from && to;
    while (good && (got = fread(bytes, 1, sizeof bytes, from)) > 0) good = fwrite(bytes, 1, got, to) == got;
    good = good && !ferror(from);
    if (from) fclose(from);
    if (to && fclose(to) != 0) good = false;
    if (good) return CT_OK;
    return ct__error(error, CT_EIO, "cannot write the states to %s: %s", run->gather_path, strerror(errno));
}

static enum ct_err keep_states(struct run *run, struct ct_error *error)
{
    enum ct_err code = CT_OK;
    if (access(run->setup.gather_path, F_OK) != 0) return CT_OK; /* the run broke off before it was whole */
    if (run->options->gather_states) code = load_states(run, error);
    if (code != CT_OK || !run->gather_path) return code;
    if (!run->gather_aside) return copy_states(run, error);
    if (rename(run->setup.gather_path, run->gather_path) != 0)
        code = ct__error(error, CT_EIO, "cannot write the states to %s: %s", run->gather_path, strerror(errno));
    return code;
}

static char *path_if_there(const char *path)
{
    return path && access(path, F_OK) == 0 ? strdup(path) : NULL;
}

/* Whether the trace is this run's: one that could not be written leaves that of another run under its name. */
static bool is_trace_new(const struct run *run)
{
    struct stat now;
    if (!run->setup.trace_path || stat(run->setup.trace_path, &now) != 0) return false;
    return now.st_ino != run->old_trace.st_ino || now.st_dev != run->old_trace.st_dev;
}

/* Where the log and the trace are, for whoever reads the results. */
static void name_records(struct run *run)
{
    char *log = NULL;
    if (run->setup.log_dir && asprintf(&log, "%s/run.log", run->setup.log_dir) < 0) log = NULL;
    run->results->log_path = path_if_there(log);
    if (is_trace_new(run)) run->results->trace_path = strdup(run->setup.trace_path);
    free(log);
}

static bool name_option(struct ct_failure *failure, const char *action, const struct ct_option *option)
{
    const char *label = ct_option_label(option);
    if (json_object_set_new(failure->options, action, ct__option_to_json(option)) != 0) return false;
    if (!label || option->type == CT_TYPE_POINTER) return true; /* a pointer's value is its label */
    return json_object_set_new(failure->labels, action, json_string(label)) == 0;
}

static enum ct_err name_options_of(const struct run *run, struct ct_failure *failure, const struct ct_option **options,
                                   struct ct_error *error)
{
    const struct ct_suite *suite = run->setup.suite;
    enum ct_err code = ct_plan_options(run->setup.plan, failure->walk, options);
    failure->options = json_object();
    failure->labels = json_object();
    for (size_t i = 0; code == CT_OK && i < suite->action_count; i++)
        if (options[i] && !name_option(failure, suite->actions[i].name, options[i])) code = ct__nomem(error);
    return code;
}

/* What the walks in the lists of failures took, in words: the program has the plan. */
static enum ct_err name_options(struct run *run, struct ct_error *error)
{
    struct ct_results *results = run->results;
    const struct ct_option **options = calloc(run->setup.suite->action_count, sizeof *options);
    enum ct_err code = options ? CT_OK : ct__nomem(error);
    for (size_t i = 0; code == CT_OK && i < results->failure_count; i++)
        code = name_options_of(run, &results->failures[i], options, error);
    for (size_t i = 0; code == CT_OK && i < results->cause_count; i++)
        code = name_options_of(run, &results->causes[i].first, options, error);
    ct__causes_sort(results);
    free(options);
    return code;
}

static enum ct_err execute(struct run *run, struct ct_error *error)
{
    int wait_status = 0;
    const char *trace = run->setup.trace_path;
    if (!trace || stat(trace, &run->old_trace) != 0) run->old_trace = (struct stat){ 0 };
    enum ct_err code = start_coordinator(run, error);
    if (code != CT_OK) return code;
    code = listen_to(run, error);
    while (waitpid(run->coordinator, &wait_status, 0) < 0 && errno == EINTR) continue;
    if (code == CT_OK && !run->finished) return salvage(run, wait_status, error);
    name_records(run);
    if (code == CT_OK) code = name_options(run, error);
    if (code == CT_OK && run->setup.gather) code = keep_states(run, error);
    return code;
}

/* A run of no walks: nothing is started. */
static enum ct_err nothing_selected(struct run *run, struct ct_error *error)
{
    bool none = ct_plan_walk_count(run->setup.plan) == 0;
    run->results->counters = json_object();
    run->results->exit_code = 4;
    run->results->note = none ? strdup("the constraints, or should_cancel, exclude every walk") : NULL;
    if (!run->results->counters || (none && !run->results->note)) return ct__nomem(error);
    return run->setup.gather ? keep_states(run, error) : CT_OK;
}

enum ct_err ct_run_tests(const struct ct_suite *suite, const struct ct_run_options *options,
                         struct ct_results **results, struct ct_error *error)
{
    static const struct ct_run_options defaults;
    struct run run = { .options = options ? options : &defaults, .stop = &stopping };
    if (!results) return ct__error(error, CT_EINVAL, "results is NULL");
    if (ct__remote_active()) return ct__remote_run(suite, results, error);
    if (pthread_mutex_trylock(&in_progress) != 0)
        return ct__error(error, CT_EINVAL, "run_tests() is running already in this program");
    atomic_store(&stop_asked, 0);
    atomic_store(&stopping, false);
    enum ct_err code = ct__run_prepare(&run, suite, error);
    if (code == CT_OK && !(run.results = calloc(1, sizeof *run.results))) code = ct__nomem(error);
    if (code == CT_OK)
        code = ct__selection_count(run.setup.selection) > 0 ? execute(&run, error) : nothing_selected(&run, error);
    if (code == CT_OK) {
        *results = run.results;
        run.results = NULL;
    }
    ct__run_clear(&run);
    pthread_mutex_unlock(&in_progress);
    return code;
}
