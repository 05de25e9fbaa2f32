/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cutoff.h"

#include "stroma/number.h"

#include <math.h>

study_cutoff study_cutoff_read(const stroma_yaml_node *n)
{
    return (study_cutoff){ .above = stroma_yaml_number(n, "above", NAN),
                           .at_least = stroma_yaml_number(n, "at_least", NAN),
                           .below = stroma_yaml_number(n, "below", NAN) };
}

int study_cutoff_given(const study_cutoff *c)
{
    return !isnan(c->above) + !isnan(c->at_least) + !isnan(c->below);
}

static study_verdict unknown(const char **reason, const char *why)
{
    if (reason != NULL) *reason = why;
    return STUDY_UNKNOWN;
}

study_verdict study_cutoff_passes(const study_cutoff *c, const study_measurement *m,
                                  const char **reason)
{
    int side = 0;                        /* of the value, seen from the cut-off */
    const bool rising = isnan(c->below); /* above and at_least: larger values pass */
    const double limit = !isnan(c->above) ? c->above : rising ? c->at_least : c->below;
    if (m->state != STROMA_PRESENT && m->state != STROMA_BELOW_LIMIT &&
        m->state != STROMA_ABOVE_LIMIT)
        return unknown(reason, "an input is missing");
    if (!stroma_decimal_compare(m->value, limit, &side))
        return unknown(reason, "the value is too large to compare");
    if (m->state == STROMA_BELOW_LIMIT) {
        if (side > 0) return unknown(reason, "the cut-off lies below the detection limit");
        return rising ? STUDY_NO : STUDY_YES;
    }
    if (m->state == STROMA_ABOVE_LIMIT) {
        if (side < 0) return unknown(reason, "the cut-off lies above the quantification limit");
        return rising ? STUDY_YES : STUDY_NO;
    }
    const bool yes = !isnan(c->above) ? side > 0 : rising ? side >= 0 : side < 0;
    return yes ? STUDY_YES : STUDY_NO;
}
