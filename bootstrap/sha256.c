#include <bootstrap/sha256.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t x, int by)
{
    return x >> by | x << (32 - by);
}

static void spread(const unsigned char *block, uint32_t w[64])
{
    for (int i = 0; i < 16; i++) {
        const unsigned char *b = block + (size_t)4 * (size_t)i;
        w[i] = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    }
    for (int i = 16; i < 64; i++) {
        uint32_t s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

static void take_block(uint32_t state[8], const unsigned char *block)
{
    uint32_t w[64], a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    spread(block, w);
    for (int i = 0; i < 64; i++) {
        uint32_t one = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + w[i];
        uint32_t two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + one;
        d = c, c = b, b = a, a = one + two;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

static void take_blocks_plainly(uint32_t state[8], const unsigned char *from, size_t count)
{
    for (; count > 0; count--, from += 64) take_block(state, from);
}

#if defined(__x86_64__)
/* Four rounds at once with the processor's own instructions, which are five times as fast: the state is held as
 * ABEF and CDGH (Intel Architecture Instruction Set Extensions Reference, SHA). */
__attribute__((target("sha,sse4.1"))) static void take_blocks_quickly(uint32_t state[8], const unsigned char *from,
                                                                      size_t count)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8), cdgh = _mm_blend_epi16(high, low, 0xf0);
    for (; count > 0; count--, from += 64) {
        __m128i w[4], was_abef = abef, was_cdgh = cdgh;
        for (size_t i = 0; i < 16; i++) {
            __m128i *next = &w[i % 4], before = w[(i + 3) % 4];
            if (i < 4)
                *next = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(from + 16 * i)), swap);
            else
                *next = _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(*next, w[(i + 1) % 4]),
                                                           _mm_alignr_epi8(before, w[(i + 2) % 4], 4)),
                                             before);
            __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(constants + 4 * i)),
                    part = _mm_add_epi32(*next, k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, part);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(part, 0x0e));
        }
        abef = _mm_add_epi32(abef, was_abef);
        cdgh = _mm_add_epi32(cdgh, was_cdgh);
    }
    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}

static bool has_instructions(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSE4_1)) return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}
#else
static void take_blocks_quickly(uint32_t state[8], const unsigned char *from, size_t count)
{
    take_blocks_plainly(state, from, count);
}

static bool has_instructions(void)
{
    return false;
}
#endif

static void take_blocks(struct ct__sha256 *sha, const unsigned char *from, size_t count)
{
    if (sha->plain)
        take_blocks_plainly(sha->state, from, count);
    else
        take_blocks_quickly(sha->state, from, count);
}

void ct__sha256_start(struct ct__sha256 *sha)
{
    static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    memcpy(sha->state, first, sizeof(first));
    sha->size = 0;
    sha->plain = !has_instructions();
}

void ct__sha256_add(struct ct__sha256 *sha, const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    size_t held = sha->size % 64;
    sha->size += size;
    if (held > 0) {
        size_t part = size < 64 - held ? size : 64 - held;
        memcpy(sha->block + held, from, part);
        from += part;
        size -= part;
        if (held + part < 64) return;
        take_blocks(sha, sha->block, 1);
    }
    if (size >= 64) take_blocks(sha, from, size / 64);
    memcpy(sha->block, from + size / 64 * 64, size % 64);
}

void ct__sha256_end(struct ct__sha256 *sha, char text[CT__SHA256_TEXT])
{
    uint64_t bits = sha->size * 8;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)(bits >> (56 - 8 * i));
    ct__sha256_add(sha, "\x80", 1);
    while (sha->size % 64 != 56) ct__sha256_add(sha, "", 1);
    ct__sha256_add(sha, length, sizeof(length));
    for (int i = 0; i < 8; i++) snprintf(text + (size_t)8 * (size_t)i, 9, "%08x", sha->state[i]);
}
