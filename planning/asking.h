/* Asking user code where it can do no harm. Inner to room planning/. */
#ifndef COMBTEST_PLANNING_ASKING_H
#define COMBTEST_PLANNING_ASKING_H
#include <combtest/core.h>
#include <planning/planning.h>

/* In the process that asks. */
struct ct__asker;
/* Whether should_cancel excludes the walk of a row. */
bool ct__asker_excludes(struct ct__asker *asker, const uint16_t *row);

struct ct__asking {
    struct ct__table *table;
    size_t count;       /* questions */
    size_t answer_size; /* bytes of each answer */
    unsigned char *answers;
    /* Answers question i into its zeroed place. What it changes besides is lost. */
    void (*answer)(void *user, struct ct__asker *asker, size_t i, void *answer);
    void *user;
    int64_t timeout_ms;      /* without a should_cancel that returns */
    const atomic_bool *stop; /* NULL: never */
};
/* Has all questions answered, in order, in a process forked for it. One that it dies or hangs of is left zero, and
 * another process goes on with the next; after too many of them, or once stop is true, all others are left zero.
 * *unanswered counts them. CT_ESYSTEM: no process; CT_NOMEM. */
enum ct_err ct__ask(const struct ct__asking *asking, size_t *unanswered, struct ct_error *error);

/* Whether the suite has a should_cancel at all. */
bool ct__asks(const struct ct_suite *suite);
#endif
