/* What a host answers to the scripts of deploy.c, line by line. Nothing of it is trusted. */
#include <bootstrap/deploy.h>
#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One answer: its first word, and what follows. */
static void split_answer(const char *line, char *word, size_t size, const char **rest)
{
    size_t length = strcspn(line, " ");
    snprintf(word, size, "%.*s", (int)length, line);
    *rest = line[length] == ' ' ? line + length + 1 : line + length;
}

/* At most size - 1 bytes of what the host says, without what a terminal would obey. */
static void copy_text(char *to, size_t size, const char *from)
{
    size_t used = strnlen(from, size - 1);
    memcpy(to, from, used);
    to[used] = '\0';
    for (; *to != '\0'; to++) {
        if ((unsigned char)*to < ' ' || *to == 127) *to = '?';
    }
}

static bool is_listed(const char *list, const char *line)
{
    size_t size = strlen(line);
    for (; *list != '\0'; list += strcspn(list, "\n") + 1) {
        if (strncmp(list, line, size) == 0) return true;
    }
    return false;
}

static void add_missing(struct ct__deploy *deploy, const char *name, size_t size)
{
    size_t used = strlen(deploy->missing);
    char line[257];
    if (size == 0 || size + 2 > sizeof(line)) return;
    copy_text(line, size + 1, name);
    memcpy(line + size, "\n", 2);
    if (is_listed(deploy->missing, line)) return;
    if (used + strlen(line) >= sizeof(deploy->missing))
        deploy->missing_more = true;
    else
        memcpy(deploy->missing + used, line, strlen(line) + 1);
}

/* "\tlibz.so.1 => not found", or "PROGRAM: /lib/libz.so.1: version `V' not found (required by …)". */
static void take_library(struct ct__deploy *deploy, const char *line)
{
    const char *arrow = strstr(line, " => "), *version = strstr(line, ": version `");
    line += strspn(line, " \t");
    if (arrow && arrow > line) {
        add_missing(deploy, line, (size_t)(arrow - line));
    } else if (version) {
        const char *start = version;
        while (start > line && start[-1] != '/' && start[-1] != ' ') start--;
        add_missing(deploy, start, (size_t)(version - start));
    }
}

/* A number from 0 on; 0 for what is none, or too much to be true. */
static int take_number(const char *text, char **end)
{
    enum { MUCH = 1000000 };
    long number = strtol(text, end, 10);
    return number < 0 || number > MUCH ? 0 : (int)number;
}

static void take_libc(struct ct__probe *probe, const char *text)
{
    char *end;
    if (strncmp(text, "glibc ", 6) != 0) return;
    probe->glibc_major = take_number(text + 6, &end);
    probe->glibc_minor = *end == '.' ? take_number(end + 1, NULL) : 0;
}

static void take_have(struct ct__deploy *deploy, const char *hash)
{
    for (size_t i = 0; i < deploy->count; i++) {
        if (strcmp(deploy->items[i].hash, hash) == 0) deploy->items[i].there = true;
    }
}

enum ct_err ct__deploy_answer(struct ct__deploy *deploy, const char *line, bool *done, struct ct_error *error)
{
    char word[16], text[300];
    const char *rest;
    struct ct__probe *probe = &deploy->probe;
    split_answer(line, word, sizeof(word), &rest);
    if (strcmp(word, "failed") == 0) {
        copy_text(deploy->failed, sizeof(deploy->failed), rest);
        return ct__error(error, CT_EIO, "%s: %s", deploy->host_name, deploy->failed);
    }
    if (strcmp(word, "broken") == 0) {
        copy_text(text, sizeof(text), rest);
        return ct__error(error, CT_ECONFIG, "%s: the program cannot be loaded there: %s", deploy->host_name, text);
    }
    if (strcmp(word, "kernel") == 0) copy_text(probe->kernel, sizeof(probe->kernel), rest);
    if (strcmp(word, "machine") == 0) copy_text(probe->machine, sizeof(probe->machine), rest);
    if (strcmp(word, "name") == 0) copy_text(probe->name, sizeof(probe->name), rest);
    if (strcmp(word, "cores") == 0) probe->cores = take_number(rest, NULL);
    if (strcmp(word, "libc") == 0) take_libc(probe, rest);
    if (strcmp(word, "have") == 0 || strcmp(word, "put") == 0) take_have(deploy, rest);
    if (strcmp(word, "library") == 0) take_library(deploy, rest);
    *done = strcmp(word, "done") == 0;
    return CT_OK;
}
