/* Configuration: the values that each kind of key takes, and what they come to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <sched.h>
#include <string.h>

static struct ct_config *config;
static struct ct_error error;

static int set_up(void **state)
{
    (void)state;
    return ct_config_load(NULL, &config, &error) == CT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ct_config_free(config);
    config = NULL;
    return 0;
}

/* The message begins with the key and is one line. */
static void refuse(const char *key, const char *value)
{
    error.text[0] = '\0';
    if (ct_config_set(config, key, value, &error) != CT_ECONFIG) fail_msg("%s took '%s'", key, value);
    assert_int_equal(strncmp(error.text, key, strlen(key)), 0);
    assert_null(strchr(error.text, '\n'));
}

static void values_are_checked_by_their_kind(void **state)
{
    (void)state;
    static const struct {
        const char *key, *values[8];
    } wrong[] = {
        { "RUN.services", { "1025", "auto*", "auto*0", "many", "-1", "99999999999999999999" } },
        { "RUN.isolation", { "threa", "thread|" } },
        { "RUN.timeout", { "1e3", ".", "-1", "31536001" } },
        { "RUN.shard", { "0/4", "5/4", "1/", "1" } },
        { "RUN.verbose", { "2", "--1" } },
        { "RUN.sample", { " 1" } },
        { "NET.service_port", { "65536" } },
        { "RUN.only", { "", "1x", "3,", "9-3", "9223372036854775807" } },
        { "RUN.summary", { "a\nb", "-" } },
        { "RUN.limit_memory", { "K", "1T", "1KB", "-1", "1.5G", "8589934592G", "9223372036854775808" } },
        { "RUN.retries", { "101", "-1" } },
        { "RUN.fail_fast", { "-1" } },
        { "RUN.core", { "yes", "2" } },
    };
    for (size_t i = 0; i < CT_COUNT(wrong); i++) {
        for (size_t j = 0; j < CT_COUNT(wrong[i].values) && wrong[i].values[j]; j++)
            refuse(wrong[i].key, wrong[i].values[j]);
    }
}

static int64_t number_of(const char *key, const char *value)
{
    assert_int_equal(ct_config_set(config, key, value, &error), CT_OK);
    return ct__config_number(config, key);
}

static void numbers_are_read_as_their_kind_says(void **state)
{
    (void)state;
    cpu_set_t set;
    assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
    int cores = CPU_COUNT(&set);
    assert_int_equal(number_of("RUN.services", "auto"), cores);
    assert_int_equal(number_of("RUN.services", "auto*2"), cores * 2);
    assert_int_equal(number_of("RUN.services", "auto/2"), cores > 1 ? cores / 2 : 1);
    assert_int_equal(number_of("RUN.services", "auto/1000"), 1);
    assert_int_equal(number_of("RUN.services", "5"), 5);
    assert_int_equal(number_of("RUN.timeout", "2.5"), 2500);
    assert_int_equal(number_of("RUN.timeout", "0.0001"), 1);
    assert_int_equal(number_of("RUN.timeout", "0"), 0);
    assert_int_equal(number_of("RUN.limit_memory", "0"), 0);
    assert_int_equal(number_of("RUN.limit_memory", "1000"), 1000);
    assert_int_equal(number_of("RUN.limit_memory", "3K"), 3072);
    assert_int_equal(number_of("RUN.limit_memory", "512M"), 536870912);
    assert_int_equal(number_of("RUN.limit_memory", "8589934591G"), 8589934591 << 30);
    assert_int_equal(number_of("RUN.limit_memory", "9223372036854775807"), INT64_MAX);
    assert_int_equal(number_of("RUN.verbose", "-1"), -1);
    assert_int_equal(number_of("RUN.seed", "9223372036854775807"), INT64_MAX);
}

static void a_shard_is_read_as_two_numbers(void **state)
{
    (void)state;
    uint64_t shard = 7, count = 7;
    assert_false(ct__config_shard(config, &shard, &count));
    assert_int_equal(shard, 7);
    assert_int_equal(ct_config_set(config, "RUN.shard", "2/5", &error), CT_OK);
    assert_true(ct__config_shard(config, &shard, &count));
    assert_int_equal(shard, 2);
    assert_int_equal(count, 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(values_are_checked_by_their_kind),
        TEST(numbers_are_read_as_their_kind_says),
        TEST(a_shard_is_read_as_two_numbers),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
