/* What is wrong is refused before anything runs: one clear error, no results, no process, nothing left on disk. */
#define _GNU_SOURCE 1
#include "runs.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static enum ct_status count_run(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    atomic_fetch_add(&shared[0], 1);
    return CT_PASS;
}

static enum ct_status count_hook(struct ct_walk *walk)
{
    (void)walk;
    atomic_fetch_add(&shared[0], 1);
    return CT_PASS;
}

static int fail_at_two(void *user, size_t index, struct ct_option *option, struct ct_error *error)
{
    (void)user;
    *option = (struct ct_option)CT_INT((int64_t)index);
    if (index < 2) return 1;
    snprintf(error->text, sizeof error->text, "the shelf is empty");
    return -1;
}

static void *make_nothing(const json_t *json)
{
    (void)json;
    return NULL;
}

static const struct ct_option two[] = { CT_INT(0), CT_INT(1) };
static const struct ct_option no_text[] = { CT_INT(0), CT_STRING(NULL) };
static const struct ct_option no_json[] = { CT_JSON("{]") };
static const struct ct_state_type uncoded = { .create = make_nothing };

static const struct ct_action good[] = { CT_ACTION("a", count_run, two), CT_SERIAL_ACTION("s", count_run, two),
                                         CT_ACTION("b", count_run, two) };
static const struct ct_action unnamed[] = { CT_ACTION(NULL, count_run, two) };
static const struct ct_action twice[] = { CT_ACTION("same", count_run, two), CT_SERIAL_ACTION("same", count_run, two) };
static const struct ct_action no_run[] = { CT_ACTION("idle", NULL, two) };
static const struct ct_action no_options[] = { { .name = "bare", .run = count_run } };
static const struct ct_action null_options[] = { { .name = "bare", .run = count_run, .option_count = 3 } };
static const struct ct_action bad_text[] = { CT_ACTION("texts", count_run, no_text) };
static const struct ct_action bad_json[] = { CT_ACTION("jsons", count_run, no_json) };
static const struct ct_action bad_source[] = { { .name = "shelf", .run = count_run, .source = fail_at_two } };
static struct ct_action huge[63];
static char huge_names[63][8];

#define HOOKS .run_start = count_hook, .service_start = count_hook, .thread_start = count_hook, .walk_start = count_hook
#define SUITE(n, a, ...)                                                                                               \
    {                                                                                                                  \
        .name = (n), .actions = (a), .action_count = CT_COUNT(a), HOOKS, ##__VA_ARGS__                                 \
    }
#define QUIET .verbose = -1

struct wrong {
    struct ct_suite suite;
    struct ct_run_options options;
    enum ct_err code;
    const char *says; /* a part of the error's text */
};
static const struct wrong suites[] = {
    { SUITE(NULL, good), { QUIET }, CT_EINVAL, "name" },
    { SUITE("", good), { QUIET }, CT_EINVAL, "name" },
    { SUITE("a/b", good), { QUIET }, CT_EINVAL, "a/b" },
    { { .name = "none", HOOKS }, { QUIET }, CT_EINVAL, "action" },
    { { .name = "none", .actions = good, HOOKS }, { QUIET }, CT_EINVAL, "action" },
    { { .name = "none", .action_count = 2, HOOKS }, { QUIET }, CT_EINVAL, "action" },
    { SUITE("wrong", unnamed), { QUIET }, CT_EINVAL, "name" },
    { SUITE("wrong", twice), { QUIET }, CT_EINVAL, "'same'" },
    { SUITE("wrong", no_run), { QUIET }, CT_EINVAL, "'idle'" },
    { SUITE("wrong", no_options), { QUIET }, CT_EINVAL, "'bare'" },
    { SUITE("wrong", null_options), { QUIET }, CT_EINVAL, "'bare'" },
    { SUITE("wrong", bad_text), { QUIET }, CT_EINVAL, "'texts'" },
    { SUITE("wrong", bad_json), { QUIET }, CT_EINVAL, "'jsons'" },
    { SUITE("wrong", bad_source), { QUIET }, CT_EINVAL, "the shelf is empty" },
    { SUITE("wrong", huge), { QUIET }, CT_ETOOBIG, "9223372036854775808" },
    { SUITE("wrong", huge), { QUIET }, CT_ETOOBIG, "--strength" },
    { SUITE("wrong", huge), { QUIET, .only = "3" }, CT_ETOOBIG, "9223372036854775808" },
    { SUITE("wrong", good, .state = "{\"a\": }"), { QUIET }, CT_EINVAL, "line 1, column" },
    { SUITE("wrong", good, .state = ""), { QUIET }, CT_EINVAL, "state" },
    { SUITE("wrong", good, .state = "\"\xff\""), { QUIET }, CT_EINVAL, "state" },
    { SUITE("wrong", good, .state_type = &uncoded), { QUIET }, CT_EINVAL, "to_json" },
    { SUITE("wrong", good, .constraints = "IF [a] = 1 THEN [no] = 1;"), { QUIET }, CT_EINVAL, "constraints" },
    { SUITE("wrong", good, .timeout_ms = -1), { QUIET }, CT_EINVAL, "timeout" },
};
static const struct wrong options[] = {
    { SUITE("good", good), { QUIET, .services = -1 }, CT_EINVAL, "services" },
    { SUITE("good", good), { QUIET, .services = 100000 }, CT_EINVAL, "services" },
    { SUITE("good", good), { QUIET, .threads = -2 }, CT_EINVAL, "threads" },
    { SUITE("good", good), { QUIET, .timeout_ms = -5 }, CT_EINVAL, "timeout" },
    { SUITE("good", good), { QUIET, .isolation = (enum ct_isolation)7 }, CT_EINVAL, "isolation" },
    { SUITE("good", good), { QUIET, .limit_memory = 1 << 20 }, CT_EINVAL, "isolation" },
    { SUITE("good", good), { QUIET, .retries = -1 }, CT_EINVAL, "retries" },
    { SUITE("good", good), { QUIET, .strength = -1 }, CT_EINVAL, "strength" },
    { SUITE("good", good), { QUIET, .strength = 13 }, CT_EINVAL, "strength" },
    { SUITE("good", good), { QUIET, .strength = 2, .seed_rows = "missing.rows" }, CT_ENOTFOUND, "missing.rows" },
    { SUITE("good", good), { QUIET, .strength = 2, .only = "8" }, CT_EINVAL, "there is no walk 8" },
    { SUITE("good", good), { QUIET, .shard = 3, .shard_count = 2 }, CT_EINVAL, "shard" },
    { SUITE("good", good), { QUIET, .shard = 1 }, CT_EINVAL, "shard" },
    { SUITE("good", good), { QUIET, .shard_count = 2 }, CT_EINVAL, "shard" },
    { SUITE("good", good), { QUIET, .only = "8" }, CT_EINVAL, "7" },
    { SUITE("good", good), { QUIET, .only = "18446744073709551616" }, CT_EINVAL, "18446744073709551616" },
    { SUITE("good", good), { QUIET, .config_path = "missing.cfg" }, CT_ECONFIG, "missing.cfg" },
    { SUITE("good", good), { QUIET, .gather_path = "." }, CT_EINVAL, "." },
    { SUITE("good", good), { QUIET, .gather_path = "missing/states" }, CT_EINVAL, "missing/states" },
};

/* ---- nothing was started ---- */

static char directory[] = "/tmp/combtest-refused-XXXXXX";

static void make_huge(void)
{
    for (size_t i = 0; i < CT_COUNT(huge); i++) {
        snprintf(huge_names[i], sizeof huge_names[i], "a%zu", i);
        huge[i] = (struct ct_action)CT_ACTION(huge_names[i], count_run, two);
    }
}

static int set_up(void **state)
{
    (void)state;
    shared_reset();
    make_huge();
    return mkdtemp(directory) && chdir(directory) == 0 && setenv("TMPDIR", directory, 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(directory) == 0 ? 0 : -1;
}

static void assert_nothing_started(const char *what)
{
    DIR *listing = opendir(directory);
    assert_non_null(listing);
    for (const struct dirent *entry; (entry = readdir(listing));)
        if (entry->d_name[0] != '.') fail_msg("%s: %s was left", what, entry->d_name);
    closedir(listing);
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD) fail_msg("%s: a process was started", what);
    if (atomic_load(&shared[0]) != 0) fail_msg("%s: user code ran", what);
}

static void expect_refusal(const struct ct_suite *suite, const struct ct_run_options *run, enum ct_err code,
                           const char *says)
{
    struct ct_results *results = NULL;
    struct ct_error error = { 0 };
    enum ct_err got = ct_run_tests(suite, run, &results, &error);
    if (got != code) fail_msg("%s: %s, not %s: %s", says, ct_err_text(got), ct_err_text(code), error.text);
    assert_int_equal(error.code, code);
    assert_null(results);
    if (!strstr(error.text, says)) fail_msg("'%s' does not say '%s'", error.text, says);
    if (strchr(error.text, '\n')) fail_msg("'%s' is more than a line", error.text);
    assert_nothing_started(says);
    assert_int_equal(ct_run_tests(suite, run, &results, NULL), code);
}

static void a_wrong_suite_is_refused_and_nothing_starts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CT_COUNT(suites); i++)
        expect_refusal(&suites[i].suite, &suites[i].options, suites[i].code, suites[i].says);
    expect_refusal(NULL, NULL, CT_EINVAL, "suite");
}

static void wrong_options_are_refused_and_nothing_starts(void **state)
{
    (void)state;
    for (size_t i = 0; i < CT_COUNT(options); i++)
        expect_refusal(&options[i].suite, &options[i].options, options[i].code, options[i].says);
}

static void a_wrong_line_of_the_configuration_is_refused_and_nothing_starts(void **state)
{
    static const struct ct_suite suite = SUITE("good", good);
    const struct {
        const char *line, *says;
    } lines[] = { { "servces = 3", "services" },
                  { "services = -1", "services" },
                  { "only = \"\xff\"", "only" },
                  { "what", "wrong.cfg:2" } };
    (void)state;
    for (size_t i = 0; i <= CT_COUNT(lines); i++) {
        char path[64];
        snprintf(path, sizeof path, "/tmp/combtest-%ld-wrong.cfg", (long)getpid());
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        if (i < CT_COUNT(lines))
            fprintf(file, "[RUN]\n%s\n", lines[i].line);
        else
            fprintf(file, "[RUN]\nonly = %0300d\n", 1); /* over-long */
        assert_int_equal(fclose(file), 0);
        const struct ct_run_options run = { .config_path = path, QUIET };
        expect_refusal(&suite, &run, CT_ECONFIG, i < CT_COUNT(lines) ? lines[i].says : "307 bytes");
        assert_int_equal(remove(path), 0);
    }
}

/* The text is no UTF-8, which jansson keeps but cannot write. */
static json_t *unwritable(void)
{
    return json_pack("{s:o}", "text", json_stringn_nocheck("\xff", 1));
}

static void an_initial_state_that_will_not_become_json_is_refused_and_nothing_starts(void **state)
{
    static const struct ct_suite suite = SUITE("good", good);
    (void)state;
    json_t *text = unwritable(), *ring = json_array();
    json_t *inner = json_pack("[O]", ring);
    json_array_append(ring, inner);
    expect_refusal(&suite, &(struct ct_run_options){ .state = text, QUIET }, CT_EINVAL, "state");
    expect_refusal(&suite, &(struct ct_run_options){ .state = ring, QUIET }, CT_EINVAL, "state");
    json_array_clear(ring);
    json_decref(inner);
    json_decref(ring);
    json_decref(text);
}

static void a_suite_that_was_refused_can_run_once_it_is_right(void **state)
{
    static const struct ct_suite suite = SUITE("good", good);
    (void)state;
    expect_refusal(&suite, &(struct ct_run_options){ .only = "8", QUIET }, CT_EINVAL, "7");
    struct ct_results *results = run_well(&suite, NULL);
    assert_int_equal(results->counts[CT_PASS], 8);
    ct_results_free(results);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_suite_is_refused_and_nothing_starts),
        cmocka_unit_test(wrong_options_are_refused_and_nothing_starts),
        cmocka_unit_test(a_wrong_line_of_the_configuration_is_refused_and_nothing_starts),
        cmocka_unit_test(an_initial_state_that_will_not_become_json_is_refused_and_nothing_starts),
        cmocka_unit_test(a_suite_that_was_refused_can_run_once_it_is_right),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
