/* What a private key's file says without its passphrase. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_KEYFILE_H
#define COMBTEST_BOOTSTRAP_KEYFILE_H
#include <combtest/error.h>
#include <stdbool.h>
#include <stddef.h>

struct ct__keyfile {
    bool encrypted, rsa;
    size_t public_size; /* 0: the file does not hold the public key in clear */
    unsigned char public_key[4096];
};

/* CT_ENOTFOUND where it is not there; CT_ECONFIG for one that is no private key, or that others may read. */
enum ct_err ct__keyfile_read(const char *path, struct ct__keyfile *key, struct ct_error *error);
#endif
