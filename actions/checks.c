/* What CT_CHECK... and CT_REQUIRE call. */
#include <actions/actions.h>
#include <inttypes.h>
#include <string.h>

#define SHOWN_MAX 200 /* bytes of a string in a message */

bool ct_check_at(struct ct_walk *walk, const char *file, int line, bool held, const char *text)
{
    if (!held) ct__walk_check_failed(walk, file, line, "check failed: %s", text);
    return held;
}

bool ct_check_int_at(struct ct_walk *walk, const char *file, int line, int64_t got, int64_t want, const char *text)
{
    if (got != want) ct__walk_check_failed(walk, file, line, "%s is %" PRId64 ", want %" PRId64, text, got, want);
    return got == want;
}

static size_t common_size(const char *got, const char *want)
{
    size_t size = 0;
    while (got[size] != '\0' && got[size] == want[size]) size++;
    return size;
}

bool ct_check_str_at(struct ct_walk *walk, const char *file, int line, const char *got, const char *want,
                     const char *text)
{
    size_t common;
    if (got == NULL && want == NULL) return true;
    if (got == NULL) {
        ct__walk_check_failed(walk, file, line, "%s is NULL, want \"%.*s\"", text, SHOWN_MAX, want);
        return false;
    }
    if (want == NULL) {
        ct__walk_check_failed(walk, file, line, "%s is \"%.*s\", want NULL", text, SHOWN_MAX, got);
        return false;
    }
    if (strcmp(got, want) == 0) return true;
    common = common_size(got, want);
    if (common < SHOWN_MAX)
        ct__walk_check_failed(walk, file, line, "%s is \"%.*s\", want \"%.*s\"", text, SHOWN_MAX, got, SHOWN_MAX, want);
    else
        ct__walk_check_failed(walk, file, line, "%s differs at offset %zu: is \"%.*s\", want \"%.*s\"", text, common,
                              SHOWN_MAX, got + common, SHOWN_MAX, want + common);
    return false;
}

bool ct_check_mem_at(struct ct_walk *walk, const char *file, int line, const void *got, const void *want, size_t size,
                     const char *text)
{
    const unsigned char *is = got, *should = want;
    size_t at = 0;
    if (size == 0 || got == want) return true;
    if (got == NULL || want == NULL) {
        ct__walk_check_failed(walk, file, line, "%s is %s, want %s of size %zu", text, got == NULL ? "NULL" : "memory",
                              want == NULL ? "NULL" : "memory", size);
        return false;
    }
    if (memcmp(got, want, size) == 0) return true;
    while (is[at] == should[at]) at++;
    ct__walk_check_failed(walk, file, line, "%s differs at offset %zu of %zu: is 0x%02x, want 0x%02x", text, at, size,
                          is[at], should[at]);
    return false;
}
