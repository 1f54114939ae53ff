#include "prover.h"
#include <stdlib.h>
#include <string.h>

enum truth { NO, YES, OPEN };

struct prover {
    const struct ct__model *model;
    uint16_t *row;
    size_t **concerned; /* by factor: the constraints that it is in, ended by SIZE_MAX */
    uint64_t left;      /* values that may be tried */
    bool signs;         /* the model has negative values */
    size_t negatives_max;
};

/* ---- formulas ---- */

static enum truth of_slice(const uint64_t *bits, size_t first, size_t step, size_t count)
{
    size_t set = 0;
    for (size_t i = 0; i < count; i++) set += ct__bit_is_set(bits, first + i * step);
    return set == 0 ? NO : set == count ? YES : OPEN;
}

static enum truth of_relation(const struct prover *prover, const struct ct__formula *formula)
{
    size_t a = prover->row[formula->factor], b = prover->row[formula->other];
    size_t counts = prover->model->factors[formula->factor].value_count;
    size_t others = prover->model->factors[formula->other].value_count;
    if (a != CT__ANY && b != CT__ANY) return ct__bit_is_set(formula->bits, a * others + b) ? YES : NO;
    if (a != CT__ANY) return of_slice(formula->bits, a * others, 1, others);
    if (b != CT__ANY) return of_slice(formula->bits, b, others, counts);
    return OPEN;
}

static enum truth judge(const struct prover *prover, const struct ct__formula *formula)
{
    enum truth sum;
    size_t value;
    switch (formula->kind) {
    case CT__FORMULA_IN:
        value = prover->row[formula->factor];
        if (value != CT__ANY) return ct__bit_is_set(formula->bits, value) ? YES : NO;
        return of_slice(formula->bits, 0, 1, prover->model->factors[formula->factor].value_count);
    case CT__FORMULA_RELATED: return of_relation(prover, formula);
    case CT__FORMULA_NOT: sum = judge(prover, &formula->parts[0]); return sum == OPEN ? OPEN : sum == YES ? NO : YES;
    default: break;
    }
    enum truth ends = formula->kind == CT__FORMULA_AND ? NO : YES; /* what one part decides */
    sum = ends == NO ? YES : NO;
    for (size_t i = 0; i < formula->part_count; i++) {
        enum truth part = judge(prover, &formula->parts[i]);
        if (part == ends) return ends;
        if (part == OPEN) sum = OPEN;
    }
    return sum;
}

/* A factor without a value that an open formula depends on; SIZE_MAX: none. */
static size_t open_factor(const struct prover *prover, const struct ct__formula *formula)
{
    if (judge(prover, formula) != OPEN) return SIZE_MAX;
    if (formula->kind == CT__FORMULA_IN) return formula->factor;
    if (formula->kind == CT__FORMULA_RELATED)
        return prover->row[formula->factor] == CT__ANY ? formula->factor : formula->other;
    for (size_t i = 0; i < formula->part_count; i++) {
        size_t found = open_factor(prover, &formula->parts[i]);
        if (found != SIZE_MAX) return found;
    }
    return SIZE_MAX;
}

/* ---- the search ---- */

static bool is_negative(const struct prover *prover, size_t factor)
{
    const struct ct__factor *of = &prover->model->factors[factor];
    return of->negative != NULL && prover->row[factor] != CT__ANY && of->negative[prover->row[factor]] != 0;
}

static bool has_too_many_negatives(const struct prover *prover)
{
    size_t count = 0;
    for (size_t f = 0; prover->signs && f < prover->model->factor_count; f++) count += is_negative(prover, f);
    return count > prover->negatives_max;
}

static bool is_broken(const struct prover *prover, size_t factor)
{
    if (has_too_many_negatives(prover)) return true;
    for (const size_t *at = prover->concerned[factor]; *at != SIZE_MAX; at++)
        if (judge(prover, &prover->model->constraints[*at]) == NO) return true;
    return false;
}

/* Values of a factor that break no constraint yet. */
static uint32_t count_choices(struct prover *prover, size_t factor)
{
    uint32_t count = 0;
    for (uint32_t v = 0; v < prover->model->factors[factor].value_count; v++) {
        prover->row[factor] = (uint16_t)v;
        count += !is_broken(prover, factor);
    }
    prover->row[factor] = CT__ANY;
    return count;
}

/* The factor with the fewest choices among those that open constraints depend on; SIZE_MAX: nothing is open. */
static size_t choose(struct prover *prover)
{
    size_t best = SIZE_MAX;
    uint32_t fewest = UINT32_MAX;
    for (size_t i = 0; i < prover->model->constraint_count && fewest > 1; i++) {
        size_t factor = open_factor(prover, &prover->model->constraints[i]);
        uint32_t count = factor != SIZE_MAX && factor != best ? count_choices(prover, factor) : UINT32_MAX;
        if (count >= fewest) continue;
        best = factor;
        fewest = count;
    }
    return best;
}

static enum prover_answer search(struct prover *prover)
{
    size_t factor = choose(prover);
    enum prover_answer answer = PROVER_EXCLUDED;
    if (factor == SIZE_MAX) return PROVER_ALLOWED;
    for (uint32_t v = 0; answer == PROVER_EXCLUDED && v < prover->model->factors[factor].value_count; v++) {
        if (prover->left == 0) return PROVER_GAVE_UP; /* its row is not looked at any more */
        prover->left--;
        prover->row[factor] = (uint16_t)v;
        if (!is_broken(prover, factor)) answer = search(prover);
    }
    prover->row[factor] = CT__ANY;
    return answer;
}

enum prover_answer prover_allows(struct prover *prover, const uint16_t *partial, size_t negatives_max, uint64_t most)
{
    memcpy(prover->row, partial, prover->model->factor_count * sizeof *partial);
    prover->negatives_max = negatives_max;
    if (has_too_many_negatives(prover)) return PROVER_EXCLUDED;
    for (size_t i = 0; i < prover->model->constraint_count; i++)
        if (judge(prover, &prover->model->constraints[i]) == NO) return PROVER_EXCLUDED;
    prover->left = most;
    return search(prover);
}

bool prover_keeps(struct prover *prover, const uint16_t *row)
{
    memcpy(prover->row, row, prover->model->factor_count * sizeof *row);
    prover->negatives_max = 1;
    if (has_too_many_negatives(prover)) return false;
    for (size_t i = 0; i < prover->model->constraint_count; i++)
        if (judge(prover, &prover->model->constraints[i]) != YES) return false;
    return true;
}

/* ---- the beginning and the end ---- */

static bool concerns(const struct ct__formula *formula, size_t factor)
{
    bool term = formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED;
    if (term && formula->factor == factor) return true;
    if (formula->kind == CT__FORMULA_RELATED && formula->other == factor) return true;
    for (size_t i = 0; !term && i < formula->part_count; i++)
        if (concerns(&formula->parts[i], factor)) return true;
    return false;
}

struct prover *prover_new(const struct ct__model *model)
{
    struct prover *prover = calloc(1, sizeof *prover);
    if (prover == NULL) abort();
    prover->model = model;
    prover->row = calloc(model->factor_count + 1, sizeof *prover->row);
    prover->concerned = calloc(model->factor_count + 1, sizeof *prover->concerned);
    if (prover->row == NULL || prover->concerned == NULL) abort();
    for (size_t f = 0; f < model->factor_count; f++) {
        prover->signs = prover->signs || model->factors[f].negative != NULL;
        size_t *list = calloc(model->constraint_count + 1, sizeof *list), count = 0;
        if (list == NULL) abort();
        for (size_t i = 0; i < model->constraint_count; i++)
            if (concerns(&model->constraints[i], f)) list[count++] = i;
        list[count] = SIZE_MAX;
        prover->concerned[f] = list;
    }
    return prover;
}

void prover_free(struct prover *prover)
{
    for (size_t f = 0; prover != NULL && f < prover->model->factor_count; f++) free(prover->concerned[f]);
    if (prover != NULL) free(prover->concerned);
    if (prover != NULL) free(prover->row);
    free(prover);
}
