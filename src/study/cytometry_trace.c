/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a number back to gates, file and events, out of study.db. */
#include "cytometry_trace.h"

#include "stroma/number.h"

#include <string.h>

enum { GATES_MAX = 64 };

/* columns of the two queries */
enum {
    S_VALUE,
    S_LOWER,
    S_UPPER,
    S_LEVEL,
    S_INTERVAL,
    S_N,
    S_N_OF,
    S_SAMPLE,
    S_GATE,
    S_OF,
    S_PATH,
    S_SHA256,
    S_DATASET,
    S_FIRST,
    S_EVENTS,
    S_COMPENSATION,
    S_MATRIX,
    S_CONDITION,
    S_KIND,
    S_GATES,
    S_GATES_SHA256,
    S_PANEL,
    S_CONTROL,
    S_CONTROL_SHA256,
    S_MARKER,
    S_PANEL_SHA256,
    S_FINDINGS
};
static const char statistic_sql[] =
    "SELECT s.value,s.lower,s.upper,s.level,s.interval_method,s.n,s.n_of,s.sample_id,p.gate_id,"
    "o.label,f.path,f.sha256,t.dataset,t.first_event,t.n_events,t.compensation,"
    "t.compensation_sha256,t.condition,e.gates_kind,e.gates,e.gates_sha256,e.panel,cf.path,"
    "cf.sha256,s.marker,e.panel_sha256,t.findings "
    "FROM cytometry_statistic s JOIN cytometry_population p USING(population_id) "
    "LEFT JOIN cytometry_population o ON o.population_id=s.of_population_id "
    "JOIN cytometry_sample t ON t.sample_id=s.sample_id JOIN input_file f USING(file_id) "
    "JOIN cytometry_entry e ON e.entry_id=t.entry_id "
    "LEFT JOIN cytometry_sample c ON c.sample_id=s.control_sample_id "
    "LEFT JOIN input_file cf ON cf.file_id=c.file_id WHERE s.measurement_id=?";

enum {
    G_ID,
    G_PARENT,
    G_LABEL,
    G_KIND,
    G_N,
    G_N_PARENT,
    G_GEOMETRY,
    G_DIMS,
    G_SHAPE,
    G_METHOD,
    G_CONFIDENCE,
    G_RULE,
    G_REASON,
    G_PARAMETERS
};
/* The shape in words: edges in linear units, an ellipsis where open. */
#define AXES \
    "(SELECT group_concat(json_extract(d.value,'$.axis'),' and ') FROM json_each(g.dims) d)"
#define END_AT(side) "json_extract(g.geometry,'$.linear." side "['||d.key||']')"
#define EDGE(side)   "iif(" END_AT(side) " IS NULL,'\xE2\x80\xA6',printf('%.6g'," END_AT(side) "))"
static const char gate_sql[] =
    "SELECT g.gate_id,g.parent_id,g.label,g.kind,p.n,p.n_parent,g.geometry,g.dims,"
    "CASE WHEN g.found=0 OR g.kind='boolean' THEN g.kind "
    "WHEN g.kind IN ('rectangle','quadrant') THEN (SELECT group_concat("
    "json_extract(d.value,'$.axis')||' '||" EDGE("lower") "||' to '||" EDGE(
        "upper") ",', ') "
                 "FROM json_each(g.dims) d) "
                 "WHEN g.kind='polygon' THEN 'polygon of "
                 "'||json_array_length(g.geometry,'$.vertices')||' "
                 "vertices on '||" AXES " ELSE g.kind||' on '||" AXES " END,"
                 "g.method,g.confidence,g.rule,p.reason,g.parameters FROM cytometry_population p "
                 "JOIN cytometry_gate g USING(gate_row) WHERE p.sample_id=? AND p.gate_id=?";

static const char *text(sqlite3_stmt *st, int k)
{
    return (const char *)sqlite3_column_text(st, k);
}

static const char *or_none(const char *s)
{
    return s == NULL ? "" : s;
}

static bool has(sqlite3_stmt *st, int k)
{
    return sqlite3_column_type(st, k) != SQLITE_NULL;
}

static const char *significant(sqlite3_stmt *st, int k, char *out)
{
    return stroma_format_significant(sqlite3_column_double(st, k), 4, out);
}

/* ---- text ---- */

static void number_lines(sqlite3_stmt *s, const char *prefix, stroma_buffer *out)
{
    char a[STROMA_NUMBER_TEXT_MAX], b[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(out, "%s%lld events", prefix, (long long)sqlite3_column_int64(s, S_N));
    if (has(s, S_N_OF))
        stroma_buffer_printf(out, ", set against %lld%s%s",
                             (long long)sqlite3_column_int64(s, S_N_OF),
                             text(s, S_OF) == NULL ? " of all" : " of ", or_none(text(s, S_OF)));
    if (has(s, S_LOWER) && has(s, S_UPPER))
        stroma_buffer_printf(out, "; %.4g %% interval %s to %s (%s)",
                             100 * sqlite3_column_double(s, S_LEVEL), significant(s, S_LOWER, a),
                             significant(s, S_UPPER, b), or_none(text(s, S_INTERVAL)));
    stroma_buffer_putc(out, '\n');
    if (text(s, S_CONTROL) != NULL)
        stroma_buffer_printf(out, "%scontrol %s  sha256 %.16s\xE2\x80\xA6\n", prefix,
                             text(s, S_CONTROL), or_none(text(s, S_CONTROL_SHA256)));
}

static void file_lines(sqlite3_stmt *s, const char *prefix, stroma_buffer *out)
{
    const long long first = sqlite3_column_int64(s, S_FIRST), n = sqlite3_column_int64(s, S_EVENTS);
    char a[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(
        out, "%sevents %lld to %lld of data set %lld of %s  sha256 %.16s\xE2\x80\xA6\n", prefix,
        first, first + n - 1, (long long)sqlite3_column_int64(s, S_DATASET),
        or_none(text(s, S_PATH)), or_none(text(s, S_SHA256)));
    stroma_buffer_printf(out, "%scompensated by %s", prefix, or_none(text(s, S_COMPENSATION)));
    if (text(s, S_MATRIX) != NULL)
        stroma_buffer_printf(out, "  sha256 %.16s\xE2\x80\xA6", text(s, S_MATRIX));
    if (has(s, S_CONDITION))
        stroma_buffer_printf(out, ", condition number %s", significant(s, S_CONDITION, a));
    stroma_buffer_printf(out, "\n%s%s %s  sha256 %.16s\xE2\x80\xA6", prefix,
                         or_none(text(s, S_KIND)), or_none(text(s, S_GATES)),
                         or_none(text(s, S_GATES_SHA256)));
    if (text(s, S_PANEL) != NULL)
        stroma_buffer_printf(out, ", panel %s  sha256 %.16s\xE2\x80\xA6", text(s, S_PANEL),
                             or_none(text(s, S_PANEL_SHA256)));
    stroma_buffer_putc(out, '\n');
}

static void gate_lines(sqlite3_stmt *g, const char *prefix, stroma_buffer *out)
{
    char a[STROMA_NUMBER_TEXT_MAX];
    stroma_buffer_printf(out, "%sgate %s in %s", prefix, or_none(text(g, G_LABEL)),
                         text(g, G_PARENT) == NULL ? "all events" : text(g, G_PARENT));
    if (has(g, G_N))
        stroma_buffer_printf(out, ": %lld of %lld events", (long long)sqlite3_column_int64(g, G_N),
                             (long long)sqlite3_column_int64(g, G_N_PARENT));
    if (text(g, G_REASON) != NULL) stroma_buffer_printf(out, ": %s", text(g, G_REASON));
    stroma_buffer_printf(out, "\n%s  %s; ", prefix, or_none(text(g, G_SHAPE)));
    if (text(g, G_METHOD) == NULL) {
        stroma_buffer_puts(out, "drawn by hand\n");
        return;
    }
    stroma_buffer_puts(out, text(g, G_RULE) != NULL ? text(g, G_RULE) : text(g, G_METHOD));
    if (has(g, G_CONFIDENCE))
        stroma_buffer_printf(out, "; confidence %s", significant(g, G_CONFIDENCE, a));
    stroma_buffer_putc(out, '\n');
}

/* ---- JSON ---- */

static void put_double(stroma_json *j, const char *key, sqlite3_stmt *st, int k)
{
    if (has(st, k))
        stroma_json_put_number(j, key, sqlite3_column_double(st, k));
    else
        stroma_json_put_null(j, key);
}

static void put_int(stroma_json *j, const char *key, sqlite3_stmt *st, int k)
{
    if (has(st, k))
        stroma_json_put_int(j, key, sqlite3_column_int64(st, k));
    else
        stroma_json_put_null(j, key);
}

static void put_raw(stroma_json *j, const char *key, sqlite3_stmt *st, int k)
{
    stroma_json_key(j, key);
    if (has(st, k))
        stroma_json_raw(j, text(st, k));
    else
        stroma_json_null(j);
}

static void statistic_json(sqlite3_stmt *s, stroma_json *j)
{
    put_int(j, "n", s, S_N);
    put_int(j, "n_of", s, S_N_OF);
    stroma_json_put_string(j, "of", text(s, S_OF));
    put_double(j, "lower", s, S_LOWER);
    put_double(j, "upper", s, S_UPPER);
    put_double(j, "level", s, S_LEVEL);
    stroma_json_put_string(j, "interval_method", text(s, S_INTERVAL));
    stroma_json_put_string(j, "marker", text(s, S_MARKER));
    stroma_json_put_string(j, "control_file", text(s, S_CONTROL));
    stroma_json_put_string(j, "control_sha256", text(s, S_CONTROL_SHA256));
    stroma_json_put_string(j, "file", text(s, S_PATH));
    stroma_json_put_string(j, "sha256", text(s, S_SHA256));
    put_int(j, "dataset", s, S_DATASET);
    put_int(j, "first_event", s, S_FIRST);
    put_int(j, "n_events", s, S_EVENTS);
    stroma_json_put_string(j, "compensation", text(s, S_COMPENSATION));
    stroma_json_put_string(j, "compensation_sha256", text(s, S_MATRIX));
    put_double(j, "condition", s, S_CONDITION);
    stroma_json_put_string(j, "gates_kind", text(s, S_KIND));
    stroma_json_put_string(j, "gates", text(s, S_GATES));
    stroma_json_put_string(j, "gates_sha256", text(s, S_GATES_SHA256));
    stroma_json_put_string(j, "panel", text(s, S_PANEL));
    stroma_json_put_string(j, "panel_sha256", text(s, S_PANEL_SHA256));
    put_raw(j, "findings", s, S_FINDINGS);
}

static void gate_json(sqlite3_stmt *g, stroma_json *j)
{
    stroma_json_begin_object(j);
    stroma_json_put_string(j, "gate", text(g, G_ID));
    stroma_json_put_string(j, "parent", text(g, G_PARENT));
    stroma_json_put_string(j, "label", text(g, G_LABEL));
    stroma_json_put_string(j, "kind", text(g, G_KIND));
    put_int(j, "n", g, G_N);
    put_int(j, "n_parent", g, G_N_PARENT);
    put_raw(j, "dims", g, G_DIMS);
    put_raw(j, "geometry", g, G_GEOMETRY);
    stroma_json_put_string(j, "method", text(g, G_METHOD));
    put_raw(j, "parameters", g, G_PARAMETERS);
    put_double(j, "confidence", g, G_CONFIDENCE);
    stroma_json_put_string(j, "rule", text(g, G_RULE));
    stroma_json_put_string(j, "reason", text(g, G_REASON));
    stroma_json_end_object(j);
}

/* ---- the walk ---- */

/* From the population up to all events. */
static bool walk_gates(sqlite3 *db, sqlite3_stmt *s, const char *prefix, stroma_buffer *out,
                       stroma_json *j)
{
    sqlite3_stmt *g = NULL;
    if (sqlite3_prepare_v2(db, gate_sql, -1, &g, NULL) != SQLITE_OK) return false;
    const int64_t sample = sqlite3_column_int64(s, S_SAMPLE);
    (void)sqlite3_bind_int64(g, 1, sample);
    (void)sqlite3_bind_text(g, 2, text(s, S_GATE), -1, SQLITE_TRANSIENT);
    stroma_buffer parent;
    stroma_buffer_init(&parent, 1 << 16);
    bool fine = true;
    for (int k = 0; fine && k < GATES_MAX; k++) {
        if (sqlite3_step(g) != SQLITE_ROW) break;
        if (j != NULL)
            gate_json(g, j);
        else
            gate_lines(g, prefix, out);
        if (text(g, G_PARENT) == NULL) break;
        stroma_buffer_reset(&parent); /* the text ends with the step */
        stroma_buffer_puts(&parent, text(g, G_PARENT));
        (void)sqlite3_reset(g);
        fine = stroma_buffer_status(&parent, NULL) == STROMA_OK &&
               sqlite3_bind_text(g, 2, parent.data, -1, SQLITE_TRANSIENT) == SQLITE_OK;
    }
    stroma_buffer_clear(&parent);
    (void)sqlite3_finalize(g);
    return fine;
}

static bool find(sqlite3 *db, int64_t id, sqlite3_stmt **s)
{
    if (sqlite3_prepare_v2(db, statistic_sql, -1, s, NULL) != SQLITE_OK) return false;
    (void)sqlite3_bind_int64(*s, 1, id);
    return sqlite3_step(*s) == SQLITE_ROW;
}

bool cytometry_trace_text(sqlite3 *db, int64_t id, const char *prefix, stroma_buffer *out)
{
    sqlite3_stmt *s = NULL;
    bool fine = find(db, id, &s);
    if (fine) {
        number_lines(s, prefix, out);
        fine = walk_gates(db, s, prefix, out, NULL);
        file_lines(s, prefix, out);
    }
    (void)sqlite3_finalize(s);
    return fine;
}

bool cytometry_trace_json(sqlite3 *db, int64_t id, stroma_json *j)
{
    sqlite3_stmt *s = NULL;
    bool fine = find(db, id, &s);
    if (fine) {
        stroma_json_key(j, "cytometry");
        stroma_json_begin_object(j);
        statistic_json(s, j);
        stroma_json_key(j, "populations");
        stroma_json_begin_array(j);
        fine = walk_gates(db, s, NULL, NULL, j);
        stroma_json_end_array(j);
        stroma_json_end_object(j);
    }
    (void)sqlite3_finalize(s);
    return fine;
}
