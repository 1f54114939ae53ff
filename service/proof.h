/* Proving that one knows the run's token without saying it: challenge and response by HMAC-SHA256 (RFC 2104). The only
 * file beside certificate.c that calls mbedtls. */
#ifndef COMBTEST_SERVICE_PROOF_H
#define COMBTEST_SERVICE_PROOF_H
#include <combtest/error.h>
#include <stdbool.h>

#define CT__NONCE_SIZE 32
#define CT__PROOF_SIZE 32

enum ct__prover { CT__PROVER_COORDINATOR = 1, CT__PROVER_SERVICE };

enum ct_err ct__nonce_make(unsigned char nonce[CT__NONCE_SIZE], struct ct_error *error);
/* What the prover says to have been given both nonces, the joining service's first; false: no memory, or no mbedtls. */
bool ct__proof_make(const char *token, enum ct__prover prover, const unsigned char service[CT__NONCE_SIZE],
                    const unsigned char coordinator[CT__NONCE_SIZE], unsigned char proof[CT__PROOF_SIZE]);
/* Takes as long whatever differs. */
bool ct__proof_equal(const unsigned char one[CT__PROOF_SIZE], const unsigned char other[CT__PROOF_SIZE]);

/* certificate.c: a certificate that signs itself, for one run, and its key (P-256), as PEM text; the caller's. */
enum ct_err ct__certificate_make(char **certificate, char **key, struct ct_error *error);
#endif
