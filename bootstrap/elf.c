#include <bootstrap/elf.h>
#include <combtest/core.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEEDS_MAX 4096 /* versions that one file asks for */

/* A file in memory; nothing outside of it is read. */
struct image {
    const unsigned char *bytes;
    size_t size;
};

static bool read_at(const struct image *image, uint64_t offset, void *to, size_t size)
{
    if (offset > image->size || size > image->size - offset) return false;
    memcpy(to, image->bytes + offset, size);
    return true;
}

/* "GLIBC_2.34" of the string table at offset. */
static void take_version(const struct image *image, uint64_t offset, struct ct__elf *elf)
{
    char name[32] = "", *end;
    size_t room = offset < image->size ? image->size - offset : 0;
    size_t size = room < sizeof(name) - 1 ? room : sizeof(name) - 1;
    if (size == 0 || !read_at(image, offset, name, size) || strncmp(name, "GLIBC_", 6) != 0) return;
    long major = strtol(name + 6, &end, 10), minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    if (major < 1 || major > 99 || minor < 0 || minor > 999) return;
    if (major < elf->glibc_major || (major == elf->glibc_major && minor <= elf->glibc_minor)) return;
    elf->glibc_major = (int)major;
    elf->glibc_minor = (int)minor;
}

/* A section of type SHT_GNU_verneed: a chain of files, each with a chain of versions. */
static void take_needs(const struct image *image, const Elf64_Shdr *section, uint64_t strings, struct ct__elf *elf)
{
    uint64_t at = section->sh_offset;
    size_t seen = 0;
    Elf64_Verneed need;
    while (seen++ < NEEDS_MAX && read_at(image, at, &need, sizeof(need))) {
        uint64_t one = at + need.vn_aux;
        Elf64_Vernaux version;
        for (size_t i = 0; i < need.vn_cnt && seen++ < NEEDS_MAX && read_at(image, one, &version, sizeof(version));
             i++) {
            take_version(image, strings + version.vna_name, elf);
            one += version.vna_next;
        }
        if (need.vn_next == 0) break;
        at += need.vn_next;
    }
}

static void take_sections(const struct image *image, const Elf64_Ehdr *header, struct ct__elf *elf)
{
    for (uint64_t i = 0; i < header->e_shnum; i++) {
        Elf64_Shdr section, strings;
        if (!read_at(image, header->e_shoff + i * sizeof(section), &section, sizeof(section))) return;
        if (section.sh_type != SHT_GNU_verneed || section.sh_link >= header->e_shnum) continue;
        if (read_at(image, header->e_shoff + section.sh_link * sizeof(strings), &strings, sizeof(strings)))
            take_needs(image, &section, strings.sh_offset, elf);
    }
}

static bool has_interpreter(const struct image *image, const Elf64_Ehdr *header)
{
    for (uint64_t i = 0; i < header->e_phnum; i++) {
        Elf64_Phdr part;
        if (!read_at(image, header->e_phoff + i * sizeof(part), &part, sizeof(part))) return false;
        if (part.p_type == PT_INTERP) return true;
    }
    return false;
}

/* Machines by their number in the header and their name in `uname -m`. Those of 32 bits also run where other says. */
static const struct machine {
    unsigned number;
    unsigned char order; /* ELFDATA2LSB or ELFDATA2MSB; 0: either */
    const char *name, *other;
} machines[] = {
    { EM_X86_64, 0, "x86_64", NULL },         { EM_AARCH64, 0, "aarch64", NULL },
    { EM_RISCV, 0, "riscv64", NULL },         { EM_PPC64, ELFDATA2LSB, "ppc64le", NULL },
    { EM_PPC64, ELFDATA2MSB, "ppc64", NULL }, { EM_S390, 0, "s390x", NULL },
    { EM_LOONGARCH, 0, "loongarch64", NULL }, { EM_386, 0, "i686", "x86_64" },
    { EM_ARM, 0, "armv7l", "aarch64" },
};

static const struct machine *find_machine(const char *name)
{
    for (size_t i = 0; name && i < sizeof(machines) / sizeof(machines[0]); i++) {
        if (strcmp(machines[i].name, name) == 0) return &machines[i];
    }
    return NULL;
}

bool ct__elf_runs_on(const struct ct__elf *elf, const char *machine)
{
    const struct machine *needed = find_machine(elf->machine);
    if (!elf->is_elf) return true;
    if (!needed) return !find_machine(machine);
    return strcmp(needed->name, machine) == 0 || (needed->other && strcmp(needed->other, machine) == 0);
}

/* Up to e_machine all headers are the same, but for the order of bytes. */
static bool read_machine(const struct image *image, struct ct__elf *elf)
{
    unsigned char start[offsetof(Elf64_Ehdr, e_machine) + 2];
    if (!read_at(image, 0, start, sizeof(start)) || memcmp(start, ELFMAG, SELFMAG) != 0) return false;
    unsigned first = start[sizeof(start) - 2], second = start[sizeof(start) - 1];
    unsigned char order = start[EI_DATA];
    elf->is_elf = true;
    elf->machine_number = order == ELFDATA2MSB ? first << 8 | second : second << 8 | first;
    for (size_t i = 0; !elf->machine && i < sizeof(machines) / sizeof(machines[0]); i++) {
        bool same = machines[i].order == 0 || machines[i].order == order;
        if (same && machines[i].number == elf->machine_number) elf->machine = machines[i].name;
    }
    return true;
}

static void read_image(const struct image *image, struct ct__elf *elf)
{
    Elf64_Ehdr header;
    const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    if (!read_machine(image, elf) || !read_at(image, 0, &header, sizeof(header))) return;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != order) return;
    elf->dynamic = has_interpreter(image, &header);
    take_sections(image, &header, elf);
}

enum ct_err ct__elf_read(const char *path, struct ct__elf *elf, struct ct_error *error)
{
    struct stat about;
    struct ct__elf read = { .is_elf = false };
    void *bytes = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0)
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    int cause = errno;
    if (fd >= 0) close(fd);
    if (bytes == MAP_FAILED) return ct__error(error, CT_EIO, "%s: cannot be read: %s", path, strerror(cause));
    read_image(&(struct image){ .bytes = bytes, .size = (size_t)about.st_size }, &read);
    munmap(bytes, (size_t)about.st_size);
    *elf = read;
    return CT_OK;
}
