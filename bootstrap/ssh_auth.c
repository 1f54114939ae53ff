/* Login: the key that the settings name, from the agent where that has it, else from its file; without one, the
 * agent's keys and those where ssh-keygen puts them; then the password. */
#include <bootstrap/keyfile.h>
#include <bootstrap/secret.h>
#include <bootstrap/ssh_inner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AGENT_KEYS_MAX 4 /* servers end a connection after six attempts */
#define AGAIN          LIBSSH2_ERROR_EAGAIN
#define RSA_TEXT                                                                                                       \
    "; an RSA key was among them: libssh2 1.10 signs with RSA and SHA-1 alone, which OpenSSH 8.8 and newer refuse: "   \
    "make another key with ssh-keygen -t ed25519"

struct login {
    struct ct__ssh *ssh;
    const char *user;
    unsigned user_size;
    char methods[256]; /* that the server offers, between commas */
    char tried[160];   /* what was refused, for the message */
    bool done;
};

static void note_tried(struct login *login, const char *what)
{
    size_t used = strlen(login->tried);
    snprintf(login->tried + used, sizeof(login->tried) - used, "%s%s", used > 0 ? ", " : "", what);
}

static bool offers(const struct login *login, const char *method)
{
    size_t size = strlen(method);
    for (const char *at = login->methods; *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
        if (strcspn(at, ",") == size && memcmp(at, method, size) == 0) return true;
    }
    return false;
}

static enum ct_err wait_login(struct login *login, struct ct_error *error)
{
    return ct__ssh_wait(login->ssh, "the login", error);
}

/* What one attempt came to: login->done, or it was refused, which is no error. */
static enum ct_err take_result(struct login *login, int code, const char *what, bool rsa, struct ct_error *error)
{
    struct ct__ssh *ssh = login->ssh;
    if (code == 0) {
        login->done = true;
        return CT_OK;
    }
    if (code == LIBSSH2_ERROR_SOCKET_SEND || code == LIBSSH2_ERROR_SOCKET_RECV ||
        code == LIBSSH2_ERROR_SOCKET_DISCONNECT || ssh->late)
        return ct__ssh_failed(ssh, CT_EIO, "the login", error);
    note_tried(login, what);
    ssh->rsa_refused = ssh->rsa_refused || rsa;
    return CT_OK;
}

/* ---- keys ---- */

static enum ct_err try_file(struct login *login, const char *path, const struct ct__keyfile *key,
                            struct ct_error *error)
{
    const struct ct__ssh_settings *settings = login->ssh->settings;
    int code;
    if (key->encrypted && !settings->passphrase)
        return ct__error(error, CT_ECONFIG,
                         "%s: the key %s has a passphrase: load it into the agent with ssh-add, name a file that "
                         "holds the passphrase (SSH.passphrase_file), or start with --ask-passphrase",
                         settings->name, path);
    while ((code = libssh2_userauth_publickey_fromfile_ex(login->ssh->session, login->user, login->user_size, NULL,
                                                          path, settings->passphrase)) == AGAIN) {
        enum ct_err err = wait_login(login, error);
        if (err) return err;
    }
    if (key->encrypted && (code == LIBSSH2_ERROR_FILE || code == LIBSSH2_ERROR_KEYFILE_AUTH_FAILED))
        return ct__error(error, CT_ECONFIG, "%s: the passphrase does not open the key %s", settings->name, path);
    return take_result(login, code, path, key->rsa, error);
}

static bool is_rsa(const struct libssh2_agent_publickey *identity)
{
    return identity->blob_len > 11 && memcmp(identity->blob + 4, "ssh-rsa", 7) == 0;
}

static enum ct_err try_identity(struct login *login, LIBSSH2_AGENT *agent, struct libssh2_agent_publickey *identity,
                                struct ct_error *error)
{
    int code;
    char what[64];
    snprintf(what, sizeof(what), "agent key %.40s", identity->comment ? identity->comment : "");
    while ((code = libssh2_agent_userauth(agent, login->user, identity)) == AGAIN) {
        enum ct_err err = wait_login(login, error);
        if (err) return err;
    }
    return take_result(login, code, what, is_rsa(identity), error);
}

/* The agent's keys; wanted: that one alone. */
static enum ct_err try_identities(struct login *login, LIBSSH2_AGENT *agent, const struct ct__keyfile *wanted,
                                  struct ct_error *error)
{
    struct libssh2_agent_publickey *identity = NULL, *before = NULL;
    enum ct_err err = CT_OK;
    int tries = 0;
    while (!err && !login->done && tries < AGENT_KEYS_MAX &&
           libssh2_agent_get_identity(agent, &identity, before) == 0) {
        before = identity;
        if (wanted && (identity->blob_len != wanted->public_size ||
                       memcmp(identity->blob, wanted->public_key, wanted->public_size) != 0))
            continue;
        tries++;
        err = try_identity(login, agent, identity, error);
    }
    return err;
}

/* An agent that is not there, or cannot be asked, is none. */
static enum ct_err try_agent(struct login *login, const struct ct__keyfile *wanted, struct ct_error *error)
{
    enum ct_err err = CT_OK;
    if (!login->ssh->settings->agent || !getenv("SSH_AUTH_SOCK") || (wanted && wanted->public_size == 0)) return CT_OK;
    LIBSSH2_AGENT *agent = libssh2_agent_init(login->ssh->session);
    if (!agent) return ct__nomem(error);
    if (libssh2_agent_connect(agent) == 0) {
        if (libssh2_agent_list_identities(agent) == 0) err = try_identities(login, agent, wanted, error);
        libssh2_agent_disconnect(agent);
    }
    libssh2_agent_free(agent);
    return err;
}

static enum ct_err try_named_key(struct login *login, const char *path, struct ct_error *error)
{
    struct ct_error why;
    struct ct__keyfile key;
    if (ct__keyfile_read(path, &key, &why))
        return ct__error(error, CT_ECONFIG, "%s: %s", login->ssh->settings->name, why.text);
    enum ct_err err = try_agent(login, &key, error);
    if (!err && !login->done) err = try_file(login, path, &key, error);
    return err;
}

/* Those of ~/.ssh that can be used; one that needs a passphrase which is not there is left out. */
static enum ct_err try_default_keys(struct login *login, struct ct_error *error)
{
    static const char *const names[] = { "id_ed25519", "id_ecdsa", "id_rsa" };
    enum ct_err err = CT_OK;
    for (size_t i = 0; !err && !login->done && i < sizeof(names) / sizeof(names[0]); i++) {
        char path[512];
        struct ct__keyfile key;
        snprintf(path, sizeof(path), "%s/.ssh/%s", ct__home(), names[i]);
        if (ct__keyfile_read(path, &key, NULL) || (key.encrypted && !login->ssh->settings->passphrase)) continue;
        err = try_file(login, path, &key, error);
    }
    return err;
}

static enum ct_err try_keys(struct login *login, struct ct_error *error)
{
    const char *named = login->ssh->settings->key;
    if (!offers(login, "publickey")) return CT_OK;
    if (named) return try_named_key(login, named, error);
    enum ct_err err = try_agent(login, NULL, error);
    return !err && !login->done ? try_default_keys(login, error) : err;
}

/* ---- the password ---- */

/* What a server with PAM asks for by way of a question that is not to be echoed. */
static void answer(const char *name, int name_size, const char *instruction, int instruction_size, int count,
                   const LIBSSH2_USERAUTH_KBDINT_PROMPT *prompts, LIBSSH2_USERAUTH_KBDINT_RESPONSE *responses,
                   void **abstract)
{
    const struct ct__ssh *ssh = *abstract;
    (void)name, (void)name_size, (void)instruction, (void)instruction_size;
    for (int i = 0; i < count; i++) {
        responses[i].text = strdup(prompts[i].echo ? "" : ssh->settings->password);
        responses[i].length = responses[i].text ? (unsigned)strlen(responses[i].text) : 0;
    }
}

static int password_once(struct login *login, bool asked)
{
    const char *password = login->ssh->settings->password;
    LIBSSH2_SESSION *session = login->ssh->session;
    if (asked) return libssh2_userauth_keyboard_interactive_ex(session, login->user, login->user_size, answer);
    return libssh2_userauth_password_ex(session, login->user, login->user_size, password, (unsigned)strlen(password),
                                        NULL);
}

static enum ct_err try_password(struct login *login, struct ct_error *error)
{
    bool asked = !offers(login, "password");
    int code;
    if (!login->ssh->settings->password || (asked && !offers(login, "keyboard-interactive"))) return CT_OK;
    while ((code = password_once(login, asked)) == AGAIN) {
        enum ct_err err = wait_login(login, error);
        if (err) return err;
    }
    return take_result(login, code, "the password", false, error);
}

/* ---- all of it ---- */

static enum ct_err ask_methods(struct login *login, struct ct_error *error)
{
    LIBSSH2_SESSION *session = login->ssh->session;
    char *methods;
    while (!(methods = libssh2_userauth_list(session, login->user, login->user_size))) {
        if (libssh2_userauth_authenticated(session)) {
            login->done = true;
            return CT_OK;
        }
        if (libssh2_session_last_errno(session) != AGAIN) return ct__ssh_failed(login->ssh, CT_EIO, "the login", error);
        enum ct_err err = wait_login(login, error);
        if (err) return err;
    }
    snprintf(login->methods, sizeof(login->methods), "%s", methods);
    return CT_OK;
}

enum ct_err ct__ssh_login(struct ct__ssh *ssh, struct ct_error *error)
{
    const struct ct__ssh_settings *settings = ssh->settings;
    struct login login = { .ssh = ssh, .user = settings->user, .user_size = (unsigned)strlen(settings->user) };
    enum ct_err err = ask_methods(&login, error);
    if (!err && !login.done) err = try_keys(&login, error);
    if (!err && !login.done) err = try_password(&login, error);
    if (err || login.done) return err;
    if (login.tried[0] == '\0')
        return ct__error(
            error, CT_ECONFIG,
            "%s: there is nothing to log in with as %s: the server takes %s; no key was found in the agent "
            "or in ~/.ssh, and no password is set (SSH.rsakey, SSH.password_file)",
            settings->name, settings->user, login.methods);
    return ct__error(error, CT_ECONFIG, "%s: the server refused the login as %s with %s (it takes %s)%s",
                     settings->name, settings->user, login.tried, login.methods, ssh->rsa_refused ? RSA_TEXT : "");
}
