/* PICT's language: any text is read or refused, a refusal says where, and what was read is a model that can be used. */
#include "fuzz.h"
#include <generator/generator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A value's name finds it; one without the prefix finds another of that name before it finds a negative one. */
static bool is_found(struct ct__pict *model, size_t parameter)
{
    const struct ct__pict_parameter *of = &model->parameters[parameter];
    const char *name = of->values[0].names[0].text;
    size_t found = strpbrk(name, "~!") ? 0 : ct__pict_value_find(model, parameter, name, strlen(name));
    return found == 0 || (of->values[0].negative && found < of->value_count && !of->values[found].negative);
}

/* Each constraint can be asked of a row, and each parameter and value can be found. */
static void use(struct ct__pict *model)
{
    uint16_t *row = calloc(model->parameter_count, sizeof(*row));
    if (!row) exit(2);
    if (ct__model_check(&model->model, NULL) != CT_OK) abort();
    for (size_t i = 0; i < model->model.constraint_count; i++) {
        ct__formula_holds(&model->model.constraints[i], &model->model, row);
        if (model->constraints[i].text[0] == '\0' || model->constraints[i].line == 0) abort();
    }
    for (size_t i = 0; i < model->parameter_count; i++) {
        const struct ct__pict_name *name = &model->parameters[i].name;
        if (model->parameters[i].value_count == 0) abort();
        if (ct__pict_parameter_find(model, name->text, strlen(name->text)) != i) abort();
        if (!is_found(model, i)) abort();
    }
    free(row);
}

static void check_error(enum ct_err code, const struct ct_error *error)
{
    unsigned line, column;
    int end = 0;
    if (code == CT_NOMEM) exit(2);
    if ((code != CT_EINVAL && code != CT_ETOOBIG) || error->code != code) abort();
    if (sscanf(error->text, "fuzz:%u:%u: %n", &line, &column, &end) != 2 || end == 0) abort();
    if (line == 0 || column == 0 || strchr(error->text, '\n')) abort();
}

/* The rows that a model's own text makes, and any that follow. */
static void read_rows(struct ct__pict *model, const uint8_t *data, size_t size)
{
    struct ct__pict_rows *rows = NULL;
    struct ct_error error = { 0 };
    enum ct_err code = ct__pict_rows_parse(model, "fuzz", (const char *)data, size, &rows, &error);
    if (code) check_error(code, &error);
    for (size_t i = 0; !code && i < rows->count * model->parameter_count; i++) {
        if (rows->values[i] != CT__ANY && rows->values[i] >= model->parameters[i % model->parameter_count].value_count)
            abort();
    }
    ct__pict_rows_free(rows);
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* The text as a suite's constraints: refused with a place in them, or a plan whose walks can be judged. */
static void read_constraints(const char *text)
{
    static const struct ct_option numbers[] = { CT_INT(1), CT_REAL(2.5), CT_INT(3, .label = "b c") };
    static const struct ct_option words[] = { CT_STRING("a"), CT_STRING("b c"), CT_NULL, CT_JSON("[1]") };
    static const struct ct_action actions[] = { CT_ACTION("A", pass, numbers), CT_ACTION("B", pass, numbers),
                                                CT_ACTION("C", pass, words) };
    const struct ct_suite suite = { .name = "s", .actions = actions, .action_count = 3, .constraints = text };
    struct ct_plan *plan = NULL;
    struct ct_error error = { 0 };
    enum ct_err code = ct_plan_new(&suite, &plan, &error);
    if (code && (code != CT_EINVAL || strncmp(error.text, "suite 's': ", 11) != 0)) abort();
    if (code && strncmp(error.text + 11, "constraints:", 12) != 0 && !strstr(error.text, "not UTF-8")) abort();
    for (uint64_t id = 0; !code && id < ct_plan_walk_count(plan); id++) ct__plan_broken_rule(plan, id);
    ct_plan_free(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ct__pict_options options[] = {
        { .value_separator = NULL },
        { .value_separator = " ", .alias_separator = ",", .negative_prefix = "!", .case_sensitive = true },
    };
    for (size_t i = 0; i < CT_COUNT(options); i++) {
        struct ct__pict *model = NULL;
        struct ct_error error = { 0 };
        enum ct_err code = ct__pict_parse("fuzz", (const char *)data, size, &options[i], &model, &error);
        if (code) check_error(code, &error);
        if (!code) use(model);
        if (!code) read_rows(model, data, size);
        ct__pict_free(model);
    }
    char *text = calloc(size + 1, 1);
    if (!text) exit(2);
    memcpy(text, data, size);
    read_constraints(text);
    free(text);
    return 0;
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const char *const seeds[] = {
        "A: 1, 2 | two (3), ~3\nB @ 2: <A>, x\n$R: ok\n{A, B} @ 2\n{B}\n",
        "A: 1, 2\nB: 3, 1\nC: a, b c\nIF [A] = [B] AND NOT ([C] LIKE \"?\" OR [A] >= 2) THEN [C] IN {\"a\", \"b "
        "c\"}\n# "
        "remark\nELSE [B] <> 3;\n[A] NOT IN {1};\n",
        "\xef\xbb\xbfGr\xc3\xb6\xc3\x9f"
        "e: \xc3\xa9, ~x\r\nB: y\r\nIsNegative(B) OR ISPOSITIVE();\r\n[B] NOT LIKE \"*\\\"\\\\\\]\";\r\n",
        "IF [A] = \"b c\" AND NOT ([C] LIKE \"?\" OR [A] >= 2) THEN [C] IN {\"a\", \"[1\\]\"} ELSE [B] <> 2.5;\n",
        "A]: 1e3, 0x10, inf, nan\nB: 0, 1\n[A\\]] <> 16 OR [X] = 1;\nNOT NOT (((([B] = 1))));\n",
        "A\tB\n1\t2\n\t~3\tmore\n\n: \n",
        "A!B 1,2,!3 ~4\nB: 5 6\n{A B} @ 1\n[A!B] = \"x\";",
    };
    if (number >= CT_COUNT(seeds)) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
