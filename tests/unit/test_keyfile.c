/* Private keys' files, known_hosts, and base64: what they say, and how what is none is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bootstrap/base64.h>
#include <bootstrap/keyfile.h>
#include <bootstrap/ssh_inner.h>
#include <cmocka.h>
#include <combtest/option.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct ct_error error;
static char path[64];

/* A file of these bytes, under path; the descriptor is the caller's. */
static int make_file(const void *bytes, size_t size, mode_t mode)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    assert_int_equal(write(fd, bytes, size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return fd;
}

/* ---- base64 ---- */

/* RFC 4648, 10. */
static void base64_is_as_the_rfc_has_it(void **state)
{
    static const char *const rows[][2] = { { "", "" },
                                           { "f", "Zg==" },
                                           { "fo", "Zm8=" },
                                           { "foo", "Zm9v" },
                                           { "foob", "Zm9vYg==" },
                                           { "fooba", "Zm9vYmE=" },
                                           { "foobar", "Zm9vYmFy" } };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        unsigned char bytes[16];
        size_t count = 99;
        char *text = ct__base64_encode((const unsigned char *)rows[i][0], strlen(rows[i][0]));
        assert_string_equal(text, rows[i][1]);
        assert_true(ct__base64_decode(text, strlen(text), bytes, sizeof bytes, &count));
        assert_int_equal(count, strlen(rows[i][0]));
        assert_memory_equal(bytes, rows[i][0], count);
        assert_int_equal(ct__base64_decode(text, strlen(text), bytes, 5, &count), strlen(rows[i][0]) <= 5);
        free(text);
    }
}

static void any_bytes_come_back(void **state)
{
    unsigned char bytes[256], again[256];
    size_t count;
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(255 - i);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        char *text = ct__base64_encode(bytes, size);
        assert_true(ct__base64_decode(text, strlen(text), again, size, &count));
        assert_int_equal(count, size);
        assert_memory_equal(bytes, again, size);
        free(text);
    }
    assert_true(ct__base64_decode(" Zm\r\n9v\t", 8, again, 3, &count));
    assert_int_equal(count, 3);
    assert_false(ct__base64_decode("Zm-v", 4, again, 3, &count));
    assert_false(ct__base64_decode("Zm\0v", 4, again, 3, &count));
}

/* ---- private keys ---- */

static size_t put_string(unsigned char *to, const char *text, size_t size)
{
    to[0] = to[1] = 0;
    to[2] = (unsigned char)(size >> 8);
    to[3] = (unsigned char)size;
    memcpy(to + 4, text, size);
    return size + 4;
}

/* OpenSSH's form with all that is not secret, and nothing behind it; to has 256 bytes. */
static size_t put_key(unsigned char *to, const char *cipher, const char *public, size_t public_size)
{
    size_t size = sizeof "openssh-key-v1";
    memcpy(to, "openssh-key-v1", size);
    size += put_string(to + size, cipher, strlen(cipher));
    size += put_string(to + size, "none", 4);
    size += put_string(to + size, "", 0);
    memcpy(to + size, "\0\0\0\1", 4);
    size += 4;
    return size + put_string(to + size, public, public_size);
}

static enum ct_err read_key(const unsigned char *bytes, size_t size, struct ct__keyfile *key)
{
    char *base64 = ct__base64_encode(bytes, size), text[1024];
    int used = snprintf(text, sizeof text,
                        "-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n", base64);
    int fd = make_file(text, (size_t)used, 0600);
    enum ct_err err = ct__keyfile_read(path, key, &error);
    close(fd);
    free(base64);
    return err;
}

static void a_key_says_its_public_half_and_whether_it_is_locked(void **state)
{
    static const char ed25519[] = "\0\0\0\13ssh-ed25519\0\0\0\4abcd", rsa[] = "\0\0\0\7ssh-rsa\0\0\0\1a";
    unsigned char bytes[256];
    struct ct__keyfile key;
    (void)state;
    size_t size = put_key(bytes, "none", ed25519, sizeof ed25519 - 1);
    assert_int_equal(read_key(bytes, size, &key), CT_OK);
    assert_true(!key.encrypted && !key.rsa);
    assert_int_equal(key.public_size, sizeof ed25519 - 1);
    assert_memory_equal(key.public_key, ed25519, key.public_size);
    for (size_t less = 0; less < size; less++) assert_int_equal(read_key(bytes, less, &key), CT_ECONFIG);
    size = put_key(bytes, "aes256-ctr", rsa, sizeof rsa - 1);
    assert_int_equal(read_key(bytes, size, &key), CT_OK);
    assert_true(key.encrypted && key.rsa);
}

static void older_forms_say_less(void **state)
{
    static const struct {
        const char *text;
        bool encrypted, rsa;
    } rows[] = {
        { "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", false, true },
        { "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMHcC\n", true, false },
        { "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n", true, false },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        struct ct__keyfile key;
        int fd = make_file(rows[i].text, strlen(rows[i].text), 0400);
        if (ct__keyfile_read(path, &key, &error)) fail_msg("%s", error.text);
        assert_int_equal(key.encrypted, rows[i].encrypted);
        assert_int_equal(key.rsa, rows[i].rsa);
        assert_int_equal(key.public_size, 0);
        close(fd);
    }
}

static void what_is_no_private_key_is_refused(void **state)
{
    static char large[40000];
    static const char *const rows[] = { "", "ssh-ed25519 AAAA me@here\n", "-----BEGIN OPENSSH PRIVATE KEY-----\n",
                                        "-----BEGIN OPENSSH PRIVATE KEY-----\n!!!!\n-----END",
                                        "-----BEGIN CERTIFICATE-----\n" };
    struct ct__keyfile key;
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        int fd = make_file(rows[i], strlen(rows[i]), 0600);
        assert_int_equal(ct__keyfile_read(path, &key, &error), CT_ECONFIG);
        close(fd);
    }
    int fd = make_file(large, sizeof large, 0600);
    assert_int_equal(ct__keyfile_read(path, &key, &error), CT_ECONFIG);
    close(fd);
    fd = make_file("-----BEGIN RSA PRIVATE KEY-----\n", 32, 0640);
    assert_int_equal(ct__keyfile_read(path, &key, &error), CT_ECONFIG);
    assert_non_null(strstr(error.text, "others may read this private key"));
    close(fd);
    assert_int_equal(ct__keyfile_read("/tmp", &key, &error), CT_ECONFIG);
    assert_int_equal(ct__keyfile_read("/nowhere/at-all", &key, &error), CT_ENOTFOUND);
}

/* ---- known_hosts ---- */

static void the_types_of_a_host_come_first(void **state)
{
    static const char others[] = "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ssh-rsa";
    static const char ecdsa[] = "ecdsa-sha2-nistp521,ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ssh-rsa";
    static const struct {
        const char *text, *types;
    } rows[] = {
        { "", others },
        { "h ecdsa-sha2-nistp521 AAAA\n", ecdsa },
        { "x,h ecdsa-sha2-nistp521 AAAA\nh ecdsa-sha2-nistp521 AAAB\n", ecdsa },
        { "H* ecdsa-sha2-nistp521 AAAA", ecdsa },
        { "# h ecdsa-sha2-nistp521 AAAA\n", others },
        { "*,!h ecdsa-sha2-nistp521 AAAA\n", others },
        { "[h]:22 ecdsa-sha2-nistp521 AAAA\n", others },
        { "@revoked h ecdsa-sha2-nistp521 AAAA\n", others },
        { "@cert-authority h ecdsa-sha2-nistp521 AAAA\n", others },
        { "h ecdsa-sha2-nistp521\n", others },
        { "h ssh AAAA\nh , AAAA\nh ssh-ed25519,ecdsa-sha2-nistp256 AAAA\nh ssh-dss AAAA\n", others },
        { "|1| ssh-rsa AAAA\n|1|a|b ssh-rsa AAAA\n|2|x ssh-rsa AAAA\n\n \t\n@\n@x\n", others },
    };
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        char types[200];
        int fd = make_file(rows[i].text, strlen(rows[i].text), 0600);
        const struct ct__ssh_settings settings = { .address = "h", .port = 22, .known_hosts = path };
        ct__ssh_known_types(&settings, types, sizeof types);
        if (strcmp(types, rows[i].types) != 0) fail_msg("%s: %s", rows[i].text, types);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_is_as_the_rfc_has_it),
        cmocka_unit_test(any_bytes_come_back),
        cmocka_unit_test(a_key_says_its_public_half_and_whether_it_is_locked),
        cmocka_unit_test(older_forms_say_less),
        cmocka_unit_test(what_is_no_private_key_is_refused),
        cmocka_unit_test(the_types_of_a_host_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
