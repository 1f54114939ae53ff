#include "service/ranges.h"
#include <stdlib.h>
#include <string.h>

/* The first range whose end is at or after id. */
static size_t find(const struct ct__ranges *ranges, uint64_t id)
{
    size_t low = 0, high = ranges->size;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->at[middle].end < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Makes the entries [from, to) into count new ones. */
static bool splice(struct ct__ranges *ranges, size_t from, size_t to, const struct ct__range *with, size_t count)
{
    size_t size = ranges->size - (to - from) + count;
    if (size > ranges->capacity) {
        size_t capacity = size * 2 < 16 ? 16 : size * 2;
        struct ct__range *at = realloc(ranges->at, capacity * sizeof *at);
        if (!at) return false;
        ranges->at = at;
        ranges->capacity = capacity;
    }
    if (to < ranges->size)
        memmove(ranges->at + from + count, ranges->at + to, (ranges->size - to) * sizeof *ranges->at);
    if (count > 0) memcpy(ranges->at + from, with, count * sizeof *with);
    ranges->size = size;
    return true;
}

bool ct__ranges_add(struct ct__ranges *ranges, uint64_t first, uint64_t end)
{
    if (first >= end) return true;
    size_t from = find(ranges, first), to = from;
    struct ct__range whole = { first, end };
    uint64_t covered = 0;
    for (; to < ranges->size && ranges->at[to].first <= end; to++) {
        covered += ranges->at[to].end - ranges->at[to].first;
        if (ranges->at[to].first < whole.first) whole.first = ranges->at[to].first;
        if (ranges->at[to].end > whole.end) whole.end = ranges->at[to].end;
    }
    if (!splice(ranges, from, to, &whole, 1)) return false;
    ranges->count += whole.end - whole.first - covered;
    return true;
}

uint64_t ct__ranges_remove(struct ct__ranges *ranges, uint64_t first, uint64_t end)
{
    if (first >= end) return 0;
    size_t from = find(ranges, first + 1), to = from, rests = 0;
    struct ct__range rest[2];
    uint64_t removed = 0;
    for (; to < ranges->size && ranges->at[to].first < end; to++) {
        struct ct__range range = ranges->at[to];
        if (range.first < first) rest[rests++] = (struct ct__range){ range.first, first };
        if (range.end > end) rest[rests++] = (struct ct__range){ end, range.end };
        removed += (range.end < end ? range.end : end) - (range.first > first ? range.first : first);
    }
    if (to == from) return 0;
    if (!splice(ranges, from, to, rest, rests)) return UINT64_MAX;
    ranges->count -= removed;
    return removed;
}

bool ct__ranges_take(struct ct__ranges *ranges, uint64_t count, struct ct__range *taken)
{
    if (ranges->size == 0 || count == 0) return false;
    struct ct__range *lowest = &ranges->at[0];
    *taken = *lowest;
    if (taken->end - taken->first > count) {
        taken->end = taken->first + count;
        lowest->first = taken->end;
    } else {
        splice(ranges, 0, 1, NULL, 0);
    }
    ranges->count -= taken->end - taken->first;
    return true;
}

bool ct__ranges_contain(const struct ct__ranges *ranges, uint64_t id)
{
    size_t at = find(ranges, id + 1);
    return at < ranges->size && ranges->at[at].first <= id;
}

void ct__ranges_clear(struct ct__ranges *ranges)
{
    free(ranges->at);
    *ranges = (struct ct__ranges){ 0 };
}
