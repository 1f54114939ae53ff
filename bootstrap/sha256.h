/* SHA-256, FIPS 180-4. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_SHA256_H
#define COMBTEST_BOOTSTRAP_SHA256_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CT__SHA256_TEXT 65 /* bytes of its 64 hexadecimal digits, with the NUL */

struct ct__sha256 {
    uint32_t state[8];
    uint64_t size; /* bytes so far */
    unsigned char block[64];
    bool plain; /* without the processor's own instructions: it has none, or a test wants that */
};

void ct__sha256_start(struct ct__sha256 *sha);
void ct__sha256_add(struct ct__sha256 *sha, const void *bytes, size_t size);
void ct__sha256_end(struct ct__sha256 *sha, char text[CT__SHA256_TEXT]);
#endif
