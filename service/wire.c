#include "service/wire.h"
#include <stdlib.h>
#include <string.h>

#define NO_TEXT UINT32_MAX

void ct__bytes_free(struct ct__bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct ct__bytes){ 0 };
}

void ct__bytes_drop(struct ct__bytes *bytes, size_t count)
{
    if (count == 0) return;
    bytes->size -= count;
    if (bytes->size > 0) memmove(bytes->data, bytes->data + count, bytes->size);
}

unsigned char *ct__bytes_room(struct ct__bytes *bytes, size_t count)
{
    if (bytes->failed) return NULL;
    if (count > bytes->capacity - bytes->size) {
        size_t capacity = bytes->capacity < 256 ? 256 : bytes->capacity;
        while (capacity - bytes->size < count && capacity <= SIZE_MAX / 2) capacity *= 2;
        unsigned char *data = capacity - bytes->size < count ? NULL : realloc(bytes->data, capacity);
        if (!data) {
            bytes->failed = true;
            return NULL;
        }
        bytes->data = data;
        bytes->capacity = capacity;
    }
    return bytes->data + bytes->size;
}

void ct__put_bytes(struct ct__bytes *bytes, const void *data, size_t size)
{
    unsigned char *room = ct__bytes_room(bytes, size);
    if (!room || size == 0) return;
    memcpy(room, data, size);
    bytes->size += size;
}

static void put_number(struct ct__bytes *bytes, uint64_t value, size_t size)
{
    unsigned char *room = ct__bytes_room(bytes, size);
    if (!room) return;
    for (size_t i = 0; i < size; i++) room[i] = (unsigned char)(value >> (8 * i));
    bytes->size += size;
}

void ct__put_u8(struct ct__bytes *bytes, uint8_t value)
{
    put_number(bytes, value, 1);
}

void ct__put_u32(struct ct__bytes *bytes, uint32_t value)
{
    put_number(bytes, value, 4);
}

void ct__put_u64(struct ct__bytes *bytes, uint64_t value)
{
    put_number(bytes, value, 8);
}

void ct__put_text(struct ct__bytes *bytes, const char *text)
{
    size_t size = text ? strlen(text) : 0;
    if (size >= NO_TEXT) {
        bytes->failed = true;
        return;
    }
    ct__put_u32(bytes, text ? (uint32_t)size : NO_TEXT);
    if (text) ct__put_bytes(bytes, text, size + 1);
}

void ct__set_u32(struct ct__bytes *bytes, size_t at, uint32_t value)
{
    if (bytes->failed) return;
    for (size_t i = 0; i < 4; i++) bytes->data[at + i] = (unsigned char)(value >> (8 * i));
}

struct ct__cursor ct__cursor(const void *data, size_t size)
{
    const unsigned char *at = data;
    return (struct ct__cursor){ .at = at, .end = size > 0 ? at + size : at };
}

const unsigned char *ct__get_bytes(struct ct__cursor *cursor, size_t size)
{
    if (cursor->bad || (size_t)(cursor->end - cursor->at) < size) {
        cursor->bad = true;
        return NULL;
    }
    const unsigned char *at = cursor->at;
    cursor->at += size;
    return at;
}

static uint64_t get_number(struct ct__cursor *cursor, size_t size)
{
    const unsigned char *at = ct__get_bytes(cursor, size);
    uint64_t value = 0;
    for (size_t i = 0; at && i < size; i++) value |= (uint64_t)at[i] << (8 * i);
    return value;
}

uint8_t ct__get_u8(struct ct__cursor *cursor)
{
    return (uint8_t)get_number(cursor, 1);
}

uint32_t ct__get_u32(struct ct__cursor *cursor)
{
    return (uint32_t)get_number(cursor, 4);
}

uint64_t ct__get_u64(struct ct__cursor *cursor)
{
    return get_number(cursor, 8);
}

const char *ct__get_text(struct ct__cursor *cursor)
{
    uint32_t size = ct__get_u32(cursor);
    if (size == NO_TEXT) return NULL;
    const unsigned char *at = ct__get_bytes(cursor, (size_t)size + 1);
    if (!at) return NULL;
    if (at[size] != 0 || memchr(at, 0, size)) cursor->bad = true;
    return cursor->bad ? NULL : (const char *)at;
}
