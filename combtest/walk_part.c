/* Where in the user's code a walk is. */
#include <combtest/core.h>
#include <combtest/walk_inner.h>
#include <stdio.h>

void ct__walk_show_part(struct ct_walk *walk, _Atomic uint32_t *part_shown)
{
    walk->part_shown = part_shown != NULL ? part_shown : &walk->unseen_part;
}

enum ct__part ct__walk_set_part(struct ct_walk *walk, enum ct__part part)
{
    uint32_t before = atomic_load_explicit(walk->part_shown, memory_order_relaxed);
    atomic_store_explicit(walk->part_shown, (uint32_t)part, memory_order_relaxed);
    return (enum ct__part)before;
}

/* A part that says all by itself, or NULL. */
static const char *part_name(uint32_t part)
{
    static const char *const names[] = {
        [CT__PART_STATE] = "the state_type",        [CT__PART_HOOK] = "a hook",
        [CT__PART_HOST_START] = "host_start",       [CT__PART_HOST_STOP] = "host_stop",
        [CT__PART_RUN_START] = "run_start",         [CT__PART_RUN_STOP] = "run_stop",
        [CT__PART_SERVICE_START] = "service_start", [CT__PART_SERVICE_STOP] = "service_stop",
        [CT__PART_THREAD_START] = "thread_start",   [CT__PART_THREAD_STOP] = "thread_stop",
        [CT__PART_WALK_START] = "walk_start",       [CT__PART_WALK_STOP] = "walk_stop"
    };
    return part < CT_COUNT(names) ? names[part] : NULL;
}

void ct__place_text(const struct ct_suite *suite, uint32_t action, uint32_t part, char *text, size_t size)
{
    const char *name = part_name(part);
    if (name == NULL && action < suite->action_count)
        (void)snprintf(text, size, "in %saction %s", part == CT__PART_SHOULD_CANCEL ? "should_cancel of " : "",
                       suite->actions[action].name);
    else
        (void)snprintf(text, size, "in %s", name != NULL ? name : "a hook");
}
