/* Walks that leave their process in another condition than they found it: they pass, and so does every other walk. */
#include "matrix.h"
#include "processes.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum ct_status close_all(struct ct_walk *walk)
{
    (void)walk;
    for (int fd = 0; fd < 4096; fd++) close(fd);
    return CT_PASS;
}

static enum ct_status close_standard_streams(struct ct_walk *walk)
{
    fclose(stdin);
    fclose(stdout);
    fclose(stderr);
    ct_log(walk, CT_LOG_ERROR, "there is nowhere to write to"); /* that combtest still can */
    return CT_PASS;
}

/* Files that a walk opens get the numbers that combtest's had. */
static enum ct_status close_and_open(struct ct_walk *walk)
{
    close_all(walk);
    for (int i = 0; i < 100; i++) CT_REQUIRE(walk, open("/dev/null", O_RDWR) >= 0);
    return CT_PASS;
}

static enum ct_status write_100_mb(struct ct_walk *walk)
{
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 100; i++) {
        if (i % 2)
            fwrite(block, 1, sizeof block, stdout);
        else
            CT_REQUIRE(walk, write(STDOUT_FILENO, block, sizeof block) == sizeof block);
    }
    fflush(stdout);
    return CT_PASS;
}

static void ignore_it(int number)
{
    (void)number;
}

static enum ct_status change_handlers(struct ct_walk *walk)
{
    (void)walk;
    sigset_t all;
    for (int number = 1; number < NSIG; number++) signal(number, number % 2 ? SIG_IGN : ignore_it);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    return CT_PASS;
}

static volatile sig_atomic_t alarms;

static void count_alarm(int number)
{
    (void)number;
    alarms++;
}

static enum ct_status use_an_alarm(struct ct_walk *walk)
{
    sig_atomic_t before = alarms;
    signal(SIGALRM, count_alarm);
    ualarm(1000, 0);
    for (int i = 0; i < 2000 && alarms == before; i++) usleep(1000);
    CT_CHECK(walk, alarms > before);
    return CT_PASS;
}

static enum ct_status leave_a_child(struct ct_walk *walk)
{
    pid_t child = fork();
    if (child == 0)
        for (;;) pause();
    CT_REQUIRE(walk, child > 0);
    matrix_note_child(child);
    return CT_PASS;
}

static enum ct_status leave_a_stopped_child(struct ct_walk *walk)
{
    pid_t child = fork();
    if (child == 0)
        for (;;) kill(getpid(), SIGSTOP);
    CT_REQUIRE(walk, child > 0);
    matrix_note_child(child);
    return CT_PASS;
}

/* A daemon as in the books: forked twice, with a session of its own, nothing open, deaf. */
static enum ct_status leave_a_daemon(struct ct_walk *walk)
{
    pid_t child = fork();
    if (child == 0) {
        sigset_t all;
        setsid();
        if (fork() != 0) _exit(0);
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        for (int fd = 0; fd < 1024; fd++) close(fd);
        matrix_note_child(getpid());
        for (;;) pause();
    }
    CT_REQUIRE(walk, child > 0);
    int noted = matrix->child_count;
    for (int i = 0; i < 1000 && matrix->child_count == noted; i++) usleep(1000);
    return CT_PASS;
}

static enum ct_status return_twice(struct ct_walk *walk)
{
    pid_t child = fork();
    CT_REQUIRE(walk, child >= 0);
    if (child == 0) {
        json_object_set_new(ct_walk_state(walk), "a", json_string("of the child"));
        return ct_fail(walk, "the child fails");
    }
    matrix_note_child(child);
    return CT_PASS;
}

static enum ct_status return_twice_the_child_first(struct ct_walk *walk)
{
    pid_t child = fork();
    CT_REQUIRE(walk, child >= 0);
    if (child == 0) return ct_fail(walk, "the child fails");
    usleep(100000);
    return CT_PASS;
}

static enum ct_status return_thrice(struct ct_walk *walk)
{
    CT_REQUIRE(walk, fork() >= 0);
    CT_REQUIRE(walk, fork() >= 0);
    return CT_PASS;
}

static void *wait_in_thread(void *unused)
{
    while (!unused) pause();
    return NULL;
}

static enum ct_status leave_a_thread(struct ct_walk *walk)
{
    pthread_t thread;
    CT_REQUIRE(walk, pthread_create(&thread, NULL, wait_in_thread, NULL) == 0);
    return CT_PASS;
}

static enum ct_status change_directory(struct ct_walk *walk)
{
    char name[] = "/tmp/fault-gone-XXXXXX";
    CT_REQUIRE(walk, mkdtemp(name) != NULL);
    CT_CHECK(walk, chdir(name) == 0);
    CT_CHECK(walk, rmdir(name) == 0);
    return CT_PASS;
}

/* A locale in which a number's point is a comma, where this machine has one: main makes it. */
static enum ct_status change_locale(struct ct_walk *walk)
{
    char text[16];
    CT_REQUIRE(walk, setlocale(LC_ALL, "de_DE.UTF-8") != NULL);
    snprintf(text, sizeof text, "%.1f", 0.5);
    CT_CHECK_STR_EQ(walk, text, "0,5");
    return CT_PASS;
}

static enum ct_status take_all_descriptors(struct ct_walk *walk)
{
    setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 64, 64 });
    while (open("/dev/null", O_RDONLY) >= 0) continue;
    CT_CHECK_INT_EQ(walk, errno, EMFILE);
    return CT_PASS;
}

static enum ct_status use_nng(struct ct_walk *walk)
{
    nng_socket one, other;
    char word[8] = "", url[64];
    size_t size = sizeof word;
    snprintf(url, sizeof url, "inproc://fault-%llu", (unsigned long long)ct_walk_id(walk));
    CT_REQUIRE(walk, nng_pair0_open(&one) == 0 && nng_pair0_open(&other) == 0);
    CT_REQUIRE(walk, nng_listen(one, url, NULL, 0) == 0 && nng_dial(other, url, NULL, 0) == 0);
    CT_REQUIRE(walk, nng_send(one, "hello", 6, 0) == 0 && nng_recv(other, word, &size, 0) == 0);
    CT_CHECK_STR_EQ(walk, word, "hello");
    return CT_PASS; /* and leaves them open */
}

static void abort_destructor(void *unused)
{
    (void)unused;
    abort();
}

_Noreturn static void wait_for_ever(void)
{
    for (;;) pause();
}

/* Its first process ends only when the other one has been reaped, by whoever it was left to. */
static enum ct_status leave_a_namespace(struct ct_walk *walk)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWPID) != 0) _exit(0); /* that takes root */
        for (int i = 0; i < 2; i++)
            if (fork() == 0) wait_for_ever();
        _exit(0);
    }
    CT_REQUIRE(walk, pid > 0 && waitpid(pid, NULL, 0) == pid);
    return CT_PASS;
}

static enum ct_status leave_destructors(struct ct_walk *walk)
{
    pthread_key_t key;
    CT_REQUIRE(walk, pthread_key_create(&key, abort_destructor) == 0);
    pthread_setspecific(key, walk);
    atexit(abort);
    return CT_PASS;
}

#define PASSES(what, f, ...)                                                                                           \
    {                                                                                                                  \
        .name = "a walk that " what " passes, as all others do", .act = (f), .thread = CT_PASS, .process = CT_PASS,    \
        __VA_ARGS__                                                                                                    \
    }
static const struct fault faults[] = {
    PASSES("closes every descriptor", close_all),
    PASSES("closes the standard streams", close_standard_streams, .quiet = true),
    PASSES("opens others in the place of all descriptors", close_and_open),
    PASSES("writes 100 MB to stdout", write_100_mb, .quiet = true),
    PASSES("changes all signal handlers and the mask", change_handlers),
    PASSES("uses an alarm", use_an_alarm),
    PASSES("leaves a child", leave_a_child, .outlived = true),
    PASSES("leaves a stopped child", leave_a_stopped_child, .outlived = true),
    PASSES("leaves a daemon", leave_a_daemon, .outlived = true),
    PASSES("leaves two processes in a namespace of their own", leave_a_namespace, .outlived = true),
    PASSES("returns twice", return_twice, .outlived = true),
    PASSES("returns twice, in the child first", return_twice_the_child_first),
    PASSES("returns four times", return_thrice),
    PASSES("leaves a thread running", leave_a_thread),
    PASSES("goes to a directory that is no more", change_directory),
    PASSES("uses up all descriptors", take_all_descriptors),
    PASSES("opens nng", use_nng),
    PASSES("leaves destructors and exit handlers that abort", leave_destructors),
    PASSES("changes the locale", change_locale), /* last: main may leave it out */
};

/* Debian has no such locale ready, but what it is made of, where the package locales is installed. */
static bool make_locale(const char *directory)
{
    char command[256];
    snprintf(command, sizeof command, "localedef -c -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/said 2>&1", directory,
             directory);
    if (system(command) != 0) return false;
    return setenv("LOCPATH", directory, 1) == 0;
}

int main(int argc, char **argv)
{
    char directory[] = "/tmp/fault-locale-XXXXXX";
    size_t count = CT_COUNT(faults);
    processes_mark(argv);
    if (!mkdtemp(directory) || !make_locale(directory)) {
        fprintf(stderr, "SKIPPED: %s: localedef cannot make de_DE.UTF-8 here (package locales)\n",
                faults[count - 1].name);
        count--;
    }
    int result = matrix_main(argc, argv, "litter", faults, count);
    processes_remove(directory);
    return result;
}
