#include <session/session.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <loaded/sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum statement { PUT, FIND, FIND_ENDED, COUNT_ENDED, DROP, STATEMENT_COUNT };

/* COUNT_ENDED and FIND_ENDED name their index, so that preparing them fails rather than that they read all rows. */
static const char *const statement_text[STATEMENT_COUNT] = {
    [PUT] = "REPLACE INTO record (walk, status, stage, state) VALUES (?1, ?2, ?3, ?4)",
    [FIND] = "SELECT walk, status, stage, state FROM record WHERE walk >= ?1 ORDER BY walk",
    [FIND_ENDED] = "SELECT walk, status, stage, state FROM record INDEXED BY ended"
                   " WHERE status >= 0 AND walk >= ?1 ORDER BY walk",
    [COUNT_ENDED] = "SELECT count(*) FROM record INDEXED BY ended WHERE status >= 0 AND walk BETWEEN ?1 AND ?2",
    [DROP] = "DELETE FROM record WHERE walk BETWEEN ?1 AND ?2",
};

/* The database dies with the process, so that nothing is ever committed, synchronised or rolled back. Its pages go to
 * the file only when the cache is full. */
static const char setup_text[] = "PRAGMA journal_mode = OFF;"
                                 "PRAGMA synchronous = OFF;"
                                 "PRAGMA locking_mode = EXCLUSIVE;"
                                 "PRAGMA secure_delete = OFF;"
                                 "PRAGMA cache_size = -8192;"
                                 "CREATE TABLE record (walk INTEGER PRIMARY KEY, status INTEGER NOT NULL,"
                                 " stage INTEGER NOT NULL, state TEXT);"
                                 "CREATE INDEX ended ON record (walk) WHERE status >= 0;"
                                 "BEGIN;";

/* A reading statement left on the row it gave last, for the next call to go on from. While active, row is the first
 * record at or after from, and there is none when at_end. */
struct scan {
    bool active;
    bool at_end;
    uint64_t from;
    struct ct__record row;
};

struct ct__store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    struct scan scans[STATEMENT_COUNT]; /* of FIND and FIND_ENDED */
    char *directory;                    /* for messages */
    struct ct_error failure;            /* code is CT_OK until a statement fails */
};

/* What the last SQLite call of store failed with, as an error of ours. */
static enum ct_err sqlite_error(const struct ct__store *store, struct ct_error *error)
{
    int result = store->db ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
    if ((result & 0xff) == SQLITE_NOMEM || result == SQLITE_IOERR_NOMEM) return ct__nomem(error);
    if ((result & 0xff) == SQLITE_FULL)
        return ct__error(error, CT_EIO, "store of walks in %s: the disk is full; free space there", store->directory);
    bool from_system = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;
    int system = from_system ? sqlite3_system_errno(store->db) : 0;
    return ct__error(error, CT_EIO, "store of walks in %s: %s%s%s", store->directory, sqlite3_errmsg(store->db),
                     system ? ": " : "", system ? strerror(system) : "");
}

/* Without a journal a statement that fails may leave half of itself behind: the store is unusable from then on. */
static enum ct_err fail(struct ct__store *store, struct ct_error *error)
{
    store->failure.code = sqlite_error(store, &store->failure);
    return ct__error(error, store->failure.code, "%s", store->failure.text);
}

static enum ct_err check_usable(const struct ct__store *store, struct ct_error *error)
{
    if (store->failure.code == CT_OK) return CT_OK;
    return ct__error(error, store->failure.code, "%s", store->failure.text);
}

/* Makes an empty file in the store's directory and fills path, of PATH_MAX bytes, with its name. */
static enum ct_err create_file(const struct ct__store *store, char *path, struct ct_error *error)
{
    int size = snprintf(path, PATH_MAX, "%s/.combtest-store-XXXXXX", store->directory);
    errno = ENAMETOOLONG;
    int fd = size > 0 && size < PATH_MAX ? mkostemp(path, O_CLOEXEC) : -1;
    if (fd < 0)
        return ct__error(error, CT_EIO, "store of walks: cannot make a file in %s: %s", store->directory,
                         strerror(errno));
    close(fd);
    return CT_OK;
}

/* The file has a name only until SQLite has it open. No locks: nobody else can open it, and some file systems have
 * none. */
static enum ct_err open_database(struct ct__store *store, struct ct_error *error)
{
    char path[PATH_MAX];
    enum ct_err err = ct__sqlite3_load(error);
    if (!err) err = create_file(store, path, error);
    if (err) return err;
    int result = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, "unix-none");
    if (unlink(path) != 0 && result == SQLITE_OK)
        return ct__error(error, CT_EIO, "store of walks: cannot unlink %s: %s", path, strerror(errno));
    return result == SQLITE_OK ? CT_OK : sqlite_error(store, error);
}

static enum ct_err prepare(struct ct__store *store, struct ct_error *error)
{
    if (sqlite3_exec(store->db, setup_text, NULL, NULL, NULL) != SQLITE_OK) return sqlite_error(store, error);
    for (size_t i = 0; i < STATEMENT_COUNT; i++) {
        int result = sqlite3_prepare_v3(store->db, statement_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                                        &store->statements[i], NULL);
        if (result != SQLITE_OK) return sqlite_error(store, error);
    }
    return CT_OK;
}

/* Absolute, so that no directory's name reads as a URI. */
static enum ct_err resolve(const char *directory, char **resolved, struct ct_error *error)
{
    char *path = realpath(directory, NULL);
    if (!path && errno == ENOMEM) return ct__nomem(error);
    if (!path) return ct__error(error, CT_EIO, "store of walks: directory %s: %s", directory, strerror(errno));
    *resolved = path;
    return CT_OK;
}

enum ct_err ct__store_open(const char *directory, struct ct__store **store, struct ct_error *error)
{
    struct ct__store *opened = calloc(1, sizeof *opened);
    if (!opened) return ct__nomem(error);
    enum ct_err err = resolve(directory, &opened->directory, error);
    if (err) goto out;
    err = open_database(opened, error);
    if (err) goto out;
    err = prepare(opened, error);
    if (err) goto out;
    *store = opened;
    opened = NULL;
out:
    ct__store_close(opened);
    return err;
}

void ct__store_close(struct ct__store *store)
{
    if (!store) return;
    for (size_t i = 0; i < STATEMENT_COUNT; i++) sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    free(store->directory);
    free(store);
}

static void end_scan(struct ct__store *store, enum statement which)
{
    if (!store->scans[which].active) return;
    store->scans[which].active = false;
    sqlite3_reset(store->statements[which]);
}

static void end_scans(struct ct__store *store)
{
    end_scan(store, FIND);
    end_scan(store, FIND_ENDED);
}

/* Runs a statement that gives no rows. */
static enum ct_err run(struct ct__store *store, enum statement which, struct ct_error *error)
{
    sqlite3_stmt *statement = store->statements[which];
    enum ct_err err = sqlite3_step(statement) == SQLITE_DONE ? CT_OK : fail(store, error);
    sqlite3_reset(statement);
    /* Only now: what is put may be the state that a find lent. */
    end_scans(store);
    return err;
}

enum ct_err ct__store_put(struct ct__store *store, const struct ct__record *record, struct ct_error *error)
{
    enum ct_err err = check_usable(store, error);
    if (err) return err;
    if (record->walk > INT64_MAX)
        return ct__error(error, CT_EINVAL, "store of walks: walk %ju is over %jd", (uintmax_t)record->walk,
                         (intmax_t)INT64_MAX);
    sqlite3_stmt *put = store->statements[PUT];
    sqlite3_bind_int64(put, 1, (sqlite3_int64)record->walk);
    sqlite3_bind_int(put, 2, record->status);
    sqlite3_bind_int64(put, 3, (sqlite3_int64)record->stage);
    if (sqlite3_bind_text64(put, 4, record->state, record->state_size, SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK)
        return sqlite_error(store, error);
    return run(store, PUT, error);
}

/* Fills row from the row its statement stands on. */
static enum ct_err read_row(struct ct__store *store, sqlite3_stmt *statement, struct ct__record *row,
                            struct ct_error *error)
{
    row->walk = (uint64_t)sqlite3_column_int64(statement, 0);
    row->status = sqlite3_column_int(statement, 1);
    row->stage = (size_t)sqlite3_column_int64(statement, 2);
    bool has_state = sqlite3_column_type(statement, 3) != SQLITE_NULL;
    row->state = (const char *)sqlite3_column_text(statement, 3);
    row->state_size = (size_t)sqlite3_column_bytes(statement, 3);
    return has_state && !row->state ? fail(store, error) : CT_OK;
}

/* Moves the scan to the first record at or after first. */
static enum ct_err seek(struct ct__store *store, enum statement which, uint64_t first, struct ct_error *error)
{
    struct scan *scan = &store->scans[which];
    sqlite3_stmt *statement = store->statements[which];
    bool follows = scan->active && !scan->at_end && first == scan->row.walk + 1;
    if (!follows) {
        end_scan(store, which);
        sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    }
    int result = sqlite3_step(statement);
    scan->active = true;
    scan->at_end = result == SQLITE_DONE;
    scan->from = first;
    enum ct_err err = CT_OK;
    if (result == SQLITE_ROW)
        err = read_row(store, statement, &scan->row, error);
    else if (result != SQLITE_DONE)
        err = fail(store, error);
    if (err) end_scan(store, which);
    return err;
}

static bool scan_covers(const struct scan *scan, uint64_t first)
{
    return scan->active && first >= scan->from && (scan->at_end || first <= scan->row.walk);
}

static enum ct_err find(struct ct__store *store, enum statement which, uint64_t first, uint64_t end,
                        struct ct__record *record, struct ct_error *error)
{
    struct scan *scan = &store->scans[which];
    enum ct_err err = check_usable(store, error);
    if (err) return err;
    if (first < end && first <= INT64_MAX) {
        if (!scan_covers(scan, first)) err = seek(store, which, first, error);
        if (err) return err;
        if (!scan->at_end && scan->row.walk < end) {
            *record = scan->row;
            return CT_OK;
        }
    }
    return ct__error(error, CT_ENOTFOUND, "store of walks: no record in [%ju, %ju)", (uintmax_t)first, (uintmax_t)end);
}

enum ct_err ct__store_find(struct ct__store *store, uint64_t first, uint64_t end, struct ct__record *record,
                           struct ct_error *error)
{
    return find(store, FIND, first, end, record, error);
}

enum ct_err ct__store_find_ended(struct ct__store *store, uint64_t first, uint64_t end, struct ct__record *record,
                                 struct ct_error *error)
{
    return find(store, FIND_ENDED, first, end, record, error);
}

/* Binds [first, end) as SQLite's signed bounds, both included: false where no id lies within. */
static bool bind_range(sqlite3_stmt *statement, uint64_t first, uint64_t end)
{
    if (first >= end || first > INT64_MAX) return false;
    uint64_t last = end - 1 > INT64_MAX ? INT64_MAX : end - 1;
    sqlite3_bind_int64(statement, 1, (sqlite3_int64)first);
    sqlite3_bind_int64(statement, 2, (sqlite3_int64)last);
    return true;
}

enum ct_err ct__store_count_ended(struct ct__store *store, uint64_t first, uint64_t end, uint64_t *count,
                                  struct ct_error *error)
{
    sqlite3_stmt *statement = store->statements[COUNT_ENDED];
    enum ct_err err = check_usable(store, error);
    if (err) return err;
    if (!bind_range(statement, first, end)) {
        *count = 0;
        return CT_OK;
    }
    if (sqlite3_step(statement) == SQLITE_ROW)
        *count = (uint64_t)sqlite3_column_int64(statement, 0);
    else
        err = fail(store, error);
    sqlite3_reset(statement);
    return err;
}

enum ct_err ct__store_drop(struct ct__store *store, uint64_t first, uint64_t end, struct ct_error *error)
{
    enum ct_err err = check_usable(store, error);
    if (err) return err;
    return bind_range(store->statements[DROP], first, end) ? run(store, DROP, error) : CT_OK;
}
