/* The door of room replay/: writing and reading traces, and running one walk again. docs/trace.md describes the file.
 * One thread at a time for each object. */
#ifndef COMBTEST_REPLAY_ROOM_H
#define COMBTEST_REPLAY_ROOM_H
#include <actions/actions.h>
#include <combtest/core.h>
#include <combtest/replay.h>
#include <stdio.h>

#define CT__TRACE_VERSION  1u
#define CT__TRACE_LINE_MAX ((size_t)64 << 20) /* bytes of a line, its newline included */

/* ---- the writer (trace_write.c) ---- */
struct ct__trace;
/* What a trace's header says besides the plan's tables. All borrowed for the call; NULL and 0: left out. */
struct ct__trace_facts {
    const char *program;          /* absolute */
    const char *const *arguments; /* argument_count of them, the program's name first */
    size_t argument_count;
    uint64_t seed;
    int strength;
    int64_t timeout_ms;    /* for each stage of a walk: replay keeps it */
    uint64_t limit_memory; /* bytes that a walk may take; replay keeps it, too */
    const char *kept;      /* "all" or "failed" */
    const json_t *state;   /* given instead of the suite's */
    bool aside; /* write PATH.partial (or, where another run does, PATH.partial.PID), and rename it at the end */
};
/* Makes or empties the file and writes the header. The plan is borrowed for the trace's life. CT_EIO, CT_NOMEM. */
enum ct_err ct__trace_open(const char *path, const struct ct_plan *plan, const struct ct__trace_facts *facts,
                           struct ct__trace **trace, struct ct_error *error);

/* One stage of one walk. */
struct ct__walk_line {
    uint64_t walk;
    size_t stage;
    size_t action; /* the one that ended the walk; CT__NO_ACTION: none, or not known */
    enum ct_status status;
    const char *message; /* NULL or "": none; what is not UTF-8 in it is replaced */
    uint64_t duration_ns;
    const char *service; /* NULL: not known */
    const char *notes;   /* text of a JSON object, without newlines; NULL: none */
};
/* One run of a serial action, for the walks first_id to end_id - 1. */
struct ct__serial_line {
    size_t action, option;
    uint64_t first_id, end_id;
    enum ct_status status;
    const char *message;
    uint64_t duration_ns;
};
/* Each adds a line, which is in the file after the next flush at the latest. CT_EIO (a full disk): the lines that were
 * gathered are lost, the file keeps the whole lines before them, and the trace can be used on. CT_ETOOBIG: the line is
 * over CT__TRACE_LINE_MAX and was left out. */
enum ct_err ct__trace_walk(struct ct__trace *trace, const struct ct__walk_line *line, struct ct_error *error);
enum ct_err ct__trace_serial(struct ct__trace *trace, const struct ct__serial_line *line, struct ct_error *error);
enum ct_err ct__trace_flush(struct ct__trace *trace, struct ct_error *error);
/* Flushes, renames what was written aside, and frees, whatever comes of it. NULL is allowed. */
enum ct_err ct__trace_close(struct ct__trace *trace, struct ct_error *error);

/* ---- the reader (trace_read.c, trace_line.c) ---- */
struct ct__reader;
/* Borrowed from the reader. */
struct ct__header {
    const char *suite;
    const char *program; /* NULL: the trace does not say */
    uint64_t walk_count;
    int64_t timeout_ms;
    uint64_t limit_memory;
    const json_t *json; /* all of it */
};
/* Opens a trace and reads its header. CT_ENOTFOUND: no such file. CT_ETRACE: no trace, or of a newer version. CT_EIO.
 * Memory: one block and the longest line. */
enum ct_err ct__reader_open(const char *path, struct ct__reader **reader, struct ct_error *error);
void ct__reader_close(struct ct__reader *reader);
const struct ct__header *ct__reader_header(const struct ct__reader *reader);

/* Which lines are wanted: all that is set must hold. Zero: every line. */
struct ct__filter {
    const struct ct__selection *walks; /* borrowed */
    unsigned statuses;                 /* 1u << enum ct_status for each that is wanted; 0: any */
    const char *const *where;          /* "name=value": the option's value as JSON or as a bare word, or its label */
    size_t where_count;
    bool no_serial;   /* leave out the lines of serial actions; walks does so too, */
    bool with_serial; /* unless they are wanted, whatever their walks */
};
struct ct__line {
    uint64_t number; /* counted from 1, the header's */
    bool serial;     /* the run of a serial action, else a stage of a walk */
    uint64_t walk;   /* of a serial one: its branch's first */
    size_t stage;    /* of a serial one: 0 */
    enum ct_status status;
    const char *text; /* as in the file, NUL-terminated, without its newline; borrowed until the next call */
    size_t size;
};
/* The next line that passes the filter (NULL: the next line). CT_ENOTFOUND: the trace ended. CT_ETRACE: a line is
 * damaged, or the last one cut; the text says its number, and the next call goes on behind it. CT_EIO, CT_NOMEM: no
 * call after it. */
enum ct_err ct__reader_next(struct ct__reader *reader, const struct ct__filter *filter, struct ct__line *line,
                            struct ct_error *error);
/* Starts again behind the header. */
enum ct_err ct__reader_rewind(struct ct__reader *reader, struct ct_error *error);
/* Puts the lines of these walks, and those of serial actions, aside: from here on there are no others, and the file is
 * not read again for each walk. Where one of them is damaged, or there is no room, all stays as it was. */
enum ct_err ct__reader_keep(struct ct__reader *reader, const struct ct__selection *walks, struct ct_error *error);
/* The line parsed: new, the caller's. CT_ETRACE names the line. */
enum ct_err ct__line_json(const struct ct__line *line, json_t **json, struct ct_error *error);
/* The statuses that a name stands for, as in ct__filter: "failed" is failed, crashed and timed-out, for which a rerun
 * is wanted alike, where grouped; else each name itself. CT_ENOTFOUND lists the names. */
enum ct_err ct__status_bits(const char *name, bool grouped, unsigned *statuses, struct ct_error *error);

/* The ids of the walks whose last line has one of these statuses, as text "3,7-9" ("" for none), *ids is the caller's.
 * With a plan they are its ids: found by the options' values where the trace is of other tables, and walks whose
 * options are lost are counted in *lost. Without one they are the trace's. A damaged line is skipped, and the first one
 * told in *damage (code CT_OK: none). */
enum ct_err ct__trace_ids(const char *path, unsigned statuses, const struct ct_plan *plan, char **ids, uint64_t *lost,
                          struct ct_error *damage, struct ct_error *error);

/* ---- the engine (engine.c, match.c, replay.c) ---- */
/* A walk of a suite, ready to be run again: which option each action takes. */
struct ct__replay;
/* From options, as ct_replay_walk has them. suite is borrowed for the replay's life. state (borrowed; NULL: none)
 * stands instead of the suite's. */
enum ct_err ct__replay_new(const struct ct_suite *suite, const struct ct_option *const *options, const json_t *state,
                           struct ct__replay **replay, struct ct_error *error);
/* From a walk of a trace, as ct_replay_walk_by_id has it; the reader is rewound. state stands instead of the trace's. A
 * damaged line is skipped, unless there is no other of that walk: then it is the error. */
enum ct_err ct__replay_find(const struct ct_suite *suite, struct ct__reader *reader, uint64_t id, const json_t *state,
                            struct ct__replay **replay, struct ct_error *error);
void ct__replay_free(struct ct__replay *replay);
/* What the trace says came of the walk last; CT_STATUS_COUNT: from no trace. *action is where, or CT__NO_ACTION. */
enum ct_status ct__replay_expected(const struct ct__replay *replay, size_t *action);
/* Runs it. observer is told around serial actions too; voice is given voice_user; both may be NULL. May be called
 * again. CT_NOMEM, CT_ESYSTEM. */
enum ct_err ct__replay_run(struct ct__replay *replay, const struct ct__observer *observer,
                           const struct ct__voice *voice, void *voice_user, struct ct_outcome *outcome,
                           struct ct_error *error);

/* ---- telling a replay (narrate.c) ---- */
#define CT__NO_TRAP SIZE_MAX
/* What was written since the narrator's last word, by others to the same place. */
enum ct__others { CT__OTHERS_NOTHING, CT__OTHERS_LINES, CT__OTHERS_HALF_A_LINE };
struct ct__narrator {
    FILE *out;
    FILE *in;         /* not NULL: wait for a line of it before each action; "c" waits no more, nor does its end */
    int verbose;      /* log lines: 0 info and above, 1 all, -1 errors alone */
    bool actions;     /* say what each action did */
    const char *lead; /* its own: what stands before the verdict of the action that runs */
    size_t trap_at;   /* SIGTRAP to this process before this action, once; its value is the address of its run */
    enum ct__others (*others)(void *user, bool ended); /* since the last call; called before a word of the narrator and
                                                          as it has ended. NULL: nobody knows */
    void *others_user;
};
/* The observer and the voice of a narrator, which is their user and is borrowed. */
struct ct__observer ct__narrator_observer(struct ct__narrator *narrator);
extern const struct ct__voice ct__narrator_voice;
#endif
