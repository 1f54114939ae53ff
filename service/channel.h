/* Frames over nng streams (ipc, tcp, tls+tcp): the only file that calls nng. A frame is its length in four bytes,
 * little-endian, then that many bytes. nng_stream rather than a protocol socket: a second PAIR1 peer on one address is
 * turned away, others drop silently, and sizes from strangers must be bounded before they are read.
 *
 * A hub gathers what happens on all its channels in one queue, which its owner empties from one thread; it tells that
 * there is something by calling wake, on a thread of nng's. */
#ifndef COMBTEST_SERVICE_CHANNEL_H
#define COMBTEST_SERVICE_CHANNEL_H
#include "service/wire.h"
#include <combtest/error.h>

#define CT__FRAME_MAX          (256u << 20) /* bytes, of a peer that is known */
#define CT__FRAME_MAX_STRANGER 1024u        /* of one that is not */

struct ct__hub;
struct ct__channel;
enum ct__event_kind { CT__EVENT_OPENED, CT__EVENT_FRAME, CT__EVENT_CLOSED };
struct ct__event {
    enum ct__event_kind kind;
    struct ct__channel *channel;
    void *user;             /* what ct__channel_set_user set */
    struct ct__bytes frame; /* of CT__EVENT_FRAME: the caller's */
    const char *why;        /* of CT__EVENT_CLOSED: static text, which may be one of the next two */
};
extern const char ct__closed_large[]; /* it sent a frame over the limit: of a stranger, one that is no frame at all */
extern const char ct__closed_tls[];   /* it does not speak TLS, or shows another certificate */

/* Signals must be blocked on the calling thread, so that nng's threads block them too. */
enum ct_err ct__hub_open(void (*wake)(void *user), void *user, struct ct__hub **hub, struct ct_error *error);
/* Closes and frees all channels. Waits for nng's callbacks; what was sent and not yet written is dropped. */
void ct__hub_close(struct ct__hub *hub);
/* For tls+tcp: what the listener shows, PEM text, with its key; who dials has no key, and trusts that certificate
 * alone.
 */
struct ct__tls {
    const char *certificate, *key;
};
/* Accepts channels at url; each announces itself by CT__EVENT_OPENED. At most CT__LISTENERS_MAX times for a hub.
 * tls: for tls+tcp, else NULL. *port, unless port is NULL: the TCP port. CT_ETOOBIG: that many are open; CT_ESYSTEM: it
 * is in use; CT_EINVAL: it is none that this host can listen at. */
#define CT__LISTENERS_MAX 8
enum ct_err ct__hub_listen(struct ct__hub *hub, const char *url, const struct ct__tls *tls, int *port,
                           struct ct_error *error);
/* Connects, within timeout_ms; patiently: trying again while nobody listens, at first at once and then more and more
 * rarely. */
enum ct_err ct__hub_dial(struct ct__hub *hub, const char *url, const struct ct__tls *tls, int64_t timeout_ms,
                         bool patiently, struct ct__channel **channel, struct ct_error *error);
/* The oldest event; false if there is none. After CT__EVENT_CLOSED, free the channel with ct__channel_free. */
bool ct__hub_next(struct ct__hub *hub, struct ct__event *event);

/* Whether it came in by another listener than the hub's first. */
bool ct__channel_is_outside(const struct ct__channel *channel);
void ct__channel_set_user(struct ct__channel *channel, void *user);
/* The largest frame that is taken; one that is larger closes the channel. At first CT__FRAME_MAX_STRANGER. */
void ct__channel_set_limit(struct ct__channel *channel, uint32_t limit);
/* Queues a frame; takes its bytes and leaves *frame empty. A frame that failed for want of memory closes the channel.
 */
void ct__channel_send(struct ct__channel *channel, struct ct__bytes *frame);
size_t ct__channel_backlog(struct ct__channel *channel); /* bytes queued and not yet written */
void ct__channel_close(struct ct__channel *channel);     /* CT__EVENT_CLOSED follows */
void ct__channel_free(struct ct__channel *channel);
#endif
