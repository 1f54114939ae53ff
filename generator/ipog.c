#include <generator/inner.h>

#define SCAN_MAX 2048 /* rows that are looked at to take in one combination: bounds what a combination costs */

struct list {
    uint32_t *rows;
    size_t count, capacity;
};

/* One step: a factor is added to the rows. */
struct step {
    struct ct__array *array;
    struct ct__layer *layer;
    size_t position;
    uint64_t *random;
    struct list *open;    /* by value of the factor, and last those without: rows in which something is free */
    uint16_t *free_cells; /* of each row, among the factors that were added */
    size_t free_capacity;
    uint16_t *partial; /* a row without values */
    uint16_t *scratch; /* an allowed row for the combination that is being placed */
    size_t most;       /* more rows are of no use */
};

bool ct__watch_stopped(const struct ct__watch *watch)
{
    return watch->stop != NULL && atomic_load_explicit(watch->stop, memory_order_relaxed);
}

enum ct_err ct__watch_check(const struct ct__watch *watch, struct ct_error *error)
{
    if (!watch->breaks || !ct__watch_stopped(watch)) return CT_OK;
    return ct__error(error, CT_ENOTFOUND, "stopped before a set of rows was complete");
}

void ct__watch_tell(const struct ct__watch *watch, size_t factors_done, size_t factor_count, size_t row_count)
{
    struct ct__generate_progress progress = { factors_done, factor_count, row_count };
    if (watch->progress != NULL) watch->progress(watch->user, &progress);
}

/* ---- horizontal: each row gets a value of the new factor ---- */
/* Of values that cover as much: the heaviest, then the one that is left the most, then any. */
static uint32_t pick(struct step *step, size_t word, uint64_t among)
{
    const struct ct__layer *layer = step->layer;
    const uint32_t *weights = layer->problem->model->factors[layer->factor].weights;
    uint32_t picked = UINT32_MAX, ties = 0;
    for (; among != 0; among &= among - 1) {
        uint32_t v = (uint32_t)word * 64 + (uint32_t)__builtin_ctzll(among);
        bool better = picked == UINT32_MAX, as_good = false;
        if (!better && weights != NULL && weights[v] != weights[picked])
            better = weights[v] > weights[picked];
        else if (!better && layer->value_left[v] != layer->value_left[picked])
            better = layer->value_left[v] > layer->value_left[picked];
        else
            as_good = !better;
        ties = better ? 1 : ties + as_good;
        if (better || (as_good && ct__random_below(step->random, ties) == 0)) picked = v;
    }
    return picked;
}

/* The best value of the located row that it may take: false if none covers anything. */
static bool best_value(struct step *step, size_t row, uint32_t *value)
{
    struct ct__layer *layer = step->layer;
    uint16_t factor = (uint16_t)layer->factor;
    uint32_t most = 0;
    for (size_t word = 0; word < layer->tuple_words; word++) {
        uint64_t among = UINT64_MAX;
        for (;;) {
            uint32_t gain, v;
            step->array->work += layer->active;
            uint64_t best = ct__layer_best(layer, word, among, &gain);
            if (gain <= most) break;
            v = pick(step, word, best);
            if (ct__array_may_take(step->array, row, &factor, &v, 1)) {
                most = gain;
                *value = v;
                break;
            }
            among &= ~(UINT64_C(1) << v % 64);
        }
    }
    return most != 0;
}

static void extend_row(struct step *step, size_t index)
{
    uint16_t *row = ct__array_row(step->array, index);
    uint32_t value;
    if (row[step->layer->factor] == CT__ANY && step->layer->uncovered == 0) return;
    ct__layer_locate(step->layer, row);
    step->array->work += step->layer->active * 2;
    if (row[step->layer->factor] != CT__ANY)
        value = row[step->layer->factor];
    else if (!best_value(step, index, &value))
        return;
    row[step->layer->factor] = (uint16_t)value;
    ct__layer_cover(step->layer, value);
}

static void extend(struct step *step)
{
    for (size_t r = 0; r < step->array->count; r++) {
        if (r % 16 == 0) ct__layer_compact(step->layer);
        extend_row(step, r);
    }
    ct__layer_compact(step->layer);
}

/* ---- vertical: what is still uncovered goes to free cells and new rows ---- */
static bool list_append(struct list *list, size_t row)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 16;
        uint32_t *grown = realloc(list->rows, capacity * sizeof *grown);
        if (grown == NULL) return false;
        list->rows = grown;
        list->capacity = capacity;
    }
    list->rows[list->count++] = (uint32_t)row;
    return true;
}

static struct list *list_of(struct step *step, const uint16_t *row)
{
    uint16_t value = row[step->layer->factor];
    return &step->open[value == CT__ANY ? step->layer->value_count : value];
}

static void count_free(struct step *step, size_t index)
{
    const uint16_t *row = ct__array_row(step->array, index);
    uint16_t count = 0;
    for (size_t p = 0; p <= step->position; p++)
        if (row[step->layer->problem->order[p]] == CT__ANY) count++;
    step->free_cells[index] = count;
}

static bool reserve(struct step *step, size_t rows)
{
    size_t capacity = rows + rows / 2 + 64;
    uint16_t *grown;
    if (rows <= step->free_capacity) return true;
    grown = realloc(step->free_cells, capacity * sizeof *grown);
    if (grown == NULL) return false;
    step->free_cells = grown;
    step->free_capacity = capacity;
    return true;
}

static bool open_row(struct step *step, size_t index)
{
    count_free(step, index);
    return step->free_cells[index] == 0 || list_append(list_of(step, ct__array_row(step->array, index)), index);
}

struct combination {
    uint16_t factors[CT__STRENGTH_MAX + 1]; /* the last one is the layer's */
    uint32_t values[CT__STRENGTH_MAX + 1];
    size_t count;
};

static bool agrees(const uint16_t *row, const struct combination *combination)
{
    for (size_t i = 0; i < combination->count; i++) {
        uint16_t value = row[combination->factors[i]];
        if (value != CT__ANY && value != combination->values[i]) return false;
    }
    return true;
}

static void put(struct step *step, size_t index, const struct combination *combination)
{
    uint16_t *row = ct__array_row(step->array, index);
    for (size_t i = 0; i < combination->count; i++) row[combination->factors[i]] = (uint16_t)combination->values[i];
    count_free(step, index);
    ct__layer_locate(step->layer, row);
    step->array->work += step->layer->active * 4 + step->position;
    ct__layer_cover(step->layer, row[step->layer->factor]);
}

static void list_drop(struct list *list, size_t at)
{
    list->rows[at] = list->rows[--list->count];
}

/* Puts the combination into a row of the list if one may take it. */
static bool put_into(struct step *step, struct list *list, const struct combination *combination)
{
    for (size_t i = 0, looked = 0; i < list->count && looked < SCAN_MAX; looked++) {
        size_t index = list->rows[i];
        step->array->work += CT__WORK_LOOK;
        if (step->free_cells[index] == 0) {
            list_drop(list, i);
            continue;
        }
        if (!agrees(ct__array_row(step->array, index), combination) ||
            !ct__array_may_take(step->array, index, combination->factors, combination->values, combination->count)) {
            i++;
            continue;
        }
        put(step, index, combination);
        return true;
    }
    return false;
}

/* As put_into, of the rows without the factor: the row that takes it moves to the list of its value. */
static enum ct_err put_anew(struct step *step, const struct combination *combination, bool *done,
                            struct ct_error *error)
{
    struct list *list = &step->open[step->layer->value_count];
    for (size_t i = 0; i < list->count && i < SCAN_MAX; i++) {
        size_t index = list->rows[i];
        step->array->work += CT__WORK_LOOK;
        if (!agrees(ct__array_row(step->array, index), combination) ||
            !ct__array_may_take(step->array, index, combination->factors, combination->values, combination->count))
            continue;
        list_drop(list, i);
        put(step, index, combination);
        *done = true;
        return open_row(step, index) ? CT_OK : ct__nomem(error);
    }
    return CT_OK;
}

enum { WITNESSES = 32 }; /* of rows there are, with which a combination is tried before the solver is asked */

/* Whether one of them is allowed with the combination: it is in step->scratch then. */
static bool some_witness_takes(struct step *step, const struct combination *combination)
{
    struct ct__array *array = step->array;
    size_t size = array->width * sizeof *step->scratch, count = array->count < WITNESSES ? array->count : WITNESSES;
    memcpy(step->scratch, array->problem->witness, size);
    for (size_t n = 0;; n++) {
        array->work += array->width / 4;
        if (ct__array_witness_takes(array, step->scratch, combination->factors, combination->values,
                                    combination->count))
            return true;
        if (n == count) return false;
        memcpy(step->scratch, ct__array_witness(array, array->count - 1 - n), size);
    }
}

static bool solver_allows(struct step *step, const struct combination *combination)
{
    const struct ct__problem *problem = step->layer->problem;
    bool allowed = true;
    memcpy(step->scratch, problem->witness, (problem->factor_count + 1) * sizeof *step->scratch);
    for (size_t i = 0; allowed && i < combination->count; i++) {
        uint32_t part = ct__space_part(problem->space, combination->factors[i]);
        if (part != UINT32_MAX) step->array->work += CT__WORK_SOLVE + problem->factor_count * 100;
        allowed = part == UINT32_MAX || ct__space_allows_part(problem->space, part, step->partial, step->scratch);
    }
    return allowed;
}

static bool is_allowed(struct step *step, const struct combination *combination)
{
    bool allowed;
    if (!step->layer->problem->constrained || some_witness_takes(step, combination)) return true;
    for (size_t i = 0; i < combination->count; i++)
        step->partial[combination->factors[i]] = (uint16_t)combination->values[i];
    allowed = !ct__array_refutes(step->array, step->partial, combination->factors, combination->count) &&
              solver_allows(step, combination);
    for (size_t i = 0; i < combination->count; i++) step->partial[combination->factors[i]] = CT__ANY;
    return allowed;
}

static enum ct_err place(struct step *step, size_t target, uint64_t tuple, const struct combination *combination,
                         struct ct_error *error)
{
    uint32_t value = combination->values[combination->count - 1];
    bool done = false;
    enum ct_err err;
    if (!is_allowed(step, combination)) {
        ct__layer_exclude(step->layer, target, tuple, value);
        return CT_OK;
    }
    if (put_into(step, &step->open[value], combination)) return CT_OK;
    err = put_anew(step, combination, &done, error);
    if (err != CT_OK || done) return err;
    if (step->array->count > INT32_MAX) return ct__error(error, CT_ETOOBIG, "over 2^31 rows are needed");
    if (!ct__array_append(step->array, step->scratch)) return ct__nomem(error);
    if (!reserve(step, step->array->count)) return ct__nomem(error);
    put(step, step->array->count - 1, combination);
    return open_row(step, step->array->count - 1) ? CT_OK : ct__nomem(error);
}

static enum ct_err place_target(struct step *step, size_t target, struct ct_error *error)
{
    const struct ct__layer *layer = step->layer;
    const uint16_t *factors = layer->targets.factors + target * layer->targets.width;
    struct combination combination = { .count = 0 };
    enum ct_err err = CT_OK;
    while (combination.count < layer->targets.width && factors[combination.count] != layer->problem->factor_count) {
        combination.factors[combination.count] = factors[combination.count];
        combination.count++;
    }
    combination.factors[combination.count++] = (uint16_t)layer->factor;
    for (uint64_t tuple = 0;
         err == CT_OK && step->array->count <= step->most && ct__layer_next(layer, target, &tuple, combination.values);)
        err = place(step, target, tuple, &combination, error);
    return err;
}

static enum ct_err complete(struct step *step, const struct ct__watch *watch, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (step->layer->uncovered == 0) return CT_OK;
    if (!reserve(step, step->array->count)) return ct__nomem(error);
    for (size_t r = 0; r < step->array->count; r++)
        if (!open_row(step, r)) return ct__nomem(error);
    for (size_t t = 0; err == CT_OK && t < step->layer->active; t++) {
        err = ct__watch_check(watch, error);
        if (err == CT_OK) err = place_target(step, t, error);
    }
    return err;
}

/* ---- the whole ---- */
static void step_clear(struct step *step)
{
    for (size_t v = 0; step->open != NULL && v <= step->layer->value_count; v++) free(step->open[v].rows);
    free(step->open);
    free(step->free_cells);
    free(step->partial);
    free(step->scratch);
    ct__layer_free(step->layer);
}

static enum ct_err add_factor(struct ct__array *array, size_t position, size_t most, uint64_t *random,
                              const struct ct__watch *watch, struct ct__coverage *coverage, struct ct_error *error)
{
    const struct ct__problem *problem = array->problem;
    struct step step = { .array = array, .position = position, .random = random, .most = most };
    enum ct_err err = ct__layer_new(problem, position, &step.layer, error);
    if (err != CT_OK) return err;
    step.open = calloc(step.layer->value_count + 1, sizeof *step.open);
    step.partial = malloc((problem->factor_count + 1) * sizeof *step.partial);
    step.scratch = malloc((problem->factor_count + 1) * sizeof *step.scratch);
    if (step.open == NULL || step.partial == NULL || step.scratch == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    for (size_t f = 0; f < problem->factor_count; f++) step.partial[f] = CT__ANY;
    coverage->combinations += ct__targets_combinations(problem, &step.layer->targets, step.layer->factor);
    coverage->coverable += step.layer->wanted;
    extend(&step);
    err = complete(&step, watch, error);
    coverage->coverable -= step.layer->excluded;
out:
    step_clear(&step);
    return err;
}

enum ct_err ct__ipog(struct ct__array *array, size_t most, uint64_t *random, const struct ct__watch *watch,
                     struct ct__coverage *coverage, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    size_t factor_count = array->problem->factor_count;
    for (size_t p = 0; err == CT_OK && p < factor_count && array->count <= most; p++) {
        err = ct__watch_check(watch, error);
        if (err == CT_OK) err = add_factor(array, p, most, random, watch, coverage, error);
        ct__watch_tell(watch, p + 1, factor_count, array->count);
    }
    return err;
}
