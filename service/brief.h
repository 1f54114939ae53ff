/* Briefs: all that a host other than the coordinator's needs to know of a run, in one frame, before it serves. The
 * host has the program, and so the suite; it is told how to run it, and is given the options that iterators made. */
#ifndef COMBTEST_SERVICE_BRIEF_H
#define COMBTEST_SERVICE_BRIEF_H
#include "service/setup.h"
#include "service/wire.h"

/* Whom a brief is for. */
struct ct__addressee {
    const char *name;           /* of the host, in logs and traces; NULL: it takes its own */
    uint32_t life;              /* the number of this start of it, for its link's hello */
    uint32_t machine;           /* of a direct host: 1 + its index in the setup */
    const char *url;            /* where that one joins the run; NULL: it is not direct */
    uint32_t services, threads; /* 0: as many services as it has cores; as many threads as the run says */
};

/* CT_EINVAL: an iterator made a pointer, which cannot travel. On failure bytes holds nothing of use. */
enum ct_err ct__brief_put(struct ct__bytes *bytes, const struct ct__setup *setup, const struct ct__addressee *to,
                          struct ct_error *error);

/* The name of the suite that a brief is about, borrowed; NULL: it is none. */
const char *ct__brief_suite(const void *body, size_t size);

/* Makes a setup of a brief: suite, plan, and all that executors look at. What the setup refers to lives as long as the
 * process, and body must, too. Services and threads that *setup has on entry are kept. CT_EINVAL for a brief of another
 * version, or where the suite has other actions here. */
enum ct_err ct__brief_take(const void *body, size_t size, const struct ct_suite *suite, struct ct__setup *setup,
                           struct ct_error *error);

/* A number that differs where the names, kinds or options of a suite's actions do, or its constraints: FNV-1a of 64
 * bits (Fowler, Noll, Vo; RFC 9923). Against mistakes, not against malice. */
uint64_t ct__brief_digest(const struct ct__table *table);
#endif
