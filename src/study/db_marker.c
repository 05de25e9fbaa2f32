/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answers to biomarker questions as rows of study.db. */
#include "db_writer.h"

#include <string.h>

#define I64(x) ((int64_t)(x))

static void put_marker(db_writer *w, sqlite3_stmt *st, const study_marker *k, size_t i)
{
    const study *s = w->s;
    db_put(w, st, "titttttyytintttttt", k->id, I64(i), k->label, k->question, k->outcome, k->event,
           k->landmark < 0 ? NULL : s->visits.items[k->landmark].id, I64(k->landmark_day),
           I64(k->outcome_day), s->sets.items[k->set].id, I64(k->n),
           k->n_events == SIZE_MAX ? I64(-1) : I64(k->n_events), k->excluded, k->settings,
           k->refused, k->model, k->model_card, k->model_reason);
}

static void put_candidates(db_writer *w, sqlite3_stmt *st, const study_marker *k)
{
    for (size_t i = 0; i < k->candidates_len; i++) {
        const stroma_study_answer_candidate *c = &k->candidates[i];
        const stroma_study_variable *v = &k->variables[c->variable];
        db_put(w, st, "tittttttiiiiddtnt", k->id, I64(i), v->name, v->param, v->visit, v->label,
               v->unit, v->negative_control ? "negative_control" : "candidate", I64(c->n_used),
               I64(c->n_below), I64(c->n_above), I64(c->n_missing), c->p_max_t, c->q,
               c->flags == NULL ? "[]" : c->flags,
               c->result == SIZE_MAX ? I64(-1) : I64(k->first_result + c->result), c->reason);
    }
}

/* Points are in order within a kind and series; the key counts them. */
static void put_points(db_writer *w, sqlite3_stmt *st, const study_marker *k)
{
    int64_t ord = 0;
    for (size_t i = 0; i < k->points_len; i++) {
        const stroma_study_answer_point *p = &k->points[i];
        db_put(w, st, "tttiddddnt", k->id, p->kind, p->series, ord++, p->x, p->y, p->lower,
               p->upper, p->n, p->label);
    }
}

void db_write_markers(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *marker =
        db_prepare(w, "INSERT INTO biomarker VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *candidate =
        db_prepare(w, "INSERT INTO candidate VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *point = db_prepare(w, "INSERT INTO curve_point VALUES(?,?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *text = db_prepare(w, "INSERT INTO biomarker_text VALUES(?,?,?,?,?)");
    for (size_t i = 0; i < s->markers.len; i++) {
        const study_marker *k = &s->markers.items[i];
        put_marker(w, marker, k, i);
        put_candidates(w, candidate, k);
        put_points(w, point, k);
        for (size_t t = 0; t < k->texts_len; t++)
            db_put(w, text, "tittt", k->id, I64(t), k->texts[t].kind, k->texts[t].title,
                   k->texts[t].text);
    }
    db_done(marker);
    db_done(candidate);
    db_done(point);
    db_done(text);
}
