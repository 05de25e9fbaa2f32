/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The method table of `stroma stat`: a statistic is one function and one line here. */
#include "stat_methods.h"

const stat_method stat_methods[] = {
    { "t", "two means: Welch (default) or Student by --variant; means and errors with --error",
      "--value --group | --x --y | --error", stat_run_t },
    { "t-paired", "mean of paired differences", "--x --y | --value --group --subject",
      stat_run_t_paired },
    { "t-one-sample", "one mean against --null", "--value", stat_run_t_one_sample },
    { "variance-ratio", "two variances, F test", "--value --group | --x --y",
      stat_run_variance_ratio },
    { "levene", "equal variances, robust (--variant median, mean)", "--value --group",
      stat_run_levene },
    { "bartlett", "equal variances of normal groups", "--value --group", stat_run_bartlett },
    { "describe", "n, mean, SD, SEM, quartiles, range", "--value [--group]", stat_run_describe },
    { "correlation", "--method pearson, spearman or kendall", "--x --y", stat_run_correlation },
    { "fisher", "Fisher's exact test, conditional odds ratio", "--counts | --x --y",
      stat_run_fisher },
    { "chi-square", "independence (--variant yates, pearson)", "--counts | --x --y",
      stat_run_chi_square },
    { "mcnemar", "paired proportions (--variant exact, corrected, asymptotic)",
      "--counts | --x --y", stat_run_mcnemar },
    { "risk", "two proportions (--variant difference, ratio, odds, nnt)",
      "--counts | --x --y [--event]", stat_run_risk },
    { "proportion", "one proportion with its interval", "--events --n | --value --event [--group]",
      stat_run_proportion },
    { "ancova", "baseline-adjusted change, adjusted means and contrasts",
      "--value --baseline --group", stat_run_ancova },
    { NULL, NULL, NULL, NULL },
};
