/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SAS data sets, SPSS and Stata files, through the helper program. */
#include "reader.h"
#include "reader_types.h"
#include "readstat_process.h"
#include "readstat_stream.h"

#include "stroma/file.h"

#include <stdio.h>
#include <string.h>

enum { POR_LOOK_BYTES = 1000, SAS_MAGIC_LEN = 32, LAST_DTA_OLD = 115 };

static const unsigned char sas_magic[SAS_MAGIC_LEN] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0xC2, 0xEA, 0x81, 0x60,
    0xB3, 0x14, 0x11, 0xCF, 0xBD, 0x92, 0x08, 0x00, 0x09, 0xC7, 0x31, 0x8C, 0x18, 0x1F, 0x10, 0x11,
};

/* Data sets and catalogs differ in one byte, 0x60 and 0x63. */
static bool is_sas(const stroma_reader_input *in, unsigned char kind)
{
    unsigned char magic[SAS_MAGIC_LEN];
    memcpy(magic, sas_magic, SAS_MAGIC_LEN);
    magic[15] = kind;
    return in->size >= SAS_MAGIC_LEN && memcmp(in->data, magic, SAS_MAGIC_LEN) == 0;
}

static int seen(bool yes, const char *what, char why[STROMA_WHY_MAX])
{
    (void)snprintf(why, STROMA_WHY_MAX, "%s%s", yes ? "starts with " : "does not start with ",
                   what);
    return yes ? 95 : 0;
}

static int detect_sas7bdat(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    return seen(is_sas(in, 0x60), "the mark of a SAS data set", why);
}

static int detect_sas7bcat(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    return seen(is_sas(in, 0x63), "the mark of a SAS catalog", why);
}

static int detect_sav(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    return seen(in->size >= 4 &&
                    (memcmp(in->data, "$FL2", 4) == 0 || memcmp(in->data, "$FL3", 4) == 0),
                "$FL2 or $FL3", why);
}

/* "SPSSPORT" stands after 200 bytes of splash lines and a table of 256 characters, in lines of 80.
 */
static int detect_por(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    static const char mark[] = "SPSSPORT";
    size_t matched = 0;
    bool yes = false;
    for (size_t i = 0; i < in->size && i < POR_LOOK_BYTES && !yes; i++) {
        const char c = (char)in->data[i];
        if (c == '\r' || c == '\n') continue;
        matched = c == mark[matched] ? matched + 1 : c == mark[0] ? 1 : 0;
        yes = matched == sizeof mark - 1;
    }
    (void)snprintf(why, STROMA_WHY_MAX, yes ? "holds the mark SPSSPORT" : "no mark SPSSPORT");
    return yes ? 95 : 0;
}

static int detect_dta(const stroma_reader_input *in, char why[STROMA_WHY_MAX])
{
    static const char mark[] = "<stata_dta>";
    const size_t n = sizeof mark - 1;
    const unsigned char *p = in->data;
    if (in->size >= n && memcmp(p, mark, n) == 0) return seen(true, mark, why);
    const bool old = in->size > 4 && p[0] >= 104 && p[0] <= LAST_DTA_OLD &&
                     (p[1] == 1 || p[1] == 2) && p[2] == 1 && p[3] == 0;
    (void)seen(old, "the header of a Stata file", why);
    return old ? 80 : 0;
}

static stroma_status read_catalog(const char *path, const stroma_table_read_options *opts,
                                  rs_stream *labels, stroma_error *err)
{
    stroma_bytes bytes;
    STROMA_TRY(stroma_bytes_read(path, 0, &bytes, err));
    const stroma_reader_input in = { path, path, bytes.data, bytes.size };
    stroma_status s = STROMA_OK;
    if (!is_sas(&in, 0x63)) s = stroma_fail(err, STROMA_E_MALFORMED, "this is not a SAS catalog");
    if (s == STROMA_OK) s = rs_process_run(&in, "sas7bcat", opts->helper, labels, err);
    stroma_bytes_clear(&bytes);
    return stroma_in(err, s, "catalog \"%s\"", path);
}

static stroma_status add_catalog(rs_stream *s, const stroma_table_read_options *opts,
                                 stroma_diag *diag, stroma_error *err)
{
    rs_stream labels;
    if (opts->catalog == NULL || s->family != RS_SAS) return STROMA_OK;
    rs_stream_init(&labels, opts->catalog, RS_SAS, opts, diag);
    stroma_status st = read_catalog(opts->catalog, opts, &labels, err);
    if (st == STROMA_OK) st = rs_stream_apply_labels(s, &labels.labels, err);
    rs_stream_clear(&labels);
    return st;
}

static stroma_status read_with_helper(const stroma_reader_input *in, const char *format,
                                      rs_family family, const stroma_table_read_options *opts,
                                      stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    rs_stream s;
    *out = NULL;
    rs_stream_init(&s, in->name, family, opts, diag);
    stroma_status st = rs_process_run(in, format, opts->helper, &s, err);
    if (st == STROMA_OK) st = rs_stream_check_end(&s, err);
    if (st == STROMA_OK) st = rs_stream_apply_labels(&s, &s.labels, err);
    if (st == STROMA_OK) st = add_catalog(&s, opts, diag, err);
    if (st == STROMA_OK) st = reader_apply_types(s.t, opts, in->name, diag, err);
    if (st == STROMA_OK) *out = rs_stream_take(&s);
    rs_stream_clear(&s);
    return st;
}

static stroma_status read_sas7bdat(const stroma_reader_input *in,
                                   const stroma_table_read_options *opts, stroma_table **out,
                                   stroma_diag *diag, stroma_error *err)
{
    return read_with_helper(in, "sas7bdat", RS_SAS, opts, out, diag, err);
}

static stroma_status read_sav(const stroma_reader_input *in, const stroma_table_read_options *opts,
                              stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    return read_with_helper(in, "sav", RS_SPSS, opts, out, diag, err);
}

static stroma_status read_por(const stroma_reader_input *in, const stroma_table_read_options *opts,
                              stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    return read_with_helper(in, "por", RS_SPSS, opts, out, diag, err);
}

static stroma_status read_dta(const stroma_reader_input *in, const stroma_table_read_options *opts,
                              stroma_table **out, stroma_diag *diag, stroma_error *err)
{
    return read_with_helper(in, "dta", RS_STATA, opts, out, diag, err);
}

static stroma_status refuse_catalog(const stroma_reader_input *in,
                                    const stroma_table_read_options *opts, stroma_table **out,
                                    stroma_diag *diag, stroma_error *err)
{
    (void)in;
    (void)opts;
    (void)diag;
    *out = NULL;
    (void)stroma_fail(err, STROMA_E_USAGE,
                      "this is a SAS catalog: it holds value labels and no data");
    stroma_hint(err, "read the .sas7bdat file, and give this one as its catalog");
    return STROMA_E_USAGE;
}

const stroma_reader stroma_sas7bdat_reader = {
    .name = "sas7bdat", .extensions = ".sas7bdat ", .detect = detect_sas7bdat, .read = read_sas7bdat
};
const stroma_reader stroma_sas7bcat_reader = { .name = "sas7bcat",
                                               .extensions = ".sas7bcat ",
                                               .detect = detect_sas7bcat,
                                               .read = refuse_catalog };
const stroma_reader stroma_sav_reader = {
    .name = "sav", .extensions = ".sav .zsav ", .detect = detect_sav, .read = read_sav
};
const stroma_reader stroma_por_reader = {
    .name = "por", .extensions = ".por ", .detect = detect_por, .read = read_por
};
const stroma_reader stroma_dta_reader = {
    .name = "dta", .extensions = ".dta ", .detect = detect_dta, .read = read_dta
};
