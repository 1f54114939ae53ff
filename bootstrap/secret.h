/* Secrets in files, and who the user is. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_SECRET_H
#define COMBTEST_BOOTSTRAP_SECRET_H
#include <combtest/error.h>

#define CT__SECRET_SIZE 1024

/* The first line of a file that nobody but its owner may read, in secret, which has CT__SECRET_SIZE bytes. CT_ECONFIG;
 * the message begins with where and never holds what stands in the file. */
enum ct_err ct__secret_read(const char *path, const char *where, char *secret, struct ct_error *error);
/* The home directory of the process's user, "" where it is not known; borrowed. */
const char *ct__home(void);
/* The name of the process's user, NULL where it has none; borrowed until the next call. */
const char *ct__user(void);
#endif
