/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a shift of the imputed values overturns a conclusion. */
#include "imputation.h"

#include <math.h>
#include <string.h>

enum { STEPS = 64, BISECTIONS = 60 };

typedef struct search {
    const stroma_imputation *m;
    const stroma_tipping_options *o;
    double *shift;                           /* groups × visits */
    stroma_imputation_estimate *differences; /* groups */
} search;

static stroma_status at(const search *w, double delta, stroma_imputation_estimate *out,
                        stroma_error *err)
{
    const stroma_imputation *m = w->m;
    for (size_t g = 0; g < m->groups; g++)
        for (size_t v = 0; v < m->visits; v++)
            w->shift[g * m->visits + v] = delta * w->o->direction[g];
    const stroma_imputation_delta d = { .shift = w->shift, .cumulative = w->o->cumulative };
    STROMA_TRY(stroma_imputation_analyse(m, w->o->visit, &d, 0.95, NULL, w->differences, err));
    *out = w->differences[w->o->group];
    return STROMA_OK;
}

static stroma_status bisect(const search *w, double low, double high, bool significant,
                            stroma_tipping_point *out, stroma_error *err)
{
    for (int k = 0; k < BISECTIONS; k++) {
        const double middle = low + (high - low) / 2;
        STROMA_TRY(at(w, middle, &out->at_delta, err));
        if ((out->at_delta.stat.p < w->o->alpha) == significant)
            low = middle;
        else
            high = middle;
    }
    out->found = true;
    out->delta = high; /* on the far side: the conclusion has changed there */
    return at(w, high, &out->at_delta, err);
}

static stroma_status look(const search *w, stroma_tipping_point *out, stroma_error *err)
{
    STROMA_TRY(at(w, 0, &out->at_zero, err));
    STROMA_TRY(at(w, w->o->limit, &out->at_limit, err));
    out->at_delta = out->at_limit;
    if (out->at_zero.stat.not_estimable) {
        out->reason = out->at_zero.stat.reason;
        return STROMA_OK;
    }
    const bool significant = out->at_zero.stat.p < w->o->alpha;
    double last = 0;
    for (int k = 1; k <= STEPS; k++) {
        const double delta = w->o->limit * k / STEPS;
        stroma_imputation_estimate e;
        STROMA_TRY(at(w, delta, &e, err));
        if ((e.stat.p < w->o->alpha) != significant)
            return bisect(w, last, delta, significant, out, err);
        last = delta;
    }
    out->reason = significant ? "the difference stays significant up to the limit"
                              : "the difference is not significant, with any shift up to the limit";
    return STROMA_OK;
}

static stroma_status check(const stroma_imputation *m, const stroma_tipping_options *o,
                           stroma_error *err)
{
    if (o->group >= m->groups || o->group == m->reference)
        return stroma_fail(err, STROMA_E_USAGE, "arm %zu is not compared with the reference",
                           o->group);
    if (!(o->alpha > 0 && o->alpha < 1))
        return stroma_fail(err, STROMA_E_USAGE, "alpha is %g, not within 0 to 1", o->alpha);
    if (!isfinite(o->limit) || o->limit == 0)
        return stroma_fail(err, STROMA_E_USAGE, "the limit of the search is %g", o->limit);
    for (size_t g = 0; g < m->groups; g++)
        if (!isfinite(o->direction[g]))
            return stroma_fail(err, STROMA_E_USAGE, "a direction is not a finite number");
    return STROMA_OK;
}

stroma_status stroma_imputation_tip(const stroma_imputation *m,
                                    const stroma_tipping_options *options,
                                    stroma_tipping_point *out, stroma_error *err)
{
    search w = { .m = m, .o = options };
    *out = (stroma_tipping_point){ .delta = NAN, .reason = "" };
    STROMA_TRY(check(m, options, err));
    w.shift = stroma_alloc_array(m->groups * m->visits, sizeof *w.shift);
    w.differences = stroma_alloc_array(m->groups, sizeof *w.differences);
    const stroma_status st =
        w.shift == NULL || w.differences == NULL ? stroma_no_memory(err) : look(&w, out, err);
    stroma_free(w.shift);
    stroma_free(w.differences);
    return st;
}
