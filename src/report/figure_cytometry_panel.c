/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A panel of events: the density as it was binned when the events were read, on the axes of its
 * scales, with gates. Bins travel packed ("12 -62 3") and are laid out by the figure's transforms.
 */
#include "figure_cytometry.h"
#include "figure_cytometry_gate.h"
#include "table_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTOGRAM_BINS = 64, TICKS_MAX = 256 };

/* ---- counts ---- */

typedef void bins_fn(void *context, int64_t first, int64_t n, int64_t count);

/* Runs of bins in order; false when the text is no packed list of n_bins bins. */
static bool each_run(const fig_density *d, bins_fn *fn, void *context)
{
    const int64_t n_bins = d->n_x * d->n_y;
    int64_t bin = 0;
    for (const char *p = d->counts; *p != '\0';) {
        char *end = NULL;
        const long long c = strtoll(p, &end, 10);
        if (end == p || (*end != ' ' && *end != '\0') || c == 0 || c < -n_bins) return false;
        const int64_t n = c < 0 ? -c : 1;
        if (n > n_bins - bin || n <= 0) return false;
        if (fn != NULL) fn(context, bin, n, c < 0 ? 0 : c);
        bin += n;
        p = *end == ' ' ? end + 1 : end;
    }
    return bin <= n_bins;
}

static stroma_status check_counts(const fig_density *d, stroma_error *err)
{
    if (d->n_x > 0 && d->n_y > 0 && d->n_x <= 4096 && d->n_y <= 4096 && each_run(d, NULL, NULL))
        return STROMA_OK;
    return stroma_fail(err, STROMA_E_INCONSISTENT,
                       "density of gate \"%s\": its counts are no list of %lld x %lld bins",
                       d->gate, (long long)d->n_x, (long long)d->n_y);
}

static void put_packed(stroma_json *j, const fig_density *d)
{
    stroma_json_begin_array(j);
    for (const char *p = d->counts; *p != '\0';) {
        char *end = NULL;
        stroma_json_int(j, strtoll(p, &end, 10));
        p = *end == ' ' ? end + 1 : end;
    }
    stroma_json_end_array(j);
}

typedef struct merged {
    int64_t every; /* bins of the database in one as drawn */
    int64_t counts[HISTOGRAM_BINS];
    size_t n;
} merged;

static void merge_run(void *context, int64_t first, int64_t n, int64_t count)
{
    merged *m = context;
    for (int64_t i = first; i < first + n; i++)
        m->counts[i / m->every] += count;
}

/* Whole bins are joined until HISTOGRAM_BINS or fewer are left. */
static stroma_status merge(const fig_density *d, merged *m, stroma_error *err)
{
    *m = (merged){ .every = 1 };
    STROMA_TRY(check_counts(d, err));
    while ((d->n_x + m->every - 1) / m->every > HISTOGRAM_BINS)
        m->every++;
    m->n = (size_t)((d->n_x + m->every - 1) / m->every);
    (void)each_run(d, merge_run, m);
    return STROMA_OK;
}

stroma_status fig_histogram_highest(const fig_density *d, double *out, stroma_error *err)
{
    merged m;
    *out = 0;
    STROMA_TRY(merge(d, &m, err));
    for (size_t i = 0; i < m.n && d->n_events > 0; i++)
        *out = fmax(*out, 100 * (double)m.counts[i] / (double)d->n_events);
    return STROMA_OK;
}

/* ---- words ---- */

const char *fig_count(int64_t n, char *buf)
{
    char digits[24];
    const int len = snprintf(digits, sizeof digits, "%lld", (long long)n);
    char *to = buf;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return buf;
}

const char *fig_percent(const fig_gate *g, char *buf)
{
    char number[STROMA_NUMBER_TEXT_MAX + 3];
    if (isnan(g->percent)) return "not estimable";
    if (g->n == 0) return "0 %";
    const int decimals = g->percent >= 10 ? 1 : tab_decimals((g->upper - g->lower) / 4, 2);
    (void)snprintf(buf, FIG_PERCENT_MAX, "%s %%",
                   fig_number(g->percent, decimals < 1 ? 1 : decimals, number));
    return buf;
}

void fig_put_scale(stroma_buffer *b, const fig_axis *a)
{
    const char *const names[] = { "T", "W", "M", "A" };
    const double values[] = { a->t, a->w, a->m, a->a };
    if (strcmp(a->scale, "linear") == 0) {
        stroma_buffer_puts(b, "linear");
        return;
    }
    stroma_buffer_printf(b, "%s (", a->scale);
    bool first = true;
    for (int i = 0; i < 4; i++) {
        if (isnan(values[i])) continue;
        stroma_buffer_printf(b, "%s%s %.*g", first ? "" : ", ", names[i], i == 0 ? 7 : 3,
                             values[i]);
        first = false;
    }
    stroma_buffer_puts(b, ")");
}

/* ---- axes ---- */

typedef struct tick {
    double at, linear;
    const char *label;
    bool shown;
} tick;

/* Labels with room between them, from 0 and the outermost decades inward. */
static void choose_labels(tick *ticks, size_t n, double room)
{
    for (;;) {
        tick *best = NULL;
        for (size_t i = 0; i < n; i++) {
            tick *t = &ticks[i];
            bool free = !t->shown && t->label[0] != '\0';
            for (size_t k = 0; k < n && free; k++)
                free = !(ticks[k].shown && fabs(ticks[k].at - t->at) < room);
            if (!free) continue;
            if (best == NULL || t->linear == 0 ||
                (best->linear != 0 && fabs(t->linear) > fabs(best->linear)))
                best = t;
        }
        if (best == NULL) return;
        best->shown = true;
    }
}

static void put_ticks(stroma_json *j, const tick *ticks, size_t n, bool minor)
{
    char expr[8192], number[STROMA_NUMBER_TEXT_MAX];
    size_t len[2] = { 0, 0 };
    char at[4096] = "", labels[2048] = "";
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < n; i++) {
        const bool major = ticks[i].label[0] != '\0';
        if (!minor && !major) continue;
        stroma_json_number(j, ticks[i].at);
        if (!major || len[0] + 64 > sizeof at || len[1] + 96 > sizeof labels) continue;
        len[0] += (size_t)snprintf(at + len[0], sizeof at - len[0], "%s%s", len[0] > 0 ? "," : "",
                                   stroma_format_double(ticks[i].at, number));
        len[1] += (size_t)snprintf(labels + len[1], sizeof labels - len[1], "%s'%.40s'",
                                   len[1] > 0 ? "," : "", ticks[i].shown ? ticks[i].label : "");
    }
    stroma_json_end_array(j);
    (void)snprintf(expr, sizeof expr, "[%s][indexof([%s], datum.value)] || ''", labels, at);
    stroma_json_put_string(j, "labelExpr", expr);
    stroma_json_key(j, "tickSize");
    stroma_json_begin_object(j);
    stroma_json_key(j, "condition");
    stroma_json_begin_object(j);
    (void)snprintf(expr, sizeof expr, "indexof([%s], datum.value) < 0", at);
    stroma_json_put_string(j, "test", expr);
    stroma_json_put_int(j, "value", 3);
    stroma_json_end_object(j);
    stroma_json_put_int(j, "value", 6);
    stroma_json_end_object(j);
}

/* A label is written between quotes of an expression. */
static bool is_plain(const char *text)
{
    return strpbrk(text, "'\\\n") == NULL;
}

static void put_scale_axis(stroma_json *j, const fig_panel *p, const fig_axis *a, bool title,
                           bool labels)
{
    tick ticks[TICKS_MAX];
    size_t n = 0;
    json_t *list = json_loads(a->ticks, 0, NULL); /* it was read before: only memory may lack */
    if (list == NULL && j->out->status == STROMA_OK) j->out->status = STROMA_E_NOMEM;
    for (size_t i = 0; i < json_array_size(list) && n < TICKS_MAX; i++) {
        const json_t *t = json_array_get(list, i);
        const char *label = json_string_value(json_object_get(t, "label"));
        ticks[n++] = (tick){ .at = json_number_value(json_object_get(t, "at")),
                             .linear = json_number_value(json_object_get(t, "linear")),
                             .label = label == NULL || !is_plain(label) ? "" : label };
    }
    choose_labels(ticks, n, (p->minor ? 0.11 : 0.17) * (a->high - a->low));
    stroma_json_key(j, "axis");
    stroma_json_begin_object(j);
    put_ticks(j, ticks, n, p->minor);
    json_decref(list);
    if (title)
        stroma_json_put_string(j, "title", p->minor ? a->label : a->name);
    else
        stroma_json_put_null(j, "title");
    stroma_json_put_bool(j, "labels", labels);
    fig_lit(j, "labelFontSize", "11");
    fig_lit(j, "labelOverlap", "'greedy'");
    fig_lit(j, "labelSeparation", "2");
    fig_lit(j, "labelPadding", "3");
    fig_lit(j, "titlePadding", "6");
    fig_lit(j, "labelFlush", "false");
    fig_lit(j, "grid", "false");
    fig_lit(j, "domain", "false"); /* the frame is there */
    fig_lit(j, "ticks", "true");
    stroma_json_end_object(j);
}

static void put_domain(stroma_json *j, double low, double high, const char *type)
{
    stroma_json_key(j, "scale");
    stroma_json_begin_object(j);
    if (type != NULL) stroma_json_put_string(j, "type", type);
    stroma_json_key(j, "domain");
    stroma_json_begin_array(j);
    stroma_json_number(j, low);
    stroma_json_number(j, high);
    stroma_json_end_array(j);
    fig_lit(j, "nice", "false");
    fig_lit(j, "zero", "false");
    stroma_json_end_object(j);
}

/* Encoding that every layer of the panel shares. */
static void put_axes(stroma_json *j, const fig_panel *p, double highest)
{
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    stroma_json_key(j, "x");
    stroma_json_begin_object(j);
    fig_lit(j, "field", "'x'");
    fig_lit(j, "type", "'quantitative'");
    put_domain(j, p->x->low, p->x->high, NULL);
    put_scale_axis(j, p, p->x, p->x_title, true);
    stroma_json_end_object(j);
    stroma_json_key(j, "y");
    stroma_json_begin_object(j);
    fig_lit(j, "field", "'y'");
    fig_lit(j, "type", "'quantitative'");
    if (p->y != NULL) {
        put_domain(j, p->y->low, p->y->high, NULL);
        put_scale_axis(j, p, p->y, p->y_labels, p->y_labels);
    } else {
        /* square root: a few events in a bin are seen beside hundreds */
        put_domain(j, 0, highest, "sqrt");
        stroma_json_key(j, "axis");
        stroma_json_begin_object(j);
        stroma_json_put_string(j, "title", "% of events in a bin");
        stroma_json_put_bool(j, "labels", p->y_labels);
        if (!p->y_labels) stroma_json_put_null(j, "title");
        fig_lit(j, "values", "[0,0.1,1,2,5,10,20,50]");
        fig_lit(j, "format", "'~g'");
        fig_lit(j, "labelOverlap", "'greedy'");
        fig_lit(j, "labelFontSize", "11");
        fig_lit(j, "labelPadding", "3");
        fig_lit(j, "titlePadding", "6");
        fig_lit(j, "grid", "false");
        fig_lit(j, "ticks", "true");
        stroma_json_end_object(j);
    }
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

/* ---- layers ---- */

static void calculate(stroma_json *j, const char *as, const char *expression)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "calculate", expression);
    stroma_json_put_string(j, "as", as);
    stroma_json_end_object(j);
}

static void open_bins(stroma_json *j, size_t panel, const char *field)
{
    char text[160];
    stroma_json_key(j, "transform");
    stroma_json_begin_array(j);
    (void)snprintf(text, sizeof text, "{'filter':'datum.panel === %zu'}", panel);
    fig_lit(j, NULL, text);
    (void)snprintf(text, sizeof text, "{'flatten':['%s'],'as':['c']}", field);
    fig_lit(j, NULL, text);
}

static void put_plane(stroma_json *j, const fig_panel *p, size_t panel)
{
    char text[320];
    const fig_density *d = p->density;
    const double wx = (p->x->high - p->x->low) / (double)d->n_x,
                 wy = (p->y->high - p->y->low) / (double)d->n_y;
    stroma_json_begin_object(j);
    open_bins(j, panel, "counts");
    calculate(j, "w", "datum.c < 0 ? -datum.c : 1");
    fig_lit(j, NULL, "{'window':[{'op':'sum','field':'w','as':'end'}]}");
    fig_lit(j, NULL, "{'filter':'datum.c > 0'}");
    (void)snprintf(text, sizeof text, "%.17g + ((datum.end - 1) %% %lld) * %.17g", p->x->low,
                   (long long)d->n_x, wx);
    calculate(j, "x", text);
    (void)snprintf(text, sizeof text, "%.17g + floor((datum.end - 1) / %lld) * %.17g", p->y->low,
                   (long long)d->n_x, wy);
    calculate(j, "y", text);
    /* a little over the next bin, which is drawn over it: no seams */
    (void)snprintf(text, sizeof text, "datum.x + %.17g", 1.12 * wx);
    calculate(j, "x2", text);
    (void)snprintf(text, sizeof text, "datum.y + %.17g", 1.12 * wy);
    calculate(j, "y2", text);
    calculate(j, "v", "sqrt(datum.c / datum.highest)");
    stroma_json_end_array(j);
    fig_lit(j, "mark", "{'type':'rect','tooltip':null,'clip':true}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "x2", "{'field':'x2'}");
    fig_lit(j, "y2", "{'field':'y2'}");
    (void)snprintf(text, sizeof text,
                   "{'field':'v','type':'quantitative','legend':null,'scale':{'domain':[-0.15,0.65,"
                   "1],'range':['" REPORT_PAPER "','%s','" REPORT_INK
                   "'],'zero':false,'interpolate':'lab'}}",
                   p->colour);
    fig_lit(j, "color", text);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static void put_bars(stroma_json *j, const fig_panel *p, size_t panel, bool control)
{
    char text[240];
    const fig_density *d = control ? p->control : p->density;
    int64_t every = 1;
    while ((d->n_x + every - 1) / every > HISTOGRAM_BINS)
        every++;
    const double w = (p->x->high - p->x->low) * (double)every / (double)d->n_x;
    stroma_json_begin_object(j);
    open_bins(j, panel, control ? "control" : "counts");
    fig_lit(j, NULL, "{'window':[{'op':'row_number','as':'end'}]}");
    (void)snprintf(text, sizeof text, "%.17g + (datum.end - 1) * %.17g", p->x->low, w);
    calculate(j, "x", text);
    (void)snprintf(text, sizeof text, "datum.x + %.17g", w);
    calculate(j, "x2", text);
    calculate(j, "y", control ? "100 * datum.c / datum.control_n" : "100 * datum.c / datum.n");
    stroma_json_end_array(j);
    if (control)
        (void)snprintf(text, sizeof text,
                       "{'type':'line','interpolate':'step-after','strokeDash':[4,2],'strokeWidth':"
                       "1.5,'clip':true,'tooltip':null,'color':'%s'}",
                       REPORT_INK);
    else
        (void)snprintf(text, sizeof text,
                       "{'type':'area','interpolate':'step-after','opacity':0.45,'clip':true,"
                       "'tooltip':null,'color':'%s'}",
                       p->colour);
    fig_lit(j, "mark", text);
    stroma_json_end_object(j);
}

static void put_title(stroma_json *j, const fig_panel *p)
{
    stroma_json_key(j, "title");
    stroma_json_begin_object(j);
    const char *const keys[] = { "text", "subtitle" };
    const char *const *const lists[] = { p->title, p->under };
    for (int k = 0; k < 2; k++) {
        if (lists[k] == NULL) continue;
        stroma_json_key(j, keys[k]);
        stroma_json_begin_array(j);
        for (const char *const *line = lists[k]; *line != NULL; line++)
            fig_lines(j, *line, (size_t)(k == 0 ? p->wrap : p->wrap * 5 / 4));
        stroma_json_end_array(j);
    }
    fig_lit(j, "anchor", "'start'");
    fig_lit(j, "frame", "'group'");
    fig_lit(j, "offset", "8");
    stroma_json_end_object(j);
}

static void put_merged(stroma_json *j, const char *key, const merged *m)
{
    stroma_json_key(j, key);
    stroma_json_begin_array(j);
    for (size_t i = 0; i < m->n; i++)
        stroma_json_int(j, m->counts[i]);
    stroma_json_end_array(j);
}

stroma_status fig_put_panel_row(stroma_json *j, const fig_panel *p, size_t panel, stroma_error *err)
{
    const fig_density *d = p->density;
    merged m;
    if (d == NULL) return STROMA_OK;
    STROMA_TRY(check_counts(d, err));
    stroma_json_begin_object(j);
    stroma_json_put_int(j, "panel", (int64_t)panel);
    if (p->sample->subject[0] != '\0') stroma_json_put_string(j, "patient", p->sample->subject);
    if (p->sample->visit[0] != '\0') stroma_json_put_string(j, "visit", p->sample->visit);
    stroma_json_put_string(j, "population", p->n_gates > 0 ? p->gates[0].label : "");
    if (p->n_gates > 0 && !isnan(p->gates[0].percent)) {
        stroma_json_put_number(j, "percent_of_parent", p->gates[0].percent);
        stroma_json_put_int(j, "events", p->gates[0].n);
    }
    if (p->n_gates == 1 && p->gates[0].measured > 0) {
        char trace[24];
        stroma_json_put_string(j, "trace", tab_trace(trace, 'm', p->gates[0].measured));
    }
    stroma_json_put_string(j, "x_axis", p->x->label);
    if (p->y != NULL) stroma_json_put_string(j, "y_axis", p->y->label);
    stroma_json_put_int(j, "n", d->n_events);
    if (p->y != NULL) {
        stroma_json_put_int(j, "highest", d->highest);
        stroma_json_key(j, "counts");
        put_packed(j, d);
    } else {
        STROMA_TRY(merge(d, &m, err));
        put_merged(j, "counts", &m);
    }
    if (p->control != NULL) {
        STROMA_TRY(merge(p->control, &m, err));
        stroma_json_put_int(j, "control_n", p->control->n_events);
        put_merged(j, "control", &m);
    }
    stroma_json_end_object(j);
    return STROMA_OK;
}

/* Where there is no density: the frame, and why. */
static void put_why(stroma_json *j, const fig_panel *p)
{
    stroma_json_begin_object(j);
    put_title(j, p);
    stroma_json_put_int(j, "width", p->size);
    stroma_json_put_int(j, "height", p->size);
    fig_lit(j, "view", "{'stroke':'" REPORT_INK_SOFT "','strokeDash':[2,3]}");
    fig_data_begin(j);
    stroma_json_begin_object(j);
    fig_wrapped(j, "label", p->why, (size_t)p->wrap);
    stroma_json_end_object(j);
    fig_data_end(j);
    fig_lit(j, "mark",
            "{'type':'text','align':'center','baseline':'middle','fontSize':11,'color':'"
            "" REPORT_INK_SOFT "'}");
    fig_lit(j, "encoding", "{'text':{'field':'label'}}");
    stroma_json_end_object(j);
}

stroma_status fig_put_panel(stroma_json *j, const fig_panel *p, size_t panel, stroma_error *err)
{
    double highest = p->highest;
    if (p->density == NULL) {
        put_why(j, p);
        return STROMA_OK;
    }
    if (p->y == NULL && isnan(highest)) {
        STROMA_TRY(fig_histogram_highest(p->density, &highest, err));
        highest = 1.3 * fmax(highest, 0.1);
    }
    stroma_json_begin_object(j);
    put_title(j, p);
    stroma_json_put_int(j, "width", p->size);
    stroma_json_put_int(j, "height", p->size);
    fig_lit(j, "view", "{'stroke':'" REPORT_INK_SOFT "'}");
    put_axes(j, p, highest);
    stroma_json_key(j, "layer");
    stroma_json_begin_array(j);
    if (p->y != NULL) {
        put_plane(j, p, panel);
    } else {
        put_bars(j, p, panel, false);
        if (p->control != NULL) put_bars(j, p, panel, true);
    }
    for (size_t i = 0; i < p->n_gates; i++) {
        if (p->threshold)
            fig_put_threshold(j, p, &p->gates[i]);
        else
            fig_put_gate(j, p, &p->gates[i], p->y != NULL ? p->y->low : 0,
                         p->y != NULL ? p->y->high : highest);
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    return STROMA_OK;
}

stroma_status fig_put_nothing(stroma_buffer *json, const report_item *item, const char *title,
                              const char *why, stroma_error *err)
{
    stroma_json j;
    stroma_json_init(&j, json, 0);
    fig_begin(&j, item,
              &(fig_head){
                  .title = title, .description = why, .caption = "", .width = 720, .height = 100 });
    fig_data_begin(&j);
    stroma_json_begin_object(&j);
    fig_wrapped(&j, "label", why, 52);
    stroma_json_end_object(&j);
    fig_data_end(&j);
    fig_lit(&j, "mark", "{'type':'text','align':'left','baseline':'top','lineHeight':18}");
    fig_lit(&j, "encoding", "{'x':{'value':4},'y':{'value':8},'text':{'field':'label'}}");
    fig_end(&j);
    return stroma_buffer_status(json, err);
}
