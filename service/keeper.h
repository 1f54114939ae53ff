/* Keepers: on each host the process that forks, watches and kills the others. It has one thread, runs no user code and
 * never opens nng, so that it can fork at any time. */
#ifndef COMBTEST_SERVICE_KEEPER_H
#define COMBTEST_SERVICE_KEEPER_H
#include "service/setup.h"

/* The life of a keeper, in a process just forked. It begins when a byte comes over setup->keeper_lifeline, and ends,
 * with all that it and user code started, when that connection does or the link says that all is done. Never returns.
 */
#define CT__KEEPER_LEAVE                                                                                               \
    "L" /* over the same connection: have the services end, and give back what they have not begun */
_Noreturn void ct__keeper_main(const struct ct__setup *setup);
#endif
