#include <generator/inner.h>

#define PAIR_WIDTH_MAX 16384u /* a matrix of 32 MB */

static bool has_negative(const struct ct__factor *factor)
{
    return factor->negative != NULL && memchr(factor->negative, 1, factor->value_count) != NULL;
}

static void count_values(struct ct__problem *problem)
{
    for (size_t f = 0; f < problem->factor_count; f++) {
        const struct ct__factor *factor = &problem->model->factors[f];
        problem->counts[f] = factor->value_count;
        problem->offset[f] = problem->value_total;
        problem->value_total += factor->value_count;
        problem->order[f] = (uint32_t)f;
        problem->has_negatives = problem->has_negatives || has_negative(factor);
        problem->constrained = problem->constrained || ct__space_involves(problem->space, (uint32_t)f);
    }
    problem->counts[problem->factor_count] = 1;
}

static int by_falling_count(const void *left, const void *right, void *counts)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const uint32_t *of = counts;
    if (of[a] != of[b]) return of[a] > of[b] ? -1 : 1;
    return (a > b) - (a < b);
}

static enum ct_err copy_cover(struct ct__problem *problem, const struct ct__cover *cover, struct ct_error *error)
{
    int factor_count = (int)problem->factor_count;
    int strength = cover->strength == 0 ? 2 : cover->strength;
    if (strength < 1 || strength > CT__STRENGTH_MAX)
        return ct__error(error, CT_EINVAL, "strength %d is out of range; 1 to %d are allowed", strength,
                         CT__STRENGTH_MAX);
    problem->cover.strength = strength < factor_count ? strength : factor_count;
    for (size_t g = 0; g < cover->group_count; g++) {
        const struct ct__group *from = &cover->groups[g];
        struct ct__group *to = &problem->groups[g];
        *to = *from;
        if (from->strength < 1 || from->strength > CT__STRENGTH_MAX)
            return ct__error(error, CT_EINVAL, "group %zu: strength %d is out of range; 1 to %d are allowed", g,
                             from->strength, CT__STRENGTH_MAX);
        for (size_t i = 0; i < from->factor_count; i++)
            if (from->factors[i] >= problem->factor_count)
                return ct__error(error, CT_EINVAL, "group %zu names a factor that is not there", g);
        if (to->strength > (int)from->factor_count) to->strength = (int)from->factor_count;
    }
    problem->cover.groups = problem->groups;
    problem->cover.group_count = cover->group_count;
    return CT_OK;
}

static bool allocate(struct ct__problem *problem, const struct ct__cover *cover)
{
    size_t count = problem->factor_count, values = 1; /* at least: sizes of 0 are up to the library */
    for (size_t f = 0; f < count; f++) values += problem->model->factors[f].value_count;
    problem->counts = malloc((count + 1) * sizeof *problem->counts);
    problem->order = malloc((count + 1) * sizeof *problem->order);
    problem->offset = malloc((count + 1) * sizeof *problem->offset);
    problem->groups = calloc(cover->group_count + 1, sizeof *problem->groups);
    problem->negative = calloc(values, 1);
    problem->value_ok = calloc(ct__bit_words(values), sizeof *problem->value_ok);
    problem->pair_index = malloc(values * sizeof *problem->pair_index);
    problem->witness = calloc(count + 1, sizeof *problem->witness);
    return problem->witness != NULL && problem->counts != NULL && problem->order != NULL && problem->offset != NULL &&
           problem->groups != NULL && problem->negative != NULL && problem->value_ok != NULL &&
           problem->pair_index != NULL;
}

/* Values of factors that exclude others are numbered for pair_ok. */
static bool number_pairs(struct ct__problem *problem)
{
    uint32_t width = 0;
    for (uint32_t f = 0; f < problem->factor_count; f++)
        for (uint32_t v = 0; v < problem->counts[f]; v++) {
            const uint8_t *negative = problem->model->factors[f].negative;
            bool involved = ct__space_involves(problem->space, f);
            problem->pair_index[problem->offset[f] + v] = involved ? width++ : UINT32_MAX;
            problem->negative[problem->offset[f] + v] = negative != NULL && negative[v] != 0;
        }
    problem->pair_width = width > PAIR_WIDTH_MAX ? 0 : width;
    problem->pair_words = ct__bit_words(problem->pair_width);
    if (problem->pair_width == 0) return true;
    problem->pair_ok = malloc(problem->pair_width * problem->pair_words * sizeof *problem->pair_ok);
    return problem->pair_ok != NULL;
}

enum ct_err ct__problem_new(const struct ct__model *model, const struct ct__cover *cover, struct ct__problem **problem,
                            struct ct_error *error)
{
    struct ct__problem *made = calloc(1, sizeof *made);
    enum ct_err err;
    if (made == NULL) return ct__nomem(error);
    made->model = model;
    made->factor_count = model->factor_count;
    err = ct__space_new(model, &made->space, error);
    if (err != CT_OK) goto out;
    if (!allocate(made, cover)) {
        err = ct__nomem(error);
        goto out;
    }
    count_values(made);
    qsort_r(made->order, made->factor_count, sizeof *made->order, by_falling_count, made->counts);
    if (!number_pairs(made)) {
        err = ct__nomem(error);
        goto out;
    }
    err = copy_cover(made, cover, error);
    if (err == CT_OK && made->constrained) err = ct__nearby_new(made, &made->nearby, error);
    if (err != CT_OK) goto out;
    *problem = made;
    made = NULL;
out:
    ct__problem_free(made);
    return err;
}

void ct__problem_free(struct ct__problem *problem)
{
    if (problem == NULL) return;
    ct__space_free(problem->space);
    ct__nearby_free(problem->nearby);
    free(problem->counts);
    free(problem->order);
    free(problem->offset);
    free(problem->groups);
    free(problem->negative);
    free(problem->value_ok);
    free(problem->pair_index);
    free(problem->pair_ok);
    free(problem->witness);
    free(problem);
}

void ct__problem_shuffle(struct ct__problem *problem, uint64_t *random)
{
    uint32_t *order = problem->order;
    for (size_t i = problem->factor_count, begin; i > 1; i--) {
        uint32_t last = order[i - 1], drawn;
        for (begin = i - 1; begin > 0 && problem->counts[order[begin - 1]] == problem->counts[last];) begin--;
        drawn = (uint32_t)begin + ct__random_below(random, i - begin);
        order[i - 1] = order[drawn];
        order[drawn] = last;
    }
}

/* ---- which values and pairs are allowed ---- */
static void mark_pair(struct ct__problem *problem, uint32_t a, uint32_t b)
{
    ct__bit_set(problem->pair_ok + a * problem->pair_words, b);
    ct__bit_set(problem->pair_ok + b * problem->pair_words, a);
}

/* All values and pairs of an allowed row of a part are allowed. */
static void mark_witness(struct ct__problem *problem, uint32_t part, const uint16_t *witness)
{
    for (uint32_t f = 0; f < problem->factor_count; f++) {
        if (ct__space_part(problem->space, f) != part) continue;
        ct__bit_set(problem->value_ok, problem->offset[f] + witness[f]);
        for (uint32_t g = 0; problem->pair_width != 0 && g < f; g++)
            if (ct__space_part(problem->space, g) == part)
                mark_pair(problem, problem->pair_index[problem->offset[f] + witness[f]],
                          problem->pair_index[problem->offset[g] + witness[g]]);
    }
}

static void try_pairs(struct ct__problem *problem, uint32_t f, uint32_t g, uint16_t *partial, uint16_t *witness)
{
    uint32_t part = ct__space_part(problem->space, f);
    bool same = ct__space_part(problem->space, g) == part;
    for (uint32_t v = 0; v < problem->counts[f]; v++)
        for (uint32_t w = 0; w < problem->counts[g]; w++) {
            size_t first = problem->offset[f] + v, second = problem->offset[g] + w;
            uint32_t a = problem->pair_index[first], b = problem->pair_index[second];
            if (!ct__bit_is_set(problem->value_ok, first) || !ct__bit_is_set(problem->value_ok, second)) continue;
            if (ct__bit_is_set(problem->pair_ok + a * problem->pair_words, b)) continue;
            if (!same) {
                mark_pair(problem, a, b);
                continue;
            }
            partial[f] = (uint16_t)v;
            partial[g] = (uint16_t)w;
            if (ct__space_allows_part(problem->space, part, partial, witness)) mark_witness(problem, part, witness);
            partial[f] = partial[g] = CT__ANY;
        }
}

static void try_values(struct ct__problem *problem, uint32_t f, uint16_t *partial, uint16_t *witness)
{
    uint32_t part = ct__space_part(problem->space, f);
    for (uint32_t v = 0; v < problem->counts[f]; v++) {
        if (ct__bit_is_set(problem->value_ok, problem->offset[f] + v)) continue;
        partial[f] = (uint16_t)v;
        if (ct__space_allows_part(problem->space, part, partial, witness)) mark_witness(problem, part, witness);
        partial[f] = CT__ANY;
    }
}

static bool allowed_alone(const struct ct__problem *problem, uint32_t factor)
{
    return !ct__space_involves(problem->space, factor);
}

enum ct_err ct__problem_enter_phase(struct ct__problem *problem, bool negative_phase, struct ct_error *error)
{
    size_t count = problem->factor_count;
    uint16_t *partial = malloc(2 * count * sizeof *partial), *witness = partial + count;
    if (partial == NULL) return ct__nomem(error);
    for (size_t f = 0; f < count; f++) partial[f] = CT__ANY;
    problem->negative_phase = negative_phase;
    problem->signs = negative_phase ? 2 : 1;
    problem->before = NULL;
    ct__space_forbid_negatives(problem->space, problem->has_negatives && !negative_phase);
    problem->possible = ct__space_allows(problem->space, partial, problem->witness);
    memset(problem->value_ok, 0, ct__bit_words(problem->value_total) * sizeof *problem->value_ok);
    if (problem->pair_width != 0)
        memset(problem->pair_ok, 0, problem->pair_width * problem->pair_words * sizeof *problem->pair_ok);
    for (uint32_t f = 0; f < count; f++) {
        if (!allowed_alone(problem, f)) {
            try_values(problem, f, partial, witness);
            continue;
        }
        for (uint32_t v = 0; v < problem->counts[f]; v++) ct__bit_set(problem->value_ok, problem->offset[f] + v);
    }
    for (uint32_t f = 0; problem->pair_width != 0 && f < count; f++)
        for (uint32_t g = 0; g < f; g++)
            if (!allowed_alone(problem, f) && !allowed_alone(problem, g)) try_pairs(problem, f, g, partial, witness);
    free(partial);
    return CT_OK;
}

bool ct__problem_pair_ok(const struct ct__problem *problem, uint32_t factor, uint32_t value, uint32_t other,
                         uint32_t other_value)
{
    uint32_t a = problem->pair_index[problem->offset[factor] + value];
    uint32_t b = problem->pair_index[problem->offset[other] + other_value];
    if (problem->pair_width == 0 || a == UINT32_MAX || b == UINT32_MAX) return true;
    return ct__bit_is_set(problem->pair_ok + a * problem->pair_words, b);
}

bool ct__problem_wants(const struct ct__problem *problem, const uint16_t *factors, const uint32_t *values, size_t count)
{
    unsigned negatives = 0;
    for (size_t i = 0; i < count; i++) {
        size_t number = problem->offset[factors[i]] + values[i];
        if (!ct__bit_is_set(problem->value_ok, number)) return false;
        negatives += problem->negative[number];
        for (size_t j = 0; problem->pair_width != 0 && j < i; j++)
            if (!ct__problem_pair_ok(problem, factors[i], values[i], factors[j], values[j])) return false;
    }
    return negatives < 2 && (problem->signs >> negatives & 1) != 0;
}

/* Up to 64 bits of a set, from one on. */
static uint64_t bits_from(const uint64_t *bits, size_t first, uint32_t count)
{
    uint64_t taken = bits[first / 64] >> (first % 64);
    if (first % 64 + count > 64) taken |= bits[first / 64 + 1] << (64 - first % 64);
    return count < 64 ? taken & ((UINT64_C(1) << count) - 1) : taken;
}

static uint64_t negatives_of(const struct ct__problem *problem, uint16_t factor)
{
    uint64_t mask = 0;
    for (uint32_t v = 0; problem->has_negatives && v < problem->counts[factor]; v++)
        mask |= (uint64_t)problem->negative[problem->offset[factor] + v] << v;
    return mask;
}

uint64_t ct__problem_wanted(const struct ct__problem *problem, const uint16_t *factors, const uint32_t *values,
                            size_t count, uint16_t factor)
{
    uint64_t mask = bits_from(problem->value_ok, problem->offset[factor], problem->counts[factor]);
    uint64_t negative = negatives_of(problem, factor);
    uint32_t first = problem->pair_index[problem->offset[factor]], negatives = 0;
    for (size_t i = 0; i < count && mask != 0; i++) {
        size_t number = problem->offset[factors[i]] + values[i];
        uint32_t index = problem->pair_index[number];
        if (!ct__bit_is_set(problem->value_ok, number)) return 0;
        negatives += problem->negative[number];
        if (problem->pair_width == 0 || index == UINT32_MAX) continue;
        for (size_t j = 0; j < i; j++)
            if (!ct__problem_pair_ok(problem, factors[i], values[i], factors[j], values[j])) return 0;
        if (first != UINT32_MAX)
            mask &= bits_from(problem->pair_ok + index * problem->pair_words, first, problem->counts[factor]);
    }
    if (negatives > 1) return 0;
    uint64_t alike = (problem->signs >> negatives & 1) != 0 ? ~negative : 0;
    return mask & (negatives == 0 && (problem->signs & 2) != 0 ? alike | negative : alike);
}

/* Whether no value of one factor excludes one of the other. */
static bool are_unrelated(const struct ct__problem *problem, uint16_t factor, uint16_t other)
{
    uint32_t first = problem->pair_index[problem->offset[other]], count = problem->counts[other];
    const uint32_t *index = problem->pair_index + problem->offset[factor];
    if (problem->pair_width == 0 || first == UINT32_MAX || index[0] == UINT32_MAX) return true;
    for (uint32_t v = 0; v < problem->counts[factor]; v++)
        if (~bits_from(problem->pair_ok + index[v] * problem->pair_words, first, count) << (64 - count) != 0)
            return false;
    return true;
}

bool ct__problem_wants_all(const struct ct__problem *problem, const uint16_t *factors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t values = problem->counts[factors[i]];
        if (problem->has_negatives || values > 64) return false;
        if (~bits_from(problem->value_ok, problem->offset[factors[i]], values) << (64 - values) != 0) return false;
        for (size_t j = 0; j < i; j++)
            if (!are_unrelated(problem, factors[i], factors[j])) return false;
    }
    return true;
}
