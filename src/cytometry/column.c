/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which column a name means, and events times a matrix without a thought of registers. */
#include "column_cpu.h"
#include "column_kernels.h"

#include "stroma/cytometry_compensation.h"
#include "stroma/suggest.h"

#include <string.h>

static size_t index_of(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return i;
    return SIZE_MAX;
}

/* Index of the fluorochrome that @p name means in @p c: by its own name, or by its detector where
 * each fluorochrome has one. SIZE_MAX: none. */
static size_t fluorochrome_of(const stroma_compensation *c, const char *name)
{
    const size_t i = index_of(c->fluorochrome, c->fluorochromes_len, name);
    if (i != SIZE_MAX || c->fluorochromes_len != c->detectors_len) return i;
    return index_of(c->detector, c->detectors_len, name);
}

static stroma_status detectors_missing(const stroma_fcs_dataset *d, const stroma_compensation *c,
                                       stroma_error *err)
{
    for (size_t i = 0; i < c->detectors_len; i++)
        if (stroma_fcs_find(d, c->detector[i], false) == SIZE_MAX)
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "compensation \"%s\" needs detector \"%s\", which the events do not "
                               "have",
                               c->id, c->detector[i]);
    return STROMA_OK;
}

static stroma_status not_found(const stroma_fcs_dataset *d, const char *name, stroma_error *err)
{
    const char *near = NULL;
    (void)stroma_fail(err, STROMA_E_INCONSISTENT, "the events have no channel \"%s\"", name);
    const char **names = stroma_alloc_array(2 * d->parameters_len, sizeof *names);
    for (size_t i = 0; names != NULL && i < d->parameters_len; i++) {
        names[i] = d->parameters[i].name;
        names[d->parameters_len + i] = d->parameters[i].stain[0] ? d->parameters[i].stain : NULL;
    }
    if (names != NULL) near = stroma_nearest(name, names, 2 * d->parameters_len);
    if (near != NULL)
        stroma_hint(err, "did you mean \"%s\"?", near);
    else
        stroma_hint(err, "stroma fcs info lists the channels of a file");
    stroma_free(names);
    return STROMA_E_INCONSISTENT;
}

stroma_status stroma_column_find(const stroma_fcs_dataset *d, const stroma_compensation *c,
                                 const char *name, stroma_event_column *out, stroma_error *err)
{
    *out = (stroma_event_column){ 0 };
    size_t f = c == NULL ? SIZE_MAX : fluorochrome_of(c, name);
    const size_t p = f == SIZE_MAX ? stroma_fcs_find(d, name, true) : SIZE_MAX;
    if (f == SIZE_MAX && p == SIZE_MAX) return not_found(d, name, err);
    if (f == SIZE_MAX && c != NULL) f = fluorochrome_of(c, d->parameters[p].name);
    if (f == SIZE_MAX) {
        out->index = p;
        return STROMA_OK;
    }
    out->compensation = c;
    out->index = f;
    return detectors_missing(d, c, err);
}

static void multiply(const double *const *in, size_t m, const double *matrix, size_t k, size_t n,
                     double *const *out)
{
    for (size_t j = 0; j < k; j++)
        for (size_t e = 0; e < n; e++) {
            double sum = 0;
            for (size_t i = 0; i < m; i++)
                sum += in[i][e] * matrix[j * m + i];
            out[j][e] = sum;
        }
}

const column_kernels column_kernels_plain = { .level = "plain", .multiply = multiply };

#ifdef CYTOMETRY_HAS_LEVELS
static const column_kernels *const levels[COLUMN_CPU_LEVELS] = { &column_kernels_base,
                                                                 &column_kernels_avx2,
                                                                 &column_kernels_avx512 };
#else
static const column_kernels *const levels[COLUMN_CPU_LEVELS]; /* none is ever chosen */
#endif

const column_kernels *column_kernels_find(const char *level)
{
    const int i = column_cpu_find(level);
    return i < -1 ? NULL : i < 0 ? &column_kernels_plain : levels[i];
}

const column_kernels *column_kernels_choose(void)
{
    const int i = column_cpu_choose();
    return i < 0 ? &column_kernels_plain : levels[i];
}
