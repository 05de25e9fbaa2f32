/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "screen_job.h"

#include "stroma/number.h"
#include "stroma/parallel.h"
#include "stroma/sort.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_multiplicity.h"

#include <math.h>
#include <string.h>

enum { PERMUTATIONS = 10000, ARM_MIN = 10, ARM_EVENTS_MIN = 3, CANDIDATES_A_PIECE = 8 };
/* Beyond these, sums of products of doubled ranks could leave 32 bits. */
enum { INT_N_MAX_BINARY = 32000, INT_N_MAX_NUMERIC = 1800 };
/* Labels of a tile should stay in the cache. */
enum { TILE_SUBJECTS_MAX = 1024 };

const char *stroma_screen_direction_name(stroma_screen_direction d)
{
    static const char *const names[] = { "two-sided", "higher", "lower" };
    return (size_t)d < sizeof names / sizeof names[0] ? names[d] : "unknown";
}

const char *stroma_screen_flag_name(unsigned flag)
{
    static const char *const names[] = { "near constant", "mostly censored", "several limits",
                                         "few subjects",  "batch",           "separated" };
    for (unsigned i = 0; i < STROMA_SCREEN_FLAGS; i++)
        if (flag == 1U << i) return names[i];
    return "unknown";
}

static stroma_status take_options(screen_job *job, const stroma_screen_options *given,
                                  stroma_error *err)
{
    const stroma_screen_options init = STROMA_SCREEN_OPTIONS_INIT;
    stroma_screen_options *o = &job->o;
    *o = given == NULL ? init : *given;
    if (o->permutations == 0) o->permutations = PERMUTATIONS;
    if (o->level <= 0) o->level = 0.95;
    if (o->alpha <= 0) o->alpha = 0.05;
    if (o->censored_max_frac <= 0) o->censored_max_frac = 0.5;
    if (o->constant_max_frac <= 0) o->constant_max_frac = 0.8;
    if (o->arm_min == 0) o->arm_min = ARM_MIN;
    if (o->arm_events_min == 0) o->arm_events_min = ARM_EVENTS_MIN;
    if (o->threads < 1) o->threads = 1;
    if (o->permutations > STROMA_SCREEN_PERMUTATIONS_MAX)
        return stroma_fail(err, STROMA_E_USAGE, "%zu permutations are more than %d",
                           o->permutations, STROMA_SCREEN_PERMUTATIONS_MAX);
    if (!(o->level < 1) || !(o->alpha < 1))
        return stroma_fail(err, STROMA_E_USAGE, "level and alpha lie between 0 and 1");
    if (o->split != NULL && o->min_p) {
        (void)stroma_fail(err, STROMA_E_USAGE, "minP cannot be split into parts");
        stroma_hint(err, "leave --min-p out, or run it in one process");
        return STROMA_E_USAGE;
    }
    if (o->split != NULL && (o->split->parts == 0 || o->split->part >= o->split->parts))
        return stroma_fail(err, STROMA_E_USAGE, "part %zu of %zu", o->split->part, o->split->parts);
    return STROMA_OK;
}

static stroma_status check_frame(const stroma_biomarker_frame *f, stroma_error *err)
{
    if (f->n == 0) return stroma_fail(err, STROMA_E_DEGENERATE, "there is no subject to screen");
    if (f->columns_len == 0)
        return stroma_fail(err, STROMA_E_DEGENERATE, "there is no candidate to screen");
    for (size_t i = 0; f->batch != NULL && i < f->n; i++)
        if (f->batch[i] >= f->batches_len || f->batches_len > f->n)
            return stroma_fail(err, STROMA_E_USAGE, "subject %zu: batch code %zu of %zu", i + 1,
                               f->batch[i], f->batches_len);
    return STROMA_OK;
}

/* Ranks are kept as 16-bit numbers where nothing but complete candidates in one block is asked. */
static stroma_status prepare_engine(screen_job *job, stroma_error *err)
{
    const size_t n = job->n, most = job->out->binary ? INT_N_MAX_BINARY : INT_N_MAX_NUMERIC;
    screen_engine *e = &job->engine;
    *e = (screen_engine){ .kernels = screen_kernels_choose(),
                          .n = n,
                          .blocks = job->out->blocks,
                          .start = job->start,
                          .label = job->label,
                          .binary = job->out->binary,
                          .flips = screen_is_interaction(job),
                          .lanes = n > TILE_SUBJECTS_MAX ? 2 * SCREEN_LANES_STEP : SCREEN_LANES,
                          .permutations = job->o.permutations,
                          .seed = job->o.seed,
                          .threads = job->o.threads,
                          .split = job->o.split };
    const size_t ways = screen_arrangements(e, e->permutations);
    if (ways > 0) {
        e->all = true;
        e->permutations = ways;
    }
    job->out->exact = e->all;
    job->out->permutations = e->permutations;
    e->items_len = job->f->columns_len;
    e->items = stroma_alloc_array(e->items_len, sizeof *e->items);
    if (e->items == NULL) return stroma_no_memory(err);
    if (job->o.statistic != STROMA_SCREEN_RANKS || e->blocks > 1 || e->flips || n > most)
        return STROMA_OK;
    e->pairs = (n + 1) / 2;
    job->ranks = stroma_alloc_array(e->items_len, 2 * e->pairs * sizeof *job->ranks);
    return job->ranks == NULL ? stroma_no_memory(err) : STROMA_OK;
}

static void candidate_init(const screen_job *job, size_t k)
{
    stroma_screen_candidate *out = &job->out->candidates[k];
    const double nan = NAN;
    *out = (stroma_screen_candidate){ .column = k,
                                      .control = job->f->columns[k].negative_control,
                                      .reason = "",
                                      .direction = job->o.directions == NULL ? job->o.direction
                                                                             : job->o.directions[k],
                                      .effect = stroma_stat_empty(""),
                                      .shift = stroma_stat_empty(""),
                                      .z = nan,
                                      .p = nan,
                                      .p_method = "",
                                      .p_permutation = nan,
                                      .p_max_t = nan,
                                      .p_min_p = nan,
                                      .p_holm = nan,
                                      .q_bh = nan,
                                      .q_by = nan,
                                      .batch_p = nan };
    job->engine.items[k] =
        (screen_item){ .direction = out->direction, .column = k, .z = nan, .p_min_p = nan };
}

static stroma_status one_candidate(const screen_job *job, screen_cells *c, size_t k,
                                   stroma_error *err)
{
    stroma_screen_candidate *out = &job->out->candidates[k];
    screen_item *item = &job->engine.items[k];
    candidate_init(job, k);
    STROMA_TRY(screen_cells_read(job, c, out, err));
    if (out->reason[0] != '\0') return STROMA_OK;
    STROMA_TRY(screen_test(job, c, out, err));
    if (out->reason[0] != '\0') return STROMA_OK;
    return screen_is_interaction(job) ? screen_interaction(job, c, out, item, err)
                                      : screen_scores(job, c, out, item, err);
}

typedef struct candidates_job {
    const screen_job *job;
    screen_cells *cells; /* one a worker */
} candidates_job;

static stroma_status some_candidates(size_t begin, size_t end, int worker, void *context,
                                     stroma_error *err)
{
    const candidates_job *w = context;
    for (size_t k = begin; k < end; k++) {
        const stroma_status s = one_candidate(w->job, &w->cells[worker], k, err);
        if (s != STROMA_OK)
            return stroma_in(err, s, "candidate \"%s\"", w->job->f->columns[k].name);
    }
    return STROMA_OK;
}

static stroma_status prepare_candidates(screen_job *job, stroma_error *err)
{
    const size_t workers = (size_t)job->o.threads;
    candidates_job w = { job, stroma_alloc_array(workers, sizeof *w.cells) };
    if (w.cells == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; s == STROMA_OK && i < workers; i++)
        s = screen_cells_init(&w.cells[i], job->n, err);
    if (s == STROMA_OK)
        s = stroma_parallel_for(job->f->columns_len, job->o.threads, CANDIDATES_A_PIECE,
                                some_candidates, &w, err);
    for (size_t i = 0; i < workers; i++)
        screen_cells_clear(&w.cells[i]);
    stroma_free(w.cells);
    for (size_t k = 0; k < job->engine.items_len; k++)
        job->engine.doubles |= job->engine.items[k].kind > SCREEN_INT;
    return s;
}

/* Least significant first; of equal ones the later column. */
static int by_size(const void *a, const void *b, void *context)
{
    const screen_item *items = context;
    const screen_item *x = &items[*(const size_t *)a], *y = &items[*(const size_t *)b];
    const double zx = screen_size(x, x->z), zy = screen_size(y, y->z);
    if (zx < zy || zx > zy) return zx < zy ? -1 : 1;
    return x->column < y->column ? 1 : -1;
}

static stroma_status make_families(screen_job *job, screen_family families[2], stroma_error *err)
{
    stroma_screen *out = job->out;
    for (size_t f = 0; f < 2; f++) {
        families[f].item = stroma_alloc_array(out->candidates_len, sizeof *families[f].item);
        if (families[f].item == NULL) return stroma_no_memory(err);
    }
    for (size_t k = 0; k < out->candidates_len; k++) {
        stroma_screen_candidate *c = &out->candidates[k];
        if (c->reason[0] != '\0' || job->engine.items[k].kind == SCREEN_NOTHING) continue;
        const size_t f = c->control && !job->o.controls_in_family;
        families[f].item[families[f].len++] = k;
        c->in_family = f == 0;
    }
    out->family = families[0].len;
    out->controls = families[1].len;
    for (size_t f = 0; f < 2; f++)
        STROMA_TRY(stroma_sort(families[f].item, families[f].len, sizeof *families[f].item, by_size,
                               job->engine.items, err));
    return STROMA_OK;
}

static void set_p(screen_job *job, const screen_family *family)
{
    const double one = job->engine.all ? 0 : 1, all = (double)job->engine.permutations + one;
    double above = 0;
    for (size_t i = family->len; i-- > 0;) { /* the most significant first */
        const screen_item *item = &job->engine.items[family->item[i]];
        stroma_screen_candidate *c = &job->out->candidates[family->item[i]];
        c->p_permutation = ((double)item->own + one) / all;
        above = c->p_max_t = fmax(above, ((double)item->most + one) / all);
        if (screen_is_interaction(job)) c->p = c->p_permutation;
    }
}

static stroma_status adjust(screen_job *job, const screen_family *family, stroma_error *err)
{
    static const stroma_adjustment methods[] = { STROMA_ADJUST_HOLM, STROMA_ADJUST_BH,
                                                 STROMA_ADJUST_BY };
    double *p = stroma_alloc_array(family->len, 2 * sizeof *p);
    if (p == NULL) return stroma_no_memory(err);
    stroma_status s = STROMA_OK;
    for (size_t i = 0; i < family->len; i++)
        p[i] = job->out->candidates[family->item[i]].p;
    for (size_t m = 0; s == STROMA_OK && m < 3; m++) {
        s = stroma_p_adjust(p, family->len, 0, methods[m], p + family->len, err);
        for (size_t i = 0; s == STROMA_OK && i < family->len; i++) {
            stroma_screen_candidate *c = &job->out->candidates[family->item[i]];
            double *to = m == 0 ? &c->p_holm : m == 1 ? &c->q_bh : &c->q_by;
            *to = p[family->len + i];
        }
    }
    stroma_free(p);
    return s;
}

static stroma_status min_p(screen_job *job, screen_family *family, stroma_error *err)
{
    STROMA_TRY(screen_engine_min_p(&job->engine, family, err));
    for (size_t i = 0; i < family->len; i++)
        job->out->candidates[family->item[i]].p_min_p = job->engine.items[family->item[i]].p_min_p;
    return STROMA_OK;
}

static stroma_status permute(screen_job *job, screen_family families[2], stroma_error *err)
{
    screen_engine *e = &job->engine;
    STROMA_TRY(screen_engine_observe(e, err));
    for (size_t k = 0; k < e->items_len; k++)
        if (e->items[k].kind != SCREEN_NOTHING)
            screen_test_from_z(job, &e->items[k], &job->out->candidates[k]);
    STROMA_TRY(make_families(job, families, err));
    STROMA_TRY(screen_engine_run(e, families, err));
    for (size_t f = 0; f < 2; f++) {
        set_p(job, &families[f]);
        STROMA_TRY(adjust(job, &families[f], err));
        if (job->o.min_p) STROMA_TRY(min_p(job, &families[f], err));
    }
    return STROMA_OK;
}

static stroma_status flag_batches(screen_job *job, stroma_error *err)
{
    stroma_screen *out = job->out;
    double *p = stroma_alloc_array(out->candidates_len, sizeof *p);
    if (p == NULL) return stroma_no_memory(err);
    for (size_t k = 0; k < out->candidates_len; k++)
        p[k] = out->candidates[k].batch_p;
    const stroma_status s = stroma_p_adjust(p, out->candidates_len, 0, STROMA_ADJUST_BH, p, err);
    for (size_t k = 0; s == STROMA_OK && k < out->candidates_len; k++)
        if (p[k] <= job->o.alpha) out->candidates[k].flags |= STROMA_SCREEN_BATCH;
    stroma_free(p);
    return s;
}

static void copy_facts(screen_job *job)
{
    stroma_screen *out = job->out;
    out->statistic = job->o.statistic;
    out->n = job->n;
    out->seed = job->o.seed;
    out->level = job->o.level;
    out->alpha = job->o.alpha;
}

static stroma_status run(screen_job *job, screen_family families[2], stroma_error *err)
{
    STROMA_TRY(check_frame(job->f, err));
    STROMA_TRY(screen_check_question(job, err));
    STROMA_TRY(screen_make_blocks(job, err));
    copy_facts(job);
    STROMA_TRY(screen_check_batches(job, err));
    job->out->candidates_len = job->f->columns_len;
    job->out->candidates = stroma_alloc_array(job->f->columns_len, sizeof *job->out->candidates);
    if (job->out->candidates == NULL) return stroma_no_memory(err);
    STROMA_TRY(prepare_engine(job, err));
    STROMA_TRY(prepare_candidates(job, err));
    STROMA_TRY(permute(job, families, err));
    STROMA_TRY(flag_batches(job, err));
    return screen_note(job, err);
}

static void job_clear(screen_job *job)
{
    for (size_t k = 0; job->engine.items != NULL && k < job->engine.items_len; k++) {
        stroma_free(job->engine.items[k].scores);
        stroma_free(job->engine.items[k].present);
        stroma_free(job->engine.items[k].factor);
    }
    stroma_free(job->engine.items);
    stroma_free(job->ranks);
    stroma_free(job->at);
    stroma_free(job->start);
    stroma_free(job->y);
    stroma_free(job->label);
    stroma_free(job->arm);
}

stroma_status stroma_biomarker_screen(const stroma_biomarker_frame *f,
                                      const stroma_screen_options *options, stroma_screen **out,
                                      stroma_error *err)
{
    *out = NULL;
    screen_job job = { .f = f };
    STROMA_TRY(take_options(&job, options, err));
    job.out = stroma_alloc_array(1, sizeof *job.out);
    if (job.out == NULL) return stroma_no_memory(err);
    stroma_diag_init(&job.out->notes);
    screen_family families[2] = { { NULL, 0 }, { NULL, 0 } };
    const stroma_status s = run(&job, families, err);
    stroma_free(families[0].item);
    stroma_free(families[1].item);
    job_clear(&job);
    if (s == STROMA_OK)
        *out = job.out;
    else
        stroma_screen_free(job.out);
    return s;
}

void stroma_screen_free(stroma_screen *s)
{
    if (s == NULL) return;
    stroma_free(s->candidates);
    stroma_diag_clear(&s->notes);
    stroma_free(s);
}

static int compare_numbers(double x, double y)
{
    if (isnan(x) || isnan(y)) return isnan(x) && isnan(y) ? 0 : isnan(x) ? 1 : -1;
    return x < y ? -1 : x > y;
}

static int most_significant(const void *a, const void *b, void *context)
{
    const stroma_screen *s = context;
    const stroma_screen_candidate *x = &s->candidates[*(const size_t *)a],
                                  *y = &s->candidates[*(const size_t *)b];
    const bool other_x = x->control && !x->in_family, other_y = y->control && !y->in_family;
    if (other_x != other_y) return other_x ? 1 : -1;
    int order = compare_numbers(x->p_max_t, y->p_max_t);
    if (order == 0) order = compare_numbers(x->p, y->p);
    if (order == 0) order = compare_numbers(-fabs(x->z), -fabs(y->z));
    return order != 0 ? order : x->column < y->column ? -1 : x->column > y->column;
}

stroma_status stroma_screen_order(const stroma_screen *s, size_t *order, stroma_error *err)
{
    union {
        const stroma_screen *read;
        void *context; /* stroma_sort() hands it through; it is only read */
    } screen = { s };
    for (size_t k = 0; k < s->candidates_len; k++)
        order[k] = k;
    return stroma_sort(order, s->candidates_len, sizeof *order, most_significant, screen.context,
                       err);
}
