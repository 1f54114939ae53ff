#include "service/join.h"
#include "combtest/core.h"
#include "service/process.h"
#include "service/proof.h"
#include "service/protocol.h"
#include "service/url.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AGAIN_MS 200
#define GREET_MS 10000 /* for the run to be there, and to answer */

/* What the user knows as the token: its file, where there is one. */
static const char *token_name(const struct ct__join *join)
{
    return join->token_path ? join->token_path : "that came with the program";
}

static enum ct_err explain_end(const struct ct__join *join, const char *why, struct ct_error *error)
{
    if (why == ct__closed_large)
        return ct__error(error, CT_EINVAL, "what listens at %.200s is no run of combtest", join->url);
    if (why == ct__closed_tls)
        return ct__error(error, CT_EINVAL,
                         "what listens at %.150s does not show the certificate in the token file %.150s: the file is "
                         "not that run's (it is made anew for each: copy it again), or no tls+tcp run listens there",
                         join->url, token_name(join));
    return ct__error(error, CT_ESYSTEM, "what listens at %.200s ended the connection: %s", join->url, why);
}

/* The next frame, within timeout_ms; the caller's. Errors as those of ct__join_connect: a frame that refuses is one. */
static enum ct_err await(struct ct__hub *hub, struct ct__bell *bell, const struct ct__join *join, int64_t timeout_ms,
                         struct ct__bytes *frame, struct ct_error *error)
{
    int64_t deadline = ct__now_ms() + timeout_ms;
    for (;;) {
        uint32_t seen = ct__bell_count(bell);
        struct ct__event event;
        while (ct__hub_next(hub, &event)) {
            if (event.kind == CT__EVENT_CLOSED) return explain_end(join, event.why, error);
            if (event.kind != CT__EVENT_FRAME) continue;
            struct ct__cursor cursor = ct__cursor(event.frame.data, event.frame.size);
            uint8_t kind = ct__get_u8(&cursor);
            ct__get_u32(&cursor);
            const char *why = kind == CT__FRAME_REFUSED ? ct__get_text(&cursor) : NULL;
            if (kind != CT__FRAME_REFUSED) {
                *frame = event.frame;
                return CT_OK;
            }
            enum ct_err code = ct__error(error, CT_EINVAL, "the run refuses this service: %s", why ? why : "no reason");
            ct__bytes_free(&event.frame);
            return code;
        }
        if (ct__now_ms() >= deadline)
            return ct__error(error, CT_ESYSTEM, "what listens at %.200s says nothing", join->url);
        ct__bell_wait(bell, seen, deadline - ct__now_ms());
    }
}

static void send_frame(struct ct__channel *channel, enum ct__frame kind, struct ct__bytes *body)
{
    struct ct__bytes frame = { 0 };
    ct__frame_begin(&frame, kind, 0);
    ct__put_bytes(&frame, body->data, body->size);
    frame.failed = frame.failed || body->failed;
    ct__channel_send(channel, &frame);
    ct__bytes_free(body);
}

static void knock(struct ct__channel *channel, enum ct__errand errand, const char *host, const unsigned char *nonce)
{
    struct ct__bytes body = { 0 };
    ct__put_u32(&body, CT__PROTOCOL_MAGIC);
    ct__put_u32(&body, CT__PROTOCOL_VERSION);
    ct__put_text(&body, CT__VERSION);
    ct__put_u8(&body, (uint8_t)errand);
    ct__put_bytes(&body, nonce, CT__NONCE_SIZE);
    ct__put_text(&body, host);
    send_frame(channel, CT__FRAME_KNOCK, &body);
}

/* Answers the challenge, whose body is at the cursor, once the run has proved itself in it. */
static enum ct_err answer(struct ct__channel *channel, const struct ct__join *join, const unsigned char *nonce,
                          struct ct__cursor *cursor, struct ct_error *error)
{
    struct ct__bytes body = { 0 };
    unsigned char proof[CT__PROOF_SIZE];
    const unsigned char *theirs = ct__get_bytes(cursor, CT__NONCE_SIZE),
                        *proved = ct__get_bytes(cursor, CT__PROOF_SIZE);
    if (cursor->bad) return ct__error(error, CT_EINVAL, "what answers at %s is no run of combtest", join->url);
    if (!ct__proof_make(join->token.text, CT__PROVER_COORDINATOR, nonce, theirs, proof)) return ct__nomem(error);
    if (!ct__proof_equal(proof, proved)) {
        send_frame(channel, CT__FRAME_COMPLAINT, &body); /* nothing is proved to who may be a stranger */
        return ct__error(error, CT_EINVAL,
                         "the run at %.200s has another token than the token file %.150s: copy the file of that run",
                         join->url, token_name(join));
    }
    if (!ct__proof_make(join->token.text, CT__PROVER_SERVICE, nonce, theirs, proof)) return ct__nomem(error);
    ct__put_bytes(&body, proof, sizeof proof);
    send_frame(channel, CT__FRAME_PROOF, &body);
    return CT_OK;
}

static enum ct_err prove(struct ct__hub *hub, struct ct__bell *bell, struct ct__channel *channel,
                         const struct ct__join *join, enum ct__errand errand, const char *host, int64_t timeout_ms,
                         struct ct_error *error)
{
    struct ct__bytes frame = { 0 };
    unsigned char nonce[CT__NONCE_SIZE];
    enum ct_err code = ct__nonce_make(nonce, error);
    if (code != CT_OK) return code;
    knock(channel, errand, host, nonce);
    if ((code = await(hub, bell, join, timeout_ms, &frame, error)) != CT_OK) return code;
    struct ct__cursor cursor = ct__cursor(frame.data, frame.size);
    uint8_t kind = ct__get_u8(&cursor);
    ct__get_u32(&cursor);
    if (kind == CT__FRAME_CHALLENGE)
        code = answer(channel, join, nonce, &cursor, error);
    else
        code = ct__error(error, CT_EINVAL, "what answers at %s is no run of combtest", join->url);
    ct__bytes_free(&frame);
    return code;
}

enum ct_err ct__join_connect(struct ct__hub *hub, struct ct__bell *bell, const struct ct__join *join,
                             enum ct__errand errand, const char *host, int64_t timeout_ms, struct ct__channel **channel,
                             struct ct_error *error)
{
    const struct ct__tls tls = { .certificate = join->token.certificate };
    bool encrypted = ct__url_is_tls(join->url);
    struct ct__channel *made = NULL;
    if (encrypted && !tls.certificate)
        return ct__error(error, CT_EINVAL, "the token file has no certificate: is the run's --listen a tls+tcp one?");
    if (!encrypted && tls.certificate && join->token_path)
        return ct__error(error, CT_EINVAL, "the run of the token file %.200s listens with TLS: join it at tls+%.200s",
                         join->token_path, join->url);
    enum ct_err code = ct__hub_dial(hub, join->url, encrypted ? &tls : NULL, timeout_ms, !join->listens, &made, error);
    if (code == CT_OK) code = prove(hub, bell, made, join, errand, host, timeout_ms, error);
    if (code == CT_OK) *channel = made;
    return code;
}

/* ---- the greeter ---- */

static void ring(void *user)
{
    ct__bell_ring(user);
}

/* What a greeter's process is for. */
struct greeting {
    const struct ct__join *join;
    const char *host;
    enum ct__errand errand; /* CT__ERRAND_SERVE: to see whether the run can be reached, alone */
    int64_t timeout_ms;
};

/* Writes to the pipe a byte, enum ct_err, and the brief or why there is none. */
_Noreturn static void greeter_main(const struct greeting *greeting, int pipe)
{
    static struct ct__bell bell;
    struct ct__hub *hub = NULL;
    struct ct__channel *channel = NULL;
    struct ct__bytes brief = { 0 };
    struct ct_error error = { 0 };
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    ct__block_signals();
    if (null >= 0) dup2(null, STDERR_FILENO); /* nng panics on it where the system refuses its threads */
    enum ct_err code = ct__hub_open(ring, &bell, &hub, &error);
    if (code == CT_OK)
        code = ct__join_connect(hub, &bell, greeting->join, greeting->errand, greeting->host, greeting->timeout_ms,
                                &channel, &error);
    if (code == CT_OK && greeting->errand == CT__ERRAND_BRIEF) {
        ct__channel_set_limit(channel, CT__FRAME_MAX);
        code = await(hub, &bell, greeting->join, greeting->timeout_ms, &brief, &error);
    }
    unsigned char word = (unsigned char)code;
    ct__write_all(pipe, &word, 1);
    if (code == CT_OK)
        ct__write_all(pipe, brief.data, brief.size);
    else
        ct__write_all(pipe, error.text, strlen(error.text));
    _exit(0);
}

/* All that comes until the end; false: no memory, or nothing. */
static bool read_to_end(int pipe, struct ct__bytes *bytes)
{
    for (;;) {
        unsigned char *room = ct__bytes_room(bytes, 65536);
        ssize_t got = room ? read(pipe, room, 65536) : -1;
        if (got < 0 && room && errno == EINTR) continue;
        if (got <= 0) return got == 0 && bytes->size > 0;
        bytes->size += (size_t)got;
    }
}

static enum ct_err greet(const struct greeting *greeting, struct ct__bytes *brief, struct ct_error *error)
{
    struct ct__bytes said = { 0 };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return ct__error(error, CT_ESYSTEM, "cannot make a pipe: %s", strerror(errno));
    ct__libraries_before_fork();
    pid_t pid = ct__fork_child();
    if (pid == 0) greeter_main(greeting, ends[1]);
    close(ends[1]);
    bool heard = pid > 0 && read_to_end(ends[0], &said);
    close(ends[0]);
    if (pid > 0) ct__kill_child(pid);
    enum ct_err code = CT_OK;
    if (!heard)
        code = ct__error(error, CT_ESYSTEM, "the process that was to connect to %s ended", greeting->join->url);
    else if (said.data[0] != CT_OK)
        code = ct__error(error, (enum ct_err)said.data[0], "%.*s", (int)said.size - 1, said.data + 1);
    if (code != CT_OK) {
        ct__bytes_free(&said);
        return code;
    }
    ct__bytes_drop(&said, 1);
    *brief = said;
    return CT_OK;
}

enum ct_err ct__join_greet(const struct ct__join *join, const char *host, struct ct__bytes *brief,
                           struct ct_error *error)
{
    int64_t deadline = ct__now_ms() + GREET_MS;
    for (;;) {
        int64_t left = deadline - ct__now_ms();
        enum ct_err code = greet(&(struct greeting){ join, host, CT__ERRAND_BRIEF, left > 1 ? left : 1 }, brief, error);
        /* a run whose door is crowded by strangers closes it, and turns them out soon */
        if (code != CT_ESYSTEM || ct__now_ms() + AGAIN_MS >= deadline) return code;
        usleep(AGAIN_MS * 1000);
    }
}

enum ct_err ct__join_probe(const struct ct__join *join, const char *host, int64_t timeout_ms, struct ct_error *error)
{
    struct ct__bytes nothing = { 0 };
    enum ct_err code = greet(&(struct greeting){ join, host, CT__ERRAND_SERVE, timeout_ms }, &nothing, error);
    ct__bytes_free(&nothing);
    return code;
}
