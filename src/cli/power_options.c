/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power_options.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

stroma_status power_numbers(const cli_context *c, const char *option, double *out, size_t most,
                            size_t *n, stroma_error *err)
{
    const char *text = cli_text(c, option);
    *n = 0;
    while (text != NULL && *text != '\0') {
        const size_t len = strcspn(text, ",");
        if (*n == most)
            return stroma_fail(err, STROMA_E_USAGE, "--%s has more than %zu numbers", option, most);
        if (!stroma_parse_double(text, len, '.', &out[*n])) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--%s: \"%.*s\" is no number", option, (int)len,
                              text);
            stroma_hint(err, "numbers with commas between them, as 1,0.9,0.8");
            return STROMA_E_USAGE;
        }
        ++*n;
        text += len + (text[len] == ',');
    }
    return STROMA_OK;
}

static stroma_status retention(const cli_context *c, stroma_power_design *d, stroma_error *err)
{
    static const char *const options[] = { "retention", "retention2" };
    d->visits = (size_t)cli_count(c, "visits", 0);
    for (size_t g = 0; g < 2; g++) {
        size_t n = 0;
        STROMA_TRY(power_numbers(c, options[g], d->retention[g], STROMA_POWER_VISITS_MAX, &n, err));
        if (n == 0) continue;
        if (d->visits == 0) d->visits = n;
        if (n != d->visits)
            return stroma_fail(err, STROMA_E_USAGE, "--%s has %zu numbers for %zu visits",
                               options[g], n, d->visits);
    }
    return STROMA_OK;
}

/* Cohen's f of --means. */
static stroma_status means(const cli_context *c, stroma_power_design *d, stroma_error *err)
{
    enum { MEANS_MAX = 1000 };
    double m[MEANS_MAX];
    size_t n = 0;
    if (!cli_given(c, "means")) return STROMA_OK;
    if (cli_given(c, "f")) return stroma_fail(err, STROMA_E_USAGE, "give either --means or --f");
    STROMA_TRY(power_numbers(c, "means", m, MEANS_MAX, &n, err));
    d->groups = n;
    d->effect = stroma_power_cohen_f(m, n, d->sd);
    return STROMA_OK;
}

/* --events, or shares of subjects with an event from medians and times. */
static stroma_status events(const cli_context *c, stroma_power_design *d, stroma_error *err)
{
    size_t n = 0;
    STROMA_TRY(power_numbers(c, "events", d->event_frac, 2, &n, err));
    if (n == 1) d->event_frac[1] = d->event_frac[0];
    if (!cli_given(c, "median")) return STROMA_OK;
    const double median = cli_number(c, "median", 0);
    if (n > 0 || !cli_given(c, "follow-up") || !(median > 0)) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          "--median needs --follow-up, is above 0, and excludes --events");
        stroma_hint(err, "--median 10 --accrual 12 --follow-up 12, all in months");
        return STROMA_E_USAGE;
    }
    const double ratio = d->effect > 0 ? d->effect : 1;
    for (size_t g = 0; g < 2; g++)
        d->event_frac[g] = stroma_power_event_frac(
            log(2) / median * (g == 0 ? 1 : ratio), cli_number(c, "accrual", 0),
            cli_number(c, "follow-up", 0), cli_number(c, "loss", 0));
    return STROMA_OK;
}

static stroma_status effect_of(const cli_context *c, const char *method, const char *effect,
                               bool wanted, stroma_power_design *d, stroma_error *err)
{
    if (effect == NULL) return STROMA_OK;
    d->effect = cli_number(c, effect, 0);
    if (cli_given(c, effect) || !wanted) return STROMA_OK;
    if (strcmp(method, "equivalence") == 0 || strcmp(method, "non-inferiority") == 0 ||
        strcmp(method, "levene") == 0 || strcmp(method, "bartlett") == 0)
        return STROMA_OK;
    if (strcmp(effect, "f") == 0 && cli_given(c, "means")) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", effect);
    stroma_hint(err,
                "it is the effect that \"%s\" is planned to find; --power with --n gives the "
                "one that is detected",
                method);
    return STROMA_E_USAGE;
}

stroma_status power_design(const cli_context *c, const char *method, const char *effect,
                           bool effect_wanted, stroma_power_design *d, stroma_error *err)
{
    size_t n = 0;
    *d = (stroma_power_design)STROMA_POWER_DESIGN_INIT;
    d->alpha = cli_number(c, "alpha", 0);
    d->one_sided = cli_given(c, "one-sided");
    d->ratio = cli_number(c, "ratio", 1);
    d->sd = cli_number(c, "sd", 1);
    d->sd2 = cli_number(c, "sd2", d->sd);
    d->null_value = cli_number(c, "null", 0);
    d->margin = cli_number(c, "margin", 0);
    d->p1 = cli_number(c, strncmp(method, "interaction", 11) == 0 ? "prevalence" : "p1", 0);
    d->correlation = cli_number(c, "correlation", 0);
    d->groups = (size_t)cli_count(c, "groups", 0);
    if (strcmp(cli_text(c, "structure"), "ar1") == 0) d->structure = STROMA_POWER_VISITS_AR1;
    STROMA_TRY(effect_of(c, method, effect, effect_wanted, d, err));
    STROMA_TRY(means(c, d, err));
    STROMA_TRY(retention(c, d, err));
    STROMA_TRY(power_numbers(c, "cells", d->cell, 3, &n, err));
    STROMA_TRY(power_numbers(c, "categories", d->category, STROMA_POWER_CATEGORIES_MAX,
                             &d->categories, err));
    d->censored_frac = cli_number(c, "censored", 0);
    return events(c, d, err);
}
