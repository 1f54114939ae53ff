/* The reader of private keys' files, and base64: any file is read or refused by name; what base64 reads, it writes. */
#include "fuzz.h"
#include <bootstrap/base64.h>
#include <bootstrap/keyfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_key(const uint8_t *data, size_t size)
{
    char path[64];
    struct ct__keyfile key;
    struct ct_error error = { 0 };
    int fd = memfd_create("key", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size || fchmod(fd, 0600) != 0) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum ct_err err = ct__keyfile_read(path, &key, &error);
    close(fd);
    if (err == CT_OK && key.public_size > sizeof key.public_key) abort();
    if (err != CT_OK && (err != CT_ECONFIG || strncmp(error.text, path, strlen(path)) != 0)) abort();
}

static void there_and_back(const uint8_t *data, size_t size)
{
    static unsigned char bytes[8192], again[8192];
    size_t count, more;
    bool good = ct__base64_decode((const char *)data, size, bytes, sizeof bytes, &count);
    if (good && count > size) abort();
    char *text = ct__base64_encode(data, size);
    if (!text || strlen(text) != (size + 2) / 3 * 4) abort();
    if (!ct__base64_decode(text, strlen(text), again, size, &more) || more != size) abort();
    if (size > 0 && memcmp(again, data, size) != 0) abort();
    if (size > 0 && ct__base64_decode(text, strlen(text), again, size - 1, &more)) abort();
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_key(data, size);
    there_and_back(data, size);
    return 0;
}

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----\n"
#define END   "\n-----END OPENSSH PRIVATE KEY-----\n"

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    /* openssh-key-v1, the cipher (none, aes256-ctr), no kdf, one key: ssh-ed25519, ssh-rsa; nothing secret behind it */
    static const char *const seeds[] = {
        BEGIN "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAEwAAAAtzc2gtZWQyNTUxOQAAAAA=" END,
        BEGIN "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAEbm9uZQAAAAAAAAABAAAADwAAAAdz\nc2gtcnNhAAAAAA==" END,
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIE\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
    };
    if (number >= sizeof seeds / sizeof seeds[0]) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
