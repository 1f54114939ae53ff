/* What was said on a walk: its status and message. */
#include <combtest/core.h>
#include <combtest/walk_inner.h>
#include <stdio.h>

#define SUFFIX_MAX 48u /* of " (and 4294967295 more failed checks)" */

struct remark {
    enum ct_status status;
    bool is_check;
    const char *file; /* NULL: none */
    int line;
};

const char *ct_status_name(enum ct_status status)
{
    static const char *const names[] = { "passed",    "failed",  "canceled", "excluded", "crashed",
                                         "timed-out", "blocked", "lost",     "not-run" };
    return (size_t)status < CT_COUNT(names) ? names[status] : "unknown";
}

static int weight(int status)
{
    return status == CT_FAIL ? 3 : status == CT_CANCEL ? 2 : status == CT_PASS ? 0 : 1;
}

static void write_message(struct ct_walk *walk, const struct remark *remark, const char *format, va_list arguments)
{
    const size_t limit = sizeof walk->message - SUFFIX_MAX;
    int place = 0;
    if (remark->file != NULL) place = snprintf(walk->message, limit, "%s:%d: ", remark->file, remark->line);
    if (place < 0 || (size_t)place >= limit) place = 0;
    (void)vsnprintf(walk->message + place, sizeof walk->message - (size_t)place, format, arguments);
    walk->message_size = ct__utf8_cut(walk->message, limit - 1);
    walk->message[walk->message_size] = '\0';
    walk->more_checks = 0;
}

static void count_check(struct ct_walk *walk)
{
    walk->more_checks++;
    (void)snprintf(walk->message + walk->message_size, SUFFIX_MAX, " (and %u more failed check%s)", walk->more_checks,
                   walk->more_checks == 1 ? "" : "s");
}

static void say(struct ct_walk *walk, const struct remark *remark, const char *format, va_list arguments)
{
    int said;
    (void)pthread_mutex_lock(&walk->lock);
    said = atomic_load_explicit(&walk->said, memory_order_relaxed);
    if (weight((int)remark->status) > weight(said) || (said == (int)remark->status && walk->message[0] == '\0')) {
        write_message(walk, remark, format, arguments);
        atomic_store_explicit(&walk->said, (int)remark->status, memory_order_relaxed);
    } else if (remark->is_check) {
        count_check(walk);
    }
    (void)pthread_mutex_unlock(&walk->lock);
}

void ct__walk_fail(struct ct_walk *walk, const char *format, ...)
{
    struct remark remark = { .status = CT_FAIL };
    va_list arguments;
    va_start(arguments, format);
    say(walk, &remark, format, arguments);
    va_end(arguments);
}

void ct__walk_check_failed(struct ct_walk *walk, const char *file, int line, const char *format, ...)
{
    struct remark remark = { .status = CT_FAIL, .is_check = true, .file = file, .line = line };
    va_list arguments;
    if (walk == NULL) return;
    va_start(arguments, format);
    say(walk, &remark, format, arguments);
    va_end(arguments);
}

enum ct_status ct_fail_at(struct ct_walk *walk, const char *file, int line, const char *format, ...)
{
    struct remark remark = { .status = CT_FAIL, .file = file, .line = line };
    va_list arguments;
    if (walk == NULL) return CT_FAIL;
    va_start(arguments, format);
    say(walk, &remark, format, arguments);
    va_end(arguments);
    return CT_FAIL;
}

enum ct_status ct_cancel_at(struct ct_walk *walk, const char *file, int line, const char *format, ...)
{
    struct remark remark = { .status = CT_CANCEL, .file = file, .line = line };
    va_list arguments;
    if (walk == NULL) return CT_CANCEL;
    va_start(arguments, format);
    say(walk, &remark, format, arguments);
    va_end(arguments);
    return CT_CANCEL;
}

/* What run returned, without a text: a graver status drops the text of the lighter one. */
CT__HOT static void fold(struct ct_walk *walk, enum ct_status returned)
{
    (void)pthread_mutex_lock(&walk->lock);
    if (weight((int)returned) > weight(atomic_load_explicit(&walk->said, memory_order_relaxed))) {
        walk->message[0] = '\0';
        walk->message_size = 0;
        walk->more_checks = 0;
        atomic_store_explicit(&walk->said, (int)returned, memory_order_relaxed);
    }
    (void)pthread_mutex_unlock(&walk->lock);
}

CT__HOT enum ct_status ct__walk_said(struct ct_walk *walk, enum ct_status returned)
{
    if (returned == CT_FAIL || returned == CT_CANCEL)
        fold(walk, returned);
    else if (returned != CT_PASS)
        ct__walk_fail(walk, "returned %d, which is no status a run may return", (int)returned);
    return ct__walk_status(walk);
}

CT__HOT enum ct_status ct__walk_status(const struct ct_walk *walk)
{
    return (enum ct_status)atomic_load_explicit(&walk->said, memory_order_relaxed);
}

static void exclude(struct ct_walk *walk, const char *format, ...)
{
    struct remark remark = { .status = CT_EXCLUDED };
    va_list arguments;
    va_start(arguments, format);
    say(walk, &remark, format, arguments);
    va_end(arguments);
}

void ct__walk_exclude(struct ct_walk *walk, size_t action)
{
    exclude(walk, "excluded by should_cancel of action '%s'", ct_walk_suite(walk)->actions[action].name);
}

void ct__walk_exclude_by(struct ct_walk *walk, const char *constraint)
{
    exclude(walk, "excluded by the constraint %s", constraint);
}

const char *ct__walk_message(const struct ct_walk *walk)
{
    return walk->message;
}
