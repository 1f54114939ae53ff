/* The board: its rings, bells, and the slots of its posts. */
#include "service/board.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The i-th byte of the stream that goes through a ring. */
static unsigned char byte_at(uint64_t i)
{
    return (unsigned char)(i ^ i >> 8 ^ i >> 16);
}

static size_t write_next(struct ct__ring *ring, uint64_t *written, size_t size)
{
    unsigned char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = byte_at(*written + i);
    size_t count = ct__ring_write(ring, bytes, size);
    *written += count;
    free(bytes);
    return count;
}

/* False where a byte is not the next one. */
static bool read_next(struct ct__ring *ring, uint64_t *read, size_t size)
{
    unsigned char *bytes = malloc(size + 1);
    if (!bytes) return false;
    size_t count = ct__ring_read(ring, bytes, size);
    bool same = count <= size;
    for (size_t i = 0; same && i < count; i++) same = bytes[i] == byte_at(*read + i);
    *read += count;
    free(bytes);
    return same;
}

static void random_writes_and_reads_keep_every_byte_in_order(void **state)
{
    struct ct__ring *ring = calloc(1, sizeof *ring);
    (void)state;
    assert_non_null(ring);
    uint64_t written = 0, read = 0, seed = 3;
    for (int i = 0; i < 4000; i++) {
        size_t size = draw(&seed) % 3 ? draw(&seed) % 100 : draw(&seed) % (CT__RING_SIZE + 1000);
        size_t held = (size_t)(written - read);
        assert_int_equal(ct__ring_room(ring), CT__RING_SIZE - held);
        if (draw(&seed) % 2) {
            size_t fits = size < CT__RING_SIZE - held ? size : CT__RING_SIZE - held;
            assert_int_equal(write_next(ring, &written, size), fits);
        } else {
            assert_true(read_next(ring, &read, size));
            assert_int_equal(written - read, held < size ? 0 : held - size);
        }
    }
    assert_true(written > 20 * (uint64_t)CT__RING_SIZE);
    free(ring);
}

static void a_ring_with_impossible_ends_is_neither_read_nor_written(void **state)
{
    struct ct__ring *ring = calloc(1, sizeof *ring);
    unsigned char bytes[16];
    (void)state;
    assert_non_null(ring);
    atomic_store(&ring->head, 10u);
    atomic_store(&ring->tail, 20u);
    assert_int_equal(ct__ring_room(ring), 0);
    assert_int_equal(ct__ring_write(ring, "x", 1), 0);
    assert_int_equal(ct__ring_read(ring, bytes, sizeof bytes), 0);
    atomic_store(&ring->head, (uint64_t)CT__RING_SIZE + 21);
    assert_int_equal(ct__ring_room(ring), 0);
    assert_int_equal(ct__ring_read(ring, bytes, sizeof bytes), 0);
    free(ring);
}

enum { STREAM = 4 << 20 };
struct pipe {
    struct ct__ring ring;
    struct ct__bell filled, emptied;
};

static void *write_stream(void *user)
{
    struct pipe *pipe = user;
    uint64_t written = 0, seed = 5;
    while (written < STREAM) {
        uint32_t seen = ct__bell_count(&pipe->emptied);
        size_t size = draw(&seed) % 5000;
        if (size > STREAM - written) size = (size_t)(STREAM - written);
        if (write_next(&pipe->ring, &written, size) > 0)
            ct__bell_ring(&pipe->filled);
        else if (size > 0)
            ct__bell_wait(&pipe->emptied, seen, -1);
    }
    return NULL;
}

static void a_writer_and_a_reader_wait_for_each_other_by_bells_alone(void **state)
{
    struct pipe *pipe = calloc(1, sizeof *pipe);
    pthread_t writer;
    uint64_t read = 0, seed = 6;
    bool same = true;
    (void)state;
    assert_non_null(pipe);
    assert_int_equal(pthread_create(&writer, NULL, write_stream, pipe), 0);
    while (read < STREAM) {
        uint64_t before = read;
        uint32_t seen = ct__bell_count(&pipe->filled);
        same = read_next(&pipe->ring, &read, 1 + draw(&seed) % 7000) && same;
        if (read > before)
            ct__bell_ring(&pipe->emptied);
        else
            ct__bell_wait(&pipe->filled, seen, -1);
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
    assert_true(same);
    assert_int_equal(read, STREAM);
    free(pipe);
}

static void a_bell_rung_before_the_wait_is_not_missed(void **state)
{
    struct ct__bell bell = { 0 };
    (void)state;
    uint32_t seen = ct__bell_count(&bell);
    ct__bell_ring(&bell);
    ct__bell_wait(&bell, seen, -1); /* returns at once, else the test's time limit ends it */
    assert_int_equal(ct__bell_count(&bell), seen + 1);
    ct__bell_wait(&bell, seen + 1, 1); /* returns though nobody rings */
    assert_int_equal(atomic_load(&bell.waiting), 0);
}

static void every_post_has_slots_of_its_own(void **state)
{
    struct ct__board *board = ct__board_new(3, 4);
    (void)state;
    assert_non_null(board);
    assert_int_equal(ct__board_slot_count(board), 13);
    assert_int_equal(board->post_count, 4);
    struct ct__slot *next = board->slots;
    for (uint32_t post = 0; post < 4; post++) {
        uint32_t count = 0;
        assert_ptr_equal(ct__board_slots(board, post, &count), next);
        assert_int_equal(count, post == 3 ? 1 : 4);
        next += count;
    }
    assert_true((unsigned char *)next <= (unsigned char *)board + board->size);
    assert_true((unsigned char *)(board->posts + 4) <= (unsigned char *)board->slots);
    ct__board_free(board);
    ct__board_free(NULL);
}

static void resetting_a_post_leaves_the_others_as_they_are(void **state)
{
    struct ct__board *board = ct__board_new(2, 2);
    uint32_t count;
    (void)state;
    assert_non_null(board);
    for (uint32_t i = 0; i < ct__board_slot_count(board); i++) {
        atomic_store(&board->slots[i].walk, 7u);
        atomic_store(&board->slots[i].begun, 3u);
        ct__ring_write(&board->slots[i].inbox, "in", 2);
        ct__ring_write(&board->slots[i].outbox, "out", 3);
    }
    atomic_store(&board->posts[1].ready, 1u);
    strcpy(board->posts[1].complaint, "why");
    struct ct__slot *reset = ct__board_slots(board, 1, &count);
    ct__board_reset_slots(board, 1);
    for (struct ct__slot *slot = board->slots; slot < board->slots + ct__board_slot_count(board); slot++) {
        bool is_new = slot >= reset && slot < reset + count;
        assert_int_equal(atomic_load(&slot->walk), is_new ? 0 : 7);
        assert_int_equal(atomic_load(&slot->begun), is_new ? 0 : 3);
        assert_int_equal(ct__ring_room(&slot->inbox), CT__RING_SIZE - (is_new ? 0 : 2));
        assert_int_equal(ct__ring_room(&slot->outbox), CT__RING_SIZE - (is_new ? 0 : 3));
    }
    assert_int_equal(atomic_load(&board->posts[1].ready), 0);
    assert_string_equal(board->posts[1].complaint, "");
    ct__board_free(board);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_writes_and_reads_keep_every_byte_in_order),
        cmocka_unit_test(a_ring_with_impossible_ends_is_neither_read_nor_written),
        cmocka_unit_test(a_writer_and_a_reader_wait_for_each_other_by_bells_alone),
        cmocka_unit_test(a_bell_rung_before_the_wait_is_not_missed),
        cmocka_unit_test(every_post_has_slots_of_its_own),
        cmocka_unit_test(resetting_a_post_leaves_the_others_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
