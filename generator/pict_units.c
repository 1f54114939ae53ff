#include <generator/pict_units.h>
#include <string.h>

bool ct__pict_units_index(struct ct__pict_units *units)
{
    size_t parameters = units->model->parameter_count;
    units->unit_of = ct__pict_alloc(units->pool, parameters, sizeof(*units->unit_of));
    if (!units->unit_of) return false;
    for (size_t i = 0; i < parameters; i++) units->unit_of[i] = SIZE_MAX;
    for (size_t u = units->count; u-- > 0;) {
        for (size_t m = 0; m < units->units[u].member_count; m++) units->unit_of[units->units[u].members[m]] = u;
    }
    return true;
}

size_t ct__pict_unit_value(const struct ct__pict_units *units, size_t unit, size_t parameter, size_t value)
{
    const struct ct__pict_unit *of = &units->units[unit];
    size_t position = 0;
    if (!of->rows) return value;
    while (of->members[position] != parameter) position++;
    return of->rows->values[value * of->member_count + position];
}

static size_t value_count(const struct ct__pict_units *units, size_t unit)
{
    const struct ct__pict_unit *of = &units->units[unit];
    return of->rows ? of->rows->count : units->model->parameters[of->members[0]].value_count;
}

/* ---- constraints ---- */

static bool is_known(const struct ct__pict_units *units, const struct ct__formula *formula)
{
    if (formula->kind == CT__FORMULA_IN) return units->unit_of[formula->factor] != SIZE_MAX;
    if (formula->kind == CT__FORMULA_RELATED)
        return units->unit_of[formula->factor] != SIZE_MAX && units->unit_of[formula->other] != SIZE_MAX;
    for (size_t i = 0; i < formula->part_count; i++) {
        if (!is_known(units, &formula->parts[i])) return false;
    }
    return true;
}

/* Whether the term holds for values of the units of its factors. */
static bool term_holds(const struct ct__pict_units *units, const struct ct__formula *term, size_t value, size_t other)
{
    size_t v = ct__pict_unit_value(units, units->unit_of[term->factor], term->factor, value);
    if (term->kind == CT__FORMULA_IN) return ct__bit_is_set(term->bits, v);
    size_t w = ct__pict_unit_value(units, units->unit_of[term->other], term->other, other);
    return ct__bit_is_set(term->bits, v * units->model->parameters[term->other].value_count + w);
}

/* A term over parameters as a term over their units. A relation within one unit is a set of its values. */
static bool map_term(const struct ct__pict_units *units, const struct ct__formula *term, struct ct__formula *made)
{
    size_t u = units->unit_of[term->factor], w = term->kind == CT__FORMULA_IN ? u : units->unit_of[term->other];
    size_t count = value_count(units, u), others = u == w ? 1 : value_count(units, w);
    uint64_t *bits = ct__pict_alloc(units->pool, ct__bit_words(count * others), sizeof(*bits));
    if (!bits) return false;
    for (size_t v = 0; v < count; v++) {
        for (size_t o = 0; o < others; o++) {
            if (term_holds(units, term, v, u == w ? v : o)) ct__bit_set(bits, v * others + o);
        }
    }
    *made = (struct ct__formula){
        .kind = u == w ? CT__FORMULA_IN : CT__FORMULA_RELATED, .factor = (uint32_t)u, .other = (uint32_t)w, .bits = bits
    };
    return true;
}

static bool map_formula(const struct ct__pict_units *units, const struct ct__formula *formula, struct ct__formula *made)
{
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) return map_term(units, formula, made);
    struct ct__formula *parts = ct__pict_alloc(units->pool, formula->part_count, sizeof(*parts));
    if (!parts) return false;
    for (size_t i = 0; i < formula->part_count; i++) {
        if (!map_formula(units, &formula->parts[i], &parts[i])) return false;
    }
    *made = (struct ct__formula){ .kind = formula->kind, .parts = parts, .part_count = formula->part_count };
    return true;
}

/* That unit u and the unit which a shared parameter belongs to first give it the same value. */
static bool make_agreement(const struct ct__pict_units *units, size_t u, size_t parameter, struct ct__formula *made)
{
    size_t first = units->unit_of[parameter], count = value_count(units, first), others = value_count(units, u);
    uint64_t *bits = ct__pict_alloc(units->pool, ct__bit_words(count * others), sizeof(*bits));
    if (!bits) return false;
    for (size_t v = 0; v < count; v++) {
        for (size_t o = 0; o < others; o++) {
            if (ct__pict_unit_value(units, first, parameter, v) == ct__pict_unit_value(units, u, parameter, o))
                ct__bit_set(bits, v * others + o);
        }
    }
    *made = (struct ct__formula){
        .kind = CT__FORMULA_RELATED, .factor = (uint32_t)first, .other = (uint32_t)u, .bits = bits
    };
    return true;
}

static bool add_agreements(const struct ct__pict_units *units, struct ct__formula *constraints, size_t *count)
{
    for (size_t u = 0; u < units->count; u++) {
        const struct ct__pict_unit *unit = &units->units[u];
        for (size_t m = 0; m < unit->member_count; m++) {
            if (units->unit_of[unit->members[m]] == u) continue;
            if (!make_agreement(units, u, unit->members[m], &constraints[(*count)++])) return false;
        }
    }
    return true;
}

/* ---- factors ---- */

static bool is_negative(const struct ct__pict_units *units, size_t unit, size_t value)
{
    const struct ct__pict_unit *of = &units->units[unit];
    for (size_t m = 0; m < of->member_count; m++) {
        size_t parameter = of->members[m], v = ct__pict_unit_value(units, unit, parameter, value);
        if (units->model->parameters[parameter].values[v].negative) return true;
    }
    return false;
}

static bool make_factor(const struct ct__pict_units *units, size_t unit, struct ct__factor *factor)
{
    const struct ct__pict_unit *of = &units->units[unit];
    if (!of->rows) {
        *factor = units->model->model.factors[of->members[0]];
        return true;
    }
    uint8_t *negative = ct__pict_alloc(units->pool, of->rows->count, sizeof(*negative));
    if (!negative) return false;
    for (size_t v = 0; v < of->rows->count; v++) negative[v] = is_negative(units, unit, v);
    *factor = (struct ct__factor){ .value_count = (uint32_t)of->rows->count, .negative = negative };
    return true;
}

bool ct__pict_units_model(const struct ct__pict_units *units, size_t more, struct ct__model *made)
{
    const struct ct__model *model = &units->model->model;
    size_t members = 0, count = 0;
    for (size_t u = 0; u < units->count; u++) members += units->units[u].member_count;
    struct ct__factor *factors = ct__pict_alloc(units->pool, units->count, sizeof(*factors));
    struct ct__formula *constraints = ct__pict_alloc(units->pool, model->constraint_count + members + more,
                                                     sizeof(*constraints));
    if (!factors || !constraints) return false;
    for (size_t u = 0; u < units->count; u++) {
        if (!make_factor(units, u, &factors[u])) return false;
    }
    for (size_t i = 0; i < model->constraint_count; i++) {
        if (!is_known(units, &model->constraints[i])) continue;
        if (!map_formula(units, &model->constraints[i], &constraints[count++])) return false;
    }
    if (!add_agreements(units, constraints, &count)) return false;
    *made = (struct ct__model){
        .factors = factors, .factor_count = units->count, .constraints = constraints, .constraint_count = count
    };
    return true;
}

/* ---- strengths ---- */

/* The least order over floor; INT32_MAX: there is none. */
static int next_order(const int *orders, size_t count, int floor)
{
    int least = INT32_MAX;
    for (size_t i = 0; i < count; i++) {
        if (orders[i] > floor && orders[i] < least) least = orders[i];
    }
    return least;
}

static bool add_group(struct ct__pict_pool *pool, const int *orders, size_t count, int order, struct ct__cover *cover)
{
    struct ct__group *groups = ct__pict_grow(pool, (void *)cover->groups, cover->group_count, sizeof(*groups));
    uint32_t *factors = ct__pict_alloc(pool, count, sizeof(*factors));
    struct ct__group group = { .factors = factors, .strength = order };
    if (!groups || !factors) return false;
    for (size_t i = 0; i < count; i++) {
        if (orders[i] >= order) factors[group.factor_count++] = (uint32_t)i;
    }
    cover->groups = groups;
    groups[cover->group_count++] = group;
    return true;
}

bool ct__pict_units_cover(struct ct__pict_pool *pool, const int *orders, size_t count, struct ct__cover *cover)
{
    int order = next_order(orders, count, 0);
    *cover = (struct ct__cover){ .strength = order };
    while ((order = next_order(orders, count, order)) < INT32_MAX) {
        if (!add_group(pool, orders, count, order, cover)) return false;
    }
    return true;
}
