/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a study file beside a small data file: everything is read, checked, computed and
 * written. */
#include "stroma/biomarker_answer.h"
#include "stroma/file.h"
#include "stroma/study.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char rows[] = "id,arm,visit,day,tjc,sjc,gh,esr,il6,sex\n"
                           "1,A,D0,0,10,8,60,40,<0.5,m\n1,A,W4,29,2,1,10,12,1.5,m\n"
                           "2,A,D0,0,12,9,70,50,2,f\n2,A,W4,27,3,2,20,15,1,f\n"
                           "3,C,D0,0,11,7,65,45,3,f\n3,C,W4,28,10,8,60,40,3.5,f\n"
                           "4,C,D0,0,9,6,55,38,2.5,m\n4,C,W4,60,9,6,50,35,,m\n";

static char folder[] = "/tmp/stroma-fuzz-XXXXXX";

static void remove_folder(void)
{
    static const char *const names[] = { "a.csv", "study.yaml", "study.db" };
    char path[64];
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

static void make_folder(void)
{
    static int made;
    char path[64];
    if (made) return;
    made = 1;
    if (mkdtemp(folder) == NULL) abort();
    (void)atexit(remove_folder);
    (void)snprintf(path, sizeof path, "%s/a.csv", folder);
    if (stroma_file_write(path, rows, strlen(rows), true, NULL) != STROMA_OK) abort();
}

/* Questions about markers are answered with few resamples: what is tried here is the file. */
static stroma_status answer(const stroma_study_biomarker *q, stroma_study_answer *out,
                            stroma_error *err)
{
    stroma_study_biomarker few = *q;
    stroma_study_model model;
    few.permutations = 100;
    if (q->model != NULL) {
        model = *q->model;
        model.bootstrap = 20;
        model.folds = model.repeats = 2;
        few.model = &model;
    }
    return stroma_biomarker_answer(&few, out, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char study[64], db[64];
    make_folder();
    (void)snprintf(study, sizeof study, "%s/study.yaml", folder);
    (void)snprintf(db, sizeof db, "%s/study.db", folder);
    if (stroma_file_write(study, data, size, true, NULL) != STROMA_OK) return 0;
    stroma_study_options o = STROMA_STUDY_OPTIONS_INIT;
    o.threads = 1;
    o.biomarker = answer;
    o.pseudonymise = size % 2 == 1;
    stroma_diag diag;
    stroma_diag_init(&diag);
    stroma_study_summary done;
    stroma_error err = STROMA_ERROR_INIT;
    (void)remove(db);
    const stroma_status s = stroma_study_run(study, db, &o, &diag, &done, &err);
    if (s == STROMA_E_INTERNAL) abort();
    stroma_study_summary_clear(&done);
    if (stroma_study_check(study, &o, &diag, &err) == STROMA_E_INTERNAL) abort();
    stroma_diag_clear(&diag);
    return 0;
}
