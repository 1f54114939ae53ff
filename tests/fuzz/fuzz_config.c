/* combtest.cfg: any text is read or refused, and a refusal says where. */
#include "fuzz.h"
#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was taken once is taken again: values are checked as they are set, and only then. */
static void check_values(const struct ct_config *config)
{
    const char *key, *value, *where;
    struct ct_config *other = NULL;
    if (ct_config_load(NULL, &other, NULL) != CT_OK) abort();
    for (size_t i = 0; ct__config_at(config, i, &key, &value, &where); i++) {
        if (!value) continue;
        if (!*where || !ct_config_get(config, key) || strcmp(ct_config_get(config, key), value) != 0) abort();
        if (ct_config_set(other, key, value, NULL) != CT_OK) abort();
    }
    ct_config_free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ct_config *config = NULL;
    struct ct_error error = { 0 };
    if (ct_config_load(NULL, &config, &error) != CT_OK) abort();
    enum ct_err code = ct__config_parse(config, "fuzz.cfg", (const char *)data, size, &error);
    if (code != CT_OK && code != CT_ECONFIG) abort();
    if (code == CT_ECONFIG && (error.code != code || strncmp(error.text, "fuzz.cfg:", 9) != 0)) abort();
    check_values(config);
    ct_config_free(config);
    return 0;
}

size_t fuzz_seed(size_t number, uint8_t *data, size_t room)
{
    static const char *const seeds[] = {
        "[NET]\nmachine_ips = [\"10.0.0.1\", \"10.0.0.2\"]\nservice_port = 6187\nlogger_port = 6186\nrsakey = /k\n",
        "[SSH]\nusername = me\nusername_map = {\n  \"10.0.0.1\": \"you\",\n  \"10.0.0.2\": \"them\" }\nrsakey = \"a ; "
        "b\"\n",
        "[SSH]\npassword = x\npassword_map = {\"a\": \"b\"}\nrsakey_map = {}\n[WORKER]\nmax_thread_count = auto*2\n",
        "# a remark\n; another\n[RUN]\nservices = auto/2\nisolation = process\ntimeout = 0.5\nlimit_memory = 512M\n",
        "\xef\xbb\xbf[RUN]\r\nretries = 3\r\nfail_fast = 1\r\ncore = 1\r\nonly = 3,7-9\r\nsample = 5\r\nseed = 7\r\n",
        "[RUN]\nshard = 2/5\ngather_states = states.jsonl\nsummary = summary.json\nverbose = -1\n",
    };
    if (number >= CT_COUNT(seeds)) return 0;
    size_t size = strlen(seeds[number]);
    if (size > room) size = room;
    memcpy(data, seeds[number], size);
    return size;
}
