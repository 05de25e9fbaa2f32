/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_times.h"

#include <math.h>

const char *stroma_landmark_state_name(stroma_landmark_state s)
{
    static const char *const names[] = { "at risk and evaluable at the landmark",
                                         "had the event at or before the landmark",
                                         "was not followed beyond the landmark",
                                         "entered after the landmark",
                                         "is not evaluable at the landmark" };
    return (size_t)s < STROMA_LANDMARK_STATES ? names[s] : "";
}

stroma_status stroma_landmark(const stroma_survival_data *d, double landmark, const bool *evaluable,
                              stroma_landmark_state *state, size_t *row, double *time, size_t *len,
                              stroma_error *err)
{
    survival_times t;
    *len = 0;
    if (!isfinite(landmark))
        return stroma_fail(err, STROMA_E_USAGE, "landmark %g is not finite", landmark);
    STROMA_TRY(survival_times_new(d, NULL, 0, &t, err));
    for (size_t i = 0; i < d->n; i++) {
        if (t.stop[i] <= landmark)
            state[i] = d->event[i] != 0 ? STROMA_LANDMARK_EVENT : STROMA_LANDMARK_CENSORED;
        else if (t.start != NULL && t.start[i] > landmark)
            state[i] = STROMA_LANDMARK_NOT_ENTERED;
        else if (evaluable != NULL && !evaluable[i])
            state[i] = STROMA_LANDMARK_NOT_EVALUABLE;
        else
            state[i] = STROMA_LANDMARK_IN;
        if (state[i] != STROMA_LANDMARK_IN) continue;
        row[*len] = i;
        time[(*len)++] = t.stop[i] - landmark;
    }
    survival_times_free(&t);
    return STROMA_OK;
}
