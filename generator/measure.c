/* What rows cover: each layer's combinations are struck out by the rows, and what is left is asked of the solver. */
#include <generator/inner.h>

struct measurer {
    struct ct__problem *problem;
    const uint16_t *rows;
    size_t row_count, missing_max, missing_room, bad_room;
    bool *bad;        /* by row */
    bool *negative;   /* by row: a value is negative, or has to become so */
    uint16_t *row;    /* the one at hand, with the padding factor's cell */
    uint32_t *values; /* of the combination at hand */
    struct ct__measure made;
    struct ct_error *error;
};

/* ---- rows that are wrong ---- */

static bool add_bad(struct measurer *measurer, size_t row, size_t constraint)
{
    struct ct__measure *made = &measurer->made;
    if (made->bad_count == measurer->bad_room) {
        size_t room = measurer->bad_room * 2 + 16;
        struct ct__bad_row *grown = realloc(made->bad, room * sizeof(*grown));
        if (!grown) return false;
        made->bad = grown;
        measurer->bad_room = room;
    }
    made->bad[made->bad_count++] = (struct ct__bad_row){ .row = row, .constraint = constraint };
    measurer->bad[row] = true;
    return true;
}

static unsigned count_negatives(const struct ct__problem *problem, const uint16_t *row)
{
    unsigned count = 0;
    for (size_t f = 0; f < problem->factor_count; f++) {
        if (row[f] != CT__ANY) count += problem->negative[problem->offset[f] + row[f]];
    }
    return count;
}

/* The first constraint that a complete row breaks; constraint_count where it breaks none. */
static size_t first_broken(const struct ct__model *model, const uint16_t *row)
{
    size_t i = 0;
    while (i < model->constraint_count && ct__formula_holds(&model->constraints[i], model, row)) i++;
    return i;
}

/* Whether an allowed row without negative values agrees with a partial one. */
static bool may_be_positive(const struct ct__problem *problem, const uint16_t *partial)
{
    bool may;
    ct__space_forbid_negatives(problem->space, problem->has_negatives);
    may = ct__space_allows(problem->space, partial, NULL);
    ct__space_forbid_negatives(problem->space, false);
    return may;
}

static enum ct_err check_row(struct measurer *measurer, size_t index)
{
    const struct ct__problem *problem = measurer->problem;
    const uint16_t *row = measurer->rows + index * problem->factor_count;
    bool complete = true, bad;
    size_t constraint = SIZE_MAX;
    for (size_t f = 0; f < problem->factor_count; f++) {
        if (row[f] == CT__ANY)
            complete = false;
        else if (row[f] >= problem->counts[f])
            return ct__error(measurer->error, CT_EINVAL, "row %zu: factor %zu has no value %u", index, f, row[f]);
    }
    bad = count_negatives(problem, row) > 1;
    if (complete) {
        size_t broken = first_broken(problem->model, row);
        if (broken < problem->model->constraint_count) constraint = broken;
        bad = bad || constraint != SIZE_MAX;
    } else if (!bad) {
        bad = !ct__space_allows(problem->space, row, NULL);
    }
    measurer->negative[index] = count_negatives(problem, row) > 0 ||
                                (!complete && !bad && !may_be_positive(problem, row));
    return !bad || add_bad(measurer, index, constraint) ? CT_OK : ct__nomem(measurer->error);
}

/* ---- what is covered ---- */

/* By the rows with negative values, or by those without any. */
static void strike_out(struct measurer *measurer, struct ct__layer *layer, bool negative)
{
    const struct ct__problem *problem = measurer->problem;
    size_t width = problem->factor_count;
    measurer->row[width] = 0;
    for (size_t r = 0; r < measurer->row_count && layer->uncovered > 0; r++) {
        const uint16_t *row = measurer->rows + r * width;
        if (measurer->bad[r] || row[layer->factor] == CT__ANY) continue;
        if (measurer->negative[r] != negative) continue;
        memcpy(measurer->row, row, width * sizeof(*row));
        ct__layer_locate(layer, measurer->row);
        ct__layer_cover(layer, row[layer->factor]);
    }
}

static bool add_missing(struct measurer *measurer)
{
    struct ct__measure *made = &measurer->made;
    size_t width = measurer->problem->factor_count;
    if (made->missing_count >= measurer->missing_max) return true;
    if (made->missing_count == measurer->missing_room) {
        size_t room = measurer->missing_room * 2 + 16;
        uint16_t *grown = realloc(made->missing, room * width * sizeof(*grown));
        if (!grown) return false;
        made->missing = grown;
        measurer->missing_room = room;
    }
    memcpy(made->missing + made->missing_count++ * width, measurer->row, width * sizeof(*measurer->row));
    return true;
}

/* Puts the combination of a target into measurer->row, and nothing else. Returns the value of the layer's factor. */
static uint32_t fill_row(struct measurer *measurer, const struct ct__layer *layer, size_t target)
{
    const uint16_t *factors = layer->targets.factors + target * layer->targets.width;
    size_t count = 0, width = measurer->problem->factor_count;
    memset(measurer->row, 0xff, width * sizeof(*measurer->row));
    for (; count < layer->targets.width && factors[count] != width; count++)
        measurer->row[factors[count]] = (uint16_t)measurer->values[count];
    measurer->row[layer->factor] = (uint16_t)measurer->values[count];
    return measurer->values[count];
}

/* Tells what is missing from what is excluded, among what no row has. */
static enum ct_err sort_out(struct measurer *measurer, struct ct__layer *layer, uint64_t *missing)
{
    const struct ct__problem *problem = measurer->problem;
    *missing = 0;
    for (size_t target = 0; target < layer->targets.count; target++) {
        uint64_t tuple = 0;
        while (ct__layer_next(layer, target, &tuple, measurer->values)) {
            uint32_t value = fill_row(measurer, layer, target);
            bool allowed = !problem->constrained || ct__space_allows(problem->space, measurer->row, NULL);
            ct__layer_exclude(layer, target, tuple, value);
            *missing += allowed;
            if (allowed && !add_missing(measurer)) return ct__nomem(measurer->error);
        }
    }
    return CT_OK;
}

static enum ct_err measure_layer(struct measurer *measurer, size_t position)
{
    struct ct__layer *layer;
    struct ct__coverage *coverage = &measurer->made.coverage;
    uint64_t missing;
    enum ct_err err = ct__layer_new(measurer->problem, position, &layer, measurer->error);
    if (err) return err;
    strike_out(measurer, layer, measurer->problem->negative_phase);
    err = sort_out(measurer, layer, &missing);
    if (!err) {
        uint64_t coverable = layer->wanted - (layer->excluded - missing);
        coverage->combinations += ct__targets_combinations(measurer->problem, &layer->targets, layer->factor);
        coverage->coverable += coverable;
        coverage->covered += coverable - missing;
    }
    ct__layer_free(layer);
    return err;
}

static enum ct_err measure_phase(struct measurer *measurer, bool negative_phase, bool *possible)
{
    struct ct__problem *problem = measurer->problem;
    enum ct_err err = ct__problem_enter_phase(problem, negative_phase, measurer->error);
    *possible = *possible || (!err && problem->possible);
    for (size_t p = 0; !err && p < problem->factor_count; p++) err = measure_layer(measurer, p);
    return err;
}

/* ---- combinations without negative values that only rows with one can have ---- */

/* Whether a row has the combination in measurer->row. */
static bool some_row_has(const struct measurer *measurer)
{
    size_t width = measurer->problem->factor_count;
    for (size_t r = 0; r < measurer->row_count; r++) {
        const uint16_t *row = measurer->rows + r * width;
        size_t f = 0;
        while (f < width && (measurer->row[f] == CT__ANY || measurer->row[f] == row[f])) f++;
        if (f == width && !measurer->bad[r]) return true;
    }
    return false;
}

static enum ct_err measure_postponed_layer(struct measurer *measurer, size_t position)
{
    const struct ct__problem *problem = measurer->problem;
    struct ct__layer *layer;
    struct ct__coverage *coverage = &measurer->made.coverage;
    enum ct_err err = ct__layer_new(problem, position, &layer, measurer->error);
    if (err) return err;
    strike_out(measurer, layer, false);
    for (size_t target = 0; !err && target < layer->targets.count; target++) {
        uint64_t tuple = 0;
        while (!err && ct__layer_next(layer, target, &tuple, measurer->values)) {
            ct__layer_exclude(layer, target, tuple, fill_row(measurer, layer, target));
            if (may_be_positive(problem, measurer->row) || !ct__space_allows(problem->space, measurer->row, NULL))
                continue;
            bool covered = some_row_has(measurer);
            coverage->coverable++;
            coverage->covered += covered;
            if (!covered && !add_missing(measurer)) err = ct__nomem(measurer->error);
        }
    }
    ct__layer_free(layer);
    return err;
}

/* In the phase with negative values. */
static enum ct_err measure_postponed(struct measurer *measurer)
{
    enum ct_err err = CT_OK;
    measurer->problem->signs = 1;
    for (size_t p = 0; !err && p < measurer->problem->factor_count; p++) err = measure_postponed_layer(measurer, p);
    return err;
}

static enum ct_err measure_all(struct measurer *measurer)
{
    size_t width = measurer->problem->factor_count;
    enum ct_err err = CT_OK;
    bool possible = false;
    measurer->bad = calloc(measurer->row_count + 1, sizeof(*measurer->bad));
    measurer->negative = calloc(measurer->row_count + 1, sizeof(*measurer->negative));
    measurer->row = calloc(width + 1, sizeof(*measurer->row));
    measurer->values = calloc(width + 1, sizeof(*measurer->values));
    if (!measurer->bad || !measurer->negative || !measurer->row || !measurer->values) return ct__nomem(measurer->error);
    ct__space_forbid_negatives(measurer->problem->space, false);
    for (size_t r = 0; !err && r < measurer->row_count; r++) err = check_row(measurer, r);
    if (!err) err = measure_phase(measurer, false, &possible);
    bool incomplete = measurer->made.coverage.coverable < measurer->made.coverage.combinations;
    if (!err && measurer->problem->has_negatives) err = measure_phase(measurer, true, &possible);
    if (!err && measurer->problem->has_negatives && incomplete) err = measure_postponed(measurer);
    if (!err && !possible) err = ct__error(measurer->error, CT_EINVAL, "the constraints exclude every row");
    return err;
}

enum ct_err ct__measure(const struct ct__model *model, const struct ct__cover *cover, const uint16_t *rows,
                        size_t row_count, size_t missing_max, struct ct__measure *measure, struct ct_error *error)
{
    struct measurer measurer = { .rows = rows, .row_count = row_count, .missing_max = missing_max, .error = error };
    enum ct_err err = ct__problem_new(model, cover, &measurer.problem, error);
    if (err) return err;
    err = measure_all(&measurer);
    if (!err)
        *measure = measurer.made;
    else
        ct__measure_clear(&measurer.made);
    free(measurer.bad);
    free(measurer.negative);
    free(measurer.row);
    free(measurer.values);
    ct__problem_free(measurer.problem);
    return err;
}

void ct__measure_clear(struct ct__measure *measure)
{
    if (!measure) return;
    free(measure->missing);
    free(measure->bad);
    *measure = (struct ct__measure){ 0 };
}
