/* Constraints of PICT's language: what they hold for, and how mistakes in them are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "Fs: FAT, FAT32, NTFS\nSize: 10, 4096, 10000\nOn: yes, no\nOther: 10, 5\n"

/* Checks a constraint against "Fs,Size,On,Other" rows, those it holds for and those it does not, between blanks. */
static void check(const char *constraint, const char *kept, const char *broken)
{
    char text[1024], row[64];
    int size;
    snprintf(text, sizeof(text), "%s%s\n", HEAD, constraint);
    struct ct__pict *model = pict_model(text);
    for (; sscanf(kept, " %63s%n", row, &size) == 1; kept += size) {
        if (!pict_keeps(model, row)) fail_msg("%s excludes %s", constraint, row);
    }
    for (; sscanf(broken, " %63s%n", row, &size) == 1; broken += size) {
        if (pict_keeps(model, row)) fail_msg("%s allows %s", constraint, row);
    }
    ct__pict_free(model);
}

static void refuse(const char *constraint, const char *message)
{
    char text[1024];
    snprintf(text, sizeof(text), "%s%s", HEAD, constraint);
    pict_refused(text, CT_EINVAL, message);
}

static void relations_compare_numbers(void **state)
{
    (void)state;
    check("[Size] = 4096;", "FAT,4096,no,5", "FAT,10,no,5 FAT,10000,no,5");
    check("[Size] <> 4.096e3;", "FAT,10,no,5", "FAT,4096,no,5");
    check("[Size] < 4096;", "FAT,10,no,5", "FAT,4096,no,5 FAT,10000,no,5");
    check("[Size] <= 4096;", "FAT,10,no,5 FAT,4096,no,5", "FAT,10000,no,5");
    check("[Size] > 4096;", "FAT,10000,no,5", "FAT,10,no,5 FAT,4096,no,5");
    check("[Size] >= 4096;", "FAT,10000,no,5 FAT,4096,no,5", "FAT,10,no,5");
}

static void relations_compare_strings_without_case(void **state)
{
    (void)state;
    check("[fs] = \"fat\";", "FAT,10,no,5", "FAT32,10,no,5 NTFS,10,no,5");
    check("[Fs] <> \"fat\";", "FAT32,10,no,5 NTFS,10,no,5", "FAT,10,no,5");
    check("[Fs] < \"fat32\";", "FAT,10,no,5", "FAT32,10,no,5 NTFS,10,no,5");
    check("[Fs] >= \"FAT32\";", "FAT32,10,no,5 NTFS,10,no,5", "FAT,10,no,5");
}

static void in_takes_any_of_a_set(void **state)
{
    (void)state;
    check("[Fs] IN {\"FAT\", \"ntfs\"};", "FAT,10,no,5 NTFS,10,no,5", "FAT32,10,no,5");
    check("[Fs] NOT IN { \"FAT\" };", "FAT32,10,no,5 NTFS,10,no,5", "FAT,10,no,5");
    check("[Size] in {10,10000};", "FAT,10,no,5 FAT,10000,no,5", "FAT,4096,no,5");
}

static void like_matches_patterns(void **state)
{
    (void)state;
    check("[Fs] LIKE \"fat*\";", "FAT,10,no,5 FAT32,10,no,5", "NTFS,10,no,5");
    check("[Fs] LIKE \"FAT??\";", "FAT32,10,no,5", "FAT,10,no,5 NTFS,10,no,5");
    check("[Fs] NOT LIKE \"*T*\";", "", "FAT,10,no,5 FAT32,10,no,5 NTFS,10,no,5");
    check("[Fs] LIKE \"*3*\";", "FAT32,10,no,5", "FAT,10,no,5 NTFS,10,no,5");
    check("[Fs] LIKE \"?TFS\";", "NTFS,10,no,5", "FAT,10,no,5");
}

static void like_counts_characters_and_ends_on_any_pattern(void **state)
{
    struct ct__pict *model = pict_model("A: é, aé, aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n[A] LIKE \"?\" OR "
                                        "[A] LIKE \"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b\";\n");
    (void)state;
    assert_true(pict_keeps(model, "é"));
    assert_false(pict_keeps(model, "aé"));
    assert_false(pict_keeps(model, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    ct__pict_free(model);
}

static void parameters_compare_with_each_other(void **state)
{
    (void)state;
    check("[Size] = [Other];", "FAT,10,no,10", "FAT,10,no,5 FAT,4096,no,10");
    check("[Size] <> [Other];", "FAT,10,no,5", "FAT,10,no,10");
    check("[Other] < [Size];", "FAT,10,no,5 FAT,4096,no,10", "FAT,10,no,10");
    check("[Fs] > [On];", "NTFS,10,no,5", "FAT,10,no,5 NTFS,10,yes,5");
}

static void not_binds_closer_than_and_and_and_than_or(void **state)
{
    (void)state;
    check("[Fs] = \"FAT\" OR [Size] = 10 AND [On] = \"yes\";", "FAT,4096,no,5 NTFS,10,yes,5", "NTFS,10,no,5");
    check("[Size] = 10 AND [On] = \"yes\" OR [Fs] = \"FAT\";", "FAT,4096,no,5 NTFS,10,yes,5", "NTFS,10,no,5");
    check("([Fs] = \"FAT\" OR [Size] = 10) AND [On] = \"yes\";", "FAT,4096,yes,5", "FAT,4096,no,5");
    check("[On] = \"yes\" AND NOT [Fs] = \"FAT\" AND [Size] = 10;", "NTFS,10,yes,5", "FAT,10,yes,5 NTFS,4096,yes,5");
    check("(NOT [Fs] = \"FAT\" OR [Size] = 10);", "NTFS,4096,no,5 FAT,10,no,5", "FAT,4096,no,5");
    check("[On] = \"yes\" OR NOT NOT [Fs] = \"FAT\";", "FAT,10,no,5", "NTFS,10,no,5");
}

static void if_then_else_chooses(void **state)
{
    (void)state;
    check("IF [Fs] = \"FAT\" THEN [Size] <= 4096;", "FAT,10,no,5 NTFS,10000,no,5", "FAT,10000,no,5");
    check("if [Fs]=\"FAT\"then[Size]=10 else[Size]=10000;", "FAT,10,no,5 NTFS,10000,no,5",
          "FAT,10000,no,5 NTFS,10,no,5");
    check("IF [Fs] = \"FAT\" OR [Fs] = \"NTFS\"\nTHEN\n# a remark; with ] and \"\n  [Size] = 10\n;",
          "FAT,10,no,5 FAT32,4096,no,5", "NTFS,4096,no,5");
    check("IF\n[Fs] = \"FAT\" THEN [On] = \"no\";\n[Size] > 10;", "FAT,4096,no,5", "FAT,4096,yes,5 NTFS,10,no,5");
}

static void only_first_names_are_compared(void **state)
{
    struct ct__pict *model = pict_model("Sku: Pro, Server | Datacenter\nB: 1\n[Sku] <> \"Datacenter\";\n");
    (void)state;
    assert_true(pict_keeps(model, "Server,1"));
    assert_int_equal(model->warning_count, 1);
    assert_string_equal(model->warnings[0], "m:3:1: each value of [Sku] satisfies this");
    ct__pict_free(model);
}

static void negative_prefixes_are_no_part_of_values(void **state)
{
    struct ct__pict *model = pict_model("A: ~-1, 0, 1\nB: 0, ~x\nIF [A] = -1 THEN [B] = \"0\";\n");
    (void)state;
    assert_true(pict_keeps(model, "-1,0"));
    assert_false(pict_keeps(model, "-1,x"));
    ct__pict_free(model);
}

static void functions_ask_for_the_sign_of_values(void **state)
{
    struct ct__pict *one = pict_model("A: 1, ~2\nB: 1, ~2\nif IsNegative(A) then IsPositive( b );\n");
    struct ct__pict *all = pict_model("A: 1, ~2\nB: 1, ~2\n$C: x, ~y\nIF IsPositive() THEN [B] = 1;\nIsNegative();\n");
    (void)state;
    assert_true(pict_keeps(one, "2,1") && pict_keeps(one, "1,2"));
    assert_false(pict_keeps(one, "2,2"));
    assert_true(pict_keeps(all, "2,1,x") && pict_keeps(all, "1,2,y"));
    assert_false(pict_keeps(all, "1,1,y"));
    ct__pict_free(one);
    ct__pict_free(all);
}

static void strings_escape_three_characters(void **state)
{
    struct ct__pict *model = pict_model("A]: a\"b, a\\b, c]\nIF [A\\]] = \"a\\\"b\" THEN [A\\]] <> \"a\\\\b\";\n"
                                        "[A\\]] <> \"c\\]\";\n[A\\]] <> \"a\\\\\nb\";\n");
    (void)state;
    assert_true(pict_keeps(model, "a\"b"));
    assert_false(pict_keeps(model, "c]"));
    assert_false(pict_keeps(model, "a\\b")); /* the string goes over a line end, which is no part of it */
    ct__pict_free(model);
}

static void case_sensitive_models_compare_exactly(void **state)
{
    const struct ct__pict_options sensitive = { .case_sensitive = true };
    struct ct__pict *model = pict_model_with("A: x, X\nB: 1\n[A] = \"x\";\n[A] LIKE \"x\";\n", &sensitive);
    uint16_t row[2] = { 1, 0 };
    (void)state;
    assert_false(ct__formula_holds(&model->model.constraints[0], &model->model, row));
    assert_false(ct__formula_holds(&model->model.constraints[1], &model->model, row));
    ct__pict_free(model);
}

static void constraints_with_unknown_parameters_are_left_out_with_a_warning(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: 1, 2\n[X] = 1;\nIF [A] = 1 THEN [X] = \"2\" ELSE [B] = 2;\n"
                                        "IF [X] = 1 THEN [A] = 1 ELSE [A] = 2;\n[A] <> [X];\n[X] in {\"a\", 1};\n");
    (void)state;
    assert_int_equal(model->model.constraint_count, 1); /* the ELSE of the second */
    assert_false(pict_keeps(model, "2,1"));
    assert_true(pict_keeps(model, "1,1") && pict_keeps(model, "2,2"));
    assert_int_equal(model->warning_count, 5);
    assert_string_equal(model->warnings[1], "m:4:17: there is no parameter 'X'; the constraint is left out");
    ct__pict_free(model);
}

static void what_is_left_out_may_be_of_the_wrong_type(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: x, y\n[X] = 1 AND [A] = \"x\" AND [A] <> [B];\n"
                                        "IF [X] = 1 THEN [A] LIKE \"x\" ELSE [B] = 1;\n"
                                        "IF [A] = 1 THEN [X] = 1 AND [B] IN {1} ELSE [B] = \"x\";\n");
    (void)state;
    assert_int_equal(model->model.constraint_count, 1); /* the last one's ELSE */
    assert_false(pict_keeps(model, "2,y"));
    assert_int_equal(model->warning_count, 3);
    ct__pict_free(model);
    pict_refused("A: 1, 2\n[A] = \"x\" AND [X] = 1;\n", CT_EINVAL,
                 "m:2:7: expected a number: all values of [A] are numbers");
}

static void constraints_keep_their_text_and_place(void **state)
{
    struct ct__pict *model = pict_model("A: 1, 2\nB: 1, 2\n\n[A] = 1;  IF [B] = 1\n  # why\n  THEN [A] = 1;\n");
    (void)state;
    assert_int_equal(model->model.constraint_count, 2);
    assert_int_equal(model->constraints[0].line, 4);
    assert_int_equal(model->constraints[1].column, 11);
    assert_string_equal(model->constraints[1].text, "IF [B] = 1 THEN [A] = 1;");
    ct__pict_free(model);
}

static void names_that_look_like_keywords_are_parameters(void **state)
{
    struct ct__pict *model = pict_model("IF: 1, 2\nIf not: 3\nNOTE: 4\n(x): 5\nIFACE: 1\n[IF] = 2;\n");
    (void)state;
    assert_int_equal(model->parameter_count, 5);
    assert_true(pict_keeps(model, "2,3,4,5,1"));
    assert_false(pict_keeps(model, "1,3,4,5,1"));
    ct__pict_free(model);
}

static void what_begins_no_parameter_begins_the_constraints(void **state)
{
    static const char *const constraints[] = { "NOT [A] = 1;", "(\n[A] = 2);", "IF\n[A] = 1 THEN [A] = 2;",
                                               "IsPositive(A) AND [A] = 2;", "IF (\n[A] = 1) THEN [A] = 2;" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(constraints); i++) {
        char text[128];
        snprintf(text, sizeof(text), "A: 1, 2\n%s\n", constraints[i]);
        struct ct__pict *model = pict_model(text);
        assert_false(pict_keeps(model, "1"));
        assert_true(pict_keeps(model, "2"));
        ct__pict_free(model);
    }
}

static void mistakes_are_told_by_place_and_what_was_expected(void **state)
{
    (void)state;
    refuse("IF [Fs] = \"FAT\" [Size] = 1;", "m:5:17: expected AND, OR or THEN, found '[Size]'");
    refuse("IF [Fs] = \"FAT\" THEN [Size] = 1", "m:5:32: expected AND, OR, ELSE or ';', found the end of the model");
    refuse("[Size] = 1\n[Size] = 2;", "m:6:1: expected AND, OR or ';', found '[Size]'");
    refuse("[Size] 1;", "m:5:8: expected =, <>, >, >=, <, <=, IN, LIKE, NOT IN or NOT LIKE, found '1;'");
    refuse("[Size] NOT 1;", "m:5:12: expected IN or LIKE, found '1;'");
    refuse("[Size] = x;",
           "m:5:10: expected a number, a string in double quotes or a parameter in brackets, found 'x;'");
    refuse("[Size] IN 1;", "m:5:11: expected '{' and the values, found '1;'");
    refuse("[Size] IN {1;", "m:5:13: expected ',' or '}', found ';'");
    refuse("([Size] = 1;", "m:5:12: expected AND, OR or ')', found ';'");
    refuse("[Size] = 1 AND ;", "m:5:16: expected a parameter, [name], a function, NOT or '(', found ';'");
    refuse("[Fs] = \"FAT;\n", "m:5:9: expected '\"' at the end of this");
    refuse("[Fs] = \"a\\b\";", "m:5:10: expected \\\\, \\\" or \\], found a backslash before something else");
    refuse("[Size] = 1;\nIF IsNegative Fs THEN [Size] = 1;", "m:6:15: expected '(' and a parameter's name, found 'Fs'");
}

static void types_must_fit(void **state)
{
    (void)state;
    refuse("[Size] = \"10\";", "m:5:10: expected a number: all values of [Size] are numbers");
    refuse("[Fs] = 1;", "m:5:8: expected a string in quotes: not all values of [Fs] are numbers");
    refuse("[Fs] IN {\"a\", 1};", "m:5:15: expected a string in quotes: not all values of [Fs] are numbers");
    refuse("[Size] LIKE \"1*\";",
           "m:5:8: expected a comparison: LIKE is for strings, and all values of [Size] are numbers");
    refuse("[Fs] = [Size];", "m:5:8: expected a parameter of the same type: [Fs] is of strings, [Size] of numbers");
    refuse("[Fs] = [fs];", "m:5:8: expected another parameter: [Fs] is compared to itself");
}

static void nesting_is_bounded(void **state)
{
    enum { DEEP = 100000, TOP = 64 };
    char *text = malloc(DEEP + TOP);
    (void)state;
    assert_non_null(text);
    strcpy(text, "A: 1, 2\n[A] = 1 OR ");
    memset(text + strlen(text), '(', 500);
    strcpy(text + 19 + 500, "[A] = 2");
    memset(text + 19 + 500 + 7, ')', 500);
    strcpy(text + 19 + 1000 + 7, ";\n");
    struct ct__pict *model = pict_model(text);
    assert_true(pict_keeps(model, "2"));
    ct__pict_free(model);
    memset(text + 19, '(', DEEP);
    text[19 + DEEP] = '\0';
    pict_refused(text, CT_ETOOBIG, "m:2:612: expected at most 600 parentheses and NOTs within each other");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relations_compare_numbers),
        cmocka_unit_test(relations_compare_strings_without_case),
        cmocka_unit_test(in_takes_any_of_a_set),
        cmocka_unit_test(like_matches_patterns),
        cmocka_unit_test(like_counts_characters_and_ends_on_any_pattern),
        cmocka_unit_test(parameters_compare_with_each_other),
        cmocka_unit_test(not_binds_closer_than_and_and_and_than_or),
        cmocka_unit_test(if_then_else_chooses),
        cmocka_unit_test(only_first_names_are_compared),
        cmocka_unit_test(negative_prefixes_are_no_part_of_values),
        cmocka_unit_test(functions_ask_for_the_sign_of_values),
        cmocka_unit_test(strings_escape_three_characters),
        cmocka_unit_test(case_sensitive_models_compare_exactly),
        cmocka_unit_test(constraints_with_unknown_parameters_are_left_out_with_a_warning),
        cmocka_unit_test(what_is_left_out_may_be_of_the_wrong_type),
        cmocka_unit_test(constraints_keep_their_text_and_place),
        cmocka_unit_test(names_that_look_like_keywords_are_parameters),
        cmocka_unit_test(what_begins_no_parameter_begins_the_constraints),
        cmocka_unit_test(mistakes_are_told_by_place_and_what_was_expected),
        cmocka_unit_test(types_must_fit),
        cmocka_unit_test(nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
