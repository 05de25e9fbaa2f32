/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Okabe and Ito's palette (2008), safe for colour-blind eyes and of different grey in print. */
#include "report_internal.h"

#include <string.h>

static const struct {
    const char *role, *colour, *dash, *shape;
} roles[] = {
    { "response", "#0072B2", "[]", "circle" },
    { "no_response", "#D55E00", "[6,3]", "triangle-up" },
    { "control", "#6B6B6B", "[2,2]", "square" },
    { "highlight", "#009E73", "[8,3,2,3]", "diamond" },
    { "other1", "#CC79A7", "[10,3]", "triangle-down" },
    { "other2", "#8F6400", "[4,2,1,2]", "cross" },
    { "other3", "#7A5CC4", "[1,3]", "triangle-right" },
};

static size_t find(const char *role)
{
    const size_t n = sizeof roles / sizeof roles[0];
    for (size_t i = 0; i < n; i++)
        if (strcmp(roles[i].role, role) == 0) return i;
    return 2; /* the neutral grey */
}

const char *report_role_colour(const char *role)
{
    return roles[find(role)].colour;
}

const char *report_role_dash(const char *role)
{
    return roles[find(role)].dash;
}

const char *report_role_shape(const char *role)
{
    return roles[find(role)].shape;
}
