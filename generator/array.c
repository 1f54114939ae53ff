#include <generator/inner.h>

struct ct__array *ct__array_new(const struct ct__problem *problem)
{
    struct ct__array *array = calloc(1, sizeof *array);
    if (array == NULL) return NULL;
    array->problem = problem;
    array->width = problem->factor_count + 1;
    return array;
}

void ct__array_free(struct ct__array *array)
{
    if (array == NULL) return;
    free(array->cells);
    free(array->witness);
    free(array);
}

static bool grow(struct ct__array *array)
{
    size_t capacity = array->capacity + array->capacity / 2 + 64;
    size_t bytes = capacity * array->width * sizeof *array->cells;
    uint16_t *cells = realloc(array->cells, bytes), *witness;
    if (cells == NULL) return false;
    array->cells = cells;
    if (array->problem->constrained) {
        witness = realloc(array->witness, bytes);
        if (witness == NULL) return false;
        array->witness = witness;
    }
    array->capacity = capacity;
    return true;
}

bool ct__array_append(struct ct__array *array, const uint16_t *witness)
{
    uint16_t *row;
    if (array->count == array->capacity && !grow(array)) return false;
    row = ct__array_row(array, array->count++);
    for (size_t f = 0; f + 1 < array->width; f++) row[f] = CT__ANY;
    row[array->width - 1] = 0;
    if (array->witness != NULL) memcpy(row - array->cells + array->witness, witness, array->width * sizeof *witness);
    return true;
}

static bool pairs_ok(const struct ct__problem *problem, const uint16_t *row, uint32_t factor, uint32_t value)
{
    if (problem->pair_width == 0) return true;
    for (uint32_t f = 0; f < problem->factor_count; f++)
        if (row[f] != CT__ANY && f != factor && !ct__problem_pair_ok(problem, factor, value, f, row[f])) return false;
    return true;
}

/* Asks each part that the new values concern and whose witness does not agree with them already. */
static bool parts_allow(struct ct__array *array, const uint16_t *row, uint16_t *witness, const uint16_t *factors,
                        const uint32_t *values, size_t count)
{
    struct ct__space *space = array->problem->space;
    uint32_t asked[CT__STRENGTH_MAX + 1];
    size_t asked_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t part = ct__space_part(space, factors[i]);
        bool again = false;
        for (size_t j = 0; j < asked_count; j++) again = again || asked[j] == part;
        if (part == UINT32_MAX || again || witness[factors[i]] == values[i]) continue;
        array->work += CT__WORK_SOLVE + array->width * 100;
        if (!ct__space_allows_part(space, part, row, witness)) return false;
        asked[asked_count++] = part;
    }
    return true;
}

bool ct__array_witness_takes(struct ct__array *array, uint16_t *witness, const uint16_t *factors,
                             const uint32_t *values, size_t count)
{
    const struct ct__nearby *rules = array->problem->nearby;
    uint16_t before[CT__STRENGTH_MAX + 1];
    bool kept = true;
    for (size_t i = 0; i < count; i++) {
        before[i] = witness[factors[i]];
        witness[factors[i]] = (uint16_t)values[i];
    }
    for (size_t i = 0; kept && i < count; i++) {
        if (before[i] == values[i]) continue;
        array->work += ct__nearby_work(rules, factors[i]);
        kept = ct__nearby_keeps(rules, witness, factors[i]);
    }
    for (size_t i = 0; !kept && i < count; i++) witness[factors[i]] = before[i];
    return kept;
}

bool ct__array_refutes(struct ct__array *array, const uint16_t *partial, const uint16_t *factors, size_t count)
{
    const struct ct__nearby *rules = array->problem->nearby;
    for (size_t i = 0; i < count; i++) {
        array->work += ct__nearby_work(rules, factors[i]);
        if (ct__nearby_refutes(rules, partial, factors[i])) return true;
    }
    return false;
}

bool ct__array_may_take(struct ct__array *array, size_t index, const uint16_t *factors, const uint32_t *values,
                        size_t count)
{
    uint16_t *row = ct__array_row(array, index), *witness, before[CT__STRENGTH_MAX + 1];
    bool allowed = true;
    if (array->witness == NULL) return true;
    witness = ct__array_witness(array, index);
    array->work += CT__WORK_TAKE + array->width;
    for (size_t i = 0; i < count; i++)
        if (witness[factors[i]] != values[i] && ct__space_involves(array->problem->space, factors[i]) &&
            !pairs_ok(array->problem, row, factors[i], values[i]))
            return false;
    if (ct__array_witness_takes(array, witness, factors, values, count)) return true;
    for (size_t i = 0; i < count; i++) {
        before[i] = row[factors[i]];
        row[factors[i]] = (uint16_t)values[i];
    }
    allowed = !ct__array_refutes(array, row, factors, count) &&
              parts_allow(array, row, witness, factors, values, count);
    for (size_t i = 0; i < count; i++) row[factors[i]] = before[i];
    return allowed;
}

static uint16_t draw(const struct ct__factor *factor, uint64_t *random)
{
    uint64_t total = 0, drawn;
    uint32_t v = 0;
    if (factor->weights == NULL) return (uint16_t)ct__random_below(random, factor->value_count);
    for (v = 0; v < factor->value_count; v++) total += factor->weights[v];
    drawn = (uint64_t)((unsigned __int128)ct__random(random) * total >> 64);
    for (v = 0; drawn >= factor->weights[v]; v++) drawn -= factor->weights[v];
    return (uint16_t)v;
}

void ct__array_fill(struct ct__array *array, uint64_t *random)
{
    for (size_t r = 0; r < array->count; r++) {
        uint16_t *row = ct__array_row(array, r);
        for (uint32_t f = 0; f + 1 < array->width; f++) {
            if (row[f] != CT__ANY) continue;
            if (array->witness != NULL && ct__space_involves(array->problem->space, f))
                row[f] = ct__array_witness(array, r)[f];
            else
                row[f] = draw(&array->problem->model->factors[f], random);
        }
    }
}
