/* Bytes in and out: little-endian numbers and texts, the same in frames between processes and in the rings of the
 * board. What is read is trusted in nothing: a cursor that runs over its end goes bad, and stays so. */
#ifndef COMBTEST_SERVICE_WIRE_H
#define COMBTEST_SERVICE_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A buffer that grows. Once memory ran out, failed stays true and puts do nothing: check it once, at the end. */
struct ct__bytes {
    unsigned char *data;
    size_t size, capacity;
    bool failed;
};
void ct__bytes_free(struct ct__bytes *bytes);               /* empty afterwards */
void ct__bytes_drop(struct ct__bytes *bytes, size_t count); /* the first count bytes */
unsigned char *ct__bytes_room(struct ct__bytes *bytes,
                              size_t count); /* count more bytes at the end, size not yet raised; NULL: failed */
void ct__put_bytes(struct ct__bytes *bytes, const void *data, size_t size);
void ct__put_u8(struct ct__bytes *bytes, uint8_t value);
void ct__put_u32(struct ct__bytes *bytes, uint32_t value);
void ct__put_u64(struct ct__bytes *bytes, uint64_t value);
/* A text and its NUL; NULL is kept apart from "". */
void ct__put_text(struct ct__bytes *bytes, const char *text);
void ct__set_u32(struct ct__bytes *bytes, size_t at, uint32_t value); /* over four bytes put before */

struct ct__cursor {
    const unsigned char *at, *end;
    bool bad;
};
struct ct__cursor ct__cursor(const void *data, size_t size);
uint8_t ct__get_u8(struct ct__cursor *cursor);
uint32_t ct__get_u32(struct ct__cursor *cursor);
uint64_t ct__get_u64(struct ct__cursor *cursor);
const unsigned char *ct__get_bytes(struct ct__cursor *cursor, size_t size); /* borrowed; NULL: the cursor went bad */
/* A text, borrowed from the bytes and ended by a NUL there; NULL for one that is absent, and when the cursor goes bad.
 */
const char *ct__get_text(struct ct__cursor *cursor);
#endif
