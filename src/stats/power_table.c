/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods: one line a test. */
#include "power_methods.h"

#include <string.h>

/* clang-format off */
const power_entry power_table[] = {
    { { "t-one-sample", "one mean", "delta", "delta sd", "subjects", false, false },
      power_t_one, 2, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "t-paired", "mean of paired differences", "delta", "delta sd", "pairs", false, false },
      power_t_one, 2, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "t", "two means, equal variances", "delta", "delta sd", "group 1", true, false },
      power_t_two, 2, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "welch", "two means, unequal variances", "delta", "delta sd sd2", "group 1", true, false },
      power_welch, 2, POWER_SD | POWER_SD2, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "non-inferiority", "two means, not worse by a margin", "delta", "margin sd [delta]", "group 1", true, false },
      power_non_inferiority, 2, POWER_SD | POWER_MARGIN, POWER_EFFECT_DIFFERENCE, true, 0.025, NULL, NULL },
    { { "equivalence", "two means, within a margin", "delta", "margin sd [delta]", "group 1", true, false },
      power_equivalence, 2, POWER_SD | POWER_MARGIN, POWER_EFFECT_DIFFERENCE, true, 0.05, NULL, NULL },
    { { "ancova", "two means adjusted for baseline", "delta", "delta sd correlation", "group 1", true, false },
      power_ancova, 3, POWER_SD | POWER_CORRELATION, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "anova", "several means, groups alike", "f", "f groups | means sd", "each group", false, false },
      power_anova, 2, POWER_GROUPS, POWER_EFFECT_POSITIVE, false, 0, NULL, NULL },
    { { "interaction", "treatment by yes/no marker, means", "delta", "delta sd prevalence (of the marker)", "group 1", true, false },
      power_interaction, 3, POWER_SD | POWER_P1, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "interaction-slope", "treatment by marker of SD 1, means", "delta", "delta sd", "group 1", true, false },
      power_interaction_slope, 4, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "interaction-binary", "treatment by yes/no marker, events", "odds-ratio", "odds-ratio prevalence (of the marker) cells", "group 1", true, false },
      power_interaction_binary, 2, POWER_P1 | POWER_CELLS, POWER_EFFECT_RATIO, false, 0, NULL, NULL },
    { { "ordinal", "ordered categories, proportional odds", "odds-ratio", "odds-ratio categories", "group 1", true, false },
      power_ordinal, 2, POWER_CATEGORIES, POWER_EFFECT_RATIO, false, 0, NULL, NULL },
    { { "correlation", "one correlation against 0", "r", "r", "subjects", false, false },
      power_correlation, 4, 0, POWER_EFFECT_CORRELATION, false, 0, NULL, NULL },
    { { "mann-whitney", "two groups by ranks, normal shift", "delta", "delta sd", "group 1", true, false },
      power_mann_whitney, 2, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "mann-whitney-noether", "two groups by ranks, from P(X < Y)", "p", "p", "group 1", true, false },
      power_noether, 2, 0, POWER_EFFECT_HALF, false, 0, NULL, NULL },
    { { "signed-rank", "pairs by signed ranks, normal shift", "delta", "delta sd", "pairs", false, false },
      power_signed_rank, 3, POWER_SD, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { "sign", "sign test of pairs", "p", "p (share of positive differences)", "pairs", false, true },
      power_binomial, 1, 0, POWER_EFFECT_HALF, false, 0, power_binomial_size, power_binomial_near },
    { { "proportion", "one proportion, exact binomial", "p", "p null", "subjects", false, true },
      power_binomial, 1, POWER_NULL, POWER_EFFECT_PROPORTION, false, 0, power_binomial_size, power_binomial_near },
    { { "proportions", "two proportions, normal", "p2", "p1 p2", "group 1", true, false },
      power_proportions, 2, POWER_P1, POWER_EFFECT_PROPORTION, false, 0, NULL, NULL },
    { { "fisher", "two proportions, Fisher's exact test", "p2", "p1 p2", "group 1", true, true },
      power_fisher, 2, POWER_P1, POWER_EFFECT_PROPORTION, false, 0, power_fisher_size, power_proportions },
    { { "chi-square", "two proportions, Pearson's test, all tables", "p2", "p1 p2", "group 1", true, true },
      power_chi_square, 2, POWER_P1, POWER_EFFECT_PROPORTION, false, 0, power_chi_square_size, power_proportions },
    { { "proportions-non-inferiority", "two proportions, not lower by a margin", "p2", "p1 p2 margin", "group 1", true, false },
      power_proportions_ni, 2, POWER_P1 | POWER_MARGIN, POWER_EFFECT_PROPORTION, true, 0.025, NULL, NULL },
    { { "mcnemar", "paired proportions, normal", "p2", "p1 p2 (shares of pairs that change)", "pairs", false, false },
      power_mcnemar, 2, POWER_P1, POWER_EFFECT_PROPORTION, false, 0, NULL, NULL },
    { { "mcnemar-exact", "paired proportions, exact", "p2", "p1 p2 (shares of pairs that change)", "pairs", false, true },
      power_mcnemar_exact, 2, POWER_P1, POWER_EFFECT_PROPORTION, false, 0, power_mcnemar_exact_size, power_mcnemar },
    { { "auc", "AUC against 1/2, Hanley-McNeil", "auc", "auc", "positives", true, false },
      power_auc, 2, 0, POWER_EFFECT_HALF, false, 0, NULL, NULL },
    { { "auc-binormal", "AUC against 1/2, Obuchowski", "auc", "auc", "positives", true, false },
      power_auc_binormal, 2, 0, POWER_EFFECT_HALF, false, 0, NULL, NULL },
    { { "log-rank", "two survival curves, Schoenfeld", "hazard-ratio", "hazard-ratio [events]", "group 1", true, false },
      power_log_rank, 1, POWER_EVENTS, POWER_EFFECT_RATIO, false, 0, NULL, NULL },
    { { "log-rank-freedman", "two survival curves, Freedman", "hazard-ratio", "hazard-ratio [events]", "group 1", true, false },
      power_freedman, 1, POWER_EVENTS, POWER_EFFECT_RATIO, false, 0, NULL, NULL },
    { { "cox", "hazard by a covariate of SD 1", "hazard-ratio", "hazard-ratio [events]", "subjects", false, false },
      power_cox, 1, POWER_EVENTS, POWER_EFFECT_RATIO, false, 0, NULL, NULL },
    { { "mmrm", "two means at the last visit, dropout", "delta", "delta sd correlation retention", "group 1", true, false },
      power_mmrm, 2, POWER_SD | POWER_CORRELATION | POWER_VISITS, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
    { { NULL, NULL, NULL, NULL, NULL, false, false }, NULL, 0, 0, POWER_EFFECT_DIFFERENCE, false, 0, NULL, NULL },
};
/* clang-format on */

const stroma_power_method *stroma_power_find(const char *name)
{
    for (size_t i = 0; power_table[i].public.name != NULL; i++)
        if (strcmp(power_table[i].public.name, name) == 0) return &power_table[i].public;
    return NULL;
}

const stroma_power_method *stroma_power_list(size_t i)
{
    for (size_t k = 0; power_table[k].public.name != NULL; k++)
        if (k == i) return &power_table[k].public;
    return NULL;
}
