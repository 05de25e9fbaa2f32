/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file figure_parts.h
 *  What the figures share: what study.db says of parameters, groups and visits, and the pieces of
 *  a Vega-Lite specification that are the same everywhere. Everything loaded lives in db->arena. */
#ifndef FIGURE_PARTS_H
#define FIGURE_PARTS_H
#include "report_internal.h"

/* ---- reading (figure_load.c) ---- */
typedef stroma_status fig_row_fn(void *context, sqlite3_stmt *q, stroma_error *err);
/* Call fn for every row. */
STROMA_CHECK stroma_status fig_each(report_db *db, const char *sql, const char *const *params,
                                    size_t n, fig_row_fn *fn, void *context, stroma_error *err);
/* Copy into db->arena; *out is never NULL on success. */
STROMA_CHECK stroma_status fig_keep(report_db *db, const char *text, const char **out,
                                    stroma_error *err);

typedef struct fig_param {
    const char *id, *label, *unit, *name_unit; /* name_unit: "IL-6 (pg/mL)" */
    int decimals;
    bool log_scale;
    double lloq, uloq, ref_low, ref_high; /* NaN = none */
} fig_param;
STROMA_CHECK stroma_status fig_load_param(report_db *db, const char *id, fig_param *out,
                                          stroma_error *err);

typedef struct fig_group {
    const char *id, *label, *role;
    int64_t n; /* members */
} fig_group;
typedef struct fig_groups {
    const char *grouping, *label, *rule;
    fig_group *at;
    size_t n;
} fig_groups;
/* @param wanted a JSON array of group ids, or a text (one id), or NULL for all */
STROMA_CHECK stroma_status fig_load_groups(report_db *db, const char *grouping,
                                           const json_t *wanted, fig_groups *out,
                                           stroma_error *err);
/* Index of a group, or n. */
size_t fig_group_index(const fig_groups *g, const char *id);
/* Is @p param, or what stands behind it, what the groups were made from? */
STROMA_CHECK stroma_status fig_is_circular(report_db *db, const char *grouping, const char *param,
                                           bool *out, stroma_error *err);

typedef struct fig_visit {
    const char *id, *label;
    double week; /* NaN: not on the axis */
    bool baseline;
} fig_visit;
typedef struct fig_visits {
    fig_visit *at;
    size_t n;
    const char *unit; /* "week" */
} fig_visits;
/* @param wanted a JSON array of visit ids, or NULL for all that stand on the time axis */
STROMA_CHECK stroma_status fig_load_visits(report_db *db, const json_t *wanted, fig_visits *out,
                                           stroma_error *err);
size_t fig_visit_index(const fig_visits *v, const char *id);
STROMA_CHECK stroma_status fig_set_label(report_db *db, const char *set, const char **out,
                                         stroma_error *err);
/* "95 %": the confidence level of the intervals of an analysis or question. */
enum { FIG_LEVEL_MAX = 32 };
STROMA_CHECK stroma_status fig_level(report_db *db, const char *analysis, char *text,
                                     stroma_error *err);
bool fig_spec_flag(const report_item *item, const char *key);
/* true when meta.style is "paper". */
STROMA_CHECK stroma_status fig_is_paper(report_db *db, bool *out, stroma_error *err);

/* ---- scales (figure_scale.c) ---- */
typedef struct fig_scale {
    double lo, hi;
    bool log;
} fig_scale;
void fig_scale_start(fig_scale *s, bool log);
void fig_scale_add(fig_scale *s, double x); /* NaN, and x ≤ 0 on a log axis, are left out */
/* Round outward to ticks; from 0 where the values are near enough to it. */
void fig_scale_finish(fig_scale *s);
/* Share of the axis below x, 0…1. */
double fig_scale_share(const fig_scale *s, double x);
/* Domain of a vertical axis: all values of the parameter in the set, and those of the other
 * figures of the same row unless this one has spec.free_scale. */
STROMA_CHECK stroma_status fig_item_scale(report_db *db, const report_item *item,
                                          const fig_param *p, fig_scale *out, stroma_error *err);

/* ---- emitting (figure_parts.c) ---- */
/* A constant fragment, written with ' for " and ` for ' : fig_lit(j, "axis", "{'grid':false}"). key
 * may be NULL (an array element). */
void fig_lit(stroma_json *j, const char *key, const char *text);
/* An array of lines of about limit_chars characters, broken at blanks where there are some. */
void fig_wrapped(stroma_json *j, const char *key, const char *text, size_t limit_chars);
void fig_words(stroma_json *j, const char *text, size_t limit_chars); /* without a key */
void fig_lines(stroma_json *j, const char *text, size_t limit_chars); /* into an open array */
/* Panels that the page refits: as many side by side as fit, all square and of one size. */
typedef struct fig_fit {
    int lead, gap, least, most; /* px: the first axis, between panels, ends of a panel's size */
} fig_fit;
typedef struct fig_head {
    const char *title, *subtitle; /* subtitle may be NULL */
    const char *description, *caption;
    int width, height;  /* height 0: none (concat) */
    bool title_inside;  /* starts where the plot does, not at its axis */
    int side;           /* usermeta.stroma.side, 0: the page's default */
    const char *param;  /* usermeta.stroma.param: what the patients' values are of; NULL: none */
    const fig_fit *fit; /* usermeta.stroma.panels, NULL: none */
} fig_head;
/* {"$schema" … "usermeta"; the caller goes on with "data". */
void fig_begin(stroma_json *j, const report_item *item, const fig_head *h);
void fig_end(stroma_json *j);
/* "data":{"values":[ … then one object a datum; closed by fig_data_end(). */
void fig_data_begin(stroma_json *j);
void fig_data_end(stroma_json *j);
/* "colour" and, when asked for, "strokeDash" and "shape" channels by field "group". Long labels
 * stand below each other under the plot with FIG_LEGEND_BELOW. */
enum { FIG_DASH = 1, FIG_SHAPE = 2, FIG_LEGEND = 4, FIG_FILL = 8, FIG_LEGEND_BELOW = 16 };
void fig_group_channels(stroma_json *j, const fig_groups *g, unsigned flags);
/* key: {"field": field, "type": "quantitative"} and the scale when s is not NULL. */
void fig_quantitative(stroma_json *j, const char *channel, const char *field, const fig_scale *s);
void fig_quantitative_titled(stroma_json *j, const char *channel, const char *field,
                             const fig_scale *s, const char *title);
/* A layer of its own single datum: begins {"data":{"values":[{…}]}, with text when not NULL. */
void fig_single_begin(stroma_json *j, const char *text);
/* "y" axis object with ticks that suit the scale. Call after the key "axis". */
void fig_value_axis(stroma_json *j, const fig_scale *s, const char *title);
/* Layers under the data: region below LLOQ shaded and named. Nothing when there is none. */
void fig_lloq_layers(stroma_json *j, const fig_param *p, const fig_scale *s);
/* Layers of a labelled cut-off line; nothing when spec has none. */
void fig_cutoff_layers(stroma_json *j, const report_item *item, const fig_scale *s);
/* ---- patients' values (figure_wide.c) ---- */
enum { FIG_VISITS_MAX = 256 };
/* An array of one object a patient: {"subject", "group", "shift", "value": [one a visit, null where
 * there is none], "state": [words where a value lies beyond a limit, else null]}. It stands in
 * "datasets"; fig_wide_transform() makes one datum a value of it. */
typedef struct fig_wide {
    report_db *db;
    stroma_json *j;
    const fig_visits *visits;
    bool open, any_state, any_shift;
    const char *subject, *group;
    double shift, value[FIG_VISITS_MAX];
    const char *state[FIG_VISITS_MAX]; /* static texts; NULL = present */
} fig_wide;
typedef struct fig_wide_value {
    const char *subject, *group; /* group must outlive the figure */
    size_t visit;
    double shift, value; /* shift NaN = none */
    const char *state;
} fig_wide_value;
STROMA_CHECK stroma_status fig_wide_begin(fig_wide *w, report_db *db, stroma_json *j,
                                          const fig_visits *visits, stroma_error *err);
/* Values of one patient must follow each other. */
STROMA_CHECK stroma_status fig_wide_add(fig_wide *w, const fig_wide_value *x, stroma_error *err);
void fig_wide_end(fig_wide *w);
/* "transform": … into w->j; field @p as of a datum is at[its visit], and `place` that plus shift.
 */
void fig_wide_transform(const fig_wide *w, const char *as, const double *at);
/* State as people say it: "below_limit" -> "below limit". Static text or the state itself. */
const char *fig_state_words(const char *state);
/* "12.3" with the parameter's decimals and a real minus sign. buf: STROMA_NUMBER_TEXT_MAX + 3 */
const char *fig_number(double x, int decimals, char *buf);
/* Start of a caption: "By EULAR response at week 12: …" is up to the caller; this appends the
 * population, the grouping's rule and, where it holds, the word circular. */
void fig_caption_tail(stroma_buffer *b, const fig_groups *g, const char *set_label, bool circular,
                      bool paper);
#endif
