#include <cli/inner.h>
#include <stdio.h>
#include <string.h>

const struct ct__cli_command ct__cli_commands[] = {
    { "run", CT__RUN, ct__cli_run, "run the suite's walks; also without the word", NULL },
    { "list", CT__LIST, ct__cli_list, "list the walks that would run", NULL },
    { "replay", CT__REPLAY, ct__cli_replay, "run walks of a trace again, one at a time; IDS: 3,7-9 or failed",
      "TRACE IDS" },
    { "trace", CT__TRACE, ct__cli_trace, "list the lines of a trace", "TRACE" },
    { "service", CT__SERVICE, ct__cli_service, "join a run that listens, and run walks for it", NULL },
    { "hosts", CT__HOSTS, ct__cli_hosts, "check: ask the hosts of a fleet how they are", "check [SUITE]" },
    { "config", CT__SETTINGS, ct__cli_settings, "show each setting, its value and where it came from", NULL },
};
const size_t ct__cli_command_count = CT_COUNT(ct__cli_commands);

const struct ct__cli_tool ct__cli_tools[] = {
    { "generate", "MODEL", ct__cli_generate, "print rows that cover a PICT model's combinations; needs no suite" },
    { "exec", "-p NAME=VALUES -- CMD", ct__cli_exec,
      "run any program with each combination of values; needs no suite" },
};
const size_t ct__cli_tool_count = CT_COUNT(ct__cli_tools);

const struct ct__cli_tool *ct__cli_tool_find(const char *name)
{
    for (size_t i = 0; i < ct__cli_tool_count; i++) {
        if (strcmp(ct__cli_tools[i].name, name) == 0) return &ct__cli_tools[i];
    }
    return NULL;
}

static const char *const not_built[] = { "report", "explain" };

/* tools: those of combtest alone, too. */
static void known_commands(bool tools, char *text, size_t size)
{
    size_t used = 0, count = ct__cli_command_count + (tools ? ct__cli_tool_count : 0);
    for (size_t i = 0; i < count && used < size; i++) {
        const char *name = i < ct__cli_command_count ? ct__cli_commands[i].name
                                                     : ct__cli_tools[i - ct__cli_command_count].name;
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? ", " : "", name);
    }
}

const struct ct__cli_command *ct__cli_command_find(const char *name, bool tools, struct ct_error *error)
{
    char known[128];
    const char *what = "unknown command";
    for (size_t i = 0; i < ct__cli_command_count; i++) {
        if (strcmp(ct__cli_commands[i].name, name) == 0) return &ct__cli_commands[i];
    }
    for (size_t i = 0; i < CT_COUNT(not_built); i++) {
        if (strcmp(not_built[i], name) == 0) what = "not available in this version";
    }
    if (ct__cli_tool_find(name)) what = "a command of combtest, not of a suite";
    known_commands(tools, known, sizeof(known));
    ct__error(error, CT_EINVAL, "%.80s: %s; the commands are %s", *name != '\0' ? name : "''", what, known);
    return NULL;
}
