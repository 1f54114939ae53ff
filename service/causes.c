/* Failures by what they say. */
#include "service/tally.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_number(const char *at)
{
    return isdigit((unsigned char)at[at[0] == '-']) != 0;
}

static const char *behind_number(const char *at)
{
    if (*at == '-') at++;
    if (strncmp(at, "0x", 2) == 0) return at + 2 + strspn(at + 2, "0123456789abcdefABCDEF");
    return at + strspn(at, "0123456789");
}

bool ct__says_the_same(const char *a, const char *b)
{
    const char *colon = strstr(a, ": ");
    if (!colon) return strcmp(a, b) == 0;
    size_t place = (size_t)(colon - a) + 2;
    if (strncmp(a, b, place) != 0) return false;
    a += place;
    b += place;
    for (bool offset = false; *a != '\0';) {
        if (!offset && is_number(a) && is_number(b)) {
            a = behind_number(a);
            b = behind_number(b);
        } else if (*a++ == *b) {
            offset = *b == '+' || (offset && isalnum((unsigned char)*b));
            b++;
        } else {
            return false;
        }
    }
    return *b == '\0';
}

/* Among the others, in their order, if it is one of the first. */
static void add_other(struct ct_cause *cause, uint64_t walk)
{
    size_t at = cause->other_count;
    while (at > 0 && cause->others[at - 1] > walk) at--;
    if (at == CT_COUNT(cause->others)) return;
    if (cause->other_count < CT_COUNT(cause->others)) cause->other_count++;
    memmove(cause->others + at + 1, cause->others + at, (cause->other_count - at - 1) * sizeof *cause->others);
    cause->others[at] = walk;
}

/* The message of a cause is that of its first walk. No memory: the walk is counted all the same. */
static void add_to(struct ct_cause *cause, uint64_t walk, const char *message)
{
    char *copy = cause->count == 0 || walk < cause->first.walk ? strdup(message) : NULL;
    if (cause->count++ > 0) add_other(cause, copy ? cause->first.walk : walk);
    if (!copy) return;
    free(cause->first.message);
    free(cause->first.output);
    cause->first = (struct ct_failure){ .walk = walk, .status = cause->first.status, .message = copy };
}

/* Counts the walk with those of its kind in causes, of which there are *count, and may be `most`. */
static void count_cause(struct ct_cause *causes, size_t *count, size_t most, const struct ct_failure *failure)
{
    struct ct_cause *cause = causes, *end = causes + *count;
    while (cause < end &&
           (cause->first.status != failure->status || !ct__says_the_same(cause->first.message, failure->message)))
        cause++;
    if (cause == end) {
        if (*count == most) return;
        *cause = (struct ct_cause){ .first.status = failure->status };
        ++*count;
    }
    add_to(cause, failure->walk, failure->message);
    if (!cause->first.message) --*count; /* it could not be begun */
}

void ct__tally_cause(struct ct__tally *tally, const struct ct_failure *failure)
{
    struct ct_results *results = &tally->results;
    if (failure->status == CT_EXCLUDED || failure->status == CT_CANCEL)
        count_cause(tally->reasons, &tally->reason_count, CT__REASONS_MAX, failure);
    else
        count_cause(results->causes, &results->cause_count, CT__CAUSES_MAX, failure);
}

void ct__tally_tell_reasons(const struct ct__tally *tally, char *text, size_t size)
{
    const struct ct_results *results = &tally->results;
    size_t used = 0;
    if (results->counts[CT_EXCLUDED] + results->counts[CT_CANCEL] < results->walk_count) return;
    for (size_t i = 0; i < tally->reason_count && used < size; i++) {
        const struct ct_cause *reason = &tally->reasons[i];
        const char *message = reason->first.message, *canceled = reason->first.status == CT_CANCEL ? "canceled" : "";
        used += (size_t)snprintf(text + used, size - used, "%s%s%s%.300s (%llu walk%s)",
                                 i == 0 ? "no walk came to its end: " : "; ", canceled,
                                 *canceled && *message ? ": " : "", message, (unsigned long long)reason->count,
                                 reason->count == 1 ? "" : "s");
    }
}

static int by_first(const void *a, const void *b)
{
    uint64_t one = ((const struct ct_cause *)a)->first.walk, other = ((const struct ct_cause *)b)->first.walk;
    return one < other ? -1 : one > other;
}

void ct__causes_sort(struct ct_results *results)
{
    if (results->cause_count > 0) qsort(results->causes, results->cause_count, sizeof *results->causes, by_first);
}
