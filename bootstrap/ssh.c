/* A connection: socket, key exchange, host key, login. */
#include <bootstrap/clock.h>
#include <bootstrap/ssh_inner.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BANNER_MAX   16384 /* bytes that a server may send before its version (RFC 4253, 4.2, lets it send lines) */
#define CIPHERS      "aes128-ctr,aes256-ctr,aes192-ctr"
#define DEAD_MS      30000 /* how long the other side may leave sent bytes unconfirmed */
#define KEEPALIVE_S  5
#define TUNNEL_BYTES ((uint32_t)4 << 20)

/* ---- waiting ---- */

short ct__ssh_events(const struct ct__ssh *ssh)
{
    while (ssh->jump) ssh = ssh->jump;
    return ssh->held ? POLLOUT : POLLIN;
}

bool ct__ssh_news(struct ct__ssh *ssh)
{
    uint64_t received = 0;
    for (const struct ct__ssh *one = ssh; one; one = one->jump) received += one->received;
    bool news = received != ssh->weighed;
    ssh->weighed = received;
    return news;
}

enum ct_err ct__ssh_wait(struct ct__ssh *ssh, const char *doing, struct ct_error *error)
{
    struct pollfd socket = { .fd = ssh->fd, .events = ct__ssh_events(ssh) };
    int ready;
    if (ct__ssh_news(ssh) && ct__now_ms() < ssh->deadline_ms) return CT_OK;
    do {
        ready = poll(&socket, 1, ct__until_ms(ssh->deadline_ms));
    } while (ready < 0 && errno == EINTR);
    if (ready > 0 && ct__now_ms() < ssh->deadline_ms) return CT_OK;
    ssh->late = true;
    return ct__ssh_failed(ssh, CT_EIO, doing, error);
}

enum ct_err ct__ssh_failed(struct ct__ssh *ssh, enum ct_err code, const char *doing, struct ct_error *error)
{
    const struct ct__ssh_settings *to = ssh->settings;
    char *text = NULL;
    if (ssh->strange)
        return ct__error(error, code, "%s: what answers at %s port %d is no ssh server", to->name, to->address,
                         to->port);
    if (ssh->late)
        return ct__error(error, code, "%s: %s at %s port %d took too long (SSH.connect_timeout, SSH.start_timeout)",
                         to->name, doing, to->address, to->port);
    if (ssh->session) libssh2_session_last_error(ssh->session, &text, NULL, 0);
    return ct__error(error, code, "%s: %s at %s port %d failed: %s", to->name, doing, to->address, to->port,
                     text && *text != '\0' ? text : "the connection ended");
}

/* ---- what carries the session ---- */

/* Within one call the library may read for as long as something comes. */
static ssize_t socket_receive(libssh2_socket_t fd, void *buffer, size_t size, int flags, void **abstract)
{
    struct ct__ssh *ssh = *abstract;
    ssize_t got;
    ssh->late = ssh->late || ct__now_ms() >= ssh->deadline_ms;
    if (ssh->late || ssh->strange) return -ETIMEDOUT;
    do {
        got = recv(fd, buffer, size, flags);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    if (got > 0) ssh->heard_ms = ct__now_ms();
    if (got > 0) ssh->received += (uint64_t)got;
    if (!ssh->banner_over && (ssh->banner_size += (size_t)got) > BANNER_MAX) ssh->strange = true;
    return got;
}

static ssize_t socket_send(libssh2_socket_t fd, const void *buffer, size_t size, int flags, void **abstract)
{
    struct ct__ssh *ssh = *abstract;
    ssize_t sent;
    do {
        sent = send(fd, buffer, size, flags | MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    ssh->held = sent < 0 ? errno == EAGAIN : (size_t)sent < size;
    return sent < 0 ? -errno : sent;
}

/* Reads into the tunnel's bytes, which are empty. */
static ssize_t tunnel_fill(struct ct__ssh *through, struct ct__tunnel *tunnel)
{
    ssize_t got = libssh2_channel_read(tunnel->channel, tunnel->bytes, sizeof(tunnel->bytes));
    tunnel->reading = got == LIBSSH2_ERROR_EAGAIN && through->held;
    if (got == LIBSSH2_ERROR_EAGAIN) return -EAGAIN;
    tunnel->ended = got <= 0;
    tunnel->start = 0;
    tunnel->end = got > 0 ? (size_t)got : 0;
    return got < 0 ? -ECONNRESET : got;
}

static ssize_t tunnel_receive(libssh2_socket_t fd, void *buffer, size_t size, int flags, void **abstract)
{
    struct ct__ssh *ssh = *abstract;
    struct ct__tunnel *tunnel = &ssh->tunnel;
    (void)fd, (void)flags;
    ssh->late = ssh->late || ct__now_ms() >= ssh->deadline_ms;
    if (ssh->late || ssh->strange) return -ETIMEDOUT;
    if (tunnel->start == tunnel->end) {
        if (tunnel->writing) return -EAGAIN;
        ssize_t got = tunnel->ended ? 0 : tunnel_fill(ssh->jump, tunnel);
        if (got <= 0) return got;
    }
    size_t part = tunnel->end - tunnel->start < size ? tunnel->end - tunnel->start : size;
    memcpy(buffer, tunnel->bytes + tunnel->start, part);
    tunnel->start += part;
    ssh->heard_ms = ct__now_ms();
    if (!ssh->banner_over && (ssh->banner_size += part) > BANNER_MAX) ssh->strange = true;
    return (ssize_t)part;
}

static ssize_t tunnel_send(libssh2_socket_t fd, const void *buffer, size_t size, int flags, void **abstract)
{
    struct ct__ssh *ssh = *abstract;
    struct ct__tunnel *tunnel = &ssh->tunnel;
    (void)fd, (void)flags;
    const char *from = buffer;
    size_t left = size;
    ssize_t sent = 0;
    ssh->held = true;
    if (tunnel->reading && tunnel_fill(ssh->jump, tunnel) == -EAGAIN && tunnel->reading) return -EAGAIN;
    while (left > 0 && (sent = libssh2_channel_write(tunnel->channel, from, left)) > 0) {
        from += sent;
        left -= (size_t)sent;
    }
    tunnel->writing = sent == LIBSSH2_ERROR_EAGAIN && ssh->jump->held;
    ssh->held = left > 0 && (sent == LIBSSH2_ERROR_EAGAIN || sent == 0);
    if (left < size) return (ssize_t)(size - left);
    return ssh->held ? -EAGAIN : -ECONNRESET;
}

/* ---- the socket ---- */

static void socket_options(int fd)
{
    int on = 1, dead_ms = DEAD_MS;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead_ms, sizeof(dead_ms));
}

/* Connects to one address: 0, or why not. */
static int connect_to(const struct addrinfo *to, int64_t deadline_ms, int *connected)
{
    int wrong = 0;
    socklen_t size = sizeof(wrong);
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->ai_protocol);
    if (fd < 0) return errno;
    struct pollfd waiting = { .fd = fd, .events = POLLOUT };
    if (connect(fd, to->ai_addr, to->ai_addrlen) != 0) wrong = errno;
    if (wrong == EINPROGRESS || wrong == EINTR) {
        int ready;
        do {
            ready = poll(&waiting, 1, ct__until_ms(deadline_ms));
        } while (ready < 0 && errno == EINTR);
        wrong = ready == 0 ? ETIMEDOUT : ready < 0 ? errno : 0;
        if (wrong == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &wrong, &size) != 0) wrong = errno;
    }
    if (wrong == 0)
        *connected = fd;
    else
        close(fd);
    return wrong;
}

/* The addresses of the host in turn; each gets an equal part of what is left of the time. */
static enum ct_err connect_socket(struct ct__ssh *ssh, struct ct_error *error)
{
    const struct ct__ssh_settings *to = ssh->settings;
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found = NULL;
    char port[16];
    int wrong = ENOENT, left = 0;
    snprintf(port, sizeof(port), "%d", to->port);
    int failed = getaddrinfo(to->address, port, &hints, &found);
    if (failed)
        return ct__error(error, CT_EIO, "%s: no such host as %s: %s", to->name, to->address,
                         failed == EAI_SYSTEM ? strerror(errno) : gai_strerror(failed));
    for (const struct addrinfo *one = found; one; one = one->ai_next) left++;
    for (const struct addrinfo *one = found; one && ssh->fd < 0; one = one->ai_next, left--) {
        int64_t now = ct__now_ms();
        wrong = connect_to(one, now + (ssh->deadline_ms - now) / left, &ssh->fd);
    }
    freeaddrinfo(found);
    if (ssh->fd < 0)
        return ct__error(error, CT_EIO, "%s: cannot connect to %s port %d: %s", to->name, to->address, to->port,
                         strerror(wrong));
    socket_options(ssh->fd);
    return CT_OK;
}

static enum ct_err open_tunnel(struct ct__ssh *ssh, struct ct_error *error)
{
    struct ct__ssh *jump = ssh->jump;
    const struct ct__ssh_settings *to = ssh->settings;
    jump->deadline_ms = ssh->deadline_ms;
    for (;;) {
        ssh->tunnel.channel = libssh2_channel_direct_tcpip(jump->session, to->address, to->port);
        if (ssh->tunnel.channel) break;
        if (libssh2_session_last_errno(jump->session) != LIBSSH2_ERROR_EAGAIN) {
            return ct__error(error, CT_EIO, "%s: %s could not connect on to %s port %d", to->name, jump->settings->name,
                             to->address, to->port);
        }
        enum ct_err err = ct__ssh_wait(jump, "connecting on to the next host", error);
        if (err) return err;
    }
    ssh->fd = jump->fd;
    return CT_OK;
}

/* ---- the session ---- */

/* libssh2 1.10 signs and verifies RSA with SHA-1 alone, which OpenSSH 8.8 and newer do not take. */
static enum ct_err exchange_failed(struct ct__ssh *ssh, int code, struct ct_error *error)
{
    const struct ct__ssh_settings *to = ssh->settings;
    bool methods = code == LIBSSH2_ERROR_KEX_FAILURE || code == LIBSSH2_ERROR_METHOD_NONE ||
                   code == LIBSSH2_ERROR_METHOD_NOT_SUPPORTED;
    if (!ssh->late && !ssh->strange && methods)
        return ct__error(
            error, CT_ECONFIG,
            "%s: no key exchange, host key type or cipher in common with the server. If it has an RSA host "
            "key only: libssh2 1.10 knows RSA with SHA-1 alone, which OpenSSH 8.8 and newer refuse; give "
            "the host an ed25519 host key (ssh-keygen -A)",
            to->name);
    return ct__ssh_failed(ssh, CT_EIO, ssh->banner_seen ? "the key exchange" : "the greeting", error);
}

static enum ct_err start_session(struct ct__ssh *ssh, struct ct_error *error)
{
    char types[256];
    ssh->session = libssh2_session_init_ex(NULL, NULL, NULL, ssh);
    if (!ssh->session) return ct__nomem(error);
    libssh2_session_set_blocking(ssh->session, 0);
    bool direct = ssh->jump == NULL;
    libssh2_session_callback_set(ssh->session, LIBSSH2_CALLBACK_RECV,
                                 direct ? (void *)socket_receive : (void *)tunnel_receive);
    libssh2_session_callback_set(ssh->session, LIBSSH2_CALLBACK_SEND,
                                 direct ? (void *)socket_send : (void *)tunnel_send);
    ct__ssh_known_types(ssh->settings, types, sizeof(types));
    if (libssh2_session_method_pref(ssh->session, LIBSSH2_METHOD_HOSTKEY, types) ||
        libssh2_session_method_pref(ssh->session, LIBSSH2_METHOD_CRYPT_CS, CIPHERS) ||
        libssh2_session_method_pref(ssh->session, LIBSSH2_METHOD_CRYPT_SC, CIPHERS))
        return ct__ssh_failed(ssh, CT_EIO, "choosing ciphers", error);
    return CT_OK;
}

static enum ct_err handshake(struct ct__ssh *ssh, struct ct_error *error)
{
    for (;;) {
        int code = libssh2_session_handshake(ssh->session, ssh->fd);
        ssh->banner_seen = libssh2_session_banner_get(ssh->session) != NULL;
        if (code == 0) break;
        ssh->strange = ssh->strange || code == LIBSSH2_ERROR_BANNER_RECV;
        if (code != LIBSSH2_ERROR_EAGAIN) return exchange_failed(ssh, code, error);
        enum ct_err err = ct__ssh_wait(ssh, ssh->banner_seen ? "the key exchange" : "the greeting", error);
        if (err) return err;
    }
    ssh->banner_over = true;
    libssh2_keepalive_config(ssh->session, 1, KEEPALIVE_S);
    return CT_OK;
}

enum ct_err ct__ssh_open(const struct ct__ssh_settings *settings, int64_t deadline_ms, enum ct__reached *reached,
                         struct ct__ssh **ssh, struct ct_error *error)
{
    enum ct__reached far = CT__REACHED_NOTHING;
    struct ct__ssh *opened = calloc(1, sizeof(*opened));
    if (reached) *reached = far;
    if (!opened) return ct__nomem(error);
    enum ct_err err = ct__ssh2_load(error);
    *opened = (struct ct__ssh){ .settings = settings, .fd = -1, .deadline_ms = deadline_ms };
    if (!err && libssh2_init(0) != 0) err = ct__nomem(error);
    if (!err && settings->jump) err = ct__ssh_open(settings->jump, deadline_ms, NULL, &opened->jump, error);
    if (!err) err = settings->jump ? open_tunnel(opened, error) : connect_socket(opened, error);
    if (!err) err = start_session(opened, error);
    if (!err) err = handshake(opened, error);
    if (!err) far = CT__REACHED_SERVER;
    if (!err) err = ct__ssh_known_check(opened, error);
    if (!err) far = CT__REACHED_LOGIN;
    if (!err) err = ct__ssh_login(opened, error);
    if (!err) far = CT__REACHED_ALL;
    if (reached) *reached = far;
    if (err)
        ct__ssh_close(opened);
    else
        *ssh = opened;
    return err;
}

void ct__ssh_set_deadline(struct ct__ssh *ssh, int64_t deadline_ms)
{
    for (; ssh; ssh = ssh->jump) ssh->deadline_ms = deadline_ms;
}

void ct__ssh_local_address(const struct ct__ssh *ssh, char *text, size_t size)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    text[0] = '\0';
    if (getsockname(ssh->fd, (struct sockaddr *)&address, &length) != 0) return;
    if (getnameinfo((struct sockaddr *)&address, length, text, (socklen_t)size, NULL, 0, NI_NUMERICHOST) != 0)
        text[0] = '\0';
}

void ct__ssh_close(struct ct__ssh *ssh)
{
    if (!ssh) return;
    /* The socket is shut first, so that nothing below sends or waits: there is nobody left to answer to. */
    if (ssh->fd >= 0) shutdown(ssh->fd, SHUT_RDWR);
    if (ssh->channel) libssh2_channel_free(ssh->channel);
    if (ssh->session) libssh2_session_free(ssh->session);
    if (ssh->tunnel.channel) libssh2_channel_free(ssh->tunnel.channel);
    if (!ssh->jump && ssh->fd >= 0) close(ssh->fd);
    ct__ssh_close(ssh->jump);
    free(ssh);
}
