/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small FCS files and gates for the tests of studies: the events are counted by hand. */
#ifndef STROMA_CYTOMETRY_FIXTURE_H
#define STROMA_CYTOMETRY_FIXTURE_H
#include "study_fixture.h"

#include "stroma/fcs_write.h"

#include <sys/stat.h>

/* What differs between files; zero: as it is everywhere. */
typedef struct fixture_tube {
    const char *file, *date; /* date NULL: "11-APR-2018" */
    const char *stain;       /* of channel B; NULL: "CD25" */
    double shift;            /* added to B */
    size_t n_events;         /* 0: 100 */
    double voltage;          /* of B; 0: not said */
    size_t holes;            /* so many events from number 20 on have no B */
} fixture_tube;

/* Event i: A = i, B = (i % 10) × 100 + shift. */
static inline stroma_status fixture_fill(void *context, uint64_t first, size_t n,
                                         double *const *out, stroma_error *err)
{
    (void)err;
    const fixture_tube *t = context;
    for (size_t i = 0; i < n; i++) {
        out[0][i] = (double)(first + i);
        out[1][i] = (double)((first + i) % 10) * 100 + t->shift;
        if (first + i >= 20 && first + i < 20 + t->holes) out[1][i] = (double)NAN;
    }
    return STROMA_OK;
}

static inline void fixture_fcs(const fixture_tube *t)
{
    fixture_tube mine = *t;
    const stroma_fcs_out_parameter parameters[] = {
        { .name = "A", .range = 1024 },
        { .name = "B", .stain = t->stain == NULL ? "CD25" : t->stain, .range = 1024 },
    };
    char voltage[32];
    (void)snprintf(voltage, sizeof voltage, "%g", t->voltage);
    const stroma_fcs_pair keywords[] = { { "$DATE", t->date == NULL ? "11-APR-2018" : t->date },
                                         { "$CYT", "Made up" },
                                         { "$P2V", voltage } };
    const stroma_fcs_content content = { .keywords = keywords,
                                         .keywords_len = t->voltage > 0 ? 3 : 2,
                                         .n_events = t->n_events == 0 ? 100 : t->n_events,
                                         .type = STROMA_FCS_FLOAT,
                                         .parameters = parameters,
                                         .parameters_len = 2,
                                         .fill = fixture_fill,
                                         .context = &mine };
    stroma_fcs_write_options o = STROMA_FCS_WRITE_OPTIONS_INIT;
    o.overwrite = true;
    assert_int_equal(stroma_fcs_write(fixture_path(t->file), &content, 1, &o, NULL, NULL),
                     STROMA_OK);
}

/* Cells: A from 20 on, 80 of 100 events. Bright: of these, B from 500 on. */
static const char fixture_gates[] =
    "<?xml version=\"1.0\"?>\n"
    "<gating:Gating-ML xmlns:gating=\"http://www.isac-net.org/std/Gating-ML/v2.0/gating\" "
    "xmlns:data-type=\"http://www.isac-net.org/std/Gating-ML/v2.0/datatypes\">\n"
    "<gating:RectangleGate gating:id=\"Cells\"><gating:dimension gating:min=\"20\" "
    "gating:compensation-ref=\"uncompensated\"><data-type:fcs-dimension "
    "data-type:name=\"A\"/></gating:dimension></gating:RectangleGate>\n"
    "<gating:RectangleGate gating:id=\"Bright\" gating:parent_id=\"Cells\"><gating:dimension "
    "gating:min=\"500\" gating:compensation-ref=\"uncompensated\"><data-type:fcs-dimension "
    "data-type:name=\"B\"/></gating:dimension></gating:RectangleGate>\n"
    "</gating:Gating-ML>\n";

/* Two subjects, two visits; %s is how the cytometry entry finds its gates, and its rest. */
static inline const char *fixture_entry(const char *gating, const char *rest)
{
    static char yaml[4096];
    (void)snprintf(yaml, sizeof yaml,
                   "stroma: 1\n"
                   "study: {id: T, title: T, layout: cohort}\n"
                   "visits:\n"
                   "- {id: W0, time: 0, day: 0, baseline: true}\n"
                   "- {id: W4, label: Week 4, time: 4, day: 28}\n"
                   "data:\n"
                   "- {file: d.csv, layout: visit, subject: id, visit: visit, day: day, columns: "
                   "{age: age_years}}\n"
                   "cytometry:\n"
                   "- id: c\n"
                   "  %s\n"
                   "%s",
                   gating, rest);
    return yaml;
}

static inline const char *fixture_cytometry(const char *rest)
{
    return fixture_entry("gates: gates.xml", rest);
}

static inline void fixture_cytometry_files(void)
{
    fixture_write("gates.xml", fixture_gates);
    fixture_write("d.csv",
                  "id,visit,day,age\nP_1,W0,0,40\nP_1,W4,29,40\nP2,W0,0,50\nP2,W4,27,50\n");
}
#endif
