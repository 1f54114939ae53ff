/* The door of room combtest/ for the rooms above it: what they may use besides the public headers. Not installed. */
#ifndef COMBTEST_CORE_H
#define COMBTEST_CORE_H
#include <combtest/config.h>
#include <combtest/error.h>
#include <combtest/option.h>
#include <combtest/plan.h>
#include <combtest/suite.h>
#include <combtest/walk.h>
#include <sys/types.h>

#define CT__VERSION     "0.1.0"
#define CT__WALKS_MAX   ((uint64_t)INT64_MAX) /* ids are below this */
#define CT__NAME_MAX    128                   /* bytes of a suite's name, which names files too */
#define CT__OPTIONS_MAX 1000000u              /* of one action */
#define CT__MESSAGE_MAX 4096u                 /* bytes of a walk's message, its NUL included */
/* What each walk runs stands together: a process of its own maps each piece of the program that it touches anew. */
#define CT__HOT __attribute__((hot, section("ct_hot")))

/* ---- errors (error.c) ---- */
/* Fills error (NULL allowed; cut at its size) and returns code. */
enum ct_err ct__error(struct ct_error *error, enum ct_err code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
enum ct_err ct__nomem(struct ct_error *error); /* CT_NOMEM, "out of memory" */

/* ---- libraries (library.h) ---- */
/* Before the first fork of a run: in a program with threads, loads all that processes of the run would load when they
 * need it, as far as it is there. For in the child of a fork that came while another thread was in dlopen() or
 * dlclose(), the loader is of no use. Any thread. */
void ct__libraries_before_fork(void);
/* Loads them all; made by cmake/libraries.cmake. */
void ct__libraries_load(void);

/* ---- text (text.c) ---- */
/* Whether text is UTF-8 as RFC 3629 has it: nothing overlong, no surrogates, at most U+10FFFF. */
bool ct__utf8_valid(const char *text);
/* Bytes of the character that text begins with; 0 where that is none. Of "" 1. */
size_t ct__utf8_size(const char *text);
/* Bytes of the character that text begins with where a terminal shows it; 0 where it may obey it, or it is none: a
 * byte that something else is to be shown for. Newlines are among these. */
size_t ct__text_shown(const char *text);
/* The largest size of at most limit bytes at which text can be cut without splitting a character. */
size_t ct__utf8_cut(const char *text, size_t limit);
/* Whether a list of names begins with a JSON list's bracket, and not with that of an IPv6 address, "[::1]:22". */
bool ct__list_is_json(const char *text);
/* Where text fills its size bytes, as what snprintf has cut: ends it behind a word, with " …". */
void ct__text_shorten(char *text, size_t size);

/* ---- JSON (json.c) ---- */
/* Any JSON value; *json is the caller's. CT_EINVAL "not JSON: line 1, column 7: ...", CT_NOMEM. Reads twice, so that a
 * lack of memory is not taken for a mistake in the text: not for where speed matters. */
enum ct_err ct__json_parse(const char *text, json_t **json, struct ct_error *error);

/* Values inside each other. jansson reads one more, for a line that a state is put into. */
#define CT__JSON_DEPTH 2047
/* Whether json can be written as text that reads back the same: its strings and keys are UTF-8 without NUL, it does
 * not contain itself, and at most CT__JSON_DEPTH values are inside each other. Takes no memory. */
bool ct__json_is_writable(const json_t *json);

/* JSON on one line, its reals with as few digits as all of them need to read back the same; for malloc's free; NULL: no
 * memory. */
char *ct__json_shortest(const json_t *json);

/* ---- options (option.c) ---- */
/* A deep copy of option in *copy: strings and label are duplicated, JSON text is parsed (CT_EINVAL if it is none, if
 * the type is none, a string is NULL, a real is not finite, or a CT_POINTER has no label). ct__option_clear frees it.
 */
enum ct_err ct__option_copy(const struct ct_option *option, struct ct_option *copy, struct ct_error *error);
void ct__option_clear(struct ct_option *copy);
json_t *ct__option_to_json(const struct ct_option *option); /* new; the value, a pointer's label; NULL: no memory */

/* ---- the table: a suite as read, checked and copied (filled by actions/table.c) ---- */
struct ct__column {
    struct ct_option *options; /* deep copies; NULL for an action without options */
    size_t count;              /* 1 for an action without options */
    size_t shared;             /* bytes of the memory that holds options where it is not malloc's; 0: it is */
};
struct ct__table {
    const struct ct_suite *suite; /* borrowed */
    size_t count;                 /* actions */
    struct ct__column *columns;
    json_t *state; /* the initial state, parsed */
};

/* ---- plan (plan.c) ---- */
/* The plan of a table, which is borrowed for the plan's life unless release is given: then the plan frees it with
 * release (where this fails, the table stays the caller's). CT_ETOOBIG over CT__WALKS_MAX: the text gives the number
 * of walks (exact up to 30 digits, then as 1.2e+45) and says what would make them fewer. */
enum ct_err ct__plan_new(struct ct__table *table, void (*release)(struct ct__table *table), struct ct_plan **plan,
                         struct ct_error *error);
/* The plan of a covering suite: its walks are row_count rows of table->count option indices each. In a row the serial
 * actions stand first, in their order, then the others; the rows ascend and differ. *rows is malloc's and taken; where
 * this fails it stays the caller's. Of no rows: a plan without walks. */
enum ct_err ct__plan_new_rows(struct ct__table *table, void (*release)(struct ct__table *table), uint16_t *rows,
                              uint64_t row_count, struct ct_plan **plan, struct ct_error *error);
/* The rows, borrowed; NULL: the plan is of a full product. */
const uint16_t *ct__plan_rows(const struct ct_plan *plan);
const struct ct__table *ct__plan_table(const struct ct_plan *plan);
size_t ct__plan_stage_count(const struct ct_plan *plan); /* serial actions + 1 */
/* The actions of a stage: indices from *first to *end - 1, perhaps none. */
void ct__plan_stage_actions(const struct ct_plan *plan, size_t stage, size_t *first, size_t *end);
/* The index of the depth-th serial action (depth counts from 0). */
size_t ct__plan_serial_action(const struct ct_plan *plan, size_t depth);
/* The index of the option that walk id takes for an action. */
size_t ct__plan_digit(const struct ct_plan *plan, uint64_t id, size_t action);
/* Starts ct_plan_next again from the first step. */
void ct__plan_rewind(struct ct_plan *plan);
/* Skips what lies inside the branch of the serial step that ct_plan_next gave last. */
void ct__plan_skip_branch(struct ct_plan *plan);

/* ---- rules: what a suite's constraints say of one walk (made by generator/, asked in executors) ---- */
/* The index of the option that action takes. */
typedef size_t ct__digit_fn(const void *user, size_t action);
struct ct__rules {
    /* The text of the first constraint that the walk breaks, or NULL. Any thread. */
    const char *(*broken)(const struct ct__rules *rules, ct__digit_fn *digit, const void *user);
    void (*release)(struct ct__rules *rules);
};
/* Has the walks of a full product judged by rules, which the plan takes and releases. */
void ct__plan_take_rules(struct ct_plan *plan, struct ct__rules *rules);
/* The constraint that walk id breaks, or NULL: those of a covering suite break none. Any thread. */
const char *ct__plan_broken_rule(const struct ct_plan *plan, uint64_t id);

/* ---- selection: --only, --sample, --shard (selection.c) ---- */
/* A sorted set of ids, as ranges; the whole space costs one. */
struct ct__selection;
/* only: "3,7-9" or NULL; then sample ids of those (0: all; uniformly without repetition, the same for the same seed on
 * every machine); then part shard of shard_count of those (0, 0: all; contiguous, equal to within one). CT_EINVAL for
 * text that is none, an id that is none (says the largest), shard out of 1..shard_count. */
enum ct_err ct__selection_new(uint64_t walk_count, const char *only, uint64_t sample, uint64_t seed, uint64_t shard,
                              uint64_t shard_count, struct ct__selection **selection, struct ct_error *error);
void ct__selection_free(struct ct__selection *selection);
uint64_t ct__selection_count(const struct ct__selection *selection);
/* How many ids of [first, end) are selected. */
uint64_t ct__selection_count_in(const struct ct__selection *selection, uint64_t first, uint64_t end);
/* The first run of consecutive selected ids within [first, end): false if there is none. O(log ranges). */
bool ct__selection_next(const struct ct__selection *selection, uint64_t first, uint64_t end, uint64_t *run_first,
                        uint64_t *run_end);

/* ---- files (file.c) ---- */
/* Whether path is written aside and renamed: a regular file, or what is not there yet. A device, a pipe, or a link
 * (such as /dev/stdout) is written in place. */
bool ct__is_replaced(const char *path);
/* Opens what path names, for writing in place. Where a stream of this process goes there already, as standard output
 * does to /dev/stdout, the descriptor shares its position: what is there stays, and what the stream writes later comes
 * behind. Else the file is made, or emptied. Close-on-exec; -1 with errno. */
int ct__open_in_place(const char *path);

/* ---- walks (walk.c, state.c) ---- */
/* Where goes what user code says on a walk: each executor and replay has its own. log may be called on any thread, and
 * with walk NULL; the others on the walk's thread or one it started. */
struct ct__voice {
    void (*log)(void *user, const struct ct_walk *walk, enum ct_log_level level, const char *file, int line,
                const char *text);
    void (*count)(void *user, const char *name, int64_t n);
    void (*note)(void *user, const struct ct_walk *walk, const char *key, const json_t *value);
};
/* The voice of lines whose walk is NULL, for the whole process. */
void ct__voice_set_default(const struct ct__voice *voice, void *user);

/* A walk object is made once for each thread and used for one walk after another. scratch is a directory, or NULL,
 * under which ct_walk_tmpdir makes its own; voice and scratch are borrowed. NULL: out of memory. */
struct ct_walk *ct__walk_new(const struct ct_plan *plan, const struct ct__voice *voice, void *voice_user,
                             const char *scratch);
void ct__walk_free(struct ct_walk *walk);

/* What walks of the step start from when they bring no state of their own: start (any JSON; its reference is handed
 * over). Between walks only. CT_EINVAL for NULL. */
enum ct_err ct__walk_set_start(struct ct_walk *walk, json_t *start);

#define CT__NO_ACTION ((size_t)UINT32_MAX) /* ct__walk_action outside of actions: before, between and in hooks */
enum ct__walk_kind { CT__WALK, CT__SERIAL, CT__HOOK };
/* Turns to walk id at stage: options decoded (by counting up where id is the last one's successor), status CT_PASS, no
 * message. own is the walk's own state as JSON, taken, or NULL for the start. For CT__SERIAL, action's depth tells
 * which serial options are known. The state is copied or created only when it is asked for. Makes it the thread's
 * current walk. */
void ct__walk_open(struct ct_walk *walk, enum ct__walk_kind kind, uint64_t id, size_t stage, json_t *own);
/* Ends it: removes its tmpdir, drops state, message and updates. Nothing stays current on this thread. */
void ct__walk_close(struct ct_walk *walk);
/* Removes a directory with all in it, following no links; also where the user, who is its owner, may not write to or
 * read directories in it. What cannot be removed stays. */
void ct__remove_tree(const char *path);
/* Removes in the directory `under` what ct_walk_tmpdir made there for walks of a process that has ended. */
void ct__tmpdirs_remove_of(const char *under, long process);

/* The current walk of the calling thread, or NULL. */
struct ct_walk *ct__walk_current(void);
const struct ct_plan *ct__walk_plan(const struct ct_walk *walk);
const struct ct_option *ct__walk_option_at(const struct ct_walk *walk, size_t action);
bool ct__walk_is_one(const struct ct_walk *walk); /* opened as CT__WALK or CT__SERIAL: its id means something */
/* Which action runs, for the message of a crash: shown to whoever watches through *action_shown, which may be NULL. */
void ct__walk_show_action(struct ct_walk *walk, _Atomic uint32_t *action_shown);
/* Shows CT__PART_ACTION, too. */
void ct__walk_set_action(struct ct_walk *walk, size_t action);
size_t ct__walk_action(const struct ct_walk *walk);

/* Which of the user's functions runs: the action's run, or one around it. */
enum ct__part {
    CT__PART_ACTION = 0, /* or none, where no action is shown */
    CT__PART_SHOULD_CANCEL,
    CT__PART_STATE, /* a function of the state_type, before or after the actions */
    CT__PART_HOOK,  /* one that stands in several places of the suite */
    CT__PART_RUN_START,
    CT__PART_RUN_STOP,
    CT__PART_HOST_START,
    CT__PART_HOST_STOP,
    CT__PART_SERVICE_START,
    CT__PART_SERVICE_STOP,
    CT__PART_THREAD_START,
    CT__PART_THREAD_STOP,
    CT__PART_WALK_START,
    CT__PART_WALK_STOP
};
/* As ct__walk_show_action, for the part. */
void ct__walk_show_part(struct ct_walk *walk, _Atomic uint32_t *part_shown);
/* Returns the part that was shown before. */
enum ct__part ct__walk_set_part(struct ct_walk *walk, enum ct__part part);
/* "in action open", "in should_cancel of action open", "in walk_start", "in the state_type", "in a hook": what a shown
 * action and part stand for; cut at size. */
void ct__place_text(const struct ct_suite *suite, uint32_t action, uint32_t part, char *text, size_t size);

/* Folds what run returned into what was said: fail over cancel over pass. Returns what holds now. */
enum ct_status ct__walk_said(struct ct_walk *walk, enum ct_status returned);
enum ct_status ct__walk_status(const struct ct_walk *walk);
/* A check that failed: as ct_fail_at, but where a failure was said already it is counted at the message's end. */
void ct__walk_check_failed(struct ct_walk *walk, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void ct__walk_exclude(struct ct_walk *walk, size_t action); /* status CT_EXCLUDED, message names the action */
void ct__walk_exclude_by(struct ct_walk *walk, const char *constraint); /* the same, and gives the constraint's text */
/* "file.c:12: text", or "" where nothing was said. */
const char *ct__walk_message(const struct ct_walk *walk);
/* Makes the state of a suite with a state_type, before user code may ask for it. False, and the walk fails, where the
 * type made none. Does nothing for other suites. */
bool ct__walk_make_state(struct ct_walk *walk);
/* Whether the state can differ from what the stage began with. */
bool ct__walk_state_changed(const struct ct_walk *walk);
/* The state as JSON, a new reference; NULL: it has no JSON (the codec failed, or memory ran out). */
json_t *ct__walk_state_json(struct ct_walk *walk);
/* What ct_update gave, merged: borrowed; NULL: nothing. */
const json_t *ct__walk_updates(const struct ct_walk *walk);

/* ---- memory (resident.c) ---- */
/* Bytes of memory that a process has; 0: it is not to be seen. */
uint64_t ct__resident_bytes(pid_t process);

/* ---- forks (forked.c) ---- */
/* Makes the calling process the one whose copies ct__fork_is_copy tells: a child that user code forks and that returns
 * from run must not go on as if it were the walk. False: the system refused the page for it. */
bool ct__fork_mark(void);
/* The same for this process and one more, whose pid stands at a place in memory that it shares with this one, or 0. To
 * ask is a system call then, but a child that puts its pid there writes to no page of its own. For the process's life.
 */
void ct__fork_mark_at(const _Atomic int32_t *place);
/* Whether this process is a forked copy of the one that was marked last; false where none was. A memory access, no
 * more, unless by ct__fork_mark_at. Any thread. */
bool ct__fork_is_copy(void);
/* Whether it is the one that was marked last itself: a child of vfork shares its memory, and is not. A system call;
 * signal handlers may ask. */
bool ct__fork_is_marked(void);

/* ---- configuration (config.c; keys.c holds the table of keys) ---- */
enum ct__origin {
    CT__ORIGIN_DEFAULT,
    CT__ORIGIN_FILE,
    CT__ORIGIN_ENVIRONMENT,
    CT__ORIGIN_COMMAND_LINE,
    CT__ORIGIN_PROGRAM
};
const char *ct__origin_name(enum ct__origin origin);
/* As ct_config_load, of the file that is to be taken: path; where that is NULL, the one that COMBTEST_CONFIG names;
 * where it is not set, combtest.cfg in the current directory if it is there. */
enum ct_err ct__config_find(const char *path, struct ct_config **config, struct ct_error *error);
/* Lays the text of a file over config, as from the origin file. name stands for the file in messages. After an error
 * config holds the keys that came before it. */
enum ct_err ct__config_parse(struct ct_config *config, const char *name, const char *text, size_t size,
                             struct ct_error *error);
/* As ct_config_set, from a stated origin: an origin of lower rank never replaces one of higher rank. */
enum ct_err ct__config_set_from(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                struct ct_error *error);
/* The same; where says where the value stands ("--threads"): messages begin with it, and ct__config_at gives it. */
enum ct_err ct__config_set_where(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                 const char *where, struct ct_error *error);
/* The i-th key in the order of combtest.cfg.sample: false after the last. value is NULL where there is none; where is
 * "combtest.cfg:12", the variable's name, "default" or "--threads"; all borrowed. */
bool ct__config_at(const struct ct_config *config, size_t i, const char **key, const char **value, const char **where);
/* Where the value of a key stands, as ct__config_at gives it; "default" for an unknown key. */
const char *ct__config_where(const struct ct_config *config, const char *key);
/* The value of a key whose kind is a number, a duration in seconds (returned in ms), a number of cores ("auto*2"
 * counted on this host), a size (returned in bytes) or a flag (0 or 1); 0 where it is not set. Keys were checked when
 * they were set, so it cannot fail. */
int64_t ct__config_number(const struct ct_config *config, const char *key);
/* RUN.shard, "2/5", as its two numbers; false, and nothing filled, where it is not set. */
bool ct__config_shard(const struct ct_config *config, uint64_t *shard, uint64_t *shard_count);
int64_t ct__host_cores(void);               /* that this process may use: at least 1 */
bool ct__config_is_secret(const char *key); /* its value is not to be shown */
/* Why the value of a key has no effect in this version, or NULL. */
const char *ct__config_unused(const char *key);
/* The environment's form of a key: COMBTEST_WORKER_MAX_THREAD_COUNT, in name, cut at its size. */
void ct__config_variable(const char *key, char *name, size_t size);

/* ---- names (nearest.c) ---- */
/* For "did you mean": whether candidate is nearer to given than *best, and near enough to be meant. If so, *best is
 * made its distance: 0 also where given is how candidate begins. Start with SIZE_MAX. */
bool ct__is_nearer(const char *given, const char *candidate, size_t *best);
#endif
