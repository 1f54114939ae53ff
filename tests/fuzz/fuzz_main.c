/* fuzz_X [--rounds N] [--first N] [--seconds S] [--corpus DIR] [--keep DIR]
 *
 * Gives the target its own seeds and the files of the corpus, then mutations of these: so many rounds, or for so long.
 * A round is made from its number and the corpus alone, so `--rounds 1 --first N` has round N again. The input that
 * brings the target down is left in ./X.failed.
 *
 * Built by the preset "fuzz", where each branch of our code reports itself, an input that reaches what none did before
 * joins those that are mutated; --keep writes it to DIR. `--rounds 0 --corpus OLD --keep NEW` keeps of a corpus what it
 * takes to reach as much, the shortest first. */
#include "fuzz.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 4096, ROUNDS = 100000, INPUTS_MAX = 65536, PLACES = 1 << 18 };

struct input {
    size_t size;
    uint8_t *data;
};
static struct input inputs[INPUTS_MAX];
static size_t input_count;

/* ---- what the target reaches: pairs of places, the one before and this one ---- */

void __sanitizer_cov_trace_pc(void);
static uint8_t reached[PLACES];
static uintptr_t place_before;
static bool is_traced, is_new;

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
    uintptr_t place = (uintptr_t)__builtin_return_address(0), pair = (place ^ place_before) % PLACES;
    place_before = place << 1;
    is_traced = true;
    if (reached[pair] != 0) return;
    reached[pair] = 1;
    is_new = true;
}

/* ---- what is given ---- */

static const char *target; /* the program's name without its path */
static uint8_t given[ROOM];
static size_t given_size;
static volatile sig_atomic_t round_number;

static void leave_input(int number)
{
    char text[128], path[64];
    snprintf(path, sizeof path, "%s.failed", target);
    int size = snprintf(text, sizeof text, "signal %d in round %d; the input is in %s\n", number, (int)round_number,
                        path);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || write(file, given, given_size) < 0 || write(STDERR_FILENO, text, (size_t)size) < 0) _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

static _Noreturn void stop(const char *what, const char *about)
{
    fprintf(stderr, "%s: %s: %s\n", target, what, about);
    exit(2);
}

static void *room_for(size_t size)
{
    void *room = malloc(size > 0 ? size : 1);
    if (room == NULL) stop("out of memory", "an input");
    return room;
}

/* In memory of exactly that size, so that a sanitizer sees each byte too many. True: it reached something new. */
static bool give(void)
{
    uint8_t *copy = room_for(given_size);
    memcpy(copy, given, given_size);
    is_new = false;
    place_before = 0;
    LLVMFuzzerTestOneInput(copy, given_size);
    free(copy);
    return is_new;
}

static void add_given(void)
{
    if (input_count == INPUTS_MAX) return;
    struct input *input = &inputs[input_count++];
    input->size = given_size;
    input->data = room_for(given_size);
    memcpy(input->data, given, given_size);
}

static void keep_given(const char *directory)
{
    char path[PATH_MAX];
    uint64_t name = 0xcbf29ce484222325u;
    for (size_t i = 0; i < given_size; i++) name = (name ^ given[i]) * 0x100000001b3u;
    snprintf(path, sizeof path, "%s/%016" PRIx64, directory, name);
    FILE *file = fopen(path, "we");
    if (file == NULL) stop(path, strerror(errno));
    bool whole = fwrite(given, 1, given_size, file) == given_size;
    if (fclose(file) != 0 || !whole) stop(path, "cannot be written");
}

/* ---- seeds and corpus ---- */

static void read_file(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) stop(path, strerror(errno));
    given_size = fread(given, 1, sizeof given, file);
    fclose(file);
    add_given();
}

static int by_size(const void *left, const void *right)
{
    const struct input *a = left, *b = right;
    size_t size = a->size < b->size ? a->size : b->size;
    if (a->size != b->size) return a->size < b->size ? -1 : 1;
    return memcmp(a->data, b->data, size);
}

static void read_corpus(const char *directory)
{
    DIR *opened = opendir(directory);
    if (opened == NULL && errno == ENOENT) return; /* a target need not have one */
    if (opened == NULL) stop(directory, strerror(errno));
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.') read_file(path);
    }
    closedir(opened);
}

static void gather_inputs(const char *corpus)
{
    for (size_t seed = 0; (given_size = fuzz_seed(seed, given, sizeof given)) > 0; seed++) add_given();
    if (corpus != NULL) read_corpus(corpus);
    if (input_count == 0) stop("no seed", "the target and the corpus have none");
    qsort(inputs, input_count, sizeof *inputs, by_size); /* whatever order the directory has */
}

static void give_inputs(const char *keep)
{
    for (size_t i = 0; i < input_count; i++) {
        given_size = inputs[i].size;
        memcpy(given, inputs[i].data, given_size);
        if (give() && keep != NULL) keep_given(keep);
    }
}

/* ---- mutations ---- */

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* Puts a part of another input at `at`. */
static size_t put_part(uint8_t *data, size_t size, size_t at, uint64_t *seed)
{
    const struct input *other = &inputs[draw(seed) % input_count];
    size_t from = draw(seed) % (other->size + 1), count = draw(seed) % (other->size - from + 1);
    if (count > ROOM - at) count = ROOM - at;
    memcpy(data + at, other->data + from, count);
    return at + count > size ? at + count : size;
}

/* One change: a byte, a bit, a part doubled, moved, taken out or from elsewhere, or the end cut off. Returns the new
 * size. */
static size_t mutate(uint8_t *data, size_t size, uint64_t *seed)
{
    static const uint8_t special[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff, '\n', '"', ' ', ';', '[', '=', '\\', '{' };
    size_t at = draw(seed) % (size + 1), to = draw(seed) % (size + 1), count = draw(seed) % 16;
    size_t rest = size - (at > to ? at : to);
    if (count > rest) count = rest;
    switch (draw(seed) % 8) {
    case 0: return at;
    case 1:
        if (at < size) data[at] = (uint8_t)draw(seed);
        return size;
    case 2:
        if (at < size) data[at] ^= (uint8_t)(1u << draw(seed) % 8);
        return size;
    case 3: memmove(data + at, data + to, count); return size;
    case 4:
        if (size + count > ROOM) return size;
        memmove(data + at + count, data + at, size - at);
        return size + count;
    case 5: memmove(data + at, data + at + count, size - at - count); return size - count;
    case 6: return put_part(data, size, at, seed);
    default:
        if (at < size) data[at] = special[draw(seed) % sizeof special];
        return size;
    }
}

static void give_round(uint64_t number, const char *keep)
{
    uint64_t seed = number * 2654435761u;
    const struct input *input = &inputs[draw(&seed) % input_count];
    memcpy(given, input->data, input->size);
    given_size = input->size;
    for (uint64_t changes = 1 + draw(&seed) % 6; changes > 0; changes--) given_size = mutate(given, given_size, &seed);
    if (!give()) return;
    add_given();
    if (keep != NULL) keep_given(keep);
}

/* ---- the command ---- */

struct wanted {
    long rounds, first, seconds;
    const char *corpus, *keep;
};

/* A number from 0 up. */
static long number_of(const char *name, const char *text)
{
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 0) stop(name, "takes a number");
    return number;
}

static void read_arguments(struct wanted *wanted, int argc, char **argv)
{
    for (int i = 1; i < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (value == NULL) stop(name, "takes a value");
        if (strcmp(name, "--corpus") == 0)
            wanted->corpus = value;
        else if (strcmp(name, "--keep") == 0)
            wanted->keep = value;
        else if (strcmp(name, "--rounds") == 0)
            wanted->rounds = number_of(name, value);
        else if (strcmp(name, "--first") == 0)
            wanted->first = number_of(name, value);
        else if (strcmp(name, "--seconds") == 0)
            wanted->seconds = number_of(name, value);
        else
            stop(name, "known are --rounds, --first, --seconds, --corpus and --keep");
    }
    if (wanted->rounds < 0) wanted->rounds = wanted->seconds > 0 ? LONG_MAX - wanted->first : ROUNDS;
}

static bool is_over(const struct wanted *wanted, const struct timespec *begun)
{
    struct timespec now;
    if (wanted->seconds == 0) return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - begun->tv_sec >= wanted->seconds;
}

int main(int argc, char **argv)
{
    struct wanted wanted = { .rounds = -1 };
    struct timespec begun;
    const char *slash = strrchr(argv[0], '/');
    target = slash != NULL ? slash + 1 : argv[0];
    read_arguments(&wanted, argc, argv);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    signal(SIGABRT, leave_input);
    signal(SIGSEGV, leave_input);
    gather_inputs(wanted.corpus);
    size_t begun_with = input_count;
    give_inputs(wanted.keep);
    if (wanted.keep != NULL && !is_traced) stop("--keep", "takes the preset fuzz: nothing here says what it reaches");
    long done = 0;
    for (; done < wanted.rounds && !is_over(&wanted, &begun); done++) {
        round_number = (sig_atomic_t)(wanted.first + done);
        give_round((uint64_t)(wanted.first + done), wanted.keep);
    }
    printf("%zu seeds and %ld mutations", begun_with, done);
    if (is_traced) printf(", %zu of which reached something new", input_count - begun_with);
    putchar('\n');
    return 0;
}
