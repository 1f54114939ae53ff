#include <generator/search.h>

#define LIST_MAX 64 /* missing combinations that are compared with a candidate: bounds what a step costs */

struct state {
    struct ct__search *search;
    struct ct__tally *tally;
    struct ct__nearby *rules;
    uint32_t *tabu; /* of each cell: the step from which it may change again */
    uint16_t *row;  /* scratch: a partial row, and a complete one */
    uint32_t step;
    size_t fewest; /* missing, since a row was taken out */
    uint64_t end;  /* of work */
    /* the combination that is to be covered, and other missing ones that have its i-th value */
    const uint16_t *members, *values;
    size_t width;
    uint32_t alike[CT__STRENGTH_MAX + 1][LIST_MAX];
    size_t alike_count[CT__STRENGTH_MAX + 1];
};

struct move {
    size_t row, member;
    int64_t score;
    uint32_t ties;
};

static bool is_locked(const struct state *state, size_t row, uint32_t factor)
{
    const uint8_t *locked = state->search->locked;
    return locked != NULL && locked[row * state->tally->width + factor] != 0;
}

/* ---- which combination ---- */
static void choose_missing(struct state *state)
{
    struct ct__tally *tally = state->tally;
    size_t strength = tally->net->strength;
    size_t place = ct__random_below(&state->search->random, tally->missing_count);
    state->members = tally->net->members + tally->missing[place].spot * strength;
    state->values = tally->missing_values + place * strength;
    for (state->width = strength; state->members[state->width - 1] == tally->width - 1;) state->width--;
    for (size_t i = 0; i < state->width; i++) state->alike_count[i] = 0;
}

/* Lists the missing combinations, itself included, that have a value in common with the one that was chosen: from a
 * random place on, where there are many. */
static void list_alike(struct state *state)
{
    struct ct__tally *tally = state->tally;
    size_t strength = tally->net->strength, count = tally->missing_count, looked = count < 1024 ? count : 1024;
    size_t place = ct__random_below(&state->search->random, count);
    tally->work += 20 + looked * strength * state->width * 2;
    for (size_t n = 0; n < looked; n++, place++) {
        if (place == count) place = 0;
        const uint16_t *members = tally->net->members + tally->missing[place].spot * strength;
        const uint16_t *values = tally->missing_values + place * strength;
        for (size_t i = 0; i < state->width; i++)
            for (size_t j = 0; j < strength; j++)
                if (members[j] == state->members[i] && values[j] == state->values[i] &&
                    state->alike_count[i] < LIST_MAX)
                    state->alike[i][state->alike_count[i]++] = (uint32_t)place;
    }
}

/* How many missing combinations the row would cover, if it had the chosen one's i-th value. */
static int64_t gain(const struct state *state, const uint16_t *row, size_t i)
{
    const struct ct__tally *tally = state->tally;
    size_t strength = tally->net->strength;
    int64_t covered = 0;
    for (size_t n = 0; n < state->alike_count[i]; n++) {
        size_t place = state->alike[i][n];
        const uint16_t *members = tally->net->members + tally->missing[place].spot * strength;
        const uint16_t *values = tally->missing_values + place * strength;
        bool agrees = true;
        for (size_t j = 0; j < strength; j++)
            agrees = agrees && (row[members[j]] == values[j] || members[j] == state->members[i]);
        covered += agrees;
    }
    return covered;
}

/* ---- one cell changes ---- */
static bool is_allowed(struct state *state, uint16_t *row, uint32_t factor, uint16_t value)
{
    if (state->rules == NULL) return true;
    state->tally->work += ct__nearby_work(state->rules, factor);
    return ct__nearby_allow(state->rules, row, factor, value);
}

static void consider(struct state *state, size_t row, size_t i, struct move *best)
{
    struct ct__tally *tally = state->tally;
    size_t strength = tally->net->strength;
    uint16_t *cells = ct__tally_row(tally, row);
    size_t cell = row * tally->width + state->members[i];
    int64_t alone = tally->alone[cell], score;
    if (best->ties != 0 && (int64_t)state->alike_count[i] - alone < best->score) return;
    tally->work += 10 + state->alike_count[i] * strength * 3;
    score = gain(state, cells, i) - alone;
    if (best->ties != 0 && score < best->score) return;
    if (state->tabu[cell] > state->step && (int64_t)tally->missing_count - score >= (int64_t)state->fewest) return;
    if (is_locked(state, row, state->members[i])) return;
    if (!is_allowed(state, cells, state->members[i], state->values[i])) return;
    best->ties = best->ties != 0 && score == best->score ? best->ties + 1 : 1;
    if (best->ties > 1 && ct__random_below(&state->search->random, best->ties) != 0) return;
    best->row = row;
    best->member = i;
    best->score = score;
}

static void find_move(struct state *state, struct move *best)
{
    struct ct__tally *tally = state->tally;
    list_alike(state);
    tally->work += 50 + tally->live_count * 6;
    for (size_t n = 0; n < tally->live_count; n++) {
        const uint16_t *cells = ct__tally_row(tally, tally->live[n]);
        size_t differ = 0, at = 0;
        for (size_t i = 0; differ < 2 && i < state->width; i++) {
            if (cells[state->members[i]] == state->values[i]) continue;
            differ++;
            at = i;
        }
        if (differ == 1) consider(state, tally->live[n], at, best);
    }
}

static void set(struct state *state, size_t row, uint32_t factor, uint16_t value)
{
    struct ct__tally *tally = state->tally;
    size_t cell = row * tally->width + factor;
    if (tally->missing_count + tally->alone[cell] >= CT__MISSING_MAX) return;
    ct__tally_set(tally, row, factor, value);
    state->tabu[cell] = state->step + 1 + ct__random_below(&state->search->random, 3);
}

/* ---- a row takes the combination as a whole ---- */
/* Fills state->row with what the row becomes: false where that is not allowed. */
static bool bend(struct state *state, size_t row)
{
    struct ct__tally *tally = state->tally;
    uint16_t *fixed = state->row, *bent = state->row + tally->width;
    memcpy(bent, ct__tally_row(tally, row), tally->width * sizeof *bent);
    for (size_t f = 0; f < tally->width; f++) fixed[f] = is_locked(state, row, (uint32_t)f) ? bent[f] : CT__ANY;
    for (size_t i = 0; i < state->width; i++) {
        if (fixed[state->members[i]] != CT__ANY && fixed[state->members[i]] != state->values[i]) return false;
        fixed[state->members[i]] = bent[state->members[i]] = state->values[i];
    }
    if (state->rules == NULL) return true;
    for (size_t i = 0; i < state->width; i++) {
        uint32_t part = ct__space_part(state->search->space, state->members[i]);
        if (part == UINT32_MAX) continue;
        tally->work += CT__WORK_SOLVE + tally->width * 100;
        if (!ct__space_bend(state->search->space, part, fixed, &state->search->random, bent)) return false;
    }
    return true;
}

static uint64_t cost(const struct state *state, size_t row)
{
    const struct ct__tally *tally = state->tally;
    uint64_t total = 0;
    for (size_t i = 0; i < state->width; i++)
        if (ct__tally_row(tally, row)[state->members[i]] != state->values[i])
            total += tally->alone[row * tally->width + state->members[i]];
    return total;
}

/* Of a few random rows, the one that loses the least. */
static void force(struct state *state)
{
    struct ct__tally *tally = state->tally;
    size_t row = 0;
    uint64_t least = UINT64_MAX;
    for (int tries = 0; tries < 4; tries++) {
        size_t other = tally->live[ct__random_below(&state->search->random, tally->live_count)];
        uint64_t lost = cost(state, other);
        if (lost >= least) continue;
        least = lost;
        row = other;
    }
    tally->work += 100;
    if (!bend(state, row)) return;
    const uint16_t *bent = state->row + tally->width;
    for (uint32_t f = 0; f + 1 < tally->width; f++)
        if (bent[f] != ct__tally_row(tally, row)[f]) set(state, row, f, bent[f]);
}

static void take_step(struct state *state)
{
    struct move best = { .ties = 0 };
    state->step++;
    choose_missing(state);
    if (ct__random_below(&state->search->random, 1000) != 0) find_move(state, &best);
    if (best.ties != 0)
        set(state, best.row, state->members[best.member], state->values[best.member]);
    else
        force(state);
    if (state->tally->missing_count < state->fewest) state->fewest = state->tally->missing_count;
}

/* ---- one row less ---- */
static bool row_is_locked(const struct state *state, size_t row)
{
    for (uint32_t f = 0; state->search->locked != NULL && f < state->tally->width; f++)
        if (is_locked(state, row, f)) return true;
    return false;
}

/* The row that covers the least by itself: any of those. False: there is none that may go. */
static bool drop_row(struct state *state)
{
    struct ct__tally *tally = state->tally;
    uint64_t least = UINT64_MAX;
    size_t place = 0;
    uint32_t ties = 0;
    tally->work += tally->live_count * tally->width;
    for (size_t n = 0; n < tally->live_count; n++) {
        const uint32_t *alone = tally->alone + tally->live[n] * tally->width;
        uint64_t total = 0;
        for (size_t f = 0; f + 1 < tally->width; f++) total += alone[f];
        if (total > least || row_is_locked(state, tally->live[n])) continue;
        ties = total == least ? ties + 1 : 1;
        if (ties > 1 && ct__random_below(&state->search->random, ties) != 0) continue;
        least = total;
        place = n;
    }
    if (ties == 0 || !ct__tally_take_out(tally, place)) return false;
    state->fewest = tally->missing_count;
    return true;
}

static void keep_rows(const struct ct__tally *tally, uint16_t *rows, size_t *row_count)
{
    for (size_t n = 0; n < tally->live_count; n++)
        memcpy(rows + n * tally->width, ct__tally_row(tally, tally->live[n]), tally->width * sizeof *rows);
    *row_count = tally->live_count;
}

static bool keep_first(struct state *state)
{
    struct ct__tally *tally = state->tally;
    while (tally->live_count > state->search->keep)
        if (!ct__tally_take_out(tally, tally->live_count - 1)) return false;
    state->fewest = tally->missing_count;
    return true;
}

static void run(struct state *state, uint16_t *rows, size_t *row_count, bool *stopped)
{
    struct ct__search *search = state->search;
    struct ct__tally *tally = state->tally;
    if (tally->least < search->least) tally->least = search->least;
    bool more = tally->live_count > tally->least && (search->keep == 0 ? drop_row(state) : keep_first(state));
    while (more && tally->work < state->search->work) {
        if (state->step % 64 == 0) {
            ct__watch_tell(search->watch, tally->width - 1, tally->width - 1, *row_count);
            *stopped = ct__watch_stopped(search->watch);
            if (*stopped) break;
        }
        if (tally->missing_count != 0) {
            take_step(state);
            continue;
        }
        keep_rows(tally, rows, row_count);
        more = tally->live_count > tally->least && drop_row(state);
    }
    search->work = tally->work;
}

enum ct_err ct__search(struct ct__search *search, uint16_t *rows, size_t *row_count, bool *stopped,
                       struct ct_error *error)
{
    struct state *state = calloc(1, sizeof *state);
    size_t width = search->net->problem->factor_count + 1;
    enum ct_err err;
    if (state == NULL) return ct__nomem(error);
    state->search = search;
    state->tabu = calloc((*row_count + 1) * width, sizeof *state->tabu);
    state->row = malloc(2 * width * sizeof *state->row);
    err = state->tabu == NULL || state->row == NULL
              ? ct__nomem(error)
              : ct__tally_new(search->net, rows, *row_count, &state->tally, error);
    if (err == CT_OK && search->space != NULL) err = ct__nearby_new(search->net->problem, &state->rules, error);
    if (err == CT_OK && state->tally != NULL) run(state, rows, row_count, stopped);
    ct__nearby_free(state->rules);
    ct__tally_free(state->tally);
    free(state->tabu);
    free(state->row);
    free(state);
    return err;
}
