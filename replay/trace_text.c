#include <replay/trace_inner.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\\ufffd" /* as JSON has it, and itself */
#define CHARACTER   "\xef\xbf\xbd"
#define WIDEST      6u /* "\u001f", and the replacement */

size_t ct__string_room(const char *text)
{
    return strlen(text) * WIDEST + 2;
}

char *ct__put_bytes_of(char *to, const char *text, size_t size)
{
    return mempcpy(to, text, size);
}

char *ct__put_number(char *to, uint64_t number)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
                                "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
                                "8081828384858687888990919293949596979899";
    char digits[20], *at = digits + sizeof digits;
    while (number >= 100) {
        at -= 2;
        memcpy(at, pairs + 2 * (number % 100), 2);
        number /= 100;
    }
    if (number >= 10) {
        at -= 2;
        memcpy(at, pairs + 2 * number, 2);
    } else {
        *--at = (char)('0' + number);
    }
    return mempcpy(to, at, (size_t)(digits + sizeof digits - at));
}

static char *put_escaped(char *to, unsigned char c)
{
    static const char hex[] = "0123456789abcdef", from[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *known = memchr(from, c, sizeof from - 1);
    if (known != NULL) {
        *to++ = '\\';
        *to++ = letters[known - from];
        return to;
    }
    to = CT__PUT(to, "\\u00");
    *to++ = hex[c >> 4];
    *to++ = hex[c & 15];
    return to;
}

char *ct__put_string(char *to, const char *text)
{
    bool valid = ct__utf8_valid(text);
    *to++ = '"';
    while (*text != '\0') {
        unsigned char c = (unsigned char)*text;
        size_t size = c < 0x80 || valid ? 1 : ct__utf8_size(text);
        if (size == 0)
            to = CT__PUT(to, REPLACEMENT);
        else if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            to = put_escaped(to, c);
        else
            to = mempcpy(to, text, size);
        text += size > 0 ? size : 1;
    }
    *to++ = '"';
    return to;
}

json_t *ct__valid_json(const char *text)
{
    char *valid = malloc(strlen(text) * strlen(CHARACTER) + 1), *to = valid;
    if (valid == NULL) return NULL;
    while (*text != '\0') {
        size_t size = ct__utf8_size(text);
        to = size > 0 ? mempcpy(to, text, size) : CT__PUT(to, CHARACTER);
        text += size > 0 ? size : 1;
    }
    *to = '\0';
    json_t *json = json_string(valid);
    free(valid);
    return json;
}
