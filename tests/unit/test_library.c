/* Libraries are loaded where they are needed, and what is not needed is not loaded. */
#include <combtest/combtest.h>
#include <combtest/library.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "zlibVersion", "crc32" };

static void what_is_loaded_can_be_called(void **unused)
{
    (void)unused;
    struct {
        const char *(*version)(void);
        unsigned long (*crc32)(unsigned long sum, const void *bytes, unsigned size);
    } zlib = { 0 };
    struct ct__library library = { .soname = "libz.so.1", .package = "zlib1g", .names = names, .count = 2 };
    assert_int_equal(ct__library_load(&library, &zlib, NULL), CT_OK);
    assert_int_equal(zlib.version()[0], '1');
    assert_int_equal(zlib.crc32(0, "123456789", 9), 0xcbf43926); /* the check value of CRC-32 */
    zlib.crc32 = NULL;
    assert_int_equal(ct__library_load(&library, &zlib, NULL), CT_OK);
    assert_null(zlib.crc32); /* a second time does nothing */
}

static void a_library_that_is_not_there_is_named_with_its_package(void **unused)
{
    (void)unused;
    void *functions[2] = { NULL, NULL };
    struct ct_error error = { .code = CT_OK };
    struct ct__library library = { .soname = "libnone.so.7", .package = "libnone7", .names = names, .count = 2 };
    assert_int_equal(ct__library_load(&library, functions, &error), CT_ESYSTEM);
    assert_non_null(strstr(error.text, "libnone.so.7: cannot open shared object file"));
    assert_non_null(strstr(error.text, "(Debian: libnone7)"));
    assert_null(functions[0]);
}

static void a_function_that_it_lacks_is_named(void **unused)
{
    (void)unused;
    static const char *const other[] = { "crc32", "crc33" };
    void *functions[2] = { NULL, NULL };
    struct ct_error error = { .code = CT_OK };
    struct ct__library library = { .soname = "libz.so.1", .package = "zlib1g", .names = other, .count = 2 };
    assert_int_equal(ct__library_load(&library, functions, &error), CT_ESYSTEM);
    assert_string_equal(error.text, "libz.so.1 has no function crc33: another version of Debian's zlib1g is needed");
}

/* "", or the first line of the map of this process that names a library which its work does not need. */
static void find_stranger(char *line, int size)
{
    static const char *const strangers[] = { "libnng",    "libmbed",    "libsqlite", "libssh2",
                                             "libcrypto", "libpicosat", "libinih" };
    FILE *maps = fopen("/proc/self/maps", "re");
    bool found = false;
    while (maps && !found && fgets(line, size, maps))
        for (size_t i = 0; i < CT_COUNT(strangers); i++) found = found || strstr(line, strangers[i]);
    if (maps) fclose(maps);
    if (!maps || !found) snprintf(line, (size_t)size, "%s", maps ? "" : "no map");
}

static enum ct_status look(struct ct_walk *walk, const struct ct_option *option)
{
    (void)option;
    char line[512];
    find_stranger(line, sizeof line);
    return line[0] == '\0' ? CT_PASS : ct_fail(walk, "%s", line);
}

static void user_code_has_only_the_libraries_that_it_asked_for(void **unused)
{
    (void)unused;
    static const struct ct_action actions[] = { CT_ACTION_ONCE("look", look) };
    static const struct ct_suite suite = { .name = "maps", .actions = actions, .action_count = 1 };
    for (int isolation = CT_ISOLATION_THREAD; isolation <= CT_ISOLATION_PROCESS; isolation++) {
        struct ct_results *results = NULL;
        struct ct_error error = { .code = CT_OK };
        const struct ct_run_options options = { .services = 1,
                                                .isolation = (enum ct_isolation)isolation,
                                                .verbose = -1 };
        assert_int_equal(ct_run_tests(&suite, &options, &results, &error), CT_OK);
        assert_int_equal(results->counts[CT_PASS], 1);
        ct_results_free(results);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_loaded_can_be_called),
        cmocka_unit_test(a_library_that_is_not_there_is_named_with_its_package),
        cmocka_unit_test(a_function_that_it_lacks_is_named),
        cmocka_unit_test(user_code_has_only_the_libraries_that_it_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
