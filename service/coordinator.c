#include "service/coordinator_inner.h"
#include "service/keeper.h"
#include "service/process.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define OUTBOX_MAX    (1u << 20) /* bytes on the way to the program */
#define PROGRESS_MS   100
#define QUIET_MS      60000                       /* with no result for so long, progress names the walks in flight */
#define STOPPING_MS   2000                        /* and for so long, once the run is to stop */
#define MOMENT_MS     1000                        /* hosts may take to come with nothing said of it */
#define STOP_MS       10000                       /* for stop hooks */
#define EXIT_MS       2000                        /* for processes to end after them */
#define FIRST_HOST_MS ((int64_t)2 * CT__LEASE_MS) /* a link that stands still is replaced after its lease */

static void wake(void *user)
{
    struct coordinator *c = user;
    uint64_t one = 1;
    if (write(c->bell, &one, sizeof one) < 0) return; /* it is full: rung already */
}

/* ---- the program that called run_tests() ---- */

static void flush_outbox(struct coordinator *c)
{
    while (c->outbox.size > 0) {
        ssize_t sent = send(c->setup->control, c->outbox.data, c->outbox.size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return;
        ct__bytes_drop(&c->outbox, (size_t)sent);
    }
}

void ct__coord_tell(struct coordinator *c, enum ct__told kind, const void *body, size_t size)
{
    ct__put_u32(&c->outbox, (uint32_t)size + 1);
    ct__put_u8(&c->outbox, (uint8_t)kind);
    ct__put_bytes(&c->outbox, body, size);
    flush_outbox(c);
}

static void tell_results(struct coordinator *c, enum ct__told kind)
{
    struct ct__bytes body = { 0 };
    c->tally.results.elapsed_s = (double)(ct__now_ms() - c->setup->started_ms) / 1000.0;
    ct__results_put(&body, &c->tally.results, kind == CT__TOLD_RESULTS);
    if (!body.failed) ct__coord_tell(c, kind, body.data, body.size);
    ct__bytes_free(&body);
}

static void flush_all(struct coordinator *c)
{
    struct pollfd control = { .fd = c->setup->control, .events = POLLOUT };
    while (c->outbox.size > 0 && poll(&control, 1, -1) >= 0 && !(control.revents & (POLLERR | POLLHUP)))
        flush_outbox(c);
}

_Noreturn void ct__coord_give_up(struct coordinator *c, const char *why)
{
    struct ct_results *results = &c->tally.results;
    struct ct__bytes body = { 0 };
    ct__kill_children(NULL, 0);
    if (c->ready) {
        results->counts[CT_LOST] += results->walk_count - ct__tally_ended(&c->tally);
        results->exit_code = 3;
        results->note = strdup(why);
        remove(c->setup->gather_path); /* it is not whole */
        tell_results(c, CT__TOLD_RESULTS);
    } else {
        ct__put_u32(&body, CT_ESYSTEM);
        ct__put_text(&body, why);
        ct__coord_tell(c, CT__TOLD_ERROR, body.data, body.size);
    }
    flush_all(c);
    _exit(1);
}

_Noreturn void ct__coord_no_states(struct coordinator *c)
{
    char why[512];
    snprintf(why, sizeof why, "cannot write the gathered states to %.300s: %s", c->setup->gather_path, strerror(errno));
    ct__coord_give_up(c, why);
}

static void pause_all(struct coordinator *c, bool paused)
{
    uint8_t word = paused;
    c->paused = paused;
    ct__coord_send_all(c, CT__FRAME_PAUSE, &word, 1);
}

static void hear_program(struct coordinator *c)
{
    char word;
    ssize_t got = recv(c->setup->control, &word, 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) c->orphaned = true;
    if (got <= 0 || word == CT__TELL_KILL)
        c->asked = c->killed = true; /* the program has died, or wants it */
    else if (word == CT__TELL_STOP)
        c->asked = c->stopping = true;
    else
        pause_all(c, word == CT__TELL_PAUSE);
}

/* ---- the loop ---- */

/* Once, of a run that is to stop, and does not. */
static void tell_ending(struct coordinator *c)
{
    const struct ct_results *results = &c->tally.results;
    char walks[256] = "";
    size_t used = 0;
    if (c->told_ending || results->in_flight_count == 0) return;
    for (size_t i = 0; i < results->in_flight_count && used < sizeof walks; i++)
        used += (size_t)snprintf(walks + used, sizeof walks - used, "%s %" PRIu64, i > 0 ? "," : "",
                                 results->in_flight[i]);
    ct__coord_log(c, CT_LOG_STATUS, "stopping: waiting for walk%s%s; stop again to end %s at once",
                  results->in_flight_count == 1 ? "" : "s", walks, results->in_flight_count == 1 ? "it" : "them");
    c->told_ending = true;
}

/* Names the walks that a quiet run waits for. */
static void list_in_flight(struct coordinator *c, int64_t now)
{
    struct ct_results *results = &c->tally.results;
    bool ending = c->asked && c->stopping;
    results->in_flight_count = 0;
    if (c->step.kind != CT__STEP_STAGE || !(c->pool.open || ending)) return;
    if (now - c->quiet_ms < (ending ? STOPPING_MS : QUIET_MS)) return;
    for (const struct host *host = c->hosts; host; host = host->next)
        for (uint32_t i = 0; i < host->in_flight_count && results->in_flight_count < CT_COUNT(results->in_flight); i++)
            results->in_flight[results->in_flight_count++] = host->in_flight[i];
    if (ending) tell_ending(c);
}

/* To the files too, whether the program listens or not: it, and all else, can be killed at any moment. */
static void tell_progress(struct coordinator *c)
{
    int64_t now = ct__now_ms();
    if (now - c->flushed_ms >= PROGRESS_MS) {
        c->flushed_ms = now;
        ct__coord_flush_records(c);
    }
    if (now - c->told_ms < PROGRESS_MS || c->outbox.size > 0) return;
    c->told_ms = now;
    list_in_flight(c, now);
    tell_results(c, CT__TOLD_PROGRESS);
}

void ct__coord_pump(struct coordinator *c, int64_t timeout_ms)
{
    struct pollfd fds[] = { { .fd = c->bell, .events = POLLIN },
                            { .fd = c->setup->control, .events = POLLIN },
                            { .fd = c->lifeline, .events = POLLIN },
                            { .fd = c->fleet, .events = POLLIN } };
    struct ct__event event;
    uint64_t rung;
    if (c->outbox.size > 0) fds[1].events |= POLLOUT;
    poll(fds, 4, (int)timeout_ms);
    if (fds[0].revents && read(c->bell, &rung, sizeof rung) < 0) rung = 0;
    flush_outbox(c);
    if (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) hear_program(c);
    /* a program that does not read what it is told slows who has so much to tell */
    while (c->outbox.size < OUTBOX_MAX && ct__hub_next(c->hub, &event)) ct__coord_take_event(c, &event);
    if (c->lifeline >= 0 && fds[2].revents) ct__coord_keeper_ended(c);
    if (c->fleet >= 0 && fds[3].revents) ct__coord_hear_fleet(c);
    ct__coord_watch_hosts(c, c->outbox.size < OUTBOX_MAX);
    ct__coord_tell_missing(c);
    tell_progress(c);
}

static bool all_stopped(const struct coordinator *c, uint8_t bits)
{
    for (const struct host *host = c->hosts; host; host = host->next)
        if (host->known && host->channel && (host->stopped & bits) != bits) return false;
    return true;
}

static void stop_executors(struct coordinator *c, uint8_t which)
{
    int64_t deadline = ct__now_ms() + STOP_MS;
    ct__coord_send_all(c, CT__FRAME_STOP, &which, 1);
    while (!c->killed && !all_stopped(c, (uint8_t)(1u << which)) && ct__now_ms() < deadline) ct__coord_pump(c, 50);
    if (!c->killed && !all_stopped(c, (uint8_t)(1u << which)))
        ct__coord_log(c, CT_LOG_WARNING, "start or stop hooks were still running after %d s: ended", STOP_MS / 1000);
}

static void run_steps(struct coordinator *c)
{
    struct ct_plan *plan = c->setup->plan;
    struct ct_step step;
    ct__plan_rewind(plan);
    while (!c->stopping && !c->killed && !c->lost && ct_plan_next(plan, &step)) {
        if (ct__selection_count_in(c->setup->selection, step.first_id, step.end_id) == 0) {
            if (step.serial) ct__plan_skip_branch(plan);
        } else if (!step.serial) {
            ct__coord_run_stage(c, &step);
        } else if (!ct__coord_run_serial(c, &step)) {
            ct__plan_skip_branch(plan);
        }
    }
}

/* Whether the run can begin: the serial executor's host is there, and someone to run walks. */
static bool is_ready(struct coordinator *c)
{
    bool all_up;
    ct__coord_all_tried(c, &all_up);
    if (!ct__coord_local_host(c)) return false;
    return ct__coord_count_usable(c) > 0 && (all_up || !c->setup->require_all);
}

/* Whether waiting longer is of no use. */
static bool is_hopeless(struct coordinator *c, int64_t deadline)
{
    bool all_up, tried = ct__coord_all_tried(c, &all_up);
    if (c->lost || c->killed || c->stopping) return true;
    if (c->door[0]) return c->lifeline < 0; /* someone may come at any time */
    if (ct__now_ms() >= deadline) return true;
    if (c->setup->machine_count == 0 || !tried || !ct__coord_local_host(c)) return false;
    return ct__coord_count_usable(c) == 0 || (c->setup->require_all && !all_up);
}

static bool await_hosts(struct coordinator *c)
{
    bool fleet = c->setup->machine_count > 0;
    int64_t deadline = ct__now_ms() + FIRST_HOST_MS + (fleet ? c->setup->start_ms : 0);
    c->bare_ms = ct__now_ms();
    c->missing_ms = c->bare_ms + MOMENT_MS;
    c->awaiting = true;
    ct__coord_tell_door(c);
    while (!is_ready(c) && !is_hopeless(c, deadline)) ct__coord_pump(c, 50);
    if (c->missing_ms > c->bare_ms + MOMENT_MS) c->missing_ms = 0; /* who was told of waiting is told of its end */
    c->bare_ms = ct__now_ms();
    c->awaiting = false;
    c->began = is_ready(c);
    if (is_ready(c)) return true;
    if (c->killed || c->stopping) return false;
    snprintf(c->note, sizeof c->note, "%s",
             c->setup->require_all && ct__coord_count_usable(c) > 0 ? "not every host could be reached"
                                                                    : "no service could be started");
    ct__coord_name_failures(c, c->note, sizeof c->note);
    c->lost = true;
    return false;
}

static void run(struct coordinator *c)
{
    if (!await_hosts(c)) return;
    if (ct__coord_run_start_hook(c)) {
        c->started = true;
        ct__coord_send_all(c, CT__FRAME_START, NULL, 0);
        run_steps(c);
    }
    ct__coord_fleet_finish(c);
    stop_executors(c, 0);
    ct__coord_run_stop_hook(c);
    stop_executors(c, 1);
}

static int exit_code(const struct coordinator *c)
{
    const struct ct_results *results = &c->tally.results;
    if (c->asked) return 130;
    if (*c->note || results->counts[CT_LOST] > 0) return 3;
    if (results->error_count + results->counts[CT_BLOCKED] + results->serial_failed_count > 0) return 1;
    return results->counts[CT_EXCLUDED] == results->walk_count ? 4 : 0;
}

/* Ends every process of the run but this one and the program's. */
static void end_processes(struct coordinator *c)
{
    struct pollfd keeper = { .fd = c->lifeline, .events = POLLIN };
    for (struct host *host = c->hosts; host; host = host->next)
        if (host->channel) ct__channel_close(host->channel);
    c->closing = true;
    ct__coord_fleet_finish(c);
    ct__coord_fleet_end(c);
    if (c->lifeline >= 0 && !c->killed && c->began) poll(&keeper, 1, EXIT_MS); /* else it was not told to end */
    ct__kill_children(NULL, 0);
}

static void report(struct coordinator *c)
{
    ct__coord_end_rest(c);
    ct__coord_close_records(c);
    if (c->gathered && fclose(c->gathered) != 0) ct__coord_no_states(c);
    c->tally.results.exit_code = exit_code(c);
    if (!*c->remark) ct__tally_tell_reasons(&c->tally, c->remark, sizeof c->remark);
    const char *note = *c->note ? c->note : c->remark;
    c->tally.results.note = *note ? strdup(note) : NULL;
    tell_results(c, CT__TOLD_RESULTS);
    flush_all(c);
}

/* ---- the beginning ---- */

static bool start_keeper(struct coordinator *c)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
    c->keeper = ct__fork_child();
    if (c->keeper == 0) {
        close(pair[0]); /* it keeps setup->control: the program sees its end when the keeper has ended too */
        c->setup->keeper_lifeline = pair[1];
        ct__keeper_main(c->setup);
    }
    close(pair[1]);
    c->lifeline = pair[0];
    return c->keeper > 0;
}

/* A connection takes a descriptor, and thousands of services may come. User code runs elsewhere, under the limit it was
 * given. */
static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

/* nng panics, with a page on stderr, in a child of a program that had it open: quietly, the program is told instead. */
static enum ct_err open_nng(struct coordinator *c, struct ct_error *error)
{
    int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (kept >= 0 && null >= 0) dup2(null, STDERR_FILENO);
    enum ct_err code = ct__hub_open(wake, c, &c->hub, error);
    if (code == CT_OK) code = ct__hub_listen(c->hub, c->setup->url, NULL, NULL, error);
    if (code == CT_OK) code = ct__coord_open_door(c, error);
    if (kept >= 0 && null >= 0) dup2(kept, STDERR_FILENO);
    if (kept >= 0) close(kept);
    if (null >= 0) close(null);
    return code;
}

/* Whether anything must be kept of walks between stages or for gathering. */
static bool needs_store(const struct ct__setup *setup)
{
    return setup->gather || ct__setup_first_stage(setup) != ct__setup_last_stage(setup) ||
           ct__plan_stage_count(setup->plan) > 1;
}

static enum ct_err prepare(struct coordinator *c, struct ct_error *error)
{
    struct ct__setup *setup = c->setup;
    size_t depths = ct__plan_stage_count(setup->plan);
    enum ct_err code = ct__tally_init(&c->tally, ct__selection_count(setup->selection));
    if (setup->machine_count > 0 || setup->listen) c->tally.results.hosts = json_object();
    c->initial = json_deep_copy(ct__plan_table(setup->plan)->state);
    c->updates = calloc(depths, sizeof(json_t *));
    c->pool.tried = calloc(setup->retries + 1, sizeof *c->pool.tried);
    if (code != CT_OK || !c->initial || !c->updates || !c->pool.tried || !ct__coord_scope_init(c))
        return ct__nomem(error);
    if (needs_store(setup) && (code = ct__store_open(setup->run_dir, &c->store, error)) != CT_OK) return code;
    if (setup->gather && !(c->gathered = fopen(setup->gather_path, "we")))
        return ct__error(error, CT_EIO, "cannot write %s: %s", setup->gather_path, strerror(errno));
    return ct__coord_open_records(c, error);
}

/* What the program would have done, had it lived. */
static void clear_up(const struct ct__setup *setup)
{
    if (setup->gather) remove(setup->gather_path);
    ct__remove_tree(setup->run_dir);
}

_Noreturn void ct__coordinator_main(struct ct__setup *setup)
{
    struct coordinator c = { .setup = setup, .lifeline = -1, .fleet = -1 };
    struct ct_error error = { 0 };
    ct__block_signals();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    c.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c.bell < 0 || !start_keeper(&c) || !ct__coord_start_fleet(&c))
        ct__coord_give_up(&c, "cannot start the processes of the run");
    raise_file_limit();
    if (prepare(&c, &error) != CT_OK || open_nng(&c, &error) != CT_OK) ct__coord_give_up(&c, error.text);
    ct__coord_tell(&c, CT__TOLD_READY, NULL, 0);
    c.ready = true;
    ct__write_all(c.lifeline, "g", 1); /* a keeper that has ended by now shows in the run */
    run(&c);
    end_processes(&c);
    report(&c);
    if (c.orphaned) clear_up(setup);
    _exit(0);
}
