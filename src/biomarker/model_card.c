/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The card of a model, as Markdown or HTML, from one list of paragraphs and tables. */
#include "model_card.h"

#include "stroma/biomarker_model_file.h"
#include "stroma/number.h"

#include <math.h>
#include <string.h>

/* Text for Markdown: what could be taken for a mark-up is escaped, a line break is a blank. */
static void markdown(stroma_buffer *b, const char *text)
{
    for (const char *p = text; *p != '\0'; p++) {
        if (strchr("\\`*_[]<>|#", *p) != NULL) stroma_buffer_putc(b, '\\');
        stroma_buffer_putc(b, *p == '\n' || *p == '\r' ? ' ' : *p);
    }
}

void card_text(card *c, const char *text)
{
    if (c->html)
        stroma_buffer_html(c->b, text);
    else
        markdown(c->b, text);
}

void card_heading(card *c, const char *text)
{
    stroma_buffer_puts(c->b, c->html ? "<h2>" : "\n## ");
    card_text(c, text);
    stroma_buffer_puts(c->b, c->html ? "</h2>\n" : "\n\n");
}

void card_paragraph(card *c, const char *text)
{
    stroma_buffer_puts(c->b, c->html ? "<p>" : "");
    card_text(c, text);
    stroma_buffer_puts(c->b, c->html ? "</p>\n" : "\n\n");
}

void card_table(card *c, const char *const *names, size_t n)
{
    c->columns = n;
    if (c->html) stroma_buffer_puts(c->b, "<table>\n");
    card_row(c, names, true);
    if (c->html) return;
    for (size_t i = 0; i < n; i++)
        stroma_buffer_puts(c->b, "| --- ");
    stroma_buffer_puts(c->b, "|\n");
}

void card_row(card *c, const char *const *cells, bool head)
{
    stroma_buffer_puts(c->b, c->html ? "<tr>" : "");
    for (size_t i = 0; i < c->columns; i++) {
        stroma_buffer_puts(c->b, c->html ? (head ? "<th>" : "<td>") : "| ");
        card_text(c, cells[i] == NULL ? "" : cells[i]);
        stroma_buffer_puts(c->b, c->html ? (head ? "</th>" : "</td>") : " ");
    }
    stroma_buffer_puts(c->b, c->html ? "</tr>\n" : "|\n");
}

void card_table_end(card *c)
{
    stroma_buffer_puts(c->b, c->html ? "</table>\n" : "\n");
}

const char *card_kept(card *c, const char *text)
{
    c->failed = c->failed || text == NULL;
    return text == NULL ? "" : text;
}

const char *card_figure(card *c, const stroma_model_figure *f)
{
    char x[3][STROMA_NUMBER_TEXT_MAX];
    if (!isfinite(f->value)) return "not estimable";
    (void)stroma_format_fixed(f->value, 3, x[0]);
    if (!isfinite(f->lower) || !isfinite(f->upper)) return CARD_FORMAT(c, "%s", x[0]);
    (void)stroma_format_fixed(f->lower, 3, x[1]);
    (void)stroma_format_fixed(f->upper, 3, x[2]);
    return CARD_FORMAT(c, "%s (%s to %s)", x[0], x[1], x[2]);
}

static void pair(card *c, const char *name, const char *value)
{
    const char *const cells[] = { name, value == NULL ? "for the author" : value };
    card_row(c, cells, false);
}

static void about(card *c, const stroma_model *m)
{
    static const char *const names[] = { "", "" };
    card_table(c, names, 2);
    pair(c, "intended use", m->intended_use);
    pair(c, "population", m->population);
    pair(c, "outcome",
         CARD_FORMAT(c, "%s = %s%s", m->outcome_name, m->event,
                     m->outcome_day == STROMA_BIOMARKER_DAY_UNKNOWN
                         ? ""
                         : CARD_FORMAT(c, ", study day %d", (int)m->outcome_day)));
    pair(c, "known at (landmark)",
         CARD_FORMAT(c, "%s%s", m->landmark == NULL ? "not named" : m->landmark,
                     m->landmark_day == STROMA_BIOMARKER_DAY_UNKNOWN
                         ? ""
                         : CARD_FORMAT(c, ", study day %d", (int)m->landmark_day)));
    pair(c, "method", stroma_model_method_name(m->method));
    pair(c, "version",
         CARD_FORMAT(c, "%u%s%s", (unsigned)m->version, m->change == NULL ? "" : ": ",
                     m->change == NULL ? "" : m->change));
    pair(c, "parent", m->parent == NULL ? "none" : m->parent);
    pair(c, "may be used until", m->expiry == NULL ? "no date given" : m->expiry);
    pair(c, "content hash (SHA-256)", m->sha256);
    pair(c, "data", m->simulated ? "simulated" : "as in the source");
    card_table_end(c);
}

static const char *short_number(card *c, double x)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    return isfinite(x) ? CARD_FORMAT(c, "%s", stroma_format_significant(x, 4, text)) : "–";
}

static void equation(card *c, const stroma_model *m)
{
    static const char *const names[] = { "input",         "unit",        "assay",
                                         "enters as",     "coefficient", "odds ratio for one SD",
                                         "training range" };
    card_heading(c, "Equation");
    card_paragraph(
        c, CARD_FORMAT(c,
                       "log odds = %s + the sum of (input − centre)/scale × coefficient. "
                       "Values beyond a limit: %s. Missing inputs: %s.",
                       short_number(c, m->recalibration[0] + m->recalibration[1] * m->intercept),
                       stroma_model_censored_name(m->censored),
                       stroma_model_missing_name(m->missing)));
    card_table(c, names, 7);
    for (size_t i = 0; i < m->inputs_len; i++) {
        const stroma_model_input *in = &m->inputs[i];
        const stroma_model_figure ratio = { exp(in->coefficient), exp(in->lower), exp(in->upper) };
        const char *const cells[] = {
            in->label == NULL ? in->name : in->label,
            in->unit,
            in->assay,
            CARD_FORMAT(c, "%s, centre %s, scale %s", in->log_scale ? "logarithm" : "value",
                        short_number(c, in->centre), short_number(c, in->scale)),
            short_number(c, m->recalibration[1] * in->coefficient),
            card_figure(c, &ratio),
            CARD_FORMAT(c, "%s to %s", short_number(c, in->minimum), short_number(c, in->maximum)),
        };
        card_row(c, cells, false);
    }
    card_table_end(c);
}

static void data(card *c, const stroma_model *m)
{
    static const char *const names[] = { "input", "measured", "missing", "below limit",
                                         "above limit" };
    card_heading(c, "Training data");
    card_paragraph(
        c, CARD_FORMAT(c,
                       "%zu subjects, %zu with the event, from %s (SHA-256 %s). %zu subjects "
                       "without an input did not enter.",
                       m->n - m->added, m->events - m->added_events,
                       m->training_source == NULL ? "-" : m->training_source,
                       m->training_sha256 == NULL || m->training_sha256[0] == '\0'
                           ? "not known"
                           : m->training_sha256,
                       m->incomplete));
    if (m->added > 0)
        card_paragraph(c, CARD_FORMAT(c, "%zu subjects, %zu with the event, joined in updates.",
                                      m->added, m->added_events));
    for (size_t i = 0; i < m->excluded_len; i++)
        card_paragraph(
            c, CARD_FORMAT(c, "%zu left out: %s.", m->excluded[i].n, m->excluded[i].reason));
    card_table(c, names, 5);
    for (size_t i = 0; i < m->inputs_len; i++) {
        const stroma_model_input *in = &m->inputs[i];
        const char *const cells[] = { in->name, CARD_FORMAT(c, "%zu", in->measured),
                                      CARD_FORMAT(c, "%zu", in->missing),
                                      CARD_FORMAT(c, "%zu", in->below),
                                      CARD_FORMAT(c, "%zu", in->above) };
        card_row(c, cells, false);
    }
    card_table_end(c);
    const stroma_model_budget *b = &m->budget;
    card_paragraph(c,
                   CARD_FORMAT(c,
                               "%zu candidate parameters; the data support %zu (Riley's criteria, "
                               "R2 %s). The overall risk is known to ± %s.",
                               b->parameters, b->supported, short_number(c, b->r2_cs),
                               short_number(c, b->risk_margin)));
    if (b->reason != NULL)
        card_paragraph(c, CARD_FORMAT(c, "More were fitted because: %s.", b->reason));
}

static void performance_row(card *c, const char *what, const stroma_model_figure *f)
{
    const char *const cells[] = { what, card_figure(c, &f[0]), card_figure(c, &f[1]),
                                  card_figure(c, &f[2]), card_figure(c, &f[3]) };
    card_row(c, cells, false);
}

static void performance(card *c, const stroma_model *m)
{
    static const char *const names[] = { "", "AUC", "Brier score", "calibration in the large",
                                         "calibration slope" };
    const stroma_model_performance *a = &m->apparent;
    const stroma_model_figure apparent[] = { a->auc, a->brier, a->intercept, a->slope };
    const stroma_model_figure corrected[] = { m->optimism.auc, m->optimism.brier,
                                              m->optimism.intercept, m->optimism.slope };
    const stroma_model_figure crossed[] = { m->cv.auc, m->cv.brier, m->cv.intercept, m->cv.slope };
    card_heading(c, "Performance");
    card_table(c, names, 5);
    performance_row(c, "apparent", apparent);
    performance_row(c,
                    CARD_FORMAT(c, "corrected for optimism (%zu resamples, %zu failed)",
                                m->optimism.resamples, m->optimism.failed),
                    corrected);
    performance_row(c,
                    CARD_FORMAT(c,
                                "%zu-fold cross-validation, mean ∓ SD of %zu repeats (%zu folds "
                                "failed)",
                                m->cv.folds, m->cv.repeats, m->cv.failed),
                    crossed);
    for (size_t i = 0; i < m->validations_len; i++) {
        const stroma_model_validation *v = &m->validations[i];
        const stroma_model_figure f[] = { v->auc, v->brier, v->intercept, v->slope };
        performance_row(c,
                        CARD_FORMAT(c, "version %zu on other patients, n = %zu, %zu events (%s)",
                                    v->version, v->n, v->events,
                                    v->source == NULL ? "-" : v->source),
                        f);
    }
    card_table_end(c);
    if (a->reason != NULL && a->reason[0] != '\0')
        card_paragraph(c, CARD_FORMAT(c, "Note: %s.", a->reason));
    if (m->validations_len == 0)
        card_paragraph(c,
                       "The model has not been checked on other patients. Nothing here says that "
                       "it holds elsewhere.");
}

static void fairness(card *c, const stroma_model *m)
{
    static const char *const names[] = { "group", "subjects", "events", "AUC",
                                         "observed / expected" };
    card_heading(c, "Groups");
    if (m->groups_len == 0) {
        card_paragraph(c,
                       "No groups were named (--fairness): whether the model is as good for women "
                       "as for men, or for old as for young, is not known.");
        return;
    }
    card_table(c, names, 5);
    for (size_t i = 0; i < m->groups_len; i++) {
        const stroma_model_group *g = &m->groups[i];
        const char *const cells[] = { CARD_FORMAT(c, "%s = %s", g->column, g->level),
                                      CARD_FORMAT(c, "%zu", g->n), CARD_FORMAT(c, "%zu", g->events),
                                      card_figure(c, &g->auc),
                                      card_figure(c, &g->observed_expected) };
        card_row(c, cells, false);
    }
    card_table_end(c);
    card_paragraph(c, "Out-of-fold predictions; groups this small differ by chance.");
}

static void limits(card *c, const stroma_model *m)
{
    card_heading(c, "Limits");
    card_paragraph(c,
                   "For research use only: not for diagnosis, and not for decisions on a "
                   "patient's care. A probability is of patients like those in training; it is no "
                   "statement on one of them.");
    card_paragraph(c,
                   "The model takes reported values of the assays named above, in the units named "
                   "above. Other assays need a bridge of paired specimens.");
    if (m->method == STROMA_MODEL_RIDGE || m->method == STROMA_MODEL_LASSO ||
        m->method == STROMA_MODEL_ELASTIC_NET)
        card_paragraph(c, "Penalised coefficients are biased towards 0 on purpose; intervals of "
                          "probabilities are percentiles of refits and do not undo that.");
    card_paragraph(c, "Conformal sets cover at least the stated share of each class of patients "
                      "exchangeable with those in training, whatever the model is worth.");
}

static void begin(card *c, const char *title)
{
    if (c->html) {
        stroma_buffer_puts(c->b, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                                 "charset=\"utf-8\">\n<title>");
        card_text(c, title);
        stroma_buffer_puts(
            c->b, "</title>\n<style>body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem "
                  "auto;padding:0 1rem}table{border-collapse:collapse;margin:1rem "
                  "0}td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left;"
                  "vertical-align:top}</style>\n</head>\n<body>\n<h1>");
        card_text(c, title);
        stroma_buffer_puts(c->b, "</h1>\n");
        return;
    }
    stroma_buffer_puts(c->b, "# ");
    card_text(c, title);
    stroma_buffer_puts(c->b, "\n\n");
}

stroma_status stroma_model_write_card(const stroma_model *m, bool html, stroma_buffer *out,
                                      stroma_error *err)
{
    card c = { .b = out, .html = html };
    stroma_arena_init(&c.arena, 1 << 24);
    begin(&c, CARD_FORMAT(&c, "Model card: %s", m->name == NULL ? m->id : m->name));
    about(&c, m);
    equation(&c, m);
    data(&c, m);
    performance(&c, m);
    fairness(&c, m);
    limits(&c, m);
    card_tripod(&c, m);
    if (html) stroma_buffer_puts(out, "</body>\n</html>\n");
    const bool whole = !c.failed;
    stroma_arena_clear(&c.arena);
    if (!whole) return stroma_no_memory(err);
    return stroma_buffer_status(out, err);
}
