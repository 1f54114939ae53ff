/* PICT's language with each allocation made to fail in turn: nothing crashes, nothing leaks, and it is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <failing.h>
#include <generator/generator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As large as it takes for each kind of array to grow over a block of memory of its own. */
static char text[600000];
static size_t text_size;

static void add(const char *part, unsigned number)
{
    text_size += (size_t)snprintf(text + text_size, sizeof(text) - text_size, part, number);
    assert_true(text_size < sizeof(text) - 1);
}

static void make_text(void)
{
    text_size = 0;
    for (unsigned i = 0; i < 120; i++) add("Parameter %u: one | uno (2), ~two, three, <Parameter 1>\n", i);
    add("Long: 0", 0);
    for (unsigned i = 1; i < 1000; i++) add(", value %u", i);
    add("\n", 0);
    for (unsigned i = 1; i < 120; i++) add("{ Parameter %u, Parameter 0, Parameter 0 } @ 2\n", i);
    for (unsigned i = 1; i < 120; i++)
        add("IF [Parameter %u] = \"one\" AND NOT ([Parameter 0] LIKE \"t*\" OR IsNegative()) THEN [Long] IN {\"0\", "
            "\"x\"};\n",
            i);
    for (unsigned i = 1; i < 120; i++) add("[Parameter %u] <> [Long];\n", i);
    for (unsigned i = 1; i < 120; i++) add("[Nobody %u] = 1;\n", i);
}

static bool parse(void)
{
    const struct ct__pict_options options = { 0 };
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    enum ct_err err = ct__pict_parse("m", text, text_size, &options, &model, &error);
    if (err && (err != CT_NOMEM || error.code != CT_NOMEM || model)) abort();
    if (!err && (model->model.constraint_count != 238 || model->warning_count < 238)) abort();
    ct__pict_free(model);
    return !err;
}

static struct ct__pict *model_of_rows;

static bool parse_rows(void)
{
    struct ct__pict_rows *rows = NULL;
    struct ct_error error = { 0 };
    enum ct_err err = ct__pict_rows_parse(model_of_rows, "r", text, text_size, &rows, &error);
    if (err && (err != CT_NOMEM || error.code != CT_NOMEM || rows)) abort();
    if (!err && (rows->count != 3000 || rows->warning_count != 3000)) abort();
    ct__pict_rows_free(rows);
    return !err;
}

static void a_model_is_read_whole_or_not_at_all(void **state)
{
    (void)state;
    make_text();
    failing_each(parse);
}

static void rows_are_read_whole_or_not_at_all(void **state)
{
    const struct ct__pict_options options = { 0 };
    (void)state;
    assert_int_equal(ct__pict_parse("m", "A: 1\n", 5, &options, &model_of_rows, NULL), CT_OK);
    text_size = 0;
    add("A\n", 0);
    for (unsigned i = 0; i < 3000; i++) add("1\tvalue %u\n", i);
    failing_each(parse_rows);
    ct__pict_free(model_of_rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_read_whole_or_not_at_all),
        cmocka_unit_test(rows_are_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
