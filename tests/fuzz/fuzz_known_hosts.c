/* The reader of known_hosts: from any file come host key types that we know, each once. */
#include "fuzz.h"
#include <bootstrap/ssh_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *const all[] = { "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                                   "ssh-rsa" };

static void look(const char *path, const char *address, int port)
{
    char types[200], *rest = NULL;
    unsigned seen = 0;
    const struct ct__ssh_settings settings = { .address = address, .port = port, .known_hosts = path };
    ct__ssh_known_types(&settings, types, sizeof types);
    for (char *type = strtok_r(types, ",", &rest); type; type = strtok_r(NULL, ",", &rest)) {
        size_t i = 0;
        while (i < 5 && strcmp(all[i], type) != 0) i++;
        if (i == 5 || (seen >> i & 1)) abort();
        seen |= 1u << i;
    }
    if (seen != 31) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("known_hosts", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    look(path, "h", 22);
    look(path, "10.0.0.1", 2222);
    close(fd);
    return 0;
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const char *const seeds[] = {
        "h,[10.0.0.1]:2222 ecdsa-sha2-nistp521 AAAA\n# h ssh-rsa AAAA\n*,!h ssh-rsa AAAA\n",
        "@revoked h ssh-rsa AAAA\n@cert-authority * ssh-rsa AAAA\n[10.0.0.?]:2* ssh-rsa AAAA comment\n",
        "|1|qzhmzpAFcOtH2CDvOIrBB0Qd7Wk=|ODtBiRnRWu1WNVzNjBmWcPVhS6M= ssh-ed25519 AAAA\n|1|a|b ssh-rsa A\n|\n",
    };
    if (number >= sizeof seeds / sizeof seeds[0]) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
