#include <generator/construct.h>

/* The prime that order is a power of, and which power; 0 where it is none. */
static uint32_t root_of(uint32_t order, uint32_t *degree)
{
    uint32_t prime = 2;
    if (order < 2 || order >= CT__FIELD_MAX) return 0;
    while (order % prime != 0) prime++;
    for (*degree = 0; order % prime == 0; ++*degree) order /= prime;
    return order == 1 ? prime : 0;
}

bool ct__field_exists(uint32_t order)
{
    uint32_t degree;
    return root_of(order, &degree) != 0;
}

/* Elements are polynomials over the prime field, their coefficients the digits to the base prime. */
static uint32_t add(uint32_t a, uint32_t b, uint32_t prime)
{
    uint32_t sum = 0;
    for (uint32_t unit = 1; a != 0 || b != 0; unit *= prime, a /= prime, b /= prime)
        sum += (a % prime + b % prime) % prime * unit;
    return sum;
}

static uint32_t scale(uint32_t a, uint32_t by, uint32_t prime)
{
    uint32_t scaled = 0;
    for (uint32_t unit = 1; a != 0; unit *= prime, a /= prime) scaled += a % prime * by % prime * unit;
    return scaled;
}

/* a times x, where x to the degree is tail. */
static uint32_t shift(uint32_t a, uint32_t tail, uint32_t order, uint32_t prime)
{
    uint32_t top = a / (order / prime);
    return add(a % (order / prime) * prime, scale(tail, top, prime), prime);
}

/* The powers of x (of a constant, in a prime field) until one comes again: false unless they are all but 0. */
static bool list_powers(uint8_t *powers, uint32_t tail, uint32_t order, uint32_t prime, uint32_t degree)
{
    uint32_t a = 1;
    for (uint32_t i = 0; i + 1 < order; i++) {
        powers[i] = (uint8_t)a;
        a = degree == 1 ? a * tail % prime : shift(a, tail, order, prime);
        if (a == 0 || (a == 1 && i + 2 < order)) return false;
    }
    return a == 1;
}

bool ct__field_make(struct ct__field *field, uint32_t order)
{
    uint8_t powers[CT__FIELD_MAX] = { 1 };
    uint32_t degree, prime = root_of(order, &degree), tail = 1;
    if (prime == 0) return false;
    memset(field, 0, sizeof *field);
    field->order = order;
    while (!list_powers(powers, tail, order, prime, degree)) tail++;
    for (uint32_t a = 0; a < order; a++)
        for (uint32_t b = 0; b < order; b++) {
            uint32_t sum = add(a, b, prime);
            field->sum[a][b] = (uint8_t)sum;
            if (sum == 0) field->negative[a] = (uint8_t)b;
        }
    for (uint32_t i = 0; i + 1 < order; i++)
        for (uint32_t j = 0; j + 1 < order; j++) field->product[powers[i]][powers[j]] = powers[(i + j) % (order - 1)];
    for (uint32_t i = 0; i + 1 < order; i++) field->inverse[powers[i]] = powers[(order - 1 - i) % (order - 1)];
    return true;
}
