#include <generator/inner.h>

#define PLANES   33 /* of counters: a value can be in at most 2^32 targets */
#define BITS_MAX (UINT64_C(1) << 37)

static uint64_t low_bits(uint32_t count)
{
    return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1;
}

/* The tuple at an index, as values of the target's factors. */
static void decode(const struct ct__layer *layer, size_t target, uint64_t tuple, uint32_t *values)
{
    const uint16_t *factors = layer->targets.factors + target * layer->targets.width;
    for (size_t i = layer->targets.width; i > 0; i--) {
        uint32_t count = layer->problem->counts[factors[i - 1]];
        values[i - 1] = (uint32_t)(tuple % count);
        tuple /= count;
    }
}

static uint64_t lane_shift(const struct ct__layer *layer, uint64_t tuple)
{
    return layer->tuple_words > 1 ? 0 : tuple * layer->lane_bits % 64;
}

static uint64_t *lane_word(const struct ct__layer *layer, uint64_t tuple)
{
    return layer->bits + (layer->tuple_words > 1 ? tuple * layer->tuple_words : tuple * layer->lane_bits / 64);
}

/* ---- what is wanted to begin with ---- */
static size_t real_width(const struct ct__layer *layer, const uint16_t *factors)
{
    size_t width = layer->targets.width;
    while (width > 0 && factors[width - 1] == layer->problem->factor_count) width--;
    return width;
}

/* Of up to 64 values of the layer's factor from first on, those that are wanted with a tuple. */
static uint64_t wanted(const struct ct__layer *layer, const uint16_t *factors, uint32_t *values, size_t width,
                       uint32_t first)
{
    uint64_t mask = 0;
    if (layer->tuple_words == 1)
        return ct__problem_wanted(layer->problem, factors, values, width, (uint16_t)layer->factor);
    for (uint32_t v = first; v < layer->value_count && v < first + 64; v++) {
        values[width] = v;
        if (ct__problem_wants(layer->problem, factors, values, width + 1)) mask |= UINT64_C(1) << v % 64;
    }
    return mask;
}

static void want_tuple(struct ct__layer *layer, size_t target, uint64_t tuple, const uint16_t *factors,
                       uint32_t *values, size_t width)
{
    uint64_t *word = lane_word(layer, layer->base[target] + tuple);
    uint64_t shift = lane_shift(layer, layer->base[target] + tuple);
    for (size_t w = 0; w < layer->tuple_words; w++) {
        uint64_t mask = wanted(layer, factors, values, width, (uint32_t)w * 64);
        word[w] |= mask << shift;
        layer->left[target] += (uint64_t)__builtin_popcountll(mask);
        for (; mask != 0; mask &= mask - 1) layer->value_left[w * 64 + (uint32_t)__builtin_ctzll(mask)]++;
    }
}

/* All of them, each in one word. */
static void want_whole(struct ct__layer *layer, size_t target, uint64_t tuples)
{
    uint64_t mask = low_bits(layer->value_count);
    for (uint64_t at = layer->base[target]; at < layer->base[target] + tuples; at++)
        *lane_word(layer, at) |= mask << lane_shift(layer, at);
    layer->left[target] = tuples * layer->value_count;
    for (uint32_t v = 0; v < layer->value_count; v++) layer->value_left[v] += tuples;
}

/* The values of the next tuple. */
static void count_on(const struct ct__layer *layer, const uint16_t *factors, uint32_t *values, size_t width)
{
    for (; width > 0 && ++values[width - 1] == layer->problem->counts[factors[width - 1]]; width--)
        values[width - 1] = 0;
}

static void want_target(struct ct__layer *layer, size_t target)
{
    uint16_t factors[CT__STRENGTH_MAX + 1];
    uint32_t values[CT__STRENGTH_MAX + 1] = { 0 };
    uint64_t tuples = layer->base[target + 1] - layer->base[target];
    size_t width = real_width(layer, layer->targets.factors + target * layer->targets.width);
    memcpy(factors, layer->targets.factors + target * layer->targets.width, width * sizeof *factors);
    factors[width] = (uint16_t)layer->factor;
    if (ct__problem_wants_all(layer->problem, factors, width + 1)) {
        want_whole(layer, target, tuples);
        return;
    }
    for (uint64_t tuple = 0; tuple < tuples; tuple++) {
        want_tuple(layer, target, tuple, factors, values, width);
        count_on(layer, factors, values, width);
    }
}

/* Without constraints all of them. */
static void want_everything(struct ct__layer *layer)
{
    uint64_t tuples = layer->nowhere, word = 0;
    for (size_t t = 0; t < layer->targets.count; t++)
        layer->left[t] = (layer->base[t + 1] - layer->base[t]) * layer->value_count;
    for (uint32_t v = 0; v < layer->value_count; v++) layer->value_left[v] = tuples;
    layer->uncovered = tuples * layer->value_count;
    if (layer->tuple_words > 1) {
        for (uint64_t i = 0; i < tuples * layer->tuple_words; i++)
            layer->bits[i] = low_bits(layer->value_count - (uint32_t)(i % layer->tuple_words) * 64);
        return;
    }
    for (uint32_t at = 0; at < 64; at += layer->lane_bits) word |= low_bits(layer->value_count) << at;
    for (uint64_t i = 0; i < tuples * layer->lane_bits / 64; i++) layer->bits[i] = word;
    layer->bits[tuples * layer->lane_bits / 64] = word & (low_bits((uint32_t)(tuples * layer->lane_bits % 64)));
}

/* What the rows before cover is not. */
static void leave_out_covered(struct ct__layer *layer)
{
    const struct ct__array *before = layer->problem->before;
    for (size_t r = 0; before != NULL && r < before->count && layer->uncovered > 0; r++) {
        const uint16_t *row = ct__array_row(before, r);
        ct__layer_locate(layer, row);
        ct__layer_cover(layer, row[layer->factor]);
    }
}

static void want_all(struct ct__layer *layer)
{
    if (!layer->problem->constrained) {
        want_everything(layer);
    } else {
        for (size_t t = 0; t < layer->targets.count; t++) {
            want_target(layer, t);
            layer->uncovered += layer->left[t];
        }
        leave_out_covered(layer);
    }
    layer->wanted = layer->uncovered;
}

/* ---- making ---- */
static enum ct_err lay_out(struct ct__layer *layer, struct ct_error *error)
{
    uint64_t tuples = 0, words;
    for (size_t t = 0; t < layer->targets.count; t++) {
        uint64_t own = ct__target_tuples(layer->problem, layer->targets.factors + t * layer->targets.width,
                                         layer->targets.width);
        layer->base[t] = tuples;
        if (own == UINT64_MAX || own * layer->value_count > UINT32_MAX)
            return ct__error(error, CT_ETOOBIG,
                             "over 2^32 combinations of one choice of factors; a lower strength "
                             "is needed");
        tuples += own;
    }
    layer->base[layer->targets.count] = tuples;
    for (layer->lane_bits = 1; layer->lane_bits < layer->value_count && layer->lane_bits < 64;) layer->lane_bits *= 2;
    layer->tuple_words = (layer->value_count + 63) / 64;
    layer->nowhere = tuples++;
    words = 1 + (layer->tuple_words > 1 ? tuples * layer->tuple_words : tuples * layer->lane_bits / 64);
    if (words > BITS_MAX / 64) return ct__nomem(error);
    layer->bits = calloc(words, sizeof *layer->bits);
    return layer->bits == NULL ? ct__nomem(error) : CT_OK;
}

static enum ct_err prepare(struct ct__layer *layer, size_t position, struct ct_error *error)
{
    enum ct_err err = ct__targets_at(layer->problem, position, &layer->targets, error);
    size_t count;
    if (err != CT_OK) return err;
    count = layer->active = layer->targets.count;
    layer->base = malloc((count + 1) * sizeof *layer->base);
    layer->left = calloc(count + 1, sizeof *layer->left);
    layer->at = malloc((count + 1) * sizeof *layer->at);
    layer->value_left = calloc(layer->value_count, sizeof *layer->value_left);
    if (layer->base == NULL || layer->left == NULL || layer->at == NULL || layer->value_left == NULL)
        return ct__nomem(error);
    err = lay_out(layer, error);
    if (err == CT_OK) want_all(layer);
    return err;
}

enum ct_err ct__layer_new(const struct ct__problem *problem, size_t position, struct ct__layer **layer,
                          struct ct_error *error)
{
    struct ct__layer *made = calloc(1, sizeof *made);
    enum ct_err err;
    if (made == NULL) return ct__nomem(error);
    made->problem = problem;
    made->factor = problem->order[position];
    made->value_count = problem->counts[made->factor];
    err = prepare(made, position, error);
    if (err != CT_OK) {
        ct__layer_free(made);
        return err;
    }
    *layer = made;
    return CT_OK;
}

void ct__layer_free(struct ct__layer *layer)
{
    if (layer == NULL) return;
    ct__targets_clear(&layer->targets);
    free(layer->base);
    free(layer->left);
    free(layer->at);
    free(layer->value_left);
    free(layer->bits);
    free(layer);
}

/* ---- rows ---- */
/* One loop for each width that is common: what follows is where the time goes. */
static void locate1(struct ct__layer *layer, const uint16_t *row)
{
    const uint16_t *factor = layer->targets.factors;
    for (size_t t = 0; t < layer->active; t++) {
        uint32_t a = row[factor[t]];
        layer->at[t] = a == CT__ANY ? layer->nowhere : layer->base[t] + a;
    }
}

static void locate2(struct ct__layer *layer, const uint16_t *row)
{
    const uint16_t *factor = layer->targets.factors;
    const uint32_t *counts = layer->problem->counts;
    for (size_t t = 0; t < layer->active; t++, factor += 2) {
        uint32_t a = row[factor[0]], b = row[factor[1]];
        layer->at[t] = ((a | b) & 0x8000) != 0 ? layer->nowhere : layer->base[t] + (uint64_t)a * counts[factor[1]] + b;
    }
}

static void locate3(struct ct__layer *layer, const uint16_t *row)
{
    const uint16_t *factor = layer->targets.factors;
    const uint32_t *counts = layer->problem->counts;
    for (size_t t = 0; t < layer->active; t++, factor += 3) {
        uint32_t a = row[factor[0]], b = row[factor[1]], c = row[factor[2]];
        layer->at[t] = ((a | b | c) & 0x8000) != 0
                           ? layer->nowhere
                           : layer->base[t] + ((uint64_t)a * counts[factor[1]] + b) * counts[factor[2]] + c;
    }
}

static void locate_any(struct ct__layer *layer, const uint16_t *row)
{
    const uint16_t *factor = layer->targets.factors;
    const uint32_t *counts = layer->problem->counts;
    size_t width = layer->targets.width;
    for (size_t t = 0; t < layer->active; t++, factor += width) {
        uint64_t tuple = 0;
        uint32_t some = 0;
        for (size_t i = 0; i < width; i++) {
            uint32_t a = row[factor[i]];
            tuple = tuple * counts[factor[i]] + a;
            some |= a;
        }
        layer->at[t] = (some & 0x8000) != 0 ? layer->nowhere : layer->base[t] + tuple;
    }
}

void ct__layer_locate(struct ct__layer *layer, const uint16_t *row)
{
    switch (layer->targets.width) {
    case 1: locate1(layer, row); break;
    case 2: locate2(layer, row); break;
    case 3: locate3(layer, row); break;
    default: locate_any(layer, row);
    }
}

/* Adds one to the counters of word's bits: counter b has its p-th binary digit in bit b of planes[p]. */
static void count_up(uint64_t *planes, uint64_t word)
{
    for (size_t p = 0; word != 0; p++) {
        uint64_t carry = planes[p] & word;
        planes[p] ^= word;
        word = carry;
    }
}

static inline uint64_t lanes(const struct ct__layer *layer, size_t target, size_t word)
{
    uint64_t at = layer->at[target];
    if (layer->tuple_words > 1) return layer->bits[at * layer->tuple_words + word];
    at *= layer->lane_bits;
    return layer->bits[at / 64] >> (at % 64);
}

/* A carry-save adder: *sum of three words, and the carry. */
static uint64_t add3(uint64_t *sum, uint64_t a, uint64_t b)
{
    uint64_t either = *sum ^ a, carry = (*sum & a) | (either & b);
    *sum = either ^ b;
    return carry;
}

uint64_t ct__layer_best(const struct ct__layer *layer, size_t word, uint64_t among, uint32_t *gain)
{
    uint64_t planes[PLANES] = { 0 };
    size_t t = 0;
    for (; t + 4 <= layer->active; t += 4) {
        uint64_t first = add3(&planes[0], lanes(layer, t, word), lanes(layer, t + 1, word));
        uint64_t second = add3(&planes[0], lanes(layer, t + 2, word), lanes(layer, t + 3, word));
        count_up(planes + 2, add3(&planes[1], first, second));
    }
    for (; t < layer->active; t++) count_up(planes, lanes(layer, t, word));
    *gain = 0;
    among &= low_bits(layer->value_count - (uint32_t)word * 64);
    for (size_t p = layer->active == 0 ? 0 : 64 - (size_t)__builtin_clzll(layer->active); p > 0; p--) {
        uint64_t higher = among & planes[p - 1];
        *gain = *gain * 2 + (higher != 0 ? 1 : 0);
        if (higher != 0) among = higher;
    }
    return among;
}

static void uncover(struct ct__layer *layer, size_t target, uint64_t at, uint32_t value)
{
    uint64_t *word = lane_word(layer, at) + value / 64;
    uint64_t bit = UINT64_C(1) << (value % 64 + lane_shift(layer, at));
    if ((*word & bit) == 0) return;
    *word &= ~bit;
    layer->left[target]--;
    layer->uncovered--;
    layer->value_left[value]--;
}

/* As uncover of each active target, where a tuple has a word at most. */
static void cover_lanes(struct ct__layer *layer, uint32_t value)
{
    uint64_t covered = 0;
    for (size_t t = 0; t < layer->active; t++) {
        uint64_t at = layer->at[t] * layer->lane_bits + value;
        uint64_t bit = layer->bits[at / 64] & UINT64_C(1) << at % 64;
        layer->bits[at / 64] ^= bit;
        layer->left[t] -= bit != 0;
        covered += bit != 0;
    }
    layer->uncovered -= covered;
    layer->value_left[value] -= covered;
}

void ct__layer_cover(struct ct__layer *layer, uint32_t value)
{
    if (layer->tuple_words == 1) {
        cover_lanes(layer, value);
        return;
    }
    for (size_t t = 0; t < layer->active; t++) uncover(layer, t, layer->at[t], value);
}

void ct__layer_exclude(struct ct__layer *layer, size_t target, uint64_t tuple, uint32_t value)
{
    uncover(layer, target, layer->base[target] + tuple, value);
    layer->excluded++;
}

/* The end of a target's tuples moves with it: base alone is not enough once targets are left out, so that targets are
 * swapped to the end, all that belongs to them together. */
static void swap_targets(struct ct__layer *layer, size_t a, size_t b)
{
    size_t width = layer->targets.width;
    uint64_t base = layer->base[a], left = layer->left[a];
    layer->base[a] = layer->base[b];
    layer->base[b] = base;
    layer->left[a] = layer->left[b];
    layer->left[b] = left;
    for (size_t i = 0; i < width; i++) {
        uint16_t factor = layer->targets.factors[a * width + i];
        layer->targets.factors[a * width + i] = layer->targets.factors[b * width + i];
        layer->targets.factors[b * width + i] = factor;
    }
}

void ct__layer_compact(struct ct__layer *layer)
{
    for (size_t t = 0; t < layer->active;) {
        if (layer->left[t] != 0)
            t++;
        else
            swap_targets(layer, t, --layer->active);
    }
}

bool ct__layer_next(const struct ct__layer *layer, size_t target, uint64_t *tuple, uint32_t *values)
{
    const uint16_t *factors = layer->targets.factors + target * layer->targets.width;
    uint64_t tuples = ct__target_tuples(layer->problem, factors, layer->targets.width);
    for (uint64_t i = *tuple; layer->left[target] != 0 && i < tuples; i++) {
        const uint64_t *word = lane_word(layer, layer->base[target] + i);
        uint64_t shift = lane_shift(layer, layer->base[target] + i);
        for (size_t w = 0; w < layer->tuple_words; w++) {
            uint64_t bits = word[w] >> shift & low_bits(layer->value_count - (uint32_t)w * 64);
            if (bits == 0) continue;
            decode(layer, target, i, values);
            values[real_width(layer, factors)] = (uint32_t)w * 64 + (uint32_t)__builtin_ctzll(bits);
            *tuple = i;
            return true;
        }
    }
    return false;
}
