/* Queues of walks, against a plain list of single walks. */
#include "service/queue.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MODEL_MAX = 20000 };

/* The walks of the queue in their order, one by one. */
struct model {
    size_t from, to;
    uint64_t walks[MODEL_MAX];
    bool suspect[MODEL_MAX];
};
static struct model model;

/* splitmix64. */
static uint64_t draw(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct ct__parcel *draw_parcel(uint64_t *seed)
{
    uint64_t first = draw(seed) >> 1, size = 1 + draw(seed) % 9;
    char text[32];
    snprintf(text, sizeof text, "{\"n\":%llu}", (unsigned long long)first);
    struct ct__parcel *parcel = ct__parcel_new(first, first + size, (uint32_t)(first % 7), size == 1 ? text : NULL);
    parcel->suspect = draw(seed) % 5 == 0;
    return parcel;
}

static void push_back(struct ct__queue *queue, uint64_t *seed)
{
    struct ct__parcel *parcel = draw_parcel(seed);
    for (uint64_t walk = parcel->first; walk < parcel->end; walk++) {
        model.walks[model.to] = walk;
        model.suspect[model.to++] = parcel->suspect;
    }
    ct__queue_push(queue, parcel);
}

static void push_front(struct ct__queue *queue, uint64_t *seed)
{
    struct ct__parcel *parcel = draw_parcel(seed);
    for (uint64_t walk = parcel->end; walk-- > parcel->first;) {
        model.walks[--model.from] = walk;
        model.suspect[model.from] = parcel->suspect;
    }
    ct__queue_push_front(queue, parcel);
}

static void take(struct ct__queue *queue, uint64_t count)
{
    struct ct__parcel *parcel = ct__queue_take(queue, count);
    if (model.from == model.to || count == 0) {
        assert_null(parcel);
        return;
    }
    assert_non_null(parcel);
    assert_in_range(parcel->end - parcel->first, 1, count);
    for (uint64_t walk = parcel->first; walk < parcel->end; walk++) {
        assert_int_equal(model.walks[model.from], walk);
        assert_int_equal(model.suspect[model.from++], parcel->suspect);
    }
    if (parcel->text) {
        char text[32];
        snprintf(text, sizeof text, "{\"n\":%llu}", (unsigned long long)parcel->first);
        assert_string_equal(parcel->text, text);
        assert_int_equal(parcel->stage, parcel->first % 7);
    }
    ct__parcel_free(parcel);
}

static void random_operations_keep_every_walk_in_order(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct ct__queue queue = { 0 };
        uint64_t draws = seed;
        model.from = model.to = MODEL_MAX / 2;
        for (int i = 0; i < 800; i++) {
            switch (draw(&draws) % 4) {
            case 0: push_back(&queue, &draws); break;
            case 1: push_front(&queue, &draws); break;
            default: take(&queue, draw(&draws) % 8);
            }
            assert_int_equal(queue.count, model.to - model.from);
        }
        while (queue.count > 0) take(&queue, UINT64_MAX);
        assert_int_equal(model.from, model.to);
        assert_null(queue.first);
        assert_null(queue.last);
    }
}

static void a_queue_that_ran_empty_takes_more(void **state)
{
    (void)state;
    struct ct__queue queue = { 0 };
    for (uint64_t i = 0; i < 3; i++) {
        ct__queue_push_front(&queue, ct__parcel_new(10 * i, 10 * i + 2, 0, NULL));
        ct__queue_push(&queue, ct__parcel_new(10 * i + 2, 10 * i + 3, 0, "{}"));
        struct ct__parcel *first = ct__queue_take(&queue, 5), *second = ct__queue_take(&queue, 5);
        assert_int_equal(first->first, 10 * i);
        assert_int_equal(second->first, 10 * i + 2);
        assert_null(ct__queue_take(&queue, 5));
        ct__parcel_free(first);
        ct__parcel_free(second);
    }
    ct__parcel_free(NULL);
}

static void clearing_leaves_an_empty_queue(void **state)
{
    (void)state;
    struct ct__queue queue = { 0 };
    for (uint64_t i = 0; i < 5; i++) ct__queue_push(&queue, ct__parcel_new(i, i + 1, 0, "[1]"));
    ct__queue_clear(&queue);
    ct__queue_clear(&queue);
    assert_int_equal(queue.count, 0);
    assert_null(ct__queue_take(&queue, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_operations_keep_every_walk_in_order),
        cmocka_unit_test(a_queue_that_ran_empty_takes_more),
        cmocka_unit_test(clearing_leaves_an_empty_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
