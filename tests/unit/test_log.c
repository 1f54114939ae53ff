/* The central log: whole lines, in order, in files that are put aside by size. */
#include <logging/logging.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64];

static void make_directory(void)
{
    snprintf(directory, sizeof directory, "/tmp/combtest-test-log-XXXXXX");
    assert_non_null(mkdtemp(directory));
}

static void remove_directory(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", directory);
    assert_int_equal(system(command), 0);
}

/* The text of DIRECTORY/name, for free; "" where there is no such file. */
static char *text_of(const char *name)
{
    char path[96], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) return strdup("");
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

static void assert_text(const char *name, const char *want)
{
    char *text = text_of(name);
    assert_string_equal(text, want);
    free(text);
}

static struct ct__log *open_log(const struct ct__log_options *options)
{
    struct ct__log *log = NULL;
    struct ct_error error;
    if (ct__log_open(directory, options, &log, &error) != CT_OK) fail_msg("%s", error.text);
    return log;
}

static void put(struct ct__log *log, enum ct_log_level level, const char *line)
{
    assert_int_equal(ct__log_write(log, level, line, strlen(line), NULL), CT_OK);
}

static void lines_are_in_the_file_in_order_and_those_inside_a_line_indented(void **state)
{
    (void)state;
    make_directory();
    struct ct__log *log = open_log(NULL);
    put(log, CT_LOG_INFO, "one");
    put(log, CT_LOG_INFO, "two\nand more\n");
    put(log, CT_LOG_DEBUG, "");
    assert_text("run.log", "");
    assert_int_equal(ct__log_flush(log, NULL), CT_OK);
    assert_text("run.log", "one\ntwo\n    and more\n    \n\n");
    assert_int_equal(ct__log_close(log, NULL), CT_OK);
    remove_directory();
}

static void what_no_text_has_is_shown_as_a_question_mark(void **state)
{
    (void)state;
    make_directory();
    struct ct__log *log = open_log(NULL);
    assert_int_equal(ct__log_write(log, CT_LOG_INFO, "a\0b\tc\x1b[31m\x7f\r", 12, NULL), CT_OK);
    put(log, CT_LOG_INFO, "\xc3\xa4 \xff \xc2\x9b[31m \xf0\x9f\x98\x80\xc3");
    assert_int_equal(ct__log_write(log, CT_LOG_INFO, "cut \xc3\xa4", 5, NULL),
                     CT_OK); /* what is behind it stays there */
    assert_int_equal(ct__log_close(log, NULL), CT_OK);
    assert_text("run.log", "a?b\tc?[31m??\n\xc3\xa4 ? ??[31m \xf0\x9f\x98\x80?\ncut ?\n");
    remove_directory();
}

enum { LOGGERS = 8, LOGS_EACH = 15 };

static _Noreturn void log_again_and_again(int logger)
{
    const struct ct__log_options many = { .count = 999 };
    for (int i = 0; i < LOGS_EACH; i++) {
        struct ct__log *log = NULL;
        char line[32];
        int size = snprintf(line, sizeof line, "line %d.%d;", logger, i);
        if (ct__log_open(directory, &many, &log, NULL) != CT_OK) _exit(1);
        if (ct__log_write(log, CT_LOG_INFO, line, (size_t)size, NULL) != CT_OK) _exit(1);
        if (ct__log_close(log, NULL) != CT_OK) _exit(1);
    }
    _exit(0);
}

static void processes_that_log_into_one_directory_lose_no_line(void **state)
{
    char command[160];
    int status;
    (void)state;
    make_directory();
    for (int i = 0; i < LOGGERS; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) log_again_and_again(i);
    }
    for (int i = 0; i < LOGGERS; i++) assert_true(wait(&status) > 0 && status == 0);
    snprintf(command, sizeof command, "test \"$(cat %s/run.log* | sort -u | grep -c ';$')\" -eq %d", directory,
             LOGGERS * LOGS_EACH);
    assert_int_equal(system(command), 0);
    remove_directory();
}

static void an_error_is_in_the_file_at_once(void **state)
{
    (void)state;
    make_directory();
    pid_t child = fork();
    if (child == 0) {
        struct ct__log *log = open_log(NULL);
        put(log, CT_LOG_INFO, "before");
        put(log, CT_LOG_ERROR, "bad");
        put(log, CT_LOG_INFO, "after");
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_text("run.log", "before\nbad\n");
    remove_directory();
}

static void files_are_put_aside_by_size_and_the_oldest_goes(void **state)
{
    (void)state;
    make_directory();
    struct ct__log *log = open_log(&(struct ct__log_options){ .size = 10, .count = 2 });
    for (int i = 0; i < 9; i++) put(log, CT_LOG_INFO, (char[]){ 'l', 'i', 'n', 'e', (char)('0' + i), '\0' });
    assert_int_equal(ct__log_close(log, NULL), CT_OK);
    assert_text("run.log", "line8\n");
    assert_text("run.log.1", "line6\nline7\n");
    assert_text("run.log.2", "line4\nline5\n");
    assert_text("run.log.3", "");
    log = open_log(&(struct ct__log_options){ .size = 10, .count = 2 });
    assert_int_equal(ct__log_close(log, NULL), CT_OK);
    assert_text("run.log", "");
    assert_text("run.log.1", "line8\n");
    assert_text("run.log.2", "line6\nline7\n");
    remove_directory();
}

static void a_full_disk_leaves_whole_lines_and_the_log_goes_on_after_it(void **state)
{
    struct rlimit before;
    struct ct_error error = { 0 };
    enum ct_err err = CT_OK;
    (void)state;
    make_directory();
    struct ct__log *log = open_log(NULL);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = { .rlim_cur = 300001, .rlim_max = before.rlim_max };
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 100000 && err == CT_OK; i++) err = ct__log_write(log, CT_LOG_INFO, "a line of it", 12, &error);
    assert_int_equal(err, CT_EIO);
    assert_non_null(strstr(error.text, "/run.log: cannot be written: File too large"));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    put(log, CT_LOG_ERROR, "more");
    assert_int_equal(ct__log_close(log, NULL), CT_OK);
    char *text = text_of("run.log");
    size_t size = strlen(text);
    assert_int_equal((size - 5) % 13, 0);
    assert_string_equal(text + size - 5 - 13, "a line of it\nmore\n");
    free(text);
    remove_directory();
}

static void a_log_that_was_removed_while_it_was_written_is_missed(void **state)
{
    struct ct_error error;
    char path[96];
    (void)state;
    make_directory();
    struct ct__log *log = open_log(NULL);
    put(log, CT_LOG_ERROR, "bad");
    snprintf(path, sizeof path, "%s/run.log", directory);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ct__log_close(log, &error), CT_EIO);
    assert_non_null(strstr(error.text, "/run.log: was removed while it was written"));
    remove_directory();
}

static void a_directory_that_cannot_be_made_is_named(void **state)
{
    struct ct__log *log = NULL;
    struct ct_error error;
    (void)state;
    assert_int_equal(ct__log_open("/nonexistent/logs", NULL, &log, &error), CT_EIO);
    assert_string_equal(error.text, "/nonexistent/logs: cannot be made: No such file or directory");
    assert_null(log);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_in_the_file_in_order_and_those_inside_a_line_indented),
        cmocka_unit_test(what_no_text_has_is_shown_as_a_question_mark),
        cmocka_unit_test(processes_that_log_into_one_directory_lose_no_line),
        cmocka_unit_test(an_error_is_in_the_file_at_once),
        cmocka_unit_test(files_are_put_aside_by_size_and_the_oldest_goes),
        cmocka_unit_test(a_full_disk_leaves_whole_lines_and_the_log_goes_on_after_it),
        cmocka_unit_test(a_log_that_was_removed_while_it_was_written_is_missed),
        cmocka_unit_test(a_directory_that_cannot_be_made_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
