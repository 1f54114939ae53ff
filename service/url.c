#include "service/url.h"
#include "combtest/core.h"
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define PORT_MAX 65535

bool ct__url_is_tls(const char *url)
{
    return strncmp(url, "tls+", 4) == 0;
}

static const char *skip_scheme(const char *url)
{
    if (strncmp(url, "tls+tcp://", 10) == 0) return url + 10;
    return strncmp(url, "tcp://", 6) == 0 ? url + 6 : NULL;
}

const char *ct__url_port(const char *url)
{
    const char *address = skip_scheme(url), *bracket = address ? strrchr(address, ']') : NULL;
    const char *colon = address ? strrchr(bracket ? bracket : address, ':') : NULL;
    return colon ? colon : url + strlen(url);
}

/* Whether the address, without its port, is one as URLs have it: IPv6 in brackets, and nothing else with colons. */
static bool is_address(const char *address, size_t size)
{
    char text[64];
    struct in6_addr ignored;
    if (!memchr(address, '[', size) && !memchr(address, ']', size) && !memchr(address, ':', size)) return true;
    if (size < 2 || size - 2 >= sizeof text || *address != '[' || address[size - 1] != ']') return false;
    memcpy(text, address + 1, size - 2);
    text[size - 2] = '\0';
    text[strcspn(text, "%")] = '\0'; /* an interface */
    return inet_pton(AF_INET6, text, &ignored) == 1;
}

enum ct_err ct__url_check(const char *what, const char *url, bool connects, struct ct_error *error)
{
    const char *address = skip_scheme(url), *port = ct__url_port(url);
    if (!address || strpbrk(address, " \t\r\n/"))
        return ct__error(error, CT_EINVAL, "%s: '%.200s' is no address: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT",
                         what, url);
    if (connects && (port == address || *port == '\0'))
        return ct__error(error, CT_EINVAL, "%s: '%.200s' has no %s: tcp://ADDRESS:PORT or tls+tcp://ADDRESS:PORT", what,
                         url, *port == '\0' ? "port" : "address");
    if (!is_address(address, (size_t)(port - address)))
        return ct__error(error, CT_EINVAL, "%s: '%.200s' is no address: an IPv6 one stands in brackets, [::1]", what,
                         url);
    if (*port == '\0') return CT_OK;
    const char *digits = port + 1;
    size_t size = strlen(digits);
    long number = size > 0 && size <= 5 && strspn(digits, "0123456789") == size ? strtol(digits, NULL, 10) : -1;
    if (number < (connects ? 1 : 0) || number > PORT_MAX)
        return ct__error(error, CT_EINVAL, "%s: '%.200s': '%.40s' is no port: it is a number from %d to %d", what, url,
                         digits, connects ? 1 : 0, PORT_MAX);
    return CT_OK;
}
