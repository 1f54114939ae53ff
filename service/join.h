/* Services that come by themselves: the side that joins a run which listens. Both sides prove that they know the token
 * before anything else is told or taken. */
#ifndef COMBTEST_SERVICE_JOIN_H
#define COMBTEST_SERVICE_JOIN_H
#include "service/board.h"
#include "service/channel.h"
#include "service/setup.h"
#include "service/token.h"

struct ct__join {
    char *url, *token_path; /* token_path: where it was read; NULL: it came with the brief */
    struct ct__token token;
    bool listens;                  /* the run is known to: a port where nobody does is no reason to wait */
    void (*say)(const char *text); /* what comes of it, for the user; NULL: nobody asks */
};

enum ct__errand { CT__ERRAND_BRIEF = 1, CT__ERRAND_SERVE }; /* what a connection is for: a greeter's, a link's */

/* Connects within timeout_ms, and proves. bell is rung by the hub's wake. CT_ESYSTEM: nobody is there, or says nothing;
 * CT_EINVAL: one of the sides refused the other, or is not what it should be. */
enum ct_err ct__join_connect(struct ct__hub *hub, struct ct__bell *bell, const struct ct__join *join,
                             enum ct__errand errand, const char *host, int64_t timeout_ms, struct ct__channel **channel,
                             struct ct_error *error);

/* Asks for the brief, in a process of its own, for this one must not open nng: *brief is the frame. */
enum ct_err ct__join_greet(const struct ct__join *join, const char *host, struct ct__bytes *brief,
                           struct ct_error *error);
/* Sees, in the same way, whether the run can be reached, and is that of the token, within timeout_ms. */
enum ct_err ct__join_probe(const struct ct__join *join, const char *host, int64_t timeout_ms, struct ct_error *error);
/* Serves until the run is over, or SIGTERM or SIGINT say to leave: what is in flight ends, the rest is given back; at
 * the second one, at once. Returns the exit code for this process. */
int ct__join_serve(struct ct__setup *setup);
#endif
