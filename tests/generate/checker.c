#include "checker.h"
#include <string.h>

/* ---- sets of rows ---- */

enum { WORDS = CHECKER_PRODUCT_MAX / 64 };

static struct checker_set both(struct checker_set a, const struct checker_set *b)
{
    for (size_t i = 0; i < WORDS; i++) a.words[i] &= b->words[i];
    return a;
}

static bool is_empty(const struct checker_set *set)
{
    for (size_t i = 0; i < WORDS; i++)
        if (set->words[i] != 0) return false;
    return true;
}

static bool meet(const struct checker_set *a, const struct checker_set *b)
{
    const struct checker_set common = both(*a, b);
    return !is_empty(&common);
}

static void add_row(struct checker_set *set, size_t row)
{
    set->words[row / 64] |= UINT64_C(1) << row % 64;
}

static bool has_row(const struct checker_set *set, size_t row)
{
    return (set->words[row / 64] >> row % 64 & 1) != 0;
}

static struct checker_set all_rows(const struct checker *checker)
{
    struct checker_set set = { { 0 } };
    for (size_t row = 0; row < checker->product; row++) add_row(&set, row);
    return set;
}

static size_t value_in(const struct checker *checker, size_t row, size_t factor)
{
    return row / checker->stride[factor] % checker->model->factors[factor].value_count;
}

/* ---- formulas as sets ---- */

static bool atom_holds(const struct checker *checker, const struct ct__formula *atom, size_t row)
{
    size_t bit = value_in(checker, row, atom->factor);
    if (atom->kind == CT__FORMULA_RELATED)
        bit = bit * checker->model->factors[atom->other].value_count + value_in(checker, row, atom->other);
    return (atom->bits[bit / 64] >> bit % 64 & 1) != 0;
}

static struct checker_set atom_set(const struct checker *checker, const struct ct__formula *atom)
{
    struct checker_set set = { { 0 } };
    for (size_t row = 0; row < checker->product; row++)
        if (atom_holds(checker, atom, row)) add_row(&set, row);
    return set;
}

/* OR and NOT by De Morgan: a union is what is left of everything without the intersection of the complements. */
static struct checker_set formula_set(const struct checker *checker, const struct ct__formula *formula)
{
    struct checker_set all = all_rows(checker), set = all;
    bool complement = formula->kind == CT__FORMULA_OR;
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) return atom_set(checker, formula);
    for (size_t p = 0; p < formula->part_count; p++) {
        struct checker_set part = formula_set(checker, &formula->parts[p]);
        for (size_t i = 0; i < WORDS; i++) set.words[i] &= complement ? all.words[i] & ~part.words[i] : part.words[i];
    }
    if (formula->kind == CT__FORMULA_AND) return set;
    for (size_t i = 0; i < WORDS; i++) set.words[i] = all.words[i] & ~set.words[i];
    return set;
}

/* ---- what is allowed ---- */

static unsigned is_negative(const struct ct__factor *factor, size_t value)
{
    return factor->negative != NULL && factor->negative[value] != 0;
}

static void find_signs(struct checker *checker)
{
    for (size_t row = 0; row < checker->product; row++) {
        unsigned negatives = 0;
        for (size_t f = 0; f < checker->model->factor_count; f++)
            negatives += is_negative(&checker->model->factors[f], value_in(checker, row, f));
        if (negatives < 2) add_row(&checker->signs[negatives], row);
    }
}

static struct checker_set one_negative_at_most(const struct checker *checker)
{
    struct checker_set set = checker->signs[0];
    for (size_t i = 0; i < WORDS; i++) set.words[i] |= checker->signs[1].words[i];
    return set;
}

void checker_begin(struct checker *checker, const struct ct__model *model)
{
    *checker = (struct checker){ .model = model, .product = 1 };
    for (size_t f = model->factor_count; f > 0; f--) {
        checker->stride[f - 1] = checker->product;
        checker->product *= model->factors[f - 1].value_count;
    }
    find_signs(checker);
    checker->allowed = one_negative_at_most(checker);
    for (size_t i = 0; i < model->constraint_count; i++) {
        const struct checker_set kept = formula_set(checker, &model->constraints[i]);
        checker->allowed = both(checker->allowed, &kept);
    }
}

bool checker_is_empty(const struct checker *checker)
{
    return is_empty(&checker->allowed);
}

/* The rows that agree with a partial one. */
static struct checker_set agreeing(const struct checker *checker, const uint16_t *partial)
{
    struct checker_set set = { { 0 } };
    for (size_t row = 0; row < checker->product; row++) {
        size_t f = 0;
        while (f < checker->model->factor_count && (partial[f] == CT__ANY || partial[f] == value_in(checker, row, f)))
            f++;
        if (f == checker->model->factor_count) add_row(&set, row);
    }
    return set;
}

bool checker_allows(const struct checker *checker, const uint16_t *partial)
{
    const struct checker_set set = agreeing(checker, partial);
    return meet(&set, &checker->allowed);
}

bool checker_allows_under(const struct checker *checker, const uint16_t *partial, const size_t *constraints,
                          size_t count)
{
    struct checker_set set = agreeing(checker, partial);
    const struct checker_set signs = one_negative_at_most(checker);
    for (size_t i = 0; i < count; i++) {
        const struct checker_set kept = formula_set(checker, &checker->model->constraints[constraints[i]]);
        set = both(set, &kept);
    }
    return meet(&set, &signs);
}

/* ---- rows ---- */

/* SIZE_MAX: a value is none of its factor's. */
static size_t number_of(const struct checker *checker, const uint16_t *row)
{
    size_t number = 0;
    for (size_t f = 0; f < checker->model->factor_count; f++) {
        if (row[f] >= checker->model->factors[f].value_count) return SIZE_MAX;
        number += row[f] * checker->stride[f];
    }
    return number;
}

const char *checker_find_fault(const struct checker *checker, const uint16_t *rows, size_t count, size_t *at)
{
    size_t before = 0;
    for (size_t r = 0; r < count; r++) {
        size_t number = number_of(checker, rows + r * checker->model->factor_count);
        *at = r;
        if (number == SIZE_MAX) return "has a value that is none";
        if (!has_row(&checker->allowed, number)) return "is not allowed";
        if (r > 0 && number == before) return "is there twice";
        if (r > 0 && number < before) return "is smaller than the one before";
        before = number;
    }
    return NULL;
}

/* ---- combinations ---- */

static unsigned mask_of(const struct ct__group *group)
{
    unsigned mask = 0;
    for (size_t i = 0; i < group->factor_count; i++) mask |= 1u << group->factors[i];
    return mask;
}

static int at_most(int strength, size_t count)
{
    return strength < (int)count ? strength : (int)count;
}

/* Whether the factors, a bit for each, are a choice whose combinations are to be covered. */
static bool is_chosen(const struct checker *checker, const struct ct__cover *cover, unsigned factors)
{
    int size = __builtin_popcount(factors);
    bool inside = false;
    for (size_t g = 0; g < cover->group_count; g++) {
        if ((factors & ~mask_of(&cover->groups[g])) != 0) continue;
        inside = true;
        if (size == at_most(cover->groups[g].strength, cover->groups[g].factor_count)) return true;
    }
    return !inside && size == at_most(cover->strength, checker->model->factor_count);
}

static unsigned count_negatives(const struct checker *checker, const uint16_t *partial)
{
    unsigned count = 0;
    for (size_t f = 0; f < checker->model->factor_count; f++)
        if (partial[f] != CT__ANY) count += is_negative(&checker->model->factors[f], partial[f]);
    return count;
}

static void count_one(const struct checker *checker, const uint16_t *partial, const struct checker_set *given,
                      struct ct__coverage *coverage)
{
    unsigned negatives = count_negatives(checker, partial);
    struct checker_set set;
    if (negatives > 1) return;
    set = agreeing(checker, partial);
    set = both(set, &checker->allowed);
    if (negatives == 1 || meet(&set, &checker->signs[0]))
        set = both(set, &checker->signs[negatives]);
    else if (checker->postponed != NULL)
        *checker->postponed += !is_empty(&set);
    coverage->combinations++;
    coverage->coverable += !is_empty(&set);
    coverage->covered += meet(&set, given);
}

/* Counts all combinations of the chosen factors. */
static void count_choice(const struct checker *checker, unsigned factors, const struct checker_set *given,
                         struct ct__coverage *coverage)
{
    size_t width = checker->model->factor_count, f = 0;
    uint16_t partial[CHECKER_FACTORS_MAX];
    for (size_t i = 0; i < width; i++) partial[i] = (factors >> i & 1) != 0 ? 0 : CT__ANY;
    while (f < width) {
        count_one(checker, partial, given, coverage);
        for (f = 0; f < width; f++) {
            if (partial[f] == CT__ANY) continue;
            if (++partial[f] < checker->model->factors[f].value_count) break;
            partial[f] = 0;
        }
    }
}

struct ct__coverage checker_count(const struct checker *checker, const struct ct__cover *cover, const uint16_t *rows,
                                  size_t count)
{
    struct ct__coverage coverage = { 0 };
    struct checker_set given = { { 0 } };
    for (size_t r = 0; r < count; r++) add_row(&given, number_of(checker, rows + r * checker->model->factor_count));
    for (unsigned factors = 1; factors < 1u << checker->model->factor_count; factors++)
        if (is_chosen(checker, cover, factors)) count_choice(checker, factors, &given, &coverage);
    return coverage;
}
