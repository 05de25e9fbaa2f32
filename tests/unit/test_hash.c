/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma_test.h"

#include "stroma/hash.h"

#include <string.h>

/* FIPS 180-4 examples (NIST CSRC, SHA256.pdf and the short-message vectors). */
static const struct {
    const char *text, *hex;
} cases[] = {
    { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void published_examples(void **state)
{
    (void)state;
    char text[STROMA_HASH_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stroma_hash h, parsed;
        stroma_hash_bytes(cases[i].text, strlen(cases[i].text), &h);
        assert_string_equal(stroma_hash_format(&h, text), cases[i].hex);
        assert_true(stroma_hash_parse(cases[i].hex, 64, &parsed));
        assert_true(stroma_hash_equal(&h, &parsed));
    }
}

static void a_million_in_pieces(void **state)
{
    (void)state;
    char piece[997], text[STROMA_HASH_TEXT_MAX];
    memset(piece, 'a', sizeof piece);
    stroma_hasher hasher;
    stroma_hash h;
    stroma_hasher_init(&hasher);
    for (size_t left = 1000000; left > 0;) {
        const size_t n = left < sizeof piece ? left : sizeof piece;
        stroma_hasher_add(&hasher, piece, n);
        left -= n;
    }
    stroma_hasher_end(&hasher, &h);
    assert_string_equal(stroma_hash_format(&h, text),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void files(void **state)
{
    (void)state;
    char path[] = "/tmp/stroma-hash-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_int_equal(close(fd), 0);
    stroma_hash h, want;
    uint64_t size = 0;
    stroma_error err = STROMA_ERROR_INIT;
    assert_int_equal(stroma_hash_file(path, &h, &size, &err), STROMA_OK);
    assert_true(stroma_hash_parse(cases[1].hex, 64, &want));
    assert_true(stroma_hash_equal(&h, &want));
    assert_true(size == 3);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(stroma_hash_file(path, &h, NULL, &err), STROMA_E_IO);
    assert_string_equal(err.message, "could not open: No such file or directory");
    assert_int_equal(stroma_hash_file("/", &h, NULL, &err), STROMA_E_IO);
}

static void wrong_texts(void **state)
{
    (void)state;
    stroma_hash h;
    assert_false(stroma_hash_parse(cases[1].hex, 63, &h));
    char text[65];
    memcpy(text, cases[1].hex, 65);
    text[10] = 'g';
    assert_false(stroma_hash_parse(text, 64, &h));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(published_examples),
                                        cmocka_unit_test(a_million_in_pieces),
                                        cmocka_unit_test(files), cmocka_unit_test(wrong_texts) };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
