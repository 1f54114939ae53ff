/* Runs at the edges: many walks that fail, many services, many threads, the largest ids, few and many actions. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <stdio.h>
#include <string.h>

static const struct ct_option thousand[1000];
static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };
enum { RAN, RAN_LATER, SERIAL_RAN };

static enum ct_status fail_every_other(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add_explicit(&shared[RAN], 1, memory_order_relaxed);
    return ct_walk_id(walk) % 2 ? ct_fail(walk, "odd") : CT_PASS;
}

static enum ct_status count_later(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    if (ct_walk_id(walk) % 2) return ct_fail(walk, "it had failed before");
    atomic_fetch_add_explicit(&shared[RAN_LATER], 1, memory_order_relaxed);
    return CT_PASS;
}

static enum ct_status count_serial(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    atomic_fetch_add(&shared[SERIAL_RAN], 1);
    return CT_PASS;
}

static void of_a_million_walks_every_other_fails_and_only_the_rest_go_on(void **state)
{
    static const struct ct_action actions[] = {
        { .name = "a", .run = fail_every_other, .options = thousand, .option_count = 500 },
        CT_ACTION("b", fail_every_other, thousand),
        CT_SERIAL_ACTION("s", count_serial, two),
        CT_ACTION_ONCE("later", count_later),
    };
    static const struct ct_suite suite = { .name = "million", .actions = actions, .action_count = 4 };
    (void)state;
    shared_reset();
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->walk_count, 1000000);
    assert_int_equal(results->counts[CT_FAIL], 500000);
    assert_int_equal(results->counts[CT_PASS], 500000);
    assert_int_equal(results->error_count, 500000);
    assert_int_equal(results->segment_count, 1500000);
    assert_int_equal(shared[RAN], 1000000 + 500000); /* those that fail take one action, the others both */
    assert_int_equal(shared[RAN_LATER], 500000);
    assert_int_equal(shared[SERIAL_RAN], 2);
    assert_int_equal(results->failed_id_count, 1000);
    for (size_t i = 0; i < 1000; i++) assert_int_equal(results->failed_ids[i], 2 * i + 1);
    ct_results_free(results);
}

/* ---- services and threads ---- */

static enum ct_status count_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static void run_with(int services, int threads, enum ct_isolation isolation)
{
    static const struct ct_action actions[] = {
        { .name = "a", .run = count_walk, .options = thousand, .option_count = 500 },
        CT_SERIAL_ACTION("s", count_walk, two),
        { .name = "b", .run = count_walk, .options = thousand, .option_count = 3 },
    };
    static const struct ct_suite suite = { .name = "many", .actions = actions, .action_count = 3 };
    const struct ct_run_options options = {
        .services = services, .threads = threads, .isolation = isolation, .verbose = -1
    };
    shared_reset();
    struct ct_results *results = run_well(&suite, &options);
    assert_int_equal(results->walk_count, 3000);
    assert_int_equal(results->counts[CT_PASS], 3000);
    assert_int_equal(results->segment_count, 6000);
    assert_int_equal(results->serial_count, 2);
    for (int id = 0; id < 3000; id++)
        assert_int_equal(shared[id], id % 1500 ? 2 : 3); /* a branch's first: its serial action too */
    ct_results_free(results);
}

static void sixty_four_services_share_the_walks(void **state)
{
    (void)state;
    run_with(64, 1, CT_ISOLATION_THREAD);
}

static void sixty_four_threads_share_the_walks(void **state)
{
    (void)state;
    run_with(1, 64, CT_ISOLATION_THREAD);
}

static void services_of_many_threads_share_the_walks(void **state)
{
    (void)state;
    run_with(8, 8, CT_ISOLATION_THREAD);
}

static void processes_of_their_own_share_the_walks(void **state)
{
    (void)state;
    run_with(4, 4, CT_ISOLATION_PROCESS);
}

static void more_services_than_walks_do_no_harm(void **state)
{
    static const struct ct_action one[] = { CT_ACTION_ONCE("only", count_walk) };
    static const struct ct_suite suite = { .name = "one", .actions = one, .action_count = 1 };
    const struct ct_run_options options = { .services = 16, .threads = 4, .verbose = -1 };
    (void)state;
    shared_reset();
    struct ct_results *results = run_well(&suite, &options);
    assert_int_equal(results->walk_count, 1);
    assert_int_equal(shared[0], 1);
    ct_results_free(results);
}

/* ---- the largest ids ---- */

/* 2^63 - 1 = 7^2 * 73 * 127 * 337 * 92737 * 649657: a product that fills the space to its last id. */
static int count_up(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)error;
    if (index == *(const size_t *)user) return 0;
    *option = (struct ct_option)CT_INT((int64_t)index);
    return 1;
}

static _Atomic uint64_t *seen(size_t i)
{
    return (_Atomic uint64_t *)(void *)&shared[100 + 4 * i];
}

static enum ct_status keep_id(struct ct_walk *walk, const struct ct_option *option)
{
    int at = atomic_fetch_add(&shared[0], 1);
    if (at < 100) atomic_store(seen((size_t)at), ct_walk_id(walk));
    json_object_set_new(ct_walk_state(walk), "last", json_integer(ct_option_int(option)));
    return CT_PASS;
}

static enum ct_status count_option(struct ct_walk *walk, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), ct_option_int(option) > 700 ? "high" : "low", json_true());
    return CT_PASS;
}

static void the_largest_ids_run_and_are_gathered(void **state)
{
    static size_t counts[] = { 7, 7, 73, 127, 337, 92737, 649657 };
    struct ct_action actions[7] = { 0 };
    char names[7][8];
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        snprintf(names[i], sizeof names[i], "f%zu", i);
        actions[i] = (struct ct_action){
            .name = names[i], .run = i == 6 ? keep_id : count_option, .source = count_up, .source_user = &counts[i]
        };
    }
    const struct ct_suite suite = { .name = "largest", .actions = actions, .action_count = 7 };
    const struct ct_run_options options = {
        .services = 2, .verbose = -1, .gather_states = true, .only = "9223372036854775800-9223372036854775806,0"
    };
    shared_reset();
    struct ct_results *results = run_well(&suite, &options);
    assert_int_equal(results->walk_count, 8);
    assert_int_equal(results->counts[CT_PASS], 8);
    assert_int_equal(shared[0], 8);
    for (size_t i = 0; i < 8; i++) {
        const json_t *entry = json_array_get(results->states, i);
        uint64_t id = i == 0 ? 0 : UINT64_C(9223372036854775799) + i;
        assert_int_equal(json_integer_value(json_object_get(entry, "walk")), id);
        assert_int_equal(json_integer_value(json_object_get(state_at(results, i), "last")),
                         i == 0 ? 0 : 649656 - 7 + i);
        assert_int_equal(json_object_get(state_at(results, i), "high") != NULL, i > 0);
        bool found = false;
        for (size_t j = 0; j < 8; j++) found = found || atomic_load(seen(j)) == id;
        assert_true(found);
    }
    ct_results_free(results);
}

static void the_last_walk_of_the_largest_space_passes_its_serial_actions(void **state)
{
    struct ct_action actions[62];
    static char names[62][8];
    (void)state;
    for (size_t i = 0; i < 62; i++) {
        snprintf(names[i], sizeof names[i], "b%zu", i);
        actions[i] = (struct ct_action)CT_ACTION(names[i], count_serial, two);
        actions[i].serial = i % 20 == 10;
    }
    const struct ct_suite suite = { .name = "bits", .actions = actions, .action_count = 62 };
    const struct ct_run_options options = { .services = 2, .verbose = -1, .only = "4611686018427387903" };
    shared_reset();
    struct ct_results *results = run_well(&suite, &options);
    assert_int_equal(results->walk_count, 1);
    assert_int_equal(results->counts[CT_PASS], 1);
    assert_int_equal(results->serial_count, 3);
    assert_int_equal(shared[SERIAL_RAN], 62);
    ct_results_free(results);
}

/* ---- actions ---- */

static void one_to_twelve_actions_all_run(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 12; count++) {
        struct ct_action actions[12];
        char names[12][8];
        for (size_t i = 0; i < count; i++) {
            snprintf(names[i], sizeof names[i], "a%zu", i);
            actions[i] = (struct ct_action)CT_ACTION(names[i], count_serial, two);
        }
        const struct ct_suite suite = { .name = "actions", .actions = actions, .action_count = count };
        shared_reset();
        struct ct_results *results = run_well(&suite, NULL);
        assert_int_equal(results->walk_count, 1u << count);
        assert_int_equal(results->counts[CT_PASS], 1u << count);
        assert_int_equal(shared[SERIAL_RAN], count << count);
        ct_results_free(results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_million_walks_every_other_fails_and_only_the_rest_go_on),
        cmocka_unit_test(sixty_four_services_share_the_walks),
        cmocka_unit_test(sixty_four_threads_share_the_walks),
        cmocka_unit_test(services_of_many_threads_share_the_walks),
        cmocka_unit_test(processes_of_their_own_share_the_walks),
        cmocka_unit_test(more_services_than_walks_do_no_harm),
        cmocka_unit_test(the_largest_ids_run_and_are_gathered),
        cmocka_unit_test(the_last_walk_of_the_largest_space_passes_its_serial_actions),
        cmocka_unit_test(one_to_twelve_actions_all_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
