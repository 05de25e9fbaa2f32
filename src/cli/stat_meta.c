/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat meta`: studies together. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/models_meta.h"

#include <math.h>
#include <string.h>

enum { RR, OR, RD, PROPORTION, GENERIC, MEASURES };
static const char *const measures[] = { "rr", "or", "rd", "proportion", "generic" };
static const char *const needs[] = { "events,n,events_control,n_control",
                                     "events,n,events_control,n_control",
                                     "events,n,events_control,n_control", "events,n",
                                     "estimate,se" };
static const size_t widths[] = { 4, 4, 4, 2, 2 };
enum { FIXED, REML, DL, PM, BINOMIAL, VARIANTS };
static const char *const variants[] = { "fixed", "reml", "dl", "pm", "binomial" };

typedef struct pooling {
    int measure, variant;
    size_t column[4][2]; /* a column, or the sum of two; SIZE_MAX for none */
    size_t study;
    stroma_meta_options options;
    size_t k; /* studies that are whole */
    const char **name;
    double *cell[4];
    size_t used; /* of them, with an effect */
    double *effect, *variance, *weight;
    bool *corrected;
    const char **reason;
    stroma_meta out;
} pooling;

static stroma_status choice(const stat_job *j, const char *option, const char *const *words, int n,
                            int fallback, int *out, stroma_error *err)
{
    const char *text = cli_text(j->cli, option);
    *out = fallback;
    if (text == NULL && fallback >= 0) return STROMA_OK;
    for (int i = 0; text != NULL && i < n; i++) {
        *out = i;
        if (strcmp(text, words[i]) == 0) return STROMA_OK;
    }
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --%s is missing", option);
        stroma_hint(err, "one of rr, or, rd, proportion, generic");
    } else {
        (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not known to this method", option,
                          text);
        stroma_hint(err, "one of %s",
                    fallback < 0 ? "rr, or, rd, proportion, generic"
                                 : "fixed, reml, dl, pm, binomial (of proportions)");
    }
    return STROMA_E_USAGE;
}

/* "events" or "events+others" */
static stroma_status one_column(stat_job *j, const char *text, size_t len, size_t out[2],
                                stroma_error *err)
{
    size_t head = 0;
    while (head < len && text[head] != '+')
        head++;
    for (size_t part = 0; part < 2; part++) {
        const char *from = part == 0 ? text : text + head + 1;
        out[part] = SIZE_MAX;
        if (part == 1 && head == len) break;
        const char *name = stroma_arena_strndup(&j->arena, from, part == 0 ? head : len - head - 1);
        if (name == NULL) return stroma_no_memory(err);
        out[part] = stroma_table_find(j->table, name);
        if (out[part] == SIZE_MAX)
            return stroma_fail(err, STROMA_E_USAGE, "no column \"%s\" in the file", name);
    }
    return STROMA_OK;
}

static stroma_status columns_of(stat_job *j, pooling *p, stroma_error *err)
{
    const char *text = cli_text(j->cli, "columns");
    size_t n = 0;
    if (j->table == NULL) return stroma_fail(err, STROMA_E_USAGE, "this method needs a file");
    while (text != NULL && *text != '\0' && n < 4) {
        const size_t len = strcspn(text, ",");
        STROMA_TRY(one_column(j, text, len, p->column[n++], err));
        text += len + (text[len] == ',');
    }
    p->study = SIZE_MAX;
    if (cli_given(j->cli, "study")) STROMA_TRY(stat_column(j, "study", &p->study, err));
    if (n == widths[p->measure] && *text == '\0') return STROMA_OK;
    if (text == NULL)
        (void)stroma_fail(err, STROMA_E_USAGE, "option --columns is missing");
    else
        (void)stroma_fail(err, STROMA_E_USAGE, "--columns \"%s\" does not name %zu columns",
                          cli_text(j->cli, "columns"), widths[p->measure]);
    stroma_hint(err, "in this order: --columns %s; a sum of two is written a+b", needs[p->measure]);
    return STROMA_E_USAGE;
}

static bool read_cells(stat_job *j, const pooling *p, size_t row, double cells[4])
{
    for (size_t c = 0; c < widths[p->measure]; c++) {
        cells[c] = 0;
        for (size_t part = 0; part < 2; part++) {
            double x = 0;
            if (p->column[c][part] == SIZE_MAX) continue;
            if (!stat_number(j, p->column[c][part], row, &x)) return false;
            cells[c] += x;
        }
    }
    return true;
}

static stroma_status alloc(stat_job *j, pooling *p, stroma_error *err)
{
    const size_t n = j->rows_len;
    double *room = stat_alloc(j, 7 * n, sizeof *room, err);
    p->name = stat_alloc(j, n, sizeof *p->name, err);
    p->reason = stat_alloc(j, n, sizeof *p->reason, err);
    p->corrected = stat_alloc(j, n, sizeof *p->corrected, err);
    if (room == NULL || p->name == NULL || p->reason == NULL || p->corrected == NULL)
        return STROMA_E_NOMEM;
    for (size_t c = 0; c < 4; c++)
        p->cell[c] = room + c * n;
    p->effect = room + 4 * n;
    p->variance = room + 5 * n;
    p->weight = room + 6 * n;
    return STROMA_OK;
}

/* One study's effect; one without information on the measure stays in the list, with its reason. */
static stroma_status effect_of(pooling *p, size_t i, stroma_error *err)
{
    static const stroma_meta_measure kinds[] = { STROMA_META_LOG_RISK_RATIO,
                                                 STROMA_META_LOG_ODDS_RATIO,
                                                 STROMA_META_RISK_DIFFERENCE,
                                                 STROMA_META_LOGIT_PROPORTION };
    if (p->measure == GENERIC) {
        p->effect[i] = p->cell[0][i];
        p->variance[i] = p->cell[1][i] * p->cell[1][i];
        p->reason[i] = "";
        if (!(p->cell[1][i] > 0))
            return stroma_fail(err, STROMA_E_INCONSISTENT,
                               "study \"%s\": standard error %g is not "
                               "positive",
                               p->name[i], p->cell[1][i]);
        return STROMA_OK;
    }
    const stroma_meta_counts c = { p->cell[0][i], p->cell[1][i], p->cell[2][i], p->cell[3][i] };
    stroma_meta_effect e;
    const stroma_status s = stroma_meta_effect_of(kinds[p->measure], &c, &e, err);
    if (s != STROMA_OK) return stroma_in(err, STROMA_E_INCONSISTENT, "study \"%s\"", p->name[i]);
    p->effect[i] = e.estimate;
    p->variance[i] = e.variance;
    p->corrected[i] = e.corrected;
    p->reason[i] = e.reason;
    return STROMA_OK;
}

static stroma_status read_studies(stat_job *j, pooling *p, stroma_error *err)
{
    STROMA_TRY(alloc(j, p, err));
    for (size_t i = 0; i < j->rows_len; i++) {
        double cells[4] = { 0 };
        char buf[64];
        const size_t row = j->rows[i];
        if (!read_cells(j, p, row, cells)) continue;
        const bool named =
            p->study != SIZE_MAX && stroma_table_state(j->table, p->study, row) == STROMA_PRESENT;
        p->name[p->k] = named ? stroma_arena_strdup(
                                    &j->arena, stroma_table_cell_text(j->table, p->study, row, buf))
                              : stroma_arena_printf(&j->arena, "%zu", p->k + 1);
        if (p->name[p->k] == NULL) return stroma_no_memory(err);
        for (size_t c = 0; c < 4; c++)
            p->cell[c][p->k] = cells[c];
        STROMA_TRY(effect_of(p, p->k, err));
        if (p->reason[p->k][0] != '\0') stat_exclude(j, p->reason[p->k]);
        p->k++;
    }
    return STROMA_OK;
}

/* Effects without the studies that have none, for the pooling; weights back to their studies. */
static stroma_status pool(stat_job *j, pooling *p, double *y, double *v, stroma_error *err)
{
    double *w = stat_alloc(j, p->k, sizeof *w, err);
    if (w == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < p->k; i++) {
        p->weight[i] = NAN;
        if (p->reason[i][0] != '\0') continue;
        y[p->used] = p->effect[i];
        v[p->used++] = p->variance[i];
    }
    if (p->variant == BINOMIAL)
        return stroma_meta_proportions(p->cell[0], p->cell[1], p->k, &p->options, &p->out, err);
    STROMA_TRY(stroma_meta_pool(y, v, p->used, &p->options, w, &p->out, err));
    for (size_t i = 0, at = 0; i < p->k; i++)
        if (p->reason[i][0] == '\0') p->weight[i] = w[at++];
    return STROMA_OK;
}

static double back(const pooling *p, double x)
{
    return p->measure == PROPORTION ? 1 / (1 + exp(-x)) : exp(x);
}

/* The effect on the scale that people read; differences and generic effects are on it already. */
static void add_effect(const pooling *p, stroma_stat *s)
{
    if (p->measure == RD || p->measure == GENERIC) return;
    s->effect_name = p->measure == PROPORTION ? "proportion"
                     : p->measure == RR       ? "risk ratio"
                                              : "odds ratio";
    s->effect = back(p, s->estimate);
    s->effect_lower = back(p, s->lower);
    s->effect_upper = back(p, s->upper);
}

static void studies_member(const pooling *p, stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "studies");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < p->k; i++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "study", p->name[i]);
        for (size_t c = 0; p->measure != GENERIC && c < widths[p->measure]; c++) {
            static const char *const keys[] = { "events", "n", "events_control", "n_control" };
            stroma_json_put_number(&v, keys[c], p->cell[c][i]);
        }
        stroma_json_put_number(&v, "estimate", p->effect[i]);
        stroma_json_put_number(&v, "se", sqrt(p->variance[i]));
        stroma_json_put_number(&v, "weight_frac", p->weight[i]);
        stroma_json_key(&v, "half_added");
        stroma_json_bool(&v, p->corrected[i] && p->variant != BINOMIAL);
        if (p->reason[i][0] != '\0') stroma_json_put_string(&v, "reason", p->reason[i]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

static void heterogeneity_members(const pooling *p, stroma_buffer *b)
{
    const stroma_meta *m = &p->out;
    stat_member_text(b, "measure", measures[p->measure]);
    stat_member_number(b, "tau2", m->tau2);
    stat_member_number(b, "tau2_se", m->tau2_se);
    stat_member_number(b, "tau2_lower", m->tau2_lower);
    stat_member_number(b, "tau2_upper", m->tau2_upper);
    stat_member_number(b, "i2_frac", m->i2_frac);
    stat_member_number(b, "h2", m->h2);
    stat_member_number(b, "log_likelihood", m->log_likelihood);
}

/* Where the next study's effect lies: on the measure's scale, and on the one people read. */
static stroma_stat prediction(const stat_job *j, const pooling *p)
{
    stroma_stat s = stroma_stat_empty("meta_prediction");
    s.variant = p->out.pooled.variant;
    s.n_used = p->out.pooled.n_used;
    s.estimate_name = p->out.pooled.estimate_name;
    s.estimate = p->out.pooled.estimate;
    s.level = j->level;
    s.interval_method = "prediction, t";
    s.lower = p->out.prediction_lower;
    s.upper = p->out.prediction_upper;
    s.reason = p->out.prediction_reason;
    s.not_estimable = isnan(s.lower);
    add_effect(p, &s);
    return s;
}

/* The flat forms have room for one scale in a row: a further row on the scale that people read. */
static stroma_status put_readable(stat_job *j, const stroma_stat *s, const char *what,
                                  stroma_error *err)
{
    if (s->effect_name[0] == '\0' || s->not_estimable) return STROMA_OK;
    stat_result r = { .stat = *s, .p_adjusted = NAN, .flat_only = true };
    r.label = stroma_arena_printf(&j->arena, "%s: %s", what, s->effect_name);
    if (r.label == NULL) return stroma_no_memory(err);
    r.stat.estimate = s->effect;
    r.stat.lower = s->effect_lower;
    r.stat.upper = s->effect_upper;
    r.stat.se = r.stat.statistic = r.stat.p = r.stat.df = r.stat.effect = NAN;
    r.stat.effect_name = "";
    return stat_put_result(j, &r, err);
}

static stroma_status put_all(stat_job *j, pooling *p, stroma_buffer *b, const double *y,
                             const double *v, stroma_error *err)
{
    stat_result r = { .stat = p->out.pooled, .label = measures[p->measure], .p_adjusted = NAN };
    add_effect(p, &r.stat);
    heterogeneity_members(p, b);
    studies_member(p, b);
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    STROMA_TRY(stat_put_result(j, &r, err));
    STROMA_TRY(put_readable(j, &r.stat, "pooled", err));
    const stroma_stat next = prediction(j, p);
    STROMA_TRY(stat_put(j, &next, "a further study", err));
    STROMA_TRY(put_readable(j, &next, "a further study", err));
    STROMA_TRY(stat_put(j, &p->out.heterogeneity, "heterogeneity", err));
    stroma_stat small;
    if (p->used == 0) return STROMA_OK;
    STROMA_TRY(stroma_meta_small_studies(y, v, p->used, j->level, &small, err));
    return stat_put(j, &small, "small studies", err);
}

stroma_status stat_run_meta(stat_job *j, stroma_error *err)
{
    pooling p = { 0 };
    stroma_buffer b;
    STROMA_TRY(choice(j, "measure", measures, MEASURES, -1, &p.measure, err));
    STROMA_TRY(choice(j, "variant", variants, VARIANTS, p.measure == PROPORTION ? BINOMIAL : REML,
                      &p.variant, err));
    if (p.variant == BINOMIAL && p.measure != PROPORTION)
        return stroma_fail(err, STROMA_E_USAGE, "--variant binomial is for --measure proportion");
    p.options = (stroma_meta_options){ p.variant == BINOMIAL ? STROMA_META_REML
                                                             : (stroma_meta_model)p.variant,
                                       cli_given(j->cli, "knapp-hartung"), j->level };
    STROMA_TRY(columns_of(j, &p, err));
    STROMA_TRY(read_studies(j, &p, err));
    double *y = stat_alloc(j, p.k, sizeof *y, err), *v = stat_alloc(j, p.k, sizeof *v, err);
    if (y == NULL || v == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(pool(j, &p, y, v, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = put_all(j, &p, &b, y, v, err);
    stroma_buffer_clear(&b);
    return s;
}
