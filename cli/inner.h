/* What the commands of ct_main share. Inner to room cli/. */
#ifndef COMBTEST_CLI_INNER_H
#define COMBTEST_CLI_INNER_H
#include <cli/cli.h>
#include <combtest/core.h>
#include <combtest/run.h>
#include <poll.h>
#include <replay/replay.h>

struct ct__cli_setting {
    const char *where; /* "--threads" */
    char *key;
    const char *value;
};

/* One call of ct_main. */
struct ct__cli {
    const char *program; /* argv[0] */
    const char *label;   /* what messages begin with: the suite's name once it is known */
    const struct ct_suite *const *suites;
    size_t suite_count;
    const struct ct_suite *suite; /* the one that was picked */
    const struct ct__cli_command *command;
    const char *config_path, *suite_name;
    bool help, version, count, json;
    bool ask_password, ask_passphrase;
    const char *arguments[2]; /* those of the command */
    size_t argument_count;
    const char *rerun, *from;    /* run */
    const char *join;            /* service */
    const char *status, **where; /* trace */
    size_t where_count;
    const char *state; /* replay */
    bool print_state, step, gdb, trap;
    struct ct__cli_setting *settings;
    size_t setting_count;
    struct ct_config *config;
};

/* Reads argv into cli. CT_EINVAL, CT_NOMEM. ct__cli_clear frees what it holds, whatever came of it. */
enum ct_err ct__cli_parse(struct ct__cli *cli, int argc, char **argv, struct ct_error *error);
void ct__cli_clear(struct ct__cli *cli);
/* Reads combtest.cfg and the environment, and lays the command line over them. */
enum ct_err ct__cli_load_config(struct ct__cli *cli, struct ct_error *error);
/* Asks at the terminal for the secrets that --ask-… call for, and sets them. CT_EINVAL without a terminal or answer. */
enum ct_err ct__cli_ask(const struct ct__cli *cli, struct ct_error *error);
/* Notes on stderr: keys that have no effect, variables that are none. */
void ct__cli_note_unused(const struct ct__cli *cli);
/* The same on a run: keys of the file in one line. */
void ct__cli_note_unused_briefly(const struct ct__cli *cli);
/* Where the value of the wanted key stands: "combtest.cfg:2", "--shard"; "default" for an unknown key. */
const char *ct__cli_where(const struct ct__cli *cli, const char *wanted);

int ct__cli_run(struct ct__cli *cli);
int ct__cli_list(struct ct__cli *cli);
int ct__cli_settings(struct ct__cli *cli);
int ct__cli_replay(struct ct__cli *cli);
int ct__cli_trace(struct ct__cli *cli);
int ct__cli_service(struct ct__cli *cli);
int ct__cli_hosts(struct ct__cli *cli);

/* The plan that the settings ask for; what is worth knowing goes to stderr unless quiet. The caller's. */
enum ct_err ct__cli_plan(struct ct__cli *cli, bool quiet, struct ct_plan **plan, struct ct_error *error);
/* Finds the suite that --suite names, or the only one. */
enum ct_err ct__cli_pick_suite(struct ct__cli *cli, struct ct_error *error);
/* The ids that --rerun picks of the trace that --from names, in *only, the caller's: "" for none, NULL where neither is
 * given. Notes on stderr what cannot be run again. */
enum ct_err ct__cli_rerun(struct ct__cli *cli, char **only, struct ct_error *error);

/* ---- watching a walk (watch.c) ---- */
/* The child that runs a walk: when it is late, what it is at and what it prints. Shared with it. */
struct ct__watch;
struct ct__watch *ct__watch_new(const struct ct_suite *suite, int64_t timeout_ms, uint64_t limit_memory,
                                struct ct_error *error);
void ct__watch_free(struct ct__watch *watch);
/* In the child: it begins, and is seen from here on; what the observer is told goes on to it. */
void ct__watch_enter(struct ct__watch *watch);
void ct__watch_show(struct ct__watch *watch, struct ct__observer *observer);
/* In the child: another action begins. In the child: it ends as it should. */
void ct__watch_begin(struct ct__watch *watch, size_t stage, size_t action);
void ct__watch_end(struct ct__watch *watch);
struct ct__relay *ct__watch_relay(const struct ct__watch *watch);
/* How a child ended. */
struct ct__end {
    enum ct_status status; /* CT_TIMED_OUT or CT_CRASHED; CT_PASS: it said that it ends, and `code` is its exit code */
    int signal;            /* that ended it by itself; 0: none */
    int code;
    char why[CT__DEATH_TEXT]; /* as a run has it */
};
enum ct_err ct__watch_wait(struct ct__watch *watch, int child, struct ct__end *end, struct ct_error *error);

/* ---- what it prints (relay.c) ---- */
struct ct__relay;
struct ct__relay *ct__relay_new(struct ct_error *error);
void ct__relay_free(struct ct__relay *relay);
/* In the child: its stdout and stderr go through the relay. */
void ct__relay_enter(const struct ct__relay *relay);
/* In the child: ct__narrator.others; user is the relay. */
enum ct__others ct__relay_word(void *user, bool ended);
/* In the parent: what to wait for; passing on what is there; and the last of it, with the end of its line. */
void ct__relay_polls(const struct ct__relay *relay, struct pollfd polls[2]);
void ct__relay_pass(struct ct__relay *relay);
void ct__relay_finish(struct ct__relay *relay);

/* ---- walks as text (walk_text.c) ---- */
/* {"level":1}; a new reference, NULL: no memory. The actions without options are left out. */
json_t *ct__cli_options_json(const struct ct_plan *plan, uint64_t id);
/* The labels of those options, {"level":"best"}, but for pointers, whose label is their value; as above. */
json_t *ct__cli_labels_json(const struct ct_plan *plan, uint64_t id);
/* What these two give (labels may be NULL) as "level=9 (best) mode=text", for malloc's free; NULL: no memory. */
char *ct__cli_labeled_text(const json_t *options, const json_t *labels);

/* ---- the run's progress on stderr (progress.c); user is a struct ct__progress ---- */
struct ct__progress {
    const char *name;
    bool quiet, live, shown;
    double last_s;  /* when the last plain line was printed */
    uint64_t ended; /* how many walks, stages of walks and serial actions have ended */
    double ended_s; /* when the last of them did */
    char line[512];
};
void ct__progress_start(struct ct__progress *progress, const char *name, bool quiet);
void ct__progress_show(void *user, const struct ct_results *so_far);          /* ct_run_options.progress */
void ct__progress_log(void *user, enum ct_log_level level, const char *line); /* ct_run_options.log */
void ct__progress_stop(struct ct__progress *progress);
/* Writes n with k, M or G: 950, 12.3k, 1.2M. */
void ct__format_count(double n, char *text, size_t size);

/* ---- signals of a run (signals.c) ---- */
void ct__signals_install(void);
void ct__signals_restore(void);
int ct__signals_exit_code(void); /* 130, 143 or 129 after a signal, else 0 */

/* ---- what is said after a run (report.c, summary.c) ---- */
/* Prints the report of a run; all: each failure that was kept, not only the first ten. */
void ct__report(const struct ct__cli *cli, const struct ct_results *results, bool all);
/* Finds out before the run whether a summary can be written to path. */
enum ct_err ct__summary_check(const char *path, struct ct_error *error);
enum ct_err ct__summary_write(const char *path, const struct ct_suite *suite, const struct ct_results *results,
                              struct ct_error *error);
#endif
