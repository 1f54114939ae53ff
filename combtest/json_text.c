/* JSON as text that a reader finds as short as it can be. */
#include <combtest/core.h>
#include <stdlib.h>

static bool has_real(const json_t *json)
{
    size_t index;
    const char *key;
    json_t *item;
    if (json_is_array(json)) {
        json_array_foreach(json, index, item) if (has_real(item)) return true;
        return false;
    }
    json_object_foreach((json_t *)json, key, item) if (has_real(item)) return true;
    return json_is_real(json);
}

static char *text_of_precision(const json_t *json, size_t digits)
{
    return json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(digits));
}

char *ct__json_shortest(const json_t *json)
{
    const size_t most = 17; /* digits that tell each double from every other */
    for (size_t digits = 15; digits < most && has_real(json); digits++) {
        char *text = text_of_precision(json, digits);
        json_t *again = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
        bool same = again && json_equal(again, json);
        json_decref(again);
        if (same) return text;
        free(text);
    }
    return text_of_precision(json, most);
}
