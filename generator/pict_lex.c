/* The words of PICT's constraints. They are read where they are expected: nothing need separate them. */
#include <generator/pict_inner.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The size of the white space at a place, 0 where there is none. */
static size_t white(const struct ct__pict_reader *reader, const char *at)
{
    if (at >= reader->end) return 0;
    if ((unsigned char)*at <= ' ' || *at == 127) return 1;
    return ct__pict_wide_space(at, (size_t)(reader->end - at));
}

const char *ct__pict_next_line(const struct ct__pict_reader *reader, const char *at)
{
    while (at < reader->end && *at == '\n') {
        const char *begin = at + 1;
        for (size_t size = 1; size > 0 && *begin != '\n'; begin += size) size = white(reader, begin);
        if (*begin != '#') return at + 1;
        at = begin + strcspn(begin, "\n");
    }
    return at;
}

void ct__pict_skip(struct ct__pict_reader *reader)
{
    size_t size;
    while ((size = white(reader, reader->at)) > 0)
        reader->at = *reader->at == '\n' ? ct__pict_next_line(reader, reader->at) : reader->at + size;
}

bool ct__pict_take(struct ct__pict_reader *reader, const char *word)
{
    size_t size = strlen(word);
    ct__pict_skip(reader);
    if ((size_t)(reader->end - reader->at) < size || strncasecmp(reader->at, word, size) != 0) return false;
    reader->at += size;
    return true;
}

/* "'THEN'", or what else there is at a place. */
static void describe(const struct ct__pict_reader *reader, const char *at, char *text, size_t size)
{
    size_t length = strcspn(at, " \t\r\n");
    if (at >= reader->end) {
        snprintf(text, size, "the end of the model");
        return;
    }
    size_t shown = length < 24 ? length : ct__utf8_cut(at, 24);
    snprintf(text, size, "'%.*s%s'", (int)shown, at, shown < length ? "…" : "");
}

bool ct__pict_expected(struct ct__pict_reader *reader, const char *what)
{
    char found[64];
    ct__pict_skip(reader);
    describe(reader, reader->at, found, sizeof(found));
    return ct__pict_fail(reader, reader->at, "expected %s, found %s", what, found);
}

/* The terminator that ends a string which begins at at; the end where there is none. */
static const char *find_terminator(const struct ct__pict_reader *reader, const char *at, char terminator)
{
    while (at < reader->end && *at != terminator) at += *at == '\\' && at + 1 < reader->end ? 2 : 1;
    return at;
}

const char *ct__pict_take_string(struct ct__pict_reader *reader, char terminator)
{
    const char *begin = reader->at, *close = find_terminator(reader, begin, terminator);
    char *text = ct__pict_alloc(reader->pool, (size_t)(close - begin) + 1, 1);
    size_t used = 0;
    if (!text) {
        ct__pict_no_memory(reader);
        return NULL;
    }
    if (close == reader->end) ct__pict_fail(reader, begin, "expected '%c' at the end of this", terminator);
    while (!reader->err && reader->at < close) {
        if (*reader->at == '\n') {
            reader->at = ct__pict_next_line(reader, reader->at);
        } else if (*reader->at == '\\' && !strchr("\\\"]", reader->at[1])) {
            ct__pict_fail(reader, reader->at, "expected \\\\, \\\" or \\], found a backslash before something else");
        } else {
            if (*reader->at == '\\') reader->at++;
            if (*reader->at != '\r') text[used++] = *reader->at;
            reader->at++;
        }
    }
    if (reader->err) return NULL;
    reader->at = close + 1;
    return text;
}
