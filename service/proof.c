#include "service/proof.h"
#include "combtest/core.h"
#include <errno.h>
#include <loaded/mbedx509.h>
#include <string.h>
#include <sys/random.h>

enum ct_err ct__nonce_make(unsigned char nonce[CT__NONCE_SIZE], struct ct_error *error)
{
    if (getrandom(nonce, CT__NONCE_SIZE, 0) == CT__NONCE_SIZE) return CT_OK;
    return ct__error(error, CT_ESYSTEM, "no random numbers: %s", strerror(errno));
}

bool ct__proof_make(const char *token, enum ct__prover prover, const unsigned char service[CT__NONCE_SIZE],
                    const unsigned char coordinator[CT__NONCE_SIZE], unsigned char proof[CT__PROOF_SIZE])
{
    unsigned char said[1 + 2 * CT__NONCE_SIZE];
    if (ct__mbedx509_load(NULL) != CT_OK) return false;
    said[0] = (unsigned char)prover; /* what one side says is of no use to who wants to be the other */
    memcpy(said + 1, service, CT__NONCE_SIZE);
    memcpy(said + 1 + CT__NONCE_SIZE, coordinator, CT__NONCE_SIZE);
    return mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), (const unsigned char *)token, strlen(token),
                           said, sizeof said, proof) == 0;
}

bool ct__proof_equal(const unsigned char one[CT__PROOF_SIZE], const unsigned char other[CT__PROOF_SIZE])
{
    unsigned difference = 0;
    for (size_t i = 0; i < CT__PROOF_SIZE; i++) difference |= (unsigned)(one[i] ^ other[i]);
    return difference == 0;
}
