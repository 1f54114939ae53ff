#include "service/remote.h"
#include "combtest/core.h"
#include "service/brief.h"
#include "service/channel.h"
#include "service/join.h"
#include "service/process.h"
#include "service/protocol.h"
#include "service/url.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BRIEF_MS      20000
#define COMPLAINT_MAX 900u /* a frame of a stranger's is at most 1 KB */

/* What this program was started for. */
static struct {
    bool active;
    int in, out;            /* stdio: the wire */
    struct ct__bytes frame; /* and the brief, once it has come */
    struct ct__join join;
    uint32_t services, threads; /* that were asked for; 0: none */
    bool refused;               /* the run is of another suite than one that was tried */
} wire;

/* "join URL TOKENFILE" */
static void note_join(const char *words)
{
    const char *end = strchr(words, ' ');
    if (!end || end == words) return;
    wire.join.url = strndup(words, (size_t)(end - words));
    wire.join.token_path = strdup(end + 1);
    wire.active = wire.join.url && wire.join.token_path;
}

/* Before main: what the program prints or reads must not mix with the wire. */
__attribute__((constructor)) static void take_bootstrap(void)
{
    const char *how = getenv(CT__BOOTSTRAP);
    bool stdio = how && strcmp(how, "stdio") == 0;
    if (how && strncmp(how, "join ", 5) == 0) note_join(how + 5);
    if (how) unsetenv(CT__BOOTSTRAP);
    if (!stdio) return;
    wire.in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    wire.out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    wire.active = true;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) dup2(null, STDIN_FILENO);
    if (null > STDIN_FILENO) close(null);
    dup2(STDERR_FILENO, STDOUT_FILENO);
}

bool ct__remote_active(void)
{
    return wire.active;
}

/* False: the wire ended, or nothing more came: the brief was sent before this program was started. */
static bool read_wire(unsigned char *to, size_t size)
{
    struct pollfd in = { .fd = wire.in, .events = POLLIN };
    while (size > 0) {
        int ready = poll(&in, 1, BRIEF_MS);
        ssize_t got = ready > 0 ? read(wire.in, to, size) : ready;
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        to += got;
        size -= (size_t)got;
    }
    return true;
}

/* Reads one frame, of at most size bytes; false: none comes. */
static bool read_frame(struct ct__bytes *frame, uint32_t most)
{
    unsigned char head[4];
    if (!read_wire(head, sizeof head)) return false;
    struct ct__cursor cursor = ct__cursor(head, sizeof head);
    uint32_t size = ct__get_u32(&cursor);
    frame->size = 0;
    unsigned char *room = size <= most ? ct__bytes_room(frame, size) : NULL;
    if (!room || !read_wire(room, size)) return false;
    frame->size = size;
    return true;
}

static void complain(const char *why)
{
    struct ct__bytes frame = { 0 };
    char text[COMPLAINT_MAX];
    snprintf(text, sizeof text, "%s", why);
    ct__put_u32(&frame, 0);
    ct__frame_begin(&frame, CT__FRAME_COMPLAINT, 0);
    ct__put_text(&frame, text);
    ct__set_u32(&frame, 0, (uint32_t)frame.size - 4);
    if (!frame.failed) ct__write_all(wire.out, frame.data, frame.size);
    ct__bytes_free(&frame);
}

/* The brief's body, waiting for it; NULL: none comes. */
static const unsigned char *await_brief(size_t *size)
{
    if (wire.frame.size == 0 && !read_frame(&wire.frame, CT__FRAME_MAX)) return NULL;
    if (wire.frame.size <= 5 || wire.frame.data[0] != CT__FRAME_BRIEF) return NULL;
    *size = wire.frame.size - 5;
    return wire.frame.data + 5;
}

static enum ct_err nothing_done(struct ct_results **results, struct ct_error *error)
{
    struct ct_results *made = calloc(1, sizeof *made);
    if (made) made->counters = json_object();
    if (!made || !made->counters) {
        free(made);
        return ct__nomem(error);
    }
    *results = made;
    return CT_OK;
}

enum ct_err ct__remote_join(const char *url, const char *token_path, uint32_t services, uint32_t threads,
                            void (*say)(const char *text), struct ct_error *error)
{
    enum ct_err code = ct__url_check("--join", url, true, error);
    if (code != CT_OK) return code;
    free(wire.join.url);
    free(wire.join.token_path);
    wire.join.url = strdup(url);
    wire.join.token_path = strdup(token_path);
    if (!wire.join.url || !wire.join.token_path) return ct__nomem(error);
    wire.join.say = say;
    wire.services = services;
    wire.threads = threads;
    wire.active = true;
    return CT_OK;
}

static void name_this_host(char *name, size_t size)
{
    if (gethostname(name, size - 1) != 0) snprintf(name, size, "localhost");
}

/* Never returns but with an error, or where the run is of another suite. */
static enum ct_err join_run(const struct ct_suite *suite, struct ct_results **results, struct ct_error *error)
{
    struct ct__setup setup = { .services = wire.services, .threads = wire.threads, .join = &wire.join };
    enum ct_err code = *wire.join.token.text == '\0' ? ct__token_read(wire.join.token_path, &wire.join.token, error)
                                                     : CT_OK;
    if (code != CT_OK) return code;
    name_this_host(setup.host, sizeof setup.host);
    if (wire.frame.size == 0) code = ct__join_greet(&wire.join, setup.host, &wire.frame, error);
    if (code != CT_OK) return code;
    const unsigned char *brief = wire.frame.data + 5;
    const char *name = wire.frame.size > 5 ? ct__brief_suite(brief, wire.frame.size - 5) : NULL;
    if (!name) return ct__error(error, CT_EIO, "the run at %s sent no brief", wire.join.url);
    if (!suite || !suite->name || strcmp(suite->name, name) != 0) {
        wire.refused = true;
        return nothing_done(results, error);
    }
    code = ct__brief_take(brief, wire.frame.size - 5, suite, &setup, error);
    if (code != CT_OK) return code;
    _exit(ct__join_serve(&setup));
}

const char *ct__remote_wanted(void)
{
    return wire.refused ? ct__brief_suite(wire.frame.data + 5, wire.frame.size - 5) : NULL;
}

/* Where a host is direct: how its links find the run, and whether they will. Returns why not, or NULL. */
static const char *prepare_direct(struct ct__setup *setup, struct ct_error *why)
{
    static char text[COMPLAINT_MAX];
    struct ct__join *join = &wire.join;
    if (!setup->direct_url) return NULL;
    join->url = strdup(setup->direct_url);
    join->token.certificate = setup->direct_certificate ? strdup(setup->direct_certificate) : NULL;
    memcpy(join->token.text, setup->token, sizeof join->token.text);
    if (!join->url || (setup->direct_certificate && !join->token.certificate)) return "out of memory";
    fprintf(stderr, "connecting directly to the run, at %s\n", join->url);
    join->listens = true;
    if (ct__join_probe(join, setup->host, setup->direct_ms, why) != CT_OK) {
        snprintf(text, sizeof text,
                 "direct: cannot reach the run at %.200s from there: %.300s; a firewall may be in between (the port is "
                 "[NET] service_port), or the run have another address for this host (--advertise)",
                 join->url, why->text);
        return text;
    }
    join->listens = false;
    setup->join = join;
    return NULL;
}

enum ct_err ct__remote_run(const struct ct_suite *suite, struct ct_results **results, struct ct_error *error)
{
    struct ct__setup setup = { 0 };
    struct ct_error why;
    if (wire.join.url) return join_run(suite, results, error);
    size_t size = 0;
    const unsigned char *brief = await_brief(&size);
    const char *name = brief ? ct__brief_suite(brief, size) : NULL;
    if (!name) {
        complain("what came first was no brief of a run");
        _exit(1);
    }
    if (!suite || !suite->name || strcmp(suite->name, name) != 0) return nothing_done(results, error);
    name_this_host(setup.host, sizeof setup.host);
    if (ct__brief_take(brief, size, suite, &setup, &why) != CT_OK) {
        complain(why.text);
        _exit(1);
    }
    const char *objection = prepare_direct(&setup, &why);
    if (objection) {
        complain(objection);
        _exit(1);
    }
    _exit(ct__relay(&setup, wire.in, wire.out));
}
