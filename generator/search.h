/* Local search: rows that cover everything, fewer and fewer of them. */
#ifndef COMBTEST_GENERATOR_SEARCH_H
#define COMBTEST_GENERATOR_SEARCH_H
#include <generator/inner.h>

/* ---- net.c: the targets, seen from each of their factors ---- */
#define CT__NET_SPOTS_MAX  (UINT64_C(1) << 26)
#define CT__NET_TUPLES_MAX (UINT64_C(1) << 27)
#define CT__NET_ROWS_MAX   30000u
/* Of one target: the tuple of a row is base plus the row's values of the members as mixed-radix digits. */
struct ct__spot {
    uint32_t base;
    uint32_t stride; /* of the factor that it is seen from */
};
struct ct__net {
    const struct ct__problem *problem;
    struct ct__targets targets;
    size_t strength; /* members of a target, padded as targets are */
    size_t *first;   /* of each factor, and of one more: where its spots begin */
    size_t *lead;    /* of each factor: so many spots, from first on, are of targets whose first member it is */
    struct ct__spot *spots;
    uint16_t *members; /* strength of each spot */
    uint32_t *base;    /* of each target; and the end of all */
    size_t tuple_count;
};
/* *net is NULL, and the result CT_OK, where the problem is too large to be searched. The problem is borrowed, and must
 * not be shuffled before the net is freed. */
enum ct_err ct__net_new(const struct ct__problem *problem, struct ct__net **net, struct ct_error *error);
void ct__net_free(struct ct__net *net);

/* ---- tally.c: how often each combination is covered ---- */
struct ct__tuple {
    uint16_t count; /* rows that cover it; from 32768 on where it is not to be covered */
    uint16_t row;   /* those rows' numbers, exclusive or; where it is missing, its place in missing */
};
struct ct__missing {
    uint32_t tuple;
    uint32_t spot;
};
struct ct__tally {
    const struct ct__net *net;
    size_t width;     /* of a row: factor_count + 1 */
    size_t row_count; /* rows, of which some may be out */
    size_t least;     /* a target has so many combinations: there must be as many rows */
    uint16_t *cells;
    uint16_t *live; /* the rows that are not out, ascending */
    size_t live_count;
    uint32_t *alone; /* of each cell: combinations with it that its row alone covers */
    struct ct__tuple *tuples;
    struct ct__missing *missing; /* combinations that are to be covered and are not */
    uint16_t *missing_values;    /* strength for each */
    size_t missing_count;
    uint64_t work;
};
enum { CT__MISSING_MAX = 65535 };
/* Rows that cover all that can be covered: complete rows of width cells each, copied. CT_NOMEM. */
enum ct_err ct__tally_new(const struct ct__net *net, const uint16_t *cells, size_t row_count, struct ct__tally **tally,
                          struct ct_error *error);
void ct__tally_free(struct ct__tally *tally);
static inline uint16_t *ct__tally_row(const struct ct__tally *tally, size_t row)
{
    return tally->cells + row * tally->width;
}
/* Puts another value into a cell of a row that is not out. */
void ct__tally_set(struct ct__tally *tally, size_t row, uint32_t factor, uint16_t value);
/* Takes out the row at a place in live. False, with nothing done, where too much would be missing. */
bool ct__tally_take_out(struct ct__tally *tally, size_t place);

/* ---- search.c ---- */
struct ct__search {
    const struct ct__net *net;
    struct ct__space *space; /* NULL where the problem is not constrained; no other thread's */
    const uint8_t *locked;   /* for each cell: 1 where it must stay; NULL: none */
    const struct ct__watch *watch;
    uint64_t random;
    uint64_t work; /* to spend at most; and what was spent */
    size_t least;  /* enough: no set can be smaller */
    size_t keep;   /* to begin with, all rows but the first so many are taken out; 0: one row is */
};
/* Makes rows fewer, in place: as long as it finds a row that can be left out, once other rows have changed, all that
 * was covered stays covered. rows has width cells each and *row_count of them, which all have values. One cell at a
 * time is changed, by what it makes covered less what it alone covers, with a tabu on cells that were changed lately
 * (Galinier, Kpodjedo, Antoniol, "A penalty-based tabu search for constrained covering arrays", GECCO 2017; Lin, Luo,
 * Cai, Su, Hao, Zhang, "TCA", ASE 2015). *stopped is set where watch said so. */
enum ct_err ct__search(struct ct__search *search, uint16_t *rows, size_t *row_count, bool *stopped,
                       struct ct_error *error);

/* ---- anneal.c ---- */
/* Whether ct__anneal is for the problem. */
bool ct__anneal_suits(const struct ct__problem *problem, size_t row_count);
/* As ct__search, for many factors, most of them of few values, at strength 2 or 3; nothing is locked, least and keep do
 * not matter. Rows are made anew, factor by factor as in IPOG, but before a row is added cells change for a while: of a
 * random missing combination and a random row that lacks one value of it, by what that covers less what it uncovers, as
 * in simulated annealing (Cohen, Colbourn, Ling, "Augmenting simulated annealing to build interaction test suites",
 * 2003; Garvin, Cohen, Dwyer, "Evaluating improvements to a meta-heuristic search for constrained interaction testing",
 * 2011). heat: 0 to 2, how readily what is worse is taken: what is best differs by problem. The rest of the work goes
 * into leaving out rows. rows are changed where there are fewer. */
enum { CT__HEATS = 3 };
enum ct_err ct__anneal(struct ct__search *search, int heat, uint16_t *rows, size_t *row_count, bool *stopped,
                       struct ct_error *error);
#endif
