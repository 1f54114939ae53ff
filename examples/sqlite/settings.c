#define _GNU_SOURCE 1
#include "settings.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void settings_path(struct ct_walk *walk, const char *name, char path[PATH_MAX])
{
    const char *directory = json_string_value(json_object_get(ct_walk_state(walk), "directory"));
    snprintf(path, PATH_MAX, "%s/%s", directory ? directory : "", name);
}

static enum setting setting_from(const json_t *value)
{
    if (!json_is_boolean(value)) return SETTING_NOT_MADE;
    return json_is_true(value) ? SETTING_ON : SETTING_OFF;
}

static json_t *setting_to(enum setting setting)
{
    return setting == SETTING_NOT_MADE ? json_null() : json_boolean(setting == SETTING_ON);
}

bool settings_read(struct ct_walk *walk, struct settings *settings)
{
    char path[PATH_MAX];
    settings_path(walk, "settings.json", path);
    json_error_t error;
    json_t *file = json_load_file(path, 0, &error);
    if (!file) {
        ct_fail(walk, "%s: %s", path, error.text);
        return false;
    }
    settings->generation = json_integer_value(json_object_get(file, "generation"));
    settings->secure_delete = setting_from(json_object_get(file, "secure_delete"));
    settings->foreign_keys = setting_from(json_object_get(file, "foreign_keys"));
    json_decref(file);
    return true;
}

bool settings_write(struct ct_walk *walk, const struct settings *settings)
{
    char aside[PATH_MAX], path[PATH_MAX];
    settings_path(walk, "settings.json.new", aside);
    settings_path(walk, "settings.json", path);
    json_t *file = json_pack("{s:I, s:o, s:o}", "generation", (json_int_t)settings->generation, "secure_delete",
                             setting_to(settings->secure_delete), "foreign_keys", setting_to(settings->foreign_keys));
    bool written = file && json_dump_file(file, aside, JSON_INDENT(1)) == 0 && rename(aside, path) == 0;
    if (!written) ct_fail(walk, "%s: cannot be written: %s", path, strerror(errno));
    json_decref(file);
    return written;
}

/* What the file must say of a setting that a serial action makes before stage `from`. */
static enum setting setting_due(struct ct_walk *walk, const char *action, size_t from)
{
    if (ct_walk_stage(walk) < from) return SETTING_NOT_MADE;
    return ct_option_bool(ct_walk_option(walk, action)) ? SETTING_ON : SETTING_OFF;
}

bool settings_begin(struct ct_walk *walk, struct settings *settings)
{
    if (!settings_read(walk, settings)) return false;
    enum setting secure_delete = setting_due(walk, "secure_delete", 1);
    enum setting foreign_keys = setting_due(walk, "foreign_keys", 2);
    if (settings->secure_delete == secure_delete && settings->foreign_keys == foreign_keys) return true;
    ct_fail(walk, "stage %zu runs under secure_delete %d and foreign_keys %d, its branch has %d and %d",
            ct_walk_stage(walk), settings->secure_delete, settings->foreign_keys, secure_delete, foreign_keys);
    return false;
}

bool settings_end(struct ct_walk *walk, const struct settings *settings)
{
    struct settings now;
    if (!settings_read(walk, &now)) return false;
    if (now.generation == settings->generation && now.secure_delete == settings->secure_delete &&
        now.foreign_keys == settings->foreign_keys)
        return true;
    ct_fail(walk, "the settings were changed while the walk ran: generation %lld became %lld",
            (long long)settings->generation, (long long)now.generation);
    return false;
}
