/* Start hooks that take over a minute: the run says who waits for them, and waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define CT_NO_SHORT_NAMES
#include <cmocka.h>
#include <combtest/combtest.h>
#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LONGER_THAN_A_MINUTE = 63 };

static enum ct_status start_slowly(struct ct_walk *service)
{
    (void)service;
    sleep(LONGER_THAN_A_MINUTE);
    return CT_PASS;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static bool has_line(const char *path, const char *text)
{
    FILE *file = fopen(path, "r");
    char line[4096];
    bool has = false;
    assert_non_null(file);
    while (!has && fgets(line, sizeof line, file) != NULL) has = strstr(line, text) != NULL;
    assert_int_equal(fclose(file), 0);
    return has;
}

static void services_in_slow_start_hooks_are_named(void **state)
{
    static const struct ct_option options[] = { CT_INT(1), CT_INT(2) };
    static const struct ct_action actions[] = { CT_ACTION("a", pass, options) };
    static const struct ct_suite suite = {
        .name = "slow", .actions = actions, .action_count = 1, .service_start = start_slowly
    };
    char directory[] = "/tmp/slow-hooks-XXXXXX";
    struct ct_results *results = NULL;
    (void)state;
    assert_non_null(mkdtemp(directory));
    const struct ct_run_options run = { .services = 1, .log_dir = directory, .verbose = -1 };
    assert_int_equal(ct_run_tests(&suite, &run, &results, NULL), CT_OK);
    assert_int_equal(results->counts[CT_PASS], 2);
    assert_true(has_line(results->log_path, "service 0 is still in its start hooks after 60 s"));
    ct_results_free(results);
    ct__remove_tree(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(services_in_slow_start_hooks_are_named) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
