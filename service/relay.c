/* The relay of a host that is reached over a pair of pipes: it starts the host's keeper, and joins the link of the day,
 * which dials a socket of its own here, to the coordinator. A link can die at any byte, so it passes on whole frames
 * only: the next link, and the coordinator, find the beginning of one. */
#include "service/board.h"
#include "service/channel.h"
#include "service/keeper.h"
#include "service/process.h"
#include "service/protocol.h"
#include "service/remote.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define READ_SIZE   65536u
#define BACKLOG_MAX (8u << 20) /* bytes on the way, beyond which the side that sends them waits */
#define LAST_MS     10000      /* for what the link said last to be taken */
#define LOOK_MS     500
#define SILENCE_MS  (CT__LEASE_MS + 2000) /* the link notices first, and says what it has */

/* One direction: what comes from a descriptor, and goes to another in whole frames. */
struct flow {
    struct ct__bytes in;  /* no whole frame yet */
    struct ct__bytes out; /* whole frames, not yet written */
};

struct relay {
    struct ct__setup *setup;
    int in, out, listener, link; /* link: the connection of the one that lives, or -1 */
    int lifeline;                /* to the keeper */
    pid_t keeper;
    struct flow up, down; /* from the link to the coordinator, and back */
    int64_t heard_ms;     /* when something came from the coordinator, or was not waited for */
    bool cut;             /* the coordinator is gone */
};

/* Moves the whole frames of what has come to what goes out; false: it is no stream of frames. */
static bool pass_frames(struct flow *flow)
{
    size_t at = 0;
    while (flow->in.size - at >= 4) {
        struct ct__cursor cursor = ct__cursor(flow->in.data + at, 4);
        uint32_t size = ct__get_u32(&cursor);
        if (size > CT__FRAME_MAX) return false;
        if (flow->in.size - at - 4 < size) break;
        at += 4 + (size_t)size;
    }
    ct__put_bytes(&flow->out, flow->in.data, at);
    ct__bytes_drop(&flow->in, at);
    return !flow->out.failed;
}

/* Reads what there is. False: it ended, or failed. */
static bool take_in(int fd, struct flow *flow)
{
    unsigned char *room = ct__bytes_room(&flow->in, READ_SIZE);
    ssize_t got = room ? read(fd, room, READ_SIZE) : -1;
    if (got < 0 && room && (errno == EINTR || errno == EAGAIN)) return true;
    if (got <= 0) return false;
    flow->in.size += (size_t)got;
    return pass_frames(flow);
}

/* Writes what the other side takes. False: it is gone. */
static bool put_out(int fd, struct flow *flow)
{
    if (flow->out.size == 0) return true;
    ssize_t written = write(fd, flow->out.data, flow->out.size);
    if (written < 0) return errno == EINTR || errno == EAGAIN;
    ct__bytes_drop(&flow->out, (size_t)written);
    return true;
}

static void drop_link(struct relay *relay)
{
    if (relay->link < 0) return;
    while (take_in(relay->link, &relay->up) && relay->up.out.size < BACKLOG_MAX) {
        struct pollfd more = { .fd = relay->link, .events = POLLIN };
        if (poll(&more, 1, 0) <= 0) break;
    }
    close(relay->link);
    relay->link = -1;
    relay->up.in.size = 0;    /* half a frame of the dead link's */
    relay->down.out.size = 0; /* what the next one has no use for */
}

static void take_link(struct relay *relay)
{
    int link = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (link < 0) return;
    drop_link(relay); /* the keeper starts a link when the one before it is dead */
    relay->link = link;
}

static void serve_link(struct relay *relay, short events)
{
    if ((events & POLLOUT) && !put_out(relay->link, &relay->down)) drop_link(relay);
    if (relay->link >= 0 && (events & (POLLIN | POLLHUP | POLLERR)) && !take_in(relay->link, &relay->up))
        drop_link(relay);
}

/* One look around; false: the keeper has ended. */
static bool turn(struct relay *relay)
{
    struct pollfd fds[] = { { .fd = relay->in, .events = POLLIN },
                            { .fd = relay->up.out.size > 0 ? relay->out : -1, .events = POLLOUT },
                            { .fd = relay->lifeline, .events = POLLIN },
                            { .fd = relay->listener, .events = POLLIN },
                            { .fd = relay->link } };
    if (relay->up.out.size < BACKLOG_MAX) fds[4].events |= POLLIN;
    if (relay->down.out.size > 0) fds[4].events |= POLLOUT;
    if (relay->down.out.size >= BACKLOG_MAX) fds[0].events = 0;
    if (poll(fds, 5, LOOK_MS) < 0) return errno == EINTR;
    if (fds[0].revents || fds[0].events == 0 || relay->setup->join) relay->heard_ms = ct__now_ms();
    if (relay->link >= 0) serve_link(relay, fds[4].revents);
    if (fds[3].revents) take_link(relay);
    if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) && !take_in(relay->in, &relay->down)) relay->cut = true;
    if (relay->link < 0) relay->down.out.size = 0;
    if (fds[1].revents && !put_out(relay->out, &relay->up)) relay->cut = true;
    if (ct__now_ms() - relay->heard_ms > SILENCE_MS) relay->cut = true; /* another link would not be heard either */
    return !fds[2].revents;
}

/* What the link said last, before it and the keeper ended. */
static void finish(struct relay *relay)
{
    int64_t deadline = ct__now_ms() + LAST_MS;
    struct pollfd out = { .fd = relay->out, .events = POLLOUT };
    if (relay->link < 0 && relay->listener >= 0) take_link(relay);
    drop_link(relay);
    while (relay->up.out.size > 0 && ct__now_ms() < deadline && poll(&out, 1, 100) >= 0)
        if (out.revents && !put_out(relay->out, &relay->up)) return;
}

static bool start_keeper(struct relay *relay)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return false;
    ct__libraries_before_fork();
    relay->keeper = ct__fork_child();
    if (relay->keeper == 0) {
        close(pair[0]);
        close(relay->in); /* what user code leaves running must not hold the connection open */
        close(relay->out);
        if (relay->listener >= 0) close(relay->listener);
        relay->setup->keeper_lifeline = pair[1];
        ct__keeper_main(relay->setup);
    }
    close(pair[1]);
    relay->lifeline = pair[0];
    return relay->keeper > 0 && ct__write_all(relay->lifeline, "g", 1);
}

/* A directory of its own here, with the socket that the link dials, unless it reaches the run itself: then the pipes
 * say by their end that all is over, and nothing else. */
static bool open_place(struct relay *relay)
{
    struct ct__setup *setup = relay->setup;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (ct__make_run_dir(setup, NULL) != CT_OK) return false;
    if (setup->join) return true;
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", setup->run_dir);
    relay->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return relay->listener >= 0 && bind(relay->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
           listen(relay->listener, 4) == 0;
}

static void set_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0) fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int ct__relay(struct ct__setup *setup, int in, int out)
{
    struct relay relay = {
        .setup = setup, .in = in, .out = out, .listener = -1, .link = -1, .lifeline = -1, .heard_ms = ct__now_ms()
    };
    siginfo_t ended = { 0 };
    bool whole = false;
    ct__block_signals();
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    set_nonblocking(in);
    set_nonblocking(out);
    setup->control = -1;
    if (!open_place(&relay) || !start_keeper(&relay)) goto out;
    while (!relay.cut && turn(&relay)) continue;
    if (relay.cut) goto out;
    finish(&relay);
    whole = waitid(P_PID, (id_t)relay.keeper, &ended, WEXITED | WNOWAIT) == 0 && ended.si_code == CLD_EXITED &&
            ended.si_status == 0;
out:
    ct__kill_children(NULL, 0);
    if (setup->run_dir[0]) ct__remove_tree(setup->run_dir);
    return whole ? 0 : 1;
}
