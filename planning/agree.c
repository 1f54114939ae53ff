/* Rows that both the constraints and should_cancel agree to. What should_cancel excludes is learned and becomes a
 * constraint, so that few rows cover the rest; what was learned may be too much, so in the end each combination that no
 * row has is tried in many walks before it counts as excluded. */
#include <planning/asking.h>
#include <planning/rows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX  8
#define MISSING_MAX 100000u /* combinations that are looked for */
#define OVERLAYS    96      /* walks tried with each: rows there are, changed as little as the combination asks for */
#define ALL_MAX     4096u   /* and, where there are no more, each walk with it; */
#define TRIES       160     /* else walks at random */
#define PACKED      256     /* combinations that are tried to be put into a walk found for another */
#define NAMED_MAX   4       /* combinations that are named to the user */

struct agreeing {
    struct ct__making *making;
    struct ct__rows *rows;
    unsigned char *excluded; /* by row */
    size_t excluded_count, unanswered;
    struct ct__lessons lessons;
    struct ct__dropped *dropped; /* of seed rows, by the suite's own constraints */
    size_t dropped_count;
    struct ct_error *error;
};

/* ---- asking of rows ---- */

static void answer_row(void *user, struct ct__asker *asker, size_t i, void *answer)
{
    const struct ct__rows *rows = user;
    *(unsigned char *)answer = ct__asker_excludes(asker, rows->values + i * rows->factor_count);
}

static enum ct_err ask_rows(struct agreeing *agreeing)
{
    struct ct__rows *rows = agreeing->rows;
    const struct ct__planning *planning = agreeing->making->planning;
    free(agreeing->excluded);
    agreeing->excluded = calloc(rows->count + 1, 1);
    agreeing->excluded_count = 0;
    if (!agreeing->excluded) return ct__nomem(agreeing->error);
    struct ct__asking asking = { .table = agreeing->making->table,
                                 .count = rows->count,
                                 .answer_size = 1,
                                 .answers = agreeing->excluded,
                                 .answer = answer_row,
                                 .user = rows,
                                 .timeout_ms = planning->timeout_ms,
                                 .stop = planning->stop };
    enum ct_err err = ct__ask(&asking, &agreeing->unanswered, agreeing->error);
    for (size_t i = 0; !err && i < rows->count; i++) agreeing->excluded_count += agreeing->excluded[i];
    return err;
}

/* Moves the rows that are not excluded to the front, in order, and the others behind them. */
static enum ct_err part(struct agreeing *agreeing)
{
    struct ct__rows *rows = agreeing->rows;
    size_t width = rows->factor_count, kept = 0, left = 0, first = rows->count - agreeing->excluded_count;
    uint16_t *values = calloc(rows->count * width + 1, sizeof(*values));
    if (!values) return ct__nomem(agreeing->error);
    for (size_t i = 0; i < rows->count; i++) {
        size_t to = agreeing->excluded[i] ? first + left++ : kept++;
        memcpy(values + to * width, rows->values + i * width, width * sizeof(*values));
    }
    free(rows->values);
    rows->values = values;
    rows->count = kept;
    return CT_OK;
}

/* ---- generating under what was learned ---- */

static bool is_possible(const struct ct__model *model, bool *possible)
{
    struct ct__space *space = NULL;
    uint16_t *open = malloc(model->factor_count * sizeof(*open));
    if (!open || ct__space_new(model, &space, NULL)) {
        free(open);
        return false;
    }
    memset(open, 0xff, model->factor_count * sizeof(*open));
    *possible = ct__space_allows(space, open, NULL);
    ct__space_free(space);
    free(open);
    return true;
}

/* New rows, none where what was learned excludes all of them. What seed rows lose to that is none of the user's
 * constraints: the first time counts. */
static enum ct_err generate(struct agreeing *agreeing, enum ct__effort effort)
{
    struct ct__making *making = agreeing->making;
    const struct ct__model *model = &making->model->pict->model;
    bool possible = true;
    enum ct_err err = CT_OK;
    ct__rows_free(agreeing->rows);
    agreeing->rows = NULL;
    making->options.effort = effort;
    if (!is_possible(model, &possible)) return ct__nomem(agreeing->error);
    if (possible) {
        err = ct__generate(model, &making->options, &agreeing->rows, agreeing->error);
    } else {
        agreeing->rows = calloc(1, sizeof(*agreeing->rows));
        if (!agreeing->rows) return ct__nomem(agreeing->error);
        agreeing->rows->factor_count = model->factor_count;
    }
    if (err || agreeing->lessons.count > 0) return err;
    free(agreeing->dropped);
    agreeing->dropped = agreeing->rows->dropped;
    agreeing->dropped_count = agreeing->rows->dropped_count;
    agreeing->rows->dropped = NULL;
    return CT_OK;
}

/* Generates quickly and learns from what is excluded, until nothing is, or nothing more is learned. */
static enum ct_err learn(struct agreeing *agreeing)
{
    struct ct__making *making = agreeing->making;
    size_t width = making->table->count;
    enum ct_err err = CT_OK;
    for (int round = 0; !err && round < ROUNDS_MAX; round++) {
        size_t before = agreeing->lessons.count;
        err = generate(agreeing, CT__EFFORT_FAST);
        if (!err) err = ask_rows(agreeing);
        if (err || agreeing->excluded_count == 0) return err;
        err = part(agreeing);
        if (!err)
            err = ct__learn(making, agreeing->rows->values + agreeing->rows->count * width, agreeing->excluded_count,
                            &agreeing->lessons, agreeing->error);
        for (size_t i = before; !err && i < agreeing->lessons.count; i++)
            err = ct__suite_forbid(making->model, agreeing->lessons.partials + i * width, agreeing->error);
        if (agreeing->lessons.count == before) break;
    }
    return err;
}

/* ---- combinations that no row has ---- */

struct filling {
    const struct ct__making *making;
    struct ct__space *space; /* NULL: no constraints */
    const uint16_t *missing;
    size_t missing_count, width;
    const struct ct__rows *rows;
};

static bool agrees(const uint16_t *row, const uint16_t *partial, size_t width)
{
    for (size_t f = 0; f < width; f++)
        if (partial[f] != CT__ANY && partial[f] != row[f]) return false;
    return true;
}

static void overlay(uint16_t *row, const uint16_t *partial, size_t width)
{
    for (size_t f = 0; f < width; f++)
        if (partial[f] != CT__ANY) row[f] = partial[f];
}

static bool is_good(const struct filling *filling, struct ct__asker *asker, const uint16_t *row)
{
    return ct__making_holds(filling->making, row) && !ct__asker_excludes(asker, row);
}

/* How many walks have the combination; over ALL_MAX: more than that. */
static uint32_t count_walks(const struct filling *filling, const uint16_t *missing)
{
    const struct ct__factor *factors = filling->making->model->pict->model.factors;
    uint64_t count = 1;
    for (size_t f = 0; f < filling->width && count <= ALL_MAX; f++)
        if (missing[f] == CT__ANY) count *= factors[f].value_count;
    return count <= ALL_MAX ? (uint32_t)count : ALL_MAX + 1;
}

/* The number-th walk that has the combination. */
static void number_walk(const struct filling *filling, const uint16_t *missing, uint32_t number, uint16_t *row)
{
    const struct ct__factor *factors = filling->making->model->pict->model.factors;
    memcpy(row, missing, filling->width * sizeof(*row));
    for (size_t f = 0; f < filling->width; f++) {
        if (row[f] != CT__ANY) continue;
        row[f] = (uint16_t)(number % factors[f].value_count);
        number /= factors[f].value_count;
    }
}

static bool find_among_all(const struct filling *filling, struct ct__asker *asker, const uint16_t *missing,
                           uint32_t count, uint16_t *row)
{
    for (uint32_t i = 0; i < count; i++) {
        number_walk(filling, missing, i, row);
        if (is_good(filling, asker, row)) return true;
    }
    return false;
}

static bool find_at_random(const struct filling *filling, struct ct__asker *asker, const uint16_t *missing,
                           uint64_t *random, uint16_t *row)
{
    for (unsigned i = 0; i < TRIES; i++) {
        memcpy(row, missing, filling->width * sizeof(*row));
        if (!ct__making_complete(filling->making, filling->space, random, row)) return false;
        if (!ct__asker_excludes(asker, row)) return true;
    }
    return false;
}

/* A walk with the combination that nothing excludes, into row; false: none was found. */
static bool find_walk(const struct filling *filling, struct ct__asker *asker, const uint16_t *missing, uint64_t *random,
                      uint16_t *row)
{
    size_t count = filling->rows->count, width = filling->width;
    size_t from = count > 0 ? ct__making_random(random, (uint32_t)count) : 0;
    for (size_t i = 0; i < count && i < OVERLAYS; i++) {
        memcpy(row, filling->rows->values + (from + i) % count * width, width * sizeof(*row));
        overlay(row, missing, width);
        if (is_good(filling, asker, row)) return true;
    }
    uint32_t all = count_walks(filling, missing);
    return all <= ALL_MAX ? find_among_all(filling, asker, missing, all, row)
                          : find_at_random(filling, asker, missing, random, row);
}

/* Puts more of the missing combinations into row, where they leave those it was found for as they are. */
static void pack(const struct filling *filling, struct ct__asker *asker, size_t i, uint16_t *row, uint16_t *bound,
                 uint16_t *tried)
{
    size_t width = filling->width, end = i + PACKED < filling->missing_count ? i + PACKED : filling->missing_count;
    memcpy(bound, filling->missing + i * width, width * sizeof(*bound));
    for (size_t j = i + 1; j < end; j++) {
        const uint16_t *other = filling->missing + j * width;
        memcpy(tried, row, width * sizeof(*tried));
        overlay(tried, other, width);
        if (!agrees(tried, bound, width) || (!agrees(row, other, width) && !is_good(filling, asker, tried))) continue;
        memcpy(row, tried, width * sizeof(*row));
        overlay(bound, other, width);
    }
}

/* An answer is a walk behind a 1, or a 0: none was found, or one of the walks found before has the combination. */
static void fill_one(void *user, struct ct__asker *asker, size_t i, void *answer)
{
    const struct filling *filling = user;
    size_t width = filling->width;
    uint16_t *known = answer, *row = known + 1, *room = malloc(2 * width * sizeof(*room));
    const uint16_t *missing = filling->missing + i * width;
    uint64_t random = filling->making->planning->seed + i;
    for (size_t j = 1; j <= i; j++) {
        const uint16_t *found = known - j * (width + 1);
        if (*found && agrees(found + 1, missing, width)) goto out;
    }
    if (!room || !find_walk(filling, asker, missing, &random, row)) goto out;
    pack(filling, asker, i, row, room, room + width);
    *known = 1;
out:
    free(room);
}

static enum ct_err add_found(struct ct__rows *rows, const uint16_t *answers, size_t count, struct ct_error *error)
{
    size_t width = rows->factor_count;
    uint16_t *grown = reallocarray(rows->values, rows->count + count + 1, width * sizeof(*grown));
    if (!grown) return ct__nomem(error);
    rows->values = grown;
    for (size_t i = 0; i < count; i++)
        if (answers[i * (width + 1)])
            memcpy(grown + rows->count++ * width, answers + i * (width + 1) + 1, width * sizeof(*grown));
    return CT_OK;
}

/* Looks for walks with the combinations that are missing. */
static enum ct_err fill(struct agreeing *agreeing, const struct ct__measure *measure)
{
    struct ct__making *making = agreeing->making;
    const struct ct__model *model = &making->model->pict->model;
    struct filling filling = { .making = making,
                               .missing = measure->missing,
                               .missing_count = measure->missing_count,
                               .width = making->table->count,
                               .rows = agreeing->rows };
    size_t size = (filling.width + 1) * sizeof(uint16_t), unanswered = 0;
    enum ct_err err = CT_OK;
    unsigned char *answers = calloc(measure->missing_count + 1, size);
    if (!answers) return ct__nomem(agreeing->error);
    if (model->constraint_count > 0) err = ct__space_new(model, &filling.space, agreeing->error);
    struct ct__asking asking = { .table = making->table,
                                 .count = measure->missing_count,
                                 .answer_size = size,
                                 .answers = answers,
                                 .answer = fill_one,
                                 .user = &filling,
                                 .timeout_ms = making->planning->timeout_ms,
                                 .stop = making->planning->stop };
    if (!err) err = ct__ask(&asking, &unanswered, agreeing->error);
    if (!err)
        err = add_found(agreeing->rows, (const uint16_t *)(const void *)answers, measure->missing_count,
                        agreeing->error);
    agreeing->unanswered += unanswered;
    ct__space_free(filling.space);
    free(answers);
    return err;
}

static enum ct_err measure(const struct agreeing *agreeing, struct ct__measure *measure)
{
    const struct ct__making *making = agreeing->making;
    return ct__measure(&making->model->pict->model, &making->options.cover, agreeing->rows->values,
                       agreeing->rows->count, MISSING_MAX, measure, agreeing->error);
}

/* ---- all of it ---- */

/* "a=1 b=2", as a walk is listed. */
static void write_combination(FILE *stream, const struct ct__pict *pict, const uint16_t *partial)
{
    for (size_t f = 0; f < pict->parameter_count; f++) {
        const struct ct__pict_parameter *of = &pict->parameters[f];
        if (partial[f] != CT__ANY) fprintf(stream, " %.40s=%.60s", of->name.text, of->values[partial[f]].names[0].text);
    }
}

/* A few of the combinations that no walk was found for are named. */
static enum ct_err note_missing(const struct agreeing *agreeing, const struct ct__measure *measure, uint64_t left)
{
    size_t width = agreeing->making->table->count, size;
    size_t named = measure->missing_count < NAMED_MAX ? measure->missing_count : NAMED_MAX;
    char *line = NULL;
    FILE *stream = open_memstream(&line, &size);
    if (!stream) return ct__nomem(agreeing->error);
    fprintf(stream, "should_cancel excludes %llu of %llu combinations:", (unsigned long long)left,
            (unsigned long long)measure->coverage.coverable);
    for (size_t i = 0; i < named; i++) {
        if (i > 0) fputc(';', stream);
        write_combination(stream, agreeing->making->model->pict, measure->missing + i * width);
    }
    if (left > named) fprintf(stream, "; and %llu more", (unsigned long long)(left - named));
    bool written = fclose(stream) == 0;
    if (written) ct__making_note(agreeing->making, "%s", line);
    free(line);
    return written ? CT_OK : ct__nomem(agreeing->error);
}

static enum ct_err note_outcome(const struct agreeing *agreeing, const struct ct__measure *measure)
{
    uint64_t left = measure->coverage.coverable - measure->coverage.covered;
    enum ct_err err = left > 0 ? note_missing(agreeing, measure, left) : CT_OK;
    if (agreeing->unanswered > 0)
        ct__making_note(agreeing->making,
                        "should_cancel gave no answer %zu times, as it crashed or hung: such rows are kept",
                        agreeing->unanswered);
    return err;
}

/* The final rows, what covers them is missing looked for. */
static enum ct_err complete(struct agreeing *agreeing, size_t constraint_count)
{
    struct ct__measure before = { 0 }, after = { 0 };
    enum ct_err err = ask_rows(agreeing);
    if (!err) err = part(agreeing);
    agreeing->making->model->pict->model.constraint_count = constraint_count;
    if (!err) err = measure(agreeing, &before);
    if (!err && before.missing_count > 0) err = fill(agreeing, &before);
    if (!err) ct__rows_sort(agreeing->rows);
    if (!err) err = measure(agreeing, &after);
    if (!err) err = note_outcome(agreeing, &after);
    if (!err) {
        agreeing->rows->coverage = after.coverage;
        agreeing->rows->coverage.coverable = after.coverage.covered;
    }
    ct__measure_clear(&before);
    ct__measure_clear(&after);
    return err;
}

enum ct_err ct__agree(struct ct__making *making, struct ct__rows **rows, struct ct_error *error)
{
    struct agreeing agreeing = { .making = making, .error = error };
    size_t *constraint_count = &making->model->pict->model.constraint_count, count = *constraint_count;
    enum ct_err err = learn(&agreeing);
    if (!err) err = generate(&agreeing, CT__EFFORT_DEFAULT);
    if (!err) err = complete(&agreeing, count);
    *constraint_count = count;
    if (!err) {
        agreeing.rows->dropped = agreeing.dropped;
        agreeing.rows->dropped_count = agreeing.dropped_count;
        agreeing.dropped = NULL;
        *rows = agreeing.rows;
        agreeing.rows = NULL;
    }
    ct__rows_free(agreeing.rows);
    free(agreeing.dropped);
    free(agreeing.excluded);
    free(agreeing.lessons.partials);
    return err;
}
