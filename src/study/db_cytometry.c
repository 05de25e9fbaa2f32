/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The entries of `cytometry:` as rows of study.db. */
#include "cytometry.h"
#include "db_writer.h"

#include "stroma/json.h"

#include <string.h>

#define I64(x) ((int64_t)(x))

typedef struct rows {
    db_writer *w;
    sqlite3_stmt *entry, *axis, *sample, *gate, *population, *statistic, *density, *quality;
    int64_t sample_id, gate_row, population_id, statistic_id, density_id; /* the next ones */
} rows;

static const char *visit_of(const study *s, int32_t v)
{
    return v < 0 ? NULL : s->visits.items[v].id;
}

static void put_entry(rows *r, const cytometry_entry *e, int64_t ord)
{
    db_writer *w = r->w;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 16);
    stroma_json j;
    stroma_json_init(&j, &b, 0);
    stroma_json_begin_object(&j);
    stroma_json_put_int(&j, "floor", I64(e->options.event_floor));
    stroma_json_put_int(&j, "parent_floor", I64(e->options.parent_floor));
    stroma_json_put_number(&j, "level", e->options.level);
    stroma_json_put_string(&j, "qc", stroma_yaml_text(e->node, "qc", "mark"));
    stroma_json_put_string(&j, "match", stroma_yaml_text(e->node, "match", NULL));
    stroma_json_put_string(&j, "manifest", stroma_yaml_text(e->node, "manifest", NULL));
    stroma_json_put_int(&j, "seed", I64(e->options.seed));
    stroma_json_end_object(&j);
    if (w->status == STROMA_OK) w->status = stroma_buffer_status(&b, w->err);
    db_put(w, r->entry, "tittttttdt", e->id, ord, e->label, e->panel_name,
           e->panel_sha256[0] == '\0' ? NULL : e->panel_sha256, e->gates_name,
           e->strategy != NULL ? "strategy" : "gates", e->gates_sha256, e->options.level, b.data);
    stroma_buffer_clear(&b);
    for (size_t i = 0; i < e->axes.len; i++) {
        const cytometry_axis *x = &e->axes.items[i];
        const stroma_transform *t = &x->scale;
        const bool plain = t->kind == STROMA_TRANSFORM_LINEAR;
        const bool has_w =
            (t->kind == STROMA_TRANSFORM_LOGICLE || t->kind == STROMA_TRANSFORM_HYPERLOG ||
             t->kind == STROMA_TRANSFORM_BIEX);
        db_put(w, r->axis, "ttitttitddddddt", e->id, x->id, I64(i), x->label, x->marker, x->channel,
               I64(x->compensated), stroma_transform_kind_name(t->kind), t->t,
               has_w ? t->w : STUDY_NAN, plain ? STUDY_NAN : t->m,
               t->kind == STROMA_TRANSFORM_LOG ? STUDY_NAN : t->a, x->low, x->high, x->ticks);
    }
}

/* Codes of what was found in a tube, each once. */
static const char *codes_of(db_writer *w, const cytometry_tube *t, stroma_buffer *b)
{
    stroma_buffer_reset(b);
    stroma_json j;
    stroma_json_init(&j, b, 0);
    stroma_json_begin_array(&j);
    for (size_t i = 0; i < t->findings.len; i++) {
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(t->findings.items[k].code, t->findings.items[i].code) == 0;
        if (!seen) stroma_json_string(&j, t->findings.items[i].code);
    }
    stroma_json_end_array(&j);
    if (w->status == STROMA_OK) w->status = stroma_buffer_status(b, w->err);
    return b->data;
}

static void put_samples(rows *r, const cytometry_entry *e)
{
    db_writer *w = r->w;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    for (size_t i = 0; i < e->tubes_len; i++) {
        const cytometry_tube *t = &e->tubes[i];
        const cytometry_place *p = &t->place;
        db_put(w, r->sample,
               "itiiitttt"
               "iiittttdttt",
               r->sample_id + I64(i), e->id, I64(i), I64(t->file), I64(t->dataset),
               p->subject < 0 ? NULL : study_shown_id(w->s, p->subject), visit_of(w->s, p->visit),
               cytometry_role_name(p->role), p->marker, I64(0), I64(t->n_events),
               I64(t->n_excluded), t->acquired_on, t->cytometer,
               t->compensation == NULL ? "none" : t->compensation, t->compensation_sha256,
               t->condition, codes_of(w, t, &b), t->present ? "present" : "not_estimable",
               t->reason);
    }
    stroma_buffer_clear(&b);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_gate(const cytometry_gate *a, const cytometry_gate *b)
{
    return a->found == b->found && same_text(a->parent, b->parent) &&
           same_text(a->label, b->label) && same_text(a->dims, b->dims) &&
           same_text(a->geometry, b->geometry) && same_text(a->method, b->method) &&
           same_text(a->parameters, b->parameters) && same_text(a->rule, b->rule) &&
           same_text(a->reason, b->reason);
}

/* Whether a gate is the same in every tube that has gates: then it has one row for all. */
static bool shared(const cytometry_entry *e, const cytometry_gate *g, size_t place)
{
    for (size_t i = 0; i < e->tubes_len; i++) {
        const cytometry_tube *t = &e->tubes[i];
        if (t->gates_len == 0) continue;
        if (place >= t->gates_len || strcmp(t->gates[place].id, g->id) != 0 ||
            !same_gate(&t->gates[place], g))
            return false;
    }
    return true;
}

static void put_gate(rows *r, const cytometry_entry *e, const cytometry_gate *g, int64_t sample,
                     int64_t ord)
{
    db_put(r->w, r->gate,
           "itntittt"
           "ttttdtit",
           r->gate_row, e->id, sample, g->id, ord, g->parent, g->label, g->kind, g->dims,
           g->geometry, g->method, g->parameters, g->confidence, g->rule, I64(g->found), g->reason);
}

static void put_population(rows *r, const cytometry_tube *t, size_t k, int64_t sample, int64_t row)
{
    const cytometry_population *p = &t->populations[k];
    const cytometry_gate *g = &t->gates[k];
    const bool some = p->present && p->n_parent > 0;
    db_put(r->w, r->population,
           "iitiittnn"
           "ddddttt",
           r->population_id, sample, g->id, row, I64(k), g->parent, g->label,
           p->present ? I64(p->n) : I64(-1), p->present ? I64(p->n_parent) : I64(-1),
           some ? 100.0 * (double)p->n / (double)p->n_parent : STUDY_NAN, p->lower, p->upper,
           p->present && p->n_total > 0 ? 100.0 * (double)p->n / (double)p->n_total : STUDY_NAN,
           p->present ? "present" : "not_estimable", p->reason, p->flags);
}

static void put_statistics(rows *r, const cytometry_entry *e, const cytometry_tube *t,
                           int64_t sample, int64_t first_population)
{
    for (size_t k = 0; t->numbers != NULL && k < e->questions.len; k++) {
        const cytometry_number *x = &t->numbers[k];
        const cytometry_question *q = &e->questions.items[k];
        if (x->population == SIZE_MAX) continue; /* the fault of the study file stopped the run */
        const bool of = x->of != SIZE_MAX;
        db_put(r->w, r->statistic,
               "iitntintn"
               "ddddtnnttt"
               "t",
               r->statistic_id++, sample, r->w->s->params.items[q->param].id, I64(x->measurement),
               q->definition->id, first_population + I64(x->population),
               of ? first_population + I64(x->of) : I64(-1), q->marker,
               x->control == SIZE_MAX ? I64(-1) : r->sample_id + I64(x->control),
               x->present ? x->value : STUDY_NAN, x->lower, x->upper, e->options.level, x->interval,
               I64(x->n), x->n_of == 0 && !of ? I64(-1) : I64(x->n_of), q->text,
               x->present ? "present" : "not_estimable", x->reason, x->flags);
    }
}

static void put_densities(rows *r, const cytometry_entry *e, const cytometry_tube *t, size_t i,
                          int64_t sample)
{
    for (size_t k = 0; k < t->pictures.len; k++) {
        const cytometry_picture *p = &t->pictures.items[k];
        if (!p->asked && i != e->representative) continue;
        db_put(r->w, r->density,
               "iitttttiiii"
               "iiiiit",
               r->density_id++, sample, t->gates[p->gate].id, p->parent, e->id,
               e->axes.items[p->x].id, p->y == SIZE_MAX ? NULL : e->axes.items[p->y].id,
               I64(p->n_x), I64(p->n_y), I64(p->n_events), I64(p->n_not_numbers), I64(p->x_below),
               I64(p->x_above), I64(p->y_below), I64(p->y_above), I64(p->highest), p->counts);
    }
}

static void put_quality(rows *r, const cytometry_tube *t, int64_t sample)
{
    for (size_t i = 0; i < t->quality_len; i++) {
        const stroma_quality_result *q = &t->quality[i];
        const bool judged = q->verdict != STROMA_QUALITY_CANNOT_JUDGE;
        const double share = q->n_checked > 0 ? (double)q->n_flagged / (double)q->n_checked : 0;
        db_put(r->w, r->quality,
               "itit"
               "iidtt",
               sample, q->check->id, I64(i), q->check->label, I64(q->n_checked), I64(q->n_flagged),
               judged && q->check->marks ? share : STUDY_NAN,
               !judged                             ? "not_checked"
               : q->verdict == STROMA_QUALITY_GOOD ? "passed"
                                                   : "flagged",
               q->detail);
    }
}

static void put_tubes(rows *r, const cytometry_entry *e)
{
    size_t most = 0;
    for (size_t i = 0; i < e->tubes_len; i++)
        most = e->tubes[i].gates_len > most ? e->tubes[i].gates_len : most;
    int64_t *common = stroma_alloc_array(most + 1, sizeof *common); /* row of a shared gate, or 0 */
    if (common == NULL) {
        if (r->w->status == STROMA_OK) r->w->status = stroma_no_memory(r->w->err);
        return;
    }
    for (size_t i = 0; i < e->tubes_len; i++) {
        const cytometry_tube *t = &e->tubes[i];
        const int64_t sample = r->sample_id + I64(i), first = r->population_id;
        for (size_t k = 0; k < t->gates_len; k++, r->population_id++) {
            int64_t row = common[k];
            if (row == 0 || !shared(e, &t->gates[k], k)) {
                const bool all = shared(e, &t->gates[k], k);
                put_gate(r, e, &t->gates[k], all ? I64(-1) : sample, I64(k));
                row = r->gate_row++;
                if (all) common[k] = row;
            }
            put_population(r, t, k, sample, row);
        }
        put_statistics(r, e, t, sample, first);
        put_densities(r, e, t, i, sample);
        put_quality(r, t, sample);
    }
    stroma_free(common);
}

void db_write_cytometry(db_writer *w)
{
    rows r = {
        .w = w,
        .sample_id = 1,
        .gate_row = 1,
        .population_id = 1,
        .statistic_id = 1,
        .density_id = 1,
        .entry = db_prepare(w, "INSERT INTO cytometry_entry VALUES(?,?,?,?,?,?,?,?,?,?)"),
        .axis = db_prepare(w, "INSERT INTO cytometry_axis VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .sample = db_prepare(w, "INSERT INTO cytometry_sample "
                                "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .gate = db_prepare(w, "INSERT INTO cytometry_gate VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .population = db_prepare(
            w, "INSERT INTO cytometry_population VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .statistic = db_prepare(w, "INSERT INTO cytometry_statistic "
                                   "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .density = db_prepare(w, "INSERT INTO cytometry_density "
                                 "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
        .quality = db_prepare(w, "INSERT INTO cytometry_quality VALUES(?,?,?,?,?,?,?,?,?)"),
    };
    for (size_t i = 0; i < w->s->cytometry.len; i++) {
        const cytometry_entry *e = w->s->cytometry.items[i];
        put_entry(&r, e, I64(i));
        put_samples(&r, e);
        put_tubes(&r, e);
        r.sample_id += I64(e->tubes_len);
    }
    db_done(r.entry);
    db_done(r.axis);
    db_done(r.sample);
    db_done(r.gate);
    db_done(r.population);
    db_done(r.statistic);
    db_done(r.density);
    db_done(r.quality);
}
