#include <combtest/selection_inner.h>
#include <stdlib.h>

#define DRAWN_MAX (UINT64_C(1) << 25)

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t random_next(uint64_t *state)
{
    uint64_t mixed = (*state += UINT64_C(0x9E3779B97F4A7C15));
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}

/* Uniform below end: numbers of the last, incomplete round are drawn again. */
static uint64_t random_below(uint64_t *state, uint64_t end)
{
    uint64_t excess = (UINT64_MAX % end + 1) % end, drawn;
    do {
        drawn = random_next(state);
    } while (drawn > UINT64_MAX - excess);
    return drawn % end;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static size_t drop_repeats(uint64_t *numbers, size_t count)
{
    size_t kept = 0;
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || numbers[i] != numbers[kept - 1]) numbers[kept++] = numbers[i];
    return kept;
}

/* Draws as long as numbers are missing, ignoring repeats: each set of wanted numbers is as likely as any other. As
 * wanted is at most half of end, this takes few rounds. */
static void draw(uint64_t *numbers, size_t wanted, uint64_t end, uint64_t seed)
{
    for (size_t have = 0; have < wanted; have = drop_repeats(numbers, wanted))
        for (size_t i = have; i < wanted; i++) numbers[i] = random_below(&seed, end);
}

static enum ct_err runs_of(const uint64_t *numbers, size_t count, struct ct__selection **ranks, struct ct_error *error)
{
    struct ct__run *runs = malloc(count * sizeof *runs);
    if (runs == NULL) return ct__nomem(error);
    for (size_t i = 0; i < count; i++) runs[i] = (struct ct__run){ .first = numbers[i], .end = numbers[i] + 1 };
    return ct__selection_from_runs(runs, count, ranks, error);
}

/* The numbers below end that are not among those given. */
static enum ct_err runs_between(const uint64_t *numbers, size_t count, uint64_t end, struct ct__selection **ranks,
                                struct ct_error *error)
{
    struct ct__run *runs = malloc((count + 1) * sizeof *runs);
    uint64_t from = 0;
    size_t made = 0;
    if (runs == NULL) return ct__nomem(error);
    for (size_t i = 0; i <= count; i++) {
        uint64_t to = i < count ? numbers[i] : end;
        if (from < to) runs[made++] = (struct ct__run){ .first = from, .end = to };
        from = to + 1;
    }
    return ct__selection_from_runs(runs, made, ranks, error);
}

enum ct_err ct__sample_ranks(uint64_t count, uint64_t sample, uint64_t seed, struct ct__selection **ranks,
                             struct ct_error *error)
{
    bool leave_out = sample > count / 2;
    uint64_t wanted = leave_out ? count - sample : sample;
    uint64_t *numbers;
    enum ct_err err;
    if (wanted > DRAWN_MAX)
        return ct__error(error, CT_ETOOBIG, "a sample of %llu of %llu walks is too big; draw at most %llu",
                         (unsigned long long)sample, (unsigned long long)count, (unsigned long long)DRAWN_MAX);
    numbers = malloc(wanted * sizeof *numbers);
    if (numbers == NULL) return ct__nomem(error);
    draw(numbers, wanted, count, seed);
    err = leave_out ? runs_between(numbers, wanted, count, ranks, error) : runs_of(numbers, wanted, ranks, error);
    free(numbers);
    return err;
}
