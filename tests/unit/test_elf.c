/* What an ELF file asks of its host; damaged ones ask for nothing, and harm nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "../fuzz/small_elf.h"
#include <bootstrap/elf.h>
#include <cmocka.h>
#include <combtest/option.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

static struct ct_error error;

static struct ct__elf read_bytes(const void *bytes, size_t size)
{
    char path[64];
    struct ct__elf elf;
    int fd = memfd_create("elf", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes, size), size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (ct__elf_read(path, &elf, &error)) fail_msg("%s", error.text);
    close(fd);
    return elf;
}

static void the_newest_version_that_it_needs_is_found(void **state)
{
    struct small_elf small;
    (void)state;
    small_elf_make(&small);
    struct ct__elf elf = read_bytes(&small, sizeof small);
    assert_true(elf.is_elf && elf.dynamic);
    assert_string_equal(elf.machine, "x86_64");
    assert_int_equal(elf.glibc_major, 2);
    assert_int_equal(elf.glibc_minor, 34);
    small.header.e_phnum = 0;
    assert_false(read_bytes(&small, sizeof small).dynamic);
}

/* Programs of this host: what they need, this host has. */
static void this_program_runs_here(void **state)
{
    struct ct__elf elf;
    struct utsname host;
    char libc[64];
    int major = 0, minor = 0;
    (void)state;
    assert_int_equal(uname(&host), 0);
    assert_int_equal(ct__elf_read("/proc/self/exe", &elf, &error), CT_OK);
    assert_true(elf.is_elf && elf.dynamic && ct__elf_runs_on(&elf, host.machine));
    assert_true(confstr(_CS_GNU_LIBC_VERSION, libc, sizeof libc) > 0);
    assert_int_equal(sscanf(libc, "glibc %d.%d", &major, &minor), 2);
    assert_int_equal(elf.glibc_major, major);
    assert_in_range(elf.glibc_minor, 1, (uintmax_t)minor);
}

static void a_machine_is_known_by_its_number(void **state)
{
    static const struct {
        unsigned machine;
        unsigned char order;
        const char *name, *also, *never;
    } rows[] = {
        { EM_X86_64, ELFDATA2LSB, "x86_64", NULL, "aarch64" },  { EM_AARCH64, ELFDATA2LSB, "aarch64", NULL, "x86_64" },
        { EM_PPC64, ELFDATA2LSB, "ppc64le", NULL, "ppc64" },    { EM_PPC64, ELFDATA2MSB, "ppc64", NULL, "ppc64le" },
        { EM_S390, ELFDATA2MSB, "s390x", NULL, "x86_64" },      { EM_386, ELFDATA2LSB, "i686", "x86_64", "aarch64" },
        { EM_ARM, ELFDATA2LSB, "armv7l", "aarch64", "x86_64" }, { 0x1234, ELFDATA2LSB, NULL, "one-more", "x86_64" },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        unsigned char start[64] = ELFMAG;
        int big = rows[i].order == ELFDATA2MSB;
        start[EI_DATA] = rows[i].order;
        start[18 + big] = (unsigned char)(rows[i].machine & 255);
        start[19 - big] = (unsigned char)(rows[i].machine >> 8);
        struct ct__elf elf = read_bytes(start, sizeof start);
        assert_true(elf.is_elf);
        assert_int_equal(elf.machine_number, rows[i].machine);
        if (rows[i].name)
            assert_string_equal(elf.machine, rows[i].name);
        else
            assert_null(elf.machine);
        if (rows[i].name) assert_true(ct__elf_runs_on(&elf, rows[i].name));
        if (rows[i].also) assert_true(ct__elf_runs_on(&elf, rows[i].also));
        assert_false(ct__elf_runs_on(&elf, rows[i].never));
    }
}

static void what_is_cut_off_is_read_as_far_as_it_goes(void **state)
{
    struct small_elf small;
    (void)state;
    small_elf_make(&small);
    for (size_t size = 1; size < sizeof small; size++) {
        struct ct__elf elf = read_bytes(&small, size);
        assert_int_equal(elf.is_elf, size >= 20);
        assert_true(elf.glibc_minor == 0 || elf.glibc_minor == 17 || elf.glibc_minor == 34 || elf.glibc_minor == 3);
    }
    assert_false(read_bytes("#!/bin/sh\necho no\n", 18).is_elf);
}

/* Chains that lead back or nowhere, counts of all they can count, offsets beyond the end. */
static void chains_without_end_end(void **state)
{
    struct small_elf small;
    (void)state;
    small_elf_make(&small);
    small.versions[1].vna_next = 0;
    small.need.vn_cnt = UINT16_MAX;
    assert_int_equal(read_bytes(&small, sizeof small).glibc_minor, 34);
    small.need.vn_next = (Elf64_Word) - (int)sizeof small.need;
    assert_int_equal(read_bytes(&small, sizeof small).glibc_minor, 34);
    small.need.vn_aux = UINT32_MAX;
    assert_int_equal(read_bytes(&small, sizeof small).glibc_minor, 0);
    small.sections[2].sh_link = 7;
    assert_int_equal(read_bytes(&small, sizeof small).glibc_minor, 0);
    small.header.e_shoff = UINT64_MAX - 10;
    small.header.e_phoff = UINT64_MAX;
    struct ct__elf elf = read_bytes(&small, sizeof small);
    assert_true(elf.is_elf && !elf.dynamic && elf.glibc_major == 0);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    struct ct__elf elf;
    (void)state;
    assert_int_equal(ct__elf_read("/nowhere/at-all", &elf, &error), CT_EIO);
    assert_string_equal(error.text, "/nowhere/at-all: cannot be read: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_version_that_it_needs_is_found),
        cmocka_unit_test(this_program_runs_here),
        cmocka_unit_test(a_machine_is_known_by_its_number),
        cmocka_unit_test(what_is_cut_off_is_read_as_far_as_it_goes),
        cmocka_unit_test(chains_without_end_end),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
