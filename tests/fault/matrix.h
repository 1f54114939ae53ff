/* The fault matrix: one fault at a time, injected for real into three of 200 walks of a suite with two stages and a
 * serial action between them, with threads and with processes for walls, one thread and two; and the whole result
 * compared, walk by walk, with what must come out. */
#ifndef TESTS_FAULT_MATRIX_H
#define TESTS_FAULT_MATRIX_H
#include <combtest/combtest.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

enum { MATRIX_WALKS = 200, MATRIX_STAGES = 2 };

/* What the processes of a run write; zeroed before each run. */
struct matrix_shared {
    _Atomic int runs[MATRIX_STAGES][MATRIX_WALKS]; /* how often a walk's action ran in each stage */
    _Atomic int serial_runs[2];
    _Atomic long children[8]; /* pids that faults left behind */
    _Atomic int child_count;
    _Atomic int alive_at_barrier; /* how many of them the serial action still saw */
    _Atomic int spare[16];
};
extern struct matrix_shared *matrix;

/* Of walks that hang; far more than any other walk takes, on a machine that does much else. */
#define MATRIX_TIMEOUT_MS 1000
#define MATRIX_TIMED_OUT  "after 1 s"

#define MATRIX_NOT_RUN CT_STATUS_COUNT /* the fault makes no sense with this isolation */

struct fault {
    const char *name; /* of the test: "a walk that ... crashes, and no other walk notices" */
    enum ct_status (*act)(struct ct_walk *walk);
    enum ct_status thread, process; /* what must come of the walk with each isolation */
    const char *says;               /* is in the message of its failure; NULL: anything */
    bool unseen;                    /* its thread cannot tell, so that with isolation=thread it runs a second time */
    bool again;                     /* and with isolation=process, too */
    bool spreads;                   /* with isolation=thread the crash is another walk's of the same executor */
    int64_t timeout_ms;
    uint64_t limit_memory;
    void (*walk_start)(struct ct_walk *walk), (*walk_stop)(struct ct_walk *walk);
    bool outlived; /* a child that it leaves must be gone at the next barrier, with isolation=process */
    bool quiet;    /* what it writes to stderr is thrown away */
};

/* Injects *state, a struct fault, with each isolation and number of threads. A cmocka test function. */
void matrix_inject(void **state);
/* Runs the rows as tests, under their names. argv[1]: only those whose name it matches. Returns main's result. */
int matrix_main(int argc, char **argv, const char *group, const struct fault *faults, size_t count);
/* The same for other tests: marks the processes, and fails where any is left at the end. */
int matrix_main_tests(int argc, char **argv, const char *group, const struct CMUnitTest *tests, size_t count);

/* Notes a child that a fault leaves behind. */
void matrix_note_child(long pid);
/* The program ends with a line that names what, where a run takes longer; 0: no more. */
void matrix_limit_s(unsigned seconds, const char *what);
/* Zeroes the shared memory, which is made when first called. */
void matrix_reset(void);
/* Fails the test where a process of the last run is left after grace_ms, or anything in TMPDIR. */
void matrix_assert_clean(int grace_ms);
/* The status of the i-th gathered walk; CT_STATUS_COUNT where there is none. */
enum ct_status matrix_status(const struct ct_results *results, size_t i);
#endif
