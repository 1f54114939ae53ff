/* What a configuration key can hold, by its kind. */
#include <combtest/core.h>
#include <combtest/keys.h>
#include <combtest/selection_inner.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A whole number in decimal digits and nothing else; minus only where it can be right. */
static bool read_number(const char *text, bool minus, int64_t *number)
{
    const char *digits = text + (minus && *text == '-' ? 1 : 0);
    if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits)) return false;
    errno = 0;
    long long value = strtoll(text, NULL, 10);
    if (errno != 0) return false;
    *number = value;
    return true;
}

/* Digits with at most one point: neither a sign, nor an exponent, nor the locale's comma. */
static bool read_ms(const char *text, int64_t max_s, int64_t *ms)
{
    size_t whole = strspn(text, "0123456789"), part = 0;
    if (text[whole] == '.') part = strspn(text + whole + 1, "0123456789");
    if (whole + part == 0 || whole > 9 || text[whole + (text[whole] == '.' ? 1 + part : 0)] != '\0') return false;
    int64_t sum = 0, scale = 1000;
    for (size_t i = 0; i < whole; i++) sum = sum * 10 + (text[i] - '0');
    sum *= 1000;
    bool rest = false;
    for (size_t i = 0; i < part; i++) {
        int digit = text[whole + 1 + i] - '0';
        scale /= 10;
        sum += digit * scale;
        rest = rest || (scale == 0 && digit != 0);
    }
    if (rest && sum == 0) sum = 1; /* too short to be told from "none" otherwise */
    if (sum > max_s * 1000) return false;
    *ms = sum;
    return true;
}

/* Digits, then K, M or G for the powers of 1024, or nothing. */
static bool read_bytes(const char *text, int64_t max, int64_t *bytes)
{
    static const char units[] = "KMG";
    char digits[24];
    int64_t number;
    size_t size = strspn(text, "0123456789");
    const char *suffix = text + size, *unit = *suffix != '\0' ? strchr(units, *suffix) : NULL;
    if (size >= sizeof(digits) || (*suffix != '\0' && (!unit || suffix[1] != '\0'))) return false;
    memcpy(digits, text, size);
    digits[size] = '\0';
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (!read_number(digits, false, &number) || number > max >> shift) return false;
    *bytes = number << shift;
    return true;
}

int64_t ct__host_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? online : 1;
}

/* auto, auto*N, auto/N, or a whole number; what auto comes to is at least 1 and at most max. */
static bool read_cores(const char *text, int64_t min, int64_t max, int64_t *count)
{
    int64_t by = 1;
    if (strncmp(text, "auto", 4) != 0) return read_number(text, false, count) && *count >= min && *count <= max;
    char sign = text[4];
    if (sign != '\0' && ((sign != '*' && sign != '/') || !read_number(text + 5, false, &by) || by < 1 || by > max))
        return false;
    int64_t cores = sign == '/' ? ct__host_cores() / by : ct__host_cores() * by;
    *count = cores < 1 ? 1 : cores > max ? max : cores;
    return true;
}

bool ct__value_shard(const char *value, uint64_t *shard, uint64_t *shard_count)
{
    char first[20];
    int64_t part, count;
    size_t size = strcspn(value, "/");
    if (value[size] != '/' || size >= sizeof(first)) return false;
    memcpy(first, value, size);
    first[size] = '\0';
    if (!read_number(first, false, &part) || !read_number(value + size + 1, false, &count)) return false;
    if (part < 1 || part > count) return false;
    *shard = (uint64_t)part;
    *shard_count = (uint64_t)count;
    return true;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t size = strlen(value);
    for (const char *at = choices; size > 0; at += strcspn(at, "|") + 1) {
        if (strcspn(at, "|") == size && memcmp(at, value, size) == 0) return true;
        if (at[strcspn(at, "|")] == '\0') return false;
    }
    return false;
}

/* Names or addresses between commas, none of them empty. */
static bool is_plain_list(const char *value)
{
    for (;;) {
        size_t size = strcspn(value, ",");
        if (strspn(value, " \t") >= size || memchr(value, '"', size)) return false;
        if (value[size] == '\0') return true;
        value += size + 1;
    }
}

static bool all_strings(const json_t *json)
{
    size_t index;
    const char *key;
    json_t *item;
    if (json_is_array(json)) {
        json_array_foreach(json, index, item) if (!json_is_string(item) || json_string_length(item) == 0) return false;
        return true;
    }
    json_object_foreach((json_t *)json, key, item) if (!json_is_string(item)) return false;
    return true;
}

/* jansson calls a string for which there was no memory an invalid token: what it refuses is wrong only if it refuses it
 * again. */
static json_t *parse_json(const char *value, json_error_t *wrong, bool *no_memory)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        wrong->text[0] = '\0';
        json_t *json = json_loads(value, JSON_REJECT_DUPLICATES, wrong);
        *no_memory = json ? attempt > 0 : wrong->text[0] == '\0' || json_error_code(wrong) == json_error_out_of_memory;
        if (json && !*no_memory) return json;
        json_decref(json);
        if (*no_memory) return NULL;
    }
    return NULL;
}

static enum ct_err check_json(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    bool list = key->kind == CT__KIND_LIST;
    const char *right = list ? "write a JSON list of strings, [\"10.0.0.1\", \"10.0.0.2\"], or names between commas"
                             : "write a JSON object of strings, {\"10.0.0.1\": \"text\"}";
    json_error_t wrong;
    bool no_memory = false;
    json_t *json = parse_json(value, &wrong, &no_memory);
    if (no_memory) return ct__nomem(error);
    if (!json && key->secret) return ct__error(error, CT_ECONFIG, "%s: this is no JSON; %s", where, right);
    if (!json) return ct__error(error, CT_ECONFIG, "%s: this is no JSON (%s); %s", where, wrong.text, right);
    bool fits = (list ? json_is_array(json) : json_is_object(json)) && all_strings(json);
    json_decref(json);
    if (!fits) return ct__error(error, CT_ECONFIG, "%s: not all of this are strings; %s", where, right);
    return CT_OK;
}

static enum ct_err check_list(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    if (!ct__list_is_json(value) && is_plain_list(value)) return CT_OK;
    return check_json(key, value, where, error);
}

static enum ct_err check_text(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    (void)key, (void)value, (void)where, (void)error;
    return CT_OK;
}

static enum ct_err check_choice(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    if (is_choice(key->choices, value)) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '%.80s' is none of its values; write one of %s", where, value,
                     key->choices);
}

static enum ct_err check_number(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    int64_t number;
    if (read_number(value, key->min < 0, &number) && number >= key->min && number <= key->max) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '%.80s' is no whole number from %" PRId64 " to %" PRId64, where, value,
                     key->min, key->max);
}

static enum ct_err check_seconds(const struct ct__key *key, const char *value, const char *where,
                                 struct ct_error *error)
{
    int64_t ms;
    if (read_ms(value, key->max, &ms) && ms >= key->min) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '%.80s' is no time; write seconds, 30 or 0.5, %sat most %" PRId64, where,
                     value, key->min > 0 ? "more than 0 and " : "", key->max);
}

static enum ct_err check_bytes(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    int64_t bytes;
    if (read_bytes(value, key->max, &bytes)) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '%.80s' is no size; write bytes, or 64K, 512M, 2G", where, value);
}

static enum ct_err check_cores(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    int64_t count;
    if (read_cores(value, key->min, key->max, &count)) return CT_OK;
    return ct__error(error, CT_ECONFIG,
                     "%s: '%.80s' is no number of cores; write a whole number from %" PRId64 " to %" PRId64
                     ", or auto, auto*2, auto/2",
                     where, value, key->min, key->max);
}

static enum ct_err check_shard(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    uint64_t shard, count;
    (void)key;
    if (ct__value_shard(value, &shard, &count)) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '%.80s' is no part; write K/N with K from 1 to N, such as 1/4", where,
                     value);
}

static enum ct_err check_ids(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    struct ct__selection *selection = NULL;
    struct ct_error why = { 0 };
    (void)key;
    enum ct_err err = ct__select_text(value, CT__WALKS_MAX, &selection, &why);
    ct__selection_free(selection);
    if (err == CT_OK) return CT_OK;
    return err == CT_NOMEM ? ct__nomem(error) : ct__error(error, CT_ECONFIG, "%s: %s", where, why.text);
}

static enum ct_err check_file(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    (void)key;
    if (strcmp(value, "-") != 0) return CT_OK;
    return ct__error(error, CT_ECONFIG, "%s: '-' is no file; write /dev/stdout, or ./- for a file of that name", where);
}

static bool has_control(const char *value)
{
    for (; *value != '\0'; value++) {
        if (((unsigned char)*value < ' ' && *value != '\t') || *value == 127) return true;
    }
    return false;
}

enum ct_err ct__value_check(const struct ct__key *key, const char *value, const char *where, struct ct_error *error)
{
    static enum ct_err (*const checks[])(const struct ct__key *, const char *, const char *, struct ct_error *) = {
        [CT__KIND_TEXT] = check_text,       [CT__KIND_CHOICE] = check_choice, [CT__KIND_NUMBER] = check_number,
        [CT__KIND_SECONDS] = check_seconds, [CT__KIND_CORES] = check_cores,   [CT__KIND_SHARD] = check_shard,
        [CT__KIND_LIST] = check_list,       [CT__KIND_MAP] = check_json,      [CT__KIND_BYTES] = check_bytes,
        [CT__KIND_IDS] = check_ids,         [CT__KIND_FILE] = check_file,
    };
    if (*value == '\0') return ct__error(error, CT_ECONFIG, "%s: there is no value", where);
    if (key->kind != CT__KIND_MAP && key->kind != CT__KIND_LIST && has_control(value))
        return ct__error(error, CT_ECONFIG, "%s: the value has a control character in it", where);
    return checks[key->kind](key, value, where, error);
}

int64_t ct__value_number(const struct ct__key *key, const char *value)
{
    int64_t number = 0;
    if (key->kind == CT__KIND_NUMBER && !read_number(value, true, &number)) return 0;
    if (key->kind == CT__KIND_SECONDS && !read_ms(value, key->max, &number)) return 0;
    if (key->kind == CT__KIND_BYTES && !read_bytes(value, key->max, &number)) return 0;
    if (key->kind == CT__KIND_CORES && !read_cores(value, key->min, key->max, &number)) return 0;
    return number;
}
