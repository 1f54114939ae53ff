/* Configuration: combtest.cfg, keys and values. combtest.cfg.sample in the source tree tells what each key means. */
#ifndef COMBTEST_CONFIG_H
#define COMBTEST_CONFIG_H
#include <combtest/error.h>
#ifdef __cplusplus
extern "C" {
#endif

struct ct_config;

/* Reads a file of the form of combtest.cfg; path NULL gives the defaults alone. CT_ENOTFOUND for a file that is not
 * there, CT_ECONFIG with file and line for one that is wrong. The environment (COMBTEST_WORKER_MAX_THREAD_COUNT=4) is
 * laid over the file. *config is the caller's. */
enum ct_err ct_config_load(const char *path, struct ct_config **config, struct ct_error *error);

/* Sets a key, "WORKER.max_thread_count", over all other sources. CT_ECONFIG for an unknown key or a value that is none.
 */
enum ct_err ct_config_set(struct ct_config *config, const char *key, const char *value, struct ct_error *error);

/* The value of a key as text, its default included; NULL for an unknown key and for one without a value. Borrowed from
 * config until the key is set again. */
const char *ct_config_get(const struct ct_config *config, const char *key);
void ct_config_free(struct ct_config *config);

#ifdef __cplusplus
}
#endif
#endif
