/* Walks: their options, what is said on them, their directory, log and threads. Their state is in
 * test_state.c, checks are in test_checks.c. */
#include "walks.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ct_option three[] = { CT_INT(0), CT_INT(1), CT_INT(2) };
static const struct ct_option words[] = { CT_STRING("x"), CT_STRING("y") };
static const struct ct_action actions[] = {
    CT_ACTION("first", pass, three),        CT_SERIAL_ACTION("outer", pass, words), CT_ACTION_ONCE("always", pass),
    CT_SERIAL_ACTION("inner", pass, three), CT_ACTION("last", pass, three),
};
static const struct ct_suite suite = { .name = "walks", .actions = actions, .action_count = CT_COUNT(actions) };

static int set_up(void **state)
{
    (void)state;
    return walks_set_up(&suite);
}

static void options_are_the_plans_whether_counted_up_or_jumped_to(void **state)
{
    const struct ct_option *options[CT_COUNT(actions)];
    uint64_t count = ct_plan_walk_count(plan);
    (void)state;
    assert_int_equal(count, 3 * 2 * 3 * 3);
    for (uint64_t step = 0; step < 4 * count; step++) {
        /* in order, again and again, with a jump every seventh time and the same walk twice every fifth */
        uint64_t id = (step % 7 == 0 ? step * 31 : step % 5 == 0 ? step - 1 : step) % count;
        open_walk(id);
        assert_int_equal(ct_walk_id(walk), id);
        assert_int_equal(ct_plan_options(plan, id, options), CT_OK);
        for (size_t i = 0; i < CT_COUNT(actions); i++) {
            assert_ptr_equal(ct_walk_option(walk, actions[i].name), options[i]);
            assert_ptr_equal(ct__walk_option_at(walk, i), options[i]);
        }
        ct__walk_close(walk);
    }
}

static void an_unknown_name_has_no_option(void **state)
{
    (void)state;
    open_walk(1);
    assert_null(ct_walk_option(walk, "other"));
    assert_null(ct_walk_option(walk, NULL));
    assert_null(ct_walk_option(walk, "always"));
    ct__walk_close(walk);
}

static void a_serial_action_knows_the_serial_options_so_far(void **state)
{
    (void)state;
    ct__walk_open(walk, CT__SERIAL, 27, 1, NULL); /* the first id of the second outer branch */
    assert_int_equal(ct_walk_id(walk), 27);
    assert_int_equal(ct_walk_stage(walk), 1);
    assert_string_equal(ct_option_string(ct_walk_option(walk, "outer")), "y");
    assert_null(ct_walk_option(walk, "inner"));
    assert_null(ct_walk_option(walk, "first"));
    ct__walk_close(walk);
    ct__walk_open(walk, CT__SERIAL, 27 + 9, 2, NULL);
    assert_string_equal(ct_option_string(ct_walk_option(walk, "outer")), "y");
    assert_int_equal(ct_option_int(ct_walk_option(walk, "inner")), 1);
    assert_null(ct_walk_option(walk, "last"));
    ct__walk_close(walk);
}

static void a_hook_knows_no_option_and_disturbs_no_walk(void **state)
{
    (void)state;
    open_walk(13);
    ct__walk_close(walk);
    ct__walk_open(walk, CT__HOOK, 0, 0, NULL);
    assert_int_equal(ct_walk_id(walk), 0);
    assert_null(ct_walk_option(walk, "first"));
    assert_null(ct_walk_option(walk, "outer"));
    assert_ptr_equal(ct_walk_suite(walk), &suite);
    ct__walk_close(walk);
    open_walk(14);
    assert_int_equal(ct_option_int(ct_walk_option(walk, "last")), 2);
    assert_int_equal(ct_option_int(ct_walk_option(walk, "first")), 1);
    ct__walk_close(walk);
}

static void a_walk_is_current_while_it_is_open(void **state)
{
    (void)state;
    assert_null(ct__walk_current());
    open_walk(0);
    assert_ptr_equal(ct__walk_current(), walk);
    assert_ptr_equal(ct__walk_plan(walk), plan);
    ct__walk_close(walk);
    assert_null(ct__walk_current());
}

static void fail_wins_over_cancel_wins_over_pass(void **state)
{
    (void)state;
    open_walk(0);
    assert_int_equal(ct__walk_said(walk, CT_PASS), CT_PASS);
    assert_string_equal(ct__walk_message(walk), "");
    assert_int_equal(ct_cancel_at(walk, "a.c", 5, "no %s", "sense"), CT_CANCEL);
    assert_int_equal(ct__walk_said(walk, CT_PASS), CT_CANCEL);
    assert_string_equal(ct__walk_message(walk), "a.c:5: no sense");
    ct_cancel_at(walk, "a.c", 6, "again");
    assert_string_equal(ct__walk_message(walk), "a.c:5: no sense");
    assert_int_equal(ct_fail_at(walk, "b.c", 7, "broken %d", 1), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "b.c:7: broken 1");
    ct_fail_at(walk, "b.c", 8, "second");
    ct_cancel_at(walk, "b.c", 9, "third");
    assert_string_equal(ct__walk_message(walk), "b.c:7: broken 1");
    assert_int_equal(ct__walk_said(walk, CT_CANCEL), CT_FAIL);
    ct__walk_close(walk);
    open_walk(1);
    assert_int_equal(ct__walk_status(walk), CT_PASS);
    assert_string_equal(ct__walk_message(walk), "");
    ct__walk_close(walk);
}

static void a_returned_failure_drops_the_text_of_a_cancel(void **state)
{
    (void)state;
    open_walk(0);
    ct_cancel(walk, "no sense");
    assert_int_equal(ct__walk_said(walk, CT_FAIL), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "");
    ct_fail_at(walk, "a.c", 1, "the reason");
    assert_string_equal(ct__walk_message(walk), "a.c:1: the reason");
    ct__walk_close(walk);
}

static void a_status_that_run_may_not_return_fails_the_walk(void **state)
{
    (void)state;
    open_walk(0);
    assert_int_equal(ct__walk_said(walk, (enum ct_status)7), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "returned 7, which is no status a run may return");
    ct__walk_close(walk);
}

static void expect_message(const char *text)
{
    assert_string_equal(ct__walk_message(walk), text);
    ct__walk_close(walk);
    open_walk(0);
}

static void reading_a_wrong_type_fails_the_walk_and_names_both_types(void **state)
{
    static const struct ct_option loose = CT_BOOL(true);
    (void)state;
    open_walk(0);
    assert_int_equal(ct_option_int(ct_walk_option(walk, "outer")), 0);
    assert_int_equal(ct__walk_status(walk), CT_FAIL);
    expect_message("action 'outer': an option of type string was read as int");
    assert_string_equal(ct_option_string(&loose), "");
    expect_message("an option of type bool was read as string");
    ct__walk_set_action(walk, 2);
    assert_null(ct_option_json(NULL));
    expect_message("action 'always': an option of type null was read as JSON");
    assert_true(ct_option_real(ct_walk_option(walk, "last")) == 0.0);
    assert_int_equal(ct__walk_status(walk), CT_PASS);
    ct__walk_close(walk);
}

static void the_action_that_runs_is_shown_to_a_watcher(void **state)
{
    _Atomic uint32_t shown = 4711;
    (void)state;
    ct__walk_show_action(walk, &shown);
    open_walk(0);
    assert_int_equal(shown, CT__NO_ACTION);
    ct__walk_set_action(walk, 3);
    assert_int_equal(shown, 3);
    assert_int_equal(ct__walk_action(walk), 3);
    ct__walk_show_action(walk, NULL);
    ct__walk_set_action(walk, 4);
    assert_int_equal(shown, 3);
    ct__walk_close(walk);
}

static void fill_directory(const char *path)
{
    char name[300];
    int fd;
    (void)snprintf(name, sizeof name, "%s/deep", path);
    assert_int_equal(mkdir(name, 0700), 0);
    (void)snprintf(name, sizeof name, "%s/deep/deeper", path);
    assert_int_equal(mkdir(name, 0700), 0);
    (void)snprintf(name, sizeof name, "%s/deep/deeper/file", path);
    fd = open(name, O_CREAT | O_WRONLY, 0400);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)snprintf(name, sizeof name, "%s/link", path);
    assert_int_equal(symlink("/etc", name), 0);
    (void)snprintf(name, sizeof name, "%s/deep/deeper", path);
    assert_int_equal(chmod(name, 0), 0);
}

static int lowest_free_descriptor(void)
{
    int fd = dup(STDERR_FILENO);
    (void)close(fd);
    return fd;
}

static void a_tmpdir_is_private_and_removed_with_all_in_it(void **state)
{
    int free_before = lowest_free_descriptor();
    char path[256];
    struct stat about;
    const char *given;
    (void)state;
    open_walk(3);
    given = ct_walk_tmpdir(walk);
    assert_non_null(given);
    assert_ptr_equal(ct_walk_tmpdir(walk), given);
    (void)snprintf(path, sizeof path, "%s", given);
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 07777, 0700);
    fill_directory(path);
    ct__walk_close(walk);
    assert_int_not_equal(stat(path, &about), 0);
    assert_int_equal(stat("/etc", &about), 0);
    assert_int_equal(lowest_free_descriptor(), free_before);
    open_walk(3);
    assert_string_not_equal(ct_walk_tmpdir(walk), path);
    ct__walk_close(walk);
}

/* Root may write everywhere: a child looks at it as somebody who may not. */
static void a_tree_is_removed_by_its_owner_whatever_its_modes_are(void **state)
{
    int status;
    pid_t child = fork();
    (void)state;
    if (child == 0) {
        char path[] = "/tmp/test_walk.XXXXXX", deep[sizeof path + 8];
        if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) _exit(2);
        if (mkdtemp(path) == NULL) _exit(3);
        fill_directory(path);
        (void)snprintf(deep, sizeof deep, "%s/deep", path);
        if (chmod(deep, S_IRUSR | S_IXUSR) != 0) _exit(4);
        ct__remove_tree(path);
        _exit(access(path, F_OK) == 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_tmpdir_lies_in_scratch_or_the_walk_fails(void **state)
{
    char scratch[] = "/tmp/test_walk.XXXXXX";
    struct ct_walk *other;
    (void)state;
    assert_non_null(mkdtemp(scratch));
    other = ct__walk_new(plan, NULL, NULL, scratch);
    ct__walk_open(other, CT__WALK, 5, 0, NULL);
    assert_memory_equal(ct_walk_tmpdir(other), scratch, strlen(scratch));
    ct__walk_close(other);
    assert_int_equal(rmdir(scratch), 0);
    ct__walk_open(other, CT__WALK, 5, 0, NULL);
    assert_null(ct_walk_tmpdir(other));
    assert_int_equal(ct__walk_status(other), CT_FAIL);
    assert_non_null(strstr(ct__walk_message(other), scratch));
    ct__walk_free(other);
}

struct heard {
    const struct ct_walk *walk;
    int lines, counts, notes;
    enum ct_log_level level;
    size_t size;
    char start[64];
    int64_t sum;
};

static void hear_line(void *user, const struct ct_walk *from, enum ct_log_level level, const char *file, int line,
                      const char *text)
{
    struct heard *heard = user;
    assert_string_equal(file, "log.c");
    assert_int_equal(line, 9);
    heard->walk = from;
    heard->lines++;
    heard->level = level;
    heard->size = strlen(text);
    (void)snprintf(heard->start, sizeof heard->start, "%.60s", text);
}

static void hear_count(void *user, const char *name, int64_t n)
{
    struct heard *heard = user;
    assert_string_equal(name, "bytes");
    heard->counts++;
    heard->sum += n;
}

static void hear_note(void *user, const struct ct_walk *from, const char *key, const json_t *value)
{
    struct heard *heard = user;
    assert_ptr_equal(from, heard->walk);
    assert_string_equal(key, "size");
    assert_int_equal(json_integer_value(value), 5);
    heard->notes++;
}

static void the_voice_hears_lines_counts_and_notes(void **state)
{
    static const struct ct__voice voice = { .log = hear_line, .count = hear_count, .note = hear_note };
    struct heard heard = { 0 }, by_default = { 0 };
    struct ct_walk *other = ct__walk_new(plan, &voice, &heard, NULL);
    json_t *five = json_integer(5);
    char text[100000];
    (void)state;
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ct__walk_open(other, CT__WALK, 0, 0, NULL);
    ct_log_at(other, CT_LOG_WARNING, "log.c", 9, "line %d\nand more", 1);
    assert_ptr_equal(heard.walk, other);
    assert_int_equal(heard.level, CT_LOG_WARNING);
    assert_string_equal(heard.start, "line 1\nand more");
    ct_log_at(other, CT_LOG_INFO, "log.c", 9, "%.*s", 5000, text);
    assert_int_equal(heard.size, 5000);
    ct_log_at(other, CT_LOG_INFO, "log.c", 9, "%s", text);
    assert_in_range(heard.size, 65000, 65536);
    ct_count(other, "bytes", 40);
    ct_count(other, "bytes", 2);
    ct__walk_open(other, CT__WALK, 0, 0, NULL);
    ct_count(other, "\xff", 1);
    assert_int_equal(ct__walk_status(other), CT_FAIL);
    assert_string_equal(ct__walk_message(other), "ct_count: the name of a counter is not UTF-8");
    ct__walk_close(other);
    ct_note(other, "size", five);
    assert_int_equal(heard.sum, 42);
    assert_int_equal(heard.notes, 1);
    ct__voice_set_default(&voice, &by_default);
    ct_log_at(NULL, CT_LOG_ERROR, "log.c", 9, "nobody's");
    ct__voice_set_default(NULL, NULL);
    ct_log_at(NULL, CT_LOG_ERROR, "log.c", 9, "unheard");
    assert_int_equal(by_default.lines, 1);
    assert_null(by_default.walk);
    assert_int_equal(heard.lines, 3);
    ct__walk_free(other);
    json_decref(five);
}

static void nothing_is_heard_where_there_is_no_voice(void **state)
{
    json_t *five = json_integer(5);
    (void)state;
    open_walk(0);
    ct_log(walk, CT_LOG_INFO, "hello");
    ct_count(walk, "bytes", 1);
    ct_note(walk, "size", five);
    assert_int_equal(ct__walk_status(walk), CT_PASS);
    ct__walk_close(walk);
    json_decref(five);
}

static void *fail_many_times(void *argument)
{
    for (int i = 0; i < 1000; i++) ct_check_at(walk, "t.c", 1, false, argument);
    return NULL;
}

static void threads_that_run_started_may_fail_the_walk(void **state)
{
    pthread_t threads[3];
    (void)state;
    open_walk(0);
    for (size_t i = 0; i < 3; i++) assert_int_equal(pthread_create(&threads[i], NULL, fail_many_times, "same"), 0);
    for (size_t i = 0; i < 3; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(ct__walk_said(walk, CT_PASS), CT_FAIL);
    assert_string_equal(ct__walk_message(walk), "t.c:1: check failed: same (and 2999 more failed checks)");
    ct__walk_close(walk);
}

static void each_status_has_its_name(void **state)
{
    static const char *const names[] = { "passed",    "failed",  "canceled", "excluded", "crashed",
                                         "timed-out", "blocked", "lost",     "not-run",  "unknown" };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(names); i++) assert_string_equal(ct_status_name((enum ct_status)i), names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_the_plans_whether_counted_up_or_jumped_to),
        cmocka_unit_test(an_unknown_name_has_no_option),
        cmocka_unit_test(a_serial_action_knows_the_serial_options_so_far),
        cmocka_unit_test(a_hook_knows_no_option_and_disturbs_no_walk),
        cmocka_unit_test(a_walk_is_current_while_it_is_open),
        cmocka_unit_test(fail_wins_over_cancel_wins_over_pass),
        cmocka_unit_test(a_returned_failure_drops_the_text_of_a_cancel),
        cmocka_unit_test(a_status_that_run_may_not_return_fails_the_walk),
        cmocka_unit_test(reading_a_wrong_type_fails_the_walk_and_names_both_types),
        cmocka_unit_test(the_action_that_runs_is_shown_to_a_watcher),
        cmocka_unit_test(a_tmpdir_is_private_and_removed_with_all_in_it),
        cmocka_unit_test(a_tree_is_removed_by_its_owner_whatever_its_modes_are),
        cmocka_unit_test(a_tmpdir_lies_in_scratch_or_the_walk_fails),
        cmocka_unit_test(the_voice_hears_lines_counts_and_notes),
        cmocka_unit_test(nothing_is_heard_where_there_is_no_voice),
        cmocka_unit_test(threads_that_run_started_may_fail_the_walk),
        cmocka_unit_test(each_status_has_its_name),
    };
    return cmocka_run_group_tests(tests, set_up, walks_tear_down);
}
