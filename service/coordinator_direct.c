/* Direct hosts: a launcher starts the program there, and its wire tells the program where the run listens; the links
 * then come in by a door, as services that join do. The wire stays, for its end is the host's. */
#include "combtest/launcher.h"
#include "service/coordinator_inner.h"
#include <string.h>

#define PORT_TRIES 100

/* ---- doors ---- */

/* The host of a URL, in brackets where it has them, in *size bytes. */
static const char *host_of(const char *url, size_t *size)
{
    const char *start = strstr(url, "://") + 3, *colon = strrchr(start, ':'), *bracket = strrchr(start, ']');
    *size = colon && (!bracket || colon > bracket) ? (size_t)(colon - start) : strlen(start);
    return start;
}

/* Whether who listens there does so at all addresses, so that it names none to connect to. */
static bool is_wildcard(const char *url)
{
    static const char *const all[] = { "", "*", "0.0.0.0", "[::]" };
    size_t size;
    const char *host = host_of(url, &size);
    for (size_t i = 0; i < CT_COUNT(all); i++)
        if (strlen(all[i]) == size && memcmp(host, all[i], size) == 0) return true;
    return false;
}

/* An address as URLs have it. */
static void put_address(char *text, size_t size, const char *address)
{
    bool bare = strchr(address, ':') && *address != '[';
    snprintf(text, size, bare ? "[%.200s]" : "%.200s", address);
}

/* The URL of the door at the user's own listening address, as the host there finds it. */
static bool find_own_door(const struct coordinator *c, const char *from, char *url, size_t size)
{
    char address[256];
    size_t host_size;
    const char *host = host_of(c->door, &host_size);
    if (!is_wildcard(c->door)) {
        snprintf(url, size, "%s", c->door);
        return true;
    }
    if (!from) return false;
    put_address(address, sizeof address, from);
    snprintf(url, size, "%.*s%s%s", (int)(host - c->door), c->door, address, host + host_size);
    return true;
}

static enum ct_err open_at(struct coordinator *c, const char *address, int *port, struct ct_error *error)
{
    char url[320];
    snprintf(url, sizeof url, "tls+tcp://%s", address);
    return ct__coord_listen(c, url, c->setup->direct_port, PORT_TRIES, port, error);
}

/* Opens the door for hosts that look for the run at the address: there, or, where that is not this host's own (which a
 * router may translate), at all. */
static enum ct_err open_door(struct coordinator *c, const char *address, struct direct_door **door,
                             struct ct_error *error)
{
    int port = 0;
    if (c->direct_count == DIRECT_DOORS_MAX)
        return ct__error(error, CT_ETOOBIG, "direct hosts are reached from more than %d addresses: give --advertise",
                         DIRECT_DOORS_MAX);
    enum ct_err code = open_at(c, address, &port, error);
    if (code == CT_EINVAL && c->setup->advertise) code = open_at(c, *address == '[' ? "[::]" : "0.0.0.0", &port, error);
    if (code != CT_OK) return code;
    struct direct_door *made = &c->direct[c->direct_count++];
    snprintf(made->address, sizeof made->address, "%s", address);
    snprintf(made->url, sizeof made->url, "tls+tcp://%s:%d", address, port);
    ct__coord_log(c, CT_LOG_INFO, "direct hosts come in at %s", made->url);
    *door = made;
    return CT_OK;
}

static struct direct_door *find_door(struct coordinator *c, const char *address)
{
    for (size_t i = 0; i < c->direct_count; i++)
        if (strcmp(c->direct[i].address, address) == 0) return &c->direct[i];
    return NULL;
}

/* ---- wires ---- */

const char *ct__coord_brief_direct(struct coordinator *c, struct host *wire, const char *from)
{
    char url[512], address[256];
    struct ct_error error;
    struct machine *machine = &c->machines[wire->machine];
    const char *named = c->setup->advertise ? c->setup->advertise : from;
    if (c->door[0] && find_own_door(c, from, url, sizeof url)) return ct__coord_send_brief(c, wire, url);
    if (!named || c->door[0]) return NULL; /* its launcher will say from where it is reached */
    put_address(address, sizeof address, named);
    struct direct_door *door = find_door(c, address);
    if (!door && open_door(c, address, &door, &error) != CT_OK) {
        snprintf(machine->complaint, sizeof machine->complaint, "direct: %.450s", error.text);
        return "there is no door for direct hosts";
    }
    return ct__coord_send_brief(c, wire, door->url);
}

const char *ct__coord_take_from(struct coordinator *c, struct host *wire, struct ct__cursor *cursor)
{
    const char *from = ct__get_text(cursor);
    if (!from || !c->setup->machines[wire->machine].direct) return "no hello";
    return wire->briefed ? NULL : ct__coord_brief_direct(c, wire, from);
}

/* ---- links ---- */

bool ct__coord_has_wire(const struct coordinator *c, const struct host *host)
{
    for (const struct host *wire = c->hosts; wire && host->machine >= 0; wire = wire->next)
        if (!wire->known && wire->channel && wire->machine == host->machine && wire->life == host->life) return true;
    return false;
}

const char *ct__coord_objection_direct(const struct coordinator *c, const struct ct__hello *hello)
{
    size_t index = hello->machine - 1;
    struct host asked = { .machine = (int)index, .life = hello->life };
    if (index >= c->setup->machine_count || !c->setup->machines[index].direct) return "it is of no host of this run";
    return ct__coord_has_wire(c, &asked) ? NULL : "its launcher's connection has ended";
}

void ct__coord_cut_direct(struct coordinator *c, const struct host *wire)
{
    for (struct host *host = c->hosts; host; host = host->next) {
        if (host == wire || host->machine != wire->machine || host->life != wire->life || !host->channel) continue;
        host->closed_why = "its launcher's connection has ended";
        ct__channel_close(host->channel);
    }
}
