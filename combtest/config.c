#include <combtest/config_file.h>
#include <combtest/core.h>
#include <combtest/keys.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_FILE "combtest.cfg"

/* One key's value; NULL, and the origin the default, where the table's default holds. */
struct entry {
    char *value, *where;
    enum ct__origin origin;
};

/* One key of a section [HOST name]. */
struct host_entry {
    const struct ct__key *key;
    char *name; /* "HOST name.user" */
    struct entry entry;
};

struct ct_config {
    struct entry *entries; /* ct__key_count of them */
    struct host_entry *host_entries;
    size_t host_entry_count;
};

/* NULL: no memory. */
static struct ct_config *config_new(void)
{
    struct ct_config *config = malloc(sizeof(*config));
    struct entry *entries = calloc(ct__key_count, sizeof(*entries));
    if (!config || !entries) {
        free(config);
        free(entries);
        return NULL;
    }
    *config = (struct ct_config){ .entries = entries };
    return config;
}

static void entry_clear(struct entry *entry)
{
    free(entry->value);
    free(entry->where);
}

void ct_config_free(struct ct_config *config)
{
    if (!config) return;
    for (size_t i = 0; i < ct__key_count; i++) entry_clear(&config->entries[i]);
    for (size_t i = 0; i < config->host_entry_count; i++) {
        entry_clear(&config->host_entries[i].entry);
        free(config->host_entries[i].name);
    }
    free(config->entries);
    free(config->host_entries);
    free(config);
}

const char *ct__origin_name(enum ct__origin origin)
{
    static const char *const names[] = { "default", "file", "environment", "command line", "program" };
    return origin <= CT__ORIGIN_PROGRAM ? names[origin] : "unknown";
}

static enum ct_err entry_set(struct entry *entry, const char *value, enum ct__origin origin, const char *where,
                             struct ct_error *error)
{
    char *new_value = strdup(value), *new_where = strdup(where);
    if (!new_value || !new_where) {
        free(new_value);
        free(new_where);
        return ct__nomem(error);
    }
    entry_clear(entry);
    *entry = (struct entry){ .value = new_value, .where = new_where, .origin = origin };
    return CT_OK;
}

static struct host_entry *find_host_entry(const struct ct_config *config, const char *name)
{
    for (size_t i = 0; i < config->host_entry_count; i++) {
        if (strcmp(config->host_entries[i].name, name) == 0) return &config->host_entries[i];
    }
    return NULL;
}

/* The entry of a key that is in the table or of a host; a host's is made. NULL: no memory. */
static struct entry *make_entry(struct ct_config *config, const struct ct__key *key, const char *name)
{
    size_t index = ct__key_find(name);
    if (index < ct__key_count) return &config->entries[index];
    struct host_entry *found = find_host_entry(config, name);
    if (found) return &found->entry;
    size_t count = config->host_entry_count;
    struct host_entry *grown = realloc(config->host_entries, (count + 1) * sizeof(*grown));
    if (!grown) return NULL;
    config->host_entries = grown;
    char *copy = strdup(name);
    if (!copy) return NULL;
    grown[count] = (struct host_entry){ .key = key, .name = copy };
    config->host_entry_count++;
    return &grown[count].entry;
}

/* A secret in an argument is seen by `ps`, one in the environment by every walk. */
static enum ct_err check_origin(const struct ct__key *key, enum ct__origin origin, const char *prefix,
                                struct ct_error *error)
{
    if (!key->secret || (origin != CT__ORIGIN_COMMAND_LINE && origin != CT__ORIGIN_ENVIRONMENT)) return CT_OK;
    bool phrase = strcmp(key->name, "SSH.passphrase") == 0;
    return ct__error(error, CT_ECONFIG,
                     "%s: a secret is taken neither as an argument nor from the environment, where "
                     "others can read it; write it into a file and name that with %s",
                     prefix, phrase ? "SSH.passphrase_file" : "SSH.password_file");
}

enum ct_err ct__config_set_shown(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                 const char *where, const char *prefix, struct ct_error *error)
{
    if (!config || !key || !value) return ct__error(error, CT_EINVAL, "a configuration, a key and a value are needed");
    const struct ct__key *row = ct__key_of(key);
    if (!row) return ct__key_unknown(key, prefix, error);
    enum ct_err err = check_origin(row, origin, prefix, error);
    if (!err) err = ct__value_check(row, value, prefix, error);
    if (err) return err;
    struct entry *entry = make_entry(config, row, key);
    if (!entry) return ct__nomem(error);
    return entry->origin > origin ? CT_OK : entry_set(entry, value, origin, where, error);
}

enum ct_err ct__config_set_where(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                 const char *where, struct ct_error *error)
{
    return ct__config_set_shown(config, key, value, origin, where, where, error);
}

enum ct_err ct__config_set_from(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                struct ct_error *error)
{
    return ct__config_set_shown(config, key, value, origin, ct__origin_name(origin), key ? key : "", error);
}

enum ct_err ct_config_set(struct ct_config *config, const char *key, const char *value, struct ct_error *error)
{
    return ct__config_set_from(config, key, value, CT__ORIGIN_PROGRAM, error);
}

static const char *value_at(const struct ct_config *config, size_t index)
{
    return config->entries[index].value ? config->entries[index].value : ct__keys[index].fallback;
}

const char *ct_config_get(const struct ct_config *config, const char *key)
{
    if (!config || !key) return NULL;
    size_t index = ct__key_find(key);
    if (index < ct__key_count) return value_at(config, index);
    const struct host_entry *found = find_host_entry(config, key);
    return found ? found->entry.value : NULL;
}

int64_t ct__config_number(const struct ct_config *config, const char *key)
{
    const char *value = ct_config_get(config, key);
    return value ? ct__value_number(ct__key_of(key), value) : 0;
}

static const char *shown_where(const struct entry *entry)
{
    return entry->where ? entry->where : ct__origin_name(CT__ORIGIN_DEFAULT);
}

const char *ct__config_where(const struct ct_config *config, const char *key)
{
    size_t index = ct__key_find(key);
    if (index < ct__key_count) return shown_where(&config->entries[index]);
    const struct host_entry *found = find_host_entry(config, key);
    return found ? shown_where(&found->entry) : ct__origin_name(CT__ORIGIN_DEFAULT);
}

bool ct__config_shard(const struct ct_config *config, uint64_t *shard, uint64_t *shard_count)
{
    const char *value = ct_config_get(config, "RUN.shard");
    return value && ct__value_shard(value, shard, shard_count);
}

bool ct__config_at(const struct ct_config *config, size_t i, const char **key, const char **value, const char **where)
{
    if (i >= ct__key_count + config->host_entry_count) return false;
    if (i < ct__key_count) {
        *key = ct__keys[i].name;
        *value = value_at(config, i);
        *where = shown_where(&config->entries[i]);
    } else {
        const struct host_entry *host = &config->host_entries[i - ct__key_count];
        *key = host->name;
        *value = host->entry.value;
        *where = shown_where(&host->entry);
    }
    return true;
}

bool ct__config_is_secret(const char *key)
{
    size_t index = ct__key_find(key);
    return index < ct__key_count && ct__keys[index].secret;
}

const char *ct__config_unused(const char *key)
{
    size_t index = ct__key_find(key);
    return index < ct__key_count ? ct__keys[index].unused : NULL;
}

void ct__config_variable(const char *key, char *name, size_t size)
{
    snprintf(name, size, "COMBTEST_%s", key);
    for (; *name != '\0'; name++) *name = *name == '.' ? '_' : (char)toupper((unsigned char)*name);
}

static enum ct_err load_variable(struct ct_config *config, const char *key, struct ct_error *error)
{
    char variable[64];
    ct__config_variable(key, variable, sizeof(variable));
    const char *value = getenv(variable);
    if (!value || *value == '\0') return CT_OK;
    return ct__config_set_where(config, key, value, CT__ORIGIN_ENVIRONMENT, variable, error);
}

static enum ct_err load_environment(struct ct_config *config, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    const char *other;
    for (size_t i = 0; !err && (other = ct__key_other(i)) != NULL; i++) err = load_variable(config, other, error);
    for (size_t i = 0; !err && i < ct__key_count; i++) err = load_variable(config, ct__keys[i].name, error);
    return err;
}

enum ct_err ct_config_load(const char *path, struct ct_config **config, struct ct_error *error)
{
    if (!config) return ct__error(error, CT_EINVAL, "config must not be NULL");
    enum ct_err err = CT_OK;
    struct ct_config *loaded = config_new();
    if (!loaded) return ct__nomem(error);
    if (path) err = ct__config_read(loaded, path, error);
    if (!err) err = load_environment(loaded, error);
    if (err) {
        ct_config_free(loaded);
        return err;
    }
    *config = loaded;
    return CT_OK;
}

enum ct_err ct__config_find(const char *path, struct ct_config **config, struct ct_error *error)
{
    if (path) return ct_config_load(path, config, error);
    const char *named = getenv("COMBTEST_CONFIG");
    if (named && *named != '\0') return ct_config_load(named, config, error);
    struct ct_error why;
    enum ct_err err = ct_config_load(DEFAULT_FILE, config, &why);
    if (err == CT_ENOTFOUND) return ct_config_load(NULL, config, error);
    return err ? ct__error(error, err, "%s", why.text) : CT_OK;
}
