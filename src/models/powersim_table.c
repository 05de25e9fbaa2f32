/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests that can be simulated: one line a test. */
#include "powersim.h"

#include <string.h>

#define DELTA "delta"
/* clang-format off */
const powersim_entry powersim_table[] = {
    { { "t-one-sample", "one mean", DELTA, "delta sd", false }, powersim_t_one, 2, false, false, 0 },
    { { "t-paired", "mean of paired differences", DELTA, "delta sd", false }, powersim_t_one, 2, false, false, 0 },
    { { "t", "two means, Student", DELTA, "delta sd sd2", true }, powersim_t, 2, false, false, 0 },
    { { "welch", "two means, Welch", DELTA, "delta sd sd2", true }, powersim_welch, 2, false, false, 0 },
    { { "non-inferiority", "two means, not worse by a margin", DELTA, "margin sd [delta]", true }, powersim_non_inferiority, 2, false, false, 0 },
    { { "equivalence", "two means, within a margin", DELTA, "margin sd [delta]", true }, powersim_equivalence, 2, false, false, 0 },
    { { "permutation", "two means, 999 relabellings", DELTA, "delta sd sd2", true }, powersim_permutation, 2, false, false, 0 },
    { { "mann-whitney", "two groups by ranks, exact", DELTA, "delta sd sd2 [censored]", true }, powersim_mann_whitney, 1, false, false, 0 },
    { { "signed-rank", "pairs by signed ranks, exact", DELTA, "delta sd", false }, powersim_signed_rank, 1, false, false, 0 },
    { { "sign", "sign test", "p", "p (share of positive differences)", false }, powersim_sign, 1, false, false, 0 },
    { { "variance-ratio", "two variances, F", NULL, "sd sd2", true }, powersim_variance_ratio, 2, false, false, 0 },
    { { "shapiro-wilk", "normality", NULL, "distribution", false }, powersim_shapiro, 3, false, false, 0 },
    { { "anova", "several means", "f", "f groups", false }, powersim_anova, 2, true, false, 0 },
    { { "anova-welch", "several means, unequal variances", "f", "f groups sd sd2 (last group)", false }, powersim_anova_welch, 2, true, false, 0 },
    { { "kruskal-wallis", "several groups by ranks", "f", "f groups", false }, powersim_kruskal, 1, true, false, 0 },
    { { "levene", "equal variances, robust", "f", "groups sd sd2 (last group)", false }, powersim_levene, 2, true, false, 0 },
    { { "bartlett", "equal variances", "f", "groups sd sd2 (last group)", false }, powersim_bartlett, 2, true, false, 0 },
    { { "rm-anova", "repeated measures, Greenhouse-Geisser", "f", "f visits correlation", false }, powersim_rm_anova, 2, false, true, 0 },
    { { "friedman", "repeated measures by ranks", "f", "f visits correlation", false }, powersim_friedman, 2, false, true, 0 },
    { { "correlation", "Pearson's r against 0", "r", "r", false }, powersim_pearson, 4, false, false, 0 },
    { { "spearman", "Spearman's rho against 0", "r", "r (of the variables)", false }, powersim_spearman, 4, false, false, 0 },
    { { "kendall", "Kendall's tau against 0", "r", "r (of the variables)", false }, powersim_kendall, 4, false, false, 0 },
    { { "proportion", "one proportion, exact binomial", "p", "p null", false }, powersim_proportion, 1, false, false, 0 },
    { { "proportions", "two proportions, score test", "p2", "p1 p2", true }, powersim_proportions, 1, false, false, 0 },
    { { "fisher", "two proportions, Fisher", "p2", "p1 p2", true }, powersim_fisher, 1, false, false, 0 },
    { { "chi-square", "two proportions, Pearson", "p2", "p1 p2", true }, powersim_chi_square, 1, false, false, 0 },
    { { "chi-square-yates", "two proportions, Yates", "p2", "p1 p2", true }, powersim_yates, 1, false, false, 0 },
    { { "mcnemar", "paired proportions, asymptotic", "p2", "p1 p2 (shares of pairs that change)", false }, powersim_mcnemar, 1, false, false, 0 },
    { { "mcnemar-exact", "paired proportions, exact", "p2", "p1 p2 (shares of pairs that change)", false }, powersim_mcnemar_exact, 1, false, false, 0 },
    { { "auc", "AUC against 1/2, Mann-Whitney", "auc", "auc", true }, powersim_auc, 1, false, false, 0 },
    { { "logistic", "event by group, Firth", "p2", "p1 p2", true }, powersim_logistic, 1, false, false, 2 },
    { { "ancova", "change adjusted for baseline", DELTA, "delta sd correlation", true }, powersim_ancova, 2, false, false, 0 },
    { { "interaction", "treatment by yes/no marker, means", DELTA, "delta sd prevalence (of the marker)", true }, powersim_interaction, 3, false, false, 4 },
    { { "interaction-slope", "treatment by marker of SD 1, means", DELTA, "delta sd", true }, powersim_interaction_slope, 3, false, false, 4 },
    { { "interaction-binary", "treatment by yes/no marker, Firth", "odds-ratio", "odds-ratio prevalence (of the marker) cells", true }, powersim_interaction_binary, 3, false, false, 4 },
    { { "mmrm", "two means at the last visit, dropout, unstructured, Kenward-Roger", DELTA, "delta sd correlation retention", true }, powersim_mmrm, 3, false, true, 0 },
    { { "censored-test", "two groups with values below a limit, Peto-Prentice", DELTA, "delta sd censored", true }, powersim_censored_test, 2, false, false, 0 },
    { { "tobit", "two normal means with values below a limit", DELTA, "delta sd censored", true }, powersim_tobit, 2, false, false, 2 },
    { { "ordinal", "ordered categories, proportional odds", "odds-ratio", "odds-ratio categories", true }, powersim_ordinal, 2, false, false, 1 },
    { { "log-rank", "two survival curves, exponential", "hazard-ratio", "hazard-ratio [events]", true }, powersim_log_rank, 1, false, false, 0 },
    { { "cox", "hazard by a covariate of SD 1, exponential", "hazard-ratio", "hazard-ratio [events]", false }, powersim_cox, 3, false, false, 1 },
    { { NULL, NULL, NULL, NULL, false }, NULL, 0, false, false, 0 },
};
/* clang-format on */

const stroma_simulated_test *stroma_simulated_list(size_t i)
{
    for (size_t k = 0; powersim_table[k].public.name != NULL; k++)
        if (k == i) return &powersim_table[k].public;
    return NULL;
}

const stroma_simulated_test *stroma_simulated_find(const char *name)
{
    for (size_t i = 0; powersim_table[i].public.name != NULL; i++)
        if (strcmp(powersim_table[i].public.name, name) == 0) return &powersim_table[i].public;
    return NULL;
}

const char *stroma_power_shape_name(stroma_power_shape s)
{
    static const char *const names[] = { "normal", "lognormal", "exponential", "t5", "uniform" };
    return (unsigned)s < STROMA_POWER_SHAPES ? names[s] : "unknown";
}
