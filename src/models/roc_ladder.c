/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "roc_ladder.h"

#include "stroma/memory.h"
#include "stroma/sort.h"

#include <math.h>

const char roc_one_class[] = "a class has no subject";
static const size_t subjects_max = (size_t)1 << 31;

void roc_ladder_free(roc_ladder *l)
{
    stroma_free(l->value);
    stroma_free(l->pos);
    stroma_free(l->neg);
    stroma_free(l->pos_count);
    stroma_free(l->neg_count);
    *l = (roc_ladder){ 0 };
}

static stroma_status check(const double *x, size_t n, const char *name, stroma_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return stroma_fail(err, STROMA_E_USAGE, "%s value %zu is not finite", name, i + 1);
    return STROMA_OK;
}

static stroma_status fill(const stroma_roc_sample *s, roc_ladder *l, double *all, size_t *order,
                          stroma_error *err)
{
    const size_t n = l->n_pos + l->n_neg;
    for (size_t i = 0; i < n; i++)
        all[i] = l->sign * (i < l->n_pos ? s->positive[i] : s->negative[i - l->n_pos]);
    STROMA_TRY(stroma_order_doubles(all, n, order, err));
    for (size_t i = 0; i < n; i++) {
        const size_t who = order[i];
        if (i == 0 || all[who] != l->value[l->rungs - 1]) l->value[l->rungs++] = all[who];
        const size_t r = l->rungs - 1;
        if (who < l->n_pos) {
            l->pos[who] = (uint32_t)r;
            l->pos_count[r]++;
        } else {
            l->neg[who - l->n_pos] = (uint32_t)r;
            l->neg_count[r]++;
        }
    }
    return STROMA_OK;
}

stroma_status roc_ladder_new(const stroma_roc_sample *s, roc_ladder *out, stroma_error *err)
{
    *out = (roc_ladder){ .n_pos = s->positive_len, .n_neg = s->negative_len };
    roc_ladder *l = out;
    if (l->n_pos > subjects_max || l->n_neg > subjects_max - l->n_pos)
        return stroma_fail(err, STROMA_E_USAGE, "more than 2^31 subjects");
    STROMA_TRY(check(s->positive, l->n_pos, "positive", err));
    STROMA_TRY(check(s->negative, l->n_neg, "negative", err));
    const size_t n = l->n_pos + l->n_neg;
    l->sign = s->direction == STROMA_ROC_LOWER ? -1 : 1;
    l->value = stroma_alloc_array(n, sizeof *l->value);
    l->pos = stroma_alloc_array(l->n_pos, sizeof *l->pos);
    l->neg = stroma_alloc_array(l->n_neg, sizeof *l->neg);
    l->pos_count = stroma_alloc_array(n, sizeof *l->pos_count);
    l->neg_count = stroma_alloc_array(n, sizeof *l->neg_count);
    double *all = stroma_alloc_array(n, sizeof *all);
    size_t *order = stroma_alloc_array(n, sizeof *order);
    stroma_status status = STROMA_OK;
    if (l->value == NULL || l->pos == NULL || l->neg == NULL || l->pos_count == NULL ||
        l->neg_count == NULL || all == NULL || order == NULL)
        status = stroma_no_memory(err);
    if (status == STROMA_OK) status = fill(s, l, all, order, err);
    stroma_free(all);
    stroma_free(order);
    if (status != STROMA_OK) roc_ladder_free(l);
    return status;
}

stroma_status roc_need_both(const roc_ladder *l, stroma_error *err)
{
    if (l->n_pos > 0 && l->n_neg > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE, "%s: %zu positive and %zu negative", roc_one_class,
                       l->n_pos, l->n_neg);
}

stroma_status roc_check_level(double level, stroma_error *err)
{
    if (level > 0 && level < 1) return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "level %g is not between 0 and 1", level);
}

double roc_between(double lo, double hi)
{
    const double middle = lo / 2 + hi / 2;
    return middle >= lo && middle < hi ? middle : lo;
}

uint64_t roc_pairs2(const roc_ladder *l, const uint32_t *pos_count, const uint32_t *neg_count)
{
    uint64_t below = 0, sum = 0;
    for (size_t r = 0; r < l->rungs; r++) {
        sum += pos_count[r] * (2 * below + neg_count[r]);
        below += neg_count[r];
    }
    return sum;
}

stroma_status stroma_roc_tie_censored(double *value, const stroma_cell_state *state, size_t n,
                                      stroma_error *err)
{
    double lower = -INFINITY, upper = INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (state[i] != STROMA_PRESENT && state[i] != STROMA_BELOW_LIMIT &&
            state[i] != STROMA_ABOVE_LIMIT)
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is neither measured nor censored",
                               i + 1);
        if (!isfinite(value[i]))
            return stroma_fail(err, STROMA_E_USAGE, "value %zu is not finite", i + 1);
        if (state[i] == STROMA_BELOW_LIMIT) lower = fmax(lower, value[i]);
        if (state[i] == STROMA_ABOVE_LIMIT) upper = fmin(upper, value[i]);
    }
    bool crossed = lower > upper;
    for (size_t i = 0; i < n && !crossed; i++) {
        if (state[i] != STROMA_PRESENT || (value[i] >= lower && value[i] <= upper)) continue;
        (void)stroma_fail(err, STROMA_E_INCONSISTENT,
                          "value %g lies beyond the limit %g of another row: their order is not "
                          "known",
                          value[i], value[i] < lower ? lower : upper);
        stroma_hint(err, "compare values with one detection limit, or censor all at that limit");
        return STROMA_E_INCONSISTENT;
    }
    if (crossed)
        return stroma_fail(err, STROMA_E_INCONSISTENT,
                           "lower limit %g lies above upper limit %g: the order is not known",
                           lower, upper);
    for (size_t i = 0; i < n; i++) {
        if (state[i] == STROMA_BELOW_LIMIT) value[i] = nextafter(lower, -INFINITY);
        if (state[i] == STROMA_ABOVE_LIMIT) value[i] = nextafter(upper, INFINITY);
    }
    return STROMA_OK;
}
