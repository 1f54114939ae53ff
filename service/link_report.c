#include "service/link_inner.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_BYTES  1024   /* of the link's own lines */
#define LINES_BYTES 65536u /* of a frame of lines */

struct ct__bytes *ct__link_report_raw(struct link *link, enum ct__item kind)
{
    if (link->results.size == 0) {
        ct__frame_begin(&link->results, CT__FRAME_RESULTS, link->epoch);
        ct__put_u32(&link->results, link->step);
    }
    ct__put_u8(&link->results, (uint8_t)kind);
    return &link->results;
}

void ct__link_report_range(struct link *link, enum ct__item kind, uint64_t first, uint64_t end)
{
    if (first >= end) return;
    struct ct__bytes *frame = ct__link_report_raw(link, kind);
    ct__put_u64(frame, first);
    ct__put_u64(frame, end);
}

void ct__link_report_result(struct link *link, const struct ct__result *result)
{
    ct__result_put(ct__link_report_raw(link, CT__ITEM_RESULT), result);
}

void ct__link_flush(struct link *link)
{
    link->flushed_ms = ct__now_ms();
    if (link->lines.size > 0) ct__channel_send(link->channel, &link->lines);
    if (link->results.size > 0) ct__channel_send(link->channel, &link->results);
}

void ct__link_send(struct link *link, enum ct__frame kind, const void *body, size_t size)
{
    struct ct__bytes frame = { 0 };
    ct__frame_begin(&frame, kind, link->epoch);
    ct__put_bytes(&frame, body, size);
    ct__channel_send(link->channel, &frame);
}

void ct__link_line(struct link *link, enum ct_log_level level, const void *text, size_t size)
{
    if (link->lines.size == 0) ct__frame_begin(&link->lines, CT__FRAME_LOG, link->epoch);
    ct__put_u8(&link->lines, (uint8_t)level);
    ct__put_bytes(&link->lines, text, size);
    if (link->lines.size > LINES_BYTES) ct__channel_send(link->channel, &link->lines);
}

void ct__link_log(struct link *link, enum ct_log_level level, const char *format, ...)
{
    struct ct__bytes body = { 0 };
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    ct__put_u8(&body, (uint8_t)level);
    ct__put_text(&body, line);
    ct__link_send(link, CT__FRAME_NOTE, body.data, body.size);
    ct__bytes_free(&body);
}
