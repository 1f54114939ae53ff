/* Running a suite. */
#ifndef COMBTEST_RUN_H
#define COMBTEST_RUN_H
#include <combtest/config.h>
#include <combtest/suite.h>
#include <combtest/walk.h>
#ifdef __cplusplus
extern "C" {
#endif

enum ct_isolation { CT_ISOLATION_DEFAULT = 0, CT_ISOLATION_THREAD, CT_ISOLATION_PROCESS };

struct ct_launcher;
struct ct_results;

/* How to run. Zero in a field means not set: the environment, combtest.cfg and the default decide, in that order. All
 * pointers are borrowed for the call. */
struct ct_run_options {
    int services, threads; /* services on this host (-1: none, with listen or hosts), threads in each; default: as many
                              services as cores, one thread each */
    enum ct_isolation isolation;
    int64_t timeout_ms; /* for each stage of a walk and each serial action; 0: the suite's */
    /* 0: the full product. 1 to 12: a covering suite, rows that have every combination of options of every `strength`
     * actions that constraints and should_cancel allow, and those of the suite's groups; ids are row numbers. To make
     * them should_cancel is asked before the run, in processes of its own and with no hook run: it knows the options
     * and the suite's state, ct_walk_id says nothing there. Rows it excludes are replaced; one on which it crashes or
     * hangs stays, and shows in the run. */
    int strength;
    uint64_t seed; /* of sample, and of the rows of strength; 0: 1 */
    const char *hosts, *config_path, *log_dir, *session_path;
    const char *only; /* "3,7-9": these ids alone */
    const char *trace;
    bool resume, gather_states;
    int verbose;         /* 0 default, 1 debug, -1 quiet */
    uint64_t fail_fast;  /* stop, as ct_stop does, once so many walks have failed, crashed or timed out */
    const json_t *state; /* instead of the suite's */
    const struct ct_launcher *launcher;
    /* Called on the thread that called run_tests(), at most ten times a second, with what is known so far; what it is
     * given is valid for the call. */
    void (*progress)(void *user, const struct ct_results *so_far);
    void *progress_user;
    uint64_t sample;                /* this many ids drawn at random, by seed, of those that only selects; 0: all */
    uint64_t shard, shard_count;    /* the shard-th of shard_count parts, counted from 1, of those; 0, 0: all */
    const struct ct_config *config; /* instead of config_path */
    const char *gather_path;        /* gather the states into this file, as JSON lines */
    /* Called on the same thread with each log line of a level that verbose lets through, without the newline at
     * its end; a message of several lines comes as one, with the newlines between them. */
    void (*log)(void *user, enum ct_log_level level, const char *line);
    void *log_user;
    uint64_t limit_memory; /* bytes that a walk's processes may take, with process isolation; 0: no limit */
    int retries;           /* how often a walk that failed, crashed or timed out runs again; passed then: flaky */
    bool core;             /* let crashes dump core */
    /* The log and the trace. log_dir: a directory, made where it is missing, for run.log and, unless trace is "none", a
     * trace. trace: "all" (the default), "failed" or "none". */
    uint64_t log_size;   /* bytes after which the log is put aside and begun anew; 0: 64 MiB */
    uint64_t max_output; /* bytes of what a walk writes to stdout and stderr that are kept, half of the first and half
                            of the last; 0: 64 KiB */
    bool log_optional;   /* a log or trace that cannot be written (a full disk) is given up, and the run goes on */
    const char *trace_path; /* without log_dir: a trace of the walks that fail, under this name; optional by itself */
    const char *seed_rows;  /* with strength: a file of rows to begin with, in the form of the suite's seed_rows */
    /* Other hosts. hosts: "a,b*8", each of which the launcher starts services on, as many as it has cores or as said;
     * walks run there alone, unless "local" is one of them, but serial actions and run hooks run on this host. */
    bool require_all; /* all hosts must be up before the run starts: else nothing runs, and exit_code is 3 */
    /* Where services that are started by hand, or by a scheduler, may join at any time ("SUITE service --join"): a URL
     * of tcp:// or tls+tcp://; without a port the first free one from [NET] service_port on, without an address
     * loopback. With services = -1 there are none but those. token_file holds what proves them, and the run to them:
     * made, 0600, where it is missing. advertise: the address that they are told, where this host has several. */
    const char *listen, *token_file, *advertise;
    int64_t start_timeout_ms,
        stop_timeout_ms; /* for a host to be up, 0: 30 s; for hosts to end after the run, 0: 10 s */
};

/* A walk that failed, crashed or timed out. */
struct ct_failure {
    uint64_t walk;
    enum ct_status status;
    char *message;   /* with file and line where known */
    json_t *options; /* object: each action's name with the value that the walk took */
    char *output;    /* what it wrote to stdout and stderr, where that can be told from what others wrote; or NULL */
    json_t *labels;  /* object: the labels of those options that have one, by action; or NULL */
};

/* Walks that failed, crashed or timed out alike: they say the same at the same place, but for numbers. */
struct ct_cause {
    struct ct_failure first; /* the one with the lowest id */
    uint64_t count;          /* of them all */
    uint64_t others[8];      /* the next ids, ascending */
    size_t other_count;
};

/* What came of a run. */
struct ct_results {
    uint64_t walk_count;              /* planned: the ids that only, sample and shard selected */
    uint64_t counts[CT_STATUS_COUNT]; /* by enum ct_status; they add up to walk_count */
    uint64_t error_count;             /* failed + crashed + timed out */
    uint64_t flaky_count, segment_count, serial_count, serial_failed_count;
    double elapsed_s;
    uint64_t *failed_ids;
    size_t failed_id_count; /* failed, crashed and timed out walks, the first 1000, ascending */
    json_t *states; /* array of {"walk", "status", "state"} in id order; NULL unless gather_states, and where the run
                       broke off for a full disk or want of memory */
    char *trace_path, *log_path, *session_path;
    int exit_code;               /* what ct_main would exit with */
    json_t *counters;            /* object: what ct_count summed */
    struct ct_failure *failures; /* the first 100, ascending */
    size_t failure_count;
    char *note; /* why the run is incomplete, else the first serial action that did not pass, else why every walk was
                   excluded or canceled; or NULL */
    /* In progress only, once nothing has ended for 60 s: the walks that run longest. */
    uint64_t in_flight[8];
    size_t in_flight_count;
    /* In progress only, while the rows of a covering suite are made, once that has taken a second: how many there are.
     */
    uint64_t rows_made;
    /* Of a run over hosts, or with services that joined, else NULL: an object, by host, of {"walks": how many ended
     * there, "why": null, or why it was not there when the run ended}. */
    json_t *hosts;
    struct ct_cause *causes; /* by the first's id; of more than 20 some failures are in none */
    size_t cause_count;
};

/* Runs a suite: makes its walks, runs them on services, and waits for the results. Walks that fail are results, not
 * errors. CT_OK with *results the caller's, also for a run that is incomplete (exit_code 3, note says why); else
 * nothing was started: CT_EINVAL for a suite or options that are wrong, and where the program has nng open; CT_ETOOBIG;
 * CT_ECONFIG; CT_ESYSTEM; CT_ENOTFOUND and CT_EIO of the seed_rows. May be called any number of times, by one thread at
 * a time (CT_EINVAL for a second one), and with other threads in the program. User code runs in processes forked from
 * this one: what it changes here is not seen here. */
enum ct_err ct_run_tests(const struct ct_suite *suite, const struct ct_run_options *options,
                         struct ct_results **results, struct ct_error *error);
void ct_results_free(struct ct_results *results);

/* Ends the run in progress as a first Ctrl-C does: no more walks are handed out, those in flight end, results are kept.
 * Nothing happens where no run is in progress. Async-signal-safe, any thread. */
void ct_stop(void);

#ifndef CT_NO_SHORT_NAMES
#define run_tests ct_run_tests
#endif

#ifdef __cplusplus
}
#endif
#endif
