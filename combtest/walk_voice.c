/* What user code sends out while a walk runs: log lines, counters, notes. */
#include <combtest/core.h>
#include <combtest/walk_inner.h>
#include <stdio.h>
#include <stdlib.h>

#define LINE_USUAL 1024u
#define LINE_LIMIT 65536u

static const struct ct__voice *_Atomic default_voice;
static void *_Atomic default_user;

void ct__voice_set_default(const struct ct__voice *voice, void *user)
{
    default_user = user;
    default_voice = voice;
}

static void send_line(const struct ct_walk *walk, enum ct_log_level level, const char *file, int line, const char *text)
{
    const struct ct__voice *voice = walk != NULL ? walk->voice : default_voice;
    void *user = walk != NULL ? walk->voice_user : default_user;
    if (voice != NULL && voice->log != NULL) voice->log(user, walk, level, file, line, text);
}

void ct_log_at(struct ct_walk *walk, enum ct_log_level level, const char *file, int line, const char *format, ...)
{
    char usual[LINE_USUAL], *text = usual, *longer = NULL;
    va_list arguments, again;
    int size;
    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(usual, sizeof usual, format, arguments);
    if (size >= (int)sizeof usual) longer = malloc(LINE_LIMIT);
    if (longer != NULL) {
        (void)vsnprintf(longer, LINE_LIMIT, format, again);
        text = longer;
    }
    if (size >= 0) {
        text[ct__utf8_cut(text, longer != NULL ? LINE_LIMIT - 2 : LINE_USUAL - 2)] = '\0';
        send_line(walk, level, file, line, text);
    }
    free(longer);
    va_end(again);
    va_end(arguments);
}

void ct_count(struct ct_walk *walk, const char *name, int64_t n)
{
    if (walk == NULL || name == NULL || walk->voice == NULL || walk->voice->count == NULL) return;
    if (!ct__utf8_valid(name)) {
        ct__walk_fail(walk, "ct_count: the name of a counter is not UTF-8");
        return;
    }
    walk->voice->count(walk->voice_user, name, n);
}

void ct_note(struct ct_walk *walk, const char *key, const json_t *value)
{
    if (walk == NULL || key == NULL || value == NULL || walk->voice == NULL || walk->voice->note == NULL) return;
    walk->voice->note(walk->voice_user, walk, key, value);
}
