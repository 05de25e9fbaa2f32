/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responder rates as results, for the commands that compare with noise. */
#ifndef STROMA_CLI_BIOMARKER_RATES_H
#define STROMA_CLI_BIOMARKER_RATES_H
#include "stat_job.h"

#include "stroma/biomarker_noise_floor.h"

/* Nothing where there is no rate. */
stroma_status biomarker_put_rate(stat_job *j, const stroma_noise_rate *r, const char *variant,
                                 const char *label, stroma_error *err);
/* The chance that none of the controls responds; nothing where it is NaN. */
stroma_status biomarker_put_none(stat_job *j, double p, const char *label, stroma_error *err);
#endif
