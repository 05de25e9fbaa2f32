/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fcs_inputs.h"

#include "stroma/file.h"
#include "stroma/memory.h"
#include "stroma/parallel.h"
#include "stroma/sort.h"

#include <dirent.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { FOLDER_DEPTH_MAX = 64, BATCH_FILES = 64 };

static stroma_status add(fcs_inputs *in, char *path, stroma_error *err)
{
    stroma_status s = path == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK)
        s = stroma_grow(&in->paths, &in->capacity, in->len + 1, sizeof *in->paths, err);
    if (s != STROMA_OK)
        stroma_free(path);
    else
        in->paths[in->len++] = path;
    return s;
}

static bool ends_as_fcs(const char *name)
{
    const size_t n = strlen(name);
    return n > 4 &&
           (strcasecmp(name + n - 4, ".fcs") == 0 || strcasecmp(name + n - 4, ".lmd") == 0);
}

bool fcs_inputs_begins(const char *path)
{
    char head[6] = { 0 };
    FILE *f = fopen(path, "rb"); // ci-allow: six bytes, not the file
    if (f == NULL) return false;
    const size_t n = fread(head, 1, sizeof head, f);
    (void)fclose(f);
    return n == sizeof head && memcmp(head, "FCS", 3) == 0 && head[4] == '.';
}

static stroma_status walk(fcs_inputs *in, const char *dir, int depth, // NOLINT(misc-no-recursion)
                          stroma_error *err);

static stroma_status walk_entry(fcs_inputs *in, char *path,
                                const char *name, // NOLINT(misc-no-recursion)
                                int depth, stroma_error *err)
{
    struct stat st;
    if (path == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    const bool there = lstat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        s = walk(in, path, depth + 1, err);
    else if (there && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
             (ends_as_fcs(name) || fcs_inputs_begins(path)))
        return add(in, path, err);
    stroma_free(path);
    return s;
}

static stroma_status walk(fcs_inputs *in, const char *dir, int depth, // NOLINT(misc-no-recursion)
                          stroma_error *err)
{
    if (depth > FOLDER_DEPTH_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "folder \"%s\" is nested too deep", dir);
    DIR *d = opendir(dir);
    if (d == NULL) return stroma_fail(err, STROMA_E_IO, "could not open folder \"%s\"", dir);
    stroma_status s = STROMA_OK;
    for (struct dirent *e; s == STROMA_OK && (e = readdir(d)) != NULL;)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            s = walk_entry(in, stroma_path_join(dir, e->d_name), e->d_name, depth, err);
    (void)closedir(d);
    return s;
}

static int by_path(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static stroma_status find_folder(fcs_inputs *in, const char *dir, stroma_error *err)
{
    const size_t before = in->len;
    STROMA_TRY(walk(in, dir, 0, err));
    if (in->len == before) {
        const stroma_status s =
            stroma_fail(err, STROMA_E_USAGE, "folder \"%s\" holds no FCS file", dir);
        stroma_hint(err, "files are taken that end in .fcs or .lmd, or begin with FCS");
        return s;
    }
    return stroma_sort(in->paths + before, in->len - before, sizeof *in->paths, by_path, NULL, err);
}

stroma_status fcs_inputs_find(const char *const *args, size_t n, fcs_inputs *out, stroma_error *err)
{
    *out = (fcs_inputs){ 0 };
    for (size_t i = 0; i < n; i++) {
        const stroma_status s = stroma_path_is_directory(args[i])
                                    ? find_folder(out, args[i], err)
                                    : add(out, stroma_strdup(args[i]), err);
        if (s == STROMA_OK) continue;
        fcs_inputs_clear(out);
        return s;
    }
    return STROMA_OK;
}

void fcs_inputs_clear(fcs_inputs *in)
{
    for (size_t i = 0; i < in->len; i++)
        stroma_free(in->paths[i]);
    stroma_free(in->paths);
    *in = (fcs_inputs){ 0 };
}

typedef struct batch {
    const cli_context *c;
    const fcs_task *t;
    fcs_result *results;
    size_t failed;         /* files so far that could not be read */
    stroma_status highest; /* of all files */
} batch;

static stroma_status do_files(size_t begin, size_t end, int worker, void *context,
                              stroma_error *err)
{
    const batch *b = context;
    (void)worker;
    (void)err; /* what is wrong with one file is kept beside it */
    for (size_t i = begin; i < end; i++)
        b->results[i].status = b->t->work(b->t, &b->results[i]);
    return STROMA_OK;
}

/* @p alone: the error of the only input is that of the command. */
static stroma_status emit_one(batch *b, fcs_result *r, bool alone, stroma_error *err)
{
    if (r->status == STROMA_OK) STROMA_TRY(b->t->emit(b->t, r, err));
    cli_print_findings(b->c, &r->diag);
    if (r->status == STROMA_OK) {
        r->status = cli_findings_status(b->c, &r->diag);
    } else {
        b->failed++;
        if (!alone) cli_print_error(b->c, &r->err);
        if (alone && err != NULL) *err = r->err;
    }
    if (r->status > b->highest) b->highest = r->status;
    return STROMA_OK;
}

static stroma_status run_batch(batch *b, char *const *paths, size_t n, bool alone,
                               stroma_error *err)
{
    for (size_t i = 0; i < n; i++) {
        b->results[i] = (fcs_result){ .path = paths[i], .err = STROMA_ERROR_INIT };
        stroma_diag_init(&b->results[i].diag);
    }
    stroma_status s = stroma_parallel_for(n, cli_threads(b->c), 1, do_files, b, err);
    for (size_t i = 0; i < n; i++) {
        if (s == STROMA_OK) s = emit_one(b, &b->results[i], alone, err);
        b->t->release(b->results[i].data);
        stroma_diag_clear(&b->results[i].diag);
    }
    return s;
}

stroma_status fcs_inputs_run(const cli_context *c, const fcs_inputs *in, const fcs_task *t,
                             stroma_error *err)
{
    batch b = { .c = c, .t = t };
    stroma_status s = STROMA_OK;
    b.results = stroma_alloc_array(BATCH_FILES, sizeof *b.results);
    if (b.results == NULL) return stroma_no_memory(err);
    for (size_t at = 0; at < in->len && s == STROMA_OK; at += BATCH_FILES) {
        const size_t n = in->len - at < BATCH_FILES ? in->len - at : BATCH_FILES;
        stroma_progress_report(cli_progress(c), t->what, at, in->len);
        s = run_batch(&b, in->paths + at, n, in->len == 1, err);
    }
    stroma_free(b.results);
    if (s != STROMA_OK) return s;
    if (b.failed > 0 && in->len > 1)
        return stroma_fail(err, b.highest, "%zu of %zu files could not be read", b.failed, in->len);
    return b.highest;
}
