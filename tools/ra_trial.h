/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The patients of the simulated trial, between their making and their writing. */
#ifndef RA_TRIAL_H
#define RA_TRIAL_H
#include "stroma/random.h"

#include <stdbool.h>

enum { PATIENTS = 105, TREATED = 52, RESPONDERS = 28, BEFORE = 12, VISITS = 8, W12 = 5, W24 = 6 };
extern const double ra_trial_weeks[VISITS];

typedef struct patient {
    int number; /* 1 to 105: the subject id */
    bool treated;
    int place; /* within the arm, in an order that chance has made */
    bool responds, high_before, relapses, tapers, climbs;
    int last_visit, lost_day; /* lost_day 0: completed */
    int day[VISITS];
    bool female;
    int age, years;
    double weight_kg, dose_10e6_kg;
    double rise_week, start_week; /* of IFN-gamma, of the immune change */
    double tjc[VISITS], sjc[VISITS], esr[VISITS], crp[VISITS], health[VISITS], das28[VISITS];
    double depth, prednisone, taper_step_mg_d;
    int taper_from; /* visit */
} patient;

/* A generator of its own for each purpose and patient, so that one change moves nothing else. */
stroma_random ra_trial_generator(const char *stream, int item);
double ra_trial_normal(stroma_random *r, double mean, double sd);
double ra_trial_lognormal(stroma_random *r, double median, double log_sd);
double ra_trial_clamp(double x, double low, double high);
double ra_trial_rounded(double x, double low, double high);

/* Draw everybody and a course of the disease for each.
 * @return 0, or the number of a patient for whom no course of the class was found */
int ra_trial_make_patients(patient all[PATIENTS]);
/* Fraction of the immune effect at a week: 0 before it begins, then towards 1. */
double ra_trial_immune_effect(const patient *p, double week, double constant_weeks);
#endif
