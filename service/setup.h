/* What all processes of a run know, worked out before the first of them is forked and unchanged afterwards. */
#ifndef COMBTEST_SERVICE_SETUP_H
#define COMBTEST_SERVICE_SETUP_H
#include "combtest/core.h"
#include <combtest/run.h>
#include <sys/types.h>

struct ct_launcher;
struct ct_host;
struct ct__join;

#define CT__TOKEN_SIZE 33
#define CT__LEASE_MS   10000 /* a service that has heard nothing for so long ends its executors */

struct ct__setup {
    const struct ct_suite *suite;
    struct ct_plan *plan;
    struct ct__selection *selection;
    uint32_t services, threads; /* with isolation=process each thread is a service of its own, to tell its strays apart;
                                   services on this host: 0 where others run all walks */
    uint32_t asked_threads;     /* as the user said it */
    enum ct_isolation isolation;
    int64_t timeout_ms; /* of a walk's stage; 0: none */
    uint64_t seed;
    int strength;          /* of a covering suite; 0: the full product */
    const json_t *state;   /* given instead of the suite's, or NULL */
    uint64_t limit_memory; /* bytes of a walk's process; 0: no limit */
    uint64_t fail_fast;    /* stop at so many failures; 0: never */
    uint32_t retries;
    bool gather, core;
    char run_dir[64]; /* 0700, removed at the end */
    char url[96];
    char token[CT__TOKEN_SIZE];
    char host[64]; /* this one's name */
    char gather_path[4096];
    int64_t started_ms;
    int verbose;              /* as ct_run_options.verbose */
    enum ct_log_level lowest; /* of the log lines that anybody wants */
    enum ct__traced { CT__TRACE_NONE, CT__TRACE_FAILED, CT__TRACE_ALL } traced;
    char *log_dir, *trace_path; /* NULL: none; for the run's life */
    uint64_t log_size, max_output;
    bool trace_aside;       /* the trace is renamed to its name at the end */
    bool log_optional;      /* a log or trace that cannot be written does not end the run */
    bool remote;            /* this is not the coordinator's host */
    uint32_t life;          /* there: the number of this start of it, from 1 */
    uint32_t machine;       /* there, where it is direct: 1 + its index in the run's setup; else 0 */
    const char *direct_url; /* there: where it joins the run; NULL: it is not direct. In the brief */
    const char *direct_certificate;
    int64_t direct_ms;             /* and how long that may take */
    const struct ct__join *join;   /* how this host reaches the run, where it came by itself */
    char *listen;                  /* where services may join; NULL: nowhere. For the run's life */
    char *advertise;               /* the address that they are told; NULL: that of listen */
    int direct_port;               /* where direct hosts come in if listen is NULL: the first port to try */
    int listen_port, listen_tries; /* where listen says none: the first port, and how many from there on */
    char *token_path;
    char *certificate, *certificate_key; /* PEM, for tls */
    const struct ct_launcher *launcher;  /* of the machines */
    const struct ct_host *machines;      /* other hosts of the run */
    size_t machine_count;
    bool require_all;          /* the run starts when all of them are up, or not at all */
    int64_t start_ms, stop_ms; /* for a host to come; for hosts to end after the run */
    int control;               /* the coordinator's end of the connection to the program that called run_tests() */
    int keeper_lifeline;       /* the keeper's end of its connection to the coordinator */
};

/* Whether this host needs an executor for serial actions and hooks of the run, or of the host. */
bool ct__setup_needs_serial(const struct ct__setup *setup);
/* Whether this host runs walks, and so what is to be done once on each host. */
bool ct__setup_runs_walks(const struct ct__setup *setup);
/* The first stage that walks run: 1 where the first action is serial. */
size_t ct__setup_first_stage(const struct ct__setup *setup);
size_t ct__setup_last_stage(const struct ct__setup *setup);
/* Makes the run's directory, in TMPDIR or /tmp, and names the address in it. */
enum ct_err ct__make_run_dir(struct ct__setup *setup, struct ct_error *error);
#endif
