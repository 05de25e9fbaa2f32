/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of the main job, in order. */
#include "model.h"

#include "stroma/random.h"
#include "stroma/study.h"

#include <stdio.h>
#include <string.h>

static void copy_findings(const study *s, stroma_diag *diag)
{
    for (size_t i = 0; diag != NULL && i < s->findings.len; i++)
        stroma_diag_add(diag, &s->findings.items[i]);
}

static stroma_status first_fault(const study *s, stroma_error *err)
{
    if (err != NULL) *err = s->fatal;
    return s->fatal.status;
}

/* Inputs to derived measurements. */
static stroma_status read_and_derive(study *s, const char *path, stroma_error *err)
{
    STROMA_TRY(study_read_file(s, path, err));
    study_check_items(s);
    STROMA_TRY(study_check_names(s, err));
    if (s->n_fatal > 0 && !s->collect) return first_fault(s, err);
    STROMA_TRY(study_import(s, err));
    if (s->n_fatal > 0 && !s->collect) return first_fault(s, err);
    STROMA_TRY(study_read_cytometry(s, err));
    if (s->n_fatal > 0 && !s->collect) return first_fault(s, err);
    STROMA_TRY(study_compute_scores(s, err));
    STROMA_TRY(study_derive(s, err));
    STROMA_TRY(study_check_words(s, err));
    STROMA_TRY(study_form_groupings(s, err));
    STROMA_TRY(study_form_sets(s, err));
    return study_run_checks(s, err);
}

/* A letter with which no id of the data looks like a pseudonym. */
static char pseudonym_letter(const study *s)
{
    for (const char *letter = "PQXYZ"; *letter != '\0'; letter++) {
        bool taken = false;
        for (size_t i = 0; i < s->subjects.len; i++) {
            const char *id = s->subjects.items[i].id;
            taken = taken || (id[0] == *letter && id[1] >= '0' && id[1] <= '9');
        }
        if (!taken) return *letter;
    }
    return 'N';
}

/* P001, P002, … in the order of a keyed shuffle, so that the order of the ids does not show. */
static stroma_status make_pseudonyms(study *s, stroma_error *err)
{
    const size_t n = s->subjects.len;
    const char **names = stroma_arena_alloc(&s->arena, n, sizeof *names);
    if (names == NULL) return stroma_no_memory(err);
    size_t *order = stroma_alloc_array(n, sizeof *order);
    if (order == NULL) return stroma_no_memory(err);
    const char letter = pseudonym_letter(s);
    stroma_random r;
    stroma_random_init(&r, s->seed, stroma_random_stream("pseudonyms"), 0);
    stroma_random_permutation(&r, order, n);
    stroma_status st = STROMA_OK;
    for (size_t i = 0; i < n && st == STROMA_OK; i++) {
        names[i] = stroma_arena_printf(&s->arena, "%c%03zu", letter, order[i] + 1);
        if (names[i] == NULL) st = stroma_no_memory(err);
    }
    stroma_free(order);
    s->pseudonyms = names;
    return st;
}

static stroma_status compute(study *s, const char *path, const char *db_path,
                             const stroma_study_options *o, stroma_error *err)
{
    STROMA_TRY(read_and_derive(s, path, err));
    if (o->style != NULL) s->style = o->style;
    STROMA_TRY(study_analyse(s, err));
    STROMA_TRY(study_answer_biomarkers(s, o->biomarker, err));
    STROMA_TRY(study_make_flow(s, err));
    STROMA_TRY(study_make_claims(s, err));
    STROMA_TRY(study_describe_methods(s, err));
    if (o->pseudonymise) STROMA_TRY(make_pseudonyms(s, err));
    if (o->pseudonymise) STROMA_TRY(study_pseudonymise_files(s, err));
    return study_write_db(s, db_path, err);
}

static size_t count_families(const study *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->results.len; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(s->results.items[k].family, s->results.items[i].family) == 0;
        n += !seen;
    }
    return n;
}

static stroma_status count_visits_recorded(const study *s, size_t *n, stroma_error *err)
{
    bool *seen = stroma_alloc_array(s->subjects.len * s->visits.len, sizeof *seen);
    if (seen == NULL) return stroma_no_memory(err);
    *n = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->visit == STUDY_NONE || m->derivation != STUDY_NONE || m->state == STROMA_MISSING)
            continue;
        bool *cell = &seen[(size_t)m->subject * s->visits.len + (size_t)m->visit];
        *n += !*cell;
        *cell = true;
    }
    stroma_free(seen);
    return STROMA_OK;
}

/* "DAS28ESR 812, HAQDI 805": how many values each score has. */
static char *count_scores(const study *s)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 65536);
    for (size_t d = 0; d < s->derivations.len; d++) {
        if (strncmp(s->derivations.items[d].method, "score:", 6) != 0) continue;
        const int32_t p = s->derivations.items[d].param;
        size_t n = 0, gaps = 0;
        for (size_t i = 0; i < s->measurements.len; i++) {
            const study_measurement *m = &s->measurements.items[i];
            if (m->param != p || m->derivation == STUDY_NONE) continue;
            n += m->state == STROMA_PRESENT;
            gaps += m->state != STROMA_PRESENT;
        }
        stroma_buffer_printf(&b, "%s%s %zu", b.len > 0 ? ", " : "", s->params.items[p].paramcd, n);
        if (gaps > 0) stroma_buffer_printf(&b, " (%zu not evaluable)", gaps);
    }
    char *text = stroma_buffer_status(&b, NULL) != STROMA_OK
                     ? NULL
                     : stroma_strdup(b.data == NULL ? "" : b.data);
    stroma_buffer_clear(&b);
    return text;
}

/* A derived value of the last subject's last visit: something worth tracing. */
static stroma_status trace_example(const study *s, char **out, stroma_error *err)
{
    for (size_t i = s->measurements.len; i-- > 0;) {
        const study_measurement *m = &s->measurements.items[i];
        if (m->derivation == STUDY_NONE || m->state != STROMA_PRESENT || m->visit == STUDY_NONE)
            continue;
        if (strncmp(s->derivations.items[m->derivation].method, "score:", 6) != 0) continue;
        *out = stroma_asprintf("--subject %s --visit %s --param %s", study_shown_id(s, m->subject),
                               s->visits.items[m->visit].id, s->params.items[m->param].paramcd);
        return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
    }
    return STROMA_OK;
}

static stroma_status summarise(const study *s, stroma_study_summary *out, stroma_error *err)
{
    char arms[64] = "";
    if (s->arms.len > 0)
        (void)snprintf(arms, sizeof arms, "%zu arm%s, ", s->arms.len, s->arms.len == 1 ? "" : "s");
    *out = (stroma_study_summary){ .simulated = s->simulated,
                                   .n_files = s->files.len - 1,
                                   .n_findings = s->findings.len + s->findings.dropped,
                                   .n_results = s->results.len,
                                   .n_families = count_families(s) };
    STROMA_TRY(count_visits_recorded(s, &out->n_visits_recorded, err));
    out->scores = count_scores(s);
    out->title = stroma_asprintf("%s \xC2\xB7 %zu subject%s, %s%zu visit%s", s->id, s->subjects.len,
                                 s->subjects.len == 1 ? "" : "s", arms, s->visits.len,
                                 s->visits.len == 1 ? "" : "s");
    if (out->scores == NULL || out->title == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->claims.len; i++) {
        if (strcmp(s->claims.items[i].kind, "headline") != 0 || out->headline != NULL) continue;
        out->headline = stroma_strdup(s->claims.items[i].text);
        if (out->headline == NULL) return stroma_no_memory(err);
    }
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        out->n_tests += !isnan(r->stat.p);
        out->n_circular += strcmp(r->state, "circular") == 0;
    }
    STROMA_TRY(trace_example(s, &out->trace_example, err));
    out->input_paths = stroma_alloc_array(s->files.len, sizeof *out->input_paths);
    if (out->input_paths == NULL) return stroma_no_memory(err);
    out->input_pseudonyms = stroma_alloc_array(s->files.len, sizeof *out->input_pseudonyms);
    if (out->input_pseudonyms == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < s->files.len; i++) {
        const study_file_info *f = &s->files.items[i];
        out->input_paths[i] = stroma_strdup(f->resolved);
        if (out->input_paths[i] == NULL) return stroma_no_memory(err);
        out->input_paths_len++;
        if (!f->renamed) continue;
        out->input_pseudonyms[i] = stroma_strdup(f->path);
        if (out->input_pseudonyms[i] == NULL) return stroma_no_memory(err);
    }
    return STROMA_OK;
}

void stroma_study_summary_clear(stroma_study_summary *s)
{
    stroma_free(s->title);
    stroma_free(s->scores);
    stroma_free(s->headline);
    stroma_free(s->trace_example);
    for (size_t i = 0; i < s->input_paths_len; i++) {
        stroma_free(s->input_paths[i]);
        if (s->input_pseudonyms != NULL) stroma_free(s->input_pseudonyms[i]);
    }
    stroma_free(s->input_paths);
    stroma_free(s->input_pseudonyms);
    *s = (stroma_study_summary){ 0 };
}

stroma_status stroma_study_run(const char *study_file, const char *db_path,
                               const stroma_study_options *opts, stroma_diag *diag,
                               stroma_study_summary *out, stroma_error *err)
{
    const stroma_study_options defaults = STROMA_STUDY_OPTIONS_INIT;
    const stroma_study_options *o = opts == NULL ? &defaults : opts;
    if (out != NULL) *out = (stroma_study_summary){ 0 };
    study *s = NULL;
    STROMA_TRY(study_new(&s, err));
    s->threads = o->threads;
    s->progress = o->progress;
    stroma_status st = compute(s, study_file, db_path, o, err);
    copy_findings(s, diag);
    if (st == STROMA_OK && out != NULL) st = summarise(s, out, err);
    study_free(s);
    return st;
}

stroma_status stroma_study_check(const char *study_file, const stroma_study_options *opts,
                                 stroma_diag *diag, stroma_error *err)
{
    stroma_error mine = STROMA_ERROR_INIT;
    stroma_error *e = err != NULL ? err : &mine;
    study *s = NULL;
    STROMA_TRY(study_new(&s, e));
    if (opts != NULL) s->threads = opts->threads;
    if (opts != NULL) s->progress = opts->progress;
    s->collect = true;
    stroma_status st = read_and_derive(s, study_file, e);
    if (st == STROMA_OK) st = study_analyse(s, e); /* for its faults; the results are dropped */
    if (st == STROMA_OK) st = study_answer_biomarkers(s, NULL, e);
    copy_findings(s, diag);
    study_free(s);
    return st;
}

stroma_status stroma_study_keys(stroma_buffer *out, stroma_error *err)
{
    stroma_schema_print("The study file", &study_schema, out);
    return stroma_buffer_status(out, err);
}
