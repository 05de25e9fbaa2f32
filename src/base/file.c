/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/file.h"

#include "stroma/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static stroma_status too_large(stroma_error *err, size_t limit_bytes)
{
    return stroma_fail(err, STROMA_E_USAGE, "the file is larger than the limit of %zu bytes",
                       limit_bytes);
}

static stroma_status io_error(stroma_error *err, const char *doing)
{
    char text[128];
    return stroma_fail(err, STROMA_E_IO, "could not %s: %s", doing,
                       strerror_r(errno, text, sizeof text));
}

/* Pipes and other things without a size: read until the end. */
static stroma_status read_stream(int fd, size_t limit_bytes, stroma_bytes *out, stroma_error *err)
{
    unsigned char *data = NULL;
    size_t size = 0, capacity = 0;
    for (;;) {
        stroma_status s = stroma_grow(&data, &capacity, size + 65536, 1, err);
        ssize_t got = 0;
        if (s == STROMA_OK) {
            got = read(fd, data + size, capacity - size);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) s = io_error(err, "read");
        }
        if (s == STROMA_OK && limit_bytes != 0 && size + (size_t)got > limit_bytes)
            s = too_large(err, limit_bytes);
        if (s != STROMA_OK) {
            free(data);
            return s;
        }
        if (got == 0) break;
        size += (size_t)got;
    }
    *out = (stroma_bytes){ .data = data, .size = size };
    return STROMA_OK;
}

static stroma_status read_fd(int fd, size_t limit_bytes, stroma_bytes *out, stroma_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0) return io_error(err, "inspect");
    if (S_ISDIR(st.st_mode)) return stroma_fail(err, STROMA_E_IO, "this is a folder, not a file");
    if (!S_ISREG(st.st_mode)) return read_stream(fd, limit_bytes, out, err);
    const size_t size = (size_t)st.st_size;
    if (limit_bytes != 0 && size > limit_bytes) return too_large(err, limit_bytes);
    if (size == 0) return STROMA_OK;
    void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED) return read_stream(fd, limit_bytes, out, err);
    *out = (stroma_bytes){ .data = p, .size = size, .mapped = true };
    return STROMA_OK;
}

stroma_status stroma_bytes_read(const char *path, size_t limit_bytes, stroma_bytes *out,
                                stroma_error *err)
{
    *out = (stroma_bytes){ 0 };
    if (strcmp(path, "-") == 0)
        return stroma_in(err, read_stream(STDIN_FILENO, limit_bytes, out, err), "standard input");
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return stroma_in(err, io_error(err, "open"), "file \"%s\"", path);
    const stroma_status s = read_fd(fd, limit_bytes, out, err);
    (void)close(fd);
    return stroma_in(err, s, "file \"%s\"", path);
}

void stroma_bytes_clear(stroma_bytes *b)
{
    if (b->mapped)
        (void)munmap((void *)(uintptr_t)b->data, b->size);
    else
        free((void *)(uintptr_t)b->data);
    *b = (stroma_bytes){ 0 };
}

static stroma_status write_all(int fd, const unsigned char *data, size_t size, stroma_error *err)
{
    for (size_t done = 0; done < size;) {
        const ssize_t n = write(fd, data + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(err, "write");
        done += (size_t)n;
    }
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS) return io_error(err, "write");
    return STROMA_OK;
}

static stroma_status write_and_rename(const char *path, char *temporary, const void *data,
                                      size_t size, stroma_error *err)
{
    const int fd = mkstemp(temporary); /* made with mode 0600 */
    if (fd < 0) return io_error(err, "create a file beside it");
    stroma_status s = write_all(fd, data, size, err);
    if (close(fd) != 0 && s == STROMA_OK) s = io_error(err, "write");
    if (s == STROMA_OK && rename(temporary, path) != 0) s = io_error(err, "rename");
    if (s != STROMA_OK) (void)unlink(temporary);
    return s;
}

stroma_status stroma_file_write(const char *path, const void *data, size_t size, bool overwrite,
                                stroma_error *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        /* a device or pipe, as /dev/full or /dev/stdout: written in place */
        const int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) return stroma_in(err, io_error(err, "open"), "file \"%s\"", path);
        stroma_status s = write_all(fd, data, size, err);
        if (close(fd) != 0 && s == STROMA_OK) s = io_error(err, "write");
        return stroma_in(err, s, "file \"%s\"", path);
    }
    if (!overwrite && stroma_path_exists(path)) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "file \"%s\" exists", path);
        stroma_hint(err, "give another name, or --force to replace it");
        return s;
    }
    char *temporary = stroma_asprintf("%s.tmp-XXXXXX", path);
    if (temporary == NULL) return stroma_no_memory(err);
    const stroma_status s = write_and_rename(path, temporary, data, size, err);
    free(temporary);
    return stroma_in(err, s, "file \"%s\"", path);
}

bool stroma_path_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool stroma_path_is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

stroma_status stroma_make_directory(const char *path, stroma_error *err)
{
    char *copy = stroma_strdup(path);
    if (copy == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (char *p = copy + 1; s == STROMA_OK; p++) {
        if (*p != '/' && *p != '\0') continue;
        const char kept = *p;
        *p = '\0';
        if (mkdir(copy, 0700) != 0 && !stroma_path_is_directory(copy)) s = io_error(err, "make");
        *p = kept;
        if (kept == '\0') break;
    }
    free(copy);
    return stroma_in(err, s, "folder \"%s\"", path);
}

char *stroma_path_beside(const char *base_file, const char *name)
{
    const char *slash = strrchr(base_file, '/');
    if (slash == NULL || name[0] == '/') return stroma_strdup(name);
    return stroma_asprintf("%.*s/%s", (int)(slash - base_file), base_file, name);
}

char *stroma_path_join(const char *dir, const char *name)
{
    const size_t n = strlen(dir);
    return stroma_asprintf(n > 0 && dir[n - 1] == '/' ? "%s%s" : "%s/%s", dir, name);
}
