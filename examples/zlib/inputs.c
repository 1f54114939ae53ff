#define _GNU_SOURCE 1
#include "inputs.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT, BINARY, EMPTY, ONE_BYTE, RANDOM, ZEROS, INPUT_COUNT };

static struct input inputs[INPUT_COUNT] = {
    [TEXT] = { .name = "text" },         [BINARY] = { .name = "binary" }, [EMPTY] = { .name = "empty" },
    [ONE_BYTE] = { .name = "one byte" }, [RANDOM] = { .name = "random" }, [ZEROS] = { .name = "zeros" },
};

/* Beside the source, whose path a compiler may make relative: so the build says it. */
static const char *find_text(void)
{
    const char *path = getenv("ZLIB_SUITE_TEXT");
    if (path) return path;
#ifdef ZLIB_SUITE_DATA
    return ZLIB_SUITE_DATA "/text.txt";
#else
    static char text_path[4096];
    const char *slash = strrchr(__FILE__, '/');
    int directory = slash ? (int)(slash - __FILE__ + 1) : 0;
    snprintf(text_path, sizeof text_path, "%.*sdata/text.txt", directory, __FILE__);
    return text_path;
#endif
}

/* Reads at most INPUT_MAX bytes from offset on; a file that has none there is refused. */
static int read_input(struct input *input, const char *path, long offset)
{
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    int result = -1;
    if (fseek(file, offset, SEEK_SET) != 0) goto out;
    input->size = fread(input->data, 1, INPUT_MAX, file);
    if (ferror(file)) goto out;
    if (input->size == 0) {
        errno = ENODATA;
        goto out;
    }
    result = 0;
out:
    fclose(file);
    return result;
}

/* xorshift64: the same bytes on every machine. */
static void fill_random(struct input *input)
{
    uint64_t x = 0x9e3779b97f4a7c15u;
    for (input->size = 0; input->size < INPUT_MAX; input->size++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        input->data[input->size] = (unsigned char)(x >> 32);
    }
}

int inputs_load(const char **culprit)
{
    *culprit = find_text();
    if (read_input(&inputs[TEXT], *culprit, 0) != 0) return -1;
    *culprit = "/proc/self/exe";
    /* The first page of a program is little but zeros; code is more like other binaries. */
    if (read_input(&inputs[BINARY], *culprit, 8192) != 0) return -1;
    inputs[ONE_BYTE].data[0] = 'x';
    inputs[ONE_BYTE].size = 1;
    fill_random(&inputs[RANDOM]);
    inputs[ZEROS].size = INPUT_MAX;
    return 0;
}

const struct input *inputs_find(const char *name)
{
    for (size_t i = 0; i < INPUT_COUNT; i++)
        if (strcmp(inputs[i].name, name) == 0) return &inputs[i];
    return NULL;
}
