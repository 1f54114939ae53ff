/* What a should_cancel excludes, found by asking it. It is user code of which nothing is known but its answers: values
 * of an excluded row are set free one after the other, as long as every walk tried at random with those that are left
 * is excluded, too. What is left then is likely, not surely, what it looks at. */
#include <planning/asking.h>
#include <planning/rows.h>
#include <stdlib.h>
#include <string.h>

#define TRIES    8  /* random walks, before a value is set free */
#define PROOFS   32 /* before what is left is believed */
#define ROWS_MAX 64 /* learned from at once */

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
uint32_t ct__making_random(uint64_t *state, uint32_t below)
{
    uint64_t mixed = (*state += UINT64_C(0x9E3779B97F4A7C15));
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)(((mixed ^ mixed >> 31) >> 32) * below >> 32);
}

bool ct__making_holds(const struct ct__making *making, const uint16_t *row)
{
    const struct ct__model *model = &making->model->pict->model;
    for (size_t i = 0; i < model->constraint_count; i++)
        if (!ct__formula_holds(&model->constraints[i], model, row)) return false;
    return true;
}

bool ct__making_complete(const struct ct__making *making, struct ct__space *space, uint64_t *random, uint16_t *row)
{
    const struct ct__model *model = &making->model->pict->model;
    if (space && !ct__space_allows(space, row, NULL)) return false;
    for (size_t f = 0; f < model->factor_count; f++) {
        uint32_t count = model->factors[f].value_count;
        if (row[f] != CT__ANY) continue;
        row[f] = (uint16_t)ct__making_random(random, count);
        while (space && !ct__space_allows(space, row, NULL)) row[f] = (uint16_t)((row[f] + 1u) % count);
    }
    return true;
}

struct learning {
    struct ct__making *making;
    struct ct__space *space; /* NULL: no constraints */
    const uint16_t *rows;
    size_t width;
};

/* Whether each of count random walks with these values is excluded. */
static bool all_excluded(const struct learning *learning, struct ct__asker *asker, const uint16_t *partial,
                         uint64_t *random, unsigned count, uint16_t *row)
{
    for (unsigned i = 0; i < count; i++) {
        memcpy(row, partial, learning->width * sizeof(*row));
        if (!ct__making_complete(learning->making, learning->space, random, row)) return false;
        if (!ct__asker_excludes(asker, row)) return false;
    }
    return true;
}

/* An answer is a partial row behind a 1, or a 0 where nothing was learned. */
static void learn_row(void *user, struct ct__asker *asker, size_t i, void *answer)
{
    const struct learning *learning = user;
    const uint16_t *excluded = learning->rows + i * learning->width;
    uint16_t *known = answer, *partial = known + 1, *row = malloc(learning->width * sizeof(*row));
    uint64_t random = learning->making->planning->seed + i;
    size_t kept = 0;
    if (!row) return;
    memcpy(partial, excluded, learning->width * sizeof(*partial));
    for (size_t f = 0; f < learning->width; f++) {
        partial[f] = CT__ANY;
        if (all_excluded(learning, asker, partial, &random, TRIES, row)) continue;
        partial[f] = excluded[f];
        kept++;
    }
    *known = kept > 0 && all_excluded(learning, asker, partial, &random, PROOFS, row);
    free(row);
}

static bool is_known(const struct ct__lessons *lessons, const uint16_t *partial, size_t width)
{
    for (size_t i = 0; i < lessons->count; i++)
        if (memcmp(lessons->partials + i * width, partial, width * sizeof(*partial)) == 0) return true;
    return false;
}

static enum ct_err add_lesson(struct ct__lessons *lessons, const uint16_t *partial, size_t width,
                              struct ct_error *error)
{
    uint16_t *grown = reallocarray(lessons->partials, lessons->count + 1, width * sizeof(*grown));
    if (!grown) return ct__nomem(error);
    lessons->partials = grown;
    memcpy(grown + lessons->count++ * width, partial, width * sizeof(*partial));
    return CT_OK;
}

enum ct_err ct__learn(struct ct__making *making, const uint16_t *rows, size_t count, struct ct__lessons *lessons,
                      struct ct_error *error)
{
    const struct ct__model *model = &making->model->pict->model;
    struct learning learning = { .making = making, .rows = rows, .width = making->table->count };
    size_t size = (learning.width + 1) * sizeof(uint16_t);
    enum ct_err err = CT_OK;
    if (count > ROWS_MAX) count = ROWS_MAX;
    unsigned char *answers = calloc(count + 1, size);
    if (!answers) return ct__nomem(error);
    if (model->constraint_count > 0) err = ct__space_new(model, &learning.space, error);
    struct ct__asking asking = { .table = making->table,
                                 .count = count,
                                 .answer_size = size,
                                 .answers = answers,
                                 .answer = learn_row,
                                 .user = &learning,
                                 .timeout_ms = making->planning->timeout_ms,
                                 .stop = making->planning->stop };
    if (!err) err = ct__ask(&asking, NULL, error);
    for (size_t i = 0; !err && i < count; i++) {
        const uint16_t *known = (const uint16_t *)(const void *)(answers + i * size);
        if (*known && !is_known(lessons, known + 1, learning.width))
            err = add_lesson(lessons, known + 1, learning.width, error);
    }
    ct__space_free(learning.space);
    free(answers);
    return err;
}
