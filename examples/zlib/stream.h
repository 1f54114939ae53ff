/* Streaming through zlib: one input in two halves, a flush between them, and back again in small pieces. */
#ifndef ZLIB_SUITE_STREAM_H
#define ZLIB_SUITE_STREAM_H
#include <stdbool.h>
#include <stddef.h>

enum wrapper { WRAPPER_ZLIB, WRAPPER_GZIP, WRAPPER_RAW };

struct coding {
    int level, strategy, memory;
    int window; /* base two logarithm of the window's size */
    enum wrapper wrapper;
    int flush;  /* between the halves */
    int reader; /* the window that inflate is given, or one of the two below */
};
#define READER_FROM_HEADER 0  /* inflate takes the size that the zlib header names */
#define READER_DETECT      32 /* the largest window, zlib or gzip found out from the header */

struct packed {
    size_t size, flushed; /* in all, and when the flush between the halves was done */
    unsigned long check;  /* what zlib says the data's Adler-32 or CRC-32 is; of no meaning for raw */
    unsigned char data[16384];
};

/* Whether deflateInit2 takes the coding: Z_OK or its error. */
int stream_try_writer(const struct coding *coding);

/* Compresses. Returns NULL, or what went wrong: a static string. */
const char *stream_pack(const struct coding *coding, const unsigned char *data, size_t size, struct packed *packed);

/* What inflateInit2 is given to read what coding wrote. */
int stream_reader_bits(const struct coding *coding);

/* Decompresses size bytes into data, which has room for *data_size bytes; *data_size becomes how many came out, and
 * *ended whether the stream's end was reached. Returns NULL, or what went wrong: a static string. */
const char *stream_unpack(int reader_bits, const unsigned char *packed, size_t size, unsigned char *data,
                          size_t *data_size, bool *ended);
#endif
