/* The combtest-generate command as a small program without the C library's start, which takes longer than most rows:
 * linked with musl, it answers what is small and goes well by itself, and becomes `combtest generate` for anything
 * else. It does so before it has written a byte, so that nobody can tell them apart. */
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
#include <unistd.h>
#include <wctype.h>

static char **full_arguments; /* "combtest generate …" */
static bool generating;

/* Becomes the combtest that lies beside this program. */
static _Noreturn void leave(void)
{
    static const char name[] = "combtest";
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - sizeof(name));
    while (size > 0 && path[size - 1] != '/') size--;
    memcpy(path + (size > 0 ? size : 0), name, sizeof(name));
    if (generating && ct__gen_stopped()) raise(SIGINT); /* the rows so far are not there any more: ends at once */
    if (generating) ct__cli_pipes_release();
    execv(path, full_arguments);
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
enum { ROOM = 4 << 20, UNIT = 16 };
static _Alignas(max_align_t) char room[ROOM];
static size_t used;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of libc's headers are reserved */
static void *take(size_t alignment, size_t size)
{
    size_t begin = (used + UNIT + alignment - 1) / alignment * alignment; /* behind the size */
    if (size > ROOM || begin + size > ROOM) leave();
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

/* ---- what is not ---- */
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
    if (stat(args.model, &status) != 0 || status.st_size > MODEL_MAX) return false;
    return S_ISREG(status.st_mode); /* which can be read again */
}

int main(int argc, char **argv)
{
    ct__cli_streams_keep();
    full_arguments = calloc((size_t)argc + 2, sizeof(*full_arguments));
    full_arguments[0] = "combtest";
    full_arguments[1] = "generate";
    for (int i = 1; i < argc; i++) full_arguments[i + 1] = argv[i];
    if (!is_small(argc, argv)) leave();
    generating = true;
    return ct__cli_generate(argc, argv);
}
