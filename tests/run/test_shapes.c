/* Random suites of every form run as DESIGN says: compared with what plain counting gives. */
#include "suites.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SEEDS = 12 };

struct shape {
    uint64_t seed;
    enum made_form form;
    bool failing;
};

#define HOLDS(made, shape, expr)                                                                                       \
    do {                                                                                                               \
        if (!(expr))                                                                                                   \
            fail_msg("seed %llu, form %d, actions %s: %s", (unsigned long long)(shape)->seed, (int)(shape)->form,      \
                     (made)->text, #expr);                                                                             \
    } while (0)

static void check_states(const struct made_suite *made, const struct shape *shape, const json_t *states)
{
    HOLDS(made, shape, json_array_size(states) == made->walks);
    for (size_t id = 0; id < made->walks; id++) {
        const json_t *entry = json_array_get(states, id);
        json_t *want = made_state(made, id);
        const char *status = ct_status_name(made_fails(made, id) ? CT_FAIL : CT_PASS);
        HOLDS(made, shape, json_integer_value(json_object_get(entry, "walk")) == (json_int_t)id);
        assert_string_equal(json_string_value(json_object_get(entry, "status")), status);
        HOLDS(made, shape, json_equal(json_object_get(entry, "state"), want));
        json_decref(want);
    }
}

static void check_results(const struct made_suite *made, const struct shape *shape, const struct ct_results *results)
{
    uint64_t failed = 0, sum = 0;
    for (size_t id = 0; id < made->walks; id++) failed += made_fails(made, id);
    for (size_t status = 0; status < CT_STATUS_COUNT; status++) sum += results->counts[status];
    HOLDS(made, shape, results->walk_count == made->walks);
    HOLDS(made, shape, sum == made->walks);
    HOLDS(made, shape, results->counts[CT_FAIL] == failed);
    HOLDS(made, shape, results->counts[CT_PASS] == made->walks - failed);
    HOLDS(made, shape, results->error_count == failed);
    HOLDS(made, shape, results->segment_count == made_segments(made));
    HOLDS(made, shape, results->serial_count == made_serial_runs(made));
    HOLDS(made, shape, results->serial_failed_count == 0);
    HOLDS(made, shape, results->exit_code == (failed ? 1 : 0));
    check_states(made, shape, results->states);
}

static void run_shape(const struct shape *shape)
{
    struct made_suite *made = made_new(shape->seed, shape->form, shape->failing);
    assert_non_null(made);
    struct ct_run_options options = { .services = 1 + (int)(shape->seed % 4),
                                      .threads = 1 + (int)(shape->seed % 3),
                                      .gather_states = true,
                                      .verbose = -1 };
    struct ct_results *results = NULL;
    struct ct_error error;
    if (ct_run_tests(&made->suite, &options, &results, &error) != CT_OK) fail_msg("%s: %s", made->text, error.text);
    const char *wrong = made_judge(made);
    if (wrong) fail_msg("seed %llu, actions %s: %s", (unsigned long long)shape->seed, made->text, wrong);
    check_results(made, shape, results);
    ct_results_free(results);
    made_free(made);
}

static void run_form(enum made_form form, bool failing)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) run_shape(&(struct shape){ seed, form, failing });
}

#define FORM_TEST(name, form, failing)                                                                                 \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        run_form(form, failing);                                                                                       \
    }
FORM_TEST(without_serial_actions_the_walks_are_the_product, MADE_NONE, false)
FORM_TEST(a_serial_action_can_be_first, MADE_FIRST, false)
FORM_TEST(a_serial_action_can_be_last, MADE_LAST, false)
FORM_TEST(serial_actions_can_be_adjacent, MADE_ADJACENT, false)
FORM_TEST(serial_actions_can_be_alone, MADE_ALONE, false)
FORM_TEST(serial_actions_can_be_anywhere, MADE_ANYWHERE, false)
FORM_TEST(walks_that_fail_end_there_and_no_other_walk_does, MADE_ANYWHERE, true)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_serial_actions_the_walks_are_the_product),
        cmocka_unit_test(a_serial_action_can_be_first),
        cmocka_unit_test(a_serial_action_can_be_last),
        cmocka_unit_test(serial_actions_can_be_adjacent),
        cmocka_unit_test(serial_actions_can_be_alone),
        cmocka_unit_test(serial_actions_can_be_anywhere),
        cmocka_unit_test(walks_that_fail_end_there_and_no_other_walk_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
