/* What the tests of this directory share: a launcher whose hosts are processes of this machine, and a suite whose walks
 * tell where they ran. */
#ifndef TESTS_FLEET_FLEETS_H
#define TESTS_FLEET_FLEETS_H
#include <combtest/combtest.h>
#include <combtest/launcher.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <cmocka.h>

enum { FLEET_HOSTS = 4, FLEET_WALKS = 240, FLEET_STAGES = 3 };

/* Memory that the test shares with what it starts, by a file in TMPDIR that FLEET_SHARED names. */
struct fleet_shared {
    _Atomic int runs[FLEET_STAGES][FLEET_WALKS];           /* how often each walk's stage ran */
    _Atomic int by_host[FLEET_HOSTS], starts[FLEET_HOSTS]; /* how many ran where; how often a host was started */
    _Atomic int serial_runs[8];
    _Atomic int host_starts[FLEET_HOSTS], host_stops[FLEET_HOSTS], settled[FLEET_HOSTS][8]; /* test_scope.c */
    _Atomic int unsettled;         /* walks that ran too early */
    _Atomic int pids[FLEET_HOSTS]; /* of the program on a host, last */
    _Atomic int pause_us;          /* what a walk takes */
    _Atomic int hold;              /* walks wait until it is 0 */
    _Atomic int broken; /* bit h: host h cannot be started; bit 8 + h: it says nothing, as long as that is set */
};
extern struct fleet_shared *fleet_shared;
/* Makes it, zeroed; or, in a process that a test started, finds it. */
void fleet_open(void);
void fleet_reset(void); /* and forgets the lines */

/* The log of the runs since: fleet_take_line goes into ct_run_options.log. */
extern char fleet_lines[65536];
void fleet_take_line(void *user, enum ct_log_level level, const char *line);

extern const struct ct_launcher fleet_launcher; /* hosts are called "h0" to "h3" */
extern const struct ct_suite fleet_suite;       /* 240 walks: 4 options, a serial action of 2, 5, a serial of 3, 2 */

/* Whether COMBTEST_SSH_DIRECT in the environment says that hosts connect to the run themselves. */
bool fleet_direct(void);

/* The link of a host that has run some walks, for which it waits: the keeper's first child. */
pid_t fleet_link_of(int number);

/* First in main: where this process was started on a host, it serves suites and never returns. */
void fleet_serve(int argc, char **argv, const struct ct_suite *const *suites, size_t count);

/* Runs the suite; fails the test unless it could be run and the statuses add up. The results are the caller's. */
struct ct_results *fleet_run(const struct ct_suite *suite, const struct ct_run_options *options);
/* Every walk passed, ran its stages once (or, where some may repeat, at least once), and has the right state. */
void fleet_assert_whole(const struct ct_results *results, bool repeats);
#endif
