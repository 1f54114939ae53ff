#include "stream.h"
#include <zlib.h>

/* Small, so that both directions have to be called many times. */
#define PIECE 512u

static unsigned piece_of(size_t left)
{
    return left < PIECE ? (unsigned)left : PIECE;
}

static int window_bits(int window, enum wrapper wrapper)
{
    if (wrapper == WRAPPER_RAW) return -window;
    return wrapper == WRAPPER_GZIP ? window + 16 : window;
}

static int start_writer(z_stream *z, const struct coding *coding)
{
    return deflateInit2(z, coding->level, Z_DEFLATED, window_bits(coding->window, coding->wrapper), coding->memory,
                        coding->strategy);
}

int stream_try_writer(const struct coding *coding)
{
    z_stream z = { 0 };
    int result = start_writer(&z, coding);
    if (result == Z_OK) deflateEnd(&z);
    return result;
}

static void set_input(z_stream *z, const unsigned char *data, size_t size)
{
    z->next_in = (z_const Bytef *)data;
    z->avail_in = (unsigned)size;
}

/* Calls deflate until it has nothing more to say to this flush. */
static const char *write_part(z_stream *z, const unsigned char *data, size_t size, int flush, struct packed *packed)
{
    set_input(z, data, size);
    int result;
    do {
        size_t left = sizeof packed->data - z->total_out;
        if (left == 0) return "deflate wrote more than four times its input";
        z->next_out = packed->data + z->total_out;
        z->avail_out = piece_of(left);
        result = deflate(z, flush);
        if (result == Z_STREAM_ERROR) return "deflate: stream error";
    } while (z->avail_out == 0 && result != Z_STREAM_END);
    if (z->avail_in != 0) return "deflate left input behind";
    if (flush == Z_FINISH && result != Z_STREAM_END) return "deflate did not end the stream at Z_FINISH";
    return NULL;
}

static const char *write_all(z_stream *z, int flush, const unsigned char *data, size_t size, struct packed *packed)
{
    size_t half = size / 2;
    if (flush == Z_FINISH) {
        half = 0; /* nothing may follow it, so all goes in one part */
    } else {
        const char *wrong = write_part(z, data, half, flush, packed);
        if (wrong) return wrong;
    }
    packed->flushed = z->total_out;
    return write_part(z, data + half, size - half, Z_FINISH, packed);
}

const char *stream_pack(const struct coding *coding, const unsigned char *data, size_t size, struct packed *packed)
{
    z_stream z = { 0 };
    if (start_writer(&z, coding) != Z_OK) return "deflateInit2 refused its arguments";
    const char *wrong = write_all(&z, coding->flush, data, size, packed);
    if (!wrong && z.total_in != size) wrong = "deflate counts another number of bytes in";
    packed->size = z.total_out;
    packed->check = z.adler;
    if (deflateEnd(&z) != Z_OK && !wrong) wrong = "deflateEnd: the stream was not ended";
    return wrong;
}

int stream_reader_bits(const struct coding *coding)
{
    if (coding->reader == READER_FROM_HEADER) return 0;
    if (coding->reader == READER_DETECT) return 15 + 32;
    return window_bits(coding->reader, coding->wrapper);
}

const char *stream_unpack(int reader_bits, const unsigned char *packed, size_t size, unsigned char *data,
                          size_t *data_size, bool *ended)
{
    z_stream z = { 0 };
    if (inflateInit2(&z, reader_bits) != Z_OK) return "inflateInit2 refused its arguments";
    int result;
    do {
        set_input(&z, packed + z.total_in, piece_of(size - z.total_in));
        z.next_out = data + z.total_out;
        z.avail_out = piece_of(*data_size - z.total_out);
        result = inflate(&z, Z_NO_FLUSH);
    } while (result == Z_OK);
    const char *wrong = NULL;
    if (result == Z_DATA_ERROR)
        wrong = "inflate: data error";
    else if (result != Z_STREAM_END && result != Z_BUF_ERROR)
        wrong = "inflate: neither the end nor short of data";
    *data_size = z.total_out;
    *ended = result == Z_STREAM_END;
    if (inflateEnd(&z) != Z_OK && !wrong) wrong = "inflateEnd failed";
    return wrong;
}
