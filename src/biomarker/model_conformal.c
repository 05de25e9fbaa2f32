/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_conformal.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>

stroma_status conformal_room_new(const stroma_model *m, conformal_room *out, stroma_error *err)
{
    out->score = stroma_alloc_array(m->folds, sizeof *out->score);
    out->crossing = stroma_alloc_array(m->calibration_len, sizeof *out->crossing);
    if (out->score != NULL && out->crossing != NULL) return STROMA_OK;
    conformal_room_free(out);
    return stroma_no_memory(err);
}

void conformal_room_free(conformal_room *r)
{
    stroma_free(r->score);
    stroma_free(r->crossing);
    r->score = r->crossing = NULL;
}

double conformal_score(const double *b, const double *entered, size_t p)
{
    double sum = b[0];
    for (size_t j = 0; j < p; j++)
        sum += b[1 + j] * entered[j];
    return sum;
}

void conformal_compare(const stroma_model *m, const double *entered, double u, conformal_room *room,
                       double *p_event, double *p_no_event)
{
    const size_t k = 1 + m->inputs_len;
    size_t n[2] = { 0, 0 }, odder[2] = { 0, 0 }, tied[2] = { 1, 1 }; /* the patient with itself */
    for (size_t f = 0; f < m->folds; f++)
        room->score[f] = conformal_score(m->fold_coefficients + f * k, entered, k - 1);
    for (size_t i = 0; i < m->calibration_len; i++) {
        const double mine = room->score[m->calibration_fold[i]], its = m->calibration_score[i];
        const int class = m->calibration_class[i] > 0;
        n[class]++;
        tied[class] += its == mine;
        odder[class] += class == 1 ? its < mine : its > mine;
    }
    *p_event = ((double)odder[1] + u * (double)tied[1]) / (double)(n[1] + 1);
    *p_no_event = ((double)odder[0] + u * (double)tied[0]) / (double)(n[0] + 1);
}

static stroma_prediction_set set_of(bool event, bool none)
{
    if (event && none) return STROMA_SET_BOTH;
    if (event) return STROMA_SET_EVENT;
    return none ? STROMA_SET_NO_EVENT : STROMA_SET_NONE;
}

stroma_prediction_set conformal_set(double p_event, double p_no_event, double alpha)
{
    return set_of(p_event > alpha + 1e-12, p_no_event > alpha + 1e-12);
}

/* 1 or −1 when the input moves the scores of all folds one way, else 0. */
static int direction(const stroma_model *m, size_t input)
{
    const size_t k = 1 + m->inputs_len;
    size_t up = 0, down = 0;
    for (size_t f = 0; f < m->folds; f++) {
        up += m->fold_coefficients[f * k + 1 + input] > 0;
        down += m->fold_coefficients[f * k + 1 + input] < 0;
    }
    return up == m->folds ? 1 : down == m->folds ? -1 : 0;
}

/* Value of the input at which a class enters or leaves the set; infinite when it is always in.
 * @param rising the class is in the set for values above it */
static double threshold(const stroma_model *m, conformal_room *room, size_t input, double now,
                        double alpha, int class, bool rising)
{
    const size_t k = 1 + m->inputs_len;
    size_t n = 0;
    for (size_t i = 0; i < m->calibration_len; i++) {
        if ((m->calibration_class[i] > 0) != (class == 1)) continue;
        const size_t f = m->calibration_fold[i];
        room->crossing[n++] = now + (m->calibration_score[i] - room->score[f]) /
                                        m->fold_coefficients[f * k + 1 + input];
    }
    /* so many of them must be at least as odd: the p-value is above alpha */
    const size_t need = (size_t)floor(alpha * (double)(n + 1) + 1e-9);
    if (need == 0 || need > n) return rising ? -INFINITY : INFINITY;
    stroma_sort_doubles(room->crossing, n);
    return rising ? room->crossing[need - 1] : room->crossing[n - need];
}

bool conformal_find_change(const stroma_model *m, conformal_room *room, size_t input, double now,
                           double level, stroma_prediction_set set, conformal_change *out)
{
    const int way = direction(m, input);
    const double alpha = 1 - level;
    out->n = 0;
    if (way == 0) return false;
    bool in[2] = { set == STROMA_SET_EVENT || set == STROMA_SET_BOTH,
                   set == STROMA_SET_NO_EVENT || set == STROMA_SET_BOTH };
    /* the event is in the set from its threshold on, in the direction of the input */
    const double at[2] = { threshold(m, room, input, now, alpha, 1, way > 0),
                           threshold(m, room, input, now, alpha, 0, way < 0) };
    const bool above[2] = { in[0] == (way < 0), in[1] == (way > 0) };
    const size_t first = fabs(at[0] - now) <= fabs(at[1] - now) ? 0 : 1;
    for (size_t k = 0; k < 2; k++) {
        const size_t c = k == 0 ? first : 1 - first;
        if (!isfinite(at[c])) continue;
        bool then[2] = { in[0], in[1] };
        then[c] = !in[c];
        if (k == 1 && above[first] == above[c] && isfinite(at[first])) then[first] = !in[first];
        out->at[out->n] = at[c];
        out->above[out->n] = above[c];
        out->set[out->n++] = set_of(then[0], then[1]);
    }
    return true;
}
