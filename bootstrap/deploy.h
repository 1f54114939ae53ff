/* Getting the program, and what it needs, into the cache of a host. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_DEPLOY_H
#define COMBTEST_BOOTSTRAP_DEPLOY_H
#include <bootstrap/elf.h>
#include <bootstrap/sha256.h>
#include <bootstrap/ssh_shell.h>
#include <sys/types.h>
#include <time.h>

/* A file here that the host is to have. */
struct ct__item {
    char *path;   /* here */
    char *target; /* its path in the work directory there; NULL: it stays in the cache */
    char hash[CT__SHA256_TEXT];
    uint64_t size;
    dev_t device; /* with the next two: whether it is still what was hashed */
    ino_t inode;
    struct timespec modified;
    bool program, there; /* there: the host's cache has it */
};

/* What a host said of itself. */
struct ct__probe {
    char machine[32], kernel[32], name[64];
    int cores;
    int glibc_major, glibc_minor; /* 0, 0: none was found */
};

struct ct__deploy {
    struct ct__shell *shell;
    const struct ct_host *host;
    const char *host_name;
    struct ct__elf elf; /* of the program */
    struct ct__probe probe;
    struct ct__item *items; /* the program first, then the user's files, then libraries */
    size_t count;
    size_t program_count;           /* the program and the user's files */
    char missing[CT__MISSING_SIZE]; /* libraries that the host lacks, each with a newline behind it */
    bool missing_more;              /* there are more of them than missing holds */
    char failed[256];               /* why a script failed; "": none did */
    uint64_t sent;                  /* bytes that were uploaded */
    int cache_days;
};

/* Reads the files here. program NULL: the host is only asked about. CT_ECONFIG, CT_EIO, CT_NOMEM; ct__deploy_clear
 * frees what it holds, whatever came of it. */
enum ct_err ct__deploy_start(struct ct__deploy *deploy, struct ct__shell *shell, const struct ct_host *host,
                             const char *program, int cache_days, struct ct_error *error);
void ct__deploy_clear(struct ct__deploy *deploy);

/* Takes one line of what the host answers. *done: it was the last of the script. CT_EIO where the script failed there,
 * CT_ECONFIG where the program cannot be loaded. What the host says can be anything; what is kept of it has no
 * characters that control a terminal. */
enum ct_err ct__deploy_answer(struct ct__deploy *deploy, const char *line, bool *done, struct ct_error *error);
/* Asks the host what it is and which of the items it has; an architecture or glibc that the program cannot run with is
 * CT_ECONFIG. If the program is there, missing says which libraries are not. */
enum ct_err ct__deploy_probe(struct ct__deploy *deploy, struct ct_error *error);
/* Which libraries the host seems to lack, where the program is not there to be asked: those in none of the usual
 * directories go into missing. */
enum ct_err ct__deploy_look(struct ct__deploy *deploy, struct ct_error *error);
/* Asks for nothing: a trip there and back, in ms. */
enum ct_err ct__deploy_ping(struct ct__deploy *deploy, double *round_trip_ms, struct ct_error *error);
/* Uploads what the host lacks. */
enum ct_err ct__deploy_upload(struct ct__deploy *deploy, struct ct_error *error);
/* The script that runs the program and ends the shell. It says "start" just before. stop_ms: what the host's command
 * finalize may take. NULL: no memory. */
char *ct__deploy_script(const struct ct__deploy *deploy, const char *const *arguments, const char *const *environment,
                        int64_t stop_ms);
#endif
