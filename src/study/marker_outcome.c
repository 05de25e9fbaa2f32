/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who enters a biomarker question, and with which outcome. Landmark discipline (Anderson, Cain &
 * Gelber 1983 JCO 1:710): only subjects who are still there at the landmark, and an outcome that
 * comes later. */
#include "marker.h"

#include "stroma/number.h"
#include "stroma/sort.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 64 };

static void exclude(stroma_study_biomarker *q, const char *reason)
{
    for (size_t i = 0; i < q->excluded_len; i++)
        if (strcmp(q->excluded[i].reason, reason) == 0) {
            q->excluded[i].n++;
            return;
        }
    if (q->excluded_len == STROMA_STUDY_EXCLUDED_MAX) return; /* the reasons below are fewer */
    q->excluded[q->excluded_len].reason = reason;
    q->excluded[q->excluded_len++].n = 1;
}

/* The group is made of an arm, not of an outcome. */
static bool is_an_arm(const marker_entry *m, int32_t group)
{
    const stroma_yaml_node *node = m->s->groupings.items[m->grouping].node;
    const stroma_yaml_node *groups = stroma_yaml_get(node, "groups");
    return groups != NULL && (size_t)group < groups->len &&
           stroma_yaml_get(groups->items[group], "arm") != NULL;
}

static bool is_success(const stroma_yaml_node *words, const study_measurement *x)
{
    const size_t n = stroma_yaml_count(words);
    for (size_t k = 0; k < n; k++) {
        const char *w = stroma_yaml_at(words, k)->text;
        double number = NAN;
        if (x->text != NULL ? strcmp(x->text, w) == 0
                            : stroma_parse_double(w, strlen(w), '.', &number) && number == x->value)
            return true;
    }
    return false;
}

/* NAN with a reason when there is none. */
static double outcome_of(const marker_entry *m, int32_t subject, const char **reason)
{
    const study *s = m->s;
    const stroma_yaml_node *node = stroma_yaml_get(m->node, "outcome");
    *reason = NULL;
    if (m->grouping != STUDY_NONE) {
        const int32_t group = s->groupings.items[m->grouping].member[subject];
        if (group == STUDY_NONE)
            *reason = "no outcome";
        else if (group != m->group && is_an_arm(m, group))
            *reason = "in a group that is an arm";
        return *reason != NULL ? STUDY_NAN : group == m->group ? 1.0 : 0.0;
    }
    const stroma_yaml_node *words = stroma_yaml_get(node, "success");
    const int32_t i = study_find(s, subject, m->visit, m->param);
    const study_measurement *x = i == STUDY_NONE ? NULL : &s->measurements.items[i];
    if (x == NULL || x->state != STROMA_PRESENT) {
        const bool composite =
            strcmp(stroma_yaml_text(node, "missing", "leave_out"), "nonresponse") == 0;
        if (words != NULL && composite) return 0;
        *reason = "no outcome";
        return NAN;
    }
    if (words != NULL) return is_success(words, x) ? 1.0 : 0.0;
    return x->value;
}

/* Left before the landmark: cannot be asked then. */
static bool gone_at_landmark(const marker_entry *m, const study_subject *u)
{
    const int32_t day = marker_visit_day(m->s, m->landmark);
    return day != STUDY_DAY_UNKNOWN && day > 0 && u->disposition_day != STUDY_DAY_UNKNOWN &&
           u->disposition_day < day;
}

/* Was anything measured in this subject at the landmark? Who was not seen cannot be asked then. */
static bool seen_at_landmark(const marker_entry *m, int32_t subject)
{
    const study *s = m->s;
    for (size_t p = 0; p < s->params.len; p++) {
        if (!s->params.items[p].from_file) continue;
        const int32_t i = study_find(s, subject, m->landmark, (int32_t)p);
        if (i == STUDY_NONE) continue;
        const stroma_cell_state state = s->measurements.items[i].state;
        if (state == STROMA_PRESENT || state == STROMA_BELOW_LIMIT || state == STROMA_ABOVE_LIMIT)
            return true;
    }
    return false;
}

static const char *batch_text(const marker_entry *m, int32_t param, int32_t subject)
{
    const study *s = m->s;
    int32_t i = study_find(s, subject, STUDY_NONE, param);
    if (i == STUDY_NONE) i = study_find(s, subject, m->landmark, param);
    if (i == STUDY_NONE || s->measurements.items[i].state != STROMA_PRESENT) return NULL;
    const study_measurement *x = &s->measurements.items[i];
    return x->text != NULL ? x->text : x->raw;
}

static stroma_status take_batch(marker_entry *m, stroma_error *err)
{
    stroma_study_biomarker *q = &m->q;
    const char *id = stroma_yaml_text(m->node, "batch", NULL);
    if (id == NULL) return STROMA_OK;
    const int32_t param = study_find_param(m->s, id);
    q->batch = stroma_arena_alloc(&m->s->arena, q->n, sizeof *q->batch);
    q->batch_name = stroma_arena_alloc(&m->s->arena, q->n + 1, sizeof *q->batch_name);
    if (q->batch == NULL || q->batch_name == NULL) return stroma_no_memory(err);
    for (size_t i = 0; i < q->n; i++) {
        const char *text = batch_text(m, param, m->subject[i]);
        if (text == NULL) text = "not known"; /* a batch of its own, and seen as one */
        size_t k = 0;
        while (k < q->batches_len && strcmp(q->batch_name[k], text) != 0)
            k++;
        if (k == q->batches_len) q->batch_name[q->batches_len++] = text;
        q->batch[i] = k;
    }
    return STROMA_OK;
}

/* Both roles among those who enter, or the arms say nothing. */
static stroma_status take_arms(marker_entry *m, stroma_error *err)
{
    const study *s = m->s;
    stroma_study_biomarker *q = &m->q;
    uint8_t *treated = stroma_arena_alloc(&m->s->arena, q->n, sizeof *treated);
    if (treated == NULL) return stroma_no_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < q->n; i++) {
        const int32_t arm = s->subjects.items[m->subject[i]].arm;
        treated[i] = arm != STUDY_NONE && strcmp(s->arms.items[arm].role, "control") != 0;
        n += treated[i];
    }
    if (n > 0 && n < q->n) q->treated = treated;
    return STROMA_OK;
}

static void mark(const marker_entry *m, int32_t i, int depth) // NOLINT(misc-no-recursion)
{
    const study *s = m->s;
    const study_measurement *x = &s->measurements.items[i];
    if (m->behind[i] || depth > DEPTH_MAX) return;
    m->behind[i] = true;
    for (size_t k = 0; k < x->inputs_len; k++)
        mark(m, s->inputs.items[x->inputs_start + k], depth + 1);
}

static void mark_place(const marker_entry *m, int32_t subject, int32_t param, int32_t visit)
{
    const int32_t i = study_find(m->s, subject, visit, param);
    if (i != STUDY_NONE) mark(m, i, 0);
}

/* Everything that the rules of the grouping look at. */
static void mark_grouping(const marker_entry *m, int32_t subject)
{
    const study *s = m->s;
    const stroma_yaml_node *groups =
        stroma_yaml_get(s->groupings.items[m->grouping].node, "groups");
    for (size_t g = 0; groups != NULL && g < groups->len; g++) {
        const stroma_yaml_node *when = stroma_yaml_get(groups->items[g], "when");
        for (size_t k = 0; when != NULL && k < when->len; k++)
            mark_place(m, subject,
                       study_find_param(s, stroma_yaml_text(when->items[k], "param", "")),
                       study_find_visit(s, stroma_yaml_text(when->items[k], "visit", "")));
    }
}

static void mark_outcomes(const marker_entry *m)
{
    for (size_t i = 0; i < m->q.n; i++) {
        if (m->grouping != STUDY_NONE)
            mark_grouping(m, m->subject[i]);
        else
            mark_place(m, m->subject[i], m->param, m->visit);
    }
}

/* "2" before "10", and "P2" before "P10". */
static int by_id(const void *a, const void *b, void *context)
{
    const study *s = context;
    const char *x = s->subjects.items[*(const int32_t *)a].id;
    const char *y = s->subjects.items[*(const int32_t *)b].id;
    const size_t n = strlen(x), k = strlen(y);
    return n != k ? (n < k ? -1 : 1) : strcmp(x, y);
}

/* Resampling draws by place: places by id give the same draws for any order of the rows. */
static stroma_status put_in_order(marker_entry *m, stroma_error *err)
{
    study *s = m->s;
    for (size_t i = 0; i < s->subjects.len; i++)
        m->order[i] = (int32_t)i;
    return stroma_sort(m->order, s->subjects.len, sizeof *m->order, by_id, s, err);
}

static stroma_status allocate(marker_entry *m, stroma_error *err)
{
    study *s = m->s;
    m->order = stroma_arena_alloc(&s->arena, s->subjects.len, sizeof *m->order);
    m->subject = stroma_arena_alloc(&s->arena, s->subjects.len, sizeof *m->subject);
    m->q.subject = stroma_arena_alloc(&s->arena, s->subjects.len, sizeof *m->q.subject);
    m->q.outcome = stroma_arena_alloc(&s->arena, s->subjects.len, sizeof *m->q.outcome);
    m->behind = stroma_arena_alloc(&s->arena, s->measurements.len, sizeof *m->behind);
    return m->behind == NULL || m->order == NULL || m->subject == NULL || m->q.subject == NULL ||
                   m->q.outcome == NULL
               ? stroma_no_memory(err)
               : put_in_order(m, err);
}

stroma_status marker_take_outcome(marker_entry *m, stroma_error *err)
{
    study *s = m->s;
    stroma_study_biomarker *q = &m->q;
    STROMA_TRY(allocate(m, err));
    bool visited = false; /* else every value belongs to the subject, and nobody can be missing */
    for (size_t i = 0; i < s->subjects.len && !visited; i++)
        visited = seen_at_landmark(m, (int32_t)i);
    for (size_t k = 0; k < s->subjects.len; k++) {
        const int32_t i = m->order[k];
        const study_subject *u = &s->subjects.items[i];
        if (!s->sets.items[m->set].included[i]) continue;
        if (s->arms.len > 0 && (u->arm == STUDY_NONE || !m->arm_in[u->arm])) continue;
        const char *reason = NULL;
        const double y = outcome_of(m, i, &reason);
        if (reason == NULL && gone_at_landmark(m, u)) reason = "left before the landmark";
        if (reason == NULL && visited && !seen_at_landmark(m, i))
            reason = "not measured at the landmark";
        if (reason != NULL) {
            exclude(q, reason);
            continue;
        }
        m->subject[q->n] = i;
        q->subject[q->n] = u->id;
        q->outcome[q->n++] = y;
    }
    mark_outcomes(m);
    STROMA_TRY(take_arms(m, err));
    return take_batch(m, err);
}
