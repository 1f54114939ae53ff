/* The coordinator's door: services that come by themselves, and strangers. */
#include "service/brief.h"
#include "service/coordinator_inner.h"
#include "service/join.h"
#include "service/proof.h"
#include "service/url.h"
#include <string.h>
#include <unistd.h>

#define PORT_MAX      65535
#define STRANGERS_MAX 256u /* from outside at once; the next is turned away unheard */

enum ct_err ct__coord_listen(struct coordinator *c, const char *url, int port, int tries, int *bound,
                             struct ct_error *error)
{
    const struct ct__setup *setup = c->setup;
    const struct ct__tls tls = { .certificate = setup->certificate, .key = setup->certificate_key };
    enum ct_err code = CT_ESYSTEM;
    char whole[512];
    for (int i = 0; code == CT_ESYSTEM && (i == 0 || i < tries) && port + i <= PORT_MAX; i++) {
        if (tries > 0)
            snprintf(whole, sizeof whole, "%s:%d", url, port + i);
        else
            snprintf(whole, sizeof whole, "%s", url);
        code = ct__hub_listen(c->hub, whole, ct__url_is_tls(url) ? &tls : NULL, bound, error);
    }
    if (code == CT_ESYSTEM && tries > 0)
        return ct__error(error, code, "cannot listen at %s: the ports from %d to %d are all in use", url, port,
                         port + tries - 1 < PORT_MAX ? port + tries - 1 : PORT_MAX);
    return code;
}

enum ct_err ct__coord_open_door(struct coordinator *c, struct ct_error *error)
{
    const struct ct__setup *setup = c->setup;
    char host[256];
    int port = 0;
    if (!setup->listen) return CT_OK;
    enum ct_err code = ct__coord_listen(c, setup->listen, setup->listen_port, setup->listen_tries, &port, error);
    if (code != CT_OK) return code;
    const char *start = strstr(setup->listen, "://") + 3, *colon = strrchr(start, ':');
    const char *bracket = strrchr(start, ']');
    size_t size = colon && (!bracket || colon > bracket) ? (size_t)(colon - start) : strlen(start);
    snprintf(host, sizeof host, "%.*s", (int)size, start);
    snprintf(c->door, sizeof c->door, "%.*s%s:%d", (int)(start - setup->listen), setup->listen,
             setup->advertise ? setup->advertise : host, port);
    return CT_OK;
}

void ct__coord_tell_door(struct coordinator *c)
{
    char program[4096] = "";
    if (!c->door[0]) return;
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0) program[0] = '\0';
    ct__coord_log(c, CT_LOG_STATUS, "services may join: %.300s service --join %s --token-file %.300s%s", program,
                  c->door, c->setup->token_path, c->setup->services == 0 ? "; the run waits for one" : "");
}

bool ct__coord_turn_away(struct coordinator *c, const struct ct__channel *channel)
{
    return ct__channel_is_outside(channel) && c->heads.strangers > STRANGERS_MAX;
}

/* A name for the host that no other has. */
static void name_host(const struct coordinator *c, struct host *host, const char *said)
{
    bool taken = strcmp(said, c->setup->host) == 0 && c->setup->services > 0;
    for (const struct host *other = c->hosts; other; other = other->next)
        taken = taken || (other->machine != MACHINE_LOCAL && other != host && other->life != host->life &&
                          strncmp(other->name, said, 40) == 0);
    if (taken)
        snprintf(host->name, sizeof host->name, "%.40s#%u", said, host->life);
    else
        snprintf(host->name, sizeof host->name, "%.40s", said);
    for (char *at = host->name; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 127) *at = '?';
}

static const char *take_knock(struct host *host, struct ct__cursor *cursor)
{
    struct ct__bytes body = { 0 };
    unsigned char proof[CT__PROOF_SIZE];
    uint32_t magic = ct__get_u32(cursor), protocol = ct__get_u32(cursor);
    const char *version = ct__get_text(cursor);
    host->errand = ct__get_u8(cursor);
    const unsigned char *nonce = ct__get_bytes(cursor, CT__NONCE_SIZE);
    const char *name = ct__get_text(cursor);
    if (magic != CT__PROTOCOL_MAGIC || !version || !nonce) return "no hello";
    if (protocol != CT__PROTOCOL_VERSION || strcmp(version, CT__VERSION) != 0) return "another version of combtest";
    if (cursor->bad || !name || !*name) return "no hello";
    memcpy(host->theirs, nonce, CT__NONCE_SIZE);
    snprintf(host->name, sizeof host->name, "%.40s", name);
    if (ct__nonce_make(host->ours, NULL) != CT_OK ||
        !ct__proof_make(host->token, CT__PROVER_COORDINATOR, host->theirs, host->ours, proof))
        return "no random numbers, or no memory";
    host->knocked = true;
    ct__put_bytes(&body, host->ours, CT__NONCE_SIZE);
    ct__put_bytes(&body, proof, sizeof proof);
    ct__coord_send(host, CT__FRAME_CHALLENGE, body.data, body.size);
    ct__bytes_free(&body);
    return NULL;
}

static const char *send_brief(struct coordinator *c, struct host *host)
{
    struct ct__bytes brief = { 0 };
    struct ct_error error;
    host->life = ++c->lives;
    char said[64];
    memcpy(said, host->name, sizeof said);
    name_host(c, host, said);
    enum ct_err code = ct__brief_put(&brief, c->setup,
                                     &(struct ct__addressee){ .name = host->name, .life = host->life }, &error);
    if (code == CT_OK)
        ct__coord_send(host, CT__FRAME_BRIEF, brief.data, brief.size);
    else
        ct__coord_log(c, CT_LOG_ERROR, "%s", error.text);
    ct__bytes_free(&brief);
    return code == CT_OK ? NULL : "there is nothing to serve";
}

static const char *take_proof(struct coordinator *c, struct host *host, struct ct__cursor *cursor)
{
    unsigned char right[CT__PROOF_SIZE];
    const unsigned char *proof = ct__get_bytes(cursor, CT__PROOF_SIZE);
    if (!proof || !ct__proof_make(host->token, CT__PROVER_SERVICE, host->theirs, host->ours, right)) return "no hello";
    if (!ct__proof_equal(proof, right)) return "the token is wrong";
    host->proven = true;
    ct__coord_recount(c, host);
    host->heard_ms = ct__now_ms();
    if (c->finishing) return "the run is over";
    return host->errand == CT__ERRAND_BRIEF ? send_brief(c, host) : NULL;
}

const char *ct__coord_take_outsider(struct coordinator *c, struct host *host, uint8_t kind, struct ct__cursor *cursor)
{
    host->token = c->setup->token;
    if (kind == CT__FRAME_KNOCK && !host->knocked) return take_knock(host, cursor);
    if (kind == CT__FRAME_PROOF && host->knocked && !host->proven) return take_proof(c, host, cursor);
    if (kind == CT__FRAME_COMPLAINT) return "the token is wrong";
    return "no hello";
}
