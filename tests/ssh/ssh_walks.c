/* ssh_walks: 288 walks of three stages, with two serial actions between them, of 4 ms each. */
#include "ssh_walks.h"
#include <combtest/combtest.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct seen *seen(void)
{
    static struct seen *map;
    const char *path = getenv("SSH_WALKS_SEEN");
    int fd = map || !path ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return map;
    void *memory = mmap(NULL, sizeof *map, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return map = memory == MAP_FAILED ? NULL : memory;
}

/* ---- the walk that kills its host ---- */

static pid_t parent_of(pid_t pid)
{
    char path[64], text[512] = "";
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    const char *end = fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
    fclose(file);
    return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? (pid_t)parent : 0;
}

static bool is_shell(pid_t pid)
{
    char path[64], name[64] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file) return false;
    bool is = fgets(name, sizeof name, file) && strcmp(name, "sh\n") == 0;
    fclose(file);
    return is;
}

/* From the host's shell down, the first process of the program is what the shell started. */
static void kill_host(bool all)
{
    pid_t above[32], pid = getpid();
    size_t count = 0;
    while (pid > 1 && count < 32 && !is_shell(pid)) {
        above[count++] = pid;
        pid = parent_of(pid);
    }
    if (pid <= 1 || count < 2) abort(); /* this is no host's */
    if (all) kill(pid, SIGKILL);
    kill(above[count - 1], SIGKILL);
    for (size_t i = count - 1; all && i-- > 0;) kill(above[i], SIGKILL);
    pause();
}

/* ---- the suite ---- */

static enum ct_status set(struct ct_walk *walk, const char *key, const struct ct_option *option)
{
    const char *killer = getenv("SSH_WALKS_KILLER");
    if (killer && *killer && ct_walk_id(walk) == WALKS_KILLER && ct_walk_stage(walk) == 1)
        kill_host(strcmp(killer, "all") == 0);
    json_object_set_new(ct_walk_state(walk), key, json_integer(ct_option_int(option)));
    if (seen()) atomic_fetch_add(&seen()->runs[ct_walk_stage(walk)][ct_walk_id(walk)], 1);
    usleep(3500 + (useconds_t)(ct_walk_id(walk) * 7919 % 1000));
    return CT_PASS;
}

static enum ct_status run_a(struct ct_walk *walk, const struct ct_option *option)
{
    return set(walk, "a", option);
}

static enum ct_status run_b(struct ct_walk *walk, const struct ct_option *option)
{
    return set(walk, "b", option);
}

static enum ct_status run_c(struct ct_walk *walk, const struct ct_option *option)
{
    return set(walk, "c", option);
}

static enum ct_status update(struct ct_walk *walk, const char *key, const struct ct_option *option, size_t index)
{
    json_t *changes = json_pack("{s:I}", key, (json_int_t)ct_option_int(option));
    if (seen()) atomic_fetch_add(&seen()->serial_runs[index], 1);
    ct_update(walk, changes);
    json_decref(changes);
    return CT_PASS;
}

static enum ct_status run_s(struct ct_walk *walk, const struct ct_option *option)
{
    return update(walk, "s", option, (size_t)ct_option_int(option));
}

static enum ct_status run_t(struct ct_walk *walk, const struct ct_option *option)
{
    return update(walk, "t", option, WALKS_S + ct_walk_id(walk) / (WALKS / WALKS_S / WALKS_T));
}

static const struct ct_option ints[] = { CT_INT(0), CT_INT(1), CT_INT(2), CT_INT(3) };
#define ACTION(n, f, serially, many)                                                                                   \
    {                                                                                                                  \
        .name = (n), .run = (f), .options = ints, .option_count = (many), .serial = (serially)                         \
    }
static const struct ct_action actions[] = { ACTION("a", run_a, false, WALKS_A), ACTION("s", run_s, true, WALKS_S),
                                            ACTION("b", run_b, false, WALKS_B), ACTION("t", run_t, true, WALKS_T),
                                            ACTION("c", run_c, false, WALKS_C) };
static const struct ct_suite suite = { .name = "walks", .actions = actions, .action_count = CT_COUNT(actions) };

int main(int argc, char **argv)
{
    return ct_main(&suite, argc, argv);
}
