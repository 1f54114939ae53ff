/* Rows of real models, those beside this file: a part of them; test_models_long.c has all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "models_check.h"
#include <cmocka.h>

static void pairs_of_real_models_are_covered_exactly(void **state)
{
    struct models_checked checked = models_check(TESTS_SOURCE "/generate/models", 2, UINT64_MAX, 4);
    (void)state;
    assert_true(checked.models >= 70);
    assert_true(checked.proved > 1000);
    assert_int_equal(checked.open, 0);
}

static void triples_of_real_models_are_covered_exactly(void **state)
{
    struct models_checked checked = models_check(TESTS_SOURCE "/generate/models", 3, 40000, 4);
    (void)state;
    assert_true(checked.models >= 20);
    assert_true(checked.proved > 1000);
    assert_int_equal(checked.open, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_real_models_are_covered_exactly),
        cmocka_unit_test(triples_of_real_models_are_covered_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
