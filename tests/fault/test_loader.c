/* A program whose other threads are in the dynamic loader all the time when run_tests() forks. */
#include <combtest/combtest.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>

#include <cmocka.h>

static atomic_bool enough;

static void *load_again_and_again(void *unused)
{
    (void)unused;
    while (!atomic_load(&enough)) {
        void *library = dlopen("libz.so.1", RTLD_NOW | RTLD_LOCAL);
        if (library) dlclose(library);
    }
    return NULL;
}

static enum ct_status pass(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static void a_run_begins_while_threads_load_libraries(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION_ONCE("pass", pass) };
    static const struct ct_suite suite = { .name = "loader", .actions = actions, .action_count = 1 };
    pthread_t threads[2];
    for (size_t i = 0; i < CT_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load_again_and_again, NULL), 0);
    for (int i = 0; i < 20; i++) {
        struct ct_results *results = NULL;
        struct ct_error error = { .code = CT_OK };
        const struct ct_run_options options = { .services = 1, .verbose = -1 };
        enum ct_err err = ct_run_tests(&suite, &options, &results, &error);
        if (err) fail_msg("run %d: %s", i, error.text);
        assert_int_equal(results->counts[CT_PASS], 1);
        ct_results_free(results);
    }
    atomic_store(&enough, true);
    for (size_t i = 0; i < CT_COUNT(threads); i++) pthread_join(threads[i], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_run_begins_while_threads_load_libraries) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
