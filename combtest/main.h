/* The command line of a suite's program. */
#ifndef COMBTEST_MAIN_H
#define COMBTEST_MAIN_H
#include <combtest/suite.h>
#ifdef __cplusplus
extern "C" {
#endif

/* The whole program around a suite: `int main(int argc, char **argv) { return ct_main(&suite, argc, argv); }`. Reads
 * the command line and combtest.cfg, runs or lists, reports. Installs handlers for SIGINT, SIGTERM and SIGHUP while it
 * runs. Returns the exit code: 0 passed · 1 some walk failed · 2 usage, configuration or a suite that is wrong · 3
 * something was lost or could not be started · 4 nothing selected, or all excluded · 70 a bug in combtest · 130, 143
 * ended by a signal. */
int ct_main(const struct ct_suite *suite, int argc, char **argv);

/* The same for several suites in one program; `--suite NAME` picks one, and without it the first is taken if it is
 * alone. */
int ct_main_suites(const struct ct_suite *const *suites, size_t count, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
