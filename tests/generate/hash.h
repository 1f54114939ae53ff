/* A hash of rows: FNV-1a of their numbers, low bytes first, the same on every machine. */
#ifndef COMBTEST_TESTS_HASH_H
#define COMBTEST_TESTS_HASH_H
#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_values(uint64_t hash, const uint16_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ (values[i] & 0xffu)) * UINT64_C(0x100000001b3);
        hash = (hash ^ (uint64_t)(values[i] >> 8)) * UINT64_C(0x100000001b3);
    }
    return hash;
}
#endif
