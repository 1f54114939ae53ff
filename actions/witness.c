/* A thread's testimony: what ended the process, written to shared memory while it dies. */
#include <actions/actions.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <unwind.h>

#define STACK_SIZE 65536u

/* A child that user code forked inherits the handlers, but has nothing to say; nor has one of vfork. */
static _Thread_local struct ct__witness *own;
static _Thread_local void *stack; /* for handlers */
static _Thread_local stack_t stack_before;

void ct__witness_note(struct ct__witness *witness, enum ct__death_kind kind, int number)
{
    if (!witness || atomic_load(&witness->kind) != CT__DEATH_UNWITNESSED) return;
    witness->number = number;
    witness->frame_count = 0;
    atomic_store(&witness->kind, (uint32_t)kind);
}

struct trail {
    struct ct__witness *witness;
    bool begun;
};

/* The first frame of user code is the one that the signal interrupted; the last is above the runner's. */
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *user)
{
    struct trail *trail = user;
    struct ct__witness *witness = trail->witness;
    int interrupted = 0;
    uintptr_t at = _Unwind_GetIPInfo(context, &interrupted);
    if (interrupted) trail->begun = true;
    if (!trail->begun) return _URC_NO_REASON;
    if (at == 0 || ct__is_runner_frame((const void *)at) || witness->frame_count == CT__FRAMES_MAX)
        return _URC_END_OF_STACK;
    witness->frames[witness->frame_count++] = (uint64_t)at;
    return _URC_NO_REASON;
}

/* After the rest is told: a damaged stack can end the process here. By the compiler's own unwinder, for backtrace()
 * would load a library, which is nothing to do in a handler, and one more to copy for each walk's process. */
static void note_frames(struct ct__witness *witness)
{
    struct trail trail = { .witness = witness };
    (void)_Unwind_Backtrace(note_frame, &trail);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (ct__fork_is_marked() && own) {
        own->sent = info->si_code <= 0; /* by kill, raise or abort: then there is no address */
        own->address = (uint64_t)(uintptr_t)info->si_addr;
        ct__witness_note(own, CT__DEATH_SIGNAL, number);
        note_frames(own);
    }
    /* SA_RESETHAND: by default from here on. A fault comes again by itself, what was sent does not. */
    if (info->si_code <= 0) raise(number);
}

static void on_exit_called(int code, void *unused)
{
    (void)unused;
    if (ct__fork_is_marked()) {
        ct__witness_note(own, CT__DEATH_EXIT, code);
        if (ftrylockfile(stdout) == 0) fflush(stdout); /* half a line, unless another thread is at it */
    }
    _exit(code);
}

void ct__witness_install(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP };
    struct sigaction action = { .sa_sigaction = on_fault };
    action.sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) sigaction(faults[i], &action, NULL);
    on_exit(on_exit_called, NULL);
}

bool ct__witness_thread(struct ct__witness *witness)
{
    own = witness;
    if (stack) return true;
    stack = malloc(STACK_SIZE); /* not a mapping of its own, which would be one more to copy for each walk's process */
    stack_t alternate = { .ss_sp = stack, .ss_size = STACK_SIZE };
    return stack && sigaltstack(&alternate, &stack_before) == 0;
}

void ct__witness_leave(void)
{
    if (stack) sigaltstack(&stack_before, NULL);
    free(stack);
    stack = NULL;
}
