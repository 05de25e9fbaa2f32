/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study as study.db: one function a table, all in one transaction. */
#include "db_writer.h"
#include "item_spec.h"
#include "stroma_config.h"
#include "study_schema_sql.h"

#include "stroma/json.h"

#include <math.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static void failed(db_writer *w, const char *doing)
{
    if (w->status != STROMA_OK) return;
    const int code = sqlite3_errcode(w->db) & 0xFF;
    w->status =
        code == SQLITE_NOMEM ? stroma_no_memory(w->err)
        : code == SQLITE_FULL || code == SQLITE_IOERR || code == SQLITE_CANTOPEN
            ? stroma_fail(w->err, STROMA_E_IO, "could not %s: %s", doing, sqlite3_errmsg(w->db))
            : stroma_fail(w->err, STROMA_E_INTERNAL, "could not %s: %s", doing,
                          sqlite3_errmsg(w->db));
}

static void run_sql(db_writer *w, const char *sql)
{
    if (w->status != STROMA_OK) return;
    if (sqlite3_exec(w->db, sql, NULL, NULL, NULL) != SQLITE_OK) failed(w, "write study.db");
}

sqlite3_stmt *db_prepare(db_writer *w, const char *sql)
{
    sqlite3_stmt *st = NULL;
    if (w->status == STROMA_OK && sqlite3_prepare_v2(w->db, sql, -1, &st, NULL) != SQLITE_OK)
        failed(w, "prepare study.db");
    return st;
}

/* One row. Letters: t text or null, d number or null for NaN, i integer, n integer or null when
 * negative or unknown. */
void db_put(db_writer *w, sqlite3_stmt *st, const char *types, ...)
{
    if (w->status == STROMA_OK && (size_t)sqlite3_bind_parameter_count(st) != strlen(types))
        w->status = stroma_bug(w->err, "a letter for each column of the row", __FILE__, __LINE__);
    if (w->status != STROMA_OK) return;
    va_list ap;
    va_start(ap, types);
    int bound = SQLITE_OK;
    for (int k = 1; types[k - 1] != '\0'; k++) {
        switch (types[k - 1]) {
        case 't': {
            const char *text = va_arg(ap, const char *);
            bound |= text == NULL ? sqlite3_bind_null(st, k)
                                  : sqlite3_bind_text(st, k, text, -1, SQLITE_STATIC);
            break;
        }
        case 'd': {
            const double x = va_arg(ap, double);
            bound |= isfinite(x) ? sqlite3_bind_double(st, k, x) : sqlite3_bind_null(st, k);
            break;
        }
        default: {
            const int64_t x = va_arg(ap, int64_t);
            const bool null = types[k - 1] == 'n' && (x < 0 || x == STUDY_DAY_UNKNOWN);
            const bool day = types[k - 1] == 'y' && x == STUDY_DAY_UNKNOWN;
            bound |= null || day ? sqlite3_bind_null(st, k) : sqlite3_bind_int64(st, k, x);
        }
        }
    }
    va_end(ap);
    if (bound != SQLITE_OK || sqlite3_step(st) != SQLITE_DONE) failed(w, "write a row of study.db");
    (void)sqlite3_reset(st);
}

void db_done(sqlite3_stmt *st)
{
    (void)sqlite3_finalize(st);
}

#define I64(x) ((int64_t)(x))
/* ids of things that may be absent */
static const char *visit_id(const study *s, int32_t v)
{
    return v < 0 ? NULL : s->visits.items[v].id;
}
static const char *param_id(const study *s, int32_t p)
{
    return p < 0 ? NULL : s->params.items[p].id;
}
static const char *set_id(const study *s, int32_t k)
{
    return k < 0 ? NULL : s->sets.items[k].id;
}
static const char *grouping_id(const study *s, int32_t g)
{
    return g < 0 ? NULL : s->groupings.items[g].id;
}
static const char *group_id(const study *s, int32_t g, int32_t k)
{
    return g < 0 || k < 0 ? NULL : s->groupings.items[g].groups[k].id;
}
static const char *kind_name(study_param_kind k)
{
    return k == PARAM_WORD ? "word" : k == PARAM_FLAG ? "flag" : "number";
}

/* The study file goes by its bare name: study.db does not depend on where it was started, and tells
 * nobody whose folder it was. */
static const char *bare_path(const study *s, const char *path)
{
    if (path == NULL || strcmp(path, s->path) != 0) return path;
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static void write_meta(db_writer *w)
{
    const study *s = w->s;
    stroma_buffer config;
    stroma_buffer_init(&config, (size_t)64 << 20);
    stroma_json j;
    stroma_json_init(&j, &config, 0);
    study_item_node_json(&j, s, s->root);
    if (w->status == STROMA_OK) w->status = stroma_buffer_status(&config, w->err);
    char seed[24];
    (void)snprintf(seed, sizeof seed, "%llu", (unsigned long long)s->seed);
    const char *headline = "", *headline_json = "{}";
    for (size_t i = 0; i < s->claims.len; i++) {
        if (strcmp(s->claims.items[i].kind, "headline") != 0) continue;
        headline = s->claims.items[i].text;
        headline_json = s->claims.items[i].numbers;
    }
    const char *const rows[][2] = {
        { "schema", "stroma.study/1" },
        { "stroma_version", STROMA_VERSION },
        { "study_id", s->id },
        { "title", s->title },
        { "disease", s->disease },
        { "simulated", s->simulated ? "1" : "0" },
        { "layout", s->layout },
        { "style", s->style },
        { "registration", s->registration },
        { "ethics", s->ethics },
        { "day0", s->day0 },
        { "source", s->source },
        { "seed", seed },
        { "headline", headline },
        { "headline_json", headline_json },
        { "study_file_sha256", s->sha256 },
        { "pseudonymised", s->pseudonyms != NULL ? "1" : "0" },
        { "config", config.data },
    };
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO meta VALUES(?,?)");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        db_put(w, st, "tt", rows[i][0], rows[i][1]);
    db_done(st);
    stroma_buffer_clear(&config);
}

static void write_declared(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO input_file VALUES(?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->files.len; i++) {
        const study_file_info *f = &s->files.items[i];
        db_put(w, st, "ittttinn", I64(i), bare_path(s, f->path), f->role, f->format, f->sha256,
               f->n_bytes, f->n_rows, f->n_columns);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO arm VALUES(?,?,?,?,?)");
    for (size_t i = 0; i < s->arms.len; i++) {
        const study_arm *a = &s->arms.items[i];
        db_put(w, st, "tittt", a->id, I64(i), a->label, a->role, a->description);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO visit VALUES(?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->visits.len; i++) {
        const study_visit *v = &s->visits.items[i];
        db_put(w, st, "titdtyyyi", v->id, I64(i), v->label, v->time, s->time_unit, I64(v->day),
               I64(v->window_low), I64(v->window_high), I64(v->baseline));
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO parameter VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->params.len; i++) {
        const study_param *p = &s->params.items[i];
        db_put(w, st, "titttttiiddddti", p->id, I64(i), p->paramcd, p->label, p->unit,
               kind_name(p->kind), p->category, I64(p->decimals), I64(p->log_scale), p->lloq,
               p->uloq, p->ref_low, p->ref_high, p->assay, I64(!p->from_file));
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO subject VALUES(?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->subjects.len; i++) {
        const study_subject *u = &s->subjects.items[i];
        db_put(w, st, "tttittyt", study_shown_id(s, (int32_t)i), study_shown_id(s, (int32_t)i),
               u->arm < 0 ? NULL : s->arms.items[u->arm].id, I64(i), u->disposition,
               u->disposition_reason, I64(u->disposition_day), visit_id(s, u->last_visit));
    }
    db_done(st);
}

static const char *reference_flag(const study_measurement *m)
{
    if (m->state != STROMA_PRESENT || (isnan(m->ref_low) && isnan(m->ref_high)) || isnan(m->value))
        return NULL;
    return m->value < m->ref_low ? "low" : m->value > m->ref_high ? "high" : "normal";
}

static void write_measurements(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO derivation VALUES(?,?,?,?,?,?)");
    for (size_t i = 0; i < s->derivations.len; i++) {
        const study_derivation *d = &s->derivations.items[i];
        db_put(w, st, "ittttt", I64(i), d->method, d->version, d->formula, d->source, d->params);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO measurement VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        db_put(w, st,
               "ittytdtttt"
               "ddttn"
               "nntt",
               I64(i), study_shown_id(s, m->subject), visit_id(s, m->visit), I64(m->study_day),
               s->params.items[m->param].id, m->value, m->text, stroma_cell_state_name(m->state),
               m->reason, m->band, m->ref_low, m->ref_high, reference_flag(m), m->flags,
               I64(m->derivation), I64(m->file), m->file < 0 ? I64(-1) : m->row, m->column, m->raw);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO measurement_input VALUES(?,?,?)");
    for (size_t i = 0; i < s->measurements.len; i++) {
        const study_measurement *m = &s->measurements.items[i];
        for (size_t k = 0; k < m->inputs_len; k++)
            db_put(w, st, "iii", I64(i), I64(k), I64(s->inputs.items[m->inputs_start + k]));
    }
    db_done(st);
}

static const char *ancestors_json(db_writer *w, const study_grouping *g, stroma_buffer *b)
{
    stroma_buffer_reset(b);
    stroma_json j;
    stroma_json_init(&j, b, 0);
    stroma_json_begin_array(&j);
    for (size_t p = 0; p < w->s->params.len; p++)
        if (g->ancestors[p]) stroma_json_string(&j, w->s->params.items[p].id);
    stroma_json_end_array(&j);
    if (w->status == STROMA_OK) w->status = stroma_buffer_status(b, w->err);
    return b->data;
}

static void write_groupings(db_writer *w)
{
    const study *s = w->s;
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO grouping VALUES(?,?,?,?,?,?,?,?,?)");
    sqlite3_stmt *of = db_prepare(w, "INSERT INTO group_of VALUES(?,?,?,?,?)");
    sqlite3_stmt *member = db_prepare(w, "INSERT INTO group_member VALUES(?,?,?,?)");
    for (size_t i = 0; i < s->groupings.len; i++) {
        const study_grouping *g = &s->groupings.items[i];
        db_put(w, st, "titttyttt", g->id, I64(i), g->label, g->rule, visit_id(s, g->landmark),
               I64(g->landmark < 0 ? STUDY_DAY_UNKNOWN : s->visits.items[g->landmark].day),
               param_id(s, g->origin), ancestors_json(w, g, &b), g->missing_rule);
        for (size_t k = 0; k < g->groups_len; k++)
            db_put(w, of, "ttitt", g->id, g->groups[k].id, I64(k), g->groups[k].label,
                   g->groups[k].colour);
        for (size_t u = 0; u < s->subjects.len; u++)
            if (g->member[u] != STUDY_NONE)
                db_put(w, member, "ttti", g->id, study_shown_id(s, (int32_t)u),
                       g->groups[g->member[u]].id, I64(g->imputed[u]));
    }
    db_done(st);
    db_done(of);
    db_done(member);
    stroma_buffer_clear(&b);
    st = db_prepare(w, "INSERT INTO analysis_set VALUES(?,?,?,?)");
    sqlite3_stmt *in = db_prepare(w, "INSERT INTO analysis_set_member VALUES(?,?,?,?)");
    for (size_t i = 0; i < s->sets.len; i++) {
        const study_set *k = &s->sets.items[i];
        db_put(w, st, "titt", k->id, I64(i), k->label, k->definition);
        for (size_t u = 0; u < s->subjects.len; u++)
            db_put(w, in, "ttit", k->id, study_shown_id(s, (int32_t)u), I64(k->included[u]),
                   k->reasons[u]);
    }
    db_done(st);
    db_done(in);
}

static void write_results(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *st =
        db_prepare(w, "INSERT INTO summary VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->summaries.len; i++) {
        const study_summary *m = &s->summaries.items[i];
        const char *group = m->group < 0 ? "all" : group_id(s, m->grouping, m->group);
        db_put(w, st,
               "ittttt"
               "iiiii"
               "dddddddddd"
               "tt",
               I64(i), param_id(s, m->param), visit_id(s, m->visit), grouping_id(s, m->grouping),
               group, set_id(s, m->set), I64(m->n), I64(m->n_expected), I64(m->n_missing),
               I64(m->n_below), I64(m->n_above), m->mean, m->sd, m->sem, m->mean_lower,
               m->mean_upper, m->median, m->q1, m->q3, m->minimum, m->maximum, m->censored_rule,
               m->counts);
    }
    db_done(st);
    st = db_prepare(
        w, "INSERT INTO result VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,"
           "?,?,?,?,?,?,?,?,?,?,?)");
    const bool paper = strcmp(s->style, "paper") == 0;
    for (size_t i = 0; i < s->results.len; i++) {
        const study_result *r = &s->results.items[i];
        const stroma_stat *x = &r->stat;
        const bool circular = strcmp(r->state, "circular") == 0;
        const double p = circular ? (paper ? r->p_paper : STUDY_NAN) : x->p;
        db_put(w, st,
               "itttttttttt"
               "tttt"
               "innt"
               "tdd"
               "tddd"
               "tddd"
               "ddt"
               "tddd"
               "tt",
               I64(i), r->analysis_id, r->family, r->label, param_id(s, r->param),
               param_id(s, r->param2), visit_id(s, r->visit), visit_id(s, r->visit2),
               grouping_id(s, r->grouping), group_id(s, r->grouping, r->group_a),
               group_id(s, r->grouping, r->group_b), set_id(s, r->set), r->estimand, x->method,
               x->variant, I64(x->n_used),
               x->n1 == 0 && strcmp(x->method, "proportion") != 0 ? I64(-1) : I64(x->n1),
               x->n2 == 0 ? I64(-1) : I64(x->n2), r->excluded, x->estimate_name, x->estimate, x->se,
               x->interval_method, x->level, x->lower, x->upper, x->statistic_name, x->statistic,
               x->df, x->df2, p, r->p_adjusted, r->adjust_method, x->effect_name, x->effect,
               x->effect_lower, x->effect_upper, r->state, r->reason);
    }
    db_done(st);
}

static void write_events(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO event VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->events.len; i++) {
        const study_event *e = &s->events.items[i];
        db_put(w, st,
               "itttyytnttttt"
               "ii",
               I64(i), study_shown_id(s, e->subject), e->kind, e->term, I64(e->day),
               I64(e->end_day), visit_id(s, e->visit), I64(e->grade), e->serious, e->related,
               e->action, e->outcome, e->detail, I64(e->file), e->row);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO therapy VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->therapies.len; i++) {
        const study_therapy *t = &s->therapies.items[i];
        db_put(w, st,
               "ittt"
               "dttd"
               "yytttt"
               "iii",
               I64(i), study_shown_id(s, t->subject), t->drug, t->class_name, t->dose, t->dose_unit,
               t->frequency, t->daily_dose, I64(t->start_day), I64(t->end_day), t->start_text,
               t->end_text, t->response, t->reason_stopped, I64(t->ongoing), I64(t->file), t->row);
    }
    db_done(st);
}

/* Category of a finding by the middle of its code. */
static const char *finding_category(const stroma_finding *f)
{
    static const struct {
        const char *part, *category;
    } table[] = {
        { "-VISIT-", "visits" },        { "-VALUE-", "values" },     { "-UNIT-", "units" },
        { "-DOSE-", "doses" },          { "-DISP-", "disposition" }, { "-DATE-", "dates" },
        { "-CONSIST-", "consistency" }, { "-DATA-", "values" },      { "-CYTO-", "cytometry" },
        { "-FCS-", "cytometry" },       { "-COMP-", "cytometry" },   { "-GATE-", "cytometry" },
        { "-FLOWJO-", "cytometry" },    { "-PANEL-", "cytometry" },  { "-LEARN-", "cytometry" },
        { "-POP-", "cytometry" },       { "-QC-", "cytometry" }
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strstr(f->code, table[i].part) != NULL) return table[i].category;
    return "files";
}

static void write_findings(db_writer *w)
{
    const study *s = w->s;
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO finding VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->findings.len; i++) {
        const stroma_finding *f = &s->findings.items[i];
        db_put(w, st,
               "itttt"
               "nttttt"
               "tttt",
               I64(i), f->code, stroma_severity_name(f->severity), finding_category(f),
               bare_path(s, f->file), f->line > 0 ? f->line : I64(-1), f->column,
               study_shown_name(s, f->subject), f->visit, f->param, f->value, f->message,
               f->rule == NULL ? "" : f->rule, f->action == NULL ? "" : f->action, f->audit);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO check_done VALUES(?,?,?,?,?)");
    for (size_t i = 0; i < s->checks.len; i++) {
        const study_check_done *c = &s->checks.items[i];
        db_put(w, st, "titii", c->id, I64(i), c->label, I64(c->n_checked), I64(c->n_findings));
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO flow_node VALUES(?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < s->flow.len; i++) {
        const study_flow_node *n = &s->flow.items[i];
        db_put(w, st, "ttitttit", n->id, n->parent, I64(i), n->stage,
               n->arm < 0 ? NULL : s->arms.items[n->arm].id, n->label, I64(n->n), n->details);
    }
    db_done(st);
    st = db_prepare(w, "INSERT INTO claim(kind,title,text,numbers) VALUES(?,?,?,?)");
    for (size_t i = 0; i < s->claims.len; i++) {
        const study_claim *c = &s->claims.items[i];
        if (strcmp(c->kind, "headline") != 0)
            db_put(w, st, "tttt", c->kind, c->title, c->text, c->numbers);
    }
    db_done(st);
}

static void write_report(db_writer *w)
{
    const stroma_yaml_node *list = stroma_yaml_get(w->s->root, "report");
    stroma_buffer b;
    stroma_buffer_init(&b, 1 << 20);
    sqlite3_stmt *section = db_prepare(w, "INSERT INTO section VALUES(?,?,?,?)");
    sqlite3_stmt *st = db_prepare(w, "INSERT INTO item VALUES(?,?,?,?,?,?,?,?)");
    for (size_t i = 0; list != NULL && i < list->len; i++) {
        const stroma_yaml_node *n = list->items[i], *items = stroma_yaml_get(n, "items");
        const char *id = stroma_yaml_text(n, "id", "");
        db_put(w, section, "titt", id, I64(i), stroma_yaml_text(n, "title", ""),
               stroma_yaml_text(n, "intro", ""));
        for (size_t k = 0; items != NULL && k < items->len; k++) {
            const stroma_yaml_node *item = items->items[k];
            char item_id[STUDY_ITEM_ID_MAX];
            study_item_id(n, k, item_id, sizeof item_id);
            study_item_spec(w->s, item, &b);
            if (w->status == STROMA_OK) w->status = stroma_buffer_status(&b, w->err);
            db_put(w, st, "ttittttt", item_id, id, I64(k), stroma_yaml_text(item, "kind", ""),
                   stroma_yaml_text(item, "title", ""), stroma_yaml_text(item, "caption", ""),
                   b.data, stroma_yaml_text(item, "origin", NULL));
        }
    }
    if (w->status == STROMA_OK) w->status = stroma_buffer_status(&b, w->err);
    db_done(section);
    db_done(st);
    stroma_buffer_clear(&b);
}

stroma_status study_write_db(study *s, const char *path, stroma_error *err)
{
    db_writer w = {
        .s = s,
        .err = err,
    };
    if (sqlite3_open_v2(path, &w.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        failed(&w, "create study.db");
    run_sql(&w, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON; "
                "PRAGMA cache_size=-131072; BEGIN;");
    run_sql(&w, (const char *)study_schema_sql);
    write_meta(&w);
    write_declared(&w);
    write_measurements(&w);
    write_groupings(&w);
    write_results(&w);
    db_write_markers(&w);
    db_write_cytometry(&w);
    write_events(&w);
    write_findings(&w);
    write_report(&w);
    run_sql(&w, "COMMIT;");
    if (w.status == STROMA_OK && chmod(path, S_IRUSR | S_IWUSR) != 0) /* its owner's alone */
        w.status = stroma_fail(err, STROMA_E_IO, "could not set the mode");
    if (sqlite3_close(w.db) != SQLITE_OK && w.status == STROMA_OK)
        w.status = stroma_fail(err, STROMA_E_IO, "could not close study.db");
    return stroma_in(err, w.status, "file \"%s\"", path);
}
