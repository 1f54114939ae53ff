/* From settings to hosts. What stands nearest to a host counts: what --hosts says of it, then its section [HOST name],
 * then the maps of [SSH], then what [SSH] says of all. */
#include <bootstrap/secret.h>
#include <bootstrap/spec.h>
#include <bootstrap/ssh.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_SIZE  384
#define JUMPS_MAX 4 /* hosts to jump through, one behind the other */

struct member {
    struct member *next; /* among those that are only jumped through */
    struct ct_host host;
    struct ct__ssh_settings ssh;
};

/* What is freed with the set. */
struct block {
    struct block *next;
    size_t size;
    _Alignas(max_align_t) char bytes[];
};

struct ct__hosts {
    struct member **members;
    size_t count;
    struct block *blocks;
};

/* While the set is read. */
struct reader {
    const struct ct_config *config;
    struct ct__hosts *hosts;
    struct ct_error *error;
};

static const char *const nothing[] = { NULL };

/* Zeroed; NULL: no memory. */
static void *keep(struct ct__hosts *hosts, size_t size)
{
    struct block *block = calloc(1, sizeof(*block) + size);
    if (!block) return NULL;
    block->size = size;
    block->next = hosts->blocks;
    hosts->blocks = block;
    return block->bytes;
}

static char *keep_text(struct ct__hosts *hosts, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = keep(hosts, size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void ct__hosts_free(struct ct__hosts *hosts)
{
    if (!hosts) return;
    while (hosts->blocks) {
        struct block *block = hosts->blocks;
        hosts->blocks = block->next;
        explicit_bzero(block->bytes, block->size);
        free(block);
    }
    free(hosts->members);
    free(hosts);
}

size_t ct__hosts_count(const struct ct__hosts *hosts)
{
    return hosts->count;
}

const struct ct_host *ct__hosts_at(const struct ct__hosts *hosts, size_t i)
{
    return &hosts->members[i]->host;
}

const struct ct__ssh_settings *ct__hosts_ssh(const struct ct__hosts *hosts, const struct ct_host *host)
{
    for (size_t i = 0; i < hosts->count; i++) {
        const struct member *member = hosts->members[i];
        if (&member->host == host || strcmp(member->host.name, host->name) == 0) return &member->ssh;
    }
    return NULL;
}

/* ---- single values ---- */

/* The key of the host's section that has a value: [HOST c:2222] before [HOST c]. */
static const char *section_key(const struct reader *reader, const struct ct__spec *spec, const char *bare, char *key)
{
    snprintf(key, KEY_SIZE, "HOST %s.%s", spec->name, bare);
    if (ct_config_get(reader->config, key)) return key;
    snprintf(key, KEY_SIZE, "HOST %s.%s", spec->address, bare);
    return key;
}

static const char *section_value(const struct reader *reader, const struct ct__spec *spec, const char *bare)
{
    char key[KEY_SIZE];
    return ct_config_get(reader->config, section_key(reader, spec, bare, key));
}

static int section_number(const struct reader *reader, const struct ct__spec *spec, const char *bare)
{
    char key[KEY_SIZE];
    return (int)ct__config_number(reader->config, section_key(reader, spec, bare, key));
}

/* Its own, or that of [SSH]. */
static bool is_direct(const struct reader *reader, const struct ct__spec *spec)
{
    const char *value = section_value(reader, spec, "direct");
    if (!value) value = ct_config_get(reader->config, "SSH.direct");
    return value && (strcmp(value, "yes") == 0 || strcmp(value, "1") == 0);
}

/* The host's entry in a map of [SSH], copied into *text; untouched where there is none. */
static enum ct_err map_value(struct reader *reader, const char *key, const struct ct__spec *spec, const char **text)
{
    const char *map = ct_config_get(reader->config, key);
    if (!map) return CT_OK;
    json_t *json = NULL;
    enum ct_err err = ct__json_parse(map, &json, reader->error);
    if (err) return err;
    json_t *found = json_object_get(json, spec->name);
    if (!found) found = json_object_get(json, spec->address);
    if (found) *text = keep_text(reader->hosts, json_string_value(found));
    if (found && !*text) err = ct__nomem(reader->error);
    json_decref(json);
    return err;
}

static enum ct_err copy_text(struct reader *reader, const char *value, const char **text)
{
    if (!value) return CT_OK;
    *text = keep_text(reader->hosts, value);
    return *text ? CT_OK : ct__nomem(reader->error);
}

/* A path with "~/" at its start made that of the home directory. */
static enum ct_err copy_path(struct reader *reader, const char *value, const char **path)
{
    char *whole = NULL;
    if (!value || strncmp(value, "~/", 2) != 0) return copy_text(reader, value, path);
    if (asprintf(&whole, "%s%s", ct__home(), value + 1) < 0) return ct__nomem(reader->error);
    enum ct_err err = copy_text(reader, whole, path);
    free(whole);
    return err;
}

/* The first line of the file that key names, where it names one. */
static enum ct_err copy_secret(struct reader *reader, const char *key, const char **secret)
{
    const char *value = ct_config_get(reader->config, key), *path = NULL;
    char text[CT__SECRET_SIZE];
    enum ct_err err = copy_path(reader, value, &path);
    if (err || !path) return err;
    err = ct__secret_read(path, ct__config_where(reader->config, key), text, reader->error);
    if (!err) err = copy_text(reader, text, secret);
    explicit_bzero(text, sizeof(text));
    return err;
}

/* ---- lists ---- */

/* The strings of a list, as JSON or between commas, in a JSON array. */
static enum ct_err parse_list(const char *value, json_t **list, struct ct_error *error)
{
    if (ct__list_is_json(value)) return ct__json_parse(value, list, error);
    json_t *array = json_array();
    while (array) {
        size_t lead = strspn(value, " \t"), size = strcspn(value, ","), used = size;
        while (used > lead && strchr(" \t", value[used - 1])) used--;
        if (json_array_append_new(array, json_stringn(value + lead, used - lead)) != 0) break;
        if (value[size] == '\0') {
            *list = array;
            return CT_OK;
        }
        value += size + 1;
    }
    json_decref(array);
    return ct__nomem(error);
}

/* NULL-terminated; *texts is left as it is for a value that is not set. */
static enum ct_err copy_list(struct reader *reader, const char *value, const char *const **texts)
{
    json_t *list = NULL;
    enum ct_err err = value ? parse_list(value, &list, reader->error) : CT_OK;
    if (err || !value) return err;
    const char **copies = keep(reader->hosts, (json_array_size(list) + 1) * sizeof(*copies));
    if (!copies) err = ct__nomem(reader->error);
    for (size_t i = 0; !err && i < json_array_size(list); i++)
        err = copy_path(reader, json_string_value(json_array_get(list, i)), &copies[i]);
    json_decref(list);
    if (!err) *texts = copies;
    return err;
}

static bool is_variable(const char *name)
{
    if (*name >= '0' && *name <= '9') return false;
    return *name != '\0' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(name);
}

static enum ct_err copy_variables(struct reader *reader, const json_t *map, const char *where, const char **copies)
{
    const char *name;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)map, name, value)
    {
        char *text = NULL;
        if (!is_variable(name))
            return ct__error(reader->error, CT_ECONFIG, "%s: '%.60s' is no variable's name: letters, digits and _",
                             where, name);
        if (asprintf(&text, "%s=%s", name, json_string_value(value)) < 0) return ct__nomem(reader->error);
        enum ct_err err = copy_text(reader, text, &copies[count++]);
        free(text);
        if (err) return err;
    }
    return CT_OK;
}

static enum ct_err copy_environment(struct reader *reader, const struct ct__spec *spec, struct ct_host *host)
{
    char key[KEY_SIZE];
    json_t *map = NULL;
    const char *value = ct_config_get(reader->config, section_key(reader, spec, "environment", key));
    if (!value) return CT_OK;
    enum ct_err err = ct__json_parse(value, &map, reader->error);
    if (err) return err;
    const char **copies = keep(reader->hosts, (json_object_size(map) + 1) * sizeof(*copies));
    err = copies ? copy_variables(reader, map, ct__config_where(reader->config, key), copies)
                 : ct__nomem(reader->error);
    json_decref(map);
    if (!err) host->environment = copies;
    return err;
}

/* ---- one host ---- */

static enum ct_err read_host(struct reader *reader, const struct ct__spec *spec, struct ct_host *host)
{
    const char *address = section_value(reader, spec, "address"), *user = section_value(reader, spec, "user");
    int services = section_number(reader, spec, "services"), port = section_number(reader, spec, "port");
    *host = (struct ct_host){ .environment = nothing, .files = nothing };
    host->services = spec->services ? spec->services : services;
    host->threads = section_number(reader, spec, "threads");
    host->direct = is_direct(reader, spec);
    host->port = spec->port ? spec->port : port ? port : (int)ct__config_number(reader->config, "SSH.port");
    enum ct_err err = copy_text(reader, spec->name, &host->name);
    if (!err) err = copy_text(reader, address ? address : spec->address, &host->address);
    if (!err) err = copy_text(reader, ct_config_get(reader->config, "SSH.username"), &host->user);
    if (!err) err = map_value(reader, "SSH.username_map", spec, &host->user);
    if (!err) err = copy_text(reader, user, &host->user);
    if (!err && spec->user[0] != '\0') err = copy_text(reader, spec->user, &host->user);
    if (!err) err = copy_text(reader, section_value(reader, spec, "work_dir"), &host->work_dir);
    if (!err) err = copy_text(reader, section_value(reader, spec, "prepare"), &host->prepare);
    if (!err) err = copy_text(reader, section_value(reader, spec, "finalize"), &host->finalize);
    if (!err) err = copy_list(reader, section_value(reader, spec, "files"), &host->files);
    if (!err) err = copy_environment(reader, spec, host);
    return err;
}

static enum ct_err read_secrets(struct reader *reader, const struct ct__spec *spec, struct ct__ssh_settings *ssh)
{
    char key[KEY_SIZE];
    enum ct_err err = copy_secret(reader, "SSH.passphrase_file", &ssh->passphrase);
    if (!err) err = copy_text(reader, ct_config_get(reader->config, "SSH.passphrase"), &ssh->passphrase);
    if (!err) err = copy_secret(reader, section_key(reader, spec, "passphrase_file", key), &ssh->passphrase);
    if (!err) err = copy_secret(reader, "SSH.password_file", &ssh->password);
    if (!err) err = copy_text(reader, ct_config_get(reader->config, "SSH.password"), &ssh->password);
    if (!err) err = map_value(reader, "SSH.password_map", spec, &ssh->password);
    if (!err) err = copy_secret(reader, section_key(reader, spec, "password_file", key), &ssh->password);
    return err;
}

static enum ct_err read_ssh(struct reader *reader, const struct ct__spec *spec, struct member *member)
{
    const struct ct_config *config = reader->config;
    struct ct__ssh_settings *ssh = &member->ssh;
    const char *user = member->host.user ? member->host.user : ct__user(), *key = NULL, *mapped = NULL;
    const char *known_hosts = ct_config_get(config, "SSH.known_hosts");
    *ssh = (struct ct__ssh_settings){
        .name = member->host.name,
        .address = member->host.address,
        .port = member->host.port,
        .accept_new = ct__config_number(config, "SSH.accept_new") > 0,
        .agent = ct__config_number(config, "SSH.agent") > 0,
        .connect_ms = ct__config_number(config, "SSH.connect_timeout"),
        .start_ms = ct__config_number(config, "SSH.start_timeout"),
        .stop_ms = ct__config_number(config, "SSH.stop_timeout"),
        .cache_days = (int)ct__config_number(config, "SSH.cache_days"),
    };
    if (!user)
        return ct__error(reader->error, CT_ECONFIG,
                         "%s: this process's user has no name: say who logs in, with user@host or SSH.username",
                         ssh->name);
    enum ct_err err = copy_text(reader, user, &ssh->user);
    if (!err) err = map_value(reader, "SSH.rsakey_map", spec, &mapped);
    key = section_value(reader, spec, "key");
    if (!key) key = mapped ? mapped : ct_config_get(config, "SSH.rsakey");
    if (!err) err = copy_path(reader, key, &ssh->key);
    if (!err) err = copy_path(reader, known_hosts ? known_hosts : "~/.ssh/known_hosts", &ssh->known_hosts);
    if (!err) err = read_secrets(reader, spec, ssh);
    return err;
}

static enum ct_err read_member(struct reader *reader, const struct ct__spec *spec, int depth, struct member **member);

/* The host that this one is reached through: its own, or, for one that is no jump host itself, that of [SSH]. */
static enum ct_err read_jump(struct reader *reader, const struct ct__spec *spec, int depth, struct member *member)
{
    char key[KEY_SIZE];
    struct ct__spec jump;
    struct member *through = NULL;
    const char *where_key = section_key(reader, spec, "jump", key);
    const char *value = ct_config_get(reader->config, where_key);
    if (!value && depth == 0) value = ct_config_get(reader->config, where_key = "SSH.jump");
    if (!value || strcmp(value, "none") == 0) return CT_OK;
    const char *where = ct__config_where(reader->config, where_key);
    if (depth == JUMPS_MAX)
        return ct__error(reader->error, CT_ECONFIG, "%s: %s is behind more than %d jump hosts, or behind itself", where,
                         spec->name, JUMPS_MAX);
    enum ct_err err = ct__spec_read(value, where, &jump, reader->error);
    if (!err && jump.services > 0)
        err = ct__error(reader->error, CT_ECONFIG, "%s: '%.80s': a jump host runs no services", where, value);
    if (!err) err = read_member(reader, &jump, depth + 1, &through);
    if (!err) member->ssh.jump = &through->ssh;
    return err;
}

static enum ct_err read_member(struct reader *reader, const struct ct__spec *spec, int depth, struct member **member)
{
    struct member *read = keep(reader->hosts, sizeof(*read));
    if (!read) return ct__nomem(reader->error);
    enum ct_err err = read_host(reader, spec, &read->host);
    if (!err) err = read_ssh(reader, spec, read);
    if (!err) err = read_jump(reader, spec, depth, read);
    if (!err) *member = read;
    return err;
}

/* ---- all of them ---- */

static enum ct_err add_member(struct reader *reader, const char *text, const char *where)
{
    struct ct__spec spec;
    struct ct__hosts *hosts = reader->hosts;
    enum ct_err err = ct__spec_read(text, where, &spec, reader->error);
    for (size_t i = 0; !err && i < hosts->count; i++) {
        if (strcmp(hosts->members[i]->host.name, spec.name) == 0)
            err = ct__error(reader->error, CT_ECONFIG,
                            "%s: %.80s is named twice; for more services there write %.80s*8", where, spec.name,
                            spec.name);
    }
    struct member *member = NULL;
    if (!err) err = read_member(reader, &spec, 0, &member);
    if (member) hosts->members[hosts->count++] = member;
    return err;
}

enum ct_err ct__hosts_new(const struct ct_config *config, const char *list, struct ct__hosts **hosts,
                          struct ct_error *error)
{
    json_t *items = NULL;
    const char *value = list ? list : ct_config_get(config, "NET.machine_ips");
    const char *where = list ? "hosts" : ct__config_where(config, "NET.machine_ips");
    struct ct__hosts *made = calloc(1, sizeof(*made));
    struct reader reader = { .config = config, .hosts = made, .error = error };
    if (!made) return ct__nomem(error);
    enum ct_err err = value ? parse_list(value, &items, error) : CT_OK;
    size_t count = json_array_size(items);
    if (!err && !(made->members = calloc(count + 1, sizeof(struct member *)))) {
        ct__nomem(error);
        err = CT_NOMEM;
    }
    for (size_t i = 0; !err && i < count; i++) {
        const char *text = json_string_value(json_array_get(items, i));
        err = text ? add_member(&reader, text, where)
                   : ct__error(error, CT_ECONFIG, "%s: not all of this are strings", where);
    }
    json_decref(items);
    if (err)
        ct__hosts_free(made);
    else
        *hosts = made;
    return err;
}
