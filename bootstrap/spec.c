#include <bootstrap/spec.h>
#include <combtest/core.h>
#include <stdlib.h>
#include <string.h>

#define SERVICES_MAX 1024
#define PORT_MAX     65535
#define RIGHT        "write [user@]host[:port][*services], and an IPv6 address with a port as [::1]:22"

static enum ct_err refuse(const char *where, const char *text, const char *what, struct ct_error *error)
{
    return ct__error(error, CT_ECONFIG, "%s: '%.80s': %s; " RIGHT, where, text, what);
}

static bool read_count(const char *text, int max, int *count)
{
    size_t size = strlen(text);
    if (size == 0 || size > 6 || strspn(text, "0123456789") != size) return false;
    long value = strtol(text, NULL, 10);
    if (value < 1 || value > max) return false;
    *count = (int)value;
    return true;
}

/* A name that no program may take for an option, and that has nothing of a path or a shell's in it. */
static bool is_name(const char *text)
{
    if (*text == '\0' || *text == '-') return false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || *text == 127 || strchr("/\\'\"`$&;|<>(){}*?!#,", *text)) return false;
    }
    return true;
}

/* Cuts text at the port's colon. A colon more than one, outside of brackets, is an IPv6 address without a port. */
static const char *split_port(char *text)
{
    char *end = *text == '[' ? strchr(text, ']') : NULL;
    char *colon = end ? end + 1 : strchr(text, ':');
    if (end && *colon != '\0' && *colon != ':') return "";
    if (!colon || *colon == '\0' || (!end && strchr(colon + 1, ':'))) return NULL;
    *colon = '\0';
    return colon + 1;
}

static bool take_address(char *text, char *address)
{
    size_t size = strlen(text);
    if (*text != '[') {
        memcpy(address, text, size + 1);
        return is_name(address) && !strpbrk(address, "[]");
    }
    if (size < 3 || text[size - 1] != ']') return false;
    memcpy(address, text + 1, size - 2);
    address[size - 2] = '\0';
    return is_name(address) && strchr(address, ':') && !strpbrk(address, "[]");
}

enum ct_err ct__spec_read(const char *text, const char *where, struct ct__spec *spec, struct ct_error *error)
{
    char rest[CT__SPEC_SIZE];
    struct ct__spec read = { .port = 0 };
    if (strlen(text) >= sizeof(rest)) return refuse(where, text, "this is too long for a host", error);
    memcpy(rest, text, strlen(text) + 1);
    char *star = strrchr(rest, '*');
    if (star && !read_count(star + 1, SERVICES_MAX, &read.services))
        return refuse(where, text, "services are counted from 1 to 1024", error);
    if (star) *star = '\0';
    char *at = strrchr(rest, '@'), *host = at ? at + 1 : rest;
    if (at) *at = '\0';
    if (at && !is_name(rest)) return refuse(where, text, "this is no user's name", error);
    if (at) memcpy(read.user, rest, strlen(rest) + 1);
    memcpy(read.name, host, strlen(host) + 1);
    const char *port = split_port(host);
    if (port && !read_count(port, PORT_MAX, &read.port))
        return refuse(where, text, "a port is a number from 1 to 65535", error);
    if (!take_address(host, read.address)) return refuse(where, text, "this is no host's name or address", error);
    *spec = read;
    return CT_OK;
}
