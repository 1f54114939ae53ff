/* Damage to memory, found at once, late, or too late; and more of it than there is. */
#include "matrix.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK = 3000, MUCH = 64 << 20 };
static _Thread_local char *volatile damaged; /* another thread of the executor has its own */

/* Writes over what malloc notes in front of a block, as a write over the end of the block before does. */
static enum ct_status write_too_far(struct ct_walk *walk)
{
    damaged = malloc(
        BLOCK); /* read back from memory: the compiler is not to see that the writes below miss the block */
    char *block = damaged;
    CT_REQUIRE(walk, block != NULL);
    for (int i = 1; i <= 8; i++) *(volatile char *)(block - i) = (char)0xff;
    return CT_PASS;
}

static void free_damaged(struct ct_walk *walk)
{
    (void)walk;
    free(damaged);
    damaged = NULL;
}

static enum ct_status find_it_at_once(struct ct_walk *walk)
{
    enum ct_status status = write_too_far(walk);
    free_damaged(walk);
    return status;
}

/* Takes memory until there is no more, and believes that there is. */
static enum ct_status take_all_memory(struct ct_walk *walk)
{
    (void)walk;
    for (;;) {
        char *more = malloc(MUCH);
        memset(more, 1, MUCH);
    }
    return CT_PASS;
}

static enum ct_status map_all_memory(struct ct_walk *walk)
{
    (void)walk;
    for (;;) {
        char *more = mmap(NULL, MUCH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        memset(more, 1, MUCH);
    }
    return CT_PASS;
}

static enum ct_status take_some_memory(struct ct_walk *walk)
{
    char *volatile some = malloc(MUCH);
    CT_REQUIRE(walk, some != NULL);
    memset(some, 1, MUCH);
    free(some);
    return CT_PASS;
}

/* That malloc has no more is told, where the limit is on what a process can map. */
static enum ct_status ask_for_too_much(struct ct_walk *walk)
{
    volatile size_t size = (size_t)4096 * MUCH;
    CT_CHECK(walk, malloc(size) == NULL);
    return CT_PASS;
}

#define LIMIT ((uint64_t)1 << 30)
static const struct fault faults[] = {
    { .name = "heap damage that is found at once crashes the walk that did it",
      .act = find_it_at_once,
      .thread = CT_CRASHED,
      .process = CT_CRASHED,
      .says = "SIGABRT" },
    { .name = "heap damage that is found when the walk stops crashes the walk that did it",
      .act = write_too_far,
      .thread = CT_CRASHED,
      .process = CT_CRASHED,
      .says = "SIGABRT",
      .walk_stop = free_damaged },
    { .name = "heap damage that is found late crashes a later walk of the executor, or with processes none",
      .act = write_too_far,
      .thread = CT_PASS,
      .process = CT_PASS,
      .spreads = true,
      .walk_start = free_damaged },
    { .name = "a walk that allocates without end is crashed at the limit, and no other is",
      .act = take_all_memory,
      .thread = MATRIX_NOT_RUN,
      .process = CT_CRASHED,
      .limit_memory = LIMIT },
    { .name = "a walk that maps without end is crashed at the limit, and no other is",
      .act = map_all_memory,
      .thread = MATRIX_NOT_RUN,
      .process = CT_CRASHED,
      .limit_memory = LIMIT },
    { .name = "a walk that takes less than the limit passes",
      .act = take_some_memory,
      .thread = CT_PASS,
      .process = CT_PASS,
      .limit_memory = LIMIT },
    { .name = "a walk that is refused more than the limit passes",
      .act = ask_for_too_much,
      .thread = MATRIX_NOT_RUN,
      .process = CT_PASS,
      .limit_memory = LIMIT },
};

int main(int argc, char **argv)
{
    return matrix_main(argc, argv, "memory", faults, CT_COUNT(faults));
}
