/* A walk in a child, and how it ends: by itself, by a signal, by its timeout. */
#include <cli/inner.h>
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
    _Atomic int64_t ends_ms;  /* when the child is late, */
    _Atomic int64_t limit_ms; /* having taken so long */
    _Atomic uint32_t action_shown, part_shown;
    struct ct__witness witness;
    _Atomic bool whole;
    struct ct__relay *relay;
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
    atomic_store(&watch->action_shown, (uint32_t)CT__NO_ACTION);
    watch->stage_ends_ms = after_ms(timeout_ms);
    atomic_store(&watch->ends_ms, watch->stage_ends_ms);
    atomic_store(&watch->limit_ms, timeout_ms);
    watch->relay = ct__relay_new(error);
    if (watch->relay) return watch;
    ct__watch_free(watch);
    return NULL;
}

void ct__watch_free(struct ct__watch *watch)
{
    if (!watch) return;
    ct__relay_free(watch->relay);
    munmap(watch, sizeof(*watch));
}

struct ct__relay *ct__watch_relay(const struct ct__watch *watch)
{
    return watch->relay;
}

void ct__watch_enter(struct ct__watch *watch)
{
    ct__relay_enter(watch->relay);
    ct__witness_install();
    (void)ct__witness_thread(&watch->witness); /* without a stack for handlers an overflow says less */
}

void ct__watch_show(struct ct__watch *watch, struct ct__observer *observer)
{
    observer->action = &watch->action_shown;
    observer->part = &watch->part_shown;
}

void ct__watch_begin(struct ct__watch *watch, size_t stage, size_t action)
{
    const struct ct_action *now = &watch->suite->actions[action];
    /* A serial action's time is its own, and the stage behind it begins anew. */
    if (now->serial || stage != watch->stage) watch->stage_ends_ms = after_ms(watch->timeout_ms);
    watch->stage = now->serial ? SIZE_MAX : stage;
    int64_t own_ms = after_ms(now->timeout_ms);
    bool own = own_ms < watch->stage_ends_ms;
    atomic_store(&watch->limit_ms, own ? now->timeout_ms : watch->timeout_ms);
    atomic_store(&watch->ends_ms, own ? own_ms : watch->stage_ends_ms);
}

void ct__watch_end(struct ct__watch *watch)
{
    atomic_store(&watch->whole, true);
}

/* Waits for the child, its deadline or its limit, and kills it where it came to one of these: why, or CT__KILL_NONE. */
static enum ct__kill_cause wait_or_kill(const struct ct__watch *watch, int child, int fd)
{
    int64_t look_ms = watch->limit_memory > 0 ? MEMORY_MS : LOOK_MS;
    struct pollfd polls[3] = { { .fd = fd, .events = POLLIN } };
    enum ct__kill_cause cause = CT__KILL_NONE;
    ct__relay_polls(watch->relay, polls + 1);
    while (cause == CT__KILL_NONE) {
        int64_t ends_ms = atomic_load(&watch->ends_ms), left_ms = ends_ms == NEVER ? look_ms : ends_ms - now_ms();
        if (left_ms <= 0)
            cause = CT__KILL_TIMEOUT;
        else if (watch->limit_memory > 0 && ct__resident_bytes(child) > watch->limit_memory)
            cause = CT__KILL_MEMORY;
        else if (poll(polls, 3, (int)(left_ms < look_ms ? left_ms : look_ms)) > 0)
            ct__relay_pass(watch->relay);
        if (polls[0].revents) return CT__KILL_NONE;
    }
    kill(child, SIGKILL);
    return cause;
}

static void describe(const struct ct__watch *watch, enum ct__kill_cause cause, int status, struct ct__end *end)
{
    const struct ct__death death = { .suite = watch->suite,
                                     .action = atomic_load(&watch->action_shown),
                                     .part = atomic_load(&watch->part_shown),
                                     .witness = &watch->witness,
                                     .wait_status = status,
                                     .cause = cause,
                                     .limit_ms = (uint32_t)atomic_load(&watch->limit_ms),
                                     .limit_memory = watch->limit_memory };
    bool whole = atomic_load(&watch->whole) && WIFEXITED(status);
    end->status = whole ? CT_PASS : cause == CT__KILL_TIMEOUT ? CT_TIMED_OUT : CT_CRASHED;
    end->signal = cause == CT__KILL_NONE && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end->code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    ct__describe_death(&death, end->why, sizeof(end->why));
}

enum ct_err ct__watch_wait(struct ct__watch *watch, int child, struct ct__end *end, struct ct_error *error)
{
    enum ct__kill_cause cause = CT__KILL_NONE;
    int status, fd = pidfd_open(child, 0);
    if (fd >= 0)
        cause = wait_or_kill(watch, child, fd);
    else
        kill(child, SIGKILL);
    if (fd >= 0) close(fd);
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return ct__error(error, CT_ESYSTEM, "cannot wait for the walk: %s", strerror(errno));
    }
    ct__relay_finish(watch->relay);
    if (fd < 0) return ct__error(error, CT_ESYSTEM, "cannot watch the walk: %s", strerror(errno));
    describe(watch, cause, status, end);
    return CT_OK;
}
