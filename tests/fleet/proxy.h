/* A network between a run and the services that join it, which can be cut. */
#ifndef TESTS_FLEET_PROXY_H
#define TESTS_FLEET_PROXY_H

enum proxy_state {
    PROXY_OPEN = 0,
    PROXY_CUT,  /* connections end, and none is made */
    PROXY_DEAF, /* nothing gets through, and nobody is told */
    PROXY_SLOW  /* what gets through is late by 20 ms in each direction */
};

/* Passes connections to a port of this host, which it returns, on to another port of it, by a thread that ends with the
 * process; a second call changes the other port. */
int proxy_start(int to);
/* From here on. From PROXY_DEAF to PROXY_OPEN old connections go on. */
void proxy_set(enum proxy_state state);
/* How many connections were made. */
int proxy_count(void);
#endif
