/* combtest generate --measure: what somebody else's rows cover. */
#include <cli/generate.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MISSING_SHOWN 20u
#define MISSING_MAX   1000000u /* with --verbose */

static void print_coverage(int strength, const struct ct__coverage *coverage)
{
    double share = coverage->coverable > 0 ? 100.0 * (double)coverage->covered / (double)coverage->coverable : 100.0;
    if (coverage->covered < coverage->coverable && share > 99.99) share = 99.99; /* never rounded up to all */
    printf("strength %d: %" PRIu64 " of %" PRIu64 " combinations covered, %.2f %%; %" PRIu64 " excluded\n", strength,
           coverage->covered, coverage->coverable, share, coverage->combinations - coverage->coverable);
}

static void print_missing(const struct ct__pict *model, const struct ct__measure *measure)
{
    uint64_t missing = measure->coverage.coverable - measure->coverage.covered;
    for (size_t m = 0; m < measure->missing_count; m++) {
        const uint16_t *row = measure->missing + m * model->parameter_count;
        const char *before = "missing: ";
        for (size_t i = 0; i < model->parameter_count; i++) {
            if (row[i] == CT__ANY) continue;
            printf("%s%s=", before, model->parameters[i].name.text);
            ct__gen_print_value(stdout, model, i, row[i]);
            before = ", ";
        }
        putchar('\n');
    }
    if (missing > measure->missing_count)
        printf("missing: %" PRIu64 " more; --verbose names up to %u\n", missing - measure->missing_count, MISSING_MAX);
}

static bool is_complete(const uint16_t *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (row[i] == CT__ANY) return false;
    }
    return true;
}

static void print_bad(const struct ct__gen_args *args, const struct ct__pict *model, const struct ct__pict_rows *rows,
                      const struct ct__measure *measure)
{
    for (size_t b = 0; b < measure->bad_count; b++) {
        size_t row = measure->bad[b].row, constraint = measure->bad[b].constraint;
        printf("%s:%s%u: ", args->measure, rows->numbered ? " row " : "", rows->lines[row]);
        if (constraint < model->model.constraint_count)
            printf("breaks %s:%u: %s\n", model->file, model->constraints[constraint].line,
                   model->constraints[constraint].text);
        else if (is_complete(rows->values + row * model->parameter_count, model->parameter_count))
            puts("has two negative values");
        else
            puts("cannot be completed to a row that the constraints allow");
    }
}

/* ---- expected results that are open ---- */

/* Fills made with the first row that is open in the result and may have that value. */
static bool close_result(const struct ct__pict *model, const struct ct__pict_rows *rows, struct ct__space *space,
                         size_t result, size_t value, uint16_t *made)
{
    size_t width = model->parameter_count;
    for (size_t r = 0; r < rows->count; r++) {
        const uint16_t *row = rows->values + r * width;
        if (row[result] != CT__ANY) continue;
        memcpy(made, row, width * sizeof(*row));
        made[result] = (uint16_t)value;
        if (ct__space_allows(space, made, NULL)) return true;
    }
    return false;
}

/* Appends such rows to made, of which there are *used. negatives: whether they may have a negative value. */
static void close_all(const struct ct__pict *model, const struct ct__pict_rows *rows, struct ct__space *space,
                      bool negatives, uint16_t *made, size_t *used)
{
    size_t width = model->parameter_count;
    ct__space_forbid_negatives(space, !negatives);
    for (size_t i = 0; i < width; i++) {
        for (size_t v = 0; model->parameters[i].result && v < model->parameters[i].value_count; v++)
            *used += close_result(model, rows, space, i, v, made + *used * width);
    }
}

/* The rows, and after them copies of some whose results are open, which is what "?" means: of each value that such
 * rows allow. *values is the caller's. */
static enum ct_err close_results(const struct ct__pict *model, const struct ct__pict_rows *rows, uint16_t **values,
                                 size_t *count, struct ct_error *error)
{
    size_t width = model->parameter_count, room = rows->count, used = rows->count;
    struct ct__space *space = NULL;
    for (size_t i = 0; i < width; i++) room += model->parameters[i].result ? 2 * model->parameters[i].value_count : 0;
    enum ct_err err = room > used ? ct__space_new(&model->model, &space, error) : CT_OK;
    if (err) return err;
    uint16_t *made = calloc(room * width + 1, sizeof(*made));
    if (made && rows->count > 0) memcpy(made, rows->values, rows->count * width * sizeof(*made));
    if (made && space) close_all(model, rows, space, false, made, &used);
    if (made && space) close_all(model, rows, space, true, made, &used);
    ct__space_free(space);
    if (!made) return ct__nomem(error);
    *values = made;
    *count = used;
    return CT_OK;
}

static enum ct_err measure_all(const struct ct__gen_args *args, struct ct__pict *model,
                               const struct ct__pict_rows *rows, struct ct_error *error)
{
    int strength = args->strength > 0 ? args->strength : 2;
    uint16_t *values = NULL;
    size_t count = 0;
    enum ct_err err = close_results(model, rows, &values, &count, error);
    if (err) return err;
    printf("%zu row%s\n", rows->count, rows->count == 1 ? "" : "s");
    for (int t = 1; !err && t <= strength; t++) {
        struct ct__cover cover;
        struct ct__measure measure = { 0 };
        size_t shown = t < strength ? 0 : args->verbose ? MISSING_MAX : MISSING_SHOWN;
        err = ct__pict_cover(model, t, t == strength, &cover, error);
        if (!err) err = ct__measure(&model->model, &cover, values, count, shown, &measure, error);
        if (err) break;
        print_coverage(t, &measure.coverage);
        if (t == strength) {
            print_missing(model, &measure);
            print_bad(args, model, rows, &measure);
        }
        ct__measure_clear(&measure);
    }
    free(values);
    return err;
}

int ct__gen_measure(const struct ct__gen_args *args, struct ct__pict *model)
{
    struct ct_error error;
    struct ct__pict_rows *rows = NULL;
    char *text = NULL;
    size_t size;
    enum ct_err err = ct__gen_read(args->measure, &text, &size, &error);
    if (!err) err = ct__pict_rows_parse(model, args->measure, text, size, &rows, &error);
    for (size_t i = 0; !err && i < rows->warning_count; i++) ct__cli_warn("combtest", rows->warnings[i]);
    if (!err) err = measure_all(args, model, rows, &error);
    ct__pict_rows_free(rows);
    free(text);
    return err ? ct__cli_say_error("combtest", &error) : CT__EXIT_OK;
}
