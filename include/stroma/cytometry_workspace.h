/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_workspace.h
 *  FlowJo 10 workspaces (.wsp): which samples they hold, what FlowJo counted in each gate, and the
 *  gates evaluated as FlowJo evaluates them (docs/formats/flowjo-workspace.md). The gates
 * themselves are read by stroma_gates_read(). @since 0.1 */
#ifndef STROMA_CYTOMETRY_WORKSPACE_H
#define STROMA_CYTOMETRY_WORKSPACE_H
#include "stroma/cytometry_gates.h"
#ifdef __cplusplus
extern "C" {
#endif

/** A sample of a workspace. Texts are "" where the workspace says nothing. */
typedef struct stroma_workspace_sample {
    const char *name; /**< as FlowJo shows it */
    const char *fil;  /**< $FIL of its file */
    const char *file; /**< last part of the address FlowJo opened it from, percent signs decoded */
    int64_t saved_count; /**< events, −1 unknown */
    size_t gates;        /**< populations drawn in it */
} stroma_workspace_sample;

typedef struct stroma_workspace {
    stroma_arena arena;
    bool is_workspace;   /**< false: some other file of gates; the list is empty */
    const char *version; /**< of FlowJo, "10.6.2" */
    const stroma_workspace_sample *samples;
    size_t samples_len;
} stroma_workspace;

/** List the samples of a file of gates. @p out is to be cleared, also after a failure.
 *  Statuses: IO, MALFORMED, USAGE (a workspace older than FlowJo 10), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_workspace_read(const char *path, stroma_workspace *out,
                                                            stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_workspace_parse(const char *xml, size_t size,
                                                             const char *name,
                                                             stroma_workspace *out,
                                                             stroma_error *err);
/** The same of a file that was parsed already. */
STROMA_API STROMA_CHECK stroma_status stroma_gate_document_samples(const stroma_gate_document *d,
                                                                   stroma_workspace *out,
                                                                   stroma_error *err);
STROMA_API void stroma_workspace_clear(stroma_workspace *w);
/** The sample that belongs to a data set: its name, else $FIL, else its file is called as @p file
 *  (the last part of a path), else as @p fil (may be NULL). Of each the first that names exactly
 *  one sample decides. "#2" is the second one, where none is called so. Statuses: INCONSISTENT
 * (none, or several; the hint lists them). */
STROMA_API STROMA_CHECK stroma_status stroma_workspace_find(const stroma_workspace *w,
                                                            const char *file, const char *fil,
                                                            size_t *out, stroma_error *err);

/** How FlowJo lays a channel out on a plot: its polygons and ellipses are asked in these bins. */
typedef struct stroma_flowjo_axis {
    int transform;   /**< index into the set's transforms; −1: linear from min to max */
    double min, max; /**< of a linear axis */
} stroma_flowjo_axis;
typedef struct stroma_flowjo_gate {
    int64_t saved_count; /**< events FlowJo counted, −1: not counted, or no gate of FlowJo's */
    unsigned bins;       /**< bins of a side that FlowJo gates on; 0: by the values themselves */
    stroma_flowjo_axis axis[2]; /**< of its first two dimensions */
    bool hidden; /**< the shape behind an "events outside" gate, which FlowJo does not show */
} stroma_flowjo_gate;
/** What a workspace holds besides the gates of one sample; in the arena of its set. */
typedef struct stroma_flowjo {
    const char *version;
    stroma_workspace_sample sample;
    const stroma_flowjo_gate *gates; /**< gates_len of the set */
} stroma_flowjo;

/** Put every event through the gates of a workspace as FlowJo 10 does: rectangles by the values,
 *  polygons and ellipses by the bins of the plot they were drawn on (found from counts that FlowJo
 *  saved, see docs/formats/flowjo-workspace.md). Options and statuses as stroma_gates_evaluate();
 *  USAGE when the set is not from a workspace. */
STROMA_API STROMA_CHECK stroma_status stroma_flowjo_evaluate(const stroma_gate_set *s,
                                                             const stroma_fcs_dataset *d,
                                                             const stroma_gate_options *opts,
                                                             stroma_membership *out,
                                                             stroma_error *err);

typedef enum stroma_flowjo_reason {
    STROMA_FLOWJO_EQUAL,       /**< no difference */
    STROMA_FLOWJO_NOT_COUNTED, /**< the workspace holds no count */
    STROMA_FLOWJO_BINS,     /**< polygon or ellipse asked in bins: evaluated as FlowJo, it agrees */
    STROMA_FLOWJO_UPSTREAM, /**< bins of a gate it needs; evaluated as FlowJo, it agrees */
    STROMA_FLOWJO_UNEXPLAINED /**< differs evaluated either way */
} stroma_flowjo_reason;
typedef struct stroma_flowjo_difference {
    uint64_t count, count_as_flowjo;
    int64_t saved;
    uint64_t outside_only; /**< events in by the values and out by FlowJo's bins */
    uint64_t inside_only;  /**< events out by the values and in by FlowJo's bins */
    stroma_flowjo_reason reason;
} stroma_flowjo_difference;
/** Count both ways and compare with what FlowJo saved.
 *  @param out gates_len of the set  Statuses: as stroma_flowjo_evaluate(). */
STROMA_API STROMA_CHECK stroma_status stroma_flowjo_compare(const stroma_gate_set *s,
                                                            const stroma_fcs_dataset *d,
                                                            const stroma_gate_options *opts,
                                                            stroma_flowjo_difference *out,
                                                            stroma_error *err);
/** "bins", …; never NULL. */
STROMA_API const char *stroma_flowjo_reason_name(stroma_flowjo_reason r);
/** Turn polygons on biex scales into polygons in linear values that hold the same events, so that
 * the set can be written as Gating-ML: sides are cut wherever they cross a channel of the scale's
 * table, between which it is straight. Events beyond the ends of the scale are the exception: there
 * FlowJo sees them on its edge. The set can no longer be compared with FlowJo's bins. Statuses:
 * USAGE (an ellipse on a biex scale; names the gate), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_flowjo_straighten(stroma_gate_set *s,
                                                               stroma_error *err);
/** Codes STROMA-FLOWJO-nnn. */
STROMA_API const stroma_code *stroma_workspace_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
