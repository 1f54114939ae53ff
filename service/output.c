#include "service/output.h"
#include "service/protocol.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool ct__output_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

/* Where the byte that comes next stands, or would stand if there were room. */
static size_t place(const struct ct__output *output)
{
    if (output->total < output->limit) return (size_t)output->total;
    return output->head + (size_t)((output->total - output->head) % (output->limit - output->head));
}

void ct__output_add(struct ct__output *output, const char *bytes, size_t size)
{
    struct ct__bytes *kept = &output->kept;
    while (size > 0) {
        size_t at = place(output), part = output->limit - at;
        if (part > size) part = size;
        if (at == kept->size)
            ct__put_bytes(kept, bytes, part);
        else if (!kept->failed)
            memcpy(kept->data + at, bytes, part);
        bytes += part;
        size -= part;
        output->total += part;
    }
}

void ct__output_init(struct ct__output *output, uint64_t limit)
{
    *output = (struct ct__output){ .limit = limit < SIZE_MAX ? (size_t)limit : SIZE_MAX };
    output->head = output->limit / 2;
}

bool ct__output_read(int pipe, size_t most, struct ct__output *output)
{
    char bytes[16384];
    while (most > 0) {
        ssize_t got = read(pipe, bytes, most < sizeof bytes ? most : sizeof bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return true;
        ct__output_add(output, bytes, (size_t)got);
        most -= (size_t)got;
    }
    return false;
}

static void put_gap(const struct ct__output *output, struct ct__bytes *text)
{
    char line[64];
    int size = snprintf(line, sizeof line, "\n... (%llu bytes left out)\n",
                        (unsigned long long)(output->total - output->kept.size));
    ct__put_bytes(text, line, (size_t)size);
}

void ct__output_text(const struct ct__output *output, size_t from, struct ct__bytes *text)
{
    const struct ct__bytes *kept = &output->kept;
    size_t head = kept->size, first = kept->size;
    if (output->total > kept->size) {
        head = output->head < kept->size ? output->head : kept->size;
        first = place(output) < kept->size ? place(output) : kept->size;
    }
    if (from < head) ct__put_bytes(text, kept->data + from, head - from);
    if (output->total > kept->size) put_gap(output, text);
    if (first < kept->size) ct__put_bytes(text, kept->data + first, kept->size - first);
    if (first > head) ct__put_bytes(text, kept->data + head, first - head);
}

void ct__output_clear(struct ct__output *output)
{
    output->total = 0;
    output->kept.size = 0;
    output->kept.failed = false;
}

void ct__output_put(struct ct__bytes *body, uint64_t walk, const void *text, size_t size)
{
    ct__put_u8(body, CT__RECORD_OUTPUT);
    ct__put_u64(body, walk);
    ct__put_u32(body, (uint32_t)size);
    size_t begin = body->size;
    ct__put_bytes(body, text, size);
    for (size_t i = begin; i < body->size; i++)
        if (body->data[i] == '\0') body->data[i] = '?';
    ct__put_u8(body, 0);
}
