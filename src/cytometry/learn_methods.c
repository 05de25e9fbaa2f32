/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods by name. A method is one file and one line here. */
#include "learn.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const learn_method *const methods[] = {
    &learn_valley,   &learn_mixture, &learn_tail,     &learn_fmo,       &learn_reference,
    &learn_singlets, &learn_ellipse, &learn_boundary, &learn_rectangle, &learn_polygon,
};
enum { METHODS = sizeof methods / sizeof methods[0] };

const learn_method *const *learn_methods(size_t *n)
{
    *n = METHODS;
    return methods;
}

const learn_method *learn_method_find(const char *name)
{
    for (size_t i = 0; i < METHODS; i++)
        if (strcmp(methods[i]->name, name) == 0) return methods[i];
    return NULL;
}

void learn_nothing(learn_answer *out, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(out->reason, sizeof out->reason, fmt, args);
    va_end(args);
    out->shape = LEARN_NOTHING;
    out->confidence = 0;
}

/* As much of @p more as there is room for. */
static void append(char why[LEARN_REASON_MAX], const char *more)
{
    size_t at = strlen(why);
    while (*more != '\0' && at + 1 < LEARN_REASON_MAX)
        why[at++] = *more++;
    why[at] = '\0';
}

stroma_status learn_find(const learn_job *job, learn_answer *out, const learn_rule **used,
                         stroma_error *err)
{
    learn_job one = *job;
    char why[LEARN_REASON_MAX] = "";
    stroma_json_key(out->seen, "tried");
    stroma_json_begin_array(out->seen);
    for (const learn_rule *r = job->rule; r != NULL; r = r->fallback) {
        one.rule = r;
        *used = r;
        *out = (learn_answer){ .seen = out->seen };
        stroma_json_begin_object(out->seen);
        stroma_json_put_string(out->seen, "method", r->method->name);
        stroma_json_put_int(out->seen, "n", (int64_t)job->sample.n);
        const stroma_status s = job->sample.n == 0 && !r->method->linear
                                    ? (learn_nothing(out, "no events in the parent"), STROMA_OK)
                                    : r->method->find(&one, out, err);
        if (s == STROMA_OK && out->shape == LEARN_EDGE && out->edge > 1)
            learn_nothing(out, "the edge would lie at %.3g, above the scale, which ends at 1",
                          out->edge);
        if (out->shape == LEARN_NOTHING)
            stroma_json_put_string(out->seen, "found_nothing", out->reason);
        stroma_json_end_object(out->seen);
        STROMA_TRY(s);
        if (out->shape != LEARN_NOTHING) break;
        append(why, why[0] == '\0' ? "" : "; ");
        append(why, r->method->name);
        append(why, ": ");
        append(why, out->reason);
    }
    stroma_json_end_array(out->seen);
    (void)memcpy(out->reason, why, sizeof why);
    return STROMA_OK;
}
