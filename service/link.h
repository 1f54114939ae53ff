/* Links: on each host the process that stands between the coordinator, over a channel, and the executors, over the
 * board. */
#ifndef COMBTEST_SERVICE_LINK_H
#define COMBTEST_SERVICE_LINK_H
#include "service/board.h"
#include "service/setup.h"

/* What a link exits with: the coordinator had everything stopped; it was lost, and another link may find it again; it
 * does not answer any more, or wants none. */
enum ct__link_end { CT__LINK_DONE = 0, CT__LINK_LOST, CT__LINK_REFUSED };

/* The life of a link, in a process just forked by the keeper, whose eventfd keeper_bell wakes it. Never returns. */
_Noreturn void ct__link_main(const struct ct__setup *setup, struct ct__board *board, uint32_t incarnation,
                             int keeper_bell);
#endif
