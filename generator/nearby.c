#include <generator/inner.h>

/* What concerns each factor: a constraint on two factors (or one) is a matter of pair_ok, where there is that matrix.
 */
struct ct__nearby {
    const struct ct__problem *problem;
    size_t *first, *first_partner; /* of each factor, and of one more: where its lists begin */
    uint32_t *indices;             /* constraints */
    uint32_t *partners;            /* factors that share a constraint on two factors with it; may repeat */
};

static size_t count_mentions(const struct ct__formula *formula, uint8_t *mentioned)
{
    size_t count = 0;
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) {
        count += mentioned[formula->factor] == 0;
        mentioned[formula->factor] = 1;
        if (formula->kind == CT__FORMULA_IN) return count;
        count += mentioned[formula->other] == 0;
        mentioned[formula->other] = 1;
        return count;
    }
    for (size_t i = 0; i < formula->part_count; i++) count += count_mentions(&formula->parts[i], mentioned);
    return count;
}

/* Calls take for each factor of each constraint. */
static void visit(struct ct__nearby *rules, uint8_t *mentioned,
                  void (*take)(struct ct__nearby *rules, size_t constraint, uint32_t factor, uint32_t partner))
{
    const struct ct__model *model = rules->problem->model;
    for (size_t i = 0; i < model->constraint_count; i++) {
        uint32_t sum = 0;
        size_t count;
        memset(mentioned, 0, model->factor_count);
        count = count_mentions(&model->constraints[i], mentioned);
        for (uint32_t f = 0; f < model->factor_count; f++) sum += mentioned[f] != 0 ? f : 0;
        for (uint32_t f = 0; f < model->factor_count; f++) {
            if (mentioned[f] == 0) continue;
            take(rules, i, f, count == 2 && rules->problem->pair_width != 0 ? sum - f : UINT32_MAX);
        }
    }
}

static void count_one(struct ct__nearby *rules, size_t constraint, uint32_t factor, uint32_t partner)
{
    (void)constraint;
    (partner == UINT32_MAX ? rules->first : rules->first_partner)[factor]++;
}

/* The lists are filled from their ends: what was counted becomes where they begin. */
static void list_one(struct ct__nearby *rules, size_t constraint, uint32_t factor, uint32_t partner)
{
    if (partner == UINT32_MAX)
        rules->indices[--rules->first[factor]] = (uint32_t)constraint;
    else
        rules->partners[--rules->first_partner[factor]] = partner;
}

static bool list_constraints(struct ct__nearby *rules, uint8_t *mentioned)
{
    size_t factor_count = rules->problem->factor_count;
    visit(rules, mentioned, count_one);
    for (size_t f = 0; f < factor_count; f++) {
        rules->first[f + 1] += rules->first[f];
        rules->first_partner[f + 1] += rules->first_partner[f];
    }
    rules->indices = malloc((rules->first[factor_count] + 1) * sizeof *rules->indices);
    rules->partners = malloc((rules->first_partner[factor_count] + 1) * sizeof *rules->partners);
    if (rules->indices == NULL || rules->partners == NULL) return false;
    visit(rules, mentioned, list_one);
    return true;
}

enum ct_err ct__nearby_new(const struct ct__problem *problem, struct ct__nearby **rules, struct ct_error *error)
{
    struct ct__nearby *made = calloc(1, sizeof *made);
    uint8_t *mentioned = malloc(problem->factor_count);
    bool done = false;
    if (made != NULL && mentioned != NULL) {
        made->problem = problem;
        made->first = calloc(problem->factor_count + 1, sizeof *made->first);
        made->first_partner = calloc(problem->factor_count + 1, sizeof *made->first_partner);
        done = made->first != NULL && made->first_partner != NULL && list_constraints(made, mentioned);
    }
    free(mentioned);
    if (done) {
        *rules = made;
        return CT_OK;
    }
    ct__nearby_free(made);
    return ct__nomem(error);
}

void ct__nearby_free(struct ct__nearby *rules)
{
    if (rules == NULL) return;
    free(rules->first);
    free(rules->first_partner);
    free(rules->indices);
    free(rules->partners);
    free(rules);
}

/* Of the phase without negative values: none; of the other one: one at most. */
static bool signs_ok(const struct ct__problem *problem, const uint16_t *row, uint32_t factor)
{
    if (!problem->has_negatives || problem->negative[problem->offset[factor] + row[factor]] == 0) return true;
    if (!problem->negative_phase) return false;
    for (uint32_t f = 0; f < problem->factor_count; f++)
        if (f != factor && problem->negative[problem->offset[f] + row[f]] != 0) return false;
    return true;
}

uint64_t ct__nearby_work(const struct ct__nearby *rules, uint32_t factor)
{
    return 20 + (rules->first[factor + 1] - rules->first[factor]) * 60 +
           (rules->first_partner[factor + 1] - rules->first_partner[factor]) * 3;
}

/* Those on other than two factors, or on any where there is no pair_ok. */
static bool constraints_hold(const struct ct__nearby *rules, const uint16_t *row, uint32_t factor)
{
    const struct ct__problem *problem = rules->problem;
    const struct ct__scopes *scopes = ct__space_scopes(problem->space);
    if (!ct__scopes_keep(scopes, row, factor, problem->pair_width == 0)) return false;
    for (size_t i = rules->first[factor]; i < rules->first[factor + 1]; i++)
        if (!ct__scopes_have(scopes, rules->indices[i]) &&
            !ct__formula_holds(&problem->model->constraints[rules->indices[i]], problem->model, row))
            return false;
    return true;
}

bool ct__nearby_keeps(const struct ct__nearby *rules, const uint16_t *row, uint32_t factor)
{
    const struct ct__problem *problem = rules->problem;
    bool kept = signs_ok(problem, row, factor);
    for (size_t i = rules->first_partner[factor]; kept && i < rules->first_partner[factor + 1]; i++)
        kept = ct__problem_pair_ok(problem, factor, row[factor], rules->partners[i], row[rules->partners[i]]);
    return kept && constraints_hold(rules, row, factor);
}

bool ct__nearby_allow(const struct ct__nearby *rules, uint16_t *row, uint32_t factor, uint16_t value)
{
    uint16_t before = row[factor];
    bool allowed;
    row[factor] = value;
    allowed = ct__nearby_keeps(rules, row, factor);
    row[factor] = before;
    return allowed;
}

/* ---- partial rows ---- */
enum truth { NO, YES, OPEN };

/* In three values, as of Kleene's logic: a term is open as long as a factor of it has no value. */
static enum truth judge(const struct ct__formula *formula, const struct ct__model *model, const uint16_t *partial)
{
    bool conjunction = formula->kind == CT__FORMULA_AND;
    enum truth sum = conjunction ? YES : NO;
    if (formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED) {
        if (partial[formula->factor] == CT__ANY) return OPEN;
        if (formula->kind == CT__FORMULA_RELATED && partial[formula->other] == CT__ANY) return OPEN;
        return ct__formula_holds(formula, model, partial) ? YES : NO;
    }
    if (formula->kind == CT__FORMULA_NOT) {
        sum = judge(&formula->parts[0], model, partial);
        return sum == OPEN ? OPEN : sum == YES ? NO : YES;
    }
    for (size_t i = 0; i < formula->part_count; i++) {
        enum truth part = judge(&formula->parts[i], model, partial);
        if (part == (conjunction ? NO : YES)) return part;
        if (part == OPEN) sum = OPEN;
    }
    return sum;
}

bool ct__nearby_refutes(const struct ct__nearby *rules, const uint16_t *partial, uint32_t factor)
{
    const struct ct__model *model = rules->problem->model;
    for (size_t i = rules->first[factor]; i < rules->first[factor + 1]; i++)
        if (judge(&model->constraints[rules->indices[i]], model, partial) == NO) return true;
    return false;
}

/* ---- several cells at once ---- */
/* A value of a factor that is allowed beside another's; false if there is none. */
static bool choose_value(const struct ct__nearby *rules, const uint16_t *row, uint32_t beside, uint32_t factor,
                         uint64_t *random, uint16_t *value)
{
    const struct ct__problem *problem = rules->problem;
    uint32_t count = problem->counts[factor], first = ct__random_below(random, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t v = first + i < count ? first + i : first + i - count;
        if (v == row[factor] || !ct__bit_is_set(problem->value_ok, problem->offset[factor] + v)) continue;
        if (!ct__problem_pair_ok(problem, beside, row[beside], factor, v)) continue;
        *value = (uint16_t)v;
        return true;
    }
    return false;
}

/* Whether what the factor's value excludes gave way: what changed is fixed, and appended to changed. */
static bool give_way(const struct ct__nearby *rules, uint16_t *row, uint8_t *fixed, uint32_t factor, uint64_t *random,
                     uint32_t *changed, size_t *count)
{
    for (size_t i = rules->first_partner[factor]; i < rules->first_partner[factor + 1]; i++) {
        uint32_t partner = rules->partners[i];
        if (ct__problem_pair_ok(rules->problem, factor, row[factor], partner, row[partner])) continue;
        if (fixed[partner] != 0 || *count == CT__NEARBY_MAX) return false;
        if (!choose_value(rules, row, factor, partner, random, &row[partner])) return false;
        fixed[partner] = 1;
        changed[(*count)++] = partner;
    }
    return true;
}

bool ct__nearby_mend(const struct ct__nearby *rules, uint16_t *row, uint8_t *fixed, uint64_t *random, uint32_t *changed,
                     size_t *count)
{
    for (size_t n = 0; n < *count; n++)
        if (!give_way(rules, row, fixed, changed[n], random, changed, count)) return false;
    for (size_t n = 0; n < *count; n++)
        if (!constraints_hold(rules, row, changed[n])) return false;
    return true;
}
