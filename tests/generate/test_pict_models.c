/* Whole models are read: those beside this file, and those of the directory that COMBTEST_TEST_MODELS names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <generator/generator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t models_read;

static void read_model(const char *path)
{
    static char text[1 << 20];
    const struct ct__pict_options options = { 0 };
    struct ct__pict *model = NULL;
    struct ct_error error = { 0 };
    FILE *stream = fopen(path, "re");
    if (!stream) fail_msg("%s cannot be opened", path);
    size_t size = fread(text, 1, sizeof(text), stream);
    fclose(stream);
    assert_in_range(size, 1, sizeof(text) - 1);
    if (ct__pict_parse(path, text, size, &options, &model, &error) != CT_OK) fail_msg("%s", error.text);
    if (ct__model_check(&model->model, &error) != CT_OK) fail_msg("%s: %s", path, error.text);
    for (size_t i = 0; i < model->warning_count; i++) {
        if (strstr(model->warnings[i], "there is no")) fail_msg("%s", model->warnings[i]);
    }
    ct__pict_free(model);
    models_read++;
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    const char *dot = strrchr(path, '.');
    (void)status;
    (void)ftw;
    if (kind == FTW_F && dot && strcmp(dot, ".pict") == 0) read_model(path);
    return 0;
}

static void the_models_of_the_tests_are_read(void **state)
{
    (void)state;
    models_read = 0;
    assert_int_equal(nftw(TESTS_SOURCE "/generate/models", visit, 8, FTW_PHYS), 0);
    assert_true(models_read >= 7);
}

static void the_models_of_another_directory_are_read(void **state)
{
    const char *directory = getenv("COMBTEST_TEST_MODELS");
    (void)state;
    if (!directory) skip();
    models_read = 0;
    assert_int_equal(nftw(directory, visit, 8, FTW_PHYS), 0);
    assert_true(models_read > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_models_of_the_tests_are_read),
        cmocka_unit_test(the_models_of_another_directory_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
