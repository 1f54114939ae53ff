#include <combtest/core.h>
#include <combtest/plan_inner.h>
#include <stdio.h>
#include <stdlib.h>

#define EXACT_DIGITS_END ((unsigned __int128)1000000000000000u * 1000000000000000u) /* 10^30 */

/* Writes a product of over CT__WALKS_MAX for a reader: exact to 30 digits, rounded above. */
static void describe_product(const struct ct__table *table, char *text, size_t size)
{
    unsigned __int128 exact = 1;
    double leading = 1;
    unsigned long power = 0;
    for (size_t i = 0; i < table->count; i++) {
        if (exact < EXACT_DIGITS_END && __builtin_mul_overflow(exact, table->columns[i].count, &exact))
            exact = EXACT_DIGITS_END;
        for (leading *= (double)table->columns[i].count; leading >= 10; leading /= 10) power++;
    }
    if (exact < EXACT_DIGITS_END) {
        uint64_t high = (uint64_t)(exact / 1000000000000000u), low = (uint64_t)(exact % 1000000000000000u);
        (void)snprintf(text, size, "%llu%015llu", (unsigned long long)high, (unsigned long long)low);
        return;
    }
    if (leading >= 9.95) {
        leading = 1;
        power++;
    }
    (void)snprintf(text, size, "%.1fe+%lu", leading, power);
}

static enum ct_err too_many(const struct ct__table *table, struct ct_error *error)
{
    char number[40];
    describe_product(table, number, sizeof number);
    return ct__error(error, CT_ETOOBIG,
                     "suite '%s' has %s walks, over the limit of %llu; --strength makes a covering suite of few walks",
                     table->suite->name, number, (unsigned long long)CT__WALKS_MAX);
}

static enum ct_err set_strides(struct ct_plan *plan, bool serial, struct ct_error *error)
{
    const struct ct__table *table = plan->table;
    for (size_t i = table->count; i-- > 0;) {
        const struct ct__column *column = &table->columns[i];
        if (table->suite->actions[i].serial != serial) continue;
        plan->strides[i] = plan->walk_count;
        if (__builtin_mul_overflow(plan->walk_count, column->count, &plan->walk_count) ||
            plan->walk_count > CT__WALKS_MAX)
            return too_many(table, error);
        if (column->options != NULL)
            plan->wheels[plan->wheel_count++] =
                (struct ct__wheel){ .action = i, .first = column->options, .end = column->options + column->count };
    }
    return CT_OK;
}

static void find_serials(struct ct_plan *plan)
{
    for (size_t i = 0; i < plan->table->count; i++)
        if (plan->table->suite->actions[i].serial) plan->serials[plan->serial_count++] = i;
}

static enum ct_err set_places(struct ct_plan *plan, struct ct_error *error)
{
    size_t serials = 0, others = plan->serial_count;
    plan->places = calloc(plan->table->count, sizeof *plan->places);
    if (plan->places == NULL) return ct__nomem(error);
    for (size_t i = 0; i < plan->table->count; i++)
        plan->places[i] = plan->table->suite->actions[i].serial ? serials++ : others++;
    return CT_OK;
}

/* Makes and fills what a plan knows besides its table. */
static enum ct_err lay_out(struct ct_plan *plan, struct ct_error *error)
{
    size_t count = plan->table->count;
    enum ct_err err;
    if (plan->rows == NULL) plan->walk_count = 1;
    plan->strides = calloc(count, sizeof *plan->strides);
    plan->serials = calloc(count, sizeof *plan->serials);
    plan->wheels = calloc(count, sizeof *plan->wheels);
    plan->cursor.digits = calloc(count, sizeof *plan->cursor.digits);
    if (plan->strides == NULL || plan->serials == NULL || plan->wheels == NULL || plan->cursor.digits == NULL)
        return ct__nomem(error);
    find_serials(plan);
    if (plan->rows != NULL) return set_places(plan, error);
    err = set_strides(plan, false, error);
    return err == CT_OK ? set_strides(plan, true, error) : err;
}

enum ct_err ct__plan_new_rows(struct ct__table *table, void (*release)(struct ct__table *table), uint16_t *rows,
                              uint64_t row_count, struct ct_plan **plan, struct ct_error *error)
{
    struct ct_plan *made = calloc(1, sizeof *made);
    enum ct_err err;
    if (made == NULL) return ct__nomem(error);
    made->table = table;
    made->rows = rows;
    made->walk_count = row_count;
    err = lay_out(made, error);
    if (err != CT_OK) {
        made->rows = NULL;
        ct_plan_free(made);
        return err;
    }
    ct__plan_rewind(made);
    made->release = release;
    *plan = made;
    return CT_OK;
}

enum ct_err ct__plan_new(struct ct__table *table, void (*release)(struct ct__table *table), struct ct_plan **plan,
                         struct ct_error *error)
{
    return ct__plan_new_rows(table, release, NULL, 0, plan, error);
}

void ct_plan_free(struct ct_plan *plan)
{
    if (plan == NULL) return;
    if (plan->release != NULL) plan->release(plan->table);
    if (plan->rules != NULL) plan->rules->release(plan->rules);
    free(plan->strides);
    free(plan->serials);
    free(plan->wheels);
    free(plan->rows);
    free(plan->places);
    free(plan->cursor.digits);
    free(plan);
}

uint64_t ct_plan_walk_count(const struct ct_plan *plan)
{
    return plan->walk_count;
}

const uint16_t *ct__plan_rows(const struct ct_plan *plan)
{
    return plan->rows;
}

void ct__plan_take_rules(struct ct_plan *plan, struct ct__rules *rules)
{
    plan->rules = rules;
}

/* A walk of a plan, for ct__digit_fn. */
struct numbered {
    const struct ct_plan *plan;
    uint64_t id;
};

static size_t digit_of(const void *user, size_t action)
{
    const struct numbered *walk = user;
    return ct__plan_digit(walk->plan, walk->id, action);
}

CT__HOT const char *ct__plan_broken_rule(const struct ct_plan *plan, uint64_t id)
{
    const struct numbered walk = { plan, id };
    return plan->rules != NULL ? plan->rules->broken(plan->rules, digit_of, &walk) : NULL;
}

const struct ct__table *ct__plan_table(const struct ct_plan *plan)
{
    return plan->table;
}

size_t ct__plan_stage_count(const struct ct_plan *plan)
{
    return plan->serial_count + 1;
}

CT__HOT void ct__plan_stage_actions(const struct ct_plan *plan, size_t stage, size_t *first, size_t *end)
{
    *first = stage == 0 ? 0 : plan->serials[stage - 1] + 1;
    *end = stage == plan->serial_count ? plan->table->count : plan->serials[stage];
}

size_t ct__plan_serial_action(const struct ct_plan *plan, size_t depth)
{
    return plan->serials[depth];
}

size_t ct__plan_digit(const struct ct_plan *plan, uint64_t id, size_t action)
{
    if (plan->rows != NULL) return ct__plan_row_digit(plan, id, action);
    return (size_t)(id / plan->strides[action] % plan->table->columns[action].count);
}

enum ct_err ct_plan_options(const struct ct_plan *plan, uint64_t id, const struct ct_option **options)
{
    if (id >= plan->walk_count) return CT_ENOTFOUND;
    for (size_t i = 0; i < plan->table->count; i++) {
        const struct ct_option *first = plan->table->columns[i].options;
        options[i] = first != NULL ? first + ct__plan_digit(plan, id, i) : NULL;
    }
    return CT_OK;
}

enum ct_err ct_plan_id(const struct ct_plan *plan, const size_t *option_indices, uint64_t *id)
{
    uint64_t sum = 0;
    if (plan->rows != NULL) return ct__plan_rows_id(plan, option_indices, id);
    for (size_t i = 0; i < plan->table->count; i++) {
        if (option_indices[i] >= plan->table->columns[i].count) return CT_ENOTFOUND;
        sum += option_indices[i] * plan->strides[i];
    }
    *id = sum;
    return CT_OK;
}
