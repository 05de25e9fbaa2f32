/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study in a temporary folder: files from text, and the steps of a run up to the one under test.
 * One C file a test includes this. */
#ifndef STROMA_STUDY_FIXTURE_H
#define STROMA_STUDY_FIXTURE_H
#include "../../src/study/model.h"
#include "stroma_test.h"

#include "stroma/file.h"
#include "stroma/study.h"

#include <ftw.h>
#include <math.h>
#include <string.h>

static char fixture_dir[] = "/tmp/stroma-study-XXXXXX";
static char fixture_path_text[256];

static inline const char *fixture_path(const char *name)
{
    (void)snprintf(fixture_path_text, sizeof fixture_path_text, "%s/%s", fixture_dir, name);
    return fixture_path_text;
}

static inline int fixture_setup(void **state)
{
    (void)state;
    return mkdtemp(fixture_dir) == NULL;
}

static int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static inline int fixture_teardown(void **state)
{
    (void)state;
    return nftw(fixture_dir, fixture_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void fixture_write(const char *name, const char *text)
{
    assert_int_equal(stroma_file_write(fixture_path(name), text, strlen(text), true, NULL),
                     STROMA_OK);
}

typedef enum fixture_step {
    STEP_FILE,
    STEP_IMPORT,
    STEP_SCORES,
    STEP_DERIVE,
    STEP_GROUPINGS,
    STEP_SETS,
    STEP_CHECKS,
    STEP_ANALYSE,
    STEP_CLAIMS
} fixture_step;

/* Study file @p yaml, up to and with @p last. The study is returned also after a failure. */
static inline stroma_status fixture_run(const char *yaml, fixture_step last, study **out,
                                        stroma_error *err)
{
    static stroma_status (*const steps[])(study *, stroma_error *) = {
        study_import,    study_compute_scores, study_derive,  study_form_groupings,
        study_form_sets, study_run_checks,     study_analyse, study_make_claims,
    };
    fixture_write("study.yaml", yaml);
    assert_int_equal(study_new(out, err), STROMA_OK);
    stroma_status s = study_read_file(*out, fixture_path("study.yaml"), err);
    for (int k = 1; s == STROMA_OK && k <= (int)last; k++) {
        s = steps[k - 1](*out, err);
        if (s == STROMA_OK && k == STEP_IMPORT) s = study_read_cytometry(*out, err);
    }
    return s;
}

/* The same, and it must work, without a fatal finding. */
static inline study *fixture_study(const char *yaml, fixture_step last)
{
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status st = fixture_run(yaml, last, &s, &err);
    if (st != STROMA_OK) print_message("%s (line %lld)\n", err.message, (long long)err.line);
    assert_int_equal(st, STROMA_OK);
    if (s->n_fatal > 0) print_message("fatal: %s\n", s->fatal.message);
    assert_int_equal(s->n_fatal, 0);
    return s;
}

/* It must fail at @p line with @p message somewhere in its text. */
static inline void fixture_fails(const char *yaml, fixture_step last, int64_t line,
                                 const char *message)
{
    study *s = NULL;
    stroma_error err = STROMA_ERROR_INIT;
    const stroma_status st = fixture_run(yaml, last, &s, &err);
    if (st == STROMA_OK || strstr(err.message, message) == NULL || err.line != line)
        print_message("expected line %lld \"%s\", got line %lld \"%s\"\n", (long long)line, message,
                      (long long)err.line, err.message);
    assert_int_not_equal(st, STROMA_OK);
    assert_non_null(strstr(err.message, message));
    assert_int_equal(err.line, line);
    study_free(s);
}

static inline int32_t fixture_index(const study *s, const char *subject, const char *visit,
                                    const char *param)
{
    const int32_t v = visit == NULL ? STUDY_NONE : study_find_visit(s, visit);
    const int32_t p = study_find_param(s, param), u = study_find_subject(s, subject);
    assert_true(u != STUDY_NONE && p != STUDY_NONE && (visit == NULL || v != STUDY_NONE));
    return study_find(s, u, v, p);
}

static inline bool fixture_absent(const study *s, const char *subject, const char *visit,
                                  const char *param)
{
    return fixture_index(s, subject, visit, param) == STUDY_NONE;
}

/* The measurement there; there must be one. */
static inline const study_measurement *fixture_find(const study *s, const char *subject,
                                                    const char *visit, const char *param)
{
    const int32_t i = fixture_index(s, subject, visit, param);
    if (i == STUDY_NONE) print_message("no %s of %s\n", param, subject);
    assert_int_not_equal(i, STUDY_NONE);
    return &s->measurements.items[i];
}

/* The number there; the measurement must be present. */
static inline double fixture_value(const study *s, const char *subject, const char *visit,
                                   const char *param)
{
    const study_measurement *m = fixture_find(s, subject, visit, param);
    assert_int_equal(m->state, STROMA_PRESENT);
    return m->value;
}

static inline size_t fixture_findings(const study *s, const char *code)
{
    size_t n = 0;
    for (size_t i = 0; i < s->findings.len; i++)
        n += strcmp(s->findings.items[i].code, code) == 0;
    return n;
}

/* The first finding with this code; there must be one. */
static inline const stroma_finding *fixture_finding(const study *s, const char *code)
{
    static const stroma_finding none = { .message = "", .action = "", .audit = "" };
    for (size_t i = 0; i < s->findings.len; i++)
        if (strcmp(s->findings.items[i].code, code) == 0) return &s->findings.items[i];
    fail_msg("no finding %s", code);
    return &none;
}
#endif
