/* Constraints as tables: those on the same few factors together, one bit for each choice of their values. */
#include <generator/inner.h>

enum { TUPLES_MAX = 16384 };

struct ct__scopes {
    const struct ct__model *model;
    struct ct__scope *scopes;
    size_t count;
    size_t *first;    /* by factor, and one more: where its list begins */
    uint32_t *of;     /* indices of scopes, factor by factor */
    uint8_t *scoped;  /* by constraint: 1 where some scope has it */
    uint16_t *values; /* a row: scratch */
};

/* ---- which factors a formula is on ---- */
static void mention(const struct ct__formula *formula, uint8_t *mentioned)
{
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) mentioned[formula->factor] = 1;
    if (formula->kind == CT__FORMULA_RELATED) mentioned[formula->other] = 1;
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) return;
    for (size_t i = 0; i < formula->part_count; i++) mention(&formula->parts[i], mentioned);
}

/* False where they are none, or too many for a table. */
static bool find_scope(const struct ct__model *model, const struct ct__formula *formula, uint8_t *mentioned,
                       struct ct__scope *scope)
{
    *scope = (struct ct__scope){ .tuples = 1 };
    memset(mentioned, 0, model->factor_count);
    mention(formula, mentioned);
    for (uint32_t f = 0; f < model->factor_count; f++) {
        if (mentioned[f] == 0) continue;
        if (scope->count == CT__SCOPE_MAX) return false;
        scope->factors[scope->count] = f;
        scope->strides[scope->count++] = (uint32_t)scope->tuples;
        scope->tuples *= model->factors[f].value_count;
        if (scope->tuples > TUPLES_MAX) return false;
    }
    return scope->count > 0;
}

/* ---- tables ---- */
/* Forbids what a constraint does not hold for. */
static void restrict_scope(struct ct__scopes *scopes, struct ct__scope *scope, const struct ct__formula *formula)
{
    uint16_t *values = scopes->values;
    for (size_t i = 0; i < scope->count; i++) values[scope->factors[i]] = 0;
    for (size_t tuple = 0; tuple < scope->tuples; tuple++) {
        if (ct__bit_is_set(scope->allowed, tuple) && !ct__formula_holds(formula, scopes->model, values))
            scope->allowed[tuple / 64] &= ~(UINT64_C(1) << tuple % 64);
        for (size_t i = 0; i < scope->count; i++) {
            uint32_t factor = scope->factors[i];
            if (++values[factor] < scopes->model->factors[factor].value_count) break;
            values[factor] = 0;
        }
    }
}

static struct ct__scope *same_scope(const struct ct__scopes *scopes, const struct ct__scope *scope)
{
    for (size_t s = scopes->count; s > 0; s--) {
        struct ct__scope *other = &scopes->scopes[s - 1];
        if (other->count == scope->count &&
            memcmp(other->factors, scope->factors, scope->count * sizeof *scope->factors) == 0)
            return other;
    }
    return NULL;
}

/* Appends it, with everything allowed; NULL: no memory. */
static struct ct__scope *add_scope(struct ct__scopes *scopes, struct ct__scope scope)
{
    size_t words = ct__bit_words(scope.tuples);
    scope.allowed = malloc(words * sizeof *scope.allowed);
    if (scope.allowed == NULL) return NULL;
    memset(scope.allowed, 0xff, words * sizeof *scope.allowed);
    scopes->scopes[scopes->count] = scope;
    return &scopes->scopes[scopes->count++];
}

static bool add_constraints(struct ct__scopes *scopes, uint8_t *mentioned)
{
    const struct ct__model *model = scopes->model;
    for (size_t i = 0; i < model->constraint_count; i++) {
        struct ct__scope scope, *into;
        if (!find_scope(model, &model->constraints[i], mentioned, &scope)) continue;
        into = same_scope(scopes, &scope);
        if (into == NULL) into = add_scope(scopes, scope);
        if (into == NULL) return false;
        restrict_scope(scopes, into, &model->constraints[i]);
        scopes->scoped[i] = 1;
    }
    return true;
}

static bool list_scopes(struct ct__scopes *scopes)
{
    size_t total = 0;
    for (size_t s = 0; s < scopes->count; s++)
        for (size_t i = 0; i < scopes->scopes[s].count; i++, total++) scopes->first[scopes->scopes[s].factors[i]]++;
    for (size_t f = 0; f < scopes->model->factor_count; f++) scopes->first[f + 1] += scopes->first[f];
    scopes->of = malloc((total + 1) * sizeof *scopes->of);
    if (scopes->of == NULL) return false;
    for (size_t s = scopes->count; s > 0; s--)
        for (size_t i = 0; i < scopes->scopes[s - 1].count; i++)
            scopes->of[--scopes->first[scopes->scopes[s - 1].factors[i]]] = (uint32_t)s - 1;
    return true;
}

enum ct_err ct__scopes_new(const struct ct__model *model, struct ct__scopes **scopes, struct ct_error *error)
{
    struct ct__scopes *made = calloc(1, sizeof *made);
    uint8_t *mentioned = malloc(model->factor_count);
    bool done = false;
    if (made != NULL && mentioned != NULL) {
        made->model = model;
        made->scopes = calloc(model->constraint_count + 1, sizeof *made->scopes);
        made->first = calloc(model->factor_count + 1, sizeof *made->first);
        made->scoped = calloc(model->constraint_count + 1, 1);
        made->values = calloc(model->factor_count, sizeof *made->values);
        done = made->scopes != NULL && made->first != NULL && made->scoped != NULL && made->values != NULL &&
               add_constraints(made, mentioned) && list_scopes(made);
    }
    free(mentioned);
    if (done) {
        *scopes = made;
        return CT_OK;
    }
    ct__scopes_free(made);
    return ct__nomem(error);
}

void ct__scopes_free(struct ct__scopes *scopes)
{
    if (scopes == NULL) return;
    for (size_t s = 0; s < scopes->count; s++) free(scopes->scopes[s].allowed);
    free(scopes->scopes);
    free(scopes->first);
    free(scopes->of);
    free(scopes->scoped);
    free(scopes->values);
    free(scopes);
}

bool ct__scopes_have(const struct ct__scopes *scopes, size_t constraint)
{
    return scopes->scoped[constraint] != 0;
}

static bool holds(const struct ct__scope *scope, const uint16_t *row)
{
    size_t tuple = 0;
    for (size_t i = 0; i < scope->count; i++) tuple += (size_t)row[scope->factors[i]] * scope->strides[i];
    return ct__bit_is_set(scope->allowed, tuple);
}

bool ct__scopes_keep(const struct ct__scopes *scopes, const uint16_t *row, uint32_t factor, bool pairs)
{
    for (size_t i = scopes->first[factor]; i < scopes->first[factor + 1]; i++) {
        const struct ct__scope *scope = &scopes->scopes[scopes->of[i]];
        if ((pairs || scope->count != 2) && !holds(scope, row)) return false;
    }
    return true;
}

/* ---- search ---- */
/* Whether the scopes of a factor that have all their values hold. */
static bool may_stand(const struct ct__scopes *scopes, const uint16_t *row, uint32_t factor)
{
    for (size_t i = scopes->first[factor]; i < scopes->first[factor + 1]; i++) {
        const struct ct__scope *scope = &scopes->scopes[scopes->of[i]];
        size_t tuple = 0, given = 0;
        for (; given < scope->count && row[scope->factors[given]] != CT__ANY; given++)
            tuple += (size_t)row[scope->factors[given]] * scope->strides[given];
        if (given == scope->count && !ct__bit_is_set(scope->allowed, tuple)) return false;
    }
    return true;
}

/* The next value of a factor that may stand, from its last one on, in the order that begins with the preferred one;
 * *steps counts those that were tried. */
static bool next_value(const struct ct__scopes *scopes, uint16_t *row, uint32_t factor, uint16_t preferred,
                       size_t *steps)
{
    uint32_t count = scopes->model->factors[factor].value_count;
    uint32_t turn = row[factor] == CT__ANY ? 0 : (row[factor] + count - preferred) % count + 1;
    for (; turn < count; turn++, ++*steps) {
        row[factor] = (uint16_t)((preferred + turn) % count);
        if (may_stand(scopes, row, factor)) return true;
    }
    row[factor] = CT__ANY;
    return false;
}

enum ct__found ct__scopes_find(struct ct__scopes *scopes, const uint32_t *factors, size_t count,
                               const uint16_t *partial, const uint16_t *preferred, size_t most, uint16_t *found)
{
    uint16_t *row = scopes->values;
    size_t at = 0, steps = 0;
    for (size_t i = 0; i < count; i++) row[factors[i]] = partial[factors[i]];
    for (size_t i = 0; i < count; i++)
        if (row[factors[i]] != CT__ANY && !may_stand(scopes, row, factors[i])) return CT__FOUND_NONE;
    while (at < count) {
        if (partial[factors[at]] != CT__ANY || next_value(scopes, row, factors[at], preferred[factors[at]], &steps)) {
            at++;
            continue;
        }
        while (at > 0 && partial[factors[at - 1]] != CT__ANY) at--;
        if (at-- == 0) return CT__FOUND_NONE;
        if (steps > most) return CT__FOUND_LATER;
    }
    for (size_t i = 0; i < count; i++) found[factors[i]] = row[factors[i]];
    return CT__FOUND_ONE;
}
