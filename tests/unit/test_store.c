/* The store: what is put comes back, by ranges, whatever the order; no trace of it stays on disk. */
#include <session/session.h>

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define LARGEST   ((uint64_t)INT64_MAX)
#define MEGABYTE  ((size_t)1 << 20)
#define MODEL_IDS 200

struct fixture {
    char directory[64];
    struct ct__store *store;
    struct ct_error error;
};

static int set_up_directory(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) return -1;
    *state = f;
    snprintf(f->directory, sizeof f->directory, "/tmp/combtest-test-store-XXXXXX");
    return mkdtemp(f->directory) ? 0 : -1;
}

static int set_up(void **state)
{
    if (set_up_directory(state) != 0) return -1;
    struct fixture *f = *state;
    return ct__store_open(f->directory, &f->store, &f->error) == CT_OK ? 0 : -1;
}

/* That rmdir succeeds is part of every test: nothing may be left in the directory. */
static int tear_down(void **state)
{
    struct fixture *f = *state;
    ct__store_close(f->store);
    int left = rmdir(f->directory);
    free(f);
    return left;
}

static void put(struct fixture *f, uint64_t walk, int status, const char *state)
{
    struct ct__record record = { walk, status, 1, state, state ? strlen(state) : 0 };
    assert_int_equal(ct__store_put(f->store, &record, &f->error), CT_OK);
}

static uint64_t count_ended(struct fixture *f, uint64_t first, uint64_t end)
{
    uint64_t count = UINT64_MAX;
    assert_int_equal(ct__store_count_ended(f->store, first, end, &count, &f->error), CT_OK);
    return count;
}

static void assert_found(struct fixture *f, uint64_t first, uint64_t end, uint64_t walk)
{
    struct ct__record record;
    assert_int_equal(ct__store_find(f->store, first, end, &record, &f->error), CT_OK);
    assert_int_equal(record.walk, walk);
}

static void assert_none(struct fixture *f, uint64_t first, uint64_t end)
{
    struct ct__record record = { .walk = 77 };
    assert_int_equal(ct__store_find(f->store, first, end, &record, &f->error), CT_ENOTFOUND);
    assert_int_equal(record.walk, 77);
}

/* A text of size bytes that depends on seed; the caller frees it. */
static char *make_text(size_t size, unsigned seed)
{
    char *text = malloc(size + 1);
    assert_non_null(text);
    for (size_t i = 0; i < size; i++) text[i] = (char)('a' + (i * 31 + i / 4096 + seed) % 26);
    text[size] = '\0';
    return text;
}

/* ---- the model: ids 0..99 and the 100 up to the largest ---- */
struct model_row {
    bool there;
    int status;
    size_t stage;
    char *state;
};
struct model {
    struct model_row rows[MODEL_IDS];
    uint64_t seed;
};

static uint64_t random_below(struct model *m, uint64_t bound)
{
    m->seed ^= m->seed << 13;
    m->seed ^= m->seed >> 7;
    m->seed ^= m->seed << 17;
    return m->seed % bound;
}

static uint64_t model_id(size_t i)
{
    return i < MODEL_IDS / 2 ? i : LARGEST - (MODEL_IDS - 1 - i);
}

/* A bound of a range: at an id, between the two blocks, or over all ids. */
static uint64_t random_bound(struct model *m)
{
    switch (random_below(m, 20)) {
    case 0: return UINT64_MAX;
    case 1: return LARGEST + 1;
    case 2: return LARGEST / 2;
    default: return model_id(random_below(m, MODEL_IDS));
    }
}

static size_t model_find(const struct model *m, uint64_t first, uint64_t end, bool ended)
{
    for (size_t i = 0; i < MODEL_IDS; i++) {
        uint64_t id = model_id(i);
        if (id >= first && id < end && m->rows[i].there && (!ended || m->rows[i].status >= 0)) return i;
    }
    return MODEL_IDS;
}

static void model_put(struct fixture *f, struct model *m)
{
    size_t i = random_below(m, MODEL_IDS);
    struct model_row *row = &m->rows[i];
    free(row->state);
    row->there = true;
    row->status = (int)random_below(m, 4) - 1;
    row->stage = random_below(m, 5);
    row->state = random_below(m, 3) ? make_text(random_below(m, random_below(m, 10) ? 40 : 20000), (unsigned)i) : NULL;
    struct ct__record record = { model_id(i), row->status, row->stage, row->state,
                                 row->state ? strlen(row->state) : 0 };
    assert_int_equal(ct__store_put(f->store, &record, &f->error), CT_OK);
}

static void assert_matches(const struct model *m, size_t i, const struct ct__record *record)
{
    const struct model_row *row = &m->rows[i];
    assert_int_equal(record->walk, model_id(i));
    assert_int_equal(record->status, row->status);
    assert_int_equal(record->stage, row->stage);
    assert_int_equal(record->state != NULL, row->state != NULL);
    assert_int_equal(record->state_size, row->state ? strlen(row->state) : 0);
    if (row->state) assert_memory_equal(record->state, row->state, record->state_size);
}

/* Reads on from a bound for a few records, as the coordinator does. */
static void model_read(struct fixture *f, struct model *m, bool ended)
{
    uint64_t first = random_bound(m);
    uint64_t end = random_bound(m);
    for (size_t steps = random_below(m, 8) + 1; steps > 0; steps--) {
        struct ct__record record;
        size_t i = model_find(m, first, end, ended);
        enum ct_err err = ended ? ct__store_find_ended(f->store, first, end, &record, &f->error)
                                : ct__store_find(f->store, first, end, &record, &f->error);
        assert_int_equal(err, i < MODEL_IDS ? CT_OK : CT_ENOTFOUND);
        if (err) break;
        assert_matches(m, i, &record);
        first = record.walk + random_below(m, 3);
        if (random_below(m, 6) == 0) model_put(f, m);
    }
}

static void model_count(struct fixture *f, struct model *m)
{
    uint64_t first = random_bound(m);
    uint64_t end = random_bound(m);
    uint64_t count = 0;
    for (size_t i = 0; i < MODEL_IDS; i++)
        count += model_find(m, model_id(i), model_id(i) + 1, true) == i && model_id(i) >= first && model_id(i) < end;
    assert_int_equal(count_ended(f, first, end), count);
}

static void model_drop(struct fixture *f, struct model *m)
{
    uint64_t first = random_bound(m);
    uint64_t end = random_below(m, 4) ? first + random_below(m, 12) : random_bound(m);
    assert_int_equal(ct__store_drop(f->store, first, end, &f->error), CT_OK);
    for (size_t i = 0; i < MODEL_IDS; i++) {
        if (model_id(i) < first || model_id(i) >= end) continue;
        free(m->rows[i].state);
        m->rows[i] = (struct model_row){ 0 };
    }
}

static void random_operations_agree_with_a_model_in_memory(void **state)
{
    struct fixture *f = *state;
    struct model m = { .seed = 20240229 };
    for (int i = 0; i < 40000; i++) {
        uint64_t what = random_below(&m, 100);
        if (what < 45)
            model_put(f, &m);
        else if (what < 65)
            model_read(f, &m, false);
        else if (what < 85)
            model_read(f, &m, true);
        else if (what < 95)
            model_count(f, &m);
        else
            model_drop(f, &m);
    }
    for (size_t i = 0; i < MODEL_IDS; i++) free(m.rows[i].state);
}

/* ---- records ---- */
static void a_put_replaces_the_whole_record(void **state)
{
    struct fixture *f = *state;
    put(f, 5, CT_FAIL, "{\"a\":1}");
    put(f, 5, -1, NULL);
    struct ct__record record;
    assert_int_equal(ct__store_find(f->store, 0, 10, &record, &f->error), CT_OK);
    assert_int_equal(record.status, -1);
    assert_null(record.state);
    assert_int_equal(count_ended(f, 0, 10), 0);
}

static void an_empty_state_is_not_no_state(void **state)
{
    struct fixture *f = *state;
    put(f, 5, -1, "");
    struct ct__record record;
    assert_int_equal(ct__store_find(f->store, 5, 6, &record, &f->error), CT_OK);
    assert_non_null(record.state);
    assert_int_equal(record.state_size, 0);
}

static void the_largest_id_is_kept_and_a_larger_one_refused(void **state)
{
    struct fixture *f = *state;
    put(f, LARGEST, CT_FAIL, NULL);
    put(f, LARGEST - 1, -1, NULL);
    struct ct__record over = { .walk = LARGEST + 1, .status = CT_FAIL };
    assert_int_equal(ct__store_put(f->store, &over, &f->error), CT_EINVAL);
    assert_found(f, 0, UINT64_MAX, LARGEST - 1);
    assert_found(f, LARGEST, UINT64_MAX, LARGEST);
    assert_none(f, LARGEST, LARGEST);
    assert_none(f, LARGEST + 1, UINT64_MAX);
    assert_none(f, 0, LARGEST - 1);
    assert_int_equal(count_ended(f, 0, LARGEST), 0);
    assert_int_equal(count_ended(f, 0, LARGEST + 1), 1);
    assert_int_equal(ct__store_drop(f->store, LARGEST, UINT64_MAX, &f->error), CT_OK);
    assert_none(f, LARGEST, UINT64_MAX);
    assert_found(f, 0, UINT64_MAX, LARGEST - 1);
}

static void empty_and_backward_ranges_hold_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, 3, CT_FAIL, NULL);
    assert_none(f, 3, 3);
    assert_none(f, 4, 2);
    assert_int_equal(count_ended(f, 4, 2), 0);
    assert_int_equal(count_ended(f, 0, 0), 0);
    assert_int_equal(ct__store_drop(f->store, 4, 2, &f->error), CT_OK);
    assert_int_equal(ct__store_drop(f->store, 3, 3, &f->error), CT_OK);
    assert_found(f, 0, 4, 3);
}

static void a_found_state_can_be_put_again_as_it_is(void **state)
{
    struct fixture *f = *state;
    for (uint64_t walk = 0; walk < 100; walk++) {
        char *text = make_text((size_t)walk * 100, (unsigned)walk);
        put(f, walk, -1, text);
        free(text);
    }
    struct ct__record record;
    for (uint64_t walk = 0; walk < 100; walk++) {
        assert_int_equal(ct__store_find(f->store, walk, 100, &record, &f->error), CT_OK);
        record.status = CT_PASS;
        assert_int_equal(ct__store_put(f->store, &record, &f->error), CT_OK);
    }
    for (uint64_t walk = 0; walk < 100; walk++) {
        char *text = make_text((size_t)walk * 100, (unsigned)walk);
        assert_int_equal(ct__store_find_ended(f->store, walk, 100, &record, &f->error), CT_OK);
        assert_int_equal(record.state_size, strlen(text));
        assert_memory_equal(record.state, text, record.state_size);
        free(text);
    }
}

static void reading_on_sees_what_was_written_meanwhile(void **state)
{
    struct fixture *f = *state;
    put(f, 1, -1, "{}");
    put(f, 9, -1, "{}");
    assert_found(f, 0, 20, 1);
    put(f, 5, -1, "{}");
    assert_found(f, 2, 20, 5);
    assert_int_equal(ct__store_drop(f->store, 9, 10, &f->error), CT_OK);
    assert_none(f, 6, 20);
    put(f, 12, -1, "{}");
    assert_found(f, 6, 20, 12);
}

static void a_state_of_ten_megabytes_comes_back_and_can_be_replaced(void **state)
{
    struct fixture *f = *state;
    char *first = make_text(10 * MEGABYTE, 1);
    char *second = make_text(10 * MEGABYTE + 1, 2);
    put(f, 1, -1, first);
    put(f, 2, -1, second);
    put(f, 1, CT_PASS, second);
    put(f, 2, CT_PASS, first);
    struct ct__record record;
    assert_int_equal(ct__store_find(f->store, 1, 2, &record, &f->error), CT_OK);
    assert_int_equal(record.state_size, 10 * MEGABYTE + 1);
    assert_memory_equal(record.state, second, record.state_size);
    assert_int_equal(ct__store_find(f->store, 2, 3, &record, &f->error), CT_OK);
    assert_int_equal(record.state_size, 10 * MEGABYTE);
    assert_memory_equal(record.state, first, record.state_size);
    free(first);
    free(second);
}

/* ---- the file ---- */
static size_t entries(const char *directory)
{
    size_t count = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return count;
}

/* The size of the file under directory that this process has open; 0 if there is none. */
static off_t open_file_size(const char *directory)
{
    for (int fd = 0; fd < 1024; fd++) {
        char link[64];
        char target[256];
        struct stat status;
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t size = readlink(link, target, sizeof target - 1);
        if (size < 0) continue;
        target[size] = '\0';
        if (strncmp(target, directory, strlen(directory)) == 0 && fstat(fd, &status) == 0) return status.st_size;
    }
    return 0;
}

/* Puts megabytes of states: CT_OK, or why it stopped. */
static enum ct_err fill(struct ct__store *store, size_t megabytes, struct ct_error *error)
{
    char *text = make_text(MEGABYTE, 3);
    enum ct_err err = CT_OK;
    for (uint64_t walk = 0; walk < megabytes && !err; walk++) {
        struct ct__record record = { walk, -1, 0, text, MEGABYTE };
        err = ct__store_put(store, &record, error);
    }
    free(text);
    return err;
}

static void what_exceeds_the_cache_goes_to_a_file_without_a_name(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(entries(f->directory), 0);
    assert_int_equal(fill(f->store, 32, &f->error), CT_OK);
    assert_true(open_file_size(f->directory) > (off_t)(20 * MEGABYTE));
    assert_int_equal(entries(f->directory), 0);
    ct__store_close(f->store);
    f->store = NULL;
    assert_int_equal(open_file_size(f->directory), 0);
    assert_int_equal(entries(f->directory), 0);
}

static void nothing_is_left_after_sigkill(void **state)
{
    struct fixture *f = *state;
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct ct__store *store;
        if (ct__store_open(f->directory, &store, NULL) == CT_OK && fill(store, 16, NULL) == CT_OK &&
            write(ready[1], "y", 1) == 1)
            pause();
        _exit(1);
    }
    close(ready[1]);
    char byte = 'n';
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(entries(f->directory), 0);
}

static void two_stores_in_one_directory_are_apart(void **state)
{
    struct fixture *f = *state;
    struct ct__store *other;
    assert_int_equal(ct__store_open(f->directory, &other, &f->error), CT_OK);
    put(f, 1, -1, NULL);
    struct ct__record record;
    assert_int_equal(ct__store_find(other, 0, 10, &record, &f->error), CT_ENOTFOUND);
    ct__store_close(other);
    assert_found(f, 0, 10, 1);
}

static void no_store_closes_as_nothing(void **state)
{
    (void)state;
    ct__store_close(NULL);
}

/* ---- failures ---- */
static void assert_open_fails(struct fixture *f, const char *directory)
{
    struct ct__store *untouched = f->store;
    assert_int_equal(ct__store_open(directory, &untouched, &f->error), CT_EIO);
    assert_ptr_equal(untouched, f->store);
    assert_non_null(strstr(f->error.text, "store of walks"));
    assert_non_null(strstr(f->error.text, directory));
    assert_int_equal(ct__store_open(directory, &untouched, NULL), CT_EIO);
}

static void a_directory_that_does_not_exist_is_named(void **state)
{
    struct fixture *f = *state;
    char missing[128];
    snprintf(missing, sizeof missing, "%s/missing", f->directory);
    assert_open_fails(f, missing);
    assert_non_null(strstr(f->error.text, "No such file or directory"));
}

static void a_directory_that_is_none_is_named(void **state)
{
    assert_open_fails(*state, "/dev/null");
}

/* After a failed write each call gives that failure again, and outputs stay untouched. */
static bool stays_failed(struct ct__store *store, enum ct_err code, const char *text)
{
    struct ct_error error[5] = { { .code = CT_OK } };
    struct ct__record record = { .walk = 77 };
    uint64_t count = 77;
    bool same = ct__store_find(store, 0, 10, &record, &error[0]) == code &&
                ct__store_find_ended(store, 0, 10, &record, &error[1]) == code &&
                ct__store_count_ended(store, 0, 10, &count, &error[2]) == code &&
                ct__store_drop(store, 0, 10, &error[3]) == code && ct__store_put(store, &record, &error[4]) == code;
    for (size_t i = 0; i < 5; i++) same = same && strcmp(error[i].text, text) == 0;
    return same && record.walk == 77 && count == 77;
}

/* Exit code of a child that fills a store until it fails: 0 if the failure names the store, holds words, and sticks. */
static int fill_until_failure(const char *directory, const char *words)
{
    struct ct__store *store = NULL;
    struct ct_error error = { .code = CT_OK };
    if (ct__store_open(directory, &store, &error) != CT_OK) return 10;
    if (fill(store, 64, &error) != CT_EIO || error.code != CT_EIO) return 11;
    if (!strstr(error.text, "store of walks") || !strstr(error.text, directory) || !strstr(error.text, words))
        return 12;
    if (!stays_failed(store, CT_EIO, error.text)) return 13;
    ct__store_close(store);
    return entries(directory) == 0 ? 0 : 14;
}

static int exit_code_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define NO_MOUNTS 77

/* A tmpfs over directory that only this process sees: false where the system allows no mounts. */
static bool mount_small_disk(const char *directory)
{
    if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("none", directory, "tmpfs", 0, "size=4m") == 0;
}

static void a_full_disk_is_said_and_sticks(void **state)
{
    struct fixture *f = *state;
    pid_t child = fork();
    if (child == 0)
        _exit(mount_small_disk(f->directory) ? fill_until_failure(f->directory, "disk is full") : NO_MOUNTS);
    int code = exit_code_of(child);
    if (code == NO_MOUNTS) skip();
    assert_int_equal(code, 0);
}

static void a_write_that_the_system_refuses_is_said_and_sticks(void **state)
{
    struct fixture *f = *state;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = { 4 * MEGABYTE, 4 * MEGABYTE };
        signal(SIGXFSZ, SIG_IGN);
        _exit(setrlimit(RLIMIT_FSIZE, &limit) == 0 ? fill_until_failure(f->directory, "File too large") : 20);
    }
    assert_int_equal(exit_code_of(child), 0);
}

/* Exit code of a child: opening with every limit of SQLite's memory either works or gives CT_NOMEM. */
static int open_with_little_memory(const char *directory)
{
    size_t failures = 0;
    for (sqlite3_int64 limit = 256; limit < 4000000; limit += limit / 16 + 64) {
        struct ct__store *store = NULL;
        sqlite3_hard_heap_limit64(limit);
        enum ct_err err = ct__store_open(directory, &store, NULL);
        if ((err != CT_OK && err != CT_NOMEM) || (err != CT_OK) != (store == NULL)) return 10;
        failures += err == CT_NOMEM;
        ct__store_close(store);
        if (entries(directory) != 0 || open_file_size(directory) != 0) return 11;
        if (err == CT_OK) return failures > 0 ? 0 : 12;
    }
    return 13;
}

static void opening_without_memory_is_nomem(void **state)
{
    struct fixture *f = *state;
    pid_t child = fork();
    if (child == 0) _exit(open_with_little_memory(f->directory));
    assert_int_equal(exit_code_of(child), 0);
}

static void putting_without_memory_is_nomem_and_sticks(void **state)
{
    struct fixture *f = *state;
    char *text = make_text(10 * MEGABYTE, 1);
    struct ct__record record = { 1, -1, 0, text, 10 * MEGABYTE };
    sqlite3_hard_heap_limit64(sqlite3_memory_used() + (sqlite3_int64)MEGABYTE);
    enum ct_err err = ct__store_put(f->store, &record, &f->error);
    sqlite3_hard_heap_limit64(0);
    free(text);
    assert_int_equal(err, CT_NOMEM);
    assert_true(stays_failed(f->store, CT_NOMEM, f->error.text));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* For tests that fork: a store is never open across one. */
#define TEST_FORKING(name) cmocka_unit_test_setup_teardown(name, set_up_directory, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(random_operations_agree_with_a_model_in_memory),
        TEST(a_put_replaces_the_whole_record),
        TEST(an_empty_state_is_not_no_state),
        TEST(the_largest_id_is_kept_and_a_larger_one_refused),
        TEST(empty_and_backward_ranges_hold_nothing),
        TEST(a_found_state_can_be_put_again_as_it_is),
        TEST(reading_on_sees_what_was_written_meanwhile),
        TEST(a_state_of_ten_megabytes_comes_back_and_can_be_replaced),
        TEST(what_exceeds_the_cache_goes_to_a_file_without_a_name),
        TEST_FORKING(nothing_is_left_after_sigkill),
        TEST(two_stores_in_one_directory_are_apart),
        cmocka_unit_test(no_store_closes_as_nothing),
        TEST(a_directory_that_does_not_exist_is_named),
        TEST(a_directory_that_is_none_is_named),
        TEST_FORKING(a_full_disk_is_said_and_sticks),
        TEST_FORKING(a_write_that_the_system_refuses_is_said_and_sticks),
        TEST_FORKING(opening_without_memory_is_nomem),
        TEST(putting_without_memory_is_nomem_and_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
