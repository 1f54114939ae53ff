/* A walk in a child, and how it ends: by itself, by a signal, by its timeout. */
#include <cli/inner.h>
#include <combtest/core.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NEVER     INT64_MAX
#define LOOK_MS   1000 /* how often the deadline is looked at, which the child moves */
#define MEMORY_MS 5    /* and its memory, where that is limited */

struct ct__watch {
    const struct ct_suite *suite;
    int64_t timeout_ms;
    uint64_t limit_memory; /* 0: none */
    size_t stage, action;
    int64_t stage_ends_ms;
    _Atomic int64_t ends_ms; /* when the child is late */
    _Atomic bool whole;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t after_ms(int64_t timeout_ms)
{
    return timeout_ms > 0 ? now_ms() + timeout_ms : NEVER;
}

struct ct__watch *ct__watch_new(const struct ct_suite *suite, int64_t timeout_ms, uint64_t limit_memory,
                                struct ct_error *error)
{
    struct ct__watch *watch = mmap(NULL, sizeof(*watch), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (watch == MAP_FAILED) {
        ct__nomem(error);
        return NULL;
    }
    *watch =
        (struct ct__watch){ .suite = suite, .timeout_ms = timeout_ms, .limit_memory = limit_memory, .stage = SIZE_MAX };
    watch->stage_ends_ms = after_ms(timeout_ms);
    atomic_store(&watch->ends_ms, watch->stage_ends_ms);
    return watch;
}

void ct__watch_free(struct ct__watch *watch)
{
    if (watch) munmap(watch, sizeof(*watch));
}

void ct__watch_begin(struct ct__watch *watch, size_t stage, size_t action)
{
    const struct ct_action *now = &watch->suite->actions[action];
    /* A serial action's time is its own, and the stage behind it begins anew. */
    if (now->serial || stage != watch->stage) watch->stage_ends_ms = after_ms(watch->timeout_ms);
    watch->stage = now->serial ? SIZE_MAX : stage;
    int64_t own_ms = after_ms(now->timeout_ms);
    atomic_store(&watch->ends_ms, own_ms < watch->stage_ends_ms ? own_ms : watch->stage_ends_ms);
}

void ct__watch_end(struct ct__watch *watch)
{
    atomic_store(&watch->whole, true);
}

/* Waits for the child, its deadline or its limit, and kills it where it came to one of these. */
static void wait_or_kill(const struct ct__watch *watch, int child, int fd, struct ct__end *end)
{
    int64_t look_ms = watch->limit_memory > 0 ? MEMORY_MS : LOOK_MS;
    struct pollfd ended = { .fd = fd, .events = POLLIN };
    for (;;) {
        int64_t ends_ms = atomic_load(&watch->ends_ms), left_ms = ends_ms == NEVER ? look_ms : ends_ms - now_ms();
        end->late = left_ms <= 0;
        end->large = watch->limit_memory > 0 && ct__resident_bytes(child) > watch->limit_memory;
        if (end->late || end->large) break;
        if (poll(&ended, 1, (int)(left_ms < look_ms ? left_ms : look_ms)) > 0) return;
    }
    kill(child, SIGKILL);
}

enum ct_err ct__watch_wait(const struct ct__watch *watch, int child, struct ct__end *end, struct ct_error *error)
{
    struct ct__end made = { 0 };
    int status, fd = pidfd_open(child, 0);
    if (fd >= 0)
        wait_or_kill(watch, child, fd, &made);
    else
        kill(child, SIGKILL);
    if (fd >= 0) close(fd);
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return ct__error(error, CT_ESYSTEM, "cannot wait for the walk: %s", strerror(errno));
    }
    if (fd < 0) return ct__error(error, CT_ESYSTEM, "cannot watch the walk: %s", strerror(errno));
    made.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    made.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    made.whole = atomic_load(&watch->whole) && made.signal == 0;
    *end = made;
    return CT_OK;
}
