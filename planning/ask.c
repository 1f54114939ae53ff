/* The process that asks should_cancel. What it finds is in memory shared with the one that forked it. */
#include <actions/actions.h>
#include <errno.h>
#include <fcntl.h>
#include <planning/asking.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS           20
#define DEATHS_MAX        100 /* after which asking is given up */
#define HANGS_MAX         3
#define PATIENCE_MS       10000
#define PATIENCE_LEAST_MS 1000

/* What asker and asked share, the answers behind it. */
struct slate {
    _Atomic uint64_t asked; /* questions to user code so far: for as long as it counts up, it is not stuck */
    _Atomic uint64_t at;    /* the question that is being answered */
};

struct ct__asker {
    struct slate *slate;
    struct ct_plan *plan;
    struct ct_walk *walk;
    uint16_t *rows; /* of the plan: two, in turn, as a walk object remembers what the last id was */
    size_t width, turn, stage;
};

bool ct__asks(const struct ct_suite *suite)
{
    for (size_t i = 0; i < suite->action_count; i++)
        if (suite->actions[i].should_cancel) return true;
    return false;
}

bool ct__asker_excludes(struct ct__asker *asker, const uint16_t *row)
{
    asker->turn ^= 1;
    memcpy(asker->rows + asker->turn * asker->width, row, asker->width * sizeof(*row));
    ct__walk_open(asker->walk, CT__WALK, asker->turn, asker->stage, NULL);
    bool excluded = ct__run_should_cancel(asker->walk);
    ct__walk_close(asker->walk);
    atomic_fetch_add(&asker->slate->asked, 1);
    return excluded;
}

/* ---- the process ---- */

/* User code finds what it finds in an executor, and nobody its output: it will write it again in the run. */
static void settle(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; null >= 0 && fd < 3; fd++) dup2(null, fd);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    for (int number = 1; number < NSIG; number++)
        if (number != SIGKILL && number != SIGSTOP) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool open_asker(const struct ct__asking *asking, struct ct__asker *asker)
{
    const struct ct_suite *suite = asking->table->suite;
    asker->width = asking->table->count;
    asker->stage = suite->actions[0].serial ? 1 : 0;
    asker->rows = calloc(2 * asker->width, sizeof(*asker->rows));
    if (!asker->rows || ct__plan_new_rows(asking->table, NULL, asker->rows, 2, &asker->plan, NULL)) return false;
    asker->walk = ct__walk_new(asker->plan, NULL, NULL, NULL);
    return asker->walk && ct__fork_mark();
}

_Noreturn static void answer_all(const struct ct__asking *asking, struct slate *slate, size_t from)
{
    struct ct__asker asker = { .slate = slate };
    unsigned char *answers = (unsigned char *)(slate + 1);
    settle();
    if (!open_asker(asking, &asker)) _exit(1);
    for (size_t i = from; i < asking->count; i++) {
        atomic_store(&slate->at, i);
        asking->answer(asking->user, &asker, i, answers + i * asking->answer_size);
    }
    atomic_store(&slate->at, asking->count);
    _exit(0);
}

/* ---- and the one that waits for it ---- */

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* It is left to be reaped: until then its number names it and its process group alone. */
static bool has_ended(pid_t child)
{
    siginfo_t info = { 0 };
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == child;
}

/* A short timeout is for code that runs, not for a process that waits for its turn on a busy host. */
static int64_t patience_of(const struct ct__asking *asking)
{
    int64_t given_ms = asking->timeout_ms > 0 ? asking->timeout_ms : asking->table->suite->timeout_ms;
    if (given_ms <= 0) return PATIENCE_MS;
    return given_ms > PATIENCE_LEAST_MS ? given_ms : PATIENCE_LEAST_MS;
}

/* Waits until the child has ended, and ends it where it is stuck or not wanted any more. open: at its end it is closed,
 * unless a child of the child's holds it. False: it was stuck. */
static bool wait_for(const struct ct__asking *asking, pid_t child, int open, const struct slate *slate)
{
    struct pollfd end = { .fd = open };
    int64_t patience_ms = patience_of(asking), moved_ms = now_ms();
    uint64_t asked = atomic_load(&slate->asked);
    bool stuck = false;
    while (!has_ended(child)) {
        uint64_t now_asked = atomic_load(&slate->asked);
        if (now_asked != asked) moved_ms = now_ms();
        asked = now_asked;
        stuck = now_ms() - moved_ms > patience_ms;
        if (stuck || (asking->stop && atomic_load(asking->stop))) {
            kill(child, SIGKILL);
            break;
        }
        if (poll(&end, 1, LOOK_MS) > 0) poll(NULL, 0, 1); /* it is about to end, or has closed what it had */
    }
    kill(-child, SIGKILL); /* what it has left behind, too */
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
    return !stuck;
}

/* One process, from question from on. */
static enum ct_err ask_from(const struct ct__asking *asking, struct slate *slate, size_t from, bool *stuck,
                            struct ct_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return ct__error(error, CT_ESYSTEM, "cannot make a pipe: %s", strerror(errno));
    fflush(NULL);
    atomic_store(&slate->at, from);
    pid_t child = fork();
    if (child == 0) answer_all(asking, slate, from);
    int cause = errno;
    close(ends[1]);
    if (child > 0) {
        setpgid(child, child);
        *stuck = !wait_for(asking, child, ends[0], slate);
    }
    close(ends[0]);
    return child > 0 ? CT_OK : ct__error(error, CT_ESYSTEM, "cannot start a process: %s", strerror(cause));
}

enum ct_err ct__ask(const struct ct__asking *asking, size_t *unanswered, struct ct_error *error)
{
    size_t size = sizeof(struct slate) + asking->count * asking->answer_size, deaths = 0, hangs = 0, at = 0;
    enum ct_err err = CT_OK;
    struct slate *slate = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slate == MAP_FAILED) return ct__nomem(error);
    unsigned char *answers = (unsigned char *)(slate + 1);
    while (!err && at < asking->count && deaths < DEATHS_MAX && hangs < HANGS_MAX) {
        bool stuck = false;
        if (asking->stop && atomic_load(asking->stop)) break;
        err = ask_from(asking, slate, at, &stuck, error);
        at = atomic_load(&slate->at);
        if (err || at >= asking->count) break;
        memset(answers + at * asking->answer_size, 0, asking->answer_size);
        deaths++;
        hangs += stuck;
        at++;
    }
    if (!err) memcpy(asking->answers, answers, asking->count * asking->answer_size);
    if (!err && unanswered) *unanswered = deaths + (asking->count > at ? asking->count - at : 0);
    munmap(slate, size);
    return err;
}
