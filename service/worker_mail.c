/* A worker's letters: records over the rings of its slot, and the voice of its walks. */
#include "service/line.h"
#include "service/worker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PART_SIZE 16384u /* of the outbox's ring; larger records go in parts */
#define WAIT_MS   20     /* bounds what a bell rung for another waiter can cost */

/* The lock is held. Waits until the ring has room for all of it, and shows it at once. */
static void write_whole(struct ct__worker *worker, const unsigned char *data, size_t size)
{
    struct ct__slot *slot = worker->slot;
    for (;;) {
        uint32_t seen = ct__bell_count(&slot->bell);
        if (ct__ring_room(&slot->outbox) >= size) break;
        ct__bell_ring(&worker->board->link_bell);
        ct__bell_wait(&slot->bell, seen, WAIT_MS);
    }
    ct__ring_write(&slot->outbox, data, size);
}

/* The lock is held. */
static void write_record(struct ct__worker *worker, enum ct__record_kind part, const unsigned char *data, size_t size)
{
    unsigned char record[5 + PART_SIZE];
    size_t whole = size + (part != 0);
    for (size_t i = 0; i < 4; i++) record[i] = (unsigned char)(whole >> (8 * i));
    record[4] = (unsigned char)part;
    memcpy(record + 4 + (part != 0), data, size);
    write_whole(worker, record, 4 + whole);
}

void ct__worker_write(struct ct__worker *worker, const struct ct__bytes *body)
{
    const unsigned char *at = body->data;
    size_t left = body->size;
    if (body->failed || ct__fork_is_copy()) return; /* a copy's words are not the walk's */
    pthread_mutex_lock(&worker->lock);
    if (left <= PART_SIZE) {
        write_record(worker, 0, at, left);
        left = 0;
    }
    while (left > 0) {
        size_t size = left < PART_SIZE ? left : PART_SIZE;
        write_record(worker, left == size ? CT__RECORD_END : CT__RECORD_PART, at, size);
        at += size;
        left -= size;
    }
    pthread_mutex_unlock(&worker->lock);
}

void ct__worker_report(struct ct__worker *worker, const struct ct__result *result)
{
    struct ct__bytes *out = &worker->outgoing;
    struct ct__result counted = *result;
    char *notes = worker->notes ? ct__json_text(worker->notes) : NULL;
    counted.notes = notes;
    counted.service = (uint32_t)(worker->post - worker->board->posts);
    counted.took_ns = ct__worker_took_ns(worker);
    pthread_mutex_lock(&worker->lock);
    counted.counts = worker->counts.data;
    counted.count_size = (uint32_t)worker->counts.size;
    out->size = 0;
    ct__put_u8(out, CT__RECORD_RESULT);
    ct__result_put(out, &counted);
    worker->counts.size = 0;
    pthread_mutex_unlock(&worker->lock);
    ct__worker_write(worker, out);
    free(notes);
}

void ct__worker_send_counts(struct ct__worker *worker)
{
    struct ct__bytes body = { 0 };
    pthread_mutex_lock(&worker->lock);
    ct__put_u8(&body, CT__RECORD_COUNTS);
    ct__put_bytes(&body, worker->counts.data, worker->counts.size);
    worker->counts.size = 0;
    pthread_mutex_unlock(&worker->lock);
    if (body.size > 1) ct__worker_write(worker, &body);
    ct__bytes_free(&body);
}

static bool read_all(struct ct__worker *worker, unsigned char *data, size_t size)
{
    struct ct__slot *slot = worker->slot;
    for (;;) {
        uint32_t seen = ct__bell_count(&slot->bell);
        size_t got = ct__ring_read(&slot->inbox, data, size);
        data += got;
        size -= got;
        if (size == 0) return true;
        if (atomic_load(&worker->post->stop)) return false;
        ct__bell_ring(&worker->board->link_bell);
        ct__bell_wait(&slot->bell, seen, WAIT_MS);
    }
}

bool ct__worker_read(struct ct__worker *worker)
{
    unsigned char head[4];
    if (!read_all(worker, head, sizeof head)) return false;
    struct ct__cursor cursor = ct__cursor(head, sizeof head);
    uint32_t size = ct__get_u32(&cursor);
    worker->inbox.size = 0;
    unsigned char *room = ct__bytes_room(&worker->inbox, size);
    if (!room || !read_all(worker, room, size)) return false;
    worker->inbox.size = size;
    return true;
}

/* "... warning localhost/0 walk 17 in open: zlib.c:12: " */
static void put_origin(struct ct__bytes *line, const struct ct__worker *worker, const struct ct_walk *walk,
                       enum ct_log_level level, const char *file, int source_line)
{
    const struct ct_suite *suite = worker->setup->suite;
    unsigned service = (unsigned)(worker->post - worker->board->posts);
    char text[512];
    size_t action = walk ? ct__walk_action(walk) : CT__NO_ACTION;
    int size = snprintf(text, sizeof text, "%s %s/", ct__level_name(level), worker->setup->host);
    if (service + 1 == worker->board->post_count)
        size += snprintf(text + size, sizeof text - (size_t)size, "serial");
    else
        size += snprintf(text + size, sizeof text - (size_t)size, "%u", service);
    if (walk && ct__walk_is_one(walk))
        size += snprintf(text + size, sizeof text - (size_t)size, " walk %llu", (unsigned long long)ct_walk_id(walk));
    if (action < suite->action_count)
        size += snprintf(text + size, sizeof text - (size_t)size, " in %.128s", suite->actions[action].name);
    ct__put_bytes(line, text, (size_t)size);
    ct__put_bytes(line, ": ", 2);
    if (!file) return;
    size = snprintf(text, sizeof text, "%.400s:%d: ", file, source_line);
    ct__put_bytes(line, text, (size_t)size);
}

static void voice_log(void *user, const struct ct_walk *walk, enum ct_log_level level, const char *file, int line,
                      const char *text)
{
    struct ct__worker *worker = user;
    if (level < worker->setup->lowest) return;
    struct ct__bytes record = { 0 };
    ct__put_u8(&record, CT__RECORD_LOG);
    ct__put_u8(&record, (uint8_t)level);
    size_t at = record.size;
    ct__put_u32(&record, 0);
    ct__line_time(&record);
    put_origin(&record, worker, walk, level, file, line);
    ct__put_bytes(&record, text, strlen(text) + 1);
    ct__set_u32(&record, at, (uint32_t)(record.size - at - 5));
    ct__worker_write(worker, &record);
    ct__bytes_free(&record);
    if (level >= CT_LOG_WARNING) ct__bell_ring(&worker->board->link_bell); /* others can wait for the next look */
}

static void voice_count(void *user, const char *name, int64_t n)
{
    struct ct__worker *worker = user;
    pthread_mutex_lock(&worker->lock);
    ct__put_text(&worker->counts, name);
    ct__put_u64(&worker->counts, (uint64_t)n);
    pthread_mutex_unlock(&worker->lock);
}

/* Notes belong to the trace's line of a walk: without a trace there is nothing to put them on. */
static void voice_note(void *user, const struct ct_walk *walk, const char *key, const json_t *value)
{
    struct ct__worker *worker = user;
    (void)walk;
    if (worker->setup->traced == CT__TRACE_NONE) return;
    json_t *copy = json_deep_copy(value);
    pthread_mutex_lock(&worker->lock);
    if (!worker->notes) worker->notes = json_object();
    if (copy && worker->notes) json_object_set(worker->notes, key, copy);
    pthread_mutex_unlock(&worker->lock);
    json_decref(copy);
}

const struct ct__voice ct__worker_voice = { .log = voice_log, .count = voice_count, .note = voice_note };
