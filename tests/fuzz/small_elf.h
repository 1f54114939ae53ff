/* A small program for tests of the ELF reader: a header, an interpreter, and what it needs of glibc: GLIBC_2.17 and
 * GLIBC_2.34. */
#ifndef TESTS_FUZZ_SMALL_ELF_H
#define TESTS_FUZZ_SMALL_ELF_H
#include <elf.h>
#include <stddef.h>
#include <string.h>

struct small_elf {
    Elf64_Ehdr header;
    Elf64_Phdr interpreter;
    Elf64_Shdr sections[3]; /* none; strings; needs */
    Elf64_Verneed need;
    Elf64_Vernaux versions[2];
    char strings[40];
};

static inline void small_elf_make(struct small_elf *elf)
{
    static const char strings[] = "\0libc.so.6\0GLIBC_2.34\0GLIBC_2.17";
    const int little = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    memset(elf, 0, sizeof *elf);
    memcpy(elf->header.e_ident, ELFMAG, SELFMAG);
    elf->header.e_ident[EI_CLASS] = ELFCLASS64;
    elf->header.e_ident[EI_DATA] = (unsigned char)(little ? ELFDATA2LSB : ELFDATA2MSB);
    elf->header.e_machine = EM_X86_64;
    elf->header.e_phoff = offsetof(struct small_elf, interpreter);
    elf->header.e_phnum = 1;
    elf->header.e_shoff = offsetof(struct small_elf, sections);
    elf->header.e_shnum = 3;
    elf->interpreter.p_type = PT_INTERP;
    elf->sections[1].sh_type = SHT_STRTAB;
    elf->sections[1].sh_offset = offsetof(struct small_elf, strings);
    elf->sections[2].sh_type = SHT_GNU_verneed;
    elf->sections[2].sh_link = 1;
    elf->sections[2].sh_offset = offsetof(struct small_elf, need);
    elf->need = (Elf64_Verneed){ .vn_version = 1, .vn_cnt = 2, .vn_file = 1, .vn_aux = sizeof(Elf64_Verneed) };
    elf->versions[0] = (Elf64_Vernaux){ .vna_name = 22, .vna_next = sizeof(Elf64_Vernaux) };
    elf->versions[1] = (Elf64_Vernaux){ .vna_name = 11 };
    memcpy(elf->strings, strings, sizeof strings);
}
#endif
