#include "operations.h"

/* Says for whom a statement must fail, and how; with foreign keys off it must succeed. */
static bool run_insert_orphan(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    static const char sql[] = "INSERT INTO item(owner, body) VALUES(99, 'nobody''s')";
    if (settings->foreign_keys == SETTING_OFF) return database_run(walk, *db, sql);
    int result = sqlite3_exec(*db, sql, NULL, NULL, NULL);
    CT_CHECK_INT_EQ(walk, sqlite3_extended_errcode(*db), SQLITE_CONSTRAINT_FOREIGNKEY);
    return result == SQLITE_CONSTRAINT;
}
const struct operation insert_orphan = { run_insert_orphan, ITEMS + 1, ITEMS, false };

static bool run_delete_owner(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    static const char orphans[] = "SELECT count(*) FROM pragma_foreign_key_check";
    int64_t left = settings->foreign_keys == SETTING_ON ? 0 : ITEMS_OF_AN_OWNER;
    return database_run(walk, *db, "DELETE FROM owner WHERE id = 1") && database_expect_int(walk, *db, orphans, left);
}
const struct operation delete_owner = { run_delete_owner, ITEMS, ITEMS - ITEMS_OF_AN_OWNER, false };

static bool run_update_all(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    (void)settings;
    return database_run(walk, *db, "UPDATE item SET body = upper(body) || body") &&
           database_expect_int(walk, *db, "SELECT changes()", ITEMS) &&
           database_expect_int(walk, *db, "SELECT count(*) FROM item WHERE body LIKE 'THE SECRET%the secret%'", ITEMS);
}
const struct operation update_all = { run_update_all, ITEMS, ITEMS, false };

static bool run_roll_back(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    (void)settings;
    return database_run(walk, *db, "BEGIN; DELETE FROM item WHERE id % 2; DROP TABLE owner") &&
           database_run(walk, *db, "ROLLBACK") && database_expect_int(walk, *db, "SELECT count(*) FROM owner", OWNERS);
}
const struct operation roll_back = { run_roll_back, ITEMS, ITEMS, true };

static bool run_roll_back_to_savepoint(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    (void)settings;
    return database_run(walk, *db, "BEGIN; DELETE FROM item WHERE id = 1; SAVEPOINT inner; DELETE FROM item") &&
           database_expect_int(walk, *db, "SELECT count(*) FROM item", 0) &&
           database_run(walk, *db, "ROLLBACK TO inner; COMMIT");
}
const struct operation roll_back_to_savepoint = { run_roll_back_to_savepoint, ITEMS - 1, ITEMS - 1, true };

static bool run_vacuum(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    (void)settings;
    int64_t page_size = json_integer_value(json_object_get(ct_walk_state(walk), "page_size"));
    return database_run(walk, *db, "DELETE FROM item WHERE id > 25; VACUUM") &&
           database_expect_int(walk, *db, "PRAGMA freelist_count", 0) &&
           database_expect_int(walk, *db, "PRAGMA page_size", page_size);
}
const struct operation vacuum = { run_vacuum, 25, 25, false };

static bool run_reopen(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    if (!database_close(walk, *db)) return false;
    *db = NULL;
    return database_open(walk, settings, db) && database_expect_int(walk, *db, "SELECT count(*) FROM owner", OWNERS);
}
const struct operation reopen = { run_reopen, ITEMS, ITEMS, false };

/* A second connection sees what is committed, and nothing of the transaction that the first one has open. */
static bool run_read_beside(struct ct_walk *walk, const struct settings *settings, sqlite3 **db)
{
    sqlite3 *reader = NULL;
    if (!database_open(walk, settings, &reader)) return false;
    bool well = database_run(walk, *db, "BEGIN IMMEDIATE; DELETE FROM item WHERE id = 1") &&
                database_expect_int(walk, reader, "SELECT count(*) FROM item", ITEMS) &&
                database_run(walk, *db, "COMMIT") &&
                database_expect_int(walk, reader, "SELECT count(*) FROM item", ITEMS - 1);
    return database_close(walk, reader) && well;
}
const struct operation read_beside = { run_read_beside, ITEMS - 1, ITEMS - 1, false };
