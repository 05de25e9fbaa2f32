/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial is planned with, as options. */
#ifndef STROMA_CLI_POWER_OPTIONS_H
#define STROMA_CLI_POWER_OPTIONS_H
#include "cli.h"

#include "stroma/stats_power.h"

#define POWER_NUMBER(name_, metavar_, help_)                                        \
    {                                                                               \
        .name = (name_), .kind = CLI_NUMBER, .metavar = (metavar_), .help = (help_) \
    }
#define POWER_FRACTION(name_, help_)                                               \
    {                                                                              \
        .name = (name_), .kind = CLI_NUMBER, .metavar = "FRACTION", .lower = 1e-9, \
        .upper = 1 - 1e-9, .help = (help_)                                         \
    }

#define POWER_DESIGN_OPTIONS                                                                       \
    POWER_NUMBER("delta", "X", "difference of means (second group - first)"),                      \
        POWER_NUMBER("sd", "X", "standard deviation (paired: of the differences; default 1)"),     \
        POWER_NUMBER("sd2", "X", "that of the second group, where it differs"),                    \
        POWER_NUMBER("margin", "X", "largest difference that does not matter"),                    \
        POWER_FRACTION("p1", "event probability of group 1 (mcnemar: pairs that change one way)"), \
        POWER_FRACTION("p2", "event probability of group 2 (mcnemar: the other way)"),             \
        POWER_FRACTION("p", "probability: of an event (proportion), of X < Y (Noether), of a "     \
                            "positive difference (sign)"),                                         \
        POWER_FRACTION("null", "proportion: probability under the null hypothesis"),               \
        POWER_NUMBER("r", "X", "correlation to be found"),                                         \
        POWER_FRACTION("auc", "area under the ROC curve to be found"),                             \
        POWER_NUMBER("hazard-ratio", "X", "hazard ratio to be found"),                             \
        POWER_NUMBER("odds-ratio", "X",                                                            \
                     "odds ratio (ordinal), ratio of odds ratios (interaction-binary)"),           \
        POWER_NUMBER("f", "X", "anova: Cohen's f, SD of the means over the SD within"),            \
        { .name = "means",                                                                         \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "A,B,…",                                                                      \
          .help = "anova: means of the groups, with --sd, instead of --f" },                       \
        { .name = "groups",                                                                        \
          .kind = CLI_COUNT,                                                                       \
          .metavar = "K",                                                                          \
          .lower = 2,                                                                              \
          .upper = 1000,                                                                           \
          .help = "anova: number of groups" },                                                     \
        POWER_FRACTION("prevalence", "interaction: share of subjects with the marker"),            \
        { .name = "cells",                                                                         \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "A,B,C",                                                                      \
          .help = "interaction-binary: event probabilities of control without and with the "       \
                  "marker, and of treated without it" },                                           \
        { .name = "correlation",                                                                   \
          .kind = CLI_NUMBER,                                                                      \
          .metavar = "X",                                                                          \
          .lower = -0.999999,                                                                      \
          .upper = 0.999999,                                                                       \
          .help = "of baseline and outcome (ancova), or between visits (mmrm)" },                  \
        { .name = "visits",                                                                        \
          .kind = CLI_COUNT,                                                                       \
          .metavar = "K",                                                                          \
          .lower = 1,                                                                              \
          .upper = STROMA_POWER_VISITS_MAX,                                                        \
          .help = "mmrm, rm-anova, friedman: number of visits (default: as --retention has)" },    \
        { .name = "retention",                                                                     \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "1,A,B,…",                                                                    \
          .help = "mmrm: share of subjects still there at each visit" },                           \
        { .name = "retention2",                                                                    \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "1,A,B,…",                                                                    \
          .help = "mmrm: that of the second group, where it differs" },                            \
        { .name = "structure",                                                                     \
          .kind = CLI_CHOICE,                                                                      \
          .metavar = "NAME",                                                                       \
          .choices = "cs|ar1",                                                                     \
          .default_text = "cs",                                                                    \
          .help = "mmrm: how correlations depend on the distance of visits" },                     \
        { .name = "events",                                                                        \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "A[,B]",                                                                      \
          .help = "log-rank, cox: share of each group with an event in time (default: 1, so that " \
                  "sizes are events)" },                                                           \
        { .name = "categories",                                                                    \
          .kind = CLI_TEXT,                                                                        \
          .metavar = "A,B,…",                                                                      \
          .help = "ordinal: shares of the categories in group 1, lowest first" },                  \
        POWER_FRACTION("censored", "simulated: share of group 1 below a detection limit "          \
                                   "(mann-whitney, censored-test, tobit)"),                        \
        POWER_NUMBER("median", "T", "log-rank: median time of group 1, instead of --events"),      \
        POWER_NUMBER("accrual", "T", "log-rank: time of accrual, in the unit of --median"),        \
        POWER_NUMBER("follow-up", "T", "log-rank: follow-up after the last subject"),              \
        POWER_NUMBER("loss", "RATE", "log-rank: rate of loss a unit of time (default 0)")

/* Numbers between commas. */
stroma_status power_numbers(const cli_context *c, const char *option, double *out, size_t most,
                            size_t *n, stroma_error *err);
/* The design from the options. @p effect is the option of the effect (or NULL); it must be given
 * where it is wanted, unless no difference is a design of its own (equivalence, non-inferiority).
 */
stroma_status power_design(const cli_context *c, const char *method, const char *effect,
                           bool effect_wanted, stroma_power_design *d, stroma_error *err);
#endif
