/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dot a patient, a column for every visit and group, with the median and its quartiles. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_dot_plot;

enum { HEIGHT = 240, HEAD_MAX = 3 };

typedef struct dots {
    report_db *db;
    const report_item *item;
    stroma_json *j;
    fig_param param;
    fig_groups groups;
    fig_visits visits; /* n 0: values that belong to the subject */
    fig_scale y;
    const char *set, *set_label;
    bool circular, paper;
    fig_wide patients;
    fig_visits strips;     /* visits, or one nameless visit */
    stroma_buffer columns; /* axis labels by column, a Vega object */
    stroma_buffer words;
} dots;

static size_t n_strips(const dots *d)
{
    return d->visits.n == 0 ? 1 : d->visits.n;
}

/* Place of a column on the horizontal axis; an empty one parts the visits. */
static double place(const dots *d, size_t visit, size_t group)
{
    return (double)(visit * (d->groups.n + 1) + group);
}

/* A fixed share in [-1, 1] for a row number (Knuth's multiplicative hash). */
static double jitter(int64_t row)
{
    const uint32_t h = (uint32_t)row * UINT32_C(2654435761);
    return (double)(h >> 25) / 64.0 - 1; /* 1/64 of 0.3 of a column is under a pixel */
}

static bool locate(const dots *d, sqlite3_stmt *q, size_t *v, size_t *g)
{
    *v = d->visits.n == 0 ? 0 : fig_visit_index(&d->visits, report_text(q, 1));
    *g = fig_group_index(&d->groups, report_text(q, 2));
    if (d->visits.n == 0 ? !report_is_null(q, 1) : *v == d->visits.n) return false;
    return *g < d->groups.n;
}

static stroma_status patient_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    dots *d = context;
    size_t v, g;
    const double x = report_number(q, 3);
    if (!locate(d, q, &v, &g) || isnan(x) || (d->y.log && x <= 0)) return STROMA_OK;
    return fig_wide_add(&d->patients,
                        &(fig_wide_value){ .subject = report_text(q, 0),
                                           .group = d->groups.at[g].label,
                                           .visit = v,
                                           .shift = (double)g + 0.3 * jitter(report_int(q, 5)),
                                           .value = x,
                                           .state = report_text(q, 4) },
                        err);
}

/* A label of the axis in short lines: words of the group's name, then n. */
static void column_label(dots *d, double at, const char *label, int64_t n)
{
    stroma_buffer *b = &d->columns;
    char x[STROMA_NUMBER_TEXT_MAX];
    stroma_json j;
    stroma_buffer_printf(b, "%s'%s':", b->len > 1 ? "," : "", stroma_format_double(at, x));
    stroma_json_init(&j, b, 0);
    stroma_json_begin_array(&j);
    const size_t width = n_strips(d) * d->groups.n > 3 ? 9 : 14;
    int lines = 0;
    for (const char *p = label; *p != '\0' && lines < HEAD_MAX; lines++) {
        size_t len = 0, cut = 0;
        while (p[len] != '\0' && len < width) {
            if (p[len] == ' ') cut = len;
            len++;
        }
        if (p[len] != '\0' && cut > 0) len = cut;
        while (((unsigned char)p[len] & 0xc0) == 0x80)
            len++;
        char line[64];
        (void)snprintf(line, sizeof line, "%.*s%s", (int)len, p,
                       p[len] != '\0' && lines == HEAD_MAX - 1 ? "…" : "");
        stroma_json_string(&j, line);
        p += len;
        while (*p == ' ')
            p++;
    }
    char text[48];
    (void)snprintf(text, sizeof text, width < 10 ? "n %lld" : "n = %lld", (long long)n);
    stroma_json_string(&j, text);
    stroma_json_end_array(&j);
}

static stroma_status summary_row(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    dots *d = context;
    size_t v, g;
    if (!locate(d, q, &v, &g)) return STROMA_OK;
    char trace[32], number[STROMA_NUMBER_TEXT_MAX + 3];
    const double at = place(d, v, g), median = report_number(q, 4);
    column_label(d, at, d->groups.at[g].label, report_int(q, 3));
    if (isnan(median)) return STROMA_OK;
    (void)snprintf(trace, sizeof trace, "s%lld", (long long)report_int(q, 0));
    stroma_json_begin_object(d->j);
    stroma_json_put_string(d->j, "trace", trace);
    stroma_json_put_string(d->j, "visit", report_text(q, 1));
    stroma_json_put_string(d->j, "group", d->groups.at[g].label);
    stroma_json_put_number(d->j, "place", at);
    stroma_json_put_number(d->j, "from", at - 0.36);
    stroma_json_put_number(d->j, "to", at + 0.36);
    stroma_json_put_int(d->j, "n", report_int(q, 3));
    stroma_json_put_number(d->j, "median", median);
    stroma_json_put_number(d->j, "q1", report_number(q, 5));
    stroma_json_put_number(d->j, "q3", report_number(q, 6));
    stroma_json_end_object(d->j);
    stroma_buffer_printf(&d->words, " %s%s%s: median %s.", d->groups.at[g].label,
                         d->visits.n == 0 ? "" : " at ",
                         d->visits.n == 0 ? "" : d->visits.at[v].label,
                         fig_number(median, d->param.decimals, number));
    return STROMA_OK;
}

static stroma_status put_patients(dots *d, stroma_error *err)
{
    static fig_visit nameless[1] = { { .id = "", .label = "", .week = 0, .baseline = false } };
    const char *const params[] = { d->param.id, d->groups.grouping, d->set };
    d->strips = d->visits.n > 0 ? d->visits : (fig_visits){ .at = nameless, .n = 1, .unit = "" };
    stroma_json_key(d->j, "datasets");
    stroma_json_begin_object(d->j);
    stroma_json_key(d->j, "patients");
    STROMA_TRY(fig_wide_begin(&d->patients, d->db, d->j, &d->strips, err));
    STROMA_TRY(fig_each(
        d->db,
        "SELECT s.display_id, m.visit_id, g.group_id, m.value, m.state, s.ord FROM measurement m "
        "JOIN subject s USING (subject_id) JOIN group_member g ON g.subject_id = m.subject_id AND "
        "g.grouping_id = ?2 JOIN analysis_set_member a ON a.set_id = ?3 AND a.subject_id = "
        "m.subject_id AND a.included = 1 WHERE m.param_id = ?1 AND m.state IN ('present', "
        "'below_limit', 'above_limit') ORDER BY s.ord, s.subject_id, m.measurement_id",
        params, 3, patient_row, d, err));
    fig_wide_end(&d->patients);
    stroma_json_end_object(d->j);
    return STROMA_OK;
}

static stroma_status put_data(dots *d, stroma_error *err)
{
    const char *const params[] = { d->param.id, d->groups.grouping, d->set };
    fig_data_begin(d->j);
    STROMA_TRY(fig_each(d->db,
                        "SELECT s.summary_id, s.visit_id, s.group_id, s.n, s.median, s.q1, s.q3 "
                        "FROM summary s LEFT JOIN visit v ON v.visit_id = s.visit_id WHERE "
                        "s.param_id = ?1 AND s.grouping_id = ?2 AND s.set_id = ?3 "
                        "ORDER BY v.ord, s.group_id",
                        params, 3, summary_row, d, err));
    fig_data_end(d->j);
    stroma_buffer_puts(&d->columns, "}[datum.value]");
    return put_patients(d, err);
}

static void put_place(dots *d, const char *channel, const char *field)
{
    stroma_json *j = d->j;
    const double last = place(d, n_strips(d) - 1, d->groups.n - 1);
    stroma_json_key(j, channel);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "field", field);
    if (strcmp(channel, "x") == 0) {
        fig_lit(j, "type", "'quantitative'");
        stroma_json_key(j, "scale");
        stroma_json_begin_object(j);
        stroma_json_key(j, "domain");
        stroma_json_begin_array(j);
        stroma_json_number(j, -0.6);
        stroma_json_number(j, last + 0.6);
        stroma_json_end_array(j);
        fig_lit(j, "nice", "false");
        fig_lit(j, "zero", "false");
        stroma_json_end_object(j);
        stroma_json_key(j, "axis");
        stroma_json_begin_object(j);
        fig_lit(j, "title", "null");
        fig_lit(j, "grid", "false");
        fig_lit(j, "ticks", "false");
        fig_lit(j, "labelOverlap", "false");
        char limit[64];
        (void)snprintf(limit, sizeof limit, "{'expr':'width / %d'}", (int)last + 1);
        fig_lit(j, "labelLimit", limit);
        fig_lit(j, "labelLineHeight", "14");
        stroma_json_key(j, "values");
        stroma_json_begin_array(j);
        for (size_t v = 0; v < n_strips(d); v++)
            for (size_t g = 0; g < d->groups.n; g++)
                stroma_json_number(j, place(d, v, g));
        stroma_json_end_array(j);
        stroma_json_put_string(j, "labelExpr", d->columns.data == NULL ? "" : d->columns.data);
        stroma_json_end_object(j);
    }
    stroma_json_end_object(j);
}

/* @param filter NULL: all of the data at hand */
static void begin_layer(dots *d, const char *filter, const char *mark, const char *y)
{
    stroma_json_begin_object(d->j);
    if (filter != NULL) {
        stroma_json_key(d->j, "transform");
        stroma_json_begin_array(d->j);
        stroma_json_begin_object(d->j);
        stroma_json_put_string(d->j, "filter", filter);
        stroma_json_end_object(d->j);
        stroma_json_end_array(d->j);
    }
    fig_lit(d->j, "mark", mark);
    stroma_json_key(d->j, "encoding");
    stroma_json_begin_object(d->j);
    fig_quantitative(d->j, "y", y, &d->y);
}

static void end_layer(dots *d)
{
    stroma_json_end_object(d->j);
    stroma_json_end_object(d->j);
}

static void visit_names(dots *d)
{
    for (size_t v = 0; v < d->visits.n; v++) {
        fig_single_begin(d->j, d->visits.at[v].label);
        fig_lit(d->j, "mark",
                "{'type':'text','baseline':'bottom','fontWeight':600,'color':'" REPORT_INK_SOFT
                "'}");
        stroma_json_key(d->j, "encoding");
        stroma_json_begin_object(d->j);
        stroma_json_key(d->j, "x");
        stroma_json_begin_object(d->j);
        stroma_json_put_number(d->j, "datum", (place(d, v, 0) + place(d, v, d->groups.n - 1)) / 2);
        stroma_json_end_object(d->j);
        fig_lit(d->j, "y", "{'value':-9}");
        fig_lit(d->j, "text", "{'field':'label'}");
        end_layer(d);
    }
}

static void patient_layers(dots *d)
{
    static const char patient_tip[] = "[{'field':'subject'},{'field':'visit'},{'field':'group'},"
                                      "{'field':'value','type':'quantitative'},{'field':'state'}]";
    double at[FIG_VISITS_MAX];
    for (size_t v = 0; v < d->strips.n; v++)
        at[v] = place(d, v, 0);
    stroma_json_begin_object(d->j);
    fig_lit(d->j, "data", "{'name':'patients'}");
    d->patients.j = d->j;
    fig_wide_transform(&d->patients, "strip", at);
    stroma_json_key(d->j, "layer");
    stroma_json_begin_array(d->j);
    begin_layer(d, d->patients.any_state ? "!datum.state" : NULL,
                "{'type':'point','size':30,'opacity':0.55}", "value");
    put_place(d, "x", "place");
    fig_group_channels(d->j, &d->groups, FIG_SHAPE);
    fig_lit(d->j, "tooltip", patient_tip);
    end_layer(d);
    if (d->patients.any_state) {
        begin_layer(d, "datum.state",
                    "{'type':'point','size':30,'filled':true,'fill':'" REPORT_PAPER
                    "','strokeWidth':1.2,'opacity':0.8}",
                    "value");
        put_place(d, "x", "place");
        fig_group_channels(d->j, &d->groups, FIG_SHAPE | FIG_FILL);
        fig_lit(d->j, "tooltip", patient_tip);
        end_layer(d);
    }
    stroma_json_end_array(d->j);
    stroma_json_end_object(d->j);
}

static void put_layers(dots *d)
{
    static const char group_tip[] = "[{'field':'group'},{'field':'visit'},{'field':'n'},"
                                    "{'field':'median','type':'quantitative'},"
                                    "{'field':'q1','type':'quantitative'},"
                                    "{'field':'q3','type':'quantitative'}]";
    fig_lloq_layers(d->j, &d->param, &d->y);
    patient_layers(d);
    begin_layer(d, NULL,
                "{'type':'rule','strokeWidth':1.5,'color':'" REPORT_INK "','tooltip':null}", "q1");
    fig_lit(d->j, "y2", "{'field':'q3'}");
    put_place(d, "x", "place");
    end_layer(d);
    begin_layer(d, NULL, "{'type':'rule','strokeWidth':3,'color':'" REPORT_INK "'}", "median");
    put_place(d, "x", "from");
    put_place(d, "x2", "to");
    fig_lit(d->j, "tooltip", group_tip);
    end_layer(d);
    fig_cutoff_layers(d->j, d->item, &d->y);
    visit_names(d);
}

static stroma_status draw(dots *d, stroma_buffer *json, stroma_error *err)
{
    stroma_buffer data, caption;
    stroma_json j;
    stroma_buffer_init(&data, json->limit_bytes);
    stroma_buffer_init(&caption, 1 << 16);
    stroma_json_init(&j, &data, 0);
    d->j = &j;
    stroma_json_begin_object(&j);
    stroma_status s = put_data(d, err);
    stroma_json_end_object(&j);
    if (s == STROMA_OK) s = stroma_buffer_status(&data, err);
    if (s == STROMA_OK) s = stroma_buffer_status(&d->columns, err);
    if (s == STROMA_OK) {
        stroma_buffer_puts(&caption, "A dot is a patient; thick line: median, thin line: "
                                     "interquartile range.");
        if (d->patients.any_state)
            stroma_buffer_puts(&caption,
                               " Open marks: values beyond an assay limit, drawn at the limit.");
        fig_caption_tail(&caption, &d->groups, d->set_label, d->circular, d->paper);
        stroma_json_init(&j, json, 0);
        fig_begin(&j, d->item,
                  &(fig_head){ .title = d->param.name_unit,
                               .description = d->words.data == NULL ? "" : d->words.data,
                               .caption = caption.data == NULL ? "" : caption.data,
                               .width = report_spec_text(d->item, "row") != NULL ? 320 : 560,
                               .height = HEIGHT,
                               .param = d->param.id });
        data.data[data.len - 1] = '\0';
        stroma_json_key(&j, "data");
        stroma_json_raw(&j, data.data + strlen("{\"data\":"));
        stroma_json_key(&j, "layer");
        stroma_json_begin_array(&j);
        put_layers(d);
        stroma_json_end_array(&j);
        fig_end(&j);
        s = stroma_buffer_status(json, err);
    }
    stroma_buffer_clear(&data);
    stroma_buffer_clear(&caption);
    return s;
}

static stroma_status load(dots *d, stroma_error *err)
{
    const report_item *item = d->item;
    const json_t *visits = json_object_get(item->spec, "visits");
    d->set = report_spec_text(item, "set");
    STROMA_TRY(fig_load_param(d->db, report_spec_text(item, "param"), &d->param, err));
    STROMA_TRY(fig_load_groups(d->db, report_spec_text(item, "grouping"),
                               json_object_get(item->spec, "groups"), &d->groups, err));
    if (json_array_size(visits) > 0) STROMA_TRY(fig_load_visits(d->db, visits, &d->visits, err));
    STROMA_TRY(fig_set_label(d->db, d->set, &d->set_label, err));
    STROMA_TRY(fig_is_paper(d->db, &d->paper, err));
    STROMA_TRY(fig_is_circular(d->db, d->groups.grouping, d->param.id, &d->circular, err));
    return fig_item_scale(d->db, item, &d->param, &d->y, err);
}

stroma_status report_figure_dot_plot(report_db *db, const report_item *item, stroma_buffer *json,
                                     stroma_error *err)
{
    dots d = { .db = db, .item = item };
    stroma_buffer_init(&d.columns, 1 << 16);
    stroma_buffer_init(&d.words, 1 << 16);
    stroma_buffer_putc(&d.columns, '{');
    stroma_status s = load(&d, err);
    if (s == STROMA_OK) {
        stroma_buffer_printf(&d.words, "%s, one dot a patient.", d.param.name_unit);
        s = draw(&d, json, err);
    }
    stroma_buffer_clear(&d.columns);
    stroma_buffer_clear(&d.words);
    return s;
}
