/* Walks that never end, each in its own way: each is timed out, and no other walk is. */
#include "matrix.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int forever = 1;

static enum ct_status spin(struct ct_walk *walk)
{
    (void)walk;
    while (forever) continue;
    return CT_PASS;
}

static enum ct_status spin_deaf(struct ct_walk *walk)
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    return spin(walk);
}

static enum ct_status deadlock(struct ct_walk *walk)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    (void)walk;
    pthread_mutex_lock(&lock);
    pthread_mutex_lock(&lock);
    return CT_PASS;
}

/* malloc's lock would do the same: what is sent off after the walk must not need the walk's process. */
static enum ct_status wait_for_nothing(struct ct_walk *walk)
{
    (void)walk;
    while (forever) pause();
    return CT_PASS;
}

static enum ct_status stop_itself(struct ct_walk *walk)
{
    (void)walk;
    kill(getpid(), SIGSTOP);
    usleep(1000000); /* it takes a moment, and another thread may be the first to stop */
    return CT_PASS;
}

static enum ct_status wait_for_a_stuck_child(struct ct_walk *walk)
{
    pid_t child = fork();
    if (child == 0) {
        setsid();
        for (;;) pause();
    }
    CT_REQUIRE(walk, child > 0);
    matrix_note_child(child);
    waitpid(child, NULL, 0);
    return CT_PASS;
}

static void *keep_forking(void *unused)
{
    (void)unused;
    while (forever) {
        pid_t child = fork();
        if (child == 0) _exit(0);
        if (child > 0) waitpid(child, NULL, 0);
        usleep(500);
    }
    return NULL;
}

static enum ct_status hang_while_forking(struct ct_walk *walk)
{
    pthread_t thread;
    CT_REQUIRE(walk, pthread_create(&thread, NULL, keep_forking, NULL) == 0);
    return wait_for_nothing(walk);
}

#define HANGS(what, f, ...)                                                                                            \
    {                                                                                                                  \
        .name = "a walk that " what " is timed out, and no other is", .act = (f), .thread = CT_TIMED_OUT,              \
        .process = CT_TIMED_OUT, .timeout_ms = MATRIX_TIMEOUT_MS, .says = MATRIX_TIMED_OUT, __VA_ARGS__                \
    }
static const struct fault faults[] = {
    HANGS("spins", spin),
    HANGS("spins with all signals blocked", spin_deaf),
    HANGS("deadlocks", deadlock),
    HANGS("waits for nothing", wait_for_nothing),
    HANGS("stops itself", stop_itself),
    HANGS("waits for a child in a session of its own", wait_for_a_stuck_child, .outlived = true),
    HANGS("hangs while a thread of it forks", hang_while_forking),
};

int main(int argc, char **argv)
{
    return matrix_main(argc, argv, "hangs", faults, CT_COUNT(faults));
}
