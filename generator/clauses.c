#include <generator/clauses.h>

static int new_variable(struct ct__clauses *clauses)
{
    return ++clauses->variables;
}

static void add2(PicoSAT *solver, int a, int b)
{
    picosat_add(solver, a);
    picosat_add(solver, b);
    picosat_add(solver, 0);
}

int ct__clauses_value(const struct ct__clauses *clauses, uint32_t factor, uint32_t value)
{
    int first = clauses->first[factor];
    if (clauses->model->factors[factor].value_count == 2) return value == 0 ? -first : first;
    return first + (int)value;
}

/* At most one of the literals: Sinz, "Towards an optimal CNF encoding of Boolean cardinality constraints", CP 2005.
 * carry says that one of those before holds. */
static void at_most_one(struct ct__clauses *clauses, const int *literals, size_t count)
{
    int carry = 0;
    for (size_t i = 0; i < count; i++) {
        int next = i + 1 < count ? new_variable(clauses) : 0;
        if (carry != 0) add2(clauses->solver, -carry, -literals[i]);
        if (next != 0) add2(clauses->solver, -literals[i], next);
        if (carry != 0 && next != 0) add2(clauses->solver, -carry, next);
        carry = next;
    }
}

void ct__clauses_add_factor(struct ct__clauses *clauses, uint32_t factor)
{
    uint32_t count = clauses->model->factors[factor].value_count;
    if (clauses->first[factor] != 0) return;
    clauses->first[factor] = clauses->variables + 1;
    clauses->variables += count == 2 ? 1 : (int)count;
    if (count == 2) return;
    for (uint32_t v = 0; v < count; v++) {
        clauses->scratch[v] = clauses->first[factor] + (int)v;
        picosat_add(clauses->solver, clauses->scratch[v]);
    }
    picosat_add(clauses->solver, 0);
    at_most_one(clauses, clauses->scratch, count);
}

/* A literal that each negative value of the factor implies; 0 where it has none. */
static int negative_literal(struct ct__clauses *clauses, uint32_t index)
{
    const struct ct__factor *factor = &clauses->model->factors[index];
    int some = 0;
    for (uint32_t v = 0; factor->negative != NULL && v < factor->value_count; v++) {
        if (factor->negative[v] == 0) continue;
        if (some == 0) some = new_variable(clauses);
        add2(clauses->solver, -ct__clauses_value(clauses, index, v), some);
    }
    if (some != 0) add2(clauses->solver, -clauses->positive, -some);
    return some;
}

void ct__clauses_add_negatives(struct ct__clauses *clauses, const uint32_t *factors, size_t factor_count)
{
    size_t count = 0;
    clauses->positive = new_variable(clauses);
    for (size_t i = 0; i < factor_count; i++) {
        int literal = negative_literal(clauses, factors[i]);
        if (literal != 0) clauses->scratch[count++] = literal;
    }
    at_most_one(clauses, clauses->scratch, count);
}

/* Of RELATED: guard and factor = v imply that other is related to v (or, not holding, that it is not). */
static void add_related(struct ct__clauses *clauses, const struct ct__formula *formula, bool holds, int guard)
{
    uint32_t others = clauses->model->factors[formula->other].value_count;
    for (uint32_t v = 0; v < clauses->model->factors[formula->factor].value_count; v++) {
        if (guard != 0) picosat_add(clauses->solver, -guard);
        picosat_add(clauses->solver, -ct__clauses_value(clauses, formula->factor, v));
        for (uint32_t w = 0; w < others; w++)
            if (ct__bit_is_set(formula->bits, (size_t)v * others + w) == holds)
                picosat_add(clauses->solver, ct__clauses_value(clauses, formula->other, w));
        picosat_add(clauses->solver, 0);
    }
}

static void add(struct ct__clauses *clauses, const struct ct__formula *formula, bool holds, int guard);

/* Some part must hold: a definition for each part that is no set, then one clause. */
static void add_some(struct ct__clauses *clauses, const struct ct__formula *formula, bool holds, int guard)
{
    int first = clauses->variables + 1;
    clauses->variables += (int)formula->part_count;
    for (size_t i = 0; i < formula->part_count; i++) add(clauses, &formula->parts[i], holds, first + (int)i);
    if (guard != 0) picosat_add(clauses->solver, -guard);
    for (size_t i = 0; i < formula->part_count; i++) picosat_add(clauses->solver, first + (int)i);
    picosat_add(clauses->solver, 0);
}

static void add_in(struct ct__clauses *clauses, const struct ct__formula *formula, bool holds, int guard)
{
    if (guard != 0) picosat_add(clauses->solver, -guard);
    for (uint32_t v = 0; v < clauses->model->factors[formula->factor].value_count; v++)
        if (ct__bit_is_set(formula->bits, v) == holds)
            picosat_add(clauses->solver, ct__clauses_value(clauses, formula->factor, v));
    picosat_add(clauses->solver, 0);
}

static void add(struct ct__clauses *clauses, const struct ct__formula *formula, bool holds, int guard)
{
    switch (formula->kind) {
    case CT__FORMULA_IN: add_in(clauses, formula, holds, guard); break;
    case CT__FORMULA_RELATED: add_related(clauses, formula, holds, guard); break;
    case CT__FORMULA_NOT: add(clauses, &formula->parts[0], !holds, guard); break;
    default:
        if ((formula->kind == CT__FORMULA_OR) == holds) {
            add_some(clauses, formula, holds, guard);
        } else {
            for (size_t i = 0; i < formula->part_count; i++) add(clauses, &formula->parts[i], holds, guard);
        }
    }
}

void ct__clauses_add_formula(struct ct__clauses *clauses, const struct ct__formula *formula, int guard)
{
    add(clauses, formula, true, guard);
}
