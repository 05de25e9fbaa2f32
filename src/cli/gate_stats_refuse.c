/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `stroma gate stats` refuses to be asked: no option is ignored in silence. */
#include "gate_stats.h"

#include <string.h>

enum { RESAMPLES_MIN = 20 }; /* of stroma_population_options */

/* Option @p option does something only beside one of @p with. */
static stroma_status needs(const cli_context *c, const char *option, const char *with,
                           const char *or_with, stroma_error *err)
{
    if (!cli_given(c, option) || cli_given(c, with) || (or_with != NULL && cli_given(c, or_with)))
        return STROMA_OK;
    return stroma_fail(err, STROMA_E_USAGE, "--%s needs --%s%s%s", option, with,
                       or_with == NULL ? "" : " or --", or_with == NULL ? "" : or_with);
}

stroma_status gate_stats_refuse(const cli_context *c, stroma_error *err)
{
    STROMA_TRY(needs(c, "landmarks", "reference", NULL, err));
    STROMA_TRY(needs(c, "control-from", "control", "reference", err));
    STROMA_TRY(needs(c, "moved-from", "strategy", NULL, err));
    STROMA_TRY(needs(c, "sample", "gates", NULL, err));
    if (cli_given(c, "mfi") || cli_given(c, "strategy")) return STROMA_OK;
    if (cli_given(c, "reference") || cli_given(c, "calibration"))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--reference and --calibration need the markers: --mfi MARKER");
    return STROMA_OK;
}

static bool any_negative(const stroma_population_request *r)
{
    for (size_t i = 0; r->markers_len > 0 && i < r->statistics_len; i++)
        if (stroma_definition_needs_negative(r->statistic[i])) return true;
    return false;
}

/* Whether a random number is drawn. */
static bool any_bootstrap(const stroma_population_request *r)
{
    if (r->options.resamples == 0) return false;
    if (r->pairs_len > 0) return true;
    for (size_t i = 0; r->markers_len > 0 && i < r->statistics_len; i++)
        if (r->options.bootstrap_quantiles ||
            strstr(r->statistic[i]->interval, "bootstrap") != NULL)
            return true;
    return false;
}

/* A control is of a marker that is asked for, or that a gate of the strategy is found against. */
static stroma_status refuse_control(const gate_stats *g, const char *given, stroma_error *err)
{
    const stroma_population_request *r = &g->request;
    const char *eq = strchr(given, '=');
    char marker[128];
    if (eq == NULL || r->net) return STROMA_OK;
    const size_t n = (size_t)(eq - given);
    if (n == 0 || n >= sizeof marker || eq[1] == '\0')
        return stroma_fail(err, STROMA_E_USAGE, "--control \"%.80s\" is not [MARKER=]FILE", given);
    memcpy(marker, given, n);
    marker[n] = '\0';
    for (size_t i = 0; i < r->markers_len; i++)
        if (stroma_panel_same_marker(&g->source.panel, r->marker[i], marker)) return STROMA_OK;
    if (g->source.strategy != NULL &&
        stroma_panel_marker_find(&g->source.panel, marker) != SIZE_MAX)
        return STROMA_OK;
    stroma_fail(err, STROMA_E_USAGE, "--control \"%.80s\": nothing is asked of marker \"%s\"",
                given, marker);
    stroma_hint(err, "ask for it by --mfi %s, or for --statistic percent_net", marker);
    return STROMA_E_USAGE;
}

/* A file of gates for all samples is asked once; else each sample's gates are. */
static stroma_status refuse_name(const gate_stats *g, const char *id, stroma_error *err)
{
    const stroma_gate_set *s = &g->source.choice.set;
    if (g->source.strategy != NULL || g->source.choice.by_file || id == NULL ||
        strcmp(id, "ungated") == 0 || stroma_gate_find(s, id) >= 0)
        return STROMA_OK;
    stroma_fail(err, STROMA_E_INCONSISTENT, "file \"%s\": there is no population \"%.80s\"",
                g->source.choice.path, id);
    stroma_hint(err, "populations are named by the id of their gate; all events are \"ungated\"");
    return STROMA_E_INCONSISTENT;
}

static stroma_status refuse_names(const gate_stats *g, stroma_error *err)
{
    const stroma_population_request *r = &g->request;
    for (size_t i = 0; i < r->populations_len; i++)
        STROMA_TRY(refuse_name(g, r->population[i], err));
    for (size_t i = 0; i < r->of_len; i++)
        STROMA_TRY(refuse_name(g, r->of[i], err));
    for (size_t i = 0; i < r->pairs_len; i++) {
        STROMA_TRY(refuse_name(g, r->pairs[i].numerator, err));
        STROMA_TRY(refuse_name(g, r->pairs[i].denominator, err));
    }
    STROMA_TRY(refuse_name(g, r->beads, err));
    return refuse_name(g, r->negative, err);
}

stroma_status gate_stats_refuse_request(const gate_stats *g, stroma_error *err)
{
    const cli_context *c = g->context;
    const stroma_population_request *r = &g->request;
    const char *const *controls = NULL;
    const size_t n = cli_texts(c, "control", &controls);
    for (size_t i = 0; i < n; i++)
        STROMA_TRY(refuse_control(g, controls[i], err));
    if (r->options.resamples > 0 && r->options.resamples < RESAMPLES_MIN)
        return stroma_fail(err, STROMA_E_USAGE, "--bootstrap %zu is below %d (0: no bootstrap)",
                           r->options.resamples, RESAMPLES_MIN);
    if (cli_given(c, "few") && r->pairs_len == 0)
        return stroma_fail(err, STROMA_E_USAGE, "--few needs --ratio");
    if (cli_given(c, "negative") && !any_negative(r))
        return stroma_fail(
            err, STROMA_E_USAGE,
            "--negative needs --mfi with --statistic stain_index or separation_index");
    if (cli_given(c, "seed") && !any_bootstrap(r))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--seed changes nothing: no interval asked for is by the bootstrap");
    if (r->markers_len == 0 && (cli_given(c, "reference") || cli_given(c, "calibration")))
        return stroma_fail(err, STROMA_E_USAGE,
                           "--reference and --calibration need the markers: --mfi MARKER");
    return refuse_names(g, err);
}
