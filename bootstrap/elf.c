#include <bootstrap/elf.h>
#include <combtest/core.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
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

static const char *machine_name(unsigned machine)
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = { { EM_X86_64, "x86_64" }, { EM_AARCH64, "aarch64" }, { EM_RISCV, "riscv64" },
                  { EM_PPC64, "ppc64le" }, { EM_S390, "s390x" },      { EM_LOONGARCH, "loongarch64" } };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].machine == machine) return names[i].name;
    }
    return NULL;
}

static void read_image(const struct image *image, struct ct__elf *elf)
{
    Elf64_Ehdr header;
    const unsigned char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    if (!read_at(image, 0, &header, sizeof(header)) || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return;
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != order) return;
    elf->is_elf = true;
    elf->machine = machine_name(header.e_machine);
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
