/* Seeding files and rows to be measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <string.h>

#define MODEL "Ver: Win7, Win10\nSKU: Pro, Home | Single\nLang: EN, ~FR\n"

static struct ct__pict_rows *rows_of(struct ct__pict *model, const char *text)
{
    struct ct__pict_rows *rows = NULL;
    struct ct_error error = { 0 };
    if (ct__pict_rows_parse(model, "seeds", text, strlen(text), &rows, &error) != CT_OK) fail_msg("%s", error.text);
    return rows;
}

static void check_row(const struct ct__pict_rows *rows, size_t row, unsigned line, int ver, int sku, int lang)
{
    const uint16_t *values = rows->values + row * 3;
    assert_true(row < rows->count);
    assert_int_equal(rows->lines[row], line);
    assert_int_equal(values[0], (uint16_t)ver); /* -1 is CT__ANY */
    assert_int_equal(values[1], (uint16_t)sku);
    assert_int_equal(values[2], (uint16_t)lang);
}

static void rows_may_be_partial_and_in_any_order(void **state)
{
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = rows_of(
        model, "Lang\tver\tSKU\nEN\tWin7\tPro\r\nfr\tWIN10\t\n~FR \t\tsingle\n\t\t\nEN\n\nEN\tWin7\tPro\n");
    (void)state;
    assert_int_equal(rows->count, 4); /* what has no value is no row, and an empty line ends them */
    check_row(rows, 0, 2, 0, 0, 0);
    check_row(rows, 1, 3, 1, -1, 1);
    check_row(rows, 2, 4, -1, 1, 1);
    check_row(rows, 3, 6, -1, -1, 0);
    assert_int_equal(rows->warning_count, 0);
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

static void what_the_model_does_not_have_is_left_out_with_a_warning(void **state)
{
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = rows_of(model, "\xef\xbb\xbfVer\tArch\tSKU\nWin7\tx86\tUltra\nVista\tx\tHome\tmore\n");
    (void)state;
    assert_int_equal(rows->count, 2);
    check_row(rows, 0, 2, 0, -1, -1);
    check_row(rows, 1, 3, -1, 1, -1);
    assert_int_equal(rows->warning_count, 4);
    assert_string_equal(rows->warnings[0], "seeds:1: there is no parameter 'Arch'; its column is left out");
    assert_string_equal(rows->warnings[1], "seeds:2: there is no value 'Ultra'; it is left out");
    assert_string_equal(rows->warnings[3], "seeds:3: there is no column for 'more'; it is left out");
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

static void rows_may_be_csv(void **state)
{
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = rows_of(model,
                                         "\"Lang\",SKU,Arch\r\n\"E\"N,Pro\r\n,\"single\",\"a,\"\"b\"\n\"EN\",x,,");
    (void)state;
    assert_int_equal(rows->count, 3);
    check_row(rows, 0, 2, -1, 0, -1);
    check_row(rows, 1, 3, -1, 1, -1);
    check_row(rows, 2, 4, -1, -1, 0);
    assert_int_equal(rows->warning_count, 4);
    assert_string_equal(rows->warnings[0], "seeds:1: there is no parameter 'Arch'; its column is left out");
    assert_string_equal(rows->warnings[1], "seeds:2: there is no value 'E'; it is left out");
    assert_string_equal(rows->warnings[2], "seeds:4: there is no value 'x'; it is left out");
    ct__pict_rows_free(rows);
    ct__pict_free(model);
    model = pict_model_with("A,B: \"1,2\"; 3\n", &(struct ct__pict_options){ .value_separator = ";" });
    rows = rows_of(model, "A,B\n\"1,2\"\n"); /* one name, not two: no CSV */
    assert_int_equal(rows->count, 1);
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

static void rows_may_be_json(void **state)
{
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = rows_of(
        model, "[[{\"key\": \"Lang\", \"value\": \"FR\"}, {\"key\": \"Arch\", \"value\": \"x\"}],\n"
               "[{\"key\": \"Arch\", \"value\": \"x\"}], []\n,"
               "[{\"key\": \"ver\", \"value\": \"win10\"}, {\"key\": \"SKU\", \"value\": \"7\"}]]");
    (void)state;
    assert_true(rows->numbered);
    assert_int_equal(rows->count, 2);
    check_row(rows, 0, 1, -1, -1, 1);
    check_row(rows, 1, 4, 1, -1, -1);
    assert_int_equal(rows->warning_count, 2);
    assert_string_equal(rows->warnings[0], "seeds: row 1: there is no parameter 'Arch'; it is left out");
    assert_string_equal(rows->warnings[1], "seeds: row 4: there is no value '7'; it is left out");
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

static void json_that_is_wrong_is_refused(void **state)
{
    static const char pair[] = "r: row 1: expected a list of {\"key\": …, \"value\": …}, both of them strings";
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[[{\"key\": \"Ver\", \"value\": 7}]]", pair },
        { "[[{\"key\": \"Ver\"}]]", pair },
        { "[[7]]", pair },
        { "[\n[}", "r:2:2: expected JSON: unexpected token near '}'" },
    };
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = NULL;
    struct ct_error error = { 0 };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(cases); i++) {
        assert_int_equal(ct__pict_rows_parse(model, "r", cases[i].text, strlen(cases[i].text), &rows, &error),
                         CT_EINVAL);
        assert_string_equal(error.text, cases[i].message);
    }
    ct__pict_free(model);
}

static void many_rows_are_kept_in_order(void **state)
{
    enum { COUNT = 1000 };
    char text[16 + COUNT * 5] = "Ver\n";
    struct ct__pict *model = pict_model("Ver: a, b, c\n");
    (void)state;
    for (size_t i = 0; i < COUNT; i++) strcat(text, i % 3 == 0 ? "a\n" : i % 3 == 1 ? "b\n" : "c\n");
    struct ct__pict_rows *rows = rows_of(model, text);
    assert_int_equal(rows->count, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(rows->values[i], i % 3);
        assert_int_equal(rows->lines[i], i + 2);
    }
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

static void what_has_no_known_name_is_refused(void **state)
{
    static const char *const texts[] = { "x\ty\n1\t2\n", "\nVer\nWin7\n", "Ver;SKU\nWin7;Pro\n" };
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = NULL;
    struct ct_error error = { 0 };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(texts); i++) {
        assert_int_equal(ct__pict_rows_parse(model, "r", texts[i], strlen(texts[i]), &rows, &error), CT_EINVAL);
        assert_string_equal(error.text,
                            "r:1:1: expected the names of the model's parameters with tabs or commas between them");
    }
    assert_int_equal(ct__pict_rows_parse(model, "r", "Ver\nW\0n", 7, &rows, &error), CT_EINVAL);
    assert_string_equal(error.text, "r:2:2: expected text in UTF-8 or ASCII, found a NUL byte");
    assert_null(rows);
    ct__pict_free(model);
}

static void no_rows_are_no_mistake(void **state)
{
    struct ct__pict *model = pict_model(MODEL);
    struct ct__pict_rows *rows = rows_of(model, "Ver\tSKU");
    (void)state;
    assert_int_equal(rows->count, 0);
    ct__pict_rows_free(rows);
    ct__pict_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_may_be_partial_and_in_any_order),
        cmocka_unit_test(what_the_model_does_not_have_is_left_out_with_a_warning),
        cmocka_unit_test(rows_may_be_csv),
        cmocka_unit_test(rows_may_be_json),
        cmocka_unit_test(json_that_is_wrong_is_refused),
        cmocka_unit_test(many_rows_are_kept_in_order),
        cmocka_unit_test(what_has_no_known_name_is_refused),
        cmocka_unit_test(no_rows_are_no_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
