/* Options: what copies hold, and what reading as a wrong type does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <math.h>
#include <string.h>

static void every_error_code_has_a_text_and_others_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(ct_err_text(CT_OK), "no error");
    assert_string_equal(ct_err_text(CT_EBUG), "a bug in combtest");
    assert_string_equal(ct_err_text((enum ct_err)99), "unknown error");
}

static void error_text_is_cut_at_its_size_and_null_is_allowed(void **state)
{
    struct ct_error error;
    char text[2000];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(ct__error(&error, CT_EIO, "%s", text), CT_EIO);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(ct__error(NULL, CT_EIO, "%s", text), CT_EIO);
}

static void each_type_reads_as_itself(void **state)
{
    static const struct ct_option options[] = { CT_BOOL(true),    CT_INT(-7),        CT_REAL(0.5),
                                                CT_STRING("abc"), CT_JSON("[1, 2]"), CT_POINTER("here", "there") };
    (void)state;
    assert_true(ct_option_bool(&options[0]));
    assert_int_equal(ct_option_int(&options[1]), -7);
    assert_true(ct_option_real(&options[2]) == 0.5);
    assert_true(ct_option_real(&options[1]) == -7.0);
    assert_string_equal(ct_option_string(&options[3]), "abc");
    assert_int_equal(json_array_size(ct_option_json(&options[4])), 2);
    assert_string_equal((const char *)ct_option_pointer(&options[5]), "there");
    assert_string_equal(ct_option_label(&options[5]), "here");
    assert_null(ct_option_label(&options[0]));
    assert_int_equal(ct_option_type(NULL), CT_TYPE_NULL);
}

static void a_wrong_type_reads_as_a_default_outside_of_walks(void **state)
{
    static const struct ct_option word = CT_STRING("abc"), number = CT_INT(1);
    (void)state;
    assert_false(ct_option_bool(&word));
    assert_int_equal(ct_option_int(&word), 0);
    assert_true(ct_option_real(&word) == 0.0);
    assert_string_equal(ct_option_string(&number), "");
    assert_null(ct_option_json(&number));
    assert_null(ct_option_pointer(&number));
    assert_int_equal(ct_option_int(NULL), 0);
    assert_string_equal(ct_option_string(NULL), "");
    assert_null(ct_option_label(NULL));
}

static void json_text_of_a_raw_option_is_parsed_once(void **state)
{
    struct ct_option first = CT_JSON("{\"raw\": 1}"), second = CT_JSON("{\"raw\": 1}"), bad = CT_JSON("{raw}");
    const json_t *json = ct_option_json(&first);
    (void)state;
    assert_non_null(json);
    assert_ptr_equal(json, ct_option_json(&second));
    assert_null(ct_option_json(&bad));
    bad.as.s = NULL;
    assert_null(ct_option_json(&bad));
}

static void a_copy_lives_on_without_its_origin(void **state)
{
    char text[] = "{\"a\": [1]}", label[] = "best";
    struct ct_option option = CT_JSON(text, .label = label), copy;
    json_t *json;
    (void)state;
    assert_int_equal(ct__option_copy(&option, &copy, NULL), CT_OK);
    memset(text, '#', sizeof text - 1);
    memset(label, '#', sizeof label - 1);
    assert_string_equal(copy.label, "best");
    assert_string_equal(copy.as.s, "{\"a\": [1]}");
    json = ct__option_to_json(&copy);
    assert_true(json_equal(json, ct_option_json(&copy)));
    json_decref(json);
    ct__option_clear(&copy);
    assert_int_equal(copy.type, CT_TYPE_NULL);
    ct__option_clear(&copy);
    ct__option_clear(NULL);
}

static void options_that_are_wrong_are_refused_with_a_reason(void **state)
{
    static const struct {
        struct ct_option option;
        const char *why;
    } cases[] = {
        { CT_STRING(NULL), "its string is NULL; use CT_NULL" },
        { CT_JSON(NULL), "its JSON is NULL; use CT_NULL" },
        { CT_STRING("a\xff"), "its string is not UTF-8; bytes need a CT_POINTER with a label" },
        { CT_STRING("\xed\xa0\x80"), "its string is not UTF-8; bytes need a CT_POINTER with a label" },
        { CT_STRING("\xc0\x80"), "its string is not UTF-8; bytes need a CT_POINTER with a label" },
        { CT_INT(1, .label = "\x80"), "its label is not UTF-8" },
        { CT_REAL(HUGE_VAL), "a real must be finite, not inf" },
        { CT_POINTER(NULL, "x"), "a pointer needs a label, by which it is known" },
        { { .type = (enum ct_type)12 }, "12 is no option type" },
        { CT_JSON("[1, }"), "not JSON: line 1, column 5: unexpected token near '}'" },
        { CT_JSON(""), "not JSON: line 1, column 0: unexpected token near end of file" },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(cases); i++) {
        struct ct_option copy = CT_INT(4711);
        struct ct_error error = { 0 };
        assert_int_equal(ct__option_copy(&cases[i].option, &copy, &error), CT_EINVAL);
        assert_int_equal(error.code, CT_EINVAL);
        assert_string_equal(error.text, cases[i].why);
        assert_int_equal(copy.as.i, 4711);
    }
}

static void utf8_of_each_length_is_accepted_and_never_split(void **state)
{
    struct ct_option option = CT_STRING("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), copy;
    (void)state;
    assert_int_equal(ct__option_copy(&option, &copy, NULL), CT_OK);
    ct__option_clear(&copy);
    assert_int_equal(ct__utf8_cut(option.as.s, 20), 10);
    assert_int_equal(ct__utf8_cut(option.as.s, 9), 6);
    assert_int_equal(ct__utf8_cut(option.as.s, 6), 6);
    assert_int_equal(ct__utf8_cut(option.as.s, 5), 3);
    assert_int_equal(ct__utf8_cut(option.as.s, 2), 1);
    assert_int_equal(ct__utf8_cut(option.as.s, 0), 0);
}

enum { CUT = 24 };

/* As snprintf leaves it. */
static void cut(char *text, const char *whole)
{
    memcpy(text, whole, CUT - 1);
    text[CUT - 1] = '\0';
}

static void what_is_cut_ends_behind_a_word(void **state)
{
    char text[CUT], path[CUT], umlauts[CUT], whole[CUT] = "it all fits in here";
    struct ct_error error;
    (void)state;
    cut(text, "one two three four five six");
    ct__text_shorten(text, sizeof text);
    assert_string_equal(text, "one two three four \u2026");
    cut(path, "/a/path/without/any/blank/in/it");
    ct__text_shorten(path, sizeof path);
    assert_string_equal(path, "/a/path/without/any \u2026");
    cut(umlauts, "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4");
    ct__text_shorten(umlauts, sizeof umlauts);
    assert_string_equal(umlauts, "\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4\u00e4 \u2026");
    ct__text_shorten(whole, sizeof whole);
    assert_string_equal(whole, "it all fits in here");
    ct__error(&error, CT_EIO, "%0*d", (int)sizeof error.text, 1);
    assert_string_equal(error.text + sizeof error.text - 6, "0 \u2026");
}

static void json_of_an_option_is_its_value(void **state)
{
    static const struct ct_option options[] = { CT_NULL,        CT_BOOL(true),        CT_INT(3),           CT_REAL(0.5),
                                                CT_STRING("a"), CT_JSON("{\"k\":1}"), CT_POINTER("p", "x") };
    static const char *const texts[] = { "null", "true", "3", "0.5", "\"a\"", "{\"k\":1}", "\"p\"" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(options); i++) {
        json_t *json = ct__option_to_json(&options[i]);
        char text[64] = "";
        size_t size = json_dumpb(json, text, sizeof text - 1, JSON_ENCODE_ANY | JSON_COMPACT);
        assert_in_range(size, 1, sizeof text - 1);
        assert_string_equal(text, texts[i]);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_code_has_a_text_and_others_are_unknown),
        cmocka_unit_test(error_text_is_cut_at_its_size_and_null_is_allowed),
        cmocka_unit_test(each_type_reads_as_itself),
        cmocka_unit_test(a_wrong_type_reads_as_a_default_outside_of_walks),
        cmocka_unit_test(json_text_of_a_raw_option_is_parsed_once),
        cmocka_unit_test(a_copy_lives_on_without_its_origin),
        cmocka_unit_test(options_that_are_wrong_are_refused_with_a_reason),
        cmocka_unit_test(utf8_of_each_length_is_accepted_and_never_split),
        cmocka_unit_test(what_is_cut_ends_behind_a_word),
        cmocka_unit_test(json_of_an_option_is_its_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
