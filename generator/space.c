/* What the constraints allow. Factors that constraints join make a part; each part has a solver of its own, so that a
 * question costs what its part costs. A part's solver learns clauses and keeps the phases of its last answer, which
 * makes similar questions cheap. Where tables have all constraints and no part is both large and loose, it is the
 * tables that are searched; the solver is asked where that takes too long, and is not even there before. */
#include <generator/clauses.h>
#include <string.h>

#define NO_PART   UINT32_MAX
#define SMALL_MAX 8192 /* rows of a part, allowed or not */
#define DENSE     8    /* constraints for each factor of a part */
#define STEPS_MAX 5000 /* of a search through tables, before the solver is asked */

struct part {
    struct ct__clauses clauses; /* without a solver as long as none is needed */
    uint32_t *factors;          /* within space->members */
    size_t factor_count;
};

struct ct__space {
    const struct ct__model *model;
    uint32_t *part_of; /* by factor; NO_PART: free */
    uint32_t *members; /* factors, part by part */
    int *first, *scratch;
    struct part *parts;
    size_t part_count;
    bool forbid_negatives;
    uint8_t *dropped; /* by factor: scratch */
    struct ct__scopes *scopes;
    uint16_t *last; /* by factor: its value in the row that was found last by tables */
    bool tabled;    /* all constraints are in tables, without negative values, and each part is small or dense */
};

/* ---- parts: union-find over factors ---- */
static uint32_t root_of(uint32_t *parent, uint32_t factor)
{
    while (parent[factor] != factor) factor = parent[factor] = parent[parent[factor]];
    return factor;
}

static void join(uint32_t *parent, uint8_t *involved, uint32_t factor, uint32_t *with)
{
    involved[factor] = 1;
    if (*with == NO_PART) *with = factor;
    parent[root_of(parent, factor)] = root_of(parent, *with);
}

static void join_formula(uint32_t *parent, uint8_t *involved, const struct ct__formula *formula, uint32_t *with)
{
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED)
        join(parent, involved, formula->factor, with);
    if (formula->kind == CT__FORMULA_RELATED) join(parent, involved, formula->other, with);
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) return;
    for (size_t i = 0; i < formula->part_count; i++) join_formula(parent, involved, &formula->parts[i], with);
}

static bool factor_has_negative(const struct ct__factor *factor)
{
    return factor->negative != NULL && memchr(factor->negative, 1, factor->value_count) != NULL;
}

static void join_all(const struct ct__model *model, uint32_t *parent, uint8_t *involved)
{
    uint32_t with = NO_PART;
    for (uint32_t f = 0; f < model->factor_count; f++) {
        parent[f] = f;
        involved[f] = 0;
    }
    for (size_t i = 0; i < model->constraint_count; i++) {
        uint32_t with_constraint = NO_PART;
        join_formula(parent, involved, &model->constraints[i], &with_constraint);
        /* one about nothing, "false", excludes everything: some factor must carry it */
        if (with_constraint == NO_PART) join(parent, involved, 0, &with_constraint);
    }
    for (uint32_t f = 0; f < model->factor_count; f++)
        if (factor_has_negative(&model->factors[f])) join(parent, involved, f, &with);
}

/* Numbers the parts and lists their members. */
static void number_parts(struct ct__space *space, uint32_t *parent, const uint8_t *involved)
{
    size_t factor_count = space->model->factor_count, at = 0;
    for (uint32_t f = 0; f < factor_count; f++) space->part_of[f] = NO_PART;
    for (uint32_t f = 0; f < factor_count; f++)
        if (involved[f] != 0 && root_of(parent, f) == f) space->part_of[f] = (uint32_t)space->part_count++;
    for (uint32_t f = 0; f < factor_count; f++)
        if (involved[f] != 0) space->part_of[f] = space->part_of[root_of(parent, f)];
    for (size_t p = 0; p < space->part_count; p++) {
        space->parts[p].factors = space->members + at;
        for (uint32_t f = 0; f < factor_count; f++)
            if (space->part_of[f] == p) space->members[at++] = f;
        space->parts[p].factor_count = (size_t)(space->members + at - space->parts[p].factors);
    }
}

static uint32_t formula_factor(const struct ct__formula *formula)
{
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) return formula->factor;
    for (size_t i = 0; i < formula->part_count; i++) {
        uint32_t factor = formula_factor(&formula->parts[i]);
        if (factor != NO_PART) return factor;
    }
    return NO_PART;
}

static bool is_about(const struct ct__space *space, size_t constraint, size_t part)
{
    uint32_t factor = formula_factor(&space->model->constraints[constraint]);
    return space->part_of[factor == NO_PART ? 0 : factor] == part;
}

static bool has_negatives(const struct ct__space *space, const struct part *part)
{
    for (size_t i = 0; i < part->factor_count; i++)
        if (factor_has_negative(&space->model->factors[part->factors[i]])) return true;
    return false;
}

/* Whether tables have all of a part, which is small or dense. */
static bool is_tabled(const struct ct__space *space, size_t index)
{
    const struct part *part = &space->parts[index];
    size_t constraint_count = 0, product = 1;
    if (has_negatives(space, part)) return false;
    for (size_t i = 0; i < part->factor_count && product <= SMALL_MAX; i++)
        product *= space->model->factors[part->factors[i]].value_count;
    for (size_t i = 0; i < space->model->constraint_count; i++) {
        if (!is_about(space, i, index)) continue;
        if (!ct__scopes_have(space->scopes, i)) return false;
        constraint_count++;
    }
    return product <= SMALL_MAX || constraint_count >= DENSE * part->factor_count;
}

/* A part's solver; NULL: no memory, or no such library. */
static PicoSAT *solver_of(struct ct__space *space, size_t index)
{
    struct part *part = &space->parts[index];
    struct ct__clauses *clauses = &part->clauses;
    if (clauses->solver != NULL || ct__picosat_load(NULL) != CT_OK) return clauses->solver;
    *clauses = (struct ct__clauses){ .model = space->model, .first = space->first, .scratch = space->scratch };
    clauses->solver = picosat_init();
    if (clauses->solver == NULL) return NULL;
    for (size_t i = 0; i < part->factor_count; i++) ct__clauses_add_factor(clauses, part->factors[i]);
    if (has_negatives(space, part)) ct__clauses_add_negatives(clauses, part->factors, part->factor_count);
    for (size_t i = 0; i < space->model->constraint_count; i++)
        if (is_about(space, i, index)) ct__clauses_add_formula(clauses, &space->model->constraints[i], 0);
    return clauses->solver;
}

static enum ct_err open_parts(struct ct__space *space, struct ct_error *error)
{
    size_t factor_count = space->model->factor_count;
    uint32_t *parent = malloc(factor_count * sizeof *parent);
    uint8_t *involved = malloc(factor_count);
    enum ct_err err = parent != NULL && involved != NULL ? CT_OK : ct__nomem(error);
    if (err == CT_OK) {
        join_all(space->model, parent, involved);
        number_parts(space, parent, involved);
    }
    space->tabled = true;
    for (size_t p = 0; space->tabled && p < space->part_count; p++) space->tabled = is_tabled(space, p);
    if (err == CT_OK && !space->tabled) err = ct__picosat_load(error);
    for (size_t p = 0; err == CT_OK && !space->tabled && p < space->part_count; p++)
        if (solver_of(space, p) == NULL) err = ct__nomem(error);
    free(parent);
    free(involved);
    return err;
}

size_t ct__space_scratch(const struct ct__model *model)
{
    size_t size = model->factor_count;
    for (size_t f = 0; f < model->factor_count; f++)
        if (model->factors[f].value_count > size) size = model->factors[f].value_count;
    return size;
}

enum ct_err ct__space_new(const struct ct__model *model, struct ct__space **space, struct ct_error *error)
{
    enum ct_err err = ct__model_check(model, error);
    struct ct__space *made;
    if (err != CT_OK) return err;
    made = calloc(1, sizeof *made);
    if (made == NULL) return ct__nomem(error);
    made->model = model;
    made->part_of = malloc(model->factor_count * sizeof *made->part_of);
    made->members = malloc(model->factor_count * sizeof *made->members);
    made->first = calloc(model->factor_count, sizeof *made->first);
    made->scratch = malloc(ct__space_scratch(model) * sizeof *made->scratch);
    made->parts = calloc(model->factor_count, sizeof *made->parts);
    made->dropped = malloc(model->factor_count);
    made->last = calloc(model->factor_count, sizeof *made->last);
    if (made->part_of == NULL || made->members == NULL || made->first == NULL || made->scratch == NULL ||
        made->parts == NULL || made->dropped == NULL || made->last == NULL)
        err = ct__nomem(error);
    if (err == CT_OK) err = ct__scopes_new(model, &made->scopes, error);
    if (err == CT_OK) err = open_parts(made, error);
    if (err != CT_OK) {
        ct__space_free(made);
        return err;
    }
    *space = made;
    return CT_OK;
}

void ct__space_free(struct ct__space *space)
{
    if (space == NULL) return;
    for (size_t p = 0; space->parts != NULL && p < space->part_count; p++)
        if (space->parts[p].clauses.solver != NULL) picosat_reset(space->parts[p].clauses.solver);
    free(space->part_of);
    free(space->members);
    free(space->first);
    free(space->scratch);
    free(space->parts);
    free(space->dropped);
    free(space->last);
    ct__scopes_free(space->scopes);
    free(space);
}

bool ct__space_involves(const struct ct__space *space, uint32_t factor)
{
    return space->part_of[factor] != NO_PART;
}

uint32_t ct__space_part(const struct ct__space *space, uint32_t factor)
{
    return space->part_of[factor];
}

size_t ct__space_part_count(const struct ct__space *space)
{
    return space->part_count;
}

const struct ct__scopes *ct__space_scopes(const struct ct__space *space)
{
    return space->scopes;
}

const struct ct__model *ct__space_model(const struct ct__space *space)
{
    return space->model;
}

void ct__space_forbid_negatives(struct ct__space *space, bool forbid)
{
    space->forbid_negatives = forbid;
}

static uint16_t solved_value(const struct ct__clauses *clauses, uint32_t factor)
{
    uint32_t v = 0;
    /* its one variable is in no clause where a constraint that names no factor fell to this one: any value will do */
    if (clauses->model->factors[factor].value_count == 2)
        return picosat_deref(clauses->solver, ct__clauses_value(clauses, factor, 1)) > 0;
    while (picosat_deref(clauses->solver, ct__clauses_value(clauses, factor, v)) <= 0) v++;
    return (uint16_t)v;
}

static enum ct__found search_tables(struct ct__space *space, const struct part *part, const uint16_t *partial,
                                    size_t most, uint16_t *witness)
{
    enum ct__found found = ct__scopes_find(space->scopes, part->factors, part->factor_count, partial, space->last, most,
                                           space->last);
    for (size_t i = 0; found == CT__FOUND_ONE && witness != NULL && i < part->factor_count; i++)
        witness[part->factors[i]] = space->last[part->factors[i]];
    return found;
}

bool ct__space_allows_part(struct ct__space *space, uint32_t index, const uint16_t *partial, uint16_t *witness)
{
    const struct part *part = &space->parts[index];
    enum ct__found found = CT__FOUND_LATER;
    PicoSAT *solver = NULL;
    if (space->tabled) found = search_tables(space, part, partial, STEPS_MAX, witness);
    if (found == CT__FOUND_LATER) solver = solver_of(space, index);
    if (found == CT__FOUND_LATER && solver == NULL) found = search_tables(space, part, partial, SIZE_MAX, witness);
    if (found != CT__FOUND_LATER) return found == CT__FOUND_ONE;
    if (space->forbid_negatives && part->clauses.positive != 0) picosat_assume(solver, part->clauses.positive);
    for (size_t i = 0; i < part->factor_count; i++) {
        uint32_t factor = part->factors[i];
        if (partial[factor] != CT__ANY)
            picosat_assume(solver, ct__clauses_value(&part->clauses, factor, partial[factor]));
    }
    if (picosat_sat(solver, -1) != PICOSAT_SATISFIABLE) return false;
    for (size_t i = 0; witness != NULL && i < part->factor_count; i++)
        witness[part->factors[i]] = solved_value(&part->clauses, part->factors[i]);
    return true;
}

/* The cells of a part that are wished for: of those in the way, a random one is no longer. */
static bool drop_wish(const struct part *part, const uint16_t *row, uint64_t *random, uint8_t *dropped)
{
    uint32_t count = 0, chosen = 0;
    for (size_t i = 0; i < part->factor_count; i++) {
        uint32_t factor = part->factors[i];
        if (dropped[factor] != 0 ||
            !picosat_failed_assumption(part->clauses.solver, ct__clauses_value(&part->clauses, factor, row[factor])))
            continue;
        count++;
        if (ct__random_below(random, count) == 0) chosen = factor;
    }
    if (count != 0) dropped[chosen] = 1;
    return count != 0;
}

bool ct__space_bend(struct ct__space *space, uint32_t index, const uint16_t *partial, uint64_t *random, uint16_t *row)
{
    const struct part *part = &space->parts[index];
    PicoSAT *solver = solver_of(space, index);
    uint8_t *dropped = space->dropped;
    if (solver == NULL) return false;
    for (size_t i = 0; i < part->factor_count; i++) dropped[part->factors[i]] = partial[part->factors[i]] != CT__ANY;
    for (;;) {
        if (space->forbid_negatives && part->clauses.positive != 0) picosat_assume(solver, part->clauses.positive);
        for (size_t i = 0; i < part->factor_count; i++) {
            uint32_t factor = part->factors[i];
            uint16_t value = partial[factor] != CT__ANY ? partial[factor] : row[factor];
            if (partial[factor] != CT__ANY || dropped[factor] == 0)
                picosat_assume(solver, ct__clauses_value(&part->clauses, factor, value));
        }
        if (picosat_sat(solver, -1) == PICOSAT_SATISFIABLE) break;
        if (!drop_wish(part, row, random, dropped)) return false;
    }
    for (size_t i = 0; i < part->factor_count; i++)
        row[part->factors[i]] = solved_value(&part->clauses, part->factors[i]);
    return true;
}

bool ct__space_allows(struct ct__space *space, const uint16_t *partial, uint16_t *witness)
{
    for (uint32_t p = 0; p < space->part_count; p++)
        if (!ct__space_allows_part(space, p, partial, NULL)) return false;
    if (witness == NULL) return true;
    for (size_t f = 0; f < space->model->factor_count; f++) witness[f] = partial[f] == CT__ANY ? 0 : partial[f];
    for (uint32_t p = 0; p < space->part_count; p++) (void)ct__space_allows_part(space, p, partial, witness);
    return true;
}
