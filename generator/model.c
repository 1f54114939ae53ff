#include <generator/inner.h>

#define DEPTH_MAX 2000

static enum ct_err check_factor(const struct ct__factor *factor, size_t index, struct ct_error *error)
{
    if (factor->value_count == 0)
        return ct__error(error, CT_EINVAL, "factor %zu has no values; it needs at least one", index);
    if (factor->value_count > CT__VALUES_MAX)
        return ct__error(error, CT_EINVAL, "factor %zu has %u values; at most %u are allowed", index,
                         factor->value_count, CT__VALUES_MAX);
    for (uint32_t v = 0; factor->weights != NULL && v < factor->value_count; v++)
        if (factor->weights[v] == 0)
            return ct__error(error, CT_EINVAL, "factor %zu: value %u has weight 0; weights are 1 and up", index, v);
    return CT_OK;
}

static const char *formula_fault(const struct ct__formula *formula, size_t factor_count, int depth)
{
    const char *fault = NULL;
    if (depth > DEPTH_MAX) return "is nested too deeply";
    switch (formula->kind) {
    case CT__FORMULA_IN:
        return formula->factor >= factor_count ? "names a factor that is not there"
               : formula->bits == NULL         ? "has a set without bits"
                                               : NULL;
    case CT__FORMULA_RELATED:
        return formula->factor >= factor_count || formula->other >= factor_count ? "names a factor that is not there"
               : formula->factor == formula->other                               ? "relates a factor to itself"
               : formula->bits == NULL                                           ? "has a relation without bits"
                                                                                 : NULL;
    case CT__FORMULA_NOT:
        if (formula->part_count != 1) return "has a NOT of other than one part";
        break;
    case CT__FORMULA_AND:
    case CT__FORMULA_OR: break;
    default: return "is of an unknown kind";
    }
    for (size_t i = 0; i < formula->part_count && fault == NULL; i++)
        fault = formula_fault(&formula->parts[i], factor_count, depth + 1);
    return fault;
}

enum ct_err ct__model_check(const struct ct__model *model, struct ct_error *error)
{
    if (model->factor_count == 0) return ct__error(error, CT_EINVAL, "the model has no factors; it needs at least one");
    if (model->factor_count > CT__FACTORS_MAX)
        return ct__error(error, CT_EINVAL, "the model has %zu factors; at most %u are allowed", model->factor_count,
                         CT__FACTORS_MAX);
    for (size_t i = 0; i < model->factor_count; i++) {
        enum ct_err err = check_factor(&model->factors[i], i, error);
        if (err != CT_OK) return err;
    }
    for (size_t i = 0; i < model->constraint_count; i++) {
        const char *fault = formula_fault(&model->constraints[i], model->factor_count, 0);
        if (fault != NULL) return ct__error(error, CT_EINVAL, "constraint %zu %s", i, fault);
    }
    return CT_OK;
}

bool ct__formula_holds(const struct ct__formula *formula, const struct ct__model *model, const uint16_t *row)
{
    switch (formula->kind) {
    case CT__FORMULA_IN: return ct__bit_is_set(formula->bits, row[formula->factor]);
    case CT__FORMULA_RELATED:
        return ct__bit_is_set(formula->bits, (size_t)row[formula->factor] * model->factors[formula->other].value_count +
                                                 row[formula->other]);
    case CT__FORMULA_NOT: return !ct__formula_holds(&formula->parts[0], model, row);
    case CT__FORMULA_AND:
        for (size_t i = 0; i < formula->part_count; i++)
            if (!ct__formula_holds(&formula->parts[i], model, row)) return false;
        return true;
    default:
        for (size_t i = 0; i < formula->part_count; i++)
            if (ct__formula_holds(&formula->parts[i], model, row)) return true;
        return false;
    }
}
