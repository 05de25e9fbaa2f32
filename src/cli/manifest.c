/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manifest.json: what went in, what came out, with hashes. */
#include "output_folder.h"

#include "stroma/file.h"
#include "stroma/hash.h"
#include "stroma/json.h"
#include "stroma/sort.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char manifest_name[] = "manifest.json";
enum { MANIFEST_MAX_BYTES = 64 << 20, FOLDER_DEPTH_MAX = 8 };

void manifest_clear(manifest *m)
{
    for (size_t i = 0; i < m->inputs_len; i++)
        stroma_free(m->inputs[i].path);
    for (size_t i = 0; i < m->outputs_len; i++)
        stroma_free(m->outputs[i].path);
    stroma_free(m->inputs);
    stroma_free(m->outputs);
    stroma_free(m->version);
    stroma_free(m->program_sha256);
    stroma_free(m->study_file);
    stroma_free(m->options);
    stroma_free(m->run_in);
    *m = (manifest){ 0 };
}

static stroma_status add_hashed(manifest_file **files, size_t *len, size_t *capacity,
                                const char *open_path, const char *path, stroma_error *err)
{
    STROMA_TRY(stroma_grow(files, capacity, *len + 1, sizeof **files, err));
    manifest_file *f = &(*files)[*len];
    *f = (manifest_file){ .path = stroma_strdup(path) };
    if (f->path == NULL) return stroma_no_memory(err);
    ++*len;
    stroma_hash h;
    uint64_t size = 0;
    STROMA_TRY(stroma_hash_file(open_path, &h, &size, err));
    f->n_bytes = (int64_t)size;
    (void)stroma_hash_format(&h, f->sha256);
    return STROMA_OK;
}

char *manifest_program(void)
{
    stroma_hash h;
    char text[STROMA_HASH_TEXT_MAX] = "";
    if (stroma_hash_file("/proc/self/exe", &h, NULL, NULL) == STROMA_OK)
        (void)stroma_hash_format(&h, text);
    return stroma_strdup(text);
}

char *manifest_folder(void)
{
    char *here = realpath(".", NULL);
    char *copy = stroma_strdup(here == NULL ? "" : here);
    free(here); // ci-allow: realpath allocates it
    return copy;
}

stroma_status manifest_add_input(manifest *m, const char *path, const char *pseudonym,
                                 stroma_error *err)
{
    STROMA_TRY(add_hashed(&m->inputs, &m->inputs_len, &m->inputs_capacity, path,
                          pseudonym != NULL ? pseudonym : path, err));
    m->inputs[m->inputs_len - 1].renamed = pseudonym != NULL;
    return STROMA_OK;
}

size_t manifest_renamed(const manifest *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->inputs_len; i++)
        n += m->inputs[i].renamed;
    return n;
}

/* ---- folders ---- */

static stroma_status walk(const char *dir, const char *prefix, int depth,
                          manifest *m, // NOLINT(misc-no-recursion)
                          stroma_error *err);

static stroma_status walk_entry(const char *dir, const char *prefix, const char *name,
                                int depth, // NOLINT(misc-no-recursion)
                                manifest *m, stroma_error *err)
{
    char *open_path = stroma_path_join(dir, name);
    char *path = prefix[0] == '\0' ? stroma_strdup(name) : stroma_path_join(prefix, name);
    stroma_status s = open_path == NULL || path == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK && stroma_path_is_directory(open_path))
        s = walk(open_path, path, depth + 1, m, err);
    else if (s == STROMA_OK)
        s = add_hashed(&m->outputs, &m->outputs_len, &m->outputs_capacity, open_path, path, err);
    stroma_free(open_path);
    stroma_free(path);
    return s;
}

static stroma_status walk(const char *dir, const char *prefix, int depth,
                          manifest *m, // NOLINT(misc-no-recursion)
                          stroma_error *err)
{
    if (depth > FOLDER_DEPTH_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "folder \"%s\" is nested too deep", dir);
    DIR *d = opendir(dir);
    if (d == NULL) return stroma_fail(err, STROMA_E_IO, "could not open folder \"%s\"", dir);
    stroma_status s = STROMA_OK;
    for (struct dirent *e; s == STROMA_OK && (e = readdir(d)) != NULL;) {
        const bool skip = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
                          (depth == 0 && strcmp(e->d_name, manifest_name) == 0);
        if (!skip) s = walk_entry(dir, prefix, e->d_name, depth, m, err);
    }
    (void)closedir(d);
    return s;
}

static int by_path(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(((const manifest_file *)a)->path, ((const manifest_file *)b)->path);
}

static void put_files(stroma_json *j, const char *key, const manifest_file *files, size_t n)
{
    stroma_json_key(j, key);
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "path", files[i].path);
        stroma_json_put_string(j, "sha256", files[i].sha256);
        stroma_json_put_int(j, "n_bytes", files[i].n_bytes);
        if (files[i].renamed) stroma_json_put_bool(j, "renamed", true);
        stroma_json_end_object(j);
    }
    stroma_json_end_array(j);
}

stroma_status manifest_write(const char *dir, manifest *m, stroma_error *err)
{
    STROMA_TRY(walk(dir, "", 0, m, err));
    STROMA_TRY(stroma_sort(m->outputs, m->outputs_len, sizeof *m->outputs, by_path, NULL, err));
    stroma_buffer b;
    stroma_buffer_init(&b, MANIFEST_MAX_BYTES);
    stroma_json j;
    stroma_json_init(&j, &b, 1);
    stroma_json_begin_object(&j);
    stroma_json_put_string(&j, "schema", "stroma.output/1");
    stroma_json_put_string(&j, "stroma_version", m->version);
    stroma_json_put_string(&j, "program_sha256", m->program_sha256);
    stroma_json_put_string(&j, "study_file", m->study_file);
    stroma_json_put_string(&j, "options", m->options);
    stroma_json_put_string(&j, "run_in", m->run_in);
    stroma_json_put_int(&j, "n_findings", m->n_findings);
    put_files(&j, "inputs", m->inputs, m->inputs_len);
    put_files(&j, "outputs", m->outputs, m->outputs_len);
    stroma_json_end_object(&j);
    stroma_buffer_putc(&b, '\n');
    stroma_status s = stroma_buffer_status(&b, err);
    char *path = stroma_path_join(dir, manifest_name);
    if (s == STROMA_OK && path == NULL) s = stroma_no_memory(err);
    if (s == STROMA_OK) s = stroma_file_write(path, b.data, b.len, true, err);
    stroma_free(path);
    stroma_buffer_clear(&b);
    return s;
}

/* ---- reading ---- */

static stroma_status bad_manifest(const char *path, stroma_error *err)
{
    return stroma_fail(err, STROMA_E_MALFORMED, "\"%s\" is not a manifest of stroma", path);
}

static stroma_status take_files(const json_t *list, manifest_file **files, size_t *len,
                                size_t *capacity, const char *path, stroma_error *err)
{
    if (!json_is_array(list)) return bad_manifest(path, err);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *f = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(f, "path"));
        const char *hash = json_string_value(json_object_get(f, "sha256"));
        if (name == NULL || hash == NULL || strlen(hash) != 64) return bad_manifest(path, err);
        STROMA_TRY(stroma_grow(files, capacity, *len + 1, sizeof **files, err));
        manifest_file *out = &(*files)[(*len)++];
        *out = (manifest_file){ .path = stroma_strdup(name),
                                .n_bytes = json_integer_value(json_object_get(f, "n_bytes")),
                                .renamed = json_is_true(json_object_get(f, "renamed")) };
        memcpy(out->sha256, hash, 65);
        if (out->path == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

static stroma_status take(const json_t *root, manifest *m, const char *path, stroma_error *err)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    const char *version = json_string_value(json_object_get(root, "stroma_version"));
    const char *study = json_string_value(json_object_get(root, "study_file"));
    const char *options = json_string_value(json_object_get(root, "options"));
    const char *program = json_string_value(json_object_get(root, "program_sha256"));
    const char *run_in = json_string_value(json_object_get(root, "run_in"));
    if (schema == NULL || strcmp(schema, "stroma.output/1") != 0 || version == NULL ||
        study == NULL)
        return bad_manifest(path, err);
    m->version = stroma_strdup(version);
    m->program_sha256 = stroma_strdup(program == NULL ? "" : program);
    m->run_in = stroma_strdup(run_in == NULL ? "" : run_in);
    m->study_file = stroma_strdup(study);
    m->options = stroma_strdup(options == NULL ? "" : options);
    m->n_findings = json_integer_value(json_object_get(root, "n_findings"));
    if (m->version == NULL || m->program_sha256 == NULL || m->run_in == NULL ||
        m->study_file == NULL || m->options == NULL)
        return stroma_no_memory(err);
    STROMA_TRY(take_files(json_object_get(root, "inputs"), &m->inputs, &m->inputs_len,
                          &m->inputs_capacity, path, err));
    return take_files(json_object_get(root, "outputs"), &m->outputs, &m->outputs_len,
                      &m->outputs_capacity, path, err);
}

stroma_status manifest_read(const char *dir, manifest *out, stroma_error *err)
{
    *out = (manifest){ 0 };
    char *path = stroma_path_join(dir, manifest_name);
    if (path == NULL) return stroma_no_memory(err);
    stroma_bytes b = { 0 };
    stroma_status s = stroma_bytes_read(path, MANIFEST_MAX_BYTES, &b, err);
    if (s == STROMA_OK) {
        json_t *root = json_loadb((const char *)b.data, b.size, JSON_REJECT_DUPLICATES, NULL);
        s = root == NULL ? bad_manifest(path, err) : take(root, out, path, err);
        json_decref(root);
        stroma_bytes_clear(&b);
    }
    if (s != STROMA_OK) manifest_clear(out);
    stroma_free(path);
    return s;
}

/* ---- comparing ---- */

static void differs(stroma_diag *diag, const char *code, const char *path, const char *message,
                    const char *action)
{
    stroma_diag_add(diag, &(stroma_finding){ .code = code,
                                             .severity = STROMA_ERROR,
                                             .file = path,
                                             .message = message,
                                             .rule = "files are as the manifest says",
                                             .action = action });
}

static void compare_file(const char *open_path, const manifest_file *f, bool input,
                         stroma_diag *diag)
{
    stroma_hash h;
    char now[65];
    if (stroma_hash_file(open_path, &h, NULL, NULL) != STROMA_OK) {
        differs(diag, "STROMA-VERIFY-001", f->path,
                input ? "an input is missing" : "an output is missing",
                input ? "restore it" : "run the study again");
    } else if (strcmp(stroma_hash_format(&h, now), f->sha256) != 0) {
        differs(
            diag, "STROMA-VERIFY-002", f->path,
            input ? "an input has changed since the run" : "an output has changed since the run",
            input ? "run the study again to use it" : "run the study again; do not edit outputs");
    }
}

/* An input is where it was named: from here, or else from the folder the run was started in. */
static char *input_path(const manifest *m, const char *path)
{
    const bool elsewhere = path[0] != '/' && !stroma_path_exists(path) && m->run_in[0] != '\0';
    return elsewhere ? stroma_path_join(m->run_in, path) : stroma_strdup(path);
}

stroma_status manifest_compare(const char *dir, const manifest *m, stroma_diag *diag,
                               stroma_error *err)
{
    for (size_t i = 0; i < m->inputs_len; i++) {
        if (m->inputs[i].renamed) continue;
        char *path = input_path(m, m->inputs[i].path);
        if (path == NULL) return stroma_no_memory(err);
        compare_file(path, &m->inputs[i], true, diag);
        stroma_free(path);
    }
    for (size_t i = 0; i < m->outputs_len; i++) {
        char *path = stroma_path_join(dir, m->outputs[i].path);
        if (path == NULL) return stroma_no_memory(err);
        compare_file(path, &m->outputs[i], false, diag);
        stroma_free(path);
    }
    manifest now = { 0 };
    stroma_status s = walk(dir, "", 0, &now, err);
    for (size_t i = 0; s == STROMA_OK && i < now.outputs_len; i++) {
        bool known = false;
        for (size_t k = 0; k < m->outputs_len && !known; k++)
            known = strcmp(m->outputs[k].path, now.outputs[i].path) == 0;
        if (!known)
            differs(diag, "STROMA-VERIFY-003", now.outputs[i].path,
                    "a file that the run did not write", "move it out of the folder");
    }
    manifest_clear(&now);
    return s;
}
