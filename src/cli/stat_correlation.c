/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `stroma stat correlation` */
#include "stat_methods.h"

#include "stroma/stats_correlation.h"

#include <string.h>

static stroma_status spearman_kind(const stat_job *j, stroma_spearman_interval *out,
                                   stroma_error *err)
{
    static const char *const names[] = { "bonett-wright", "fieller", "fisher" };
    const char *interval = cli_text(j->cli, "interval");
    for (size_t i = 0; i < 3; i++)
        if (interval == NULL || strcmp(interval, names[i]) == 0) {
            *out = (stroma_spearman_interval)i;
            return STROMA_OK;
        }
    (void)stroma_fail(err, STROMA_E_USAGE, "--interval \"%s\" is not known to this method",
                      interval);
    stroma_hint(err, "one of bonett-wright (default), fieller, fisher");
    return STROMA_E_USAGE;
}

stroma_status stat_run_correlation(stat_job *j, stroma_error *err)
{
    stat_pairs p;
    stroma_stat s;
    stroma_spearman_interval interval = STROMA_SPEARMAN_BONETT_WRIGHT;
    const char *method = cli_text(j->cli, "method");
    STROMA_TRY(spearman_kind(j, &interval, err));
    STROMA_TRY(stat_read_pairs(j, &p, err));
    if (method == NULL || strcmp(method, "pearson") == 0) {
        STROMA_TRY(stroma_correlation_pearson(p.x, p.y, p.n, j->level, &s, err));
    } else if (strcmp(method, "spearman") == 0) {
        STROMA_TRY(stroma_correlation_spearman(p.x, p.y, p.n, STROMA_RANK_P_AUTO, interval,
                                               j->level, &s, err));
    } else if (strcmp(method, "kendall") == 0) {
        STROMA_TRY(
            stroma_correlation_kendall(p.x, p.y, p.n, STROMA_RANK_P_AUTO, j->level, &s, err));
    } else {
        (void)stroma_fail(err, STROMA_E_USAGE, "--method \"%s\" is not known to this method",
                          method);
        stroma_hint(err, "one of pearson (default), spearman, kendall");
        return STROMA_E_USAGE;
    }
    return stat_put(j, &s, stroma_arena_printf(&j->arena, "%s ~ %s", p.x_name, p.y_name), err);
}
