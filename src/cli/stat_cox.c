/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat cox`: proportional hazards by formula. */
#include "stat_survival_data.h"

#include "stroma/memory.h"
#include "stroma/models_cox.h"

#include <math.h>
#include <string.h>

typedef struct model {
    stroma_formula *formula;
    stroma_formula_data *data;
    stroma_cox_model *fit;
    stroma_cox_step *steps;
    stroma_buffer members;
    stat_survival in;
    stroma_design design; /* the formula's, without its intercept */
    stroma_cox_data cox;
    stroma_cox_clock clock;
} model;

static void model_free(model *m)
{
    stroma_buffer_clear(&m->members);
    stroma_free(m->steps);
    stroma_cox_free(m->fit);
    stroma_formula_data_free(m->data);
    stroma_formula_free(m->formula);
}

static const char *skip(const char *p)
{
    while (*p == ' ')
        p++;
    return p;
}

/* One name of Surv(…), up to a comma, "==" or ")"; NULL when there is none. */
static const char *surv_name(stat_job *j, const char **p)
{
    *p = skip(*p);
    const bool quoted = **p == '`' || **p == '"' || **p == '\'';
    const char stop[] = { quoted ? **p : ')', '\0' };
    const char *start = *p + quoted, *set = quoted ? stop : ",=) ";
    const size_t len = strcspn(start, set);
    if (len == 0 || start[len] == '\0') return NULL;
    *p = skip(start + len + quoted);
    return stroma_arena_strndup(&j->arena, start, len);
}

/* R's "Surv(time, status == 2) ~ …" and "Surv(start, stop, status) ~ …" as a formula with the time
 * on the left and the names of the columns; anything else stays as it is. */
static stroma_status left_side(stat_job *j, const char *text, stat_survival_names *names,
                               const char **out, stroma_error *err)
{
    const char *p = skip(text), *parts[3] = { NULL };
    size_t n = 0;
    *out = text;
    if (strncmp(p, "Surv(", 5) != 0) return STROMA_OK;
    for (p += 5; n < 3; p++) {
        parts[n] = surv_name(j, &p);
        if (parts[n] == NULL || *p != ',') break;
        n++;
    }
    const bool named = n > 0 && n < 3 && parts[n] != NULL;
    if (named && p[0] == '=' && p[1] == '=') {
        p += 2;
        names->event = surv_name(j, &p);
    }
    if (!named || *p != ')' || *skip(p + 1) != '~') {
        (void)stroma_fail(err, STROMA_E_USAGE, "formula \"%.120s\": Surv() is not understood",
                          text);
        stroma_hint(err,
                    "as 'Surv(time, status == 2) ~ age + arm' or 'Surv(start, stop, status) ~ …'");
        return STROMA_E_USAGE;
    }
    names->entry = n == 2 ? parts[0] : NULL;
    names->time = parts[n - 1];
    names->status = parts[n];
    *out = stroma_arena_printf(&j->arena, "`%s` %s", names->time, skip(p + 1));
    return *out == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status options_of(const stat_job *j, stroma_cox_options *o, stroma_cox_clock *clock,
                                stroma_error *err)
{
    const char *variant = cli_text(j->cli, "variant"), *interval = cli_text(j->cli, "interval");
    *o = (stroma_cox_options)STROMA_COX_OPTIONS_INIT;
    o->level = j->level;
    o->firth = variant != NULL && strcmp(variant, "firth") == 0;
    if (variant != NULL && !o->firth && strcmp(variant, "ml") != 0) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--variant \"%s\" is not known to this method",
                          variant);
        stroma_hint(err, "one of ml (default), firth");
        return STROMA_E_USAGE;
    }
    o->interval = o->firth ? STROMA_COX_PROFILE : STROMA_COX_WALD;
    if (interval != NULL && strcmp(interval, "profile") == 0) {
        o->interval = STROMA_COX_PROFILE;
    } else if (interval != NULL && strcmp(interval, "wald") == 0) {
        o->interval = STROMA_COX_WALD;
    } else if (interval != NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method",
                          interval);
        stroma_hint(err, "one of wald (default; firth: profile), profile");
        return STROMA_E_USAGE;
    }
    if (strcmp(cli_text(j->cli, "ties"), "breslow") == 0) o->ties = STROMA_COX_BRESLOW;
    for (int c = 0; c < STROMA_COX_CLOCKS; c++)
        if (strcmp(cli_text(j->cli, "clock"), stroma_cox_clock_name((stroma_cox_clock)c)) == 0)
            *clock = (stroma_cox_clock)c;
    return STROMA_OK;
}

/* The formula on the rows whose times are whole; then the times of the rows that it kept. */
static stroma_status read_model(stat_job *j, model *m, stroma_error *err)
{
    const char *text = cli_text(j->cli, "formula");
    stat_survival_names names = { 0 };
    stroma_formula_levels *levels = NULL;
    size_t n = 0;
    if (text == NULL) {
        (void)stroma_fail(err, STROMA_E_USAGE, "option --formula is missing");
        stroma_hint(err, "as --formula 'time ~ age + arm' --status dead --event 1");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(left_side(j, text, &names, &text, err));
    const stroma_status parsed = stroma_formula_parse(text, &m->formula, err);
    if (parsed == STROMA_E_USAGE && (strstr(text, "strata(") || strstr(text, "cluster(")))
        stroma_hint(err, "strata and clusters are options: --strata COLUMN, --cluster COLUMN");
    STROMA_TRY(parsed);
    if (m->formula->covariance != NULL)
        return stroma_fail(err, STROMA_E_USAGE, "this model has no covariance term, found %s(…)",
                           m->formula->covariance);
    m->formula->intercept =
        true; /* factors have a reference level; the hazard has its own constant */
    names.time = m->formula->response;
    STROMA_TRY(stat_read_survival(j, &names, &m->in, err));
    STROMA_TRY(stat_formula_levels(j, &levels, &n, err));
    STROMA_TRY(
        stroma_formula_apply(m->formula, j->table, m->in.row, m->in.n, levels, n, &m->data, err));
    return stat_formula_exclusions(j, m->data, err);
}

static void keep_rows(model *m)
{
    stat_survival *s = &m->in;
    const size_t rows = m->data->design.rows;
    for (size_t i = 0, from = 0; i < rows; i++, from++) {
        while (s->row[from] != m->data->table_rows[i])
            from++;
        s->stop[i] = s->stop[from];
        s->event[i] = s->event[from];
        s->row[i] = s->row[from];
        if (s->start != NULL) s->start[i] = s->start[from];
        if (s->stratum != NULL) s->stratum[i] = s->stratum[from];
        if (s->cluster != NULL) s->cluster[i] = s->cluster[from];
    }
    s->n = rows;
    m->design = m->data->design;
    m->design.columns--;
    m->design.x += rows;
    m->design.names++;
    m->cox = (stroma_cox_data){ .times = stat_survival_view(s),
                                .design = &m->design,
                                .cluster = s->cluster,
                                .clusters = s->clusters };
    m->cox.times.group = NULL;
}

static const char *advice(const stroma_cox_model *fit, const char *reason)
{
    return fit->monotone && !fit->options.firth && reason == fit->reason
               ? "the partial likelihood has no maximum: at every event those who fail are at an "
                 "extreme; use --variant firth"
               : reason;
}

static stroma_status put_terms(stat_job *j, model *m, stroma_error *err)
{
    stat_member(&m->members, "coefficients");
    stroma_buffer_putc(&m->members, '[');
    for (size_t c = 0; c < m->fit->columns; c++) {
        const char *name = stroma_arena_strdup(&j->arena, m->design.names[c]);
        if (name == NULL) return stroma_no_memory(err);
        stat_result r = { .stat = m->fit->terms[c], .label = name, .p_adjusted = NAN };
        r.stat.reason = advice(m->fit, r.stat.reason);
        if (c > 0) stroma_buffer_putc(&m->members, ',');
        stat_json_stat(&m->members, name, &r.stat);
        r.stat.variant = "coefficient";
        r.flat_only = true;
        STROMA_TRY(stat_put_result(j, &r, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void test_member(stroma_buffer *b, const char *name, const stroma_stat *s)
{
    stroma_json v;
    stat_member(b, name);
    stroma_json_init(&v, b, 0);
    stroma_json_begin_object(&v);
    stroma_json_put_number(&v, "statistic", s->statistic);
    stroma_json_put_number(&v, "df", s->df);
    stroma_json_put_number(&v, "p", s->p);
    if (s->reason[0] != '\0') stroma_json_put_string(&v, "reason", s->reason);
    stroma_json_end_object(&v);
    stat_member_end(b);
}

static const char *term_name(stat_job *j, const model *m, size_t t)
{
    const char *label = "";
    for (size_t v = 0; label != NULL && v < m->formula->variables_len; v++)
        if (m->formula->terms[t] >> v & 1)
            label = stroma_arena_printf(&j->arena, "%s%s%s", label, label[0] == '\0' ? "" : ":",
                                        m->formula->variables[v].label);
    return label;
}

/* Terms of several columns (factors) as a whole. */
static stroma_status put_joint(stat_job *j, model *m, stroma_error *err)
{
    const size_t p = m->fit->columns;
    size_t *columns = stat_alloc(j, p, sizeof *columns, err);
    bool first = true;
    if (columns == NULL) return STROMA_E_NOMEM;
    stat_member(&m->members, "terms");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t < m->formula->terms_len; t++) {
        size_t n = 0;
        for (size_t c = 0; c < p; c++)
            if (m->data->column_term[c + 1] == t) columns[n++] = c;
        if (n < 2) continue;
        stat_result r = { .label = term_name(j, m, t), .p_adjusted = NAN, .flat_only = true };
        if (r.label == NULL) return stroma_no_memory(err);
        STROMA_TRY(stroma_cox_joint_test(m->fit, columns, n, &r.stat, err));
        if (!first) stroma_buffer_putc(&m->members, ',');
        first = false;
        stat_json_stat(&m->members, r.label, &r.stat);
        if (m->fit->reason[0] == '\0') STROMA_TRY(stat_put_result(j, &r, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Each term, and all of them, against time. */
static stroma_status put_proportional(stat_job *j, model *m, stroma_error *err)
{
    const size_t terms = m->formula->terms_len;
    stroma_stat *s = stat_alloc(j, terms + 1, sizeof *s, err);
    if (s == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_cox_proportional(&m->cox, m->fit, m->clock, m->data->column_term + 1, terms,
                                       s, err));
    stat_member(&m->members, "proportional_hazards");
    stroma_buffer_putc(&m->members, '[');
    for (size_t t = 0; t <= terms; t++) {
        const char *label = t == terms ? "all" : term_name(j, m, t);
        if (label == NULL) return stroma_no_memory(err);
        if (t > 0) stroma_buffer_putc(&m->members, ',');
        stat_json_stat(&m->members, label, &s[t]);
        const stat_result r = {
            .stat = s[t], .label = label, .p_adjusted = NAN, .flat_only = true
        };
        if (m->fit->reason[0] == '\0') STROMA_TRY(stat_put_result(j, &r, err));
    }
    stroma_buffer_putc(&m->members, ']');
    stat_member_end(&m->members);
    return STROMA_OK;
}

/* Predicted survival at the means of the columns. */
static stroma_status put_baseline(model *m, stroma_error *err)
{
    size_t n = 0;
    if (m->fit->reason[0] != '\0') return STROMA_OK;
    STROMA_TRY(
        stroma_cox_survival(&m->cox, m->fit, NULL, STROMA_SURVIVAL_LOG_LOG, &m->steps, &n, err));
    stroma_json v;
    stat_member(&m->members, "survival_at_means");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < n; i++) {
        stroma_json_begin_object(&v);
        if (m->in.stratum != NULL)
            stroma_json_put_int(&v, "stratum", (int64_t)m->steps[i].stratum + 1);
        stroma_json_put_number(&v, "time", m->steps[i].time);
        stroma_json_put_number(&v, "cumulative_hazard", m->steps[i].hazard);
        stroma_json_put_number(&v, "survival", m->steps[i].survival);
        stroma_json_put_number(&v, "lower", m->steps[i].lower);
        stroma_json_put_number(&v, "upper", m->steps[i].upper);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
    return STROMA_OK;
}

static void infinite_member(model *m)
{
    stroma_json v;
    stat_member(&m->members, "infinite");
    stroma_json_init(&v, &m->members, 0);
    stroma_json_begin_array(&v);
    for (size_t c = 0; c < m->fit->columns; c++)
        if (m->fit->infinite[c]) stroma_json_string(&v, m->design.names[c]);
    stroma_json_end_array(&v);
    stat_member_end(&m->members);
}

static stroma_status put_model(stat_job *j, model *m, stroma_error *err)
{
    const stroma_cox_model *fit = m->fit;
    stroma_buffer *b = &m->members;
    STROMA_TRY(put_terms(j, m, err));
    STROMA_TRY(put_joint(j, m, err));
    stat_member_matrix(b, "covariance", fit->covariance, fit->columns);
    if (fit->covariance_robust != NULL)
        stat_member_matrix(b, "covariance_robust", fit->covariance_robust, fit->columns);
    stat_member_number(b, "minus2_log_likelihood", -2 * fit->log_likelihood);
    stat_member_number(b, "minus2_log_likelihood_null", -2 * fit->log_likelihood_null);
    stat_member_number(b, "events", (double)fit->events);
    stat_member_text(b, "event", m->in.event_name);
    stat_member_text(b, "ties", cli_text(j->cli, "ties"));
    stat_member_number(b, "times_merged", (double)fit->merged);
    test_member(b, "wald", &fit->wald);
    test_member(b, "score", &fit->score);
    stat_member(b, "concordance");
    stat_json_stat(b, "C", &fit->concordance);
    stat_member_end(b);
    infinite_member(m);
    if (fit->monotone && !fit->options.firth)
        stat_member_text(b, "hint", "use --variant firth: its estimates exist here too");
    const stat_result c = {
        .stat = fit->concordance, .label = "C", .p_adjusted = NAN, .flat_only = true
    };
    if (fit->reason[0] == '\0') STROMA_TRY(stat_put_result(j, &c, err));
    STROMA_TRY(put_proportional(j, m, err));
    STROMA_TRY(put_baseline(m, err));
    stat_result r = { .stat = fit->likelihood_ratio,
                      .label = cli_text(j->cli, "formula"),
                      .p_adjusted = NAN,
                      .json_only = true };
    r.stat.not_estimable = fit->reason[0] != '\0';
    r.stat.reason = advice(fit, fit->reason[0] != '\0' ? fit->reason : r.stat.reason);
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static stroma_status fill(stat_job *j, model *m, stroma_error *err)
{
    stroma_cox_options o;
    STROMA_TRY(options_of(j, &o, &m->clock, err));
    STROMA_TRY(read_model(j, m, err));
    if (m->data->design.columns < 2)
        return stroma_fail(err, STROMA_E_USAGE, "the formula has nothing on its right side");
    keep_rows(m);
    STROMA_TRY(stroma_cox_fit(&m->cox, &o, &m->fit, err));
    return put_model(j, m, err);
}

stroma_status stat_run_cox(stat_job *j, stroma_error *err)
{
    model m = { 0 };
    stroma_buffer_init(&m.members, STAT_MEMBERS_BYTES_MAX);
    const stroma_status s = fill(j, &m, err);
    model_free(&m);
    return s;
}
