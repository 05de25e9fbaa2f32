/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Patients' values, one object a patient instead of one a value: a report has tens of thousands. */
#include "figure_parts.h"

#include <math.h>
#include <string.h>

static void put_states(stroma_json *j, const fig_wide *w)
{
    size_t last = w->visits->n;
    while (last > 0 && w->state[last - 1] == NULL)
        last--;
    if (last == 0) return;
    stroma_json_key(j, "state");
    stroma_json_begin_array(j);
    for (size_t v = 0; v < last; v++) {
        if (w->state[v] == NULL)
            stroma_json_null(j);
        else
            stroma_json_string(j, w->state[v]);
    }
    stroma_json_end_array(j);
}

static void flush(fig_wide *w)
{
    if (!w->open) return;
    stroma_json *j = w->j;
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "subject", w->subject);
    stroma_json_put_string(j, "group", w->group);
    if (isfinite(w->shift)) stroma_json_put_number(j, "shift", w->shift);
    stroma_json_key(j, "value");
    stroma_json_begin_array(j);
    for (size_t v = 0; v < w->visits->n; v++) {
        if (isnan(w->value[v]))
            stroma_json_null(j);
        else
            stroma_json_number(j, w->value[v]);
    }
    stroma_json_end_array(j);
    put_states(j, w);
    stroma_json_end_object(j);
    w->open = false;
}

static void start(fig_wide *w, const char *subject, const char *group, double shift)
{
    w->subject = subject;
    w->group = group;
    w->shift = shift;
    w->open = true;
    for (size_t v = 0; v < w->visits->n; v++) {
        w->value[v] = NAN;
        w->state[v] = NULL;
    }
}

stroma_status fig_wide_begin(fig_wide *w, report_db *db, stroma_json *j, const fig_visits *visits,
                             stroma_error *err)
{
    if (visits->n == 0 || visits->n > FIG_VISITS_MAX)
        return stroma_fail(err, STROMA_E_INCONSISTENT, "%zu visits, a figure has 1 to %d",
                           visits->n, (int)FIG_VISITS_MAX);
    w->db = db;
    w->j = j;
    w->visits = visits;
    w->open = w->any_state = w->any_shift = false;
    stroma_json_begin_array(j);
    return STROMA_OK;
}

stroma_status fig_wide_add(fig_wide *w, const fig_wide_value *x, stroma_error *err)
{
    const bool same = w->open && strcmp(w->subject, x->subject) == 0 &&
                      strcmp(w->group, x->group) == 0 && isnan(w->value[x->visit]);
    if (!same) {
        const char *subject = NULL;
        flush(w);
        STROMA_TRY(fig_keep(w->db, x->subject, &subject, err));
        start(w, subject, x->group, x->shift);
    }
    w->value[x->visit] = x->value;
    if (isfinite(x->shift)) w->any_shift = true;
    if (strcmp(x->state, "present") != 0) {
        w->state[x->visit] = fig_state_words(x->state);
        w->any_state = true;
    }
    return STROMA_OK;
}

void fig_wide_end(fig_wide *w)
{
    flush(w);
    stroma_json_end_array(w->j);
}

static void calculate(stroma_json *j, const char *expression, const char *as)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "calculate", expression);
    stroma_json_put_string(j, "as", as);
    stroma_json_end_object(j);
}

void fig_wide_transform(const fig_wide *w, const char *as, const double *at)
{
    stroma_json *j = w->j;
    stroma_buffer ids, places;
    stroma_json inner;
    stroma_buffer_init(&ids, 1 << 16);
    stroma_buffer_init(&places, 1 << 16);
    stroma_json_init(&inner, &ids, 0);
    stroma_json_begin_array(&inner);
    for (size_t v = 0; v < w->visits->n; v++)
        stroma_json_string(&inner, w->visits->at[v].id);
    stroma_json_end_array(&inner);
    stroma_json_init(&inner, &places, 0);
    stroma_json_begin_array(&inner);
    for (size_t v = 0; v < w->visits->n; v++)
        stroma_json_number(&inner, at[v]);
    stroma_json_end_array(&inner);
    const stroma_status s = ids.status != STROMA_OK ? ids.status : places.status;
    if (s != STROMA_OK && j->out->status == STROMA_OK) j->out->status = s;

    stroma_json_key(j, "transform");
    stroma_json_begin_array(j);
    calculate(j, ids.data == NULL ? "[]" : ids.data, "visit");
    calculate(j, places.data == NULL ? "[]" : places.data, as);
    if (w->any_state) calculate(j, "datum.state || []", "state");
    stroma_json_begin_object(j);
    stroma_json_key(j, "flatten");
    stroma_json_begin_array(j);
    stroma_json_string(j, "visit");
    stroma_json_string(j, as);
    stroma_json_string(j, "value");
    if (w->any_state) stroma_json_string(j, "state");
    stroma_json_end_array(j);
    stroma_json_end_object(j);
    fig_lit(j, NULL, "{'filter':'isValid(datum.value)'}");
    if (w->any_shift) {
        char sum[64];
        (void)snprintf(sum, sizeof sum, "datum.%.40s + datum.shift", as);
        calculate(j, sum, "place");
    }
    stroma_json_end_array(j);
    stroma_buffer_clear(&ids);
    stroma_buffer_clear(&places);
}
