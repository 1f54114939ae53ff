/* Making the rows of a covering suite. Inner to room planning/. */
#ifndef COMBTEST_PLANNING_ROWS_H
#define COMBTEST_PLANNING_ROWS_H
#include <generator/generator.h>
#include <planning/planning.h>

struct ct__making {
    const struct ct__planning *planning;
    struct ct__table *table;
    struct ct__suite_model *model;
    struct ct__generate_options options;
};
/* Says something to the user, where he wants to know. */
void ct__making_note(const struct ct__making *making, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Makes the rows: *rows is the caller's. CT_OK with no rows: should_cancel excludes every one. */
enum ct_err ct__making_rows(struct ct__making *making, struct ct__rows **rows, struct ct_error *error);

/* ---- rows that should_cancel agrees to (agree.c, learn.c) ---- */
/* As ct__generate, without rows that should_cancel excludes: others take their place for as long as some are found. */
enum ct_err ct__agree(struct ct__making *making, struct ct__rows **rows, struct ct_error *error);

/* What was learned of should_cancel: combinations, as partial rows, of which no walk was found that it does not
 * exclude. */
struct ct__lessons {
    uint16_t *partials;
    size_t count;
};
/* Adds what can be learned from rows that it excludes. CT_ESYSTEM, CT_NOMEM. */
enum ct_err ct__learn(struct ct__making *making, const uint16_t *rows, size_t count, struct ct__lessons *lessons,
                      struct ct_error *error);

/* ---- rows at random (learn.c) ---- */
/* A stream of random numbers, the same on every machine. */
uint32_t ct__making_random(uint64_t *state, uint32_t below);
/* Whether the constraints hold in a complete row. */
bool ct__making_holds(const struct ct__making *making, const uint16_t *row);
/* Fills what is open in a partial row at random, as the constraints allow; false: they do not. */
bool ct__making_complete(const struct ct__making *making, struct ct__space *space, uint64_t *random, uint16_t *row);
#endif
