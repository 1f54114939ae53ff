/* Allocations made to fail in turn. A test that includes this is linked with the functions of failing.c in place of
 * the allocator's, so that what our own code and jansson allocate is counted, and any of it can be refused. What the C
 * library allocates for itself is not. One thread. */
#ifndef TESTS_FAILING_FAILING_H
#define TESTS_FAILING_FAILING_H
#include <stdbool.h>

/* Has jansson allocate through us; before the first json_t is made. Then whether what it allocates can fail: jansson
 * 2.14 writes past its buffer where memory ends while it reads a string of more than 15 bytes. */
void failing_include_jansson(void);
void failing_spare_jansson(bool spared);

/* Does it with the first allocation failing, then the second, and so on, until none is left that has not had its turn.
 * operation returns whether it did what it is for: that must be so exactly when no allocation failed, and it checks by
 * itself that a failure was said. The test fails, too, where a block is left over, or where nothing was allocated. */
void failing_each(bool (*operation)(void));
/* The same where operation can do without some of its allocations. */
void failing_each_forgiven(bool (*operation)(void));

/* From here on the nth allocation, counted from 1, fails; none does after failing_end, which returns whether one did.
 */
void failing_begin(long nth);
bool failing_end(void);
#endif
