/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One patient over time: tracks of measurements, therapies and events above each other. Days that
 * nobody wrote down are not guessed: what has a later visit but no day stands in order in a zone at
 * the right, what has neither in one at the left, and the words of the source are printed. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

report_figure_fn report_figure_timeline;

enum {
    TICKS_MAX = 64,
    PARAMS_MAX = 7,
    PARAM_PX = 110,
    THERAPY_PX = 34,
    EVENT_PX = 22,
    LINE_PX = 12,
    THERAPY_CHARS = 52,
    EVENT_CHARS = 40,
    LINES_MAX = 3
};

typedef struct tick {
    const char *visit, *label;
    double day, place; /* day NaN: unknown */
} tick;

typedef struct timeline {
    report_db *db;
    const report_item *item;
    stroma_json *j;
    const char *subject, *unit;
    tick at[TICKS_MAX];
    size_t n;
    double lo, hi;                /* known days */
    double left, right;           /* the whole axis */
    double zone_left, zone_right; /* known days end here; NaN: no such zone */
    const json_t *track;
    int px;           /* height of the rows so far */
    bool any_day;     /* is any day known? */
    bool axis_labels; /* of the track that is written */
    stroma_buffer words;
} timeline;

static stroma_status take_tick(void *context, sqlite3_stmt *q, stroma_error *err)
{
    timeline *t = context;
    if (t->n == TICKS_MAX)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "more than %d visits in a timeline",
                           (int)TICKS_MAX);
    tick *k = &t->at[t->n++];
    STROMA_TRY(fig_keep(t->db, report_text(q, 0), &k->visit, err));
    STROMA_TRY(fig_keep(t->db, report_text(q, 1), &k->label, err));
    k->day = k->place = report_number(q, 2);
    return STROMA_OK;
}

static stroma_status take_days(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    timeline *t = context;
    if (report_is_null(q, 0)) return STROMA_OK;
    t->lo = fmin(t->lo, report_number(q, 0));
    t->hi = fmax(t->hi, report_number(q, 1));
    return STROMA_OK;
}

static stroma_status take_flag(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    bool *any = context;
    *any = report_int(q, 0) != 0;
    return STROMA_OK;
}

/* Known days in the middle, unknown ones in steps beside them. */
static stroma_status lay_out(timeline *t, stroma_error *err)
{
    t->lo = INFINITY;
    t->hi = -INFINITY;
    STROMA_TRY(
        fig_each(t->db,
                 "SELECT visit_id, label, target_day FROM visit v WHERE EXISTS (SELECT 1 "
                 "FROM measurement m WHERE m.visit_id = v.visit_id AND m.subject_id = ?1) OR "
                 "EXISTS (SELECT 1 FROM event e WHERE e.visit_id = v.visit_id AND "
                 "e.subject_id = ?1) ORDER BY ord",
                 &t->subject, 1, take_tick, t, err));
    STROMA_TRY(fig_each(t->db,
                        "SELECT min(d), max(d) FROM (SELECT study_day AS d FROM measurement WHERE "
                        "subject_id = ?1 UNION ALL SELECT study_day FROM event WHERE subject_id = "
                        "?1 UNION ALL SELECT end_day FROM event WHERE subject_id = ?1 UNION ALL "
                        "SELECT start_day FROM therapy WHERE subject_id = ?1 UNION ALL SELECT "
                        "end_day FROM therapy WHERE subject_id = ?1) WHERE d IS NOT NULL",
                        &t->subject, 1, take_days, t, err));
    bool undated = false;
    STROMA_TRY(fig_each(t->db,
                        "SELECT EXISTS (SELECT 1 FROM event WHERE subject_id = ?1 AND study_day IS "
                        "NULL AND visit_id IS NULL) OR EXISTS (SELECT 1 FROM therapy WHERE "
                        "subject_id = ?1 AND start_day IS NULL AND end_day IS NULL)",
                        &t->subject, 1, take_flag, &undated, err));
    t->any_day = t->lo <= t->hi;
    if (!t->any_day) t->lo = t->hi = 0;
    const double step = t->hi > t->lo ? (t->hi - t->lo) * 0.2 : 1;
    size_t later = 0;
    for (size_t i = 0; i < t->n; i++)
        if (isnan(t->at[i].day)) t->at[i].place = t->hi + step * (double)++later;
    t->zone_right = later > 0 && t->any_day ? t->hi + step * 0.45 : (double)NAN;
    t->right = t->hi + step * (later > 0 ? (double)later + 0.5 : 0.2);
    /* without any known day the stages begin right of the undated */
    const double from = t->any_day ? t->lo : t->lo + step * 0.9;
    t->zone_left = undated ? from - step * 0.45 : (double)NAN;
    t->left = from - step * (undated ? 1.4 : 0.4);
    return STROMA_OK;
}

/* Where something stands; its visit when its day is unknown; the left zone when that is, too. */
static double place_of(const timeline *t, sqlite3_stmt *q, int day, int visit)
{
    if (!report_is_null(q, day)) return report_number(q, day);
    for (size_t i = 0; i < t->n && visit >= 0; i++)
        if (strcmp(t->at[i].visit, report_text(q, visit)) == 0) return t->at[i].place;
    return (t->left + (isnan(t->zone_left) ? t->left : t->zone_left)) / 2;
}

static void put_x_axis(timeline *t, bool labels)
{
    stroma_json *j = t->j;
    stroma_buffer e;
    stroma_buffer_init(&e, 1 << 16);
    stroma_buffer_putc(&e, '{');
    stroma_json_key(j, "scale");
    stroma_json_begin_object(j);
    stroma_json_key(j, "domain");
    stroma_json_begin_array(j);
    stroma_json_number(j, t->left);
    stroma_json_number(j, t->right);
    stroma_json_end_array(j);
    fig_lit(j, "nice", "false");
    fig_lit(j, "zero", "false");
    stroma_json_end_object(j);
    stroma_json_key(j, "axis");
    stroma_json_begin_object(j);
    fig_lit(j, "title", "null");
    fig_lit(j, "grid", "true");
    fig_lit(j, "labels", labels ? "true" : "false");
    fig_lit(j, "ticks", labels ? "true" : "false");
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < t->n; i++) {
        char x[STROMA_NUMBER_TEXT_MAX];
        stroma_json one;
        stroma_json_number(j, t->at[i].place);
        stroma_buffer_printf(&e, "%s'%s':", i > 0 ? "," : "",
                             stroma_format_double(t->at[i].place, x));
        stroma_json_init(&one, &e, 0);
        fig_words(&one, t->at[i].label, 12);
    }
    if (!isnan(t->zone_left)) {
        char x[STROMA_NUMBER_TEXT_MAX];
        const double at = (t->left + t->zone_left) / 2;
        stroma_json_number(j, at);
        stroma_buffer_printf(&e, "%s'%s':['day','unknown']", t->n > 0 ? "," : "",
                             stroma_format_double(at, x));
    }
    stroma_json_end_array(j);
    stroma_buffer_puts(&e, "}[datum.value]");
    if (labels) stroma_json_put_string(j, "labelExpr", e.data == NULL ? "" : e.data);
    if (e.status != STROMA_OK && j->out->status == STROMA_OK) j->out->status = e.status;
    stroma_buffer_clear(&e);
    stroma_json_end_object(j);
}

static void put_x(timeline *t, const char *field, bool labels)
{
    stroma_json_key(t->j, "x");
    stroma_json_begin_object(t->j);
    stroma_json_put_string(t->j, "field", field);
    fig_lit(t->j, "type", "'quantitative'");
    put_x_axis(t, labels);
    stroma_json_end_object(t->j);
}

static void put_band(timeline *t, const char *lo_channel, double lo, const char *hi_channel,
                     double hi)
{
    stroma_json *j = t->j;
    fig_single_begin(j, NULL);
    fig_lit(j, "mark", "{'type':'rect','color':'" REPORT_SHADE "','opacity':1,'tooltip':null}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    stroma_json_key(j, lo_channel);
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", lo);
    stroma_json_end_object(j);
    stroma_json_key(j, hi_channel);
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", hi);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* A line where the known days end. */
static void put_zones(timeline *t)
{
    const double ends[] = { t->zone_left, t->zone_right };
    for (int i = 0; i < 2; i++) {
        if (isnan(ends[i])) continue;
        fig_single_begin(t->j, NULL);
        fig_lit(t->j, "mark",
                "{'type':'rule','strokeDash':[2,3],'color':'" REPORT_INK_SOFT "','tooltip':null}");
        stroma_json_key(t->j, "encoding");
        stroma_json_begin_object(t->j);
        stroma_json_key(t->j, "x");
        stroma_json_begin_object(t->j);
        stroma_json_put_number(t->j, "datum", ends[i]);
        stroma_json_end_object(t->j);
        stroma_json_end_object(t->j);
        stroma_json_end_object(t->j);
    }
}

static void begin_child(timeline *t, const char *title, int height)
{
    stroma_json *j = t->j;
    stroma_json_begin_object(j);
    fig_wrapped(j, "title", title, 44);
    stroma_json_put_int(j, "width", 560);
    stroma_json_put_int(j, "height", height);
}

/* ---- measurements ---- */

typedef struct value_track {
    timeline *t;
    const fig_param *p;
    fig_scale y;
    double ref_low, ref_high;
    bool same_ref;
    int64_t n;
} value_track;

static stroma_status take_value(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    value_track *v = context;
    const double x = report_number(q, 0), lo = report_number(q, 4), hi = report_number(q, 5);
    fig_scale_add(&v->y, x);
    if (isnan(lo) && isnan(hi)) return STROMA_OK;
    if (v->n++ == 0) {
        v->ref_low = lo;
        v->ref_high = hi;
        fig_scale_add(&v->y, lo);
        fig_scale_add(&v->y, hi);
    } else if ((lo < v->ref_low || lo > v->ref_low) || (hi < v->ref_high || hi > v->ref_high)) {
        v->same_ref = false;
    }
    return STROMA_OK;
}

static stroma_status put_value(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    value_track *v = context;
    timeline *t = v->t;
    const double x = report_number(q, 0);
    char number[STROMA_NUMBER_TEXT_MAX + 3];
    if (isnan(x) || (v->y.log && x <= 0)) return STROMA_OK;
    stroma_json_begin_object(t->j);
    stroma_json_put_string(t->j, "subject", report_text(q, 6));
    stroma_json_put_string(t->j, "visit", report_text(q, 2));
    stroma_json_put_string(t->j, "param", v->p->id);
    stroma_json_put_string(t->j, "series", v->p->label);
    stroma_json_put_number(t->j, "place", place_of(t, q, 1, 2));
    stroma_json_put_string(t->j, "day", report_is_null(q, 1) ? "unknown" : report_text(q, 1));
    stroma_json_put_number(t->j, "value", x);
    stroma_json_put_string(t->j, "state", fig_state_words(report_text(q, 3)));
    stroma_json_put_string(t->j, "text", fig_number(x, v->p->decimals, number));
    stroma_json_end_object(t->j);
    stroma_buffer_printf(&t->words, " %s %s.", v->p->label, number);
    return STROMA_OK;
}

#define VALUES_SQL                                                                             \
    "SELECT m.value, m.study_day, m.visit_id, m.state, m.ref_low, m.ref_high, s.display_id "   \
    "FROM measurement m JOIN subject s USING (subject_id) LEFT JOIN visit v ON v.visit_id = "  \
    "m.visit_id WHERE m.subject_id = ?1 AND m.param_id = ?2 AND m.value IS NOT NULL ORDER BY " \
    "v.ord, m.study_day, m.measurement_id"

static void series_channels(stroma_json *j, const fig_param *params, size_t n, bool line)
{
    static const char *const roles[] = { "response", "no_response", "highlight", "other1",
                                         "other2",   "other3",      "control" };
    for (int channel = 0; channel < 2; channel++) {
        stroma_json_key(j, channel == 0 ? "color" : line ? "strokeDash" : "shape");
        stroma_json_begin_object(j);
        fig_lit(j, "field", "'series'");
        fig_lit(j, "type", "'nominal'");
        stroma_json_key(j, "scale");
        stroma_json_begin_object(j);
        stroma_json_key(j, "domain");
        stroma_json_begin_array(j);
        for (size_t i = 0; i < n; i++)
            stroma_json_string(j, params[i].label);
        stroma_json_end_array(j);
        stroma_json_key(j, "range");
        stroma_json_begin_array(j);
        for (size_t i = 0; i < n; i++) {
            if (channel == 0 && n == 1)
                stroma_json_string(j, REPORT_INK);
            else if (channel == 0)
                stroma_json_string(j, report_role_colour(roles[i]));
            else if (line)
                stroma_json_raw(j, report_role_dash(roles[i]));
            else
                stroma_json_string(j, report_role_shape(roles[i]));
        }
        stroma_json_end_array(j);
        stroma_json_end_object(j);
        fig_lit(j, "legend", n > 1 ? "{'title':null,'orient':'top'}" : "null");
        stroma_json_end_object(j);
    }
}

static void value_layer(timeline *t, const fig_param *params, size_t n, const fig_scale *y,
                        const char *mark, const char *filter)
{
    stroma_json *j = t->j;
    const bool text = strstr(mark, "'text'") != NULL, line = strstr(mark, "'line'") != NULL;
    stroma_json_begin_object(j);
    if (filter != NULL) fig_lit(j, "transform", filter);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    put_x(t, "place", t->axis_labels);
    fig_quantitative(j, "y", "value", y);
    if (text) fig_lit(j, "text", n == 1 ? "{'field':'text'}" : "{'field':'series'}");
    if (!text || n > 1) series_channels(j, params, n, line);
    fig_lit(j, "tooltip",
            "[{'field':'subject'},{'field':'series'},{'field':'visit'},{'field':'day'},{'field':'"
            "value','type':'quantitative'},{'field':'state'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static stroma_status value_layers(timeline *t, const fig_param *params, size_t n,
                                  const value_track *v, stroma_error *err)
{
    stroma_json *j = t->j;
    (void)err;
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    put_zones(t);
    if (n == 1 && v->same_ref && v->n > 0)
        put_band(t, "y", isnan(v->ref_low) ? v->y.lo : v->ref_low, "y2",
                 isnan(v->ref_high) ? v->y.hi : v->ref_high);
    value_layer(t, params, n, &v->y, "{'type':'line','strokeWidth':2,'tooltip':null}", NULL);
    value_layer(t, params, n, &v->y, "{'type':'point','size':60,'opacity':1}", NULL);
    if (n == 1)
        value_layer(t, params, n, &v->y,
                    "{'type':'text','dy':-11,'fontSize':11,'color':'" REPORT_INK "'}", NULL);
    stroma_json_end_array(j);
    return STROMA_OK;
}

static stroma_status param_track(timeline *t, const char *label, stroma_error *err)
{
    fig_param params[PARAMS_MAX] = { 0 };
    const json_t *ids = json_object_get(t->track, "params");
    const size_t n = json_array_size(ids);
    if (n == 0 || n > PARAMS_MAX)
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "a track has %zu parameters, allowed are 1 "
                           "to %d",
                           n, (int)PARAMS_MAX);
    value_track v = { .t = t, .same_ref = true };
    for (size_t i = 0; i < n; i++) {
        STROMA_TRY(
            fig_load_param(t->db, json_string_value(json_array_get(ids, i)), &params[i], err));
        if (i == 0) fig_scale_start(&v.y, params[0].log_scale);
        const char *const keys[] = { t->subject, params[i].id };
        STROMA_TRY(fig_each(t->db, VALUES_SQL, keys, 2, take_value, &v, err));
    }
    fig_scale_finish(&v.y);
    const bool unit = params[0].unit[0] != '\0' && strcmp(params[0].unit, label) != 0;
    const char *title = stroma_arena_printf(
        &t->db->arena, "%s%s%s%s%s%s", label, unit ? " (" : "", unit ? params[0].unit : "",
        unit ? ")" : "", v.y.log ? ", log axis" : "",
        n == 1 && v.same_ref && v.n > 0 ? ", shaded: reference range" : "");
    if (title == NULL) return stroma_no_memory(err);
    begin_child(t, title, PARAM_PX);
    fig_data_begin(t->j);
    for (size_t i = 0; i < n; i++) {
        const char *const keys[] = { t->subject, params[i].id };
        v.p = &params[i];
        STROMA_TRY(fig_each(t->db, VALUES_SQL, keys, 2, put_value, &v, err));
    }
    fig_data_end(t->j);
    STROMA_TRY(value_layers(t, params, n, &v, err));
    stroma_json_end_object(t->j);
    return STROMA_OK;
}

/* A row of the track: its label in lines, the height of its top, middle and foot. */
static void put_label(timeline *t, const char *text, size_t limit_chars, int row_px)
{
    stroma_buffer b;
    stroma_json j;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json_init(&j, &b, 0);
    fig_words(&j, text, limit_chars);
    json_t *all = b.data == NULL ? NULL : json_loads(b.data, 0, NULL);
    const int n = json_array_size(all) == 0 ? 1 : (int)json_array_size(all);
    json_decref(all);
    const int height = row_px + (n - 1) * LINE_PX;
    stroma_json_key(t->j, "label");
    stroma_json_raw(t->j, b.data == NULL ? "[]" : b.data);
    stroma_json_put_int(t->j, "lines", n);
    stroma_json_put_string(t->j, "what", text);
    stroma_json_put_int(t->j, "top", t->px + 2);
    stroma_json_put_int(t->j, "middle", t->px + height / 2);
    stroma_json_put_int(t->j, "foot", t->px + height - 7);
    t->px += height;
    if (b.status != STROMA_OK && t->j->out->status == STROMA_OK) t->j->out->status = b.status;
    stroma_buffer_clear(&b);
}

/* ---- therapies and events: a row each, its words above it ---- */

static stroma_status put_therapy(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    timeline *t = context;
    stroma_buffer b;
    char number[STROMA_NUMBER_TEXT_MAX];
    const bool no_start = report_is_null(q, 6), no_end = report_is_null(q, 7);
    const bool undated = no_start && no_end;
    stroma_buffer_init(&b, 1 << 16);
    stroma_buffer_puts(&b, report_text(q, 1));
    if (!report_is_null(q, 3))
        stroma_buffer_printf(&b, " %s %s", stroma_format_double(report_number(q, 3), number),
                             report_text(q, 4));
    if (!report_is_null(q, 5)) stroma_buffer_printf(&b, " %s", report_text(q, 5));
    if (!report_is_null(q, 8)) stroma_buffer_printf(&b, ", %s", report_text(q, 8));
    if (!report_is_null(q, 9)) stroma_buffer_printf(&b, " to %s", report_text(q, 9));
    if (!report_is_null(q, 11)) stroma_buffer_printf(&b, "; stopped: %s", report_text(q, 11));
    stroma_json_begin_object(t->j);
    stroma_json_put_string(t->j, "therapy", report_text(q, 1));
    put_label(t, b.data == NULL ? "" : b.data, THERAPY_CHARS, THERAPY_PX);
    const double to = report_int(q, 12) != 0 && no_end ? t->right
                      : undated                        ? t->zone_left
                      : no_end                         ? t->hi
                                                       : report_number(q, 7);
    stroma_json_put_number(t->j, "from", no_start ? t->left : report_number(q, 6));
    stroma_json_put_number(t->j, "to", to);
    stroma_json_put_string(t->j, "days",
                           undated              ? "unknown"
                           : no_start || no_end ? "one end unknown"
                                                : "known");
    stroma_json_put_string(t->j, "response", report_text(q, 10));
    stroma_json_put_string(t->j, "detail", report_text(q, 11));
    stroma_json_end_object(t->j);
    stroma_buffer_clear(&b);
    return STROMA_OK;
}

static stroma_status put_event(void *context, sqlite3_stmt *q, stroma_error *err)
{
    (void)err;
    timeline *t = context;
    char trace[32];
    (void)snprintf(trace, sizeof trace, "e%lld", (long long)report_int(q, 0));
    stroma_json_begin_object(t->j);
    stroma_json_put_string(t->j, "trace", trace);
    stroma_json_put_string(t->j, "kind", report_text(q, 1));
    put_label(t, report_text(q, 2), EVENT_CHARS, EVENT_PX);
    stroma_json_put_string(t->j, "detail", report_text(q, 5));
    stroma_json_put_string(t->j, "response", "");
    const double at = place_of(t, q, 3, 4);
    stroma_json_put_number(t->j, "from", at);
    stroma_json_put_bool(t->j, "flip", at > (t->left + t->right) / 2);
    const double share = (at - t->left) / (t->right - t->left);
    stroma_json_put_number(t->j, "room", round(1000 * fmax(share, 1 - share)) / 1000);
    stroma_json_put_string(t->j, "days", report_is_null(q, 3) ? "unknown" : "known");
    stroma_json_end_object(t->j);
    return STROMA_OK;
}

typedef struct row_place {
    const char *x, *y; /* fields; x NULL: at the left edge */
} row_place;

/* @param channel, literal: one more channel */
static void put_row_layer(timeline *t, const char *mark, row_place at, const char *channel,
                          const char *literal)
{
    stroma_json *j = t->j;
    char y[192];
    stroma_json_begin_object(j);
    fig_lit(j, "mark", mark);
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    if (at.x != NULL)
        put_x(t, at.x, t->axis_labels);
    else
        fig_lit(j, "x", "{'value':3}");
    (void)snprintf(y, sizeof y,
                   "{'field':'%s','type':'quantitative','axis':null,'scale':{'domain':[%d,0],"
                   "'nice':false,'zero':false}}",
                   at.y, t->px);
    fig_lit(j, "y", y);
    fig_lit(j, channel, literal);
    if (strcmp(channel, "text") != 0)
        fig_lit(j, "tooltip",
                "[{'field':'what'},{'field':'days'},{'field':'detail'},{'field':'response'}]");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static void therapy_layers(timeline *t)
{
    static const char bar[] = "{'type':'rule','strokeWidth':7,'strokeCap':'butt','opacity':0.75,"
                              "'color':'" REPORT_INK_SOFT "'}";
    static const char text[] =
        "{'type':'text','align':'left','baseline':'top','fontSize':11,'lineHeight':12,'limit':{"
        "'expr':'width - 6'},'color':'" REPORT_INK "'}";
    put_row_layer(t, bar, (row_place){ "from", "foot" }, "x2", "{'field':'to'}");
    put_row_layer(t, text, (row_place){ NULL, "top" }, "text", "{'field':'label'}");
}

static void event_layers(timeline *t)
{
    put_row_layer(t, "{'type':'point','size':70,'opacity':1,'color':'" REPORT_INK "'}",
                  (row_place){ "from", "middle" }, "shape",
                  "{'field':'kind','legend':null,'scale':{'domain':['infusion','rescue',"
                  "'adverse_event','procedure','finding','milestone'],'range':["
                  "'triangle-up','diamond','cross','square','circle','triangle-down']}}");
    put_row_layer(t,
                  "{'type':'text','baseline':'middle','fontSize':11,'lineHeight':12,'color':"
                  "'" REPORT_INK "','dx':{'expr':'datum.flip ? -9 : 9'},'dy':{'expr':'(1 - "
                  "datum.lines) * 6'},'limit':{'expr':'datum.room * width - 12'},'align':{'expr':"
                  "'datum.flip ? `right` : `left`'}}",
                  (row_place){ "from", "middle" }, "text", "{'field':'label'}");
}

static stroma_status row_track(timeline *t, const char *label, bool therapy, stroma_error *err)
{
    stroma_json *j = t->j;
    const char *sql =
        therapy ? "SELECT t.therapy_id, t.drug, t.class, t.dose, t.dose_unit, t.frequency, "
                  "t.start_day, t.end_day, t.start_text, t.end_text, t.response, "
                  "t.reason_stopped, t.ongoing FROM therapy t WHERE t.subject_id = ?1 ORDER BY "
                  "t.therapy_id"
                : "SELECT e.event_id, e.kind, e.term, e.study_day, e.visit_id, e.detail FROM event "
                  "e WHERE e.subject_id = ?1 ORDER BY e.study_day IS NULL, e.study_day, e.event_id";
    t->px = 0;
    stroma_buffer data;
    stroma_json inner, *outer = t->j;
    stroma_buffer_init(&data, 16 << 20);
    stroma_json_init(&inner, &data, 0);
    t->j = &inner;
    stroma_json_begin_object(&inner);
    stroma_json_key(&inner, "values");
    stroma_json_begin_array(&inner);
    stroma_status s =
        fig_each(t->db, sql, &t->subject, 1, therapy ? put_therapy : put_event, t, err);
    stroma_json_end_array(&inner);
    stroma_json_end_object(&inner);
    t->j = outer;
    if (s == STROMA_OK) s = stroma_buffer_status(&data, err);
    if (s == STROMA_OK) {
        if (t->px == 0) t->px = EVENT_PX; /* an empty track */
        begin_child(t, label, t->px);
        stroma_json_key(j, "data");
        stroma_json_raw(j, data.data);
        stroma_json_key(j, "layer");
        stroma_json_begin_array(j);
        put_zones(t);
        if (therapy)
            therapy_layers(t);
        else
            event_layers(t);
        stroma_json_end_array(j);
        stroma_json_end_object(j);
    }
    stroma_buffer_clear(&data);
    return s;
}

/* The stages are named under the last of the measurements and under the last track. */
static bool labelled(const json_t *tracks, size_t i)
{
    const char *next = json_string_value(json_object_get(json_array_get(tracks, i + 1), "kind"));
    const char *own = json_string_value(json_object_get(json_array_get(tracks, i), "kind"));
    if (next == NULL) return true;
    return own != NULL && strcmp(own, "param") == 0 && strcmp(next, "param") != 0;
}

static stroma_status put_tracks(timeline *t, stroma_error *err)
{
    const json_t *tracks = json_object_get(t->item->spec, "tracks");
    stroma_json_key(t->j, "vconcat");
    stroma_json_begin_array(t->j);
    for (size_t i = 0; i < json_array_size(tracks); i++) {
        t->track = json_array_get(tracks, i);
        t->axis_labels = labelled(tracks, i);
        const char *kind = json_string_value(json_object_get(t->track, "kind"));
        const char *label = json_string_value(json_object_get(t->track, "label"));
        if (label == NULL) label = "";
        if (kind == NULL) kind = "";
        if (strcmp(kind, "param") == 0)
            STROMA_TRY(param_track(t, label, err));
        else if (strcmp(kind, "therapy") == 0 || strcmp(kind, "event") == 0)
            STROMA_TRY(row_track(t, label, strcmp(kind, "therapy") == 0, err));
        else
            return stroma_fail(err, STROMA_E_INCONSISTENT, "track kind \"%s\" is not known", kind);
    }
    stroma_json_end_array(t->j);
    return STROMA_OK;
}

stroma_status report_figure_timeline(report_db *db, const report_item *item, stroma_buffer *json,
                                     stroma_error *err)
{
    timeline *t = stroma_alloc_array(1, sizeof *t);
    if (t == NULL) return stroma_no_memory(err);
    t->db = db;
    t->item = item;
    t->subject = report_spec_text(item, "subject");
    const char *day0 = "";
    stroma_json j, body;
    stroma_buffer tracks;
    stroma_buffer_init(&tracks, json->limit_bytes);
    stroma_buffer_init(&t->words, 1 << 16);
    stroma_buffer_printf(&t->words, "%s.", item->title);
    stroma_json_init(&body, &tracks, 0);
    t->j = &body;
    stroma_status s = report_meta(db, "day0", &day0, err);
    if (s == STROMA_OK) s = lay_out(t, err);
    stroma_json_begin_object(&body);
    if (s == STROMA_OK) s = put_tracks(t, err);
    stroma_json_end_object(&body);
    if (s == STROMA_OK) s = stroma_buffer_status(&tracks, err);
    if (s == STROMA_OK) {
        char caption[512];
        (void)snprintf(
            caption, sizeof caption, "One patient (n = 1). Day 0: %s. %s", day0,
            t->any_day ? "Beyond the dotted lines: day not known; at the right in the order of the "
                         "visits, at the left without any order."
                       : "No day is known: the stages stand in their order, and their distances "
                         "mean nothing. Left of the dotted line the order is not known either.");
        stroma_json_init(&j, json, 0);
        fig_begin(&j, item,
                  &(fig_head){ .title = item->title,
                               .description = t->words.data == NULL ? "" : t->words.data,
                               .caption = caption,
                               .side = 64 });
        fig_lit(&j, "spacing", "10");
        fig_lit(&j, "resolve",
                "{'scale':{'color':'independent','shape':'independent','strokeDash':"
                "'independent'},'legend':{'color':'independent','shape':'independent',"
                "'strokeDash':'independent'}}");
        tracks.data[tracks.len - 1] = '\0';
        stroma_json_key(&j, "vconcat");
        stroma_json_raw(&j, tracks.data + strlen("{\"vconcat\":"));
        fig_end(&j);
        s = stroma_buffer_status(json, err);
    }
    stroma_buffer_clear(&tracks);
    stroma_buffer_clear(&t->words);
    stroma_free(t);
    return s;
}
