/* What a host answers to the launcher's scripts: any lines are taken within bounds, and leave nothing that would
 * control a terminal, no name in part, and no number that is not true of any host. */
#include "fuzz.h"
#include <bootstrap/deploy.h>
#include <stdlib.h>
#include <string.h>

static void need(bool held)
{
    if (!held) abort();
}

static void need_clean(const char *text, size_t size)
{
    need(strnlen(text, size) < size);
    for (; *text != '\0'; text++) need((unsigned char)*text >= ' ' && *text != 127);
}

static void check(struct ct__deploy *deploy)
{
    const struct ct__probe *probe = &deploy->probe;
    need_clean(probe->machine, sizeof probe->machine);
    need_clean(probe->kernel, sizeof probe->kernel);
    need_clean(probe->name, sizeof probe->name);
    need_clean(deploy->failed, sizeof deploy->failed);
    need(probe->cores >= 0 && probe->glibc_major >= 0 && probe->glibc_minor >= 0);
    size_t size = strnlen(deploy->missing, sizeof deploy->missing);
    need(size < sizeof deploy->missing && (size == 0 || deploy->missing[size - 1] == '\n'));
    char *rest = NULL;
    for (char *name = strtok_r(deploy->missing, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest))
        need_clean(name, 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ct__deploy deploy;
    struct ct__item items[2] = { { .hash = "aa" }, { .hash = "bb" } };
    char line[4096];
    bool done = false;
    deploy = (struct ct__deploy){ .host_name = "h", .items = items, .count = 2 };
    for (size_t at = 0, used = 0; at < size && !done; at++) {
        if (data[at] != '\n' && used < sizeof line - 1) line[used++] = (char)data[at];
        if (data[at] != '\n' && at + 1 < size) continue;
        struct ct_error error = { 0 };
        line[used] = '\0';
        used = 0;
        enum ct_err err = ct__deploy_answer(&deploy, line, &done, &error);
        need(err == CT_OK || err == CT_EIO || err == CT_ECONFIG);
        if (err) need_clean(error.text, sizeof error.text);
    }
    check(&deploy);
    return 0;
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const char *const seeds[] = {
        "kernel Linux\nmachine x86_64\nname h17\ncores 16\nlibc glibc 2.36\nhave bb\nput aa\ndone\n",
        "library \tlibz.so.1 => not found\nlibrary /c/p: /lib/libold.so.2: version `N' not found (required by /c/p)\n",
        "broken /c/p: 1: Syntax error\nfailed cannot write into /c\nlibrary z => not found\nlibc musl\ncores -1\n",
    };
    if (number >= sizeof seeds / sizeof seeds[0]) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
