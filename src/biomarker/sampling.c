/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A maximum grows with the number of samples: it is given only where all were sampled alike. */
#include "alignment.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>

static const char unequal[] = "sampling days differ between subjects: a maximum grows with the "
                              "number of samples";

static bool in_window(const stroma_series *s, size_t row, double from, double to)
{
    const stroma_cell_state state = alignment_marker_state(s, row);
    const bool value =
        state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT;
    return value && s->day[row] >= from && s->day[row] <= to;
}

/* Days of the window in which anybody has a value; those closer than the tolerance are one. */
static size_t all_days(const stroma_series *s, double from, double to, double tolerance,
                       double *days)
{
    size_t n = 0, kept = 0;
    for (size_t r = 0; r < s->rows; r++)
        if (in_window(s, r, from, to)) days[n++] = s->day[r];
    stroma_sort_doubles(days, n);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || days[i] - days[kept - 1] > tolerance) days[kept++] = days[i];
    return kept;
}

static void compare(const stroma_series *s, const size_t *first, double from, double to,
                    double tolerance, double *days, stroma_sampling *out)
{
    const size_t visits = all_days(s, from, to, tolerance, days);
    out->days_fewest = visits;
    for (size_t i = 0; i < s->subjects; i++) {
        size_t values = 0, at = 0, row = first[i];
        for (size_t r = first[i]; r < first[i + 1]; r++)
            values += in_window(s, r, from, to);
        if (values == 0) continue;
        out->subjects++;
        if (values < out->days_fewest) out->days_fewest = values;
        if (values > out->days_most) out->days_most = values;
        for (; at < visits; at++) {
            bool there = false;
            for (; row < first[i + 1] && s->day[row] <= days[at] + tolerance; row++)
                there = there || (in_window(s, row, from, to) && s->day[row] >= days[at]);
            if (there) continue;
            if (!(days[at] >= out->first_differing_day)) out->first_differing_day = days[at];
            break;
        }
    }
    out->same_days = isnan(out->first_differing_day) && out->days_fewest == out->days_most;
    if (!out->same_days) out->reason = unequal;
}

stroma_status stroma_sampling_check(const stroma_series *series, double from_day, double to_day,
                                    double tolerance_days, stroma_sampling *out, stroma_error *err)
{
    *out = (stroma_sampling){ .first_differing_day = NAN, .reason = "" };
    if (!(from_day <= to_day && tolerance_days >= 0 && isfinite(tolerance_days)))
        return stroma_fail(err, STROMA_E_USAGE, "days %g to %g, give or take %g, are no window",
                           from_day, to_day, tolerance_days);
    STROMA_TRY(alignment_check_series(series, err));
    size_t *first = NULL;
    STROMA_TRY(alignment_rows(series, &first, err));
    double *days = stroma_alloc_array(series->rows, sizeof *days);
    const stroma_status s = days == NULL ? stroma_no_memory(err) : STROMA_OK;
    if (s == STROMA_OK) compare(series, first, from_day, to_day, tolerance_days, days, out);
    stroma_free(first);
    stroma_free(days);
    return s;
}

stroma_status stroma_series_peak(const stroma_series *series, double from_day, double to_day,
                                 double tolerance_days, double *peak, stroma_error *err)
{
    stroma_sampling how;
    STROMA_TRY(stroma_sampling_check(series, from_day, to_day, tolerance_days, &how, err));
    if (!how.same_days) {
        (void)stroma_fail(err, STROMA_E_DEGENERATE,
                          "no maximum over days %g to %g: subjects have %zu to %zu values there",
                          from_day, to_day, how.days_fewest, how.days_most);
        stroma_hint(err, "compare the value at one landmark day, or keep only days that all "
                         "subjects have");
        return STROMA_E_DEGENERATE;
    }
    for (size_t i = 0; i < series->subjects; i++)
        peak[i] = NAN;
    for (size_t r = 0; r < series->rows; r++) {
        double *p = &peak[series->subject[r]];
        if (in_window(series, r, from_day, to_day) && !(*p >= series->marker[r]))
            *p = series->marker[r];
    }
    return STROMA_OK;
}
