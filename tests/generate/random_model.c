#include "random_model.h"
#include <string.h>

uint32_t random_model_below(struct random_model *drawn, uint32_t end)
{
    drawn->state = drawn->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(drawn->state >> 33) % end;
}

static bool one_in(struct random_model *drawn, uint32_t end)
{
    return random_model_below(drawn, end) == 0;
}

static void draw_factors(struct random_model *drawn, size_t limit)
{
    size_t wanted = 1 + random_model_below(drawn, RANDOM_FACTORS_MAX), product = 1;
    bool negatives = one_in(drawn, 3), weights = one_in(drawn, 4);
    for (size_t f = 0; f < wanted; f++) {
        uint32_t count = 1 + random_model_below(drawn, 5);
        if (product * count > limit) break;
        product *= count;
        for (uint32_t v = 0; v < count; v++) {
            drawn->negative[f][v] = negatives && one_in(drawn, 4);
            drawn->weights[f][v] = 1 + random_model_below(drawn, 9);
        }
        drawn->factors[f] = (struct ct__factor){ .value_count = count,
                                                 .negative = negatives ? drawn->negative[f] : NULL,
                                                 .weights = weights ? drawn->weights[f] : NULL };
        drawn->model.factor_count = f + 1;
    }
    drawn->model.factors = drawn->factors;
}

/* Of so many bits, set with a chance of odds in four. */
static const uint64_t *draw_bits(struct random_model *drawn, size_t count, uint32_t odds)
{
    uint64_t *bits = drawn->bits + drawn->bit_count;
    drawn->bit_count += ct__bit_words(count);
    for (size_t i = 0; i < count; i++)
        if (random_model_below(drawn, 4) < odds) ct__bit_set(bits, i);
    return bits;
}

static void draw_atom(struct random_model *drawn, struct ct__formula *formula)
{
    uint32_t end = (uint32_t)drawn->model.factor_count, factor = random_model_below(drawn, end);
    size_t count = drawn->factors[factor].value_count;
    *formula = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = factor };
    if (end > 1 && one_in(drawn, 3)) {
        formula->kind = CT__FORMULA_RELATED;
        formula->other = (factor + 1 + random_model_below(drawn, end - 1)) % end;
        count *= drawn->factors[formula->other].value_count;
    }
    formula->bits = draw_bits(drawn, count, 1 + random_model_below(drawn, 3));
}

static void draw_formula(struct random_model *drawn, struct ct__formula *formula, int depth)
{
    static const enum ct__formula_kind kinds[] = { CT__FORMULA_NOT, CT__FORMULA_AND, CT__FORMULA_OR, CT__FORMULA_OR };
    struct ct__formula *parts = drawn->formulas + drawn->formula_count;
    enum ct__formula_kind kind = kinds[random_model_below(drawn, 4)];
    size_t count = kind == CT__FORMULA_NOT ? 1 : one_in(drawn, 40) ? 0 : 1 + random_model_below(drawn, 3);
    if (depth == 0 || one_in(drawn, 4)) {
        draw_atom(drawn, formula);
        return;
    }
    drawn->formula_count += count;
    for (size_t i = 0; i < count; i++) draw_formula(drawn, &parts[i], depth - 1);
    *formula = (struct ct__formula){ .kind = kind, .parts = parts, .part_count = count };
}

static void draw_constraints(struct random_model *drawn)
{
    size_t count = random_model_below(drawn, RANDOM_CONSTRAINTS_MAX + 1);
    drawn->model.constraints = drawn->formulas;
    drawn->model.constraint_count = drawn->formula_count = count;
    for (size_t i = 0; i < count; i++) draw_formula(drawn, &drawn->formulas[i], 1 + (int)random_model_below(drawn, 4));
}

static void draw_groups(struct random_model *drawn)
{
    drawn->cover = (struct ct__cover){ .strength = 1 + (int)random_model_below(drawn, 4), .groups = drawn->groups };
    if (!one_in(drawn, 3)) return;
    drawn->cover.group_count = 1 + random_model_below(drawn, RANDOM_GROUPS_MAX);
    for (size_t g = 0; g < drawn->cover.group_count; g++) {
        struct ct__group *group = &drawn->groups[g];
        *group = (struct ct__group){ .factors = drawn->members[g], .strength = 1 + (int)random_model_below(drawn, 4) };
        for (uint32_t f = 0; f < drawn->model.factor_count; f++)
            if (one_in(drawn, 2)) drawn->members[g][group->factor_count++] = f;
    }
}

void random_model_partial(struct random_model *drawn, uint16_t *partial)
{
    for (size_t f = 0; f < drawn->model.factor_count; f++)
        partial[f] = one_in(drawn, 4) ? CT__ANY : (uint16_t)random_model_below(drawn, drawn->factors[f].value_count);
}

void random_model_draw(struct random_model *drawn, uint64_t number, size_t limit)
{
    memset(drawn, 0, sizeof *drawn);
    drawn->state = number * UINT64_C(0x9E3779B97F4A7C15);
    draw_factors(drawn, limit);
    draw_constraints(drawn);
    draw_groups(drawn);
    drawn->seed_count = one_in(drawn, 2) ? random_model_below(drawn, RANDOM_SEEDS_MAX + 1) : 0;
    for (size_t s = 0; s < drawn->seed_count; s++)
        random_model_partial(drawn, drawn->seeds + s * drawn->model.factor_count);
}

void random_model_crowd(struct random_model *drawn)
{
    size_t count = 12 * drawn->model.factor_count;
    memset(drawn->formulas, 0, sizeof drawn->formulas);
    memset(drawn->bits, 0, sizeof drawn->bits);
    for (size_t f = 0; f < drawn->model.factor_count; f++) drawn->factors[f].negative = NULL;
    for (size_t i = 0; i < count; i++) {
        struct ct__formula *parts = drawn->formulas + count + 3 * i;
        for (size_t n = 0; n < 3; n++) {
            parts[n].factor = random_model_below(drawn, (uint32_t)drawn->model.factor_count);
            parts[n].bits = drawn->bits + 3 * i + n;
            drawn->bits[3 * i + n] = ~(UINT64_C(1)
                                       << random_model_below(drawn, drawn->factors[parts[n].factor].value_count));
        }
        drawn->formulas[i] = (struct ct__formula){ .kind = CT__FORMULA_OR, .parts = parts, .part_count = 3 };
    }
    drawn->model.constraint_count = count;
}

/* ---- constraints about signs ---- */

/* That the factor has a negative value. */
static void draw_is_negative(struct random_model *drawn, size_t factor, struct ct__formula *made)
{
    uint64_t *bits = drawn->bits + drawn->bit_count++;
    for (size_t v = 0; v < drawn->factors[factor].value_count; v++)
        if (drawn->negative[factor][v] != 0) ct__bit_set(bits, v);
    *made = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = (uint32_t)factor, .bits = bits };
}

static struct ct__formula *take(struct random_model *drawn, size_t count)
{
    drawn->formula_count += count;
    return drawn->formulas + drawn->formula_count - count;
}

/* That what a formula says comes with a negative value of any factor, or of one, or with none. */
static void draw_sign_rule(struct random_model *drawn, struct ct__formula *made)
{
    size_t count = drawn->model.factor_count, first = 0;
    bool positive = one_in(drawn, 4);
    if (!positive && count > 1 && one_in(drawn, 2)) {
        first = random_model_below(drawn, (uint32_t)count);
        count = 1;
    }
    struct ct__formula *halves = take(drawn, 2), *inner = take(drawn, 2), *parts = take(drawn, count);
    for (size_t i = 0; i < count; i++) draw_is_negative(drawn, first + i, &parts[i]);
    draw_formula(drawn, &inner[0], (int)random_model_below(drawn, 2));
    halves[0] = (struct ct__formula){ .kind = CT__FORMULA_NOT, .parts = &inner[0], .part_count = 1 };
    inner[1] = (struct ct__formula){ .kind = CT__FORMULA_OR, .parts = parts, .part_count = count };
    halves[1] = positive ? (struct ct__formula){ .kind = CT__FORMULA_NOT, .parts = &inner[1], .part_count = 1 }
                         : inner[1];
    *made = (struct ct__formula){ .kind = CT__FORMULA_OR, .parts = halves, .part_count = 2 };
}

void random_model_sign(struct random_model *drawn)
{
    size_t before = drawn->model.constraint_count, count = 1 + random_model_below(drawn, 3);
    struct ct__formula *constraints = take(drawn, before + count);
    if (drawn->model.factor_count == 0) return; /* never */
    for (size_t f = 0; f < drawn->model.factor_count; f++) {
        for (uint32_t v = 0; v < drawn->factors[f].value_count; v++)
            drawn->negative[f][v] = drawn->factors[f].value_count > 1 && one_in(drawn, 4);
        drawn->factors[f].negative = drawn->negative[f];
    }
    for (size_t i = 0; i < before; i++) constraints[i] = drawn->model.constraints[i];
    for (size_t i = 0; i < count; i++) draw_sign_rule(drawn, &constraints[before + i]);
    drawn->model.constraints = constraints;
    drawn->model.constraint_count = before + count;
}
