/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat`: two methods that measure the same. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/number.h"
#include "stroma/stats_agreement.h"
#include "stroma/stats_equivalence.h"

#include <math.h>
#include <string.h>

stroma_agreement_scale stat_agreement_scale(const stat_job *j)
{
    const char *text = cli_text(j->cli, "scale");
    return text != NULL && strcmp(text, "log") == 0 ? STROMA_SCALE_LOG : STROMA_SCALE_NATURAL;
}

/* A result, with a note unless it is NULL, and with the members of @p b when it is not NULL. */
static stroma_status put_part(stat_job *j, const stroma_stat *s, const char *label,
                              const char *note, stroma_buffer *b, stroma_error *err)
{
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN, .note = note };
    if (label == NULL) return stroma_no_memory(err);
    if (b != NULL) STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

/* "wright - mini: bias" */
static const char *label_of(stat_job *j, const stat_pairs *p, const char *sign, const char *part)
{
    return stroma_arena_printf(&j->arena, "%s %s %s: %s", p->x_name, sign, p->y_name, part);
}

/* --x, --y and the subject of each row, for several pairs a subject. */
static stroma_status pairs_with_subject(stat_job *j, stat_pairs *p, size_t **codes, size_t *k,
                                        stroma_error *err)
{
    size_t x = 0, y = 0, subject = 0;
    const char **names = NULL;
    STROMA_TRY(stat_column(j, "x", &x, err));
    STROMA_TRY(stat_column(j, "y", &y, err));
    STROMA_TRY(stat_column(j, "subject", &subject, err));
    STROMA_TRY(stat_levels(j, subject, false, &names, k, err));
    *p = (stat_pairs){ .x_name = j->table->columns[x].name, .y_name = j->table->columns[y].name };
    p->x = stat_alloc(j, j->rows_len, sizeof *p->x, err);
    p->y = stat_alloc(j, j->rows_len, sizeof *p->y, err);
    *codes = stat_alloc(j, j->rows_len, sizeof **codes, err);
    if (p->x == NULL || p->y == NULL || *codes == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        if (!stat_code(j, subject, j->rows[i], names, *k, &code)) continue;
        if (!stat_number(j, x, j->rows[i], &p->x[p->n])) continue;
        if (!stat_number(j, y, j->rows[i], &p->y[p->n])) continue;
        (*codes)[p->n++] = code;
    }
    return STROMA_OK;
}

static stroma_status limits_interval(const stat_job *j, stroma_limits_interval *out,
                                     stroma_error *err)
{
    const char *text = cli_text(j->cli, "interval");
    *out = STROMA_LIMITS_EXACT;
    if (text == NULL || strcmp(text, "exact") == 0) return STROMA_OK;
    *out = STROMA_LIMITS_APPROXIMATE;
    if (strcmp(text, "approximate") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method", text);
    stroma_hint(err, "one of exact (default), approximate");
    return STROMA_E_USAGE;
}

static stroma_status bland_altman_of(stat_job *j, const stroma_bland_altman_options *o,
                                     stat_pairs *p, stroma_bland_altman *b, stroma_error *err)
{
    size_t *codes = NULL, k = 0;
    if (!cli_given(j->cli, "subject") || cli_given(j->cli, "value")) {
        STROMA_TRY(stat_read_pairs(j, p, err));
        return stroma_bland_altman_fit(p->x, p->y, p->n, o, b, err);
    }
    STROMA_TRY(pairs_with_subject(j, p, &codes, &k, err));
    const stroma_subject_pairs all = { p->x, p->y, codes, p->n, k };
    return stroma_bland_altman_repeated(&all, o, b, err);
}

stroma_status stat_run_bland_altman(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_bland_altman b;
    stroma_buffer m;
    stroma_bland_altman_options o = STROMA_BLAND_ALTMAN_OPTIONS_INIT;
    STROMA_TRY(limits_interval(j, &o.interval, err));
    o.scale = stat_agreement_scale(j);
    o.level = j->level;
    STROMA_TRY(bland_altman_of(j, &o, &p, &b, err));
    const char *sign = o.scale == STROMA_SCALE_LOG ? "/" : "-";
    stroma_buffer_init(&m, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&m, "sd", b.sd);
    stat_member_number(&m, "subjects", (double)b.subjects);
    stat_member_number(&m, "sd_between", b.sd_between);
    stat_member_number(&m, "sd_within", b.sd_within);
    const stroma_status s =
        put_part(j, &b.bias, label_of(j, &p, sign, b.bias.estimate_name), NULL, &m, err);
    stroma_buffer_clear(&m);
    STROMA_TRY(s);
    const stroma_stat *parts[] = { &b.lower, &b.upper, &b.proportional };
    const size_t n = isnan(b.sd_within) ? 3 : 2; /* no slope for several pairs a subject */
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(
            put_part(j, parts[i], label_of(j, &p, sign, parts[i]->estimate_name), NULL, NULL, err));
    return STROMA_OK;
}

stroma_status stat_run_concordance(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_stat s;
    STROMA_TRY(stat_read_pairs(j, &p, err));
    STROMA_TRY(stroma_concordance(p.x, p.y, p.n, j->level, &s, err));
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s ~ %s", p.x_name, p.y_name), err);
}

static stroma_status deming_options(const stat_job *j, stroma_deming_options *o, stroma_error *err)
{
    const char *variant = cli_text(j->cli, "variant");
    if (!cli_given(j->cli, "error-ratio")) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --error-ratio is missing");
        stroma_hint(err,
                    "declare the variance of the errors of y over that of x, from replicates of "
                    "both; 1 when they are alike");
        return STROMA_E_USAGE;
    }
    o->error_ratio = cli_number(j->cli, "error-ratio", 1);
    o->scale = stat_agreement_scale(j);
    o->level = j->level;
    o->se = STROMA_DEMING_JACKKNIFE;
    if (variant == NULL || strcmp(variant, "jackknife") == 0) return STROMA_OK;
    o->se = STROMA_DEMING_ANALYTIC;
    if (strcmp(variant, "analytic") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method", variant);
    stroma_hint(err, "one of jackknife (default), analytic");
    return STROMA_E_USAGE;
}

/* One value of --at. */
static stroma_status put_bridged(stat_job *j, const stroma_deming *f, const stat_pairs *p, double x,
                                 stroma_error *err)
{
    char text[STROMA_NUMBER_TEXT_MAX];
    stroma_bridged v;
    stroma_buffer b;
    stroma_stat s = stroma_stat_empty("deming");
    s.variant = "bridged value";
    s.estimate_name = "value";
    s.n_used = f->n;
    s.level = f->slope.level;
    if (stroma_deming_convert(f, x, &v)) {
        s.estimate = v.y;
        s.se = v.se;
        s.interval_method = "t";
        s.lower = v.lower;
        s.upper = v.upper;
    } else {
        s.not_estimable = true;
        s.reason = f->slope.not_estimable ? f->slope.reason : "the value has no logarithm";
    }
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "x", x);
    stat_member_number(&b, "se_line", v.se_line);
    stat_member_number(&b, "se_reading", v.se_reading);
    const stroma_status status =
        put_part(j, &s,
                 stroma_arena_printf(&j->arena, "%s at %s %s", p->y_name, p->x_name,
                                     stroma_format_double(x, text)),
                 v.extrapolated ? "outside the values that the line was fitted on" : NULL, &b, err);
    stroma_buffer_clear(&b);
    return status;
}

/* Numbers separated by commas, each handed to put_bridged(). */
static stroma_status put_all_bridged(stat_job *j, const stroma_deming *f, const stat_pairs *p,
                                     stroma_error *err)
{
    for (const char *at = cli_text(j->cli, "at"); at != NULL && *at != '\0';) {
        const size_t n = strcspn(at, ",");
        double x = 0;
        if (!stroma_parse_double(at, n, '.', &x)) {
            (void)stroma_fail(err, STROMA_E_USAGE, "--at: \"%.*s\" is not a number", (int)n, at);
            stroma_hint(err, "write --at 12.5 or --at 3,12.5,40");
            return STROMA_E_USAGE;
        }
        STROMA_TRY(put_bridged(j, f, p, x, err));
        at += n + (at[n] == ',');
    }
    return STROMA_OK;
}

stroma_status stat_run_deming(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_deming f;
    stroma_deming_options o = STROMA_DEMING_OPTIONS_INIT;
    stroma_buffer b;
    STROMA_TRY(deming_options(j, &o, err));
    STROMA_TRY(stat_read_pairs(j, &p, err));
    STROMA_TRY(stroma_deming_fit(p.x, p.y, p.n, &o, &f, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "error_ratio", f.error_ratio);
    stat_member_text(&b, "scale", o.scale == STROMA_SCALE_LOG ? "log" : "natural");
    stat_member_number(&b, "variance_intercept", f.variance_intercept);
    stat_member_number(&b, "covariance", f.covariance);
    stat_member_number(&b, "variance_slope", f.variance_slope);
    stat_member_number(&b, "error_variance_x", f.error_variance_x);
    stat_member_number(&b, "error_variance_y", f.error_variance_y);
    stat_member_number(&b, "x_min", f.x_min);
    stat_member_number(&b, "x_max", f.x_max);
    stat_member_number(&b, "correlation", f.correlation);
    const stroma_status s = put_part(j, &f.slope, label_of(j, &p, "to", "slope"), NULL, &b, err);
    stroma_buffer_clear(&b);
    STROMA_TRY(s);
    STROMA_TRY(put_part(j, &f.intercept, label_of(j, &p, "to", "intercept"), NULL, NULL, err));
    return put_all_bridged(j, &f, &p, err);
}

stroma_status stat_run_passing_bablok(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_passing_bablok f;
    stroma_buffer b;
    STROMA_TRY(stat_read_pairs(j, &p, err));
    STROMA_TRY(stroma_passing_bablok_fit(p.x, p.y, p.n, j->level, &f, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "tau", f.tau);
    stat_member_number(&b, "slopes", (double)f.slopes);
    stat_member_number(&b, "slopes_below_minus_one", (double)f.below_minus_one);
    const stroma_status s = put_part(j, &f.slope, label_of(j, &p, "to", "slope"), NULL, &b, err);
    stroma_buffer_clear(&b);
    STROMA_TRY(s);
    STROMA_TRY(put_part(j, &f.intercept, label_of(j, &p, "to", "intercept"), NULL, NULL, err));
    return put_part(j, &f.linearity, label_of(j, &p, "to", "linearity"), NULL, NULL, err);
}

/* "-0.6,0.6" */
static stroma_status bounds_of(const stat_job *j, stroma_equivalence_options *o, stroma_error *err)
{
    const char *text = cli_text(j->cli, "bounds");
    const char *comma = text == NULL ? NULL : strchr(text, ',');
    if (comma != NULL && stroma_parse_double(text, (size_t)(comma - text), '.', &o->lower_bound) &&
        stroma_parse_double(comma + 1, strlen(comma + 1), '.', &o->upper_bound))
        return STROMA_OK;
    (void)(text == NULL
               ? stroma_fail(err, STROMA_E_USAGE, "option --bounds is missing")
               : stroma_fail(err, STROMA_E_USAGE, "--bounds \"%s\" is no pair of numbers", text));
    stroma_hint(err, "declare the largest differences that do not matter: --bounds=-0.6,0.6");
    return STROMA_E_USAGE;
}

static stroma_status equivalence_design(const stat_job *j, stroma_equivalence_design *out,
                                        stroma_error *err)
{
    const char *variant = cli_text(j->cli, "variant");
    *out = STROMA_EQUIVALENCE_PAIRED;
    if (cli_given(j->cli, "x") || cli_given(j->cli, "subject")) return STROMA_OK;
    *out = STROMA_EQUIVALENCE_WELCH;
    if (variant == NULL || strcmp(variant, "welch") == 0) return STROMA_OK;
    *out = STROMA_EQUIVALENCE_STUDENT;
    if (strcmp(variant, "student") == 0) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method", variant);
    stroma_hint(err, "one of welch (default), student");
    return STROMA_E_USAGE;
}

static stroma_status equivalence_of(stat_job *j, const stroma_equivalence_options *o,
                                    const char **label, stroma_equivalence *out, stroma_error *err)
{
    stat_pairs p;
    stat_groups g;
    size_t n = 0;
    if (o->design == STROMA_EQUIVALENCE_PAIRED) {
        STROMA_TRY(stat_read_pairs(j, &p, err));
        *label = stroma_arena_printf(&j->arena, "%s - %s", p.x_name, p.y_name);
        return stroma_equivalence_test(p.x, p.n, p.y, p.n, o, out, err);
    }
    STROMA_TRY(stat_read_two(j, &g, &n, err));
    *label = stroma_arena_printf(&j->arena, "%s - %s", g.names[0], g.names[1]);
    return stroma_equivalence_test(g.values, n, g.values + n, g.n - n, o, out, err);
}

stroma_status stat_run_equivalence(stat_job *j, stroma_error *err)
{
    stroma_equivalence e;
    stroma_buffer b;
    const char *label = NULL;
    /* 1 - 0.95 is not quite 0.05 */
    stroma_equivalence_options o = { .alpha = nearbyint((1 - j->level) * 1e12) / 1e12 };
    STROMA_TRY(bounds_of(j, &o, err));
    STROMA_TRY(equivalence_design(j, &o.design, err));
    STROMA_TRY(equivalence_of(j, &o, &label, &e, err));
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "bound_lower", o.lower_bound);
    stat_member_number(&b, "bound_upper", o.upper_bound);
    stat_member_number(&b, "p_lower", e.p_lower);
    stat_member_number(&b, "p_upper", e.p_upper);
    stat_member_text(&b, "conclusion",
                     e.difference.not_estimable ? NULL
                     : e.equivalent             ? "equivalent within the bounds"
                                                : "equivalence not shown");
    const stroma_status s = put_part(j, &e.difference, label, NULL, &b, err);
    stroma_buffer_clear(&b);
    return s;
}
