/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page for one more patient. Strips are boxes with a width in per cent: no script, no drawing.
 */
#include "assets.h"

#include "stroma/number.h"
#include "stroma/report_prediction.h"

#include <math.h>
#include <string.h>

static const char strips[] =
    ".patient{margin:40px 0 0;break-inside:avoid}.patient h2{margin-bottom:8px}"
    ".says{font-size:20px;line-height:1.35;margin:0 0 12px}"
    ".strip{position:relative;height:18px;min-width:160px;background:var(--sunk);border-radius:3px}"
    ".strip b{position:absolute;top:0;bottom:0;background:var(--accent);opacity:.18}"
    ".strip b.in{opacity:.34}.strip i{position:absolute;top:-3px;bottom:-3px;width:2px;"
    "background:var(--soft)}.strip u{position:absolute;top:3px;width:12px;height:12px;"
    "margin-left:-6px;border-radius:50%;background:var(--accent);border:2px solid var(--paper)}"
    ".wide{height:26px;margin:0 0 4px}.wide u{top:5px;width:16px;height:16px;margin-left:-8px}"
    ".ends{display:flex;justify-content:space-between;font-size:12px;color:var(--soft)}"
    ".one{max-width:860px;margin:0 auto;padding:24px 24px 64px}.one h3{margin:20px 0 0}"
    ".one ul{margin:8px 0 0 20px;"
    "list-style:disc}.one li{margin:4px 0}.out{color:var(--warn);font-weight:600}"
    "@media print{.patient{break-before:page}.patient:first-of-type{break-before:auto}}";

static void put_head(const stroma_prediction_page *p, stroma_buffer *b)
{
    stroma_buffer_puts(b,
                       "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
                       "'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; "
                       "base-uri 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, "
                       "initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                       "<meta name=\"color-scheme\" content=\"light dark\">\n"
                       "<link rel=\"icon\" href=\"data:,\">\n<title>");
    stroma_buffer_html(b, p->title);
    stroma_buffer_puts(b, "</title>\n<style>");
    stroma_buffer_append(b, report_asset_style.data, report_asset_style.size);
    stroma_buffer_puts(b, strips);
    stroma_buffer_puts(b, "</style>\n</head>\n<body>\n<div class=\"banner\" role=\"note\">"
                          "<span>Research use only</span>");
    if (p->simulated)
        stroma_buffer_puts(b, "<span class=\"sim\">Simulated data<span class=\"more\">: no patient "
                              "is real</span></span>");
    stroma_buffer_puts(b, "</div>\n<main class=\"one\">\n<h1>");
    stroma_buffer_html(b, p->title);
    stroma_buffer_puts(b, "</h1>\n<p class=\"soft\">Chance of: ");
    stroma_buffer_html(b, p->outcome);
    if (p->landmark != NULL) {
        stroma_buffer_puts(b, ". From what is known at: ");
        stroma_buffer_html(b, p->landmark);
    }
    stroma_buffer_puts(b, "</p>\n");
}

static void percent(double x, stroma_buffer *b)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(b, stroma_format_fixed(100 * x, 0, text));
}

/* Style of a box from @p from to @p to, fractions of the strip. */
static void box(const char *tag, const char *class, double from, double to, stroma_buffer *b)
{
    char left[STROMA_NUMBER_TEXT_MAX], width[STROMA_NUMBER_TEXT_MAX];
    const double lo = fmin(fmax(from, 0), 1), hi = fmin(fmax(to, 0), 1);
    stroma_buffer_printf(b, "<%s%s%s%s style=\"left:%s%%", tag, class[0] == '\0' ? "" : " class=\"",
                         class, class[0] == '\0' ? "" : "\"",
                         stroma_format_fixed(100 * lo, 1, left));
    if (to > from)
        stroma_buffer_printf(b, ";width:%s%%", stroma_format_fixed(100 * (hi - lo), 1, width));
    stroma_buffer_printf(b, "\"></%s>", tag);
}

static void put_probability(const stroma_prediction_page *p, const stroma_page_patient *x,
                            stroma_buffer *b)
{
    stroma_buffer_puts(b, "<p class=\"says\">");
    percent(x->probability, b);
    stroma_buffer_puts(b, " % (");
    percent(x->level, b);
    stroma_buffer_puts(b, " % interval ");
    percent(x->lower, b);
    stroma_buffer_puts(b, "\xE2\x80\x93");
    percent(x->upper, b);
    stroma_buffer_puts(b, "). With ");
    percent(x->set_level, b);
    stroma_buffer_puts(b, " % confidence: <strong>");
    stroma_buffer_html(b, x->set);
    stroma_buffer_puts(b, "</strong>.</p>\n<div class=\"strip wide\" aria-hidden=\"true\">");
    box("b", "in", x->lower, x->upper, b);
    if (!isnan(p->event_rate)) box("i", "", p->event_rate, p->event_rate, b);
    box("u", "", x->probability, x->probability, b);
    stroma_buffer_puts(b, "</div>\n<div class=\"ends\" aria-hidden=\"true\"><span>0 %</span>");
    if (!isnan(p->event_rate)) {
        stroma_buffer_puts(b, "<span>line: ");
        percent(p->event_rate, b);
        stroma_buffer_puts(b, " % of the training patients had it</span>");
    }
    stroma_buffer_puts(b, "<span>100 %</span></div>\n");
}

/* ---- inputs ---- */

static double on_scale(const stroma_page_input *in, double x)
{
    return in->log_scale ? log(x) : x;
}

/* Where @p x lies between the ends of the strip; NaN outside a log axis. */
static double place(const stroma_page_input *in, double x)
{
    double low = fmin(in->minimum, in->value), high = fmax(in->maximum, in->value);
    if (isnan(in->value)) {
        low = in->minimum;
        high = in->maximum;
    }
    const double a = on_scale(in, low), b = on_scale(in, high);
    return b > a ? 0.03 + 0.94 * (on_scale(in, x) - a) / (b - a) : 0.5;
}

static void put_strip(const stroma_page_input *in, stroma_buffer *b)
{
    if (isnan(in->quantile[2]) || isnan(in->minimum)) return;
    stroma_buffer_puts(b, "<div class=\"strip\" aria-hidden=\"true\">");
    box("b", "", place(in, in->quantile[0]), place(in, in->quantile[4]), b);
    box("b", "in", place(in, in->quantile[1]), place(in, in->quantile[3]), b);
    box("i", "", place(in, in->quantile[2]), place(in, in->quantile[2]), b);
    if (!isnan(in->value)) box("u", "", place(in, in->value), place(in, in->value), b);
    stroma_buffer_puts(b, "</div>");
}

static void put_number(double x, stroma_buffer *b)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_puts(b, stroma_format_significant(x, 3, text));
}

static void put_input(const stroma_page_input *in, stroma_buffer *b)
{
    stroma_buffer_puts(b, "<tr><th scope=\"row\">");
    stroma_buffer_html(b, in->label);
    stroma_buffer_puts(b, "</th><td>");
    stroma_buffer_html(b, in->typed == NULL ? "missing" : in->typed);
    if (in->unit != NULL && in->typed != NULL) {
        stroma_buffer_puts(b, " ");
        stroma_buffer_html(b, in->unit);
    }
    stroma_buffer_puts(b, "<br><span class=\"soft\">");
    stroma_buffer_html(b, in->used);
    stroma_buffer_puts(b, "</span>");
    if (in->out_of_range)
        stroma_buffer_puts(b, "<br><span class=\"out\">beyond the training patients</span>");
    stroma_buffer_puts(b, "</td><td>");
    put_strip(in, b);
    if (!isnan(in->quantile[0])) {
        stroma_buffer_puts(b, "<span class=\"soft\">5 to 95 %: ");
        put_number(in->quantile[0], b);
        stroma_buffer_puts(b, " to ");
        put_number(in->quantile[4], b);
        stroma_buffer_puts(b, ", median ");
        put_number(in->quantile[2], b);
        stroma_buffer_puts(b, "</span>");
    }
    stroma_buffer_puts(b, "</td><td>");
    stroma_buffer_html(b, in->changes == NULL ? "no value within the training range" : in->changes);
    stroma_buffer_puts(b, "</td></tr>\n");
}

static void put_list(const char *title, const char *const *texts, size_t n, stroma_buffer *b)
{
    if (n == 0) return;
    stroma_buffer_puts(b, "<h3>");
    stroma_buffer_html(b, title);
    stroma_buffer_puts(b, "</h3>\n<ul>");
    for (size_t i = 0; i < n; i++) {
        stroma_buffer_puts(b, "<li>");
        stroma_buffer_html(b, texts[i]);
        stroma_buffer_puts(b, "</li>\n");
    }
    stroma_buffer_puts(b, "</ul>\n");
}

static void put_patient(const stroma_prediction_page *p, const stroma_page_patient *x,
                        stroma_buffer *b)
{
    stroma_buffer_puts(b, "<section class=\"patient\">\n<h2>Patient ");
    stroma_buffer_html(b, x->id);
    stroma_buffer_puts(b, "</h2>\n");
    if (x->reason != NULL) {
        stroma_buffer_puts(b, "<p class=\"says\">No answer: ");
        stroma_buffer_html(b, x->reason);
        stroma_buffer_puts(b, ".</p>\n");
    } else {
        put_probability(p, x, b);
    }
    if (x->distance != NULL) {
        stroma_buffer_puts(b, "<p class=\"soft\">");
        stroma_buffer_html(b, x->distance);
        stroma_buffer_puts(b, "</p>\n");
    }
    stroma_buffer_puts(b, "<div class=\"scroll\"><table><thead><tr><th>Input</th><th>Value</th>"
                          "<th>Among the training patients</th><th>What would change the answer"
                          "</th></tr></thead>\n<tbody>");
    for (size_t i = 0; i < x->inputs_len; i++)
        put_input(&x->inputs[i], b);
    stroma_buffer_puts(b, "</tbody></table></div>\n");
    put_list("Said of this patient", x->notes, x->notes_len, b);
    stroma_buffer_puts(b, "</section>\n");
}

stroma_status stroma_report_prediction(const stroma_prediction_page *p, stroma_buffer *html,
                                       stroma_error *err)
{
    put_head(p, html);
    for (size_t i = 0; i < p->patients_len; i++)
        put_patient(p, &p->patients[i], html);
    stroma_buffer_puts(html, "<section class=\"patient\">\n<h2>The model</h2>\n");
    put_list("Made from, and worth", p->model, p->model_len, html);
    put_list("What this page cannot say", p->limits, p->limits_len, html);
    stroma_buffer_puts(html, "</section>\n</main>\n</body>\n</html>\n");
    return stroma_buffer_status(html, err);
}
