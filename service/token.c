#include "service/token.h"
#include "service/process.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD      "combtest token 1\n"
#define FILE_SIZE 65536

void ct__token_clear(struct ct__token *token)
{
    explicit_bzero(token->text, sizeof token->text);
    free(token->certificate);
    token->certificate = NULL;
}

enum ct_err ct__token_make(char text[CT__TOKEN_SIZE], struct ct_error *error)
{
    unsigned char bytes[CT__TOKEN_SIZE / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return ct__error(error, CT_ESYSTEM, "no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return CT_OK;
}

static enum ct_err read_text(const char *path, char *text, struct ct_error *error)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0) return ct__error(error, CT_ECONFIG, "cannot read the token file %s: %s", path, strerror(errno));
    enum ct_err code = CT_OK;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        code = ct__error(error, CT_EINVAL, "the token file %s is no regular file", path);
    else if (status.st_mode & 077)
        code = ct__error(error, CT_EINVAL, "the token file %s can be read by others: chmod 600 %s", path, path);
    else if (status.st_size >= FILE_SIZE || !ct__read_all(file, text, (size_t)status.st_size))
        code = ct__error(error, CT_ECONFIG, "cannot read the token file %s", path);
    else
        text[status.st_size] = '\0';
    close(file);
    return code;
}

enum ct_err ct__token_read(const char *path, struct ct__token *token, struct ct_error *error)
{
    char *text = calloc(1, FILE_SIZE);
    if (!text) return ct__nomem(error);
    const char *digits = text + strlen(HEAD);
    enum ct_err code = read_text(path, text, error);
    if (code != CT_OK) goto out;
    size_t size = CT__TOKEN_SIZE - 1;
    if (strncmp(text, HEAD, strlen(HEAD)) != 0 || strspn(digits, "0123456789abcdef") != size || digits[size] != '\n') {
        code = ct__error(error, CT_EINVAL, "%s is no token file: a run with --listen makes one where there is none",
                         path);
        goto out;
    }
    const char *certificate = digits + size + 1;
    char *copy = *certificate ? strdup(certificate) : NULL;
    if (*certificate && !copy) {
        code = ct__nomem(error);
        goto out;
    }
    memcpy(token->text, digits, size);
    token->text[size] = '\0';
    token->certificate = copy;
out:
    explicit_bzero(text, FILE_SIZE);
    free(text);
    return code;
}

enum ct_err ct__token_write(const char *path, const struct ct__token *token, struct ct_error *error)
{
    const char *certificate = token->certificate ? token->certificate : "";
    char *aside = NULL;
    if (asprintf(&aside, "%s.XXXXXX", path) < 0) return ct__nomem(error);
    int file = mkostemp(aside, O_CLOEXEC); /* 0600 */
    bool good = file >= 0 && ct__write_all(file, HEAD, strlen(HEAD)) &&
                ct__write_all(file, token->text, strlen(token->text)) && ct__write_all(file, "\n", 1) &&
                ct__write_all(file, certificate, strlen(certificate));
    int cause = errno;
    if (file >= 0 && close(file) != 0) good = false;
    if (good && rename(aside, path) != 0) good = false, cause = errno;
    if (!good && file >= 0) unlink(aside);
    free(aside);
    return good ? CT_OK : ct__error(error, CT_EIO, "cannot write the token file %s: %s", path, strerror(cause));
}
