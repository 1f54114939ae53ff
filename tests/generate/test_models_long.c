/* Rows of all the real models beside this file, and of those of the directory that COMBTEST_TEST_MODELS names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "models_check.h"
#include <cmocka.h>
#include <limits.h>
#include <stdlib.h>

enum { TRIPLES_MAX = 12000000 }; /* of combinations, for which the first answer takes about a second */

static void pairs_of_all_models_are_covered_exactly(void **state)
{
    struct models_checked checked = models_check(TESTS_SOURCE "/generate/models", 2, UINT64_MAX, UINT_MAX);
    (void)state;
    assert_true(checked.models >= 195);
    assert_int_equal(checked.open, 0);
}

static void triples_of_all_models_are_covered_exactly(void **state)
{
    struct models_checked checked = models_check(TESTS_SOURCE "/generate/models", 3, TRIPLES_MAX, UINT_MAX);
    (void)state;
    assert_true(checked.models >= 150);
    assert_int_equal(checked.open, 0);
}

static void the_models_of_another_directory_are_covered(void **state)
{
    const char *directory = getenv("COMBTEST_TEST_MODELS");
    (void)state;
    if (directory == NULL) skip();
    assert_true(models_check(directory, 2, UINT64_MAX, UINT_MAX).models > 0);
    assert_true(models_check(directory, 3, TRIPLES_MAX, UINT_MAX).models > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_all_models_are_covered_exactly),
        cmocka_unit_test(triples_of_all_models_are_covered_exactly),
        cmocka_unit_test(the_models_of_another_directory_are_covered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
