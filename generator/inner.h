/* What the files of room generator/ share. */
#ifndef COMBTEST_GENERATOR_INNER_H
#define COMBTEST_GENERATOR_INNER_H
#include <generator/generator.h>
#include <stdlib.h>
#include <string.h>

/* ---- random numbers: splitmix64 (Steele, Lea, Flood, OOPSLA 2014) ---- */
static inline uint64_t ct__random(uint64_t *state)
{
    uint64_t mixed = (*state += UINT64_C(0x9E3779B97F4A7C15));
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return mixed ^ mixed >> 31;
}
/* Below end, which is at most 2^32 and not 0; even to within end / 2^32. */
static inline uint32_t ct__random_below(uint64_t *state, uint64_t end)
{
    return (uint32_t)((ct__random(state) >> 32) * end >> 32);
}

/* How many choices of k of n things there are: exact up to 2^53. */
static inline double ct__choices(size_t n, size_t k)
{
    double product = 1;
    for (size_t i = 0; i < k && i <= n; i++) product = product * (double)(n - i) / (double)(i + 1);
    return product;
}

/* ---- space.c: what door functions do not say ---- */
/* Whether a constraint or a negative value concerns the factor; the values of others are free. */
bool ct__space_involves(const struct ct__space *space, uint32_t factor);
size_t ct__space_part_count(const struct ct__space *space);
const struct ct__scopes *ct__space_scopes(const struct ct__space *space);
uint64_t ct__space_work(const struct ct__space *space,
                        uint32_t part); /* what it costs, in steps, to ask about a part */
const struct ct__model *ct__space_model(const struct ct__space *space);
size_t ct__space_scratch(const struct ct__model *model); /* the room that clauses of a model need */
/* Changes values of a complete row, of the factors of one part, until it is allowed and agrees with a partial one:
 * few of them, those that stand in the way. False, with nothing changed, where no allowed row agrees. */
bool ct__space_bend(struct ct__space *space, uint32_t part, const uint16_t *partial, uint64_t *random, uint16_t *row);

/* ---- scopes.c: constraints as tables ---- */
enum { CT__SCOPE_MAX = 6 };
struct ct__scope {
    size_t count, tuples;
    uint32_t factors[CT__SCOPE_MAX], strides[CT__SCOPE_MAX];
    uint64_t *allowed; /* a bit for each tuple: the sum of values times strides */
};
struct ct__scopes;
/* The model is borrowed. CT_NOMEM. */
enum ct_err ct__scopes_new(const struct ct__model *model, struct ct__scopes **scopes, struct ct_error *error);
void ct__scopes_free(struct ct__scopes *scopes);
/* Whether a constraint is in some table: those on many factors are not. */
bool ct__scopes_have(const struct ct__scopes *scopes, size_t constraint);
/* Whether a complete row keeps the tables that concern a factor, those on two factors only if pairs is true. */
bool ct__scopes_keep(const struct ct__scopes *scopes, const uint16_t *row, uint32_t factor, bool pairs);
/* Values of some factors, which no table joins to others, that agree with a partial row and keep all tables, preferred
 * ones first: backtracking, for `most` steps at most. found may be preferred; it stays as it is unless there are some.
 */
enum ct__found { CT__FOUND_NONE, CT__FOUND_ONE, CT__FOUND_LATER };
enum ct__found ct__scopes_find(struct ct__scopes *scopes, const uint32_t *factors, size_t count,
                               const uint16_t *partial, const uint16_t *preferred, size_t most, uint16_t *found);

/* ---- problem.c: a model prepared ---- */
struct ct__nearby;
struct ct__problem {
    const struct ct__model *model;
    size_t factor_count;
    uint32_t *counts;         /* values of each factor, and 1 for a factor factor_count that pads targets */
    uint32_t *order;          /* the factors, those with the most values first */
    struct ct__cover cover;   /* a copy, strengths cut at the number of factors */
    struct ct__group *groups; /* of cover */
    bool constrained;         /* some factor is involved in the space */
    bool has_negatives;       /* then there are two phases: rows without negative values, then rows with one */
    bool negative_phase;      /* which of them it is */
    unsigned signs;           /* which combinations are wanted: 1: those without negative values, 2: those with one */
    const struct ct__array *before; /* rows that cover some of them already; NULL: none */
    struct ct__space *space;        /* one thread at a time */
    uint8_t *negative;              /* by value number: 1 for negative ones */
    size_t *offset;                 /* the number of a factor's first value among all values */
    size_t value_total;
    uint64_t *value_ok;   /* by value number: some allowed row has it */
    uint16_t *witness;    /* an allowed row of the phase, factor_count + 1 values */
    bool possible;        /* some row is allowed in the phase */
    size_t pair_width;    /* values with a row in pair_ok; 0: there is none */
    uint32_t *pair_index; /* by value number: the row and column in pair_ok, UINT32_MAX for none */
    uint64_t *pair_ok;    /* pair_width rows of pair_words words: some allowed row has both values */
    size_t pair_words;
    struct ct__nearby *nearby; /* NULL where the problem is not constrained */
};
enum ct_err ct__problem_new(const struct ct__model *model, const struct ct__cover *cover, struct ct__problem **problem,
                            struct ct_error *error);
void ct__problem_free(struct ct__problem *problem);
/* Puts factors of as many values into another order. */
void ct__problem_shuffle(struct ct__problem *problem, uint64_t *random);
/* Works out value_ok and pair_ok for a phase. */
enum ct_err ct__problem_enter_phase(struct ct__problem *problem, bool negative_phase, struct ct_error *error);
/* False where the two values exclude each other, as far as value_ok and pair_ok know. */
bool ct__problem_pair_ok(const struct ct__problem *problem, uint32_t factor, uint32_t value, uint32_t other,
                         uint32_t other_value);
/* Whether a combination is wanted in this phase by its negative values, and no two values of it exclude each other;
 * whether the rows before cover it is not looked at. */
bool ct__problem_wants(const struct ct__problem *problem, const uint16_t *factors, const uint32_t *values,
                       size_t count);

/* Of a factor of up to 64 values, those with which a combination of others is wanted, as bits. */
uint64_t ct__problem_wanted(const struct ct__problem *problem, const uint16_t *factors, const uint32_t *values,
                            size_t count, uint16_t factor);

/* Whether every combination of values of these factors is wanted. False also where that is hard to say: for factors of
 * over 64 values, and for models with negative values. */
bool ct__problem_wants_all(const struct ct__problem *problem, const uint16_t *factors, size_t count);

/* ---- nearby.c: what the constraints that concern a factor say, without the solver ---- */
/* For a problem that knows which pairs there are, pair_width. CT_NOMEM. */
enum ct_err ct__nearby_new(const struct ct__problem *problem, struct ct__nearby **rules, struct ct_error *error);
void ct__nearby_free(struct ct__nearby *rules);
/* What it costs, in steps, to ask about a factor. */
uint64_t ct__nearby_work(const struct ct__nearby *rules, uint32_t factor);
/* Whether a complete row keeps all constraints that concern a factor, and the rule about negative values. */
bool ct__nearby_keeps(const struct ct__nearby *rules, const uint16_t *row, uint32_t factor);
/* Whether an allowed row is still allowed with another value of a factor. */
bool ct__nearby_allow(const struct ct__nearby *rules, uint16_t *row, uint32_t factor, uint16_t value);
/* Whether a partial row breaks such a constraint already, on other than two factors, whatever its free values become.
 * False does not mean that it is allowed. */
bool ct__nearby_refutes(const struct ct__nearby *rules, const uint16_t *partial, uint32_t factor);
/* The factors in changed, *count of them, have new values in an otherwise allowed row: changes others at random,
 * appended to changed, until it is allowed again; not those that are fixed, and as a matter of luck. Those that it
 * changed are fixed afterwards. */
enum { CT__NEARBY_MAX = 16 };
bool ct__nearby_mend(const struct ct__nearby *rules, uint16_t *row, uint8_t *fixed, uint64_t *random, uint32_t *changed,
                     size_t *count);

/* ---- targets.c: choices of factors whose combinations are to be covered ---- */
struct ct__targets {
    size_t count, capacity;
    size_t width;      /* factors of each; shorter ones are padded at the end with factor_count */
    uint16_t *factors; /* width for each */
};
/* The targets that hold order[position] and else factors before it in the order: without that one, which width does
 * not count either. CT_NOMEM; CT_ETOOBIG over 2^31 of them. */
enum ct_err ct__targets_at(const struct ct__problem *problem, size_t position, struct ct__targets *targets,
                           struct ct_error *error);
/* All targets; their factors are in the problem's order. */
enum ct_err ct__targets_all(const struct ct__problem *problem, struct ct__targets *targets, struct ct_error *error);
void ct__targets_clear(struct ct__targets *targets);
/* The phase's combinations, allowed or not, of targets with the factor last besides; and, added to *combinations, of
 * all targets. */
uint64_t ct__targets_combinations(const struct ct__problem *problem, const struct ct__targets *targets, uint32_t last);
/* Without groups and negative values they are not listed for that. */
enum ct_err ct__targets_count(const struct ct__problem *problem, uint64_t *combinations, struct ct_error *error);

/* ---- array.c: rows being built ---- */
/* What it costs, in steps, to look at a row, to see whether it may take a value, to ask the solver, to
 * change one combination of a cell: measured, roughly. */
enum { CT__WORK_LOOK = 5, CT__WORK_TAKE = 20, CT__WORK_SOLVE = 10000, CT__WORK_SET = 8 };
struct ct__array {
    const struct ct__problem *problem;
    size_t count, capacity;
    size_t width;      /* factor_count + 1: the last cell is that of the padding factor, 0 */
    uint16_t *cells;   /* CT__ANY where there is no value yet */
    uint16_t *witness; /* an allowed row that agrees with each; NULL where the problem is not constrained */
    uint64_t work;     /* steps so far, of about a nanosecond each; the same on every machine */
};
struct ct__array *ct__array_new(const struct ct__problem *problem);
void ct__array_free(struct ct__array *array);
static inline uint16_t *ct__array_row(const struct ct__array *array, size_t row)
{
    return array->cells + row * array->width;
}
static inline uint16_t *ct__array_witness(const struct ct__array *array, size_t row)
{
    return array->witness + row * array->width;
}
/* Appends a row without values; false: out of memory. witness, unused where there is none, is copied. */
bool ct__array_append(struct ct__array *array, const uint16_t *witness);
/* Whether the row may take these values as well, where it has none or the same; if so its witness agrees with them. */
bool ct__array_may_take(struct ct__array *array, size_t row, const uint16_t *factors, const uint32_t *values,
                        size_t count);
/* Whether an allowed complete row is allowed with these values too, which spares the solver most questions: then it has
 * them. */
bool ct__array_witness_takes(struct ct__array *array, uint16_t *witness, const uint16_t *factors,
                             const uint32_t *values, size_t count);
/* Whether a partial row with these factors breaks a constraint on them, whatever its free values become. */
bool ct__array_refutes(struct ct__array *array, const uint16_t *partial, const uint16_t *factors, size_t count);
/* Gives a value to each cell without one: the witness's where there is one, else by weight. */
void ct__array_fill(struct ct__array *array, uint64_t *random);

/* ---- layer.c: the uncovered combinations with the factor that is being added ---- */
struct ct__layer {
    const struct ct__problem *problem;
    uint32_t factor, value_count;
    struct ct__targets targets;
    size_t active;        /* the first so many targets have uncovered combinations, once compacted */
    uint64_t *base;       /* where a target's combinations begin, in tuples */
    uint64_t *left;       /* how many of a target's are uncovered */
    uint64_t *at;         /* where the row that was looked at last is in each; nowhere: it has no value there */
    uint64_t nowhere;     /* a tuple that has nothing uncovered */
    uint64_t uncovered;   /* of all targets */
    uint64_t *value_left; /* of each value of the factor */
    uint32_t lane_bits;   /* of a tuple: 1, 2, 4 to 64, one for each value of the factor */
    size_t tuple_words;   /* or so many words, where there are more than 64 values; else 1 */
    uint64_t *bits;       /* set: uncovered */
    uint64_t excluded;    /* turned out to be excluded since */
    uint64_t wanted;      /* how many were uncovered to begin with */
};
enum ct_err ct__layer_new(const struct ct__problem *problem, size_t position, struct ct__layer **layer,
                          struct ct_error *error);
void ct__layer_free(struct ct__layer *layer);
/* Finds where the row is in each active target. */
void ct__layer_locate(struct ct__layer *layer, const uint16_t *row);
/* Of the located row: which of 64 values, from first on, that are in among are in the most uncovered combinations, and
 * in how many. */
uint64_t ct__layer_best(const struct ct__layer *layer, size_t word, uint64_t among, uint32_t *gain);
/* The located row takes the value: its combinations are covered. */
void ct__layer_cover(struct ct__layer *layer, uint32_t value);
/* Leaves out targets without uncovered combinations. */
void ct__layer_compact(struct ct__layer *layer);
/* The first uncovered combination of a target at or after *tuple: false if there is none. values are those of the
 * target's factors and, last, of the layer's. */
bool ct__layer_next(const struct ct__layer *layer, size_t target, uint64_t *tuple, uint32_t *values);
/* A combination turned out to be excluded: it is no longer uncovered. */
void ct__layer_exclude(struct ct__layer *layer, size_t target, uint64_t tuple, uint32_t value);
uint64_t ct__target_tuples(const struct ct__problem *problem, const uint16_t *factors, size_t width);

/* ---- ipog.c ---- */
struct ct__watch {
    const atomic_bool *stop;
    void (*progress)(void *user, const struct ct__generate_progress *progress);
    void *user;
    bool breaks; /* stop ends an answer that has begun */
};
bool ct__watch_stopped(const struct ct__watch *watch);
/* CT_ENOTFOUND: it was stopped, and breaks. */
enum ct_err ct__watch_check(const struct ct__watch *watch, struct ct_error *error);
void ct__watch_tell(const struct ct__watch *watch, size_t factors_done, size_t factor_count, size_t row_count);
/* Looks, in the phase with negative values, for combinations without any that need a row with one, since no row of the
 * phase before has them: first covers all that such rows can (NULL: there is none). Where there are some, they are
 * wanted from now on, too; first is borrowed for the phase then. CT_ENOTFOUND: watch broke it off. */
enum ct_err ct__problem_postpone(struct ct__problem *problem, const struct ct__array *first,
                                 const struct ct__watch *watch, struct ct_error *error);
/* Adds rows to array, and values to its rows, until all wanted combinations that are allowed are covered (IPOG: Lei,
 * Kacker, Kuhn, Okun, Lawrence, "IPOG/IPOG-D", STVR 2008), or until there are more than most rows. *coverage is added
 * to. CT_ENOTFOUND: watch broke it off. */
enum ct_err ct__ipog(struct ct__array *array, size_t most, uint64_t *random, const struct ct__watch *watch,
                     struct ct__coverage *coverage, struct ct_error *error);
#endif
