/* Where an action's options come from: a table in the program, or an iterator. */
#include <actions/actions_inner.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SHARED_MIN 65536u /* bytes of options that are worth a mapping of their own */

/* Puts where an error arose before what it says. */
static enum ct_err at_option(const struct ct_suite *suite, const struct ct_action *action, size_t index,
                             const struct ct_error *why, struct ct_error *error)
{
    if (why->code == CT_NOMEM) return ct__nomem(error);
    return ct__error(error, why->code, "suite '%s': action '%s': option %zu: %s", suite->name, action->name, index,
                     why->text);
}

/* count is how many options are complete at any time, so that they can be freed. */
static enum ct_err append(const struct ct_suite *suite, const struct ct_action *action, const struct ct_option *option,
                          struct ct__column *column, struct ct_error *error)
{
    struct ct_error why = { 0 };
    if (ct__option_copy(option, &column->options[column->count], &why) != CT_OK)
        return at_option(suite, action, column->count, &why, error);
    column->count++;
    return CT_OK;
}

static enum ct_err copy_options(const struct ct_suite *suite, const struct ct_action *action, struct ct__column *column,
                                struct ct_error *error)
{
    enum ct_err err = CT_OK;
    column->options = calloc(action->option_count, sizeof *column->options);
    if (column->options == NULL) return ct__nomem(error);
    for (size_t i = 0; i < action->option_count && err == CT_OK; i++)
        err = append(suite, action, &action->options[i], column, error);
    return err;
}

static enum ct_err grow(struct ct__column *column, size_t *room, struct ct_error *error)
{
    size_t more = *room > 0 ? *room * 2 : 16;
    struct ct_option *options;
    if (column->count < *room) return CT_OK;
    options = realloc(column->options, more * sizeof *options);
    if (options == NULL) return ct__nomem(error);
    column->options = options;
    *room = more;
    return CT_OK;
}

static enum ct_err source_failed(const struct ct_suite *suite, const struct ct_action *action, size_t index, int said,
                                 struct ct_error *why, struct ct_error *error)
{
    why->text[sizeof why->text - 1] = '\0';
    if (said != -1)
        return ct__error(error, CT_EINVAL,
                         "suite '%s': action '%s': its source returned %d at index %zu; it may return 1, 0 or -1",
                         suite->name, action->name, said, index);
    return ct__error(error, CT_EINVAL, "suite '%s': action '%s': its source failed at index %zu: %s", suite->name,
                     action->name, index, why->text[0] != '\0' ? why->text : "it gave no reason");
}

static enum ct_err call_source(const struct ct_suite *suite, const struct ct_action *action, struct ct__column *column,
                               struct ct_error *error)
{
    size_t room = 0;
    for (size_t index = 0;; index++) {
        struct ct_option option = { 0 };
        struct ct_error why = { 0 };
        int said = action->source(action->source_user, index, &option, &why);
        enum ct_err err;
        if (said == 0) return CT_OK;
        if (said != 1) return source_failed(suite, action, index, said, &why, error);
        if (index >= CT__OPTIONS_MAX)
            return ct__error(error, CT_ETOOBIG, "suite '%s': action '%s': its source has more than %u options",
                             suite->name, action->name, CT__OPTIONS_MAX);
        err = grow(column, &room, error);
        if (err == CT_OK) err = append(suite, action, &option, column, error);
        if (err != CT_OK) return err;
    }
}

/* Moves many options to memory that forks do not copy, lest each walk's process pays for all of them; read only, for a
 * walk that writes there would write into the others'. Where there is none, they stay. */
static void share(struct ct__column *column)
{
    size_t size = column->count * sizeof *column->options;
    if (size < SHARED_MIN) return;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return;
    memcpy(memory, column->options, size);
    (void)mprotect(memory, size, PROT_READ);
    free(column->options);
    column->options = memory;
    column->shared = size;
}

enum ct_err ct__column_fill(const struct ct_suite *suite, const struct ct_action *action, struct ct__column *column,
                            struct ct_error *error)
{
    enum ct_err err;
    if (action->once) {
        column->count = 1;
        return CT_OK;
    }
    err = action->source != NULL ? call_source(suite, action, column, error)
                                 : copy_options(suite, action, column, error);
    if (err == CT_OK && column->count == 0)
        err = ct__error(error, CT_EINVAL, "suite '%s': action '%s' has no options; CT_ACTION_ONCE makes one without",
                        suite->name, action->name);
    if (err == CT_OK) share(column);
    return err;
}

void ct__column_clear(struct ct__column *column)
{
    if (column->shared > 0) (void)mprotect(column->options, column->shared, PROT_READ | PROT_WRITE);
    for (size_t i = 0; column->options != NULL && i < column->count; i++) ct__option_clear(&column->options[i]);
    if (column->shared > 0)
        (void)munmap(column->options, column->shared);
    else
        free(column->options);
    *column = (struct ct__column){ 0 };
}
