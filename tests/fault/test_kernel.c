/* Walks that ask the kernel for what changes their process, or have it ended in other ways than by a fault; all of them
 * in a program that ignores SIGCHLD. */
#include "matrix.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static char *volatile nowhere;

/* ---- it passes ---- */

static enum ct_status take_limits_away(struct ct_walk *walk)
{
    static const int limits[] = { RLIMIT_NOFILE, RLIMIT_FSIZE,  RLIMIT_MEMLOCK,   RLIMIT_MSGQUEUE,
                                  RLIMIT_CORE,   RLIMIT_RTPRIO, RLIMIT_SIGPENDING };
    for (size_t i = 0; i < CT_COUNT(limits); i++)
        CT_REQUIRE(walk, setrlimit((enum __rlimit_resource)limits[i], &(struct rlimit){ 0, 0 }) == 0);
    return CT_PASS;
}

static enum ct_status be_nice(struct ct_walk *walk)
{
    CT_CHECK(walk, setpriority(PRIO_PROCESS, 0, 19) == 0);
    return CT_PASS;
}

static enum ct_status change_attributes(struct ct_walk *walk)
{
    CT_CHECK(walk, prctl(PR_SET_PDEATHSIG, 0) == 0);
    CT_CHECK(walk, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CT_CHECK(walk, prctl(PR_SET_DUMPABLE, 0) == 0);
    CT_CHECK(walk, prctl(PR_SET_NAME, "x) T (1\n") == 0); /* as if it were stopped */
    CT_CHECK(walk, prctl(PR_SET_TIMERSLACK, 1000000000) == 0);
    return CT_PASS;
}

/* What the daemon's parent leaves comes to the walk first, and from there to who attends to it. */
static enum ct_status adopt_a_daemon(struct ct_walk *walk)
{
    CT_CHECK(walk, prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    int noted = matrix->child_count;
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        matrix_note_child(getpid());
        for (;;) pause();
    }
    CT_REQUIRE(walk, child > 0);
    for (int i = 0; i < 1000 && matrix->child_count == noted; i++) usleep(1000);
    return CT_PASS;
}

static enum ct_status close_all_and_leave_a_daemon(struct ct_walk *walk)
{
    for (int fd = 0; fd < 1024; fd++) close(fd);
    return adopt_a_daemon(walk);
}

static enum ct_status have_itself_traced(struct ct_walk *walk)
{
    CT_CHECK(walk, ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 || errno == EPERM); /* it is already */
    return CT_PASS;
}

static enum ct_status leave_namespaces(struct ct_walk *walk)
{
    static const int kinds[] = { CLONE_FS, CLONE_FILES, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWPID };
    for (size_t i = 0; i < CT_COUNT(kinds); i++)
        CT_CHECK(walk, unshare(kinds[i]) == 0 || errno == EPERM || errno == EINVAL);
    return CT_PASS;
}

static enum ct_status change_umask(struct ct_walk *walk)
{
    (void)walk;
    umask(0777);
    return CT_PASS;
}

static enum ct_status change_root(struct ct_walk *walk)
{
    CT_CHECK(walk, chroot(ct_walk_tmpdir(walk)) == 0 || errno == EPERM);
    return CT_PASS;
}

static enum ct_status become_nobody(struct ct_walk *walk)
{
    CT_CHECK(walk, setresgid(65534, 65534, 65534) == 0 || errno == EPERM);
    CT_CHECK(walk, setresuid(65534, 65534, 65534) == 0 || errno == EPERM);
    return CT_PASS;
}

static enum ct_status join_its_parent_s_group(struct ct_walk *walk)
{
    (void)setpgid(0, getpgid(getppid()));
    CT_CHECK(walk, getpgid(0) != 0);
    return CT_PASS;
}

static enum ct_status use_vfork(struct ct_walk *walk)
{
    int status = -1;
    pid_t child = vfork();
    if (child == 0) {
        execl("/bin/true", "true", (char *)NULL);
        _exit(127);
    }
    CT_REQUIRE(walk, child > 0 && waitpid(child, &status, 0) == child);
    CT_CHECK_INT_EQ(walk, status, 0);
    return CT_PASS;
}

/* The memory is the walk's, but the death is not. */
static enum ct_status fault_after_vfork(struct ct_walk *walk)
{
    int status = 0;
    pid_t child = vfork();
    if (child == 0) {
        *nowhere = 1;
        _exit(0);
    }
    CT_REQUIRE(walk, child > 0 && waitpid(child, &status, 0) == child);
    CT_CHECK(walk, WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    return CT_PASS;
}

static enum ct_status leave_300_children(struct ct_walk *walk)
{
    pid_t child = 0;
    for (int i = 0; i < 300; i++) {
        child = fork();
        if (child == 0)
            for (;;) pause();
        CT_REQUIRE(walk, child > 0);
    }
    matrix_note_child(child);
    return CT_PASS;
}

static void *wait_in_thread(void *unused)
{
    while (!unused) pause();
    return NULL;
}

static enum ct_status leave_1000_threads(struct ct_walk *walk)
{
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < 1000; i++) CT_REQUIRE(walk, pthread_create(&thread, &small, wait_in_thread, NULL) == 0);
    pthread_attr_destroy(&small);
    return CT_PASS;
}

static enum ct_status read_stdin(struct ct_walk *walk)
{
    char byte;
    CT_CHECK_INT_EQ(walk, read(STDIN_FILENO, &byte, 1), 0);
    return CT_PASS;
}

static sigjmp_buf *back;

static void jump_back(int number)
{
    (void)number;
    siglongjmp(*back, 1);
}

static enum ct_status survive_its_fault(struct ct_walk *walk)
{
    sigjmp_buf here;
    back = &here;
    signal(SIGSEGV, jump_back);
    if (sigsetjmp(here, 1) == 0) {
        *nowhere = 1;
        return ct_fail(walk, "it was no fault");
    }
    signal(SIGSEGV, SIG_DFL);
    return CT_PASS;
}

/* ---- it is crashed ---- */

static enum ct_status die_of_a_timer(struct ct_walk *walk)
{
    (void)walk;
    signal(SIGALRM, SIG_DFL); /* which this program uses itself */
    setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { .tv_usec = 1000 } }, NULL);
    usleep(500000);
    return CT_PASS;
}

static enum ct_status write_to_nobody(struct ct_walk *walk)
{
    int ends[2];
    CT_REQUIRE(walk, pipe(ends) == 0);
    close(ends[0]);
    return write(ends[1], "x", 1) == 1 ? CT_PASS : CT_FAIL;
}

static enum ct_status break_its_filter(struct ct_walk *walk)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog filter = { .len = CT_COUNT(steps), .filter = steps };
    CT_REQUIRE(walk, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    CT_REQUIRE(walk, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0);
    syscall(SYS_getppid);
    return CT_PASS;
}

static enum ct_status be_traced_and_signalled(struct ct_walk *walk)
{
    enum ct_status status = have_itself_traced(walk);
    raise(SIGUSR1);
    return status;
}

static enum ct_status become_another_program(struct ct_walk *walk)
{
    (void)walk;
    execl("/bin/sh", "sh", "-c", "exit 9", (char *)NULL);
    return CT_PASS;
}

static enum ct_status become_a_daemon(struct ct_walk *walk)
{
    CT_CHECK(walk, daemon(1, 1) == 0); /* the child returns, the walk's own process does not */
    return CT_PASS;
}

/* All memory that it shares with others, the runner's too. */
static enum ct_status unmap_what_is_shared(struct ct_walk *walk)
{
    char line[512], mode[8];
    unsigned long begin, end;
    FILE *maps = fopen("/proc/self/maps", "re");
    CT_REQUIRE(walk, maps != NULL);
    while (fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, mode) == 3 && mode[3] == 's') munmap((void *)begin, end - begin);
    fclose(maps);
    return CT_PASS;
}

static enum ct_status kill_its_parent(struct ct_walk *walk)
{
    (void)walk;
    kill(getppid(), SIGKILL);
    usleep(2000000); /* its end follows */
    return CT_PASS;
}

static enum ct_status fault_on_a_stack_that_is_none(struct ct_walk *walk)
{
    const stack_t none = { .ss_sp = (void *)4096, .ss_size = 65536 };
    CT_REQUIRE(walk, sigaltstack(&none, NULL) == 0);
    *nowhere = 1;
    return CT_PASS;
}

/* ---- it is timed out ---- */

static enum ct_status stop_by_the_terminal(struct ct_walk *walk)
{
    static const int numbers[] = { SIGTSTP, SIGTTIN, SIGTTOU };
    kill(getpid(), numbers[ct_walk_id(walk) % 3]); /* a victim for each */
    usleep(1000000);
    return CT_PASS;
}

static void let_it_fault_again(int number)
{
    (void)number;
}

static enum ct_status fault_for_ever_or_wait(struct ct_walk *walk)
{
    if (ct_walk_stage(walk) == 0) execl("/bin/sleep", "sleep", "1000", (char *)NULL);
    signal(SIGSEGV, let_it_fault_again);
    *nowhere = 1;
    return CT_PASS;
}

#define ACT(what, comes, f, status, ...)                                                                               \
    {                                                                                                                  \
        .name = "a walk that " what " is " comes ", and no other is", .act = (f), .thread = (status),                  \
        .process = (status), __VA_ARGS__                                                                               \
    }
#define PASSES(what, f, ...)                                                                                           \
    {                                                                                                                  \
        .name = "a walk that " what " passes, as all others do", .act = (f), .thread = CT_PASS, .process = CT_PASS,    \
        __VA_ARGS__                                                                                                    \
    }
#define PASSES_APART(what, f)                                                                                          \
    {                                                                                                                  \
        .name = "a walk that " what " passes with a process of its own, as all others do", .act = (f),                 \
        .thread = MATRIX_NOT_RUN, .process = CT_PASS                                                                   \
    }
#define DIES(what, f, ...) ACT(what, "crashed", f, CT_CRASHED, .unseen = true, __VA_ARGS__)
#define HANGS(what, f, ...)                                                                                            \
    ACT(what, "timed out", f, CT_TIMED_OUT, .timeout_ms = MATRIX_TIMEOUT_MS, .says = MATRIX_TIMED_OUT, __VA_ARGS__)
static const struct fault faults[] = {
    PASSES("takes its limits away", take_limits_away),
    PASSES("is nice", be_nice),
    PASSES("changes its process's attributes", change_attributes),
    PASSES("adopts a daemon and leaves it", adopt_a_daemon, .outlived = true),
    PASSES("closes every descriptor and leaves a daemon", close_all_and_leave_a_daemon, .outlived = true),
    PASSES("has itself traced", have_itself_traced),
    PASSES("leaves its namespaces", leave_namespaces),
    PASSES("changes the umask", change_umask),
    PASSES("joins its parent's process group", join_its_parent_s_group),
    PASSES("uses vfork", use_vfork),
    PASSES("has a child of vfork that writes to NULL", fault_after_vfork),
    PASSES("leaves 300 children", leave_300_children, .outlived = true),
    PASSES("leaves 1000 threads", leave_1000_threads),
    PASSES("reads from stdin", read_stdin),
    PASSES("survives its own fault", survive_its_fault),
    PASSES_APART("changes its root directory", change_root),
    PASSES_APART("becomes nobody", become_nobody),
    DIES("is ended by its own timer", die_of_a_timer, .says = "SIGALRM"),
    DIES("writes to a pipe that nobody reads", write_to_nobody, .says = "SIGPIPE"),
    DIES("does what its seccomp filter forbids", break_its_filter, .says = "SIGSYS"),
    DIES("has itself traced and gets a signal", be_traced_and_signalled, .says = "SIGUSR1"),
    DIES("becomes another program", become_another_program, .says = "code 9"),
    DIES("becomes a daemon", become_a_daemon, .says = "code 0"),
    DIES("unmaps all shared memory", unmap_what_is_shared, .says = "SIGSEGV"),
    DIES("kills its parent", kill_its_parent, .says = "SIGKILL", .again = true),
    DIES("faults on an alternate stack that is none", fault_on_a_stack_that_is_none, .says = "SIGSEGV"),
    HANGS("is stopped as by a terminal", stop_by_the_terminal),
    HANGS("becomes a program that waits, or faults again and again", fault_for_ever_or_wait),
};

int main(int argc, char **argv)
{
    signal(SIGCHLD, SIG_IGN); /* the program's own business: how walks ended is known all the same */
    return matrix_main(argc, argv, "kernel", faults, CT_COUNT(faults));
}
