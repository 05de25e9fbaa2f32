/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of scores. A score is one definition in a score_*.c file and one line here. */
#include "score_impl.h"

#include <string.h>
#include <strings.h>

#define SCORE_TABLE_LIST(S)  \
    S(das28_esr4)            \
    S(das28_esr3)            \
    S(das28_crp4)            \
    S(das28_crp3)            \
    S(eular_response)        \
    S(sdai)                  \
    S(cdai_ra)               \
    S(acr_eular_boolean_1_0) \
    S(acr_eular_boolean_2_0) \
    S(acr20)                 \
    S(acr50)                 \
    S(acr70)                 \
    S(haq_di)                \
    S(cdai_crohn)            \
    S(cdai_crohn_response)   \
    S(hbi)                   \
    S(ses_cd)                \
    S(mayo_full)             \
    S(mayo_partial)          \
    S(mayo)                  \
    S(sledai_2k)             \
    S(sri4)                  \
    S(agvhd)                 \
    S(mg_adl)

#define SCORE_DECLARE_(name) extern const stroma_score stroma_score_##name;
SCORE_TABLE_LIST(SCORE_DECLARE_)

static const stroma_score *const table[] = {
#define SCORE_ENTRY_(name) &stroma_score_##name,
    SCORE_TABLE_LIST(SCORE_ENTRY_)
};

const stroma_score *const *stroma_score_table(size_t *n)
{
    *n = SCORE_COUNT_OF(table);
    return table;
}

const stroma_score *stroma_score_find(const char *id)
{
    for (size_t i = 0; i < SCORE_COUNT_OF(table); i++)
        if (strcasecmp(table[i]->id, id) == 0) return table[i];
    return NULL;
}

size_t stroma_score_input_find(const stroma_score *score, const char *name)
{
    for (size_t i = 0; i < score->inputs_len; i++)
        if (strcasecmp(score->inputs[i].name, name) == 0) return i;
    return SIZE_MAX;
}

size_t stroma_score_setting_find(const stroma_score *score, const char *name)
{
    for (size_t i = 0; i < score->settings_len; i++)
        if (strcasecmp(score->settings[i].name, name) == 0) return i;
    return SIZE_MAX;
}

stroma_status stroma_score_get(const char *id, const stroma_score **out, stroma_error *err)
{
    *out = stroma_score_find(id);
    if (*out != NULL) return STROMA_OK;
    static const struct {
        const char *asked, *message, *hint;
    } ambiguous[] = {
        { "cdai",
          "\"cdai\" names two scores: Crohn's Disease Activity Index and, in RA, Clinical Disease "
          "Activity Index",
          "write cdai_crohn or cdai_ra" },
        { "das28", "\"das28\" names four scores that are not interchangeable",
          "write das28_esr4, das28_esr3, das28_crp4 or das28_crp3" },
        { "boolean", "\"boolean\" names two remission definitions",
          "write acr_eular_boolean_1.0 or acr_eular_boolean_2.0" },
    };
    for (size_t i = 0; i < SCORE_COUNT_OF(ambiguous); i++) {
        if (strcasecmp(ambiguous[i].asked, id) != 0) continue;
        const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "%s", ambiguous[i].message);
        stroma_hint(err, "%s", ambiguous[i].hint);
        return s;
    }
    const stroma_status s = stroma_fail(err, STROMA_E_USAGE, "no score \"%.60s\"", id);
    score_nearest best = { .len = 0 };
    for (size_t i = 0; i < SCORE_COUNT_OF(table); i++)
        stroma_score_nearest_offer(&best, id, table[i]->id);
    stroma_score_nearest_hint(&best, "`stroma score list` shows all scores", err);
    return s;
}
