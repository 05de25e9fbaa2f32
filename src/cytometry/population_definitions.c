/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each number is, where it comes from, and when it misleads. A new one is a line of the table
 * (and, where it is no quantile, a formula above it). The revision is raised with the formula. */
#include "population.h"

#include <math.h>
#include <string.h>

const double population_probability[POPULATION_QUANTILES] = {
    0.05, 0.15865525393145705, 0.25, 0.5, 0.75, 0.84, 0.8413447460685429, 0.95, 0.995
};

#define MARKER(p)   (f->q[POPULATION_MARKER][POPULATION_##p])
#define CONTROL(p)  (f->q[POPULATION_CONTROL][POPULATION_##p])
#define NEGATIVE(p) (f->q[POPULATION_NEGATIVE][POPULATION_##p])

static double robust_sd(const population_facts *f)
{
    return (MARKER(P_PLUS) - MARKER(P_MINUS)) / 2;
}

static double robust_cv(const population_facts *f)
{
    return MARKER(P50) > 0 ? 100 * robust_sd(f) / MARKER(P50) : (double)NAN;
}

static double ratio(const population_facts *f)
{
    return CONTROL(P50) > 0 ? MARKER(P50) / CONTROL(P50) : (double)NAN;
}

static double difference(const population_facts *f)
{
    return MARKER(P50) - CONTROL(P50);
}

static double integrated(const population_facts *f)
{
    return f->fraction > 0 ? 100 * f->fraction * MARKER(P50) : (double)NAN;
}

static double stain(const population_facts *f)
{
    const double width = NEGATIVE(P_PLUS) - NEGATIVE(P_MINUS); /* twice the robust SD */
    return width > 0 ? (MARKER(P50) - NEGATIVE(P50)) / width : (double)NAN;
}

static double separation(const population_facts *f)
{
    const double width = (NEGATIVE(P84) - NEGATIVE(P50)) / 0.995;
    return width > 0 ? (MARKER(P50) - NEGATIVE(P50)) / width : (double)NAN;
}

#define BOOTSTRAP    "percentiles of the bootstrap over events"
#define ORDER        "order statistics, exact for any distribution (Hahn & Meeker 1991 §5.2)"
#define UNITS        "channel units"
#define RECIPE(...)  (&(const population_recipe){ __VA_ARGS__ })
#define QUANTILE_(q) RECIPE(.kind = POPULATION_QUANTILE, .quantile = POPULATION_##q)
#define MOMENT_(m)   RECIPE(.kind = POPULATION_MOMENT, .moment = POPULATION_##m)
#define TYPE7        "Hyndman & Fan 1996 Am Stat 50:361, type 7"
#define SCALE        "compare only within one channel, one setting and one panel"

static const stroma_definition definitions[] = {
    { "count", 1, "events in the population", "events", "events inside the gate and its ancestors",
      "", "Gating-ML 2.0, Spidlen 2015 Cytometry A 87:683", "depends on how long was acquired",
      NULL },
    { "percent", 1, "share of a parent or ancestor", "%", "100 · count / count of the ancestor",
      "Wilson (1927 JASA 22:209) or Clopper-Pearson (1934 Biometrika 26:404)",
      "Wilson 1927 JASA 22:209",
      "the interval is that of counting; where the gate stands varies more, so look at replicates",
      RECIPE(.kind = POPULATION_FRACTION, .share = true) },
    { "percent_net", 1, "share beyond that of the control", "%",
      "percent \xE2\x88\x92 percent of the control tube in the same gates",
      "hybrid score: Newcombe 1998 Stat Med 17:873, method 10",
      "background by the control: Roederer 2011 Cytometry A 79:167",
      "an edge at the 99.5th percentile of an FMO lets 0.5 % of the negatives in: beside a rare "
      "population that is much, and percent alone is too high by it",
      NULL },
    { "mfi", 1, "median fluorescence intensity", UNITS,
      "median of linear compensated values, negatives kept", ORDER,
      "negatives belong to it: Herzenberg 2006 Nat Immunol 7:681", SCALE, QUANTILE_(P50) },
    { "geometric_mean", 1, "geometric mean of the positive values", UNITS,
      "exp of the mean logarithm; values ≤ 0 are left out and counted", "t of logarithms",
      "arithmetic of logarithms", "leaving out values ≤ 0 raises it: near zero it means nothing",
      MOMENT_(GEOMETRIC_MEAN) },
    { "mean", 1, "arithmetic mean", UNITS, "Σx / n", "t", "arithmetic",
      "a few bright events or doublets carry it", MOMENT_(MEAN) },
    { "sd", 1, "standard deviation", UNITS, "√(Σ(x − mean)² / (n − 1))", "", "arithmetic",
      "a few bright events carry it: see robust_sd", MOMENT_(SD) },
    { "cv", 1, "coefficient of variation", "%", "100 · sd / mean", "", "arithmetic",
      "has no meaning where the mean is near zero", MOMENT_(CV) },
    { "robust_sd", 1, "robust standard deviation", UNITS, "(P84.13 − P15.87) / 2", BOOTSTRAP,
      "percentiles of ±1 SD of a normal distribution; FlowJo and FACSDiva print its like",
      "of a mixture of negative and positive events it is the distance between them",
      RECIPE(.kind = POPULATION_INDEX,
             .needs = { POPULATION_NEED(P_MINUS) | POPULATION_NEED(P_PLUS), 0, 0 },
             .compute = robust_sd, .none = "the population has no spread") },
    { "robust_cv", 1, "robust coefficient of variation", "%",
      "100 · (P84.13 − P15.87) / 2 / median", BOOTSTRAP,
      "FlowJo documentation, statistics: robust CV", "has no meaning where the median is near zero",
      RECIPE(.kind = POPULATION_INDEX,
             .needs = { POPULATION_NEED(P_MINUS) | POPULATION_NEED(P50) | POPULATION_NEED(P_PLUS),
                        0, 0 },
             .compute = robust_cv, .none = "the median is not positive") },
    { "p5", 1, "5th percentile", UNITS, "5th percentile", ORDER, TYPE7, SCALE, QUANTILE_(P05) },
    { "p25", 1, "25th percentile", UNITS, "25th percentile", ORDER, TYPE7, SCALE, QUANTILE_(P25) },
    { "p75", 1, "75th percentile", UNITS, "75th percentile", ORDER, TYPE7, SCALE, QUANTILE_(P75) },
    { "p95", 1, "95th percentile", UNITS, "95th percentile", ORDER, TYPE7, SCALE, QUANTILE_(P95) },
    { "p99_5", 1, "99.5th percentile", UNITS, "99.5th percentile", ORDER, TYPE7,
      "of fewer than 1,000 events it is decided by a handful", QUANTILE_(P995) },
    { "mfi_ratio", 1, "MFI index: ratio to the control", "",
      "median of the marker / median of the control in the same population", BOOTSTRAP,
      "control by FMO: Roederer 2001 Cytometry 45:194",
      "a control near zero makes it anything: then use mfi_difference",
      RECIPE(.kind = POPULATION_INDEX, .needs = { POPULATION_NEED(P50), POPULATION_NEED(P50), 0 },
             .compute = ratio,
             .none = "the control's median is not positive: use mfi_difference") },
    { "mfi_difference", 1, "difference to the control", UNITS,
      "median of the marker − median of the control in the same population", BOOTSTRAP,
      "control by FMO: Roederer 2001 Cytometry 45:194", SCALE,
      RECIPE(.kind = POPULATION_INDEX, .needs = { POPULATION_NEED(P50), POPULATION_NEED(P50), 0 },
             .compute = difference, .none = "") },
    { "imfi", 1, "integrated MFI", "% · channel units", "% of parent · MFI", BOOTSTRAP,
      "Darrah 2007 Nat Med 13:843",
      "many dim cells and few bright ones give the same number: print both factors",
      RECIPE(.kind = POPULATION_INDEX, .needs = { POPULATION_NEED(P50), 0, 0 }, .share = true,
             .compute = integrated, .none = "the population has no event") },
    { "stain_index", 1, "stain index", "",
      "(median₊ − median₋) / (2 · rSD₋), rSD = (P84.13 − P15.87) / 2", BOOTSTRAP,
      "Maecker 2004 Cytometry A 62:169", "says how well a stain separates, not how much is there",
      RECIPE(.kind = POPULATION_INDEX,
             .needs = { POPULATION_NEED(P50), 0,
                        POPULATION_NEED(P_MINUS) | POPULATION_NEED(P50) | POPULATION_NEED(P_PLUS) },
             .compute = stain, .none = "the negatives have no spread") },
    { "separation_index", 1, "separation index", "",
      "(median₊ − median₋) / ((P84₋ − median₋) / 0.995)", BOOTSTRAP,
      "Bigos 2007 Curr Protoc Cytom 1.21", "says how well a stain separates, not how much is there",
      RECIPE(.kind = POPULATION_INDEX,
             .needs = { POPULATION_NEED(P50), 0, POPULATION_NEED(P50) | POPULATION_NEED(P84) },
             .compute = separation, .none = "the negatives have no spread") },
    { "mfi_per_reference", 1, "MFI over that of the day's reference tube", "",
      "median of the marker / median of the same population in the reference tube of that day",
      BOOTSTRAP, "bridging sample; compare Schuyler 2019 Front Immunol 10:2367",
      "takes out what moved both tubes alike, and adds the reference's own noise",
      RECIPE(.kind = POPULATION_INDEX, .needs = { POPULATION_NEED(P50), POPULATION_NEED(P50), 0 },
             .compute = ratio, .none = "the reference's median is not positive") },
    { "mfi_aligned", 1, "MFI moved by landmarks", UNITS,
      "median, moved on the scale asinh as the peaks of its sample lie from those of the reference",
      "the moved limits of mfi", "Hahne 2010 Cytometry A 77:121",
      "hides a real shift of the whole population: read it beside mfi", NULL },
    { "mesf", 1, "calibrated intensity", "units of the beads",
      "10^(intercept + slope · log₁₀ MFI), the line fitted to the bead medians of the day",
      "t interval of the line at that MFI", "Schwartz 1996 Cytometry 26:22",
      "beyond the beads it is extrapolated; another fluorochrome needs other beads", NULL },
    { "cells_per_ul_beads", 1, "cells per µL by counting beads", "cells/µL",
      "cells / beads · beads per µL · dilution",
      "both counts Poisson: Przyborowski & Wilenski 1940 Biometrika 31:313",
      "Schnizlein-Bick 2000 Clin Diagn Lab Immunol 7:336",
      "pipetting and lysis losses are not in the interval", NULL },
    { "cells_per_ul_volume", 1, "cells per µL by acquired volume", "cells/µL",
      "cells / acquired µL · dilution", "Poisson: Garwood 1936 Biometrika 28:437",
      "$VOL, FCS 3.1, Spidlen 2010 Cytometry A 77:97",
      "a file that holds only some of its events gives too little; see also volume-unit", NULL },
    { "log_ratio", 1, "ln of the ratio of two populations", "",
      "ln((x / N) / (y / M)); half an event is added to both counts when one is below the floor",
      "log scale, variance 1/x + 1/y (one parent); or bootstrap",
      "half event: Anscombe 1956 Biometrika 43:461",
      "with few events the added half decides: print the counts", NULL },
};

const stroma_definition *stroma_definitions(size_t *n)
{
    *n = sizeof definitions / sizeof definitions[0];
    return definitions;
}

const stroma_definition *stroma_definition_find(const char *id)
{
    for (size_t i = 0; i < sizeof definitions / sizeof definitions[0]; i++) {
        const stroma_definition *d = &definitions[i];
        const size_t n = strlen(d->id);
        if (strncmp(d->id, id, n) != 0) continue;
        if (id[n] == '\0') return d;
        if (id[n] == '/' && id[n + 1] == (char)('0' + d->revision) && id[n + 2] == '\0') return d;
    }
    return NULL;
}

static unsigned needs(const stroma_definition *d, int sample)
{
    return d->recipe == NULL || d->recipe->kind != POPULATION_INDEX ? 0U : d->recipe->needs[sample];
}

bool stroma_definition_needs_marker(const stroma_definition *d)
{
    return d->recipe != NULL && d->recipe->kind != POPULATION_FRACTION;
}

bool stroma_definition_needs_control(const stroma_definition *d)
{
    return needs(d, POPULATION_CONTROL) != 0;
}

bool stroma_definition_needs_negative(const stroma_definition *d)
{
    return needs(d, POPULATION_NEGATIVE) != 0;
}

const char *stroma_population_flag_name(unsigned i)
{
    static const char *const names[] = {
        "few-events",          "few-parent-events",   "values-left-out",   "not-positive-left-out",
        "resamples-failed",    "control-near-zero",   "control-in-parent", "control-undated",
        "control-other-day",   "control-other-panel", "half-event-added",  "extrapolated",
        "dead-cells-included", "no-dead-cell-marker", "volume-unit",       "fallback-gate",
        "low-confidence"
    };
    return i < sizeof names / sizeof names[0] ? names[i] : NULL;
}
