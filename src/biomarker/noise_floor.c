/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responder rates of patients who all change alike. */
#include "stroma/biomarker_noise_floor.h"
#include "stroma/random.h"
#include "stroma/score.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_summary.h"

#include <math.h>
#include <string.h>

enum { DRAWS_MIN = 1000 };
static const double das28_most = 10;

double stroma_responder_rate(double mean_change, double sd_change, double drop)
{
    if (!(sd_change > 0)) return NAN;
    return stroma_normal_cdf((-drop - mean_change) / sd_change);
}

double stroma_no_responder(double rate, size_t n)
{
    if (!(rate >= 0 && rate <= 1)) return NAN;
    return n == 0 ? 1 : exp((double)n * log1p(-rate));
}

int stroma_response_eular(double baseline, double followup, void *context)
{
    static const double least = 0;
    stroma_score_result r;
    (void)context;
    const stroma_score *score = stroma_score_find("eular_response");
    const stroma_score_value values[] = {
        { STROMA_PRESENT, fmin(fmax(baseline, least), das28_most), NULL },
        { STROMA_PRESENT, fmin(fmax(followup, least), das28_most), NULL },
    };
    if (!isfinite(baseline) || !isfinite(followup) || score == NULL ||
        stroma_score_compute(score, values, NULL, &r, NULL) != STROMA_OK ||
        r.state != STROMA_PRESENT)
        return -1;
    return strcmp(r.word, "none") != 0;
}

static stroma_status check(const stroma_noise_model *m, stroma_error *err)
{
    if (m->draws < DRAWS_MIN)
        return stroma_fail(err, STROMA_E_USAGE, "%zu draws are fewer than %d", m->draws, DRAWS_MIN);
    if (!(m->sd_change >= 0 && isfinite(m->sd_change) && isfinite(m->mean_change)))
        return stroma_fail(err, STROMA_E_USAGE, "change %g with SD %g cannot be drawn",
                           m->mean_change, m->sd_change);
    if (m->baseline == NULL &&
        !(m->baseline_sd >= 0 && isfinite(m->baseline_sd) && isfinite(m->baseline_mean)))
        return stroma_fail(err, STROMA_E_USAGE, "baseline %g with SD %g cannot be drawn",
                           m->baseline_mean, m->baseline_sd);
    if (m->baseline != NULL && m->baseline_len == 0)
        return stroma_fail(err, STROMA_E_USAGE, "no baseline value is given");
    return STROMA_OK;
}

/* How change follows the baseline: mean change a unit above the mean, and the SD that is left. */
typedef struct fall_back {
    double mean, slope, sd;
} fall_back;

static stroma_status fall_back_of(const stroma_noise_model *m, fall_back *f, stroma_error *err)
{
    double variance = m->baseline_sd * m->baseline_sd;
    *f = (fall_back){ m->baseline_mean, 0, m->sd_change };
    if (m->baseline != NULL) {
        stroma_summary b;
        STROMA_TRY(stroma_summary_compute(m->baseline, m->baseline_len, 0.95, &b, err));
        f->mean = b.mean;
        variance = b.n > 1 ? b.variance : 0;
    }
    const double shared = m->error_sd * m->error_sd;
    if (!(shared > 0)) return STROMA_OK;
    const double left = m->sd_change * m->sd_change - shared * shared / variance;
    if (!(shared <= variance && left >= 0)) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "an error of SD %g is more than baselines of SD %g and changes of SD %g "
                          "can hold",
                          m->error_sd, sqrt(variance), m->sd_change);
        stroma_hint(err, "leave error_sd at 0: change is then independent of baseline");
        return STROMA_E_USAGE;
    }
    f->slope = -shared / variance;
    f->sd = sqrt(left);
    return STROMA_OK;
}

stroma_status stroma_noise_responders(const stroma_noise_model *model, stroma_response_fn responds,
                                      void *context, stroma_noise_rate *out, stroma_error *err)
{
    fall_back f;
    stroma_random r;
    size_t yes = 0, no = 0;
    double sum_yes = 0, sum_no = 0;
    *out = (stroma_noise_rate){ NAN, NAN, NAN, NAN, model->draws, 0 };
    STROMA_TRY(check(model, err));
    STROMA_TRY(fall_back_of(model, &f, err));
    stroma_random_init(&r, model->seed, stroma_random_stream("noise floor"), 0);
    for (size_t i = 0; i < model->draws; i++) {
        const double baseline =
            model->baseline != NULL
                ? model->baseline[i % model->baseline_len]
                : model->baseline_mean + model->baseline_sd * stroma_random_normal(&r);
        const double change =
            model->mean_change + f.slope * (baseline - f.mean) + f.sd * stroma_random_normal(&r);
        const int answer = responds(baseline, baseline + change, context);
        if (answer < 0) continue;
        *(answer > 0 ? &sum_yes : &sum_no) += change;
        ++*(answer > 0 ? &yes : &no);
    }
    out->not_evaluable = model->draws - yes - no;
    if (yes + no == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "the rule can judge no draw of %zu",
                           model->draws);
    out->rate = (double)yes / (double)(yes + no);
    out->mcse = sqrt(out->rate * (1 - out->rate) / (double)(yes + no));
    if (yes > 0) out->mean_yes = sum_yes / (double)yes;
    if (no > 0) out->mean_no = sum_no / (double)no;
    return STROMA_OK;
}
