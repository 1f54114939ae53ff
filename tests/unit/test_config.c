/* Configuration: what a file, the environment and a program can set, and how each mistake is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct ct_config *config;
static struct ct_error error;

static int set_up(void **state)
{
    (void)state;
    memset(&error, 0, sizeof(error));
    return ct_config_load(NULL, &config, &error) == CT_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    ct_config_free(config);
    config = NULL;
    return 0;
}

static enum ct_err parse(const char *text)
{
    return ct__config_parse(config, "combtest.cfg", text, strlen(text), &error);
}

static void refuse(const char *text, const char *message)
{
    assert_int_equal(parse(text), CT_ECONFIG);
    assert_int_equal(error.code, CT_ECONFIG);
    assert_string_equal(error.text, message);
}

static void accept_value(const char *text, const char *key, const char *value)
{
    if (parse(text) != CT_OK) fail_msg("%s", error.text);
    assert_string_equal(ct_config_get(config, key), value);
}

static const char *where_of(const char *wanted)
{
    const char *key, *value, *where;
    for (size_t i = 0; ct__config_at(config, i, &key, &value, &where); i++) {
        if (strcmp(key, wanted) == 0) return where;
    }
    return "none";
}

static void defaults_hold_without_any_file(void **state)
{
    (void)state;
    assert_string_equal(ct_config_get(config, "RUN.services"), "auto");
    assert_string_equal(ct_config_get(config, "WORKER.max_thread_count"), "1");
    assert_null(ct_config_get(config, "RUN.timeout"));
    assert_null(ct_config_get(config, "RUN.no_such_key"));
    assert_int_equal(ct__config_number(config, "RUN.timeout"), 0);
}

static void each_key_of_py_combtest_is_taken_under_its_name(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "NET.machine_ips", "NET.service_port", "NET.logger_port", "SSH.rsakey",       "SSH.rsakey_map",
        "SSH.username",    "SSH.username_map", "SSH.password",    "SSH.password_map", "WORKER.max_thread_count"
    };
    const char *text = "[NET]\nmachine_ips = [\"10.0.0.1\", \"10.0.0.2\"]\nservice_port = 6187\nlogger_port: 6186\n"
                       "[SSH]\nrsakey = /k\nrsakey_map = {\"a\": \"/b\"}\nusername = u\nusername_map = {\"a\": \"v\"}\n"
                       "password = p\npassword_map = {\"a\": \"q\"}\n[WORKER]\nmax_thread_count = 3\n";
    assert_int_equal(parse(text), CT_OK);
    for (size_t i = 0; i < CT_COUNT(keys); i++) assert_non_null(ct_config_get(config, keys[i]));
    assert_string_equal(ct_config_get(config, "NET.logger_port"), "6186");
    assert_int_equal(ct__config_number(config, "WORKER.max_thread_count"), 3);
}

static void rsakey_is_also_taken_under_net(void **state)
{
    (void)state;
    accept_value("[NET]\nrsakey = /k\n", "SSH.rsakey", "/k");
    assert_string_equal(ct_config_get(config, "NET.rsakey"), "/k");
    refuse("[NET]\nrsakey = /k\n[SSH]\nrsakey = /l\n",
           "combtest.cfg:4: [SSH] rsakey: set a second time; the first is in line 2");
}

static void an_unknown_key_or_section_is_refused_and_the_nearest_named(void **state)
{
    (void)state;
    refuse("\n\n[WORKER]\nmax_thread_cout = 3\n",
           "combtest.cfg:4: [WORKER] max_thread_cout: unknown key; did you mean max_thread_count?");
    refuse("[WORKR]\nmax_thread_count = 3\n", "combtest.cfg:1: [WORKR]: unknown section; did you mean [WORKER]?");
    refuse("[RUN]\n[XYZZY]\n",
           "combtest.cfg:2: [XYZZY]: unknown section; there are NET, SSH, WORKER, RUN and HOST name");
    refuse("[RUN]\nmax_thread_count = 3\n",
           "combtest.cfg:2: [RUN] max_thread_count: unknown key; did you mean WORKER.max_thread_count?");
    refuse("[RUN]\nxyzzy = 3\n", "combtest.cfg:2: [RUN] xyzzy: unknown key; `combtest config` lists the keys");
    refuse("services = 3\n", "combtest.cfg:1: a key before any section; write [RUN] or another above it");
}

static void a_line_that_inih_would_cut_is_refused(void **state)
{
    (void)state;
    char text[600] = "[SSH]\nusername = ", message[200];
    size_t start = strlen("[SSH]\n");
    memset(text + strlen(text), '1', 199 + start - strlen(text));
    text[start + 199] = '\0';
    accept_value(text, "SSH.username", text + start + strlen("username = "));
    strcat(text, "1");
    snprintf(message, sizeof(message),
             "combtest.cfg:2: the line has 200 bytes; at most 199 are taken: continue a list on the next line");
    refuse(text, message);
    memset(text, '#', 300);
    text[300] = '\0';
    assert_int_equal(parse(text), CT_ECONFIG);
}

static void a_second_value_of_a_key_is_refused(void **state)
{
    (void)state;
    refuse("[RUN]\nseed = 1\nseed = 2\n", "combtest.cfg:3: [RUN] seed: set a second time; the first is in line 2");
}

static void a_list_is_joined_before_it_is_parsed(void **state)
{
    (void)state;
    accept_value("[NET]\nmachine_ips = [\n  \"a\",\n\t\"b\"\n]\nservice_port = 1\n", "NET.machine_ips",
                 "[ \"a\", \"b\" ]");
    assert_string_equal(ct_config_get(config, "NET.service_port"), "1");
    accept_value("[NET]\nmachine_ips = a,\n  b\n", "NET.machine_ips", "a, b");
    accept_value("[SSH]\nusername_map = {\n  \"a\": \"x ; y\",\n  # between\n\n  \"b\": \"[z]\" }\n",
                 "SSH.username_map", "{ \"a\": \"x ; y\", \"b\": \"[z]\" }");
}

static void a_wrong_list_or_map_is_named_with_its_first_line(void **state)
{
    (void)state;
    assert_int_equal(parse("[NET]\nmachine_ips = [\n  \"a\"\nservice_port = 1\n"), CT_ECONFIG);
    assert_non_null(strstr(error.text, "combtest.cfg:2: [NET] machine_ips: this is no JSON"));
    assert_int_equal(parse("[SSH]\nrsakey_map = {\"a\": 1}\n"), CT_ECONFIG);
    assert_non_null(strstr(error.text, "combtest.cfg:2: [SSH] rsakey_map: not all of this are strings"));
    assert_int_equal(parse("[SSH]\nrsakey_map = [\"a\"]\n"), CT_ECONFIG);
    assert_int_equal(parse("[NET]\nmachine_ips = a,,b\n"), CT_ECONFIG);
}

static void what_a_secret_holds_is_not_in_messages(void **state)
{
    (void)state;
    assert_int_equal(parse("[SSH]\npassword_map = {\"a\": hunter2}\n"), CT_ECONFIG);
    assert_null(strstr(error.text, "hunter2"));
    assert_true(ct__config_is_secret("SSH.password"));
    assert_false(ct__config_is_secret("SSH.username"));
}

static void a_secret_is_taken_neither_as_an_argument_nor_from_the_environment(void **state)
{
    (void)state;
    static const enum ct__origin seen[] = { CT__ORIGIN_ENVIRONMENT, CT__ORIGIN_COMMAND_LINE };
    for (size_t i = 0; i < CT_COUNT(seen); i++) {
        assert_int_equal(ct__config_set_where(config, "SSH.password", "hunter2", seen[i], "here", &error), CT_ECONFIG);
        assert_non_null(strstr(error.text, "here: a secret is taken neither as an argument"));
        assert_non_null(strstr(error.text, "SSH.password_file"));
        assert_null(strstr(error.text, "hunter2"));
    }
    assert_null(ct_config_get(config, "SSH.password"));
    assert_int_equal(ct_config_set(config, "SSH.password", "hunter2", &error), CT_OK);
}

static void a_host_has_a_section_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(parse("[HOST 10.0.0.2]\nuser = tester\nfiles = [\"a\",\n  \"b\"]\n[HOST c:2222]\nport = 22\n"),
                     CT_OK);
    assert_string_equal(ct_config_get(config, "HOST 10.0.0.2.user"), "tester");
    assert_string_equal(ct_config_get(config, "HOST 10.0.0.2.files"), "[\"a\", \"b\"]");
    assert_int_equal(ct__config_number(config, "HOST c:2222.port"), 22);
    assert_string_equal(where_of("HOST c:2222.port"), "combtest.cfg:6");
    assert_null(ct_config_get(config, "HOST d.port"));
}

static void what_is_wrong_in_a_hosts_section_is_named(void **state)
{
    (void)state;
    refuse("[HOST a.b]\nusr = me\n", "combtest.cfg:2: [HOST a.b] usr: unknown key; did you mean user?");
    refuse("[HOST a.b]\nuser = me\nport = 1\nuser = you\n",
           "combtest.cfg:4: [HOST a.b] user: set a second time; the first is in line 2");
    refuse("[HOST a]\nport = 99999\n", "combtest.cfg:2: [HOST a] port: '99999' is no whole number from 1 to 65535");
    refuse("[HOST]\nport = 1\n", "combtest.cfg:1: [HOST]: the section does not say which host; write [HOST name]");
    static const char *const deadlines[] = { "connect", "start", "stop" };
    for (size_t i = 0; i < CT_COUNT(deadlines); i++) {
        char text[64], why[128];
        snprintf(text, sizeof text, "[SSH]\n%s_timeout = 0\n", deadlines[i]);
        snprintf(
            why, sizeof why,
            "combtest.cfg:2: [SSH] %s_timeout: '0' is no time; write seconds, 30 or 0.5, more than 0 and at most 86400",
            deadlines[i]);
        refuse(text, why);
    }
    static const char *const none[] = { "a b", "a*2", "me@a", "a,b" };
    for (size_t i = 0; i < CT_COUNT(none); i++) {
        char text[64], why[256];
        snprintf(text, sizeof text, "[HOST %s]\nport = 22\n", none[i]);
        snprintf(why, sizeof why,
                 "combtest.cfg:1: [HOST %s]: no host has that name; write [HOST name] or [HOST name:port], without "
                 "blanks, user@ and *8: the keys user and services of that section say these",
                 none[i]);
        refuse(text, why);
    }
    refuse(
        "[HOST a123456789b123456789c123456789d123456789e1234]\n",
        "combtest.cfg:1: the host's name is too long for a section: at most 44 bytes; give the host a short name, and "
        "its own under the key address");
}

static void an_indented_line_after_a_plain_value_is_refused(void **state)
{
    (void)state;
    refuse("[RUN]\nservices = 2\n  timeout = 3\n", "combtest.cfg:3: the indented line continues RUN.services, which "
                                                   "takes one line; begin a key in the first column");
}

static void quotes_are_taken_off_and_shield_semicolons(void **state)
{
    (void)state;
    accept_value("[SSH]\npassword = \"a ; b\"\n", "SSH.password", "a ; b");
    accept_value("[SSH]\npassword = \"say \\\"x ;y\\\" \\\\ \\n\"\n", "SSH.password", "say \"x ;y\" \\ \\n");
    accept_value("[SSH]\npassword = a;b\n", "SSH.password", "a;b");
    refuse("[SSH]\npassword = a ;b\n", "combtest.cfg:2: ' ;' would begin a comment here: put the value in double "
                                       "quotes, or the comment on a line of its own");
    refuse("[SSH]\npassword = \"a\" b\n", "combtest.cfg:2: [SSH] password: a value that begins with \" must end with "
                                          "the next one; write \\\" for one within");
    assert_int_equal(parse("[SSH]\npassword = \"a\n"), CT_ECONFIG);
}

static void a_line_that_is_nothing_is_refused_with_its_number(void **state)
{
    (void)state;
    refuse("[RUN]\n\nseed = 1\njunk\nseed = 2\n",
           "combtest.cfg:4: this is no [section], no key = value and no comment");
    refuse("[RUN\n", "combtest.cfg:1: a section's name ends with ']': [RUN]");
    refuse("[RUN] seed = 1\n", "combtest.cfg:1: only a comment may follow a section's name");
    refuse("[RUN]\nseed =\n", "combtest.cfg:2: [RUN] seed: there is no value");
    refuse("[RUN]\n= 1\n", "combtest.cfg:2: no section or key has such a name");
    refuse("[RUN]\nseed = \x01\n", "combtest.cfg:2: a control character in the line");
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    static const char text[] = "[RUN]\nseed = 1\0 2\n";
    assert_int_equal(ct__config_parse(config, "combtest.cfg", text, sizeof(text) - 1, &error), CT_ECONFIG);
    assert_string_equal(error.text, "combtest.cfg:2: a NUL byte in the line");
}

static void line_ends_marks_and_comments_of_other_systems_are_taken(void **state)
{
    (void)state;
    accept_value("\xEF\xBB\xBF[RUN] ; how\r\n; a ; comment\r\n# another\r\n  seed = 7\r\n", "RUN.seed", "7");
    accept_value("[RUN]\nseed = 8", "RUN.seed", "8");
}

static void program_beats_command_line_beats_environment_beats_file(void **state)
{
    (void)state;
    assert_string_equal(where_of("RUN.seed"), "default");
    accept_value("[RUN]\nseed = 2\n", "RUN.seed", "2");
    assert_string_equal(where_of("RUN.seed"), "combtest.cfg:2");
    assert_int_equal(ct__config_set_where(config, "RUN.seed", "4", CT__ORIGIN_COMMAND_LINE, "--seed", &error), CT_OK);
    assert_int_equal(ct__config_set_from(config, "RUN.seed", "3", CT__ORIGIN_ENVIRONMENT, &error), CT_OK);
    assert_string_equal(ct_config_get(config, "RUN.seed"), "4");
    assert_string_equal(where_of("RUN.seed"), "--seed");
    assert_int_equal(ct_config_set(config, "RUN.seed", "5", &error), CT_OK);
    assert_int_equal(ct__config_set_where(config, "RUN.seed", "4", CT__ORIGIN_COMMAND_LINE, "--seed", &error), CT_OK);
    assert_string_equal(ct_config_get(config, "RUN.seed"), "5");
    assert_string_equal(where_of("RUN.seed"), "program");
}

static void the_environment_is_laid_over_the_file(void **state)
{
    (void)state;
    struct ct_config *loaded = NULL;
    setenv("COMBTEST_WORKER_MAX_THREAD_COUNT", "4", 1);
    setenv("COMBTEST_NET_RSAKEY", "/k", 1);
    setenv("COMBTEST_RUN_TIMEOUT", "", 1);
    assert_int_equal(ct_config_load(NULL, &loaded, &error), CT_OK);
    assert_string_equal(ct_config_get(loaded, "WORKER.max_thread_count"), "4");
    assert_string_equal(ct_config_get(loaded, "SSH.rsakey"), "/k");
    assert_null(ct_config_get(loaded, "RUN.timeout"));
    ct_config_free(loaded);
    setenv("COMBTEST_WORKER_MAX_THREAD_COUNT", "four", 1);
    struct ct_config *untouched = config;
    assert_int_equal(ct_config_load(NULL, &untouched, &error), CT_ECONFIG);
    assert_ptr_equal(untouched, config);
    assert_non_null(strstr(error.text, "COMBTEST_WORKER_MAX_THREAD_COUNT: 'four' is no number of cores"));
    unsetenv("COMBTEST_WORKER_MAX_THREAD_COUNT");
    unsetenv("COMBTEST_NET_RSAKEY");
    unsetenv("COMBTEST_RUN_TIMEOUT");
}

static void a_file_that_is_missing_is_an_error_unless_it_was_only_looked_for(void **state)
{
    (void)state;
    struct ct_config *loaded = NULL;
    char directory[] = "/tmp/combtest-config-XXXXXX", *before = getcwd(NULL, 0);
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(ct_config_load("missing.cfg", &loaded, &error), CT_ENOTFOUND);
    assert_string_equal(error.text, "missing.cfg: no such file");
    assert_int_equal(ct_config_load("/", &loaded, &error), CT_ECONFIG);
    assert_int_equal(ct__config_find(NULL, &loaded, &error), CT_OK);
    ct_config_free(loaded);
    setenv("COMBTEST_CONFIG", "missing.cfg", 1);
    assert_int_equal(ct__config_find(NULL, &loaded, &error), CT_ENOTFOUND);
    FILE *file = fopen("missing.cfg", "w");
    assert_non_null(file);
    fputs("[RUN]\nseed = 9\n", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(ct__config_find(NULL, &loaded, &error), CT_OK);
    assert_string_equal(ct_config_get(loaded, "RUN.seed"), "9");
    ct_config_free(loaded);
    unsetenv("COMBTEST_CONFIG");
    assert_int_equal(unlink("missing.cfg"), 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(rmdir(directory), 0);
    free(before);
}

static void a_random_file_is_parsed_or_refused_and_nothing_else(void **state)
{
    (void)state;
    static const char *const parts[] = { "[RUN]",       "\n", " ",    "seed", "=", "\"", ";",
                                         "machine_ips", "[",  "]",    "{",    "}", ":",  "[NET]\n",
                                         "\t",          "\\", "\r\n", "1",    ",", "#",  "\nseed = " };
    unsigned random = 12345;
    size_t refused = 0;
    for (int round = 0; round < 20000; round++) {
        char text[400] = "[NET]\n";
        for (int i = 0; i < 30; i++) {
            random = random * 1103515245u + 12345u;
            strcat(text, parts[(random >> 16) % CT_COUNT(parts)]);
        }
        error.text[0] = '\0';
        if (parse(text) == CT_OK) continue;
        assert_int_equal(error.code, CT_ECONFIG);
        assert_int_equal(strncmp(error.text, "combtest.cfg:", strlen("combtest.cfg:")), 0);
        refused++;
    }
    assert_in_range(refused, 1, 19999);
}

static void names_are_near_by_small_slips_only(void **state)
{
    (void)state;
    size_t best = SIZE_MAX;
    assert_true(ct__is_nearer("servcies", "services", &best));
    assert_int_equal(best, 1);
    best = SIZE_MAX;
    assert_true(ct__is_nearer("Gather-States", "gather_states", &best));
    assert_int_equal(best, 0);
    best = SIZE_MAX;
    assert_true(ct__is_nearer("--serv", "--services", &best));
    assert_false(ct__is_nearer("--serv", "--seed", &best));
    best = SIZE_MAX;
    assert_false(ct__is_nearer("--se", "--services", &best));
    assert_false(ct__is_nearer("xyz", "only", &best));
    assert_int_equal(best, SIZE_MAX);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(defaults_hold_without_any_file),
        TEST(each_key_of_py_combtest_is_taken_under_its_name),
        TEST(rsakey_is_also_taken_under_net),
        TEST(an_unknown_key_or_section_is_refused_and_the_nearest_named),
        TEST(a_line_that_inih_would_cut_is_refused),
        TEST(a_second_value_of_a_key_is_refused),
        TEST(a_list_is_joined_before_it_is_parsed),
        TEST(a_wrong_list_or_map_is_named_with_its_first_line),
        TEST(what_a_secret_holds_is_not_in_messages),
        TEST(a_secret_is_taken_neither_as_an_argument_nor_from_the_environment),
        TEST(a_host_has_a_section_of_its_own),
        TEST(what_is_wrong_in_a_hosts_section_is_named),
        TEST(an_indented_line_after_a_plain_value_is_refused),
        TEST(quotes_are_taken_off_and_shield_semicolons),
        TEST(a_line_that_is_nothing_is_refused_with_its_number),
        TEST(a_nul_byte_is_refused),
        TEST(line_ends_marks_and_comments_of_other_systems_are_taken),
        TEST(program_beats_command_line_beats_environment_beats_file),
        TEST(the_environment_is_laid_over_the_file),
        TEST(a_file_that_is_missing_is_an_error_unless_it_was_only_looked_for),
        TEST(a_random_file_is_parsed_or_refused_and_nothing_else),
        TEST(names_are_near_by_small_slips_only),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
