/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does a control belong to the visit and the panel of its sample? */
#include "stroma/cytometry_population_table.h"
#include "stroma/date.h"

#include <math.h>
#include <string.h>

static void tell(stroma_diag *diag, const stroma_population_tube *c, const char *code,
                 const char *marker, const char *message, const char *value)
{
    stroma_diag_add(
        diag, &(const stroma_finding){ .code = code,
                                       .severity = STROMA_WARNING,
                                       .file = c->file,
                                       .column = marker,
                                       .value = value == NULL || *value == '\0' ? NULL : value,
                                       .message = message });
}

static stroma_status check_day(const stroma_population_tube *sample,
                               const stroma_population_tube *control, const char *marker, bool any,
                               unsigned *flags, stroma_diag *diag, stroma_error *err)
{
    const char *a = stroma_fcs_text(sample->data, "$DATE");
    const char *b = stroma_fcs_text(control->data, "$DATE");
    stroma_date da, db;
    if (a == NULL || b == NULL || !stroma_fcs_date(a, &da) || !stroma_fcs_date(b, &db)) {
        *flags |= STROMA_FLAG_CONTROL_UNDATED;
        tell(diag, control, "STROMA-POP-003", marker,
             "nothing shows that the control is of the sample's day: a $DATE is absent or cannot "
             "be read",
             b);
        return STROMA_OK;
    }
    if (da.days == db.days) return STROMA_OK;
    if (any) {
        *flags |= STROMA_FLAG_CONTROL_OTHER_DAY;
        tell(diag, control, "STROMA-POP-004", marker, "the control is of another day", b);
        return STROMA_OK;
    }
    const stroma_status s =
        stroma_fail(err, STROMA_E_INCONSISTENT, "control \"%s\" is of %s, the sample \"%s\" of %s",
                    control->file, b, sample->file, a);
    stroma_hint(err, "give the control of the same visit, or --control-from any");
    return s;
}

/* The first difference between the two panels, in words, or NULL. */
static const char *difference(const stroma_population_tube *sample,
                              const stroma_population_tube *control, const stroma_panel *panel,
                              const char *marker, const char **channel)
{
    for (size_t i = 0; i < sample->data->parameters_len; i++) {
        const stroma_fcs_parameter *p = &sample->data->parameters[i];
        if (p->is_time) continue;
        *channel = p->name;
        const size_t at = stroma_fcs_find(control->data, p->name, false);
        if (at == SIZE_MAX) return "is not in the control";
        const stroma_fcs_parameter *q = &control->data->parameters[at];
        if (fabs(p->voltage - q->voltage) > 0.005 * fabs(p->voltage))
            return "has another voltage in the control";
        const bool own =
            marker != NULL && *p->stain != '\0' &&
            (strcasecmp(p->name, marker) == 0 || stroma_panel_same_marker(panel, p->stain, marker));
        if (!own && *p->stain != '\0' && *q->stain != '\0' && strcasecmp(p->stain, q->stain) != 0 &&
            !stroma_panel_same_marker(panel, p->stain, q->stain))
            return "has another marker in the control";
    }
    return NULL;
}

stroma_status stroma_population_control_check(const stroma_population_tube *sample,
                                              const stroma_population_tube *control,
                                              const stroma_panel *panel, const char *marker,
                                              bool any, unsigned *flags, stroma_diag *diag,
                                              stroma_error *err)
{
    *flags = 0;
    STROMA_TRY(check_day(sample, control, marker, any, flags, diag, err));
    const char *channel = "";
    const char *what = difference(sample, control, panel, marker, &channel);
    if (what == NULL) return STROMA_OK;
    if (any) {
        *flags |= STROMA_FLAG_CONTROL_OTHER_PANEL;
        tell(diag, control, "STROMA-POP-005", channel, what, NULL);
        return STROMA_OK;
    }
    const stroma_status s = stroma_fail(err, STROMA_E_INCONSISTENT,
                                        "control \"%s\": channel \"%s\" of sample \"%s\" %s",
                                        control->file, channel, sample->file, what);
    stroma_hint(err, "give a control of the same panel and setting, or --control-from any");
    return s;
}
