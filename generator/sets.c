#include <generator/sets.h>
#if defined __x86_64__ && __has_include(<sys/platform/x86.h>)
/* What the C library found out; __builtin_cpu_supports() would ask the processor at each start of each program. */
#include <sys/platform/x86.h>
#define HAS_WIDE
#endif

enum { LANES = sizeof(ct__lanes) / sizeof(uint64_t), WORDS_MAX = CT__SETS_ROWS_MAX / 64 };

/* ---- what a row alone covers ---- */
/* How many of the sets in planes have no row in common with mine. */
static inline __attribute__((always_inline)) uint32_t count_apart(const uint64_t *mine, const ct__lanes *planes,
                                                                  size_t plane, size_t count, size_t words)
{
    ct__lanes sum = { 0 };
    for (size_t j = 0; j < count; j++) {
        ct__lanes common = planes[j] & mine[0];
        for (size_t w = 1; w < words; w++) common |= planes[w * plane + j] & mine[w];
        sum -= (ct__lanes)(common == 0);
    }
    return (uint32_t)(sum[0] + sum[1] + sum[2] + sum[3]);
}

/* Of the first count factors in the order: pairs of the row's values whose sets have nothing in common within base. */
static inline __attribute__((always_inline)) uint32_t count_pairs(struct ct__sets *sets, const uint64_t *base,
                                                                  const uint16_t *row, size_t factor, size_t count,
                                                                  uint32_t most, size_t words)
{
    uint32_t total = 0;
    size_t n = 0;
    for (size_t p = 0; p < count && total <= most; p++) {
        size_t other = sets->order[p], lanes = (n + LANES - 1) / LANES;
        uint64_t mine[WORDS_MAX], any = 0;
        if (other == factor || sets->absent[other] != 0) continue;
        const uint64_t *bits = ct__sets_of(sets, sets->problem->offset[other] + row[other]);
        for (size_t w = 0; w < words; w++) any |= mine[w] = bits[w] & base[w];
        sets->at[n] = (uint16_t)other;
        sets->hits[n] = any == 0 ? (uint32_t)n : count_apart(mine, sets->planes, sets->plane, lanes, words);
        total += sets->hits[n];
        for (size_t w = 0; w < words; w++) {
            ct__lanes *block = &sets->planes[w * sets->plane + n / LANES];
            if (n % LANES == 0) *block = ~(ct__lanes){ 0 }; /* what is not there yet has something in common */
            (*block)[n % LANES] = mine[w];
        }
        n++;
    }
    sets->others = n;
    sets->work += 20 + n * n * words / 16 + n * 3;
    return total;
}

#define PAIR_COUNTER(name, words, target)                                                                              \
    target static uint32_t name(struct ct__sets *sets, const uint64_t *base, const uint16_t *row, size_t factor,       \
                                size_t count, uint32_t most)                                                           \
    {                                                                                                                  \
        return count_pairs(sets, base, row, factor, count, most, words);                                               \
    }
PAIR_COUNTER(count_pairs_1, 1, )
PAIR_COUNTER(count_pairs_2, 2, )
PAIR_COUNTER(count_pairs_3, 3, )
PAIR_COUNTER(count_pairs_any, sets->words, )
#ifdef HAS_WIDE /* the same with the wider registers of most processors */
#define WIDE __attribute__((target("avx2")))
PAIR_COUNTER(count_pairs_1_wide, 1, WIDE)
PAIR_COUNTER(count_pairs_2_wide, 2, WIDE)
PAIR_COUNTER(count_pairs_3_wide, 3, WIDE)
PAIR_COUNTER(count_pairs_any_wide, sets->words, WIDE)
#endif

static void choose_counter(struct ct__sets *sets)
{
    size_t which = sets->words <= 3 ? sets->words : 0;
    sets->count_pairs = which == 1   ? count_pairs_1
                        : which == 2 ? count_pairs_2
                        : which == 3 ? count_pairs_3
                                     : count_pairs_any;
#ifdef HAS_WIDE
    if (!CPU_FEATURE_ACTIVE(AVX2)) return;
    sets->count_pairs = which == 1   ? count_pairs_1_wide
                        : which == 2 ? count_pairs_2_wide
                        : which == 3 ? count_pairs_3_wide
                                     : count_pairs_any_wide;
#endif
}

/* At strength 2: values of the row whose sets have nothing in common with base. */
static uint32_t count_singles(struct ct__sets *sets, const uint64_t *base, const uint16_t *row, size_t factor,
                              size_t count)
{
    uint32_t total = 0;
    size_t n = 0;
    for (size_t p = 0; p < count; p++) {
        size_t other = sets->order[p];
        uint64_t any = 0;
        if (other == factor || sets->absent[other] != 0) continue;
        const uint64_t *bits = ct__sets_of(sets, sets->problem->offset[other] + row[other]);
        for (size_t w = 0; w < sets->words; w++) any |= bits[w] & base[w];
        sets->at[n] = (uint16_t)other;
        sets->hits[n] = any == 0;
        total += sets->hits[n++];
    }
    sets->others = n;
    sets->work += 20 + n * (sets->words + 1);
    return total;
}

static uint32_t count_alone(struct ct__sets *sets, size_t row, size_t factor, size_t count, uint32_t most)
{
    const uint16_t *cells = ct__sets_row(sets, row);
    uint64_t base[WORDS_MAX];
    memcpy(base, ct__sets_of(sets, sets->problem->offset[factor] + cells[factor]), sets->words * sizeof *base);
    base[row / 64] &= ~(UINT64_C(1) << row % 64);
    if (sets->strength == 2) return count_singles(sets, base, cells, factor, count);
    return sets->count_pairs(sets, base, cells, factor, count, most);
}

uint32_t ct__sets_alone_with(struct ct__sets *sets, size_t row, size_t factor, uint32_t most)
{
    sets->others = 0;
    if (sets->position[factor] >= sets->prefix) return 0;
    return count_alone(sets, row, factor, sets->prefix, most);
}

uint64_t ct__sets_alone(struct ct__sets *sets, size_t row)
{
    uint64_t total = 0;
    for (size_t p = sets->strength - 1; p < sets->prefix; p++)
        total += count_alone(sets, row, sets->order[p], p, UINT32_MAX);
    return total;
}

/* ---- what is missing ---- */
static void miss(struct ct__sets *sets, size_t first, size_t second, size_t third)
{
    sets->missing[sets->missing_count++] = (struct ct__lost){ .values = { (uint16_t)first, (uint16_t)second,
                                                                          (uint16_t)third } };
}

/* What was counted last, of a row and its value of a factor, is missing from now on. */
static void lose(struct ct__sets *sets, const uint16_t *cells, size_t factor)
{
    size_t mine = sets->problem->offset[factor] + cells[factor];
    for (size_t n = 0; n < sets->others; n++) {
        size_t other = sets->problem->offset[sets->at[n]] + cells[sets->at[n]];
        if (sets->hits[n] == 0) continue;
        if (sets->strength == 2) {
            miss(sets, mine, other, other);
            continue;
        }
        sets->work += n * sets->words;
        for (size_t j = 0; j < n; j++) {
            uint64_t common = 0;
            for (size_t w = 0; w < sets->words; w++) {
                const ct__lanes *plane = sets->planes + w * sets->plane;
                common |= plane[n / LANES][n % LANES] & plane[j / LANES][j % LANES];
            }
            if (common == 0) miss(sets, mine, other, sets->problem->offset[sets->at[j]] + cells[sets->at[j]]);
        }
    }
}

uint32_t ct__sets_gain(struct ct__sets *sets, size_t row, size_t value)
{
    uint32_t total = 0;
    sets->work += sets->missing_count;
    for (size_t i = 0; i < sets->missing_count; i++) {
        const uint16_t *v = sets->missing[i].values;
        if (v[0] != value && v[1] != value && v[2] != value) continue;
        total += (v[0] == value || ct__sets_has(sets, v[0], row)) && (v[1] == value || ct__sets_has(sets, v[1], row)) &&
                 (v[2] == value || ct__sets_has(sets, v[2], row));
    }
    return total;
}

/* The row has the value now: what it covers with it is missing no longer. */
static void find(struct ct__sets *sets, size_t row, size_t value)
{
    sets->work += sets->missing_count;
    for (size_t i = 0; i < sets->missing_count;) {
        const uint16_t *v = sets->missing[i].values;
        bool covered = (v[0] == value || v[1] == value || v[2] == value) && ct__sets_has(sets, v[0], row) &&
                       ct__sets_has(sets, v[1], row) && ct__sets_has(sets, v[2], row);
        if (covered)
            sets->missing[i] = sets->missing[--sets->missing_count];
        else
            i++;
    }
}

/* ---- rows change ---- */
static void flip(struct ct__sets *sets, size_t row, size_t factor, uint16_t value)
{
    ct__sets_of(sets, sets->problem->offset[factor] + value)[row / 64] ^= UINT64_C(1) << row % 64;
}

void ct__sets_put(struct ct__sets *sets, size_t row, size_t factor, uint16_t value)
{
    uint16_t *cells = ct__sets_row(sets, row);
    lose(sets, cells, factor);
    flip(sets, row, factor, cells[factor]);
    flip(sets, row, factor, value);
    cells[factor] = value;
    find(sets, row, sets->problem->offset[factor] + value);
}

/* First the row has no value at all there: what stands between the two rows may not be allowed, nor be missing then. */
void ct__sets_put_all(struct ct__sets *sets, size_t row, const uint16_t *values)
{
    size_t factor_count = sets->problem->factor_count;
    uint16_t *cells = ct__sets_row(sets, row);
    for (size_t f = 0; f < factor_count; f++) {
        if (values[f] == cells[f]) continue;
        (void)ct__sets_alone_with(sets, row, f, UINT32_MAX);
        lose(sets, cells, f);
        sets->absent[f] = 1;
        flip(sets, row, f, cells[f]);
    }
    for (size_t f = 0; f < factor_count; f++) {
        if (sets->absent[f] == 0) continue;
        cells[f] = values[f];
        flip(sets, row, f, cells[f]);
    }
    for (size_t f = 0; f < factor_count; f++) {
        if (sets->absent[f] == 0) continue;
        sets->absent[f] = 0;
        find(sets, row, sets->problem->offset[f] + cells[f]);
    }
}

void ct__sets_append(struct ct__sets *sets, const uint16_t *row)
{
    size_t number = sets->row_count++;
    memcpy(ct__sets_row(sets, number), row, sets->width * sizeof *row);
    for (size_t f = 0; f < sets->problem->factor_count; f++) flip(sets, number, f, row[f]);
    for (size_t f = 0; f < sets->problem->factor_count && sets->missing_count != 0; f++)
        find(sets, number, sets->problem->offset[f] + row[f]);
}

void ct__sets_take_out(struct ct__sets *sets, size_t row)
{
    uint16_t *cells = ct__sets_row(sets, row);
    const uint16_t *last = ct__sets_row(sets, sets->row_count - 1);
    for (size_t p = sets->strength - 1; p < sets->prefix; p++) {
        (void)count_alone(sets, row, sets->order[p], p, UINT32_MAX);
        lose(sets, cells, sets->order[p]);
    }
    sets->row_count--;
    for (size_t f = 0; f < sets->problem->factor_count; f++) {
        flip(sets, row, f, cells[f]);
        if (cells == last) continue;
        flip(sets, sets->row_count, f, last[f]);
        flip(sets, row, f, last[f]);
        cells[f] = last[f];
    }
}

/* ---- one factor more ---- */
/* Whether two sets have something in common; both is filled with it. */
static bool meet(const uint64_t *left, const uint64_t *right, size_t words, uint64_t *both)
{
    uint64_t any = 0;
    for (size_t w = 0; w < words; w++) any |= both[w] = left[w] & right[w];
    return any != 0;
}

/* The combinations of two values with one of the first count factors. */
static bool meet_third(struct ct__sets *sets, const struct ct__sets *covering, const uint64_t *mine,
                       const uint64_t *theirs, const size_t *values, size_t count)
{
    uint64_t both[WORDS_MAX];
    for (size_t p = 0; p < count; p++) {
        uint32_t factor = sets->order[p];
        size_t end = sets->problem->offset[factor] + sets->problem->counts[factor];
        for (size_t value = sets->problem->offset[factor]; value < end; value++) {
            if (meet(ct__sets_of(sets, value), mine, sets->words, both)) continue;
            if (!meet(ct__sets_of(covering, value), theirs, covering->words, both)) continue;
            if (sets->missing_count == CT__SETS_MISSING_MAX) return false;
            miss(sets, values[0], values[1], value);
        }
        sets->work += sets->problem->counts[factor] * (sets->words + 1);
    }
    return true;
}

static bool meet_second(struct ct__sets *sets, const struct ct__sets *covering, size_t first, size_t place)
{
    uint32_t factor = sets->order[place];
    uint64_t mine[WORDS_MAX], theirs[WORDS_MAX];
    for (uint32_t v = 0; v < sets->problem->counts[factor]; v++) {
        size_t second = sets->problem->offset[factor] + v, values[2] = { first, second };
        bool covered = meet(ct__sets_of(sets, first), ct__sets_of(sets, second), sets->words, mine);
        if (!meet(ct__sets_of(covering, first), ct__sets_of(covering, second), covering->words, theirs)) continue;
        if (sets->strength == 3) {
            if (!meet_third(sets, covering, mine, theirs, values, place)) return false;
        } else if (!covered) {
            if (sets->missing_count == CT__SETS_MISSING_MAX) return false;
            miss(sets, first, second, second);
        }
    }
    return true;
}

bool ct__sets_meet(struct ct__sets *sets, const struct ct__sets *covering)
{
    uint32_t factor = sets->order[sets->prefix++];
    for (uint32_t v = 0; v < sets->problem->counts[factor]; v++)
        for (size_t p = 0; p + 1 < sets->prefix; p++)
            if (!meet_second(sets, covering, sets->problem->offset[factor] + v, p)) return false;
    return true;
}

/* ---- making ---- */
/* The factors that have many values come first, and those that others depend on: with them it is decided how many rows
 * it takes, and the many others find room. */
static void put_in_order(struct ct__sets *sets)
{
    const struct ct__problem *problem = sets->problem;
    size_t n = 0;
    for (int first = 1; first >= 0; first--) {
        for (size_t i = 0; i < problem->factor_count; i++) {
            uint32_t factor = problem->order[i];
            bool many = (2 * problem->counts[factor] - 1) * problem->factor_count > 2 * problem->value_total;
            if ((many || ct__space_involves(problem->space, factor)) != (first == 1)) continue;
            sets->order[n] = factor;
            sets->position[factor] = (uint32_t)n++;
        }
        if (first == 1) sets->first = n;
    }
}

static bool allocate(struct ct__sets *sets)
{
    size_t factors = sets->problem->factor_count + 1, values = sets->problem->value_total + 1;
    sets->words = ct__bit_words(sets->capacity);
    sets->plane = factors / LANES + 1;
    sets->cells = malloc(sets->capacity * sets->width * sizeof *sets->cells);
    sets->bits = calloc(values * sets->words, sizeof *sets->bits);
    sets->factor = malloc(values * sizeof *sets->factor);
    sets->order = malloc(factors * sizeof *sets->order);
    sets->position = malloc(factors * sizeof *sets->position);
    sets->absent = calloc(factors, sizeof *sets->absent);
    sets->missing = malloc((CT__SETS_MISSING_MAX + 1) * sizeof *sets->missing);
    sets->planes = aligned_alloc(sizeof *sets->planes, sets->words * sets->plane * sizeof *sets->planes);
    sets->at = malloc(factors * sizeof *sets->at);
    sets->hits = malloc(factors * sizeof *sets->hits);
    return sets->cells != NULL && sets->bits != NULL && sets->factor != NULL && sets->order != NULL &&
           sets->position != NULL && sets->absent != NULL && sets->missing != NULL && sets->planes != NULL &&
           sets->at != NULL && sets->hits != NULL;
}

enum ct_err ct__sets_new(const struct ct__problem *problem, size_t capacity, struct ct__sets **sets,
                         struct ct_error *error)
{
    struct ct__sets *made = calloc(1, sizeof *made);
    if (made == NULL) return ct__nomem(error);
    made->problem = problem;
    made->width = problem->factor_count + 1;
    made->strength = (size_t)problem->cover.strength;
    made->capacity = capacity;
    if (!allocate(made)) {
        ct__sets_free(made);
        return ct__nomem(error);
    }
    for (size_t f = 0; f < problem->factor_count; f++)
        for (size_t v = 0; v < problem->counts[f]; v++) made->factor[problem->offset[f] + v] = (uint16_t)f;
    put_in_order(made);
    choose_counter(made);
    *sets = made;
    return CT_OK;
}

void ct__sets_clear(struct ct__sets *sets)
{
    memset(sets->bits, 0, sets->problem->value_total * sets->words * sizeof *sets->bits);
    sets->row_count = sets->missing_count = sets->prefix = 0;
}

void ct__sets_free(struct ct__sets *sets)
{
    if (sets == NULL) return;
    free(sets->cells);
    free(sets->bits);
    free(sets->factor);
    free(sets->order);
    free(sets->position);
    free(sets->absent);
    free(sets->missing);
    free(sets->planes);
    free(sets->at);
    free(sets->hits);
    free(sets);
}
