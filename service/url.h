/* Addresses at which a run listens, as users write them: tcp://ADDRESS:PORT, tls+tcp://ADDRESS:PORT. */
#ifndef COMBTEST_SERVICE_URL_H
#define COMBTEST_SERVICE_URL_H
#include <combtest/error.h>
#include <stdbool.h>

/* CT_EINVAL for what is no such address, with what (the option) at the beginning of the text. Where connects is false,
 * it is to listen at: the port may be missing or 0, the address missing. */
enum ct_err ct__url_check(const char *what, const char *url, bool connects, struct ct_error *error);
/* What follows the address in a URL that is right: ":PORT", or "". */
const char *ct__url_port(const char *url);
bool ct__url_is_tls(const char *url);
#endif
