#include <combtest/core.h>
#include <string.h>

static bool agree(const json_t *first, const json_error_t *first_why, const json_t *second,
                  const json_error_t *second_why)
{
    if (first != NULL && second != NULL) return json_equal(first, second) != 0;
    return first == second && first_why->position == second_why->position &&
           strcmp(first_why->text, second_why->text) == 0;
}

/* Where memory ends while it reads, jansson can leave out a byte in silence, or call a token invalid. So the text is
 * read twice, and where the readings differ it was memory. */
enum ct_err ct__json_parse(const char *text, json_t **json, struct ct_error *error)
{
    json_error_t why = { 0 }, again_why = { 0 };
    json_t *parsed = json_loads(text, JSON_DECODE_ANY, &why), *again = json_loads(text, JSON_DECODE_ANY, &again_why);
    enum ct_err err = CT_OK;
    if (!agree(parsed, &why, again, &again_why) || (parsed == NULL && why.text[0] == '\0'))
        err = ct__nomem(error);
    else if (parsed == NULL)
        err = ct__error(error, CT_EINVAL, "not JSON: line %d, column %d: %s", why.line, why.column, why.text);
    json_decref(again);
    if (err == CT_OK)
        *json = parsed;
    else
        json_decref(parsed);
    return err;
}

static bool is_writable(const json_t *json, int depth);

/* A string may hold NULs, and is UTF-8 between them; a key that jansson is to read back holds none. */
static bool is_text(const char *text, size_t size)
{
    for (size_t at = 0; at <= size; at += strlen(text + at) + 1)
        if (!ct__utf8_valid(text + at)) return false;
    return true;
}

static bool is_plain_text(const char *text, size_t size)
{
    return strlen(text) == size && is_text(text, size);
}

static bool is_writable_object(const json_t *object, int depth)
{
    json_t *items = (json_t *)(uintptr_t)object; /* jansson's iterators are not const */
    for (void *at = json_object_iter(items); at != NULL; at = json_object_iter_next(items, at)) {
        if (!is_plain_text(json_object_iter_key(at), json_object_iter_key_len(at))) return false;
        if (!is_writable(json_object_iter_value(at), depth + 1)) return false;
    }
    return true;
}

static bool is_writable_array(const json_t *array, int depth)
{
    for (size_t i = 0; i < json_array_size(array); i++)
        if (!is_writable(json_array_get(array, i), depth + 1)) return false;
    return true;
}

/* What contains itself is too deep. */
static bool is_writable(const json_t *json, int depth)
{
    if (depth > CT__JSON_DEPTH) return false;
    if (json_is_string(json)) return is_text(json_string_value(json), json_string_length(json));
    return json_is_object(json)  ? is_writable_object(json, depth)
           : json_is_array(json) ? is_writable_array(json, depth)
                                 : true;
}

bool ct__json_is_writable(const json_t *json)
{
    return is_writable(json, 1);
}
