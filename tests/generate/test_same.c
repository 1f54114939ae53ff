/* The same model, options and seed give the same rows: in this build, in those with sanitizers, on one processor and on
 * two. What they gave is kept here as a hash, which is to change when the rows are meant to and not otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include "pict_file.h"
#include "random_model.h"
#include <cmocka.h>
#include <inttypes.h>
#include <sched.h>

struct kept {
    const char *model;
    int strength;
    enum ct__effort effort;
    uint64_t random, hash;
};

static uint64_t hash_rows(uint64_t hash, const struct ct__rows *rows)
{
    return hash_values(hash, rows->values, rows->count * rows->factor_count);
}

static void check(const struct kept *kept)
{
    const struct ct__generate_options options = { .cover = { .strength = kept->strength },
                                                  .effort = kept->effort,
                                                  .random = kept->random };
    struct ct__pict *pict = pict_file_read(kept->model);
    struct ct__rows *rows = NULL;
    assert_int_equal(ct__generate(&pict->model, &options, &rows, NULL), CT_OK);
    uint64_t hash = hash_rows(HASH_BEGIN, rows);
    if (hash != kept->hash)
        fail_msg("%s at strength %d, seed %" PRIu64 ": %zu rows with the hash 0x%016" PRIx64, kept->model,
                 kept->strength, kept->random, rows->count, hash);
    ct__rows_free(rows);
    ct__pict_free(pict);
}

static void first_answers_are_the_same_everywhere(void **state)
{
    static const struct kept all[] = {
        { "uniform/3^13", 2, CT__EFFORT_FAST, 0, 0xfd3d4c53f1a904f6 },
        { "uniform/4^1_3^39_2^35", 2, CT__EFFORT_FAST, 7, 0x5d615b0ef6bf0797 },
        { "uniform/10^20", 2, CT__EFFORT_FAST, 0, 0x87854b1f83643055 },
        { "uniform/5^8", 3, CT__EFFORT_FAST, 1, 0xa53d3d334ae566e5 },
        { "casa/spins", 3, CT__EFFORT_FAST, 0, 0x2b3a83f4a13dcca4 },
        { "casa/gcc", 2, CT__EFFORT_FAST, 3, 0xadfec5d62fcfb1e7 },
        { "ibm/Healthcare3", 3, CT__EFFORT_FAST, 0, 0xfa1cdf3cddbc0759 },
        { "ctcomp2022/BOOLC_3", 2, CT__EFFORT_FAST, 0, 0x67fa1d187440c09d },
        { "ctcomp2022/NUMC_2", 2, CT__EFFORT_FAST, 0, 0x86a40cc4dd786565 },
        { "language", 2, CT__EFFORT_FAST, 0, 0x026393ba61e953c6 },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(all); i++) check(&all[i]);
}

static void random_models_have_the_same_rows_everywhere(void **state)
{
    static struct random_model drawn;
    uint64_t hash = HASH_BEGIN;
    (void)state;
    for (uint64_t number = 1; number <= 200; number++) {
        struct ct__rows *rows = NULL;
        random_model_draw(&drawn, number, 500);
        const struct ct__generate_options options = { .cover = drawn.cover,
                                                      .seeds = drawn.seeds,
                                                      .seed_count = drawn.seed_count,
                                                      .random = number,
                                                      .effort = number % 4 ? CT__EFFORT_FAST : CT__EFFORT_DEFAULT };
        if (ct__generate(&drawn.model, &options, &rows, NULL) == CT_OK) hash = hash_rows(hash, rows);
        ct__rows_free(rows);
    }
    if (hash != UINT64_C(0xcf44fb05f1eda3c9)) fail_msg("the hash is 0x%016" PRIx64, hash);
}

/* By search, by search and annealing, and by annealing alone where rows are few. */
static const struct kept searched[] = {
    { "uniform/5^1_3^8_2^2", 2, CT__EFFORT_DEFAULT, 0, 0x62791a8f06b92270 },
    { "ctcomp2022/MCAC_3", 2, CT__EFFORT_DEFAULT, 2, 0xf78423cfef9f442c },
    { "casa/apache", 2, CT__EFFORT_DEFAULT, 0, 0xd5f44c7ae6a360b4 },
};

static void rows_are_the_same_with_all_processors(void **state)
{
    (void)state;
    for (size_t i = 0; i < CT_COUNT(searched); i++) check(&searched[i]);
}

static void rows_are_the_same_with_one_processor(void **state)
{
    cpu_set_t before, one;
    size_t first = 0;
    (void)state;
    if (sched_getaffinity(0, sizeof before, &before) != 0) skip();
    while (!CPU_ISSET(first, &before)) first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    if (sched_setaffinity(0, sizeof one, &one) != 0) skip();
    for (size_t i = 0; i < CT_COUNT(searched); i++) check(&searched[i]);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_answers_are_the_same_everywhere),
        cmocka_unit_test(random_models_have_the_same_rows_everywhere),
        cmocka_unit_test(rows_are_the_same_with_all_processors),
        cmocka_unit_test(rows_are_the_same_with_one_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
