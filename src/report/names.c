/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people call the methods, adjustments and effect sizes that the database names by ids. */
#include "report_internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *id, *words;
} names[] = {
    { "ancova", "ANCOVA" },
    { "anova", "one-way ANOVA" },
    { "anova_welch", "Welch ANOVA" },
    { "welch_anova", "Welch ANOVA" },
    { "rm_anova", "repeated-measures ANOVA" },
    { "friedman", "Friedman" },
    { "kruskal_wallis", "Kruskal-Wallis" },
    { "mann_whitney", "Mann-Whitney" },
    { "student_t", "Student t" },
    { "welch_t", "Welch t" },
    { "paired_t", "paired t" },
    { "one_sample_t", "one-sample t" },
    { "pearson", "Pearson correlation" },
    { "spearman", "Spearman correlation" },
    { "kendall", "Kendall correlation" },
    { "fisher_exact", "Fisher exact" },
    { "chi_square", "chi-square" },
    { "mcnemar", "McNemar" },
    { "smd", "standardised difference" },
    { "shapiro_wilk", "Shapiro-Wilk" },
    { "levene", "Levene" },
    { "bartlett", "Bartlett" },
    { "cochran_armitage", "Cochran-Armitage" },
    { "roc_cutoff", "cut-off" },
    { "roc_auc", "area under the ROC curve" },
    { "roc_searched_cutoff", "searched cut-off" },
    { "roc_max_selected", "maximally selected" },
    { "logistic_firth", "Firth logistic" },
    { "max-T", "max-T step-down" },
    { "mmrm", "MMRM" },
    { "multiple_imputation", "multiple imputation" },
    { "none", "not adjusted" },
    { "bonferroni", "Bonferroni" },
    { "holm", "Holm" },
    { "hochberg", "Hochberg" },
    { "hommel", "Hommel" },
    { "bh", "Benjamini-Hochberg" },
    { "BH", "Benjamini-Hochberg" },
    { "by", "Benjamini-Yekutieli" },
    { "BY", "Benjamini-Yekutieli" },
    { "tukey", "Tukey-Kramer" },
    { "dunnett", "Dunnett" },
    { "eta2", "\xCE\xB7\xC2\xB2" },
    { "omega2", "\xCF\x89\xC2\xB2" },
    { "epsilon2", "\xCE\xB5\xC2\xB2" },
    { "rho", "\xCF\x81" },
    { "tau", "\xCF\x84" },
};

const char *report_name(const char *id, char *buf, size_t size)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].id, id) == 0) return names[i].words;
    (void)snprintf(buf, size, "%s", id);
    for (char *p = buf; *p != '\0'; p++)
        if (*p == '_') *p = ' ';
    return buf;
}
