#include "service/queue.h"
#include <stdlib.h>
#include <string.h>

struct ct__parcel *ct__parcel_new(uint64_t first, uint64_t end, uint32_t stage, const char *text)
{
    struct ct__parcel *item = calloc(1, sizeof *item);
    if (!item) abort();
    item->first = first;
    item->end = end;
    item->stage = stage;
    if (text && !(item->text = strdup(text))) abort();
    return item;
}

void ct__parcel_free(struct ct__parcel *item)
{
    if (!item) return;
    free(item->text);
    free(item);
}

void ct__queue_push(struct ct__queue *queue, struct ct__parcel *item)
{
    item->next = NULL;
    if (queue->last)
        queue->last->next = item;
    else
        queue->first = item;
    queue->last = item;
    queue->count += item->end - item->first;
}

void ct__queue_push_front(struct ct__queue *queue, struct ct__parcel *item)
{
    item->next = queue->first;
    queue->first = item;
    if (!queue->last) queue->last = item;
    queue->count += item->end - item->first;
}

struct ct__parcel *ct__queue_take(struct ct__queue *queue, uint64_t count)
{
    struct ct__parcel *item = queue->first;
    if (!item || count == 0) return NULL;
    if (item->end - item->first > count) {
        struct ct__parcel *part = ct__parcel_new(item->first, item->first + count, item->stage, NULL);
        part->suspect = item->suspect;
        item->first += count;
        queue->count -= count;
        return part;
    }
    queue->first = item->next;
    if (!queue->first) queue->last = NULL;
    queue->count -= item->end - item->first;
    item->next = NULL;
    return item;
}

void ct__queue_clear(struct ct__queue *queue)
{
    struct ct__parcel *item;
    while ((item = ct__queue_take(queue, UINT64_MAX))) ct__parcel_free(item);
}
