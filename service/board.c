#include "service/board.h"
#include "service/futex.h"
#include <string.h>
#include <sys/mman.h>
#include <time.h>

int64_t ct__now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t ct__now_ms(void)
{
    return ct__now_ns() / 1000000;
}

void ct__bell_ring(struct ct__bell *bell)
{
    atomic_fetch_add(&bell->count, 1);
    if (atomic_load(&bell->waiting)) ct__futex_wake(&bell->count);
}

uint32_t ct__bell_count(const struct ct__bell *bell)
{
    return atomic_load(&bell->count);
}

void ct__bell_wait(struct ct__bell *bell, uint32_t seen, int64_t timeout_ms)
{
    atomic_fetch_add(&bell->waiting, 1);
    if (atomic_load(&bell->count) == seen) ct__futex_wait(&bell->count, seen, timeout_ms);
    atomic_fetch_sub(&bell->waiting, 1);
}

size_t ct__ring_room(const struct ct__ring *ring)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint64_t used = head - atomic_load_explicit(&ring->tail, memory_order_acquire);
    return used > CT__RING_SIZE ? 0 : CT__RING_SIZE - (size_t)used;
}

size_t ct__ring_write(struct ct__ring *ring, const void *data, size_t size)
{
    uint64_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    size_t room = ct__ring_room(ring);
    if (size > room) size = room;
    size_t at = head % CT__RING_SIZE;
    size_t straight = size < CT__RING_SIZE - at ? size : CT__RING_SIZE - at;
    memcpy(ring->data + at, data, straight);
    memcpy(ring->data, (const unsigned char *)data + straight, size - straight);
    atomic_store_explicit(&ring->head, head + size, memory_order_release);
    return size;
}

size_t ct__ring_read(struct ct__ring *ring, void *data, size_t size)
{
    uint64_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint64_t there = atomic_load_explicit(&ring->head, memory_order_acquire) - tail;
    if (there > CT__RING_SIZE) there = 0; /* the other side is out of its mind: read nothing from it */
    if (size > there) size = (size_t)there;
    size_t at = tail % CT__RING_SIZE;
    size_t straight = size < CT__RING_SIZE - at ? size : CT__RING_SIZE - at;
    memcpy(data, ring->data + at, straight);
    memcpy((unsigned char *)data + straight, ring->data, size - straight);
    atomic_store_explicit(&ring->tail, tail + size, memory_order_release);
    return size;
}

struct ct__board *ct__board_new(uint32_t services, uint32_t threads)
{
    size_t posts = (size_t)services + 1, slots = (size_t)services * threads + 1;
    size_t head = (sizeof(struct ct__board) + posts * sizeof(struct ct__post) + 63) / 64 * 64;
    size_t size = head + slots * sizeof(struct ct__slot);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    struct ct__board *board = memory;
    board->post_count = services + 1;
    board->threads = threads;
    board->size = size;
    board->posts = (struct ct__post *)(void *)(board + 1);
    board->slots = (struct ct__slot *)(void *)((unsigned char *)memory + head);
    return board;
}

void ct__board_free(struct ct__board *board)
{
    if (board) munmap(board, board->size);
}

uint32_t ct__board_slot_count(const struct ct__board *board)
{
    return (board->post_count - 1) * board->threads + 1;
}

struct ct__slot *ct__board_slots(const struct ct__board *board, uint32_t post, uint32_t *count)
{
    *count = post + 1 == board->post_count ? 1 : board->threads;
    return board->slots + (size_t)post * board->threads;
}

void ct__board_reset_slots(struct ct__board *board, uint32_t post)
{
    uint32_t count;
    struct ct__slot *slots = ct__board_slots(board, post, &count);
    for (uint32_t i = 0; i < count; i++) {
        /* the rings' bytes may stay: a hundred pages less to touch for each replacement */
        memset(&slots[i], 0, offsetof(struct ct__slot, inbox));
        atomic_store(&slots[i].inbox.head, 0);
        atomic_store(&slots[i].inbox.tail, 0);
        atomic_store(&slots[i].outbox.head, 0);
        atomic_store(&slots[i].outbox.tail, 0);
    }
    atomic_store(&board->posts[post].outlet.head, 0);
    atomic_store(&board->posts[post].outlet.tail, 0);
    atomic_store(&board->posts[post].marks.head, 0);
    atomic_store(&board->posts[post].marks.tail, 0);
    atomic_store(&board->posts[post].heard, 0);
    atomic_store(&board->posts[post].looked, 0);
    board->posts[post].ready = 0;
    board->posts[post].stop = 0;
    board->posts[post].complaint[0] = '\0';
}
