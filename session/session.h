/* The door of room session/: what a run keeps of each walk that is no plain pass, in SQLite, which spills to a file by
 * itself. Only the coordinator opens it, and never across a fork. */
#ifndef COMBTEST_SESSION_H
#define COMBTEST_SESSION_H
#include <combtest/core.h>

/* One row for each walk that has ended early or carries a state of its own. */
struct ct__record {
    uint64_t walk;
    int status;        /* enum ct_status once the walk has ended, -1 while it lives */
    size_t stage;      /* after which stage state holds */
    const char *state; /* JSON text, or NULL: none of its own; when read: borrowed until the next call on the store */
    size_t state_size;
};
struct ct__store;
/* A store in a private temporary database under directory, removed with the process, whatever its end. */
enum ct_err ct__store_open(const char *directory, struct ct__store **store, struct ct_error *error);
void ct__store_close(struct ct__store *store);
enum ct_err ct__store_put(struct ct__store *store, const struct ct__record *record,
                          struct ct_error *error); /* replaces */
/* The first record with walk in [first, end): CT_OK, or CT_ENOTFOUND. Reading on from record->walk + 1 is as cheap as a
 * step of one scan. */
enum ct_err ct__store_find(struct ct__store *store, uint64_t first, uint64_t end, struct ct__record *record,
                           struct ct_error *error);
/* The same among ended walks only. */
enum ct_err ct__store_find_ended(struct ct__store *store, uint64_t first, uint64_t end, struct ct__record *record,
                                 struct ct_error *error);
enum ct_err ct__store_count_ended(struct ct__store *store, uint64_t first, uint64_t end, uint64_t *count,
                                  struct ct_error *error);
enum ct_err ct__store_drop(struct ct__store *store, uint64_t first, uint64_t end, struct ct_error *error);
#endif
