#include <combtest/core.h>
#include <combtest/keys.h>
#include <stdio.h>
#include <string.h>

#define SERVICES_MAX   1024
#define THREADS_MAX    4096
#define PORT_MAX       65535
#define TIMEOUT_MAX_S  31536000
#define RETRIES_MAX    100
#define STRENGTH_MAX   12
#define DEADLINE_MAX_S 86400
#define HOST           "HOST "

/* In the order of combtest.cfg.sample. */
const struct ct__key ct__keys[] = {
    { .name = "NET.machine_ips", .kind = CT__KIND_LIST },
    { .name = "NET.service_port", .kind = CT__KIND_NUMBER, .min = 1, .max = PORT_MAX, .fallback = "6187" },
    { .name = "NET.logger_port",
      .kind = CT__KIND_NUMBER,
      .min = 1,
      .max = PORT_MAX,
      .unused = "logs need no port of their own; the key is accepted for old files" },
    { .name = "NET.advertise", .kind = CT__KIND_TEXT },
    { .name = "NET.certificate", .kind = CT__KIND_FILE },
    { .name = "NET.key", .kind = CT__KIND_FILE },
    { .name = "SSH.username", .kind = CT__KIND_TEXT },
    { .name = "SSH.username_map", .kind = CT__KIND_MAP },
    { .name = "SSH.port", .kind = CT__KIND_NUMBER, .min = 1, .max = PORT_MAX, .fallback = "22" },
    { .name = "SSH.rsakey", .kind = CT__KIND_FILE },
    { .name = "SSH.rsakey_map", .kind = CT__KIND_MAP },
    { .name = "SSH.agent", .kind = CT__KIND_NUMBER, .min = 0, .max = 1, .fallback = "1" },
    { .name = "SSH.passphrase", .kind = CT__KIND_TEXT, .secret = true },
    { .name = "SSH.passphrase_file", .kind = CT__KIND_FILE },
    { .name = "SSH.password", .kind = CT__KIND_TEXT, .secret = true },
    { .name = "SSH.password_map", .kind = CT__KIND_MAP, .secret = true },
    { .name = "SSH.password_file", .kind = CT__KIND_FILE },
    { .name = "SSH.known_hosts", .kind = CT__KIND_FILE },
    { .name = "SSH.accept_new", .kind = CT__KIND_NUMBER, .min = 0, .max = 1, .fallback = "0" },
    { .name = "SSH.jump", .kind = CT__KIND_TEXT },
    { .name = "SSH.direct", .kind = CT__KIND_CHOICE, .choices = "yes|no|1|0", .fallback = "no" },
    { .name = "SSH.connect_timeout", .kind = CT__KIND_SECONDS, .min = 1, .max = DEADLINE_MAX_S, .fallback = "15" },
    { .name = "SSH.start_timeout", .kind = CT__KIND_SECONDS, .min = 1, .max = DEADLINE_MAX_S, .fallback = "120" },
    { .name = "SSH.stop_timeout", .kind = CT__KIND_SECONDS, .min = 1, .max = DEADLINE_MAX_S, .fallback = "15" },
    { .name = "SSH.cache_days", .kind = CT__KIND_NUMBER, .min = 1, .max = 3650, .fallback = "30" },
    { .name = "WORKER.max_thread_count", .kind = CT__KIND_CORES, .min = 1, .max = THREADS_MAX, .fallback = "1" },
    { .name = "RUN.services", .kind = CT__KIND_CORES, .min = 0, .max = SERVICES_MAX, .fallback = "auto" },
    { .name = "RUN.isolation", .kind = CT__KIND_CHOICE, .choices = "thread|process", .fallback = "thread" },
    { .name = "RUN.timeout", .kind = CT__KIND_SECONDS, .max = TIMEOUT_MAX_S },
    { .name = "RUN.limit_memory", .kind = CT__KIND_BYTES, .max = INT64_MAX },
    { .name = "RUN.retries", .kind = CT__KIND_NUMBER, .min = 0, .max = RETRIES_MAX, .fallback = "0" },
    { .name = "RUN.fail_fast", .kind = CT__KIND_NUMBER, .min = 0, .max = INT64_MAX, .fallback = "0" },
    { .name = "RUN.core", .kind = CT__KIND_NUMBER, .min = 0, .max = 1, .fallback = "0" },
    { .name = "RUN.require_all", .kind = CT__KIND_NUMBER, .min = 0, .max = 1, .fallback = "0" },
    { .name = "RUN.listen", .kind = CT__KIND_TEXT },
    { .name = "RUN.token_file", .kind = CT__KIND_FILE },
    { .name = "RUN.log_dir", .kind = CT__KIND_TEXT },
    { .name = "RUN.log_size", .kind = CT__KIND_BYTES, .max = INT64_MAX, .fallback = "64M" },
    { .name = "RUN.log_optional", .kind = CT__KIND_NUMBER, .min = 0, .max = 1, .fallback = "0" },
    { .name = "RUN.trace", .kind = CT__KIND_CHOICE, .choices = "all|failed|none", .fallback = "all" },
    { .name = "RUN.max_output", .kind = CT__KIND_BYTES, .max = INT64_MAX, .fallback = "64K" },
    { .name = "RUN.only", .kind = CT__KIND_IDS },
    { .name = "RUN.sample", .kind = CT__KIND_NUMBER, .min = 0, .max = INT64_MAX },
    { .name = "RUN.strength", .kind = CT__KIND_NUMBER, .min = 0, .max = STRENGTH_MAX, .fallback = "0" },
    { .name = "RUN.seed_rows", .kind = CT__KIND_FILE },
    { .name = "RUN.seed", .kind = CT__KIND_NUMBER, .min = 0, .max = INT64_MAX, .fallback = "1" },
    { .name = "RUN.shard", .kind = CT__KIND_SHARD },
    { .name = "RUN.gather_states", .kind = CT__KIND_FILE },
    { .name = "RUN.summary", .kind = CT__KIND_FILE },
    { .name = "RUN.verbose", .kind = CT__KIND_NUMBER, .min = -1, .max = 1, .fallback = "0" },
};
const size_t ct__key_count = sizeof(ct__keys) / sizeof(ct__keys[0]);

/* The keys of a section [HOST name], by their bare names. */
static const struct ct__key host_keys[] = {
    { .name = "address", .kind = CT__KIND_TEXT },
    { .name = "user", .kind = CT__KIND_TEXT },
    { .name = "port", .kind = CT__KIND_NUMBER, .min = 1, .max = PORT_MAX },
    { .name = "key", .kind = CT__KIND_FILE },
    { .name = "passphrase_file", .kind = CT__KIND_FILE },
    { .name = "password_file", .kind = CT__KIND_FILE },
    { .name = "jump", .kind = CT__KIND_TEXT },
    { .name = "direct", .kind = CT__KIND_CHOICE, .choices = "yes|no|1|0" },
    { .name = "services", .kind = CT__KIND_NUMBER, .min = 1, .max = SERVICES_MAX },
    { .name = "threads", .kind = CT__KIND_NUMBER, .min = 1, .max = THREADS_MAX },
    { .name = "environment", .kind = CT__KIND_MAP },
    { .name = "work_dir", .kind = CT__KIND_TEXT },
    { .name = "prepare", .kind = CT__KIND_TEXT },
    { .name = "finalize", .kind = CT__KIND_TEXT },
    { .name = "files", .kind = CT__KIND_LIST },
};
#define HOST_KEY_COUNT (sizeof(host_keys) / sizeof(host_keys[0]))

/* py-combtest's guide writes rsakey under [NET]. */
static const struct {
    const char *other, *name;
} other_names[] = { { "NET.rsakey", "SSH.rsakey" } };

const char *ct__key_other(size_t i)
{
    return i < sizeof(other_names) / sizeof(other_names[0]) ? other_names[i].other : NULL;
}

size_t ct__key_find(const char *name)
{
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++) {
        if (strcmp(name, other_names[i].other) == 0) name = other_names[i].name;
    }
    size_t found = 0;
    while (found < ct__key_count && strcmp(ct__keys[found].name, name) != 0) found++;
    return found;
}

bool ct__key_is_host(const char *name)
{
    return strncmp(name, HOST, strlen(HOST)) == 0;
}

/* A host's name, as a section's name has it: printable, without blanks, and what --hosts says of it besides. */
static bool is_host_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)name[i] <= ' ' || name[i] == 127 || strchr("*@,", name[i])) return false;
    }
    return size > 0;
}

const struct ct__key *ct__key_of(const char *name)
{
    size_t index = ct__key_find(name);
    if (index < ct__key_count) return &ct__keys[index];
    const char *dot = ct__key_is_host(name) ? strrchr(name, '.') : NULL;
    if (!dot || !is_host_name(name + strlen(HOST), (size_t)(dot - name) - strlen(HOST))) return NULL;
    for (size_t i = 0; i < HOST_KEY_COUNT; i++) {
        if (strcmp(dot + 1, host_keys[i].name) == 0) return &host_keys[i];
    }
    return NULL;
}

size_t ct__section_size(const char *name)
{
    const char *dot = ct__key_is_host(name) ? strrchr(name, '.') : strchr(name, '.');
    return dot ? (size_t)(dot - name) : strlen(name);
}

static bool same_section(const char *a, const char *b)
{
    size_t size = ct__section_size(a);
    return size == ct__section_size(b) && memcmp(a, b, size) == 0;
}

/* The part behind the dot; the whole name where there is none. */
static const char *bare_name(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot ? dot + 1 : name;
}

bool ct__section_exists(const char *name)
{
    if (ct__key_is_host(name)) return is_host_name(name + strlen(HOST), ct__section_size(name) - strlen(HOST));
    size_t i = 0;
    while (i < ct__key_count && !same_section(ct__keys[i].name, name)) i++;
    return i < ct__key_count;
}

/* The key that may be meant, or NULL: one of the same section, or one of the same bare name elsewhere. */
static const struct ct__key *meant_key(const char *name)
{
    const struct ct__key *meant = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < ct__key_count; i++) {
        const char *candidate = ct__keys[i].name;
        if (same_section(candidate, name) && ct__is_nearer(bare_name(name), bare_name(candidate), &best))
            meant = &ct__keys[i];
    }
    for (size_t i = 0; i < ct__key_count; i++) {
        if (ct__is_nearer(bare_name(name), bare_name(ct__keys[i].name), &best)) meant = &ct__keys[i];
    }
    return meant;
}

static const char *meant_section(const char *name)
{
    char given[32], candidate[32];
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    snprintf(given, sizeof(given), "%.*s", (int)ct__section_size(name), name);
    for (size_t i = 0; i < ct__key_count; i++) {
        snprintf(candidate, sizeof(candidate), "%.*s", (int)ct__section_size(ct__keys[i].name), ct__keys[i].name);
        if (ct__is_nearer(given, candidate, &best)) meant = ct__keys[i].name;
    }
    return meant;
}

static enum ct_err host_key_unknown(const char *name, const char *where, struct ct_error *error)
{
    const char *given = name + ct__section_size(name), *meant = NULL;
    size_t best = SIZE_MAX;
    if (!ct__section_exists(name))
        return ct__error(error, CT_ECONFIG,
                         "%s: no host has that name; write [HOST name] or [HOST name:port], without blanks, user@ and "
                         "*8: the keys user and services of that section say these",
                         where);
    for (size_t i = 0; i < HOST_KEY_COUNT && *given == '.'; i++) {
        if (ct__is_nearer(given + 1, host_keys[i].name, &best)) meant = host_keys[i].name;
    }
    if (meant) return ct__error(error, CT_ECONFIG, "%s: unknown key; did you mean %s?", where, meant);
    return ct__error(error, CT_ECONFIG, "%s: unknown key; combtest.cfg.sample shows those of a [HOST name] section",
                     where);
}

enum ct_err ct__key_unknown(const char *name, const char *where, struct ct_error *error)
{
    if (ct__key_is_host(name)) return host_key_unknown(name, where, error);
    if (strncmp(name, "HOST.", strlen("HOST.")) == 0)
        return ct__error(error, CT_ECONFIG, "%s: the section does not say which host; write [HOST name]", where);
    if (!strchr(name, '.') || ct__section_exists(name)) {
        const struct ct__key *meant = meant_key(name);
        if (!meant) return ct__error(error, CT_ECONFIG, "%s: unknown key; `combtest config` lists the keys", where);
        bool here = same_section(meant->name, name);
        return ct__error(error, CT_ECONFIG, "%s: unknown key; did you mean %s?", where,
                         here ? bare_name(meant->name) : meant->name);
    }
    const char *meant = meant_section(name);
    if (!meant)
        return ct__error(error, CT_ECONFIG, "%s: unknown section; there are NET, SSH, WORKER, RUN and HOST name",
                         where);
    return ct__error(error, CT_ECONFIG, "%s: unknown section; did you mean [%.*s]?", where,
                     (int)ct__section_size(meant), meant);
}
