#include "service/executor.h"
#include "actions/actions.h"
#include "service/process.h"
#include "service/worker.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct executor {
    const struct ct__setup *setup;
    struct ct__board *board;
    struct ct__post *post;
    bool serial;
    uint32_t count; /* workers */
    struct ct__worker *workers;
    _Atomic uint32_t started;  /* workers whose thread_start has passed */
    _Atomic uint32_t gave_up;  /* a start hook failed: what was started is stopped, and nothing else is done */
    struct ct_walk *hook_walk; /* for service_start and service_stop */
};

static void say_why(const struct executor *executor, const char *what, const char *why)
{
    snprintf(executor->post->complaint, sizeof executor->post->complaint, "%s%s%s", what, *why ? ": " : "", why);
}

/* slot: whose walk, if one is in flight there, is to blame; NULL: none. */
_Noreturn static void end_complaining(struct ct__slot *slot)
{
    ct__witness_note(slot ? &slot->witness : NULL, CT__DEATH_HOOK, 0);
    fflush(NULL);
    _exit(CT__EXECUTOR_COMPLAINT);
}

/* Ends the process because it cannot work as the suite asks; why is told over the post. */
_Noreturn static void complain(const struct executor *executor, struct ct__slot *slot, const char *what,
                               const char *why)
{
    say_why(executor, what, why);
    end_complaining(slot);
}

/* Has the process end for the same reason, but only after the stop hooks of what has been started. */
static void give_up(struct executor *executor, const char *what, const char *why)
{
    if (atomic_exchange(&executor->gave_up, 1)) return; /* the first one tells */
    say_why(executor, what, why);
    atomic_store(&executor->post->stop, 1);
    for (uint32_t i = 0; i < executor->count; i++) ct__bell_ring(&executor->workers[i].slot->bell);
}

_Noreturn void ct__worker_resign(const struct ct__worker *worker, const char *why)
{
    complain(worker->executor, NULL, why, "");
}

_Noreturn void ct__worker_quit(const struct ct__worker *worker, const char *why)
{
    complain(worker->executor, worker->slot, why, "");
}

/* Runs a start hook, by its name: whether it passed. */
static bool start(struct executor *executor, struct ct__worker *worker, struct ct_walk *walk,
                  enum ct_status (*hook)(struct ct_walk *walk), const char *failed)
{
    ct__walk_open(walk, CT__HOOK, 0, 0, NULL);
    bool passed = ct__run_hook(walk, hook) == CT_PASS;
    if (!passed) give_up(executor, failed, ct__walk_message(walk));
    ct__walk_close(walk);
    ct__worker_send_counts(worker);
    return passed;
}

/* By its name. What it says changes no result, and is told. */
static void run_stop_hook(struct ct_walk *walk, void (*hook)(struct ct_walk *walk), const char *name)
{
    if (!hook) return;
    ct__walk_open(walk, CT__HOOK, 0, 0, NULL);
    ct__run_stop_hook(walk, hook);
    if (ct__walk_status(walk) != CT_PASS)
        ct_log_at(walk, CT_LOG_ERROR, NULL, 0, "%s %s: %s", name, ct_status_name(ct__walk_status(walk)),
                  ct__walk_message(walk));
    ct__walk_close(walk);
}

/* What is written from here on goes to output. Returns what was there. */
static int turn_output(int output)
{
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    fflush(NULL);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    return kept;
}

/* Takes walks; with isolation=process what is written meanwhile is theirs: their processes inherit it. */
static void take_walks(struct executor *executor, struct ct__worker *worker)
{
    bool apart = executor->setup->isolation == CT_ISOLATION_PROCESS && !executor->serial;
    int kept = apart ? turn_output(worker->pipe[1]) : -1;
    if (apart) signal(SIGCHLD, SIG_DFL); /* a start hook may have asked that nobody needs to wait for children */
    ct__worker_run(worker);
    if (apart) close(turn_output(kept));
    if (apart) close(kept);
}

/* The life of a worker, on a thread of its own, or where it is the only one on the process's. */
static void *work(void *user)
{
    struct ct__worker *worker = user;
    struct executor *executor = (struct executor *)worker->executor;
    const struct ct_suite *suite = executor->setup->suite;
    if (!ct__witness_thread(&worker->slot->witness))
        complain(executor, worker->slot, "no memory for a signal stack", "");
    if (!start(executor, worker, worker->walk, suite->thread_start, "thread_start failed")) goto out;
    worker->kept_count = ct__list_children(worker->kept, CT_COUNT(worker->kept));
    if (atomic_fetch_add(&executor->started, 1) + 1 == executor->count) {
        atomic_store(&executor->post->ready, 1);
        ct__bell_ring(&executor->board->link_bell);
    }
    take_walks(executor, worker);
    if (!atomic_load(&executor->post->stop)) complain(executor, worker->slot, "out of memory between two walks", "");
    run_stop_hook(worker->walk, suite->thread_stop, "thread_stop");
    ct__worker_send_counts(worker);
out:
    if (executor->count > 1) ct__witness_leave();
    return NULL;
}

/* User code finds what any program finds: no terminal to read from, default handling of what the runner's processes
 * change, and its output where it does not mix with combtest's. */
static void settle_process(const struct ct__setup *setup, int output)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, STDIN_FILENO);
    if (null > STDIN_FILENO) close(null);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    setvbuf(stdout, NULL, _IOLBF, 0); /* what a crash would lose is at most a line */
    if (!setup->core) setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    static const int ours[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP };
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++) signal(ours[i], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void make_workers(struct executor *executor, uint32_t post, int output)
{
    struct ct__slot *slots = ct__board_slots(executor->board, post, &executor->count);
    executor->workers = calloc(executor->count, sizeof *executor->workers);
    if (!executor->workers) complain(executor, NULL, "out of memory", "");
    for (uint32_t i = 0; i < executor->count; i++) {
        struct ct__worker *worker = &executor->workers[i];
        worker->setup = executor->setup;
        worker->board = executor->board;
        worker->post = executor->post;
        worker->executor = executor;
        worker->slot = &slots[i];
        worker->written = output;
        if (ct__worker_init(worker, NULL) != CT_OK) complain(executor, &slots[i], "out of memory or descriptors", "");
    }
    ct__voice_set_default(&ct__worker_voice, &executor->workers[0]);
    executor->hook_walk = ct__walk_new(executor->setup->plan, &ct__worker_voice, &executor->workers[0],
                                       executor->setup->run_dir);
    if (!executor->hook_walk) complain(executor, &slots[0], "out of memory", "");
    ct__walk_show_action(executor->hook_walk, &slots[0].action);
    ct__walk_show_part(executor->hook_walk, &slots[0].part);
}

static void run_workers(struct executor *executor)
{
    if (executor->count == 1) {
        work(&executor->workers[0]);
        return;
    }
    for (uint32_t i = 0; i < executor->count; i++) {
        struct ct__worker *worker = &executor->workers[i];
        int result = pthread_create(&worker->thread, NULL, work, worker);
        if (result != 0) complain(executor, worker->slot, "cannot start a thread", strerror(result));
    }
    for (uint32_t i = 0; i < executor->count; i++) pthread_join(executor->workers[i].thread, NULL);
}

/* What is done once on each host, before its services start. */
static bool start_host(struct executor *executor)
{
    enum ct_status (*hook)(struct ct_walk * walk) = executor->setup->suite->host_start;
    if (!hook || !ct__setup_runs_walks(executor->setup) || atomic_load(&executor->board->host_started)) return true;
    if (!start(executor, &executor->workers[0], executor->hook_walk, hook, "host_start failed")) return false;
    atomic_store(&executor->board->host_started, 1);
    return true;
}

/* Works until it is told to stop, between the hooks of a service. */
static void serve(struct executor *executor)
{
    const struct ct_suite *suite = executor->setup->suite;
    if (executor->serial && !start_host(executor)) return;
    if (!start(executor, &executor->workers[0], executor->hook_walk, suite->service_start, "service_start failed"))
        return;
    run_workers(executor);
    run_stop_hook(executor->hook_walk, suite->service_stop, "service_stop");
}

_Noreturn void ct__executor_main(const struct ct__setup *setup, struct ct__board *board, uint32_t post, int output)
{
    struct executor executor = { .setup = setup, .board = board, .post = &board->posts[post] };
    executor.serial = post + 1 == board->post_count;
    settle_process(setup, output);
    make_workers(&executor, post, output);
    struct ct__slot *slot = executor.workers[0].slot;
    if (setup->isolation == CT_ISOLATION_PROCESS && !executor.serial)
        ct__fork_mark_at(&slot->pid);
    else if (!ct__fork_mark())
        complain(&executor, NULL, "no memory for a page", "");
    ct__witness_install();
    if (setup->isolation == CT_ISOLATION_PROCESS) prctl(PR_SET_CHILD_SUBREAPER, 1);
    if (!ct__witness_thread(&slot->witness)) complain(&executor, slot, "no memory for a signal stack", "");
    /* run_start comes before every other hook, and runs where the serial actions do */
    if (executor.serial && setup->suite->run_start && atomic_load(&executor.post->incarnation) == 1)
        ct__worker_run_one(&executor.workers[0]);
    if (executor.serial && atomic_load(&board->closing))
        ct__worker_run(&executor.workers[0]); /* run_stop, where there is one */
    else
        serve(&executor);
    if (executor.serial && !executor.gave_up && ct__setup_runs_walks(setup))
        run_stop_hook(executor.hook_walk, setup->suite->host_stop, "host_stop");
    ct__worker_send_counts(&executor.workers[0]);
    if (executor.gave_up) end_complaining(NULL);
    fflush(NULL);
    _exit(0);
}
