/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of single scores share. Private to src/clinical. */
#ifndef STROMA_SCORE_IMPL_H
#define STROMA_SCORE_IMPL_H
#include "stroma/score.h"

struct stroma_score_call {
    const stroma_score *score;
    const stroma_score_value *values; /* checked: a present one is of its kind and in range */
    const double *settings;
};

/* A parsed in-cell list. */
typedef struct score_list {
    double number[STROMA_SCORE_ITEMS_MAX];
    bool answered[STROMA_SCORE_ITEMS_MAX];
    size_t len, answered_len;
} score_list;

#define SCORE_COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))
#define SCORE_INPUTS(a)   .inputs = (a), .inputs_len = SCORE_COUNT_OF(a)
#define SCORE_BANDS(a)    .bands = (a), .bands_len = SCORE_COUNT_OF(a)
#define SCORE_OUTPUTS(a)  .outputs = (a), .outputs_len = SCORE_COUNT_OF(a)
#define SCORE_SETTINGS(a) .settings = (a), .settings_len = SCORE_COUNT_OF(a)

/* One input, measured at the visit that is scored. */
#define SCORE_IN(kind_, name_, param_, unit_, lower_, upper_, help_)                       \
    {                                                                                      \
        .name = (name_), .param = (param_), .unit = (unit_), .kind = STROMA_INPUT_##kind_, \
        .lower = (lower_), .upper = (upper_), .help = (help_)                              \
    }
/* The same at baseline or follow-up, with its need. */
#define SCORE_IN_AT(role_, need_, kind_, name_, param_, unit_, lower_, upper_, help_)      \
    {                                                                                      \
        .name = (name_), .param = (param_), .unit = (unit_), .kind = STROMA_INPUT_##kind_, \
        .role = STROMA_ROLE_##role_, .need = STROMA_NEED_##need_, .lower = (lower_),       \
        .upper = (upper_), .help = (help_)                                                 \
    }

bool stroma_score_has(const stroma_score_call *c, size_t input);
double stroma_score_number(const stroma_score_call *c, size_t input);
const char *stroma_score_text(const stroma_score_call *c, size_t input);
/* Parse "1|0|" into out; false when a place is no number (its index in *bad). An empty text is one
 * list of unanswered places. */
bool stroma_score_list_parse(const char *text, size_t places, score_list *out, size_t *bad);
/* Bit i set when items[i] is a member; false when a name is unknown (it stands in *bad, *bad_len).
 */
bool stroma_score_set_parse(const stroma_score_input *in, const char *text, uint32_t *out,
                            const char **bad, size_t *bad_len);

/* Results. A flag beyond the limit replaces the last one by "and more". */
void stroma_score_set_number(const stroma_score_call *c, stroma_score_result *out, double value);
void stroma_score_set_bool(stroma_score_result *out, bool yes);
void stroma_score_set_word(stroma_score_result *out, const char *word);
void stroma_score_put_number(stroma_score_result *out, size_t output, double value);
void stroma_score_put_word(stroma_score_result *out, size_t output, const char *word);
void stroma_score_refuse(stroma_score_result *out, stroma_cell_state state, const char *fmt, ...)
    STROMA_PRINTF(3, 4);
void stroma_score_flag(stroma_score_result *out, const char *fmt, ...) STROMA_PRINTF(2, 3);

/* Decimal thousandths of a value that was checked to be finite and in range. */
int64_t stroma_score_milli(double x);
/* Decimal millionths: bands compare these. */
int64_t stroma_score_micro(double x);
/* Sum that is the double nearest to the decimal sum when every term has at most three decimals. */
double stroma_score_decimal_sum(const double *terms, size_t n);
const char *stroma_score_band_name(const stroma_score_band *bands, size_t n, double value);

extern const stroma_score stroma_score_eular_response; /* a course asks it at every visit */

/* The nearest of a list of names by edit distance, for "did you mean". Keeps the best three. */
typedef struct score_nearest {
    const char *name[3];
    size_t distance[3];
    size_t len;
} score_nearest;
void stroma_score_nearest_offer(score_nearest *best, const char *asked, const char *name);
/* Hint "did you mean a, b or c" when something near was found, else the otherwise text. */
void stroma_score_nearest_hint(const score_nearest *best, const char *otherwise, stroma_error *err);
#endif
