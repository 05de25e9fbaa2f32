/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file written in pieces, that appears whole or not at all. */
#include "stroma/file.h"
#include "stroma/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct stroma_file_stream {
    int fd;
    char *path;
    char *temporary; /* NULL: a device or pipe, written in place */
};

static stroma_status io_error(const stroma_file_stream *f, stroma_error *err, const char *doing)
{
    char text[128];
    const stroma_status s = stroma_fail(err, STROMA_E_IO, "could not %s: %s", doing,
                                        strerror_r(errno, text, sizeof text));
    return stroma_in(err, s, "file \"%s\"", f->path);
}

static void stream_free(stroma_file_stream *f)
{
    if (f->fd >= 0) (void)close(f->fd);
    stroma_free(f->path);
    stroma_free(f->temporary);
    stroma_free(f);
}

static stroma_status open_it(stroma_file_stream *f, const char *path, bool overwrite,
                             stroma_error *err)
{
    struct stat st;
    f->path = stroma_strdup(path);
    if (f->path == NULL) return stroma_no_memory(err);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        f->fd = open(path, O_WRONLY | O_CLOEXEC);
        return f->fd < 0 ? io_error(f, err, "open") : STROMA_OK;
    }
    if (!overwrite && stroma_path_exists(path)) {
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "file \"%s\" exists", path);
        stroma_hint(err, "give another name, or --force to replace it");
        return s;
    }
    f->temporary = stroma_asprintf("%s.tmp-XXXXXX", path);
    if (f->temporary == NULL) return stroma_no_memory(err);
    f->fd = mkstemp(f->temporary); /* made with mode 0600 */
    if (f->fd >= 0) return STROMA_OK;
    stroma_free(f->temporary);
    f->temporary = NULL;
    return io_error(f, err, "create a file beside it");
}

stroma_status stroma_file_stream_open(const char *path, bool overwrite, stroma_file_stream **out,
                                      stroma_error *err)
{
    *out = NULL;
    stroma_file_stream *f = stroma_alloc_array(1, sizeof *f);
    if (f == NULL) return stroma_no_memory(err);
    f->fd = -1;
    const stroma_status s = open_it(f, path, overwrite, err);
    if (s == STROMA_OK)
        *out = f;
    else
        stream_free(f);
    return s;
}

stroma_status stroma_file_stream_write(stroma_file_stream *f, const void *data, size_t size,
                                       stroma_error *err)
{
    const unsigned char *p = data;
    for (size_t done = 0; done < size;) {
        const ssize_t n = write(f->fd, p + done, size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return io_error(f, err, "write");
        done += (size_t)n;
    }
    return STROMA_OK;
}

stroma_status stroma_file_stream_close(stroma_file_stream *f, stroma_status so_far,
                                       stroma_error *err)
{
    if (f == NULL) return so_far;
    stroma_status s = so_far;
    if (s == STROMA_OK && fsync(f->fd) != 0 && errno != EINVAL && errno != EROFS)
        s = io_error(f, err, "write");
    const int closed = close(f->fd);
    f->fd = -1;
    if (closed != 0 && s == STROMA_OK) s = io_error(f, err, "write");
    if (f->temporary != NULL) {
        if (s == STROMA_OK && rename(f->temporary, f->path) != 0) s = io_error(f, err, "rename");
        if (s != STROMA_OK) (void)unlink(f->temporary);
    }
    stream_free(f);
    return s;
}
