/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat survival` and `cumulative-incidence`: curves of groups, and whether they differ. */
#include "stat_survival_data.h"

#include <math.h>
#include <string.h>

static const char *group_name(const stat_survival *s, size_t g)
{
    return s->group_names == NULL ? "all" : s->group_names[g];
}

/* A result with the members that @p b holds. */
static stroma_status put_with(stat_job *j, const stroma_stat *s, const char *label,
                              stroma_buffer *b, stroma_error *err)
{
    stat_result r = { .stat = *s, .label = label, .p_adjusted = NAN };
    if (label == NULL) return stroma_no_memory(err);
    STROMA_TRY(stat_members_keep(j, b, &r.members, err));
    return stat_put_result(j, &r, err);
}

static void curve_member(const stroma_survival_curve *c, stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < c->steps_len; i++) {
        const stroma_survival_step *s = &c->steps[i];
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "time", s->time);
        stroma_json_put_int(&v, "at_risk", (int64_t)s->at_risk);
        stroma_json_put_int(&v, "events", (int64_t)s->events);
        stroma_json_put_int(&v, "censored", (int64_t)s->censored);
        stroma_json_put_number(&v, "survival", s->survival);
        stroma_json_put_number(&v, "se", s->se);
        stroma_json_put_number(&v, "lower", s->lower);
        stroma_json_put_number(&v, "upper", s->upper);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

static stroma_status put_median(stat_job *j, const stat_survival *in,
                                const stroma_survival_curves *all, size_t g, stroma_error *err)
{
    const stroma_survival_curve *c = &all->curves[g];
    const stroma_stat s = stroma_survival_quantile(c, 0.5);
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_text(&b, "group", group_name(in, g));
    stat_member_text(&b, "event", in->event_name);
    stat_member_number(&b, "events", (double)c->events);
    stat_member_number(&b, "times_merged", (double)all->merged);
    stat_member_number(&b, "last_time", c->last);
    curve_member(c, &b);
    const stroma_status status =
        put_with(j, &s, stroma_arena_printf(&j->arena, "%s: median", group_name(in, g)), &b, err);
    stroma_buffer_clear(&b);
    return status;
}

static stroma_status put_at(stat_job *j, const stat_survival *in, const stroma_survival_curve *c,
                            size_t g, double time, stroma_error *err)
{
    const stroma_stat s = stroma_survival_at(c, time);
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_text(&b, "group", group_name(in, g));
    stat_member_number(&b, "time", time);
    stat_member_number(&b, "at_risk", (double)stroma_survival_at_risk(c, time));
    const stroma_status status = put_with(
        j, &s, stroma_arena_printf(&j->arena, "%s: at %g", group_name(in, g), time), &b, err);
    stroma_buffer_clear(&b);
    return status;
}

/* Survival at --times, and restricted means to --horizon, of one group. */
static stroma_status put_points(stat_job *j, const stat_survival *in,
                                const stroma_survival_curves *all, size_t g, stroma_error *err)
{
    double *times = NULL;
    size_t n = 0;
    STROMA_TRY(stat_numbers(j, "times", &times, &n, err));
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(put_at(j, in, &all->curves[g], g, times[i], err));
    if (!cli_given(j->cli, "horizon")) return STROMA_OK;
    const double horizon = cli_number(j->cli, "horizon", 0);
    stroma_stat s = stroma_survival_mean(&all->curves[g], horizon);
    STROMA_TRY(stat_put(
        j, &s, stroma_arena_printf(&j->arena, "%s: mean to %g", group_name(in, g), horizon), err));
    if (g == 0) return STROMA_OK;
    s = stroma_survival_mean_difference(&all->curves[g], &all->curves[0], horizon);
    return stat_put(j, &s,
                    stroma_arena_printf(&j->arena, "%s - %s: mean to %g", group_name(in, g),
                                        group_name(in, 0), horizon),
                    err);
}

static void groups_member(const stat_survival *in, const double *observed, const double *expected,
                          stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "groups");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t g = 0; g < in->groups; g++) {
        stroma_json_begin_object(&v);
        stroma_json_put_string(&v, "group", group_name(in, g));
        stroma_json_put_number(&v, "observed", observed[g]);
        stroma_json_put_number(&v, "expected", expected[g]);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

static stroma_status put_test(stat_job *j, const stat_survival *in, const stroma_survival_data *d,
                              double rho, stroma_error *err)
{
    stroma_stat s;
    double *counts = stat_alloc(j, 2 * in->groups, sizeof *counts, err);
    if (counts == NULL) return STROMA_E_NOMEM;
    STROMA_TRY(stroma_survival_test(d, rho, counts, counts + in->groups, &s, err));
    stroma_buffer b;
    stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
    stat_member_number(&b, "rho", rho);
    groups_member(in, counts, counts + in->groups, &b);
    const stroma_status status = put_with(j, &s, cli_text(j->cli, "group"), &b, err);
    stroma_buffer_clear(&b);
    return status;
}

/* How long subjects were followed: Kaplan-Meier of being censored (Schemper & Smith 1996 Control
 * Clin Trials 17:343). Whoever had the event might have been followed longer. */
static stroma_status follow_up(stat_job *j, const stat_survival *in,
                               const stroma_survival_options *o, stroma_survival_curves **out,
                               stroma_error *err)
{
    stroma_survival_data d = stat_survival_view(in);
    uint32_t *seen = stat_alloc(j, in->n, sizeof *seen, err);
    if (seen == NULL) return STROMA_E_NOMEM;
    for (size_t i = 0; i < in->n; i++)
        seen[i] = in->event[i] == 0;
    d.event = seen;
    return stroma_survival_curves_fit(&d, o, out, err);
}

static stroma_status put_follow_up(stat_job *j, const stat_survival *in,
                                   const stroma_survival_curve *c, size_t g, stroma_error *err)
{
    stroma_stat s = stroma_survival_quantile(c, 0.5);
    s.method = "follow_up";
    s.estimate_name = "median follow-up";
    if (s.not_estimable) s.reason = "fewer than half were censored late enough to tell";
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s: follow-up", group_name(in, g)), err);
}

static stroma_status put_curves(stat_job *j, const stat_survival *in,
                                const stroma_survival_curves *all,
                                const stroma_survival_curves *seen, stroma_error *err)
{
    for (size_t g = 0; g < all->curves_len; g++) {
        STROMA_TRY(put_median(j, in, all, g, err));
        STROMA_TRY(put_follow_up(j, in, &seen->curves[g], g, err));
        STROMA_TRY(put_points(j, in, all, g, err));
    }
    return STROMA_OK;
}

stroma_status stat_run_survival(stat_job *j, stroma_error *err)
{
    const stat_survival_names names = { 0 };
    stat_survival in;
    stroma_survival_options o = { .level = j->level };
    stroma_survival_curves *all = NULL, *seen = NULL;
    STROMA_TRY(stat_survival_scale(j, &o.scale, err));
    STROMA_TRY(stat_read_survival(j, &names, &in, err));
    const stroma_survival_data d = stat_survival_view(&in);
    STROMA_TRY(stroma_survival_curves_fit(&d, &o, &all, err));
    stroma_status s = follow_up(j, &in, &o, &seen, err);
    if (s == STROMA_OK) s = put_curves(j, &in, all, seen, err);
    stroma_survival_curves_free(seen);
    stroma_survival_curves_free(all);
    STROMA_TRY(s);
    if (in.groups < 2) return STROMA_OK;
    STROMA_TRY(put_test(j, &in, &d, 0, err));
    STROMA_TRY(put_test(j, &in, &d, 1, err));
    const double rho = cli_number(j->cli, "rho", 0);
    return rho == 0 || rho == 1 ? STROMA_OK : put_test(j, &in, &d, rho, err);
}

static void incidence_member(const stroma_incidence_curve *c, stroma_buffer *b)
{
    stroma_json v;
    stat_member(b, "curve");
    stroma_json_init(&v, b, 0);
    stroma_json_begin_array(&v);
    for (size_t i = 0; i < c->steps_len; i++) {
        const stroma_incidence_step *s = &c->steps[i];
        stroma_json_begin_object(&v);
        stroma_json_put_number(&v, "time", s->time);
        stroma_json_put_int(&v, "at_risk", (int64_t)s->at_risk);
        stroma_json_put_int(&v, "events", (int64_t)s->events);
        stroma_json_put_int(&v, "competing", (int64_t)s->competing);
        stroma_json_put_int(&v, "censored", (int64_t)s->censored);
        stroma_json_put_number(&v, "incidence", s->incidence);
        stroma_json_put_number(&v, "se", s->se);
        stroma_json_put_number(&v, "lower", s->lower);
        stroma_json_put_number(&v, "upper", s->upper);
        stroma_json_put_number(&v, "event_free", s->event_free);
        stroma_json_end_object(&v);
    }
    stroma_json_end_array(&v);
    stat_member_end(b);
}

/* At --times, or at the last time seen. */
static stroma_status put_incidence(stat_job *j, const stat_survival *in,
                                   const stroma_incidence_curves *all, size_t g, stroma_error *err)
{
    const stroma_incidence_curve *c = &all->curves[g];
    double *times = NULL;
    size_t n = 0;
    STROMA_TRY(stat_numbers(j, "times", &times, &n, err));
    if (n == 0) times[n++] = isnan(c->last) ? 0 : c->last;
    for (size_t i = 0; i < n; i++) {
        const stroma_stat s = stroma_incidence_at(c, times[i]);
        stroma_buffer b;
        stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
        stat_member_text(&b, "group", group_name(in, g));
        stat_member_number(&b, "time", times[i]);
        if (i == 0) {
            stat_member_text(&b, "event", in->event_name);
            stat_member_number(&b, "events", (double)c->events);
            stat_member_number(&b, "competing_events", (double)c->competing);
            incidence_member(c, &b);
        }
        const stroma_status status =
            put_with(j, &s,
                     stroma_arena_printf(&j->arena, "%s: %s by %g", group_name(in, g),
                                         in->event_name, times[i]),
                     &b, err);
        stroma_buffer_clear(&b);
        STROMA_TRY(status);
    }
    return STROMA_OK;
}

stroma_status stat_run_cumulative_incidence(stat_job *j, stroma_error *err)
{
    const stat_survival_names names = { .causes = true };
    stat_survival in;
    stroma_survival_options o = { .level = j->level };
    stroma_incidence_curves *all = NULL;
    STROMA_TRY(stat_survival_scale(j, &o.scale, err));
    STROMA_TRY(stat_read_survival(j, &names, &in, err));
    const stroma_survival_data d = stat_survival_view(&in);
    STROMA_TRY(stroma_incidence_fit(&d, 1, &o, &all, err));
    stroma_status s = STROMA_OK;
    for (size_t g = 0; s == STROMA_OK && g < all->curves_len; g++)
        s = put_incidence(j, &in, all, g, err);
    stroma_incidence_free(all);
    STROMA_TRY(s);
    if (in.groups < 2 || in.start != NULL) return STROMA_OK;
    stroma_stat test;
    STROMA_TRY(stroma_incidence_test(&d, 1, &test, err));
    return stat_put(j, &test, cli_text(j->cli, "group"), err);
}
