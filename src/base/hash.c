/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdalign.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 65536 };

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(stroma_hasher), "state fits");
_Static_assert(alignof(crypto_hash_sha256_state) <= alignof(stroma_hasher), "state is aligned");

void stroma_hasher_init(stroma_hasher *h)
{
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    memcpy(h->state, &state, sizeof state);
}

void stroma_hasher_add(stroma_hasher *h, const void *data, size_t n)
{
    if (n == 0) return;
    crypto_hash_sha256_state state;
    memcpy(&state, h->state, sizeof state);
    (void)crypto_hash_sha256_update(&state, data, n);
    memcpy(h->state, &state, sizeof state);
}

void stroma_hasher_end(stroma_hasher *h, stroma_hash *out)
{
    crypto_hash_sha256_state state;
    memcpy(&state, h->state, sizeof state);
    (void)crypto_hash_sha256_final(&state, out->bytes);
}

void stroma_hash_bytes(const void *data, size_t n, stroma_hash *out)
{
    stroma_hasher h;
    stroma_hasher_init(&h);
    stroma_hasher_add(&h, data, n);
    stroma_hasher_end(&h, out);
}

static stroma_status io_error(stroma_error *err, const char *doing)
{
    char text[128];
    return stroma_fail(err, STROMA_E_IO, "could not %s: %s", doing,
                       strerror_r(errno, text, sizeof text));
}

static stroma_status hash_fd(int fd, stroma_hash *out, uint64_t *size, stroma_error *err)
{
    unsigned char piece[READ_BYTES];
    stroma_hasher h;
    stroma_hasher_init(&h);
    uint64_t total = 0;
    for (;;) {
        const ssize_t got = read(fd, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_error(err, "read");
        if (got == 0) break;
        stroma_hasher_add(&h, piece, (size_t)got);
        total += (uint64_t)got;
    }
    stroma_hasher_end(&h, out);
    if (size != NULL) *size = total;
    return STROMA_OK;
}

stroma_status stroma_hash_file(const char *path, stroma_hash *out, uint64_t *size,
                               stroma_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return stroma_in(err, io_error(err, "open"), "file \"%s\"", path);
    const stroma_status s = hash_fd(fd, out, size, err);
    (void)close(fd);
    return stroma_in(err, s, "file \"%s\"", path);
}

const char *stroma_hash_format(const stroma_hash *h, char *out)
{
    return sodium_bin2hex(out, STROMA_HASH_TEXT_MAX, h->bytes, sizeof h->bytes);
}

static int nibble(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool stroma_hash_parse(const char *s, size_t n, stroma_hash *out)
{
    if (n != (size_t)STROMA_HASH_BYTES * 2) return false;
    stroma_hash h;
    for (size_t i = 0; i < STROMA_HASH_BYTES; i++) {
        const int high = nibble(s[2 * i]), low = nibble(s[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        h.bytes[i] = (unsigned char)(high * 16 + low);
    }
    *out = h;
    return true;
}

bool stroma_hash_equal(const stroma_hash *a, const stroma_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
