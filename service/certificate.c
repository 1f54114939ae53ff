#include "combtest/core.h"
#include "service/proof.h"
#include <loaded/mbedx509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PEM_SIZE 4096

static int take_random(void *unused, unsigned char *bytes, size_t size)
{
    (void)unused;
    while (size > 0) {
        size_t part = size < 256 ? size : 256; /* which is never cut short */
        if (getrandom(bytes, part, 0) != (ssize_t)part) return MBEDTLS_ERR_ECP_RANDOM_FAILED;
        bytes += part;
        size -= part;
    }
    return 0;
}

static int make_key(mbedtls_pk_context *key)
{
    int result = mbedtls_pk_setup(key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    return result ? result : mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, key->pk_ctx, take_random, NULL);
}

/* Who verifies it has it from the token's file and trusts it alone: neither its name nor its dates matter. */
static int write_certificate(mbedtls_pk_context *key, unsigned char *pem)
{
    mbedtls_x509write_cert writer;
    mbedtls_mpi serial;
    mbedtls_x509write_crt_init(&writer);
    mbedtls_mpi_init(&serial);
    mbedtls_x509write_crt_set_subject_key(&writer, key);
    mbedtls_x509write_crt_set_issuer_key(&writer, key);
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
    int result = mbedtls_mpi_fill_random(&serial, 16, take_random, NULL);
    if (result == 0) result = mbedtls_mpi_set_bit(&serial, 127, 0);
    if (result == 0) result = mbedtls_x509write_crt_set_serial(&writer, &serial);
    if (result == 0) result = mbedtls_x509write_crt_set_subject_name(&writer, "CN=combtest");
    if (result == 0) result = mbedtls_x509write_crt_set_issuer_name(&writer, "CN=combtest");
    if (result == 0) result = mbedtls_x509write_crt_set_validity(&writer, "20200101000000", "20991231235959");
    if (result == 0) result = mbedtls_x509write_crt_set_basic_constraints(&writer, 1, 0);
    if (result == 0) result = mbedtls_x509write_crt_pem(&writer, pem, PEM_SIZE, take_random, NULL);
    mbedtls_mpi_free(&serial);
    mbedtls_x509write_crt_free(&writer);
    return result;
}

enum ct_err ct__certificate_make(char **certificate, char **key, struct ct_error *error)
{
    unsigned char certificate_pem[PEM_SIZE], key_pem[PEM_SIZE];
    mbedtls_pk_context pair;
    enum ct_err err = ct__mbedx509_load(error);
    if (err) return err;
    mbedtls_pk_init(&pair);
    int result = make_key(&pair);
    if (result == 0) result = write_certificate(&pair, certificate_pem);
    if (result == 0) result = mbedtls_pk_write_key_pem(&pair, key_pem, sizeof key_pem);
    mbedtls_pk_free(&pair);
    if (result != 0) return ct__error(error, CT_ESYSTEM, "cannot make a certificate: mbedtls says -0x%x", -result);
    char *made = strdup((char *)certificate_pem), *made_key = strdup((char *)key_pem);
    explicit_bzero(key_pem, sizeof key_pem);
    if (!made || !made_key) {
        free(made);
        free(made_key);
        return ct__nomem(error);
    }
    *certificate = made;
    *key = made_key;
    return CT_OK;
}
