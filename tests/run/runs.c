#define _GNU_SOURCE 1
#include "runs.h"
#include <stdlib.h>
#include <sys/mman.h>

_Atomic int *shared;

void shared_reset(void)
{
    if (!shared) {
        void *memory = mmap(NULL, SHARED_COUNT * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                            0);
        assert_true(memory != MAP_FAILED);
        shared = memory;
    }
    for (size_t i = 0; i < SHARED_COUNT; i++) atomic_store(&shared[i], 0);
}

struct ct_results *run_well(const struct ct_suite *suite, const struct ct_run_options *options)
{
    const struct ct_run_options defaults = { .services = 2, .threads = 2, .verbose = -1 };
    struct ct_results *results = NULL;
    struct ct_error error;
    if (ct_run_tests(suite, options ? options : &defaults, &results, &error) != CT_OK) fail_msg("%s", error.text);
    uint64_t sum = 0;
    for (size_t status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
    assert_int_equal(sum, results->walk_count);
    return results;
}

struct ct_results *run_gathering(const struct ct_suite *suite)
{
    const struct ct_run_options options = { .services = 2, .threads = 2, .verbose = -1, .gather_states = true };
    struct ct_results *results = run_well(suite, &options);
    assert_int_equal(json_array_size(results->states), results->walk_count);
    return results;
}

const json_t *state_at(const struct ct_results *results, size_t i)
{
    return json_object_get(json_array_get(results->states, i), "state");
}

void assert_each_once(const struct ct_results *results, size_t count, size_t (*index)(const json_t *state))
{
    assert_int_equal(json_array_size(results->states), count);
    bool *seen = calloc(count, sizeof *seen);
    assert_non_null(seen);
    for (size_t i = 0; i < count; i++) {
        size_t at = index(state_at(results, i));
        assert_true(at < count);
        assert_false(seen[at]);
        seen[at] = true;
    }
    free(seen);
}
