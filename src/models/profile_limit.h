/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the signed root of a likelihood ratio crosses a normal quantile. */
#ifndef STROMA_MODELS_PROFILE_LIMIT_H
#define STROMA_MODELS_PROFILE_LIMIT_H

/* Largest log-likelihood with the coefficient held at @p b; NaN where there is none. */
typedef double (*profile_likelihood)(double b, void *context);
/* From the estimate @p at with log-likelihood @p top in steps of @p step (its sign is the side), to
 * where the root of twice the loss is @p z. NaN where it is not found. The root is nearly straight,
 * so regula falsi (Illinois) needs few fits and cannot leave its bracket. */
double profile_limit(profile_likelihood f, void *context, double at, double top, double step,
                     double z);
#endif
