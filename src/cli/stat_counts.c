/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: methods on counts. */
#include "stat_methods.h"

#include "stroma/stats_contingency.h"
#include "stroma/stats_proportion.h"

#include <math.h>
#include <string.h>

static stroma_status unknown(const stat_job *j, const char *option, const char *choices,
                             stroma_error *err)
{
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not known to this method", option,
                      cli_text(j->cli, option));
    stroma_hint(err, "one of %s", choices);
    return STROMA_E_USAGE;
}

static stroma_status two_by_two(const stat_counts *t, stroma_error *err)
{
    if (t->rows == 2 && t->columns == 2) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "this method needs a table of 2 rows and 2 columns, found %zu by %zu",
                      t->rows, t->columns);
    stroma_hint(err, "name the two groups with --levels a,b");
    return STROMA_E_DEGENERATE;
}

/* "drug - placebo", or NULL with typed counts */
static const char *between(stat_job *j, const stat_counts *t, const char *sign)
{
    if (t->row_names == NULL || t->rows != 2) return NULL;
    return stroma_arena_printf(&j->arena, "%s %s %s", t->row_names[0], sign, t->row_names[1]);
}

stroma_status stat_run_fisher(stat_job *j, stroma_error *err)
{
    stat_counts t;
    stroma_stat s;
    STROMA_TRY(stat_read_counts(j, &t, err));
    if (t.rows == 2 && t.columns == 2) {
        s = stroma_fisher_exact(t.counts, j->alternative, j->level);
    } else {
        if (j->alternative != STROMA_TWO_SIDED)
            return stroma_fail(err, STROMA_E_USAGE,
                               "one-sided tests are for tables of 2 rows and 2 columns");
        STROMA_TRY(stroma_fisher_freeman_halton(t.counts, t.rows, t.columns, &s, err));
    }
    return stat_put(j, &s, between(j, &t, "/"), err);
}

stroma_status stat_run_chi_square(stat_job *j, stroma_error *err)
{
    stat_counts t;
    stroma_stat s;
    const char *variant = cli_text(j->cli, "variant");
    const bool plain = variant != NULL && strcmp(variant, "pearson") == 0;
    if (variant != NULL && !plain && strcmp(variant, "yates") != 0)
        return unknown(j, "variant", "yates (default for 2 by 2), pearson", err);
    STROMA_TRY(stat_read_counts(j, &t, err));
    STROMA_TRY(stroma_chi_square(t.counts, t.rows, t.columns, !plain, &s, err));
    return stat_put(j, &s, NULL, err);
}

stroma_status stat_run_mcnemar(stat_job *j, stroma_error *err)
{
    stat_counts t;
    const char *variant = cli_text(j->cli, "variant");
    stroma_mcnemar_kind kind = STROMA_MCNEMAR_EXACT;
    if (variant != NULL && strcmp(variant, "corrected") == 0)
        kind = STROMA_MCNEMAR_CORRECTED;
    else if (variant != NULL && strcmp(variant, "asymptotic") == 0)
        kind = STROMA_MCNEMAR_ASYMPTOTIC;
    else if (variant != NULL && strcmp(variant, "exact") != 0)
        return unknown(j, "variant", "exact (default), corrected, asymptotic", err);
    STROMA_TRY(stat_read_counts(j, &t, err));
    STROMA_TRY(two_by_two(&t, err));
    const stroma_stat s = stroma_mcnemar(t.counts, kind);
    return stat_put(j, &s, NULL, err);
}

/* Difference, ratio and odds ratio together, unless --variant asks for one. */
stroma_status stat_run_risk(stat_job *j, stroma_error *err)
{
    stat_counts t;
    const char *variant = cli_text(j->cli, "variant"), *interval = cli_text(j->cli, "interval");
    static const char *const variants[] = { "difference", "ratio", "odds", "nnt" };
    bool known = variant == NULL;
    for (size_t i = 0; variant != NULL && i < 4; i++)
        known |= strcmp(variant, variants[i]) == 0;
    if (!known) return unknown(j, "variant", "difference, ratio, odds, nnt", err);
    const bool score = interval == NULL || strcmp(interval, "score") == 0;
    const bool wald = !score && strcmp(interval, "wald") == 0;
    if (!score && !wald && strcmp(interval, "newcombe") != 0)
        return unknown(j, "interval", "score (Miettinen-Nurminen, default), newcombe, wald", err);
    STROMA_TRY(stat_read_counts(j, &t, err));
    STROMA_TRY(two_by_two(&t, err));
    const stroma_difference_method dm = score  ? STROMA_DIFFERENCE_MIETTINEN_NURMINEN
                                        : wald ? STROMA_DIFFERENCE_WALD
                                               : STROMA_DIFFERENCE_NEWCOMBE;
    const stroma_ratio_method rm = score ? STROMA_RATIO_MIETTINEN_NURMINEN : STROMA_RATIO_LOG;
    const stroma_stat all[] = { stroma_risk_difference(t.counts, dm, j->level),
                                stroma_risk_ratio(t.counts, rm, j->level),
                                stroma_odds_ratio(t.counts, rm, j->level),
                                stroma_number_needed_to_treat(t.counts, j->level) };
    for (size_t i = 0; i < 4; i++)
        if (variant == NULL || strcmp(variant, variants[i]) == 0)
            STROMA_TRY(stat_put(j, &all[i], between(j, &t, i == 0 || i == 3 ? "-" : "/"), err));
    return STROMA_OK;
}

static stroma_status proportion_interval(const stat_job *j, int *out, stroma_error *err)
{
    static const char *const names[] = { "clopper-pearson", "wilson", "agresti-coull", "jeffreys",
                                         "upper" };
    const char *interval = cli_text(j->cli, "interval");
    for (*out = 0; *out < 5; ++*out)
        if (interval == NULL || strcmp(interval, names[*out]) == 0) return STROMA_OK;
    return unknown(j, "interval",
                   "clopper-pearson (default), wilson, agresti-coull, jeffreys, upper", err);
}

static stroma_status put_proportion(stat_job *j, size_t events, size_t n, int kind,
                                    const char *label, stroma_error *err)
{
    const stroma_stat s =
        kind == 4 ? stroma_proportion_upper(events, n, j->level)
                  : stroma_proportion(events, n, (stroma_proportion_method)kind, j->level);
    return stat_put(j, &s, label, err);
}

/* --events and --n; or --value with --event, a proportion for each level of --group. */
stroma_status stat_run_proportion(stat_job *j, stroma_error *err)
{
    int kind = 0;
    STROMA_TRY(proportion_interval(j, &kind, err));
    if (cli_given(j->cli, "events")) {
        if (!cli_given(j->cli, "n")) return stroma_fail(err, STROMA_E_USAGE, "--events needs --n");
        return put_proportion(j, (size_t)cli_count(j->cli, "events", 0),
                              (size_t)cli_count(j->cli, "n", 0), kind, NULL, err);
    }
    size_t value = 0, group = 0, k = 1, outcomes = 0;
    const char **names = NULL, **seen = NULL, *event = cli_text(j->cli, "event");
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_levels(j, value, false, &seen, &outcomes, err));
    if (event == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --event is missing");
        stroma_hint(err, "say which value is the event: --event yes");
        return STROMA_E_USAGE;
    }
    const bool grouped = cli_given(j->cli, "group");
    if (grouped) STROMA_TRY(stat_column(j, "group", &group, err));
    if (grouped) STROMA_TRY(stat_levels(j, group, true, &names, &k, err));
    size_t *counts = stat_alloc(j, 2 * k, sizeof *counts, err);
    if (counts == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t g = 0, v = 0;
        if (grouped && !stat_code(j, group, j->rows[i], names, k, &g)) continue;
        if (!stat_code(j, value, j->rows[i], seen, outcomes, &v)) continue;
        counts[2 * g] += strcmp(seen[v], event) == 0;
        counts[2 * g + 1]++;
    }
    for (size_t g = 0; g < k; g++)
        STROMA_TRY(put_proportion(j, counts[2 * g], counts[2 * g + 1], kind,
                                  grouped ? names[g] : NULL, err));
    return STROMA_OK;
}
