/* Suites as models: an action is a parameter, an option one of its values. Part of the door of room generator/. */
#ifndef COMBTEST_GENERATOR_SUITE_H
#define COMBTEST_GENERATOR_SUITE_H
#include <generator/pict.h>

struct ct__suite_model {
    struct ct__rules rules; /* of the constraints; broken and its text live as long as this */
    struct ct__pict *pict;  /* a parameter for each action: the serial ones first, then the others */
    size_t *actions;        /* by parameter */
};

/* Reads a table, and its suite's constraints, whose text is "constraints" in messages. The suite is borrowed, the table
 * for the call. CT_EINVAL: "suite 'x': constraints:1:4: expected ..."; CT_ETOOBIG: an action has more than
 * CT__VALUES_MAX options; CT_NOMEM. */
enum ct_err ct__suite_model_new(const struct ct__table *table, struct ct__suite_model **model, struct ct_error *error);
void ct__suite_model_free(struct ct__suite_model *model);

/* What is to be covered at strength, and at those of the suite's groups. *cover borrows from the model. CT_NOMEM. */
enum ct_err ct__suite_cover(struct ct__suite_model *model, const struct ct_suite *suite, int strength,
                            struct ct__cover *cover, struct ct_error *error);

/* Adds a constraint, which rules do not know: that the values of a partial row do not come together. To take it back,
 * and all that were added since, set pict->model.constraint_count to what it was. CT_NOMEM. */
enum ct_err ct__suite_forbid(struct ct__suite_model *model, const uint16_t *partial, struct ct_error *error);

/* What is told of a model's constraints before they are used: by way of tell, a line each, what PICT warns of, which
 * options they exclude, and which constraints exclude everything, where they do. *possible: they do not. CT_NOMEM. */
enum ct_err ct__suite_examine(struct ct__suite_model *model, void (*tell)(void *user, const char *line), void *user,
                              bool *possible, struct ct_error *error);
#endif
