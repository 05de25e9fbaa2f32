/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gate_file.h"

#include <string.h>

enum { MATRIX_LIMIT_BYTES = 64 << 20 };

void gate_opening_init(gate_opening *o)
{
    *o = (gate_opening){ .dataset = -1 };
    stroma_arena_init(&o->arena, MATRIX_LIMIT_BYTES);
}

void gate_opening_dataset(gate_opening *o, const cli_context *c)
{
    if (cli_given(c, "dataset")) o->dataset = cli_count(c, "dataset", 0);
}

stroma_status gate_opening_matrix(gate_opening *o, const char *text, stroma_diag *diag,
                                  stroma_error *err)
{
    if (text == NULL) return STROMA_OK;
    o->as_recorded = strcmp(text, "none") == 0;
    if (o->as_recorded || strcmp(text, "file") == 0) return STROMA_OK;
    STROMA_TRY(stroma_compensation_read(text, &o->arena, diag, &o->matrix, err));
    o->has_matrix = true;
    return STROMA_OK;
}

void gate_opening_clear(gate_opening *o)
{
    stroma_arena_clear(&o->arena);
    o->has_matrix = false;
}

static stroma_status take_matrix(gate_file *f, const gate_opening *o, stroma_error *err)
{
    for (size_t i = 0; i < o->matrix.detectors_len; i++)
        if (stroma_fcs_find(f->data, o->matrix.detector[i], false) == SIZE_MAX)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "file \"%s\": it has no channel \"%.80s\", a detector of \"%s\"",
                               f->path, o->matrix.detector[i], o->matrix.id);
    f->compensation = &o->matrix;
    return STROMA_OK;
}

static stroma_status open_it(gate_file *f, const gate_opening *o, stroma_diag *diag,
                             stroma_error *err)
{
    STROMA_TRY(stroma_fcs_open(f->path, NULL, diag, &f->fcs, err));
    f->data =
        o->dataset < 0 ? stroma_fcs_preferred(f->fcs) : stroma_fcs_get(f->fcs, (size_t)o->dataset);
    if (f->data == NULL)
        return stroma_fail(err, STROMA_E_USAGE,
                           "file \"%s\": there is no data set %lld, the last one is %zu", f->path,
                           (long long)o->dataset, stroma_fcs_len(f->fcs) - 1);
    if (o->as_recorded) return STROMA_OK;
    if (o->has_matrix) return take_matrix(f, o, err);
    return stroma_compensation_from_fcs(f->data, f->path, &f->arena, diag, &f->compensation, err);
}

stroma_status gate_file_open(const char *path, const gate_opening *o, stroma_diag *diag,
                             gate_file *out, stroma_error *err)
{
    *out = (gate_file){ .path = path };
    stroma_arena_init(&out->arena, MATRIX_LIMIT_BYTES);
    const stroma_status s = open_it(out, o, diag, err);
    if (s != STROMA_OK) gate_file_close(out);
    return s;
}

void gate_file_close(gate_file *f)
{
    stroma_fcs_close(f->fcs);
    stroma_arena_clear(&f->arena);
    f->fcs = NULL;
    f->data = NULL;
}

const char *gate_file_sample(const gate_file *f)
{
    static const char *const keywords[] = { "$SMNO", "SAMPLE ID", "$SRC", "$FIL" };
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        const char *text = stroma_fcs_text(f->data, keywords[i]);
        if (text != NULL && *text != '\0') return text;
    }
    return "";
}
