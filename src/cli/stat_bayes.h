/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat logistic --variant bayes`, and its prior for other methods. */
#ifndef STROMA_CLI_STAT_BAYES_H
#define STROMA_CLI_STAT_BAYES_H
#include "stat_job.h"

#include "stroma/models_bayes_logistic.h"
#include "stroma/stats_formula.h"

/* --prior, --prior-intercept and --scaling. */
stroma_status stat_bayes_prior(const stat_job *j, stroma_bayes_prior *out, stroma_error *err);
stroma_status stat_bayes_logistic(stat_job *j, const stroma_formula_data *d, stroma_error *err);
#endif
