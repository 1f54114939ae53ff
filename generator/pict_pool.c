#include <generator/pict_inner.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16384)

struct ct__pict_block {
    struct ct__pict_block *next;
    size_t used, size;
    max_align_t bytes[];
};

struct ct__pict_pool *ct__pict_pool_new(bool case_sensitive)
{
    struct ct__pict_pool *pool = calloc(1, sizeof(*pool));
    if (!pool) return NULL;
    pool->case_sensitive = case_sensitive;
    pool->numbers = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (pool->numbers) return pool;
    ct__pict_pool_free(pool);
    return NULL;
}

void ct__pict_pool_free(struct ct__pict_pool *pool)
{
    if (!pool) return;
    while (pool->blocks) {
        struct ct__pict_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
    free(pool->scratch);
    if (pool->numbers) freelocale(pool->numbers);
    if (pool->letters) freelocale(pool->letters);
    free(pool);
}

static bool add_block(struct ct__pict_pool *pool, size_t size)
{
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    if (room > SIZE_MAX - sizeof(struct ct__pict_block)) return false;
    struct ct__pict_block *block = calloc(1, sizeof(*block) + room);
    if (!block) return false;
    block->size = room;
    block->next = pool->blocks;
    pool->blocks = block;
    return true;
}

void *ct__pict_alloc(struct ct__pict_pool *pool, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 2) return NULL;
    bytes = (bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    struct ct__pict_block *block = pool->blocks;
    if ((!block || block->size - block->used < bytes) && !add_block(pool, bytes)) return NULL;
    block = pool->blocks;
    void *memory = (char *)block->bytes + block->used;
    block->used += bytes;
    return memory;
}

void *ct__pict_grow(struct ct__pict_pool *pool, void *items, size_t count, size_t size)
{
    if (items && (count < 4 || (count & (count - 1)) != 0)) return items;
    void *grown = ct__pict_alloc(pool, count < 4 ? 4 : count * 2, size);
    if (grown && items) memcpy(grown, items, count * size);
    return grown;
}

char *ct__pict_copy(struct ct__pict_pool *pool, const char *text, size_t size)
{
    char *copy = ct__pict_alloc(pool, size + 1, 1);
    if (copy) memcpy(copy, text, size);
    return copy;
}

bool ct__pict_warn(struct ct__pict_pool *pool, const char ***warnings, size_t *count, const char *warning)
{
    const char **grown = ct__pict_grow(pool, *warnings, *count, sizeof(*grown));
    char *copy = ct__pict_copy(pool, warning, strlen(warning));
    if (!grown || !copy) return false;
    *warnings = grown;
    grown[(*count)++] = copy;
    return true;
}
