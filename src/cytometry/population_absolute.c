/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells per microlitre, by counting beads or by the acquired volume. */
#include "population.h"

#include "stroma/cytometry_index.h"
#include "stroma/number.h"
#include "stroma/stats_distribution.h"

#include <math.h>
#include <string.h>

static stroma_status positive(const char *what, double x, stroma_error *err)
{
    return x > 0 && isfinite(x)
               ? STROMA_OK
               : stroma_fail(err, STROMA_E_USAGE, "%s of %g is not above 0", what, x);
}

stroma_status stroma_absolute_beads(uint64_t cells, uint64_t beads, double beads_per_ul,
                                    double dilution, const stroma_population_options *opts,
                                    stroma_population_value *out, stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    STROMA_TRY(positive("a bead concentration", beads_per_ul, err));
    STROMA_TRY(positive("a dilution", dilution, err));
    *out = population_value_begin(stroma_definition_find("cells_per_ul_beads"), opts);
    out->n = (size_t)cells;
    if (cells < opts->event_floor || beads < opts->event_floor)
        out->flags |= STROMA_FLAG_FEW_EVENTS;
    if (beads == 0) {
        out->reason = "no counting bead was seen";
        return STROMA_OK;
    }
    const double per = beads_per_ul * dilution;
    out->value = (double)cells / (double)beads * per;
    const stroma_stat share = stroma_proportion((size_t)cells, (size_t)(cells + beads),
                                                STROMA_PROPORTION_CLOPPER_PEARSON, opts->level);
    out->lower = share.lower / (1 - share.lower) * per;
    out->upper = share.upper / (1 - share.upper) * per;
    out->interval = "both Poisson, exact";
    return STROMA_OK;
}

stroma_status stroma_absolute_volume(uint64_t cells, double volume_ul, double dilution,
                                     const stroma_population_options *opts,
                                     stroma_population_value *out, stroma_error *err)
{
    STROMA_TRY(population_options_check(opts, err));
    STROMA_TRY(positive("a volume", volume_ul, err));
    STROMA_TRY(positive("a dilution", dilution, err));
    *out = population_value_begin(stroma_definition_find("cells_per_ul_volume"), opts);
    out->n = (size_t)cells;
    if (cells < opts->event_floor) out->flags |= STROMA_FLAG_FEW_EVENTS;
    const double tail = (1 - opts->level) / 2, per = dilution / volume_ul, x = (double)cells;
    out->value = x * per;
    out->lower = cells == 0 ? 0 : stroma_gamma_quantile(tail, x, 1) * per;
    out->upper = stroma_gamma_quantile(1 - tail, x + 1, 1) * per;
    out->interval = "Poisson, exact";
    return STROMA_OK;
}

/* "13:10:33", "18:39:40.59", "13:10:33:24" (sixtieths, FCS 3.0): seconds of the day; NaN. */
static double clock_seconds(const char *text)
{
    double part[4] = { 0 };
    size_t n = 0;
    for (const char *p = text; p != NULL && n < 4;) {
        const char *colon = strchr(p, ':');
        const size_t len = colon == NULL ? strlen(p) : (size_t)(colon - p);
        if (!stroma_parse_double(p, len, '.', &part[n++])) return (double)NAN;
        p = colon == NULL ? NULL : colon + 1;
    }
    return n < 3 ? (double)NAN : part[0] * 3600 + part[1] * 60 + part[2] + part[3] / 60;
}

static double minutes(const stroma_fcs_dataset *d)
{
    const char *begin = stroma_fcs_text(d, "$BTIM"), *end = stroma_fcs_text(d, "$ETIM");
    if (begin == NULL || end == NULL) return (double)NAN;
    const double s = clock_seconds(end) - clock_seconds(begin);
    return (s < 0 ? s + 86400 : s) / 60; /* past midnight */
}

static bool possible(double volume_ul, double minutes)
{
    const double rate = volume_ul / minutes;
    return rate >= 0.5 && rate <= 2000;
}

static void tell(stroma_diag *diag, const char *file, const char *code, const char *value,
                 const char *message, const char *action)
{
    stroma_diag_add(diag, &(const stroma_finding){ .code = code,
                                                   .severity = STROMA_WARNING,
                                                   .file = file,
                                                   .param = "$VOL",
                                                   .value = value,
                                                   .message = message,
                                                   .action = action });
}

/* $VOL in nL as FCS says, unless the flow rate says that it cannot be. */
static void by_standard(const stroma_fcs_dataset *d, const char *text, double number,
                        const char *file, stroma_diag *diag, stroma_acquired_volume *out)
{
    const double m = minutes(d);
    out->keyword = "$VOL";
    out->unit = "nL";
    out->volume_ul = number / 1000;
    if (!(m > 0)) return; /* nothing speaks against it */
    if (!possible(number / 1000, m) && possible(number, m)) {
        out->unit = "µL";
        out->volume_ul = number;
        out->against_standard = true;
        tell(diag, file, "STROMA-POP-006", text,
             "$VOL is taken as microlitres: as nanolitres the flow rate would be impossible",
             "give the volume with --volume if this is wrong");
    } else if (!possible(number / 1000, m)) {
        out->volume_ul = (double)NAN;
        out->unit = "";
        tell(diag, file, "STROMA-POP-007", text,
             "$VOL gives an impossible flow rate in nanolitres and in microlitres: not used",
             "give the volume with --volume");
        return;
    }
    out->rate_ul_min = out->volume_ul / m;
}

/* A number that can be a volume in any of the units. */
static bool volume_text(const char *text, double *out)
{
    return text != NULL && stroma_parse_double(text, strlen(text), '.', out) && *out > 1e-9 &&
           *out < 1e15;
}

void stroma_acquired_volume_find(const stroma_fcs_dataset *d, const char *file, stroma_diag *diag,
                                 stroma_acquired_volume *out)
{
    *out = (stroma_acquired_volume){
        .volume_ul = (double)NAN, .keyword = "", .unit = "", .rate_ul_min = (double)NAN
    };
    double x = 0;
    const char *text = stroma_fcs_text(d, "$VOL");
    if (volume_text(text, &x)) {
        by_standard(d, text, x, file, diag, out);
        return;
    }
    text = stroma_fcs_text(d, "P$COUNTVOLUME");
    if (volume_text(text, &x)) {
        out->keyword = "P$COUNTVOLUME";
        out->unit = "mL";
        out->volume_ul = x * 1000;
        const double m = minutes(d);
        if (m > 0) out->rate_ul_min = out->volume_ul / m;
    }
}
