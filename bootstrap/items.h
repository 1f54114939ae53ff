/* The list of a struct ct__deploy. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_ITEMS_H
#define COMBTEST_BOOTSTRAP_ITEMS_H
#include <bootstrap/deploy.h>

struct ct__library {
    char name[256];  /* that it is asked for by */
    char path[4096]; /* here */
};

/* What the program is loaded with here, and what it loads itself; *libraries is the caller's, for malloc's free. */
enum ct_err ct__items_libraries(const char *program, struct ct__library **libraries, size_t *count,
                                struct ct_error *error);
/* Reads the file and adds it. target NULL: none. */
enum ct_err ct__items_add(struct ct__deploy *deploy, const char *path, const char *target, struct ct_error *error);
/* Adds a file of the user, or all files of a directory. A path that leads neither up nor to the root is the target,
 * too; of any other its last part. One thread at a time in the process. */
enum ct_err ct__items_add_file(struct ct__deploy *deploy, const char *path, struct ct_error *error);
/* Adds the library of that name that the program, the first item, is loaded with here, or loads. */
enum ct_err ct__items_add_library(struct ct__deploy *deploy, const char *name, struct ct_error *error);
/* Fills hash, size and what it is known by from the file. */
enum ct_err ct__item_hash(struct ct__item *item, struct ct_error *error);
/* Whether the open file is the one that was hashed, and nobody has written to it since. */
bool ct__item_is_same(const struct ct__item *item, int fd);
#endif
