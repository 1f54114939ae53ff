/* The combtest-generate command as a small program without the C library's start, which takes longer than most rows:
 * linked with musl, it answers what is small and goes well by itself, and becomes `combtest generate` for anything
 * else. It does so before it has written a byte, so that nobody can tell them apart. */
#include <alloca.h>
#include <cli/generate.h>
#include <cli/inner.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <wctype.h>

static int argument_count;
static char **argument_list;
static bool generating;

static const char name[] = "combtest";

/* Finds the combtest that lies beside this program. */
static bool find_full(char path[PATH_MAX])
{
    ssize_t size = readlink("/proc/self/exe", path, PATH_MAX - sizeof(name)), begin = size;
    while (begin > 0 && path[begin - 1] != '/') begin--;
    path[size < 0 ? 0 : size] = '\0';
    bool itself = begin > 0 && strcmp(path + begin, name) == 0;
    if (itself) errno = ELOOP;
    memcpy(path + (begin > 0 ? begin : 0), name, sizeof(name));
    return begin > 0 && !itself;
}

/* Becomes it. */
static _Noreturn void leave(void)
{
    char path[PATH_MAX], **full = alloca(((size_t)argument_count + 3) * sizeof(*full)), **next = full;
    *next++ = (char *)(uintptr_t)name;
    *next++ = (char *)(uintptr_t) "generate";
    for (int i = 1; i < argument_count; i++) *next++ = argument_list[i];
    *next = NULL;
    if (generating) ct__gen_signals_release();
    if (generating) ct__cli_pipes_release();
    if (find_full(path)) execv(path, full);
    fprintf(stderr,
            "combtest-generate: error: %s: %s; by itself combtest-generate has the rows of small models with --effort "
            "fast alone\n",
            path, strerror(errno));
    _exit(CT__EXIT_USAGE);
}

/* ---- what is left to it: solvers, threads, messages, other alphabets, other work than printing rows ---- */
#pragma GCC diagnostic ignored "-Wattribute-alias"
#define LEAVES(function) __typeof__(function) function __attribute__((alias("leave")))
LEAVES(dl_iterate_phdr); /* before a library is loaded */
LEAVES(pthread_create);
LEAVES(towupper_l);
LEAVES(ct__cli_say_error);
LEAVES(ct__cli_note);
LEAVES(ct__cli_warn);
LEAVES(ct__cli_print_clean);
LEAVES(ct__cli_print_version);
LEAVES(ct__gen_measure);
LEAVES(ct__pict_rows_parse);
LEAVES(ct__summary_check);
LEAVES(ct__open_in_place);

void ct__pict_rows_free(struct ct__pict_rows *rows)
{
    (void)rows; /* there are none */
}

/* ---- memory: as much as little work needs, zero at first, and never given back ---- */
enum { ROOM = 4 << 20, UNIT = 16, MS_MAX = 100 };
static _Alignas(64) char room[ROOM];
static size_t used;

/* Whether work that asks for memory again and again has taken so long that another start is nothing beside it. */
static bool is_late(void)
{
    static struct timespec began;
    static unsigned calls;
    struct timespec now;
    if (calls++ % 64 != 0) return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (calls == 1) began = now;
    return (now.tv_sec - began.tv_sec) * 1000 + (now.tv_nsec - began.tv_nsec) / 1000000 > MS_MAX;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of libc's headers are reserved */
static void *take(size_t alignment, size_t size)
{
    size_t begin = (used + UNIT + alignment - 1) / alignment * alignment; /* behind the size */
    if (size > ROOM || begin + size > ROOM || is_late()) leave();
    memcpy(room + begin - UNIT, &size, sizeof(size));
    used = begin + size;
    return room + begin;
}

void *malloc(size_t size)
{
    return take(UNIT, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return take(alignment < UNIT ? UNIT : alignment, size);
}

void *calloc(size_t count, size_t size)
{
    size_t all;
    return take(UNIT, __builtin_mul_overflow(count, size, &all) ? SIZE_MAX : all);
}

void *realloc(void *old, size_t size)
{
    size_t before = 0;
    if (old) memcpy(&before, (char *)old - UNIT, sizeof(before));
    if (old && size <= before) return old;
    if (old && old == room + used - before) used -= before + UNIT; /* the last one grows where it is */
    void *grown = take(UNIT, size);
    if (old && grown != old) memcpy(grown, old, before);
    return grown;
}

void free(void *old)
{
    (void)old;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* ---- what it takes on ---- */
enum { MODEL_MAX = 2000 }; /* bytes: more takes longer than a start anyway */

static bool is_small(int argc, char **argv)
{
    struct ct__gen_args args;
    struct ct_error error;
    struct stat status;
    if (ct__gen_parse(&args, argc, argv, &error)) return false;
    if (args.help || args.version || args.verbose || args.explain || args.measure || args.seed_rows || args.output)
        return false;
    if (args.effort != CT__EFFORT_FAST || args.stats != CT__GEN_ROWS || args.random_drawn) return false;
    if (strcmp(args.model, "-") == 0 || stat(args.model, &status) != 0 || status.st_size > MODEL_MAX) return false;
    return S_ISREG(status.st_mode); /* which can be read again */
}

int isatty(int fd)
{
    (void)fd; /* nobody waits: no progress is shown */
    return 0;
}

int main(int argc, char **argv)
{
    static char written[1 << 16];
    ct__cli_streams_keep();
    argument_count = argc;
    argument_list = argv;
    if (!is_small(argc, argv)) leave();
    generating = true;
    setvbuf(stdout, written, _IOFBF, sizeof(written)); /* as much as goes into a pipe at once, as with glibc */
    return ct__cli_generate(argc, argv);
}
