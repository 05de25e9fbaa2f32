/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures drawn by Node, for readers without JavaScript. One process draws them all: the job goes
 * in on standard input, the pictures come back on standard output. */
#include "assets.h"
#include "content.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { SVG_LIMIT_BYTES = 512 << 20, READ_BYTES = 1 << 16, TIMEOUT_MS = 120000 };

typedef struct child {
    pid_t pid;
    int in, out, err; /* our ends; -1 = closed */
} child;

static void close_fd(int *fd)
{
    if (*fd >= 0) (void)close(*fd);
    *fd = -1;
}

static stroma_status no_node(const char *node, int code, stroma_error *err)
{
    char why[128] = "";
    (void)strerror_r(code, why, sizeof why);
    stroma_fail(err, STROMA_E_IO, "cannot start \"%s\", which draws static figures (error %d)",
                node, code);
    stroma_hint(err,
                "install Node 18 or newer (Debian: apt install nodejs), or leave out --static-svg");
    return STROMA_E_IO;
}

static stroma_status start(const char *node, child *c, stroma_error *err)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, errs[2] = { -1, -1 };
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(errs, O_CLOEXEC) != 0) {
        for (int i = 0; i < 2; i++) {
            close_fd(&in[i]);
            close_fd(&out[i]);
            close_fd(&errs[i]);
        }
        return stroma_fail(err, STROMA_E_IO, "cannot make a pipe to \"%s\"", node);
    }
    char *script = stroma_strndup((const char *)report_asset_static.data, report_asset_static.size);
    char *name = stroma_strdup(node), *flag = stroma_strdup("-e");
    posix_spawn_file_actions_t actions;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    (void)posix_spawn_file_actions_adddup2(&actions, errs[1], 2);
    char *argv[] = { name, flag, script, NULL };
    int code = ENOMEM;
    if (script != NULL && name != NULL && flag != NULL)
        code = posix_spawnp(&c->pid, node, &actions, NULL, argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    stroma_free(script);
    stroma_free(name);
    stroma_free(flag);
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&errs[1]);
    c->in = in[1];
    c->out = out[0];
    c->err = errs[0];
    if (code == 0) return STROMA_OK;
    close_fd(&c->in);
    close_fd(&c->out);
    close_fd(&c->err);
    return no_node(node, code, err);
}

static void drain(int *fd, stroma_buffer *to)
{
    char bytes[READ_BYTES];
    const ssize_t n = read(*fd, bytes, sizeof bytes);
    if (n > 0)
        stroma_buffer_append(to, bytes, (size_t)n);
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        close_fd(fd);
}

static void feed(child *c, const stroma_buffer *job, size_t *sent)
{
    const ssize_t n = write(c->in, job->data + *sent, job->len - *sent);
    if (n > 0) *sent += (size_t)n;
    if (*sent == job->len || (n < 0 && errno != EINTR && errno != EAGAIN)) close_fd(&c->in);
}

/* Write the job and read the answers at the same time, so that no full pipe can block both sides.
 * The caller has SIGPIPE blocked or ignored. */
static stroma_status talk(child *c, const stroma_buffer *job, stroma_buffer *answer,
                          stroma_buffer *complaint, stroma_error *err)
{
    size_t sent = 0;
    (void)fcntl(c->in, F_SETFL, O_NONBLOCK);
    while (c->in >= 0 || c->out >= 0 || c->err >= 0) {
        struct pollfd p[] = { { .fd = c->in, .events = POLLOUT },
                              { .fd = c->out, .events = POLLIN },
                              { .fd = c->err, .events = POLLIN } };
        const int ready = poll(p, 3, TIMEOUT_MS);
        if (ready < 0 && errno == EINTR) continue;
        if (ready <= 0) {
            (void)kill(c->pid, SIGKILL);
            return stroma_fail(err, STROMA_E_IO, "drawing static figures took longer than %d s",
                               TIMEOUT_MS / 1000);
        }
        if (c->in >= 0 && p[0].revents != 0) feed(c, job, &sent);
        if (c->out >= 0 && p[1].revents != 0) drain(&c->out, answer);
        if (c->err >= 0 && p[2].revents != 0) drain(&c->err, complaint);
    }
    return STROMA_OK;
}

static stroma_status run_node(const char *node, const stroma_buffer *job, stroma_buffer *answer,
                              stroma_error *err)
{
    child c = { 0, -1, -1, -1 };
    stroma_buffer complaint;
    stroma_buffer_init(&complaint, SVG_LIMIT_BYTES);
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    (void)sigaction(SIGPIPE, &ignore, &before);
    stroma_status s = start(node, &c, err);
    if (s == STROMA_OK) {
        s = talk(&c, job, answer, &complaint, err);
        close_fd(&c.in);
        close_fd(&c.out);
        close_fd(&c.err);
        int status = 0;
        while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (s == STROMA_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 0)) {
            if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
                s = no_node(node, ENOENT, err);
            } else {
                s = stroma_fail(err, STROMA_E_IO, "\"%s\" could not draw the figures: %.300s", node,
                                complaint.data == NULL ? "it gave no reason" : complaint.data);
                stroma_hint(err, "Node 18 or newer is needed");
            }
        }
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    stroma_buffer_clear(&complaint);
    return s;
}

static void write_job(const report_content *c, stroma_buffer *job)
{
    stroma_json j;
    stroma_json_init(&j, job, 0);
    stroma_json_begin_object(&j);
    stroma_json_key(&j, "scripts");
    stroma_json_begin_array(&j);
    stroma_json_string(&j, (const char *)report_asset_vega.data);
    stroma_json_string(&j, (const char *)report_asset_theme.data);
    stroma_json_end_array(&j);
    stroma_json_key(&j, "figures");
    stroma_json_begin_object(&j);
    for (size_t i = 0; i < c->n_entries; i++) {
        if (!c->entries[i].is_figure) continue;
        stroma_json_key(&j, c->entries[i].id);
        stroma_json_raw(&j, c->entries[i].json.data);
    }
    stroma_json_end_object(&j);
    stroma_json_end_object(&j);
}

static stroma_status take_answer(report_db *db, report_content *c, const stroma_buffer *answer,
                                 stroma_error *err)
{
    json_t *all = json_loadb(answer->data == NULL ? "" : answer->data, answer->len, 0, NULL);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < c->n_entries && s == STROMA_OK; i++) {
        report_entry *e = &c->entries[i];
        if (!e->is_figure) continue;
        const char *svg = json_string_value(json_object_get(all, e->id));
        if (svg == NULL)
            s = stroma_fail(err, STROMA_E_IO, "figure \"%s\" was not drawn", e->item.item_id);
        else if ((e->svg = stroma_arena_strdup(&db->arena, svg)) == NULL)
            s = stroma_no_memory(err);
    }
    json_decref(all);
    return s;
}

stroma_status report_static_svg(report_db *db, report_content *c, const char *node,
                                stroma_error *err)
{
    if (c->n_figures == 0) return STROMA_OK;
    stroma_buffer job, answer;
    stroma_buffer_init(&job, SVG_LIMIT_BYTES);
    stroma_buffer_init(&answer, SVG_LIMIT_BYTES);
    write_job(c, &job);
    stroma_status s = stroma_buffer_status(&job, err);
    if (s == STROMA_OK) s = run_node(node == NULL ? "node" : node, &job, &answer, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&answer, err);
    if (s == STROMA_OK) s = take_answer(db, c, &answer, err);
    stroma_buffer_clear(&job);
    stroma_buffer_clear(&answer);
    return stroma_in(err, s, "static figures");
}
