/* What the phase without negative values leaves over: combinations without any that only rows with one can have. */
#include <generator/inner.h>

static bool is_allowed(const struct ct__problem *problem, const uint16_t *partial, const uint16_t *factors,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (ct__nearby_refutes(problem->nearby, partial, factors[i])) return false;
    return ct__space_allows(problem->space, partial, NULL);
}

/* Whether some combination of a target that is left is allowed. */
static bool target_has_some(struct ct__layer *layer, size_t target, uint16_t *partial)
{
    const struct ct__problem *problem = layer->problem;
    uint16_t factors[CT__STRENGTH_MAX + 1];
    uint32_t values[CT__STRENGTH_MAX + 1];
    uint64_t tuple = 0;
    size_t count = 0;
    bool found = false;
    for (; count < layer->targets.width; count++) {
        factors[count] = layer->targets.factors[target * layer->targets.width + count];
        if (factors[count] == problem->factor_count) break;
    }
    factors[count++] = (uint16_t)layer->factor;
    while (!found && ct__layer_next(layer, target, &tuple, values)) {
        for (size_t i = 0; i < count; i++) partial[factors[i]] = (uint16_t)values[i];
        found = is_allowed(problem, partial, factors, count);
        ct__layer_exclude(layer, target, tuple, values[count - 1]);
    }
    for (size_t i = 0; i < count; i++) partial[factors[i]] = CT__ANY;
    return found;
}

static enum ct_err look(const struct ct__problem *problem, size_t position, const struct ct__watch *watch,
                        uint16_t *partial, bool *found, struct ct_error *error)
{
    struct ct__layer *layer;
    enum ct_err err = ct__layer_new(problem, position, &layer, error);
    if (err != CT_OK) return err;
    for (size_t t = 0; err == CT_OK && !*found && layer->uncovered > 0 && t < layer->targets.count; t++) {
        err = ct__watch_check(watch, error);
        *found = target_has_some(layer, t, partial);
    }
    ct__layer_free(layer);
    return err;
}

enum ct_err ct__problem_postpone(struct ct__problem *problem, const struct ct__array *first,
                                 const struct ct__watch *watch, struct ct_error *error)
{
    uint16_t *partial = malloc(problem->factor_count * sizeof *partial);
    enum ct_err err = CT_OK;
    bool found = false;
    if (partial == NULL) return ct__nomem(error);
    for (size_t f = 0; f < problem->factor_count; f++) partial[f] = CT__ANY;
    problem->signs = 1;
    problem->before = first;
    for (size_t p = 0; err == CT_OK && !found && p < problem->factor_count; p++)
        err = look(problem, p, watch, partial, &found, error);
    problem->signs = found ? 3 : 2;
    if (!found) problem->before = NULL;
    free(partial);
    return err;
}
