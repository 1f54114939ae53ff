/* ssh_wire ONE OTHER DELAY-MS LOSS-PER-MILLE FILE: makes two TAP devices and passes frames between them, each so much
 * later, in both directions; of a thousand it loses so many, at random. Says into FILE "ready", and, when it is ended
 * by SIGTERM, "passed N lost M". Ends with its parent, and the devices with it. For kernels without netem. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { FRAME = 2048, FRAMES = 8192 };

/* What is on its way in one direction: first in, first out. */
static struct queue {
    struct {
        int64_t due_us;
        size_t size;
        unsigned char bytes[FRAME];
    } frames[FRAMES];
    size_t first, count;
} queues[2];

static volatile sig_atomic_t ended;

static void end(int number)
{
    (void)number;
    ended = 1;
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int open_tap(const char *name)
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0) return fd;
    perror(name);
    exit(1);
}

static void say(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) exit(1);
}

static unsigned long lost, passed;

/* All that has come; what has no room is lost, as on any wire. */
static void take(int fd, struct queue *queue, int64_t delay_us, long loss)
{
    unsigned char frame[FRAME];
    ssize_t size;
    while ((size = read(fd, frame, sizeof frame)) > 0) {
        if (random() % 1000 < loss || queue->count == FRAMES) {
            lost++;
            continue;
        }
        size_t at = (queue->first + queue->count++) % FRAMES;
        memcpy(queue->frames[at].bytes, frame, (size_t)size);
        queue->frames[at].size = (size_t)size;
        queue->frames[at].due_us = now_us() + delay_us;
    }
}

/* What is due; a device that is down takes nothing. Returns when the next one is, INT64_MAX: there is none. */
static int64_t give(int fd, struct queue *queue)
{
    for (; queue->count > 0; queue->count--) {
        size_t at = queue->first;
        if (queue->frames[at].due_us > now_us()) return queue->frames[at].due_us;
        if (write(fd, queue->frames[at].bytes, queue->frames[at].size) > 0) passed++;
        queue->first = (at + 1) % FRAMES;
    }
    return INT64_MAX;
}

static void serve(const int fds[2], int64_t delay_us, long loss)
{
    while (!ended) {
        int64_t one = give(fds[1], &queues[0]), other = give(fds[0], &queues[1]), next = one < other ? one : other;
        int64_t wait = next == INT64_MAX ? 100000 : next - now_us();
        struct pollfd polled[2] = { { .fd = fds[0], .events = POLLIN }, { .fd = fds[1], .events = POLLIN } };
        struct timespec limit = { .tv_nsec = (wait > 0 ? wait : 0) * 1000 % 1000000000 };
        if (ppoll(polled, 2, &limit, NULL) < 0 && errno != EINTR) return;
        for (int i = 0; i < 2; i++)
            if (polled[i].revents & POLLIN) take(fds[i], &queues[i], delay_us, loss);
    }
}

int main(int argc, char **argv)
{
    char text[128];
    if (argc != 6) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, end);
    const int fds[2] = { open_tap(argv[1]), open_tap(argv[2]) };
    say(argv[5], "ready\n");
    serve(fds, atoll(argv[3]) * 1000, atol(argv[4]));
    snprintf(text, sizeof text, "passed %lu lost %lu\n", passed, lost);
    say(argv[5], text);
    return 0;
}
