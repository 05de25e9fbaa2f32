/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs stroma-readstat on one file and feeds what it writes to a parser. */
#ifndef STROMA_TABLE_READSTAT_PROCESS_H
#define STROMA_TABLE_READSTAT_PROCESS_H
#include "reader.h"
#include "readstat_stream.h"

/* Read @p in in the helper as @p format ("sav"). All of its output has been fed to @p s when this
 * returns STROMA_OK. The helper is over in every case. */
STROMA_CHECK stroma_status rs_process_run(const stroma_reader_input *in, const char *format,
                                          const char *helper, rs_stream *s, stroma_error *err);
#endif
