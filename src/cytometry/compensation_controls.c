/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single-stain controls to a matrix. The way of flowCore's spillover(), but that medians are taken
 * of the positive events unless all are asked for, that differences below 0 stay, and that the
 * scatter gate is an ellipse along the axes by medians, not a fitted normal distribution. */
#include "compensation_private.h"
#include "compensation_tube.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A matrix on its way. */
typedef struct work {
    const stroma_control *controls;
    size_t n;
    const stroma_fcs_dataset *unstained;
    stroma_control_options opts;
    stroma_arena *arena;
    stroma_diag *diag;
    const char **detector; /* m of the matrix */
    size_t m;
    compensation_tube blank; /* the unstained one, where there is one */
    double *blank_median;    /* m */
    double *matrix;          /* n × m */
    stroma_control_quality *quality;
} work;

/* The control at hand. */
typedef struct control_state {
    const stroma_control *control;
    compensation_tube tube;
    bool *positive; /* kept of them */
    double *own;    /* its own detector */
    stroma_control_quality *q;
} control_state;

static void find(const work *w, const char *code, const stroma_control *c, const char *text)
{
    stroma_diag_add(w->diag, &(stroma_finding){ .code = code,
                                                .severity = STROMA_WARNING,
                                                .file = c->file,
                                                .column = c->detector,
                                                .message = text });
}

static stroma_status channel(const stroma_fcs_dataset *d, const char *file, const char *name,
                             size_t *out, stroma_error *err)
{
    stroma_event_column c;
    const stroma_status s = stroma_column_find(d, NULL, name, &c, err);
    *out = c.index;
    return s == STROMA_OK ? s : stroma_in(err, s, "control \"%s\"", file);
}

/* "-A", "-H" or "-W" at the end of a name, else "". */
static const char *kind_of(const char *name)
{
    const size_t n = strlen(name);
    return n > 2 && name[n - 2] == '-' ? name + n - 2 : "";
}

static bool is_scatter_or_time(const stroma_fcs_parameter *p)
{
    static const char *const begins[] = { "FSC", "SSC", "FS", "SS", "Time", "Width", "Event" };
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (strncasecmp(p->name, begins[i], strlen(begins[i])) == 0) return true;
    return p->is_time;
}

/* The columns of the matrix. */
static stroma_status choose_detectors(work *w, stroma_error *err)
{
    const stroma_fcs_dataset *d = w->controls[0].d;
    const size_t most = w->opts.all_detectors ? d->parameters_len : w->n;
    w->detector = stroma_arena_alloc(w->arena, most, sizeof *w->detector);
    if (w->detector == NULL) return stroma_no_memory(err);
    const char *kind = "";
    for (size_t i = 0; i < w->n; i++) {
        size_t p;
        STROMA_TRY(
            channel(w->controls[i].d, w->controls[i].file, w->controls[i].detector, &p, err));
        if (i == 0) kind = kind_of(d->parameters[p].name);
        if (!w->opts.all_detectors) w->detector[w->m++] = w->controls[i].d->parameters[p].name;
    }
    if (!w->opts.all_detectors) return STROMA_OK;
    for (size_t i = 0; i < d->parameters_len; i++)
        if (!is_scatter_or_time(&d->parameters[i]) &&
            strcasecmp(kind_of(d->parameters[i].name), kind) == 0)
            w->detector[w->m++] = d->parameters[i].name;
    return STROMA_OK;
}

static stroma_status column(const compensation_tube *t, const char *file, const char *name,
                            double **out, stroma_error *err)
{
    size_t p;
    *out = NULL;
    STROMA_TRY(channel(t->d, file, name, &p, err));
    return compensation_tube_column(t, p, out, err);
}

static stroma_status read_blank(work *w, stroma_error *err)
{
    const double half = 0.5;
    if (w->unstained == NULL) return STROMA_OK;
    STROMA_TRY(compensation_tube_open(w->unstained, !w->opts.no_scatter_gate, &w->blank, err));
    if (w->blank.kept < COMPENSATION_FEWEST)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "the unstained tube has %zu events in its scatter gate, %d are needed",
                           w->blank.kept, COMPENSATION_FEWEST);
    for (size_t j = 0; j < w->m; j++) {
        double *x;
        STROMA_TRY(column(&w->blank, "unstained", w->detector[j], &x, err));
        const stroma_status s =
            compensation_quantiles(x, w->blank.kept, &half, 1, &w->blank_median[j], err);
        stroma_free(x);
        STROMA_TRY(s);
    }
    return STROMA_OK;
}

/* Threshold of positive events in the control's own detector. */
static stroma_status set_threshold(work *w, control_state *s, stroma_error *err)
{
    const double high = 0.995;
    s->q->threshold = -(double)INFINITY;
    if (w->opts.all_events) return STROMA_OK;
    if (w->unstained == NULL) {
        find(w, "STROMA-COMP-017", s->control,
             "no unstained tube: its negatives are the dim events of the control itself");
        return compensation_otsu(s->own, s->tube.kept, &s->q->threshold, err);
    }
    double *x;
    STROMA_TRY(column(&w->blank, "unstained", s->control->detector, &x, err));
    const stroma_status st =
        compensation_quantiles(x, w->blank.kept, &high, 1, &s->q->threshold, err);
    stroma_free(x);
    return st;
}

static stroma_status split(work *w, control_state *s, stroma_error *err)
{
    const size_t n = s->tube.kept;
    stroma_control_quality *q = s->q;
    q->events = s->tube.d->n_events;
    q->in_gate = n;
    if (n < COMPENSATION_FEWEST)
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "control \"%s\": %zu events in its scatter gate, %d are needed",
                           s->control->file, n, COMPENSATION_FEWEST);
    STROMA_TRY(column(&s->tube, s->control->file, s->control->detector, &s->own, err));
    STROMA_TRY(set_threshold(w, s, err));
    s->positive = stroma_alloc_array(n, sizeof *s->positive);
    if (s->positive == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        q->positive += s->positive[i] = s->own[i] > q->threshold;
    const size_t least =
        w->unstained != NULL || q->positive < n - q->positive ? q->positive : n - q->positive;
    if (least >= COMPENSATION_FEWEST) return STROMA_OK;
    (void)stroma_fail(err, STROMA_E_DEGENERATE,
                      "control \"%s\": %zu %s events in \"%s\", %d are needed", s->control->file,
                      least, least == q->positive ? "positive" : "negative", s->control->detector,
                      COMPENSATION_FEWEST);
    stroma_hint(err, "is it the right tube for this detector?");
    return STROMA_E_DEGENERATE;
}

/* Medians of the positive and negative events of a channel, and the spread of the negatives. */
static stroma_status medians(const work *w, const control_state *s, const double *x, size_t j,
                             double *positive, double *negative, stroma_error *err)
{
    const double half = 0.5;
    const size_t n = s->tube.kept;
    double *y = stroma_alloc_array(n, sizeof *y);
    size_t k = 0;
    if (y == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < n; i++)
        if (s->positive[i] && isfinite(x[i])) y[k++] = x[i];
    stroma_status st = compensation_quantiles(y, k, &half, 1, positive, err);
    *negative = w->blank_median[j];
    if (w->unstained == NULL && st == STROMA_OK) {
        k = 0;
        for (size_t i = 0; i < n; i++)
            if (!s->positive[i] && isfinite(x[i])) y[k++] = x[i];
        st = compensation_quantiles(y, k, &half, 1, negative, err);
    }
    stroma_free(y);
    return st;
}

/* Signal of each detector per unit of the control's own: its row of the matrix. */
static stroma_status fill_row(work *w, control_state *s, size_t row, stroma_error *err)
{
    double *out = w->matrix + row * w->m;
    size_t parameter, own = SIZE_MAX;
    STROMA_TRY(channel(s->tube.d, s->control->file, s->control->detector, &parameter, err));
    const char *own_name = s->tube.d->parameters[parameter].name;
    for (size_t j = 0; j < w->m; j++) {
        double *x, positive = 0, negative = 0;
        STROMA_TRY(column(&s->tube, s->control->file, w->detector[j], &x, err));
        stroma_status st = medians(w, s, x, j, &positive, &negative, err);
        out[j] = positive - negative;
        if (st == STROMA_OK && w->opts.method == STROMA_CONTROL_REGRESSION)
            st = compensation_slope(s->own, x, s->tube.kept, &out[j], err);
        stroma_free(x);
        STROMA_TRY(st);
        if (out[j] > out[s->q->brightest]) s->q->brightest = j;
        if (strcmp(w->detector[j], own_name) != 0) continue;
        own = j;
        s->q->positive_median = positive;
        s->q->negative_median = negative;
    }
    if (own == SIZE_MAX)
        return stroma_fail(err, STROMA_E_USAGE,
                           "control \"%s\": detector \"%s\" is not of the kind of \"%s\"",
                           s->control->file, own_name, w->controls[0].detector);
    /* a square matrix has 1 in the own detector, a spectrum in the brightest one */
    const double unit = out[w->opts.all_detectors ? s->q->brightest : own];
    if (!(unit > 0))
        return stroma_fail(err, STROMA_E_DEGENERATE,
                           "control \"%s\": its positive events are not above its negatives in "
                           "\"%s\"",
                           s->control->file, s->control->detector);
    for (size_t j = 0; j < w->m; j++)
        out[j] /= unit;
    if (s->q->brightest != own) {
        char text[256];
        (void)snprintf(text, sizeof text, "detector \"%s\" sees more of this control than \"%s\"",
                       w->detector[s->q->brightest], s->control->detector);
        find(w, "STROMA-COMP-018", s->control, text);
    }
    return STROMA_OK;
}

static stroma_status set_quality(work *w, control_state *s, stroma_error *err)
{
    const double half = 0.5;
    const size_t n = s->tube.kept;
    double *y = NULL, mad = 0, top = -(double)INFINITY;
    size_t k = 0, at_top = 0;
    if (w->unstained != NULL) {
        STROMA_TRY(column(&w->blank, "unstained", s->control->detector, &y, err));
        k = w->blank.kept;
    } else {
        y = stroma_alloc_array(n, sizeof *y);
        if (y == NULL) return stroma_no_memory(err);
        for (size_t i = 0; i < n; i++)
            if (!s->positive[i]) y[k++] = s->own[i];
    }
    for (size_t i = 0; i < k; i++)
        y[i] = fabs(y[i] - s->q->negative_median);
    const stroma_status st = compensation_quantiles(y, k, &half, 1, &mad, err);
    stroma_free(y);
    s->q->stain_index = (s->q->positive_median - s->q->negative_median) / (2 * 1.4826 * mad);
    for (size_t i = 0; i < n; i++)
        top = s->own[i] > top ? s->own[i] : top;
    for (size_t i = 0; i < n; i++)
        at_top += s->own[i] == top;
    s->q->saturated_frac = at_top > 1 ? (double)at_top / (double)s->q->positive : 0;
    if (s->q->saturated_frac > 0.02) {
        char text[128], number[STROMA_NUMBER_TEXT_MAX];
        (void)snprintf(text, sizeof text,
                       "%s %% of the positive events stand at the top of their channel",
                       stroma_format_fixed(100 * s->q->saturated_frac, 1, number));
        find(w, "STROMA-COMP-019", s->control, text);
    }
    return st;
}

static stroma_status one_control(work *w, size_t i, stroma_error *err)
{
    control_state s = { .control = &w->controls[i], .q = &w->quality[i] };
    s.q->spread = (double)NAN;
    stroma_status st = compensation_tube_open(s.control->d, !w->opts.no_scatter_gate, &s.tube, err);
    if (st == STROMA_OK) st = split(w, &s, err);
    if (st == STROMA_OK) st = fill_row(w, &s, i, err);
    if (st == STROMA_OK) st = set_quality(w, &s, err);
    stroma_free(s.own);
    stroma_free(s.positive);
    compensation_tube_close(&s.tube);
    return st;
}

static stroma_status make(work *w, stroma_compensation *out, stroma_error *err)
{
    STROMA_TRY(choose_detectors(w, err));
    const char **name = stroma_arena_alloc(w->arena, w->n, sizeof *name);
    w->blank_median = stroma_arena_alloc(w->arena, w->m, sizeof *w->blank_median);
    w->matrix = stroma_arena_alloc(w->arena, w->n * w->m, sizeof *w->matrix);
    if (name == NULL || w->blank_median == NULL || w->matrix == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < w->n; i++)
        name[i] = w->controls[i].fluorochrome != NULL ? w->controls[i].fluorochrome
                                                      : w->controls[i].detector;
    STROMA_TRY(read_blank(w, err));
    for (size_t i = 0; i < w->n; i++)
        STROMA_TRY(one_control(w, i, err));
    return stroma_compensation_make("controls", "controls", name, w->n, w->detector, w->m,
                                    w->matrix, false, w->arena, out, err);
}

stroma_status stroma_compensation_from_controls(const stroma_control *controls, size_t n,
                                                const stroma_fcs_dataset *unstained,
                                                const stroma_control_options *opts,
                                                stroma_arena *arena, stroma_diag *diag,
                                                stroma_compensation *out,
                                                stroma_control_quality *quality, stroma_error *err)
{
    static const stroma_control_options defaults = STROMA_CONTROL_OPTIONS_INIT;
    work w = { .controls = controls, .n = n, .unstained = unstained, .arena = arena, .diag = diag };
    w.opts = opts != NULL ? *opts : defaults;
    *out = (stroma_compensation){ 0 };
    if (n == 0 || n > COMPENSATION_MOST)
        return stroma_fail(err, STROMA_E_USAGE, "%zu controls: between 1 and %d are possible", n,
                           COMPENSATION_MOST);
    if (w.opts.all_events && unstained == NULL)
        return stroma_fail(err, STROMA_E_USAGE,
                           "all events can count as positive only beside an unstained tube");
    w.quality = stroma_arena_alloc(arena, n, sizeof *w.quality);
    if (w.quality == NULL) return stroma_no_memory(err);
    stroma_status s = make(&w, out, err);
    if (s == STROMA_OK)
        s = compensation_spread(controls, n, unstained, &w.opts, out, w.quality, err);
    compensation_tube_close(&w.blank);
    if (s != STROMA_OK) *out = (stroma_compensation){ 0 };
    if (s == STROMA_OK && quality != NULL) memcpy(quality, w.quality, n * sizeof *quality);
    return s;
}
