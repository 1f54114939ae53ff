/* The tally of a run: what becomes the struct ct_results of the program that called run_tests(). */
#ifndef COMBTEST_SERVICE_TALLY_H
#define COMBTEST_SERVICE_TALLY_H
#include "service/wire.h"
#include <combtest/run.h>

#define CT__FAILED_IDS_MAX 1000u
#define CT__FAILURES_MAX   100u
#define CT__CAUSES_MAX     20u
#define CT__REASONS_MAX    3u

struct ct__tally {
    struct ct_results results; /* failed_ids and failures sorted; states, paths and exit_code are not its business */
    struct ct_cause reasons[CT__REASONS_MAX]; /* why walks were excluded or canceled */
    size_t reason_count;
};
enum ct_err ct__tally_init(struct ct__tally *tally, uint64_t planned);
void ct__tally_clear(struct ct__tally *tally);
/* A walk that ended otherwise than passed. */
void ct__tally_end(struct ct__tally *tally, uint64_t walk, enum ct_status status, const char *message);
/* Part of ct__tally_end: counts the walk with those that say the same (causes.c). */
void ct__tally_cause(struct ct__tally *tally, const struct ct_failure *failure);
/* Where every walk was excluded or canceled: by what, into text; else that stays as it is. */
void ct__tally_tell_reasons(const struct ct__tally *tally, char *text, size_t size);
/* Whether two messages are the same, but for numbers behind the first ": ", which the place stands before; offsets of
 * frames, "+0x12", are places, too. */
bool ct__says_the_same(const char *a, const char *b);
void ct__causes_sort(struct ct_results *results); /* by their first walks */
/* What a walk wrote, kept with its failure where that is. */
void ct__tally_output(struct ct__tally *tally, uint64_t walk, const char *text);
void ct__tally_count(struct ct__tally *tally, const char *name, int64_t n);
/* So many walks more ended on a host, of a run that tells hosts apart; why, unless NULL: it was not there at the end.
 */
void ct__tally_host(struct ct__tally *tally, const char *name, uint64_t walks, const char *why);
uint64_t ct__tally_ended(const struct ct__tally *tally); /* walks that have a status */

/* Numbers alone, or all of it; and back. Reading fills a zeroed struct. */
void ct__results_put(struct ct__bytes *bytes, const struct ct_results *results, bool whole);
enum ct_err ct__results_get(struct ct__cursor *cursor, struct ct_results *results);
void ct__results_clear(struct ct_results *results); /* what it points to, not itself */
#endif
