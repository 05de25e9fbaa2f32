/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat mi` and `stroma stat tipping-point`: multiple imputation of repeated measures. */
#include "stat_members.h"
#include "stat_methods.h"
#include "stat_mi_data.h"

#include "stroma/number.h"

#include <math.h>
#include <string.h>

enum { GRID_MAX = 201 };

/* What is freed together, and what every result says. */
typedef struct job {
    mi_data in;
    stroma_imputation_options options;
    stroma_imputation *m;
    double *shift; /* groups × visits */
    stroma_imputation_delta delta;
    const char *variant, *fell_back;
    double *threshold; /* subjects, of --cutoff; NULL: none */
    bool at_least;
} job;

/* ---- options ---- */

static stroma_status parse_structures(const stat_job *j, stroma_imputation_options *o,
                                      stroma_error *err)
{
    const char *p = cli_text(j->cli, "fallback");
    if (!stroma_mmrm_structure_find(cli_text(j->cli, "structure"), &o->structure))
        return stroma_fail(err, STROMA_E_USAGE, "--structure: no covariance structure \"%s\"",
                           cli_text(j->cli, "structure"));
    while (p != NULL && *p != '\0') {
        char name[32];
        const size_t n = strcspn(p, ","), copied = n < sizeof name ? n : sizeof name - 1;
        memcpy(name, p, copied);
        name[copied] = '\0';
        if (o->fallback_len + 1 >= STROMA_MMRM_FALLBACK_MAX ||
            !stroma_mmrm_structure_find(name, &o->fallback[o->fallback_len++]))
            return stroma_fail(err, STROMA_E_USAGE, "--fallback: no covariance structure \"%s\"",
                               name);
        p += n + (p[n] == ',');
    }
    return STROMA_OK;
}

static stroma_status parse_options(stat_job *j, job *w, stroma_error *err)
{
    stroma_imputation_options *o = &w->options;
    *o = (stroma_imputation_options)STROMA_IMPUTATION_OPTIONS_INIT;
    const char *draws = cli_text(j->cli, "imputation");
    (void)stroma_imputation_rule_find(cli_text(j->cli, "strategy"), &o->rule);
    for (int k = STROMA_DRAWS_BAYES; k <= STROMA_DRAWS_CONDITIONAL_MEAN; k++)
        if (strcmp(draws, stroma_imputation_draws_name((stroma_imputation_draws)k)) == 0)
            o->draws = (stroma_imputation_draws)k;
    o->separate = cli_given(j->cli, "separate");
    o->imputations = (size_t)cli_count(j->cli, "imputations", 100);
    o->seed = (uint64_t)cli_count(j->cli, "seed", 1);
    o->threads = cli_threads(j->cli);
    w->variant =
        stroma_arena_printf(&j->arena, "%s, %s", stroma_imputation_rule_name(o->rule), draws);
    return w->variant == NULL ? stroma_no_memory(err) : parse_structures(j, o, err);
}

static stroma_status group_named(const job *w, const char *name, size_t n, size_t *out,
                                 stroma_error *err)
{
    for (*out = 0; *out < w->in.data.groups; ++*out)
        if (strlen(w->in.groups[*out]) == n && strncmp(w->in.groups[*out], name, n) == 0)
            return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "--delta: no group \"%.*s\"", (int)n, name);
}

/* "2" for every arm but the reference, or "drug=2;placebo=0", or a number for each visit,
 * "drug=0,1,2". */
static stroma_status parse_delta(stat_job *j, job *w, stroma_error *err)
{
    const size_t visits = w->in.data.visits, groups = w->in.data.groups;
    const char *p = cli_text(j->cli, "delta");
    w->shift = stat_alloc(j, groups * visits, sizeof *w->shift, err);
    if (w->shift == NULL) return STROMA_E_NOMEM;
    w->delta = (stroma_imputation_delta){ .shift = w->shift,
                                          .cumulative = cli_given(j->cli, "cumulative") };
    while (p != NULL && *p != '\0') {
        const size_t whole = strcspn(p, ";"), key = strcspn(p, "=");
        size_t first = 1, last = groups;
        if (key < whole) {
            STROMA_TRY(group_named(w, p, key, &first, err));
            last = first + 1;
        }
        const char *q = key < whole ? p + key + 1 : p, *end = p + whole;
        double x = 0;
        for (size_t v = 0; v < visits; v++) {
            const size_t len = strcspn(q, ",;");
            if (!stroma_parse_double(q, len, '.', &x)) {
                (void)stroma_fail(err, STROMA_E_USAGE, "--delta: \"%.*s\" is not a number",
                                  (int)len, q);
                stroma_hint(err, "write --delta 2, --delta 'drug=2' or --delta 'drug=0,1,2'");
                return STROMA_E_USAGE;
            }
            for (size_t g = first; g < last; g++)
                w->shift[g * visits + v] = x;
            if (q + len < end) q += len + 1; /* the last number holds for the visits after it */
        }
        p = end + (*end == ';');
    }
    return STROMA_OK;
}

/* "<=-10", ">=5", or in percent of the baseline, "<=-50%". */
static stroma_status parse_response(stat_job *j, job *w, stroma_error *err)
{
    const char *rule = cli_text(j->cli, "cutoff");
    double x = 0;
    if (rule == NULL) return STROMA_OK;
    const size_t n = strlen(rule);
    const bool percent = n > 0 && rule[n - 1] == '%';
    if (n < 3 || (rule[0] != '<' && rule[0] != '>') || rule[1] != '=' ||
        !stroma_parse_double(rule + 2, n - 2 - percent, '.', &x)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--cutoff \"%s\" is no rule of response", rule);
        stroma_hint(err, "write --cutoff '<=-10', or --cutoff '<=-50%%' of --baseline");
        return STROMA_E_USAGE;
    }
    if (percent && w->in.baseline == NULL)
        return stroma_fail(err, STROMA_E_USAGE, "--cutoff in percent needs --baseline");
    w->at_least = rule[0] == '>';
    w->threshold = stat_alloc(j, w->in.data.subjects, sizeof *w->threshold, err);
    if (w->threshold == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < w->in.data.subjects; i++)
        w->threshold[i] = percent ? x / 100 * w->in.baseline[i] : x;
    return STROMA_OK;
}

/* ---- results ---- */

static stroma_status put(stat_job *j, const job *w, const stroma_imputation_estimate *e,
                         const char *label, stroma_error *err)
{
    stroma_buffer b;
    stat_result r = { .stat = e->stat, .label = label, .p_adjusted = NAN };
    if (label == NULL) return stroma_no_memory(err);
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_text(&b, "strategy", stroma_imputation_rule_name(w->options.rule));
    stat_member_text(&b, "intercurrent_events", w->in.strategy);
    stat_member_text(&b, "draws", stroma_imputation_draws_name(w->m->draws));
    stat_member_text(&b, "covariance_structure", stroma_mmrm_structure_name(w->m->structure));
    stat_member_number(&b, "imputations", (double)w->m->sets);
    stat_member_number(&b, "imputed_values", (double)w->m->imputed);
    stat_member_number(&b, "failed_resamples", (double)w->m->failed);
    stat_member_number(&b, "variance_within", e->within);
    stat_member_number(&b, "variance_between", e->between);
    stat_member_number(&b, "missing_information", e->missing_information);
    stat_member_number(&b, "seed", (double)w->options.seed);
    r.stat.method = "multiple_imputation";
    r.stat.variant = w->variant;
    if (w->fell_back != NULL && r.stat.reason[0] == '\0') r.stat.reason = w->fell_back;
    const stroma_status s = stat_members_keep(j, &b, &r.members, err);
    stroma_buffer_clear(&b);
    return s == STROMA_OK ? stat_put_result(j, &r, err) : s;
}

/* "arm: drug - placebo, visit: 7" */
static const char *label_of(stat_job *j, const job *w, size_t visit, size_t group, bool difference)
{
    const mi_data *in = &w->in;
    return difference ? stroma_arena_printf(&j->arena, "%s: %s - %s, %s: %s", in->group_name,
                                            in->groups[group], in->groups[0], in->visit_name,
                                            in->visits[visit])
                      : stroma_arena_printf(&j->arena, "%s: %s, %s: %s", in->group_name,
                                            in->groups[group], in->visit_name, in->visits[visit]);
}

static stroma_status put_visit(stat_job *j, const job *w, size_t visit, stroma_error *err)
{
    const size_t g = w->in.data.groups;
    stroma_imputation_estimate *e = stat_alloc(j, 2 * g, sizeof *e, err);
    bool *nonresponse = stat_alloc(j, w->in.data.subjects, sizeof *nonresponse, err);
    if (e == NULL || nonresponse == NULL) return STROMA_E_NOMEM;
    if (w->threshold == NULL) {
        STROMA_TRY(stroma_imputation_analyse(w->m, visit, &w->delta, j->level, e, e + g, err));
    } else {
        const stroma_imputation_response r = { w->threshold, w->at_least, nonresponse };
        for (size_t i = 0; w->in.nonresponse != NULL && i < w->in.data.subjects; i++)
            nonresponse[i] = w->in.nonresponse[i * w->in.data.visits + visit];
        STROMA_TRY(stroma_imputation_respond(w->m, visit, &w->delta, &r, j->level, e, e + g, err));
    }
    for (size_t k = 0; k < g; k++)
        STROMA_TRY(put(j, w, &e[k], label_of(j, w, visit, k, false), err));
    for (size_t k = 1; k < g; k++)
        STROMA_TRY(put(j, w, &e[g + k], label_of(j, w, visit, k, true), err));
    return STROMA_OK;
}

/* "covariance cs: us could not be estimated" */
static stroma_status note_fallback(stat_job *j, job *w, stroma_error *err)
{
    const char *failed = "";
    for (size_t i = 0; failed != NULL && i < w->m->attempts_len; i++)
        failed = stroma_arena_printf(&j->arena, "%s%s%s", failed, i == 0 ? "" : ", ",
                                     stroma_mmrm_structure_name(w->m->attempts[i].structure));
    if (failed != NULL && w->m->attempts_len > 0)
        failed = w->fell_back =
            stroma_arena_printf(&j->arena, "covariance %s: %s could not be estimated",
                                stroma_mmrm_structure_name(w->m->structure), failed);
    return failed == NULL ? stroma_no_memory(err) : STROMA_OK;
}

/* How events were dealt with stands before how gaps were filled: the one is the question. */
static stroma_status name_strategy(stat_job *j, job *w, stroma_error *err)
{
    if (w->in.strategy == NULL) return STROMA_OK;
    w->variant = stroma_arena_printf(&j->arena, "%s; %s", w->in.strategy, w->variant);
    return w->variant == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static stroma_status prepare(stat_job *j, job *w, stroma_error *err)
{
    STROMA_TRY(parse_options(j, w, err));
    STROMA_TRY(mi_read(j, &w->in, err));
    STROMA_TRY(name_strategy(j, w, err));
    STROMA_TRY(parse_delta(j, w, err));
    STROMA_TRY(parse_response(j, w, err));
    if (w->in.strategy != NULL && w->threshold == NULL &&
        w->in.strategy == stroma_strategy_label(STROMA_STRATEGY_COMPOSITE)) {
        (void)stroma_fail(err, STROMA_E_USAGE, "the composite strategy is for a response");
        stroma_hint(err, "say what a response is: --cutoff '<=-10'");
        return STROMA_E_USAGE;
    }
    STROMA_TRY(stroma_imputation_run(&w->in.data, &w->options, &w->m, err));
    return note_fallback(j, w, err);
}

stroma_status stat_run_mi(stat_job *j, stroma_error *err)
{
    job w = { .m = NULL };
    stroma_status s = prepare(j, &w, err);
    for (size_t v = 0; s == STROMA_OK && v < w.in.data.visits; v++)
        s = put_visit(j, &w, v, err);
    stroma_imputation_free(w.m);
    return s;
}

/* ---- tipping point ---- */

typedef struct grid {
    double at[GRID_MAX];
    size_t n;
} grid;

/* "LOW:HIGH:STEP", or zero alone. */
static stroma_status parse_grid(const stat_job *j, const char *option, grid *out, stroma_error *err)
{
    const char *p = cli_text(j->cli, option);
    double x[3] = { 0, 0, 1 };
    *out = (grid){ .n = 1 };
    if (p == NULL) return STROMA_OK;
    bool good = true;
    for (int k = 0; good && k < 3; k++) {
        const size_t n = strcspn(p, ":");
        good = stroma_parse_double(p, n, '.', &x[k]) && (p[n] == ':') == (k < 2);
        p += n + (p[n] == ':');
    }
    const double steps = (x[1] - x[0]) / x[2];
    if (!good || !(steps >= 0) || steps > GRID_MAX - 1) {
        (void)stroma_fail(err, STROMA_E_USAGE, "--%s \"%s\" is no grid", option,
                          cli_text(j->cli, option));
        stroma_hint(err, "write --%s 0:10:1, up to %d steps", option, GRID_MAX - 1);
        return STROMA_E_USAGE;
    }
    out->n = (size_t)floor(steps + 1e-9) + 1;
    for (size_t i = 0; i < out->n; i++)
        out->at[i] = x[0] + (double)i * x[2];
    return STROMA_OK;
}

static stroma_status find_visit(const stat_job *j, const job *w, size_t *out, stroma_error *err)
{
    const char *name = cli_text(j->cli, "at");
    *out = w->in.data.visits - 1;
    for (size_t v = 0; name != NULL && v < w->in.data.visits; v++)
        if (strcmp(w->in.visits[v], name) == 0) {
            *out = v;
            return STROMA_OK;
        }
    return name == NULL ? STROMA_OK
                        : stroma_fail(err, STROMA_E_USAGE, "--at: no visit \"%s\"", name);
}

/* One point of the grid: every arm but the reference shifted by a, the reference by b. */
static stroma_status put_point(stat_job *j, const job *w, size_t visit, double a, double b,
                               stroma_error *err)
{
    const size_t g = w->in.data.groups, m = w->in.data.visits;
    stroma_imputation_estimate *e = stat_alloc(j, g, sizeof *e, err);
    if (e == NULL) return STROMA_E_NOMEM;
    for (size_t k = 0; k < g; k++)
        for (size_t v = 0; v < m; v++)
            w->shift[k * m + v] = k == 0 ? b : a;
    STROMA_TRY(stroma_imputation_analyse(w->m, visit, &w->delta, j->level, NULL, e, err));
    for (size_t k = 1; k < g; k++) {
        const char *label = label_of(j, w, visit, k, true);
        if (label != NULL)
            label = stroma_arena_printf(&j->arena, "%s, shift %.10g and %.10g", label, a, b);
        STROMA_TRY(put(j, w, &e[k], label, err));
    }
    return STROMA_OK;
}

static stroma_status put_tip(stat_job *j, const job *w, size_t visit, size_t group,
                             stroma_error *err)
{
    stroma_tipping_point t;
    double *direction = stat_alloc(j, w->in.data.groups, sizeof *direction, err);
    if (direction == NULL) return STROMA_E_NOMEM;
    for (size_t k = 1; k < w->in.data.groups; k++)
        direction[k] = 1;
    const stroma_tipping_options o = { .version = 1,
                                       .visit = visit,
                                       .group = group,
                                       .alpha = 1 - j->level,
                                       .direction = direction,
                                       .cumulative = w->delta.cumulative,
                                       .limit = cli_number(j->cli, "limit", 0) };
    STROMA_TRY(stroma_imputation_tip(w->m, &o, &t, err));
    t.at_delta.stat.effect_name = "tipping delta";
    t.at_delta.stat.effect = t.delta;
    if (!t.found) t.at_delta.stat.reason = t.reason;
    const char *label = label_of(j, w, visit, group, true);
    if (label != NULL)
        label = t.found ? stroma_arena_printf(&j->arena, "%s, tips", label)
                        : stroma_arena_printf(&j->arena, "%s, at the limit", label);
    return put(j, w, &t.at_delta, label, err);
}

static stroma_status tip(stat_job *j, job *w, stroma_error *err)
{
    grid shifted, reference;
    size_t visit = 0;
    STROMA_TRY(parse_grid(j, "grid", &shifted, err));
    STROMA_TRY(parse_grid(j, "grid-reference", &reference, err));
    if (cli_given(j->cli, "cutoff") || cli_given(j->cli, "delta"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "a tipping point is of the value: no --cutoff, and --grid for --delta");
    STROMA_TRY(prepare(j, w, err));
    STROMA_TRY(find_visit(j, w, &visit, err));
    for (size_t b = 0; b < reference.n; b++)
        for (size_t a = 0; a < shifted.n; a++)
            STROMA_TRY(put_point(j, w, visit, shifted.at[a], reference.at[b], err));
    for (size_t k = 1; cli_given(j->cli, "limit") && k < w->in.data.groups; k++)
        STROMA_TRY(put_tip(j, w, visit, k, err));
    return STROMA_OK;
}

stroma_status stat_run_tipping_point(stat_job *j, stroma_error *err)
{
    job w = { .m = NULL };
    const stroma_status s = tip(j, &w, err);
    stroma_imputation_free(w.m);
    return s;
}
