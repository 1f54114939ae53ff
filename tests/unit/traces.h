/* What the tests of traces and replay share: a suite with serial actions, and files in a directory of their own. */
#ifndef TESTS_UNIT_TRACES_H
#define TESTS_UNIT_TRACES_H
#include <replay/replay.h>

/* level 1, 6, 9 "best"; serial setting false, true; mode "text", "a \"b\"", null; and end, without options. Walks with
 * level 6 and setting true fail in mode; those without a mode are canceled in end; level is in the state. */
extern const struct ct_suite traced_suite;
enum { TRACED_LEVEL, TRACED_SETTING, TRACED_MODE, TRACED_END, TRACED_WALKS = 18 };

/* PATH of a file "trace" in a new directory; traces_remove removes both. Static, valid until the next call. */
const char *traces_path(void);
void traces_remove(void);
void traces_write_text(const char *path, const char *text); /* fails the test where it cannot */
char *traces_read_text(const char *path);                   /* for free */
/* A trace of traced_suite: of each walk its stages, and each serial run; walks of level 6 and setting true failed. */
void traces_write(const char *path, const struct ct__trace_facts *facts);
#endif
