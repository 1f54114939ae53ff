/* combtest exec, for the combtest command. */
#ifndef COMBTEST_CLI_EXEC_H
#define COMBTEST_CLI_EXEC_H
#include <cli/cli.h>

/* Whether it is the suite that `exec` makes of its words: no other program has it. */
bool ct__cli_is_exec(const struct ct_suite *suite);
/* argv is a `replay` command line; recorded the words of the `exec` that wrote its trace, "exec" first. Returns the
 * exit code. */
int ct__cli_exec_replay(int argc, char **argv, int recorded_count, char **recorded);
#endif
