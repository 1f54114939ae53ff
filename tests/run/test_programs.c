/* Programs of all kinds can call run_tests(): again and again, with threads of their own, and with code under test that
 * uses nng; only a program that has nng open itself is refused. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ct_option tens[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3), CT_INT(4),
                                         CT_INT(5), CT_INT(6), CT_INT(7), CT_INT(8), CT_INT(9) };

static enum ct_status count_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static const struct ct_action plain_actions[] = { CT_ACTION("a", count_walk, tens), CT_ACTION("b", count_walk, tens) };
static const struct ct_suite plain = { .name = "plain", .actions = plain_actions, .action_count = 2 };

static void run_plain_once(void)
{
    shared_reset();
    struct ct_results *results = run_well(&plain, NULL);
    assert_int_equal(results->counts[CT_PASS], 100);
    for (int id = 0; id < 100; id++) assert_int_equal(shared[id], 2);
    ct_results_free(results);
}

static void run_tests_can_be_called_again_and_again(void **unused)
{
    (void)unused;
    for (int i = 0; i < 5; i++) run_plain_once();
}

static enum ct_status keep(struct ct_walk *walk, const struct ct_option *option)
{
    json_object_set_new(ct_walk_state(walk), "kept", json_integer(ct_option_int(option)));
    return CT_PASS;
}

static void different_suites_can_run_in_one_program(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("keep", keep, tens) };
    static const struct ct_suite other = { .name = "other", .actions = actions, .action_count = 1 };
    run_plain_once();
    struct ct_results *results = run_gathering(&other);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(json_integer_value(json_object_get(state_at(results, i), "kept")), i);
    ct_results_free(results);
    run_plain_once();
}

static _Atomic bool busy_stop;
static _Atomic int busy_count;

/* Holds malloc's locks as often as it can. Those of gcc 12's asan stay locked for ever in a child forked meanwhile,
 * as glibc's do not: there it only is. */
static void *be_busy(void *unused)
{
    atomic_fetch_add(&busy_count, 1);
#ifdef __SANITIZE_ADDRESS__
    while (!atomic_load(&busy_stop)) usleep(1000);
#else
    while (!atomic_load(&busy_stop)) free(malloc(100));
#endif
    return unused;
}

static void a_program_can_have_threads_of_its_own(void **unused)
{
    (void)unused;
#ifdef __SANITIZE_THREAD__
    print_message("SKIPPED: tsan cannot follow threads that are made after a fork of a program with threads\n");
    skip();
#endif
    pthread_t threads[2];
    atomic_store(&busy_stop, false);
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, be_busy, NULL), 0);
    while (atomic_load(&busy_count) < 2) usleep(1000); /* what starts them allocates, too */
    for (int i = 0; i < 3; i++) run_plain_once();
    atomic_store(&busy_stop, true);
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static bool talk(nng_socket left, nng_socket right, const char *url)
{
    char text[16] = { 0 };
    size_t size = sizeof text;
    return nng_listen(left, url, NULL, 0) == 0 && nng_dial(right, url, NULL, 0) == 0 &&
           nng_send(left, "ping", 5, 0) == 0 && nng_recv(right, text, &size, 0) == 0 && strcmp(text, "ping") == 0;
}

static enum ct_status talk_by_nng(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    char url[64];
    snprintf(url, sizeof url, "inproc://walk-%llu", (unsigned long long)ct_walk_id(walk));
    nng_socket left, right;
    CT_REQUIRE(walk, nng_pair0_open(&left) == 0);
    CT_CHECK(walk, nng_pair0_open(&right) == 0);
    CT_CHECK(walk, talk(left, right, url));
    nng_close(left);
    nng_close(right);
    return CT_PASS;
}

static void user_code_can_use_nng_in_its_walks(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("a", talk_by_nng, tens),
                                                CT_SERIAL_ACTION("s", talk_by_nng, tens),
                                                CT_ACTION("b", talk_by_nng, tens) };
    static const struct ct_suite suite = { .name = "nng", .actions = actions, .action_count = 3 };
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_PASS], 1000);
    assert_int_equal(results->serial_failed_count, 0);
    ct_results_free(results);
}

/* In a child, for nng cannot be put away again. 0: refused as it must be. */
static int run_with_nng_open(void)
{
    nng_socket socket;
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    if (nng_pair0_open(&socket) != 0) return 2;
    usleep(200000); /* its threads allocate as they start: see be_busy */
    if (ct_run_tests(&plain, NULL, &results, &error) != CT_EINVAL) return 3;
    return !results && strstr(error.text, "nng") ? 0 : 4;
}

static void a_program_that_has_nng_open_is_refused(void **unused)
{
    (void)unused;
    shared_reset();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(run_with_nng_open());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    for (int id = 0; id < 100; id++) assert_int_equal(shared[id], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_tests_can_be_called_again_and_again),
        cmocka_unit_test(different_suites_can_run_in_one_program),
        cmocka_unit_test(a_program_can_have_threads_of_its_own),
        cmocka_unit_test(user_code_can_use_nng_in_its_walks),
        cmocka_unit_test(a_program_that_has_nng_open_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
