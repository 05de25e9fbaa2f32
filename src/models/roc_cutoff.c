/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One cut-off: given beforehand, or searched for. */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

#include <math.h>

static size_t count_positive(const double *x, size_t n, double sign, double threshold,
                             bool inclusive)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        k += inclusive ? sign * x[i] >= sign * threshold : sign * x[i] > sign * threshold;
    return k;
}

static stroma_stat share(size_t events, size_t n, stroma_proportion_method m, double level,
                         const char *name)
{
    stroma_stat s = stroma_proportion(events, n, m, level);
    s.estimate_name = name;
    if (n == 0) s.reason = "nobody to count";
    return s;
}

stroma_status stroma_roc_at(const stroma_roc_sample *s, double threshold, bool inclusive,
                            stroma_proportion_method method, double level, stroma_roc_cutoff *out,
                            stroma_error *err)
{
    *out = (stroma_roc_cutoff){ .threshold = threshold, .inclusive = inclusive };
    STROMA_TRY(roc_check_level(level, err));
    if (isnan(threshold)) return stroma_fail(err, STROMA_E_USAGE, "the threshold is not a number");
    roc_ladder l;
    STROMA_TRY(roc_ladder_new(s, &l, err)); /* checks the values */
    const double sign = l.sign;
    roc_ladder_free(&l);
    const size_t n_pos = s->positive_len, n_neg = s->negative_len;
    out->tp = count_positive(s->positive, n_pos, sign, threshold, inclusive);
    out->fp = count_positive(s->negative, n_neg, sign, threshold, inclusive);
    out->fn = n_pos - out->tp;
    out->tn = n_neg - out->fp;
    out->sensitivity = share(out->tp, n_pos, method, level, "sensitivity");
    out->specificity = share(out->tn, n_neg, method, level, "specificity");
    out->ppv = share(out->tp, out->tp + out->fp, method, level, "PPV");
    out->npv = share(out->tn, out->tn + out->fn, method, level, "NPV");
    out->accuracy = share(out->tp + out->tn, n_pos + n_neg, method, level, "accuracy");
    const double tpr = (double)out->tp / (double)n_pos, fpr = (double)out->fp / (double)n_neg;
    out->lr_positive = tpr / fpr;
    out->lr_negative = (1 - tpr) / (1 - fpr);
    out->odds_ratio = (double)out->tp * (double)out->tn / ((double)out->fp * (double)out->fn);
    return STROMA_OK;
}

static stroma_stat predictive(double estimate, double variance, double level, const char *name)
{
    stroma_stat s = stroma_stat_empty("roc_predictive_value");
    s.estimate_name = name;
    s.estimate = estimate;
    s.level = level;
    s.variant = "at a given prevalence";
    if (isnan(estimate)) {
        s.not_estimable = true;
        s.reason = "nobody is called that";
    } else if (!(isfinite(variance) && estimate > 0 && estimate < 1)) {
        s.reason = "a count of 0: the logit interval does not exist";
    } else {
        const double z = stroma_normal_quantile(0.5 + level / 2) * sqrt(variance);
        const double centre = log(estimate / (1 - estimate));
        s.interval_method = "logit";
        s.se = estimate * (1 - estimate) * sqrt(variance);
        s.lower = 1 / (1 + exp(z - centre));
        s.upper = 1 / (1 + exp(-z - centre));
    }
    return s;
}

void stroma_roc_predictive(const stroma_roc_cutoff *c, double prevalence_frac, double level,
                           stroma_stat *ppv, stroma_stat *npv)
{
    const double n_pos = (double)(c->tp + c->fn), n_neg = (double)(c->fp + c->tn);
    if (n_pos == 0 || n_neg == 0 || !(prevalence_frac > 0 && prevalence_frac < 1) ||
        !(level > 0 && level < 1)) {
        *ppv = *npv = stroma_stat_cannot(
            "roc_predictive_value",
            n_pos == 0 || n_neg == 0 ? roc_one_class : "prevalence and level lie between 0 and 1");
        return;
    }
    const double se = (double)c->tp / n_pos, sp = (double)c->tn / n_neg, prev = prevalence_frac;
    const double true_pos = se * prev, false_pos = (1 - sp) * (1 - prev);
    const double true_neg = sp * (1 - prev), false_neg = (1 - se) * prev;
    *ppv = predictive(true_pos / (true_pos + false_pos),
                      (1 - se) / se / n_pos + sp / (1 - sp) / n_neg, level, "PPV");
    *npv = predictive(true_neg / (true_neg + false_neg),
                      se / (1 - se) / n_pos + (1 - sp) / sp / n_neg, level, "NPV");
    ppv->n_used = npv->n_used = c->tp + c->fn + c->fp + c->tn;
    ppv->n1 = npv->n1 = c->tp + c->fn;
    ppv->n2 = npv->n2 = c->fp + c->tn;
}

roc_best roc_best_youden(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count)
{
    /* the index in units of 1/(n_pos · n_neg), whole */
    const int64_t n_pos = (int64_t)l->n_pos, n_neg = (int64_t)l->n_neg;
    int64_t tp = n_pos, fp = n_neg, best = 0;
    roc_best b = { .threshold = -INFINITY, .tp = l->n_pos, .fp = l->n_neg, .tied = 0 };
    size_t last = SIZE_MAX; /* the last rung that the resample holds */
    for (size_t r = 0; r < l->rungs; r++) {
        if (pos_count[r] == 0 && neg_count[r] == 0) continue;
        if (last != SIZE_MAX) {
            const int64_t index = tp * n_neg - fp * n_pos;
            if (index > best) {
                best = index;
                b = (roc_best){ .threshold = roc_between(l->value[last], l->value[r]),
                                .tp = (size_t)tp,
                                .fp = (size_t)fp };
            }
            b.tied += best > 0 && index == best;
        }
        tp -= pos_count[r];
        fp -= neg_count[r];
        last = r;
    }
    return b;
}

static double rate(size_t k, size_t n)
{
    return (double)k / (double)n;
}

/* Threshold, and optimism of sensitivity and specificity: in the resample minus in the data. */
static void search_of(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count,
                      const void *context, double *out)
{
    (void)context;
    const roc_best b = roc_best_youden(l, pos_count, neg_count);
    size_t tp = 0, fp = 0;
    for (size_t r = l->rungs; r-- > 0 && l->value[r] > b.threshold;) {
        tp += l->pos_count[r];
        fp += l->neg_count[r];
    }
    out[0] = b.threshold;
    out[1] = rate(b.tp, l->n_pos) - rate(tp, l->n_pos);
    out[2] = rate(fp, l->n_neg) - rate(b.fp, l->n_neg);
}

/* Mean, and its Monte-Carlo standard error. */
static double mean(const double *x, const double *y, size_t n, double *mcse)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] + (y == NULL ? 0 : y[i]);
    const double m = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double d = x[i] + (y == NULL ? 0 : y[i]) - m;
        squares += d * d;
    }
    *mcse = sqrt(squares / (double)(n - 1) / (double)n);
    return m;
}

/* Resamples without a threshold are left out of the interval and counted. */
static stroma_status threshold_interval(const roc_ladder *l, double *x, size_t n,
                                        stroma_roc_search *out, stroma_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i])) x[kept++] = l->sign * x[i];
    out->resamples_failed = n - kept;
    out->cutoff.interval_method = "bootstrap of the whole search, percentile";
    if (kept < 2) {
        out->cutoff.reason = "no resample has a threshold that beats chance";
        return STROMA_OK;
    }
    return roc_percentiles(x, kept, out->cutoff.level, &out->cutoff, err);
}

static stroma_status search(const roc_ladder *l, const stroma_roc_bootstrap *bootstrap,
                            stroma_roc_search *out, stroma_error *err)
{
    const roc_best b = roc_best_youden(l, l->pos_count, l->neg_count);
    out->threshold = l->sign * b.threshold;
    out->tied = b.tied;
    out->tp = b.tp;
    out->fp = b.fp;
    out->sensitivity = rate(b.tp, l->n_pos);
    out->specificity = 1 - rate(b.fp, l->n_neg);
    out->youden = out->sensitivity + out->specificity - 1;
    if (b.tied == 0)
        out->cutoff.reason = "no threshold beats chance";
    else
        out->cutoff.estimate = out->threshold;
    double *x = NULL;
    const size_t n = bootstrap->resamples;
    STROMA_TRY(roc_resample(l, bootstrap, search_of, NULL, 3, &x, err));
    double unused = 0;
    const double dse = mean(x + n, NULL, n, &unused), dsp = mean(x + 2 * n, NULL, n, &unused);
    (void)mean(x + n, x + 2 * n, n, &out->optimism_mcse);
    out->sensitivity_corrected = out->sensitivity - dse;
    out->specificity_corrected = out->specificity - dsp;
    out->youden_corrected = out->sensitivity_corrected + out->specificity_corrected - 1;
    const stroma_status s = threshold_interval(l, x, n, out, err);
    stroma_free(x);
    return s;
}

stroma_status stroma_roc_search_cutoff(const stroma_roc_sample *s, double level,
                                       const stroma_roc_bootstrap *bootstrap,
                                       stroma_roc_search *out, stroma_error *err)
{
    roc_ladder l;
    *out = (stroma_roc_search){ .cutoff = stroma_stat_empty("roc_searched_cutoff") };
    STROMA_TRY(roc_check_level(level, err));
    STROMA_TRY(roc_ladder_new(s, &l, err));
    out->cutoff.variant = "searched in these data, largest Youden index";
    out->cutoff.estimate_name = "cut-off";
    out->cutoff.level = level;
    out->cutoff.n_used = l.n_pos + l.n_neg;
    out->cutoff.n1 = l.n_pos;
    out->cutoff.n2 = l.n_neg;
    stroma_status status = roc_need_both(&l, err);
    if (status == STROMA_OK) status = search(&l, bootstrap, out, err);
    roc_ladder_free(&l);
    return status;
}
