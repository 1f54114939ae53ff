#include <bootstrap/base64.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *ct__base64_encode(const unsigned char *bytes, size_t size)
{
    char *text = malloc((size + 2) / 3 * 4 + 1), *to = text;
    if (!text) return NULL;
    for (size_t i = 0; i < size; i += 3) {
        unsigned group = (unsigned)bytes[i] << 16;
        if (i + 1 < size) group |= (unsigned)bytes[i + 1] << 8;
        if (i + 2 < size) group |= bytes[i + 2];
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = i + 1 < size ? digits[group >> 6 & 63] : '=';
        *to++ = i + 2 < size ? digits[group & 63] : '=';
    }
    *to = '\0';
    return text;
}

bool ct__base64_decode(const char *text, size_t size, unsigned char *bytes, size_t limit, size_t *count)
{
    unsigned group = 0, bits = 0;
    size_t used = 0;
    for (size_t i = 0; i < size && text[i] != '='; i++) {
        if (text[i] == '\n' || text[i] == '\r' || text[i] == ' ' || text[i] == '\t') continue;
        const char *digit = text[i] != '\0' ? strchr(digits, text[i]) : NULL;
        if (!digit) return false;
        group = (group << 6 | (unsigned)(digit - digits)) & 0xFFFFFF;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        if (used == limit) return false;
        bytes[used++] = (unsigned char)(group >> bits);
    }
    *count = used;
    return true;
}
