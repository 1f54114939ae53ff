/* ct_update: changes to the state, and in a serial action or hook to the states of others. */
#include <combtest/core.h>
#include <combtest/plan_inner.h>
#include <combtest/walk_inner.h>

static const char *json_kind(const json_t *json)
{
    static const char *const names[] = { "an object", "an array", "a string", "an integer",
                                         "a real",    "true",     "false",    "null" };
    return json != NULL && (size_t)json_typeof(json) < CT_COUNT(names) ? names[json_typeof(json)] : "NULL";
}

static enum ct_err no_memory(struct ct_walk *walk)
{
    ct__walk_fail(walk, "out of memory");
    return CT_NOMEM;
}

/* Copied first: changes may be a part of what they are merged into. */
static enum ct_err merge(struct ct_walk *walk, json_t *into, const json_t *changes)
{
    json_t *copy = json_deep_copy(changes);
    enum ct_err err = CT_OK;
    if (copy == NULL || json_object_update(into, copy) != 0) err = no_memory(walk);
    json_decref(copy);
    return err;
}

static enum ct_err need_object(struct ct_walk *walk, const char *what, const json_t *json)
{
    if (json_is_object(json)) return CT_OK;
    ct__walk_fail(walk, "ct_update: %s must be a JSON object and is %s", what, json_kind(json));
    return CT_EINVAL;
}

static enum ct_err update_json(struct ct_walk *walk, const json_t *changes)
{
    json_t *state = ct_walk_state(walk);
    enum ct_err err;
    if (state == NULL) return CT_NOMEM;
    err = need_object(walk, "the state", state);
    return err == CT_OK ? merge(walk, state, changes) : err;
}

/* For a type that cannot be updated in place: to JSON, merged, and back. */
static enum ct_err update_by_codec(struct ct_walk *walk, const struct ct_state_type *type, const json_t *changes)
{
    json_t *json = type->to_json(walk->pointer);
    void *made = NULL;
    enum ct_err err = need_object(walk, "the state", json);
    if (err == CT_OK) err = merge(walk, json, changes);
    if (err == CT_OK) made = type->from_json(json);
    json_decref(json);
    if (err != CT_OK) return err;
    if (made == NULL) {
        ct__walk_fail(walk, "ct_update: from_json of the suite's state_type failed");
        return CT_EINVAL;
    }
    if (type->destroy != NULL) type->destroy(walk->pointer);
    walk->pointer = made;
    return CT_OK;
}

static enum ct_err update_pointer(struct ct_walk *walk, const struct ct_state_type *type, const json_t *changes)
{
    bool by_codec = type->update == NULL && type->to_json != NULL && type->from_json != NULL;
    if (type->update == NULL && !by_codec) {
        ct__walk_fail(walk, "ct_update: the suite's state_type has neither update nor to_json and from_json");
        return CT_EINVAL;
    }
    if (ct_walk_state_pointer(walk) == NULL) return CT_EINVAL;
    if (by_codec) return update_by_codec(walk, type, changes);
    if (type->update(walk->pointer, changes) == 0) return CT_OK;
    ct__walk_fail(walk, "ct_update: update of the suite's state_type failed");
    return CT_EINVAL;
}

static enum ct_err collect(struct ct_walk *walk, const json_t *changes)
{
    enum ct_err err = CT_OK;
    if (walk->kind == CT__WALK) return CT_OK;
    /* Others get it by way of their JSON, whatever this one's state is. */
    err = need_object(walk, "the state", walk->own != NULL ? walk->own : walk->start);
    if (err != CT_OK) return err;
    walk->holds = true;
    if (walk->updates == NULL) walk->updates = json_object();
    return walk->updates != NULL ? merge(walk, walk->updates, changes) : no_memory(walk);
}

enum ct_err ct_update(struct ct_walk *walk, const json_t *changes)
{
    const struct ct_state_type *type = walk->plan->table->suite->state_type;
    enum ct_err err = need_object(walk, "what it is given", changes);
    if (err == CT_OK) err = type != NULL ? update_pointer(walk, type, changes) : update_json(walk, changes);
    return err == CT_OK ? collect(walk, changes) : err;
}

const json_t *ct__walk_updates(const struct ct_walk *walk)
{
    return walk->updates;
}
