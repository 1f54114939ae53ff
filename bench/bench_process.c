/* Walks in processes of their own against a bare fork server of the same resident size: two processes that fork a child
 * for each index, which calls the same function, writes to as much memory, and ends, and that wait for it. Both are
 * measured in turn, nine times, in the same run; the share is the median of the pairs', since forks on a shared machine
 * can take half as long again from one second to the next. The walks come from two short tables, so that the runner is
 * not larger than the servers by a table of all. */
#include "bench.h"
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 9, SERVERS = 2, PAGE = 4096, ROWS = 50 };
static size_t walks, heap_size;
static char *heap;

static enum ct_status touch(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk;
    heap[(size_t)ct_option_int(option) * PAGE % heap_size] = 1;
    return CT_PASS;
}

/* Memory that is there in the program, and so in each of its children. */
static void fill_heap(size_t size)
{
    free(heap);
    heap = malloc(size);
    if (!heap) exit(1);
    memset(heap, 1, size);
    heap_size = size;
}

static void serve_alone(size_t first, size_t end)
{
    for (size_t i = first; i < end; i++) {
        const struct ct_option option = CT_INT((int64_t)i);
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) _exit(touch(NULL, &option) != CT_PASS);
        while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
        if (pid < 0 || status != 0) _exit(1);
    }
    _exit(0);
}

static double bare_servers_s(void)
{
    int64_t start = bench_now_ns(CLOCK_MONOTONIC);
    int status = 0, failed = 0;
    fflush(NULL);
    for (size_t i = 0; i < SERVERS; i++)
        if (fork() == 0) serve_alone(walks * i / SERVERS, walks * (i + 1) / SERVERS);
    while (wait(&status) > 0) failed |= status;
    if (failed) exit(1);
    return (double)(bench_now_ns(CLOCK_MONOTONIC) - start) / 1e9;
}

static enum ct_status begin(struct ct_walk *walk, const struct ct_option *option)
{
    (void)walk, (void)option;
    return CT_PASS;
}

static double combtest_s(void)
{
    size_t rest = walks / ROWS, rows = ROWS;
    const struct ct_action actions[] = {
        { .name = "begin", .run = begin, .source = bench_count_up, .source_user = &rows },
        { .name = "touch", .run = touch, .source = bench_count_up, .source_user = &rest },
    };
    const struct ct_suite suite = { .name = "process", .actions = actions, .action_count = 2 };
    return bench_run_with_s(&suite, &(struct ct_run_options){ .isolation = CT_ISOLATION_PROCESS });
}

static void measure(size_t mb, size_t count)
{
    double bare_s[ROUNDS], ours_s[ROUNDS], shares[ROUNDS];
    char what[64];
    fill_heap(mb << 20);
    walks = count;
    for (size_t i = 0; i < ROUNDS; i++) {
        bare_s[i] = bare_servers_s();
        ours_s[i] = combtest_s();
        shares[i] = bare_s[i] / ours_s[i];
    }
    double bare = (double)walks / bench_median(bare_s, ROUNDS), ours = (double)walks / bench_median(ours_s, ROUNDS);
    snprintf(what, sizeof what, "process walks, %zu MB resident", mb);
    bench_print(what, ours, "/s");
    snprintf(what, sizeof what, "bare fork servers, %zu MB resident", mb);
    bench_print(what, bare, "/s");
    snprintf(what, sizeof what, "process walks, share, %zu MB resident", mb);
    bench_print(what, 100 * bench_median(shares, ROUNDS), "%");
}

int main(int argc, char **argv)
{
    static const size_t counts[] = { [BENCH_QUICK] = 1000, [BENCH_NORMAL] = 4000, [BENCH_LONG] = 20000 };
    size_t count = counts[bench_size(argc, argv)];
    measure(1, 4 * count); /* of which each takes a fourth of the time */
    measure(32, count);
    free(heap);
    return 0;
}
