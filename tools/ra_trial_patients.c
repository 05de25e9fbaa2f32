/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in the simulated trial, and how each one's disease runs. The assumptions stand in
 * make_ra_trial.c. */
#include "ra_trial.h"

#include <math.h>

static const uint64_t SEED = 20180616;
const double ra_trial_weeks[VISITS] = { 0, 1, 2, 3, 4, 12, 24, 48 };

/* ---- draws ---- */

stroma_random ra_trial_generator(const char *stream, int item)
{
    stroma_random r;
    stroma_random_init(&r, SEED, stroma_random_stream(stream), (uint64_t)item);
    return r;
}

double ra_trial_normal(stroma_random *r, double mean, double sd)
{
    return mean + sd * stroma_random_normal(r);
}

double ra_trial_lognormal(stroma_random *r, double median, double log_sd)
{
    return median * exp(log_sd * stroma_random_normal(r));
}

static double between(stroma_random *r, double low, double high)
{
    return low + (high - low) * stroma_random_uniform(r);
}

static int whole(stroma_random *r, int low, int high)
{
    return low + (int)stroma_random_below(r, (uint64_t)(high - low + 1));
}

double ra_trial_clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double ra_trial_rounded(double x, double low, double high)
{
    return ra_trial_clamp(floor(x + 0.5), low, high);
}

/* ---- who is who ---- */

static bool is_one_of(int x, const int *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == x) return true;
    return false;
}
#define ONE_OF(x, ...) \
    is_one_of(x, (const int[]){ __VA_ARGS__ }, sizeof((int[]){ __VA_ARGS__ }) / sizeof(int))

static void lose(patient *p, stroma_random *r)
{
    p->last_visit = VISITS - 1;
    if (p->treated) {
        if (p->place == 30) p->last_visit = W12;
        if (p->place == 41) p->last_visit = W24;
    } else {
        if (p->place == 10) p->last_visit = 4;
        if (ONE_OF(p->place, 11, 12)) p->last_visit = W12;
        if (ONE_OF(p->place, 13, 14)) p->last_visit = W24;
    }
    if (p->last_visit == VISITS - 1) return;
    const int from = (int)(7 * ra_trial_weeks[p->last_visit]),
              to = (int)(7 * ra_trial_weeks[p->last_visit + 1]);
    p->lost_day = whole(r, from + 10, to - 10);
}

static void make_days(patient *p, stroma_random *r)
{
    static const int spread[VISITS] = { 3, 1, 2, 1, 2, 6, 12, 14 };
    for (int v = 0; v < VISITS; v++)
        p->day[v] = (int)(7 * ra_trial_weeks[v]) +
                    (v == 0 ? -whole(r, 0, 3) : whole(r, -spread[v], spread[v]));
    if (!p->treated && p->place == 22) p->day[W24] = 191; /* deliberate: outside its window */
}

static void make_person(patient *p)
{
    stroma_random r = ra_trial_generator("person", p->number);
    p->female = stroma_random_uniform(&r) < 0.8;
    p->age = (int)ra_trial_rounded(ra_trial_normal(&r, 51, 11), 21, 76);
    p->years = (int)ra_trial_rounded(ra_trial_lognormal(&r, 7, 0.6), 1, p->age - 18.0);
    p->weight_kg =
        floor(10 * ra_trial_clamp(ra_trial_normal(&r, p->female ? 57 : 66, 8), 40, 95) + 0.5) / 10;
    p->dose_10e6_kg = p->treated ? floor(100 * ra_trial_normal(&r, 1, 0.02) + 0.5) / 100 : 0;
    make_days(p, &r);
    lose(p, &r);
}

static void make_class(patient *p)
{
    stroma_random r = ra_trial_generator("class", p->number);
    p->responds = p->treated ? p->place < RESPONDERS : p->place < 3;
    p->high_before = p->treated ? p->place < BEFORE : p->place >= 20 && p->place < 32;
    p->relapses = p->treated && ONE_OF(p->place, 3, 17);
    p->tapers = p->treated && p->responds && !ONE_OF(p->place, 3, 17, 8, 14, 25);
    p->climbs = p->treated && ONE_OF(p->place, 33, 38, 47);
    p->rise_week = p->high_before ? 0 : between(&r, 0.8, 2.0);
    p->start_week = p->rise_week + ra_trial_normal(&r, 2.5, 0.3);
    static const double doses[] = { 5, 7.5, 7.5, 10, 10, 12.5, 15 };
    p->prednisone = doses[stroma_random_below(&r, 7)];
    if (!p->tapers && !p->climbs && stroma_random_uniform(&r) < 0.2) p->prednisone = 0;
    static const double steps[] = { 1, 1.5, 2, 2.5 };
    p->taper_from = whole(&r, 3, W12);
    p->taper_step_mg_d = steps[stroma_random_below(&r, 4)];
}

static void make_everybody(patient all[PATIENTS])
{
    size_t order[PATIENTS];
    stroma_random r = ra_trial_generator("allocation", 0);
    stroma_random_permutation(&r, order, PATIENTS);
    for (int k = 0; k < PATIENTS; k++) {
        patient *p = &all[order[k]];
        *p = (patient){ .number = (int)order[k] + 1, .treated = k < TREATED };
        p->place = p->treated ? k : k - TREATED;
        make_class(p);
        make_person(p);
    }
}

/* ---- course of the disease ---- */

static double logistic(double x)
{
    return 1 / (1 + exp(-x));
}

/* Fraction of the clinical effect reached at a week; 0 at week 0. */
static double clinical_onset(const patient *p, double week)
{
    const double centre = p->treated ? p->start_week + 1.2 : 7, scale = p->treated ? 1.0 : 1.8;
    const double zero = logistic(-centre / scale);
    return (logistic((week - centre) / scale) - zero) / (1 - zero);
}

/* Fraction of the immune effect: nothing before start_week, then towards 1 with the time constant.
 */
double ra_trial_immune_effect(const patient *p, double week, double constant_weeks)
{
    if (!p->treated || !p->responds || week <= p->start_week - 1) return 0;
    const double reached = 1 - exp(-(week - p->start_week + 1) / constant_weeks);
    return p->relapses && week >= 24 ? 0.4 * reached : reached;
}

static double das28_of(const patient *p, int v)
{
    return 0.56 * sqrt(p->tjc[v]) + 0.28 * sqrt(p->sjc[v]) + 0.70 * log(p->esr[v]) +
           0.014 * p->health[v];
}

static void draw_course(patient *p, stroma_random *r)
{
    const double tjc = ra_trial_clamp(ra_trial_normal(r, 13, 4), 6, 26),
                 sjc = ra_trial_clamp(ra_trial_normal(r, 9.5, 3), 4, 22);
    const double esr = ra_trial_lognormal(r, 48, 0.35), crp = ra_trial_lognormal(r, 22, 0.6);
    const double health = ra_trial_clamp(ra_trial_normal(r, 62, 12), 25, 95);
    p->depth = p->treated && p->responds ? between(r, 0.45, 0.88)
               : p->responds             ? between(r, 0.40, 0.60)
                             : ra_trial_clamp(ra_trial_normal(r, 0.06, 0.06), -0.06, 0.2);
    for (int v = 0; v < VISITS; v++) {
        double effect = p->depth * clinical_onset(p, ra_trial_weeks[v]);
        if (!p->responds) effect = p->depth * (1 - exp(-ra_trial_weeks[v] / 4));
        if (p->relapses && v >= W24) effect *= 0.25;
        const double f = 1 - effect;
        p->tjc[v] = ra_trial_rounded(ra_trial_normal(r, tjc * f, 0.9), 0, 28);
        p->sjc[v] = ra_trial_rounded(ra_trial_normal(r, sjc * f, 0.8), 0, 28);
        p->esr[v] = ra_trial_rounded(
            (10 + fmax(esr - 10, 2) * f) * exp(ra_trial_normal(r, 0, 0.12)), 2, 140);
        p->crp[v] =
            floor(10 * ra_trial_clamp((2 + fmax(crp - 2, 1) * f) * exp(ra_trial_normal(r, 0, 0.2)),
                                      0.2, 250)) /
            10;
        p->health[v] = ra_trial_rounded(ra_trial_normal(r, 12 + (health - 12) * f, 5), 0, 100);
        p->das28[v] = das28_of(p, v);
    }
}

static bool eular_none(double baseline, double now)
{
    const double drop = baseline - now;
    return drop <= 0.6 || (drop <= 1.2 && now > 5.1);
}

/* Rise above the lowest value since baseline of more than 1.2, or more than 0.6 to 3.2 and above.
 */
static bool flares(const patient *p, int v)
{
    double lowest = p->das28[1];
    for (int k = 2; k < v; k++)
        lowest = fmin(lowest, p->das28[k]);
    const double rise = p->das28[v] - lowest;
    return rise > 1.15 || (rise > 0.55 && p->das28[v] >= 3.15);
}

static bool of_its_class(const patient *p)
{
    const double *d = p->das28;
    if (d[0] < 4.8 || d[0] > 8.2) return false;
    const bool none = eular_none(d[0], d[W12]);
    if (none == p->responds && p->last_visit >= W12) return false;
    /* not on an edge of the criteria: the class must not hang on the last digit */
    const double drop = d[0] - d[W12];
    if (fabs(drop - 0.6) < 0.02 || fabs(drop - 1.2) < 0.02 || fabs(d[W12] - 5.1) < 0.02)
        return false;
    if (!p->treated || !p->responds) return true;
    if (p->relapses) return flares(p, W24) && eular_none(d[0], d[W24]);
    for (int v = W24; v < VISITS; v++)
        if (flares(p, v) || eular_none(d[0], d[v] + 0.05)) return false;
    return true;
}

/* @return false when no course of the class was found: the assumptions contradict each other */
static bool make_course(patient *p)
{
    stroma_random r = ra_trial_generator("course", p->number);
    for (int attempt = 0; attempt < 100000; attempt++) {
        draw_course(p, &r);
        if (of_its_class(p)) return true;
    }
    return false;
}

int ra_trial_make_patients(patient all[PATIENTS])
{
    make_everybody(all);
    for (int i = 0; i < PATIENTS; i++)
        if (!make_course(&all[i])) return i + 1;
    return 0;
}
