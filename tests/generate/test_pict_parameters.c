/* Parameters and sub-models of PICT's language. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "pict_text.h"
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const struct ct__pict_value *value_of(const struct ct__pict *model, size_t parameter, size_t value)
{
    assert_true(parameter < model->parameter_count);
    assert_true(value < model->parameters[parameter].value_count);
    return &model->parameters[parameter].values[value];
}

static void parameters_have_trimmed_names_and_values(void **state)
{
    struct ct__pict *model = pict_model("# a remark\n\n  Format method :  quick ,slow\r\n\t# another\nSize: 1,,2\n");
    (void)state;
    assert_int_equal(model->parameter_count, 2);
    assert_string_equal(model->parameters[0].name.text, "Format method");
    assert_string_equal(value_of(model, 0, 0)->names[0].text, "quick");
    assert_string_equal(value_of(model, 0, 1)->names[0].text, "slow");
    assert_int_equal(model->parameters[0].line, 3);
    assert_int_equal(model->parameters[1].value_count, 3);
    assert_string_equal(value_of(model, 1, 1)->names[0].text, "");
    assert_int_equal(model->warning_count, 0);
    ct__pict_free(model);
}

/* "　" is U+3000, the space of Chinese and Japanese texts; that of U+00A0 does not break, and is none. */
static void white_space_is_that_of_any_alphabet(void **state)
{
    struct ct__pict *model = pict_model("　A　:　1　, \u20032, 3\u00a0\n　\n　# a remark\nB: 1, 2\n"
                                        "　IF　[B]　= 1\n　# another\n　THEN　[A]　<>　\"1\"　;　\n");
    (void)state;
    assert_int_equal(model->parameter_count, 2);
    assert_string_equal(model->parameters[0].name.text, "A");
    assert_string_equal(value_of(model, 0, 0)->names[0].text, "1");
    assert_string_equal(value_of(model, 0, 1)->names[0].text, "2");
    assert_string_equal(value_of(model, 0, 2)->names[0].text, "3\u00a0");
    assert_int_equal(model->model.constraint_count, 1);
    assert_int_equal(model->warning_count, 0);
    ct__pict_free(model);
}

static void a_separator_may_stand_for_the_colon(void **state)
{
    struct ct__pict *model = pict_model("A, 1, 2\nB: x:y, z");
    (void)state;
    assert_string_equal(model->parameters[0].name.text, "A");
    assert_int_equal(model->parameters[0].value_count, 2);
    assert_string_equal(value_of(model, 1, 0)->names[0].text, "x:y");
    ct__pict_free(model);
}

static void aliases_are_names_of_one_value(void **state)
{
    struct ct__pict *model = pict_model("Sku: Professional, Server | Datacenter|  Core\n");
    (void)state;
    assert_int_equal(model->parameters[0].value_count, 2);
    assert_int_equal(value_of(model, 0, 1)->name_count, 3);
    assert_string_equal(value_of(model, 0, 1)->names[2].text, "Core");
    assert_int_equal(ct__pict_value_find(model, 0, "datacenter", 10), 1);
    assert_int_equal(ct__pict_value_find(model, 0, "nothing", 7), 2);
    ct__pict_free(model);
}

static void the_first_name_makes_a_value_negative(void **state)
{
    struct ct__pict *model = pict_model("A: ~ -1 | x, 0 | ~y, ~~z\n");
    (void)state;
    assert_true(model->has_negative);
    assert_true(value_of(model, 0, 0)->negative);
    assert_string_equal(value_of(model, 0, 0)->names[0].text, "-1");
    assert_false(value_of(model, 0, 1)->negative);
    assert_string_equal(value_of(model, 0, 1)->names[1].text, "~y");
    assert_string_equal(value_of(model, 0, 2)->names[0].text, "~z");
    assert_true(model->model.factors[0].negative[0] && !model->model.factors[0].negative[1]);
    assert_int_equal(ct__pict_value_find(model, 0, "~-1", 3), 0);
    ct__pict_free(model);
}

static void weights_are_positive_numbers_in_parentheses_at_the_end(void **state)
{
    struct ct__pict *model = pict_model("A: p (10), q(2) , r (x), s (0), (3) t, u | v (4), w (1e10), x (inf)\n");
    (void)state;
    assert_int_equal(value_of(model, 0, 0)->weight, 10);
    assert_string_equal(value_of(model, 0, 0)->names[0].text, "p");
    assert_int_equal(value_of(model, 0, 1)->weight, 2);
    assert_string_equal(value_of(model, 0, 2)->names[0].text, "r (x)");
    assert_string_equal(value_of(model, 0, 3)->names[0].text, "s (0)");
    assert_string_equal(value_of(model, 0, 4)->names[0].text, "(3) t");
    assert_int_equal(value_of(model, 0, 5)->weight, 4);
    assert_string_equal(value_of(model, 0, 5)->names[1].text, "v");
    assert_string_equal(value_of(model, 0, 6)->names[0].text, "w");
    assert_int_equal(value_of(model, 0, 6)->weight, 1000000000);
    assert_string_equal(value_of(model, 0, 7)->names[0].text, "x (inf)");
    assert_int_equal(model->model.factors[0].weights[0], 10);
    ct__pict_free(model);
}

static void values_of_another_parameter_can_be_reused(void **state)
{
    struct ct__pict *model = pict_model("Lang 1: a|b, ~c (5)\nLang 2: <lang 1>, d\nE: <nobody>\n");
    (void)state;
    assert_int_equal(model->parameters[1].value_count, 3);
    assert_string_equal(value_of(model, 1, 0)->names[1].text, "b");
    assert_true(value_of(model, 1, 1)->negative);
    assert_int_equal(value_of(model, 1, 1)->weight, 5);
    assert_string_equal(value_of(model, 2, 0)->names[0].text, "<nobody>");
    ct__pict_free(model);
}

static void a_parameter_is_numeric_if_all_first_names_are_numbers(void **state)
{
    struct ct__pict *model = pict_model(
        "A: 1, -2.5, 1e3, 0x10\nB: 1, 2x\nC: ~-1, 2 | two\nD: 1,\nE: 1e999, 1\nF: 1, ~bad\n");
    (void)state;
    assert_true(model->parameters[0].numeric);
    assert_true(value_of(model, 0, 1)->number == -2.5 && value_of(model, 0, 3)->number == 16);
    assert_false(model->parameters[1].numeric);
    assert_true(model->parameters[2].numeric);
    assert_false(model->parameters[3].numeric);
    assert_false(model->parameters[4].numeric); /* out of range: no number to PICT either */
    assert_false(model->parameters[5].numeric); /* a negative value's name counts too */
    ct__pict_free(model);
}

static void parameters_may_have_an_order_or_be_results(void **state)
{
    struct ct__pict *model = pict_model("A @ 3: 1, 2\nB@x: 1\n$R: ok, bad\n");
    struct ct__cover cover;
    (void)state;
    assert_string_equal(model->parameters[0].name.text, "A");
    assert_int_equal(model->parameters[0].order, 3);
    assert_string_equal(model->parameters[1].name.text, "B@x");
    assert_true(model->parameters[2].result && !model->parameters[1].result);
    assert_int_equal(ct__pict_cover(model, 2, true, &cover, NULL), CT_OK);
    assert_int_equal(cover.strength, 1);
    assert_int_equal(cover.group_count, 2);
    assert_int_equal(cover.groups[0].strength, 2);
    assert_int_equal(cover.groups[0].factor_count, 2);
    assert_int_equal(cover.groups[1].strength, 3);
    assert_int_equal(cover.groups[1].factor_count, 1);
    ct__pict_free(model);
}

static void separators_and_prefix_can_be_chosen(void **state)
{
    const struct ct__pict_options options = { .value_separator = " ", .alias_separator = "§", .negative_prefix = "!" };
    struct ct__pict *model = pict_model_with("A: 1,5§x !2\nB: ~b c|d\n{A B} @ 1\n", &options);
    (void)state;
    assert_int_equal(model->parameters[0].value_count, 3); /* the first is what is before the space */
    assert_string_equal(value_of(model, 0, 1)->names[0].text, "1,5");
    assert_string_equal(value_of(model, 0, 1)->names[1].text, "x");
    assert_true(value_of(model, 0, 2)->negative);
    assert_string_equal(value_of(model, 1, 1)->names[0].text, "~b");
    assert_string_equal(value_of(model, 1, 2)->names[0].text, "c|d");
    assert_int_equal(model->submodel_count, 1);
    assert_int_equal(model->submodels[0].count, 2);
    ct__pict_free(model);
}

static void white_space_that_separates_is_not_trimmed(void **state)
{
    const struct ct__pict_options options = { .value_separator = "\t" };
    struct ct__pict *model = pict_model_with("A:1\t2\t\r\nB\t1\t2\n\tC\t1\n", &options);
    (void)state;
    assert_int_equal(model->parameters[0].value_count, 3);
    assert_string_equal(value_of(model, 0, 2)->names[0].text, "");
    assert_int_equal(model->parameters[1].value_count, 2);
    assert_string_equal(model->parameters[2].name.text, "");
    assert_int_equal(model->parameters[2].value_count, 2);
    ct__pict_free(model);
}

static void submodels_name_parameters_and_an_order(void **state)
{
    struct ct__pict *model = pict_model("A: 1\nB: 1\nC: 1\n{ c, A } @ 2\n{B,B}\n# no more\n{A, X} @ 1\n");
    (void)state;
    assert_int_equal(model->submodel_count, 2);
    assert_int_equal(model->submodels[0].count, 2);
    assert_int_equal(model->submodels[0].parameters[0], 0);
    assert_int_equal(model->submodels[0].parameters[1], 2);
    assert_int_equal(model->submodels[0].order, 2);
    assert_int_equal(model->submodels[1].count, 1);
    assert_int_equal(model->submodels[1].order, 0);
    assert_int_equal(model->warning_count, 2);
    assert_string_equal(model->warnings[0], "m:5:4: 'B' is in this sub-model twice");
    assert_string_equal(model->warnings[1], "m:7:5: there is no parameter 'X'; the sub-model is left out");
    ct__pict_free(model);
}

static void case_matters_only_when_asked(void **state)
{
    const struct ct__pict_options sensitive = { .case_sensitive = true };
    struct ct__pict *model = pict_model_with("A: x, X\na: <A>\n", &sensitive);
    (void)state;
    assert_int_equal(ct__pict_parameter_find(model, "a", 1), 1);
    assert_int_equal(ct__pict_value_find(model, 0, "X", 1), 1);
    ct__pict_free(model);
    model = pict_model("Größe: é, ß\n");
    assert_int_equal(ct__pict_parameter_find(model, "GRÖßE", 7), 0);
    assert_int_equal(ct__pict_value_find(model, 0, "É", 2), 0);
    ct__pict_free(model);
}

static void a_byte_order_mark_is_remembered(void **state)
{
    struct ct__pict *model = pict_model("\xef\xbb\xbf"
                                        "A: 1\n");
    (void)state;
    assert_true(model->has_bom);
    assert_string_equal(model->parameters[0].name.text, "A");
    ct__pict_free(model);
}

static void a_parameter_has_a_limited_number_of_values(void **state)
{
    size_t size = 0, room = 600000;
    char *text = malloc(room), message[128];
    (void)state;
    assert_non_null(text);
    size = (size_t)snprintf(text, room, "A: 0");
    for (unsigned i = 1; i < CT__VALUES_MAX; i++) size += (size_t)snprintf(text + size, room - size, ",%u", i);
    struct ct__pict *model = pict_model(text);
    assert_int_equal(model->parameters[0].value_count, CT__VALUES_MAX);
    assert_true(value_of(model, 0, CT__VALUES_MAX - 1)->number == CT__VALUES_MAX - 1);
    ct__pict_free(model);
    snprintf(message, sizeof(message), "m:1:%zu: expected at most %u values of one parameter", size + 2,
             CT__VALUES_MAX);
    snprintf(text + size, room - size, ",x");
    pict_refused(text, CT_ETOOBIG, message);
    free(text);
}

static void what_is_no_parameter_is_refused_where_it_stands(void **state)
{
    (void)state;
    pict_refused("", CT_EINVAL, "m:1:1: expected a parameter, \"name: value, value\": the model has none");
    pict_refused("A: 1\n  Bé\n", CT_EINVAL, "m:2:5: expected ':' and the values of the parameter");
    pict_refused("A: 1\nB: 2\na: 3\n", CT_EINVAL,
                 "m:3:1: expected another name: parameter 'a' is defined on line 1 already");
    pict_refused("A: ~1, ~2\n", CT_EINVAL, "m:1:1: expected a value that is not negative: parameter 'A' has none");
    assert_int_equal(
        ct__pict_parse("m", "A: 1\nB\0: 1", 11, &(struct ct__pict_options){ 0 }, &(struct ct__pict *){ NULL }, NULL),
        CT_EINVAL);
}

static void what_is_no_submodel_is_refused_where_it_stands(void **state)
{
    (void)state;
    pict_refused("A: 1\n{ } @ 2\n", CT_EINVAL, "m:2:3: expected the names of the sub-model's parameters");
    pict_refused("A: 1\n{A} 2\n", CT_EINVAL, "m:2:5: expected '@' and an order, or the line's end");
    pict_refused("A: 1\n{A} @ x\n", CT_EINVAL, "m:2:6: expected the sub-model's order, a whole number from 1");
    pict_refused("A: 1\n{A} @ 0\n", CT_EINVAL, "m:2:6: expected the sub-model's order, a whole number from 1");
    pict_refused("A: 1\nB: 1\n{A, B} @ 3\n", CT_EINVAL,
                 "m:3:9: expected an order of at most 2, which is how many parameters the sub-model has");
    pict_refused("A: 1\n{A} @ 1\n{A\n", CT_EINVAL, "m:3:3: expected '}' after the sub-model's parameters");
    pict_refused("A: 1\n{A} @ 1\nB: 1\n", CT_EINVAL, "m:3:1: expected a sub-model, \"{ A, B } @ 2\", or a constraint");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_have_trimmed_names_and_values),
        cmocka_unit_test(white_space_is_that_of_any_alphabet),
        cmocka_unit_test(a_separator_may_stand_for_the_colon),
        cmocka_unit_test(aliases_are_names_of_one_value),
        cmocka_unit_test(the_first_name_makes_a_value_negative),
        cmocka_unit_test(weights_are_positive_numbers_in_parentheses_at_the_end),
        cmocka_unit_test(values_of_another_parameter_can_be_reused),
        cmocka_unit_test(a_parameter_is_numeric_if_all_first_names_are_numbers),
        cmocka_unit_test(parameters_may_have_an_order_or_be_results),
        cmocka_unit_test(separators_and_prefix_can_be_chosen),
        cmocka_unit_test(white_space_that_separates_is_not_trimmed),
        cmocka_unit_test(submodels_name_parameters_and_an_order),
        cmocka_unit_test(case_matters_only_when_asked),
        cmocka_unit_test(a_byte_order_mark_is_remembered),
        cmocka_unit_test(a_parameter_has_a_limited_number_of_values),
        cmocka_unit_test(what_is_no_parameter_is_refused_where_it_stands),
        cmocka_unit_test(what_is_no_submodel_is_refused_where_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
