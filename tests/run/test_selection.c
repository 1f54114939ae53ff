/* --only, --sample and --shard: which walks of a product run. */
#include "runs.h"
#include <string.h>

static const struct ct_option tens[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                         CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };
enum { WALKS = 1000, SERIAL_RUNS = WALKS };

static enum ct_status count_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

static enum ct_status count_serial(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    atomic_fetch_add(&shared[SERIAL_RUNS], 1);
    return CT_PASS;
}

static const struct ct_action actions[] = { CT_ACTION("a", pass, tens), CT_SERIAL_ACTION("s", count_serial, tens),
                                            CT_ACTION("b", count_walk, tens) };
static const struct ct_suite suite = { .name = "selection", .actions = actions, .action_count = 3 };

/* Adds to the shared counters; returns how many walks were planned. */
static uint64_t run_selected(struct ct_run_options options)
{
    options.services = 2;
    options.verbose = -1;
    struct ct_results *results = run_well(&suite, &options);
    uint64_t planned = results->walk_count;
    assert_int_equal(results->counts[CT_PASS], planned);
    ct_results_free(results);
    return planned;
}

static void only_runs_the_ids_it_names(void **unused)
{
    (void)unused;
    shared_reset();
    assert_int_equal(run_selected((struct ct_run_options){ .only = "3,7-9,250" }), 5);
    for (int id = 0; id < WALKS; id++)
        assert_int_equal(shared[id], id == 3 || (id >= 7 && id <= 9) || id == 250 ? 1 : 0);
}

static void a_serial_action_runs_only_where_walks_of_its_branch_were_selected(void **unused)
{
    (void)unused;
    shared_reset();
    run_selected((struct ct_run_options){ .only = "3,7-9,250" });
    assert_int_equal(shared[SERIAL_RUNS], 2);
}

static void ids_that_are_none_start_nothing(void **unused)
{
    (void)unused;
    static const char *const wrong[] = { "1000", "5-3", "x", "1,,2", "-" };
    shared_reset();
    for (size_t i = 0; i < CT_COUNT(wrong); i++) {
        struct ct_results *results = NULL;
        struct ct_error error = { 0 };
        const struct ct_run_options options = { .only = wrong[i], .verbose = -1 };
        assert_int_equal(ct_run_tests(&suite, &options, &results, &error), CT_EINVAL);
        assert_null(results);
        assert_true(strlen(error.text) > 0);
    }
    for (int id = 0; id <= WALKS; id++) assert_int_equal(shared[id], 0);
}

static void a_sample_has_as_many_different_walks_as_asked(void **unused)
{
    (void)unused;
    shared_reset();
    assert_int_equal(run_selected((struct ct_run_options){ .sample = 70, .seed = 5 }), 70);
    int ran = 0;
    for (int id = 0; id < WALKS; id++) {
        assert_true(shared[id] <= 1);
        ran += shared[id];
    }
    assert_int_equal(ran, 70);
}

static void a_sample_is_the_same_for_the_same_seed_and_another_for_another(void **unused)
{
    (void)unused;
    shared_reset();
    run_selected((struct ct_run_options){ .sample = 70, .seed = 5 });
    run_selected((struct ct_run_options){ .sample = 70, .seed = 5 });
    for (int id = 0; id < WALKS; id++) assert_true(shared[id] == 0 || shared[id] == 2);
    run_selected((struct ct_run_options){ .sample = 70, .seed = 6 });
    int alone = 0;
    for (int id = 0; id < WALKS; id++) alone += shared[id] == 1;
    assert_true(alone > 0);
}

static void shards_are_disjoint_and_together_everything(void **unused)
{
    (void)unused;
    shared_reset();
    uint64_t planned = 0;
    for (uint64_t shard = 1; shard <= 3; shard++) {
        uint64_t part = run_selected((struct ct_run_options){ .shard = shard, .shard_count = 3 });
        assert_in_range(part, WALKS / 3, WALKS / 3 + 1);
        planned += part;
    }
    assert_int_equal(planned, WALKS);
    for (int id = 0; id < WALKS; id++) assert_int_equal(shared[id], 1);
}

static void a_shard_of_a_sample_divides_the_sample(void **unused)
{
    (void)unused;
    shared_reset();
    run_selected((struct ct_run_options){ .sample = 71, .shard = 1, .shard_count = 2 });
    run_selected((struct ct_run_options){ .sample = 71, .shard = 2, .shard_count = 2 });
    run_selected((struct ct_run_options){ .sample = 71 });
    int twice = 0;
    for (int id = 0; id < WALKS; id++) {
        assert_true(shared[id] == 0 || shared[id] == 2);
        twice += shared[id] == 2;
    }
    assert_int_equal(twice, 71);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_runs_the_ids_it_names),
        cmocka_unit_test(a_serial_action_runs_only_where_walks_of_its_branch_were_selected),
        cmocka_unit_test(ids_that_are_none_start_nothing),
        cmocka_unit_test(a_sample_has_as_many_different_walks_as_asked),
        cmocka_unit_test(a_sample_is_the_same_for_the_same_seed_and_another_for_another),
        cmocka_unit_test(shards_are_disjoint_and_together_everything),
        cmocka_unit_test(a_shard_of_a_sample_divides_the_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
