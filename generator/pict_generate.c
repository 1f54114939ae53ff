/* Generating from a model with sub-models: each of them first, then all together. */
#include <generator/pict_seeds.h>
#include <generator/pict_units.h>
#include <generator/rows.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct ct__pict_units all; /* the sub-models, then the parameters that are in none */
    const struct ct__generate_options *options;
    struct ct__space *space; /* of the whole model */
    struct ct__coverage coverage;
    bool stopped;
    struct ct_error *error;
};

/* ---- one sub-model ---- */

/* That the values of a partial row, by unit, do not come together. */
static bool exclude(const struct ct__pict_units *units, const uint16_t *row, struct ct__formula *made)
{
    struct ct__formula *parts = ct__pict_alloc(units->pool, units->count, sizeof(*parts));
    struct ct__formula *both = ct__pict_alloc(units->pool, 1, sizeof(*both));
    size_t count = 0;
    if (!parts || !both) return false;
    for (size_t u = 0; u < units->count; u++) {
        size_t parameter = units->units[u].members[0], values = units->model->parameters[parameter].value_count;
        if (row[parameter] == CT__ANY) continue;
        uint64_t *bits = ct__pict_alloc(units->pool, ct__bit_words(values), sizeof(*bits));
        if (!bits) return false;
        ct__bit_set(bits, row[parameter]);
        parts[count++] = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = (uint32_t)u, .bits = bits };
    }
    *both = (struct ct__formula){ .kind = CT__FORMULA_AND, .parts = parts, .part_count = count };
    *made = (struct ct__formula){ .kind = CT__FORMULA_NOT, .parts = both, .part_count = 1 };
    return true;
}

/* Finds rows of the sub-model that no row of the whole model agrees with, and excludes of each the fewest values that
 * are to blame. *learned counts the constraints added, at most room. */
static bool learn(struct work *work, const struct ct__pict_units *units, const struct ct__rows *rows, size_t room,
                  struct ct__formula *constraints, size_t *learned)
{
    size_t width = work->all.model->parameter_count;
    uint16_t *partial = ct__pict_alloc(units->pool, width, sizeof(*partial));
    if (!partial) return false;
    for (size_t r = 0; r < rows->count && *learned < room; r++) {
        memset(partial, 0xff, width * sizeof(*partial));
        for (size_t u = 0; u < units->count; u++)
            partial[units->units[u].members[0]] = rows->values[r * units->count + u];
        if (ct__space_allows(work->space, partial, NULL)) continue;
        for (size_t u = 0; u < units->count; u++) {
            uint16_t *value = &partial[units->units[u].members[0]], kept = *value;
            *value = CT__ANY;
            if (ct__space_allows(work->space, partial, NULL)) *value = kept;
        }
        if (!exclude(units, partial, &constraints[(*learned)++])) return false;
    }
    return true;
}

/* The seeds as they concern the sub-model: an array for options, or NULL for want of memory. */
static uint16_t *project_seeds(const struct work *work, const struct ct__pict_units *units)
{
    size_t width = work->all.model->parameter_count;
    uint16_t *seeds = ct__pict_alloc(units->pool, work->options->seed_count * units->count + 1, sizeof(*seeds));
    for (size_t s = 0; seeds && s < work->options->seed_count; s++) {
        for (size_t u = 0; u < units->count; u++)
            seeds[s * units->count + u] = work->options->seeds[s * width + units->units[u].members[0]];
    }
    return seeds;
}

/* A unit for each member of the sub-model. */
static bool make_members(const struct work *work, const struct ct__pict_submodel *submodel,
                         struct ct__pict_units *units)
{
    *units = (struct ct__pict_units){ .model = work->all.model, .pool = work->all.pool, .count = submodel->count };
    units->units = ct__pict_alloc(units->pool, submodel->count, sizeof(*units->units));
    if (!units->units) return false;
    for (size_t m = 0; m < submodel->count; m++)
        units->units[m] = (struct ct__pict_unit){ .members = &submodel->parameters[m], .member_count = 1 };
    return ct__pict_units_index(units);
}

/* What was learned of a sub-model so far. */
struct lesson {
    const struct ct__formula *constraints;
    size_t count;
};
enum { LESSON_MAX = 64 }; /* for each time the sub-model is generated */

/* Generates the sub-model under what was learned, and learns from the rows. */
static enum ct_err generate_members(struct work *work, const struct ct__pict_units *units,
                                    const struct ct__generate_options *options, struct lesson *lesson,
                                    struct ct__rows **rows)
{
    struct ct__model model;
    if (!ct__pict_units_model(units, lesson->count + LESSON_MAX, &model)) return ct__nomem(work->error);
    struct ct__formula *learned = (struct ct__formula *)model.constraints + model.constraint_count;
    for (size_t i = 0; i < lesson->count; i++) learned[i] = lesson->constraints[i];
    model.constraint_count += lesson->count;
    enum ct_err err = ct__generate(&model, options, rows, work->error);
    if (err) return err;
    lesson->constraints = learned;
    if (learn(work, units, *rows, lesson->count + LESSON_MAX, learned, &lesson->count)) return CT_OK;
    ct__rows_free(*rows);
    return ct__nomem(work->error);
}

/* Rows of the sub-model, each of which some row of the whole model agrees with. What forbids the others may lie outside
 * the sub-model: it is learned, until nothing is left to learn. */
static enum ct_err generate_agreeing(struct work *work, const struct ct__pict_units *units,
                                     const struct ct__generate_options *options, struct ct__rows **rows)
{
    struct lesson lesson = { 0 };
    for (;;) {
        struct ct__rows *made = NULL;
        size_t before = lesson.count;
        enum ct_err err = generate_members(work, units, options, &lesson, &made);
        if (err) return err;
        if (lesson.count == before) {
            *rows = made;
            return CT_OK;
        }
        ct__rows_free(made);
    }
}

/* Whether the whole model allows each row of the sub-model that has no negative value without one elsewhere, too. */
static bool are_positive(const struct work *work, const struct ct__pict_units *units, const struct ct__rows *rows,
                         uint16_t *partial)
{
    size_t width = work->all.model->parameter_count;
    for (size_t r = 0; r < rows->count; r++) {
        bool negative = false;
        memset(partial, 0xff, width * sizeof(*partial));
        for (size_t u = 0; u < units->count; u++) {
            size_t parameter = units->units[u].members[0];
            partial[parameter] = rows->values[r * units->count + u];
            negative = negative || work->all.model->parameters[parameter].values[partial[parameter]].negative;
        }
        if (!negative && !ct__space_allows(work->space, partial, NULL)) return false;
    }
    return true;
}

/* A combination without negative values counts in a row of the whole model that has none. Where rows of the sub-model
 * have no such row to be in, they are made once more, each for such a row, and added. */
static enum ct_err add_positive(struct work *work, const struct ct__pict_units *units,
                                const struct ct__generate_options *options, struct ct__rows *rows)
{
    size_t width = work->all.model->parameter_count;
    struct ct__rows *positive = NULL;
    enum ct_err err = CT_OK;
    uint16_t *partial = ct__pict_alloc(units->pool, width, sizeof(*partial));
    if (!partial) return ct__nomem(work->error);
    ct__space_forbid_negatives(work->space, true);
    bool enough = are_positive(work, units, rows, partial);
    memset(partial, 0xff, width * sizeof(*partial));
    if (!enough && ct__space_allows(work->space, partial, NULL))
        err = generate_agreeing(work, units, options, &positive);
    ct__space_forbid_negatives(work->space, false);
    if (!err && positive) err = ct__rows_join(rows, positive, work->error);
    ct__rows_free(positive);
    return err;
}

static enum ct_err generate_submodel(struct work *work, const struct ct__pict_submodel *submodel,
                                     struct ct__rows **rows)
{
    struct ct__pict_units units;
    struct ct__generate_options options = *work->options;
    struct ct__rows *made = NULL;
    options.cover = (struct ct__cover){ .strength = ct__pict_submodel_order(submodel, work->options->cover.strength) };
    if (!make_members(work, submodel, &units)) return ct__nomem(work->error);
    options.seeds = project_seeds(work, &units);
    if (!options.seeds) return ct__nomem(work->error);
    enum ct_err err = generate_agreeing(work, &units, &options, &made);
    if (!err) err = add_positive(work, &units, &options, made);
    if (err)
        ct__rows_free(made);
    else
        *rows = made;
    return err;
}

static void add_coverage(struct work *work, const struct ct__rows *rows)
{
    work->coverage.combinations += rows->coverage.combinations;
    work->coverage.coverable += rows->coverage.coverable;
    work->coverage.covered += rows->coverage.covered;
    work->stopped = work->stopped || rows->stopped;
}

static enum ct_err add_submodel(struct work *work, const struct ct__pict_submodel *submodel)
{
    struct ct__rows *rows = NULL;
    enum ct_err err = generate_submodel(work, submodel, &rows);
    if (err) return err;
    work->all.units[work->all.count++] = (struct ct__pict_unit){ .members = submodel->parameters,
                                                                 .member_count = submodel->count,
                                                                 .rows = rows,
                                                                 .order = work->options->cover.strength };
    add_coverage(work, rows);
    if (rows->count <= CT__VALUES_MAX) return CT_OK;
    return ct__error(work->error, CT_ETOOBIG, "a sub-model has %zu rows; at most %u can be combined: lower its order",
                     rows->count, CT__VALUES_MAX);
}

static enum ct_err add_units(struct work *work)
{
    struct ct__pict *model = work->all.model;
    enum ct_err err = CT_OK;
    work->all.units = ct__pict_alloc(work->all.pool, model->submodel_count + model->parameter_count,
                                     sizeof(*work->all.units));
    size_t *index = ct__pict_alloc(work->all.pool, model->parameter_count, sizeof(*index));
    if (!work->all.units || !index) return ct__nomem(work->error);
    for (size_t i = 0; !err && i < model->submodel_count; i++) err = add_submodel(work, &model->submodels[i]);
    if (err) return err;
    if (!ct__pict_units_index(&work->all)) return ct__nomem(work->error);
    for (size_t i = 0; i < model->parameter_count; i++) {
        index[i] = i;
        if (work->all.unit_of[i] != SIZE_MAX) continue;
        work->all.units[work->all.count++] = (struct ct__pict_unit){
            .members = &index[i],
            .member_count = 1,
            .order = ct__pict_parameter_order(&model->parameters[i], work->options->cover.strength)
        };
    }
    return ct__pict_units_index(&work->all) ? CT_OK : ct__nomem(work->error);
}

/* ---- all together ---- */

/* The value of a unit that a seed asks for: one that agrees with what the seed says of its members. */
static uint16_t seed_value(const struct work *work, size_t unit, const uint16_t *seed)
{
    const struct ct__pict_unit *of = &work->all.units[unit];
    if (!of->rows) return seed[of->members[0]];
    bool asked = false;
    for (size_t m = 0; m < of->member_count; m++) asked = asked || seed[of->members[m]] != CT__ANY;
    for (size_t r = 0; asked && r < of->rows->count; r++) {
        const uint16_t *row = of->rows->values + r * of->member_count;
        size_t m = 0;
        while (m < of->member_count && (seed[of->members[m]] == CT__ANY || seed[of->members[m]] == row[m])) m++;
        if (m == of->member_count) return (uint16_t)r;
    }
    return CT__ANY;
}

static uint16_t *map_seeds(const struct work *work)
{
    size_t width = work->all.count, count = work->options->seed_count;
    uint16_t *seeds = ct__pict_alloc(work->all.pool, count * width + 1, sizeof(*seeds));
    for (size_t s = 0; seeds && s < count; s++) {
        const uint16_t *seed = work->options->seeds + s * work->all.model->parameter_count;
        for (size_t u = 0; u < width; u++) seeds[s * width + u] = seed_value(work, u, seed);
    }
    return seeds;
}

/* Rows over units as rows over parameters. NULL: no memory. */
static struct ct__rows *expand(const struct work *work, const struct ct__rows *units)
{
    size_t width = work->all.model->parameter_count;
    struct ct__rows *rows = calloc(1, sizeof(*rows));
    if (!rows) return NULL;
    rows->values = calloc(units->count * width + 1, sizeof(*rows->values));
    if (!rows->values) {
        ct__rows_free(rows);
        return NULL;
    }
    for (size_t r = 0; r < units->count; r++) {
        for (size_t p = 0; p < width; p++) {
            size_t unit = work->all.unit_of[p], value = units->values[r * work->all.count + unit];
            rows->values[r * width + p] = (uint16_t)ct__pict_unit_value(&work->all, unit, p, value);
        }
    }
    rows->count = units->count;
    rows->factor_count = width;
    ct__rows_sort(rows);
    rows->coverage = work->coverage;
    rows->stopped = work->stopped;
    return rows;
}

static enum ct_err generate_units(struct work *work, struct ct__rows **rows)
{
    struct ct__generate_options options = *work->options;
    struct ct__model model;
    struct ct__rows *made = NULL;
    int *orders = ct__pict_alloc(work->all.pool, work->all.count, sizeof(*orders));
    uint16_t *seeds = map_seeds(work);
    if (!orders || !seeds || !ct__pict_units_model(&work->all, 0, &model)) return ct__nomem(work->error);
    for (size_t u = 0; u < work->all.count; u++) orders[u] = work->all.units[u].order;
    if (!ct__pict_units_cover(work->all.pool, orders, work->all.count, &options.cover)) return ct__nomem(work->error);
    options.seeds = seeds;
    enum ct_err err = ct__generate(&model, &options, &made, work->error);
    if (err) return err;
    add_coverage(work, made);
    struct ct__rows *expanded = expand(work, made);
    ct__rows_free(made);
    if (!expanded) return ct__nomem(work->error);
    *rows = expanded;
    return CT_OK;
}

static enum ct_err generate_once(struct work *work, struct ct__rows **rows)
{
    work->all = (struct ct__pict_units){ .model = work->all.model, .pool = ct__pict_pool_new(false) };
    work->coverage = (struct ct__coverage){ 0 };
    work->stopped = false;
    enum ct_err err = work->all.pool ? add_units(work) : ct__nomem(work->error);
    if (!err) err = generate_units(work, rows);
    for (size_t u = 0; u < work->all.count; u++) ct__rows_free((struct ct__rows *)work->all.units[u].rows);
    ct__pict_pool_free(work->all.pool);
    return err;
}

/* A row of the sub-models that agrees with a seed in part may not go with the rest of it. Then seeds are completed: a
 * row that the constraints allow is one of each sub-model, too. */
static enum ct_err generate_with_seeds(struct work *work, struct ct__pict_seeds *seeds, struct ct__rows **rows)
{
    enum ct_err err = generate_once(work, rows);
    if (err || ct__pict_seeds_are_in(seeds, *rows)) return err;
    ct__rows_free(*rows);
    *rows = NULL;
    ct__pict_seeds_complete(seeds, work->space);
    return generate_once(work, rows);
}

static enum ct_err generate_in_two(struct ct__pict *model, const struct ct__generate_options *options,
                                   struct ct__rows **rows, struct ct_error *error)
{
    struct ct__generate_options taken = *options;
    struct work work = { .all = { .model = model }, .options = &taken, .error = error };
    struct ct__pict_seeds seeds = { .given = options->seeds, .count = options->seed_count };
    enum ct_err err = ct__space_new(&model->model, &work.space, error);
    if (err) return err;
    err = ct__pict_seeds_keep(&seeds, model, work.space, error);
    taken.seeds = seeds.values;
    if (!err) err = generate_with_seeds(&work, &seeds, rows);
    if (!err) {
        (*rows)->dropped = seeds.dropped;
        (*rows)->dropped_count = seeds.dropped_count;
        seeds.dropped = NULL;
    }
    ct__pict_seeds_clear(&seeds);
    ct__space_free(work.space);
    return err;
}

/* ---- sub-models that share parameters ---- */

static bool share_parameters(const struct ct__pict *model)
{
    for (size_t s = 0; s < model->submodel_count; s++) {
        for (size_t m = 0; m < model->submodels[s].count; m++) {
            for (size_t other = 0; other < s; other++) {
                const struct ct__pict_submodel *before = &model->submodels[other];
                for (size_t i = 0; i < before->count; i++)
                    if (before->parameters[i] == model->submodels[s].parameters[m]) return true;
            }
        }
    }
    return false;
}

/* Whether the rows have all combinations within each sub-model. */
static enum ct_err check_submodels(struct ct__pict *model, int strength, const struct ct__rows *rows, bool *covered,
                                   struct ct_error *error)
{
    struct ct__cover cover = { .strength = 1 };
    struct ct__measure measure = { 0 };
    if (!ct__pict_cover_submodels(model, strength, true, &cover)) return ct__nomem(error);
    enum ct_err err = ct__measure(&model->model, &cover, rows->values, rows->count, 0, &measure, error);
    if (!err) *covered = measure.coverage.covered == measure.coverage.coverable;
    ct__measure_clear(&measure);
    return err;
}

/* A row of one sub-model may agree with none of another. *found says whether the rows cover each sub-model. */
static enum ct_err generate_sharing(struct ct__pict *model, const struct ct__generate_options *options, bool *found,
                                    struct ct__rows **rows, struct ct_error *error)
{
    struct ct__rows *made = NULL;
    *found = false;
    enum ct_err err = generate_in_two(model, options, &made, error);
    if (err) return err == CT_EINVAL ? CT_OK : err; /* no row of one agrees with any of the other */
    err = check_submodels(model, options->cover.strength, made, found, error);
    if (err || !*found)
        ct__rows_free(made);
    else
        *rows = made;
    return err;
}

enum ct_err ct__pict_generate(struct ct__pict *model, const struct ct__generate_options *options,
                              struct ct__rows **rows, struct ct_error *error)
{
    struct ct__generate_options taken = *options;
    bool sharing = share_parameters(model);
    if (taken.cover.strength == 0) taken.cover.strength = 2;
    if (taken.cover.strength < 1 || taken.cover.strength > CT__STRENGTH_MAX)
        return ct__error(error, CT_EINVAL, "strength %d: expected 1 to %d", taken.cover.strength, CT__STRENGTH_MAX);
    if (model->submodel_count > 0 && !sharing) return generate_in_two(model, &taken, rows, error);
    if (sharing) {
        bool found;
        enum ct_err err = generate_sharing(model, &taken, &found, rows, error);
        if (err || found) return err;
    }
    enum ct_err err = ct__pict_cover(model, taken.cover.strength, true, &taken.cover, error);
    return err ? err : ct__generate(&model->model, &taken, rows, error);
}
