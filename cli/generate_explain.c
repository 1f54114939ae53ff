/* combtest generate --explain: what the constraints exclude, and which of them do. */
#include <cli/generate.h>
#include <stdlib.h>
#include <string.h>

struct explainer {
    const struct ct__pict *model;
    struct ct__space *space;
    uint16_t *partial; /* all CT__ANY but what is asked about */
    bool **excluded;   /* by parameter and value */
    size_t found;
    struct ct_error *error;
};

/* Prints a heading and the constraints that exclude the partial row, a line each behind before. */
static enum ct_err print_reason(struct explainer *explainer, FILE *stream, const char *heading, const char *before)
{
    const struct ct__pict *model = explainer->model;
    size_t *indices = NULL, count = 0;
    enum ct_err err = ct__space_explain(explainer->space, explainer->partial, &indices, &count, explainer->error);
    if (err) return err;
    fputs(heading, stream);
    if (count == 0) fprintf(stream, "%stwo negative values never come together\n", before);
    for (size_t i = 0; i < count; i++) {
        const struct ct__pict_constraint *constraint = &model->constraints[indices[i]];
        fprintf(stream, "%s%s:%u: ", before, model->file, constraint->line);
        ct__cli_print_clean(stream, constraint->text, 4);
        fputc('\n', stream);
    }
    free(indices);
    explainer->found++;
    return CT_OK;
}

static void print_pair(const struct ct__pict *model, size_t parameter, size_t value)
{
    printf("%s=", model->parameters[parameter].name.text);
    ct__gen_print_value(stdout, model, parameter, value);
}

static bool allows(const struct explainer *explainer)
{
    return ct__space_allows(explainer->space, explainer->partial, NULL);
}

/* The same where something is allowed, and the partial row has values of the parameter's part alone. */
static bool allows_value(const struct explainer *explainer, size_t parameter)
{
    uint32_t part = ct__space_part(explainer->space, (uint32_t)parameter);
    return part == UINT32_MAX || ct__space_allows_part(explainer->space, part, explainer->partial, NULL);
}

/* ---- values and pairs ---- */

static enum ct_err explain_value(struct explainer *explainer, size_t parameter, size_t value)
{
    enum ct_err err = CT_OK;
    explainer->partial[parameter] = (uint16_t)value;
    explainer->excluded[parameter][value] = !allows_value(explainer, parameter);
    if (explainer->excluded[parameter][value]) {
        fputs("excluded: ", stdout);
        print_pair(explainer->model, parameter, value);
        putchar('\n');
        err = print_reason(explainer, stdout, "", "  by ");
    }
    explainer->partial[parameter] = CT__ANY;
    return err;
}

static enum ct_err explain_pair(struct explainer *explainer, size_t a, size_t v, size_t b, size_t w)
{
    const struct ct__pict *model = explainer->model;
    enum ct_err err = CT_OK;
    if (model->parameters[a].values[v].negative && model->parameters[b].values[w].negative) return CT_OK;
    explainer->partial[a] = (uint16_t)v;
    explainer->partial[b] = (uint16_t)w;
    if (!allows_value(explainer, a)) {
        fputs("excluded: ", stdout);
        print_pair(model, a, v);
        fputs(", ", stdout);
        print_pair(model, b, w);
        putchar('\n');
        err = print_reason(explainer, stdout, "", "  by ");
    }
    explainer->partial[a] = explainer->partial[b] = CT__ANY;
    return err;
}

static enum ct_err explain_values(struct explainer *explainer)
{
    enum ct_err err = CT_OK;
    for (size_t i = 0; i < explainer->model->parameter_count; i++) {
        for (size_t v = 0; !err && v < explainer->model->parameters[i].value_count; v++)
            err = explain_value(explainer, i, v);
    }
    return err;
}

/* The pairs of two parameters, without those of a value that is excluded by itself. */
static enum ct_err explain_pairs_of(struct explainer *explainer, size_t a, size_t b)
{
    const struct ct__pict_parameter *parameters = explainer->model->parameters;
    enum ct_err err = CT_OK;
    for (size_t v = 0; v < parameters[a].value_count; v++) {
        if (explainer->excluded[a][v]) continue;
        for (size_t w = 0; !err && w < parameters[b].value_count; w++) {
            if (!explainer->excluded[b][w]) err = explain_pair(explainer, a, v, b, w);
        }
    }
    return err;
}

static enum ct_err explain_pairs(struct explainer *explainer)
{
    enum ct_err err = CT_OK;
    for (size_t a = 0; a < explainer->model->parameter_count; a++) {
        uint32_t part = ct__space_part(explainer->space, (uint32_t)a);
        for (size_t b = a + 1; part != UINT32_MAX && b < explainer->model->parameter_count; b++) {
            bool joined = ct__space_part(explainer->space, (uint32_t)b) == part;
            if (!err && joined && !ct__gen_stopped()) err = explain_pairs_of(explainer, a, b);
        }
    }
    return err;
}

static enum ct_err explain_all(struct explainer *explainer)
{
    if (!allows(explainer)) return print_reason(explainer, stdout, "excluded: everything\n", "  by ");
    enum ct_err err = explain_values(explainer);
    if (!err) err = explain_pairs(explainer);
    if (!err && explainer->found == 0) puts("no value and no pair of values is excluded");
    return err;
}

/* ---- from beginning to end ---- */

static void finish(struct explainer *explainer)
{
    for (size_t i = 0; explainer->excluded && i < explainer->model->parameter_count; i++) free(explainer->excluded[i]);
    free(explainer->excluded);
    free(explainer->partial);
    ct__space_free(explainer->space);
}

static enum ct_err start(struct explainer *explainer, const struct ct__pict *model, struct ct_error *error)
{
    *explainer = (struct explainer){ .model = model, .error = error };
    enum ct_err err = ct__space_new(&model->model, &explainer->space, error);
    if (err) return err;
    explainer->partial = calloc(model->parameter_count, sizeof(*explainer->partial));
    explainer->excluded = calloc(model->parameter_count, sizeof(*explainer->excluded));
    if (!explainer->partial || !explainer->excluded) return ct__nomem(error);
    memset(explainer->partial, 0xff, model->parameter_count * sizeof(*explainer->partial));
    for (size_t i = 0; i < model->parameter_count; i++) {
        explainer->excluded[i] = calloc(model->parameters[i].value_count, sizeof(**explainer->excluded));
        if (!explainer->excluded[i]) return ct__nomem(error);
    }
    return CT_OK;
}

int ct__gen_explain(const struct ct__gen_args *args, struct ct__pict *model)
{
    struct ct_error error;
    struct explainer explainer;
    (void)args;
    enum ct_err err = start(&explainer, model, &error);
    bool nothing = !err && !allows(&explainer);
    if (!err) err = explain_all(&explainer);
    finish(&explainer);
    if (err) return ct__cli_say_error("combtest", &error);
    return nothing ? CT__EXIT_NOTHING : CT__EXIT_OK;
}

/* ---- before generating ---- */

static void warn_of_values(struct explainer *explainer)
{
    const struct ct__pict *model = explainer->model;
    for (size_t i = 0; i < model->parameter_count; i++) {
        for (size_t v = 0; v < model->parameters[i].value_count; v++) {
            const struct ct__pict_value *value = &model->parameters[i].values[v];
            char text[256];
            explainer->partial[i] = (uint16_t)v;
            if (!allows_value(explainer, i)) {
                snprintf(text, sizeof(text), "the constraints exclude %.80s=%s%.80s; --explain says how",
                         model->parameters[i].name.text, value->negative ? model->negative_prefix : "",
                         value->names[0].text);
                ct__cli_warn("combtest", text);
            }
        }
        explainer->partial[i] = CT__ANY;
    }
}

bool ct__gen_check_values(struct ct__pict *model, struct ct_error *error)
{
    struct explainer explainer;
    error->code = CT_OK;
    if (model->model.constraint_count == 0) return true;
    enum ct_err err = start(&explainer, model, error);
    bool possible = !err && allows(&explainer);
    if (possible)
        warn_of_values(&explainer);
    else if (!err)
        err = print_reason(&explainer, stderr, "combtest: error: no row keeps these constraints together:\n", "    ");
    finish(&explainer);
    return possible && !err;
}
