#include <generator/construct.h>

bool ct__sheet_add(struct ct__sheet *sheet)
{
    const struct ct__problem *problem = sheet->array->problem;
    uint16_t *row;
    for (const struct ct__fold *fold = sheet->fold; fold != NULL; fold = fold->outer)
        for (size_t c = fold->half; c < fold->columns; c++) {
            uint32_t value = sheet->line[c - fold->half];
            sheet->line[c] = (uint16_t)(value < fold->values ? (value + fold->shift) % fold->values : value);
        }
    if (!ct__array_append(sheet->array, NULL)) return false;
    row = ct__array_row(sheet->array, sheet->array->count - 1);
    for (size_t c = 0; c < problem->factor_count; c++) {
        uint32_t factor = problem->order[c];
        row[factor] = sheet->line[c] < problem->counts[factor] ? sheet->line[c] : CT__ANY;
    }
    return true;
}

/* ---- pairs of two values ---- */
size_t ct__pairs_least(size_t columns)
{
    size_t rows = 4;
    while (ct__choices(rows - 1, (rows + 1) / 2) < (double)columns) rows++;
    return rows;
}

/* A row of first, then of each column another choice of just over half of the rows that have the other value. */
bool ct__pairs_write(size_t columns, uint16_t first, struct ct__sheet *sheet)
{
    size_t rows = ct__pairs_least(columns);
    for (size_t r = 0; r < rows; r++) {
        uint64_t chosen = (UINT64_C(1) << (rows + 1) / 2) - 1;
        for (size_t c = 0; c < columns; c++) {
            uint64_t low = chosen & -chosen, carried = chosen + low;
            sheet->line[c] = (uint16_t)(first + (r != 0 && (chosen >> (r - 1) & 1) != 0));
            chosen = carried | ((carried ^ chosen) / low >> 2); /* the next larger number of as many bits (Gosper) */
        }
        if (!ct__sheet_add(sheet)) return false;
    }
    return true;
}

static size_t pairs_rows(const struct ct__shape *shape)
{
    return shape->strength == 2 && shape->values == 2 ? ct__pairs_least(shape->columns) : 0;
}

static bool write_pairs(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    return ct__pairs_write(shape->columns, 0, sheet);
}

/* ---- orthogonal arrays: Bush, "Orthogonal arrays of index unity", 1952; of strength 2, Bose, 1938 ---- */
/* The rows are the polynomials of a degree below strength, the columns their values and, last, their leading
 * coefficient; of strength 3 in a field of characteristic 2, also the one before it. */
static uint32_t columns_of(uint32_t order, int strength)
{
    return order + (strength == 3 && order % 2 == 0 ? 2 : 1);
}

static uint32_t order_of(const struct ct__shape *shape)
{
    uint32_t order = shape->values;
    while (order < CT__FIELD_MAX && (!ct__field_exists(order) || columns_of(order, shape->strength) < shape->columns))
        order++;
    return order;
}

static size_t polynomial_rows(const struct ct__shape *shape)
{
    uint64_t rows = 1, order = order_of(shape);
    if (order == CT__FIELD_MAX) return 0;
    for (int i = 0; i < shape->strength && rows < UINT32_MAX / CT__FIELD_MAX; i++) rows *= order;
    return (size_t)rows;
}

static bool write_polynomials(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    struct ct__field *field = malloc(sizeof *field);
    uint8_t coefficients[CT__STRENGTH_MAX] = { 0 };
    size_t rows = polynomial_rows(shape);
    bool done = field != NULL && ct__field_make(field, order_of(shape));
    for (size_t r = 0; done && r < rows; r++) {
        size_t left = r, highest = (size_t)shape->strength - 1;
        for (size_t i = 0; i <= highest; i++, left /= field->order) coefficients[i] = (uint8_t)(left % field->order);
        for (size_t c = 0; c < shape->columns; c++) {
            uint8_t value = coefficients[c > field->order ? highest - 1 : highest];
            for (size_t i = highest; c < field->order && i > 0; i--)
                value = field->sum[field->product[value][c]][coefficients[i - 1]];
            sheet->line[c] = value;
        }
        done = ct__sheet_add(sheet);
    }
    free(field);
    return done;
}

/* ---- triples from a group: Chateauneuf, Colbourn, Kreher, "Covering arrays of strength three", 1999 ---- */
/* The fractional linear maps of a field's line, PGL(2, q), take any three points to any other three: one row with all
 * symbols, moved by each of them, has all triples of three symbols. Those of two symbols are for each pair of symbols
 * a matter of rows with these two alone: the twelve of Paley's Hadamard matrix, one of which is constant. */
enum { PALEY = 11 };

static size_t line_rows(const struct ct__shape *shape)
{
    size_t values = shape->values;
    if (shape->strength != 3 || shape->columns > values || shape->columns > PALEY || values < 4 ||
        !ct__field_exists(shape->values - 1))
        return 0;
    return values * (values - 1) * (values - 2) + values * (values - 1) / 2 * PALEY;
}

/* The point x moved by (a x + b) / (c x + d); the point order is infinity. */
static uint32_t move(const struct ct__field *field, const uint8_t *map, uint32_t x)
{
    uint32_t infinity = field->order;
    uint8_t above = map[0], below = map[2];
    if (x != infinity) {
        above = field->sum[field->product[map[0]][x]][map[1]];
        below = field->sum[field->product[map[2]][x]][map[3]];
    }
    return below == 0 ? infinity : field->product[above][field->inverse[below]];
}

static bool write_maps(const struct ct__shape *shape, const struct ct__field *field, struct ct__sheet *sheet)
{
    uint32_t order = field->order;
    for (uint32_t number = 0; number < 2 * order * order * order; number++) {
        /* of maps that differ by a factor alone, the one whose c is 1, or whose c is 0 and d is 1 */
        uint8_t free_one = (uint8_t)(number / 2 / order / order), one = (uint8_t)(number % 2);
        uint8_t a = (uint8_t)(number / 2 / order % order), b = (uint8_t)(number / 2 % order);
        uint8_t map[] = { a, b, one, one != 0 ? free_one : 1 };
        uint8_t ad = field->product[map[0]][map[3]], bc = field->product[map[1]][map[2]];
        if (ad == bc || (one == 0 && free_one != 0)) continue;
        for (uint32_t c = 0; c < shape->columns; c++) sheet->line[c] = (uint16_t)move(field, map, c);
        if (!ct__sheet_add(sheet)) return false;
    }
    return true;
}

/* Each symbol is low in some pair: then its own triples are there too. */
static bool write_two_symbols(const struct ct__shape *shape, uint32_t x, uint32_t y, struct ct__sheet *sheet)
{
    static const uint8_t square[PALEY] = { 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0 };
    uint32_t low = (x + y) % 2 != 0 ? x : y, high = x + y - low;
    for (uint32_t r = 0; r < PALEY; r++) {
        for (uint32_t c = 0; c < shape->columns; c++)
            sheet->line[c] = (uint16_t)(square[(c + PALEY - r) % PALEY] != 0 ? high : low);
        if (!ct__sheet_add(sheet)) return false;
    }
    return true;
}

static bool write_line(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    struct ct__field *field = malloc(sizeof *field);
    bool done = field != NULL && ct__field_make(field, shape->values - 1) && write_maps(shape, field, sheet);
    for (uint32_t x = 0; x < shape->values; x++)
        for (uint32_t y = x + 1; done && y < shape->values; y++) done = write_two_symbols(shape, x, y, sheet);
    free(field);
    return done;
}

/* ---- two values, strength 3: the same twelve rows ---- */
static size_t twelve_rows(const struct ct__shape *shape)
{
    return shape->strength == 3 && shape->values == 2 && shape->columns <= PALEY ? PALEY + 1 : 0;
}

static bool write_twelve(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    if (!write_two_symbols(shape, 0, 1, sheet)) return false;
    for (size_t c = 0; c < shape->columns; c++) sheet->line[c] = 1;
    return ct__sheet_add(sheet);
}

/* ---- strength 3 doubled: Roux, 1987; Chateauneuf, Kreher, "On the state of strength-three covering arrays", 2002 ----
 */
/* Each row of a set for half of the columns twice beside itself has what three different columns of the half need; what
 * two copies of a column need, each with any third, is that pairs of the half are covered beside their values shifted,
 * by each shift. */
static struct ct__plan plan_of(struct ct__shape shape);

static struct ct__plan plan_of_half(const struct ct__shape *shape, int strength)
{
    return plan_of((struct ct__shape){ .strength = strength,
                                       .columns = (shape->columns + 1) / 2,
                                       .values = shape->values,
                                       .max = SIZE_MAX,
                                       .patience = shape->patience });
}

static size_t doubled_rows(const struct ct__shape *shape)
{
    size_t triples, pairs;
    if (shape->strength != 3 || shape->columns < 6) return 0;
    pairs = plan_of_half(shape, 2).rows;
    if (pairs > shape->max / shape->values) return 0;
    triples = plan_of_half(shape, 3).rows;
    return triples == SIZE_MAX ? 0 : triples + (shape->values - 1) * pairs;
}

static bool write_doubled(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    struct ct__plan triples = plan_of_half(shape, 3), pairs = plan_of_half(shape, 2);
    struct ct__fold fold = {
        .half = pairs.shape.columns, .columns = shape->columns, .values = shape->values, .outer = sheet->fold
    };
    struct ct__sheet folded = { .array = sheet->array, .line = sheet->line, .fold = &fold };
    bool done = triples.construction->write(&triples.shape, &folded);
    for (fold.shift = 1; done && fold.shift < fold.values; fold.shift++)
        done = pairs.construction->write(&pairs.shape, &folded);
    return done;
}

/* ---- two values, strength 4: Paley, "On orthogonal matrices", 1933, and all its rows negated ---- */
/* Colbourn, Keri, "Binary covering arrays and existentially closed graphs", 2009. From 11 to 83 all combinations of
 * four columns are there, which was looked up; below 11 they are not. */
enum { HADAMARD_MIN = 11, HADAMARD_MAX = 83 };

static size_t hadamard_prime(size_t columns)
{
    static const uint8_t primes[] = { HADAMARD_MIN, 19, 23, 31, 43, 47, 59, 67, 71, 79, HADAMARD_MAX };
    for (size_t i = 0; i < CT_COUNT(primes); i++)
        if (columns <= primes[i] + 1u) return primes[i];
    return 0;
}

static size_t hadamard_rows(const struct ct__shape *shape)
{
    size_t prime = hadamard_prime(shape->columns);
    return shape->strength == 4 && shape->values == 2 && prime != 0 ? 2 * (prime + 1) : 0;
}

/* The last row and column are all 1; of the others, number - row decides, by whether it is a square. */
static bool write_hadamard(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    size_t prime = hadamard_prime(shape->columns);
    bool square[HADAMARD_MAX] = { true };
    for (size_t i = 1; i < prime; i++) square[i * i % prime] = true;
    for (size_t r = 0; r < 2 * (prime + 1); r++) {
        size_t row = r / 2;
        for (size_t c = 0; c < shape->columns; c++) {
            bool one = row == prime || (c != prime && square[(c + prime - row) % prime]);
            sheet->line[c] = one == (r % 2 == 0);
        }
        if (!ct__sheet_add(sheet)) return false;
    }
    return true;
}

/* ---- which one ---- */
/* Those whose number of rows takes longest to find out come last. */
static const struct ct__construction constructions[] = {
    { pairs_rows, write_pairs },     { polynomial_rows, write_polynomials }, { line_rows, write_line },
    { twelve_rows, write_twelve },   { hadamard_rows, write_hadamard },      { ct__starter_rows, ct__starter_write },
    { doubled_rows, write_doubled }, { ct__linear_rows, ct__linear_write },
};

static struct ct__plan plan_of(struct ct__shape shape)
{
    struct ct__plan plan = { .shape = shape, .rows = SIZE_MAX };
    for (size_t i = 0; i < CT_COUNT(constructions); i++) {
        size_t rows = constructions[i].rows(&plan.shape);
        if (rows == 0 || rows >= plan.rows) continue;
        plan.construction = &constructions[i];
        plan.rows = plan.shape.max = rows;
    }
    if (plan.rows != SIZE_MAX) plan.shape.max++;
    return plan;
}

struct ct__plan ct__construct_plan(const struct ct__problem *problem, uint32_t patience)
{
    struct ct__shape shape = { .strength = problem->cover.strength,
                               .columns = problem->factor_count,
                               .values = problem->counts[problem->order[0]],
                               .max = SIZE_MAX,
                               .patience = patience };
    if (problem->constrained || problem->cover.group_count != 0 || shape.strength < 2)
        return (struct ct__plan){ .rows = SIZE_MAX };
    return plan_of(shape);
}

enum ct_err ct__construct(const struct ct__problem *problem, const struct ct__plan *plan, struct ct__array **array,
                          struct ct_error *error)
{
    struct ct__sheet sheet = { .array = NULL };
    bool done;
    if (plan->construction == NULL) return CT_OK;
    sheet.array = ct__array_new(problem);
    sheet.line = malloc(plan->shape.columns * sizeof *sheet.line);
    done = sheet.array != NULL && sheet.line != NULL && plan->construction->write(&plan->shape, &sheet);
    free(sheet.line);
    if (done && sheet.array->count > 0)
        *array = sheet.array;
    else
        ct__array_free(sheet.array);
    return done ? CT_OK : ct__nomem(error);
}
