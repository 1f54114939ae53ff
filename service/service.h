/* The door of room service/: ct_run_tests is in combtest/run.h; this is what the command line needs besides. */
#ifndef COMBTEST_SERVICE_SERVICE_H
#define COMBTEST_SERVICE_SERVICE_H
#include <combtest/run.h>

/* As a second Ctrl-C: ends the run in progress at once; what was accounted for is kept. Async-signal-safe. */
void ct__stop_now(void);

/* As a Ctrl-Z: has the executors of the run in progress stopped, its timers with them, then stops this process; both go
 * on when it gets SIGCONT. Without a run in progress this process alone stops. Async-signal-safe. */
void ct__suspend(void);

/* Whether this program was started on a host to serve a run of another process: run_tests() does that then, and nothing
 * else is to be done. */
bool ct__remote_active(void);
/* Has run_tests() join the run that listens at url, from here on: with so many services and threads (0: as many as
 * there are cores, as the run says). It returns where that fails, or the run is of another suite. say is told what
 * comes of it. */
enum ct_err ct__remote_join(const char *url, const char *token_path, uint32_t services, uint32_t threads,
                            void (*say)(const char *text), struct ct_error *error);
/* The suite of the run that was joined, where it is none that run_tests() was called with; NULL: none was joined. */
const char *ct__remote_wanted(void);
#endif
