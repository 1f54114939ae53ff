/* The door of a run that listens: a certificate that the user gives, crowds of strangers, and other versions. */
#define _GNU_SOURCE 1
#include "joining.h"
#include "processes.h"
#include "service/protocol.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <service/proof.h>
#include <service/token.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a certificate that is given ---- */

static void write_file(const char *name, const char *text, const char *key)
{
    char path[300];
    struct ct_error error;
    snprintf(path, sizeof path, "%s/%s", getenv("TMPDIR"), name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ct_config_set(joining_config, key, path, &error), CT_OK);
}

static void *one_joins(void *user)
{
    joining_await_door();
    *(int *)user = joining_wait(joining_start(0, joining_url, joining_token_path));
    return NULL;
}

static void a_certificate_that_is_given_is_shown_and_trusted(void **unused)
{
    (void)unused;
    char *certificate = NULL, *key = NULL, path[300];
    struct ct_error error;
    struct ct__token token = { 0 };
    int code = -1;
    assert_int_equal(ct__certificate_make(&certificate, &key, &error), CT_OK);
    assert_int_equal(ct__config_find(NULL, &joining_config, &error), CT_OK);
    write_file("c.pem", certificate, "NET.certificate");
    write_file("k.pem", key, "NET.key");
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", one_joins, &code);
    fleet_assert_whole(results, false);
    assert_int_equal(code, 0);
    assert_int_equal(ct__token_read(joining_token_path, &token, &error), CT_OK);
    assert_string_equal(token.certificate, certificate);
    ct__token_clear(&token);
    ct_results_free(results);
    ct_config_free(joining_config);
    joining_config = NULL;
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", getenv("TMPDIR"), i == 0 ? "c.pem" : "k.pem");
        remove(path);
    }
    free(certificate);
    free(key);
}

/* ---- strangers ---- */

enum { CROWD = 400 };

static int connect_raw(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((uint16_t)atoi(strrchr(joining_url, ':') + 1));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) abort();
    return fd;
}

/* They stay until the services are there, and come again where they are turned out. */
static void *crowd_comes(void *user)
{
    int fds[CROWD], *codes = user;
    joining_await_door();
    for (int i = 0; i < CROWD; i++) fds[i] = connect_raw();
    pid_t one = joining_start(0, joining_url, joining_token_path),
          other = joining_start(1, joining_url, joining_token_path);
    codes[0] = joining_wait(one);
    codes[1] = joining_wait(other);
    for (int i = 0; i < CROWD; i++) close(fds[i]);
    return NULL;
}

static void services_join_through_a_crowd_that_says_nothing(void **unused)
{
    (void)unused;
    int codes[2] = { -1, -1 };
    fleet_shared->pause_us = 5000;
    struct ct_results *results = joining_run("tls+tcp://127.0.0.1:0", crowd_comes, codes);
    fleet_assert_whole(results, false);
    assert_int_equal(codes[0], 0);
    ct_results_free(results);
}

static void put_frame(int fd, const struct ct__bytes *body)
{
    struct ct__bytes frame = { 0 };
    ct__put_u32(&frame, (uint32_t)body->size + 5);
    ct__frame_begin(&frame, CT__FRAME_KNOCK, 0);
    ct__put_bytes(&frame, body->data, body->size);
    assert_false(frame.failed);
    if (send(fd, frame.data, frame.size, MSG_NOSIGNAL) != (ssize_t)frame.size) abort();
    ct__bytes_free(&frame);
}

/* What is answered to a knock of that version, as bytes. */
static void knock_as(uint32_t protocol, const char *version, char *answer, size_t size)
{
    struct ct__bytes body = { 0 };
    unsigned char nonce[CT__NONCE_SIZE] = { 1 };
    size_t used = 0;
    ssize_t got;
    int fd = connect_raw();
    ct__put_u32(&body, CT__PROTOCOL_MAGIC);
    ct__put_u32(&body, protocol);
    ct__put_text(&body, version);
    ct__put_u8(&body, 1);
    ct__put_bytes(&body, nonce, sizeof nonce);
    ct__put_text(&body, "stranger");
    put_frame(fd, &body);
    while ((got = recv(fd, answer + used, size - 1 - used, 0)) > 0) used += (size_t)got;
    close(fd);
    for (size_t i = 0; i < used; i++)
        if (answer[i] == '\0') answer[i] = ' ';
    answer[used] = '\0';
    ct__bytes_free(&body);
}

static char answers[2][1024];

static void *others_knock(void *user)
{
    joining_await_door();
    knock_as(CT__PROTOCOL_VERSION + 1, CT__VERSION, answers[0], sizeof answers[0]);
    knock_as(CT__PROTOCOL_VERSION, "9.9.9", answers[1], sizeof answers[1]);
    return one_joins(user);
}

static void another_version_is_refused_on_both_sides(void **unused)
{
    (void)unused;
    int code = -1;
    struct ct_results *results = joining_run("tcp://127.0.0.1:0", others_knock, &code);
    fleet_assert_whole(results, false);
    assert_int_equal(code, 0);
    for (int i = 0; i < 2; i++) assert_non_null(strstr(answers[i], "another version of combtest"));
    const char *first = strstr(joining_lines, "a connection was refused: another version of combtest");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "a connection was refused: another version of combtest"));
    ct_results_free(results);
}

static int run(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_that_is_given_is_shown_and_trusted, joining_begin,
                                        joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(another_version_is_refused_on_both_sides, joining_begin,
                                        joining_nothing_is_left),
        cmocka_unit_test_setup_teardown(services_join_through_a_crowd_that_says_nothing, joining_begin,
                                        joining_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(int argc, char **argv)
{
    return joining_main(argv, argc, run);
}
