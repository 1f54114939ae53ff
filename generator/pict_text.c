/* Names, numbers and patterns of PICT's language. */
#include <errno.h>
#include <float.h>
#include <generator/pict_inner.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

#define WIDE_SIZE 3

size_t ct__pict_wide_space(const char *text, size_t size)
{
    static const char *const some[] = { "\xe1\x9a\x80", "\xe2\x81\x9f", "\xe3\x80\x80" }; /* U+1680, 205F, 3000 */
    if (size < WIDE_SIZE || (unsigned char)text[0] < 0xe1 || (unsigned char)text[0] > 0xe3) return 0;
    for (size_t i = 0; i < CT_COUNT(some); i++)
        if (memcmp(text, some[i], WIDE_SIZE) == 0) return WIDE_SIZE;
    unsigned char last = (unsigned char)text[2]; /* U+2000 to 2006, 2008 to 200A, 2028, 2029 */
    bool space = (last >= 0x80 && last <= 0x8a && last != 0x87) || last == 0xa8 || last == 0xa9;
    return memcmp(text, "\xe2\x80", 2) == 0 && space ? WIDE_SIZE : 0;
}

struct ct__pict_span ct__pict_trim(struct ct__pict_span span)
{
    size_t size = 1;
    while (span.size > 0 && size > 0) {
        size = is_space(span.at[0]) ? 1 : ct__pict_wide_space(span.at, span.size);
        span.at += size;
        span.size -= size;
    }
    for (size = 1; span.size > 0 && size > 0; span.size -= size) {
        bool wide = span.size >= WIDE_SIZE && ct__pict_wide_space(span.at + span.size - WIDE_SIZE, WIDE_SIZE) > 0;
        size = is_space(span.at[span.size - 1]) ? 1 : wide ? WIDE_SIZE : 0;
    }
    return span;
}

const char *ct__pict_search(struct ct__pict_span span, const char *needle)
{
    return memmem(span.at, span.size, needle, strlen(needle));
}

bool ct__pict_begins(struct ct__pict_span span, const char *prefix)
{
    size_t size = strlen(prefix);
    return size > 0 && span.size >= size && memcmp(span.at, prefix, size) == 0;
}

bool ct__pict_split(struct ct__pict_span *rest, bool *more, const char *separator, struct ct__pict_span *item)
{
    if (!*more) return false;
    const char *found = ct__pict_search(*rest, separator);
    *item = *rest;
    *more = found != NULL;
    if (!found) return true;
    item->size = (size_t)(found - rest->at);
    rest->at = found + strlen(separator);
    rest->size -= item->size + strlen(separator);
    return true;
}

/* The character that text begins with and its size; a byte that begins none stands for itself, as -1. */
static size_t decode(const unsigned char *text, size_t size, long *point)
{
    static const long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t count = text[0] < 0x80 ? 1 : text[0] >= 0xf0 ? 4 : text[0] >= 0xe0 ? 3 : 2;
    *point = -1;
    if (text[0] >= 0xf8 || (text[0] >= 0x80 && text[0] < 0xc2) || count > size) return 1;
    long value = count == 1 ? text[0] : text[0] & (0xff >> (count + 1));
    for (size_t i = 1; i < count; i++) {
        if ((text[i] & 0xc0) != 0x80) return 1;
        value = value << 6 | (text[i] & 0x3f);
    }
    if (value < least[count] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return 1;
    *point = value;
    return count;
}

static size_t encode(unsigned long point, char *out)
{
    static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    size_t count = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = count - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (char)(lead[count] | point);
    return count;
}

/* Makes room for size bytes. */
static char *scratch(struct ct__pict_pool *pool, size_t size)
{
    if (size <= pool->scratch_size) return pool->scratch;
    char *grown = realloc(pool->scratch, size * 2);
    if (!grown) return NULL;
    pool->scratch = grown;
    pool->scratch_size = size * 2;
    return grown;
}

/* The upper-case form, in any alphabet; 0: no memory. Its locale is loaded when it is needed first, which takes files.
 */
static unsigned long upper(struct ct__pict_pool *pool, long point)
{
    if (point < 0x80) return (unsigned long)(point >= 'a' && point <= 'z' ? point - 'a' + 'A' : point);
    if (!pool->letters) pool->letters = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (!pool->letters) pool->letters = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return pool->letters ? (unsigned long)towupper_l((wint_t)point, pool->letters) : 0;
}

const char *ct__pict_key(struct ct__pict_pool *pool, const char *text, size_t size)
{
    char *key = scratch(pool, 2 * size + 1); /* U+0250 and its like grow from two bytes to three */
    size_t used = 0;
    if (!key) return NULL;
    for (size_t at = 0; at < size;) {
        long point;
        size_t taken = decode((const unsigned char *)text + at, size - at, &point);
        if (point < 0 || pool->case_sensitive) {
            memcpy(key + used, text + at, taken);
            used += taken;
        } else {
            unsigned long letter = upper(pool, point);
            if (letter == 0 && point != 0) return NULL;
            used += encode(letter, key + used);
        }
        at += taken;
    }
    key[used] = '\0';
    return key;
}

bool ct__pict_name(struct ct__pict_pool *pool, struct ct__pict_span span, struct ct__pict_name *name)
{
    const char *key = ct__pict_key(pool, span.at, span.size);
    name->text = ct__pict_copy(pool, span.at, span.size);
    name->key = key ? ct__pict_copy(pool, key, strlen(key)) : NULL;
    return name->text && name->key;
}

/* Whether the digits before an exponent are all 0. */
static bool is_zero(const char *text, const char *end)
{
    size_t begin = strspn(text, " +-0");
    bool hex = (text[begin] | 0x20) == 'x';
    const char *digit = text + begin + hex;
    digit += strspn(digit, "0.");
    return digit >= end || strchr(hex ? "pP" : "eE", *digit) != NULL;
}

/* Whether a number is too large or too small for a double of full precision: C libraries differ in what they call
 * ERANGE. */
static bool is_out_of_range(const char *text, const char *end, double value)
{
    if (isinf(value)) return text + strcspn(text, "0123456789") < end; /* "inf" has none of these */
    return fabs(value) < DBL_MIN && !is_zero(text, end);
}

size_t ct__pict_number(struct ct__pict_pool *pool, const char *text, double *number)
{
    char *end;
    locale_t before = uselocale(pool->numbers);
    double value = strtod(text, &end);
    uselocale(before);
    if (end == text || is_out_of_range(text, end, value)) return 0;
    *number = value;
    return (size_t)(end - text);
}

/* The size of the character at text, which is not at its end. */
static size_t character(const char *text)
{
    long point;
    return decode((const unsigned char *)text, strnlen(text, 4), &point);
}

bool ct__pict_like(const char *pattern, const char *text)
{
    const char *star = NULL, *from = NULL; /* the last * and where what it stands for ends */
    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            from = text;
        } else if (*pattern == '?') {
            pattern++;
            text += character(text);
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            from += character(from);
            text = from;
            pattern = star;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

struct ct__pict_place ct__pict_find_place(const char *text, const char *at)
{
    struct ct__pict_place place = { .line = 1, .column = 1 };
    for (; text < at; text++) {
        if (*text == '\n') {
            place.line++;
            place.column = 1;
        } else {
            place.column += ((unsigned char)*text & 0xc0) != 0x80;
        }
    }
    return place;
}

enum ct_err ct__pict_check_text(const char *file, const char *text, size_t size, struct ct_error *error)
{
    const char *zero = size > 0 ? memchr(text, '\0', size) : NULL;
    if (!zero) return CT_OK;
    struct ct__pict_place place = ct__pict_find_place(text, zero);
    return ct__error(error, CT_EINVAL, "%s:%u:%u: expected text in UTF-8 or ASCII, found a NUL byte", file, place.line,
                     place.column);
}
