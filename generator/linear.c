#include <generator/construct.h>

/* A family: columns times messages, over a field, in blocks. A message has as many symbols as the strength, and block b
 * has a row for each of them: the sum of its symbols, each times what the column has for it. Columns are the same in
 * all blocks but for what they have for the last symbols; so messages that have 0 there give the same rows in all
 * blocks, and are written once. Any strength columns that are independent in some block have all combinations there. */
enum { LENGTH_MAX = 32, SETS_MAX = 20000, TESTS_MAX = 20000000, RESTARTS = 20, PATIENCE_MIN = 8 };

struct family {
    struct ct__field field;
    size_t strength, columns, shared, blocks;
    uint8_t (*entries)[LENGTH_MAX]; /* of each column: shared ones, then the others, block after block */
    uint8_t
        *normals; /* of each choice of strength - 1 columns that there are: for each block what is orthogonal to it */
    size_t normal_count;
    uint64_t random, tests; /* tests: choices looked at so far */
};

static size_t length_of(const struct family *family)
{
    return family->shared + family->blocks * (family->strength - family->shared);
}

/* What a column has for a symbol of a message in a block. */
static uint8_t entry(const struct family *family, const uint8_t *entries, size_t block, size_t symbol)
{
    size_t own = family->strength - family->shared;
    return entries[symbol < family->shared ? symbol : symbol + block * own];
}

static uint64_t power(uint64_t base, size_t exponent)
{
    uint64_t product = 1;
    while (exponent-- > 0 && product < UINT32_MAX) product *= base;
    return product;
}

static uint64_t rows_of(const struct family *family)
{
    uint64_t once = power(family->field.order, family->shared);
    return once + family->blocks * (power(family->field.order, family->strength) - once);
}

/* ---- independence ---- */
/* Row number pivot of a matrix gets a 1 in the column, which all others get 0 in; false where it has none to give. */
static bool eliminate(const struct ct__field *field, uint8_t matrix[][CT__STRENGTH_MAX], size_t rows, size_t width,
                      size_t pivot, size_t column)
{
    uint8_t line[CT__STRENGTH_MAX], inverse;
    size_t from = pivot;
    while (from < rows && matrix[from][column] == 0) from++;
    if (from >= rows) return false;
    memcpy(line, matrix[from], sizeof line);
    memcpy(matrix[from], matrix[pivot], sizeof line);
    inverse = field->inverse[line[column]];
    for (size_t c = 0; c < width; c++) matrix[pivot][c] = field->product[line[c]][inverse];
    for (size_t r = 0; r < rows; r++) {
        uint8_t factor = field->negative[matrix[r][column]];
        for (size_t c = 0; r != pivot && factor != 0 && c < width; c++)
            matrix[r][c] = field->sum[matrix[r][c]][field->product[factor][matrix[pivot][c]]];
    }
    return true;
}

/* What is orthogonal to width - 1 vectors: all 0 where they depend on each other. */
static void find_normal(const struct ct__field *field, uint8_t matrix[][CT__STRENGTH_MAX], size_t width,
                        uint8_t *normal)
{
    size_t pivots[CT__STRENGTH_MAX], rank = 0, open = width;
    for (size_t c = 0; c < width; c++) {
        if (eliminate(field, matrix, width - 1, width, rank, c))
            pivots[rank++] = c;
        else
            open = c;
    }
    memset(normal, 0, width);
    if (rank + 1 < width) return;
    normal[open] = 1;
    for (size_t r = 0; r < rank; r++) normal[pivots[r]] = field->negative[matrix[r][open]];
}

/* Adds the normals of one choice of columns, a block after the other. */
static void add_normals(struct family *family, const size_t *chosen)
{
    size_t width = family->strength;
    for (size_t b = 0; b < family->blocks; b++) {
        uint8_t matrix[CT__STRENGTH_MAX][CT__STRENGTH_MAX];
        for (size_t i = 0; i + 1 < width; i++)
            for (size_t s = 0; s < width; s++) matrix[i][s] = entry(family, family->entries[chosen[i]], b, s);
        find_normal(&family->field, matrix, width,
                    family->normals + (family->normal_count * family->blocks + b) * width);
    }
    family->normal_count++;
}

/* Adds those of all choices that have the last column of so many. */
static void add_column(struct family *family, size_t count)
{
    size_t chosen[CT__STRENGTH_MAX], free_ones = family->strength - 2, i;
    if (count < free_ones + 1) return;
    for (i = 0; i < free_ones; i++) chosen[i] = i;
    chosen[free_ones] = count - 1;
    for (;;) {
        add_normals(family, chosen);
        for (i = free_ones; i > 0 && chosen[i - 1] == count - 1 - free_ones + i - 1;) i--;
        if (i == 0) return;
        chosen[i - 1]++;
        for (; i < free_ones; i++) chosen[i] = chosen[i - 1] + 1;
    }
}

/* Whether the column depends, in some block, on none of the columns of a choice. */
static bool is_apart(const struct family *family, const uint8_t *normals, const uint8_t *entries)
{
    for (size_t b = 0; b < family->blocks; b++, normals += family->strength) {
        uint8_t sum = 0;
        for (size_t s = 0; s < family->strength; s++)
            sum = family->field.sum[sum][family->field.product[normals[s]][entry(family, entries, b, s)]];
        if (sum != 0) return true;
    }
    return false;
}

/* ---- columns ---- */
static bool fits(struct family *family, const uint8_t *entries)
{
    size_t size = family->blocks * family->strength;
    for (size_t i = 0; i < family->normal_count; i++, family->tests++)
        if (!is_apart(family, family->normals + i * size, entries)) return false;
    return true;
}

/* Columns one after the other, the first that fits of so many drawn. */
static bool draw_columns(struct family *family, uint32_t tries)
{
    family->normal_count = 0;
    for (size_t c = 0; c < family->columns; c++) {
        bool found = false;
        for (uint32_t i = 0; !found && i < tries && family->tests < TESTS_MAX; i++) {
            for (size_t e = 0; e < length_of(family); e++)
                family->entries[c][e] = (uint8_t)ct__random_below(&family->random, family->field.order);
            found = fits(family, family->entries[c]);
        }
        if (!found) return false;
        add_column(family, c + 1);
    }
    return true;
}

/* Of strength 2 a block each for the digits of a column's number: two numbers differ in some digit. */
static bool count_columns(struct family *family)
{
    for (size_t c = 0; c < family->columns; c++) {
        size_t left = c;
        family->entries[c][0] = 1;
        for (size_t b = 0; b < family->blocks; b++, left /= family->field.order)
            family->entries[c][1 + b] = (uint8_t)(left % family->field.order);
    }
    return true;
}

/* Dead ends come early or late: little patience with many beginnings first, then more. */
static bool find_columns(struct family *family, uint32_t patience)
{
    bool found = false;
    family->random = family->tests = 0;
    if (family->strength == 2) return count_columns(family);
    for (uint32_t bits = PATIENCE_MIN; !found && bits <= patience; bits += 4)
        for (int i = 0; !found && i < RESTARTS; i++) found = draw_columns(family, UINT32_C(1) << bits);
    return found;
}

/* ---- which family ---- */
/* So few blocks leave the last column a chance: drawn at random it depends on a choice in all of them once in
 * order^blocks times, and 2^patience are drawn. */
static size_t least_blocks(const struct ct__shape *shape, uint32_t order)
{
    double choices = ct__choices(shape->columns - 1, (size_t)shape->strength - 1), chances = 1;
    size_t blocks = 0;
    for (; blocks < LENGTH_MAX; blocks++, chances *= order) {
        if (blocks < 2) continue;
        if (shape->strength == 2 ? chances >= (double)shape->columns : choices <= 0.69 * shape->patience * chances)
            break;
    }
    return choices <= SETS_MAX ? blocks : LENGTH_MAX;
}

/* Any strength columns must differ in what they share, too: whatever divides it in two has fewer on one side. */
static bool may_share(const struct family *family)
{
    uint64_t points = power(family->field.order, family->shared) - 1;
    uint64_t on_side = power(family->field.order, family->shared - 1) - 1;
    return family->columns * on_side <= (family->strength - 1) * points && length_of(family) <= LENGTH_MAX;
}

static void family_free(struct family *family)
{
    if (family == NULL) return;
    free(family->entries);
    free(family->normals);
    free(family);
}

static struct family *family_new(const struct ct__shape *shape, uint32_t order, size_t blocks)
{
    struct family *family = calloc(1, sizeof *family);
    if (family == NULL || !ct__field_make(&family->field, order)) {
        free(family);
        return NULL;
    }
    family->strength = (size_t)shape->strength;
    family->columns = shape->columns;
    family->blocks = blocks;
    family->entries = calloc(shape->columns, sizeof *family->entries);
    family->normals = calloc((size_t)ct__choices(shape->columns, family->strength - 1) + 1, blocks * family->strength);
    if (family->entries != NULL && family->normals != NULL) return family;
    family_free(family);
    return NULL;
}

/* The one of so many blocks with the fewest rows that is found. *few: some had fewer than max. */
static struct family *find_blocks(const struct ct__shape *shape, uint32_t order, size_t blocks, bool *few)
{
    struct family *family = family_new(shape, order, blocks);
    *few = false;
    if (family == NULL) return NULL;
    for (family->shared = family->strength - 1; family->shared > 0; family->shared--) {
        if (rows_of(family) >= shape->max) break;
        *few = true;
        if (may_share(family) && find_columns(family, shape->patience)) return family;
    }
    family_free(family);
    return NULL;
}

/* The one of the fewest blocks: NULL if none is found, or it has max rows or more. */
static struct family *find_family(const struct ct__shape *shape)
{
    struct family *family = NULL;
    uint32_t order = shape->values < 3 ? 3 : shape->values;
    bool few = true;
    while (order < CT__FIELD_MAX && !ct__field_exists(order)) order++;
    if (shape->strength < 2 || order == CT__FIELD_MAX || shape->columns <= order + 1) return NULL;
    for (size_t blocks = least_blocks(shape, order); family == NULL && few && blocks < LENGTH_MAX; blocks++)
        family = find_blocks(shape, order, blocks, &few);
    return family;
}

size_t ct__linear_rows(const struct ct__shape *shape)
{
    struct family *family = find_family(shape);
    size_t rows = family == NULL ? 0 : (size_t)rows_of(family);
    family_free(family);
    return rows;
}

/* The rows of a block, from a message on. */
static bool write_block(const struct family *family, size_t block, uint64_t first, struct ct__sheet *sheet)
{
    const struct ct__field *field = &family->field;
    uint64_t end = power(field->order, family->strength);
    for (uint64_t message = first; message < end; message++) {
        for (size_t c = 0; c < family->columns; c++) {
            uint64_t left = message;
            uint8_t sum = 0;
            for (size_t s = 0; s < family->strength; s++, left /= field->order)
                sum = field->sum[sum][field->product[left % field->order][entry(family, family->entries[c], block, s)]];
            sheet->line[c] = sum;
        }
        if (!ct__sheet_add(sheet)) return false;
    }
    return true;
}

bool ct__linear_write(const struct ct__shape *shape, struct ct__sheet *sheet)
{
    struct family *family = find_family(shape);
    bool done = family != NULL;
    for (size_t b = 0; done && b < family->blocks; b++)
        done = write_block(family, b, b == 0 ? 0 : power(family->field.order, family->shared), sheet);
    family_free(family);
    return done;
}
