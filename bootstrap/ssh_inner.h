/* One connection, as the files ssh*.c share it: a session that never blocks, on a socket or in the tunnel of another
 * session. One thread. Inner to room bootstrap/. */
#ifndef COMBTEST_BOOTSTRAP_SSH_INNER_H
#define COMBTEST_BOOTSTRAP_SSH_INNER_H
#include <bootstrap/ssh.h>
#include <loaded/ssh2.h>

#define CT__TUNNEL_SIZE 65536

/* A channel of the jump host's session that carries another session. A window that could not be adjusted, and a packet
 * that was sent in part, must be finished before the session sends anything else. */
struct ct__tunnel {
    LIBSSH2_CHANNEL *channel;
    bool reading, writing; /* that call was cut short, and is to be made again first */
    bool ended;
    size_t start, end; /* what was read and not yet taken */
    char bytes[CT__TUNNEL_SIZE];
};

struct ct__ssh {
    const struct ct__ssh_settings *settings;
    int fd; /* of the socket; those behind a jump host borrow it */
    LIBSSH2_SESSION *session;
    struct ct__ssh *jump; /* whose tunnel this one uses; owned */
    struct ct__tunnel tunnel;
    LIBSSH2_CHANNEL *channel;
    /* A packet was sent in part: the call that began it must be made again before any other on the session. */
    bool held;
    int64_t deadline_ms; /* monotonic; INT64_MAX: none */
    bool late;           /* the deadline passed within the library */
    bool strange;        /* what answers there is no ssh server */
    size_t banner_size;  /* bytes that came before the first key exchange */
    bool banner_over;
    int64_t heard_ms;  /* when bytes came last */
    uint64_t received; /* bytes that came over the socket */
    uint64_t weighed;  /* how many had come when ct__ssh_news was asked last */
    char host_key[64]; /* its type */
    bool rsa_refused;  /* the server refused an RSA key of the user */
    bool banner_seen;
};

/* Whether bytes have come over the socket since it was asked last. What a call of libssh2 takes from the socket may be
 * for another one, which must be made again before anybody waits for the socket: nothing more need ever come there. */
bool ct__ssh_news(struct ct__ssh *ssh);
/* Waits, unless there is news, until the socket is ready for what the session waits for. CT_EIO once the deadline has
 * passed: doing says what took too long. */
enum ct_err ct__ssh_wait(struct ct__ssh *ssh, const char *doing, struct ct_error *error);
/* The session's last error, as the reason why doing failed. Returns code. */
enum ct_err ct__ssh_failed(struct ct__ssh *ssh, enum ct_err code, const char *doing, struct ct_error *error);
/* What poll() is to wait for on the socket: of the session that has it, which may be a jump host's. */
short ct__ssh_events(const struct ct__ssh *ssh);

/* ---- host keys (ssh_known.c) ---- */
/* The host key types that known_hosts has for the host, then the others that libssh2 knows, between commas, for
 * LIBSSH2_METHOD_HOSTKEY. */
void ct__ssh_known_types(const struct ct__ssh_settings *settings, char *types, size_t size);
/* Checks the key of the session. CT_ECONFIG for one that is unknown or changed. */
enum ct_err ct__ssh_known_check(struct ct__ssh *ssh, struct ct_error *error);

/* ---- login (ssh_auth.c) ---- */
enum ct_err ct__ssh_login(struct ct__ssh *ssh, struct ct_error *error);
#endif
