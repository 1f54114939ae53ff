/* Deaths in words. */
#ifndef COMBTEST_SERVICE_DEATH_H
#define COMBTEST_SERVICE_DEATH_H
#include "service/board.h"
#include "service/setup.h"

#define CT__DEATH_TEXT 2048

/* What is known of a process's end besides what its thread witnessed. */
struct ct__sentence {
    int wait_status;
    enum ct__kill_cause cause; /* why the keeper killed it, if it did */
    uint32_t limit_ms;         /* with CT__KILL_TIMEOUT: the limit that was passed */
};
/* "in action open: SIGSEGV at address 0x0; suite(do_open+0x12) ...": where, what, and the frames if there are any. */
void ct__describe_death(const struct ct__setup *setup, const struct ct__slot *slot, const struct ct__sentence *sentence,
                        char *text, size_t size);
/* "killed by SIGKILL", "exited with code 7" */
void ct__describe_end(int wait_status, char *text, size_t size);
#endif
