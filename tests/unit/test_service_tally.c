/* The tally of a run, against plain sorting, and its way to the program that called run_tests(). */
#include "service/tally.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WALKS = 5000 };

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static enum ct_status status_of(uint64_t walk)
{
    return (enum ct_status)(walk % CT_STATUS_COUNT);
}

static bool is_error(uint64_t walk)
{
    enum ct_status status = status_of(walk);
    return status == CT_FAIL || status == CT_CRASHED || status == CT_TIMED_OUT;
}

static void message_of(uint64_t walk, char *message, size_t size)
{
    snprintf(message, size, "walk %llu", (unsigned long long)walk);
}

/* Ends the walks [0, WALKS) in a random order. */
static void end_all(struct ct__tally *tally, uint64_t seed)
{
    static uint64_t order[WALKS];
    assert_int_equal(ct__tally_init(tally, WALKS), CT_OK);
    for (uint64_t i = 0; i < WALKS; i++) {
        uint64_t j = draw(&seed) % (i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (uint64_t i = 0; i < WALKS; i++) {
        char message[32];
        message_of(order[i], message, sizeof message);
        ct__tally_end(tally, order[i], status_of(order[i]), message);
        assert_int_equal(ct__tally_ended(tally), i + 1);
    }
}

static void assert_lists(const struct ct_results *results)
{
    size_t at = 0;
    assert_int_equal(results->failed_id_count, CT__FAILED_IDS_MAX);
    assert_int_equal(results->failure_count, CT__FAILURES_MAX);
    for (uint64_t walk = 0; at < CT__FAILED_IDS_MAX; walk++) {
        if (!is_error(walk)) continue;
        assert_int_equal(results->failed_ids[at], walk);
        if (at < CT__FAILURES_MAX) {
            char message[32];
            message_of(walk, message, sizeof message);
            assert_int_equal(results->failures[at].walk, walk);
            assert_int_equal(results->failures[at].status, status_of(walk));
            assert_string_equal(results->failures[at].message, message);
        }
        at++;
    }
}

static void the_first_failures_are_kept_in_order_whatever_order_they_come_in(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct ct__tally tally;
        uint64_t errors = 0;
        end_all(&tally, seed);
        for (uint64_t walk = 0; walk < WALKS; walk++) errors += is_error(walk);
        assert_int_equal(tally.results.error_count, errors);
        for (int status = 0; status < CT_STATUS_COUNT; status++)
            assert_in_range(tally.results.counts[status], WALKS / CT_STATUS_COUNT, WALKS / CT_STATUS_COUNT + 1);
        assert_lists(&tally.results);
        ct__tally_clear(&tally);
    }
}

static void counters_are_summed_by_name(void **state)
{
    struct ct__tally tally;
    (void)state;
    assert_int_equal(ct__tally_init(&tally, 1), CT_OK);
    for (int i = 1; i <= 100; i++) {
        ct__tally_count(&tally, "up", i);
        ct__tally_count(&tally, "down", -i);
    }
    ct__tally_count(&tally, "", 1);
    ct__tally_count(&tally, "large", INT64_MAX);
    assert_int_equal(json_object_size(tally.results.counters), 4);
    assert_int_equal(json_integer_value(json_object_get(tally.results.counters, "up")), 5050);
    assert_int_equal(json_integer_value(json_object_get(tally.results.counters, "down")), -5050);
    assert_true(json_integer_value(json_object_get(tally.results.counters, "large")) == INT64_MAX);
    ct__tally_clear(&tally);
}

static void fill(struct ct__tally *tally)
{
    struct ct_results *results = &tally->results;
    end_all(tally, 9);
    ct__tally_count(tally, "counted", 12);
    results->flaky_count = 3;
    results->segment_count = UINT64_MAX;
    results->serial_count = 5;
    results->serial_failed_count = 6;
    results->elapsed_s = 1.5;
    results->exit_code = 3;
    results->note = strdup("a note");
    results->hosts = json_object();
    ct__tally_host(tally, "a", 3, NULL);
    ct__tally_host(tally, "a", 4, NULL);
    ct__tally_host(tally, "b", 0, "no way");
    results->in_flight_count = 2;
    results->in_flight[0] = 7;
    results->in_flight[1] = UINT64_MAX;
    assert_non_null(results->note);
}

static void assert_numbers(const struct ct_results *got, const struct ct_results *sent)
{
    assert_int_equal(got->walk_count, sent->walk_count);
    assert_memory_equal(got->counts, sent->counts, sizeof sent->counts);
    assert_int_equal(got->error_count, sent->error_count);
    assert_int_equal(got->flaky_count, 3);
    assert_int_equal(got->segment_count, UINT64_MAX);
    assert_int_equal(got->serial_count, 5);
    assert_int_equal(got->serial_failed_count, 6);
    assert_true(got->elapsed_s == 1.5);
    assert_int_equal(got->exit_code, 3);
    assert_int_equal(got->in_flight_count, 2);
    assert_int_equal(got->in_flight[0], 7);
    assert_int_equal(got->in_flight[1], UINT64_MAX);
}

static void results_arrive_as_they_were_sent(void **state)
{
    struct ct__tally tally;
    struct ct__bytes bytes = { 0 };
    struct ct_results got = { 0 };
    (void)state;
    fill(&tally);
    ct__results_put(&bytes, &tally.results, true);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
    assert_int_equal(ct__results_get(&cursor, &got), CT_OK);
    assert_ptr_equal(cursor.at, cursor.end);
    assert_numbers(&got, &tally.results);
    assert_lists(&got);
    assert_string_equal(got.note, "a note");
    json_t *hosts = json_pack("{s:{s:i,s:n},s:{s:i,s:s}}", "a", "walks", 7, "why", "b", "walks", 0, "why", "no way");
    assert_true(json_equal(got.hosts, hosts));
    json_decref(hosts);
    assert_int_equal(json_integer_value(json_object_get(got.counters, "counted")), 12);
    ct__results_clear(&got);
    ct__bytes_free(&bytes);
    ct__tally_clear(&tally);
}

static void progress_is_the_numbers_alone(void **state)
{
    struct ct__tally tally;
    struct ct__bytes bytes = { 0 };
    struct ct_results got = { 0 };
    (void)state;
    fill(&tally);
    ct__results_put(&bytes, &tally.results, false);
    assert_true(bytes.size < 256);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
    assert_int_equal(ct__results_get(&cursor, &got), CT_OK);
    assert_numbers(&got, &tally.results);
    assert_null(got.failed_ids);
    assert_null(got.counters);
    ct__results_clear(&got);
    ct__bytes_free(&bytes);
    ct__tally_clear(&tally);
}

/* In memory of exactly the size. Returns what the reader said. */
static enum ct_err read_copy(const unsigned char *data, size_t size)
{
    unsigned char *copy = malloc(size ? size : 1);
    struct ct_results got = { 0 };
    assert_non_null(copy);
    if (size > 0) memcpy(copy, data, size);
    struct ct__cursor cursor = ct__cursor(copy, size);
    enum ct_err code = ct__results_get(&cursor, &got);
    assert_true(got.failed_id_count <= CT__FAILED_IDS_MAX);
    assert_true(got.failure_count <= CT__FAILURES_MAX);
    ct__results_clear(&got);
    free(copy);
    return code;
}

static void results_that_are_cut_or_changed_are_refused_or_read_within_bounds(void **state)
{
    struct ct__tally tally;
    struct ct__bytes bytes = { 0 };
    uint64_t seed = 4;
    (void)state;
    fill(&tally);
    ct__results_put(&bytes, &tally.results, true);
    for (size_t size = 0; size < bytes.size; size += 1 + size / 50)
        assert_int_not_equal(read_copy(bytes.data, size), CT_OK);
    for (int round = 0; round < 2000; round++) {
        size_t at = draw(&seed) % (round % 2 ? 400 : bytes.size);
        unsigned char kept = bytes.data[at];
        bytes.data[at] = (unsigned char)draw(&seed);
        read_copy(bytes.data, bytes.size);
        bytes.data[at] = kept;
    }
    assert_int_equal(read_copy(bytes.data, bytes.size), CT_OK);
    ct__bytes_free(&bytes);
    ct__tally_clear(&tally);
}

static void a_list_that_claims_more_than_is_kept_is_read_within_bounds(void **state)
{
    enum { ENTRY = 8 + 1 + 4 + 2 + 4 }; /* a failure: walk, status, text of one character, no output */
    struct ct__tally tally;
    struct ct__bytes bytes = { 0 };
    (void)state;
    assert_int_equal(ct__tally_init(&tally, 200), CT_OK);
    for (uint64_t walk = 0; walk < CT__FAILURES_MAX; walk++) ct__tally_end(&tally, walk, CT_FAIL, "x");
    ct__results_put(&bytes, &tally.results, true);
    size_t failures = bytes.size - (size_t)CT__FAILURES_MAX * ENTRY;
    for (size_t i = 0; i < CT__FAILURES_MAX; i++) {
        unsigned char entry[ENTRY];
        memcpy(entry, bytes.data + failures, ENTRY);
        ct__put_bytes(&bytes, entry, ENTRY);
    }
    assert_int_equal(bytes.data[failures - 4], CT__FAILURES_MAX);
    ct__set_u32(&bytes, failures - 4, 2 * CT__FAILURES_MAX);
    read_copy(bytes.data, bytes.size);
    size_t ids = failures - 4 - CT__FAILURES_MAX * sizeof(uint64_t);
    assert_int_equal(bytes.data[ids - 4], CT__FAILURES_MAX);
    for (uint32_t claimed = CT__FAILED_IDS_MAX; claimed < CT__FAILED_IDS_MAX + 3; claimed++) {
        ct__set_u32(&bytes, ids - 4, claimed);
        read_copy(bytes.data, bytes.size);
    }
    ct__set_u32(&bytes, ids - 4, UINT32_MAX);
    read_copy(bytes.data, bytes.size);
    ct__bytes_free(&bytes);
    ct__tally_clear(&tally);
}

static void what_is_said_alike_is_told_by_its_place_and_not_by_its_numbers(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        { "a.c:12: got 5, want 6", "a.c:12: got -17, want 6", true },
        { "a.c:12: got 5, want 6", "a.c:13: got 5, want 6", false },
        { "a.c:12: got five", "a.c:12: got six", false },
        { "a.c:12: got 5", "a.c:12: got 5 and more", false },
        { "a.c:12: got 5 and more", "a.c:12: got 5", false },
        { "in action b: SIGSEGV at address 0x7f; at s(f+0x1)", "in action b: SIGSEGV at address 0x1; at s(f+0x1)",
          true },
        { "in action b: SIGSEGV at address 0x7f; at s(f+0x1)", "in action b: SIGSEGV at address 0x7f; at s(f+0x2)",
          false },
        { "in action b2: SIGSEGV", "in action b3: SIGSEGV", false },
        { "exited with 1", "exited with 2", false },
        { "", "", true },
        { "", "x", false },
        { "x: ", "x: -", false },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        assert_int_equal(ct__says_the_same(rows[i].a, rows[i].b), rows[i].same);
        assert_int_equal(ct__says_the_same(rows[i].b, rows[i].a), rows[i].same);
    }
}

/* Of two causes in turn, the later walks first; and more causes than are kept. */
static void failures_of_one_cause_are_counted_with_the_first_of_their_ids(void **state)
{
    struct ct__tally tally;
    struct ct__bytes bytes = { 0 };
    struct ct_results got = { 0 };
    (void)state;
    assert_int_equal(ct__tally_init(&tally, 1000), CT_OK);
    for (uint64_t walk = 500; walk-- > 100;) {
        char message[64];
        snprintf(message, sizeof message, "a.c:%d: it is %d", walk % 2 ? 1 : 2, (int)walk);
        ct__tally_end(&tally, walk, walk == 401 ? CT_CRASHED : CT_FAIL, message);
        ct__tally_output(&tally, walk, message);
    }
    for (uint64_t walk = 500; walk < 600; walk++) {
        char message[64];
        snprintf(message, sizeof message, "b.c:%d: so", (int)walk);
        ct__tally_end(&tally, walk, CT_FAIL, message);
    }
    ct__results_put(&bytes, &tally.results, true);
    struct ct__cursor cursor = ct__cursor(bytes.data, bytes.size);
    assert_int_equal(ct__results_get(&cursor, &got), CT_OK);
    ct__causes_sort(&got);
    assert_int_equal(got.cause_count, CT__CAUSES_MAX);
    for (uint64_t i = 0; i < 2; i++) {
        const struct ct_cause *cause = &got.causes[i];
        assert_int_equal(cause->first.walk, 100 + i);
        assert_string_equal(cause->first.message, i ? "a.c:1: it is 101" : "a.c:2: it is 100");
        assert_string_equal(cause->first.output, cause->first.message);
        assert_int_equal(cause->count, i ? 199 : 200);
        assert_int_equal(cause->other_count, CT_COUNT(cause->others));
        for (size_t j = 0; j < cause->other_count; j++) assert_int_equal(cause->others[j], 102 + i + 2 * j);
    }
    assert_int_equal(got.causes[2].first.status, CT_CRASHED);
    assert_int_equal(got.causes[2].count, 1);
    ct__results_clear(&got);
    ct__bytes_free(&bytes);
    ct__tally_clear(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failures_are_kept_in_order_whatever_order_they_come_in),
        cmocka_unit_test(counters_are_summed_by_name),
        cmocka_unit_test(results_arrive_as_they_were_sent),
        cmocka_unit_test(progress_is_the_numbers_alone),
        cmocka_unit_test(results_that_are_cut_or_changed_are_refused_or_read_within_bounds),
        cmocka_unit_test(a_list_that_claims_more_than_is_kept_is_read_within_bounds),
        cmocka_unit_test(what_is_said_alike_is_told_by_its_place_and_not_by_its_numbers),
        cmocka_unit_test(failures_of_one_cause_are_counted_with_the_first_of_their_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
