/* What is to be covered of a suite, and what its constraints leave of it. */
#include <generator/pict_inner.h>
#include <generator/suite.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- strengths ---- */

static uint32_t find_parameter(const struct ct__suite_model *model, const struct ct_suite *suite, const char *name)
{
    uint32_t i = 0;
    while (strcmp(suite->actions[model->actions[i]].name, name) != 0) i++;
    return i;
}

static bool fill_group(struct ct__suite_model *model, const struct ct_suite *suite, const struct ct_strength *from,
                       struct ct__group *group)
{
    uint32_t *factors = ct__pict_alloc(model->pict->pool, CT_COUNT(from->actions), sizeof(*factors));
    if (!factors) return false;
    *group = (struct ct__group){ .factors = factors, .strength = from->strength };
    while (group->factor_count < CT_COUNT(from->actions) && from->actions[group->factor_count]) {
        factors[group->factor_count] = find_parameter(model, suite, from->actions[group->factor_count]);
        group->factor_count++;
    }
    return true;
}

enum ct_err ct__suite_cover(struct ct__suite_model *model, const struct ct_suite *suite, int strength,
                            struct ct__cover *cover, struct ct_error *error)
{
    struct ct__group *groups = ct__pict_alloc(model->pict->pool, suite->strength_count + 1, sizeof(*groups));
    if (!groups) return ct__nomem(error);
    for (size_t i = 0; i < suite->strength_count; i++)
        if (!fill_group(model, suite, &suite->strengths[i], &groups[i])) return ct__nomem(error);
    *cover = (struct ct__cover){ .strength = strength, .groups = groups, .group_count = suite->strength_count };
    return CT_OK;
}

/* ---- more constraints ---- */

static struct ct__formula *make_conjunction(struct ct__pict *pict, const uint16_t *partial)
{
    struct ct__formula *parts = ct__pict_alloc(pict->pool, pict->parameter_count, sizeof(*parts));
    struct ct__formula *all = ct__pict_alloc(pict->pool, 1, sizeof(*all));
    size_t count = 0;
    for (size_t f = 0; parts && all && f < pict->parameter_count; f++) {
        if (partial[f] == CT__ANY) continue;
        uint64_t *bits = ct__pict_alloc(pict->pool, ct__bit_words(pict->parameters[f].value_count), sizeof(*bits));
        if (!bits) return NULL;
        ct__bit_set(bits, partial[f]);
        parts[count++] = (struct ct__formula){ .kind = CT__FORMULA_IN, .factor = (uint32_t)f, .bits = bits };
    }
    if (parts && all) *all = (struct ct__formula){ .kind = CT__FORMULA_AND, .parts = parts, .part_count = count };
    return parts ? all : NULL;
}

enum ct_err ct__suite_forbid(struct ct__suite_model *model, const uint16_t *partial, struct ct_error *error)
{
    struct ct__pict *pict = model->pict;
    size_t count = pict->model.constraint_count;
    struct ct__formula *all = make_conjunction(pict, partial);
    struct ct__formula *constraints = ct__pict_grow(pict->pool, (void *)pict->model.constraints, count,
                                                    sizeof(*constraints));
    if (!all || !constraints) return ct__nomem(error);
    constraints[count] = (struct ct__formula){ .kind = CT__FORMULA_NOT, .parts = all, .part_count = 1 };
    pict->model.constraints = constraints;
    pict->model.constraint_count++;
    return CT_OK;
}

/* ---- examining ---- */

struct examining {
    const struct ct__pict *pict;
    struct ct__space *space;
    uint16_t *partial; /* all CT__ANY but what is asked about */
    void (*tell)(void *user, const char *line);
    void *user;
    struct ct_error *error;
};

/* "what: IF ...; and: ...": the constraints that exclude the partial row. */
static enum ct_err tell_why(struct examining *examining, const char *what)
{
    size_t *indices = NULL, count = 0, size;
    char *line = NULL;
    enum ct_err err = ct__space_explain(examining->space, examining->partial, &indices, &count, examining->error);
    if (err) return err;
    FILE *stream = open_memstream(&line, &size);
    if (stream) {
        fprintf(stream, "the constraints exclude %s", what);
        for (size_t i = 0; i < count; i++)
            fprintf(stream, "%s constraints:%u: %s", i > 0 ? " and" : ":",
                    examining->pict->constraints[indices[i]].line, examining->pict->constraints[indices[i]].text);
        if (fclose(stream) != 0) stream = NULL;
    }
    if (stream)
        examining->tell(examining->user, line);
    else
        err = ct__nomem(examining->error);
    free(line);
    free(indices);
    return err;
}

static bool concerns(const struct ct__formula *formula, uint32_t factor)
{
    bool term = formula->kind == CT__FORMULA_IN || formula->kind == CT__FORMULA_RELATED;
    if (term && formula->factor == factor) return true;
    if (formula->kind == CT__FORMULA_RELATED && formula->other == factor) return true;
    for (size_t i = 0; i < formula->part_count; i++)
        if (concerns(&formula->parts[i], factor)) return true;
    return false;
}

static bool is_constrained(const struct ct__model *model, uint32_t factor)
{
    for (size_t i = 0; i < model->constraint_count; i++)
        if (concerns(&model->constraints[i], factor)) return true;
    return false;
}

static enum ct_err examine_values(struct examining *examining, uint32_t factor)
{
    const struct ct__pict_parameter *of = &examining->pict->parameters[factor];
    enum ct_err err = CT_OK;
    for (size_t v = 0; !err && v < of->value_count; v++) {
        char what[256];
        examining->partial[factor] = (uint16_t)v;
        if (ct__space_allows(examining->space, examining->partial, NULL)) continue;
        snprintf(what, sizeof(what), "%.80s=%.120s", of->name.text, of->values[v].names[0].text);
        err = tell_why(examining, what);
    }
    examining->partial[factor] = CT__ANY;
    return err;
}

enum ct_err ct__suite_examine(struct ct__suite_model *model, void (*tell)(void *user, const char *line), void *user,
                              bool *possible, struct ct_error *error)
{
    const struct ct__pict *pict = model->pict;
    struct examining examining = { .pict = pict, .tell = tell, .user = user, .error = error };
    *possible = true;
    if (pict->model.constraint_count == 0) return CT_OK;
    enum ct_err err = ct__space_new(&pict->model, &examining.space, error);
    if (err) return err;
    examining.partial = malloc(pict->parameter_count * sizeof(*examining.partial));
    if (!examining.partial) {
        err = ct__nomem(error);
        goto out;
    }
    memset(examining.partial, 0xff, pict->parameter_count * sizeof(*examining.partial));
    for (size_t i = 0; i < pict->warning_count; i++) tell(user, pict->warnings[i]);
    *possible = ct__space_allows(examining.space, examining.partial, NULL);
    if (!*possible) err = tell_why(&examining, "every walk");
    for (uint32_t i = 0; *possible && !err && i < pict->parameter_count; i++)
        if (is_constrained(&pict->model, i)) err = examine_values(&examining, i);
out:
    free(examining.partial);
    ct__space_free(examining.space);
    return err;
}
