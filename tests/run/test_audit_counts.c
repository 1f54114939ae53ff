/* What is summed, cleaned up and divided: counters, directories of walks, shards with serial actions. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct ct_option hundred[100];
static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };

/* ---- counters ---- */

enum { FAILS = 3, CANCELS = 5, LOUD = 7 };

static enum ct_status count_and_end(struct ct_walk *walk, const struct ct_option *option)
{
    uint64_t id = ct_walk_id(walk);
    (void)option;
    ct_count(walk, "began", 1);
    ct_count(walk, "ids", (int64_t)id);
    if (id % LOUD == 0)
        for (int i = 0; i < 100; i++) ct_count(walk, "loud", -2);
    if (id % FAILS == 0) return ct_fail(walk, "three");
    if (id % CANCELS == 0) return ct_cancel(walk, "five");
    ct_count(walk, "passed", 1);
    return CT_PASS;
}

static enum ct_status count_serial(struct ct_walk *walk, const struct ct_option *option)
{
    ct_count(walk, "serial", 1);
    return ct_option_int(option) == 1 ? ct_fail(walk, "one") : CT_PASS;
}

static enum ct_status count_last(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    ct_count(walk, "last", 1);
    return CT_PASS;
}

static const struct ct_action counting[] = { CT_ACTION("a", count_and_end, hundred),
                                             CT_SERIAL_ACTION("s", count_serial, three),
                                             CT_ACTION("b", count_last, three) };
static const struct ct_suite counting_suite = { .name = "counting", .actions = counting, .action_count = 3 };

static int64_t counter(const struct ct_results *results, const char *name)
{
    return json_integer_value(json_object_get(results->counters, name));
}

/* Walks are 3 branches of 300; those of branch 1 that go on are blocked. */
static void expect_exact_sums(enum ct_isolation isolation)
{
    const struct ct_run_options options = { .services = 2, .threads = 2, .isolation = isolation, .verbose = -1 };
    struct ct_results *results = run_well(&counting_suite, &options);
    int64_t ids = 0, loud = 0, passed = 0, failed = 0, last = 0;
    for (int64_t id = 0; id < 900; id++) {
        bool fails = id % FAILS == 0, goes_on = !fails && id % CANCELS != 0;
        ids += id;
        loud -= id % LOUD == 0 ? 200 : 0;
        failed += fails;
        passed += goes_on;
        last += goes_on && id / 300 != 1;
    }
    assert_int_equal(counter(results, "began"), 900);
    assert_int_equal(counter(results, "ids"), ids);
    assert_int_equal(counter(results, "loud"), loud);
    assert_int_equal(counter(results, "passed"), passed);
    assert_int_equal(counter(results, "serial"), 3);
    assert_int_equal(counter(results, "last"), last);
    assert_int_equal(results->counts[CT_FAIL], failed);
    assert_int_equal(results->counts[CT_PASS], last);
    assert_int_equal(results->counts[CT_BLOCKED], passed - last);
    ct_results_free(results);
}

static void counters_are_exact_whatever_comes_of_the_walks(void **state)
{
    (void)state;
    expect_exact_sums(CT_ISOLATION_THREAD);
}

static void counters_are_exact_where_walks_have_processes_of_their_own(void **state)
{
    (void)state;
    expect_exact_sums(CT_ISOLATION_PROCESS);
}

static enum ct_status count_in_hook(struct ct_walk *walk)
{
    ct_count(walk, "hook", 1);
    return CT_PASS;
}

static void count_in_stop_hook(struct ct_walk *walk)
{
    ct_count(walk, "hook", 1);
}

static void expect_sums_of_hooks(const struct ct_suite *suite, enum ct_isolation isolation, int64_t hooks)
{
    const struct ct_run_options options = { .services = 2, .isolation = isolation, .verbose = -1 };
    struct ct_results *results = run_well(suite, &options);
    assert_int_equal(counter(results, "hook"), hooks);
    assert_int_equal(counter(results, "began"), 100);
    ct_results_free(results);
}

static void what_hooks_of_walks_count_is_summed_too(void **state)
{
    static const struct ct_suite suite = { .name = "hooks",
                                           .actions = counting,
                                           .action_count = 1,
                                           .walk_start = count_in_hook,
                                           .walk_stop = count_in_stop_hook };
    (void)state;
    expect_sums_of_hooks(&suite, CT_ISOLATION_THREAD, 200);
    expect_sums_of_hooks(&suite, CT_ISOLATION_PROCESS, 200);
}

static void what_hooks_of_services_and_threads_count_is_summed_once(void **state)
{
    static const struct ct_suite suite = { .name = "hooks",
                                           .actions = counting,
                                           .action_count = 1,
                                           .service_start = count_in_hook,
                                           .service_stop = count_in_stop_hook,
                                           .thread_start = count_in_hook,
                                           .thread_stop = count_in_stop_hook };
    (void)state;
    expect_sums_of_hooks(&suite, CT_ISOLATION_THREAD, 8);
    expect_sums_of_hooks(&suite, CT_ISOLATION_PROCESS, 8);
}

static void what_hooks_of_the_run_count_is_summed_once(void **state)
{
    static const struct ct_suite suite = { .name = "hooks",
                                           .actions = counting,
                                           .action_count = 1,
                                           .run_start = count_in_hook,
                                           .run_stop = count_in_stop_hook };
    (void)state;
    expect_sums_of_hooks(&suite, CT_ISOLATION_THREAD, 2);
}

/* ---- directories ---- */

static bool fill_directory(const char *directory)
{
    char path[512];
    snprintf(path, sizeof path, "%s/inner", directory);
    bool made = mkdir(path, 0700) == 0;
    snprintf(path, sizeof path, "%s/inner/file", directory);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0400);
    if (fd >= 0) close(fd);
    snprintf(path, sizeof path, "%s/dangling", directory);
    return made && fd >= 0 && symlink("/nowhere", path) == 0;
}

static size_t count_entries(const char *directory)
{
    DIR *listing = opendir(directory);
    size_t count = 0;
    if (!listing) return SIZE_MAX;
    for (const struct dirent *entry; (entry = readdir(listing));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(listing);
    return count;
}

static enum ct_status use_directory(struct ct_walk *walk, const struct ct_option *option)
{
    struct stat status;
    json_t *state = ct_walk_state(walk);
    const char *before = json_string_value(json_object_get(state, "directory")), *directory = ct_walk_tmpdir(walk);
    (void)option;
    CT_REQUIRE(walk, directory != NULL);
    CT_CHECK(walk, ct_walk_tmpdir(walk) == directory);
    CT_CHECK(walk, stat(directory, &status) == 0 && S_ISDIR(status.st_mode) && (status.st_mode & 0777) == 0700);
    CT_CHECK_INT_EQ(walk, (int64_t)count_entries(directory), 0);
    CT_CHECK(walk, fill_directory(directory));
    CT_CHECK(walk, !before || access(before, F_OK) != 0);
    json_object_set_new(state, "directory", json_string(directory));
    if (ct_walk_id(walk) % 11 == 10) return ct_fail(walk, "eleven");
    if (ct_walk_id(walk) % 13 == 12) raise(SIGKILL);
    return CT_PASS;
}

/* While nothing else runs. */
static enum ct_status find_no_other(struct ct_walk *walk, const struct ct_option *option)
{
    const char *own = ct_walk_tmpdir(walk);
    char all[PATH_MAX];
    size_t count = 0;
    (void)option;
    CT_REQUIRE(walk, own && strlen(own) < sizeof all);
    strcpy(all, own);
    *strrchr(all, '/') = '\0';
    DIR *listing = opendir(all);
    CT_REQUIRE(walk, listing);
    for (const struct dirent *entry; (entry = readdir(listing));)
        count += entry->d_name[0] == 'w' && isdigit((unsigned char)entry->d_name[1]);
    closedir(listing);
    CT_CHECK_INT_EQ(walk, (int64_t)count, 1);
    return CT_PASS;
}

static const struct ct_action directories[] = { CT_ACTION("a", use_directory, hundred),
                                                CT_SERIAL_ACTION("s", find_no_other, two),
                                                CT_ACTION_ONCE("b", use_directory) };
static const struct ct_suite directory_suite = { .name = "directories", .actions = directories, .action_count = 3 };

static void run_in_directory(const char *scratch, enum ct_isolation isolation)
{
    const struct ct_run_options options = {
        .services = 2, .isolation = isolation, .gather_states = true, .verbose = -1
    };
    struct ct_results *results = run_well(&directory_suite, &options);
    uint64_t crashed = 0, failed = 0;
    for (uint64_t id = 0; id < 200; id++) {
        failed += id % 11 == 10;
        crashed += id % 11 != 10 && id % 13 == 12;
    }
    assert_int_equal(results->counts[CT_FAIL], failed);
    assert_int_equal(results->counts[CT_CRASHED], crashed);
    assert_int_equal(results->counts[CT_PASS], 200 - failed - crashed);
    for (size_t i = 0; i < 200; i++) {
        const char *directory = json_string_value(json_object_get(state_at(results, i), "directory"));
        if (directory && access(directory, F_OK) == 0) fail_msg("%s was left", directory);
    }
    assert_int_equal(count_entries(scratch), 0);
    ct_results_free(results);
}

static void directories_of_walks_are_gone_after_each_stage_and_after_crashes(void **state)
{
    char scratch[] = "/tmp/combtest-counts-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(scratch));
    assert_int_equal(setenv("TMPDIR", scratch, 1), 0);
    run_in_directory(scratch, CT_ISOLATION_THREAD);
    run_in_directory(scratch, CT_ISOLATION_PROCESS);
    unsetenv("TMPDIR");
    assert_int_equal(rmdir(scratch), 0);
}

/* ---- shards ---- */

enum { BRANCHES = 9, IN_BRANCH = 100, WALKS = BRANCHES * IN_BRANCH, SERIALS = WALKS };

static enum ct_status count_branch(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[SERIALS + ct_walk_id(walk) / IN_BRANCH], 1);
    return CT_PASS;
}

static enum ct_status count_walk(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    atomic_fetch_add(&shared[ct_walk_id(walk)], 1);
    return CT_PASS;
}

static const struct ct_action sharded[] = { CT_SERIAL_ACTION("s", count_branch, three),
                                            CT_SERIAL_ACTION("t", count_branch, three),
                                            CT_ACTION("a", count_walk, hundred) };
static const struct ct_suite sharded_suite = { .name = "sharded", .actions = sharded, .action_count = 3 };

/* How many of the serial steps lead to walks of [first, end): the first of 3, the second of 9. */
static uint64_t serial_steps(uint64_t first, uint64_t end)
{
    return (end - 1) / (3 * IN_BRANCH) - first / (3 * IN_BRANCH) + 1 + (end - 1) / IN_BRANCH - first / IN_BRANCH + 1;
}

static void shards_run_the_serial_actions_of_their_own_branches_and_no_others(void **state)
{
    (void)state;
    for (uint64_t shards = 1; shards <= 7; shards += 2) {
        uint64_t planned = 0;
        shared_reset();
        for (uint64_t shard = 1; shard <= shards; shard++) {
            const struct ct_run_options options = {
                .services = 2, .shard = shard, .shard_count = shards, .verbose = -1
            };
            struct ct_results *results = run_well(&sharded_suite, &options);
            assert_int_equal(results->counts[CT_PASS], results->walk_count);
            assert_int_equal(results->serial_count, serial_steps(planned, planned + results->walk_count));
            planned += results->walk_count;
            ct_results_free(results);
        }
        assert_int_equal(planned, WALKS);
        for (size_t id = 0; id < WALKS; id++) assert_int_equal(shared[id], 1);
        for (size_t branch = 0; branch < BRANCHES; branch++) assert_true(shared[SERIALS + branch] >= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_exact_whatever_comes_of_the_walks),
        cmocka_unit_test(counters_are_exact_where_walks_have_processes_of_their_own),
        cmocka_unit_test(what_hooks_of_walks_count_is_summed_too),
        cmocka_unit_test(what_hooks_of_services_and_threads_count_is_summed_once),
        cmocka_unit_test(what_hooks_of_the_run_count_is_summed_once),
        cmocka_unit_test(directories_of_walks_are_gone_after_each_stage_and_after_crashes),
        cmocka_unit_test(shards_run_the_serial_actions_of_their_own_branches_and_no_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
