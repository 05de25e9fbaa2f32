/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noncentral F as a Poisson mixture of beta probabilities, from its largest weight outwards. */
#ifndef STROMA_STATS_NONCENTRAL_F_H
#define STROMA_STATS_NONCENTRAL_F_H
/* P(F > f) with noncentrality ncp ≥ 0. */
double stroma_noncentral_f_sf(double f, double df1, double df2, double ncp);
#endif
