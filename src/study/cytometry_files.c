/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files an entry of `cytometry:` has, and whose they are: by their names. (By a manifest:
 * cytometry_manifest.c.) */
#include "cytometry_files.h"

#include "cytometry.h"
#include "import.h"

#include "stroma/file.h"
#include "stroma/sort.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const role_names[] = { "sample", "fmo", "isotype", "unstained", "reference" };
enum { ROLES = sizeof role_names / sizeof role_names[0] };

const char *cytometry_role_name(cytometry_role role)
{
    return role_names[role];
}

bool cytometry_role_find(const char *name, cytometry_role *out)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (strcmp(role_names[i], name) != 0) continue;
        *out = (cytometry_role)i;
        return true;
    }
    return false;
}

void cytometry_file_finding(files *f, const char *code, stroma_severity severity, bool fatal,
                            const char *path, const stroma_yaml_node *at, const char *message,
                            const char *action)
{
    const stroma_finding finding = { .code = code,
                                     .severity = severity,
                                     .file = path,
                                     .line = path == NULL && at != NULL ? at->line : 0,
                                     .character = path == NULL && at != NULL ? at->column : 0,
                                     .value = at == NULL ? NULL : at->text,
                                     .message = message,
                                     .rule = "every file of events belongs to a subject and a "
                                             "visit, or is a control",
                                     .action = action };
    if (fatal)
        study_fatal(f->s, STROMA_E_INCONSISTENT, &finding);
    else
        study_finding(f->s, &finding);
}

int32_t cytometry_visit_named(const files *f, const char *word)
{
    const char *id = import_mapped(stroma_yaml_get(f->entry, "visit_map"), word);
    int32_t v = study_find_visit(f->s, id);
    for (size_t i = 0; v == STUDY_NONE && i < f->s->visits.len; i++)
        if (strcmp(f->s->visits.items[i].label, id) == 0) v = (int32_t)i;
    return v;
}

/* A reading of a name is as good as what the study knows of it. */
static int judge(void *context, const cytometry_name *name)
{
    const files *f = context;
    const bool visit =
        name->visit[0] == '\0' || cytometry_visit_named(f, name->visit) != STUDY_NONE;
    const bool subject =
        name->subject[0] == '\0' || study_find_subject(f->s, name->subject) != STUDY_NONE;
    return 2 * visit + subject;
}

/* ---- search ---- */

static void escape(char **to, const char *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr("*?[\\", from[i]) != NULL) *(*to)++ = '\\';
        *(*to)++ = from[i];
    }
}

/* How many characters of a resolved path stand for the folder: they are left out when it is shown,
 * and no * in them is meant. */
static stroma_status folder_of(files *f, const char *pattern, char **resolved, size_t *folder,
                               stroma_error *err)
{
    STROMA_TRY(import_resolve(f->s, pattern, resolved, err));
    const char *tail = pattern[0] == '$' ? strchr(pattern, '}') + 1 : pattern;
    *folder = strlen(*resolved) - strlen(tail);
    return STROMA_OK;
}

static int by_text(const void *a, const void *b, void *context)
{
    (void)context;
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Keep what a search found: path as shown and as opened. */
static stroma_status keep_found(files *f, const char *pattern, size_t folder, char **path, size_t n,
                                found_files *out, stroma_error *err)
{
    STROMA_TRY(stroma_sort(path, n, sizeof *path, by_text, NULL, err));
    const int variable =
        pattern[0] == '$' ? (int)(strchr(pattern, '}') + 1 - pattern) : 0; /* ${…} stays */
    for (size_t i = 0; i < n; i++) {
        if (stroma_path_is_directory(path[i])) continue;
        found_file *one = STUDY_ADD(out, err);
        if (one == NULL) return stroma_no_memory(err);
        one->resolved = stroma_arena_strdup(&f->s->arena, path[i]);
        one->path =
            stroma_arena_printf(&f->s->arena, "%.*s%s", variable, pattern, path[i] + folder);
        if (one->resolved == NULL || one->path == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

stroma_status cytometry_search(files *f, const char *pattern, found_files *out, stroma_error *err)
{
    char *resolved = NULL;
    size_t folder = 0;
    STROMA_TRY(folder_of(f, pattern, &resolved, &folder, err));
    const size_t tail = strlen(resolved) - folder;
    char *text = stroma_alloc_array(2 * folder + tail + 1, 1), *to = text;
    stroma_status st = text == NULL ? stroma_no_memory(err) : STROMA_OK;
    glob_t found = { 0 };
    if (st == STROMA_OK) {
        escape(&to, resolved, folder);
        memcpy(to, resolved + folder, tail + 1);
        const int code = glob(text, GLOB_NOSORT, NULL, &found);
        if (code == GLOB_NOSPACE) st = stroma_no_memory(err);
        if (code == GLOB_ABORTED)
            st = stroma_fail(err, STROMA_E_IO, "the folder of \"%s\" cannot be read", pattern);
        if (code == 0)
            st = keep_found(f, pattern, folder, found.gl_pathv, found.gl_pathc, out, err);
        globfree(&found);
    }
    stroma_free(text);
    stroma_free(resolved);
    return st;
}

void cytometry_nothing_found(files *f, const stroma_yaml_node *at, const char *pattern)
{
    char message[320], action[320];
    (void)snprintf(message, sizeof message, "cytometry \"%.80s\": no file is \"%.160s\"", f->id,
                   pattern);
    const char *made_by = stroma_yaml_text(f->entry, "made_by", NULL);
    if (made_by != NULL)
        (void)snprintf(action, sizeof action, "make the files first: %.280s", made_by);
    else
        (void)snprintf(action, sizeof action,
                       "paths are relative to the study file; copy the files there");
    cytometry_file_finding(f, "STROMA-CYTO-001", STROMA_ERROR, true, NULL, at, message, action);
}

/* ---- places ---- */

static bool taken(const files *f, const char *resolved)
{
    for (size_t i = 0; i < f->places->len; i++)
        if (strcmp(f->places->items[i].resolved, resolved) == 0) return true;
    return false;
}

/* The last components of a path, as many as the pattern has. */
static const char *part_for(const char *pattern, const char *path)
{
    size_t slashes = 0;
    for (const char *p = pattern; *p != '\0'; p++)
        slashes += *p == '/';
    const char *at = path + strlen(path);
    for (; at > path; at--)
        if (at[-1] == '/' && slashes-- == 0) break;
    return at;
}

static void left_out(files *f, const char *code, const found_file *one, const char *what,
                     const char *word, const char *action)
{
    char message[400];
    (void)snprintf(message, sizeof message,
                   "cytometry \"%.80s\": %s%s%.160s%s; the file is left out", f->id, what,
                   word == NULL ? "" : " \"", word == NULL ? "" : word, word == NULL ? "" : "\"");
    cytometry_file_finding(f, code, STROMA_WARNING, false, one->path, NULL, message, action);
}

stroma_status cytometry_place_file(files *f, const found_file *one, const place_words *w,
                                   stroma_error *err)
{
    cytometry_place p = { .path = one->path,
                          .resolved = one->resolved,
                          .role = w->role,
                          .marker = w->marker,
                          .subject = STUDY_NONE,
                          .visit = STUDY_NONE,
                          .at = w->at };
    const bool sample = w->role == CYTOMETRY_SAMPLE;
    const char *subject = w->subject;
    if (subject == NULL && sample && strcmp(f->s->layout, "case") == 0) subject = f->s->id;
    if (sample && (subject == NULL || w->visit == NULL)) {
        left_out(f, "STROMA-CYTO-002", one,
                 subject == NULL ? "nothing says whose file this is"
                                 : "nothing says of which visit this file is",
                 NULL, "name it by match:, or list it in a manifest");
        return STROMA_OK;
    }
    if (w->visit != NULL && (p.visit = cytometry_visit_named(f, w->visit)) == STUDY_NONE) {
        left_out(f, "STROMA-CYTO-003", one, "the study file has no visit", w->visit,
                 "declare the visit, or map it by visit_map");
        return STROMA_OK;
    }
    if (subject != NULL && (p.subject = study_find_subject(f->s, subject)) == STUDY_NONE) {
        left_out(f, "STROMA-CYTO-004", one, "the data have no subject", subject,
                 "correct the name, or give the subject in the data");
        return STROMA_OK;
    }
    cytometry_place *kept = STUDY_ADD(f->places, err);
    if (kept == NULL) return stroma_no_memory(err);
    *kept = p;
    return STROMA_OK;
}

/* Place what a pattern of names reads; names that do not fit are left out, and said. */
static stroma_status place_by_name(files *f, const found_files *found, const char *pattern,
                                   const place_words *like, stroma_error *err)
{
    for (size_t i = 0; i < found->len; i++) {
        const found_file *one = &found->items[i];
        if (taken(f, one->resolved)) continue;
        cytometry_name name = { .subject = "", .visit = "" };
        if (!cytometry_match(pattern, part_for(pattern, one->path), judge, f, &name)) {
            left_out(f, "STROMA-CYTO-002", one, "the name does not read as", pattern,
                     "correct the name or match:, or list the file in a manifest");
            continue;
        }
        place_words w = *like;
        w.subject = name.subject[0] == '\0' ? NULL : name.subject;
        w.visit = name.visit[0] == '\0' ? NULL : name.visit;
        STROMA_TRY(cytometry_place_file(f, one, &w, err));
    }
    return STROMA_OK;
}

static stroma_status check_pattern(files *f, const stroma_yaml_node *at, stroma_error *err)
{
    const char *fault = strchr(at->text, '*') != NULL
                            ? "write {any} for what does not matter, not *"
                            : cytometry_pattern_fault(at->text);
    return fault == NULL ? STROMA_OK : study_fail_at(f->s, at, err, fault, at->text);
}

static stroma_status find_control(files *f, cytometry_role role, const char *marker,
                                  const stroma_yaml_node *at, stroma_error *err)
{
    if (at->type != STROMA_YAML_SCALAR)
        return study_fail_at(f->s, at, err, "a control is named by a path, at", marker);
    STROMA_TRY(check_pattern(f, at, err));
    const char *text = cytometry_pattern_glob(&f->s->arena, at->text);
    if (text == NULL) return stroma_no_memory(err);
    found_files found = { 0 };
    const place_words like = { .role = role, .marker = marker, .at = at };
    stroma_status st = cytometry_search(f, text, &found, err);
    if (st == STROMA_OK && found.len == 0) cytometry_nothing_found(f, at, at->text);
    if (st == STROMA_OK) st = place_by_name(f, &found, at->text, &like, err);
    stroma_free(found.items);
    return st;
}

static stroma_status find_controls(files *f, stroma_error *err)
{
    for (size_t r = CYTOMETRY_FMO; r < ROLES; r++) {
        const stroma_yaml_node *n = stroma_yaml_get(f->entry, role_names[r]);
        if (n == NULL) continue;
        if (n->type == STROMA_YAML_SCALAR)
            STROMA_TRY(find_control(f, (cytometry_role)r, NULL, n, err));
        for (size_t i = 0; n->type == STROMA_YAML_MAP && i < n->len; i++)
            STROMA_TRY(find_control(f, (cytometry_role)r, n->keys[i]->text, n->items[i], err));
    }
    return STROMA_OK;
}

/* Whether there are samples at all is said before what is said of controls. */
static stroma_status look_for_samples(files *f, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(f->entry, "files");
    for (size_t i = 0; i < stroma_yaml_count(list); i++) {
        const stroma_yaml_node *at = stroma_yaml_at(list, i);
        found_files found = { 0 };
        const stroma_status st = cytometry_search(f, at->text, &found, err);
        if (st == STROMA_OK && found.len == 0) cytometry_nothing_found(f, at, at->text);
        stroma_free(found.items);
        STROMA_TRY(st);
    }
    return STROMA_OK;
}

static stroma_status find_samples(files *f, stroma_error *err)
{
    const stroma_yaml_node *list = stroma_yaml_get(f->entry, "files"),
                           *match = stroma_yaml_get(f->entry, "match");
    if (list == NULL || match == NULL)
        return study_fail_at(f->s, f->entry, err,
                             "give files: and match:, or a manifest:, for cytometry", f->id);
    STROMA_TRY(check_pattern(f, match, err));
    const place_words like = { .role = CYTOMETRY_SAMPLE };
    for (size_t i = 0; i < stroma_yaml_count(list); i++) {
        const stroma_yaml_node *at = stroma_yaml_at(list, i);
        found_files found = { 0 };
        stroma_status st = cytometry_search(f, at->text, &found, err);
        if (st == STROMA_OK) st = place_by_name(f, &found, match->text, &like, err);
        stroma_free(found.items);
        STROMA_TRY(st);
    }
    return STROMA_OK;
}

static int by_place(const void *a, const void *b, void *context)
{
    (void)context;
    const cytometry_place *x = a, *y = b;
    if (x->role != y->role) return x->role < y->role ? -1 : 1;
    if (x->subject != y->subject) return x->subject < y->subject ? -1 : 1;
    if (x->visit != y->visit) return x->visit < y->visit ? -1 : 1;
    const int marker = x->marker == NULL || y->marker == NULL
                           ? (x->marker != NULL) - (y->marker != NULL)
                           : strcmp(x->marker, y->marker);
    return marker != 0 ? marker : strcmp(x->path, y->path);
}

/* Of two files for one place the first is used; which one is right, nobody can tell here. */
static void drop_doubles(files *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->places->len; i++) {
        const cytometry_place *p = &f->places->items[i];
        const cytometry_place *last = kept == 0 ? NULL : &f->places->items[kept - 1];
        const bool same =
            last != NULL && last->role == p->role && last->subject == p->subject &&
            last->visit == p->visit &&
            (last->marker == p->marker ||
             (last->marker != NULL && p->marker != NULL && strcmp(last->marker, p->marker) == 0));
        if (!same) {
            f->places->items[kept++] = *p;
            continue;
        }
        char message[400];
        (void)snprintf(message, sizeof message,
                       "cytometry \"%.80s\": a second file for this %s; \"%.160s\" is used", f->id,
                       cytometry_role_name(p->role), last->path);
        study_finding(f->s,
                      &(stroma_finding){
                          .code = "STROMA-CYTO-005",
                          .severity = STROMA_WARNING,
                          .file = p->path,
                          .subject = p->subject < 0 ? NULL : f->s->subjects.items[p->subject].id,
                          .visit = p->visit < 0 ? NULL : f->s->visits.items[p->visit].id,
                          .message = message,
                          .rule = "one file for a sample",
                          .action = "take one of them out, or give the second its own visit" });
    }
    f->places->len = kept;
}

stroma_status cytometry_find_files(study *s, const stroma_yaml_node *entry, cytometry_places *out,
                                   stroma_error *err)
{
    files f = { .s = s, .entry = entry, .id = stroma_yaml_text(entry, "id", ""), .places = out };
    if (stroma_yaml_get(entry, "manifest") == NULL) STROMA_TRY(look_for_samples(&f, err));
    /* controls first: what a pattern of theirs names is no sample, also where files: finds it */
    STROMA_TRY(find_controls(&f, err));
    STROMA_TRY(stroma_yaml_get(entry, "manifest") != NULL ? cytometry_read_manifest(&f, err)
                                                          : find_samples(&f, err));
    STROMA_TRY(stroma_sort(out->items, out->len, sizeof *out->items, by_place, NULL, err));
    drop_doubles(&f);
    return STROMA_OK;
}
