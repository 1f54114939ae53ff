/* The coordinator: the process that hands out walks, keeps the barriers and gathers results. It runs no user code. */
#ifndef COMBTEST_SERVICE_COORDINATOR_H
#define COMBTEST_SERVICE_COORDINATOR_H
#include "service/setup.h"

/* What the coordinator tells the program over setup->control: u32 size of the rest, then a byte of these, then the
 * body. */
enum ct__told {
    CT__TOLD_READY = 1, /* nng works here: the run begins */
    CT__TOLD_PROGRESS,  /* ct__results_put, numbers alone */
    CT__TOLD_LOG,       /* u8 level, text: a line */
    CT__TOLD_RESULTS,   /* ct__results_put, whole: the last one */
    CT__TOLD_ERROR,     /* u32 enum ct_err, text: nothing was started */
};
/* What the program tells: single bytes. */
#define CT__TELL_STOP  'S' /* hand out no more */
#define CT__TELL_KILL  'K' /* end at once */
#define CT__TELL_PAUSE 'P' /* have the executors stand still */
#define CT__TELL_GO_ON 'G' /* and go on */

/* The life of a coordinator, in a process just forked by the program. Never returns. */
_Noreturn void ct__coordinator_main(struct ct__setup *setup);
#endif
