/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fcs_export.h
 *  A data set that was read, written in another form: FCS 3.1 again, text, or plain columns. Events
 *  are taken block by block from the mapped file. @since 0.1 */
#ifndef STROMA_FCS_EXPORT_H
#define STROMA_FCS_EXPORT_H
#include "stroma/fcs_write.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct stroma_fcs_rewrite stroma_fcs_rewrite;
typedef struct stroma_fcs_rewrite_options {
    uint32_t version;
    stroma_fcs_type type; /**< of the data; 0: as they are, mixed and ASCII data as double */
    /** Keywords to add or, where the name stands already, replace; the texts are borrowed until the
     *  content is written. */
    const stroma_fcs_pair *extra;
    size_t extra_len;
} stroma_fcs_rewrite_options;
#define STROMA_FCS_REWRITE_OPTIONS_INIT \
    {                                   \
        .version = 1                    \
    }
/** What stroma_fcs_write() needs to write @p d again as FCS 3.1. Linear values (STROMA_FCS_LINEAR)
 *  stay what they were: logarithmic integers become linear when the type is float or double.
 *  Integers are widened to 8, 16, 32 or 64 bits. Floats that become integers get 32 bits and a $PnR
 *  that holds their largest value; write them with the option round.
 *  @p d and the texts of @p opts must outlive *out. Statuses: USAGE, MALFORMED (ASCII data), NOMEM.
 */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_rewrite_new(const stroma_fcs_dataset *d,
                                                             const stroma_fcs_rewrite_options *opts,
                                                             stroma_fcs_rewrite **out,
                                                             stroma_error *err);
/** Owned by @p r. Not for two threads at once. */
STROMA_API const stroma_fcs_content *stroma_fcs_rewrite_content(const stroma_fcs_rewrite *r);
/** NULL is fine. */
STROMA_API void stroma_fcs_rewrite_free(stroma_fcs_rewrite *r);

/** A line with the channels' names ($PnN), then a line an event. Numbers are the shortest text that
 *  reads back to the stored float or double; NaN, Inf and -Inf are written so.
 *  @param delimiter ',' or tab; cells that hold it are quoted  Statuses: those of the sink and of
 *  stroma_fcs_read(), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_write_text(stroma_fcs_sink sink,
                                                            void *sink_context,
                                                            const stroma_fcs_dataset *d,
                                                            stroma_fcs_scale scale, char delimiter,
                                                            stroma_error *err);
/** Plain columns (docs/formats/columns.md): magic, a JSON header, one aligned array a channel,
 *  SHA-256. Channels whose values are those of stored float32 are float32, others float64.
 *  @param source_sha256 hexadecimal hash of the file that was read, NULL: not said
 *  Statuses: as stroma_fcs_write_text(). */
STROMA_API STROMA_CHECK stroma_status
stroma_fcs_write_columns(stroma_fcs_sink sink, void *sink_context, const stroma_fcs_dataset *d,
                         stroma_fcs_scale scale, const char *source_sha256, stroma_error *err);
/** What @p c changed, as findings STROMA-FCS-101 … @param file for their place */
STROMA_API void stroma_fcs_report_changes(const stroma_fcs_changes *c, const char *file,
                                          stroma_diag *diag);
/** Codes of the findings that writing and scrubbing make. */
STROMA_API const stroma_code *stroma_fcs_write_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
