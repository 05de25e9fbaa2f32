/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer in sentences. They say what was seen and what it does not show. */
#include "heterogeneity.h"

#include "stroma/number.h"

#include <math.h>
#include <stdio.h>

static const char *number(double x, char *buf)
{
    return isnan(x) ? "not known" : stroma_format_significant(x, 3, buf);
}

static const char *percent(double x, char *buf)
{
    return isnan(x) ? "not known" : stroma_format_significant(100 * x, x < 0.1 ? 2 : 3, buf);
}

static void verdict(const stroma_heterogeneity *h, stroma_buffer *b)
{
    static const char one_effect[] = "compatible with one common effect and noise";
    static const char *const words[] = { "cannot be judged", one_effect, "shown" };
    stroma_buffer_printf(b, "heterogeneity of response: %s (%s)\n", words[h->verdict],
                         h->verdict_reason);
}

static void ratio(const stroma_heterogeneity *h, stroma_buffer *b)
{
    char n[6][STROMA_NUMBER_TEXT_MAX];
    const stroma_stat *r = &h->sd_ratio, *e = &h->effect_sd;
    if (r->not_estimable) {
        stroma_buffer_printf(b, "the variation of change cannot be compared: %s\n", r->reason);
        return;
    }
    stroma_buffer_printf(
        b,
        "SD of change%s, treated to control: %s (%s to %s); an individual effect with an SD of up "
        "to %s is not excluded\n",
        h->adjusted ? " beyond baseline" : "", number(r->estimate, n[0]), number(r->lower, n[1]),
        number(r->upper, n[2]), number(e->upper, n[3]));
}

static void groups(const stroma_heterogeneity *h, stroma_buffer *b)
{
    char n[6][STROMA_NUMBER_TEXT_MAX];
    const stroma_mixture *m = &h->mixture;
    if (m->test.not_estimable) {
        stroma_buffer_printf(b, "two groups cannot be looked for: %s\n", m->test.reason);
        return;
    }
    if (h->p_mixture_adjusted <= h->alpha) {
        stroma_buffer_printf(b,
                             "two groups: %s %% about %s and %s %% about %s (p = %s against one "
                             "group, skewed or not)\n",
                             percent(m->weight[0], n[0]), number(m->mean[0], n[1]),
                             percent(m->weight[1], n[2]), number(m->mean[1], n[3]),
                             stroma_format_p(m->p, n[4]));
        return;
    }
    if (m->skewed.not_estimable)
        stroma_buffer_printf(b, "one normal group is enough to describe change (p = %s)\n",
                             stroma_format_p(m->test.p, n[0]));
    else
        stroma_buffer_printf(b,
                             "change is not normal (p = %s), but one skewed or heavy-tailed group "
                             "describes it as well as two (p = %s)\n",
                             stroma_format_p(m->test.p, n[0]), stroma_format_p(m->skewed.p, n[1]));
}

static void error_share(const stroma_heterogeneity *h, stroma_buffer *b)
{
    char n[3][STROMA_NUMBER_TEXT_MAX];
    const stroma_stat *r = &h->reliability;
    if (r->not_estimable)
        stroma_buffer_printf(b, "how much of it is measurement error cannot be said: %s\n",
                             r->reason);
    else if (r->upper < 0)
        stroma_buffer_puts(b, "change varies less than measurement error alone would make it: the "
                              "error is too large for these patients, and the responders it makes "
                              "are too many\n");
    else
        stroma_buffer_printf(b,
                             "of the variance of change, %s %% (%s to %s) can be more than "
                             "measurement error\n",
                             percent(fmax(0, r->estimate), n[0]), percent(fmax(0, r->lower), n[1]),
                             percent(fmax(0, r->upper), n[2]));
}

static void rates(const stroma_rate_pair *r, const char *rule, stroma_buffer *b)
{
    char n[4][STROMA_NUMBER_TEXT_MAX];
    if (r->observed.not_estimable) return;
    stroma_buffer_printf(b, "responders by %s: %s %% seen; ", rule,
                         percent(r->observed.estimate, n[0]));
    if (!isnan(r->noise.rate))
        stroma_buffer_printf(b, "%s %% if nobody changed, by measurement error alone; ",
                             percent(r->noise.rate, n[1]));
    if (!isnan(r->regression.rate))
        stroma_buffer_printf(b, "%s %% with regression to the mean; ",
                             percent(r->regression.rate, n[3]));
    stroma_buffer_printf(b, "%s %% if all patients changed alike\n", percent(r->common.rate, n[2]));
}

void stroma_heterogeneity_sentences(const stroma_heterogeneity *h, stroma_buffer *b)
{
    char drop[64], n[STROMA_NUMBER_TEXT_MAX];
    verdict(h, b);
    ratio(h, b);
    groups(h, b);
    error_share(h, b);
    (void)snprintf(drop, sizeof drop, "a fall of more than %s",
                   stroma_format_double(h->drop_used, n));
    rates(&h->drop, drop, b);
    rates(&h->rule, h->rule_name == NULL ? "the rule" : h->rule_name, b);
    if (h->verdict == STROMA_HETEROGENEITY_COMPATIBLE)
        stroma_buffer_puts(b, "this is no proof that all patients respond alike: small subgroups "
                              "escape samples of this size\n");
}
