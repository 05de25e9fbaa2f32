/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kinds of items. A new one is a file (figure_x.c or table_x.c) and a line here. */
#include "report_internal.h"

#include <string.h>

/* F(time_course) wants report_figure_time_course(), T(event_table) wants report_event_table(). */
#define REPORT_FIGURE_LIST(F) \
    F(time_course)            \
    F(spaghetti)              \
    F(dot_plot)               \
    F(scatter)                \
    F(rates)                  \
    F(flow)                   \
    F(timeline)               \
    F(roc_curve)              \
    F(calibration)            \
    F(decision_curve)         \
    F(alignment)              \
    F(forest)                 \
    F(volcano)                \
    F(missing_map)            \
    F(gating_strategy)        \
    F(cytometry_overlay)      \
    F(cytometry_visits)
#define REPORT_TABLE_LIST(T) \
    T(baseline_table)        \
    T(before_after_table)    \
    T(change_table)          \
    T(result_table)          \
    T(rate_table)            \
    T(tests_table)           \
    T(event_table)           \
    T(summary_table)         \
    T(findings_table)        \
    T(files_table)           \
    T(biomarker_table)       \
    T(candidate_table)       \
    T(cutoff_table)          \
    T(model_table)           \
    T(population_table)      \
    T(cytometry_quality_table)

#define DECLARE_FIGURE_(name) report_figure_fn report_figure_##name;
#define DECLARE_TABLE_(name)  report_table_fn report_##name;
REPORT_FIGURE_LIST(DECLARE_FIGURE_)
REPORT_TABLE_LIST(DECLARE_TABLE_)

static const report_kind kinds[] = {
#define FIGURE_(name) { #name, report_figure_##name, NULL },
#define TABLE_(name)  { #name, NULL, report_##name },
    REPORT_FIGURE_LIST(FIGURE_) REPORT_TABLE_LIST(TABLE_){ "text", NULL, NULL },
};

const report_kind *report_kind_find(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].kind, kind) == 0) return &kinds[i];
    return NULL;
}

static stroma_status unknown(const report_item *item, const char *wanted, stroma_error *err)
{
    stroma_fail(err, STROMA_E_INCONSISTENT, "item \"%s\": kind \"%s\" is no %s of this version",
                item->item_id, item->kind, wanted);
    stroma_hint(err, "write the study.db again with `stroma run`");
    return STROMA_E_INCONSISTENT;
}

stroma_status report_figure(report_db *db, const report_item *item, stroma_buffer *json,
                            stroma_error *err)
{
    const report_kind *k = report_kind_find(item->kind);
    if (k == NULL || k->figure == NULL) return unknown(item, "figure", err);
    return stroma_in(err, k->figure(db, item, json, err), "item \"%s\"", item->item_id);
}

stroma_status report_table_build(report_db *db, const report_item *item, report_table **out,
                                 stroma_error *err)
{
    const report_kind *k = report_kind_find(item->kind);
    *out = NULL;
    if (k == NULL || k->table == NULL) return unknown(item, "table", err);
    return stroma_in(err, k->table(db, item, out, err), "item \"%s\"", item->item_id);
}
