#include <generator/sets.h>

enum { FACTORS_MIN = 40, TRIES = 8, MOST_WORSE = 24 };

struct state {
    struct ct__search *search;
    struct ct__sets *sets;
    struct ct__sets *covering; /* what is to be covered is what these rows cover */
    struct ct__nearby *rules;
    uint64_t chance; /* of taking what is worse by one, out of 2^32 */
    uint16_t *bent;  /* scratch: a row */
    uint8_t *fixed;  /* scratch: of each factor */
    uint32_t step;
    size_t best; /* rows of the smallest set so far */
    bool stopped;
};

bool ct__anneal_suits(const struct ct__problem *problem, size_t row_count)
{
    return problem->factor_count >= FACTORS_MIN && problem->value_total <= UINT16_MAX && !problem->negative_phase &&
           problem->cover.group_count == 0 && problem->cover.strength >= 2 &&
           problem->cover.strength <= CT__SETS_STRENGTH_MAX && row_count <= CT__SETS_ROWS_MAX;
}

/* ---- one step ---- */
/* By how much the result may be worse: as with a probability that falls with e to the power of it over a temperature.
 */
static uint32_t draw_worse(struct state *state)
{
    uint64_t drawn = ct__random(&state->search->random) >> 32, chance = state->chance;
    uint32_t worse = 0;
    for (; drawn < chance && worse < MOST_WORSE; worse++) chance = chance * state->chance >> 32;
    return worse;
}

/* A random row that has all values of the combination but one, *value: false where there is none. */
static bool choose_row(struct state *state, const struct ct__lost *missing, size_t *row, size_t *value)
{
    const struct ct__sets *sets = state->sets;
    const uint64_t *x = ct__sets_of(sets, missing->values[0]), *y = ct__sets_of(sets, missing->values[1]);
    const uint64_t *z = ct__sets_of(sets, missing->values[2]);
    uint64_t near[CT__SETS_ROWS_MAX / 64] = { 0 };
    uint32_t count = 0, left;
    size_t word = 0;
    for (size_t w = 0; w < sets->words; w++) {
        near[w] = sets->strength == 2 ? x[w] | y[w] : (x[w] & y[w]) | (x[w] & z[w]) | (y[w] & z[w]);
        count += (uint32_t)__builtin_popcountll(near[w]);
    }
    if (count == 0) return false;
    left = ct__random_below(&state->search->random, count);
    for (; left >= (uint32_t)__builtin_popcountll(near[word]); word++)
        left -= (uint32_t)__builtin_popcountll(near[word]);
    for (; left > 0; left--) near[word] &= near[word] - 1;
    *row = word * 64 + (size_t)__builtin_ctzll(near[word]);
    for (size_t i = 0; i < sets->strength; i++)
        if (!ct__sets_has(sets, missing->values[i], *row)) *value = missing->values[i];
    return true;
}

/* Fills state->bent with what the row becomes when it takes the combination and others give way: false where luck does
 * not find that. */
static bool bend(struct state *state, const struct ct__lost *missing, size_t row)
{
    struct ct__sets *sets = state->sets;
    size_t factor_count = sets->problem->factor_count, count = 0;
    uint32_t changed[CT__NEARBY_MAX];
    memcpy(state->bent, ct__sets_row(sets, row), sets->width * sizeof *state->bent);
    memset(state->fixed, 0, factor_count);
    for (size_t i = 0; i < sets->strength; i++) {
        uint32_t factor = sets->factor[missing->values[i]];
        uint16_t value = (uint16_t)(missing->values[i] - sets->problem->offset[factor]);
        state->fixed[factor] = 1;
        if (state->bent[factor] == value) continue;
        state->bent[factor] = value;
        changed[count++] = factor;
    }
    sets->work += 20 + factor_count / 4;
    if (state->rules == NULL) return true;
    for (size_t i = 0; i < count; i++) sets->work += 3 * ct__nearby_work(state->rules, changed[i]);
    return ct__nearby_mend(state->rules, state->bent, state->fixed, &state->search->random, changed, &count);
}

/* Several cells change at once, unless the result is worse by more than so much. */
static void force(struct state *state, const struct ct__lost *missing, size_t row, uint32_t most)
{
    struct ct__sets *sets = state->sets;
    const uint16_t *cells = ct__sets_row(sets, row);
    uint64_t lost = 0;
    if (!bend(state, missing, row)) return;
    for (size_t f = 0; f < sets->problem->factor_count && lost <= most; f++)
        if (state->bent[f] != cells[f]) lost += ct__sets_alone_with(sets, row, f, most);
    if (lost <= most && sets->missing_count + lost <= CT__SETS_MISSING_MAX) ct__sets_put_all(sets, row, state->bent);
}

static void take_step(struct state *state)
{
    struct ct__sets *sets = state->sets;
    uint64_t *random = &state->search->random;
    struct ct__lost missing = sets->missing[ct__random_below(random, sets->missing_count)];
    uint32_t most = draw_worse(state), lost, factor;
    size_t row, number = 0;
    uint16_t value;
    state->step++;
    sets->work += 60 + sets->words * 8;
    if (!choose_row(state, &missing, &row, &number)) {
        force(state, &missing, ct__random_below(random, sets->row_count), most + 8);
        return;
    }
    factor = sets->factor[number];
    value = (uint16_t)(number - sets->problem->offset[factor]);
    most += ct__sets_gain(sets, row, number);
    if (state->rules != NULL) {
        sets->work += ct__nearby_work(state->rules, factor);
        if (!ct__nearby_allow(state->rules, ct__sets_row(sets, row), factor, value)) {
            force(state, &missing, row, most);
            return;
        }
    }
    lost = ct__sets_alone_with(sets, row, factor, most);
    if (lost <= most && sets->missing_count + lost <= CT__SETS_MISSING_MAX) ct__sets_put(sets, row, factor, value);
}

/* Until nothing is missing: false where the work is not enough, or the watch says stop. */
static bool settle(struct state *state, uint64_t work)
{
    uint64_t end = state->sets->work + work;
    while (state->sets->missing_count != 0 && state->sets->work < end) {
        if (state->step % 64 == 0) {
            size_t factor_count = state->sets->problem->factor_count;
            ct__watch_tell(state->search->watch, factor_count, factor_count, state->best);
            state->stopped = ct__watch_stopped(state->search->watch);
        }
        if (state->stopped) return false;
        take_step(state);
    }
    return state->sets->missing_count == 0;
}

/* ---- rows from nothing ---- */
/* Adds a row that covers a missing combination. */
static void add_row(struct state *state)
{
    struct ct__sets *sets = state->sets;
    const struct ct__sets *covering = state->covering;
    struct ct__lost missing = sets->missing[ct__random_below(&state->search->random, sets->missing_count)];
    for (size_t row = 0; row < covering->row_count; row++) {
        if (!ct__sets_has(covering, missing.values[0], row) || !ct__sets_has(covering, missing.values[1], row) ||
            !ct__sets_has(covering, missing.values[2], row))
            continue;
        ct__sets_append(sets, ct__sets_row(covering, row));
        return;
    }
}

/* Whether it took fewer rows than those to be replaced. */
static bool grow(struct state *state, uint64_t work)
{
    struct ct__sets *sets = state->sets;
    size_t factor_count = sets->problem->factor_count, least = 1, share;
    size_t first = sets->first != 0 ? sets->first : 1, rest = factor_count > first ? factor_count - first : 1;
    ct__sets_clear(sets);
    for (size_t i = 0; i < sets->strength; i++) least *= sets->problem->counts[sets->order[i]];
    for (size_t r = 0; r < least && r + 1 < state->covering->row_count; r++)
        ct__sets_append(sets, ct__sets_row(state->covering, r));
    while (sets->prefix < factor_count) {
        if (!ct__sets_meet(sets, state->covering)) return false;
        share = work / 2 / (sets->prefix <= first ? first : rest);
        while (!settle(state, share)) {
            if (state->stopped || sets->row_count + 1 >= state->covering->row_count) return false;
            add_row(state);
        }
    }
    return true;
}

/* ---- rows fewer and fewer ---- */
/* Of a few random rows, the one that covers the least by itself. */
static bool drop_row(struct state *state)
{
    struct ct__sets *sets = state->sets;
    uint64_t least = UINT64_MAX;
    size_t drop = 0;
    for (int i = 0; i < TRIES; i++) {
        size_t row = ct__random_below(&state->search->random, sets->row_count);
        uint64_t alone = ct__sets_alone(sets, row);
        if (alone >= least) continue;
        least = alone;
        drop = row;
    }
    if (sets->row_count == 1 || least > CT__SETS_MISSING_MAX) return false;
    ct__sets_take_out(sets, drop);
    return true;
}

static void keep_rows(const struct ct__sets *sets, uint16_t *rows, size_t *row_count)
{
    memcpy(rows, sets->cells, sets->row_count * sets->width * sizeof *rows);
    *row_count = sets->row_count;
}

static void run(struct state *state, uint16_t *rows, size_t *row_count)
{
    struct ct__sets *sets = state->sets;
    uint64_t end = state->search->work;
    if (grow(state, end)) {
        keep_rows(sets, rows, row_count);
        state->best = *row_count;
        while (sets->work < end && drop_row(state)) {
            if (!settle(state, sets->work < end ? end - sets->work : 0)) break;
            keep_rows(sets, rows, row_count);
            state->best = *row_count;
        }
    }
    state->search->work = sets->work;
}

enum ct_err ct__anneal(struct ct__search *search, int heat, uint16_t *rows, size_t *row_count, bool *stopped,
                       struct ct_error *error)
{
    /* e to the power of -1 / 0.35, -1 / 0.5 and -1 / 0.7, times 2^32: the same on every machine */
    static const uint32_t chances[CT__HEATS] = { 246671221, 581260615, 1029293363 };
    const struct ct__problem *problem = search->net->problem;
    struct state state = { .search = search, .chance = chances[heat] };
    size_t width = problem->factor_count + 1;
    enum ct_err err = ct__sets_new(problem, *row_count, &state.sets, error);
    if (err == CT_OK) err = ct__sets_new(problem, *row_count, &state.covering, error);
    if (err == CT_OK && search->space != NULL) err = ct__nearby_new(problem, &state.rules, error);
    if (err != CT_OK) goto out;
    state.bent = malloc(width * sizeof *state.bent);
    state.fixed = malloc(width);
    if (state.bent == NULL || state.fixed == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    for (size_t r = 0; r < *row_count; r++) ct__sets_append(state.covering, rows + r * width);
    state.best = *row_count;
    run(&state, rows, row_count);
    if (state.stopped) *stopped = true;
out:
    ct__nearby_free(state.rules);
    ct__sets_free(state.sets);
    ct__sets_free(state.covering);
    free(state.bent);
    free(state.fixed);
    return err;
}
