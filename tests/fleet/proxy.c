#define _GNU_SOURCE 1
#include "proxy.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 32, LOOK_MS = 5, LATE_US = 20000 };

static _Atomic int state, count;
static int listener = -1, port;
static _Atomic int target;
static int pairs[PAIRS][2]; /* -1: free */

static struct sockaddr_in local_address(int number)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    address.sin_port = htons((uint16_t)number);
    return address;
}

static void drop(int *pair)
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0) close(pair[i]);
        pair[i] = -1;
    }
}

static void take_connection(void)
{
    struct sockaddr_in address = local_address(target);
    int from = accept4(listener, NULL, NULL, SOCK_CLOEXEC), to = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), at = 0;
    while (at < PAIRS && pairs[at][0] >= 0) at++;
    if (at == PAIRS) abort();
    pairs[at][0] = from;
    pairs[at][1] = to;
    bool refused = state == PROXY_CUT || connect(to, (struct sockaddr *)&address, sizeof address) != 0;
    if (refused) drop(pairs[at]);
    if (!refused) count++;
}

/* What there is, from one side to the other. */
static void pass(int *pair, int from)
{
    char bytes[65536];
    ssize_t got = recv(pair[from], bytes, sizeof bytes, MSG_DONTWAIT);
    if (state == PROXY_SLOW) usleep(LATE_US);
    for (ssize_t at = 0; at < got;) {
        ssize_t sent = send(pair[!from], bytes + at, (size_t)(got - at), MSG_NOSIGNAL);
        if (sent <= 0) got = 0;
        at += sent;
    }
    if (got <= 0) drop(pair);
}

static void *serve(void *unused)
{
    for (;;) {
        struct pollfd fds[2 * PAIRS + 1] = { { .fd = listener, .events = POLLIN } };
        for (int i = 0; i < 2 * PAIRS; i++) fds[i + 1] = (struct pollfd){ .fd = pairs[i / 2][i % 2], .events = POLLIN };
        poll(fds, 2 * PAIRS + 1, LOOK_MS);
        if (state == PROXY_DEAF) {
            usleep(LOOK_MS * 1000);
            continue;
        }
        if (fds[0].revents) take_connection();
        for (int i = 0; i < 2 * PAIRS; i++)
            if (fds[i + 1].revents && pairs[i / 2][i % 2] == fds[i + 1].fd) pass(pairs[i / 2], i % 2);
        for (int i = 0; i < PAIRS && state == PROXY_CUT; i++) drop(pairs[i]);
    }
    return unused;
}

static void start_thread(void)
{
    pthread_t thread;
    struct sockaddr_in address = local_address(0);
    socklen_t size = sizeof address;
    for (int i = 0; i < PAIRS; i++) pairs[i][0] = pairs[i][1] = -1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 16) != 0) abort();
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) abort();
    port = ntohs(address.sin_port);
    if (pthread_create(&thread, NULL, serve, NULL) != 0) abort();
    pthread_detach(thread);
}

int proxy_start(int to)
{
    target = to;
    state = count = 0;
    if (listener < 0) start_thread();
    return port;
}

void proxy_set(enum proxy_state next)
{
    state = (int)next;
}

int proxy_count(void)
{
    return count;
}
