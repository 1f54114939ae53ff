/* Inner header of room actions/: filling one column of a table. */
#ifndef COMBTEST_ACTIONS_INNER_H
#define COMBTEST_ACTIONS_INNER_H
#include <actions/actions.h>

/* Copies the options of an action, or calls its source for them. column is zero before, and to be freed by
 * ct__column_clear also after a failure. */
enum ct_err ct__column_fill(const struct ct_suite *suite, const struct ct_action *action, struct ct__column *column,
                            struct ct_error *error);
void ct__column_clear(struct ct__column *column);
#endif
