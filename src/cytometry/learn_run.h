/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strategy at work on one tube. */
#ifndef STROMA_CYTOMETRY_LEARN_RUN_H
#define STROMA_CYTOMETRY_LEARN_RUN_H
#include "strategy.h"

/* Where the markers of a population are in one tube, and their scales. */
typedef struct learn_channels {
    size_t len;
    size_t marker[2];    /* of the panel */
    const char *name[2]; /* $PnN of the sample, the dimension's name */
    stroma_transform scale[2];
    bool compensated[2];
} learn_channels;

/* Values of the events of a tube that are in a gate (−1: all), on their scales, or linear.
 * Sorted when there is one channel. Free x[0] and x[1] with stroma_free(). */
stroma_status learn_read_values(const stroma_panel_tube *t, const stroma_gate_set *gates,
                                int parent, int threads, const learn_channels *c, bool as_linear,
                                double *x[2], size_t *n, uint64_t *n_parent, stroma_error *err);

typedef struct learn_run {
    const stroma_gating_input *in;
    const stroma_gating_strategy *s;
    const stroma_panel *panel;
    stroma_gating_result *out;
    stroma_diag *diag;
    size_t *parameter; /* of the panel's markers in the sample */
    int *transform;    /* of the panel's markers in the set, −1: not added yet */
    int *gate;         /* of the strategy's names: its index in the set, or LEARN_… */
    bool is_reference; /* the sample is the reference itself */
    const struct learn_run *reference; /* finished run on the reference sample, or NULL */
} learn_run;

enum { LEARN_NO_GATE = -1, LEARN_ALL_EVENTS = -2 };
/* Gate of a population's parent, −1: all events. */
static inline int learn_parent(const learn_run *r, const strategy_population *p)
{
    return p->parent == SIZE_MAX || r->gate[p->parent] < 0 ? -1 : r->gate[p->parent];
}

/* What was found becomes gates and rows. @p axis which edge of a quadrant, else 0 */
stroma_status learn_add_row(learn_run *r, const strategy_population *p, const learn_channels *c,
                            size_t axis, const learn_rule *rule, const learn_rule *used,
                            const learn_answer *a, uint64_t n_parent, stroma_error *err);
stroma_status learn_add_gate(learn_run *r, const strategy_population *p, size_t name,
                             const learn_channels *c, const learn_answer *answer,
                             const learn_rule *const *used, const char *parameters,
                             stroma_error *err);
stroma_status learn_add_boolean(learn_run *r, const strategy_population *p, size_t name,
                                stroma_error *err);
/* The population is its parent. */
stroma_status learn_leave_out(learn_run *r, const strategy_population *p, size_t name,
                              const char *marker, stroma_error *err);
stroma_status learn_not_estimable(learn_run *r, const strategy_population *p, const char *code,
                                  const char *reason, stroma_error *err);
#endif
