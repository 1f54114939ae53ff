#include "service/tally.h"
#include "service/protocol.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum ct_err ct__tally_init(struct ct__tally *tally, uint64_t planned)
{
    struct ct_results *results = &tally->results;
    *tally = (struct ct__tally){ 0 };
    results->walk_count = planned;
    results->failed_ids = calloc(CT__FAILED_IDS_MAX, sizeof *results->failed_ids);
    results->failures = calloc(CT__FAILURES_MAX, sizeof *results->failures);
    results->causes = calloc(CT__CAUSES_MAX, sizeof *results->causes);
    results->counters = json_object();
    if (results->failed_ids && results->failures && results->causes && results->counters) return CT_OK;
    ct__tally_clear(tally);
    return CT_NOMEM;
}

void ct__tally_clear(struct ct__tally *tally)
{
    ct__results_clear(&tally->results);
    for (size_t i = 0; i < tally->reason_count; i++) free(tally->reasons[i].first.message);
    tally->reason_count = 0;
}

static void keep_id(struct ct_results *results, uint64_t walk)
{
    size_t count = results->failed_id_count, at = count;
    while (at > 0 && results->failed_ids[at - 1] > walk) at--;
    if (at == CT__FAILED_IDS_MAX) return;
    if (count == CT__FAILED_IDS_MAX) count--;
    memmove(results->failed_ids + at + 1, results->failed_ids + at, (count - at) * sizeof *results->failed_ids);
    results->failed_ids[at] = walk;
    results->failed_id_count = count + 1;
}

static void keep_failure(struct ct_results *results, uint64_t walk, enum ct_status status, const char *message)
{
    size_t count = results->failure_count, at = count;
    while (at > 0 && results->failures[at - 1].walk > walk) at--;
    if (at == CT__FAILURES_MAX) return;
    char *copy = strdup(message);
    if (!copy) return; /* the walk is counted all the same */
    if (count == CT__FAILURES_MAX) {
        free(results->failures[--count].message);
        free(results->failures[count].output);
    }
    memmove(results->failures + at + 1, results->failures + at, (count - at) * sizeof *results->failures);
    results->failures[at] = (struct ct_failure){ .walk = walk, .status = status, .message = copy };
    results->failure_count = count + 1;
}

void ct__tally_end(struct ct__tally *tally, uint64_t walk, enum ct_status status, const char *message)
{
    struct ct_results *results = &tally->results;
    bool error = status == CT_FAIL || status == CT_CRASHED || status == CT_TIMED_OUT;
    results->counts[status]++;
    if (error || status == CT_EXCLUDED || status == CT_CANCEL)
        ct__tally_cause(tally, &(struct ct_failure){ .walk = walk, .status = status, .message = (char *)message });
    if (!error) return;
    results->error_count++;
    keep_id(results, walk);
    keep_failure(results, walk, status, message);
}

static void add_output(struct ct_failure *failure, uint64_t walk, const char *text)
{
    const char *before = failure->output;
    char *joined = NULL;
    if (failure->walk != walk) return;
    if (asprintf(&joined, "%s%s%s", before ? before : "", before ? "\n" : "", text) < 0) return;
    free(failure->output);
    failure->output = joined;
}

void ct__tally_output(struct ct__tally *tally, uint64_t walk, const char *text)
{
    struct ct_results *results = &tally->results;
    for (size_t i = 0; i < results->failure_count; i++) add_output(&results->failures[i], walk, text);
    for (size_t i = 0; i < results->cause_count; i++) add_output(&results->causes[i].first, walk, text);
}

void ct__tally_count(struct ct__tally *tally, const char *name, int64_t n)
{
    json_t *counter = json_object_get(tally->results.counters, name);
    int64_t sum;
    if (counter && __builtin_add_overflow(json_integer_value(counter), n, &sum)) sum = n > 0 ? INT64_MAX : INT64_MIN;
    if (counter)
        json_integer_set(counter, sum);
    else
        json_object_set_new(tally->results.counters, name, json_integer(n));
}

void ct__tally_host(struct ct__tally *tally, const char *name, uint64_t walks, const char *why)
{
    json_t *hosts = tally->results.hosts, *host = json_object_get(hosts, name);
    if (!hosts) return;
    if (!host && json_object_set_new(hosts, name, json_pack("{s:I, s:n}", "walks", (json_int_t)0, "why")) == 0)
        host = json_object_get(hosts, name);
    json_t *count = json_object_get(host, "walks");
    json_integer_set(count, json_integer_value(count) + (json_int_t)walks);
    if (why) json_object_set_new(host, "why", json_string(why));
}

uint64_t ct__tally_ended(const struct ct__tally *tally)
{
    uint64_t ended = 0;
    for (int status = 0; status < CT_STATUS_COUNT; status++) ended += tally->results.counts[status];
    return ended;
}

static void put_numbers(struct ct__bytes *bytes, const struct ct_results *results)
{
    ct__put_u64(bytes, results->walk_count);
    for (int status = 0; status < CT_STATUS_COUNT; status++) ct__put_u64(bytes, results->counts[status]);
    ct__put_u64(bytes, results->error_count);
    ct__put_u64(bytes, results->flaky_count);
    ct__put_u64(bytes, results->segment_count);
    ct__put_u64(bytes, results->serial_count);
    ct__put_u64(bytes, results->serial_failed_count);
    ct__put_u64(bytes, (uint64_t)(results->elapsed_s * 1e9));
    ct__put_u32(bytes, (uint32_t)results->exit_code);
    ct__put_u32(bytes, (uint32_t)results->in_flight_count);
    for (size_t i = 0; i < results->in_flight_count; i++) ct__put_u64(bytes, results->in_flight[i]);
}

static void get_numbers(struct ct__cursor *cursor, struct ct_results *results)
{
    results->walk_count = ct__get_u64(cursor);
    for (int status = 0; status < CT_STATUS_COUNT; status++) results->counts[status] = ct__get_u64(cursor);
    results->error_count = ct__get_u64(cursor);
    results->flaky_count = ct__get_u64(cursor);
    results->segment_count = ct__get_u64(cursor);
    results->serial_count = ct__get_u64(cursor);
    results->serial_failed_count = ct__get_u64(cursor);
    results->elapsed_s = (double)ct__get_u64(cursor) / 1e9;
    results->exit_code = (int)ct__get_u32(cursor);
    results->in_flight_count = ct__get_u32(cursor) % (CT_COUNT(results->in_flight) + 1);
    for (size_t i = 0; i < results->in_flight_count; i++) results->in_flight[i] = ct__get_u64(cursor);
}

static void put_failure(struct ct__bytes *bytes, const struct ct_failure *failure)
{
    ct__put_u64(bytes, failure->walk);
    ct__put_u8(bytes, (uint8_t)failure->status);
    ct__put_text(bytes, failure->message);
    ct__put_text(bytes, failure->output);
}

static void put_causes(struct ct__bytes *bytes, const struct ct_results *results)
{
    ct__put_u32(bytes, (uint32_t)results->cause_count);
    for (size_t i = 0; i < results->cause_count; i++) {
        const struct ct_cause *cause = &results->causes[i];
        put_failure(bytes, &cause->first);
        ct__put_u64(bytes, cause->count);
        ct__put_u32(bytes, (uint32_t)cause->other_count);
        for (size_t j = 0; j < cause->other_count; j++) ct__put_u64(bytes, cause->others[j]);
    }
}

void ct__results_put(struct ct__bytes *bytes, const struct ct_results *results, bool whole)
{
    put_numbers(bytes, results);
    ct__put_u8(bytes, whole);
    if (!whole) return;
    char *counters = ct__json_text(results->counters);
    ct__put_text(bytes, counters);
    free(counters);
    ct__put_text(bytes, results->note);
    char *hosts = results->hosts ? ct__json_text(results->hosts) : NULL;
    ct__put_text(bytes, hosts);
    free(hosts);
    put_causes(bytes, results);
    ct__put_u32(bytes, (uint32_t)results->failed_id_count);
    for (size_t i = 0; i < results->failed_id_count; i++) ct__put_u64(bytes, results->failed_ids[i]);
    ct__put_u32(bytes, (uint32_t)results->failure_count);
    for (size_t i = 0; i < results->failure_count; i++) put_failure(bytes, &results->failures[i]);
}

static bool get_text_copy(struct ct__cursor *cursor, char **copy)
{
    const char *text = ct__get_text(cursor);
    *copy = text ? strdup(text) : NULL;
    return !text || *copy;
}

static bool get_failure(struct ct__cursor *cursor, struct ct_failure *failure)
{
    failure->walk = ct__get_u64(cursor);
    failure->status = (enum ct_status)(ct__get_u8(cursor) % CT_STATUS_COUNT);
    return get_text_copy(cursor, &failure->message) && failure->message && get_text_copy(cursor, &failure->output);
}

static bool get_causes(struct ct__cursor *cursor, struct ct_results *results)
{
    size_t count = ct__get_u32(cursor) % (CT__CAUSES_MAX + 1);
    results->causes = calloc(CT__CAUSES_MAX, sizeof *results->causes);
    for (size_t i = 0; results->causes && i < count; i++) {
        struct ct_cause *cause = &results->causes[results->cause_count++];
        if (!get_failure(cursor, &cause->first)) return false;
        cause->count = ct__get_u64(cursor);
        cause->other_count = ct__get_u32(cursor) % (CT_COUNT(cause->others) + 1);
        for (size_t j = 0; j < cause->other_count; j++) cause->others[j] = ct__get_u64(cursor);
    }
    return results->causes != NULL;
}

static bool get_lists(struct ct__cursor *cursor, struct ct_results *results)
{
    results->failed_id_count = ct__get_u32(cursor) % (CT__FAILED_IDS_MAX + 1);
    results->failed_ids = calloc(CT__FAILED_IDS_MAX, sizeof *results->failed_ids);
    if (!results->failed_ids) return false;
    for (size_t i = 0; i < results->failed_id_count; i++) results->failed_ids[i] = ct__get_u64(cursor);
    size_t count = ct__get_u32(cursor) % (CT__FAILURES_MAX + 1);
    results->failures = calloc(CT__FAILURES_MAX, sizeof *results->failures);
    if (!results->failures) return false;
    for (size_t i = 0; i < count; i++) {
        results->failure_count = i + 1;
        if (!get_failure(cursor, &results->failures[i])) return false;
    }
    return true;
}

enum ct_err ct__results_get(struct ct__cursor *cursor, struct ct_results *results)
{
    get_numbers(cursor, results);
    if (!ct__get_u8(cursor)) return cursor->bad ? CT_EBUG : CT_OK;
    results->counters = ct__json_read(ct__get_text(cursor));
    if (!results->counters || !get_text_copy(cursor, &results->note)) return CT_NOMEM;
    const char *hosts = ct__get_text(cursor);
    results->hosts = hosts ? ct__json_read(hosts) : NULL;
    if ((hosts && !results->hosts) || !get_causes(cursor, results) || !get_lists(cursor, results)) return CT_NOMEM;
    return cursor->bad ? CT_EBUG : CT_OK;
}

static void clear_failure(struct ct_failure *failure)
{
    free(failure->message);
    free(failure->output);
    json_decref(failure->options);
    json_decref(failure->labels);
}

void ct__results_clear(struct ct_results *results)
{
    for (size_t i = 0; results->failures && i < results->failure_count; i++) clear_failure(&results->failures[i]);
    for (size_t i = 0; results->causes && i < results->cause_count; i++) clear_failure(&results->causes[i].first);
    free(results->failures);
    free(results->causes);
    free(results->failed_ids);
    free(results->trace_path);
    free(results->log_path);
    free(results->session_path);
    free(results->note);
    json_decref(results->states);
    json_decref(results->counters);
    json_decref(results->hosts);
    *results = (struct ct_results){ 0 };
}

void ct_results_free(struct ct_results *results)
{
    if (!results) return;
    ct__results_clear(results);
    free(results);
}
