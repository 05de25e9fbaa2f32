/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two-stage designs of a single arm: all of them are looked at. */
#include "stroma/memory.h"
#include "stroma/stats_distribution.h"
#include "stroma/stats_power.h"

#include <math.h>
#include <string.h>

enum { N_MAX = 200 };

/* Binomial probabilities of 0 … m responses among m subjects, for every m, and their upper tails.
 */
typedef struct binomials {
    double pmf[N_MAX + 1][N_MAX + 1];
    double above[N_MAX + 1][N_MAX + 1]; /* P(X > k) */
} binomials;

static void fill(binomials *b, double p, size_t n_max)
{
    for (size_t m = 0; m <= n_max; m++) {
        double tail = 0;
        for (size_t k = m + 1; k-- > 0;) {
            b->pmf[m][k] = stroma_binomial_pmf((double)k, (double)m, p);
            b->above[m][k] = tail;
            tail += b->pmf[m][k];
        }
    }
}

/* P(more than r responses, and more than r1 in the first stage) */
static double accept(const binomials *b, const stroma_power_two_stage *d)
{
    const size_t n2 = d->n - d->n1;
    double total = 0;
    for (size_t x = d->r1 + 1; x <= d->n1; x++) {
        if (x > d->r)
            total += b->pmf[d->n1][x];
        else if (d->r - x < n2)
            total += b->pmf[d->n1][x] * b->above[n2][d->r - x];
    }
    return total;
}

typedef struct search {
    const binomials *null, *real;
    double alpha, power;
    stroma_power_two_stage *optimal, *minimax;
} search;

/* Smallest r with the error asked for; the power falls with r, so no other r can do better. */
static void try_first_stage(const search *s, stroma_power_two_stage d)
{
    size_t low = d.r1, high = d.n;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        d.r = middle;
        if (accept(s->null, &d) <= s->alpha)
            high = middle;
        else
            low = middle + 1;
    }
    d.r = low;
    d.alpha = accept(s->null, &d);
    d.power = accept(s->real, &d);
    if (d.r >= d.n || d.alpha > s->alpha || d.power < s->power) return;
    d.stop_early = 1 - s->null->above[d.n1][d.r1];
    d.expected_n = (double)d.n1 + (1 - d.stop_early) * (double)(d.n - d.n1);
    const bool first = s->optimal->n == 0;
    if (first || d.expected_n < s->optimal->expected_n - 1e-12) *s->optimal = d;
    if (first || d.n < s->minimax->n ||
        (d.n == s->minimax->n && d.expected_n < s->minimax->expected_n - 1e-12))
        *s->minimax = d;
}

static void look_at_all(const search *s, size_t n_max)
{
    for (size_t n = 2; n <= n_max; n++) {
        /* even a first stage alone is larger than the best expected size, and n larger than least
         */
        for (size_t n1 = 1; n1 < n; n1++) {
            if (s->optimal->n > 0 && (double)n1 >= s->optimal->expected_n) break;
            for (size_t r1 = 0; r1 < n1; r1++) {
                const double go_on = s->real->above[n1][r1];
                if (go_on < s->power) break; /* more r1 only loses power */
                const double expected = (double)n1 + s->null->above[n1][r1] * (double)(n - n1);
                if (s->optimal->n > 0 && n > s->minimax->n && expected >= s->optimal->expected_n)
                    continue;
                try_first_stage(s, (stroma_power_two_stage){ .r1 = r1, .n1 = n1, .n = n });
            }
        }
    }
}

static bool is_sound(const stroma_power_two_stage_plan *p)
{
    return p->p0 > 0 && p->p1 > p->p0 && p->p1 < 1 && p->alpha > 0 && p->alpha < 1 &&
           p->power > 0 && p->power < 1 && p->n_max >= 2 && p->n_max <= N_MAX;
}

stroma_status stroma_power_simon(const stroma_power_two_stage_plan *plan,
                                 stroma_power_two_stage *optimal, stroma_power_two_stage *minimax,
                                 stroma_error *err)
{
    *optimal = *minimax = (stroma_power_two_stage){ 0 };
    if (!is_sound(plan)) {
        (void)stroma_fail(
            err, STROMA_E_USAGE,
            "a two-stage design needs 0 < p0 < p1 < 1, fractions for alpha and power, "
            "and 2 to %d subjects",
            N_MAX);
        stroma_hint(err, "p0 is the response rate of no interest, p1 the one hoped for");
        return STROMA_E_USAGE;
    }
    binomials *b = stroma_alloc_array(2, sizeof *b);
    if (b == NULL) return stroma_no_memory(err);
    fill(&b[0], plan->p0, plan->n_max);
    fill(&b[1], plan->p1, plan->n_max);
    const search s = { &b[0], &b[1], plan->alpha, plan->power, optimal, minimax };
    look_at_all(&s, plan->n_max);
    stroma_free(b);
    if (optimal->n > 0) return STROMA_OK;
    return stroma_fail(err, STROMA_E_DEGENERATE,
                       "no two-stage design of up to %zu subjects has this error and power",
                       plan->n_max);
}
