/* Which constraints exclude a partial row: each constraint is guarded by a literal of its own, and those that can be
 * left out are, one by one, until each that remains is needed. */
#include <generator/clauses.h>

struct guards {
    struct ct__clauses clauses;
    uint32_t *factors;
    int *guard; /* of each constraint; 0 once it is left out */
};

/* A solver over the whole model, in which each constraint has a guard. */
static void encode(struct guards *guards)
{
    struct ct__clauses *clauses = &guards->clauses;
    const struct ct__model *model = clauses->model;
    for (uint32_t f = 0; f < model->factor_count; f++) {
        ct__clauses_add_factor(clauses, f);
        guards->factors[f] = f;
    }
    ct__clauses_add_negatives(clauses, guards->factors, model->factor_count);
    for (size_t i = 0; i < model->constraint_count; i++) {
        guards->guard[i] = ++clauses->variables;
        ct__clauses_add_formula(clauses, &model->constraints[i], guards->guard[i]);
    }
}

/* Whether the constraints that are left, without that at without, allow the row. If not, those that the refusal did not
 * need are left out. */
static bool allowed(struct guards *guards, const uint16_t *partial, size_t without)
{
    struct ct__clauses *clauses = &guards->clauses;
    const struct ct__model *model = clauses->model;
    for (uint32_t f = 0; f < model->factor_count; f++)
        if (partial[f] != CT__ANY) picosat_assume(clauses->solver, ct__clauses_value(clauses, f, partial[f]));
    for (size_t i = 0; i < model->constraint_count; i++)
        if (guards->guard[i] != 0 && i != without) picosat_assume(clauses->solver, guards->guard[i]);
    if (picosat_sat(clauses->solver, -1) == PICOSAT_SATISFIABLE) return true;
    for (size_t i = 0; i < model->constraint_count; i++)
        if (guards->guard[i] != 0 && (i == without || !picosat_failed_assumption(clauses->solver, guards->guard[i])))
            guards->guard[i] = 0;
    return false;
}

static enum ct_err minimize(struct guards *guards, const uint16_t *partial, size_t **indices, size_t *count,
                            struct ct_error *error)
{
    size_t constraint_count = guards->clauses.model->constraint_count, found = 0;
    size_t *made;
    if (allowed(guards, partial, SIZE_MAX)) return ct__error(error, CT_ENOTFOUND, "nothing excludes these values");
    for (size_t i = 0; i < constraint_count; i++)
        if (guards->guard[i] != 0) (void)allowed(guards, partial, i);
    made = malloc((constraint_count + 1) * sizeof *made);
    if (made == NULL) return ct__nomem(error);
    for (size_t i = 0; i < constraint_count; i++)
        if (guards->guard[i] != 0) made[found++] = i;
    *indices = made;
    *count = found;
    return CT_OK;
}

enum ct_err ct__space_explain(struct ct__space *space, const uint16_t *partial, size_t **indices, size_t *count,
                              struct ct_error *error)
{
    const struct ct__model *model = ct__space_model(space);
    struct guards guards = { .clauses = { .model = model } };
    enum ct_err err = ct__picosat_load(error);
    if (err != CT_OK) return err;
    guards.clauses.solver = picosat_init();
    guards.clauses.first = calloc(model->factor_count, sizeof *guards.clauses.first);
    guards.clauses.scratch = malloc(ct__space_scratch(model) * sizeof *guards.clauses.scratch);
    guards.factors = malloc(model->factor_count * sizeof *guards.factors);
    guards.guard = malloc((model->constraint_count + 1) * sizeof *guards.guard);
    if (guards.clauses.solver == NULL || guards.clauses.first == NULL || guards.clauses.scratch == NULL ||
        guards.factors == NULL || guards.guard == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    encode(&guards);
    err = minimize(&guards, partial, indices, count, error);
out:
    if (guards.clauses.solver != NULL) picosat_reset(guards.clauses.solver);
    free(guards.clauses.first);
    free(guards.clauses.scratch);
    free(guards.factors);
    free(guards.guard);
    return err;
}
