/* `replay`: walks of a trace again, one at a time, each in a process of its own. */
#include <cli/inner.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* One call of the command. */
struct replaying {
    struct ct__cli *cli;
    struct ct__reader *reader;
    struct ct__selection *walks;
    json_t *state;
    int64_t timeout_ms;
    uint64_t limit_memory;
    struct ct__watch *watch; /* of the walk that runs; NULL: it runs in this process */
    struct ct__observer narrator;
};

static void before(void *user, struct ct_walk *walk, size_t action)
{
    struct replaying *replaying = user;
    replaying->narrator.before(replaying->narrator.user, walk, action);
    if (replaying->watch) ct__watch_begin(replaying->watch, ct_walk_stage(walk), action);
}

static void after(void *user, struct ct_walk *walk, size_t action)
{
    struct replaying *replaying = user;
    replaying->narrator.after(replaying->narrator.user, walk, action);
}

static int exit_code(enum ct_status status)
{
    if (status == CT_PASS || status == CT_CANCEL || status == CT_EXCLUDED) return CT__EXIT_OK;
    return status == CT_LOST || status == CT_NOT_RUN ? CT__EXIT_LOST : CT__EXIT_FAILED;
}

static void print_outcome(const struct replaying *replaying, const struct ct__replay *replay, uint64_t id,
                          const struct ct_outcome *outcome)
{
    size_t action;
    enum ct_status expected = ct__replay_expected(replay, &action);
    struct ct__relay *relay = replaying->watch ? ct__watch_relay(replaying->watch) : NULL;
    if (relay && ct__relay_word(relay, false) == CT__OTHERS_HALF_A_LINE) putchar('\n');
    printf("walk %" PRIu64 " %s", id, ct_status_name(outcome->status));
    if (outcome->message) {
        fputs(": ", stdout);
        ct__cli_print_clean(stdout, outcome->message, 4);
    }
    putchar('\n');
    if (relay) (void)ct__relay_word(relay, true);
    if (expected != outcome->status)
        ct__cli_note(replaying->cli->label, "the trace has walk %" PRIu64 " as %s", id, ct_status_name(expected));
    if (!replaying->cli->print_state) return;
    char *text = outcome->state ? json_dumps(outcome->state, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    puts(text ? text : "null");
    free(text);
}

static struct ct__narrator narrator_of(const struct replaying *replaying, const struct ct__replay *replay)
{
    const struct ct__cli *cli = replaying->cli;
    int verbose = (int)ct__config_number(cli->config, "RUN.verbose");
    size_t action;
    struct ct__narrator narrator = { .out = stdout,
                                     .in = cli->step ? stdin : NULL,
                                     .verbose = verbose,
                                     .actions = verbose >= 0,
                                     .trap_at = CT__NO_TRAP };
    (void)ct__replay_expected(replay, &action);
    if (cli->trap) narrator.trap_at = action != CT__NO_ACTION ? action : 0;
    if (replaying->watch) {
        narrator.others = ct__relay_word;
        narrator.others_user = ct__watch_relay(replaying->watch);
    }
    return narrator;
}

/* Runs the walk in this process; the exit code. */
static int replay_here(struct replaying *replaying, uint64_t id)
{
    struct ct__replay *replay = NULL;
    struct ct_outcome outcome = { 0 };
    struct ct_error error;
    int code;
    enum ct_err err = ct__replay_find(replaying->cli->suite, replaying->reader, id, replaying->state, &replay, &error);
    if (!err) {
        struct ct__narrator narrator = narrator_of(replaying, replay);
        struct ct__observer observer = { .before = before, .after = after, .user = replaying };
        if (replaying->watch) ct__watch_show(replaying->watch, &observer);
        replaying->narrator = ct__narrator_observer(&narrator);
        ct__cli_pipes_release(); /* user code has them as the caller does */
        err = ct__replay_run(replay, &observer, &ct__narrator_voice, &narrator, &outcome, &error);
        ct__cli_pipes_guard();
    }
    if (!err) print_outcome(replaying, replay, id, &outcome);
    code = err ? ct__cli_say_error(replaying->cli->label, &error) : exit_code(outcome.status);
    ct_outcome_clear(&outcome);
    ct__replay_free(replay);
    return code;
}

_Noreturn static void be_child(struct replaying *replaying, uint64_t id, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(CT__EXIT_LOST);
    ct__watch_enter(replaying->watch);
    int code = replay_here(replaying, id);
    code = ct__cli_finish(replaying->cli->label, code);
    ct__watch_end(replaying->watch);
    _exit(code);
}

static int report_end(uint64_t id, const struct ct__end *end, bool alone)
{
    if (end->status == CT_PASS) return end->code;
    printf("walk %" PRIu64 " %s: ", id, ct_status_name(end->status));
    ct__cli_print_clean(stdout, end->why, 4);
    putchar('\n');
    return alone && end->signal != 0 ? ct__cli_die_alike(end->signal) : CT__EXIT_FAILED;
}

static int replay_apart(struct replaying *replaying, uint64_t id, bool alone)
{
    struct ct_error error;
    struct ct__end end;
    int code = CT__EXIT_LOST;
    fflush(NULL);
    replaying->watch = ct__watch_new(replaying->cli->suite, replaying->timeout_ms, replaying->limit_memory, &error);
    if (!replaying->watch) return ct__cli_say_error(replaying->cli->label, &error);
    pid_t parent = getpid(), child = fork();
    if (child == 0) be_child(replaying, id, parent);
    if (child < 0)
        ct__cli_note(replaying->cli->label, "cannot start a process for the walk");
    else if (ct__watch_wait(replaying->watch, child, &end, &error))
        code = ct__cli_say_error(replaying->cli->label, &error);
    else
        code = report_end(id, &end, alone);
    ct__watch_free(replaying->watch);
    replaying->watch = NULL;
    return code;
}

/* The graver of two exit codes: what could not be run counts above what failed. */
static int worse(int a, int b)
{
    return a > b ? a : b;
}

static int replay_walks(struct replaying *replaying)
{
    uint64_t from = 0, first, end, count = replaying->walks ? ct__selection_count(replaying->walks) : 0;
    bool here = replaying->cli->step || replaying->cli->trap;
    int code = CT__EXIT_OK;
    if (count == 0) {
        ct__cli_note(replaying->cli->label, "no walk of %s failed", replaying->cli->arguments[0]);
        return CT__EXIT_NOTHING;
    }
    while (ct__selection_next(replaying->walks, from, CT__WALKS_MAX, &first, &end)) {
        for (uint64_t id = first; id < end && !ferror(stdout); id++)
            code = worse(code, here ? replay_here(replaying, id) : replay_apart(replaying, id, count == 1));
        if (ferror(stdout)) break;
        from = end;
    }
    return code;
}

/* Becomes gdb with this same command in it: it stops at the trap, learns there where the action begins, and goes on to
 * it. */
static int become_gdb(const struct ct__cli *cli, struct ct_error *error)
{
    static const char value[] = "tbreak *(long)$_siginfo._sifields._rt.si_sigval.sival_ptr";
    char self[4096];
    const char *arguments[24] = { "gdb", "-q", "-ex", "run", "-ex", value, "-ex", "continue", "--args" };
    size_t count = 9;
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (size < 0)
        return ct__cli_say_error(cli->label, (ct__error(error, CT_ESYSTEM, "cannot find the program"), error));
    self[size] = '\0';
    arguments[count++] = self;
    arguments[count++] = "replay";
    arguments[count++] = cli->arguments[0];
    arguments[count++] = cli->arguments[1];
    arguments[count++] = "--trap";
    if (cli->suite_name) arguments[count++] = "--suite", arguments[count++] = cli->suite_name;
    if (cli->state) arguments[count++] = "--state", arguments[count++] = cli->state;
    if (cli->print_state) arguments[count++] = "--print-state";
    fflush(NULL);
    execvp("gdb", (char **)arguments);
    ct__error(error, CT_ESYSTEM, "gdb cannot be started; is it installed?");
    return ct__cli_say_error(cli->label, error);
}

/* Which walks: IDS, or those that failed; none of them leaves walks NULL. */
static enum ct_err select_walks(struct replaying *replaying, struct ct_error *error)
{
    const struct ct__cli *cli = replaying->cli;
    const char *ids = cli->arguments[1];
    unsigned statuses = 1u << CT_FAIL | 1u << CT_CRASHED | 1u << CT_TIMED_OUT;
    char *failed = NULL;
    struct ct_error damage = { 0 };
    enum ct_err err = CT_OK;
    if (strcmp(ids, "failed") == 0)
        err = ct__trace_ids(cli->arguments[0], statuses, NULL, &failed, NULL, &damage, error);
    if (!err && damage.code != CT_OK) ct__cli_note(cli->label, "%s; the rest of the trace is used", damage.text);
    if (!err && (!failed || *failed != '\0'))
        err = ct__selection_new(ct__reader_header(replaying->reader)->walk_count, failed ? failed : ids, 0, 1, 0, 0,
                                &replaying->walks, error);
    free(failed);
    return err;
}

static enum ct_err prepare(struct replaying *replaying, struct ct_error *error)
{
    struct ct__cli *cli = replaying->cli;
    if (cli->argument_count < 2)
        return ct__error(error, CT_EINVAL, "replay needs a trace and walks: replay TRACE IDS [options]");
    enum ct_err err = ct__reader_open(cli->arguments[0], &replaying->reader, error);
    if (err) return err;
    const struct ct__header *header = ct__reader_header(replaying->reader);
    if (!cli->suite_name) cli->suite_name = header->suite;
    err = ct__cli_pick_suite(cli, error);
    if (!err) err = select_walks(replaying, error);
    if (!err && cli->state) {
        struct ct_error why;
        err = ct__json_parse(cli->state, &replaying->state, &why);
        if (err) ct__error(error, err, "--state: %s", why.text);
    }
    if (!err && cli->step && (cli->gdb || cli->trap))
        err = ct__error(error, CT_EINVAL, "--step and %s both stop the walk; give one of them",
                        cli->gdb ? "--gdb" : "--trap");
    uint64_t count = !err && replaying->walks ? ct__selection_count(replaying->walks) : 0;
    bool one = count == 1;
    if (!err && (cli->gdb || cli->trap) && !one)
        err = ct__error(error, CT_EINVAL, "%s takes one walk", cli->gdb ? "--gdb" : "--trap");
    if (!err && count > 1) err = ct__reader_keep(replaying->reader, replaying->walks, error);
    if (err) return err;
    replaying->timeout_ms = ct__config_number(cli->config, "RUN.timeout");
    if (replaying->timeout_ms == 0) replaying->timeout_ms = header->timeout_ms;
    if (replaying->timeout_ms <= 0) replaying->timeout_ms = cli->suite->timeout_ms;
    replaying->limit_memory = (uint64_t)ct__config_number(cli->config, "RUN.limit_memory");
    if (replaying->limit_memory == 0) replaying->limit_memory = header->limit_memory;
    return CT_OK;
}

int ct__cli_replay(struct ct__cli *cli)
{
    struct replaying replaying = { .cli = cli };
    struct ct_error error;
    int code;
    if (prepare(&replaying, &error))
        code = ct__cli_say_error(cli->label, &error);
    else if (cli->gdb)
        code = become_gdb(cli, &error);
    else
        code = replay_walks(&replaying);
    ct__selection_free(replaying.walks);
    ct__reader_close(replaying.reader);
    json_decref(replaying.state);
    return code;
}
