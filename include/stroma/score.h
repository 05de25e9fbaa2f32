/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file score.h
 *  Clinical scores and response criteria as one const table: what goes in (names, units, ranges),
 *  what comes out (value, band, further outputs), the formula and its paper. A score is one file
 *  in src/clinical and one line in scores.c.
 *
 *  Three rules hold for all of them. A missing component gives a state and a reason, never a
 *  number. A value outside its range is refused (that is how unit slips show), not clipped.
 *  Response criteria compare decimal thousandths, bands compare decimal millionths, so that 3.64 →
 *  2.44 is a drop of exactly 1.20 and 3.2000000477 is 3.2; the value itself stays unrounded.
 *
 *  Thread rule: the table is const; any number of threads may compute. @since 0.1 */
#ifndef STROMA_SCORE_H
#define STROMA_SCORE_H
#include "stroma/table.h"
#ifdef __cplusplus
extern "C" {
#endif
typedef enum stroma_score_input_kind {
    STROMA_INPUT_NUMBER, /**< any number within the range */
    STROMA_INPUT_COUNT,  /**< integer within the range */
    STROMA_INPUT_BOOL,   /**< 0 or 1; also yes/no, true/false, y/n */
    STROMA_INPUT_WORD,   /**< one of items[] */
    STROMA_INPUT_LIST,   /**< in-cell list "1|0|": items_len places, an empty place is unanswered */
    STROMA_INPUT_SET,    /**< in-cell list "walking+arising" of names in items[]; "" is none */
    STROMA_INPUT_SUM     /**< one sum, or its items_len daily values "3|2|3|4|3|3|3" */
} stroma_score_input_kind;

/** When an input is measured, for scores that compare two visits. */
typedef enum stroma_score_role {
    STROMA_ROLE_VISIT,    /**< at the visit that is scored (one visit only) */
    STROMA_ROLE_BASELINE, /**< at baseline */
    STROMA_ROLE_FOLLOWUP  /**< at the visit that is compared with baseline */
} stroma_score_role;

typedef enum stroma_score_need {
    STROMA_NEED_VALUE,  /**< without it the result is missing */
    STROMA_NEED_COLUMN, /**< the column must be there; a missing value follows the score's rule */
    STROMA_NEED_NONE    /**< optional */
} stroma_score_need;

typedef struct stroma_score_input {
    const char *name;  /**< as in the CSV header: "tjc28", "das28_baseline" */
    const char *param; /**< parameter ids (parameter.h) that can feed it, best first, '|' between */
    const char *unit;  /**< "mm/h", or NULL for a pure number or word */
    stroma_score_input_kind kind;
    stroma_score_role role;
    stroma_score_need need;
    double lower, upper;      /**< inclusive; of each place for a list, of the sum for a sum */
    const char *const *items; /**< names of places, set members or words; NULL otherwise */
    size_t items_len;
    const char *items_prefix; /**< items_prefix + item is the item's parameter id; or NULL */
    const char *help;         /**< one line */
} stroma_score_input;

typedef enum stroma_score_kind {
    STROMA_SCORE_NUMBER,
    STROMA_SCORE_BOOL,
    STROMA_SCORE_WORD,
    STROMA_SCORE_OUTPUTS /**< several results of equal rank: value is null, see outputs */
} stroma_score_kind;

typedef struct stroma_score_output {
    const char *name;  /**< "resp70", "magic" */
    const char *param; /**< parameter id of this result */
    stroma_score_kind kind;
    stroma_score_role role; /**< which visit the result belongs to */
    const char *help;
} stroma_score_output;

/** Value below @p upper (closed: or equal to it) has this name; the last band is unbounded. */
typedef struct stroma_score_band {
    const char *name;
    double upper;
    bool closed;
} stroma_score_band;

/** A declared choice inside a score, with its default: cut-offs, floors, strict comparison. */
typedef struct stroma_score_setting {
    const char *name;
    double value, lower, upper;
    const char *help;
} stroma_score_setting;

enum {
    STROMA_SCORE_INPUTS_MAX = 16,
    STROMA_SCORE_ITEMS_MAX = 24,
    STROMA_SCORE_OUTPUTS_MAX = 8,
    STROMA_SCORE_FLAGS_MAX = 8,
    STROMA_SCORE_SETTINGS_MAX = 8,
    STROMA_SCORE_TEXT_MAX = 200
};

/** One input value. @p number for number, count, bool (0/1) and sum; @p text (borrowed) for word,
 *  list, set, and for a sum given as daily values (then text is not NULL and number is ignored).
 *  In states below and above limit, number is the limit. */
typedef struct stroma_score_value {
    stroma_cell_state state;
    double number;
    const char *text;
} stroma_score_value;

typedef struct stroma_score_output_value {
    stroma_cell_state state; /**< present, or why not */
    double number;           /**< 0 or 1 for a yes/no */
    const char *word;        /**< static, for a word */
} stroma_score_output_value;

/** Caller-owned, no heap. */
typedef struct stroma_score_result {
    stroma_cell_state state;            /**< present, missing, or not estimable */
    double number;                      /**< STROMA_SCORE_NUMBER; 0 or 1 for STROMA_SCORE_BOOL */
    const char *word;                   /**< STROMA_SCORE_WORD: static text; else NULL */
    const char *band;                   /**< static, or NULL */
    char reason[STROMA_SCORE_TEXT_MAX]; /**< why the state is not present, or "" */
    size_t outputs_len;
    stroma_score_output_value outputs[STROMA_SCORE_OUTPUTS_MAX]; /**< as score->outputs */
    size_t flags_len;
    char flags[STROMA_SCORE_FLAGS_MAX][STROMA_SCORE_TEXT_MAX]; /**< what a reader must know */
} stroma_score_result;

/** How a value below or above its limit ("<0.5") enters a score. */
typedef enum stroma_score_censored {
    STROMA_CENSORED_REFUSE, /**< not estimable (default) */
    STROMA_CENSORED_LIMIT,  /**< the limit itself, flagged */
    STROMA_CENSORED_HALF    /**< half the limit when below; above is still refused; flagged */
} stroma_score_censored;

typedef struct stroma_score_options {
    uint32_t version;
    stroma_score_censored censored;
    const double *settings; /**< as score->settings, or NULL for all defaults */
} stroma_score_options;
#define STROMA_SCORE_OPTIONS_INIT \
    {                             \
        .version = 1              \
    }

typedef struct stroma_score stroma_score;
typedef struct stroma_score_call stroma_score_call; /* private: what a compute function sees */
struct stroma_score {
    const char *id;      /**< "das28_esr4"; also the parameter id of its value */
    const char *paramcd; /**< ADaM PARAMCD, at most 8 characters */
    const char *label;
    const char *unit; /**< or NULL */
    stroma_score_kind kind;
    int decimals;        /**< usual for printing */
    double lower, upper; /**< of the value, for axes and checks */
    const stroma_score_input *inputs;
    size_t inputs_len;
    const stroma_score_band *bands;
    size_t bands_len;
    const stroma_score_output *outputs;
    size_t outputs_len;
    const stroma_score_setting *settings;
    size_t settings_len;
    const char *formula;
    const char *missing; /**< what happens with missing components, in words */
    const char *traps;   /**< what is often done wrong, or NULL */
    const char *source;  /**< papers */
    const char *example; /**< in-cell worked example "tjc28=4;sjc28=9;esr_mm_h=20" */
    void (*compute)(const stroma_score_call *call, stroma_score_result *out);
};

/** @return all scores in the order of the handbook, @p n of them. */
STROMA_API const stroma_score *const *stroma_score_table(size_t *n);
/** @return the score with this id (ASCII case ignored), or NULL. */
STROMA_API const stroma_score *stroma_score_find(const char *id);
/** As stroma_score_find(), refusing with a message: "cdai" alone names two scores, unknown ids get
 *  the nearest ones. Status: USAGE. */
STROMA_API STROMA_CHECK stroma_status stroma_score_get(const char *id, const stroma_score **out,
                                                       stroma_error *err);
/** @return index of the input with this name (ASCII case ignored), or SIZE_MAX. */
STROMA_API size_t stroma_score_input_find(const stroma_score *score, const char *name);
/** Find "name" among a score's settings. @return SIZE_MAX when there is none. */
STROMA_API size_t stroma_score_setting_find(const stroma_score *score, const char *name);

/** Text of one cell to a value: "" "NA" "." are missing ("" is the empty set for a set), "ND" is
 *  not done, "<0.5" and ">100" are censored. A text that is not of the input's kind leaves the
 * state not estimable and keeps @p text, so that stroma_score_compute() can say so.
 *  @param text NUL-terminated, borrowed by @p out
 *  @param decimal '.' or ',' */
STROMA_API void stroma_score_value_parse(const stroma_score_input *input, const char *text,
                                         char decimal, stroma_score_value *out);

/** Compute one score.
 *  @param values one per score->inputs, in that order
 *  @param opts may be NULL
 *  @param out always filled: state, and reason unless present. Wrong data are a state, not a
 *  status. Statuses: USAGE (a setting outside its range). */
STROMA_API STROMA_CHECK stroma_status stroma_score_compute(const stroma_score *score,
                                                           const stroma_score_value *values,
                                                           const stroma_score_options *opts,
                                                           stroma_score_result *out,
                                                           stroma_error *err);
/** Compute from "name=value;name=value" as in the worked examples. Statuses: USAGE (unknown name,
 *  a name twice, a text longer than 4000 bytes). */
STROMA_API STROMA_CHECK stroma_status stroma_score_compute_text(const stroma_score *score,
                                                                const char *inputs,
                                                                const stroma_score_options *opts,
                                                                stroma_score_result *out,
                                                                stroma_error *err);
/** Band of a value that is already there (a DAS28 read from a file), with default cut-offs.
 *  @return static name, or NULL when the score has no bands or @p value is not finite. */
STROMA_API const char *stroma_score_band_of(const stroma_score *score, double value);
#ifdef __cplusplus
}
#endif
#endif
