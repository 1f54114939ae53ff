/* What a walk wrote to a stream and left there is written when its process ends. */
#include <combtest/combtest.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include <cmocka.h>

static char directory[] = "/tmp/combtest-streams-XXXXXX";
static FILE *shared; /* opened by the program, before its runs */

static FILE *open_in(const char *name, const char *mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return fopen(path, mode);
}

static void *wait_forever(void *unused)
{
    (void)unused;
    for (;;) pause();
    return NULL;
}

static bool put(const char *way)
{
    pthread_t thread;
    if (strcmp(way, "shared") == 0) return fputs("left", shared) >= 0;
    FILE *file = open_in(way, "ae");
    if (!file) return false;
    if (strcmp(way, "wide") == 0) return fputws(L"left", file) >= 0;
    if (strcmp(way, "thread") == 0 && pthread_create(&thread, NULL, wait_forever, NULL) != 0) return false;
    if (strcmp(way, "older") == 0 && (!open_in("other", "ae") || !open_in("another", "ae")))
        return false; /* newer ones come first */
    return fputs("left", file) >= 0;
}

static enum ct_status leave(struct ct_walk *walk, const struct ct_option *way)
{
    CT_REQUIRE(walk, put(ct_option_string(way)));
    return CT_PASS;
}

static const struct ct_option ways[] = { CT_STRING("plain"), CT_STRING("wide"), CT_STRING("thread"), CT_STRING("older"),
                                         CT_STRING("shared") };

static void what_a_walk_left_in_a_stream_is_written(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION("leave", leave, ways) };
    static const struct ct_suite suite = { .name = "streams", .actions = actions, .action_count = 1 };
    const struct ct_run_options options = { .services = 2, .isolation = CT_ISOLATION_PROCESS, .verbose = -1 };
    struct ct_results *results = NULL;
    struct ct_error error;
    shared = open_in("shared", "ae");
    assert_non_null(shared);
    assert_int_equal(ct_run_tests(&suite, &options, &results, &error), CT_OK);
    assert_int_equal(results->counts[CT_PASS], CT_COUNT(ways));
    ct_results_free(results);
    fclose(shared);
    for (size_t i = 0; i < CT_COUNT(ways); i++) {
        char text[16] = "";
        FILE *file = open_in(ways[i].as.s, "re");
        assert_non_null(file);
        size_t size = fread(text, 1, sizeof text - 1, file);
        text[size] = '\0';
        fclose(file);
        assert_string_equal(text, "left");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_walk_left_in_a_stream_is_written) };
    if (!mkdtemp(directory)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command) != 0 || failed;
}
