/* Base64, RFC 4648. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_BASE64_H
#define COMBTEST_BOOTSTRAP_BASE64_H
#include <stdbool.h>
#include <stddef.h>

/* The text of bytes, padded, NUL-terminated, for malloc's free; NULL: no memory. */
char *ct__base64_encode(const unsigned char *bytes, size_t size);
/* The bytes of text[0..size), in which white space is skipped; at most limit of them go to bytes, their number to
 * *count. False for text that is no base64, or too much of it. */
bool ct__base64_decode(const char *text, size_t size, unsigned char *bytes, size_t limit, size_t *count);
#endif
