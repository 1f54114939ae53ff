/* The state of a walk: JSON, or a C type of the suite's own with a codec. */
#include <combtest/core.h>
#include <combtest/plan_inner.h>
#include <combtest/walk_inner.h>

static const struct ct_state_type *type_of(const struct ct_walk *walk)
{
    return walk->plan->table->suite->state_type;
}

CT__HOT static json_t *begin_of(const struct ct_walk *walk)
{
    return walk->own != NULL ? walk->own : walk->start;
}

static void destroy(const struct ct_walk *walk, void *state)
{
    const struct ct_state_type *type = type_of(walk);
    if (state != NULL && type->destroy != NULL) type->destroy(state);
}

bool ct__state_init(struct ct_walk *walk, const json_t *start)
{
    walk->start = json_deep_copy(start); /* of its own: json_decref reads a count that other threads write */
    return walk->start != NULL;
}

void ct__state_close(struct ct_walk *walk)
{
    json_decref(walk->own);
    json_decref(walk->state);
    json_decref(walk->updates);
    walk->own = walk->state = walk->updates = NULL;
    destroy(walk, walk->pointer);
    walk->pointer = NULL;
    walk->pointer_asked = false;
}

void ct__state_free(struct ct_walk *walk)
{
    destroy(walk, walk->prototype);
    walk->prototype = NULL;
    json_decref(walk->start);
    walk->start = NULL;
}

enum ct_err ct__walk_set_start(struct ct_walk *walk, json_t *start)
{
    if (start == NULL) return CT_EINVAL;
    ct__state_free(walk);
    walk->start = start;
    return CT_OK;
}

json_t *ct_walk_state(struct ct_walk *walk)
{
    if (type_of(walk) != NULL) {
        ct__walk_fail(walk, "ct_walk_state: the suite has a state_type; use ct_walk_state_pointer");
        return NULL;
    }
    if (walk->state != NULL) return walk->state;
    walk->state = json_deep_copy(begin_of(walk));
    walk->holds = true;
    if (walk->state == NULL) ct__walk_fail(walk, "out of memory");
    return walk->state;
}

/* A new state of the suite's type, like the one that the walk began with. */
static void *begin_pointer(struct ct_walk *walk)
{
    const struct ct_state_type *type = type_of(walk);
    if (walk->own != NULL) return type->from_json != NULL ? type->from_json(walk->own) : NULL;
    if (type->copy == NULL) return type->create(walk->start);
    if (walk->prototype == NULL) walk->prototype = type->create(walk->start);
    return walk->prototype != NULL ? type->copy(walk->prototype) : NULL;
}

static void *need_pointer(struct ct_walk *walk)
{
    enum ct__part part;
    if (walk->pointer != NULL) return walk->pointer;
    part = ct__walk_set_part(walk, CT__PART_STATE);
    walk->pointer = begin_pointer(walk);
    (void)ct__walk_set_part(walk, part);
    walk->holds = true;
    if (walk->pointer == NULL)
        ct__walk_fail(walk, "the suite's state_type made no state: its %s failed",
                      walk->own != NULL ? "from_json" : "create or copy");
    return walk->pointer;
}

void *ct_walk_state_pointer(struct ct_walk *walk)
{
    if (type_of(walk) == NULL) return NULL;
    walk->pointer_asked = true;
    walk->holds = true;
    return need_pointer(walk);
}

bool ct__walk_make_state(struct ct_walk *walk)
{
    return type_of(walk) == NULL || need_pointer(walk) != NULL;
}

CT__HOT bool ct__walk_state_changed(const struct ct_walk *walk)
{
    if (walk->pointer_asked) return true;
    return walk->state != NULL && json_equal(walk->state, begin_of(walk)) == 0;
}

json_t *ct__walk_state_json(struct ct_walk *walk)
{
    const struct ct_state_type *type = type_of(walk);
    enum ct__part part;
    json_t *json;
    if (type == NULL) return json_incref(walk->state != NULL ? walk->state : begin_of(walk));
    if (walk->own != NULL && !walk->pointer_asked) return json_incref(walk->own);
    if (type->to_json == NULL || need_pointer(walk) == NULL) return NULL;
    part = ct__walk_set_part(walk, CT__PART_STATE);
    json = type->to_json(walk->pointer);
    (void)ct__walk_set_part(walk, part);
    return json;
}
