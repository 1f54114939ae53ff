/* `config`: every setting, its value, where it came from; and the notes about settings that do nothing. */
#include <cli/inner.h>
#include <stdio.h>
#include <string.h>

extern char **environ;

#define PREFIX "COMBTEST_"

/* The name of the environment's variable in "NAME=value" is one of ours: a key's, or one that combtest itself reads. */
static bool is_known_variable(const char *name)
{
    static const char *const others[] = { "COMBTEST_CONFIG", "COMBTEST_BOOTSTRAP", "COMBTEST_NET_RSAKEY" };
    for (size_t i = 0; i < CT_COUNT(others); i++) {
        if (strcmp(name, others[i]) == 0) return true;
    }
    return false;
}

static void note_variable(const struct ct__cli *cli, const char *name)
{
    char variable[64], meant[64] = "";
    const char *key, *value, *where;
    size_t best = SIZE_MAX;
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++) {
        ct__config_variable(key, variable, sizeof(variable));
        if (strcmp(name, variable) == 0) return;
        if (ct__is_nearer(name + strlen(PREFIX), variable + strlen(PREFIX), &best))
            memcpy(meant, variable, sizeof(meant));
    }
    if (meant[0] != '\0')
        ct__cli_note(cli->label, "%s: no setting of combtest; did you mean %s?", name, meant);
    else
        ct__cli_note(cli->label, "%s: no setting of combtest", name);
}

static void note_variables(const struct ct__cli *cli)
{
    for (char **variable = environ; variable && *variable; variable++) {
        char name[64];
        size_t size = strcspn(*variable, "=");
        if (strncmp(*variable, PREFIX, strlen(PREFIX)) != 0 || size >= sizeof(name)) continue;
        memcpy(name, *variable, size);
        name[size] = '\0';
        if (!is_known_variable(name)) note_variable(cli, name);
    }
}

const char *ct__cli_where(const struct ct__cli *cli, const char *wanted)
{
    const char *key, *value, *where;
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++) {
        if (strcmp(key, wanted) == 0) return where;
    }
    return "default";
}

static void note_key(const struct ct__cli *cli, const char *key, const char *where)
{
    if (strstr(where, key))
        ct__cli_note(cli->label, "%s is unused: %s", where, ct__config_unused(key));
    else
        ct__cli_note(cli->label, "%s: %s is unused: %s", where, key, ct__config_unused(key));
}

void ct__cli_note_unused(const struct ct__cli *cli)
{
    const char *key, *value, *where;
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++) {
        if (value && ct__config_unused(key)) note_key(cli, key, where);
    }
    note_variables(cli);
}

/* A place in a file, "combtest.cfg:12": neither an option nor a variable. */
static bool is_in_file(const char *where)
{
    return where[0] != '-' && strchr(where, ':') != NULL;
}

void ct__cli_note_unused_briefly(const struct ct__cli *cli)
{
    const char *key, *value, *where;
    char keys[256] = "";
    size_t used = 0;
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++) {
        if (!value || !ct__config_unused(key)) continue;
        if (!is_in_file(where))
            note_key(cli, key, where);
        else if (used < sizeof(keys))
            used += (size_t)snprintf(keys + used, sizeof(keys) - used, "%s%s", used > 0 ? ", " : "", key);
    }
    if (used > 0) ct__cli_note(cli->label, "unused in this version: %s; the command `config` says why", keys);
    note_variables(cli);
}

static const char *shown_value(const char *key, const char *value)
{
    if (!value) return "-";
    return ct__config_is_secret(key) ? "(set)" : value;
}

static void print_row(const char *key, int key_width, const char *value, int value_width, const char *where)
{
    int size = (int)strlen(value);
    printf("%-*s  ", key_width, key);
    ct__cli_print_clean(stdout, value, key_width + 2);
    printf("%*s  ", size < value_width ? value_width - size : 0, "");
    ct__cli_print_clean(stdout, where, key_width + 2);
    putchar('\n');
}

int ct__cli_settings(struct ct__cli *cli)
{
    const char *key, *value, *where;
    int key_width = 0, value_width = 0;
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++) {
        int key_size = (int)strlen(key), value_size = (int)strlen(shown_value(key, value));
        if (key_size > key_width) key_width = key_size;
        if (value_size > value_width && value_size <= 40) value_width = value_size;
    }
    for (size_t i = 0; ct__config_at(cli->config, i, &key, &value, &where); i++)
        print_row(key, key_width, shown_value(key, value), value_width, where);
    ct__cli_note_unused(cli);
    return CT__EXIT_OK;
}
