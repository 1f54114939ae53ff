/* Reading options. Those that a table holds are parsed; an option of the user's own may be read too. */
#include <combtest/core.h>
#include <combtest/option_inner.h>
#include <combtest/walk_inner.h>
#include <pthread.h>

/* Guards interned: the parsed form of JSON texts whose option is of no table, kept for the life of the process, as what
 * ct_option_json returns is borrowed from an option that has no place to own it. */
static pthread_mutex_t intern_lock = PTHREAD_MUTEX_INITIALIZER;
static json_t *interned;

static json_t *intern_locked(const char *text)
{
    json_t *json;
    if (interned == NULL) interned = json_object();
    json = json_object_get(interned, text);
    if (interned == NULL || json != NULL) return json;
    if (ct__json_parse(text, &json, NULL) != CT_OK) return NULL;
    if (json_object_set_new_nocheck(interned, text, json) != 0) return NULL;
    return json;
}

static const json_t *intern(const char *text)
{
    json_t *json;
    if (text == NULL) return NULL;
    (void)pthread_mutex_lock(&intern_lock);
    json = intern_locked(text);
    (void)pthread_mutex_unlock(&intern_lock);
    return json;
}

/* The name of the action that option belongs to; of the one that runs where it is of no table; NULL for none. */
static const char *owner_name(const struct ct_walk *walk, const struct ct_option *option)
{
    const struct ct__table *table = ct__plan_table(ct__walk_plan(walk));
    uintptr_t at = (uintptr_t)option;
    size_t running = ct__walk_action(walk);
    for (size_t i = 0; i < table->count && option != NULL; i++) {
        const struct ct__column *column = &table->columns[i];
        if (column->options != NULL && at >= (uintptr_t)column->options &&
            at < (uintptr_t)(column->options + column->count))
            return table->suite->actions[i].name;
    }
    return running < table->count ? table->suite->actions[running].name : NULL;
}

static void mistake(const struct ct_option *option, enum ct_type wanted)
{
    struct ct_walk *walk = ct__walk_current();
    const char *name;
    if (walk == NULL) return;
    name = owner_name(walk, option);
    ct__walk_fail(walk, "%s%s%san option of type %s was read as %s", name != NULL ? "action '" : "",
                  name != NULL ? name : "", name != NULL ? "': " : "", ct__type_name(ct_option_type(option)),
                  ct__type_name(wanted));
}

static bool is_type(const struct ct_option *option, enum ct_type wanted)
{
    if (option != NULL && option->type == wanted) return true;
    mistake(option, wanted);
    return false;
}

enum ct_type ct_option_type(const struct ct_option *option)
{
    return option != NULL ? option->type : CT_TYPE_NULL;
}

bool ct_option_bool(const struct ct_option *option)
{
    return is_type(option, CT_TYPE_BOOL) ? option->as.b : false;
}

int64_t ct_option_int(const struct ct_option *option)
{
    return is_type(option, CT_TYPE_INT) ? option->as.i : 0;
}

double ct_option_real(const struct ct_option *option)
{
    if (ct_option_type(option) == CT_TYPE_INT) return (double)option->as.i;
    return is_type(option, CT_TYPE_REAL) ? option->as.d : 0.0;
}

const char *ct_option_string(const struct ct_option *option)
{
    return is_type(option, CT_TYPE_STRING) && option->as.s != NULL ? option->as.s : "";
}

const json_t *ct_option_json(const struct ct_option *option)
{
    if (!is_type(option, CT_TYPE_JSON)) return NULL;
    return option->json != NULL ? option->json : intern(option->as.s);
}

const void *ct_option_pointer(const struct ct_option *option)
{
    return is_type(option, CT_TYPE_POINTER) ? option->as.p : NULL;
}

const char *ct_option_label(const struct ct_option *option)
{
    return option != NULL ? option->label : NULL;
}
