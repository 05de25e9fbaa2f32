/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods section, made by rule from what was run: one sentence a method, population and
 * family. */
#include "model.h"
#include "stroma_config.h"

#include "stroma/buffer.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *method, *text;
} sentences[] = {
    { "proportion",
      "Proportions have exact Clopper-Pearson intervals unless another method is named." },
    { "risk_difference", "Differences in proportions have Miettinen-Nurminen score intervals; "
                         "their p-value is Fisher's "
                         "exact test unless the result names another." },
    { "welch_t",
      "Two groups of numbers were compared by Welch's t test, with Hedges' g as effect size." },
    { "student_t",
      "Two groups of numbers were compared by Student's t test with pooled variance." },
    { "paired_t", "Changes within a group were tested by the paired t test." },
    { "mann_whitney", "Values on a log scale or with a detection limit were compared between "
                      "groups by the Mann-Whitney "
                      "test (exact conditional distribution with ties where feasible), with the "
                      "Hodges-Lehmann shift and "
                      "the area under the ROC curve." },
    { "signed_rank", "Changes of such values within a group were tested by the Wilcoxon "
                     "signed-rank test, exact with ties "
                     "where feasible." },
    { "anova", "Three or more groups were compared by one-way analysis of variance." },
    { "anova_welch", "Three or more groups were compared by Welch's analysis of variance." },
    { "kruskal_wallis", "Three or more groups of ranks were compared by the Kruskal-Wallis test." },
    { "ancova", "Changes from baseline were compared between arms by analysis of covariance with "
                "the baseline value "
                "as covariate; observed values, no imputation." },
    { "mmrm", "Changes over several visits were compared by a mixed model for repeated measures "
              "(REML; group, baseline and covariates by visit; Kenward-Roger unless named "
              "otherwise), which takes missing values as missing at random." },
    { "multiple_imputation",
      "Missing values were imputed from a multivariate normal model under the assumption that each "
      "result names, and the completed sets analysed by analysis of covariance; imputations were "
      "combined by Rubin's rules, conditional means have jackknife standard errors." },
    { "pearson", "Associations are Pearson correlations with Fisher's z interval." },
    { "spearman",
      "Associations are Spearman rank correlations with the interval of Bonett and Wright." },
    { "kendall", "Associations are Kendall's tau-b." },
    { "smd", "Baseline is described by standardised differences, not by p-values." },
};

static bool was_used(const study *s, const char *method)
{
    for (size_t i = 0; i < s->results.len; i++)
        if (strcmp(s->results.items[i].stat.method, method) == 0) return true;
    return false;
}

static stroma_status add(study *s, const char *title, stroma_buffer *b, stroma_error *err)
{
    STROMA_TRY(stroma_buffer_status(b, err));
    if (b->len == 0) return STROMA_OK;
    study_claim *c = STUDY_ADD(&s->claims, err);
    const char *text = stroma_arena_strdup(&s->arena, b->data);
    if (c == NULL || text == NULL) return stroma_no_memory(err);
    *c = (study_claim){ .kind = "method", .title = title, .text = text, .numbers = "{}" };
    stroma_buffer_reset(b);
    return STROMA_OK;
}

static void populations(const study *s, stroma_buffer *b)
{
    for (size_t k = 0; k < s->sets.len; k++) {
        bool used = false;
        size_t n = 0;
        for (size_t i = 0; i < s->results.len && !used; i++)
            used = s->results.items[i].set == (int32_t)k;
        for (size_t i = 0; i < s->summaries.len && !used; i++)
            used = s->summaries.items[i].set == (int32_t)k;
        for (size_t i = 0; i < s->subjects.len; i++)
            n += s->sets.items[k].included[i];
        if (used)
            stroma_buffer_printf(b, "%s%s (n = %zu): %s.", b->len > 0 ? " " : "",
                                 s->sets.items[k].label, n, s->sets.items[k].definition);
    }
}

static void groups(const study *s, stroma_buffer *b)
{
    for (size_t k = 0; k < s->groupings.len; k++) {
        const study_grouping *g = &s->groupings.items[k];
        if (g->origin == STUDY_NONE) continue;
        stroma_buffer_printf(b, "%s%s: %s; %s.", b->len > 0 ? " " : "", g->label, g->rule,
                             g->missing_rule);
    }
    if (b->len > 0)
        stroma_buffer_puts(
            b, " A comparison is circular, and has no p-value, when its groups were made from "
               "what it compares, from an acute-phase companion of it, or from an outcome that "
               "the compared values run into.");
}

static const char *adjustment_name(const char *id)
{
    static const char *const names[][2] = { { "none", "unadjusted" },
                                            { "bonferroni", "Bonferroni" },
                                            { "holm", "Holm" },
                                            { "hochberg", "Hochberg" },
                                            { "bh", "Benjamini-Hochberg (false discovery rate)" },
                                            { "by",
                                              "Benjamini-Yekutieli (false discovery rate)" } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i][0], id) == 0) return names[i][1];
    return id;
}

static void multiplicity(const study *s, stroma_buffer *b)
{
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        bool seen = false;
        size_t n = 0;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(s->results.items[k].family, r->family) == 0;
        for (size_t k = i; k < s->results.len && !seen; k++)
            n += strcmp(s->results.items[k].family, r->family) == 0 &&
                 !isnan(s->results.items[k].stat.p);
        if (!seen && n > 0)
            stroma_buffer_printf(
                b, "%s%s: %zu test%s, %s.", b->len > 0 ? " " : "", r->family, n, n == 1 ? "" : "s",
                n == 1 ? "no adjustment needed" : adjustment_name(r->adjust_method));
    }
}

static void censoring(const study *s, stroma_buffer *b)
{
    size_t below = 0, above = 0;
    for (size_t i = 0; i < s->measurements.len; i++) {
        below += s->measurements.items[i].state == STROMA_BELOW_LIMIT;
        above += s->measurements.items[i].state == STROMA_ABOVE_LIMIT;
    }
    if (below + above > 0)
        stroma_buffer_printf(
            b,
            "%zu values lie below and %zu above an assay limit. They stay censored: ranks "
            "treat them as tied beyond the limit, means take half the lower limit and are "
            "not given when half of the values or more are censored.",
            below, above);
}

stroma_status study_describe_methods(study *s, stroma_error *err)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    populations(s, &b);
    stroma_status st = add(s, "Populations", &b, err);
    groups(s, &b);
    if (st == STROMA_OK) st = add(s, "Groups", &b, err);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (was_used(s, sentences[i].method))
            stroma_buffer_printf(&b, "%s%s", b.len > 0 ? " " : "", sentences[i].text);
    if (st == STROMA_OK) st = add(s, "Statistics", &b, err);
    multiplicity(s, &b);
    if (st == STROMA_OK) st = add(s, "Multiplicity, by family", &b, err);
    censoring(s, &b);
    if (st == STROMA_OK) st = add(s, "Values beyond the limits of assays", &b, err);
    const char *available =
        stroma_yaml_text(stroma_yaml_get(s->root, "data_availability"), "text", NULL);
    if (available != NULL) stroma_buffer_puts(&b, available);
    if (st == STROMA_OK) st = add(s, "Data availability", &b, err);
    stroma_buffer_printf(
        &b,
        "stroma %s, seed %llu; study file SHA-256 %s. Results do not depend on the "
        "number of threads.",
        STROMA_VERSION, (unsigned long long)s->seed, s->sha256);
    if (st == STROMA_OK) st = add(s, "Software", &b, err);
    stroma_buffer_clear(&b);
    return st;
}
