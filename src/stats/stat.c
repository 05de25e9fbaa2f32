/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stroma/stats.h"

#include <math.h>

stroma_stat stroma_stat_empty(const char *method)
{
    return (stroma_stat){ .method = method,
                          .variant = "",
                          .reason = "",
                          .estimate_name = "",
                          .estimate = NAN,
                          .se = NAN,
                          .interval_method = "",
                          .level = 0.95,
                          .lower = NAN,
                          .upper = NAN,
                          .statistic_name = "",
                          .statistic = NAN,
                          .df = NAN,
                          .df2 = NAN,
                          .p = NAN,
                          .effect_name = "",
                          .effect = NAN,
                          .effect_lower = NAN,
                          .effect_upper = NAN };
}

stroma_stat stroma_stat_cannot(const char *method, const char *reason)
{
    stroma_stat r = stroma_stat_empty(method);
    r.not_estimable = true;
    r.reason = reason;
    return r;
}
