#include <combtest/core.h>
#include <stdint.h>
#include <string.h>

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t ct__utf8_size(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t size = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    uint32_t code = at[0];
    if (size < 2) return size;
    if (at[0] > 0xF4) return 0;
    code &= 0x7Fu >> size;
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(at[i])) return 0;
        code = code << 6 | (at[i] & 0x3Fu);
    }
    if (code < least[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return 0;
    return size;
}

size_t ct__text_shown(const char *text)
{
    unsigned char first = (unsigned char)text[0], second = first != '\0' ? (unsigned char)text[1] : 0;
    if (first < 0x80) return (first >= ' ' && first != 127) || first == '\t';
    if (first == 0xC2 && second < 0xA0) return 0; /* U+0080 to U+009F: controls of terminals, in one character */
    return ct__utf8_size(text);
}

bool ct__utf8_valid(const char *text)
{
    while (*text != '\0') {
        size_t size = ct__utf8_size(text);
        if (size == 0) return false;
        text += size;
    }
    return true;
}

size_t ct__utf8_cut(const char *text, size_t limit)
{
    size_t size = strnlen(text, limit + 1), back = 0;
    if (size <= limit) return size;
    while (back < 4 && back < limit && is_continuation((unsigned char)text[limit - back])) back++;
    return back < 4 ? limit - back : limit;
}

void ct__text_shorten(char *text, size_t size)
{
    static const char ellipsis[] = " \u2026";
    if (size <= sizeof ellipsis || strlen(text) + 1 < size) return;
    text[ct__utf8_cut(text, size - sizeof ellipsis)] = '\0';
    char *blank = strrchr(text, ' ');
    if (!blank || (size_t)(blank - text) < size / 2) blank = text + strlen(text); /* no words, but a path */
    memcpy(blank, ellipsis, sizeof ellipsis);
}

bool ct__list_is_json(const char *text)
{
    size_t size = strcspn(text, "]\",");
    return *text == '[' && !(text[size] == ']' && memchr(text, ':', size));
}
