#define _GNU_SOURCE 1
#include "logs.h"
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];

const char *logs_new(void)
{
    snprintf(directory, sizeof directory, "/tmp/combtest-logs-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directory;
}

void logs_path(char path[LOGS_PATH_MAX], const char *name)
{
    snprintf(path, LOGS_PATH_MAX, "%s/%.128s", directory, name);
}

void logs_remove(void)
{
    char path[LOGS_PATH_MAX];
    DIR *opened = opendir(directory);
    assert_non_null(opened);
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        logs_path(path, entry->d_name);
        if (entry->d_name[0] != '.') assert_int_equal(unlink(path), 0);
    }
    closedir(opened);
    assert_int_equal(rmdir(directory), 0);
}

static void assert_head(const char *line)
{
    if (strncmp(line, "    ", 4) == 0) return;
    if (strlen(line) < 28 || line[4] != '-' || line[10] != 'T' || line[19] != '.' || line[26] != 'Z')
        fail_msg("torn: \"%.200s\"", line);
}

size_t logs_read(const char *name, bool head, void (*take)(void *user, const char *line), void *user)
{
    char path[LOGS_PATH_MAX], *line = NULL;
    size_t room = 0, count = 0;
    logs_path(path, name);
    FILE *file = fopen(path, "re");
    if (!file) return 0;
    for (ssize_t size; (size = getline(&line, &room, file)) > 0; count++) {
        if (line[size - 1] != '\n') fail_msg("%s ends with half a line: \"%.200s\"", name, line);
        line[size - 1] = '\0';
        if (head) assert_head(line);
        if (take) take(user, line);
    }
    free(line);
    fclose(file);
    return count;
}

struct words {
    const char *word, *other;
    size_t count;
};

static void count_line(void *user, const char *line)
{
    struct words *words = user;
    if (strstr(line, words->word) && strstr(line, words->other)) words->count++;
}

size_t logs_count(const char *word, const char *other)
{
    struct words words = { .word = word, .other = other };
    logs_read("run.log", true, count_line, &words);
    return words.count;
}

const char *logs_trace(void)
{
    static char name[256];
    size_t count = 0;
    DIR *opened = opendir(directory);
    assert_non_null(opened);
    for (const struct dirent *entry; (entry = readdir(opened)) != NULL;) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".trace") != 0) continue;
        snprintf(name, sizeof name, "%s", entry->d_name);
        count++;
    }
    closedir(opened);
    assert_true(count < 2);
    return count == 1 ? name : NULL;
}

struct ct_results *logs_run(const struct ct_suite *suite, struct ct_run_options options)
{
    options.services = 2;
    if (options.threads == 0) options.threads = 2;
    options.verbose = -1;
    return run_well(suite, &options);
}

bool logs_mount_small(const char *path, unsigned long size)
{
    char options[64];
    snprintf(options, sizeof options, "size=%lu", size);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("logs", path, "tmpfs", 0, options) == 0;
}

void logs_apart(int (*trial)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) _exit(trial());
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == LOGS_SKIP) {
        print_message("SKIPPED: a small file system takes root\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}
