#include <replay/trace_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ct__fragments_clear(struct ct__fragments *fragments)
{
    free(fragments->text);
    free(fragments->ends);
    *fragments = (struct ct__fragments){ 0 };
}

/* The value as JSON text on one line, for free; NULL: no memory. */
static char *value_text(const struct ct_option *option)
{
    json_t *json = ct__option_to_json(option);
    char *text = json != NULL ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    json_decref(json);
    return text;
}

/* The label as a JSON string, or "" for none, for free; NULL: no memory. */
static char *label_text(const struct ct_option *option)
{
    if (option->label == NULL) return strdup("");
    char *text = malloc(ct__string_room(option->label) + 1);
    if (text != NULL) *ct__put_string(text, option->label) = '\0';
    return text;
}

static char *name_text(const char *name)
{
    char *text = malloc(ct__string_room(name) + 2);
    if (text != NULL) memcpy(ct__put_string(text, name), ":", 2);
    return text;
}

/* Writes the fragments of all options to stream; false: no memory. */
static bool put_all(const struct ct__column *column, const char *name, char *(*text_of)(const struct ct_option *option),
                    FILE *stream, struct ct__fragments *fragments)
{
    size_t used = 0;
    for (size_t i = 0; i < column->count; i++) {
        char *value = text_of(&column->options[i]);
        if (value == NULL) return false;
        size_t size = *value != '\0' ? strlen(name) + strlen(value) : 0;
        if (size > 0) (void)fprintf(stream, "%s%s", name, value);
        free(value);
        used += size;
        fragments->ends[i] = used;
        if (size > fragments->longest) fragments->longest = size;
    }
    return true;
}

static enum ct_err fill(const struct ct__table *table, size_t action, char *(*text_of)(const struct ct_option *option),
                        struct ct__fragments *fragments, struct ct_error *error)
{
    const struct ct__column *column = &table->columns[action];
    struct ct__fragments made = { .ends = calloc(column->count, sizeof *made.ends) };
    char *name = name_text(table->suite->actions[action].name);
    size_t size;
    FILE *stream = open_memstream(&made.text, &size);
    bool done = made.ends != NULL && name != NULL && stream != NULL && put_all(column, name, text_of, stream, &made);
    if (stream != NULL && fclose(stream) != 0) done = false;
    free(name);
    if (!done) {
        ct__fragments_clear(&made);
        return ct__nomem(error);
    }
    *fragments = made;
    return CT_OK;
}

enum ct_err ct__fragments_values(const struct ct__table *table, size_t action, struct ct__fragments *fragments,
                                 struct ct_error *error)
{
    if (table->columns[action].options == NULL) return CT_OK;
    return fill(table, action, value_text, fragments, error);
}

enum ct_err ct__fragments_labels(const struct ct__table *table, size_t action, struct ct__fragments *fragments,
                                 struct ct_error *error)
{
    const struct ct__column *column = &table->columns[action];
    bool any = false;
    for (size_t i = 0; column->options != NULL && i < column->count; i++) any = any || column->options[i].label != NULL;
    return any ? fill(table, action, label_text, fragments, error) : CT_OK;
}
