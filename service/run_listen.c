/* From run options to the address at which services may join, and what proves them. */
#include "service/proof.h"
#include "service/run_inner.h"
#include "service/token.h"
#include "service/url.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT_FIRST 6187 /* py-combtest's */
#define PORT_TRIES 100

static enum ct_err read_file(const char *path, char **text, struct ct_error *error)
{
    char *made = NULL;
    size_t capacity = 0;
    FILE *file = fopen(path, "re");
    ssize_t size = file ? getdelim(&made, &capacity, '\0', file) : -1;
    if (file) fclose(file);
    if (size > 0) {
        *text = made;
        return CT_OK;
    }
    free(made);
    return ct__error(error, CT_ECONFIG, "cannot read %s", path);
}

/* The certificate that the user gives, or one for this run. */
static enum ct_err get_certificate(struct ct__setup *setup, const struct ct_config *config, struct ct_error *error)
{
    const char *certificate = ct_config_get(config, "NET.certificate"), *key = ct_config_get(config, "NET.key");
    if (!certificate && !key) return ct__certificate_make(&setup->certificate, &setup->certificate_key, error);
    if (!certificate || !key)
        return ct__error(error, CT_ECONFIG, "[NET] certificate and [NET] key go together: two files, PEM");
    enum ct_err code = read_file(certificate, &setup->certificate, error);
    return code == CT_OK ? read_file(key, &setup->certificate_key, error) : code;
}

/* Takes the token of the file, or makes both; the file then holds the certificate that the run shows. */
static enum ct_err settle_token(struct ct__setup *setup, const char *path, struct ct_error *error)
{
    struct ct__token token = { 0 };
    bool there = access(path, F_OK) == 0;
    enum ct_err code = there ? ct__token_read(path, &token, error) : ct__token_make(token.text, error);
    if (code != CT_OK) return code;
    memcpy(setup->token, token.text, sizeof setup->token);
    const char *old = token.certificate ? token.certificate : "", *certificate = setup->certificate;
    bool same = there && strcmp(old, certificate ? certificate : "") == 0;
    free(token.certificate);
    token.certificate = setup->certificate;
    if (!same) code = ct__token_write(path, &token, error);
    explicit_bzero(token.text, sizeof token.text);
    return code;
}

/* "tls+tcp://" is the scheme alone: loopback. */
static enum ct_err settle_address(struct ct__setup *setup, const struct ct_config *config, const char *url,
                                  struct ct_error *error)
{
    enum ct_err code = ct__url_check("listen", url, false, error);
    if (code != CT_OK) return code;
    const char *address = strstr(url, "://") + 3;
    int64_t first = ct__config_number(config, "NET.service_port");
    const char *host = *address == ':' || !*address ? "127.0.0.1" : "";
    if (*ct__url_port(url) == '\0') {
        setup->listen_port = first > 0 ? (int)first : PORT_FIRST;
        setup->listen_tries = PORT_TRIES;
    }
    if (asprintf(&setup->listen, "%.*s%s%s", (int)(address - url), url, host, address) < 0) {
        setup->listen = NULL;
        return ct__nomem(error);
    }
    return CT_OK;
}

static const char *either(const char *option, const struct ct_config *config, const char *key)
{
    return option ? option : ct_config_get(config, key);
}

static bool some_direct(const struct ct__setup *setup)
{
    for (size_t i = 0; i < setup->machine_count; i++)
        if (setup->machines[i].direct) return true;
    return false;
}

/* Without an address of the user's: the token is for the hosts that a launcher starts, and the certificate for those of
 * them that are direct. */
static enum ct_err settle_direct(struct ct__setup *setup, const struct ct_config *config, struct ct_error *error)
{
    int64_t first = ct__config_number(config, "NET.service_port");
    enum ct_err code = ct__token_make(setup->token, error);
    if (code != CT_OK || !some_direct(setup)) return code;
    setup->direct_port = first > 0 ? (int)first : PORT_FIRST;
    return get_certificate(setup, config, error);
}

enum ct_err ct__run_listen(struct run *run, const struct ct_config *config, struct ct_error *error)
{
    struct ct__setup *setup = &run->setup;
    const char *url = either(run->options->listen, config, "RUN.listen");
    const char *path = either(run->options->token_file, config, "RUN.token_file");
    const char *advertise = either(run->options->advertise, config, "NET.advertise");
    setup->advertise = advertise ? strdup(advertise) : NULL;
    if (advertise && !setup->advertise) return ct__nomem(error);
    if (!url) return settle_direct(setup, config, error);
    if (!path)
        return ct__error(error, CT_EINVAL,
                         "listen needs token_file: the file by which services and the run know each "
                         "other; it is made where it is missing");
    enum ct_err code = settle_address(setup, config, url, error);
    if (code == CT_OK && ct__url_is_tls(url)) code = get_certificate(setup, config, error);
    if (code == CT_OK) code = settle_token(setup, path, error);
    if (code != CT_OK) return code;
    setup->token_path = strdup(path);
    return setup->token_path ? CT_OK : ct__nomem(error);
}
