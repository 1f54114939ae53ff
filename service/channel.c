#include "service/channel.h"
#include "combtest/core.h"
#include "service/board.h"
#include <loaded/nng.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define READ_FIRST   4096u /* of a read, until one has filled it: most peers say little, and there may be thousands */
#define READ_SIZE    65536u
#define KEPT_MAX     16384u      /* of a buffer for what is sent, once it is empty */
#define PAUSE_MAX_MS 100         /* between two attempts to connect */
#define PENDING_MAX  (16u << 20) /* bytes of frames that the owner has not taken; then the peers are made to wait */

const char ct__closed_large[] = "a frame is larger than allowed";
const char ct__closed_tls[] = "no encrypted connection could be made";

struct event_node {
    struct ct__event event;
    struct event_node *next;
};

struct ct__channel {
    struct ct__hub *hub;
    nng_stream *stream;
    nng_aio *reader, *writer;
    void *user;                    /* all below is guarded by the hub's lock */
    struct ct__bytes in;           /* what has come and is no whole frame yet */
    struct ct__bytes queued, sent; /* out: what waits, and what nng is writing */
    size_t written;                /* of sent */
    uint32_t limit;
    bool writing, closed;
    bool held;                      /* it is not read for now */
    bool outside;                   /* set once */
    struct ct__channel *next, **at; /* among the hub's; what points to this one */
    unsigned char *incoming;        /* nng writes into it while a read is under way */
    size_t room;                    /* there */
};

struct listener {
    struct ct__hub *hub;
    nng_stream_listener *stream;
    nng_aio *acceptor;
    bool outside;
};

struct ct__hub {
    pthread_mutex_t lock; /* guards the events and every channel's buffers */
    void (*wake)(void *user);
    void *user;
    struct event_node *first, **last;
    size_t pending; /* bytes of the frames among the events */
    size_t held;    /* how many channels are not read for now */
    struct ct__channel *channels;
    struct listener listeners[CT__LISTENERS_MAX];
    size_t listener_count;
};

/* The lock is held. Events carry what must not be lost: without memory for one the process cannot go on in order. */
static void push(struct ct__channel *channel, enum ct__event_kind kind, struct ct__bytes *frame, const char *why)
{
    struct ct__hub *hub = channel->hub;
    struct event_node *node = calloc(1, sizeof *node);
    if (!node) abort();
    node->event = (struct ct__event){ .kind = kind, .channel = channel, .why = why };
    if (frame) {
        node->event.frame = *frame;
        hub->pending += frame->size;
    }
    *hub->last = node;
    hub->last = &node->next;
}

static void shut(struct ct__channel *channel, const char *why)
{
    if (channel->closed) return;
    channel->closed = true;
    push(channel, CT__EVENT_CLOSED, NULL, why);
    nng_stream_close(channel->stream);
}

static void start_read(struct ct__channel *channel)
{
    nng_iov iov = { .iov_buf = channel->incoming, .iov_len = channel->room };
    nng_aio_set_iov(channel->reader, 1, &iov);
    nng_stream_recv(channel->stream, channel->reader);
}

/* Cuts the next whole frame from what has come: 1 if there was one, 0 if not, -1 if it is over the limit. */
static int cut_frame(struct ct__channel *channel, size_t *at, struct ct__bytes *frame)
{
    struct ct__bytes *in = &channel->in;
    if (in->size - *at < 4) return 0;
    struct ct__cursor cursor = ct__cursor(in->data + *at, 4);
    uint32_t size = ct__get_u32(&cursor);
    if (size > channel->limit) return -1;
    if (in->size - *at - 4 < size) return 0;
    *frame = (struct ct__bytes){ 0 };
    ct__put_bytes(frame, in->data + *at + 4, size);
    *at += 4 + (size_t)size;
    return 1;
}

static void cut_frames(struct ct__channel *channel)
{
    size_t at = 0;
    struct ct__bytes frame;
    int cut;
    while ((cut = cut_frame(channel, &at, &frame)) > 0) {
        if (frame.failed) {
            ct__bytes_free(&frame);
            shut(channel, "out of memory");
            return;
        }
        push(channel, CT__EVENT_FRAME, &frame, NULL);
    }
    ct__bytes_drop(&channel->in, at);
    if (cut < 0) shut(channel, ct__closed_large);
}

static void shut_for(struct ct__channel *channel, int result)
{
    bool ended = result == NNG_ECLOSED || result == NNG_ECONNSHUT;
    shut(channel, ended                   ? "the peer closed the connection"
                  : result == NNG_ECRYPTO ? ct__closed_tls
                                          : nng_strerror(result));
}

/* After a read that left no room the next ones get more. */
static void widen(struct ct__channel *channel)
{
    unsigned char *more = channel->room < READ_SIZE ? realloc(channel->incoming, READ_SIZE) : NULL;
    if (!more) return;
    channel->incoming = more;
    channel->room = READ_SIZE;
}

/* The lock is held: whether the channel is to be read for now. */
static void set_held(struct ct__channel *channel, bool held)
{
    channel->hub->held += held;
    channel->hub->held -= channel->held;
    channel->held = held;
}

static void on_read(void *user)
{
    struct ct__channel *channel = user;
    struct ct__hub *hub = channel->hub;
    int result = nng_aio_result(channel->reader);
    pthread_mutex_lock(&hub->lock);
    if (!channel->closed && result == 0) {
        ct__put_bytes(&channel->in, channel->incoming, nng_aio_count(channel->reader));
        if (channel->in.failed)
            shut(channel, "out of memory");
        else
            cut_frames(channel);
        if (nng_aio_count(channel->reader) == channel->room) widen(channel);
    } else {
        shut_for(channel, result);
    }
    set_held(channel, hub->pending > PENDING_MAX);
    if (!channel->closed && !channel->held) start_read(channel);
    pthread_mutex_unlock(&hub->lock);
    hub->wake(hub->user);
}

/* The lock is held. */
static void start_write(struct ct__channel *channel)
{
    nng_iov iov = { .iov_buf = channel->sent.data + channel->written,
                    .iov_len = channel->sent.size - channel->written };
    channel->writing = true;
    nng_aio_set_iov(channel->writer, 1, &iov);
    nng_stream_send(channel->stream, channel->writer);
}

/* The lock is held: goes on with what is queued if nothing is being written. */
static void pump(struct ct__channel *channel)
{
    if (channel->writing || channel->closed) return;
    if (channel->written == channel->sent.size) {
        struct ct__bytes empty = channel->sent;
        empty.size = 0;
        channel->sent = channel->queued;
        channel->queued = empty;
        channel->written = 0;
    }
    if (channel->sent.size > 0)
        start_write(channel);
    else if (channel->queued.capacity > KEPT_MAX)
        ct__bytes_free(&channel->queued); /* what it held has gone: a brief, say, once for each of thousands */
}

static void on_written(void *user)
{
    struct ct__channel *channel = user;
    struct ct__hub *hub = channel->hub;
    int result = nng_aio_result(channel->writer);
    pthread_mutex_lock(&hub->lock);
    channel->writing = false;
    if (result == 0)
        channel->written += nng_aio_count(channel->writer);
    else
        shut_for(channel, result);
    pump(channel);
    bool idle = !channel->writing; /* the owner may have been waiting for that */
    pthread_mutex_unlock(&hub->lock);
    if (result != 0 || idle) hub->wake(hub->user);
}

static void dispose(struct ct__channel *channel)
{
    nng_stream_close(channel->stream);
    if (channel->reader) nng_aio_free(channel->reader); /* waits for its callback */
    if (channel->writer) nng_aio_free(channel->writer);
    nng_stream_free(channel->stream);
    ct__bytes_free(&channel->in);
    ct__bytes_free(&channel->queued);
    ct__bytes_free(&channel->sent);
    free(channel->incoming);
    free(channel);
}

/* Takes the stream. NULL: no memory, and the stream is gone. */
static struct ct__channel *channel_new(struct ct__hub *hub, nng_stream *stream, bool outside)
{
    struct ct__channel *channel = calloc(1, sizeof *channel);
    if (!channel) {
        nng_stream_free(stream);
        return NULL;
    }
    channel->hub = hub;
    channel->stream = stream;
    channel->outside = outside;
    channel->limit = CT__FRAME_MAX_STRANGER;
    channel->incoming = malloc(READ_FIRST);
    channel->room = READ_FIRST;
    if (!channel->incoming || nng_aio_alloc(&channel->reader, on_read, channel) != 0 ||
        nng_aio_alloc(&channel->writer, on_written, channel) != 0) {
        dispose(channel);
        return NULL;
    }
    pthread_mutex_lock(&hub->lock);
    channel->next = hub->channels;
    channel->at = &hub->channels;
    if (channel->next) channel->next->at = &channel->next;
    hub->channels = channel;
    push(channel, CT__EVENT_OPENED, NULL, NULL);
    start_read(channel);
    pthread_mutex_unlock(&hub->lock);
    return channel;
}

static void on_accept(void *user)
{
    struct listener *listener = user;
    int result = nng_aio_result(listener->acceptor);
    if (result == 0) channel_new(listener->hub, nng_aio_get_output(listener->acceptor, 0), listener->outside);
    if (result == NNG_ECLOSED || result == NNG_ECANCELED) return;
    nng_stream_listener_accept(listener->stream, listener->acceptor);
    listener->hub->wake(listener->hub->user);
}

enum ct_err ct__hub_open(void (*wake)(void *user), void *user, struct ct__hub **hub, struct ct_error *error)
{
    enum ct_err err = ct__nng_load(error);
    if (err) return err;
    struct ct__hub *made = calloc(1, sizeof *made);
    if (!made) return ct__nomem(error);
    pthread_mutex_init(&made->lock, NULL);
    made->wake = wake;
    made->user = user;
    made->last = &made->first;
    *hub = made;
    return CT_OK;
}

void ct__hub_close(struct ct__hub *hub)
{
    if (!hub) return;
    for (size_t i = 0; i < hub->listener_count; i++) {
        nng_stream_listener_close(hub->listeners[i].stream);
        nng_aio_free(hub->listeners[i].acceptor);
        nng_stream_listener_free(hub->listeners[i].stream);
    }
    while (hub->channels) {
        struct ct__channel *channel = hub->channels;
        hub->channels = channel->next;
        dispose(channel);
    }
    struct ct__event event;
    while (ct__hub_next(hub, &event)) ct__bytes_free(&event.frame);
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

/* A configuration of the side that shows the certificate, or that verifies it. */
static int make_tls(const struct ct__tls *tls, nng_tls_config **config)
{
    nng_tls_config *made = NULL;
    int result = nng_tls_config_alloc(&made, tls->key ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT);
    if (result == 0 && tls->key) result = nng_tls_config_own_cert(made, tls->certificate, tls->key, NULL);
    if (result == 0 && !tls->key) result = nng_tls_config_ca_chain(made, tls->certificate, NULL);
    if (result == 0 && !tls->key) result = nng_tls_config_auth_mode(made, NNG_TLS_AUTH_MODE_REQUIRED);
    if (result == 0)
        *config = made;
    else if (made)
        nng_tls_config_free(made);
    return result;
}

/* What nng says, and, where it says little, what it is about. */
static const char *explain(int result)
{
    if (result == NNG_ECRYPTO) return "the certificate or its key is none, or they do not belong together";
    return nng_strerror(result);
}

static int open_listener(struct listener *listener, const char *url, const struct ct__tls *tls)
{
    nng_tls_config *config = NULL;
    int result = nng_stream_listener_alloc(&listener->stream, url);
    if (result == 0 && tls) result = make_tls(tls, &config);
    if (result == 0 && tls) result = nng_stream_listener_set_ptr(listener->stream, NNG_OPT_TLS_CONFIG, config);
    if (result == 0) result = nng_stream_listener_listen(listener->stream);
    if (result == 0) result = nng_aio_alloc(&listener->acceptor, on_accept, listener);
    if (config) nng_tls_config_free(config); /* the listener holds on to it */
    if (result != 0 && listener->stream) nng_stream_listener_free(listener->stream);
    return result;
}

enum ct_err ct__hub_listen(struct ct__hub *hub, const char *url, const struct ct__tls *tls, int *port,
                           struct ct_error *error)
{
    if (hub->listener_count == CT__LISTENERS_MAX)
        return ct__error(error, CT_ETOOBIG, "cannot listen at more than %d addresses", CT__LISTENERS_MAX - 1);
    struct listener *listener = &hub->listeners[hub->listener_count];
    *listener = (struct listener){ .hub = hub, .outside = hub->listener_count > 0 };
    int result = open_listener(listener, url, tls);
    if (result != 0)
        return ct__error(error, result == NNG_EADDRINUSE ? CT_ESYSTEM : CT_EINVAL, "cannot listen at %s: %s", url,
                         explain(result));
    if (port) nng_stream_listener_get_int(listener->stream, NNG_OPT_TCP_BOUND_PORT, port);
    hub->listener_count++;
    nng_stream_listener_accept(listener->stream, listener->acceptor);
    return CT_OK;
}

/* Who listens in a moment is found at once; waiting for one that does not costs little. */
static int dial(nng_stream_dialer *dialer, nng_aio *aio, int64_t timeout_ms, bool patiently)
{
    int64_t deadline = ct__now_ms() + timeout_ms, pause_ms = 1;
    for (;;) {
        int64_t left = deadline - ct__now_ms();
        nng_aio_set_timeout(aio, (nng_duration)(left > 1 ? left : 1));
        nng_stream_dialer_dial(dialer, aio);
        nng_aio_wait(aio);
        int result = nng_aio_result(aio);
        bool again = patiently && (result == NNG_ECONNREFUSED || result == NNG_ENOENT);
        if (!again || ct__now_ms() + pause_ms >= deadline) return result;
        nanosleep(&(struct timespec){ .tv_nsec = pause_ms * 1000000 }, NULL);
        pause_ms = pause_ms < PAUSE_MAX_MS / 2 ? pause_ms * 2 : PAUSE_MAX_MS;
    }
}

enum ct_err ct__hub_dial(struct ct__hub *hub, const char *url, const struct ct__tls *tls, int64_t timeout_ms,
                         bool patiently, struct ct__channel **channel, struct ct_error *error)
{
    nng_stream_dialer *dialer = NULL;
    nng_tls_config *config = NULL;
    nng_aio *aio = NULL;
    struct ct__channel *made = NULL;
    int result = nng_stream_dialer_alloc(&dialer, url);
    if (result == 0 && tls) result = make_tls(tls, &config);
    if (result == 0 && tls) result = nng_stream_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, config);
    if (result == 0) result = nng_aio_alloc(&aio, NULL, NULL);
    if (result == 0) result = dial(dialer, aio, timeout_ms, patiently);
    if (result == 0) {
        made = channel_new(hub, nng_aio_get_output(aio, 0), false);
        if (!made) result = NNG_ENOMEM;
    }
    if (aio) nng_aio_free(aio);
    if (dialer) nng_stream_dialer_free(dialer);
    if (config) nng_tls_config_free(config);
    if (result != 0) return ct__error(error, CT_ESYSTEM, "cannot connect to %s: %s", url, nng_strerror(result));
    *channel = made;
    return CT_OK;
}

/* The lock is held: reads again from the channels that were made to wait. */
static void release_held(struct ct__hub *hub)
{
    for (struct ct__channel *channel = hub->channels; channel && hub->held > 0; channel = channel->next) {
        if (!channel->held) continue;
        set_held(channel, false);
        if (channel->closed) continue;
        start_read(channel);
    }
}

bool ct__hub_next(struct ct__hub *hub, struct ct__event *event)
{
    pthread_mutex_lock(&hub->lock);
    struct event_node *node = hub->first;
    if (node) {
        hub->first = node->next;
        if (!hub->first) hub->last = &hub->first;
        *event = node->event;
        event->user = node->event.channel->user;
        hub->pending -= node->event.frame.size;
        if (hub->pending <= PENDING_MAX / 2) release_held(hub);
    }
    pthread_mutex_unlock(&hub->lock);
    free(node);
    return node != NULL;
}

bool ct__channel_is_outside(const struct ct__channel *channel)
{
    return channel->outside;
}

void ct__channel_set_user(struct ct__channel *channel, void *user)
{
    pthread_mutex_lock(&channel->hub->lock);
    channel->user = user;
    pthread_mutex_unlock(&channel->hub->lock);
}

void ct__channel_set_limit(struct ct__channel *channel, uint32_t limit)
{
    pthread_mutex_lock(&channel->hub->lock);
    channel->limit = limit;
    pthread_mutex_unlock(&channel->hub->lock);
}

void ct__channel_send(struct ct__channel *channel, struct ct__bytes *frame)
{
    struct ct__hub *hub = channel->hub;
    pthread_mutex_lock(&hub->lock);
    ct__put_u32(&channel->queued, (uint32_t)frame->size);
    ct__put_bytes(&channel->queued, frame->data, frame->size);
    bool failed = frame->failed || channel->queued.failed || frame->size > CT__FRAME_MAX;
    if (failed)
        shut(channel, "out of memory");
    else
        pump(channel);
    pthread_mutex_unlock(&hub->lock);
    ct__bytes_free(frame);
    if (failed) hub->wake(hub->user);
}

size_t ct__channel_backlog(struct ct__channel *channel)
{
    pthread_mutex_lock(&channel->hub->lock);
    size_t backlog = channel->closed ? 0 : channel->queued.size + channel->sent.size - channel->written;
    pthread_mutex_unlock(&channel->hub->lock);
    return backlog;
}

void ct__channel_close(struct ct__channel *channel)
{
    pthread_mutex_lock(&channel->hub->lock);
    shut(channel, "closed here");
    pthread_mutex_unlock(&channel->hub->lock);
    channel->hub->wake(channel->hub->user);
}

void ct__channel_free(struct ct__channel *channel)
{
    if (!channel) return;
    struct ct__hub *hub = channel->hub;
    pthread_mutex_lock(&hub->lock);
    *channel->at = channel->next;
    if (channel->next) channel->next->at = channel->at;
    set_held(channel, false);
    pthread_mutex_unlock(&hub->lock);
    dispose(channel);
}
