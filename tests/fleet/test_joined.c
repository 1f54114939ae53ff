/* Services that join a run by themselves, leave it, are lost, or are no services at all. */
#define _GNU_SOURCE 1
#include "joining.h"
#include "processes.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- services that come and go ---- */

static void *two_join(void *user)
{
    int *codes = user;
    joining_await_door();
    pid_t one = joining_start(0, joining_url, joining_token_path),
          other = joining_start(1, joining_url, joining_token_path);
    codes[0] = joining_wait(one);
    codes[1] = joining_wait(other);
    return NULL;
}

static void services_that_join_over_tls_give_what_one_host_gives(void **unused)
{
    (void)unused;
    int codes[2];
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", two_join, codes);
    fleet_assert_whole(results, false);
    assert_int_equal(fleet_shared->by_host[0] + fleet_shared->by_host[1], FLEET_STAGES * FLEET_WALKS);
    assert_true(fleet_shared->by_host[0] > 0 && fleet_shared->by_host[1] > 0);
    assert_int_equal(codes[0] | codes[1], 0);
    assert_non_null(strstr(joining_lines, "; the run waits for one"));
    ct_results_free(results);
}

/* The first leaves in the middle, the second comes then, and the first comes back. */
static void *come_and_go(void *user)
{
    int *codes = user;
    joining_await_door();
    pid_t first = joining_start(0, joining_url, joining_token_path);
    joining_await_walks(0, 20);
    kill(first, SIGTERM);
    codes[0] = joining_wait(first);
    pid_t second = joining_start(1, joining_url, joining_token_path);
    joining_await_walks(1, 20);
    pid_t third = joining_start(2, joining_url, joining_token_path);
    codes[1] = joining_wait(second);
    codes[2] = joining_wait(third);
    return NULL;
}

static void who_leaves_gives_back_what_it_has_not_begun(void **unused)
{
    (void)unused;
    int codes[3];
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", come_and_go, codes);
    fleet_assert_whole(results, false);
    assert_int_equal(codes[0] | codes[1] | codes[2], 0);
    assert_true(fleet_shared->by_host[2] > 0);
    assert_non_null(strstr(joining_lines, " has left"));
    ct_results_free(results);
}

static void *kill_link_of_one(void *user)
{
    pid_t children[16];
    joining_await_door();
    pid_t one = joining_start(0, joining_url, joining_token_path);
    joining_await_walks(0, 20);
    size_t count = processes_children(one, children, 16);
    size_t links = count > 0 ? processes_children(children[0], children, 16) : 0;
    if (links > 0) kill(children[0], SIGKILL); /* the keeper's first child */
    *(int *)user = joining_wait(one);
    return NULL;
}

static void a_service_whose_link_dies_finds_the_run_again(void **unused)
{
    (void)unused;
    int code = -1;
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", kill_link_of_one, &code);
    fleet_assert_whole(results, true);
    assert_int_equal(code, 0);
    assert_non_null(strstr(joining_lines, "was lost"));
    ct_results_free(results);
}

static void *kill_one_of_two(void *user)
{
    joining_await_door();
    pid_t one = joining_start(0, joining_url, joining_token_path),
          other = joining_start(1, joining_url, joining_token_path);
    joining_await_walks(0, 10);
    kill(one, SIGKILL);
    joining_wait(one);
    *(int *)user = joining_wait(other);
    return NULL;
}

static void walks_of_a_service_that_is_killed_run_elsewhere(void **unused)
{
    (void)unused;
    int code = -1;
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", kill_one_of_two, &code);
    fleet_assert_whole(results, true);
    assert_int_equal(code, 0);
    ct_results_free(results);
}

/* ---- strangers ---- */

static int connect_raw(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((uint16_t)atoi(strrchr(joining_url, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    return fd;
}

/* Whether the other side ends the connection, whatever it says before. */
static bool is_ended(int fd)
{
    char bytes[4096];
    ssize_t got;
    while ((got = recv(fd, bytes, sizeof bytes, 0)) > 0 || (got < 0 && errno == EINTR)) continue;
    close(fd);
    return true;
}

static void *strangers_come(void *user)
{
    static const char garbage[] = "GET / HTTP/1.0\r\n\r\n";
    unsigned char huge[4096] = { 0xff, 0xff, 0xff, 0xff };
    joining_await_door();
    int silent = connect_raw(), http = connect_raw(), large = connect_raw(), many = connect_raw();
    send(http, garbage, sizeof garbage - 1, MSG_NOSIGNAL);
    send(large, huge, sizeof huge, MSG_NOSIGNAL);
    for (int i = 0; i < 1024 && send(many, huge, sizeof huge, MSG_NOSIGNAL) > 0; i++) continue;
    ((int *)user)[0] = is_ended(http) + is_ended(large) + is_ended(many);
    fleet_shared->hold = 1; /* nobody is served before the silent one is turned out */
    pid_t one = joining_start(0, joining_url, joining_token_path);
    joining_await_walks(0, 1);
    ((int *)user)[0] += is_ended(silent);
    fleet_shared->hold = 0;
    ((int *)user)[1] = joining_wait(one);
    return NULL;
}

static void strangers_do_no_harm(void **unused)
{
    (void)unused;
    int said[2] = { 0 };
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", strangers_come, said);
    fleet_assert_whole(results, false);
    assert_int_equal(said[0], 4);
    assert_int_equal(said[1], 0);
    ct_results_free(results);
}

static void *wrong_tokens_come(void *user)
{
    char wrong[300], command[1024];
    int *codes = user;
    joining_await_door();
    snprintf(wrong, sizeof wrong, "%s.wrong", joining_token_path);
    /* the same certificate, another token */
    snprintf(command, sizeof command, "sed '2s/.*/00000000000000000000000000000000/' '%s' > '%s'; chmod 600 '%s'",
             joining_token_path, wrong, wrong);
    codes[3] = system(command); /* NOLINT(cert-env33-c): a test's own words */
    codes[0] = joining_wait(joining_start(1, joining_url, wrong));
    codes[1] = joining_wait(joining_start(2, joining_url, "/dev/null"));
    codes[2] = joining_wait(joining_start(0, joining_url, joining_token_path));
    remove(wrong);
    return NULL;
}

static void a_wrong_token_is_refused_on_both_sides(void **unused)
{
    (void)unused;
    int codes[4];
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", wrong_tokens_come, codes);
    fleet_assert_whole(results, false);
    assert_int_equal(codes[3], 0);
    assert_int_equal(codes[0], 6);
    assert_int_equal(codes[1], 6);
    assert_int_equal(codes[2], 0);
    assert_non_null(strstr(joining_lines, "a connection was refused: the token is wrong"));
    assert_int_equal(fleet_shared->by_host[1] + fleet_shared->by_host[2], 0);
    ct_results_free(results);
}

static void what_cannot_be_listened_at_is_said(void **unused)
{
    (void)unused;
    static const struct {
        const char *listen, *why;
    } wrong[] = { { "udp://127.0.0.1:1", "is no address: tcp://ADDRESS:PORT" },
                  { "tcp://192.0.2.1:1", "cannot listen at tcp://192.0.2.1:1" } };
    struct ct_results *results;
    struct ct_error error;
    for (size_t i = 0; i < CT_COUNT(wrong); i++) {
        struct ct_run_options options = { .listen = wrong[i].listen, .token_file = joining_token_path };
        assert_int_not_equal(ct_run_tests(&fleet_suite, &options, &results, &error), CT_OK);
        if (!strstr(error.text, wrong[i].why)) fail_msg("%s", error.text);
    }
    struct ct_run_options options = { .listen = "tcp://127.0.0.1:0" };
    assert_int_equal(ct_run_tests(&fleet_suite, &options, &results, &error), CT_EINVAL);
    assert_non_null(strstr(error.text, "listen needs token_file"));
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(services_that_join_over_tls_give_what_one_host_gives, joining_begin,
                                        joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(who_leaves_gives_back_what_it_has_not_begun, joining_begin,
                                        joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(a_service_whose_link_dies_finds_the_run_again, joining_begin,
                                        joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(strangers_do_no_harm, joining_begin, joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(a_wrong_token_is_refused_on_both_sides, joining_begin, joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(what_cannot_be_listened_at_is_said, joining_begin, joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(walks_of_a_service_that_is_killed_run_elsewhere, joining_begin,
                                        joining_no_process_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    return joining_main(argv, argc, run);
}
