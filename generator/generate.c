#include <generator/construct.h>
#include <generator/improve.h>
#include <generator/rows.h>

struct job {
    const struct ct__generate_options *options;
    struct ct__problem *problem;
    struct ct__rows *rows;
    struct ct__watch watch;
    uint64_t random;
    uint64_t work;           /* that answers of the phase took, in steps */
    uint16_t *kept;          /* what is kept of the seeds, row after row */
    uint8_t *planted;        /* by seed: the phase that has it, 1 or 2 */
    struct ct__array *first; /* what came of the phase without negative values; NULL: nothing */
};

/* Whether a seed's values, with those of the row so far, are allowed. */
static bool seed_allows(const struct ct__problem *problem, const uint16_t *row)
{
    return ct__space_allows(problem->space, row, NULL);
}

static bool drop(struct ct__rows *rows, size_t seed, uint32_t factor)
{
    struct ct__dropped *grown = realloc(rows->dropped, (rows->dropped_count + 1) * sizeof *grown);
    if (grown == NULL) return false;
    rows->dropped = grown;
    grown[rows->dropped_count++] = (struct ct__dropped){ .seed = seed, .factor = factor };
    return true;
}

/* Fills row with what is kept of a seed, over all phases. */
static enum ct_err keep_seed(struct job *job, size_t seed, uint16_t *row, struct ct_error *error)
{
    size_t width = job->problem->factor_count;
    const uint16_t *from = job->options->seeds + seed * width;
    for (uint32_t f = 0; f < width; f++) row[f] = CT__ANY;
    for (uint32_t f = 0; f < width; f++) {
        if (from[f] == CT__ANY) continue;
        if (from[f] >= job->problem->counts[f])
            return ct__error(error, CT_EINVAL, "seed row %zu: factor %u has no value %u", seed, f, from[f]);
        row[f] = from[f];
        if (seed_allows(job->problem, row)) continue;
        row[f] = CT__ANY;
        if (!drop(job->rows, seed, f)) return ct__nomem(error);
    }
    return CT_OK;
}

/* What is kept of the seeds, row after row: done before the first phase, while one negative value is allowed. */
static enum ct_err keep_seeds(struct job *job, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    ct__space_forbid_negatives(job->problem->space, false);
    for (size_t s = 0; err == CT_OK && s < job->options->seed_count; s++)
        err = keep_seed(job, s, job->kept + s * job->problem->factor_count, error);
    return err;
}

/* The seeds of the phase begin the array: each belongs to the first phase in which an allowed row agrees with it. */
static enum ct_err plant_seeds(struct job *job, struct ct__array *array, struct ct_error *error)
{
    size_t width = job->problem->factor_count;
    uint16_t *witness = calloc(width + 1, sizeof *witness);
    uint8_t phase = job->problem->negative_phase ? 2 : 1;
    if (witness == NULL) return ct__nomem(error);
    for (size_t s = 0; s < job->options->seed_count; s++) {
        const uint16_t *seed = job->kept + s * width;
        if (job->planted[s] != 0 && job->planted[s] != phase) continue;
        if (!ct__space_allows(job->problem->space, seed, witness)) continue;
        if (!ct__array_append(array, witness)) {
            free(witness);
            return ct__nomem(error);
        }
        memcpy(ct__array_row(array, array->count - 1), seed, width * sizeof *seed);
        job->planted[s] = phase;
    }
    free(witness);
    return CT_OK;
}

/* ---- answers ---- */

struct answer {
    struct ct__array *array;      /* its cells all have values */
    struct ct__coverage coverage; /* what there is to cover: the same for all answers of a phase */
    bool constructed;
};

/* answer->array stays NULL where it takes more than most rows. */
static enum ct_err find_answer(struct job *job, size_t most, const struct ct__watch *watch, struct answer *answer,
                               struct ct_error *error)
{
    struct answer made = { .array = ct__array_new(job->problem) };
    enum ct_err err;
    if (made.array == NULL) return ct__nomem(error);
    err = plant_seeds(job, made.array, error);
    if (err == CT_OK) err = ct__ipog(made.array, most, &job->random, watch, &made.coverage, error);
    job->work += made.array->work;
    if (err != CT_OK || made.array->count > most) {
        ct__array_free(made.array);
        return err;
    }
    ct__array_fill(made.array, &job->random);
    *answer = made;
    return CT_OK;
}

/* Whether another answer, about as much work as those before, is within the effort. */
static bool may_go_on(const struct ct__work *effort, size_t answers, uint64_t work)
{
    return answers < effort->answers && work + work / answers <= effort->restart;
}

/* Tries more answers and keeps the smallest. */
static enum ct_err try_others(struct job *job, const struct ct__work *effort, struct answer *best,
                              struct ct_error *error)
{
    const struct ct__watch quiet = { .stop = job->watch.stop, .breaks = true };
    size_t factor_count = job->problem->factor_count, least = ct__rows_least(job->problem);
    for (size_t answers = 1; best->array->count > least && may_go_on(effort, answers, job->work); answers++) {
        struct answer other = { 0 };
        enum ct_err err;
        ct__watch_tell(&job->watch, factor_count, factor_count, best->array->count);
        job->rows->stopped = ct__watch_stopped(&job->watch);
        if (job->rows->stopped) return CT_OK;
        ct__problem_shuffle(job->problem, &job->random);
        err = find_answer(job, best->constructed ? best->array->count - 1 : SIZE_MAX, &quiet, &other, error);
        job->rows->stopped = err == CT_ENOTFOUND;
        if (err != CT_OK) return job->rows->stopped ? CT_OK : err;
        if (other.array != NULL && other.array->count < best->array->count) {
            struct ct__array *larger = best->array;
            best->array = other.array;
            best->constructed = false;
            other.array = larger;
        }
        ct__array_free(other.array);
    }
    return CT_OK;
}

/* The cells of seeds, which must stay: they are the first rows. *locked is NULL without seeds. */
static enum ct_err lock_seeds(const struct job *job, const struct ct__array *array, uint8_t **locked,
                              struct ct_error *error)
{
    size_t width = job->problem->factor_count, row = 0;
    uint8_t phase = job->problem->negative_phase ? 2 : 1;
    if (job->options->seed_count == 0) return CT_OK;
    *locked = calloc(array->count + 1, array->width);
    if (*locked == NULL) return ct__nomem(error);
    for (size_t s = 0; s < job->options->seed_count; s++) {
        if (job->planted[s] != phase) continue;
        for (size_t f = 0; f < width; f++) (*locked)[row * array->width + f] = job->kept[s * width + f] != CT__ANY;
        (*locked)[row++ * array->width + width] = 1; /* also a seed that asks for nothing keeps its place */
    }
    return CT_OK;
}

/* What algebra gives, if anything. */
static enum ct_err construct(struct job *job, const struct ct__plan *plan, struct answer *answer,
                             struct ct_error *error)
{
    enum ct_err err = ct__construct(job->problem, plan, &answer->array, error);
    if (err != CT_OK || answer->array == NULL) return err;
    ct__array_fill(answer->array, &job->random);
    answer->constructed = true;
    err = ct__targets_count(job->problem, &answer->coverage.combinations, error);
    answer->coverage.coverable = answer->coverage.combinations;
    return err;
}

/* Looks for an answer as long as that takes no more rows than algebra, which then gives it. */
static enum ct_err find_first(struct job *job, struct answer *answer, struct ct_error *error)
{
    uint32_t patience = job->options->effort == CT__EFFORT_FAST ? 8 : 20;
    struct ct__plan plan = { .rows = SIZE_MAX };
    struct answer algebra = { 0 };
    size_t most = SIZE_MAX;
    enum ct_err err;
    if (job->options->seed_count == 0) plan = ct__construct_plan(job->problem, patience);
    err = find_answer(job, plan.rows, &job->watch, answer, error);
    if (err != CT_OK || answer->array != NULL) return err;
    err = construct(job, &plan, &algebra, error);
    if (algebra.array != NULL) most = algebra.array->count;
    if (err == CT_OK && most > plan.rows) err = find_answer(job, most, &job->watch, answer, error);
    if (err == CT_OK && answer->array == NULL)
        *answer = algebra;
    else
        ct__array_free(algebra.array);
    return err;
}

static enum ct_err improve(struct job *job, struct answer *best, struct ct_error *error)
{
    struct ct__work effort = ct__work_of(job->options->effort, job->problem->cover.strength);
    uint8_t *locked = NULL;
    bool searches = best->constructed && effort.search != 0; /* from where algebra ends, which is far */
    enum ct_err err = searches ? CT_OK : try_others(job, &effort, best, error);
    if (err == CT_OK && !job->rows->stopped) {
        err = lock_seeds(job, best->array, &locked, error);
        if (err == CT_OK)
            err = ct__improve(best->array, locked, &effort, job->random, &job->watch, &job->rows->stopped, error);
        free(locked);
    }
    return err;
}

/* Whether rows without negative values leave something out. */
static bool is_incomplete(const struct job *job)
{
    return job->rows->coverage.coverable < job->rows->coverage.combinations;
}

static enum ct_err generate_phase(struct job *job, bool negative_phase, struct ct_error *error)
{
    struct answer best = { 0 };
    enum ct_err err = ct__problem_enter_phase(job->problem, negative_phase, error);
    job->work = 0;
    if (err == CT_OK && negative_phase && job->problem->possible && is_incomplete(job))
        err = ct__problem_postpone(job->problem, job->first, &job->watch, error);
    if (err != CT_OK) return err;
    if (!job->problem->possible) return ct__targets_count(job->problem, &job->rows->coverage.combinations, error);
    err = find_first(job, &best, error);
    if (err != CT_OK) {
        ct__array_free(best.array);
        return err;
    }
    err = improve(job, &best, error);
    job->rows->coverage.combinations += best.coverage.combinations;
    job->rows->coverage.coverable += best.coverage.coverable;
    if (err == CT_OK) err = ct__rows_take(job->rows, best.array, error);
    ct__array_free(job->first);
    job->first = best.array;
    return err;
}

static enum ct_err generate_all(struct job *job, struct ct_error *error)
{
    size_t size = job->options->seed_count * job->problem->factor_count;
    enum ct_err err;
    job->kept = malloc((size + 1) * sizeof *job->kept);
    job->planted = calloc(job->options->seed_count + 1, sizeof *job->planted);
    if (job->kept == NULL || job->planted == NULL) return ct__nomem(error);
    err = keep_seeds(job, error);
    if (err == CT_OK) err = generate_phase(job, false, error);
    if (err == CT_OK && job->problem->has_negatives) err = generate_phase(job, true, error);
    if (err == CT_OK && job->rows->count == 0) err = ct__error(error, CT_EINVAL, "the constraints exclude every row");
    job->rows->coverage.covered = job->rows->coverage.coverable;
    return err;
}

enum ct_err ct__generate(const struct ct__model *model, const struct ct__generate_options *options,
                         struct ct__rows **rows, struct ct_error *error)
{
    struct job job = { .options = options, .random = options->random };
    enum ct_err err = CT_OK;
    if ((unsigned)options->effort > CT__EFFORT_BEST)
        return ct__error(error, CT_EINVAL, "there is no effort %d", (int)options->effort);
    err = ct__problem_new(model, &options->cover, &job.problem, error);
    if (err != CT_OK) return err;
    job.watch = (struct ct__watch){
        .stop = options->stop, .progress = options->progress, .user = options->progress_user, .breaks = options->abandon
    };
    job.rows = calloc(1, sizeof *job.rows);
    if (job.rows == NULL) {
        err = ct__nomem(error);
        goto out;
    }
    job.rows->factor_count = model->factor_count;
    err = generate_all(&job, error);
    if (err != CT_OK) goto out;
    *rows = job.rows;
    job.rows = NULL;
out:
    free(job.kept);
    free(job.planted);
    ct__array_free(job.first);
    ct__rows_free(job.rows);
    ct__problem_free(job.problem);
    return err;
}
