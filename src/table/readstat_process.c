/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "readstat_process.h"

#include "readstat_helper/stream.h"
#include "stroma_config.h"

#include "stroma/file.h"
#include "stroma/interrupt.h"
#include "stroma/number.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_S = 300, POLL_MS = 200, PIECE_BYTES = 1 << 18, PATH_BYTES = 4096 };

static const char helper_name[] = "stroma-readstat";

/* Beside the running program, in the build folder or in an installed tree; then where it was
 * installed. */
static const char *find_beside(char path[PATH_BYTES])
{
    static const char *const places[] = { "", "../table/readstat_helper/",
                                          "../../src/table/readstat_helper/",
                                          "../libexec/stroma/" };
    char self[PATH_BYTES];
    const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        char *slash = strrchr(self, '/');
        if (slash != NULL) slash[1] = '\0';
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            const int k = snprintf(path, PATH_BYTES, "%s%s%s", self, places[i], helper_name);
            if (k > 0 && k < PATH_BYTES && access(path, X_OK) == 0) return path;
        }
    }
    (void)snprintf(path, PATH_BYTES, "%s/stroma/%s", STROMA_LIBEXECDIR, helper_name);
    return access(path, X_OK) == 0 ? path : NULL;
}

static stroma_status find_helper(const char *asked, char path[PATH_BYTES], const char **out,
                                 stroma_error *err)
{
    *out = asked != NULL ? asked : getenv("STROMA_READSTAT_HELPER");
    if (*out != NULL && (*out)[0] != '\0') {
        if (access(*out, X_OK) == 0) return STROMA_OK;
        return stroma_fail(err, STROMA_E_IO, "the helper program \"%s\" cannot be run", *out);
    }
    *out = find_beside(path);
    if (*out != NULL) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_IO,
                      "the program %s, which reads SAS, SPSS and Stata files, is not there",
                      helper_name);
    stroma_hint(err, "install stroma completely, or set STROMA_READSTAT_HELPER to its path");
    return STROMA_E_IO;
}

static stroma_status io_error(stroma_error *err, const char *what)
{
    char text[128];
    const int e = errno;
    return stroma_fail(err, STROMA_E_IO, "%s: %s", what, strerror_r(e, text, sizeof text));
}

/* A descriptor of the file, above those that the helper gets. */
static stroma_status open_input(const stroma_reader_input *in, int *out, stroma_error *err)
{
    int fd = in->path != NULL ? open(in->path, O_RDONLY | O_CLOEXEC)
                              : memfd_create("stroma-input", MFD_CLOEXEC);
    if (fd < 0) return io_error(err, "could not open the file");
    for (size_t done = 0; in->path == NULL && done < in->size;) {
        const ssize_t n = write(fd, in->data + done, in->size - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            (void)close(fd);
            return io_error(err, "could not hand the data to the helper program");
        }
        done += (size_t)n;
    }
    *out = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    (void)close(fd);
    return *out < 0 ? io_error(err, "could not open the file") : STROMA_OK;
}

static int spawn(const char *helper, const char *format, int file, int pipe_end, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none, all;
    char name[] = "stroma-readstat", arg[16];
    (void)snprintf(arg, sizeof arg, "%s", format);
    char *argv[] = { name, arg, NULL }, *envp[] = { NULL };
    int e = posix_spawn_file_actions_init(&actions);
    if (e != 0) return e;
    e = posix_spawnattr_init(&attr);
    if (e == 0) {
        (void)sigemptyset(&none);
        (void)sigfillset(&all);
        e = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (e == 0) e = posix_spawn_file_actions_adddup2(&actions, pipe_end, STDOUT_FILENO);
        if (e == 0)
            e = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        if (e == 0) e = posix_spawn_file_actions_adddup2(&actions, file, RS_FILE_FD);
        if (e == 0) e = posix_spawn_file_actions_addclosefrom_np(&actions, RS_FILE_FD + 1);
        if (e == 0) e = posix_spawnattr_setsigmask(&attr, &none);
        if (e == 0) e = posix_spawnattr_setsigdefault(&attr, &all);
        if (e == 0)
            e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        if (e == 0) e = posix_spawn(pid, helper, &actions, &attr, argv, envp);
        (void)posix_spawnattr_destroy(&attr);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return e;
}

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int timeout_s(void)
{
    const char *s = getenv("STROMA_READSTAT_TIMEOUT_S");
    int64_t x = 0;
    if (s != NULL && stroma_parse_int(s, strlen(s), &x) && x > 0 && x < 86400) return (int)x;
    return TIMEOUT_S;
}

/* Everything that comes through the pipe, until its end. */
static stroma_status drain(int fd, rs_stream *s, stroma_error *err)
{
    const int limit = timeout_s();
    const double until = now_s() + limit;
    unsigned char *piece = stroma_alloc_array(PIECE_BYTES, 1);
    if (piece == NULL) return stroma_no_memory(err);
    stroma_status st = STROMA_OK;
    for (;;) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        const int ready = poll(&p, 1, POLL_MS);
        st = stroma_interrupt_check(err);
        if (st == STROMA_OK && now_s() > until) {
            st =
                stroma_fail(err, STROMA_E_IO, "reading took more than %d s and was stopped", limit);
            stroma_hint(err, "STROMA_READSTAT_TIMEOUT_S sets another limit");
        }
        if (st != STROMA_OK) break;
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        const ssize_t n = read(fd, piece, PIECE_BYTES);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) st = io_error(err, "could not read from the helper program");
        if (n > 0) st = rs_stream_feed(s, piece, (size_t)n, err);
        if (n <= 0 || st != STROMA_OK) break;
    }
    stroma_free(piece);
    return st;
}

static stroma_status died(int status, stroma_error *err)
{
    if (WIFSIGNALED(status)) {
        const int sig = WTERMSIG(status);
        const char *name = sigdescr_np(sig);
        (void)stroma_fail(err, STROMA_E_MALFORMED,
                          "the helper program was killed by signal %d (%s) while reading", sig,
                          name == NULL ? "unknown" : name);
        stroma_hint(err, sig == SIGXCPU || sig == SIGKILL
                             ? "the file needs more time or memory than a reader may take"
                             : "the file is damaged, or crafted to attack its reader");
        return STROMA_E_MALFORMED;
    }
    return stroma_fail(err, STROMA_E_MALFORMED, "the helper program ended with status %d",
                       WEXITSTATUS(status));
}

static stroma_status reap(pid_t pid, bool kill_it, stroma_status so_far, stroma_error *err)
{
    int status = 0;
    pid_t r;
    if (kill_it) (void)kill(pid, SIGKILL);
    do {
        r = waitpid(pid, &status, 0);
    } while (r < 0 && errno == EINTR);
    /* r < 0: the program ignores SIGCHLD, and the end of the stream has to tell */
    if (so_far != STROMA_OK || r < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return so_far;
    return died(status, err);
}

stroma_status rs_process_run(const stroma_reader_input *in, const char *format, const char *asked,
                             rs_stream *s, stroma_error *err)
{
    char path[PATH_BYTES];
    const char *helper = NULL;
    int file = -1, ends[2] = { -1, -1 };
    STROMA_TRY(find_helper(asked, path, &helper, err));
    STROMA_TRY(open_input(in, &file, err));
    stroma_status st = STROMA_OK;
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        st = io_error(err, "could not make a pipe");
    } else {
        const int high = fcntl(ends[1], F_DUPFD_CLOEXEC, 10);
        (void)close(ends[1]);
        errno = high < 0 ? errno : spawn(helper, format, file, high, &pid);
        if (errno != 0) st = io_error(err, "could not start the helper program");
        if (high >= 0) (void)close(high);
    }
    (void)close(file);
    if (st == STROMA_OK) {
        st = drain(ends[0], s, err);
        st = reap(pid, st != STROMA_OK, st, err);
    }
    if (ends[0] >= 0) (void)close(ends[0]);
    return st;
}
