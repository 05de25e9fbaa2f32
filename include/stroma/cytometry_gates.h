/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file cytometry_gates.h
 *  Gates as data, and Gating-ML 2.0 (Spidlen 2015 Cytometry A 87:683) in and out. Every other
 * source of gates (FlowJo, Cytobank, gates found in data) makes the same set. @since 0.1 */
#ifndef STROMA_CYTOMETRY_GATES_H
#define STROMA_CYTOMETRY_GATES_H
#include "stroma/buffer.h"
#include "stroma/cytometry_compensation.h"
#include "stroma/cytometry_transform.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_gate_kind {
    STROMA_GATE_RECTANGLE, /**< lower ≤ x < upper in every dimension; so −∞ is inside an open lower
                              side, +∞ is never inside (as the compliance tests have it) */
    STROMA_GATE_POLYGON,   /**< even-odd rule; edges and vertices are inside */
    STROMA_GATE_ELLIPSOID, /**< (x − μ)ᵀ C⁻¹ (x − μ) ≤ distance² */
    STROMA_GATE_QUADRANT,  /**< one region of a quadrant gate: a rectangle between dividers */
    STROMA_GATE_BOOLEAN
} stroma_gate_kind;
typedef enum stroma_gate_operator {
    STROMA_GATE_AND,
    STROMA_GATE_OR,
    STROMA_GATE_NOT
} stroma_gate_operator;

/** Besides indices into the set's compensations. */
enum { STROMA_COMPENSATION_NONE = -1, STROMA_COMPENSATION_FCS = -2 };

/** fratio(x₁, x₂; A, B, C) = A (x₁ − B) / (x₂ − C) */
typedef struct stroma_gate_ratio {
    const char *id, *numerator, *denominator;
    double a, b, c;
    double bound_min, bound_max; /**< ∓∞ when open */
} stroma_gate_ratio;

typedef struct stroma_gate_dimension {
    const char *name; /**< channel ($PnN), or fluorochrome of the compensation; NULL: a ratio */
    int ratio;        /**< index into ratios, −1 none */
    int compensation; /**< index into compensations, or STROMA_COMPENSATION_NONE, …_FCS */
    int transform; /**< index into transforms, −1: linear as it is (a ratio may have one on top) */
    double lower, upper; /**< RECTANGLE and QUADRANT, on the scale; ∓∞ when open */
    const char *divider; /**< QUADRANT: id of the divider it lies on; NULL elsewhere */
} stroma_gate_dimension;

typedef struct stroma_gate_use {
    int gate;
    bool complement;
} stroma_gate_use;

typedef struct stroma_gate {
    const char *id;    /**< unique in the set */
    const char *label; /**< to be printed; the id where nothing else is known */
    int parent;        /**< index of the gate whose events are asked, −1: all events */
    stroma_gate_kind kind;
    stroma_gate_dimension *dims;
    size_t dims_len;
    double *vertices; /**< POLYGON: x₀ y₀ x₁ y₁ … */
    size_t vertices_len;
    double *mean, *covariance, distance_square; /**< ELLIPSOID: dims_len, dims_len² */
    const char *quadrant_gate;                  /**< QUADRANT: id of the gate it belongs to */
    stroma_gate_operator operation;             /**< BOOLEAN */
    stroma_gate_use *uses;
    size_t uses_len;
    const char *method;     /**< how it was found ("valley", "fmo", …), or NULL: drawn by hand */
    const char *parameters; /**< JSON: settings of that method and what it saw, or NULL */
    double confidence;      /**< of that method, 0 … 1; NaN: drawn by hand */
    const char *state;      /**< of a learned gate: "found", "doubtful", "fallback" or "drawn"
                               (stroma_gating_state), the worst of its edges; NULL: not known, or it
                               follows from other gates (BOOLEAN) */
    int64_t line;           /**< of the file it came from, 0 unknown */
} stroma_gate;

/** Everything lives in the arena. Parents and uses may point forward; cycles were refused. */
typedef struct stroma_gate_set {
    stroma_arena arena;
    const char *source;  /**< file it came from, "" when made in memory */
    const char *dialect; /**< "Gating-ML 2.0", "Cytobank", "FlowJo 10", "stroma" */
    stroma_gate *gates;
    size_t gates_len, gates_capacity;
    stroma_transform *transforms;
    size_t transforms_len, transforms_capacity;
    stroma_compensation *compensations;
    size_t compensations_len, compensations_capacity;
    stroma_gate_ratio *ratios;
    size_t ratios_len, ratios_capacity;
    const struct stroma_flowjo *flowjo; /**< cytometry_workspace.h; NULL: not from a workspace */
} stroma_gate_set;

STROMA_API void stroma_gate_set_init(stroma_gate_set *s);
STROMA_API void stroma_gate_set_clear(stroma_gate_set *s);
/** Room for one more, zeroed but for: parent −1, dims' bounds open, confidence NaN. The arrays are
 *  heap arrays of the set; pointers into them end with the next add. NULL: memory ran out. */
STROMA_API stroma_gate *stroma_gate_set_add(stroma_gate_set *s);
STROMA_API stroma_transform *stroma_gate_set_add_transform(stroma_gate_set *s);
STROMA_API stroma_compensation *stroma_gate_set_add_compensation(stroma_gate_set *s);
STROMA_API stroma_gate_ratio *stroma_gate_set_add_ratio(stroma_gate_set *s);
/** @p n dimensions in the set's arena, open and without transform. NULL: memory ran out. */
STROMA_API stroma_gate_dimension *stroma_gate_dimensions(stroma_gate_set *s, size_t n);
/** Index of the gate of this id, −1: none. Ids are compared as they are. */
STROMA_API int stroma_gate_find(const stroma_gate_set *s, const char *id);
/** Whether the set can be evaluated: unique ids, indices in range, no cycle, enough vertices,
 *  numbers finite and vertices below 1e150 in size, covariances that can be inverted (one that is
 *  not positive definite is only a finding: the standard's own test set has such a gate). Statuses:
 *  MALFORMED (at the gate's line), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gate_set_check(const stroma_gate_set *s,
                                                            stroma_error *err);
/** What looks like a mistake in a set that can be evaluated: polygons that cross themselves, gates
 *  that hold no event whatever the data, gates beyond the bounds of their scale, covariances that
 *  are none. @param diag receives findings STROMA-GATE-nnn at the gates' lines. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gates_look(const stroma_gate_set *s, stroma_diag *diag,
                                                        stroma_error *err);
/** The same with a data set at hand: channels that it lacks (ERROR), gates that lie wholly above
 *  the range of their channel. @param file for the findings @param fcs as in
 *  stroma_gate_options. Statuses: NOMEM. */
STROMA_API STROMA_CHECK stroma_status
stroma_gates_look_at_data(const stroma_gate_set *s, const stroma_fcs_dataset *d, const char *file,
                          const stroma_compensation *fcs, stroma_diag *diag, stroma_error *err);
/** The last part of that: a finding where gates ask for the compensation of the data set (@p fcs)
 * and there is none. @return whether any gate asks for it */
STROMA_API bool stroma_gates_look_at_matrix(const stroma_gate_set *s, const char *file,
                                            const stroma_compensation *fcs, stroma_diag *diag);
/** Codes of the findings about gates. */
STROMA_API const stroma_code *stroma_gate_codes(size_t *n);

/** Read gates from a file: Gating-ML 2.0, the Cytobank dialect, or a FlowJo 10 workspace, told
 * apart by their root. XML with entity declarations, external references or a depth beyond 256 is
 * refused.
 *  @param sample of a workspace that holds several: the name or $FIL of the data set whose gates
 * are wanted; NULL: the only one Statuses: IO, MALFORMED (with the line), INCONSISTENT (no such
 * sample; the hint lists them), DEGENERATE (a singular spectrum matrix), USAGE (Gating-ML 1.5 and
 * others that are known and not read). */
STROMA_API STROMA_CHECK stroma_status stroma_gates_read(const char *path, const char *sample,
                                                        stroma_diag *diag, stroma_gate_set *out,
                                                        stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_gates_parse(const char *xml, size_t size,
                                                         const char *name, const char *sample,
                                                         stroma_diag *diag, stroma_gate_set *out,
                                                         stroma_error *err);
/** A file of gates that is parsed once, for the gates of many data sets. Used by several threads
 *  at once it is not changed. */
typedef struct stroma_gate_document stroma_gate_document;
/** Statuses: as stroma_gates_read(), but for what is wrong with the gates. Close it. */
STROMA_API STROMA_CHECK stroma_status stroma_gate_document_open(const char *path,
                                                                stroma_gate_document **out,
                                                                stroma_error *err);
STROMA_API STROMA_CHECK stroma_status stroma_gate_document_parse(const char *xml, size_t size,
                                                                 const char *name,
                                                                 stroma_gate_document **out,
                                                                 stroma_error *err);
/** @param d may be NULL */
STROMA_API void stroma_gate_document_close(stroma_gate_document *d);
/** "Gating-ML 2.0", "Cytobank" or "FlowJo 10". */
STROMA_API const char *stroma_gate_document_dialect(const stroma_gate_document *d);
/** As stroma_gates_read(). */
STROMA_API STROMA_CHECK stroma_status stroma_gate_document_gates(const stroma_gate_document *d,
                                                                 const char *sample,
                                                                 stroma_diag *diag,
                                                                 stroma_gate_set *out,
                                                                 stroma_error *err);
/** Gating-ML 2.0, valid against its schema; reading it again gives the same set. What the standard
 * has no place for (method, confidence, label) goes into custom_info. Statuses: USAGE (a FlowJo
 * biex scale has no form in Gating-ML: the message names the gate), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gates_write(const stroma_gate_set *s,
                                                         stroma_buffer *out, stroma_error *err);

/** Which events are in which gate: a bit an event, gates_len × words words. */
typedef struct stroma_membership {
    uint64_t n_events;
    size_t gates_len, words;
    uint64_t *bits;  /**< gate g: bits[g × words …]; event e is bit e % 64 of word e / 64 */
    uint64_t *count; /**< gates_len */
    bool *evaluated; /**< gates_len: false for those that were not asked for */
} stroma_membership;

typedef struct stroma_gate_options {
    uint32_t version;
    int threads;                    /**< 0 is 1; the bits do not depend on it */
    const bool *wanted;             /**< gates_len, or NULL: all. Ancestors come along. */
    const stroma_compensation *fcs; /**< what STROMA_COMPENSATION_FCS means; NULL: uncompensated */
} stroma_gate_options;
#define STROMA_GATE_OPTIONS_INIT \
    {                            \
        .version = 1             \
    }
/** Put every event through the gates: columns are read, compensated and transformed block by block,
 *  only those that a gate needs. An event with NaN in a dimension of a gate is outside of it, also
 * of its complement. Statuses: INCONSISTENT (a channel is not in the data; names the gate),
 * INTERRUPTED, NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_gates_evaluate(const stroma_gate_set *s,
                                                            const stroma_fcs_dataset *d,
                                                            const stroma_gate_options *opts,
                                                            stroma_membership *out,
                                                            stroma_error *err);
STROMA_API void stroma_membership_clear(stroma_membership *m);
static inline bool stroma_membership_has(const stroma_membership *m, size_t gate, uint64_t event)
{
    return (m->bits[gate * m->words + (size_t)(event / 64)] >> (event % 64)) & 1U;
}
#ifdef __cplusplus
}
#endif
#endif
