/* The data that the zlib suite compresses: two real files and four made ones, none over INPUT_MAX bytes. */
#ifndef ZLIB_SUITE_INPUTS_H
#define ZLIB_SUITE_INPUTS_H
#include <stddef.h>

#define INPUT_MAX ((size_t)4096)

struct input {
    const char *name;
    size_t size;
    unsigned char data[INPUT_MAX];
};

/* Fills the inputs: the text from data/text.txt beside this source file (ZLIB_SUITE_TEXT in the environment names
 * another), the binary from this program's own file. 0, or -1 with errno and in *culprit the file that could not be
 * read. */
int inputs_load(const char **culprit);

/* The input of a name, NULL for none. Valid after inputs_load; never written again, so any thread may read it. */
const struct input *inputs_find(const char *name);
#endif
