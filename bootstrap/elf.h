/* What a program or shared library asks of its host. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_ELF_H
#define COMBTEST_BOOTSTRAP_ELF_H
#include <combtest/error.h>
#include <stdbool.h>

struct ct__elf {
    bool is_elf;                  /* else nothing below is known: a script, or of another byte order than this host's */
    bool dynamic;                 /* it names an interpreter: ld.so */
    const char *machine;          /* as `uname -m` says it; NULL: one that is not known here */
    int glibc_major, glibc_minor; /* the newest version of glibc that it asks for; 0, 0: none */
};

/* Reads what elf(5) tells of the file. CT_EIO for a file that cannot be read; one that is damaged is no ELF. */
enum ct_err ct__elf_read(const char *path, struct ct__elf *elf, struct ct_error *error);
#endif
