#include <generator/construct.h>

enum { COLUMNS_MAX = 40, SYMBOLS_MAX = 32, CLASSES_MAX = 2 * SYMBOLS_MAX, STEPS = 300000 };

/* A starter: symbols below group are of the cyclic group, the others are fixed. */
struct starter {
    size_t columns;
    uint32_t group, fixed;
    uint8_t entries[COLUMNS_MAX];
    int missing;                                      /* differences that are not covered, over all distances */
    uint16_t count[COLUMNS_MAX / 2 + 1][CLASSES_MAX]; /* by distance and difference */
};

/* Found by the search below, in more steps than it is given. */
static const struct starter known[] = {
    { .columns = 20,
      .group = 7,
      .fixed = 3,
      .entries = { 7, 9, 5, 4, 4, 0, 0, 4, 1, 6, 4, 6, 7, 2, 8, 0, 6, 0, 9, 8 } },
};

/* ---- three values in 15 rows ---- */
enum { THREES_COLUMNS = 20, THREES_ROWS = 15, BLOCK = 5 };
/* 20 columns of three values: 3 by 4 blocks of 5 by 5, each row of a block the one above it turned by one. Found by
 * simulated annealing on the first rows of the blocks. */
static const char *const threes[THREES_ROWS / BLOCK][THREES_COLUMNS / BLOCK] = {
    { "02101", "01101", "21102", "11001" },
    { "21022", "20002", "20100", "00202" },
    { "00112", "21212", "10212", "11222" },
};

static void write_threes(const struct starter *starter, struct ct__sheet *sheet, size_t row)
{
    for (size_t c = 0; c < starter->columns; c++) {
        char symbol = threes[row / BLOCK][c / BLOCK][(c % BLOCK + BLOCK - row % BLOCK) % BLOCK];
        sheet->line[c] = (uint16_t)(starter->group + (uint32_t)(symbol - '0'));
    }
}

/* ---- what a starter covers ---- */
/* Which difference two entries have, of those that must be there at each distance; -1: it need not be there. */
static int class_of(const struct starter *starter, uint32_t a, uint32_t b)
{
    uint32_t group = starter->group;
    if (a < group && b < group) return (int)((b + group - a) % group);
    if (a < group) return (int)(group + 2 * (b - group));
    return b < group ? (int)(group + 2 * (a - group) + 1) : -1;
}

static void count_one(struct starter *starter, size_t distance, uint32_t a, uint32_t b, int change)
{
    int class = class_of(starter, a, b);
    uint16_t *count;
    if (class < 0) return;
    count = &starter->count[distance][class];
    if (change > 0)
        starter->missing -= (*count)++ == 0;
    else
        starter->missing += --*count == 0;
}

/* All pairs with one entry, once each. */
static void count_entry(struct starter *starter, size_t at, int change)
{
    size_t columns = starter->columns;
    for (size_t distance = 1; distance <= columns / 2; distance++) {
        size_t after = (at + distance) % columns, before = (at + columns - distance) % columns;
        count_one(starter, distance, starter->entries[at], starter->entries[after], change);
        count_one(starter, distance, starter->entries[before], starter->entries[at], change);
    }
}

static void begin(struct starter *starter, uint64_t *random)
{
    uint32_t symbols = starter->group + starter->fixed;
    size_t half = starter->columns / 2;
    for (size_t i = 0; i < starter->columns; i++) starter->entries[i] = (uint8_t)ct__random_below(random, symbols);
    starter->missing = (int)half * ((int)starter->group + 2 * (int)starter->fixed);
    for (size_t distance = 1; distance <= half; distance++)
        for (size_t i = 0; i < starter->columns; i++)
            count_one(starter, distance, starter->entries[i], starter->entries[(i + distance) % starter->columns], 1);
}

/* Simulated annealing at one temperature, 0.45: Kirkpatrick, Gelatt, Vecchi, "Optimization by simulated annealing",
 * Science 220 (1983). */
static bool search(struct starter *starter)
{
    static const double worse_by_one = 0.108368; /* the chance of that, exp(-1 / 0.45) */
    uint64_t random = 0;
    begin(starter, &random);
    for (int step = 0; step < STEPS && starter->missing != 0; step++) {
        size_t at = ct__random_below(&random, starter->columns);
        uint8_t before = starter->entries[at];
        int missing = starter->missing;
        double chance = (double)ct__random_below(&random, UINT32_MAX) / UINT32_MAX, limit = 1;
        count_entry(starter, at, -1);
        starter->entries[at] = (uint8_t)ct__random_below(&random, starter->group + starter->fixed);
        count_entry(starter, at, 1);
        for (int i = missing; i < starter->missing; i++) limit *= worse_by_one;
        if (chance <= limit) continue;
        count_entry(starter, at, -1);
        starter->entries[at] = before;
        count_entry(starter, at, 1);
    }
    return starter->missing == 0;
}

/* ---- which one ---- */
static size_t rows_of(const struct ct__shape *shape, uint32_t fixed)
{
    size_t turned = shape->columns * (shape->values - fixed);
    if (fixed == 3) return turned + THREES_ROWS;
    return turned + (fixed == 2 ? ct__pairs_least(shape->columns) : 1);
}

/* As many fixed symbols as may be: fewer rows. There must be more entries than differences. */
static uint32_t fixed_of(const struct ct__shape *shape)
{
    for (size_t i = 0; i < CT_COUNT(known); i++)
        if (known[i].columns == shape->columns && known[i].group + known[i].fixed == shape->values)
            return known[i].fixed;
    return shape->columns * 10 >= ((size_t)shape->values + 2) * 15 ? 2 : 1;
}

size_t ct__starter_rows(const struct ct__shape *shape)
{
    if (shape->strength != 2 || shape->columns > COLUMNS_MAX || shape->values < 5 || shape->values > SYMBOLS_MAX ||
        shape->columns < shape->values + 2 + shape->values / 2 || shape->columns > 3 * (size_t)shape->values)
        return 0;
    return rows_of(shape, fixed_of(shape));
}

static bool find(const struct ct__shape *shape, struct starter *starter)
{
    uint32_t fixed = fixed_of(shape);
    for (size_t i = 0; i < CT_COUNT(known); i++)
        if (known[i].columns == shape->columns && known[i].group + known[i].fixed == shape->values) {
            *starter = known[i];
            return true;
        }
    for (; fixed > 0; fixed--) {
        *starter = (struct starter){ .columns = shape->columns, .group = shape->values - fixed, .fixed = fixed };
        if (search(starter)) return true;
    }
    return false;
}

static bool write_turned(const struct starter *starter, struct ct__sheet *sheet)
{
    bool done = true;
    for (size_t turn = 0; turn < starter->columns; turn++)
        for (uint32_t shift = 0; done && shift < starter->group; shift++) {
            for (size_t c = 0; c < starter->columns; c++) {
                uint32_t entry = starter->entries[(c + turn) % starter->columns];
                sheet->line[c] = (uint16_t)(entry < starter->group ? (entry + shift) % starter->group : entry);
            }
            done = ct__sheet_add(sheet);
        }
    return done;
}

/* Pairs of fixed symbols. */
static bool write_fixed(const struct starter *starter, struct ct__sheet *sheet)
{
    size_t rows = starter->fixed == 3 ? THREES_ROWS : starter->fixed == 2 ? ct__pairs_least(starter->columns) : 1;
    bool done = true;
    if (starter->fixed == 2) return ct__pairs_write(starter->columns, (uint16_t)starter->group, sheet);
    for (size_t r = 0; done && r < rows; r++) {
        for (size_t c = 0; c < starter->columns; c++) sheet->line[c] = (uint16_t)starter->group;
        if (starter->fixed == 3) write_threes(starter, sheet, r);
        done = ct__sheet_add(sheet);
    }
    return done;
}

bool ct__starter_write(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    struct starter *starter = malloc(sizeof *starter);
    bool done = starter != NULL;
    if (done && find(shape, starter)) done = write_turned(starter, sheet) && write_fixed(starter, sheet);
    free(starter);
    return done;
}
