/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the reader share. */
#ifndef STROMA_FCS_PRIVATE_H
#define STROMA_FCS_PRIVATE_H
#include "fcs_kernels.h"

#include "stroma/fcs.h"

enum {
    FCS_HEADER_BYTES = 58,     /* version, blanks, six offsets of eight characters */
    FCS_PARAMETERS_MAX = 65535 /* more is no cytometer; also bounded by the TEXT that is there */
};

/* A stretch of the file, from its first byte to one past its last. */
typedef struct fcs_span {
    uint64_t begin, end;
    bool said; /* the file gives it, as two numbers that are not both 0 */
} fcs_span;

/* A pair of offsets as the file gives it, before it is compared with anything. */
typedef struct fcs_header {
    char version[8];
    fcs_span text, data;
} fcs_header;

/* How one parameter lies in an event. */
typedef struct fcs_field {
    uint64_t bit;      /* of the event where it begins */
    unsigned width;    /* bits it takes, which may be more than $PnB says */
    uint8_t order[8];  /* byte k of a word of bytes in the file has significance order[k] */
    uint8_t swap;      /* FCS_LITTLE, FCS_BIG or FCS_OTHER */
    const double *log; /* of a log channel: linear value of each stored one, or NULL */
} fcs_field;
enum { FCS_LITTLE, FCS_BIG, FCS_OTHER };

typedef struct stroma_fcs_data {
    const unsigned char *file;   /* the whole file, for the byte of a message */
    const unsigned char *events; /* first byte of DATA */
    size_t bytes;                /* of DATA that are there */
    const fcs_kernels *kernels;  /* NULL: without */
    fcs_field *fields;
    bool packed;           /* events do not begin at whole bytes */
    bool ascii;            /* numbers as text */
    bool delimited;        /* of ASCII: by blanks and commas, not by width */
    uint64_t *mark;        /* of delimited ASCII: where every FCS_MARK_EVENTSth event begins */
    const uint32_t *index; /* keywords, sorted by name without regard to case … */
    const stroma_fcs_keyword *keywords; /* … which are these */
    size_t keywords_len;
} fcs_data;
enum { FCS_MARK_EVENTS = 4096 };

/* One data set on its way in. */
typedef struct fcs_job {
    const unsigned char *bytes; /* the file */
    size_t size;
    const char *file; /* its name, for findings */
    stroma_arena *arena;
    stroma_diag *diag;
    uint64_t *text_left; /* bytes of TEXT that may still be parsed, over all data sets */
    stroma_fcs_dataset *d;
    fcs_data *data;
    fcs_header header;
    fcs_span text, supplement;
    unsigned char delimiter;
    stroma_fcs_keyword *keywords;
    size_t keywords_len;
    bool not_utf8;  /* a text was read in another encoding */
    bool macintosh; /* and that is Mac OS Roman */
    stroma_fcs_parameter *parameters;
    size_t described; /* by $PnB; at least $PAR of them are in parameters */
} fcs_job;

/* finding.c: add a finding; @p channel may be NULL. */
void fcs_find(const fcs_job *j, const char *code, stroma_severity severity, const char *channel,
              const char *fmt, ...) STROMA_PRINTF(5, 6);

/* fcs_number.c: numbers as instruments write them: "000002", " 3 ", "65536.0", "262144.000029". */
bool fcs_whole(const char *text, size_t n, uint64_t *out);
bool fcs_real(const char *text, size_t n, double *out);
/* Also with a decimal comma, where no other comma can be meant. */
bool fcs_real_or_comma(const char *text, size_t n, double *out);
/* Length of @p text without blanks, CR, LF, NUL at its end; *text moves over those at its begin. */
size_t fcs_trim(const char **text, size_t n);

/* header.c: the 58 bytes at d->offset. */
stroma_status fcs_header_read(fcs_job *j, stroma_error *err);

/* text.c: primary and supplemental TEXT into keywords, in order of the file. */
stroma_status fcs_text_read(fcs_job *j, stroma_error *err);
/* text_split.c: split one segment; adds to j->keywords. */
stroma_status fcs_text_split(fcs_job *j, fcs_span where, bool supplemental, stroma_error *err);

/* text_encoding.c: a byte of another encoding as UTF-8, three bytes at most. @return behind it */
char *fcs_put_character(char *q, unsigned char c, bool macintosh);

/* keyword.c */
stroma_status fcs_keywords_index(fcs_job *j, stroma_error *err);
void fcs_keywords_report(const fcs_job *j);

/* parameters.c: $PAR and $Pn… into typed columns; widths may still change in place.c. */
stroma_status fcs_parameters_read(fcs_job *j, stroma_error *err);

/* layout.c: how events may lie in DATA; which of these it is follows from the length of DATA. */
typedef enum fcs_layout {
    FCS_AS_SAID,   /* as $PnB says; integers of odd widths are packed bit by bit */
    FCS_AS_WORDS,  /* odd widths in words of 8, 16, 32 or 64 bits: the FC 500 says 10, stores 16 */
    FCS_AS_BYTES,  /* odd widths in whole bytes */
    FCS_AS_DOUBLE, /* $DATATYPE F with $PnB 64 is double */
    FCS_DESCRIBED, /* all parameters that TEXT describes, more than $PAR */
    FCS_LAYOUTS
} fcs_layout;
/* Bits of an event in this layout, 0 when it is no other than FCS_AS_SAID. */
uint64_t fcs_layout_bits(const fcs_job *j, fcs_layout layout);
/* Decide for one: make the fields. */
stroma_status fcs_layout_set(fcs_job *j, fcs_layout layout, stroma_error *err);

/* place.c: which bytes are DATA, how many events they hold. */
stroma_status fcs_place_data(fcs_job *j, stroma_error *err);
/* Bytes of @p n events of @p bits, UINT64_MAX when that cannot be. */
uint64_t fcs_bytes_of(uint64_t n, uint64_t bits);

/* ascii.c */
stroma_status fcs_ascii_scan(fcs_job *j, uint64_t *n_events, stroma_error *err);
stroma_status fcs_ascii_read(const stroma_fcs_dataset *d, uint64_t first, size_t n,
                             const size_t *parameter, size_t k, double *const *out,
                             stroma_error *err);

/* scale.c */
stroma_status fcs_scale_tables(fcs_job *j, stroma_error *err);
void fcs_scale_linear(const stroma_fcs_dataset *d, size_t parameter, double *x, size_t n);

/* coulter.c: names and stains of a Beckman Coulter .LMD. */
stroma_status fcs_coulter_join(stroma_fcs_dataset *sets, size_t n, stroma_arena *arena,
                               stroma_diag *diag, const char *file, size_t *preferred,
                               stroma_error *err);
#endif
