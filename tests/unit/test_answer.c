/* What a host answers: what is taken of it, and that nothing it says does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bootstrap/deploy.h>
#include <cmocka.h>
#include <combtest/option.h>
#include <stdio.h>
#include <string.h>

static struct ct_error error;
static struct ct__item items[2] = { { .hash = "aa" }, { .hash = "bb" } };
static struct ct__deploy deploy;

static int begin(void **state)
{
    (void)state;
    items[0].there = items[1].there = false;
    deploy = (struct ct__deploy){ .host_name = "h", .items = items, .count = 2 };
    return 0;
}

static bool take(const char *line)
{
    bool done = false;
    if (ct__deploy_answer(&deploy, line, &done, &error)) fail_msg("%s", error.text);
    return done;
}

static void a_host_says_what_it_is(void **state)
{
    (void)state;
    assert_false(take("kernel Linux"));
    assert_false(take("machine x86_64"));
    assert_false(take("name h17"));
    assert_false(take("cores 16"));
    assert_false(take("libc glibc 2.36"));
    assert_string_equal(deploy.probe.kernel, "Linux");
    assert_string_equal(deploy.probe.machine, "x86_64");
    assert_string_equal(deploy.probe.name, "h17");
    assert_int_equal(deploy.probe.cores, 16);
    assert_int_equal(deploy.probe.glibc_major, 2);
    assert_int_equal(deploy.probe.glibc_minor, 36);
    assert_false(take("have bb"));
    assert_true(!items[0].there && items[1].there);
    assert_false(take("put aa"));
    assert_true(items[0].there);
    assert_false(take("something else"));
    assert_false(take(""));
    assert_true(take("done"));
}

static void libraries_are_missing_or_too_old(void **state)
{
    (void)state;
    take("library \tlibz.so.1 => not found");
    take("library z.so.1 => not found"); /* the end of another's name */
    take("library libz.so.1 => not found");
    take("library /c/prog: /lib/libold.so.2: version `NEW' not found (required by /c/prog)");
    take("library /c/prog: libnear.so.3: version `NEW' not found (required by /c/prog)");
    take("library nothing of that kind");
    take("library  => not found");
    assert_string_equal(deploy.missing, "libz.so.1\nz.so.1\nlibold.so.2\nlibnear.so.3\n");
    assert_false(deploy.missing_more);
}

static void too_many_of_them_are_told_and_never_cut(void **state)
{
    char line[300];
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof line, "library lib%0100d.so => not found", i);
        take(line);
    }
    assert_true(deploy.missing_more);
    assert_int_equal(strlen(deploy.missing) % 107, 0);
    snprintf(line, sizeof line, "library %0260d => not found", 1);
    begin(state);
    take(line);
    assert_string_equal(deploy.missing, "");
}

static void what_it_says_is_bounded_and_controls_no_terminal(void **state)
{
    char line[4096];
    bool done;
    (void)state;
    memset(line, 'x', sizeof line);
    memcpy(line, "machine \33[2J", 12);
    line[sizeof line - 1] = '\0';
    take(line);
    assert_int_equal(strlen(deploy.probe.machine), sizeof deploy.probe.machine - 1);
    assert_memory_equal(deploy.probe.machine, "?[2Jx", 5);
    static const char *const numbers[] = { "-3", "99999999999999999999", "1000001", "x", "" };
    for (size_t i = 0; i < CT_COUNT(numbers); i++) {
        snprintf(line, sizeof line, "cores %s", numbers[i]);
        take(line);
        assert_int_equal(deploy.probe.cores, 0);
    }
    take("libc glibc -1.-2");
    assert_int_equal(deploy.probe.glibc_minor, 0);
    assert_int_equal(ct__deploy_answer(&deploy, "broken \a\33]0;x", &done, &error), CT_ECONFIG);
    assert_string_equal(error.text, "h: the program cannot be loaded there: ??]0;x");
    assert_int_equal(ct__deploy_answer(&deploy, "failed cannot\twrite", &done, &error), CT_EIO);
    assert_string_equal(error.text, "h: cannot?write");
    assert_string_equal(deploy.failed, "cannot?write");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_host_says_what_it_is, begin),
        cmocka_unit_test_setup(libraries_are_missing_or_too_old, begin),
        cmocka_unit_test_setup(too_many_of_them_are_told_and_never_cut, begin),
        cmocka_unit_test_setup(what_it_says_is_bounded_and_controls_no_terminal, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
