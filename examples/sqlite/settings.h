/* The settings that all databases of the run share: one small file, which the serial actions rewrite and every walk
 * reads. */
#ifndef SQLITE_SUITE_SETTINGS_H
#define SQLITE_SUITE_SETTINGS_H
#include <combtest/combtest.h>

enum setting { SETTING_NOT_MADE = -1, SETTING_OFF = 0, SETTING_ON = 1 };

struct settings {
    int64_t generation; /* how many times the file was rewritten */
    enum setting secure_delete, foreign_keys;
};

/* Both name the walk's failure themselves and return whether they succeeded. The directory is the one that run_start
 * put into every state. Writing goes to a file aside, which then takes the place of the old one. */
bool settings_read(struct ct_walk *walk, struct settings *settings);
bool settings_write(struct ct_walk *walk, const struct settings *settings);

/* Reads the file and checks that it says what the serial actions on this walk's own branch made of it last: in stage 0
 * nothing yet, in stage 1 secure_delete alone, in stage 2 foreign_keys too. */
bool settings_begin(struct ct_walk *walk, struct settings *settings);
/* Reads it again and checks that nobody touched it in between. */
bool settings_end(struct ct_walk *walk, const struct settings *settings);
#endif
