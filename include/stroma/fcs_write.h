/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file fcs_write.h
 *  Writing Flow Cytometry Standard files: FCS 3.1 (Spidlen 2010 Cytometry A 77:97) with list-mode
 *  float, double or unsigned integer data, and data sets whose DATA bytes are taken over as they
 *  are. Events come block by block from the caller; nothing is held but one block and the TEXT.
 *  What is written is read back by stroma/fcs.h as the same values and keywords. @since 0.1 */
#ifndef STROMA_FCS_WRITE_H
#define STROMA_FCS_WRITE_H
#include "stroma/fcs.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct stroma_fcs_pair {
    const char *name;  /**< "$CYT"; not empty */
    const char *value; /**< UTF-8; a pair with an empty value is not written: the format has none */
} stroma_fcs_pair;

/** A column to write. */
typedef struct stroma_fcs_out_parameter {
    const char *name;  /**< $PnN; not empty */
    const char *stain; /**< $PnS; NULL or "": none */
    unsigned bits;     /**< of integers 8, 16, 32 or 64; 0 is taken as 32; else ignored */
    double range; /**< $PnR; of integers at least 1 and at most 2^bits: values reach up to the next
                       power of two, less one */
    double log_decades, log_offset; /**< $PnE of integers; 0: linear */
    double gain;                    /**< $PnG of linear channels; 0 or 1: none written */
} stroma_fcs_out_parameter;

/** Give events first … first + n − 1: out[j][i] is column j of event first + i, as stored.
 *  @return STROMA_OK, or a failure that ends the writing */
typedef stroma_status (*stroma_fcs_fill)(void *context, uint64_t first, size_t n,
                                         double *const *out, stroma_error *err);

/** One data set. Keywords that follow from the layout ($BEGINDATA, $TOT, $NEXTDATA, …) are made
 *  here and left out where they stand among @p keywords; of a name given twice the first counts. */
typedef struct stroma_fcs_content {
    const stroma_fcs_pair *keywords; /**< written in this order, behind those of the layout */
    size_t keywords_len;
    uint64_t n_events;
    /** DATA as they are: the keywords then describe them ($PAR, $DATATYPE, $BYTEORD, $PnB, …), and
     *  parameters, type and fill are ignored. NULL: events come from fill. */
    const unsigned char *raw;
    uint64_t raw_bytes;
    const char *raw_version; /**< "FCS2.0" … of the HEADER; NULL "FCS3.1" */
    stroma_fcs_type type;    /**< INTEGER, FLOAT or DOUBLE */
    const stroma_fcs_out_parameter *parameters;
    size_t parameters_len;
    stroma_fcs_fill fill;
    void *context;
} stroma_fcs_content;

typedef struct stroma_fcs_write_options {
    uint32_t version;
    bool overwrite;  /**< replace an existing file */
    bool crc;        /**< compute the CRC-16 of each data set; else the eight bytes are zeros */
    bool big_endian; /**< else little endian, as today's processors */
    bool round; /**< integers: take the nearest representable one, and count it; else a value that
                     is no such integer is an error */
    char delimiter; /**< of TEXT; 0: the first that no text holds, of / | \ ! # and others */
} stroma_fcs_write_options;
#define STROMA_FCS_WRITE_OPTIONS_INIT \
    {                                 \
        .version = 1                  \
    }

/** What the writing changed; all zero when what is read back is what was given. */
typedef struct stroma_fcs_changes {
    uint64_t rounded;       /**< not an integer: the nearest one written */
    uint64_t below, above;  /**< outside of what the integers hold: the end written */
    uint64_t not_numbers;   /**< NaN among integers: 0 written */
    uint64_t narrowed;      /**< not a float32: the nearest one written */
    uint64_t overflowed;    /**< finite, but too large for float32: infinity written */
    uint64_t empty_values;  /**< keywords left out because their value is empty */
    uint64_t repeated_keys; /**< keywords left out because their name came before */
} stroma_fcs_changes;

/** Write data sets to @p path, by a temporary name and a rename, readable by the owner only.
 *  @param sets at least one  @param opts may be NULL  @param changes may be NULL
 *  Statuses: USAGE (a text, name, type or number that the format cannot hold; the file exists),
 *  INCONSISTENT (a value that the integers cannot hold), IO, NOMEM, those of fill. */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_write(
    const char *path, const stroma_fcs_content *sets, size_t sets_len,
    const stroma_fcs_write_options *opts, stroma_fcs_changes *changes, stroma_error *err);
/** Where bytes go, in order. */
typedef stroma_status (*stroma_fcs_sink)(void *context, const void *bytes, size_t n,
                                         stroma_error *err);
/** The same into a function of the caller (memory, a pipe). */
STROMA_API STROMA_CHECK stroma_status stroma_fcs_write_to(
    stroma_fcs_sink sink, void *sink_context, const stroma_fcs_content *sets, size_t sets_len,
    const stroma_fcs_write_options *opts, stroma_fcs_changes *changes, stroma_error *err);
/** Whether the writer makes this keyword itself when it writes events from fill ($PAR, $P3B, …),
 * or, with @p raw, when it takes DATA over ($BEGINDATA, $TOT, …). */
STROMA_API bool stroma_fcs_is_layout_keyword(const char *name, bool raw);
#ifdef __cplusplus
}
#endif
#endif
