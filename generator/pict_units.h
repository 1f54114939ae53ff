/* Models of units: a unit is a parameter, or a sub-model each of whose rows is one value of it. Inner to room
 * generator/. */
#ifndef COMBTEST_GENERATOR_PICT_UNITS_H
#define COMBTEST_GENERATOR_PICT_UNITS_H
#include <generator/pict_inner.h>

struct ct__pict_unit {
    const size_t *members; /* parameters */
    size_t member_count;
    const struct ct__rows *rows; /* of a sub-model, by member; NULL: a parameter with its own values */
    int order;                   /* the strength it is combined at */
};

struct ct__pict_units {
    struct ct__pict *model;
    struct ct__pict_pool *pool;
    struct ct__pict_unit *units;
    size_t count;
    size_t *unit_of; /* by parameter: the first unit it is a member of, or SIZE_MAX */
};

/* Fills in unit_of for the units there are. False: no memory. */
bool ct__pict_units_index(struct ct__pict_units *units);
/* The value that a parameter has where its unit has value. */
size_t ct__pict_unit_value(const struct ct__pict_units *units, size_t unit, size_t parameter, size_t value);
/* The model of units, in the units' pool: a factor for each, the constraints whose parameters are all in units, and
 * that units which share a parameter agree on it. With room for more constraints at the end. False: no memory. */
bool ct__pict_units_model(const struct ct__pict_units *units, size_t more, struct ct__model *made);
/* The strengths at which units of these orders are to be combined. False: no memory. */
bool ct__pict_units_cover(struct ct__pict_pool *pool, const int *orders, size_t count, struct ct__cover *cover);
/* What the model asks to be covered (pict_cover.c): the order of a parameter, and of a sub-model, where the model's is
 * strength. */
int ct__pict_parameter_order(const struct ct__pict_parameter *parameter, int strength);
int ct__pict_submodel_order(const struct ct__pict_submodel *submodel, int strength);
/* Adds a group for each sub-model, own as for ct__pict_cover. False: no memory. */
bool ct__pict_cover_submodels(struct ct__pict *model, int strength, bool own, struct ct__cover *cover);
#endif
