/* The options of a walk, as text and as JSON. */
#include <cli/inner.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The options of walk id, one for each action; NULL: no memory. The caller frees the array. */
static const struct ct_option **walk_options(const struct ct_plan *plan, uint64_t id)
{
    const struct ct_option **options = calloc(ct__plan_table(plan)->count, sizeof(const struct ct_option *));
    if (options && ct_plan_options(plan, id, options)) {
        free(options);
        return NULL;
    }
    return options;
}

static const char *action_name(const struct ct_plan *plan, size_t action)
{
    return ct__plan_table(plan)->suite->actions[action].name;
}

json_t *ct__cli_options_json(const struct ct_plan *plan, uint64_t id)
{
    size_t count = ct__plan_table(plan)->count;
    const struct ct_option **options = walk_options(plan, id);
    json_t *json = options ? json_object() : NULL;
    for (size_t i = 0; json && i < count; i++) {
        if (!options[i]) continue;
        json_t *value = ct__option_to_json(options[i]);
        if (value && json_object_set_new(json, action_name(plan, i), value) == 0) continue;
        json_decref(json);
        json = NULL;
    }
    free(options);
    return json;
}

json_t *ct__cli_labels_json(const struct ct_plan *plan, uint64_t id)
{
    size_t count = ct__plan_table(plan)->count;
    const struct ct_option **options = walk_options(plan, id);
    json_t *json = options ? json_object() : NULL;
    for (size_t i = 0; json && i < count; i++) {
        const char *label = options[i] ? ct_option_label(options[i]) : NULL;
        if (!label || ct_option_type(options[i]) == CT_TYPE_POINTER) continue;
        if (json_object_set_new(json, action_name(plan, i), json_string(label)) == 0) continue;
        json_decref(json);
        json = NULL;
    }
    free(options);
    return json;
}

/* Whether a string can stand without quotes and be told from every other value. */
static bool is_plain_word(const char *text)
{
    static const char *const words[] = { "null", "true", "false" };
    if (!isalpha((unsigned char)*text) && *text != '/' && *text != '_') return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("_-+./:@", *c)) return false;
    }
    for (size_t i = 0; i < CT_COUNT(words); i++) {
        if (strcmp(text, words[i]) == 0) return false;
    }
    return true;
}

/* A value as text, for malloc's free; NULL: no memory. */
static char *value_text(const json_t *value)
{
    bool plain = json_is_string(value) && is_plain_word(json_string_value(value));
    return plain ? strdup(json_string_value(value)) : ct__json_shortest(value);
}

/* Appends "name=value" or "name=value (label)" to *text, which it may move; false: no memory. */
static bool append(char **text, size_t *size, const char *name, const char *value, const char *label)
{
    size_t more = strlen(name) + strlen(value) + (label ? strlen(label) : 0) + sizeof(" = ()");
    char *joined = realloc(*text, *size + more);
    if (!joined) return false;
    *text = joined;
    *size += (size_t)snprintf(joined + *size, more, "%s%s=%s%s%s%s", *size > 0 ? " " : "", name, value,
                              label ? " (" : "", label ? label : "", label ? ")" : "");
    return true;
}

char *ct__cli_labeled_text(const json_t *options, const json_t *labels)
{
    size_t size = 0;
    const char *name;
    json_t *value;
    char *text = calloc(1, 1);
    bool done = text != NULL;
    json_object_foreach((json_t *)options, name, value)
    {
        char *shown = done ? value_text(value) : NULL;
        done = shown && append(&text, &size, name, shown, json_string_value(json_object_get(labels, name)));
        free(shown);
    }
    if (done) return text;
    free(text);
    return NULL;
}
