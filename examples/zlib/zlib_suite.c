/* The real zlib, in every combination of its settings that makes sense, on real data: each walk compresses one input in
 * two halves with a flush between them, decompresses it in small pieces, and compares byte by byte. What zlib.h says is
 * invalid is canceled with that reason, after a look that zlib does refuse it where it says so. */
#include "inputs.h"
#include "stream.h"
#include <combtest/combtest.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static const struct ct_option levels[] = { CT_INT(Z_DEFAULT_COMPRESSION, .label = "default"),
                                           CT_INT(Z_NO_COMPRESSION, .label = "none"),
                                           CT_INT(Z_BEST_SPEED, .label = "fastest"),
                                           CT_INT(3),
                                           CT_INT(6),
                                           CT_INT(Z_BEST_COMPRESSION, .label = "best") };
static const struct ct_option strategies[] = { CT_INT(Z_DEFAULT_STRATEGY, .label = "default"),
                                               CT_INT(Z_FILTERED, .label = "filtered"),
                                               CT_INT(Z_HUFFMAN_ONLY, .label = "huffman only"),
                                               CT_INT(Z_RLE, .label = "run lengths"),
                                               CT_INT(Z_FIXED, .label = "fixed") };
static const struct ct_option windows[] = { CT_INT(8), CT_INT(9), CT_INT(10), CT_INT(12), CT_INT(15) };
static const struct ct_option memories[] = { CT_INT(1), CT_INT(8), CT_INT(9) };
static const struct ct_option flushes[] = {
    CT_INT(Z_NO_FLUSH, .label = "none"),   CT_INT(Z_PARTIAL_FLUSH, .label = "partial"),
    CT_INT(Z_SYNC_FLUSH, .label = "sync"), CT_INT(Z_FULL_FLUSH, .label = "full"),
    CT_INT(Z_BLOCK, .label = "block"),     CT_INT(Z_FINISH, .label = "finish")
};
static const struct ct_option wrappers[] = { CT_INT(WRAPPER_ZLIB, .label = "zlib"),
                                             CT_INT(WRAPPER_GZIP, .label = "gzip"),
                                             CT_INT(WRAPPER_RAW, .label = "raw") };
static const struct ct_option readers[] = { CT_STRING("same window"), CT_STRING("largest window"),
                                            CT_STRING("from header"), CT_STRING("detect") };
static const struct ct_option names[] = { CT_STRING("text"),     CT_STRING("binary"), CT_STRING("empty"),
                                          CT_STRING("one byte"), CT_STRING("random"), CT_STRING("zeros") };

/* ---- the state: a struct of our own, which each walk starts from as a copy ---- */

static void *coding_create(const json_t *initial)
{
    (void)initial;
    return calloc(1, sizeof(struct coding));
}

static void *coding_copy(const void *state)
{
    struct coding *copy = malloc(sizeof *copy);
    if (copy) memcpy(copy, state, sizeof *copy);
    return copy;
}

static const struct ct_state_type coding_type = { .create = coding_create, .copy = coding_copy, .destroy = free };

static enum ct_status set_level(struct ct_walk *walk, const struct ct_option *level)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->level = (int)ct_option_int(level);
    return CT_PASS;
}

static enum ct_status set_strategy(struct ct_walk *walk, const struct ct_option *strategy)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->strategy = (int)ct_option_int(strategy);
    return CT_PASS;
}

static enum ct_status set_window(struct ct_walk *walk, const struct ct_option *window)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->window = (int)ct_option_int(window);
    return CT_PASS;
}

static enum ct_status set_memory(struct ct_walk *walk, const struct ct_option *memory)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->memory = (int)ct_option_int(memory);
    return CT_PASS;
}

static enum ct_status set_flush(struct ct_walk *walk, const struct ct_option *flush)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->flush = (int)ct_option_int(flush);
    return CT_PASS;
}

static enum ct_status set_wrapper(struct ct_walk *walk, const struct ct_option *wrapper)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    coding->wrapper = (enum wrapper)ct_option_int(wrapper);
    if (coding->window != 8 || coding->wrapper == WRAPPER_ZLIB) return CT_PASS;
    CT_CHECK_INT_EQ(walk, stream_try_writer(coding), Z_STREAM_ERROR);
    return ct_cancel(walk, "zlib.h, deflateInit2: for raw deflate or gzip encoding, a 256-byte window is invalid");
}

/* The window for inflate that equals deflate's: zlib.h says that deflate turns a request for 8 into 9. */
static int same_window(const struct coding *coding)
{
    return coding->window == 8 ? 9 : coding->window;
}

static enum ct_status set_reader(struct ct_walk *walk, const struct ct_option *reader)
{
    struct coding *coding = ct_walk_state_pointer(walk);
    const char *name = ct_option_string(reader);
    if (strcmp(name, "same window") == 0)
        coding->reader = same_window(coding);
    else if (strcmp(name, "largest window") == 0)
        coding->reader = 15;
    else
        coding->reader = strcmp(name, "detect") == 0 ? READER_DETECT : READER_FROM_HEADER;
    if (coding->reader == READER_FROM_HEADER && coding->wrapper != WRAPPER_ZLIB)
        return ct_cancel(walk, "zlib.h, inflateInit2: 0 stands for the window size in the zlib header; there is none");
    if (coding->reader == READER_DETECT && coding->wrapper == WRAPPER_RAW)
        return ct_cancel(walk, "zlib.h, inflateInit2: adding 32 detects zlib and gzip headers; raw has none");
    return CT_PASS;
}

/* ---- what is checked ---- */

/* The whole stream gives the input back, and nothing after it. */
static void check_whole(struct ct_walk *walk, const struct coding *coding, const struct input *input,
                        const struct packed *packed)
{
    unsigned char data[INPUT_MAX + 64];
    size_t size = sizeof data;
    bool ended = false;
    const char *wrong = stream_unpack(stream_reader_bits(coding), packed->data, packed->size, data, &size, &ended);
    CT_CHECK_STR_EQ(walk, wrong, NULL);
    CT_CHECK(walk, ended);
    CT_CHECK_INT_EQ(walk, (int64_t)size, (int64_t)input->size);
    if (size == input->size) CT_CHECK_MEM_EQ(walk, data, input->data, size);
}

/* zlib.h: after a partial, sync or full flush, all of the input so far is available to the decompressor. */
static void check_flushed(struct ct_walk *walk, const struct coding *coding, const struct input *input,
                          const struct packed *packed)
{
    unsigned char data[INPUT_MAX + 64];
    size_t size = sizeof data;
    bool ended = false;
    const char *wrong = stream_unpack(stream_reader_bits(coding), packed->data, packed->flushed, data, &size, &ended);
    CT_CHECK_STR_EQ(walk, wrong, NULL);
    CT_CHECK(walk, !ended);
    CT_CHECK_INT_EQ(walk, (int64_t)size, (int64_t)(input->size / 2));
    CT_CHECK_MEM_EQ(walk, data, input->data, size);
}

/* zlib.h: after a full flush, decompression can restart from this point. */
static void check_restart(struct ct_walk *walk, const struct input *input, const struct packed *packed)
{
    unsigned char data[INPUT_MAX + 64];
    size_t size = sizeof data, half = input->size / 2;
    bool ended = false;
    const char *wrong = stream_unpack(-15, packed->data + packed->flushed, packed->size - packed->flushed, data, &size,
                                      &ended);
    CT_CHECK_STR_EQ(walk, wrong, NULL);
    CT_CHECK(walk, ended);
    CT_CHECK_INT_EQ(walk, (int64_t)size, (int64_t)(input->size - half));
    if (size == input->size - half) CT_CHECK_MEM_EQ(walk, data, input->data + half, size);
}

static void check_sum(struct ct_walk *walk, const struct coding *coding, const struct input *input,
                      const struct packed *packed)
{
    uLong want = coding->wrapper == WRAPPER_GZIP ? crc32(crc32(0, NULL, 0), input->data, (uInt)input->size)
                                                 : adler32(adler32(0, NULL, 0), input->data, (uInt)input->size);
    CT_CHECK_INT_EQ(walk, (int64_t)packed->check, (int64_t)want);
}

static bool flush_completes(int flush)
{
    return flush == Z_PARTIAL_FLUSH || flush == Z_SYNC_FLUSH || flush == Z_FULL_FLUSH;
}

static enum ct_status round_trip(struct ct_walk *walk, const struct ct_option *name)
{
    const struct coding *coding = ct_walk_state_pointer(walk);
    const struct input *input = inputs_find(ct_option_string(name));
    CT_REQUIRE(walk, input != NULL);
    struct packed packed;
    const char *wrong = stream_pack(coding, input->data, input->size, &packed);
    if (wrong) return ct_fail(walk, "%s", wrong);
    ct_count(walk, "bytes in", (int64_t)input->size);
    ct_count(walk, "bytes out", (int64_t)packed.size);
    check_whole(walk, coding, input, &packed);
    if (coding->wrapper != WRAPPER_RAW) check_sum(walk, coding, input, &packed);
    if (flush_completes(coding->flush)) check_flushed(walk, coding, input, &packed);
    if (coding->flush == Z_FULL_FLUSH) check_restart(walk, input, &packed);
    return CT_PASS;
}

static enum ct_status load_inputs(struct ct_walk *service)
{
    const char *culprit;
    if (inputs_load(&culprit) == 0) return CT_PASS;
    return ct_fail(service, "%s: %s; ZLIB_SUITE_TEXT can name another text", culprit, strerror(errno));
}

static const struct ct_action actions[] = {
    CT_ACTION("level", set_level, levels),    CT_ACTION("strategy", set_strategy, strategies),
    CT_ACTION("window", set_window, windows), CT_ACTION("memory", set_memory, memories),
    CT_ACTION("flush", set_flush, flushes),   CT_ACTION("wrapper", set_wrapper, wrappers),
    CT_ACTION("reader", set_reader, readers), CT_ACTION("input", round_trip, names),
};
static const struct ct_suite suite = { .name = "zlib",
                                       .actions = actions,
                                       .action_count = CT_COUNT(actions),
                                       .state_type = &coding_type,
                                       .service_start = load_inputs };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
