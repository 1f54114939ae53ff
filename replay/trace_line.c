#include <inttypes.h>
#include <replay/line_inner.h>
#include <stdlib.h>
#include <string.h>

/* Steps over a literal at *at; false: it is not there. The line ends in a NUL, which no literal holds. */
static bool skip(const char **at, const char *literal, size_t size)
{
    if (strncmp(*at, literal, size) != 0) return false;
    *at += size;
    return true;
}
#define SKIP(at, literal) skip((at), literal, sizeof(literal) - 1)

/* A number of at most 19 digits below 2^63. */
static bool read_number(const char **at, uint64_t *number)
{
    const char *begin = *at;
    uint64_t sum = 0;
    for (; **at >= '0' && **at <= '9' && *at - begin < 19; (*at)++) sum = sum * 10 + (uint64_t)(**at - '0');
    *number = sum;
    return *at > begin && sum <= CT__WALKS_MAX && (**at < '0' || **at > '9');
}

static bool find_status(const char *name, size_t size, enum ct_status *status)
{
    for (unsigned i = 0; i < CT_STATUS_COUNT; i++) {
        const char *known = ct_status_name((enum ct_status)i);
        if (strncmp(known, name, size) != 0 || known[size] != '\0') continue;
        *status = (enum ct_status)i;
        return true;
    }
    return false;
}

/* A walk's line as the writer makes it. */
static bool read_fast(struct ct__line *line)
{
    const char *at = line->text, *end;
    uint64_t stage;
    if (line->size == 0 || line->text[line->size - 1] != '}') return false;
    if (!SKIP(&at, CT__WALK_BEGIN) || !read_number(&at, &line->walk)) return false;
    if (!SKIP(&at, CT__STAGE_BEGIN) || !read_number(&at, &stage)) return false;
    if (!SKIP(&at, CT__STATUS_BEGIN)) return false;
    line->stage = (size_t)stage;
    end = strchr(at, '"');
    return end != NULL && find_status(at, (size_t)(end - at), &line->status);
}

/* Where memory ends, jansson can call a token invalid: what is damaged is so twice. */
static json_t *parse(const struct ct__line *line, json_error_t *why)
{
    json_t *json = json_loadb(line->text, line->size, 0, why);
    return json != NULL ? json : json_loadb(line->text, line->size, 0, why);
}

static bool read_id(const json_t *json, uint64_t *id)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0) return false;
    *id = (uint64_t)json_integer_value(json);
    return true;
}

static bool read_parsed(struct ct__line *line, const json_t *json)
{
    const json_t *status = json_object_get(json, "status"), *walk = json_object_get(json, "walk");
    uint64_t stage = 0;
    if (!json_is_string(status) || !find_status(json_string_value(status), json_string_length(status), &line->status))
        return false;
    line->serial = json_object_get(json, "serial_run") != NULL;
    if (line->serial)
        return json_is_string(json_object_get(json, "serial_run")) &&
               read_id(json_array_get(json_object_get(json, "branch"), 0), &line->walk);
    if (!read_id(walk, &line->walk) || !read_id(json_object_get(json, "stage"), &stage)) return false;
    line->stage = (size_t)stage;
    return true;
}

/* Whether value is what was asked for: as JSON, or where it is a string, as its bare text. */
static enum ct__wanted is_value(const json_t *value, const char *wanted)
{
    if (value == NULL) return CT__UNWANTED;
    if (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0) return CT__WANTED;
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (text == NULL) return CT__NO_MEMORY;
    enum ct__wanted is = strcmp(text, wanted) == 0 ? CT__WANTED : CT__UNWANTED;
    free(text);
    return is;
}

static enum ct__wanted has_option(const json_t *json, const char *condition)
{
    static const char *const objects[] = { "options", "serial", "labels" };
    const char *equals = strchr(condition, '=');
    enum ct__wanted has = CT__UNWANTED;
    for (size_t i = 0; equals != NULL && i < CT_COUNT(objects) && has == CT__UNWANTED; i++) {
        const json_t *object = json_object_get(json, objects[i]);
        has = is_value(json_object_getn(object, condition, (size_t)(equals - condition)), equals + 1);
    }
    return has;
}

static enum ct__wanted has_options(const json_t *json, const struct ct__filter *filter)
{
    enum ct__wanted has = CT__WANTED;
    for (size_t i = 0; i < filter->where_count && has == CT__WANTED; i++) has = has_option(json, filter->where[i]);
    return has;
}

/* False only where a line of the writer's cannot have the options: their values are not in its text. What JSON writes
 * in another way than it is asked for is looked for by parsing. */
static bool may_have_options(const struct ct__line *line, const struct ct__filter *filter)
{
    for (size_t i = 0; i < filter->where_count; i++) {
        const char *equals = strchr(filter->where[i], '=');
        if (equals == NULL || equals[1] == '\0') continue;
        size_t size = strcspn(equals + 1, "\"\\\b\f\n\r\t\177");
        if (memmem(line->text, line->size, equals + 1, size) == NULL) return false;
    }
    return true;
}

static bool skips_serial(const struct ct__filter *filter)
{
    return filter->no_serial || (filter->walks != NULL && !filter->with_serial);
}

static bool is_selected(const struct ct__line *line, const struct ct__filter *filter)
{
    uint64_t first, end;
    if (filter->statuses != 0 && (filter->statuses & 1u << line->status) == 0) return false;
    if (line->serial) return !skips_serial(filter);
    return filter->walks == NULL || ct__selection_next(filter->walks, line->walk, line->walk + 1, &first, &end);
}

enum ct__wanted ct__line_look(struct ct__line *line, const struct ct__filter *filter)
{
    bool known = read_fast(line), by_options = filter->where_count > 0;
    if (known && !is_selected(line, filter)) return CT__UNWANTED;
    if (known && (!by_options || !may_have_options(line, filter))) return by_options ? CT__UNWANTED : CT__WANTED;
    if (skips_serial(filter) && strncmp(line->text, CT__SERIAL_BEGIN, sizeof CT__SERIAL_BEGIN - 1) == 0)
        return CT__UNWANTED;
    json_error_t why;
    json_t *json = parse(line, &why);
    enum ct__wanted wanted = CT__DAMAGED;
    if (json == NULL && json_error_code(&why) == json_error_out_of_memory)
        wanted = CT__NO_MEMORY;
    else if (json != NULL && read_parsed(line, json))
        wanted = is_selected(line, filter) ? has_options(json, filter) : CT__UNWANTED;
    json_decref(json);
    return wanted;
}

enum ct_err ct__line_json(const struct ct__line *line, json_t **json, struct ct_error *error)
{
    json_error_t why;
    json_t *parsed = parse(line, &why);
    if (parsed == NULL && json_error_code(&why) == json_error_out_of_memory) return ct__nomem(error);
    if (parsed == NULL)
        return ct__error(error, CT_ETRACE, "line %" PRIu64 " of the trace is damaged: column %d: %s", line->number,
                         why.column, why.text);
    *json = parsed;
    return CT_OK;
}

enum ct_err ct__status_bits(const char *name, bool grouped, unsigned *statuses, struct ct_error *error)
{
    enum ct_status status;
    if (!find_status(name, strlen(name), &status)) {
        char names[160];
        size_t used = 0;
        for (unsigned i = 0; i < CT_STATUS_COUNT; i++)
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? ", " : "",
                                     ct_status_name((enum ct_status)i));
        return ct__error(error, CT_ENOTFOUND, "'%.40s' is no status; there are %s", name, names);
    }
    *statuses = 1u << status;
    if (grouped && status == CT_FAIL) *statuses |= 1u << CT_CRASHED | 1u << CT_TIMED_OUT;
    return CT_OK;
}
