/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values over time: thin lines for patients, a bold summary with its band, n under the axis.
 * Also draws "spaghetti": the patients of one group in front, the median behind. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_time_course, report_figure_spaghetti;

enum { GROUPS_MAX = 8, LINE_PX = 15, LABEL_CHARS = 20 };

typedef struct course {
    report_db *db;
    const report_item *item;
    stroma_json *j;
    fig_param param;
    fig_groups groups;
    fig_visits visits;
    fig_scale y;
    const char *set, *set_label, *analysis;
    bool median, spaghetti, paper, circular, in_row, any_mark;
    fig_wide patients;
    int height;
    int64_t n[FIG_VISITS_MAX][GROUPS_MAX]; /* of the summaries */
    double last_x[GROUPS_MAX], last_y[GROUPS_MAX];
    stroma_buffer words; /* description */
} course;

static const char *const summary_words[] = { "mean", "ci_lower", "ci_upper" };
static const char *const median_words[] = { "median", "q1", "q3" };
static const char *const sem_words[] = { "mean", "mean_minus_sem", "mean_plus_sem" };

static const char *const *fields(const course *c)
{
    return c->median ? median_words : c->paper ? sem_words : summary_words;
}

static stroma_status patient_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    course *c = context;
    const size_t v = fig_visit_index(&c->visits, report_text(q, 1));
    const size_t g = fig_group_index(&c->groups, report_text(q, 2));
    if (v == c->visits.n || g == c->groups.n || isnan(c->visits.at[v].week)) return STROMA_OK;
    const double x = report_number(q, 3);
    if (isnan(x) || (c->y.log && x <= 0)) return STROMA_OK;
    return fig_wide_add(&c->patients,
                        &(fig_wide_value){ .subject = report_text(q, 0),
                                           .group = c->groups.at[g].label,
                                           .visit = v,
                                           .shift = NAN,
                                           .value = x,
                                           .state = report_text(q, 4) },
                        err);
}

/* Columns: 0 id, 1 visit, 2 group, 3 n, 4-6 mean, 7-9 median, 10 sem, 11 p, 12 p adjusted,
 * 13 state */
static stroma_status summary_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    course *c = context;
    const size_t v = fig_visit_index(&c->visits, report_text(q, 1));
    const size_t g = fig_group_index(&c->groups, report_text(q, 2));
    if (v == c->visits.n || g == c->groups.n || isnan(c->visits.at[v].week)) return STROMA_OK;
    c->n[v][g] = report_int(q, 3);
    const int first = c->median ? 7 : 4;
    const double middle = report_number(q, first);
    if (isnan(middle) || (c->y.log && middle <= 0)) return STROMA_OK;
    double low = report_number(q, first + 1), high = report_number(q, first + 2);
    if (!c->median && c->paper) {
        low = middle - report_number(q, 10);
        high = middle + report_number(q, 10);
    }
    if (c->y.log && low < c->y.lo) low = c->y.lo;
    char trace[32];
    (void)snprintf(trace, sizeof trace, "s%lld", (long long)report_int(q, 0));
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "trace", trace);
    stroma_json_put_string(j, "visit", report_text(q, 1));
    stroma_json_put_string(j, "group", c->groups.at[g].label);
    stroma_json_put_number(j, "time", c->visits.at[v].week);
    stroma_json_put_int(j, "n", c->n[v][g]);
    stroma_json_put_number(j, fields(c)[0], middle);
    stroma_json_put_number(j, fields(c)[1], low);
    stroma_json_put_number(j, fields(c)[2], high);
    if (c->analysis != NULL) {
        char p[STROMA_NUMBER_TEXT_MAX];
        const bool circular = strcmp(report_text(q, 13), "circular") == 0;
        stroma_json_put_string(j, "p_adjusted",
                               circular                ? "none, circular"
                               : report_is_null(q, 12) ? "not tested"
                                                       : stroma_format_p(report_number(q, 12), p));
    }
    if (c->paper && !c->spaghetti && report_number(q, 11) < 0.05) {
        stroma_json_put_string(j, "mark", "*");
        c->any_mark = true;
    }
    stroma_json_end_object(j);
    c->last_x[g] = c->visits.at[v].week;
    c->last_y[g] = middle;
    return STROMA_OK;
}

static bool has_patients(const course *c)
{
    return c->spaghetti || fig_spec_flag(c->item, "points");
}

static stroma_status put_patients(course *c, stroma_error *err)
{
    const char *const key[] = { c->param.id, c->groups.grouping, c->set };
    stroma_json_key(c->j, "datasets");
    stroma_json_begin_object(c->j);
    stroma_json_key(c->j, "patients");
    STROMA_TRY(fig_wide_begin(&c->patients, c->db, c->j, &c->visits, err));
    STROMA_TRY(fig_each(
        c->db,
        "SELECT s.display_id, m.visit_id, g.group_id, m.value, m.state FROM measurement m "
        "JOIN subject s USING (subject_id) JOIN group_member g ON g.subject_id = m.subject_id "
        "AND g.grouping_id = ?2 JOIN visit v ON v.visit_id = m.visit_id "
        "JOIN analysis_set_member a ON a.set_id = ?3 AND a.subject_id = m.subject_id AND "
        "a.included = 1 WHERE m.param_id = ?1 AND m.state IN ('present', 'below_limit', "
        "'above_limit') ORDER BY s.ord, s.subject_id, v.ord, m.measurement_id",
        key, 3, patient_row, c, err));
    fig_wide_end(&c->patients);
    stroma_json_end_object(c->j);
    return STROMA_OK;
}

static stroma_status put_data(course *c, stroma_error *err)
{
    fig_data_begin(c->j);
    const char *const sums[] = { c->param.id, c->groups.grouping, c->set, c->analysis };
    STROMA_TRY(fig_each(
        c->db,
        "SELECT s.summary_id, s.visit_id, s.group_id, s.n, s.mean, s.mean_lower, s.mean_upper, "
        "s.median, s.q1, s.q3, s.sem, r.p, r.p_adjusted, r.state FROM summary s JOIN visit v ON "
        "v.visit_id = s.visit_id LEFT JOIN result r ON r.analysis_id = ?4 AND r.param_id = "
        "s.param_id AND r.visit_id = s.visit_id AND r.grouping_id = s.grouping_id AND r.group_a = "
        "s.group_id AND r.group_b IS NULL WHERE s.param_id = ?1 AND s.grouping_id = ?2 AND "
        "s.set_id = ?3 GROUP BY s.summary_id ORDER BY v.ord, s.group_id",
        sums, 4, summary_row, c, err));
    fig_data_end(c->j);
    return has_patients(c) ? put_patients(c, err) : STROMA_OK;
}

/* The axis prints the n of every group under each visit, so that labels and n give way together
 * when there is no room. */
static void put_time_axis(course *c)
{
    stroma_json *j = c->j;
    stroma_buffer e;
    stroma_buffer_init(&e, 1 << 16);
    stroma_buffer_putc(&e, '{');
    stroma_json_key(j, "axis");
    stroma_json_begin_object(j);
    char title[96];
    (void)snprintf(title, sizeof title, "%ss", c->visits.unit);
    stroma_json_put_string(j, "title", c->visits.unit[0] == '\0' ? "time" : title);
    fig_lit(j, "grid", "false");
    fig_lit(j, "titlePadding", "4");
    fig_lit(j, "labelLineHeight", "15");
    fig_lit(j, "labelSeparation", "3");
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    bool first = true;
    for (size_t v = 0; v < c->visits.n; v++) {
        if (isnan(c->visits.at[v].week)) continue;
        char x[STROMA_NUMBER_TEXT_MAX];
        stroma_json_number(j, c->visits.at[v].week);
        (void)stroma_format_double(c->visits.at[v].week, x);
        stroma_buffer_printf(&e, "%s'%s':['%s%s'", first ? "" : ",", x,
                             x[0] == '-' ? "\xE2\x88\x92" : "", x[0] == '-' ? x + 1 : x);
        for (size_t g = 0; g < c->groups.n; g++)
            stroma_buffer_printf(&e, ",'%lld'", (long long)c->n[v][g]);
        stroma_buffer_putc(&e, ']');
        first = false;
    }
    stroma_json_end_array(j);
    stroma_buffer_puts(&e, "}[datum.value]");
    stroma_json_put_string(j, "labelExpr", e.data == NULL ? "" : e.data);
    if (e.status != STROMA_OK && j->out->status == STROMA_OK) j->out->status = e.status;
    stroma_buffer_clear(&e);
    stroma_json_end_object(j);
}

static void put_time(course *c)
{
    stroma_json *j = c->j;
    double lo = INFINITY, hi = -INFINITY;
    for (size_t v = 0; v < c->visits.n; v++) {
        lo = fmin(lo, c->visits.at[v].week);
        hi = fmax(hi, c->visits.at[v].week);
    }
    const double edge = hi > lo ? (hi - lo) * 0.02 : 1;
    stroma_json_key(j, "x");
    stroma_json_begin_object(j);
    fig_lit(j, "field", "'time'");
    fig_lit(j, "type", "'quantitative'");
    stroma_json_key(j, "scale");
    stroma_json_begin_object(j);
    stroma_json_key(j, "domain");
    stroma_json_begin_array(j);
    stroma_json_number(j, lo - edge);
    stroma_json_number(j, hi + edge);
    stroma_json_end_array(j);
    fig_lit(j, "nice", "false");
    fig_lit(j, "zero", "false");
    stroma_json_end_object(j);
    put_time_axis(c);
    stroma_json_end_object(j);
}

/* @param filter NULL: all of the data at hand */
static void begin_layer(course *c, const char *filter, const char *mark, const char *y)
{
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    if (filter != NULL) {
        stroma_json_key(j, "transform");
        stroma_json_begin_array(j);
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "filter", filter);
        stroma_json_end_object(j);
        stroma_json_end_array(j);
    }
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    put_time(c);
    fig_quantitative(j, "y", y, &c->y);
}

static void end_layer(course *c)
{
    stroma_json_end_object(c->j);
    stroma_json_end_object(c->j);
}

static void put_value_format(course *c, const char *field, const char *title)
{
    char format[16];
    (void)snprintf(format, sizeof format, ".%df", c->param.decimals);
    stroma_json_begin_object(c->j);
    stroma_json_put_string(c->j, "field", field);
    stroma_json_put_string(c->j, "title", title);
    fig_lit(c->j, "type", "'quantitative'");
    stroma_json_put_string(c->j, "format", format);
    stroma_json_end_object(c->j);
}

static void patient_tooltip(course *c)
{
    stroma_json_key(c->j, "tooltip");
    stroma_json_begin_array(c->j);
    fig_lit(c->j, NULL, "{'field':'subject'}");
    fig_lit(c->j, NULL, "{'field':'visit'}");
    fig_lit(c->j, NULL, "{'field':'group'}");
    put_value_format(c, "value", c->param.name_unit);
    if (c->patients.any_state) fig_lit(c->j, NULL, "{'field':'state'}");
    stroma_json_end_array(c->j);
}

static void summary_tooltip(course *c)
{
    const char *low = c->median ? "lower quartile" : c->paper ? "mean − SEM" : "95 % CI from";
    const char *high = c->median ? "upper quartile" : c->paper ? "mean + SEM" : "95 % CI to";
    stroma_json_key(c->j, "tooltip");
    stroma_json_begin_array(c->j);
    fig_lit(c->j, NULL, "{'field':'group'}");
    fig_lit(c->j, NULL, "{'field':'visit'}");
    fig_lit(c->j, NULL, "{'field':'n','type':'quantitative'}");
    put_value_format(c, fields(c)[0], fields(c)[0]);
    put_value_format(c, fields(c)[1], low);
    put_value_format(c, fields(c)[2], high);
    if (c->analysis != NULL) fig_lit(c->j, NULL, "{'field':'p_adjusted','title':'adjusted p'}");
    stroma_json_end_array(c->j);
}

/* Fainter the more patients there are, so that the mean and its band lead. */
static double ink_share(const course *c, double one, double least)
{
    double n = 0;
    for (size_t g = 0; g < c->groups.n; g++)
        n += (double)c->groups.at[g].n;
    return n > 0 ? fmin(one, fmax(least, 8 * one / n)) : one;
}

static void patient_layers(course *c)
{
    stroma_json *j = c->j;
    char line[128], point[128];
    double at[FIG_VISITS_MAX];
    for (size_t v = 0; v < c->visits.n; v++)
        at[v] = c->visits.at[v].week;
    (void)snprintf(line, sizeof line,
                   "{'type':'line','strokeWidth':1,'opacity':%.2f,'tooltip':null}",
                   c->spaghetti ? 0.45 : ink_share(c, 0.45, 0.1));
    (void)snprintf(point, sizeof point, "{'type':'point','size':%d,'opacity':%.2f}",
                   c->spaghetti ? 26 : 10, c->spaghetti ? 0.7 : ink_share(c, 0.6, 0.22));
    stroma_json_begin_object(j);
    fig_lit(j, "data", "{'name':'patients'}");
    c->patients.j = j;
    fig_wide_transform(&c->patients, "time", at);
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    begin_layer(c, NULL, line, "value");
    fig_group_channels(j, &c->groups, 0);
    fig_lit(j, "detail", "{'field':'subject'}");
    end_layer(c);
    begin_layer(c, c->patients.any_state ? "!datum.state" : NULL, point, "value");
    fig_group_channels(j, &c->groups, FIG_SHAPE);
    patient_tooltip(c);
    end_layer(c);
    if (c->patients.any_state) {
        begin_layer(c, "datum.state",
                    "{'type':'point','size':18,'filled':true,'fill':'" REPORT_PAPER
                    "','strokeWidth':1,'opacity':0.5}",
                    "value");
        fig_group_channels(j, &c->groups, FIG_SHAPE | FIG_FILL);
        patient_tooltip(c);
        end_layer(c);
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void summary_layers(course *c)
{
    const char *mid = fields(c)[0];
    if (!c->spaghetti) {
        begin_layer(c, NULL,
                    c->paper && !c->median ? "{'type':'rule','strokeWidth':1.5,'tooltip':null}"
                                           : "{'type':'area','opacity':0.28,'tooltip':null}",
                    fields(c)[1]);
        stroma_json_key(c->j, "y2");
        stroma_json_begin_object(c->j);
        stroma_json_put_string(c->j, "field", fields(c)[2]);
        stroma_json_end_object(c->j);
        fig_group_channels(c->j, &c->groups, 0);
        end_layer(c);
    }
    begin_layer(c, NULL, "{'type':'line','strokeWidth':2.5,'tooltip':null}", mid);
    fig_group_channels(c->j, &c->groups, FIG_DASH);
    end_layer(c);
    begin_layer(c, NULL, "{'type':'point','size':64,'opacity':1}", mid);
    fig_group_channels(c->j, &c->groups, FIG_SHAPE);
    summary_tooltip(c);
    end_layer(c);
    if (!c->any_mark) return;
    begin_layer(c, "datum.mark != null",
                "{'type':'text','dy':-14,'fontSize':16,'color':'" REPORT_INK "'}", mid);
    fig_lit(c->j, "text", "{'field':'mark'}");
    end_layer(c);
}

/* A text of a group in its colour, at pixels. */
static void group_text(course *c, size_t g, const char *text, const char *mark, const char *x,
                       double y_px)
{
    stroma_json *j = c->j;
    stroma_json_begin_object(j);
    stroma_json_key(j, "data");
    stroma_json_begin_object(j);
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    stroma_json_begin_object(j);
    if (strcmp(mark, "'left'") == 0)
        fig_wrapped(j, "label", text, LABEL_CHARS);
    else
        stroma_json_put_string(j, "label", text);
    stroma_json_end_object(j);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    stroma_json_key(j, "mark");
    stroma_json_begin_object(j);
    fig_lit(j, "type", "'text'");
    fig_lit(j, "lineHeight", "14");
    fig_lit(j, "align", mark);
    fig_lit(j, "baseline", "'middle'");
    fig_lit(j, "clip", "false");
    fig_lit(j, "limit", "150");
    stroma_json_put_string(j, "color", report_role_colour(c->groups.at[g].role));
    fig_lit(j, "fontWeight", "600");
    stroma_json_end_object(j);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "x", x);
    stroma_json_key(j, "y");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "value", y_px);
    stroma_json_end_object(j);
    fig_lit(j, "text", "{'field':'label'}");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* Names at the ends of the lines, pushed apart where they would cover each other. */
static void direct_labels(course *c)
{
    double px[GROUPS_MAX], apart = LINE_PX;
    size_t order[GROUPS_MAX], n = 0;
    for (size_t g = 0; g < c->groups.n; g++) {
        if (isnan(c->last_y[g])) continue;
        if (strlen(c->groups.at[g].label) > LABEL_CHARS) apart = 2 * LINE_PX;
        px[g] = c->height * (1 - fig_scale_share(&c->y, c->last_y[g]));
        size_t k = n++;
        for (; k > 0 && px[order[k - 1]] > px[g]; k--)
            order[k] = order[k - 1];
        order[k] = g;
    }
    for (int round = 0; round < 50; round++)
        for (size_t k = 1; k < n; k++) {
            const double gap = px[order[k]] - px[order[k - 1]];
            if (gap >= apart) continue;
            px[order[k]] += (apart - gap) / 2;
            px[order[k - 1]] -= (apart - gap) / 2;
        }
    for (size_t k = 0; k < n; k++)
        group_text(c, order[k], c->groups.at[order[k]].label, "'left'",
                   "{'value':{'expr':'width + 2'}}", px[order[k]]);
}

/* Row heads of the n strip, left of the axis; they are the key of the small panels. */
static void strip_heads(course *c)
{
    for (size_t g = 0; g < c->groups.n; g++)
        group_text(c, g, c->groups.at[g].label, "'right'", "{'value':-14}",
                   c->height + 16 + LINE_PX * ((double)g + 1));
}

static void describe(course *c, stroma_buffer *caption)
{
    stroma_buffer_printf(&c->words, "%s over time. ", c->param.name_unit);
    for (size_t g = 0; g < c->groups.n; g++) {
        char number[STROMA_NUMBER_TEXT_MAX + 3];
        if (isnan(c->last_y[g])) continue;
        stroma_buffer_printf(&c->words, "%s: last %s %s. ", c->groups.at[g].label, fields(c)[0],
                             fig_number(c->last_y[g], c->param.decimals, number));
    }
    if (c->spaghetti)
        stroma_buffer_puts(caption, "A thin line is a patient, the bold line the median");
    else
        stroma_buffer_puts(caption, c->median  ? "Bold: median, band: interquartile range"
                                    : c->paper ? "Bold: mean, bars: standard error of the mean"
                                               : "Bold: mean, band: 95 % CI (t)");
    if (!c->spaghetti && has_patients(c)) stroma_buffer_puts(caption, "; thin lines: patients");
    stroma_buffer_puts(caption, ". Under the axis: n at each visit.");
    if (c->patients.any_state)
        stroma_buffer_puts(caption,
                           " Open marks: values beyond an assay limit, drawn at the limit.");
    if (c->any_mark) stroma_buffer_puts(caption, " * unadjusted P < 0.05 against baseline.");
    fig_caption_tail(caption, &c->groups, c->set_label, c->circular && c->groups.n > 1, c->paper);
}

static stroma_status load(course *c, stroma_error *err)
{
    const report_item *item = c->item;
    c->set = report_spec_text(item, "set");
    c->analysis = report_spec_text(item, "analysis");
    const char *statistic = report_spec_text(item, "statistic");
    c->median = c->spaghetti || (statistic != NULL && strcmp(statistic, "median") == 0);
    c->in_row = report_spec_text(item, "row") != NULL;
    c->height = c->in_row ? 190 : 260;
    STROMA_TRY(fig_load_param(c->db, report_spec_text(item, "param"), &c->param, err));
    STROMA_TRY(fig_load_groups(c->db, report_spec_text(item, "grouping"),
                               json_object_get(item->spec, c->spaghetti ? "group" : "groups"),
                               &c->groups, err));
    STROMA_TRY(fig_load_visits(c->db, json_object_get(item->spec, "visits"), &c->visits, err));
    if (c->groups.n > GROUPS_MAX || c->visits.n > FIG_VISITS_MAX)
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "%zu groups and %zu visits, the limits of a figure are %d and %d",
                           c->groups.n, c->visits.n, (int)GROUPS_MAX, (int)FIG_VISITS_MAX);
    STROMA_TRY(fig_set_label(c->db, c->set, &c->set_label, err));
    STROMA_TRY(fig_is_paper(c->db, &c->paper, err));
    STROMA_TRY(fig_is_circular(c->db, c->groups.grouping, c->param.id, &c->circular, err));
    for (size_t g = 0; g < GROUPS_MAX; g++)
        c->last_x[g] = c->last_y[g] = NAN;
    return fig_item_scale(c->db, item, &c->param, &c->y, err);
}

/* The data come first because they tell what the rest must say; the head is put before them. */
static stroma_status draw(course *c, stroma_buffer *json, stroma_error *err)
{
    stroma_buffer data, caption;
    stroma_json j;
    stroma_buffer_init(&data, json->limit_bytes);
    stroma_buffer_init(&caption, 1 << 16);
    stroma_buffer_init(&c->words, 1 << 16);
    stroma_json_init(&j, &data, 0);
    c->j = &j;
    stroma_json_begin_object(&j);
    stroma_status s = put_data(c, err);
    stroma_json_end_object(&j);
    if (s == STROMA_OK) s = stroma_buffer_status(&data, err);
    if (s == STROMA_OK) {
        describe(c, &caption);
        stroma_json_init(&j, json, 0);
        fig_begin(&j, c->item,
                  &(fig_head){ .title = c->param.name_unit,
                               .subtitle = c->spaghetti ? c->groups.at[0].label : NULL,
                               .description = c->words.data == NULL ? "" : c->words.data,
                               .caption = caption.data == NULL ? "" : caption.data,
                               .width = c->in_row ? 320 : 640,
                               .height = c->height,
                               .param = c->param.id });
        /* {"data":{…},"datasets":{…}} without its braces */
        data.data[data.len - 1] = '\0';
        stroma_json_key(&j, "data");
        stroma_json_raw(&j, data.data + strlen("{\"data\":"));
        stroma_json_key(&j, "layer");
        stroma_json_begin_array(&j);
        fig_lloq_layers(&j, &c->param, &c->y);
        if (c->spaghetti) {
            summary_layers(c);
            patient_layers(c);
        } else {
            if (has_patients(c)) patient_layers(c);
            summary_layers(c);
        }
        fig_cutoff_layers(&j, c->item, &c->y);
        if (!c->in_row && !c->spaghetti) direct_labels(c);
        strip_heads(c);
        stroma_json_end_array(&j);
        fig_end(&j);
    }
    stroma_buffer_clear(&data);
    stroma_buffer_clear(&caption);
    stroma_buffer_clear(&c->words);
    return s == STROMA_OK ? stroma_buffer_status(json, err) : s;
}

static stroma_status build(report_db *db, const report_item *item, bool spaghetti,
                           stroma_buffer *json, stroma_error *err)
{
    course *c = stroma_alloc_array(1, sizeof *c);
    if (c == NULL) return stroma_no_memory(err);
    c->db = db;
    c->item = item;
    c->spaghetti = spaghetti;
    stroma_status s = load(c, err);
    if (s == STROMA_OK) s = draw(c, json, err);
    stroma_free(c);
    return s;
}

stroma_status report_figure_time_course(report_db *db, const report_item *item, stroma_buffer *json,
                                        stroma_error *err)
{
    return build(db, item, false, json, err);
}

stroma_status report_figure_spaghetti(report_db *db, const report_item *item, stroma_buffer *json,
                                      stroma_error *err)
{
    return build(db, item, true, json, err);
}
