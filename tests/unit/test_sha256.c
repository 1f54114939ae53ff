/* SHA-256: the published examples, and whatever sha256sum says, in pieces of any size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <bootstrap/sha256.h>
#include <cmocka.h>
#include <combtest/option.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void hash(const void *bytes, size_t size, size_t piece, char text[CT__SHA256_TEXT])
{
    struct ct__sha256 sha;
    ct__sha256_start(&sha);
    for (size_t at = 0; at < size; at += piece)
        ct__sha256_add(&sha, (const char *)bytes + at, piece < size - at ? piece : size - at);
    assert_int_equal(sha.size, size);
    ct__sha256_end(&sha, text);
}

/* NIST, "SHA256 examples" to FIPS 180-4, and the first and some other rows of SHA256ShortMsg.rsp of its CAVP. */
static void the_published_examples_come_out(void **state)
{
    static const struct {
        const char *message;
        size_t size;
        const char *digest;
    } rows[] = {
        { "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
          "nopqrstu",
          112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
        { "\xd3", 1, "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1" },
        { "\x11\xaf", 2, "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98" },
        { "\x74\xba\x25\x21", 4, "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e" },
    };
    char text[CT__SHA256_TEXT];
    (void)state;
    for (size_t i = 0; i < CT_COUNT(rows); i++) {
        hash(rows[i].message, rows[i].size, 1, text);
        assert_string_equal(text, rows[i].digest);
        hash(rows[i].message, rows[i].size, 1000, text);
        assert_string_equal(text, rows[i].digest);
    }
}

static void a_million_times_a(void **state)
{
    char *many = malloc(1000000), text[CT__SHA256_TEXT];
    (void)state;
    assert_non_null(many);
    memset(many, 'a', 1000000);
    for (size_t piece = 1; piece < 1000000; piece = piece * 7 + 3) {
        hash(many, 1000000, piece, text);
        assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    free(many);
}

/* One program for all sizes around one, two and more blocks; its output is a line for each file. */
static void sha256sum_says_the_same(void **state)
{
    enum { SIZES = 260 };
    static unsigned char bytes[SIZES + 70000];
    char directory[] = "/tmp/combtest-sha256-XXXXXX", path[128], line[256], text[CT__SHA256_TEXT];
    size_t lines = 0;
    (void)state;
    assert_non_null(mkdtemp(directory));
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * i >> 3 ^ i * 31);
    for (size_t i = 0; i <= SIZES; i++) {
        snprintf(path, sizeof path, "%s/%03zu", directory, i);
        FILE *file = fopen(path, "w");
        size_t size = i < SIZES ? i : sizeof bytes;
        if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) fail_msg("%s", path);
    }
    snprintf(path, sizeof path, "sha256sum %s/*", directory);
    FILE *said = popen(path, "r");
    assert_non_null(said);
    while (fgets(line, sizeof line, said)) {
        hash(bytes, lines < SIZES ? lines : sizeof bytes, 1 + lines % 70, text);
        if (strncmp(line, text, strlen(text)) != 0) fail_msg("%zu bytes: %s, not %s", lines, text, line);
        lines++;
    }
    assert_int_equal(pclose(said), 0);
    assert_int_equal(lines, SIZES + 1);
    for (size_t i = 0; i <= SIZES; i++) {
        snprintf(path, sizeof path, "%s/%03zu", directory, i);
        unlink(path);
    }
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_published_examples_come_out),
                                        cmocka_unit_test(a_million_times_a),
                                        cmocka_unit_test(sha256sum_says_the_same) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
