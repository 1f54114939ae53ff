/* What user code writes, read from a pipe: the first of it and the last are kept. */
#ifndef COMBTEST_SERVICE_OUTPUT_H
#define COMBTEST_SERVICE_OUTPUT_H
#include "service/setup.h"
#include "service/wire.h"

/* At most limit bytes: the first `head` of what was written, and behind them what came last. */
struct ct__output {
    size_t head, limit;    /* head < limit; set by whoever makes it */
    uint64_t total;        /* bytes that were read */
    struct ct__bytes kept; /* a ring from the head on, once it is full */
};

/* Keeps half of limit for the last. */
void ct__output_init(struct ct__output *output, uint64_t limit);
void ct__output_add(struct ct__output *output, const char *bytes, size_t size);
/* Reads what is there without waiting, at most `most` bytes. True: nothing more was there. */
bool ct__output_read(int pipe, size_t most, struct ct__output *output);
/* Appends it to text, but for the first `from` bytes (no more than head, and kept): a line says where bytes were left
 * out, and how many. */
void ct__output_text(const struct ct__output *output, size_t from, struct ct__bytes *text);
/* As one that has read nothing; keeps its memory. */
void ct__output_clear(struct ct__output *output);
/* A record of a text for the link: body without the record's size. Bytes that no text can hold become '?'. */
void ct__output_put(struct ct__bytes *body, uint64_t walk, const void *text, size_t size);
/* A pipe whose reading end does not wait; false: the system refuses it. */
bool ct__output_pipe(int ends[2]);
#endif
