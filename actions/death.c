#include <actions/actions.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *signal_name(int number)
{
    const char *name = sigabbrev_np(number);
    return name ? name : "?";
}

void ct__describe_end(int wait_status, char *text, size_t size)
{
    if (WIFSIGNALED(wait_status))
        snprintf(text, size, "killed by SIG%s", signal_name(WTERMSIG(wait_status)));
    else
        snprintf(text, size, "exited with code %d", WEXITSTATUS(wait_status));
}

static void describe_witness(const struct ct__witness *witness, int wait_status, char *text, size_t size)
{
    switch (atomic_load(&witness->kind)) {
    case CT__DEATH_SIGNAL:
        if (witness->sent)
            snprintf(text, size, "SIG%s", signal_name(witness->number));
        else
            snprintf(text, size, "SIG%s at address 0x%llx", signal_name(witness->number),
                     (unsigned long long)witness->address);
        return;
    case CT__DEATH_EXIT: snprintf(text, size, "called exit(%d)", witness->number); return;
    case CT__DEATH_THREAD_EXIT: snprintf(text, size, "called pthread_exit"); return;
    default: ct__describe_end(wait_status, text, size);
    }
}

/* "suite(do_open+0x12)", or "suite+0x1a2b" for what addr2line has to tell: the processes are copies of this one, and
 * have what it has at the same addresses. */
static void append_frame(uint64_t frame, char *text, size_t size)
{
    Dl_info info;
    size_t used = strlen(text);
    if (!dladdr((void *)(uintptr_t)frame, &info) || !info.dli_fname) return;
    const char *name = strrchr(info.dli_fname, '/');
    name = name ? name + 1 : info.dli_fname;
    if (info.dli_sname)
        snprintf(text + used, size - used, " %s(%s+0x%llx)", name, info.dli_sname,
                 (unsigned long long)(frame - (uint64_t)(uintptr_t)info.dli_saddr));
    else
        snprintf(text + used, size - used, " %s+0x%llx", name,
                 (unsigned long long)(frame - (uint64_t)(uintptr_t)info.dli_fbase));
}

static void append_frames(const struct ct__witness *witness, char *text, size_t size)
{
    uint32_t count = witness->frame_count < CT__FRAMES_MAX ? witness->frame_count : CT__FRAMES_MAX;
    if (atomic_load(&witness->kind) != CT__DEATH_SIGNAL || count == 0) return;
    strncat(text, "; at", size - strlen(text) - 1);
    for (uint32_t i = 0; i < count; i++) append_frame(witness->frames[i], text, size);
}

void ct__describe_death(const struct ct__death *death, char *text, size_t size)
{
    ct__place_text(death->suite, death->action, death->part, text, size - 2);
    size_t used = strlen(text);
    used += (size_t)snprintf(text + used, size - used, ": ");
    if (death->cause == CT__KILL_TIMEOUT)
        snprintf(text + used, size - used, "still running after %.6g s", death->limit_ms / 1000.0);
    else if (death->cause == CT__KILL_MEMORY)
        snprintf(text + used, size - used, "took more memory than limit_memory allows, %llu",
                 (unsigned long long)death->limit_memory);
    else if (death->cause == CT__KILL_STOPPED)
        snprintf(text + used, size - used, "its process was stopped, and did not go on");
    else
        describe_witness(death->witness, death->wait_status, text + used, size - used);
    append_frames(death->witness, text, size);
}
