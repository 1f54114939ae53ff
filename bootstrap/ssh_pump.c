/* Bytes between a socket and a channel. The one difficulty: libssh2 may stop in the middle of a packet, and then takes
 * no other call but the one that began it; so a call that was cut short is made again before any other. */
#include <bootstrap/clock.h>
#include <bootstrap/ssh_inner.h>
#include <bootstrap/ssh_shell.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM     262144
#define ALIVE_MS 5000  /* how often a quiet connection is asked for a sign */
#define DEAD_MS  20000 /* without any, it is dead */
#define AGAIN    LIBSSH2_ERROR_EAGAIN

struct flow {
    size_t start, end;
    bool ended; /* nothing more comes in */
    bool shut;  /* and this was passed on */
    char bytes[ROOM];
};

struct pump {
    struct ct__ssh *ssh;
    int wire;
    struct flow down, up;  /* to the wire; from it */
    bool reading, writing; /* that call is to be made again first */
    bool wire_broken;      /* nothing can be written there any more */
    int64_t stop_ms, stop_at_ms,
        asked_ms; /* stop_at_ms: when the other side should have ended; INT64_MAX: no end yet */
    int failed;   /* of libssh2 */
};

static bool is_wrong(struct pump *pump, ssize_t code)
{
    if (code >= 0 || code == AGAIN) return false;
    pump->failed = (int)code;
    return true;
}

/* ---- channel to wire ---- */

static bool read_channel(struct pump *pump)
{
    struct flow *down = &pump->down;
    if (down->ended || pump->writing) return false;
    if (down->start == down->end) down->start = down->end = 0;
    if (down->end == ROOM) return false;
    ssize_t got = libssh2_channel_read(pump->ssh->channel, down->bytes + down->end, ROOM - down->end);
    pump->reading = got == AGAIN && pump->ssh->held;
    if (is_wrong(pump, got)) return false;
    if (got > 0) down->end += (size_t)got;
    if (got <= 0 && libssh2_channel_eof(pump->ssh->channel)) down->ended = true;
    return got > 0;
}

static bool read_errors(struct pump *pump)
{
    char text[4096];
    if (pump->writing || pump->reading) return false;
    ssize_t got = libssh2_channel_read_stderr(pump->ssh->channel, text, sizeof(text));
    pump->reading = got == AGAIN && pump->ssh->held;
    if (is_wrong(pump, got) || got <= 0) return false;
    for (ssize_t done = 0, put; done < got; done += put) {
        put = write(STDERR_FILENO, text + done, (size_t)(got - done));
        if (put < 0 && errno == EINTR) put = 0;
        if (put < 0) break;
    }
    return true;
}

static bool write_wire(struct pump *pump)
{
    struct flow *down = &pump->down;
    if (pump->wire_broken) down->start = down->end = 0;
    if (down->start == down->end && down->ended && !down->shut) {
        down->shut = true;
        (void)shutdown(pump->wire, SHUT_WR);
    }
    if (down->start == down->end) return false;
    ssize_t put = send(pump->wire, down->bytes + down->start, down->end - down->start, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (put < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (put < 0) {
        pump->wire_broken = pump->up.ended = true;
        return true;
    }
    down->start += (size_t)put;
    return true;
}

/* ---- wire to channel ---- */

static bool read_wire(struct pump *pump)
{
    struct flow *up = &pump->up;
    if (up->ended) return false;
    if (up->start == up->end && !pump->writing) up->start = up->end = 0;
    if (up->end == ROOM) return false;
    ssize_t got = recv(pump->wire, up->bytes + up->end, ROOM - up->end, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0)
        up->ended = true;
    else
        up->end += (size_t)got;
    return true;
}

static bool write_channel(struct pump *pump)
{
    struct flow *up = &pump->up;
    if (pump->reading || up->start == up->end) return false;
    ssize_t put = libssh2_channel_write(pump->ssh->channel, up->bytes + up->start, up->end - up->start);
    pump->writing = put == AGAIN && pump->ssh->held;
    if (put > 0) up->start += (size_t)put;
    if (is_wrong(pump, put)) {
        if (put == LIBSSH2_ERROR_CHANNEL_CLOSED || put == LIBSSH2_ERROR_CHANNEL_EOF_SENT) pump->failed = 0;
        up->start = up->end = 0; /* nobody reads it any more */
        up->ended = true;
    }
    return put > 0;
}

static void end_channel(struct pump *pump)
{
    struct flow *up = &pump->up;
    if (!up->ended || up->start < up->end || up->shut || pump->reading) return;
    int code = libssh2_channel_send_eof(pump->ssh->channel);
    pump->writing = code == AGAIN && pump->ssh->held;
    if (code == AGAIN) return;
    up->shut = true;
    pump->stop_at_ms = ct__now_ms() + pump->stop_ms;
}

/* ---- both ---- */

static bool move(struct pump *pump)
{
    bool moved = false;
    moved |= write_channel(pump);
    moved |= read_channel(pump);
    moved |= read_errors(pump);
    moved |= write_wire(pump);
    moved |= read_wire(pump);
    end_channel(pump);
    return moved;
}

/* A sign of life is asked for only when nothing is half sent. */
static void keep_alive(struct pump *pump)
{
    int64_t now = ct__now_ms();
    int next;
    if (pump->reading || pump->writing || now - pump->ssh->heard_ms < ALIVE_MS || now - pump->asked_ms < ALIVE_MS)
        return;
    pump->asked_ms = now;
    int code = libssh2_keepalive_send(pump->ssh->session, &next);
    if (code != 0) pump->failed = code;
}

static int wait_ms(const struct pump *pump)
{
    int until_stop = ct__until_ms(pump->stop_at_ms);
    return until_stop < ALIVE_MS ? until_stop : ALIVE_MS;
}

static void wait_both(struct pump *pump)
{
    const struct flow *down = &pump->down, *up = &pump->up;
    bool deaf = down->end == ROOM && up->start == up->end && !pump->reading && !pump->writing;
    struct pollfd both[2] = {
        { .fd = pump->ssh->fd, .events = deaf ? 0 : ct__ssh_events(pump->ssh) },
        { .fd = pump->wire,
          .events = (short)((down->start < down->end ? POLLOUT : 0) | (!up->ended && up->end < ROOM ? POLLIN : 0)) },
    };
    if (both[1].events == 0) both[1].fd = -1;
    (void)poll(both, 2, wait_ms(pump));
    if (deaf) pump->ssh->heard_ms = ct__now_ms(); /* what comes is left where it is until the wire takes more */
    keep_alive(pump);
}

static bool is_over(const struct pump *pump)
{
    bool drained = pump->down.ended && pump->down.start == pump->down.end && pump->down.shut;
    return pump->failed || drained || ct__now_ms() >= pump->stop_at_ms || ct__now_ms() - pump->ssh->heard_ms > DEAD_MS;
}

static enum ct_err pump_end(struct pump *pump, int *exit_code, struct ct_error *error)
{
    struct ct__ssh *ssh = pump->ssh;
    const char *name = ssh->settings->name;
    if (pump->failed) return ct__ssh_failed(ssh, CT_EIO, "the connection", error);
    if (!pump->down.ended && ct__now_ms() >= pump->stop_at_ms)
        return ct__error(error, CT_EIO, "%s: the program did not end within SSH.stop_timeout after its input had",
                         name);
    if (!pump->down.ended)
        return ct__error(error, CT_EIO, "%s: the host has not answered for %d s", name, DEAD_MS / 1000);
    ct__ssh_set_deadline(ssh, ct__now_ms() + ssh->settings->stop_ms);
    while (libssh2_channel_wait_closed(ssh->channel) == AGAIN) {
        if (ct__ssh_wait(ssh, "ending", error)) return CT_EIO;
    }
    *exit_code = pump->up.shut ? -1 : libssh2_channel_get_exit_status(ssh->channel);
    return CT_OK;
}

enum ct_err ct__shell_pump(struct ct__shell *shell, int wire, int64_t stop_ms, int *exit_code, struct ct_error *error)
{
    struct pump *pump = calloc(1, sizeof(*pump));
    if (!pump) return ct__nomem(error);
    pump->ssh = shell->ssh;
    pump->wire = wire;
    pump->stop_ms = stop_ms;
    pump->stop_at_ms = INT64_MAX;
    memcpy(pump->down.bytes, shell->input, shell->input_end);
    pump->down.end = shell->input_end;
    shell->input_end = 0;
    ct__ssh_set_deadline(pump->ssh, INT64_MAX);
    pump->ssh->heard_ms = ct__now_ms();
    while (!is_over(pump)) {
        if (!move(pump) && !ct__ssh_news(pump->ssh) && !is_over(pump)) wait_both(pump);
    }
    enum ct_err err = pump_end(pump, exit_code, error);
    free(pump);
    return err;
}
