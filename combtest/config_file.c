/* inih cuts what it does not like without a word: lines over its limit, values at " ;" even within quotes, and it takes
 * every indented line for a continuation. So lines are read and checked here before inih sees them. */
#include <combtest/config_file.h>
#include <combtest/keys.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <loaded/inih.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX ((size_t)1 << 20)
#define SHIELD        '\x01' /* stands for a quoted ';' while inih has the line; no line holds one */
#define NOTHING       "this is no [section], no key = value and no comment"
#define KEY_SIZE      128
#define WHERE_SIZE    512
#define SECTION_MAX   49 /* bytes of a section's name that inih keeps */

struct set_key {
    char *name;
    unsigned line;
};

struct reader {
    struct ct_config *config;
    const char *name; /* of the file */
    const char *at, *end;
    unsigned line;
    bool indented;              /* the line that inih has now begins with white space */
    bool in_value;              /* a key came since the last [section], so an indented line continues its value */
    char key[KEY_SIZE], *value; /* the key whose value is being gathered; value NULL: there is none */
    unsigned value_line;
    struct set_key *set; /* the keys that were set so far */
    size_t set_count;
    struct ct_error *error;
    enum ct_err err; /* the first error; after it nothing is done any more */
};

static int fail(struct reader *reader, unsigned line, const char *what)
{
    reader->err = ct__error(reader->error, CT_ECONFIG, "%s:%u: %s", reader->name, line, what);
    return 0;
}

/* ---- lines ---- */

/* Hides each ';' within double quotes from inih; false for one outside of them that would begin a comment. */
static bool shield_semicolons(char *line)
{
    bool quoted = false;
    for (char *c = line; *c != '\0'; c++) {
        if (quoted && *c == '\\' && c[1] != '\0') {
            c++;
            continue;
        }
        if (*c == '"') quoted = !quoted;
        if (*c == ';' && quoted) *c = SHIELD;
        if (*c == ';' && c > line && isspace((unsigned char)c[-1])) return false;
    }
    return true;
}

static bool is_comment(const char *line)
{
    line += strspn(line, " \t");
    return *line == ';' || *line == '#' || *line == '\0';
}

/* inih tells of sections only with their keys, and one without any may be misspelt all the same. */
static bool check_section_name(struct reader *reader, const char *name, const char *end)
{
    char given[KEY_SIZE], prefix[WHERE_SIZE + KEY_SIZE];
    size_t size = (size_t)(end - name) < KEY_SIZE - 2 ? (size_t)(end - name) : KEY_SIZE - 2;
    memcpy(given, name, size);
    memcpy(given + size, ".", 2);
    if (ct__key_is_host(given) && size > SECTION_MAX)
        return fail(reader, reader->line,
                    "the host's name is too long for a section: at most 44 bytes; give the host "
                    "a short name, and its own under the key address");
    if (ct__section_exists(given)) return true;
    snprintf(prefix, sizeof(prefix), "%s:%u: [%.*s]", reader->name, reader->line, (int)size, name);
    reader->err = ct__key_unknown(given, prefix, reader->error);
    return false;
}

static bool check_section_line(struct reader *reader, const char *line)
{
    const char *end = strchr(line, ']');
    reader->in_value = false;
    if (!end) return fail(reader, reader->line, "a section's name ends with ']': [RUN]");
    if (!is_comment(end + 1)) return fail(reader, reader->line, "only a comment may follow a section's name");
    return check_section_name(reader, line + strspn(line, " \t") + 1, end);
}

static bool check_line(struct reader *reader, char *line)
{
    for (const char *c = line; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 127)
            return fail(reader, reader->line, "a control character in the line");
    }
    reader->indented = isspace((unsigned char)*line) != 0;
    if (is_comment(line)) return true;
    bool section = *line == '[' || (!reader->in_value && line[strspn(line, " \t")] == '[');
    if (section) return check_section_line(reader, line);
    bool continued = reader->indented && reader->in_value;
    if (!continued && !strpbrk(line, "=:")) return fail(reader, reader->line, NOTHING);
    if (shield_semicolons(line)) return true;
    return fail(reader, reader->line,
                "' ;' would begin a comment here: put the value in double quotes, or the comment on a line of its own");
}

/* Copies the next line, at most limit bytes, to out and steps over it. */
static bool take_line(struct reader *reader, char *out, size_t limit)
{
    const char *newline = memchr(reader->at, '\n', (size_t)(reader->end - reader->at));
    const char *end = newline ? newline : reader->end;
    size_t size = (size_t)(end - reader->at);
    if (newline && size > 0 && end[-1] == '\r') size--;
    /* A list that ends in the first column: inih knows it as a continuation by its white space only. */
    size_t indent = reader->in_value && size > 0 && (*reader->at == ']' || *reader->at == '}') ? 1 : 0;
    if (memchr(reader->at, '\0', size)) return fail(reader, reader->line, "a NUL byte in the line");
    if (size + indent > limit) {
        char what[128];
        snprintf(what, sizeof(what), "the line has %zu bytes; at most %zu are taken: continue a list on the next line",
                 size, limit - indent);
        return fail(reader, reader->line, what);
    }
    if (indent) *out = ' ';
    memcpy(out + indent, reader->at, size);
    out[indent + size] = '\0';
    reader->at = newline ? newline + 1 : reader->end;
    return true;
}

/* inih's reader function: one whole line a call, so that inih's count of lines is right. */
static char *next_line(char *out, int size, void *stream)
{
    struct reader *reader = stream;
    if (reader->err || reader->at == reader->end || size < 2) return NULL;
    reader->line++;
    if (!take_line(reader, out, (size_t)size - 1) || !check_line(reader, out)) return NULL;
    return out;
}

/* ---- values ---- */

/* Takes the quotes off a value that begins with one; \" and \\ in it stand for " and \. */
static bool unquote(char *value)
{
    if (*value != '"') return true;
    char *to = value, *from = value + 1;
    while (*from != '\0' && *from != '"') {
        if (*from == '\\' && (from[1] == '"' || from[1] == '\\')) from++;
        *to++ = *from++;
    }
    if (from[0] != '"' || from[1] != '\0') return false;
    *to = '\0';
    return true;
}

/* Notes that the key is set here; the line that set it before, or 0. */
static unsigned note_key(struct reader *reader)
{
    size_t index = ct__key_find(reader->key);
    const char *name = index < ct__key_count ? ct__keys[index].name : reader->key;
    for (size_t i = 0; i < reader->set_count; i++) {
        if (strcmp(reader->set[i].name, name) == 0) return reader->set[i].line;
    }
    struct set_key *grown = realloc(reader->set, (reader->set_count + 1) * sizeof(*grown));
    char *copy = strdup(name);
    if (grown) reader->set = grown;
    if (grown && copy)
        grown[reader->set_count++] = (struct set_key){ .name = copy, .line = reader->value_line };
    else
        reader->err = ct__nomem(reader->error);
    if (!grown) free(copy);
    return 0;
}

/* Sets the key whose value is complete. */
static int finish_value(struct reader *reader)
{
    if (!reader->value || reader->err) return !reader->err;
    char where[WHERE_SIZE], prefix[WHERE_SIZE + KEY_SIZE];
    int section = (int)ct__section_size(reader->key);
    snprintf(where, sizeof(where), "%s:%u", reader->name, reader->value_line);
    snprintf(prefix, sizeof(prefix), "%s: [%.*s] %s", where, section, reader->key, reader->key + section + 1);
    unsigned first = ct__key_of(reader->key) ? note_key(reader) : 0;
    if (first > 0) {
        reader->err = ct__error(reader->error, CT_ECONFIG, "%s: set a second time; the first is in line %u", prefix,
                                first);
    } else if (!unquote(reader->value)) {
        reader->err = ct__error(reader->error, CT_ECONFIG,
                                "%s: a value that begins with \" must end with the next one; write \\\" for one within",
                                prefix);
    } else if (!reader->err) {
        reader->err = ct__config_set_shown(reader->config, reader->key, reader->value, CT__ORIGIN_FILE, where, prefix,
                                           reader->error);
    }
    free(reader->value);
    reader->value = NULL;
    return !reader->err;
}

static bool may_continue(const char *key)
{
    const struct ct__key *row = ct__key_of(key); /* one that is none is said to be unknown when its value is complete */
    return !row || row->kind == CT__KIND_LIST || row->kind == CT__KIND_MAP;
}

static int continue_value(struct reader *reader, const char *more)
{
    if (!may_continue(reader->key)) {
        char what[KEY_SIZE + 128];
        snprintf(what, sizeof(what),
                 "the indented line continues %s, which takes one line; begin a key in the first column", reader->key);
        return fail(reader, reader->line, what);
    }
    size_t size = strlen(reader->value), more_size = strlen(more);
    char *joined = realloc(reader->value, size + more_size + 2);
    if (!joined) {
        reader->err = ct__nomem(reader->error);
        return 0;
    }
    joined[size] = ' ';
    memcpy(joined + size + 1, more, more_size + 1);
    reader->value = joined;
    return 1;
}

static int begin_value(struct reader *reader, const char *section, const char *name, const char *value)
{
    if (!finish_value(reader)) return 0;
    if (*section == '\0')
        return fail(reader, reader->line, "a key before any section; write [RUN] or another above it");
    int size = snprintf(reader->key, sizeof(reader->key), "%s.%s", section, name);
    bool dots = ct__key_is_host(reader->key) ? strchr(name, '.') != NULL : strchr(section, '.') != NULL;
    if (*name == '\0' || dots || size >= (int)sizeof(reader->key))
        return fail(reader, reader->line, "no section or key has such a name");
    reader->value = strdup(value);
    if (!reader->value) reader->err = ct__nomem(reader->error);
    reader->value_line = reader->line;
    reader->in_value = true;
    return reader->value != NULL;
}

/* inih's handler: once for each line of a value. */
static int take_value(void *user, const char *section, const char *name, const char *value)
{
    struct reader *reader = user;
    char text[WHERE_SIZE];
    if (reader->err) return 0;
    int size = snprintf(text, sizeof(text), "%s", value);
    if (size >= (int)sizeof(text)) return fail(reader, reader->line, "the line is too long");
    for (char *c = text; *c != '\0'; c++) *c = *c == SHIELD ? ';' : *c;
    if (reader->in_value && reader->indented && reader->value) return continue_value(reader, text);
    return begin_value(reader, section, name, text);
}

enum ct_err ct__config_parse(struct ct_config *config, const char *name, const char *text, size_t size,
                             struct ct_error *error)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* of UTF-8, at the start of files from elsewhere */
    struct reader reader = { .config = config, .name = name, .at = text, .end = text + size, .error = error };
    enum ct_err err = ct__inih_load(error);
    if (err) return err;
    if (size >= 3 && memcmp(text, mark, 3) == 0) reader.at += 3;
    int line = ini_parse_stream(next_line, &reader, take_value, &reader);
    finish_value(&reader);
    if (!reader.err && line > 0) fail(&reader, (unsigned)line, NOTHING);
    if (!reader.err && line < 0) reader.err = ct__nomem(error);
    free(reader.value);
    for (size_t i = 0; i < reader.set_count; i++) free(reader.set[i].name);
    free(reader.set);
    return reader.err;
}

/* ---- files ---- */

static enum ct_err open_file(const char *path, int *fd, struct ct_error *error)
{
    do {
        *fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (*fd < 0 && errno == EINTR);
    if (*fd >= 0) return CT_OK;
    if (errno == ENOENT) return ct__error(error, CT_ENOTFOUND, "%s: no such file", path);
    return ct__error(error, CT_ECONFIG, "%s: cannot be read: %s", path, strerror(errno));
}

/* Reads up to limit bytes; what is read is the caller's even after an error. */
static ssize_t read_all(int fd, char *text, size_t limit)
{
    size_t size = 0;
    while (size < limit) {
        ssize_t got = read(fd, text + size, limit - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        size += (size_t)got;
    }
    return (ssize_t)size;
}

enum ct_err ct__config_read(struct ct_config *config, const char *path, struct ct_error *error)
{
    int fd;
    enum ct_err err = open_file(path, &fd, error);
    if (err) return err;
    char *text = malloc(FILE_SIZE_MAX + 1);
    if (!text) {
        err = ct__nomem(error);
        goto out;
    }
    ssize_t size = read_all(fd, text, FILE_SIZE_MAX + 1);
    if (size < 0)
        err = ct__error(error, CT_ECONFIG, "%s: cannot be read: %s", path, strerror(errno));
    else if ((size_t)size > FILE_SIZE_MAX)
        err = ct__error(error, CT_ECONFIG, "%s: over 1 MiB; this is no configuration", path);
    else
        err = ct__config_parse(config, path, text, (size_t)size, error);
out:
    free(text);
    close(fd);
    return err;
}
