/* OpenSSH's own form (PROTOCOL.key in its source) has the cipher's name and the public key before what is encrypted;
 * the older PEM forms say "ENCRYPTED" where they are. */
#include <bootstrap/base64.h>
#include <bootstrap/keyfile.h>
#include <combtest/core.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)32768)
#define BEGIN    "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END      "-----END"
#define MAGIC    "openssh-key-v1"

struct bytes {
    const unsigned char *at;
    size_t left;
};

/* A length of four bytes and as many bytes as that says. */
static bool take_string(struct bytes *from, struct bytes *string)
{
    if (from->left < 4) return false;
    size_t size = (size_t)from->at[0] << 24 | (size_t)from->at[1] << 16 | (size_t)from->at[2] << 8 | from->at[3];
    if (size > from->left - 4) return false;
    *string = (struct bytes){ .at = from->at + 4, .left = size };
    from->at += 4 + size;
    from->left -= 4 + size;
    return true;
}

static bool begins_with(const struct bytes *bytes, const char *text)
{
    return bytes->left >= strlen(text) && memcmp(bytes->at, text, strlen(text)) == 0;
}

static bool read_openssh(struct bytes from, struct ct__keyfile *key)
{
    struct bytes cipher, kdf, options, public;
    if (!begins_with(&from, MAGIC) || from.left < sizeof(MAGIC)) return false;
    from.at += sizeof(MAGIC);
    from.left -= sizeof(MAGIC);
    if (!take_string(&from, &cipher) || !take_string(&from, &kdf) || !take_string(&from, &options)) return false;
    if (from.left < 4) return false;
    from.at += 4;
    from.left -= 4;
    if (!take_string(&from, &public) || public.left > sizeof(key->public_key)) return false;
    key->encrypted = !(cipher.left == 4 && begins_with(&cipher, "none"));
    memcpy(key->public_key, public.at, public.left);
    key->public_size = public.left;
    key->rsa = public.left > 11 && memcmp(public.at + 4, "ssh-rsa", 7) == 0;
    return true;
}

static bool read_text(const char *text, struct ct__keyfile *key)
{
    const char *begin = strstr(text, BEGIN), *end = begin ? strstr(begin, "\n" END) : NULL;
    *key = (struct ct__keyfile){ .encrypted = false };
    if (!begin) {
        key->encrypted = strstr(text, "ENCRYPTED") != NULL;
        key->rsa = strstr(text, "BEGIN RSA PRIVATE KEY") != NULL;
        return strstr(text, "PRIVATE KEY-----") != NULL;
    }
    unsigned char *bytes = malloc(TEXT_MAX);
    size_t size = 0;
    begin += strlen(BEGIN);
    bool good = bytes && end && ct__base64_decode(begin, (size_t)(end - begin), bytes, TEXT_MAX, &size) &&
                read_openssh((struct bytes){ .at = bytes, .left = size }, key);
    if (bytes) explicit_bzero(bytes, TEXT_MAX);
    free(bytes);
    return good;
}

static enum ct_err read_open(int fd, const char *path, struct ct__keyfile *key, struct ct_error *error)
{
    struct stat about;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size >= (off_t)TEXT_MAX)
        return ct__error(error, CT_ECONFIG, "%s: this is no private key", path);
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return ct__error(error, CT_ECONFIG, "%s: others may read this private key; make it your own with chmod 600",
                         path);
    char *text = calloc(1, TEXT_MAX);
    if (!text) return ct__nomem(error);
    enum ct_err err = CT_OK;
    ssize_t size = read(fd, text, TEXT_MAX - 1);
    if (size < 0)
        err = ct__error(error, CT_ECONFIG, "%s: cannot be read: %s", path, strerror(errno));
    else if (!read_text(text, key))
        err = ct__error(error, CT_ECONFIG, "%s: this is no private key that can be read here", path);
    explicit_bzero(text, TEXT_MAX);
    free(text);
    return err;
}

enum ct_err ct__keyfile_read(const char *path, struct ct__keyfile *key, struct ct_error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ct__error(error, errno == ENOENT ? CT_ENOTFOUND : CT_ECONFIG, "%s: the private key cannot be read: %s",
                         path, strerror(errno));
    enum ct_err err = read_open(fd, path, key, error);
    close(fd);
    return err;
}
