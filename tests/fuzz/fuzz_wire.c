/* What comes over a channel or a ring: any bytes are read within their bounds, or refused. The first byte says which
 * decoder the others are for. */
#include "fuzz.h"
#include "service/protocol.h"
#include "service/tally.h"
#include <stdlib.h>
#include <string.h>

static void need(bool held)
{
    if (!held) abort();
}

static void read_hello(struct ct__cursor *cursor)
{
    struct ct__hello hello;
    if (!ct__hello_get(cursor, &hello)) return;
    need(hello.magic == CT__PROTOCOL_MAGIC && hello.token && hello.suite && hello.host);
    need(strlen(hello.token) + strlen(hello.suite) + strlen(hello.host) < 1024);
    for (uint32_t i = 0; i < hello.suspect_count && !hello.suspect_cursor.bad; i++) ct__get_u64(&hello.suspect_cursor);
    need(hello.suspect_cursor.at <= cursor->end);
}

/* As the coordinator reads them: what was counted too. */
static void read_result(struct ct__cursor *cursor)
{
    struct ct__result result;
    if (!ct__result_get(cursor, &result)) return;
    need(result.status < CT_STATUS_COUNT && strlen(result.message) < 1024);
    struct ct__cursor counts = ct__cursor(result.counts, result.count_size);
    while (counts.at < counts.end && !counts.bad) {
        ct__get_text(&counts);
        ct__get_u64(&counts);
    }
    json_decref(ct__json_read(result.state));
}

static void read_step(struct ct__cursor *cursor)
{
    struct ct__step step;
    struct ct_error error = { 0 };
    if (ct__step_get(cursor, &step, &error) != CT_OK) {
        need(error.code == CT_EIO && error.text[0]);
        return;
    }
    struct ct__bytes again = { 0 };
    need(step.start && step.kind <= CT__STEP_RUN_STOP);
    need(ct__step_put(&again, &step) == CT_OK);
    need(ct__step_number(again.data, again.size) == step.number);
    ct__bytes_free(&again);
    ct__step_clear(&step);
}

static void read_results(struct ct__cursor *cursor)
{
    struct ct_results results = { 0 };
    if (ct__results_get(cursor, &results) == CT_OK) need(!cursor->bad);
    need(results.failed_id_count <= CT__FAILED_IDS_MAX && results.failure_count <= CT__FAILURES_MAX);
    need(results.cause_count <= CT__CAUSES_MAX);
    need(results.in_flight_count <= CT_COUNT(results.in_flight));
    ct__results_clear(&results);
}

static void (*const decoders[])(struct ct__cursor *) = { read_hello, read_result, read_step, read_results };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    struct ct__cursor cursor = ct__cursor(data + 1, size - 1);
    decoders[data[0] % CT_COUNT(decoders)](&cursor);
    need(cursor.at <= cursor.end);
    return 0;
}

static void put_step(struct ct__bytes *bytes)
{
    json_t *since[] = { json_pack("{s:i}", "a", 1), NULL };
    struct ct__step step = {
        .number = 3, .stage = 2, .action = 1, .start = json_pack("{s:[f,n]}", "b", 0.5), .since = since
    };
    need(since[0] && step.start && ct__step_put(bytes, &step) == CT_OK);
    json_decref(since[0]);
    json_decref(step.start);
}

static void put_results(struct ct__bytes *bytes)
{
    struct ct__tally tally;
    need(ct__tally_init(&tally, 10) == CT_OK);
    ct__tally_end(&tally, 7, CT_FAIL, "file.c:3: why");
    ct__tally_end(&tally, 2, CT_CRASHED, "SIGSEGV");
    ct__tally_count(&tally, "counted", 12);
    tally.results.in_flight_count = 2;
    ct__results_put(bytes, &tally.results, true);
    ct__tally_clear(&tally);
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const uint64_t suspects[] = { 1, 1000 };
    static const unsigned char counts[] = { 1, 0, 0, 0, 'n', 0, 5, 0, 0, 0, 0, 0, 0, 0 };
    const struct ct__hello hello = { .magic = CT__PROTOCOL_MAGIC,
                                     .version = 1,
                                     .services = 2,
                                     .threads = 1,
                                     .token = "0123456789",
                                     .suite = "suite",
                                     .host = "host",
                                     .suspect_count = 2,
                                     .suspects = suspects };
    const struct ct__result result = { .walk = 5,
                                       .status = CT_FAIL,
                                       .message = "file.c:3: why",
                                       .state = "{\"a\":[1,2]}",
                                       .count_size = sizeof counts,
                                       .counts = counts };
    struct ct__bytes bytes = { 0 };
    ct__put_u8(&bytes, (uint8_t)number);
    switch (number) {
    case 0: ct__hello_put(&bytes, &hello); break;
    case 1: ct__result_put(&bytes, &result); break;
    case 2: put_step(&bytes); break;
    case 3: put_results(&bytes); break;
    default: ct__bytes_free(&bytes); return 0;
    }
    need(!bytes.failed && bytes.size <= room);
    size_t size = bytes.size;
    memcpy(data, bytes.data, size);
    ct__bytes_free(&bytes);
    return size;
}
