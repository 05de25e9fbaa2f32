/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fcs.h
 *  Reading Flow Cytometry Standard files: 2.0, 3.0 (Seamer 1997), 3.1 (Spidlen 2010 Cytometry A
 *  77:97) and 3.2 (Spidlen 2021 Cytometry A 99:100). The file is mapped, not copied; events are
 *  decoded block by block, so that memory does not follow from what a file claims. What was odd in
 * a file, and how it was decided, are findings (docs/formats/fcs.md). @since 0.1 */
#ifndef STROMA_FCS_H
#define STROMA_FCS_H
#include "stroma/date.h"
#include "stroma/diag.h"

#include <stdbool.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum stroma_fcs_type {
    STROMA_FCS_INTEGER = 'I',
    STROMA_FCS_FLOAT = 'F',
    STROMA_FCS_DOUBLE = 'D',
    STROMA_FCS_ASCII = 'A'
} stroma_fcs_type;

typedef struct stroma_fcs_keyword {
    const char *name;  /**< as typed, blanks around it removed: "$P1N" */
    const char *value; /**< UTF-8, blanks around it removed; "" when empty */
    uint64_t offset;   /**< byte of the file where the value begins */
    bool supplemental; /**< from the supplemental TEXT segment */
} stroma_fcs_keyword;

/** A column of the events. Texts are "" where the file says nothing. */
typedef struct stroma_fcs_parameter {
    const char *name;  /**< $PnN, the channel: "FL1-A"; "P3" where the file names none */
    const char *stain; /**< $PnS, the marker: "CD4" */
    stroma_fcs_type type;
    unsigned bits; /**< stored width; of ASCII 8 × characters, 0 when delimited */
    double range;  /**< $PnR, 0 where it is no number above 1 */
    uint64_t mask; /**< of integers: bits that count */
    double log_decades,
        log_offset; /**< $PnE of integers, the offset put right; decades 0: linear */
    double gain;    /**< $PnG of linear channels, else 1 */
    double voltage; /**< $PnV, NaN unknown */
    bool is_time;   /**< linear values are seconds: value × $TIMESTEP */
    const char *feature, *detector, *tag, *analyte; /**< of FCS 3.2 */
} stroma_fcs_parameter;

typedef struct stroma_fcs_dataset {
    size_t index;    /**< 0 is the first of the file */
    uint64_t offset; /**< byte of the file where its HEADER begins */
    char version[8]; /**< "FCS3.1" */
    const stroma_fcs_keyword *keywords;
    size_t keywords_len;
    const stroma_fcs_parameter *parameters;
    size_t parameters_len;
    uint64_t n_events;               /**< that are there whole */
    uint64_t n_events_declared;      /**< $TOT, UINT64_MAX when not said */
    uint64_t data_begin, data_bytes; /**< of the file */
    uint64_t event_bits;
    double timestep_s;                  /**< $TIMESTEP, 1 when absent */
    const char *offsets_from;           /**< "HEADER", "TEXT" or "evidence": who placed DATA */
    const struct stroma_fcs_data *data; /**< how it is decoded; private */
} stroma_fcs_dataset;

typedef struct stroma_fcs stroma_fcs;
typedef struct stroma_fcs_options {
    uint32_t version;
    bool check_crc; /**< read every byte once more to compare the CRC, where the file has one */
} stroma_fcs_options;
#define STROMA_FCS_OPTIONS_INIT \
    {                           \
        .version = 1            \
    }

/** Open a file ("-" is standard input). Threads may share it for reading.
 *  @param opts may be NULL  @param diag receives findings STROMA-FCS-nnn; may be NULL
 *  Statuses: IO, MALFORMED (with the byte), NOMEM. A file of which one data set can be read and a
 *  later one cannot is read up to there, with a finding of severity ERROR. */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_open(const char *path,
                                                      const stroma_fcs_options *opts,
                                                      stroma_diag *diag, stroma_fcs **out,
                                                      stroma_error *err);
/** The same on bytes that the caller keeps until stroma_fcs_close(). @param name for messages */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_open_memory(const unsigned char *bytes,
                                                             size_t size, const char *name,
                                                             const stroma_fcs_options *opts,
                                                             stroma_diag *diag, stroma_fcs **out,
                                                             stroma_error *err);
/** NULL is fine. */
STROMA_API void stroma_fcs_close(stroma_fcs *f);
/** @return how many data sets, at least 1 */
STROMA_API size_t stroma_fcs_len(const stroma_fcs *f);
/** Data set @p i, owned by @p f; NULL beyond the end. */
STROMA_API const stroma_fcs_dataset *stroma_fcs_get(const stroma_fcs *f, size_t i);
/** The data set to analyse: the first, but of a Beckman Coulter .LMD the one of highest
 *  resolution, which carries the names and stains of the other. Never NULL. */
STROMA_API const stroma_fcs_dataset *stroma_fcs_preferred(const stroma_fcs *f);
/** Whole bytes of the file, for hashing and writing parts of it again. */
STROMA_API const unsigned char *stroma_fcs_bytes(const stroma_fcs *f, size_t *size);

/** Value of a keyword, without regard to case; NULL when absent. */
STROMA_API const char *stroma_fcs_text(const stroma_fcs_dataset *d, const char *keyword);
/** Index of the parameter called @p name ($PnN; else, when @p stains, $PnS), without regard to case
 *  only where exactly one fits so; SIZE_MAX: none. */
STROMA_API size_t stroma_fcs_find(const stroma_fcs_dataset *d, const char *name, bool stains);

typedef enum stroma_fcs_scale {
    STROMA_FCS_STORED, /**< as stored, integers masked */
    STROMA_FCS_LINEAR  /**< log amplification and gain undone, time in seconds; float and double
                          data never clipped */
} stroma_fcs_scale;
/** Decode events first … first + n − 1 of k parameters into out[j][0 … n−1].
 *  Thread-safe; allocates nothing. @param out k arrays of n
 *  Statuses: USAGE (beyond the end), MALFORMED (ASCII data that are no numbers, with the byte). */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_read(const stroma_fcs_dataset *d,
                                                      stroma_fcs_scale scale, uint64_t first,
                                                      size_t n, const size_t *parameter, size_t k,
                                                      double *const *out, stroma_error *err);
/** Of the values of one channel that are finite; 0 where there is none. */
typedef struct stroma_fcs_summary {
    uint64_t not_finite; /**< NaN and infinities, left out of what follows */
    double stored_min, stored_max, stored_sum;
    double linear_min, linear_max, linear_sum; /**< linear values that overflow are left out */
} stroma_fcs_summary;
/** Summaries of all channels; sums are compensated and of fixed order. NaN and infinities are a
 *  finding, STROMA-FCS-028. @param out d->parameters_len of them  @param file for the finding
 *  Statuses: MALFORMED (ASCII data), NOMEM. */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_summarise(const stroma_fcs_dataset *d,
                                                           const char *file, stroma_diag *diag,
                                                           stroma_fcs_summary *out,
                                                           stroma_error *err);
/** The day of $DATE or $BEGINDATETIME, as vendors write it: "11-APR-2018", "03-Feb-06", "21 Dec
 * 2010", "2013-Jul-19", "28-06-2006" (day first), "2018-12-18T14:06:19". Years of two digits are
 * 1970 to 2069. @return false when it is none */
STROMA_API bool stroma_fcs_date(const char *text, stroma_date *out);
/** CRC-16/KERMIT (FCS 3.0 §3.6) of @p size bytes, to be carried on from @p crc (0 at the start). */
STROMA_API uint16_t stroma_fcs_crc(uint16_t crc, const unsigned char *bytes, size_t size);
/** Codes of the findings this module makes. */
STROMA_API const stroma_code *stroma_fcs_codes(size_t *n);
#ifdef __cplusplus
}
#endif
#endif
