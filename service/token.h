/* The file by which services that join and the run know each other: the run's token, and where the connections are
 * encrypted the certificate that the run shows. It is a secret: only its owner may read it. */
#ifndef COMBTEST_SERVICE_TOKEN_H
#define COMBTEST_SERVICE_TOKEN_H
#include "service/setup.h"

struct ct__token {
    char text[CT__TOKEN_SIZE];
    char *certificate; /* PEM, or NULL: none */
};
void ct__token_clear(struct ct__token *token);
/* CT_ECONFIG for a file that cannot be read; CT_EINVAL for one that others may read, or that is none. */
enum ct_err ct__token_read(const char *path, struct ct__token *token, struct ct_error *error);
/* Writes it, 0600, aside and renamed. */
enum ct_err ct__token_write(const char *path, const struct ct__token *token, struct ct_error *error);
/* 32 random digits. */
enum ct_err ct__token_make(char text[CT__TOKEN_SIZE], struct ct_error *error);
#endif
