/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat calibration`: predicted probabilities against what happened. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/memory.h"
#include "stroma/models_validation.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { THRESHOLDS_MAX = 99 };

typedef struct predictions {
    double *p, *y;
    size_t n;
} predictions;

static stroma_status read_rows(stat_job *j, predictions *x, stroma_error *err)
{
    size_t value = 0, group = 0, k = 0, event = 0;
    const char **names = NULL, *text = cli_text(j->cli, "event");
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "group", &group, err));
    STROMA_TRY(stat_levels(j, group, true, &names, &k, err));
    while (text != NULL && event < k && strcmp(names[event], text) != 0)
        event++;
    if (text == NULL || event == k) {
        (void)stroma_fail(err, STROMA_E_USAGE,
                          text == NULL ? "option --event is missing" : "no row has \"%s\"", text);
        stroma_hint(err, "say which value of \"%s\" is the event", j->table->columns[group].name);
        return STROMA_E_USAGE;
    }
    x->p = stat_alloc(j, j->rows_len, sizeof *x->p, err);
    x->y = stat_alloc(j, j->rows_len, sizeof *x->y, err);
    if (x->p == NULL || x->y == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        if (!stat_code(j, group, j->rows[i], names, k, &code) ||
            !stat_number(j, value, j->rows[i], &x->p[x->n]))
            continue;
        x->y[x->n++] = code == event;
    }
    return STROMA_OK;
}

/* "0.1,0.25" */
static stroma_status thresholds(const stat_job *j, double *out, size_t *n, stroma_error *err)
{
    const char *p = cli_text(j->cli, "thresholds");
    *n = 0;
    while (p != NULL && *p != '\0') {
        const size_t len = strcspn(p, ",");
        if (*n == THRESHOLDS_MAX || !stroma_parse_double(p, len, '.', &out[*n]) ||
            !(out[*n] > 0 && out[*n] < 1)) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--thresholds: \"%.40s\" is no threshold", p);
            stroma_hint(err, "up to %d probabilities between 0 and 1, as 0.1,0.2,0.3",
                        THRESHOLDS_MAX);
            return STROMA_E_USAGE;
        }
        ++*n;
        p += len + (p[len] == ',');
    }
    return STROMA_OK;
}

static stroma_status put_decisions(stat_job *j, const predictions *x, stroma_buffer *b,
                                   stroma_error *err)
{
    double at[THRESHOLDS_MAX];
    stroma_decision d[THRESHOLDS_MAX];
    stroma_json v;
    size_t n = 0;
    STROMA_TRY(thresholds(j, at, &n, err));
    STROMA_TRY(stroma_decision_curve(x->p, x->y, x->n, at, n, j->level, d, err));
    stat_member(b, "decision_curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t k = 0; k < n; k++) {
        char text[STROMA_NUMBER_TEXT_MAX];
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "threshold", d[k].threshold);
        stroma_json_put_int(&v, "tp", (int64_t)d[k].tp);
        stroma_json_put_int(&v, "fp", (int64_t)d[k].fp);
        stroma_json_put_number(&v, "net_benefit", d[k].net_benefit);
        stroma_json_put_number(&v, "se", d[k].se);
        stroma_json_put_number(&v, "lower", d[k].lower);
        stroma_json_put_number(&v, "upper", d[k].upper);
        stroma_json_put_number(&v, "treat_all", d[k].treat_all);
        stroma_json_put_number(&v, "over_treat_all", d[k].over_all);
        stroma_json_put_number(&v, "over_treat_all_se", d[k].over_all_se);
        stroma_json_end_object(&v);
        stat_result r = { .stat = stroma_stat_empty("decision_curve"),
                          .p_adjusted = NAN,
                          .flat_only = true };
        r.label = stroma_arena_printf(&j->arena, "threshold %s",
                                      stroma_format_double(d[k].threshold, text));
        if (r.label == NULL) return stroma_no_memory(err);
        r.stat.variant = "net benefit";
        r.stat.n_used = x->n;
        r.stat.estimate = d[k].net_benefit;
        r.stat.se = d[k].se;
        r.stat.interval_method = "Wald";
        r.stat.level = j->level;
        r.stat.lower = d[k].lower;
        r.stat.upper = d[k].upper;
        r.stat.effect_name = "treat all";
        r.stat.effect = d[k].treat_all;
        STROMA_TRY(stat_put_result(j, &r, err));
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
    return STROMA_OK;
}

static void put_curve(const stroma_calibration *c, stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < c->curve_len; i++) {
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "predicted", c->predicted[i]);
        stroma_json_put_number(&v, "observed", c->curve[i]);
        stroma_json_put_number(&v, "lower", c->lower[i]);
        stroma_json_put_number(&v, "upper", c->upper[i]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

/* A number of the curve, with what is to be said of it. */
static stroma_status put_distance(stat_job *j, const stroma_calibration *c, const char *label,
                                  double x, stroma_error *err)
{
    stat_result r = { .stat = stroma_stat_empty("calibration"),
                      .label = label,
                      .p_adjusted = NAN,
                      .flat_only = true };
    r.stat.variant = "curve";
    r.stat.n_used = c->rows;
    r.stat.estimate_name = label;
    r.stat.estimate = x;
    if (isnan(x))
        r.stat.reason = c->curve_reason;
    else if (c->curve_uncertain)
        r.stat.reason = "fewer than 200 events or 200 others: the curve follows chance";
    return stat_put_result(j, &r, err);
}

static stroma_status put_all(stat_job *j, const predictions *x, const stroma_calibration *c,
                             stroma_buffer *b, stroma_error *err)
{
    const stroma_stat *const stats[] = { &c->large, &c->intercept, &c->slope, &c->ratio,
                                         &c->brier };
    static const char *const names[] = { "in the large", "intercept", "slope",
                                         "observed / expected", "Brier score" };
    stat_member(b, "calibration");
    stroma_buffer_putc(b, '[');
    for (size_t k = 0; k < 5; k++)
        STROMA_TRY(stat_put_coefficient(j, b, stats[k], "calibration", names[k], k == 0, err));
    stroma_buffer_putc(b, ']');
    stat_member_end(b);
    STROMA_TRY(put_distance(j, c, "ICI", c->ici, err));
    STROMA_TRY(put_distance(j, c, "E50", c->e50, err));
    STROMA_TRY(put_distance(j, c, "E90", c->e90, err));
    STROMA_TRY(put_decisions(j, x, b, err));
    put_curve(c, b);
    stat_member_number(b, "ici", c->ici);
    stat_member_number(b, "e50", c->e50);
    stat_member_number(b, "e90", c->e90);
    stat_member_number(b, "e_max", c->e_max);
    stat_member_number(b, "knots", (double)c->knots);
    stat_member_text(b, "curve_reason",
                     c->curve_reason[0] != '\0' ? c->curve_reason
                     : c->curve_uncertain
                         ? "fewer than 200 events or 200 others: the curve follows chance"
                         : NULL);
    stat_member_number(b, "brier_scaled", c->brier_scaled);
    stat_member_number(b, "mean_predicted", c->mean_predicted);
    stat_member_number(b, "observed", c->observed);
    stat_result r = { .stat = stroma_stat_empty("calibration"),
                      .label = cli_text(j->cli, "value"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.n_used = c->rows;
    r.stat.n1 = c->events;
    r.stat.n2 = c->rows - c->events;
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

stroma_status stat_run_calibration(stat_job *j, stroma_error *err)
{
    predictions x = { 0 };
    stroma_calibration c;
    stroma_buffer members;
    STROMA_TRY(read_rows(j, &x, err));
    STROMA_TRY(stroma_calibrate(x.p, x.y, x.n, 0, j->level, &c, err));
    stroma_buffer_init(&members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = put_all(j, &x, &c, &members, err);
    stroma_buffer_clear(&members);
    stroma_calibration_clear(&c);
    return s;
}
