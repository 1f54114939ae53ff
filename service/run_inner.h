/* What the files of run_tests() share, on the side of the program that calls it. */
#ifndef COMBTEST_SERVICE_RUN_INNER_H
#define COMBTEST_SERVICE_RUN_INNER_H
#include "combtest/launcher.h"
#include "service/service.h"
#include "service/setup.h"
#include <stdatomic.h>
#include <sys/stat.h>

/* A run as the program sees it. */
struct run {
    struct ct__setup setup;
    const struct ct_run_options *options; /* never NULL */
    const atomic_bool *stop;              /* whether the program asked to stop */
    struct ct_config *found;              /* read here, where the options bring none */
    const char *gather_path;              /* where the user wants the states, or NULL */
    struct stat old_trace;                /* what had the trace's name before the run; zero: nothing */
    struct ct__hosts *hosts;              /* what the machines' texts are in */
    struct ct_launcher ssh;               /* the one by ssh, told of them */
    struct ct_host *machines;
    bool local_too;             /* walks run on this host, too */
    bool gather_aside;          /* they are written beside it, and renamed at the end */
    struct ct_results *results; /* being made */
    struct ct_results so_far;   /* the last progress */
    int64_t made_ms, told_ms;   /* when the rows began to be made; when their number was told last */
    pid_t coordinator;
    int control;
    bool ready, finished; /* the coordinator works; it has sent the results */
    bool stuck;           /* it stood still, and was ended for that */
    int asked;            /* what it was told: 0 nothing, 1 to stop, 2 to end at once */
};

/* run_prepare.c: from suite and options to a setup; nothing is started, but the run's directory is made. */
enum ct_err ct__run_prepare(struct run *run, const struct ct_suite *suite, struct ct_error *error);
/* run_hosts.c */
enum ct_err ct__run_hosts(struct run *run, const struct ct_config *config, struct ct_error *error);
/* run_listen.c: the run's token, and where services may join */
enum ct_err ct__run_listen(struct run *run, const struct ct_config *config, struct ct_error *error);
void ct__run_clear(struct run *run);
#endif
