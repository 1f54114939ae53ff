/* Rows of many factors that were made anew by annealing: they keep the constraints, and have all combinations that the
 * rows had from which it began. Those are checked elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "hash.h"
#include <cmocka.h>
#include <failing.h>
#include <generator/search.h>
#include <inttypes.h>

enum { FACTORS = 44, CONSTRAINTS = 9, WIDTH = FACTORS + 1 };

static struct ct__factor factors[FACTORS];
static struct ct__formula parts[CONSTRAINTS][3], constraints[CONSTRAINTS];
static const uint64_t not_first = 14;

/* The first few factors have four or three values, the rest two. Constraints lead from a factor to the next. */
static struct ct__model make_model(size_t constraint_count)
{
    for (uint32_t f = 0; f < FACTORS; f++) factors[f].value_count = f < 2 ? 4 : f < 7 ? 3 : 2;
    for (uint32_t i = 0; i < CONSTRAINTS; i++) {
        for (uint32_t n = 0; n < 3; n++)
            parts[i][n] =
                (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = 4 + i + (n > 1 ? 20 : n), .bits = &not_first };
        constraints[i] = (struct ct__formula){ .kind = CT__FORMULA_OR, .parts = parts[i], .part_count = i < 6 ? 2 : 3 };
    }
    return (struct ct__model){
        .factors = factors, .factor_count = FACTORS, .constraints = constraints, .constraint_count = constraint_count
    };
}

/* How many combinations of two factors, or three, the rows have. */
static size_t count(const uint16_t *rows, size_t row_count, int strength)
{
    size_t total = 0;
    for (size_t a = 0; a < FACTORS; a++)
        for (size_t b = a + 1; b < FACTORS; b++)
            for (size_t c = strength == 2 ? FACTORS : b + 1; c < (size_t)FACTORS + (strength == 2); c++) {
                uint64_t seen = 0;
                for (size_t r = 0; r < row_count; r++) {
                    const uint16_t *row = rows + r * WIDTH;
                    seen |= UINT64_C(1) << (row[a] * 16 + row[b] * 4 + (c < FACTORS ? row[c] : 0));
                }
                total += (size_t)__builtin_popcountll(seen);
            }
    return total;
}

/* A problem with rows that cover it, ready to be annealed. */
static struct ct__model model;
static struct ct__problem *problem;
static struct ct__net *net;
static uint16_t *first;
static size_t first_count;

static void begin(size_t constraint_count, int strength)
{
    struct ct__generate_options options = { .cover = { .strength = strength }, .effort = CT__EFFORT_FAST };
    struct ct__rows *rows = NULL;
    model = make_model(constraint_count);
    assert_int_equal(ct__generate(&model, &options, &rows, NULL), CT_OK);
    first_count = rows->count;
    first = test_calloc(rows->count * WIDTH, sizeof *first);
    for (size_t r = 0; r < rows->count; r++)
        memcpy(first + r * WIDTH, rows->values + r * FACTORS, FACTORS * sizeof *first);
    ct__rows_free(rows);
    assert_int_equal(ct__problem_new(&model, &options.cover, &problem, NULL), CT_OK);
    assert_int_equal(ct__problem_enter_phase(problem, false, NULL), CT_OK);
    assert_int_equal(ct__net_new(problem, &net, NULL), CT_OK);
    assert_true(ct__anneal_suits(problem, first_count));
}

static void end(void)
{
    ct__net_free(net);
    ct__problem_free(problem);
    test_free(first);
}

static enum ct_err anneal(int heat, uint64_t work, uint16_t *rows, size_t *row_count)
{
    const struct ct__watch watch = { 0 };
    struct ct__search search = {
        .net = net, .space = problem->constrained ? problem->space : NULL, .watch = &watch, .random = 5, .work = work
    };
    bool stopped = false;
    memcpy(rows, first, first_count * WIDTH * sizeof *rows);
    *row_count = first_count;
    return ct__anneal(&search, heat, rows, row_count, &stopped, NULL);
}

/* hash is that of the rows of all heats: the same in every build. */
static void check(size_t constraint_count, int strength, uint64_t hash)
{
    uint64_t found = HASH_BEGIN;
    size_t expected;
    begin(constraint_count, strength);
    expected = count(first, first_count, strength);
    uint16_t *rows = test_calloc(first_count * WIDTH, sizeof *rows);
    for (int heat = 0; heat < CT__HEATS; heat++) {
        size_t row_count;
        assert_int_equal(anneal(heat, 60000000, rows, &row_count), CT_OK);
        assert_true(row_count < first_count);
        assert_int_equal(count(rows, row_count, strength), expected);
        for (size_t r = 0; r < row_count; r++)
            for (size_t i = 0; i < constraint_count; i++)
                assert_true(ct__formula_holds(&constraints[i], &model, rows + r * WIDTH));
        found = hash_values(found, rows, row_count * WIDTH);
    }
    if (found != hash) fail_msg("strength %d: the hash is 0x%016" PRIx64, strength, found);
    test_free(rows);
    end();
}

static void pairs_are_covered_in_fewer_rows(void **state)
{
    (void)state;
    check(0, 2, UINT64_C(0x0e0af8e324d58dd4));
    check(CONSTRAINTS, 2, UINT64_C(0x228c45b328b93987));
}

static void triples_are_covered_in_fewer_rows(void **state)
{
    (void)state;
    check(0, 3, UINT64_C(0xc4ef48eff643b787));
    check(CONSTRAINTS, 3, UINT64_C(0xa14601eb894cc58e));
}

static bool anneal_briefly(void)
{
    static uint16_t rows[200 * WIDTH];
    size_t row_count;
    enum ct_err err = anneal(1, 1000000, rows, &row_count);
    if (err && (err != CT_NOMEM || row_count != first_count)) abort();
    return !err;
}

static void without_memory_the_rows_stay(void **state)
{
    (void)state;
    begin(CONSTRAINTS, 2);
    failing_each(anneal_briefly);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_covered_in_fewer_rows),
        cmocka_unit_test(triples_are_covered_in_fewer_rows),
        cmocka_unit_test(without_memory_the_rows_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
