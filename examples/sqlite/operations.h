/* What a walk does with its filled database once both shared settings are made. */
#ifndef SQLITE_SUITE_OPERATIONS_H
#define SQLITE_SUITE_OPERATIONS_H
#include "database.h"

struct operation {
    /* false: the walk has failed. *db may be replaced by a new connection, which is the caller's then. */
    bool (*run)(struct ct_walk *walk, const struct settings *settings, sqlite3 **db);
    int64_t items_without, items_with; /* how many items there are afterwards, without and with foreign keys */
    bool rolls_back;
};

extern const struct operation insert_orphan, delete_owner, update_all, roll_back, roll_back_to_savepoint, vacuum,
    reopen, read_beside;
#endif
