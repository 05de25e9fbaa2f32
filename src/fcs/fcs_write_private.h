/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the writer share. */
#ifndef FCS_WRITE_PRIVATE_H
#define FCS_WRITE_PRIVATE_H
#include "stroma/buffer.h"
#include "stroma/fcs_write.h"

/** Where the segments of a data set stand, from its first byte; ends are the last byte. */
typedef struct fcs_segments {
    uint64_t text_begin, text_end;
    uint64_t data_begin, data_end; /* both 0 without data */
    uint64_t next;                 /* $NEXTDATA, 0: the last one */
    uint64_t size;                 /* with the CRC and what fills up to the next data set */
} fcs_segments;

/* write_text.c */
/** Names, numbers and types that the format cannot hold. */
stroma_status fcs_check_content(const stroma_fcs_content *c, stroma_error *err);
/** TEXT of a data set of @p data_bytes and its place. @param last no further data set follows
 *  @param text empty; receives the segment, from the delimiter to the delimiter */
stroma_status fcs_make_text(const stroma_fcs_content *c, uint64_t data_bytes, bool last,
                            const stroma_fcs_write_options *o, stroma_buffer *text,
                            fcs_segments *out, stroma_fcs_changes *changes, stroma_error *err);

/* write_encode.c */
unsigned fcs_stored_bytes(const stroma_fcs_content *c, size_t parameter);
/** Events of a block into rows. @param first number of the first one, for messages */
stroma_status fcs_encode(const stroma_fcs_content *c, const stroma_fcs_write_options *o,
                         double *const *columns, uint64_t first, size_t n, unsigned char *rows,
                         size_t row_bytes, stroma_fcs_changes *changes, stroma_error *err);

/* export_text.c */
/** The shortest text that reads back to the same float. */
void fcs_put_float(stroma_buffer *b, float x);
/** Whether the values of a channel are those of stored 32-bit floats. */
bool fcs_is_float_column(const stroma_fcs_parameter *p, stroma_fcs_scale scale);
#endif
