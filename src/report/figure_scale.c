/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Axis domains, fixed here so that figures of a row share them and labels can be placed. */
#include "figure_parts.h"

#include <math.h>
#include <string.h>

void fig_scale_start(fig_scale *s, bool log)
{
    *s = (fig_scale){ .lo = INFINITY, .hi = -INFINITY, .log = log };
}

void fig_scale_add(fig_scale *s, double x)
{
    if (!isfinite(x) || (s->log && x <= 0)) return;
    s->lo = fmin(s->lo, x);
    s->hi = fmax(s->hi, x);
}

static double log_step(double x, bool up)
{
    static const double steps[] = { 1, 2, 5, 10 };
    const double decade = pow(10, floor(log10(x)));
    if (up) {
        for (size_t i = 0; i < 4; i++)
            if (x <= steps[i] * decade * (1 + 1e-9)) return steps[i] * decade;
        return 10 * decade;
    }
    for (size_t i = 4; i-- > 0;)
        if (x >= steps[i] * decade * (1 - 1e-9)) return steps[i] * decade;
    return decade;
}

void fig_scale_finish(fig_scale *s)
{
    if (!(s->lo <= s->hi)) {
        s->lo = s->log ? 1 : 0;
        s->hi = s->log ? 10 : 1;
        return;
    }
    if (s->log) {
        s->lo = log_step(s->lo, false);
        s->hi = log_step(s->hi, true);
        if (s->lo == s->hi) s->hi = s->lo * 10;
        return;
    }
    if (s->lo >= 0 && s->lo <= 0.6 * s->hi) s->lo = 0;
    if (s->lo == s->hi) {
        const double half = s->lo == 0 ? 1 : fabs(s->lo) * 0.1;
        s->lo -= half;
        s->hi += half;
    }
    const double raw = (s->hi - s->lo) / 8;
    const double step = log_step(raw, true);
    s->lo = floor(s->lo / step * (1 + 1e-12)) * step;
    s->hi = ceil(s->hi / step * (1 - 1e-12)) * step;
}

double fig_scale_share(const fig_scale *s, double x)
{
    if (s->log) return log(x / s->lo) / log(s->hi / s->lo);
    return (x - s->lo) / (s->hi - s->lo);
}

static stroma_status take_range(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    fig_scale_add(context, report_number(q, 0));
    fig_scale_add(context, report_number(q, 1));
    return STROMA_OK;
}

stroma_status fig_item_scale(report_db *db, const report_item *item, const fig_param *p,
                             fig_scale *out, stroma_error *err)
{
    fig_scale_start(out, p->log_scale);
    const char *row = fig_spec_flag(item, "free_scale") ? NULL : report_spec_text(item, "row");
    const char *const params[] = { p->id, item->section_id, row, item->kind };
    STROMA_TRY(fig_each(
        db,
        "SELECT min(value), max(value) FROM measurement WHERE param_id = ?1 AND value IS NOT NULL "
        "AND (value > 0 OR (SELECT log_scale FROM parameter WHERE param_id = ?1) = 0) "
        "UNION ALL SELECT min(m.value), max(m.value) FROM item i JOIN parameter a ON a.param_id = "
        "json_extract(i.spec, '$.param') JOIN parameter b ON b.param_id = ?1 AND b.unit = a.unit "
        "AND b.log_scale = a.log_scale AND (a.unit <> '' OR a.param_id = ?1) JOIN measurement m ON "
        "m.param_id = a.param_id "
        "WHERE i.section_id = ?2 AND i.kind = ?4 AND json_extract(i.spec, '$.row') = ?3 "
        "AND coalesce(json_extract(i.spec, '$.free_scale'), 0) = 0 "
        "AND (m.value > 0 OR a.log_scale = 0)",
        params, 4, take_range, out, err));
    const json_t *cutoff = json_object_get(json_object_get(item->spec, "cutoff"), "value");
    if (json_is_number(cutoff)) fig_scale_add(out, json_number_value(cutoff));
    if (p->log_scale && isfinite(p->lloq)) fig_scale_add(out, p->lloq * 0.7);
    fig_scale_finish(out);
    return STROMA_OK;
}
