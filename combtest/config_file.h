/* Reading files of the form of combtest.cfg. Inner to room combtest/. */
#ifndef COMBTEST_CONFIG_FILE_H
#define COMBTEST_CONFIG_FILE_H
#include <combtest/core.h>

/* Lays the file over config. CT_ENOTFOUND for one that is not there, CT_ECONFIG for one that is wrong or cannot be
 * read. */
enum ct_err ct__config_read(struct ct_config *config, const char *path, struct ct_error *error);

/* As ct__config_set_where; messages begin with prefix instead. */
enum ct_err ct__config_set_shown(struct ct_config *config, const char *key, const char *value, enum ct__origin origin,
                                 const char *where, const char *prefix, struct ct_error *error);
#endif
