/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat repeatability`, `icc`, `rcv`: how well one measurement repeats itself. */
#include "stat_members.h"
#include "stat_methods.h"

#include "stroma/stats_reliability.h"

#include <math.h>
#include <string.h>

/* --value and --subject; @param name that of the values */
static stroma_status read_replicates(stat_job *j, stroma_replicates *r, const char **name,
                                     stroma_error *err)
{
    size_t value = 0, subject = 0;
    const char **names = NULL;
    *r = (stroma_replicates){ 0 };
    STROMA_TRY(stat_column(j, "value", &value, err));
    STROMA_TRY(stat_column(j, "subject", &subject, err));
    STROMA_TRY(stat_levels(j, subject, false, &names, &r->subjects, err));
    *name = j->table->columns[value].name;
    double *values = stat_alloc(j, j->rows_len, sizeof *values, err);
    size_t *codes = stat_alloc(j, j->rows_len, sizeof *codes, err);
    if (values == NULL || codes == NULL) return STROMA_E_NOMEM;
    r->value = values;
    r->subject = codes;
    for (size_t i = 0; i < j->rows_len; i++) {
        size_t code = 0;
        if (!stat_code(j, subject, j->rows[i], names, r->subjects, &code)) continue;
        if (stat_number(j, value, j->rows[i], &values[r->n])) codes[r->n++] = code;
    }
    return STROMA_OK;
}

stroma_status stat_run_repeatability(stat_job *j, stroma_error *err)
{
    stroma_replicates x;
    stroma_repeatability r;
    const char *name = NULL;
    const stroma_repeatability_options o = { stat_agreement_scale(j), 0.95, j->level };
    STROMA_TRY(read_replicates(j, &x, &name, err));
    STROMA_TRY(stroma_repeatability_fit(&x, &o, &r, err));
    const stroma_stat *parts[] = { &r.within_sd, &r.coefficient, &r.cv, &r.sd_with_mean };
    for (size_t i = 0; i < 4; i++) {
        if (i == 2 && o.scale == STROMA_SCALE_NATURAL) continue;
        stroma_buffer b;
        stroma_buffer_init(&b, STAT_MEMBERS_BYTES_MAX);
        if (i == 0) {
            stat_member_number(&b, "between_sd", r.between_sd);
            stat_member_number(&b, "subjects", (double)r.subjects);
            stat_member_number(&b, "subjects_with_one_reading", (double)r.single);
        }
        stat_result out = { .stat = *parts[i],
                            .label = stroma_arena_printf(&j->arena, "%s: %s", name,
                                                         parts[i]->estimate_name),
                            .p_adjusted = NAN };
        stroma_status s = stat_members_keep(j, &b, &out.members, err);
        stroma_buffer_clear(&b);
        if (s == STROMA_OK && out.label == NULL) s = stroma_no_memory(err);
        if (s == STROMA_OK) s = stat_put_result(j, &out, err);
        STROMA_TRY(s);
    }
    return STROMA_OK;
}

stroma_status stat_run_icc(stat_job *j, stroma_error *err)
{
    double *cells = NULL;
    size_t subjects = 0, raters = 0;
    const char **names = NULL;
    stroma_stat s[STROMA_ICC_FORMS];
    STROMA_TRY(stat_read_blocks(j, &cells, &subjects, &raters, &names, err));
    STROMA_TRY(stroma_icc(cells, subjects, raters, j->level, s, err));
    for (size_t f = 0; f < STROMA_ICC_FORMS; f++)
        STROMA_TRY(stat_put(j, &s[f], cli_text(j->cli, "value"), err));
    return STROMA_OK;
}

/* Percentages are for people: fractions here, as everywhere. */
typedef struct rcv_source {
    const char *label; /* of the data, or NULL */
    size_t n;
} rcv_source;

static stroma_status put_change(stat_job *j, const char *name, const rcv_source *from,
                                double estimate, double lower, double upper, stroma_error *err)
{
    stroma_stat s = stroma_stat_empty("rcv");
    s.variant = name;
    s.n_used = from->n;
    s.estimate_name = "change, fraction";
    s.estimate = estimate;
    s.level = j->level;
    if (!isnan(lower)) s.interval_method = "chi-squared";
    s.lower = lower;
    s.upper = upper;
    return stat_put(j, &s, from->label, err);
}

static stroma_status rcv_of_data(stat_job *j, stroma_rcv_sides sides, rcv_source *from,
                                 stroma_rcv *out, stroma_error *err)
{
    stroma_replicates x;
    stroma_repeatability r;
    const stroma_repeatability_options o = { STROMA_SCALE_LOG, 0.95, j->level };
    STROMA_TRY(read_replicates(j, &x, &from->label, err));
    STROMA_TRY(stroma_repeatability_fit(&x, &o, &r, err));
    from->n = x.n;
    if (r.within_sd.not_estimable)
        return stroma_fail(err, STROMA_E_DEGENERATE, "no within-subject variation of \"%s\": %s",
                           from->label, r.within_sd.reason);
    return stroma_rcv_of_log_sd(r.within_sd.estimate, r.within_sd.df, sides, 0.95, j->level, out,
                                err);
}

stroma_status stat_run_rcv(stat_job *j, stroma_error *err)
{
    stroma_rcv r = { 0 };
    rcv_source from = { NULL, 0 };
    const stroma_rcv_sides sides =
        j->alternative == STROMA_TWO_SIDED ? STROMA_RCV_TWO_SIDED : STROMA_RCV_ONE_SIDED;
    if (cli_given(j->cli, "cv-within"))
        STROMA_TRY(stroma_rcv_of_cv(cli_number(j->cli, "cv-analytical", 0),
                                    cli_number(j->cli, "cv-within", 0), sides, 0.95, &r, err));
    else
        STROMA_TRY(rcv_of_data(j, sides, &from, &r, err));
    STROMA_TRY(put_change(j, "total CV", &from, r.cv_total, NAN, NAN, err));
    STROMA_TRY(put_change(j, "symmetric", &from, r.symmetric, NAN, NAN, err));
    if (j->alternative != STROMA_LESS)
        STROMA_TRY(
            put_change(j, "log-normal, rise", &from, r.rise, r.rise_lower, r.rise_upper, err));
    if (j->alternative != STROMA_GREATER)
        STROMA_TRY(
            put_change(j, "log-normal, fall", &from, r.fall, r.fall_lower, r.fall_upper, err));
    return STROMA_OK;
}
