#include "service/protocol.h"
#include <stdlib.h>
#include <string.h>

#define STAGES_MAX 65536u

void ct__frame_begin(struct ct__bytes *frame, enum ct__frame kind, uint32_t epoch)
{
    ct__put_u8(frame, (uint8_t)kind);
    ct__put_u32(frame, epoch);
}

void ct__hello_put(struct ct__bytes *bytes, const struct ct__hello *hello)
{
    ct__put_u32(bytes, hello->magic);
    ct__put_u32(bytes, hello->version);
    ct__put_u32(bytes, hello->incarnation);
    ct__put_u32(bytes, hello->services);
    ct__put_u32(bytes, hello->threads);
    ct__put_u32(bytes, hello->life);
    ct__put_u32(bytes, hello->machine);
    ct__put_text(bytes, hello->token);
    ct__put_text(bytes, hello->suite);
    ct__put_text(bytes, hello->host);
    ct__put_u32(bytes, hello->suspect_count);
    for (uint32_t i = 0; i < hello->suspect_count; i++) ct__put_u64(bytes, hello->suspects[i]);
}

bool ct__hello_get(struct ct__cursor *cursor, struct ct__hello *hello)
{
    hello->magic = ct__get_u32(cursor);
    hello->version = ct__get_u32(cursor);
    hello->incarnation = ct__get_u32(cursor);
    hello->services = ct__get_u32(cursor);
    hello->threads = ct__get_u32(cursor);
    hello->life = ct__get_u32(cursor);
    hello->machine = ct__get_u32(cursor);
    hello->token = ct__get_text(cursor);
    hello->suite = ct__get_text(cursor);
    hello->host = ct__get_text(cursor);
    hello->suspect_count = ct__get_u32(cursor);
    hello->suspect_cursor = *cursor;
    return !cursor->bad && hello->magic == CT__PROTOCOL_MAGIC && hello->token && hello->suite && hello->host;
}

void ct__result_put(struct ct__bytes *bytes, const struct ct__result *result)
{
    ct__put_u64(bytes, result->walk);
    ct__put_u8(bytes, (uint8_t)result->status);
    ct__put_text(bytes, result->message);
    ct__put_text(bytes, result->state);
    ct__put_u64(bytes, result->took_ns);
    ct__put_u32(bytes, result->service);
    ct__put_u32(bytes, result->action);
    ct__put_text(bytes, result->notes);
    ct__put_u32(bytes, result->count_size);
    ct__put_bytes(bytes, result->counts, result->count_size);
}

bool ct__result_get(struct ct__cursor *cursor, struct ct__result *result)
{
    result->walk = ct__get_u64(cursor);
    uint8_t status = ct__get_u8(cursor);
    result->message = ct__get_text(cursor);
    result->state = ct__get_text(cursor);
    result->took_ns = ct__get_u64(cursor);
    result->service = ct__get_u32(cursor);
    result->action = ct__get_u32(cursor);
    result->notes = ct__get_text(cursor);
    result->count_size = ct__get_u32(cursor);
    result->counts = ct__get_bytes(cursor, result->count_size);
    if (status >= CT_STATUS_COUNT || !result->message) cursor->bad = true;
    result->status = (enum ct_status)(status % CT_STATUS_COUNT);
    return !cursor->bad;
}

char *ct__json_text(const json_t *json)
{
    return json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT);
}

json_t *ct__json_read(const char *text)
{
    return text ? json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL) : NULL;
}

static enum ct_err put_json(struct ct__bytes *bytes, const json_t *json)
{
    char *text = json ? ct__json_text(json) : NULL;
    if (json && !text) return CT_NOMEM;
    ct__put_text(bytes, text);
    free(text);
    return bytes->failed ? CT_NOMEM : CT_OK;
}

enum ct_err ct__step_put(struct ct__bytes *bytes, const struct ct__step *step)
{
    ct__put_u32(bytes, step->number);
    ct__put_u8(bytes, (uint8_t)step->kind);
    ct__put_u64(bytes, step->first_id);
    ct__put_u32(bytes, step->stage);
    ct__put_u32(bytes, step->action);
    ct__put_u32(bytes, step->option);
    enum ct_err code = put_json(bytes, step->start);
    for (uint32_t i = 0; code == CT_OK && i < step->stage; i++) code = put_json(bytes, step->since[i]);
    return code;
}

uint32_t ct__step_number(const void *body, size_t size)
{
    struct ct__cursor cursor = ct__cursor(body, size);
    return ct__get_u32(&cursor);
}

/* A JSON value or its absence; false: the bytes are no such thing, or memory ran out. */
static bool get_json(struct ct__cursor *cursor, json_t **json)
{
    const char *text = ct__get_text(cursor);
    *json = ct__json_read(text);
    return !cursor->bad && (!text || *json);
}

enum ct_err ct__step_get(struct ct__cursor *cursor, struct ct__step *step, struct ct_error *error)
{
    struct ct__step got = { .number = ct__get_u32(cursor) };
    uint8_t kind = ct__get_u8(cursor);
    got.kind = (enum ct__step_kind)(kind & 3);
    got.first_id = ct__get_u64(cursor);
    got.stage = ct__get_u32(cursor);
    got.action = ct__get_u32(cursor);
    got.option = ct__get_u32(cursor);
    if (cursor->bad || kind > CT__STEP_RUN_STOP || got.stage > STAGES_MAX)
        return ct__error(error, CT_EIO, "a step that makes no sense came from the coordinator");
    got.since = calloc(got.stage + 1, sizeof(json_t *));
    if (!got.since) return ct__nomem(error);
    bool good = get_json(cursor, &got.start) && got.start;
    for (uint32_t i = 0; good && i < got.stage; i++) good = get_json(cursor, &got.since[i]);
    if (!good) {
        ct__step_clear(&got);
        return ct__error(error, CT_EIO, "a step's state could not be read");
    }
    *step = got;
    return CT_OK;
}

void ct__step_clear(struct ct__step *step)
{
    json_decref(step->start);
    for (uint32_t i = 0; step->since && i < step->stage; i++) json_decref(step->since[i]);
    free(step->since);
    *step = (struct ct__step){ 0 };
}
