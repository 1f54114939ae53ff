/* A database of one walk: opened as the walk's state and the shared settings say, filled, and checked. What fails here
 * has failed the walk, with SQLite's message. */
#ifndef SQLITE_SUITE_DATABASE_H
#define SQLITE_SUITE_DATABASE_H
#include "settings.h"
#include <sqlite3.h>

#define OWNERS            5
#define ITEMS             50
#define ITEMS_OF_AN_OWNER (ITEMS / OWNERS)

/* Opens the walk's database, made if it is not there, with the page size, journal mode and synchronous of the walk's
 * state and with the shared settings (one that is not made yet stays SQLite's default), and checks through SQLite that
 * it got each. *db is the caller's to close. */
bool database_open(struct ct_walk *walk, const struct settings *settings, sqlite3 **db);
bool database_fill(struct ct_walk *walk, sqlite3 *db); /* OWNERS owners and ITEMS items, each with a secret text */
bool database_close(struct ct_walk *walk, sqlite3 *db);

bool database_run(struct ct_walk *walk, sqlite3 *db, const char *sql);
/* Fails the walk unless the query's one value is want. */
bool database_expect(struct ct_walk *walk, sqlite3 *db, const char *query, const char *want);
bool database_expect_int(struct ct_walk *walk, sqlite3 *db, const char *query, int64_t want);

/* Whether the closed database's file holds a text anywhere. */
bool database_file_contains(struct ct_walk *walk, const char *text, bool *contains);
#endif
