/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stroma fcs qc writes besides its table: marks an event a line, and marked copies. */
#ifndef STROMA_CLI_FCS_QC_COPY_H
#define STROMA_CLI_FCS_QC_COPY_H
#include "stroma/cytometry_quality.h"

/* Bits of checks named in a list with commas, "faults" or "all"; only checks that mark events.
 * Statuses: USAGE (names the unknown one). */
stroma_status qc_bits(const char *list, uint32_t *out, stroma_error *err);
/* A line an event: its number from 1, its marks as one number, and their names. */
stroma_status qc_write_events(const stroma_quality *q, const char *path, bool overwrite,
                              stroma_error *err);
/* A copy of the data set with one more parameter, QC: 0 is good, else the sum of the marks. With
 * @p drop the events with these marks are left out; the header and a finding say so. */
typedef struct qc_copy {
    const stroma_fcs *file;
    const stroma_fcs_dataset *d;
    const stroma_quality *q;
    const char *source, *target;
    uint32_t drop;
    bool overwrite;
} qc_copy;
stroma_status qc_write_copy(const qc_copy *c, stroma_diag *diag, stroma_error *err);
#endif
