/* SHA-256 with the instructions of the processor, where it has them, and without. */
#include <bootstrap/sha256.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The hash of a text, given in parts of so many bytes. */
static void hash(const void *bytes, size_t size, size_t part, bool plain, char text[CT__SHA256_TEXT])
{
    struct ct__sha256 sha;
    ct__sha256_start(&sha);
    if (plain) sha.plain = true;
    for (size_t at = 0; at < size; at += part)
        ct__sha256_add(&sha, (const char *)bytes + at, size - at < part ? size - at : part);
    ct__sha256_end(&sha, text);
}

/* NIST's examples for FIPS 180-4. */
static void test_known_texts_have_their_hashes(void **unused)
{
    static char million[1000000];
    static const struct {
        const char *text, *hash;
    } known[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    char text[CT__SHA256_TEXT];
    (void)unused;
    memset(million, 'a', sizeof million);
    for (int plain = 0; plain < 2; plain++) {
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
            hash(known[i].text, strlen(known[i].text), 64, plain, text);
            assert_string_equal(text, known[i].hash);
        }
        hash(million, sizeof million, 999, plain, text);
        assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

static void test_parts_and_instructions_make_no_difference(void **unused)
{
    unsigned char bytes[700];
    char one[CT__SHA256_TEXT], other[CT__SHA256_TEXT];
    (void)unused;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 167 + i / 251);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        hash(bytes, size, sizeof bytes, true, one);
        hash(bytes, size, size % 150 + 1, false, other);
        assert_string_equal(one, other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_texts_have_their_hashes),
        cmocka_unit_test(test_parts_and_instructions_make_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
