/* Walks that end the process they run in, in every way there is: each is crashed, and no other walk is harmed. */
#include "matrix.h"
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int zero, one = 1;
static char *volatile nowhere;

static enum ct_status write_to_null(struct ct_walk *walk)
{
    (void)walk;
    *nowhere = 1;
    return CT_PASS;
}

static enum ct_status call_abort(struct ct_walk *walk)
{
    (void)walk;
    abort();
}

static enum ct_status divide_by_zero(struct ct_walk *walk)
{
    (void)walk;
#if defined __x86_64__ || defined __i386__
    one = one / zero;
#else
    raise(SIGFPE);
#endif
    return CT_PASS;
}

static enum ct_status run_no_instruction(struct ct_walk *walk)
{
    (void)walk;
#if defined __x86_64__ || defined __i386__
    __asm__ volatile("ud2");
#else
    raise(SIGILL);
#endif
    return CT_PASS;
}

static enum ct_status read_behind_the_end_of_a_file(struct ct_walk *walk)
{
    int fd = memfd_create("empty", MFD_CLOEXEC);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CT_REQUIRE(walk, page != MAP_FAILED);
    page[1] = 1;
    return CT_PASS;
}

/* volatile: or the compiler sees that this never ends, and makes a loop of it */
static int dig(int depth);
static int (*volatile dig_on)(int depth) = dig;

static int dig(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return dig_on(depth + 1) + room[0];
}

static enum ct_status overflow_the_stack(struct ct_walk *walk)
{
    (void)walk;
    zero = dig(0);
    return CT_PASS;
}

static enum ct_status send_itself(int number)
{
    kill(getpid(), number);
    /* on a thread of many another may get it first */
    usleep(500000);
    return CT_PASS;
}

static enum ct_status send_itself_kill(struct ct_walk *walk)
{
    (void)walk;
    return send_itself(SIGKILL);
}

static enum ct_status send_itself_term(struct ct_walk *walk)
{
    (void)walk;
    return send_itself(SIGTERM);
}

static enum ct_status send_itself_int(struct ct_walk *walk)
{
    (void)walk;
    return send_itself(SIGINT);
}

static enum ct_status send_itself_usr1(struct ct_walk *walk)
{
    (void)walk;
    return send_itself(SIGUSR1);
}

static enum ct_status kill_its_group(struct ct_walk *walk)
{
    (void)walk;
    kill(0, SIGKILL);
    return CT_PASS;
}

static enum ct_status exit_0(struct ct_walk *walk)
{
    (void)walk;
    exit(0);
}

static enum ct_status exit_7(struct ct_walk *walk)
{
    (void)walk;
    exit(7);
}

static enum ct_status exit_0_at_once(struct ct_walk *walk)
{
    (void)walk;
    _exit(0);
}

static enum ct_status exit_7_at_once(struct ct_walk *walk)
{
    (void)walk;
    _exit(7);
}

static enum ct_status quick_exit_3(struct ct_walk *walk)
{
    (void)walk;
    quick_exit(3);
}

static void *exit_in_thread(void *unused)
{
    (void)unused;
    exit(5);
}

static enum ct_status let_a_thread_exit(struct ct_walk *walk)
{
    pthread_t thread;
    CT_REQUIRE(walk, pthread_create(&thread, NULL, exit_in_thread, NULL) == 0);
    pthread_join(thread, NULL);
    return CT_PASS;
}

static void *fault_in_thread(void *unused)
{
    *nowhere = 1;
    return unused;
}

static enum ct_status let_a_thread_fault(struct ct_walk *walk)
{
    pthread_t thread;
    CT_REQUIRE(walk, pthread_create(&thread, NULL, fault_in_thread, NULL) == 0);
    pthread_join(thread, NULL);
    return CT_PASS;
}

static enum ct_status end_its_thread(struct ct_walk *walk)
{
    (void)walk;
    pthread_exit(NULL);
}

static enum ct_status cancel_its_thread(struct ct_walk *walk)
{
    (void)walk;
    pthread_cancel(pthread_self());
    pthread_testcancel();
    return CT_PASS;
}

static void abort_destructor(void *unused)
{
    (void)unused;
    abort();
}

static void *leave_a_destructor(void *value)
{
    pthread_key_t key;
    if (pthread_key_create(&key, abort_destructor) == 0) pthread_setspecific(key, value);
    return NULL;
}

static enum ct_status abort_in_a_destructor(struct ct_walk *walk)
{
    pthread_t thread;
    CT_REQUIRE(walk, pthread_create(&thread, NULL, leave_a_destructor, walk) == 0);
    pthread_join(thread, NULL);
    return CT_PASS;
}

static enum ct_status abort_at_exit(struct ct_walk *walk)
{
    (void)walk;
    atexit(abort);
    exit(0);
}

/* The program's handlers are gone, and its thread cannot tell any more. */
static enum ct_status fault_without_handlers(struct ct_walk *walk)
{
    (void)walk;
    for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
    *nowhere = 1;
    return CT_PASS;
}

static enum ct_status fault_without_an_alternate_stack(struct ct_walk *walk)
{
    const stack_t none = { .ss_flags = SS_DISABLE };
    sigaltstack(&none, NULL);
    return overflow_the_stack(walk);
}

static enum ct_status close_all_and_fault(struct ct_walk *walk)
{
    (void)walk;
    for (int fd = 0; fd < 1024; fd++) close(fd);
    *nowhere = 1;
    return CT_PASS;
}

#define DIES(what, f, ...)                                                                                             \
    {                                                                                                                  \
        .name = "a walk that " what " is crashed, and no other is", .act = (f), .thread = CT_CRASHED,                  \
        .process = CT_CRASHED, __VA_ARGS__                                                                             \
    }
static const struct fault faults[] = {
    DIES("writes to NULL", write_to_null, .says = "SIGSEGV"),
    DIES("aborts", call_abort, .says = "SIGABRT"),
    DIES("divides by zero", divide_by_zero, .says = "SIGFPE"),
    DIES("runs what is no instruction", run_no_instruction, .says = "SIGILL"),
    DIES("reads behind the end of a mapped file", read_behind_the_end_of_a_file, .says = "SIGBUS"),
    DIES("overflows its stack", overflow_the_stack, .says = "SIGSEGV"),
    DIES("overflows its stack without an alternate one", fault_without_an_alternate_stack, .says = "SIGSEGV",
         .unseen = true),
    DIES("sends itself SIGKILL", send_itself_kill, .says = "SIGKILL", .unseen = true),
    DIES("sends itself SIGTERM", send_itself_term, .says = "SIGTERM", .unseen = true),
    DIES("sends itself SIGINT", send_itself_int, .says = "SIGINT", .unseen = true),
    DIES("sends itself SIGUSR1", send_itself_usr1, .says = "SIGUSR1", .unseen = true),
    DIES("kills its process group", kill_its_group, .says = "SIGKILL", .unseen = true),
    DIES("calls exit(0)", exit_0, .says = "exit(0)"),
    DIES("calls exit(7)", exit_7, .says = "exit(7)"),
    DIES("calls _exit(0)", exit_0_at_once, .says = "code 0", .unseen = true),
    DIES("calls _exit(7)", exit_7_at_once, .says = "code 7", .unseen = true),
    DIES("calls quick_exit(3)", quick_exit_3, .says = "code 3", .unseen = true),
    DIES("has a thread that calls exit(5)", let_a_thread_exit, .says = "5", .unseen = true),
    DIES("has a thread that writes to NULL", let_a_thread_fault, .says = "SIGSEGV", .unseen = true),
    DIES("calls pthread_exit", end_its_thread, .says = "thread"),
    DIES("cancels its own thread", cancel_its_thread, .says = "thread"),
    DIES("aborts in a thread's destructor", abort_in_a_destructor, .says = "SIGABRT", .unseen = true),
    DIES("exits, and aborts in an atexit handler", abort_at_exit),
    DIES("takes all signal handlers away and then writes to NULL", fault_without_handlers, .says = "SIGSEGV",
         .unseen = true),
    DIES("closes every descriptor and then writes to NULL", close_all_and_fault, .says = "SIGSEGV"),
};

int main(int argc, char **argv)
{
    return matrix_main(argc, argv, "deaths", faults, CT_COUNT(faults));
}
