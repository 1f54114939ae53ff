/* How services get onto other hosts. A launcher starts the user's program once more, on a host, with its standard
 * input and output joined to the run; all else (what runs there, retries, accounting) is combtest's. */
#ifndef COMBTEST_LAUNCHER_H
#define COMBTEST_LAUNCHER_H
#include <combtest/error.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A host of a fleet, as --hosts, [NET] machine_ips and its [HOST name] section describe it. Text that is not set is
 * NULL, a number 0. */
struct ct_host {
    const char *name;    /* as the user wrote it; names the host in logs, traces and errors */
    const char *address; /* where to connect: a name or a numeric address, IPv6 without brackets */
    const char *user;
    int port;
    int services, threads; /* 0: as many services as cores there; as many threads as the run says */
    const char *work_dir;  /* the program starts in it; made where it is missing */
    const char *prepare;   /* shell commands on the host: before the program starts, and after it has ended */
    const char *finalize;
    const char *const *environment; /* NAME=value, NULL-terminated; never NULL */
    const char *const *files;       /* paths here that the program needs there, NULL-terminated; never NULL */
    int direct;                     /* 1: the program there connects to the run itself, once the wire has told it how */
};

/* One start of the program on one host. All borrowed for the call. */
struct ct_launch {
    const struct ct_host *host;
    const char *program;            /* path of the program here, absolute */
    const char *const *arguments;   /* for it, the program's name first, NULL-terminated */
    const char *const *environment; /* NAME=value, NULL-terminated, to be set for it beside the host's own; what makes
                                       it serve the run is among them. Holds no secret */
    int wire;            /* a connected stream socket: what comes from it belongs to the program's standard input,
                            what the program writes to standard output goes into it, byte by byte. At its end of
                            file the program is to see the end of its input, and leaves by itself */
    int64_t deadline_ms; /* from the call on, for connecting and starting; 0: none */
    void *user;          /* the launcher's */
    /* For a line about how far the start has come; a NULL-terminated text, without a newline. */
    void (*note)(const struct ct_launch *launch, const char *text);
    /* For a direct host, before the program starts there: the numeric address, of this host, from which that one is
     * reached, and at which it will look for the run. A launcher that does not know it leaves that to --advertise. */
    void (*from)(const struct ct_launch *launch, const char *address);
};

struct ct_launcher {
    const char *name; /* for messages */
    /* Starts the program on launch->host and stays until it has ended there: CT_OK, whatever it exited with; else why
     * it could not be started. Called in a process of its own for each host and try, with one thread, no signal
     * handlers, standard output and error going to the run's log; it may block, fork, and exec (the wire is
     * close-on-exec). The process is killed where the deadline passes before the program has said hello, and at the end
     * of the run. */
    enum ct_err (*launch)(const struct ct_launch *launch, struct ct_error *error);
    void *user;
};

/* Starts the program over ssh, as docs/fleets.md tells: the default where hosts are named. It takes its settings from
 * the configuration of the run. */
extern const struct ct_launcher ct_launcher_ssh;

#ifdef __cplusplus
}
#endif
#endif
