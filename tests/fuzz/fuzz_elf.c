/* The reader of programs and libraries: any file is read within its bounds and in bounded time, and nothing that cannot
 * be is said of it. */
#include "fuzz.h"
#include "small_elf.h"
#include <bootstrap/elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct ct__elf elf;
    struct ct_error error = { 0 };
    int fd = memfd_create("elf", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size) abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    enum ct_err err = ct__elf_read(path, &elf, &error);
    close(fd);
    if (size == 0) {
        if (err != CT_EIO || strncmp(error.text, path, strlen(path)) != 0) abort();
        return 0;
    }
    if (err != CT_OK || elf.is_elf != (size >= 20 && memcmp(data, ELFMAG, SELFMAG) == 0)) abort();
    if (!elf.is_elf && (elf.dynamic || elf.machine || elf.glibc_major > 0)) abort();
    if (elf.glibc_major < 0 || elf.glibc_major > 99 || elf.glibc_minor < 0 || elf.glibc_minor > 999) abort();
    if (elf.machine && !ct__elf_runs_on(&elf, elf.machine)) abort();
    if (!elf.machine && elf.is_elf && ct__elf_runs_on(&elf, "x86_64")) abort();
    return 0;
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    struct small_elf elf;
    if (number > 1 || room < sizeof elf) return 0;
    small_elf_make(&elf);
    if (number == 1) {
        elf.need.vn_next = sizeof elf.need;
        elf.need.vn_cnt = UINT16_MAX;
        elf.header.e_shnum = UINT16_MAX;
    }
    memcpy(data, &elf, sizeof elf);
    return sizeof elf;
}
