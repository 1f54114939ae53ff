/* The door of room generator/: covering arrays. A model has factors (parameters, actions) of some values each, numbered
 * from 0, and constraints; rows are generated in which every combination of values of every t factors that the
 * constraints allow is found at least once. Values have no meaning here. Not installed. */
#ifndef COMBTEST_GENERATOR_GENERATOR_H
#define COMBTEST_GENERATOR_GENERATOR_H
#include <combtest/core.h>
#include <stdatomic.h>

#define CT__FACTORS_MAX  10000u
#define CT__VALUES_MAX   32767u            /* of one factor */
#define CT__STRENGTH_MAX 12                /* of all factors, and of a group */
#define CT__ANY          ((uint16_t)65535) /* in a partial row: this factor has no value yet */

/* ---- models: plain data, all borrowed by whoever takes one ---- */
struct ct__factor {
    uint32_t value_count;    /* 1 to CT__VALUES_MAX */
    const uint8_t *negative; /* one for each value: 1 where it is a negative (invalid) one; NULL: none is */
    const uint32_t *weights; /* one for each value, 1 and up: which to prefer where any would do; NULL: all alike */
};

/* A formula over the values of a row, as a tree. Depth at most 2000. */
enum ct__formula_kind {
    CT__FORMULA_IN,      /* factor takes one of a set of values */
    CT__FORMULA_RELATED, /* factor and other take a pair of values that is in a relation */
    CT__FORMULA_NOT,     /* not parts[0] */
    CT__FORMULA_AND,     /* all parts; of none: true */
    CT__FORMULA_OR       /* some part; of none: false */
};
struct ct__formula {
    enum ct__formula_kind kind;
    uint32_t factor, other;          /* of IN (factor alone) and RELATED (they differ) */
    const uint64_t *bits;            /* IN: bit v; RELATED: bit v * (value_count of other) + w; see ct__bit_is_set */
    const struct ct__formula *parts; /* of NOT, AND, OR */
    size_t part_count;
};

struct ct__model {
    const struct ct__factor *factors;
    size_t factor_count;
    const struct ct__formula *constraints; /* each must hold in each row */
    size_t constraint_count;
};

/* Bitsets as formulas have them: bit i is bit i % 64 of word i / 64. */
static inline size_t ct__bit_words(size_t bits)
{
    return (bits + 63) / 64;
}
static inline bool ct__bit_is_set(const uint64_t *bits, size_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}
static inline void ct__bit_set(uint64_t *bits, size_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Checks counts, indices, depth and weights: CT_EINVAL says which factor or constraint (both counted from 0) is wrong.
 * Everything below that takes a model does it itself. */
enum ct_err ct__model_check(const struct ct__model *model, struct ct_error *error);
/* Whether the formula holds in a row whose factors all have values. */
bool ct__formula_holds(const struct ct__formula *formula, const struct ct__model *model, const uint16_t *row);

/* ---- what the constraints allow: a SAT solver over the whole model ---- */
/* A row with two negative values is never allowed. One thread at a time for each space. */
struct ct__space;
/* The model is borrowed for the space's life. CT_EINVAL, CT_NOMEM. */
enum ct_err ct__space_new(const struct ct__model *model, struct ct__space **space, struct ct_error *error);
void ct__space_free(struct ct__space *space);
/* Whether some allowed row agrees with a partial one (CT__ANY: any value). witness, which may be NULL, is filled with
 * one if so: factor_count values. */
bool ct__space_allows(struct ct__space *space, const uint16_t *partial, uint16_t *witness);
/* From now on rows with negative values are not allowed at all (true), or one is (false, as it begins). */
void ct__space_forbid_negatives(struct ct__space *space, bool forbid);
/* Factors in the same part can exclude values of each other; those of different parts cannot. UINT32_MAX: neither a
 * constraint nor a negative value concerns the factor. */
uint32_t ct__space_part(const struct ct__space *space, uint32_t factor);
/* As ct__space_allows, of the factors of one part alone; values of other factors in witness stay as they are. */
bool ct__space_allows_part(struct ct__space *space, uint32_t part, const uint16_t *partial, uint16_t *witness);
/* Why a partial row (all CT__ANY: anything at all) is excluded: the indices, ascending, of a set of constraints that
 * exclude it together and of which none can be left out. *indices is the caller's (free); *count is 0 where it is
 * excluded by its two negative values alone. CT_ENOTFOUND: it is allowed; CT_NOMEM. */
enum ct_err ct__space_explain(struct ct__space *space, const uint16_t *partial, size_t **indices, size_t *count,
                              struct ct_error *error);

/* ---- what is to be covered ---- */
/* A group of factors with a strength of its own (PICT's sub-model, CT_STRENGTH): combinations that lie in the group are
 * taken at its strength, those that do not at the strength of all. */
struct ct__group {
    const uint32_t *factors; /* distinct */
    size_t factor_count;
    int strength; /* 1 and up; over factor_count counts as factor_count */
    bool most;    /* other combinations have no more of its factors than strength says */
};
struct ct__cover {
    int strength; /* of all factors: 1 to CT__STRENGTH_MAX; over factor_count counts as factor_count */
    const struct ct__group *groups;
    size_t group_count;
};

/* Combinations of values without negative ones count as covered only in rows without negative values, as in PICT,
 * unless no such row that is allowed has them: then by a row with one. Those with one negative value are covered by a
 * row with that one. Two negative values never are combined. */
struct ct__coverage {
    uint64_t combinations; /* all of them, without those of two negative values */
    uint64_t coverable;    /* those that the constraints allow */
    uint64_t covered;
};

/* ---- generating ---- */
/* How long fewer rows are looked for. That is counted in steps of work, not by a clock: the rows are the same on every
 * machine, and whether two threads can run at once or not. A small problem takes less. */
enum ct__effort {
    CT__EFFORT_DEFAULT =
        0,           /* about a second for pairs, about eight from strength 3 on; the first answer may take longer */
    CT__EFFORT_FAST, /* the first answer */
    CT__EFFORT_BEST  /* about ten seconds */
};
struct ct__generate_progress {
    size_t factors_done, factor_count; /* of the first answer */
    size_t row_count;                  /* so far; of a complete set once factors_done is factor_count */
};
/* Zero means the default. All borrowed for the call. */
struct ct__generate_options {
    struct ct__cover cover; /* strength 0: 2 */
    /* Rows to begin with, factor_count values each, CT__ANY where free. */
    const uint16_t *seeds;
    size_t seed_count;
    uint64_t random;
    enum ct__effort effort;
    /* Once it is true the search for fewer rows ends and the best complete set is returned; a first answer that has
     * begun is finished, unless abandon is set. NULL: never. */
    const atomic_bool *stop;
    /* Called on the calling thread, now and then (as often as a few hundred times a second). */
    void (*progress)(void *user, const struct ct__generate_progress *progress);
    void *progress_user;
    bool abandon; /* stop also ends a first answer that has begun: CT_ENOTFOUND, there is no set then */
};

/* A value of a seed row that could not be kept: with the values before it in its row it is excluded. */
struct ct__dropped {
    size_t seed;
    uint32_t factor;
};

struct ct__rows {
    uint16_t *values; /* row after row, factor_count values each; ascending, no row twice */
    size_t count, factor_count;
    struct ct__coverage coverage; /* covered is coverable */
    struct ct__dropped *dropped;  /* by seed, then factor */
    size_t dropped_count;
    bool stopped; /* stop was true before the effort was spent */
};

/* Generates. The same model, options and seed give the same rows, unless stop cuts it short. *rows is the caller's:
 * ct__rows_free. CT_EINVAL: the model or options are wrong, or the constraints exclude everything (see
 * ct__space_explain); CT_ENOTFOUND: abandoned; CT_ETOOBIG: over 2^32 combinations of one choice of factors, or 2^31
 * rows; CT_NOMEM. */
enum ct_err ct__generate(const struct ct__model *model, const struct ct__generate_options *options,
                         struct ct__rows **rows, struct ct_error *error);
/* Puts rows that were added or changed in order again, each once. */
void ct__rows_sort(struct ct__rows *rows);
void ct__rows_free(struct ct__rows *rows);

/* ---- measuring ---- */
struct ct__measure {
    struct ct__coverage coverage;
    uint16_t *missing;    /* the first missing_max coverable combinations that are not covered, as partial rows */
    size_t missing_count; /* rows in missing */
    struct ct__bad_row {
        size_t row, constraint; /* constraint is SIZE_MAX where two negative values are the reason */
    } * bad;                    /* rows that break a constraint, with the first that they break; they cover nothing */
    size_t bad_count;
};
/* What row_count rows cover; rows may hold CT__ANY (what has it covers nothing there; the row is bad if nothing allowed
 * agrees with it, with constraint SIZE_MAX unless it is complete). *measure is filled: ct__measure_clear. CT_EINVAL,
 * CT_ETOOBIG, CT_NOMEM as ct__generate. */
enum ct_err ct__measure(const struct ct__model *model, const struct ct__cover *cover, const uint16_t *rows,
                        size_t row_count, size_t missing_max, struct ct__measure *measure, struct ct_error *error);
void ct__measure_clear(struct ct__measure *measure);

#include <generator/pict.h>  /* the rest of this door: PICT's models, */
#include <generator/suite.h> /* and suites as models */
#endif
