/* Configuration: each allocation made to fail in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <failing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/combtest-alloc-XXXXXX";

static int write_file(void **state)
{
    (void)state;
    static const char text[] = "[NET]\nmachine_ips = [\n  \"a\",\n  \"b\" ]\n[SSH]\npassword_map = {\"a\": \"x ; y\"}\n"
                               "[RUN]\nseed = 3\nsummary = \"a b\"\n";
    int fd = mkstemp(path);
    if (fd < 0) return -1;
    ssize_t size = write(fd, text, sizeof(text) - 1);
    failing_include_jansson();
    return close(fd) == 0 && size == (ssize_t)sizeof(text) - 1 ? 0 : -1;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static bool load_and_set(void)
{
    struct ct_config *config = NULL;
    struct ct_error error = { .code = CT_OK };
    enum ct_err err = ct_config_load(path, &config, &error);
    assert_int_equal(err == CT_OK, config != NULL);
    if (err == CT_OK) err = ct_config_set(config, "RUN.seed", "4", &error);
    ct_config_free(config);
    assert_int_equal(error.code, err);
    if (err != CT_OK) assert_string_equal(error.text, "out of memory");
    return err == CT_OK;
}

static void each_failed_allocation_is_said_and_nothing_is_lost(void **state)
{
    (void)state;
    failing_each(load_and_set);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(each_failed_allocation_is_said_and_nothing_is_lost) };
    return cmocka_run_group_tests(tests, write_file, remove_file);
}
