/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of Vega-Lite that every figure uses. */
#include "figure_parts.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

void fig_lit(stroma_json *j, const char *key, const char *text)
{
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    for (const char *p = text; *p != '\0'; p++)
        stroma_buffer_putc(&b, *p == '\'' ? '"' : *p == '`' ? '\'' : *p);
    if (key != NULL) stroma_json_key(j, key);
    stroma_json_raw(j, b.data == NULL ? "null" : b.data);
    if (b.status != STROMA_OK && j->out->status == STROMA_OK) j->out->status = b.status;
    stroma_buffer_clear(&b);
}

void fig_wrapped(stroma_json *j, const char *key, const char *text, size_t limit_chars)
{
    stroma_json_key(j, key);
    fig_words(j, text, limit_chars);
}

void fig_words(stroma_json *j, const char *text, size_t limit_chars)
{
    stroma_json_begin_array(j);
    fig_lines(j, text, limit_chars);
    stroma_json_end_array(j);
}

void fig_lines(stroma_json *j, const char *text, size_t limit_chars)
{
    const char *p = text;
    while (*p != '\0') {
        size_t bytes = 0, chars = 0, cut = 0;
        for (; p[bytes] != '\0' && chars <= limit_chars; bytes++) {
            if (((unsigned char)p[bytes] & 0xc0) == 0x80) continue;
            if (p[bytes] == ' ' && chars > 0) cut = bytes;
            chars++;
        }
        if (p[bytes] != '\0' && cut > 0) bytes = cut;
        while (((unsigned char)p[bytes] & 0xc0) == 0x80)
            bytes++;
        char line[512];
        (void)snprintf(line, sizeof line, "%.*s", (int)bytes, p);
        stroma_json_string(j, line);
        p += bytes;
        while (*p == ' ')
            p++;
    }
}

void fig_begin(stroma_json *j, const report_item *item, const fig_head *h)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "$schema", "https://vega.github.io/schema/vega-lite/v5.json");
    stroma_json_put_string(j, "description", h->description);
    stroma_json_key(j, "title");
    stroma_json_begin_object(j);
    const char *panel = report_spec_text(item, "panel");
    char title[512];
    (void)snprintf(title, sizeof title, "%s%s%s", panel == NULL ? "" : panel,
                   panel == NULL ? "" : "  ", h->title);
    fig_wrapped(j, "text", title, 40);
    if (h->subtitle != NULL) fig_wrapped(j, "subtitle", h->subtitle, 46);
    fig_lit(j, "anchor", "'start'");
    fig_lit(j, "frame", h->title_inside ? "'group'" : "'bounds'");
    stroma_json_end_object(j);
    if (h->width > 0) stroma_json_put_int(j, "width", h->width);
    if (h->height > 0) stroma_json_put_int(j, "height", h->height);
    stroma_json_key(j, "usermeta");
    stroma_json_begin_object(j);
    stroma_json_key(j, "stroma");
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "caption", h->caption);
    if (h->side > 0) stroma_json_put_int(j, "side", h->side);
    if (h->param != NULL) stroma_json_put_string(j, "param", h->param);
    if (h->fit != NULL) {
        stroma_json_key(j, "panels");
        stroma_json_begin_object(j);
        stroma_json_put_int(j, "lead", h->fit->lead);
        stroma_json_put_int(j, "gap", h->fit->gap);
        stroma_json_put_int(j, "least", h->fit->least);
        stroma_json_put_int(j, "most", h->fit->most);
        stroma_json_end_object(j);
    }
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

void fig_end(stroma_json *j)
{
    stroma_json_end_object(j);
}

void fig_data_begin(stroma_json *j)
{
    stroma_json_key(j, "data");
    stroma_json_begin_object(j);
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
}

void fig_data_end(stroma_json *j)
{
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

static void group_scale(stroma_json *j, const fig_groups *g, const char *channel, unsigned flags)
{
    stroma_json_key(j, channel);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "field", "group");
    stroma_json_put_string(j, "type", "nominal");
    stroma_json_key(j, "scale");
    stroma_json_begin_object(j);
    stroma_json_key(j, "domain");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < g->n; i++)
        stroma_json_string(j, g->at[i].label);
    stroma_json_end_array(j);
    stroma_json_key(j, "range");
    stroma_json_begin_array(j);
    for (size_t i = 0; i < g->n; i++) {
        if (strcmp(channel, "strokeDash") == 0)
            stroma_json_raw(j, report_role_dash(g->at[i].role));
        else
            stroma_json_string(j, strcmp(channel, "shape") == 0
                                      ? report_role_shape(g->at[i].role)
                                      : report_role_colour(g->at[i].role));
    }
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    if ((flags & FIG_LEGEND_BELOW) != 0)
        fig_lit(j, "legend", "{'title':null,'orient':'bottom','columns':1,'labelLimit':360}");
    else if ((flags & FIG_LEGEND) != 0)
        fig_lit(j, "legend", "{'title':null}");
    else
        stroma_json_put_null(j, "legend");
    stroma_json_end_object(j);
}

void fig_group_channels(stroma_json *j, const fig_groups *g, unsigned flags)
{
    group_scale(j, g, (flags & FIG_FILL) != 0 ? "stroke" : "color", flags);
    if ((flags & FIG_DASH) != 0) group_scale(j, g, "strokeDash", flags);
    if ((flags & FIG_SHAPE) != 0) group_scale(j, g, "shape", flags);
}

static void domain(stroma_json *j, const fig_scale *s)
{
    stroma_json_key(j, "scale");
    stroma_json_begin_object(j);
    if (s->log) fig_lit(j, "type", "'log'");
    stroma_json_key(j, "domain");
    stroma_json_begin_array(j);
    stroma_json_number(j, s->lo);
    stroma_json_number(j, s->hi);
    stroma_json_end_array(j);
    stroma_json_put_bool(j, "nice", false);
    if (!s->log) stroma_json_put_bool(j, "zero", false);
    stroma_json_end_object(j);
}

void fig_quantitative_titled(stroma_json *j, const char *channel, const char *field,
                             const fig_scale *s, const char *title)
{
    stroma_json_key(j, channel);
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "field", field);
    fig_lit(j, "type", "'quantitative'");
    if (s != NULL) {
        domain(j, s);
        stroma_json_key(j, "axis");
        fig_value_axis(j, s, title);
    }
    stroma_json_end_object(j);
}

void fig_quantitative(stroma_json *j, const char *channel, const char *field, const fig_scale *s)
{
    fig_quantitative_titled(j, channel, field, s, NULL);
}

void fig_single_begin(stroma_json *j, const char *text)
{
    stroma_json_begin_object(j);
    stroma_json_key(j, "data");
    stroma_json_begin_object(j);
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    stroma_json_begin_object(j);
    if (text != NULL) stroma_json_put_string(j, "label", text);
    stroma_json_end_object(j);
    stroma_json_end_array(j);
    stroma_json_end_object(j);
}

/* Ticks of a log axis: 1, 2, 5 while they are few, else the powers of ten. */
static void log_ticks(stroma_json *j, const fig_scale *s)
{
    static const double steps[] = { 1, 2, 5 };
    const double decades = log10(s->hi / s->lo);
    stroma_json_key(j, "values");
    stroma_json_begin_array(j);
    const int from = (int)floor(log10(s->lo) + 1e-9), to = (int)ceil(log10(s->hi) - 1e-9);
    for (int k = from; k <= to; k++)
        for (size_t i = 0; i < (decades <= 2.4 ? 3 : 1); i++) {
            /* a decimal text read back: 0.2, not 2 * 10^-1 with its last bit */
            char text[32];
            double x = 0;
            const int n = snprintf(text, sizeof text, "%de%d", (int)steps[i], k);
            if (!stroma_parse_double(text, (size_t)n, '.', &x)) continue;
            if (x >= s->lo * (1 - 1e-9) && x <= s->hi * (1 + 1e-9)) stroma_json_number(j, x);
        }
    stroma_json_end_array(j);
}

void fig_value_axis(stroma_json *j, const fig_scale *s, const char *title)
{
    stroma_json_begin_object(j);
    if (title == NULL)
        stroma_json_put_null(j, "title");
    else
        fig_wrapped(j, "title", title, 38);
    if (s->log) {
        log_ticks(j, s);
        fig_lit(j, "format", "'~r'");
    } else {
        stroma_json_put_int(j, "tickCount", 6);
        if (s->hi - s->lo >= 4) fig_lit(j, "format", "'~f'");
    }
    stroma_json_end_object(j);
}

void fig_lloq_layers(stroma_json *j, const fig_param *p, const fig_scale *s)
{
    if (!isfinite(p->lloq) || p->lloq <= s->lo) return;
    fig_single_begin(j, NULL);
    fig_lit(j, "mark", "{'type':'rect','color':'" REPORT_SHADE "','tooltip':null}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    stroma_json_key(j, "y");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", s->lo);
    stroma_json_end_object(j);
    stroma_json_key(j, "y2");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", p->lloq);
    stroma_json_end_object(j);
    stroma_json_end_object(j);
    stroma_json_end_object(j);

    char text[96], number[STROMA_NUMBER_TEXT_MAX];
    (void)snprintf(text, sizeof text, "below LLOQ %s", stroma_format_double(p->lloq, number));
    fig_single_begin(j, text);
    fig_lit(j, "mark",
            "{'type':'text','align':'right','baseline':'top','dx':-4,'dy':3,'fontSize':11,'color':'"
            "" REPORT_INK_SOFT "'}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    fig_lit(j, "x", "{'value':'width'}");
    stroma_json_key(j, "y");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", p->lloq);
    stroma_json_end_object(j);
    fig_lit(j, "text", "{'field':'label'}");
    stroma_json_end_object(j);
    stroma_json_end_object(j);
}

static void datum_y(stroma_json *j, double y)
{
    stroma_json_key(j, "y");
    stroma_json_begin_object(j);
    stroma_json_put_number(j, "datum", y);
    stroma_json_end_object(j);
}

void fig_cutoff_layers(stroma_json *j, const report_item *item, const fig_scale *s)
{
    const json_t *cutoff = json_object_get(item->spec, "cutoff");
    if (!json_is_object(cutoff) || !json_is_number(json_object_get(cutoff, "value"))) return;
    const double y = json_number_value(json_object_get(cutoff, "value"));
    if (y < s->lo || y > s->hi) return;
    fig_single_begin(j, NULL);
    fig_lit(j, "mark", "{'type':'rule','color':'" REPORT_INK_SOFT "','strokeDash':[4,3]}");
    stroma_json_key(j, "encoding");
    stroma_json_begin_object(j);
    datum_y(j, y);
    stroma_json_end_object(j);
    stroma_json_end_object(j);

    const char *label = json_string_value(json_object_get(cutoff, "label"));
    char text[256], number[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_double(y, number);
    const bool said = label != NULL && strstr(label, number) != NULL;
    (void)snprintf(text, sizeof text, "%s%s%s", label == NULL ? "cut-off" : label, said ? "" : " ",
                   said ? "" : number);
    /* once as a halo in the paper's colour, once as text: it may lie over lines */
    static const char *const marks[] = {
        "{'type':'text','align':'right','baseline':'bottom','dx':-4,'dy':-3,'fontSize':11,"
        "'stroke':'" REPORT_PAPER "','strokeWidth':4,'color':'" REPORT_PAPER "'}",
        "{'type':'text','align':'right','baseline':'bottom','dx':-4,'dy':-3,'fontSize':11,"
        "'color':'" REPORT_INK "'}"
    };
    for (int i = 0; i < 2; i++) {
        fig_single_begin(j, text);
        fig_lit(j, "mark", marks[i]);
        stroma_json_key(j, "encoding");
        stroma_json_begin_object(j);
        fig_lit(j, "x", "{'value':'width'}");
        datum_y(j, y);
        fig_lit(j, "text", "{'field':'label'}");
        stroma_json_end_object(j);
        stroma_json_end_object(j);
    }
}

const char *fig_state_words(const char *state)
{
    static const char *const words[][2] = {
        { "below_limit", "below limit" },     { "above_limit", "above limit" },
        { "not_done", "not done" },           { "not_applicable", "not applicable" },
        { "not_estimable", "not estimable" }, { "missing", "missing" },
        { "excluded", "excluded" },           { "present", "present" },
        { "circular", "circular" },
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i][0], state) == 0) return words[i][1];
    return state;
}

const char *fig_number(double x, int decimals, char *buf)
{
    char plain[STROMA_NUMBER_TEXT_MAX];
    (void)stroma_format_fixed(x, decimals, plain);
    (void)snprintf(buf, STROMA_NUMBER_TEXT_MAX + 3, "%s%s", plain[0] == '-' ? "\xE2\x88\x92" : "",
                   plain[0] == '-' ? plain + 1 : plain);
    return buf;
}

void fig_caption_tail(stroma_buffer *b, const fig_groups *g, const char *set_label, bool circular,
                      bool paper)
{
    if (set_label[0] != '\0') stroma_buffer_printf(b, " Population: %s.", set_label);
    if (g != NULL && g->rule != NULL && g->rule[0] != '\0')
        stroma_buffer_printf(b, " Groups: %s.", g->rule);
    if (!circular) return;
    stroma_buffer_puts(b, " Comparing these groups on this measure is circular, because the groups "
                          "come from it or from an outcome it runs into: ");
    stroma_buffer_puts(b, paper ? "the marks repeat what papers print and test nothing."
                                : "described only, no p-value.");
}

static stroma_status take_level(void *context, sqlite3_stmt *q, stroma_error *err)
{
    char number[STROMA_NUMBER_TEXT_MAX];
    (void)err;
    if (report_is_null(q, 0)) return STROMA_OK;
    (void)snprintf(context, FIG_LEVEL_MAX, "%.16s %%",
                   stroma_format_double(round(1e6 * report_number(q, 0)) / 1e4, number));
    return STROMA_OK;
}

stroma_status fig_level(report_db *db, const char *analysis, char *text, stroma_error *err)
{
    (void)snprintf(text, FIG_LEVEL_MAX, "95 %%");
    return fig_each(db, "SELECT max(level) FROM result WHERE analysis_id = ?1", &analysis, 1,
                    take_level, text, err);
}
