/* ssh_faults DIRECTORY SEED,... PORT...: for each seed a run of ssh_walks on the ssh servers at these ports of
 * loopback, the last of them behind a proxy, in which at a random moment something is killed, stopped or cut: see
 * plan_seed. Every walk must pass with its state all the same, be counted once, and nothing may be left.
 * ssh_faults DIRECTORY killer 0..3 PORT...: a run in which a walk kills its whole host, which must be blamed on it
 * alone. DIRECTORY has key, the user's key. Exit code: 0; 1 where something did not hold. */
#include "ssh_walks.h"
#include <combtest/combtest.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <proxy.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HOSTS_MAX = 8, LIMIT_MS = 120000, CALM_MS = 60000, INJECT_US = 700000, HEAL_US = 600000, FOUND_MAX = 256 };

enum target { SESSION, SHELL, FIRST, BELOW, LAUNCHER, LINK, TARGET_COUNT };
static const char *const names[] = { "a server's session", "a host's shell", "the program there",
                                     "what is below it",   "a launcher",     "a link" };

static struct trial {
    char directory[512]; /* of this trial: part of every command line of its run */
    const char *scratch;
    int ports[HOSTS_MAX], port_count;
    enum target target;
    int signal;            /* of a process */
    enum proxy_state link; /* or of the link: this, for heal_us; 0: for good */
    uint64_t random, heal_us;
    bool process;       /* --isolation process */
    const char *killer; /* NULL: none */
    struct seen *seen;
    pid_t run, hit;
    int wrong;
} trial;

static uint64_t draw(void)
{
    uint64_t z = trial.random += 0x9e3779b97f4a7c15u; /* splitmix64, public domain, Sebastiano Vigna */
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (trial.wrong++ < 12) {
        fprintf(stderr, "  [%s] ", trial.directory);
        vfprintf(stderr, format, args);
        fputc('\n', stderr);
    }
    va_end(args);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- processes ---- */

struct process {
    pid_t pid, parent;
    char state;
    bool remote, shell; /* runs from a host's cache; its parent is a shell */
};

static size_t read_proc(pid_t pid, const char *file, char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "re");
    size_t got = stream ? fread(text, 1, size - 1, stream) : 0;
    if (stream) fclose(stream);
    text[got] = '\0';
    return got;
}

static void read_stat(struct process *process)
{
    char text[1024];
    int parent = 0;
    read_proc(process->pid, "stat", text, sizeof text);
    const char *end = strrchr(text, ')');
    if (!end || sscanf(end + 1, " %c %d", &process->state, &parent) != 2) process->state = 'X';
    process->parent = (pid_t)parent;
}

/* The processes that live and have this trial's directory in their command line. */
static size_t find(struct process *found)
{
    size_t count = 0;
    char line[8192];
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; proc && count < FOUND_MAX && (entry = readdir(proc));) {
        struct process *one = &found[count];
        if (!isdigit((unsigned char)*entry->d_name)) continue;
        *one = (struct process){ .pid = (pid_t)atoi(entry->d_name) };
        size_t size = read_proc(one->pid, "cmdline", line, sizeof line);
        one->remote = strstr(line, "/cache/combtest/") != NULL;
        bool ours = false;
        for (size_t at = 0; at < size; at += strlen(line + at) + 1)
            ours = ours || strncmp(line + at, trial.directory, strlen(trial.directory)) == 0;
        if (!ours) continue;
        read_stat(one);
        read_proc(one->parent, "comm", line, sizeof line);
        one->shell = strcmp(line, "sh\n") == 0;
        if (one->state != 'Z' && one->state != 'X') count++;
    }
    if (proc) closedir(proc);
    return count;
}

static bool has_threads(pid_t pid)
{
    char text[4096];
    read_proc(pid, "status", text, sizeof text);
    const char *line = strstr(text, "\nThreads:");
    return !line || atoi(line + 9) > 1;
}

/* Whether the process is what the seed is aimed at, or stands for it; *aim is whom to hit. */
static bool is_target(const struct process *all, size_t count, const struct process *one, pid_t *aim)
{
    struct process shell = { .pid = one->parent };
    bool first = one->remote && one->shell;
    *aim = one->pid;
    switch (trial.target) {
    case SESSION:
        if (!first) return false;
        read_stat(&shell);
        *aim = shell.parent;
        return shell.parent > 1;
    case SHELL: *aim = one->parent; return first;
    case FIRST: return first;
    case BELOW: return one->remote && !one->shell;
    default: break;
    }
    /* a launcher is a child of a child of the coordinator, which is a child of the run, and has none itself; so is the
     * link here, which has threads */
    size_t above = 0;
    pid_t parent = one->parent;
    for (size_t i = 0; !one->remote && i < count; i++) {
        if (all[i].parent == one->pid) return false;
        if (all[i].pid != parent) continue;
        parent = all[i].parent;
        above++;
        i = (size_t)-1;
    }
    return above == 3 && !has_threads(one->pid);
}

static pid_t pick(void)
{
    static struct process found[FOUND_MAX];
    size_t count = find(found), start = count ? (size_t)(draw() % count) : 0;
    for (size_t i = 0; i < count; i++) {
        pid_t aim;
        if (is_target(found, count, &found[(start + i) % count], &aim)) return aim;
    }
    return 0;
}

/* ---- a run ---- */

static void make_file(const char *name, const char *text)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", trial.directory, name);
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0) abort();
}

static void prepare(void)
{
    char text[4096], path[1024];
    mkdir(trial.directory, 0700);
    snprintf(text, sizeof text,
             "[SSH]\nrsakey = %s/key\naccept_new = 1\nknown_hosts = %s/known\nconnect_timeout = 60\n[HOST 127.0.0.1]\n"
             "environment = {\"SSH_WALKS_SEEN\": \"%s/seen\", \"SSH_WALKS_KILLER\": \"%s\"}\n",
             trial.scratch, trial.directory, trial.directory, trial.killer ? trial.killer : "");
    make_file("combtest.cfg", text);
    make_file("seen", "");
    snprintf(path, sizeof path, "%s/seen", trial.directory);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 || ftruncate(fd, sizeof *trial.seen) != 0) abort();
    trial.seen = mmap(NULL, sizeof *trial.seen, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (trial.seen == MAP_FAILED) abort();
    setenv("SSH_WALKS_SEEN", path, 1);
}

static void start_run(void)
{
    char hosts[512] = "", states[600], summary[600], logs[600], config[600];
    for (int i = 0; i < trial.port_count; i++) {
        bool last = i + 1 == trial.port_count;
        size_t used = strlen(hosts);
        snprintf(hosts + used, sizeof hosts - used, "%s127.0.0.1:%d*1", i > 0 ? "," : "",
                 last ? proxy_start(trial.ports[i]) : trial.ports[i]);
    }
    proxy_set(PROXY_OPEN);
    snprintf(states, sizeof states, "%s/states", trial.directory);
    snprintf(summary, sizeof summary, "%s/summary", trial.directory);
    snprintf(logs, sizeof logs, "%s/logs", trial.directory);
    snprintf(config, sizeof config, "%s/combtest.cfg", trial.directory);
    trial.run = fork();
    if (trial.run != 0) return;
    char path[600];
    snprintf(path, sizeof path, "%s/output", trial.directory);
    int output = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execlp("ssh_walks", "ssh_walks", "-v", "--hosts", hosts, "--require-all", "--isolation",
           trial.process ? "process" : "thread", "--timeout", "3", "--gather-states", states, "--summary", summary,
           "--log-dir", logs, "--config", config, (char *)NULL);
    _exit(127);
}

/* Whether the run has ended, with its wait status. */
static bool has_ended(int *status)
{
    return waitpid(trial.run, status, WNOHANG) == trial.run;
}

static bool has_begun(void)
{
    for (size_t i = 0; i < WALKS; i++)
        if (trial.seen->runs[0][i] > 0) return true;
    return false;
}

/* At a random moment after the first walk began. False: the run ended before. */
static bool inject(int *status)
{
    int64_t deadline = now_ms() + LIMIT_MS;
    while (!has_begun() && now_ms() < deadline) {
        if (has_ended(status)) return false;
        usleep(2000);
    }
    usleep((useconds_t)(draw() % INJECT_US));
    if (trial.target == LINK) {
        proxy_set(trial.link);
        trial.hit = 1;
        if (trial.heal_us == 0) return true;
        usleep((useconds_t)trial.heal_us);
        proxy_set(PROXY_OPEN);
        return true;
    }
    while (trial.hit == 0 && now_ms() < deadline) {
        if (has_ended(status)) return false;
        pid_t pid = pick();
        if (pid > 1 && kill(pid, trial.signal) == 0) trial.hit = pid;
    }
    return true;
}

static int await_end(void)
{
    int status = 0;
    int64_t deadline = now_ms() + LIMIT_MS;
    if (!trial.killer && !inject(&status)) return status;
    while (!has_ended(&status)) {
        if (now_ms() > deadline) {
            say("the run does not end");
            kill(trial.run, SIGKILL);
            waitpid(trial.run, &status, 0);
            break;
        }
        usleep(5000);
    }
    return status;
}

/* Once the link is whole and what was stopped goes on, nothing of the run may be left. */
static void calm_down(void)
{
    static struct process found[FOUND_MAX];
    size_t count;
    int64_t deadline = now_ms() + CALM_MS;
    proxy_set(PROXY_OPEN);
    if (trial.signal == SIGSTOP && trial.hit > 1) kill(trial.hit, SIGCONT);
    while ((count = find(found)) > 0 && now_ms() < deadline) usleep(20000);
    for (size_t i = 0; i < count; i++) {
        say("left running: %d, state %c, %s", (int)found[i].pid, found[i].state,
            found[i].remote ? "on a host" : "here");
        kill(found[i].pid, SIGKILL);
    }
}

/* ---- what must hold ---- */

static json_t *wanted_state(uint64_t id)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "s", (json_int_t)(id / (WALKS / WALKS_S)), "t",
                     (json_int_t)(id / (WALKS / WALKS_S / WALKS_T) % WALKS_T), "a",
                     (json_int_t)(id / (WALKS_B * WALKS_C) % WALKS_A), "b", (json_int_t)(id / WALKS_C % WALKS_B), "c",
                     (json_int_t)(id % WALKS_C));
}

/* A stopped executor's walk cannot be told from one that stops itself. */
static bool may_time_out(void)
{
    return trial.target == BELOW && trial.signal == SIGSTOP;
}

static void check_walk(size_t id, const json_t *entry, size_t *timed_out)
{
    const char *status = json_string_value(json_object_get(entry, "status"));
    json_t *wanted = wanted_state(id);
    int repeats = trial.killer ? 4 : 3;
    if (!status || json_integer_value(json_object_get(entry, "walk")) != (json_int_t)id) {
        say("line %zu is not of walk %zu", id, id);
    } else if (trial.killer && id == WALKS_KILLER) {
        if (strcmp(status, "crashed") != 0) say("the walk that kills its host is %s", status);
    } else if (strcmp(status, "timed-out") == 0 && may_time_out()) {
        (*timed_out)++;
    } else if (strcmp(status, "passed") != 0 || !json_equal(json_object_get(entry, "state"), wanted)) {
        char *text = json_dumps(entry, JSON_COMPACT);
        say("walk %zu: %s", id, text);
        free(text);
    }
    for (size_t stage = 0; status && strcmp(status, "passed") == 0 && stage < WALKS_STAGES; stage++) {
        int runs = trial.seen->runs[stage][id];
        if (runs < 1 || runs > repeats) say("walk %zu ran stage %zu %d times", id, stage, runs);
    }
    json_decref(wanted);
}

static size_t check_states(void)
{
    char path[600], *line = NULL;
    size_t room = 0, id = 0, timed_out = 0;
    snprintf(path, sizeof path, "%s/states", trial.directory);
    FILE *file = fopen(path, "re");
    while (file && getline(&line, &room, file) > 0) {
        json_t *entry = json_loads(line, 0, NULL);
        if (id < WALKS) check_walk(id, entry, &timed_out);
        json_decref(entry);
        id++;
    }
    if (file) fclose(file);
    free(line);
    if (id != WALKS) say("%zu walks are gathered", id);
    if (timed_out > 1) say("%zu walks timed out", timed_out);
    return timed_out;
}

static void check_summary(size_t timed_out)
{
    static const char *const none[] = { "failed", "canceled", "excluded", "blocked",
                                        "lost",   "not_run",  "flaky",    "serial_failed" };
    char path[600];
    snprintf(path, sizeof path, "%s/summary", trial.directory);
    json_t *summary = json_load_file(path, 0, NULL);
    json_int_t crashed = trial.killer ? 1 : 0, passed = WALKS - crashed - (json_int_t)timed_out;
    for (size_t i = 0; i < CT_COUNT(none); i++) {
        json_int_t count = json_integer_value(json_object_get(summary, none[i]));
        if (count != 0) say("%lld are %s", (long long)count, none[i]);
    }
    if (json_integer_value(json_object_get(summary, "planned")) != WALKS ||
        json_integer_value(json_object_get(summary, "passed")) != passed ||
        json_integer_value(json_object_get(summary, "crashed")) != crashed ||
        json_integer_value(json_object_get(summary, "timed_out")) != (json_int_t)timed_out)
        say("the summary does not add up");
    if (json_integer_value(json_object_get(summary, "serial_runs")) != WALKS_SERIALS) say("serial runs are not right");
    if (!trial.killer && timed_out == 0 &&
        json_integer_value(json_object_get(summary, "segments")) != WALKS_STAGES * WALKS)
        say("%lld segments", (long long)json_integer_value(json_object_get(summary, "segments")));
    for (size_t i = 0; i < WALKS_SERIALS; i++)
        if (trial.seen->serial_runs[i] != 1) say("serial action %zu ran %d times", i, trial.seen->serial_runs[i]);
    json_decref(summary);
}

static void show_output(void)
{
    char path[600], command[700];
    snprintf(path, sizeof path, "%s/output", trial.directory);
    snprintf(command, sizeof command, "tail -n 25 %s >&2", path);
    if (system(command) != 0) fputs("there is no output\n", stderr);
}

static int run_trial(const char *what)
{
    int64_t began = now_ms();
    prepare();
    start_run();
    int status = await_end(), code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    calm_down();
    size_t timed_out = check_states();
    check_summary(timed_out);
    if (code != (trial.killer || timed_out > 0 ? 1 : 0)) say("exit code %d", code);
    printf("  %s, isolation=%s: %s, %lld ms\n", what, trial.process ? "process" : "thread",
           trial.killer || trial.hit ? "hit" : "missed", (long long)(now_ms() - began));
    fflush(stdout);
    if (trial.wrong) show_output();
    return trial.wrong > 0;
}

/* ---- seeds ---- */

/* Six seeds in a row hit every target, twelve in both ways, 24 in both isolations, 48 links that heal and do not. */
static void plan_seed(uint64_t seed, char *what, size_t size)
{
    static const enum proxy_state links[] = { PROXY_CUT, PROXY_DEAF };
    uint64_t way = (seed / TARGET_COUNT + seed) % 2;
    trial.target = (enum target)(seed % TARGET_COUNT);
    trial.random = seed;
    trial.signal = way ? SIGSTOP : SIGKILL;
    trial.process = (seed / 2 + seed / (2 * TARGET_COUNT)) % 2;
    if (trial.target == LINK) {
        trial.signal = 0;
        trial.link = links[way];
        if (seed / (4 * TARGET_COUNT) % 2 == 0) trial.heal_us = draw() % HEAL_US + 1;
    }
    const char *how = trial.target != LINK ? (way ? "stopped" : "killed")
                      : trial.heal_us      ? (way ? "deaf for a while" : "cut for a while")
                                           : (way ? "deaf for good" : "cut for good");
    snprintf(what, size, "seed %" PRIu64 ": %s %s", seed, names[trial.target], how);
}

static int run_seeds(const char *seeds)
{
    int failed = 0;
    for (char *end; *seeds; seeds = *end == ',' ? end + 1 : end) {
        uint64_t seed = strtoull(seeds, &end, 10);
        if (end == seeds) return 2;
        char what[128];
        struct trial fresh = { .scratch = trial.scratch, .port_count = trial.port_count };
        memcpy(fresh.ports, trial.ports, sizeof fresh.ports);
        trial = fresh;
        snprintf(trial.directory, sizeof trial.directory, "%s/seed-%" PRIu64 "-", trial.scratch, seed);
        plan_seed(seed, what, sizeof what);
        failed |= run_trial(what);
    }
    return failed;
}

static int run_killer(unsigned long number)
{
    static const char *const killers[] = { "first", "all" };
    char what[128];
    trial.killer = killers[number / 2 % 2];
    trial.process = number % 2;
    snprintf(trial.directory, sizeof trial.directory, "%s/killer-%lu-", trial.scratch, number);
    snprintf(what, sizeof what, "a walk kills its host, %s", trial.killer);
    return run_trial(what);
}

int main(int argc, char **argv)
{
    if (argc < 4) return 2;
    bool killer = strcmp(argv[2], "killer") == 0;
    trial.scratch = argv[1];
    for (int i = killer ? 4 : 3; i < argc && trial.port_count < HOSTS_MAX; i++)
        trial.ports[trial.port_count++] = atoi(argv[i]);
    if (trial.port_count == 0) return 2;
    if (killer) return run_killer(strtoul(argv[3], NULL, 10));
    return run_seeds(argv[2]);
}
