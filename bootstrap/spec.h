/* Hosts as they are written in --hosts: [user@]address[:port][*services]. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_SPEC_H
#define COMBTEST_BOOTSTRAP_SPEC_H
#include <combtest/error.h>

#define CT__SPEC_SIZE 256

struct ct__spec {
    char name[CT__SPEC_SIZE];    /* address and port as written: what names the host */
    char address[CT__SPEC_SIZE]; /* without the brackets of [::1] */
    char user[CT__SPEC_SIZE];    /* "": not given */
    int port, services;          /* 0: not given */
};

/* Reads text into *spec. CT_ECONFIG; the message begins with where. */
enum ct_err ct__spec_read(const char *text, const char *where, struct ct__spec *spec, struct ct_error *error);
#endif
