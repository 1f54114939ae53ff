/* The door of room bootstrap/: which hosts the settings name, and getting the program onto them by ssh. What a launcher
 * is, combtest/launcher.h says. */
#ifndef COMBTEST_BOOTSTRAP_H
#define COMBTEST_BOOTSTRAP_H
#include <combtest/core.h>
#include <combtest/launcher.h>

/* The hosts of a fleet, as the settings describe them, with what ssh needs to reach them. */
struct ct__hosts;

/* Reads a list of hosts, which is NET.machine_ips (--hosts) where list is NULL, the sections [HOST name] of its hosts,
 * and [SSH], with the files that hold secrets. *hosts is the caller's, of no host where none is named. CT_ECONFIG with
 * where the mistake stands; CT_NOMEM. Once it is made, config is no longer needed. */
enum ct_err ct__hosts_new(const struct ct_config *config, const char *list, struct ct__hosts **hosts,
                          struct ct_error *error);
/* Overwrites the secrets before it frees them. */
void ct__hosts_free(struct ct__hosts *hosts);
size_t ct__hosts_count(const struct ct__hosts *hosts);
/* The i-th host in the order of the settings: borrowed. Names are unique. */
const struct ct_host *ct__hosts_at(const struct ct__hosts *hosts, size_t i);

/* ct_launcher_ssh looks up how to reach launch->host in the struct ct__hosts that launch->user points to. */

/* ---- what `hosts check` tells (check.c) ---- */
#define CT__MISSING_SIZE 4096
struct ct__host_report {
    enum ct_err err; /* CT_OK: a run could start there */
    char error[512];
    bool reachable, key, login; /* an ssh server answers; its key is trusted; it lets the user in */
    char machine[32];           /* of `uname -m`; "": not known, as for all below */
    int cores, glibc_major, glibc_minor;
    bool cached;                    /* it has the program and the files that go with it */
    char missing[CT__MISSING_SIZE]; /* the libraries of the program that it lacks, each with a newline behind it */
    double round_trip_ms;
};
/* Asks all hosts at the same time, each in a process of its own; reports, as many as there are hosts, are filled.
 * program NULL: nothing is asked about one. CT_ESYSTEM, CT_NOMEM. No other thread may be in the process. */
enum ct_err ct__hosts_check(const struct ct__hosts *hosts, const char *program, struct ct__host_report *reports,
                            struct ct_error *error);
#endif
