/* What a walk that is replayed prints, through pipes: so that whoever tells of the walk knows where the line stands. */
#include <cli/inner.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHUNK       16384
#define LAST_CHUNKS 64   /* more than pipes hold: what is left running may go on writing */
#define SETTLE_MS   1000 /* the terminal may be stopped */

/* Shared with the child. */
struct ct__relay {
    int pipes[2][2];        /* its stdout and stderr */
    bool joined;            /* which go to one place */
    _Atomic uint64_t heard; /* twice the bytes that went where stdout goes, and one more while there are more at hand */
    _Atomic bool half;      /* no newline ended them */
    _Atomic bool open;      /* the last of them are the narrator's, of a line to be gone on with */
    uint64_t told;          /* the child's: how many bytes there were at the narrator's last word */
};

static bool is_one_place(void)
{
    struct stat out, err;
    return fstat(STDOUT_FILENO, &out) == 0 && fstat(STDERR_FILENO, &err) == 0 && out.st_dev == err.st_dev &&
           out.st_ino == err.st_ino;
}

struct ct__relay *ct__relay_new(struct ct_error *error)
{
    struct ct__relay *relay = mmap(NULL, sizeof(*relay), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (relay == MAP_FAILED) {
        ct__nomem(error);
        return NULL;
    }
    memset(relay->pipes, -1, sizeof(relay->pipes));
    relay->joined = is_one_place();
    for (int i = 0; i < 2; i++) {
        if (pipe2(relay->pipes[i], O_CLOEXEC) == 0 && fcntl(relay->pipes[i][0], F_SETFL, O_NONBLOCK) == 0) continue;
        ct__error(error, CT_ESYSTEM, "cannot make a pipe: %s", strerror(errno));
        ct__relay_free(relay);
        return NULL;
    }
    return relay;
}

void ct__relay_free(struct ct__relay *relay)
{
    if (!relay) return;
    for (int i = 0; i < 4; i++) {
        if (relay->pipes[i / 2][i % 2] >= 0) close(relay->pipes[i / 2][i % 2]);
    }
    munmap(relay, sizeof(*relay));
}

void ct__relay_enter(const struct ct__relay *relay)
{
    fflush(NULL);
    dup2(relay->pipes[0][1], STDOUT_FILENO);
    dup2(relay->pipes[1][1], STDERR_FILENO);
    setvbuf(stdout, NULL, _IOLBF, 0); /* what a crash would lose is at most a line */
}

/* Waits until the parent has passed on all that was written; how many bytes there were. */
static uint64_t settle(const struct ct__relay *relay)
{
    static const struct timespec pause = { .tv_nsec = 20000 };
    fflush(stdout);
    for (int waited_ns = 0;; waited_ns += 20000) {
        int there[2] = { 0, 0 };
        for (int i = 0; i < 2; i++) ioctl(relay->pipes[i][1], FIONREAD, &there[i]);
        uint64_t heard = atomic_load(&relay->heard);
        if ((there[0] == 0 && there[1] == 0 && heard % 2 == 0) || waited_ns > SETTLE_MS * 1000000) return heard / 2;
        nanosleep(&pause, NULL);
    }
}

enum ct__others ct__relay_word(void *user, bool ended)
{
    struct ct__relay *relay = user;
    uint64_t heard = settle(relay), told = relay->told;
    bool half = atomic_load(&relay->half);
    relay->told = heard;
    atomic_store(&relay->open, ended && half);
    if (heard == told) return CT__OTHERS_NOTHING;
    return half ? CT__OTHERS_HALF_A_LINE : CT__OTHERS_LINES;
}

void ct__relay_polls(const struct ct__relay *relay, struct pollfd polls[2])
{
    for (int i = 0; i < 2; i++) polls[i] = (struct pollfd){ .fd = relay->pipes[i][0], .events = POLLIN };
}

/* Passes on what of a stream is there; false: nothing. */
static bool pass_stream(struct ct__relay *relay, int stream)
{
    char bytes[CHUNK];
    uint64_t heard = atomic_load(&relay->heard);
    bool counts = stream == 0 || relay->joined;
    FILE *to = stream == 0 ? stdout : stderr;
    atomic_store(&relay->heard, heard + 1);
    ssize_t got = read(relay->pipes[stream][0], bytes, sizeof(bytes));
    if (got > 0) {
        if (counts && atomic_exchange(&relay->open, false)) fputc('\n', to); /* others' words begin a line */
        fwrite(bytes, 1, (size_t)got, to);
        fflush(to);
    }
    if (got > 0 && counts) {
        atomic_store(&relay->half, bytes[got - 1] != '\n');
        heard += 2 * (uint64_t)got;
    }
    atomic_store(&relay->heard, heard);
    return got > 0;
}

void ct__relay_pass(struct ct__relay *relay)
{
    for (int stream = 0; stream < 2; stream++) pass_stream(relay, stream);
}

void ct__relay_finish(struct ct__relay *relay)
{
    for (int stream = 0; stream < 2; stream++) {
        for (int i = 0; i < LAST_CHUNKS && pass_stream(relay, stream); i++) continue;
    }
    if (atomic_load(&relay->half)) putchar('\n');
    atomic_store(&relay->half, false);
}
