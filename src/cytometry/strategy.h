/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A gating strategy in memory. */
#ifndef STROMA_CYTOMETRY_STRATEGY_PRIVATE_H
#define STROMA_CYTOMETRY_STRATEGY_PRIVATE_H
#include "learn.h"

#include "stroma/cytometry_strategy.h"
#include "stroma/schema.h"

typedef enum strategy_kind {
    STRATEGY_GATE,     /* one method, one gate */
    STRATEGY_QUADRANT, /* two edges, up to four regions */
    STRATEGY_BOOLEAN
} strategy_kind;

/* The name of a gate: a population, or a region of a quadrant population. */
typedef struct strategy_name {
    const char *id, *label;
    size_t population;
    int region; /* of a quadrant: bit 0 above the first edge, bit 1 above the second; −1: itself */
} strategy_name;

typedef struct strategy_population {
    const char *id, *label;
    size_t parent; /* index of a name, SIZE_MAX: all events */
    strategy_kind kind;
    const char *marker[2];
    size_t markers_len;
    learn_rule rule[2]; /* of a quadrant one a marker */
    size_t region[4];   /* of a quadrant: index of a name, SIZE_MAX: not wanted */
    stroma_gate_operator operation;
    size_t *use; /* of a boolean population: indices of names */
    bool *complement;
    size_t uses_len;
    bool optional; /* left out where a marker of it is not in the file */
    int64_t line;
} strategy_population;

struct stroma_gating_strategy {
    stroma_arena arena;
    const char *source, *id, *title, *panel;
    strategy_population *populations;
    size_t populations_len;
    strategy_name *names;
    size_t names_len;
    stroma_gating_index *indices;
    size_t indices_len;
};

extern const stroma_schema strategy_schema;
stroma_status strategy_fail_at(const stroma_gating_strategy *s, const stroma_yaml_node *n,
                               stroma_error *err, const char *what, const char *given);
/* A rule with its fallbacks. @p channels that it looks at */
stroma_status strategy_read_rule(stroma_gating_strategy *s, const stroma_yaml_node *n,
                                 size_t channels, learn_rule *out, stroma_error *err);
size_t strategy_find_name(const stroma_gating_strategy *s, const char *id);
#endif
