#define _GNU_SOURCE 1
#include "database.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool database_path(struct ct_walk *walk, char path[PATH_MAX])
{
    const char *directory = ct_walk_tmpdir(walk);
    if (!directory) return false;
    snprintf(path, PATH_MAX, "%s/walk.db", directory);
    return true;
}

bool database_run(struct ct_walk *walk, sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
    ct_fail(walk, "%s: %s", sql, sqlite3_errmsg(db));
    return false;
}

bool database_expect(struct ct_walk *walk, sqlite3 *db, const char *query, const char *want)
{
    sqlite3_stmt *statement = NULL;
    const char *got = NULL;
    if (sqlite3_prepare_v2(db, query, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        got = (const char *)sqlite3_column_text(statement, 0);
    bool same = got && strcmp(got, want) == 0;
    if (!same) ct_fail(walk, "%s gives %s, want %s", query, got ? got : sqlite3_errmsg(db), want);
    sqlite3_finalize(statement);
    return same;
}

bool database_expect_int(struct ct_walk *walk, sqlite3 *db, const char *query, int64_t want)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)want);
    return database_expect(walk, db, query, text);
}

/* Sets a pragma and asks SQLite whether it took it. */
static bool set_pragma(struct ct_walk *walk, sqlite3 *db, const char *name, int64_t value)
{
    char set[64], get[64];
    snprintf(set, sizeof set, "PRAGMA %s = %lld", name, (long long)value);
    snprintf(get, sizeof get, "PRAGMA %s", name);
    return database_run(walk, db, set) && database_expect_int(walk, db, get, value);
}

static bool set_journal(struct ct_walk *walk, sqlite3 *db)
{
    const char *mode = json_string_value(json_object_get(ct_walk_state(walk), "journal"));
    char set[64];
    snprintf(set, sizeof set, "PRAGMA journal_mode = %s", mode);
    return database_expect(walk, db, set, mode);
}

static int64_t state_int(struct ct_walk *walk, const char *key)
{
    return json_integer_value(json_object_get(ct_walk_state(walk), key));
}

static bool set_all(struct ct_walk *walk, const struct settings *settings, sqlite3 *db)
{
    if (!set_pragma(walk, db, "page_size", state_int(walk, "page_size")) || !set_journal(walk, db) ||
        !set_pragma(walk, db, "synchronous", state_int(walk, "synchronous")))
        return false;
    if (settings->secure_delete != SETTING_NOT_MADE && !set_pragma(walk, db, "secure_delete", settings->secure_delete))
        return false;
    return settings->foreign_keys == SETTING_NOT_MADE || set_pragma(walk, db, "foreign_keys", settings->foreign_keys);
}

bool database_open(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    char path[PATH_MAX];
    if (!database_path(walk, path)) return false;
    sqlite3 *opened = NULL;
    bool well = sqlite3_open(path, &opened) == SQLITE_OK;
    if (!well) ct_fail(walk, "%s: %s", path, opened ? sqlite3_errmsg(opened) : "out of memory");
    well = well && set_all(walk, settings, opened);
    if (well)
        *db = opened;
    else
        sqlite3_close(opened);
    return well;
}

bool database_fill(struct ct_walk *walk, sqlite3 *db)
{
    static const char tables[] =
        "BEGIN;"
        "CREATE TABLE owner(id INTEGER PRIMARY KEY, name TEXT);"
        "CREATE TABLE item(id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owner(id) ON DELETE CASCADE, body TEXT);"
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 5)"
        " INSERT INTO owner SELECT i, 'owner ' || i FROM n;"
        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 50)"
        " INSERT INTO item SELECT i, 1 + i % 5, 'the secret of item ' || i || ' is ' || hex(zeroblob(i)) FROM n;"
        "COMMIT";
    return database_run(walk, db, tables) && database_expect_int(walk, db, "SELECT count(*) FROM owner", OWNERS) &&
           database_expect_int(walk, db, "SELECT count(*) FROM item", ITEMS);
}

bool database_close(struct ct_walk *walk, sqlite3 *db)
{
    if (sqlite3_close(db) == SQLITE_OK) return true;
    ct_fail(walk, "sqlite3_close: %s", sqlite3_errmsg(db));
    return false;
}

bool database_file_contains(struct ct_walk *walk, const char *text, bool *contains)
{
    char path[PATH_MAX];
    if (!database_path(walk, path)) return false;
    enum { FILE_MAX = 4 << 20 };
    bool well = false;
    char *bytes = malloc(FILE_MAX);
    FILE *file = fopen(path, "rb");
    if (!bytes || !file) goto out;
    size_t size = fread(bytes, 1, FILE_MAX, file);
    if (ferror(file) || size == FILE_MAX) goto out;
    *contains = memmem(bytes, size, text, strlen(text)) != NULL;
    well = true;
out:
    if (!well) ct_fail(walk, "%s: cannot be read whole: %s", path, strerror(errno));
    if (file) fclose(file);
    free(bytes);
    return well;
}
