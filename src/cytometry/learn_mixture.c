/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where an event belongs as likely to the upper as to the lower population of a t-mixture. With two
 * channels it is the ellipse of one component. */
#include "density.h"
#include "learn.h"

#include <math.h>

static const double MIN_CONFIDENCE = 0.5, BIC_NEEDED = 10;
static const double starts[] = { 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98 };
enum { STARTS = sizeof starts / sizeof starts[0], TRIAL_ROUNDS = 25 };

/* Weight, mean and variance of the cells from a to b − 1 as component j. */
static void start_at(const learn_cell *cell, size_t a, size_t b, double total, double floor,
                     learn_mixture_fit *fit, size_t j)
{
    double n = 0, x = 0, xx = 0;
    for (size_t i = a; i < b; i++) {
        n += cell[i].count;
        x += cell[i].count * cell[i].x[0];
        xx += cell[i].count * cell[i].x[0] * cell[i].x[0];
    }
    const double mean = n > 0 ? x / n : 0.5 * (cell[a].x[0] + cell[b - 1].x[0]);
    fit->weight[j] = fmax(n / total, 1e-6);
    fit->mean[j][0] = mean;
    fit->covariance[j][0] = (n > 0 ? fmax(xx / n - mean * mean, 0) : 0) + floor;
}

/* First cell of the upper part when the share @p p of the events, or of the range, is below. */
static size_t split_cell(const learn_cell *cell, size_t cells, double total, double p, bool range)
{
    double n = 0;
    size_t i = 0;
    if (range) {
        const double at = cell[0].x[0] + p * (cell[cells - 1].x[0] - cell[0].x[0]);
        while (i < cells && cell[i].x[0] < at)
            i++;
    } else {
        while (i < cells && (n += cell[i].count) < p * total)
            i++;
    }
    return i < 1 ? 1 : i > cells - 1 ? cells - 1 : i;
}

static learn_mixture_fit fit_two(const learn_cell *cell, size_t cells, double total, double floor,
                                 double df)
{
    learn_mixture_fit best = { .log_likelihood = -(double)INFINITY };
    for (int s = 0; s < 2 * STARTS; s++) {
        const size_t at = split_cell(cell, cells, total, starts[s % STARTS], s >= STARTS);
        learn_mixture_fit fit = { .k = 2, .dims = 1, .df = df };
        start_at(cell, 0, at, total, floor, &fit, 0);
        start_at(cell, at, cells, total, floor, &fit, 1);
        learn_mixture_em(cell, cells, floor, TRIAL_ROUNDS, &fit);
        if (fit.log_likelihood > best.log_likelihood) best = fit;
    }
    learn_mixture_em(cell, cells, floor, LEARN_ROUNDS, &best);
    if (best.mean[0][0] > best.mean[1][0]) {
        learn_mixture_fit turned = best;
        for (size_t j = 0; j < 2; j++) {
            turned.weight[j] = best.weight[1 - j];
            turned.mean[j][0] = best.mean[1 - j][0];
            turned.covariance[j][0] = best.covariance[1 - j][0];
        }
        best = turned;
    }
    return best;
}

/* Where the upper component becomes the likelier one, between the two means. */
static double crossing(const learn_mixture_fit *fit)
{
    double low = fit->mean[0][0], high = fit->mean[1][0];
    for (int i = 0; i < 60; i++) {
        const double x[2] = { 0.5 * (low + high), 0 };
        const bool upper =
            learn_mixture_log_density(fit, 1, x) > learn_mixture_log_density(fit, 0, x);
        *(upper ? &high : &low) = x[0];
    }
    return 0.5 * (low + high);
}

/* Events on the wrong side of the edge, by the mixture, a unit of the smaller population. */
static double wrong(const learn_cell *cell, size_t cells, const learn_mixture_fit *fit, double edge)
{
    double bad = 0, n[2] = { 0, 0 };
    for (size_t i = 0; i < cells; i++) {
        double p[LEARN_COMPONENTS_MAX];
        learn_mixture_posterior(fit, cell[i].x, p);
        n[0] += cell[i].count * p[0];
        n[1] += cell[i].count * p[1];
        bad += cell[i].count * (cell[i].x[0] < edge ? p[1] : p[0]);
    }
    return bad / fmax(fmin(n[0], n[1]), 1e-9);
}

static void judge(const learn_job *job, const learn_cell *cell, size_t cells, double total,
                  double floor, learn_answer *out)
{
    /* Tails as they fit best, for one population and for two: else two of one kind of tail stand
     * for one of another. */
    static const double tails[] = { 4, 8, 16, 0 };
    learn_mixture_fit one = { .bic = (double)INFINITY }, two = { .bic = (double)INFINITY };
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        learn_mixture_fit fit = { .k = 1, .dims = 1, .df = tails[i] };
        start_at(cell, 0, cells, total, floor, &fit, 0);
        learn_mixture_em(cell, cells, floor, LEARN_ROUNDS, &fit);
        if (fit.bic < one.bic) one = fit;
        fit = fit_two(cell, cells, total, floor, tails[i]);
        if (fit.bic < two.bic) two = fit;
    }
    const double edge = crossing(&two), gain = one.bic - two.bic;
    const double confidence = fmax(0, 1 - wrong(cell, cells, &two, edge));
    stroma_json_put_number(out->seen, "bic_gain", gain);
    stroma_json_put_number(out->seen, "degrees_of_freedom", two.df);
    stroma_json_put_number(out->seen, "mean_low", two.mean[0][0]);
    stroma_json_put_number(out->seen, "mean_high", two.mean[1][0]);
    stroma_json_put_number(out->seen, "weight_high", two.weight[1]);
    if (gain < BIC_NEEDED) {
        learn_nothing(out, "one population is enough: a second gains %.3g in BIC, %.0f are needed",
                      gain, BIC_NEEDED);
    } else if (confidence < MIN_CONFIDENCE) {
        learn_nothing(out, "the two populations overlap: %.0f %% of the smaller one would be wrong",
                      100 * (1 - confidence));
    } else if (edge < job->rule->low || edge > job->rule->high) {
        learn_nothing(out, "the populations part at %.3g of the scale, outside of the range", edge);
    } else {
        out->shape = LEARN_EDGE;
        out->edge = edge;
        out->confidence = confidence;
    }
}

static stroma_status find(const learn_job *job, learn_answer *out, stroma_error *err)
{
    density_grid g;
    if (job->channels == 2) return learn_ellipse.find(job, out, err);
    if (!density_make(job->sample.x[0], job->sample.n, 0, &g)) {
        learn_nothing(out, "all values are alike");
        return STROMA_OK;
    }
    learn_cell *cell = stroma_alloc_array(DENSITY_BINS, sizeof *cell);
    if (cell == NULL) return stroma_no_memory(err);
    size_t cells = 0;
    for (size_t i = 0; i < DENSITY_BINS; i++)
        if (g.count[i] > 0)
            cell[cells++] = (learn_cell){ { density_place(&g, (double)i), 0 }, g.count[i] };
    if (cells < 4)
        learn_nothing(out, "fewer than four different values");
    else
        judge(job, cell, cells, (double)g.n, g.step * g.step, out);
    stroma_free(cell);
    return STROMA_OK;
}

const learn_method learn_mixture = {
    .name = "mixture",
    .channels_min = 1,
    .channels_max = 2,
    .keys = " range keep components target quantile ",
    .what = "where an event belongs as likely to the upper as to the lower of two t-distributions; "
            "with two channels the ellipse of a component",
    .confidence =
        "1 − events on the wrong side, as the mixture expects them / events of the smaller "
        "population; with two channels as ellipse",
    .find = find,
};
