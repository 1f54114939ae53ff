/* The peak memory of the coordinator while one stage of 10^6 to 10^8 walks runs (10^9 with --long). A thread of this
 * program reads VmHWM and RssAnon from /proc while the run lasts. The coordinator is the
 * one process that run_tests() forks from this one. */
#include "bench.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <unistd.h>

struct process {
    pid_t pid;
    long peak_kb, anonymous_kb;
};
static struct process processes[16]; /* the watcher's, until it was joined */
static size_t process_count;
static _Atomic bool done;

static enum ct_status nothing(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    (void)option;
    return CT_PASS;
}

/* Reads a small file whole; an empty text where there is none (any more). */
static void read_text(char *text, size_t size, const char *path)
{
    FILE *file = fopen(path, "r");
    size_t got = file ? fread(text, 1, size - 1, file) : 0;
    text[got] = '\0';
    if (file) fclose(file);
}

static void read_children(pid_t pid, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
    read_text(text, size, path);
}

static long status_kb(const char *status, const char *key)
{
    const char *at = strstr(status, key);
    return at ? strtol(at + strlen(key), NULL, 10) : 0;
}

static struct process *find_process(pid_t pid)
{
    for (size_t i = 0; i < process_count; i++)
        if (processes[i].pid == pid) return &processes[i];
    if (process_count == sizeof processes / sizeof *processes) return NULL;
    processes[process_count] = (struct process){ .pid = pid };
    return &processes[process_count++];
}

static void look_at(pid_t pid)
{
    char text[4096], path[64];
    struct process *process = find_process(pid);
    if (!process) return;
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    read_text(text, sizeof text, path);
    long peak_kb = status_kb(text, "VmHWM:"), anonymous_kb = status_kb(text, "RssAnon:");
    if (peak_kb > process->peak_kb) process->peak_kb = peak_kb;
    if (anonymous_kb > process->anonymous_kb) process->anonymous_kb = anonymous_kb;
}

static void *watch(void *unused)
{
    char children[1024];
    while (!atomic_load(&done)) {
        read_children(getpid(), children, sizeof children);
        char *end = children;
        for (long pid; (pid = strtol(end, &end, 10)) > 0;) look_at((pid_t)pid);
        nanosleep(&(struct timespec){ .tv_nsec = 5000000 }, NULL);
    }
    return unused;
}

static void print_peaks(double walks)
{
    long peak_kb = 0, anonymous_kb = 0;
    for (size_t i = 0; i < process_count; i++) {
        if (processes[i].peak_kb > peak_kb) peak_kb = processes[i].peak_kb;
        if (processes[i].anonymous_kb > anonymous_kb) anonymous_kb = processes[i].anonymous_kb;
    }
    if (peak_kb == 0) {
        fprintf(stderr, "no coordinator was found among %zu processes\n", process_count);
        exit(1);
    }
    char what[64];
    snprintf(what, sizeof what, "coordinator's peak memory, %.0e walks", walks);
    bench_print(what, (double)peak_kb / 1024, "MB");
    snprintf(what, sizeof what, "of it its own (anonymous), %.0e walks", walks);
    bench_print(what, (double)anonymous_kb / 1024, "MB");
}

static void measure(size_t outer)
{
    static size_t thousand = 1000;
    const struct ct_action actions[] = {
        { .name = "outer", .run = nothing, .source = bench_count_up, .source_user = &outer },
        { .name = "middle", .run = nothing, .source = bench_count_up, .source_user = &thousand },
        { .name = "inner", .run = nothing, .source = bench_count_up, .source_user = &thousand },
    };
    const struct ct_suite suite = { .name = "memory", .actions = actions, .action_count = 3 };
    pthread_t watcher;
    process_count = 0;
    atomic_store(&done, false);
    if (pthread_create(&watcher, NULL, watch, NULL) != 0) exit(1);
    bench_run_s(&suite);
    atomic_store(&done, true);
    pthread_join(watcher, NULL);
    print_peaks((double)outer * 1e6);
}

int main(int argc, char **argv)
{
    static const size_t largest[] = { [BENCH_QUICK] = 10, [BENCH_NORMAL] = 100, [BENCH_LONG] = 1000 };
    size_t last = largest[bench_size(argc, argv)];
    for (size_t outer = 1; outer <= last; outer *= 10) measure(outer);
    return 0;
}
