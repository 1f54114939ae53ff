/* The real SQLite on real files. Two serial actions change settings that all databases of the run share, in a file that
 * every walk reads before and after its work; a walk that runs under another setting than its own branch made, or while
 * one is being made, fails. So a run that passes shows that the barriers hold, and that they are depth first: the
 * options of foreign_keys are gone through within each option of secure_delete. */
#define _GNU_SOURCE 1
#include "operations.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct ct_option page_sizes[] = { CT_INT(512), CT_INT(4096), CT_INT(65536) };
static const struct ct_option journals[] = { CT_STRING("delete"), CT_STRING("truncate"), CT_STRING("persist"),
                                             CT_STRING("memory"), CT_STRING("wal"),      CT_STRING("off") };
static const struct ct_option synchronous[] = { CT_INT(0, .label = "off"), CT_INT(1, .label = "normal"),
                                                CT_INT(2, .label = "full") };
static const struct ct_option off_and_on[] = { CT_BOOL(false, .label = "off"), CT_BOOL(true, .label = "on") };
static const struct ct_option erasers[] = { CT_STRING("DELETE FROM item WHERE id = 7", .label = "delete"),
                                            CT_STRING("UPDATE item SET body = '' WHERE id = 7", .label = "update"),
                                            CT_STRING("DROP TABLE item", .label = "drop") };
static const struct ct_option operations[] = {
    CT_POINTER("insert an orphan", &insert_orphan),
    CT_POINTER("delete an owner", &delete_owner),
    CT_POINTER("update all", &update_all),
    CT_POINTER("roll back", &roll_back),
    CT_POINTER("roll back to a savepoint", &roll_back_to_savepoint),
    CT_POINTER("vacuum", &vacuum),
    CT_POINTER("reopen", &reopen),
    CT_POINTER("read beside a writer", &read_beside),
};

/* ---- the shared settings ---- */

static enum ct_status make_settings(struct ct_walk *run)
{
    char directory[PATH_MAX];
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/sqlite-suite-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(directory)) return ct_fail(run, "%s: %s", directory, strerror(errno));
    json_t *changes = json_pack("{s:s}", "directory", directory);
    bool updated = ct_update(run, changes) == CT_OK;
    json_decref(changes);
    const struct settings none = { 0, SETTING_NOT_MADE, SETTING_NOT_MADE };
    return updated && settings_write(run, &none) ? CT_PASS : CT_FAIL;
}

static void remove_settings(struct ct_walk *run)
{
    const char *directory = json_string_value(json_object_get(ct_walk_state(run), "directory"));
    if (!directory) return;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/settings.json", directory);
    if (unlink(path) != 0 || rmdir(directory) != 0)
        ct_log(run, CT_LOG_WARNING, "%s: cannot be removed: %s", directory, strerror(errno));
}

static enum setting setting_of(const struct ct_option *option)
{
    return ct_option_bool(option) ? SETTING_ON : SETTING_OFF;
}

/* The first of the two: what the second one made in the branch before is undone. */
static enum ct_status change_secure_delete(struct ct_walk *walk, const struct ct_option *option)
{
    struct settings settings;
    if (!settings_read(walk, &settings)) return CT_FAIL;
    settings.generation++;
    settings.secure_delete = setting_of(option);
    settings.foreign_keys = SETTING_NOT_MADE;
    return settings_write(walk, &settings) ? CT_PASS : CT_FAIL;
}

static enum ct_status change_foreign_keys(struct ct_walk *walk, const struct ct_option *option)
{
    struct settings settings;
    if (!settings_read(walk, &settings)) return CT_FAIL;
    CT_CHECK_INT_EQ(walk, settings.secure_delete, setting_of(ct_walk_option(walk, "secure_delete")));
    settings.generation++;
    settings.foreign_keys = setting_of(option);
    return settings_write(walk, &settings) ? CT_PASS : CT_FAIL;
}

/* ---- stage 0: how the database is laid out ---- */

static enum ct_status set_page_size(struct ct_walk *walk, const struct ct_option *bytes)
{
    json_object_set_new(ct_walk_state(walk), "page_size", json_integer(ct_option_int(bytes)));
    return CT_PASS;
}

static enum ct_status set_journal(struct ct_walk *walk, const struct ct_option *mode)
{
    json_object_set_new(ct_walk_state(walk), "journal", json_string(ct_option_string(mode)));
    return CT_PASS;
}

static enum ct_status set_synchronous(struct ct_walk *walk, const struct ct_option *level)
{
    json_object_set_new(ct_walk_state(walk), "synchronous", json_integer(ct_option_int(level)));
    return CT_PASS;
}

static enum ct_status expect_no_settings(struct ct_walk *walk, const struct ct_option *none)
{
    (void)none;
    struct settings settings;
    if (!settings_begin(walk, &settings)) return CT_FAIL;
    CT_CHECK_INT_EQ(walk, settings.generation, 0);
    return CT_PASS;
}

/* ---- stage 1: what was erased is gone from the file, or may be found there ---- */

static bool erase_in_file(struct ct_walk *walk, const struct settings *settings, const char *sql)
{
    sqlite3 *db = NULL;
    if (!database_open(walk, settings, &db)) return false;
    bool well = database_fill(walk, db) && database_run(walk, db, sql) &&
                database_expect(walk, db, "PRAGMA integrity_check", "ok");
    return database_close(walk, db) && well;
}

static enum ct_status erase(struct ct_walk *walk, const struct ct_option *sql)
{
    struct settings settings;
    bool found = false;
    if (!settings_begin(walk, &settings)) return CT_FAIL;
    if (!erase_in_file(walk, &settings, ct_option_string(sql))) return CT_FAIL;
    if (!database_file_contains(walk, "the secret of item 7 is", &found)) return CT_FAIL;
    if (settings.secure_delete == SETTING_ON) CT_CHECK(walk, !found);
    if (found) ct_count(walk, "erased texts still in the file", 1);
    return settings_end(walk, &settings) ? CT_PASS : CT_FAIL;
}

/* ---- stage 2: operations ---- */

static bool operate_on(struct ct_walk *walk, const struct settings *settings, const struct operation *operation)
{
    sqlite3 *db = NULL;
    if (!database_open(walk, settings, &db)) return false;
    int64_t items = settings->foreign_keys == SETTING_ON ? operation->items_with : operation->items_without;
    bool well = database_fill(walk, db) && operation->run(walk, settings, &db) &&
                database_expect_int(walk, db, "SELECT count(*) FROM item", items) &&
                database_expect(walk, db, "PRAGMA integrity_check", "ok");
    return database_close(walk, db) && well;
}

static enum ct_status operate(struct ct_walk *walk, const struct ct_option *option)
{
    const struct operation *operation = ct_option_pointer(option);
    const char *journal = json_string_value(json_object_get(ct_walk_state(walk), "journal"));
    if (operation->rolls_back && strcmp(journal, "off") == 0)
        return ct_cancel(walk, "SQLite's manual: with journal_mode OFF, rolling back behaves in an undefined way");
    struct settings settings;
    if (!settings_begin(walk, &settings)) return CT_FAIL;
    if (!operate_on(walk, &settings, operation)) return CT_FAIL;
    return settings_end(walk, &settings) ? CT_PASS : CT_FAIL;
}

static const struct ct_action actions[] = {
    CT_ACTION("page_size", set_page_size, page_sizes),
    CT_ACTION("journal", set_journal, journals),
    CT_ACTION("synchronous", set_synchronous, synchronous),
    CT_ACTION_ONCE("no settings yet", expect_no_settings),
    CT_SERIAL_ACTION("secure_delete", change_secure_delete, off_and_on),
    CT_ACTION("erase", erase, erasers),
    CT_SERIAL_ACTION("foreign_keys", change_foreign_keys, off_and_on),
    CT_ACTION("operation", operate, operations),
};
static const struct ct_suite suite = { .name = "sqlite",
                                       .actions = actions,
                                       .action_count = CT_COUNT(actions),
                                       .run_start = make_settings,
                                       .run_stop = remove_settings };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
