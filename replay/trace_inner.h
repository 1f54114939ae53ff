/* Inner header of room replay/: what writer, reader and engine share. */
#ifndef COMBTEST_REPLAY_TRACE_INNER_H
#define COMBTEST_REPLAY_TRACE_INNER_H
#include <replay/replay.h>

#define CT__WALK_BEGIN   "{\"walk\":"
#define CT__STAGE_BEGIN  ",\"stage\":"
#define CT__STATUS_BEGIN ",\"status\":\""
#define CT__SERIAL_BEGIN "{\"serial_run\":"

/* ---- text (trace_text.c) ---- */
/* The most that ct__put_string makes of text. */
size_t ct__string_room(const char *text);
/* Each writes at `to` and returns the end. ct__put_string writes text as a JSON string: what is not UTF-8 is replaced.
 */
char *ct__put_string(char *to, const char *text);
char *ct__put_number(char *to, uint64_t number);
char *ct__put_bytes_of(char *to, const char *text, size_t size);
/* Text as a JSON string, a new reference: what is not UTF-8, as arguments can be, is replaced. NULL: no memory. */
json_t *ct__valid_json(const char *text);
#define CT__PUT(to, literal) ct__put_bytes_of((to), "" literal, sizeof(literal) - 1)

/* ---- an action's options, formatted once (fragments.c) ---- */
/* text holds, for option i, the bytes from ends[i - 1] to ends[i]. NULL: the action has no options, or none with a
 * label. */
struct ct__fragments {
    char *text;
    size_t *ends;
    size_t longest;
};
/* `"name":value` for each option; and `"name":"label"`, empty for an option without one. */
enum ct_err ct__fragments_values(const struct ct__table *table, size_t action, struct ct__fragments *fragments,
                                 struct ct_error *error);
enum ct_err ct__fragments_labels(const struct ct__table *table, size_t action, struct ct__fragments *fragments,
                                 struct ct_error *error);
void ct__fragments_clear(struct ct__fragments *fragments);

/* ---- the header (header.c) ---- */
/* The header of a plan's trace, a new reference; NULL: no memory. */
json_t *ct__header_make(const struct ct_plan *plan, const struct ct__trace_facts *facts);
/* Whether json, of the file path, is the header of a trace that this version reads. CT_ETRACE. */
enum ct_err ct__header_read(const char *path, const json_t *json, struct ct__header *header, struct ct_error *error);
/* What tells apart plans whose ids mean other walks, as tables or rows differ: 16 hexadecimal digits and a NUL. False:
 * no memory. */
bool ct__plan_digest(const struct ct_plan *plan, char digest[17]);

/* ---- finding a line's options in a suite's tables (match.c) ---- */
/* Fills indices (one for each action, 0 for those without options) with where the tables have what a line of the trace
 * with this header says. CT_ENOTFOUND, CT_ETRACE, CT_NOMEM. */
enum ct_err ct__match_line(const struct ct__table *table, const struct ct__header *header, const json_t *line,
                           size_t *indices, struct ct_error *error);
/* The same for options as ct_replay_walk has them. */
enum ct_err ct__match_options(const struct ct__table *table, const struct ct_option *const *options, size_t *indices,
                              struct ct_error *error);

/* ---- the engine ---- */
struct ct__replay {
    const struct ct_suite *suite;
    struct ct__table *whole; /* the suite as read */
    struct ct__table table;  /* of each action the one option that the walk takes, borrowed from whole */
    struct ct_plan *plan;    /* of table */
    uint64_t id;
    uint64_t *branches;      /* the first id of the walk's branch under each serial action */
    char *broken;            /* the constraint that excludes the walk; NULL: none does */
    enum ct_status expected; /* CT_STATUS_COUNT: not known */
    size_t expected_action;
};
#endif
