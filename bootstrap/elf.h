/* What a program or shared library asks of its host. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_ELF_H
#define COMBTEST_BOOTSTRAP_ELF_H
#include <combtest/error.h>
#include <stdbool.h>

struct ct__elf {
    bool is_elf;                  /* else nothing below is known: a script */
    const char *machine;          /* as `uname -m` says it; NULL: one that is not known here */
    unsigned machine_number;      /* as its header has it */
    bool dynamic;                 /* it names an interpreter: ld.so. This and what follows only of 64 bits in this
                                     host's order of bytes */
    int glibc_major, glibc_minor; /* the newest version of glibc that it asks for; 0, 0: none */
};

/* Whether it can run on a machine of that name in `uname -m`, as far as can be told. */
bool ct__elf_runs_on(const struct ct__elf *elf, const char *machine);
/* Reads what elf(5) tells of the file. CT_EIO for a file that cannot be read; one that is damaged is no ELF. */
enum ct_err ct__elf_read(const char *path, struct ct__elf *elf, struct ct_error *error);
#endif
