/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lognormal and normal maximum likelihood without covariates. */
#include "tobit.h"

#include "stroma/memory.h"
#include "stroma/stats_distribution.h"

/* A lognormal quantity on its log scale is μ + shift(σ). */
typedef enum quantity { MEAN, SD } quantity;

static double shift_of(quantity q, double sigma)
{
    const double v = sigma * sigma;
    /* SD: mean · √(exp(v) − 1) */
    return v / 2 + (q == SD ? (v + log(-expm1(-v))) / 2 : 0);
}

/* d shift / d ln σ */
static double shift_slope(quantity q, double sigma)
{
    const double v = sigma * sigma;
    return v + (q == SD ? v / -expm1(-v) : 0);
}

static double likelihood(const double *low, const double *high, size_t n, double mu, double sigma)
{
    double sum = 0, measured = 0;
    for (size_t i = 0; i < n; i++) {
        const double a = (low[i] - mu) / sigma, b = (high[i] - mu) / sigma;
        if (low[i] == high[i]) {
            sum -= a * a / 2 + 0.91893853320467274178;
            measured++;
        } else if (isinf(a) || isinf(b)) {
            sum += tobit_log_cdf(isinf(a) ? b : -a);
        } else {
            sum += tobit_log_between(a / 2 + b / 2, (high[i] - low[i]) / sigma);
        }
    }
    return sum - measured * log(sigma);
}

typedef struct profile {
    const double *low, *high;
    size_t n;
    quantity q;
    double log_sigma, se; /* of the optimum */
    double target;
} profile;

static double at(const profile *p, double value, double log_sigma)
{
    const double sigma = exp(log_sigma);
    return likelihood(p->low, p->high, p->n, value - shift_of(p->q, sigma), sigma);
}

/* Largest likelihood with the quantity fixed: golden section over ln σ, on a window that moves
 * until the best lies inside it. */
static double gap(double value, void *context)
{
    const profile *p = context;
    const double ratio = 0.6180339887498949;
    double centre = p->log_sigma, reach = 4 * p->se, best = -(double)INFINITY;
    for (int moved = 0; moved < 40; moved++) {
        double a = centre - reach, b = centre + reach;
        double c = b - ratio * (b - a), d = a + ratio * (b - a);
        double fc = at(p, value, c), fd = at(p, value, d);
        for (int i = 0; i < 30; i++) {
            if (fc > fd) {
                b = d;
                d = c;
                fd = fc;
                c = b - ratio * (b - a);
                fc = at(p, value, c);
            } else {
                a = c;
                c = d;
                fc = fd;
                d = a + ratio * (b - a);
                fd = at(p, value, d);
            }
        }
        best = fmax(fc, fd);
        const double found = a / 2 + b / 2;
        if (fabs(found - centre) < 0.9 * reach) break;
        centre = found;
    }
    return p->target - best;
}

/* ln of the quantity: estimate, Wald's SE, limits as asked; all back to the quantity itself. */
static void lognormal(const stroma_tobit *m, const double *low, const double *high, quantity q,
                      stroma_censored_interval interval, double log_likelihood, stroma_stat *s)
{
    const double mu = m->coefficients[0], sigma = m->sigma.estimate;
    const double centre = mu + shift_of(q, sigma), d = shift_slope(q, sigma);
    const double variance = m->covariance[0] + 2 * d * m->covariance[1] + d * d * m->covariance[3];
    const double se = sqrt(variance), z = stroma_normal_quantile(0.5 + s->level / 2);
    double limits[] = { centre - z * se, centre + z * se };
    s->interval_method = "Wald, log scale";
    if (interval == STROMA_CENSORED_PROFILE) {
        profile p = {
            low, high, m->rows, q, log(sigma), sqrt(m->covariance[3]), log_likelihood - z * z / 2
        };
        s->interval_method = "profile likelihood";
        limits[0] = tobit_root(gap, &p, centre, -z * se);
        limits[1] = tobit_root(gap, &p, centre, z * se);
    }
    s->estimate = exp(centre);
    s->se = s->estimate * se;
    s->lower = exp(limits[0]);
    s->upper = exp(limits[1]);
    if (isnan(limits[0]) || isnan(limits[1])) s->reason = tobit_no_limit;
}

static void fill_lognormal(const stroma_tobit *m, const double *low, const double *high,
                           stroma_censored_interval interval, stroma_censored_summary *out)
{
    const stroma_stat *t = &m->terms[0];
    const double best = likelihood(low, high, m->rows, out->mu, out->sigma);
    out->median.estimate = exp(t->estimate);
    out->median.se = out->median.estimate * t->se;
    out->median.interval_method = t->interval_method;
    out->median.lower = exp(t->lower);
    out->median.upper = exp(t->upper);
    out->median.reason = t->reason;
    lognormal(m, low, high, MEAN, interval, best, &out->mean);
    lognormal(m, low, high, SD, interval, best, &out->sd);
    if (!isfinite(out->mean.estimate) || !isfinite(out->sd.estimate))
        censored_summary_cannot(out, "the fitted values are beyond the range of numbers");
}

static void take(const stroma_stat *from, stroma_stat *to)
{
    to->estimate = from->estimate;
    to->se = from->se;
    to->interval_method = from->interval_method;
    to->lower = from->lower;
    to->upper = from->upper;
    to->reason = from->reason;
}

static stroma_status fill(const stroma_censored_sample *s, const stroma_tobit *m,
                          stroma_censored_interval interval, stroma_censored_summary *out,
                          stroma_error *err)
{
    const bool logs = m->shape == STROMA_SHAPE_LOGNORMAL;
    const double quartile = 0.67448975019608174;
    out->mu = m->coefficients[0];
    out->sigma = m->sigma.estimate;
    out->log_likelihood = m->log_likelihood;
    out->q1 = out->mu - quartile * out->sigma;
    out->q3 = out->mu + quartile * out->sigma;
    if (!logs) {
        take(&m->terms[0], &out->mean);
        take(&m->terms[0], &out->median);
        take(&m->sigma, &out->sd);
        return STROMA_OK;
    }
    out->q1 = exp(out->q1);
    out->q3 = exp(out->q3);
    double *low = stroma_alloc_array(2 * s->n, sizeof *low);
    if (low == NULL) return censored_no_memory(err);
    (void)censored_log(s, low, low + s->n); /* the model was fitted: the logarithms exist */
    fill_lognormal(m, low, low + s->n, interval, out);
    stroma_free(low);
    return STROMA_OK;
}

stroma_status stroma_censored_ml(const stroma_censored_sample *s, stroma_censored_shape shape,
                                 stroma_censored_interval interval, double level,
                                 stroma_censored_summary *out, stroma_error *err)
{
    stroma_censored_counts counts;
    stroma_tobit *m = NULL;
    const stroma_tobit_options o = { shape, interval, level };
    STROMA_TRY(censored_level(level, err));
    STROMA_TRY(stroma_censored_count(s, &counts, err));
    censored_summary_begin(out, "censored_ml",
                           shape == STROMA_SHAPE_LOGNORMAL ? "lognormal" : "normal", &counts,
                           level);
    if (s->n == 0) {
        censored_summary_cannot(out, "no value");
        return STROMA_OK;
    }
    stroma_design d = { .rows = s->n, .columns = 1, .intercept = true };
    d.x = stroma_alloc_array(s->n, sizeof *d.x);
    if (d.x == NULL) return censored_no_memory(err);
    for (size_t i = 0; i < s->n; i++)
        d.x[i] = 1;
    stroma_status status = stroma_tobit_fit(&d, s, &o, &m, err);
    if (status == STROMA_OK && m->reason[0] != '\0')
        censored_summary_cannot(out,
                                m->infinite[0] ? "everything lies beyond its limit" : m->reason);
    else if (status == STROMA_OK)
        status = fill(s, m, interval, out, err);
    stroma_tobit_free(m);
    stroma_free(d.x);
    return status;
}
