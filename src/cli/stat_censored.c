/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat censored`, `censored-test`, `censored-correlation`: summaries, comparisons and
 * associations of values below detection limits. */
#include "stat_censored.h"

#include "stroma/memory.h"
#include "stroma/stats_anova.h"
#include "stroma/stats_rank_test.h"

#include <math.h>
#include <string.h>

/* Index of an option's text among @p names, or USAGE with the hint. */
static stroma_status one_of(const stat_job *j, const char *option, const char *const *names,
                            size_t n, const char *hint, size_t *out, stroma_error *err)
{
    const char *text = cli_text(j->cli, option);
    for (*out = 0; *out < n; ++*out)
        if (text == NULL || strcmp(text, names[*out]) == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is not known to this method", option, text);
    stroma_hint(err, "%s", hint);
    return STROMA_E_USAGE;
}

/* @param note may be NULL */
static stroma_status put_with(stat_job *j, const stroma_stat *s, const char *label,
                              const char *note, stroma_buffer *b, stroma_error *err)
{
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN, .note = note };
    if (label == NULL) return stroma_no_memory(err);
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

typedef struct how {
    size_t method; /* km, ml, ros */
    size_t rest;
    stroma_censored_interval interval;
    stroma_censored_ros_options ros;
} how;
enum { KM, ML, ROS };

static stroma_status how_of(const stat_job *j, how *h, stroma_error *err)
{
    static const char *const methods[] = { "km", "ml", "ros" };
    static const char *const rests[] = { "limit", "measured", "zero" };
    STROMA_TRY(one_of(j, "method", methods, 3, "one of km (default), ml, ros", &h->method, err));
    if (h->method == KM)
        STROMA_TRY(one_of(j, "variant", rests, 3, "one of limit (default), measured, zero",
                          &h->rest, err));
    else if (cli_given(j->cli, "variant"))
        return stroma_fail(err, STROMA_E_USAGE, "--variant is for --method km");
    if (h->method == ML) STROMA_TRY(stat_censored_interval(j, &h->interval, err));
    h->ros =
        (stroma_censored_ros_options){ .shape = stat_censored_shape(j),
                                       .resamples = (size_t)cli_count(j->cli, "resamples", 2000),
                                       .seed = (uint64_t)cli_count(j->cli, "seed", 1),
                                       .threads = cli_threads(j->cli),
                                       .level = j->level };
    return STROMA_OK;
}

static stroma_status summarise(const stat_job *j, const stroma_censored_sample *s, const how *h,
                               stroma_censored_summary *out, size_t *failed, stroma_error *err)
{
    *failed = 0;
    if (h->method == KM)
        return stroma_censored_km(s, (stroma_censored_rest)h->rest, j->level, out, NULL, NULL, err);
    if (h->method == ML)
        return stroma_censored_ml(s, stat_censored_shape(j), h->interval, j->level, out, err);
    return stroma_censored_ros(s, &h->ros, NULL, out, failed, err);
}

static void method_members(stroma_buffer *b, const how *h, const stroma_censored_summary *c,
                           size_t failed)
{
    stat_censored_members(b, &c->counts);
    stat_member_number(b, "q1", c->q1);
    stat_member_number(b, "q3", c->q3);
    if (h->method == KM) {
        stat_member_number(b, "rest_frac", c->rest);
        stat_member_number(b, "rest_at", c->rest_at);
        return;
    }
    stat_member_number(b, "mu", c->mu);
    stat_member_number(b, "sigma", c->sigma);
    if (h->method == ML) {
        stat_member_number(b, "minus2_log_likelihood", -2 * c->log_likelihood);
        return;
    }
    stat_member_number(b, "resamples", (double)h->ros.resamples);
    stat_member_number(b, "resamples_failed", (double)failed);
    stat_member_number(b, "seed", (double)h->ros.seed);
}

/* Mean, median and SD of one group. */
static stroma_status put_summary(stat_job *j, const stroma_censored_sample *s, const char *name,
                                 const how *h, stroma_error *err)
{
    stroma_censored_summary c;
    size_t failed = 0;
    STROMA_TRY(summarise(j, s, h, &c, &failed, err));
    const double share = c.counts.censored_frac;
    const char *advice = h->method == KM && !(share > 0.8) ? "" : stroma_censored_advice(share);
    const stroma_stat *parts[] = { &c.mean, &c.median, &c.sd };
    for (size_t i = 0; i < 3; i++) {
        stroma_buffer b;
        stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
        if (i == 0) method_members(&b, h, &c, failed);
        const stroma_status status = put_with(
            j, parts[i], stroma_arena_printf(&j->arena, "%s: %s", name, parts[i]->estimate_name),
            i == 0 && advice[0] != 0 ? advice : NULL, &b, err);
        stroma_buffer_clear(&b);
        STROMA_TRY(status);
    }
    return STROMA_OK;
}

stroma_status stat_run_censored(stat_job *j, stroma_error *err)
{
    stat_censored c;
    how h = { 0 };
    STROMA_TRY(how_of(j, &h, err));
    STROMA_TRY(stat_read_censored(j, cli_given(j->cli, "group"), &c, err));
    double *low = stat_alloc(j, c.n, sizeof *low, err),
           *high = stat_alloc(j, c.n, sizeof *high, err);
    if (low == NULL || high == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < c.k; k++) {
        stroma_censored_sample s = { low, high, 0 };
        for (size_t i = 0; i < c.n; i++) {
            if (c.codes[i] != k) continue;
            low[s.n] = c.low[i];
            high[s.n++] = c.high[i];
        }
        STROMA_TRY(put_summary(j, &s, c.names[k], &h, err));
    }
    return STROMA_OK;
}

static const char *joined(stat_job *j, const stat_censored *c)
{
    const char *text = c->names[0];
    for (size_t k = 1; text != NULL && k < c->k; k++)
        text = stroma_arena_printf(&j->arena, "%s, %s", text, c->names[k]);
    return text;
}

static stroma_status put_logrank(stat_job *j, const stat_censored *c, stroma_censored_weight weight,
                                 stroma_error *err)
{
    const stroma_censored_sample s = { c->low, c->high, c->n };
    stroma_censored_counts counts;
    stroma_stat t;
    stroma_json v;
    stroma_buffer b;
    stroma_censored_group *by = stat_alloc(j, c->k, sizeof *by, err);
    if (by == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_censored_count(&s, &counts, err));
    STROMA_TRY(stroma_censored_logrank(&s, c->codes, c->k, weight, &t, by, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_censored_members(&b, &counts);
    stat_member(&b, "groups");
    stroma_json_init(&v, &b, 0);
    stroma_json_begin_array(&v);
    for (size_t k = 0; k < c->k; k++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "group", c->names[k]);
        stroma_json_put_int(&v, "n", (int64_t)by[k].n);
        stroma_json_put_int(&v, "n_measured", (int64_t)by[k].measured);
        stroma_json_put_number(&v, "observed", by[k].observed);
        stroma_json_put_number(&v, "expected", by[k].expected);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&b);
    const stroma_status status = put_with(j, &t, joined(j, c), NULL, &b, err);
    stroma_buffer_clear(&b);
    return status;
}

static stroma_status rank_test(const stat_job *j, const stat_censored *c, const double *ranked,
                               double *sorted, stroma_stat *out, stroma_error *err)
{
    size_t first = 0, n = 0;
    if (c->k != 2) return stroma_kruskal_wallis(ranked, c->codes, c->n, c->k, out, err);
    stroma_rank_options o = STROMA_RANK_OPTIONS_INIT;
    o.alternative = j->alternative;
    o.level = j->level;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < c->n; i++)
            if (c->codes[i] == k) sorted[n++] = ranked[i];
        if (k == 0) first = n;
    }
    STROMA_TRY(stroma_mann_whitney(sorted, first, sorted + first, n - first, &o, out, err));
    /* a shift that may lie among the tied is no number */
    out->estimate_name = out->interval_method = "";
    out->estimate = out->lower = out->upper = (double)NAN;
    return STROMA_OK;
}

static stroma_status put_ranks(stat_job *j, const stat_censored *c, stroma_error *err)
{
    const stroma_censored_sample s = { c->low, c->high, c->n };
    stroma_censored_counts counts;
    stroma_stat t;
    stroma_buffer b;
    size_t tied = 0;
    double *ranked = stat_alloc(j, 2 * c->n, sizeof *ranked, err);
    if (ranked == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_censored_count(&s, &counts, err));
    STROMA_TRY(stroma_censored_tie(&s, ranked, &tied, err));
    STROMA_TRY(rank_test(j, c, ranked, ranked + c->n, &t, err));
    const char *note = NULL;
    if (tied > 0) {
        note = stroma_arena_printf(
            &j->arena, "%zu measured values lie beyond the outermost limit and became tied", tied);
        if (note == NULL) return stroma_no_memory(err);
    }
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_censored_members(&b, &counts);
    stat_member_number(&b, "n_became_tied", (double)tied);
    const stroma_status status = put_with(j, &t, joined(j, c), note, &b, err);
    stroma_buffer_clear(&b);
    return status;
}

stroma_status stat_run_censored_test(stat_job *j, stroma_error *err)
{
    static const char *const variants[] = { "peto", "logrank", "gehan", "ranks" };
    static const stroma_censored_weight weights[] = { STROMA_CENSORED_PETO, STROMA_CENSORED_LOGRANK,
                                                      STROMA_CENSORED_GEHAN };
    stat_censored c;
    size_t variant = 0;
    STROMA_TRY(one_of(j, "variant", variants, 4, "one of peto (default), logrank, gehan, ranks",
                      &variant, err));
    STROMA_TRY(stat_read_censored(j, true, &c, err));
    return variant == 3 ? put_ranks(j, &c, err) : put_logrank(j, &c, weights[variant], err);
}

static stroma_status read_two_columns(stat_job *j, stat_censored c[2], stroma_error *err)
{
    static const char *const options[] = { "x", "y" };
    size_t column[2];
    for (size_t m = 0; m < 2; m++) {
        STROMA_TRY(stat_column(j, options[m], &column[m], err));
        c[m] = (stat_censored){ .k = 1 };
        c[m].low = stat_alloc(j, j->rows_len, sizeof *c[m].low, err);
        c[m].high = stat_alloc(j, j->rows_len, sizeof *c[m].high, err);
        if (c[m].low == NULL || c[m].high == NULL) return STROMA_E_NOMEM;
    }
    for (size_t i = 0; i < j->rows_len; i++) {
        bool whole = true;
        for (size_t m = 0; whole && m < 2; m++) {
            stat_bounds b;
            STROMA_TRY(stat_censored_cell(j, column[m], SIZE_MAX, j->rows[i], &b, err));
            whole = b.keep;
            c[m].low[c[0].n] = b.low;
            c[m].high[c[0].n] = b.high;
        }
        c[0].n += whole;
    }
    c[1].n = c[0].n;
    return STROMA_OK;
}

stroma_status stat_run_censored_correlation(stat_job *j, stroma_error *err)
{
    stat_censored c[2];
    stroma_stat tau, slope;
    stroma_buffer b;
    double intercept = (double)NAN;
    STROMA_TRY(read_two_columns(j, c, err));
    const stroma_censored_sample x = { c[0].low, c[0].high, c[0].n },
                                 y = { c[1].low, c[1].high, c[1].n };
    stroma_censored_counts counts[2];
    STROMA_TRY(stroma_censored_count(&x, &counts[0], err));
    STROMA_TRY(stroma_censored_count(&y, &counts[1], err));
    STROMA_TRY(stroma_censored_kendall(&x, &y, &tau, err));
    const char *label =
        stroma_arena_printf(&j->arena, "%s ~ %s", cli_text(j->cli, "x"), cli_text(j->cli, "y"));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "n_censored_x", (double)(counts[0].n - counts[0].measured));
    stat_member_number(&b, "n_censored_y", (double)(counts[1].n - counts[1].measured));
    stroma_status s = put_with(j, &tau, label, NULL, &b, err);
    stroma_buffer_clear(&b);
    STROMA_TRY(s);
    if (counts[0].measured < counts[0].n) return STROMA_OK; /* a slope needs a measured x */
    STROMA_TRY(stroma_censored_theil_sen(c[0].low, &y, &slope, &intercept, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "intercept", intercept);
    s = put_with(j, &slope, label, NULL, &b, err);
    stroma_buffer_clear(&b);
    return s;
}
