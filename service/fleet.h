/* The fleet: a process of the coordinator's, forked before nng is opened, that has hosts started by a launcher, each
 * start in a process of its own, and started again where they are lost. It knows nothing of walks. */
#ifndef COMBTEST_SERVICE_FLEET_H
#define COMBTEST_SERVICE_FLEET_H
#include "service/setup.h"

/* What fleet and coordinator say over a SOCK_SEQPACKET pair: u8 of these, u32 machine (its index in the setup), u32
 * life, text. */
enum ct__fleet_word {
    /* to the coordinator */
    CT__FLEET_LINE = 1, /* a line that the launcher, or the program on the host, wrote */
    CT__FLEET_FAILED,   /* that start came to nothing: why */
    CT__FLEET_ENDED,    /* the program has ended there after its hello, whatever became of the connection */
    CT__FLEET_CUT,      /* the connection has ended after the hello, and what became of the program is not known: why */
    /* to the fleet */
    CT__FLEET_UP = 64, /* the hello of that life has come: its deadline is over */
    CT__FLEET_FINISH,  /* the run ends: nothing is started any more, and what ends has not failed */
};
#define CT__FLEET_TEXT 1024 /* bytes of a text at most, its NUL included */

/* The life of a fleet, in a process just forked by the coordinator; ends when the connection does, or after
 * CT__FLEET_FINISH when all has ended. Never returns. */
_Noreturn void ct__fleet_main(const struct ct__setup *setup, int coordinator);
#endif
