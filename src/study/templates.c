/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The study files that `stroma init` writes, from templates/ at build time. */
#include "template_biomarker_cohort.h"
#include "template_crohn_case.h"
#include "template_ra_trial.h"

#include "stroma/study.h"

#include <string.h>

static const char *const names[] = { "ra-trial", "crohn-case", "biomarker-cohort" };
static const unsigned char *const texts[] = { template_ra_trial, template_crohn_case,
                                              template_biomarker_cohort };
enum { TEMPLATES = sizeof names / sizeof names[0] };
_Static_assert(TEMPLATES == sizeof texts / sizeof texts[0], "one text a name");

const char *const *stroma_study_templates(size_t *n)
{
    *n = TEMPLATES;
    return names;
}

const char *stroma_study_template(const char *name)
{
    for (size_t i = 0; name != NULL && i < TEMPLATES; i++)
        if (strcmp(names[i], name) == 0) return (const char *)texts[i];
    return NULL;
}
