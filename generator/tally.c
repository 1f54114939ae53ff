#include <generator/search.h>

#define UNWANTED 0x8000u

/* ---- one combination more or less ---- */
static void count_alone(struct ct__tally *tally, size_t row, const uint16_t *members, uint32_t change)
{
    uint32_t *alone = tally->alone + row * tally->width;
    for (size_t i = 0; i < tally->net->strength; i++) alone[members[i]] += change;
}

static void miss(struct ct__tally *tally, uint32_t at, size_t spot, const uint16_t *values)
{
    size_t strength = tally->net->strength, place = tally->missing_count++;
    const uint16_t *members = tally->net->members + spot * strength;
    for (size_t i = 0; i < strength; i++) tally->missing_values[place * strength + i] = values[members[i]];
    tally->missing[place] = (struct ct__missing){ .tuple = at, .spot = (uint32_t)spot };
    tally->tuples[at].row = (uint16_t)place;
}

static void find(struct ct__tally *tally, uint32_t at)
{
    size_t strength = tally->net->strength, place = tally->tuples[at].row, last = --tally->missing_count;
    tally->missing[place] = tally->missing[last];
    memmove(tally->missing_values + place * strength, tally->missing_values + last * strength,
            strength * sizeof *tally->missing_values);
    tally->tuples[tally->missing[place].tuple].row = (uint16_t)place;
    tally->tuples[at].row = 0;
}

/* The row, whose cells still are as they were, no longer covers a tuple. */
static inline void leave(struct ct__tally *tally, uint32_t at, size_t spot, size_t row)
{
    struct ct__tuple *tuple = &tally->tuples[at];
    const uint16_t *members = tally->net->members + spot * tally->net->strength;
    tuple->count--;
    tuple->row ^= (uint16_t)row;
    if (tuple->count == 1) {
        count_alone(tally, tuple->row, members, 1);
    } else if (tuple->count == 0) {
        count_alone(tally, row, members, UINT32_MAX);
        miss(tally, at, spot, ct__tally_row(tally, row));
    }
}

static inline void enter(struct ct__tally *tally, uint32_t at, size_t spot, size_t row)
{
    struct ct__tuple *tuple = &tally->tuples[at];
    const uint16_t *members = tally->net->members + spot * tally->net->strength;
    if (tuple->count == 1) {
        count_alone(tally, tuple->row, members, UINT32_MAX);
    } else if (tuple->count == 0) {
        find(tally, at);
        count_alone(tally, row, members, 1);
    }
    tuple->count++;
    tuple->row ^= (uint16_t)row;
}

static inline uint32_t tuple_at(const struct ct__net *net, size_t spot, const uint16_t *row, size_t strength)
{
    const uint16_t *members = net->members + spot * strength;
    const uint32_t *counts = net->problem->counts;
    uint32_t tuple = row[members[0]];
    for (size_t i = 1; i < strength; i++) tuple = tuple * counts[members[i]] + row[members[i]];
    return net->spots[spot].base + tuple;
}

enum { AHEAD = 32 }; /* tuples that are asked of memory before the first of them is needed */

/* Where the row is in some of the spots from one on: a large table is not in the cache. */
static inline size_t look_ahead(const struct ct__tally *tally, size_t spot, size_t end, const uint16_t *cells,
                                size_t strength, uint32_t *at)
{
    size_t count = end - spot < AHEAD ? end - spot : AHEAD;
    for (size_t i = 0; i < count; i++) {
        at[i] = tuple_at(tally->net, spot + i, cells, strength);
        __builtin_prefetch(&tally->tuples[at[i]], 1);
    }
    return count;
}

static inline void set_all(struct ct__tally *tally, size_t row, uint32_t factor, uint32_t difference, size_t strength)
{
    const struct ct__net *net = tally->net;
    const uint16_t *cells = ct__tally_row(tally, row);
    uint32_t at[AHEAD];
    size_t end = net->first[factor + 1], count;
    for (size_t s = net->first[factor]; s < end; s += count) {
        count = look_ahead(tally, s, end, cells, strength, at);
        for (size_t i = 0; i < count; i++) {
            leave(tally, at[i], s + i, row);
            enter(tally, at[i] + difference * net->spots[s + i].stride, s + i, row);
        }
    }
}

void ct__tally_set(struct ct__tally *tally, size_t row, uint32_t factor, uint16_t value)
{
    const struct ct__net *net = tally->net;
    uint16_t *cell = &ct__tally_row(tally, row)[factor];
    uint32_t difference = (uint32_t)value - *cell; /* modulo 2^32, as what it is multiplied with and added to */
    if (difference == 0) return;
    tally->work += (net->first[factor + 1] - net->first[factor]) * CT__WORK_SET;
    switch (net->strength) { /* known when compiled, the loop over members is none */
    case 2: set_all(tally, row, factor, difference, 2); break;
    case 3: set_all(tally, row, factor, difference, 3); break;
    case 4: set_all(tally, row, factor, difference, 4); break;
    default: set_all(tally, row, factor, difference, net->strength);
    }
    *cell = value;
}

/* The row no longer covers the tuples of targets that the factor leads. */
static void leave_led(struct ct__tally *tally, size_t row, size_t factor)
{
    const struct ct__net *net = tally->net;
    uint32_t at[AHEAD];
    size_t end = net->first[factor] + net->lead[factor], count;
    for (size_t s = net->first[factor]; s < end; s += count) {
        count = look_ahead(tally, s, end, ct__tally_row(tally, row), net->strength, at);
        for (size_t i = 0; i < count; i++) leave(tally, at[i], s + i, row);
    }
}

bool ct__tally_take_out(struct ct__tally *tally, size_t place)
{
    const struct ct__net *net = tally->net;
    size_t row = tally->live[place];
    uint64_t alone = 0;
    for (size_t f = 0; f < tally->width; f++) alone += tally->alone[row * tally->width + f];
    if (tally->missing_count + alone / net->strength >= CT__MISSING_MAX) return false;
    tally->work += net->targets.count * CT__WORK_SET;
    for (size_t f = 0; f < net->problem->factor_count; f++) leave_led(tally, row, f);
    tally->live_count--;
    memmove(tally->live + place, tally->live + place + 1, (tally->live_count - place) * sizeof *tally->live);
    return true;
}

/* ---- making ---- */
/* The rows' values of one factor side by side: what is counted target by target stays in the cache. */
static uint16_t *turn(const struct ct__tally *tally)
{
    uint16_t *turned = malloc(tally->width * (tally->row_count + 1) * sizeof *turned);
    if (turned == NULL) return NULL;
    for (size_t f = 0; f < tally->width; f++)
        for (size_t r = 0; r < tally->row_count; r++)
            turned[f * tally->row_count + r] = tally->cells[r * tally->width + f];
    return turned;
}

/* What the signs of the values say, and what the rows before cover. */
static void leave_out_unwanted(struct ct__tally *tally, size_t target)
{
    const struct ct__net *net = tally->net;
    const struct ct__array *before = net->problem->before;
    const uint16_t *factors = net->targets.factors + target * net->strength;
    for (uint32_t at = net->base[target]; at < net->base[target + 1]; at++) {
        uint32_t values[CT__STRENGTH_MAX + 1], left = at - net->base[target];
        size_t width = net->strength;
        for (size_t i = net->strength; i > 0; i--) {
            values[i - 1] = left % net->problem->counts[factors[i - 1]];
            left /= net->problem->counts[factors[i - 1]];
        }
        while (width > 0 && factors[width - 1] == net->problem->factor_count) width--;
        if (!ct__problem_wants(net->problem, factors, values, width)) tally->tuples[at].count = UNWANTED;
    }
    for (size_t r = 0; before != NULL && r < before->count; r++) {
        uint32_t at = 0;
        for (size_t i = 0; i < net->strength; i++)
            at = at * net->problem->counts[factors[i]] + ct__array_row(before, r)[factors[i]];
        tally->tuples[net->base[target] + at].count = UNWANTED;
    }
}

static void count_target(struct ct__tally *tally, const uint16_t *turned, size_t target)
{
    const struct ct__net *net = tally->net;
    const uint16_t *factors = net->targets.factors + target * net->strength;
    if (net->problem->has_negatives) leave_out_unwanted(tally, target);
    for (size_t r = 0; r < tally->row_count; r++) {
        uint32_t at = 0;
        for (size_t i = 0; i < net->strength; i++)
            at = at * net->problem->counts[factors[i]] + turned[factors[i] * tally->row_count + r];
        tally->tuples[net->base[target] + at].count++;
        tally->tuples[net->base[target] + at].row ^= (uint16_t)r;
    }
    size_t coverable = 0;
    for (uint32_t at = net->base[target]; at < net->base[target + 1]; at++) {
        coverable += tally->tuples[at].count > 0 && tally->tuples[at].count < UNWANTED;
        if (tally->tuples[at].count == 1) count_alone(tally, tally->tuples[at].row, factors, 1);
        if (tally->tuples[at].count == 0) tally->tuples[at].count = UNWANTED; /* the constraints exclude it */
    }
    if (coverable > tally->least) tally->least = coverable;
}

static bool allocate(struct ct__tally *tally)
{
    size_t rows = tally->row_count + 1, missing = CT__MISSING_MAX + 1;
    tally->cells = malloc(rows * tally->width * sizeof *tally->cells);
    tally->alone = calloc(rows * tally->width, sizeof *tally->alone);
    tally->live = malloc(rows * sizeof *tally->live);
    tally->tuples = calloc(tally->net->tuple_count + 1, sizeof *tally->tuples);
    tally->missing = malloc(missing * sizeof *tally->missing);
    tally->missing_values = malloc(missing * tally->net->strength * sizeof *tally->missing_values);
    return tally->cells != NULL && tally->alone != NULL && tally->live != NULL && tally->tuples != NULL &&
           tally->missing != NULL && tally->missing_values != NULL;
}

enum ct_err ct__tally_new(const struct ct__net *net, const uint16_t *cells, size_t row_count, struct ct__tally **tally,
                          struct ct_error *error)
{
    struct ct__tally *made = calloc(1, sizeof *made);
    uint16_t *turned = NULL;
    if (made == NULL) return ct__nomem(error);
    made->net = net;
    made->width = net->problem->factor_count + 1;
    made->row_count = made->live_count = row_count;
    if (!allocate(made)) goto out;
    memcpy(made->cells, cells, row_count * made->width * sizeof *cells);
    for (size_t r = 0; r < row_count; r++) made->live[r] = (uint16_t)r;
    turned = turn(made);
    if (turned == NULL) goto out;
    for (size_t t = 0; t < net->targets.count; t++) count_target(made, turned, t);
    made->work = net->targets.count * row_count * 2;
    *tally = made;
    made = NULL;
out:
    free(turned);
    if (made == NULL) return CT_OK;
    ct__tally_free(made);
    return ct__nomem(error);
}

void ct__tally_free(struct ct__tally *tally)
{
    if (tally == NULL) return;
    free(tally->cells);
    free(tally->alone);
    free(tally->live);
    free(tally->tuples);
    free(tally->missing);
    free(tally->missing_values);
    free(tally);
}
