/* Host keys: ~/.ssh/known_hosts, sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". It is read line by line here, because libssh2
 * gives up at the first line it does not know, takes an entry of port 22 for one of any other, and knows neither
 * patterns nor revoked keys; a hashed name it compares itself. */
#include <bootstrap/base64.h>
#include <bootstrap/ssh_inner.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUPPORTED "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-rsa"
#define BLANKS    " \t\r\n"

struct entry {
    bool revoked, authority;
    char *names, *type, *key;
};

/* What known_hosts says of a host. */
struct lookup {
    char name[300];         /* as known_hosts has it: "c", or "[c]:2222" */
    const char *type, *key; /* of the server; NULL: only the types are asked for */
    bool matched, revoked;
    unsigned other_line; /* that has another key for the host; 0: none */
    char *types;         /* where types are asked for */
    size_t types_size;
};

static bool split_line(char *line, struct entry *entry)
{
    char *rest = NULL;
    char *word = strtok_r(line, BLANKS, &rest);
    *entry = (struct entry){ .revoked = false };
    if (!word || *word == '#') return false;
    if (*word == '@') {
        entry->revoked = strcmp(word, "@revoked") == 0;
        entry->authority = !entry->revoked;
        word = strtok_r(NULL, BLANKS, &rest);
    }
    entry->names = word;
    entry->type = strtok_r(NULL, BLANKS, &rest);
    entry->key = strtok_r(NULL, BLANKS, &rest);
    return entry->key != NULL;
}

#define HMAC_SIZE   20
#define HMAC_DIGITS 27 /* and "=" behind them */

/* An HMAC-SHA1, or a salt for one, in base64. */
static bool is_hmac(const char *text, size_t size)
{
    unsigned char bytes[HMAC_SIZE];
    size_t count;
    return size == HMAC_DIGITS + 1 && strcspn(text, "=") == HMAC_DIGITS &&
           ct__base64_decode(text, size, bytes, sizeof(bytes), &count) && count == HMAC_SIZE;
}

/* "|1|salt|hash". libssh2 leaks memory for a hash of any other size. */
static bool is_hashed(const char *names)
{
    const char *salt = names + 3, *hash = strncmp(names, "|1|", 3) == 0 ? strchr(salt, '|') : NULL;
    return hash && is_hmac(salt, (size_t)(hash - salt)) && is_hmac(hash + 1, strlen(hash + 1));
}

/* The HMAC of the name is libssh2's to work out. */
static bool hashed_matches(const char *names, const char *name)
{
    static const char some_key[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    bool matches = false;
    char *line = NULL;
    if (ct__ssh2_load(NULL) != CT_OK) return false; /* as where it has no memory */
    LIBSSH2_SESSION *session = libssh2_session_init();
    LIBSSH2_KNOWNHOSTS *hosts = session ? libssh2_knownhost_init(session) : NULL;
    int size = hosts ? asprintf(&line, "%s %s\n", names, some_key) : -1;
    if (size > 0 && libssh2_knownhost_readline(hosts, line, (size_t)size, LIBSSH2_KNOWNHOST_FILE_OPENSSH) == 0) {
        int said = libssh2_knownhost_check(hosts, name, "AAAA", 4,
                                           LIBSSH2_KNOWNHOST_TYPE_PLAIN | LIBSSH2_KNOWNHOST_KEYENC_BASE64, NULL);
        matches = said == LIBSSH2_KNOWNHOST_CHECK_MATCH || said == LIBSSH2_KNOWNHOST_CHECK_MISMATCH;
    }
    if (size > 0) free(line);
    if (hosts) libssh2_knownhost_free(hosts);
    if (session) libssh2_session_free(session);
    return matches;
}

/* Patterns between commas; one with "!" before it takes the host out. The brackets of [host]:port are no pattern. */
static bool names_match(char *names, const char *name)
{
    bool matches = false;
    char *rest = NULL;
    if (*names == '|') return is_hashed(names) && hashed_matches(names, name);
    for (char *one = strtok_r(names, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        bool without = *one == '!';
        char pattern[512];
        size_t size = 0;
        for (const char *c = one + without; *c != '\0' && size + 3 < sizeof(pattern); c++) {
            if (*c == '[' || *c == ']') pattern[size++] = '\\';
            pattern[size++] = *c;
        }
        pattern[size] = '\0';
        if (fnmatch(pattern, name, FNM_CASEFOLD) != 0) continue;
        if (without) return false;
        matches = true;
    }
    return matches;
}

/* Whether a list between commas has the word. */
static bool is_listed(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *one = list; *one != '\0';
         one += one[strcspn(one, ",")] == ',' ? strcspn(one, ",") + 1 : strlen(one)) {
        if (strcspn(one, ",") == size && strncmp(one, word, size) == 0) return true;
    }
    return false;
}

static void add_type(struct lookup *lookup, const char *type)
{
    size_t used = strlen(lookup->types), size = strlen(type);
    bool wanted = is_listed(SUPPORTED, type) && !is_listed(lookup->types, type);
    if (wanted && used + size + 2 < lookup->types_size)
        snprintf(lookup->types + used, lookup->types_size - used, "%s%s", used > 0 ? "," : "", type);
}

static void take_entry(struct lookup *lookup, struct entry *entry, unsigned line)
{
    if (entry->authority || !names_match(entry->names, lookup->name)) return;
    if (lookup->types) {
        if (!entry->revoked) add_type(lookup, entry->type);
        return;
    }
    bool same = strcmp(entry->key, lookup->key) == 0;
    if (same && entry->revoked)
        lookup->revoked = true;
    else if (same)
        lookup->matched = true;
    else if (!entry->revoked && lookup->other_line == 0)
        lookup->other_line = line;
}

static void look_up(const struct ct__ssh_settings *settings, struct lookup *lookup)
{
    char *line = NULL;
    size_t room = 0;
    unsigned number = 0;
    struct entry entry;
    if (settings->port == 22)
        snprintf(lookup->name, sizeof(lookup->name), "%s", settings->address);
    else
        snprintf(lookup->name, sizeof(lookup->name), "[%s]:%d", settings->address, settings->port);
    FILE *file = fopen(settings->known_hosts, "re");
    if (!file) return;
    while (getline(&line, &room, file) >= 0) {
        number++;
        if (split_line(line, &entry)) take_entry(lookup, &entry, number);
    }
    free(line);
    fclose(file);
}

void ct__ssh_known_types(const struct ct__ssh_settings *settings, char *types, size_t size)
{
    struct lookup lookup = { .types = types, .types_size = size };
    char all[] = SUPPORTED, *rest = NULL;
    types[0] = '\0';
    look_up(settings, &lookup);
    for (char *type = strtok_r(all, ",", &rest); type; type = strtok_r(NULL, ",", &rest)) add_type(&lookup, type);
}

/* ---- the server's key ---- */

/* The name of the type that a public key's blob begins with: RFC 4253, 6.6. */
static bool blob_type(const char *blob, size_t size, char *type, size_t type_size)
{
    const unsigned char *bytes = (const unsigned char *)blob;
    if (size < 4) return false;
    size_t length = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3];
    if (length == 0 || length >= type_size || length > size - 4) return false;
    memcpy(type, blob + 4, length);
    type[length] = '\0';
    return true;
}

/* "ssh-ed25519 SHA256:…", as ssh-keygen -l shows it. */
static void fingerprint(struct ct__ssh *ssh, char *text, size_t size)
{
    const char *hash = libssh2_hostkey_hash(ssh->session, LIBSSH2_HOSTKEY_HASH_SHA256);
    char *base64 = hash ? ct__base64_encode((const unsigned char *)hash, 32) : NULL;
    if (base64) base64[strcspn(base64, "=")] = '\0';
    snprintf(text, size, "%s SHA256:%s", ssh->host_key, base64 ? base64 : "?");
    free(base64);
}

/* One write, so that others that add theirs at the same time do no harm. */
static enum ct_err add_line(struct ct__ssh *ssh, const struct lookup *lookup, struct ct_error *error)
{
    const struct ct__ssh_settings *settings = ssh->settings;
    char *line = NULL, *path = strdup(settings->known_hosts);
    int fd = -1;
    enum ct_err err = CT_OK;
    int size = path ? asprintf(&line, "%s %s %s\n", lookup->name, ssh->host_key, lookup->key) : -1;
    if (size < 0) {
        line = NULL;
        err = ct__nomem(error);
        goto out;
    }
    (void)mkdir(dirname(path), 0700);
    fd = open(settings->known_hosts, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, line, (size_t)size) != size)
        err = ct__error(error, CT_ECONFIG, "%s: its host key cannot be added to %s: %s", settings->name,
                        settings->known_hosts, strerror(errno));
out:
    if (fd >= 0) close(fd);
    free(line);
    free(path);
    return err;
}

/* A command that adds the host's key to the file. */
static void advise(const struct ct__ssh *ssh, char *text, size_t size)
{
    const struct ct__ssh_settings *to = ssh->settings, *jump = to->jump;
    const char *quote = strpbrk(to->known_hosts, " \t\"'$`\\*?;&|<>()") ? "'" : "";
    const char *type = strncmp(ssh->host_key, "ssh-", 4) == 0 ? ssh->host_key + 4 : ssh->host_key;
    size_t length = type == ssh->host_key ? strcspn(type, "-") : strlen(type); /* ecdsa-sha2-nistp256 */
    if (jump)
        snprintf(text, size, "ssh -o UserKnownHostsFile=%s%s%s -J %s@%s:%d -p %d %s@%s", quote, to->known_hosts, quote,
                 jump->user, jump->address, jump->port, to->port, to->user, to->address);
    else
        snprintf(text, size, "ssh-keyscan -t %.*s -p %d %s >>%s%s%s", (int)length, type, to->port, to->address, quote,
                 to->known_hosts, quote);
}

static enum ct_err refuse(struct ct__ssh *ssh, const struct lookup *lookup, struct ct_error *error)
{
    const struct ct__ssh_settings *to = ssh->settings;
    char key[192], command[512];
    fingerprint(ssh, key, sizeof(key));
    if (lookup->revoked)
        return ct__error(error, CT_ECONFIG, "%s: its host key, %s, is revoked in %s", to->name, key, to->known_hosts);
    if (lookup->other_line > 0)
        return ct__error(error, CT_ECONFIG,
                         "%s: its host key has changed: %s:%u has another one than %s. Somebody may be in between; if "
                         "the host was set up anew, `ssh-keygen -f %s -R '%s'` takes the old one out",
                         to->name, to->known_hosts, lookup->other_line, key, to->known_hosts, lookup->name);
    advise(ssh, command, sizeof(command));
    return ct__error(error, CT_ECONFIG,
                     "%s: its host key, %s, is not in %s. Compare it by another way with what the host itself says "
                     "(ssh-keygen -l), then add it: `%s`; or let new ones be added unseen: SSH.accept_new = 1",
                     to->name, key, to->known_hosts, command);
}

enum ct_err ct__ssh_known_check(struct ct__ssh *ssh, struct ct_error *error)
{
    size_t size;
    int type;
    const char *blob = libssh2_session_hostkey(ssh->session, &size, &type);
    if (!blob || !blob_type(blob, size, ssh->host_key, sizeof(ssh->host_key)))
        return ct__error(error, CT_EIO, "%s: the server has no host key that can be read", ssh->settings->name);
    char *key = ct__base64_encode((const unsigned char *)blob, size);
    if (!key) return ct__nomem(error);
    struct lookup lookup = { .type = ssh->host_key, .key = key };
    look_up(ssh->settings, &lookup);
    enum ct_err err = CT_OK;
    bool unknown = !lookup.matched && lookup.other_line == 0;
    if (lookup.revoked || (!lookup.matched && !(unknown && ssh->settings->accept_new)))
        err = refuse(ssh, &lookup, error);
    else if (unknown)
        err = add_line(ssh, &lookup, error);
    free(key);
    return err;
}
