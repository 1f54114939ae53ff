/* What a model asks to be covered. */
#include <generator/pict_units.h>

int ct__pict_parameter_order(const struct ct__pict_parameter *parameter, int strength)
{
    if (parameter->result) return 1;
    return parameter->order > 0 ? (int)parameter->order : strength;
}

int ct__pict_submodel_order(const struct ct__pict_submodel *submodel, int strength)
{
    size_t order = submodel->order > 0 ? submodel->order : (size_t)strength;
    return (int)(order < submodel->count ? order : submodel->count);
}

static int cut(int order, int strength, bool own)
{
    return own || order < strength ? order : strength;
}

bool ct__pict_cover_submodels(struct ct__pict *model, int strength, bool own, struct ct__cover *cover)
{
    for (size_t i = 0; i < model->submodel_count; i++) {
        const struct ct__pict_submodel *submodel = &model->submodels[i];
        struct ct__group *groups = ct__pict_grow(model->pool, (void *)cover->groups, cover->group_count,
                                                 sizeof(*groups));
        uint32_t *factors = ct__pict_alloc(model->pool, submodel->count, sizeof(*factors));
        if (!groups || !factors) return false;
        for (size_t m = 0; m < submodel->count; m++) factors[m] = (uint32_t)submodel->parameters[m];
        cover->groups = groups;
        groups[cover->group_count++] = (struct ct__group){ .factors = factors,
                                                           .factor_count = submodel->count,
                                                           .strength = cut(ct__pict_submodel_order(submodel, strength),
                                                                           strength, own),
                                                           .most = true };
    }
    return true;
}

enum ct_err ct__pict_cover(struct ct__pict *model, int strength, bool own, struct ct__cover *cover,
                           struct ct_error *error)
{
    struct ct__cover made;
    int *orders = ct__pict_alloc(model->pool, model->parameter_count, sizeof(*orders));
    if (!orders) return ct__nomem(error);
    for (size_t i = 0; i < model->parameter_count; i++)
        orders[i] = cut(ct__pict_parameter_order(&model->parameters[i], strength), strength, own);
    if (!ct__pict_units_cover(model->pool, orders, model->parameter_count, &made)) return ct__nomem(error);
    if (!ct__pict_cover_submodels(model, strength, own, &made)) return ct__nomem(error);
    *cover = made;
    return CT_OK;
}
