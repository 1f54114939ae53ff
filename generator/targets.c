#include <generator/inner.h>

#define TARGETS_MAX (UINT64_C(1) << 31)

/* Choices among the positions before end: all of them, or those of one group's factors. */
struct pool {
    const struct ct__problem *problem;
    uint16_t *factors; /* in the problem's order */
    size_t count;
    uint16_t last; /* in each target */
    int group;     /* -1: of all */
};

static bool in_group(const struct ct__group *group, uint32_t factor)
{
    for (size_t i = 0; i < group->factor_count; i++)
        if (group->factors[i] == factor) return true;
    return false;
}

static bool all_in_group(const struct ct__group *group, const struct pool *pool, const size_t *chosen, size_t count)
{
    if (!in_group(group, pool->last)) return false;
    for (size_t i = 0; i < count; i++)
        if (!in_group(group, pool->factors[chosen[i]])) return false;
    return true;
}

/* Whether a choice that is not such a group's own has more of its factors than there may be. */
static bool has_too_many(const struct pool *pool, const size_t *chosen, size_t count)
{
    if (pool->group >= 0 && pool->problem->cover.groups[pool->group].most) return false;
    for (size_t g = 0; g < pool->problem->cover.group_count; g++) {
        const struct ct__group *group = &pool->problem->cover.groups[g];
        int inside = group->most && in_group(group, pool->last);
        for (size_t i = 0; group->most && i < count; i++) inside += in_group(group, pool->factors[chosen[i]]);
        if (inside > group->strength) return true;
    }
    return false;
}

/* A choice that lies in a group is that group's business; one of two groups of the same strength, the first one's. */
static bool belongs_elsewhere(const struct pool *pool, const size_t *chosen, size_t count)
{
    const struct ct__cover *cover = &pool->problem->cover;
    size_t end = pool->group < 0 ? cover->group_count : (size_t)pool->group;
    for (size_t g = 0; g < end; g++) {
        if (pool->group >= 0 && cover->groups[g].strength != cover->groups[pool->group].strength) continue;
        if (all_in_group(&cover->groups[g], pool, chosen, count)) return true;
    }
    return false;
}

static enum ct_err append(struct ct__targets *targets, const struct pool *pool, const size_t *chosen, size_t count,
                          struct ct_error *error)
{
    uint16_t *into;
    if (targets->count == targets->capacity) {
        size_t capacity = targets->capacity * 2 + 64;
        uint16_t *grown = realloc(targets->factors, capacity * (targets->width + 1) * sizeof *grown);
        if (grown == NULL) return ct__nomem(error);
        targets->factors = grown;
        targets->capacity = capacity;
    }
    into = targets->factors + targets->count++ * targets->width;
    for (size_t i = 0; i < targets->width; i++)
        into[i] = i < count ? pool->factors[chosen[i]] : (uint16_t)pool->problem->factor_count;
    return CT_OK;
}

/* All choices of count of the pool, in lexical order. */
static enum ct_err choose(struct ct__targets *targets, const struct pool *pool, size_t count, struct ct_error *error)
{
    size_t chosen[CT__STRENGTH_MAX], i;
    if (count > pool->count) return CT_OK;
    if (ct__choices(pool->count, count) > (double)TARGETS_MAX)
        return ct__error(error, CT_ETOOBIG, "%zu factors are too many for strength %zu", pool->count + 1, count + 1);
    for (i = 0; i < count; i++) chosen[i] = i;
    for (;;) {
        if (!belongs_elsewhere(pool, chosen, count) && !has_too_many(pool, chosen, count)) {
            enum ct_err err = append(targets, pool, chosen, count, error);
            if (err != CT_OK) return err;
        }
        for (i = count; i > 0 && chosen[i - 1] == pool->count - count + i - 1;) i--;
        if (i == 0) return CT_OK;
        chosen[i - 1]++;
        for (; i < count; i++) chosen[i] = chosen[i - 1] + 1;
    }
}

static size_t width_of(const struct ct__problem *problem)
{
    int most = problem->cover.strength;
    for (size_t g = 0; g < problem->cover.group_count; g++)
        if (problem->cover.groups[g].strength > most) most = problem->cover.groups[g].strength;
    return (size_t)most - 1;
}

static enum ct_err targets_of(const struct ct__problem *problem, size_t position, struct pool *pool,
                              struct ct__targets *targets, struct ct_error *error)
{
    const struct ct__cover *cover = &problem->cover;
    enum ct_err err;
    pool->group = -1;
    for (pool->count = 0; pool->count < position; pool->count++)
        pool->factors[pool->count] = (uint16_t)problem->order[pool->count];
    err = choose(targets, pool, (size_t)cover->strength - 1, error);
    for (size_t g = 0; err == CT_OK && g < cover->group_count; g++) {
        if (cover->groups[g].strength == 0 || !in_group(&cover->groups[g], pool->last)) continue;
        pool->group = (int)g;
        pool->count = 0;
        for (size_t p = 0; p < position; p++)
            if (in_group(&cover->groups[g], problem->order[p]))
                pool->factors[pool->count++] = (uint16_t)problem->order[p];
        err = choose(targets, pool, (size_t)cover->groups[g].strength - 1, error);
    }
    return err;
}

enum ct_err ct__targets_at(const struct ct__problem *problem, size_t position, struct ct__targets *targets,
                           struct ct_error *error)
{
    struct ct__targets made = { .width = width_of(problem) };
    struct pool pool = { .problem = problem, .last = (uint16_t)problem->order[position] };
    enum ct_err err;
    pool.factors = malloc((position + 1) * sizeof *pool.factors);
    if (pool.factors == NULL) return ct__nomem(error);
    err = targets_of(problem, position, &pool, &made, error);
    free(pool.factors);
    if (err != CT_OK) {
        ct__targets_clear(&made);
        return err;
    }
    *targets = made;
    return CT_OK;
}

/* Appends targets of one position, with their last factor, to all. */
static enum ct_err gather(struct ct__targets *all, const struct ct__targets *at, uint16_t last, uint16_t padding,
                          struct ct_error *error)
{
    size_t count = all->count + at->count;
    uint16_t *grown = realloc(all->factors, (count + 1) * all->width * sizeof *grown);
    if (grown == NULL) return ct__nomem(error);
    all->factors = grown;
    for (size_t i = 0; i < at->count; i++) {
        uint16_t *into = grown + (all->count + i) * all->width;
        const uint16_t *from = at->factors + i * at->width;
        size_t used = 0;
        for (; used < at->width && from[used] != padding; used++) into[used] = from[used];
        into[used++] = last;
        for (; used < all->width; used++) into[used] = padding;
    }
    all->count = count;
    return CT_OK;
}

enum ct_err ct__targets_all(const struct ct__problem *problem, struct ct__targets *targets, struct ct_error *error)
{
    struct ct__targets all = { .width = width_of(problem) + 1 };
    enum ct_err err = CT_OK;
    for (size_t position = 0; err == CT_OK && position < problem->factor_count; position++) {
        struct ct__targets at;
        err = ct__targets_at(problem, position, &at, error);
        if (err != CT_OK) break;
        err = gather(&all, &at, (uint16_t)problem->order[position], (uint16_t)problem->factor_count, error);
        ct__targets_clear(&at);
    }
    if (err != CT_OK) {
        ct__targets_clear(&all);
        return err;
    }
    *targets = all;
    return CT_OK;
}

void ct__targets_clear(struct ct__targets *targets)
{
    free(targets->factors);
    *targets = (struct ct__targets){ 0 };
}

uint64_t ct__target_tuples(const struct ct__problem *problem, const uint16_t *factors, size_t width)
{
    uint64_t tuples = 1;
    for (size_t i = 0; i < width; i++) {
        tuples *= problem->counts[factors[i]];
        if (tuples > UINT32_MAX) return UINT64_MAX;
    }
    return tuples;
}

/* ---- combinations ---- */
static void count_signs(const struct ct__problem *problem, uint32_t factor, uint64_t *positive, uint64_t *negative)
{
    *negative = 0;
    for (uint32_t v = 0; v < problem->counts[factor]; v++) *negative += problem->negative[problem->offset[factor] + v];
    *positive = problem->counts[factor] - *negative;
}

uint64_t ct__targets_combinations(const struct ct__problem *problem, const struct ct__targets *targets, uint32_t last)
{
    uint64_t total = 0;
    for (size_t t = 0; t < targets->count; t++) {
        const uint16_t *factors = targets->factors + t * targets->width;
        uint64_t with_none, with_one, positive, negative;
        count_signs(problem, last, &with_none, &with_one);
        for (size_t i = 0; i < targets->width && factors[i] != problem->factor_count; i++) {
            count_signs(problem, factors[i], &positive, &negative);
            with_one = with_one * positive + with_none * negative;
            with_none *= positive;
        }
        total += problem->negative_phase ? with_one : with_none;
    }
    return total;
}

/* Products of the numbers of values of all choices of strength factors, summed up. */
static uint64_t count_plain(const struct ct__problem *problem)
{
    uint64_t sums[CT__STRENGTH_MAX + 1] = { 1 };
    for (size_t f = 0; f < problem->factor_count; f++)
        for (int i = problem->cover.strength; i > 0; i--) sums[i] += sums[i - 1] * problem->counts[f];
    return sums[problem->cover.strength];
}

enum ct_err ct__targets_count(const struct ct__problem *problem, uint64_t *combinations, struct ct_error *error)
{
    uint64_t total = 0;
    if (problem->cover.group_count == 0 && !problem->has_negatives) {
        *combinations += count_plain(problem);
        return CT_OK;
    }
    for (size_t position = 0; position < problem->factor_count; position++) {
        struct ct__targets at;
        enum ct_err err = ct__targets_at(problem, position, &at, error);
        if (err != CT_OK) return err;
        total += ct__targets_combinations(problem, &at, problem->order[position]);
        ct__targets_clear(&at);
    }
    *combinations += total;
    return CT_OK;
}
