/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The strategies and panels that the program carries, from strategies/ at build time. */
#include "panel_dc_maturation.h"
#include "panel_msc_identity.h"
#include "panel_nk.h"
#include "panel_switched_memory_b.h"
#include "panel_t_cell_homing.h"
#include "panel_th17.h"
#include "panel_treg.h"
#include "panel_treg_th17.h"
#include "strategy_dc_maturation.h"
#include "strategy_msc_identity.h"
#include "strategy_nk.h"
#include "strategy_switched_memory_b.h"
#include "strategy_t_cell_homing.h"
#include "strategy_th17.h"
#include "strategy_treg.h"
#include "strategy_treg_th17.h"

#include "stroma/cytometry_strategy.h"

#include <string.h>

static const char *const names[] = { "treg", "th17",          "treg-th17",     "switched-memory-b",
                                     "nk",   "t-cell-homing", "dc-maturation", "msc-identity" };
static const unsigned char *const strategies[] = {
    strategy_treg, strategy_th17,          strategy_treg_th17,     strategy_switched_memory_b,
    strategy_nk,   strategy_t_cell_homing, strategy_dc_maturation, strategy_msc_identity
};
static const unsigned char *const panels[] = {
    panel_treg, panel_th17,          panel_treg_th17,     panel_switched_memory_b,
    panel_nk,   panel_t_cell_homing, panel_dc_maturation, panel_msc_identity
};
enum { SHIPPED = sizeof names / sizeof names[0] };
_Static_assert(SHIPPED == sizeof strategies / sizeof strategies[0], "one strategy a name");
_Static_assert(SHIPPED == sizeof panels / sizeof panels[0], "one panel a name");

static const char *text_of(const unsigned char *const *texts, const char *name)
{
    for (size_t i = 0; name != NULL && i < SHIPPED; i++)
        if (strcmp(names[i], name) == 0) return (const char *)texts[i];
    return NULL;
}

const char *const *stroma_gating_strategies(size_t *n)
{
    *n = SHIPPED;
    return names;
}

const char *const *stroma_panels(size_t *n)
{
    *n = SHIPPED;
    return names;
}

const char *stroma_gating_strategy_text(const char *name)
{
    return text_of(strategies, name);
}

const char *stroma_panel_text(const char *name)
{
    return text_of(panels, name);
}
