/* What the tests of the log and the trace share: a directory for them, and reading what is in it. */
#ifndef TESTS_RUN_LOGS_H
#define TESTS_RUN_LOGS_H
#include "runs.h"

enum { LOGS_PATH_MAX = 256 };

/* A new directory, whose path it returns: valid until the next call. */
const char *logs_new(void);
/* Removes it with the files in it. */
void logs_remove(void);
/* The path of a file in it. */
void logs_path(char path[LOGS_PATH_MAX], const char *name);

/* Calls take with each line of the file, without its newline, and returns how many there are. A file that is not there
 * has none. The test fails where the file does not end with a whole line, and with head where a line does not begin as
 * one of a log does: with the time, or as a further line of a message. */
size_t logs_read(const char *name, bool head, void (*take)(void *user, const char *line), void *user);
/* How many lines of run.log hold both words. */
size_t logs_count(const char *word, const char *other);
/* The name of the only file that ends in ".trace"; NULL: there is none. Valid until the next call. */
const char *logs_trace(void);

/* run_well with these options, quietly, on two services of two threads, or as many as they say. */
struct ct_results *logs_run(const struct ct_suite *suite, struct ct_run_options options);

/* A small file system at path for this process and its children alone; false: that takes root. */
bool logs_mount_small(const char *path, unsigned long size);
/* Runs trial in a process of its own and fails the test unless it returns 0; skips it where it returns LOGS_SKIP. */
enum { LOGS_SKIP = 77 };
void logs_apart(int (*trial)(void));
#endif
