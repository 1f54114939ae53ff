/* ssh, as the launcher needs it. Inner to room bootstrap/; libssh2 is called from ssh*.c alone. */
#ifndef COMBTEST_BOOTSTRAP_SSH_H
#define COMBTEST_BOOTSTRAP_SSH_H
#include <bootstrap/bootstrap.h>

/* How to reach one host. Text that is not set is NULL. */
struct ct__ssh_settings {
    const char *name, *address, *user; /* user: never NULL */
    int port;
    const char *key; /* a private key's file; NULL: those that ssh looks for */
    const char *passphrase, *password;
    const char *known_hosts; /* a file */
    bool accept_new, agent;
    int64_t connect_ms, start_ms, stop_ms;
    int cache_days;
    const struct ct__ssh_settings *jump; /* the host that the connection goes through */
};

/* The settings of a host of the set: of that very struct ct_host, or of its name; NULL where there is none. */
const struct ct__ssh_settings *ct__hosts_ssh(const struct ct__hosts *hosts, const struct ct_host *host);

/* ---- a connection (ssh.c): one thread ---- */
struct ct__ssh;
/* How far a connection came. */
enum ct__reached { CT__REACHED_NOTHING, CT__REACHED_SERVER, CT__REACHED_LOGIN, CT__REACHED_ALL };
/* Connects, checks the host's key, logs in. deadline_ms is monotonic. CT_EIO for what may get better by trying again;
 * CT_ECONFIG for what will not: a host key, user or login that is refused. *reached, also filled after an error, may be
 * NULL. settings are borrowed for the connection's life. */
enum ct_err ct__ssh_open(const struct ct__ssh_settings *settings, int64_t deadline_ms, enum ct__reached *reached,
                         struct ct__ssh **ssh, struct ct_error *error);
void ct__ssh_close(struct ct__ssh *ssh);
/* The numeric address, of this host, that it comes from, or its jump host's does; "": not known. */
void ct__ssh_local_address(const struct ct__ssh *ssh, char *text, size_t size);
/* When what is waited for must have come from now on; monotonic. */
void ct__ssh_set_deadline(struct ct__ssh *ssh, int64_t deadline_ms);
#endif
