/* Sets of ids as sorted ranges. */
#ifndef COMBTEST_SERVICE_RANGES_H
#define COMBTEST_SERVICE_RANGES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ct__range {
    uint64_t first, end;
};
struct ct__ranges {
    struct ct__range *at;
    size_t size, capacity;
    uint64_t count; /* ids */
};
bool ct__ranges_add(struct ct__ranges *ranges, uint64_t first, uint64_t end); /* false: no memory, nothing added */
/* Returns how many ids of [first, end) were in it and no longer are; UINT64_MAX: no memory, nothing removed. */
uint64_t ct__ranges_remove(struct ct__ranges *ranges, uint64_t first, uint64_t end);
/* Takes the lowest ids out, at most count in a row; false: it is empty. */
bool ct__ranges_take(struct ct__ranges *ranges, uint64_t count, struct ct__range *taken);
bool ct__ranges_contain(const struct ct__ranges *ranges, uint64_t id);
void ct__ranges_clear(struct ct__ranges *ranges);
#endif
